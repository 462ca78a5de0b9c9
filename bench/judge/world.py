# SPDX-License-Identifier: Apache-2.0
"""The simulator: many rollouts of one cell side by side, tick by tick, so that a judge may pace them.

1. Everything follows from the seed. A chunk of rollouts has a seed of its own, so how a machine divides the work
   changes nothing.
2. Both arms share what is common (drift, bursts); what an instance has of its own, each instance draws for itself,
   of either arm alike. Nothing but the fault tells a candidate from stable.
3. Before a rollout there is an hour in which stable alone serves: what a judge may learn of it.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from bench.judge.latencies import Edges, slower_than
from bench.judge.scenes import STABLE_INSTANCES, Cell, Nuisance
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

CHUNK: Final = 250
"""Rollouts that are simulated side by side."""
HISTORY: Final = 3600
"""Seconds that stable serves alone before a rollout."""
_BURST: Final = 20.0
_BURST_SECONDS: Final = 60
_RECOVERY: Final = 60.0
"""Seconds after which a fresh instance has e times less of its warm-up."""
_COMMON_SECONDS: Final = 300.0
_WANDER_SECONDS: Final = 120.0
_PERIODS: Final = (1800.0, 7200.0)
_MANY: Final = 100.0


class Purpose(IntEnum):
    """What a seed is for. No rollout that something was tuned on is measured on."""

    TUNING = 1
    MEASURING = 2
    TESTING = 3


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm in one tick: per rollout and instance. An instance that does not run has no requests.

    `bad` has a last axis of its own: one number for errors, one per edge for latencies. `ages`: seconds at the end.
    """

    requests: Counts
    bad: Counts
    ages: Numbers
    lost: Flags
    """Of each rollout: whether nothing of this tick is ever seen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One tick of every rollout."""

    stable: Arm
    candidate: Arm


def chunks(runs: int) -> Iterator[tuple[int, int]]:
    """Number and size of each chunk of so many rollouts."""
    for number, begin in enumerate(range(0, runs, CHUNK)):
        yield number, min(CHUNK, runs - begin)


def seeded(cell: Cell, purpose: Purpose, chunk: int) -> np.random.Generator:
    """The chance of one chunk of one cell for one purpose."""
    return np.random.default_rng([zlib.crc32(cell.name.encode()), int(purpose), chunk])


