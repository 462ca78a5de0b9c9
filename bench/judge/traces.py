# SPDX-License-Identifier: Apache-2.0
"""What every rule sees of a rollout: the totals of both arms, tick by tick, and the same by the minute.

A lost tick counts nothing. In all arrays time comes first and the rollout second.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from bench.judge.latencies import quantile
from bench.judge.world import Arm, Counts, Numbers, Seen
from numpy.typing import NDArray

POINT: Final = 60
"""Seconds between the points of a metric as dashboards and the rivals read it."""
NEVER: Final = np.inf
_P99: Final = 0.99


@dataclass(frozen=True, slots=True)
class Side:
    """One arm: requests (time, rollout) and bad ones (time, rollout, edge; a single one for errors)."""

    requests: NDArray[np.float64]
    bad: NDArray[np.float64]

    def grouped(self, ticks: int) -> "Side":
        """Sums of so many ticks at a time; what is left at the end is dropped."""
        whole = len(self.requests) // ticks
        of_requests = self.requests[: whole * ticks].reshape(whole, ticks, -1).sum(axis=1)
        bad = self.bad[: whole * ticks]
        return Side(of_requests, bad.reshape(whole, ticks, *bad.shape[1:]).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Trace:
    """Both arms of many rollouts of one cell. `tick`: seconds. `exposed`: candidate requests, lost ones among them."""

    tick: int
    stable: Side
    candidate: Side
    exposed: Numbers

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.tick * len(self.stable.requests)

    @property
    def rollouts(self) -> int:
        return int(self.stable.requests.shape[1])

    def every(self, seconds: int) -> "Trace":
        """The same by longer ticks."""
        ticks = max(1, seconds // self.tick)
        return Trace(
            self.tick * ticks,
            self.stable.grouped(ticks),
            self.candidate.grouped(ticks),
            self.exposed[ticks - 1 :: ticks],
        )

    def exposed_until(self, alarms: Numbers) -> Numbers:
        """Requests that the candidate of each rollout has served at its alarm (seconds); all of them without one."""
        last = len(self.exposed) - 1
        at = np.where(np.isfinite(alarms), np.ceil(alarms / self.tick) - 1, last).astype(np.int64)
        served: Numbers = self.exposed[np.clip(at, 0, last), np.arange(self.rollouts)]
        return served


@dataclass(slots=True)
class Recorder:
    """Makes a trace from ticks."""

    tick: int
    _ticks: list[tuple[Counts, Counts, Counts, Counts, Counts]] = field(default_factory=list)

    def note(self, seen: Seen) -> tuple[Counts, Counts, Counts, Counts]:
        """Requests and bad ones of stable and of the candidate in this tick, as they are seen."""
        stable, candidate = totals(seen.stable), totals(seen.candidate)
        self._ticks.append((*stable, *candidate, seen.candidate.requests.sum(axis=1)))
        return (*stable, *candidate)

    def trace(self) -> Trace:
        parts = [np.stack(part).astype(np.float64) for part in zip(*self._ticks, strict=True)]
        return Trace(self.tick, Side(parts[0], parts[1]), Side(parts[2], parts[3]), np.cumsum(parts[4], axis=0))


def totals(arm: Arm) -> tuple[Counts, Counts]:
    """Requests and bad ones of all instances; none of a lost tick."""
    seen = ~arm.lost
    requests: Counts = arm.requests.sum(axis=1) * seen
    bad: Counts = arm.bad.sum(axis=1) * seen[:, None]
    return requests, bad


def levels(side: Side) -> Numbers:
    """What a dashboard shows of each point: the part of errors, or the 99th percentile. NaN: there was no request."""
    if side.bad.shape[2] > 1:
        return quantile(_P99, side.requests, side.bad)
    ratio: Numbers = np.divide(
        side.bad[..., 0], side.requests, out=np.full_like(side.requests, np.nan), where=side.requests > 0
    )
    return ratio


def first(alarmed: NDArray[np.bool_], every: float) -> Numbers:
    """The second of each rollout's first alarm, of looks that are so far apart; the first is after one of them."""
    seconds: Numbers = np.where(alarmed.any(axis=0), (alarmed.argmax(axis=0) + 1) * every, NEVER)
    return seconds
