# SPDX-License-Identifier: Apache-2.0
"""Latencies before the judge of this project: the single form, one rollout after the other.

1. It chooses its edges from stable's hour before the rollout, as counted over the whole fleet.
2. Its tolerance is the default, or what a past of that service teaches (`taught`): an hour and one healthy rollout of
   other instances, in which ten were started.
"""

import math
from typing import Final

import numpy as np
from bench.judge.latencies import EDGES
from bench.judge.scenes import HEALTHY, Cell
from bench.judge.traces import NEVER, Side, Trace, totals
from bench.judge.world import Arm, Numbers, Purpose, World, seeded

from interlock.domain.judge.contest import Beat
from interlock.domain.judge.noise import Count
from interlock.domain.judge.tails import Slow, Tails, Tolerance, evidence_of, follow, loudest, scout
from interlock.domain.judge.tempo import learn_times
from interlock.domain.judge.warming import Past

MICROSECONDS: Final = tuple(round(edge * 1e6) for edge in EDGES)


def before(world: World) -> list[Slow]:
    """Of each rollout: what stable did in the hour before."""
    arms = [totals(arm) for arm in world.history()]
    requests = np.sum([one[0] for one in arms], axis=0)
    slower = np.sum([one[1] for one in arms], axis=0)
    return [_slow(requests[row], slower[row]) for row in range(world.runs)]


def taught(cell: Cell, chunk: int, runs: int) -> list[Tolerance]:
    """For each rollout what the past of its service teaches; nothing of the rollout itself."""
    healthy = cell.with_fault(HEALTHY)
    world = World(healthy, runs, seeded(healthy, Purpose.TUNING, chunk))
    arms: list[tuple[Arm, ...]] = [(arm,) for arm in world.history()]
    for number in range(cell.ticks):
        seen = world.tick(np.full(runs, cell.schedule.share_at(number * cell.tick)))
        arms.append((seen.stable, seen.candidate))
    return [_taught(arms, row, float(cell.tick)) for row in range(runs)]


def follow_all(
    trace: Trace, beats: list[Beat], known: list[Slow], tolerances: list[Tolerance]
) -> tuple[Numbers, Numbers, Numbers]:
    """Seconds of the rollback and of the suspicion, and the most evidence there was."""
    found = [
        _follow(trace, beats, row, scout(Tails(), one, MICROSECONDS, tolerance), tolerance)
        for row, (one, tolerance) in enumerate(zip(known, tolerances, strict=True))
    ]
    back, suspected, most = (np.array(part) for part in zip(*found, strict=True))
    return back, suspected, most


def _taught(arms: list[tuple[Arm, ...]], row: int, every: float) -> Tolerance:
    pasts = [_past(arms, row, edge) for edge in range(len(MICROSECONDS))]
    return learn_times(MICROSECONDS, pasts, every)


def _past(arms: list[tuple[Arm, ...]], row: int, edge: int) -> Past:
    most = sum(arm.requests.shape[1] for arm in arms[-1])
    ticks = [
        [
            Count(float(bad), float(requests))
            for arm in tick
            for bad, requests in zip(arm.bad[row, :, edge], arm.requests[row], strict=True)
        ]
        for tick in arms
    ]
    return [[*tick, *[Count(0, 0)] * (most - len(tick))] for tick in ticks]


def _follow(
    trace: Trace, beats: list[Beat], row: int, tails: Tails, tolerance: Tolerance
) -> tuple[float, float, float]:
    back, suspected, most = NEVER, NEVER, -math.inf
    for number, beat in enumerate(beats):
        arms = _arm(trace.stable, number, row), _arm(trace.candidate, number, row)
        tails = follow(tails, beat, arms, MICROSECONDS, tolerance)
        evidence = evidence_of(tails)
        most = max(most, evidence)
        if evidence >= math.log(10):
            suspected = min(suspected, beat.at)
        if evidence >= math.log(100) and loudest(tails).contest.candidate.bad >= 5:  # noqa: PLR2004 - as in `ours`
            back = beat.at
            break
    return back, suspected, most


def _arm(side: Side, number: int, row: int) -> Slow:
    return _slow(side.requests[number, row], side.bad[number, row])


def _slow(requests: float, slower: Numbers) -> Slow:
    return Slow(float(requests), tuple(float(one) for one in slower))