class World:
    """So many rollouts of a cell. Before the first `tick` the hour of `history`, for those who learn from it."""

    def __init__(self, cell: Cell, runs: int, chance: np.random.Generator) -> None:
        self.cell, self.runs, self._chance = cell, runs, chance
        self.second = 0.0
        kind = cell.nuisance
        self._edges = Edges(cell.fault)
        instances = (runs, 2 * STABLE_INSTANCES)
        self._lasting = kind.instance * _standard(chance, instances, kind)
        self._wander = kind.wander * chance.standard_normal(instances)
        self._common = kind.common * chance.standard_normal(runs)
        self._phase = chance.uniform(0, 2 * np.pi, runs)
        self._period = chance.uniform(*_PERIODS, runs)
        self._bursts = chance.uniform(0, cell.schedule.total - _BURST_SECONDS, (runs, kind.bursts))
        self._blackout = chance.uniform(0, max(1, cell.schedule.total - kind.blackout), runs)
        self._dark = chance.integers(0, 3, runs)
        self._started = np.full(instances, np.inf)
        self._started[:, :STABLE_INSTANCES] = -np.inf

    def history(self) -> Iterator[Arm]:
        """Stable, tick by tick, before the rollout. Its chance is its own: who looks back sees the same rollout."""
        kept = self._chance, self._wander.copy(), self._common.copy()
        self._chance = kept[0].spawn(1)[0]
        self.second = -float(HISTORY)
        while self.second < 0:
            yield self._tick(np.zeros(self.runs)).stable
        self._chance, self._wander, self._common = kept

    def tick(self, shares: Numbers) -> Seen:
        """One more tick in which the candidate of each rollout has this share of the traffic."""
        return self._tick(shares)

    def _tick(self, shares: Numbers) -> Seen:
        level = self._level()
        wanted = np.where(shares > 0, np.maximum(1, np.round(STABLE_INSTANCES * shares)), 0).astype(np.int64)
        place = np.arange(STABLE_INSTANCES)
        fresh = self._started[:, STABLE_INSTANCES:]
        fresh[(place < wanted[:, None]) & np.isinf(fresh)] = self.second
        most = int(wanted.max())
        stable = self._arm(slice(0, STABLE_INSTANCES), (1 - shares) / STABLE_INSTANCES, level)
        each = np.divide(shares, wanted, out=np.zeros(self.runs), where=wanted > 0)
        faulty = self.second >= self.cell.fault.at
        candidate = self._arm(
            slice(STABLE_INSTANCES, STABLE_INSTANCES + most), each, level, wanted=wanted, faulty=faulty
        )
        self.second += self.cell.tick
        self._wander_on()
        return Seen(stable, candidate)

    def _level(self) -> Numbers:
        """The logarithm of what both arms share."""
        middle = self.second + self.cell.tick / 2
        wave = self.cell.nuisance.drift * np.sin(2 * np.pi * middle / self._period + self._phase)
        begun = self.second - self._bursts
        on = ((begun >= 0) & (begun < _BURST_SECONDS)).any(axis=1)
        level: Numbers = wave + self._common + np.log(_BURST) * on
        return level

    def _arm(
        self, which: slice, share: Numbers, level: Numbers, *, wanted: Counts | None = None, faulty: bool = False
    ) -> Arm:
        age = self.second - self._started[:, which]
        recovering = np.where(np.isfinite(age), np.exp(-(age + self.cell.tick / 2) / _RECOVERY), 0.0)
        warm = np.log1p((self.cell.nuisance.warm_up - 1) * recovering)
        log_factor = level[:, None] + self._lasting[:, which] + self._wander[:, which] + warm
        mean = np.broadcast_to((self.cell.rate * self.cell.tick * share)[:, None], log_factor.shape)
        if wanted is not None:
            mean = mean * (np.arange(log_factor.shape[1]) < wanted[:, None])
        requests = self._arrivals(mean)
        bad = self._bad(requests, log_factor, faulty=faulty)
        ages = np.where(np.isfinite(age), age + self.cell.tick, np.inf)
        return Arm(requests, bad, ages, self._lost(wanted is not None))

    def _arrivals(self, mean: Numbers) -> Counts:
        """Poisson, by its normal limit where there are many: which of the two is of no matter to a rate."""
        if mean.size and float(mean.min()) >= _MANY:
            drawn = mean + np.sqrt(mean) * self._chance.standard_normal(mean.shape)
            return np.rint(np.maximum(drawn, 0.0)).astype(np.int64)
        return self._chance.poisson(mean)

    def _bad(self, requests: Counts, log_factor: Numbers, *, faulty: bool) -> Counts:
        if self.cell.latency:
            return slower_than(self._edges, requests, log_factor, self._chance, faulty=faulty)
        times = self.cell.fault.errors if faulty else 1.0
        rate = np.minimum(1.0, self.cell.rate_of_bad * times * np.exp(log_factor))
        size = self.cell.nuisance.cluster
        bad = self._chance.poisson(requests * rate / size)
        if size > 1:
            some = bad > 0
            bad[some] += self._chance.negative_binomial(bad[some], 1 / size)
        capped: Counts = np.minimum(bad, requests)[..., None]
        return capped

    def _lost(self, candidate: bool) -> Flags:  # noqa: FBT001 - which of the two arms
        lost = self._chance.random(self.runs) < self.cell.nuisance.lost
        since = self.second - self._blackout
        dark = (since >= 0) & (since < self.cell.nuisance.blackout) & (self._dark != int(candidate))
        unseen: Flags = lost | dark
        return unseen

    def _wander_on(self) -> None:
        kind = self.cell.nuisance
        if kind.wander:
            kept = np.exp(-self.cell.tick / _WANDER_SECONDS)
            fresh = self._chance.standard_normal(self._wander.shape)
            self._wander = kept * self._wander + kind.wander * np.sqrt(1 - kept**2) * fresh
        if kind.common:
            kept = np.exp(-self.cell.tick / _COMMON_SECONDS)
            self._common = kept * self._common + kind.common * np.sqrt(1 - kept**2) * self._chance.standard_normal(
                self.runs
            )


def _standard(chance: np.random.Generator, shape: tuple[int, int], kind: Nuisance) -> Numbers:
    if kind.heavy:
        heavy: Numbers = chance.standard_t(4, shape) / np.sqrt(2.0)
        return heavy
    return chance.standard_normal(shape)
