# SPDX-License-Identifier: Apache-2.0
"""The judge of this project in the simulator: the batched form, on fixed schedules.

1. `OURS` is told what `interlock judge --history` is told: per-instance counts of the hour before. `UNTAUGHT` is not,
   and knows nothing of the service, as in a first rollout.
2. Both are told the totals of both arms, the ages of the candidate's instances, and what the warm ones among them
   counted. No truth of the cell reaches either.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from bench.judge.crowd import Crowd
from bench.judge.fleets import Noises, learn_all, usual_noises
from bench.judge.scenes import STABLE_INSTANCES, Cell
from bench.judge.slowness import before, follow_all, taught
from bench.judge.traces import NEVER, Recorder, Trace
from bench.judge.world import Arm, Numbers, Purpose, World, seeded

from interlock.domain.judge import contest
from interlock.domain.judge.contest import USUAL_TERMS, Beat, Terms
from interlock.domain.judge.noise import USUAL as USUAL_NOISE
from interlock.domain.judge.noise import Count
from interlock.domain.judge.tails import USUAL, Tolerance

_ENGINE: Final = (
    "contest",
    "abrupt",
    "far",
    "stakes",
    "lanes",
    "nodes",
    "noise",
    "roughness",
    "favour",
    "ordinary",
    "tails",
    "edges",
)
_OF_PASTS: Final = ("warming", "tempo")
_HERE: Final = ("ours", "slowness", "crowd", "fleets")
FILES: Final = (
    *(Path(contest.__file__).with_name(f"{name}.py") for name in _ENGINE),
    *(Path(__file__).with_name(f"{name}.py") for name in _HERE),
)
"""What its decisions here follow from."""
FILES_OF_PASTS: Final = (*FILES, *(Path(contest.__file__).with_name(f"{name}.py") for name in _OF_PASTS))
"""The same where a past teaches."""
OURS: Final = "ours"
UNTAUGHT: Final = "untaught"
BUDGET: Final = 0.01
LEAST_BAD: Final = 5
SUSPECT: Final = 10.0
NOBODY: Final = Count(0, 1)
Pair = tuple[Numbers, Numbers]
"""Bad requests and all requests, per rollout."""


@dataclass(slots=True)
class Watched:
    """What became of each rollout: second of the rollback, whether it was ever suspicious, the most evidence."""

    back: Numbers
    suspected: Numbers
    most: Numbers
    trace: Trace


def history(world: World) -> tuple[Numbers, Numbers]:
    """Bad and all requests of the hour before: rollout, tick, instance (and edge, of latencies)."""
    arms = list(world.history())
    bad = np.stack([arm.bad for arm in arms], axis=1).astype(np.float64)
    return bad, np.stack([arm.requests for arm in arms], axis=1).astype(np.float64)


def watch(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Mapping[str, Watched]:
    """A chunk of rollouts of one cell on its fixed schedule; nobody stops them, so what is late is seen too."""
    world, recorder = World(cell, runs, seeded(cell, purpose, chunk)), Recorder(cell.tick)
    watches = {OURS: _Watch(noises_of(world), runs), UNTAUGHT: _Watch(usual_noises(USUAL_NOISE, runs), runs)}
    for heard in ticks(cell, world, recorder):
        for one in watches.values():
            one.hear(heard)
    trace = recorder.trace()
    return {name: Watched(one.back, one.suspected, one.most, trace) for name, one in watches.items()}


class _Watch:
    """A crowd, and what became of each of its rollouts."""

    def __init__(self, noises: Noises, runs: int) -> None:
        self.crowd = Crowd(USUAL_TERMS, noises)
        self.back, self.suspected, self.most = np.full(runs, NEVER), np.full(runs, NEVER), np.full(runs, -np.inf)

    def hear(self, heard: "Heard") -> None:
        self.crowd.fold_apart(*heard)
        evidence = self.crowd.log_evidence
        self.back[(log_risk(self.crowd) <= math.log(BUDGET)) & (self.back == NEVER)] = heard.beat.at
        wonders = self.crowd.log_suspicion >= math.log(SUSPECT)
        self.suspected[wonders & (self.suspected == NEVER)] = heard.beat.at
        self.most = np.maximum(self.most, evidence)


class Heard(NamedTuple):
    """What a crowd is told of one tick."""

    beat: Beat
    stable: Pair
    candidate: Pair
    warm: Pair


def ticks(cell: Cell, world: World, recorder: Recorder) -> Iterator[Heard]:
    """What is heard in each tick of a fixed schedule."""
    for number, beat in enumerate(beats(cell)):
        seen = world.tick(np.full(world.runs, cell.schedule.share_at(number * cell.tick)))
        stable_all, stable_bad, own_all, own_bad = (part.astype(np.float64) for part in recorder.note(seen))
        told = warm(seen.candidate, cell, USUAL_TERMS)
        yield Heard(beat, (stable_bad[:, 0], stable_all), (own_bad[:, 0], own_all), (told[0][:, 0], told[1]))


def log_risk(crowd: Crowd) -> Numbers:
    """Natural logarithm of the budget from which each rollout goes back now; infinity: with none."""
    is_heard = crowd.candidate[0] >= LEAST_BAD
    return np.where(is_heard, np.minimum(-crowd.log_evidence, crowd.straying.log_risk), np.inf)


def watch_latency(cell: Cell, purpose: Purpose, chunk: int, tolerances: list[Tolerance]) -> Watched:
    """The same of latencies, by their own judge: of as many rollouts as there are tolerances."""
    runs = len(tolerances)
    world, recorder = World(cell, runs, seeded(cell, purpose, chunk)), Recorder(cell.tick)
    known = before(world)
    for number in range(cell.ticks):
        recorder.note(world.tick(np.full(runs, cell.schedule.share_at(number * cell.tick))))
    trace = recorder.trace()
    return Watched(*follow_all(trace, list(beats(cell)), known, tolerances), trace)


def beats(cell: Cell) -> Iterator[Beat]:
    """What all rollouts of a fixed schedule share of each tick; its counts are not theirs."""
    started: list[float] = []
    for number in range(cell.ticks):
        begin = float(number * cell.tick)
        share = cell.schedule.share_at(begin)
        wanted = max(1, round(STABLE_INSTANCES * share))
        started += [begin] * (wanted - len(started))
        ages = tuple(begin - since + cell.tick / 2 for since in started)
        step = cell.schedule.shares.index(share)
        yield Beat(begin + cell.tick, NOBODY, NOBODY, step, ages, STABLE_INSTANCES)


def warm(arm: Arm, cell: Cell, terms: Terms) -> tuple[Numbers, Numbers]:
    """Bad and all requests of the instances that are warm in the middle of the tick; none of a lost one."""
    old = (arm.ages - cell.tick / 2 >= terms.warm_after) & ~arm.lost[:, None]
    bad: Numbers = (arm.bad * old[..., None]).sum(axis=1).astype(np.float64)
    return bad, (arm.requests * old).sum(axis=1).astype(np.float64)


def decided(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Mapping[str, Numbers]:
    """For the files: alarms, exposure and suspicion of a chunk."""
    if cell.latency:
        return _told(OURS, watch_latency(cell, purpose, chunk, [USUAL] * runs))
    told = [_told(name, one) for name, one in watch(cell, purpose, chunk, runs).items()]
    return {key: values for one in told for key, values in one.items()}


def decided_by_past(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Mapping[str, Numbers]:
    """The same of latencies by what a past of the service teaches."""
    return _told(OURS, watch_latency(cell, purpose, chunk, taught(cell, chunk, runs)))


def _told(name: str, found: Watched) -> Mapping[str, Numbers]:
    return {
        name: found.back,
        f"{name} exposed": found.trace.exposed_until(found.back),
        f"{name} suspected": found.suspected,
        f"{name} most": found.most,
    }


def noises_of(world: World) -> Noises:
    """What is learnt of each rollout's service from the hour before."""
    bad, requests = history(world)
    return learn_all(bad[..., 0], requests, float(world.cell.tick))
