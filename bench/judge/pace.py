# SPDX-License-Identifier: Apache-2.0
"""How long a rollout takes that its judge paces, beside the fixed schedule: the product's own calls, in a closed loop.

A step ends early on FASTER, and with its time on anything that does not hold it; BACK ends the rollout. What is told is
what a router tells: the totals of both arms, how old the candidate's instances are, and its share. A lost arm is not
told of.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from bench.judge.fleets import Noises, usual_noises
from bench.judge.ours import OURS, UNTAUGHT, noises_of
from bench.judge.scenes import STABLE_INSTANCES, Cell
from bench.judge.traces import totals
from bench.judge.world import Arm as Instances
from bench.judge.world import Purpose, Seen, World, chunks, seeded

from interlock.domain.judge.contest import Terms
from interlock.domain.judge.noise import USUAL
from interlock.domain.judge.plan import Arm, Interval, Metric, Plan
from interlock.domain.judge.trial import Call, Trial, hear, open_trial, rule

LONGEST: Final = 2
"""Times the fixed schedule, after which a rollout that is still held is counted as such."""


class End(StrEnum):
    """How a rollout ended."""

    PROMOTED = "promoted"
    BACK = "rolled back"
    HELD = "held"


@dataclass(slots=True)
class Paced:
    """One rollout in progress."""

    plan: Plan
    trial: Trial = field(init=False)
    step: int = 0
    entered: int = 0
    exposed: int = 0
    end: End = End.HELD
    seconds: int = 0
    left: bool = False

    def __post_init__(self) -> None:
        self.trial = open_trial(self.plan)


def run(cell: Cell, purpose: Purpose, runs: int, judge: str = OURS) -> list[Paced]:
    """So many rollouts, each at its own pace. `judge`: taught by the hour before, or not."""
    return [paced for number, size in chunks(runs) for paced in _chunk(cell, purpose, (number, size), judge)]


def _chunk(cell: Cell, purpose: Purpose, chunk: tuple[int, int], judge: str) -> list[Paced]:
    number, runs = chunk
    world = World(cell, runs, seeded(cell, purpose, number))
    noises = usual_noises(USUAL, runs) if judge == UNTAUGHT else noises_of(world)
    every = [Paced(_plan(noises, row)) for row in range(runs)]
    for now in range(cell.tick, LONGEST * cell.schedule.total + 1, cell.tick):
        shares = np.array([0.0 if one.left else cell.schedule.shares[one.step] for one in every])
        if not shares.any():
            break
        _tick(every, world.tick(shares), cell, now)
    return every


def _plan(noises: Noises, row: int) -> Plan:
    return Plan((Metric("errors", terms=Terms(noise=noises.of(row))),))


def _tick(every: list[Paced], seen: Seen, cell: Cell, now: int) -> None:
    stable, candidate = _arms(seen.stable), _arms(seen.candidate)
    for row, paced in enumerate(every):
        if paced.left:
            continue
        paced.exposed += int(seen.candidate.requests[row].sum())
        interval = Interval(
            float(now),
            stable[row],
            candidate[row],
            cell.schedule.shares[paced.step],
            paced.step,
            ages=tuple(float(age) - cell.tick / 2 for age in seen.candidate.ages[row] if np.isfinite(age)),
            fleet=STABLE_INSTANCES,
        )
        paced.trial = hear(paced.trial, interval, paced.plan)
        _decide(paced, cell, now)


def _arms(instances: Instances) -> list[Arm]:
    """Of each rollout what is told of an arm; of a lost one, nothing."""
    requests, bad = totals(instances)
    return [
        Arm(math.nan, (math.nan,)) if lost else Arm(float(all_of), (float(own),))
        for lost, all_of, own in zip(instances.lost, requests, bad[:, 0], strict=True)
    ]


def _decide(paced: Paced, cell: Cell, now: int) -> None:
    call = rule(paced.trial, paced.plan).call
    has_dwelt = now - paced.entered >= cell.schedule.seconds
    if call is Call.BACK:
        _leave(paced, End.BACK, now)
    elif call is Call.FASTER or (has_dwelt and call in {Call.GO_ON, Call.WAIT}):
        paced.step, paced.entered = paced.step + 1, now
        if paced.step == len(cell.schedule.shares):
            _leave(paced, End.PROMOTED, now)


def _leave(paced: Paced, end: End, now: int) -> None:
    paced.end, paced.seconds, paced.left = end, now, True
