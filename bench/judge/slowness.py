# SPDX-License-Identifier: Apache-2.0
"""Latencies before the judge of this project: the single form, one rollout after the other, at its defaults.

It chooses its edges from stable's hour before the rollout, as counted over the whole fleet.
"""

import math
from typing import Final

import numpy as np
from bench.judge.latencies import EDGES
from bench.judge.traces import NEVER, Side, Trace, totals
from bench.judge.world import Numbers, World

from interlock.domain.judge.contest import Beat
from interlock.domain.judge.tails import Slow, Tails, evidence_of, follow, loudest, scout

MICROSECONDS: Final = tuple(round(edge * 1e6) for edge in EDGES)


def before(world: World) -> list[Slow]:
    """Of each rollout: what stable did in the hour before."""
    arms = [totals(arm) for arm in world.history()]
    requests = np.sum([one[0] for one in arms], axis=0)
    slower = np.sum([one[1] for one in arms], axis=0)
    return [_slow(requests[row], slower[row]) for row in range(world.runs)]


def follow_all(trace: Trace, beats: list[Beat], known: list[Slow]) -> tuple[Numbers, Numbers, Numbers]:
    """Seconds of the rollback and of the suspicion, and the most evidence there was."""
    found = [_follow(trace, beats, row, scout(Tails(), one, MICROSECONDS)) for row, one in enumerate(known)]
    back, suspected, most = (np.array(part) for part in zip(*found, strict=True))
    return back, suspected, most


def _follow(trace: Trace, beats: list[Beat], row: int, tails: Tails) -> tuple[float, float, float]:
    back, suspected, most = NEVER, NEVER, -math.inf
    for number, beat in enumerate(beats):
        arms = _arm(trace.stable, number, row), _arm(trace.candidate, number, row)
        tails = follow(tails, beat, arms, MICROSECONDS)
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
