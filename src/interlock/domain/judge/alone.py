# SPDX-License-Identifier: Apache-2.0
"""A candidate with (nearly) all of the traffic: nothing stands beside it, so it is held against what stable did before.

1. Against its cap, where it has one. Else against what stable never came near while it was seen (`unlike`): several
   times its rate, and at least a floor. That of slow answers is high: under all of the traffic anybody is slower.
2. The limit follows from what was seen before, so the evidence is that of any cap (see `ceiling`), of this time alone.
3. There is nothing to excuse it with, and stable stands ready: what is proven to be above the limit goes back.
"""

import math
from fractions import Fraction
from typing import Final

from interlock.domain.judge.ceiling import Ceiling, press
from interlock.domain.judge.contest import Contest
from interlock.domain.judge.gauge import Gauge
from interlock.domain.judge.noise import Count
from interlock.domain.judge.outage import LEAST_BAD, unlike
from interlock.domain.judge.plan import NO_CAP, UNTOLD, Arm, Interval, beat_of
from interlock.domain.judge.tails import Tails

_BESIDE: Final = 19
"""Candidate requests for one of stable beyond which a comparison is nearly blind."""
FLOOR_OF_BAD: Final = 0.05
FLOOR_OF_SLOW: Final = 0.5
_UNSEEN: Final = Count(UNTOLD, UNTOLD)


def is_alone(stable: float, candidate: float) -> bool:
    """Whether so many requests of both are hardly a comparison."""
    return Count(0, candidate).is_usable and stable >= 0 and candidate > _BESIDE * stable


def counted(state: Contest | Tails | Gauge, interval: Interval, place: int) -> tuple[Count, Count]:
    """What of stable and of the candidate is bad, or slower than the slowest edge that is compared; nothing usable
    where nothing is counted.
    """
    match state:
        case Contest():
            beat = beat_of(interval, place)
            return beat.stable, beat.candidate
        case Tails(tails=tails) if tails and tails[-1].edge in interval.edges:
            edge = tails[-1].edge
            return _slower(interval.stable, interval, edge), _slower(interval.candidate, interval, edge)
        case _:
            return _UNSEEN, _UNSEEN


def limit(state: Contest | Tails | Gauge, cap: float) -> float:
    """The part of its requests that may be bad."""
    if cap < NO_CAP:
        return cap
    match state:
        case Contest(stable=stable):
            return unlike(stable, FLOOR_OF_BAD)
        case Tails(tails=tails) if tails:
            return unlike(tails[-1].contest.stable, FLOOR_OF_SLOW)
        case _:
            return NO_CAP


def weigh(alone: Ceiling, told: Count, most: float) -> Ceiling:
    """After one more interval in which it was alone."""
    return press(alone, told, Fraction(most)) if told.is_usable and most < NO_CAP else alone


def is_too_much(alone: Ceiling, risk: float) -> bool:
    """Whether it is proven to be above the limit."""
    return alone.total.bad >= LEAST_BAD and alone.log_evidence >= -math.log(risk)


def _slower(arm: Arm, interval: Interval, edge: int) -> Count:
    is_told = len(arm.slower) == len(interval.edges)
    return Count(arm.slower[interval.edges.index(edge)], arm.all) if is_told else _UNSEEN
