# SPDX-License-Identifier: Apache-2.0
"""One metric of a trial: what is remembered of it, what an interval adds, and what it says by itself."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, assert_never

from interlock.domain.judge.alone import FLOOR_OF_BAD, FLOOR_OF_SLOW, counted, is_alone, limit, weigh
from interlock.domain.judge.ceiling import Ceiling, press
from interlock.domain.judge.contest import Contest, fold, log_doubt, log_evidence, log_safe
from interlock.domain.judge.far import is_far
from interlock.domain.judge.gauge import Gauge, level_evidence, sample
from interlock.domain.judge.noise import Count
from interlock.domain.judge.outage import LEAST_BAD, Outage, watched
from interlock.domain.judge.plan import (
    NO_CAP,
    UNTOLD,
    Arm,
    Interval,
    Kind,
    Metric,
    Plan,
    beat_of,
    levels_of,
    limit_at,
    place_of,
    slow_of,
)
from interlock.domain.judge.tails import Tails, doubt_of, evidence_of, follow, log_safe_of, loudest, young_doubt_of

STALE: Final = 3
"""Intervals without a usable word from which a metric is out of date."""
_NOTHING: Final = Count(0, 0)
_NO_EDGE: Final = 0
"""The cap of counts has none; that of latencies has none yet."""

State = Contest | Tails | Gauge


@dataclass(frozen=True, slots=True)
class Followed:
    """One metric: its state, its cap, and how many intervals in a row in which it could have said something it did not.

    `alone`: what speaks against it while nothing is beside it. `cap_edge`: the edge (microseconds) beyond which a
    request counts as bad for the cap of a metric of latencies: the slowest there was at first. `outage`: what both
    arms suffer from. `latest`: what was counted of stable and of the candidate in the last interval.
    """

    state: State
    cap: Ceiling = Ceiling()
    alone: Ceiling = Ceiling()
    cap_edge: int = _NO_EDGE
    unheard: int = STALE
    outage: Outage = Outage()
    latest: tuple[Count, Count] = (_NOTHING, _NOTHING)


def heard_of(one: Followed, interval: Interval, plan: Plan, metric: Metric) -> Followed:
    place = place_of(plan, metric)
    state = _after(one.state, interval, metric, place)
    both = counted(one.state, interval, place)
    unheard = 0 if _is_heard(state, interval.at) else one.unheard + (not _says_nothing(interval, metric, place))
    floor = FLOOR_OF_BAD if metric.kind is Kind.COUNTS else FLOOR_OF_SLOW
    outage = watched(one.outage, *both, interval.at, floor)
    edge, told = _under_cap(one, interval, metric, both[1])
    alone = one.alone
    if is_alone(interval.stable.all, interval.candidate.all):
        alone = weigh(alone, told, limit(one.state, metric.cap))
    if metric.cap >= NO_CAP or not told.is_usable:
        return Followed(state, one.cap, alone, one.cap_edge, unheard, outage, both)
    return Followed(state, press(one.cap, told, Fraction(metric.cap)), alone, edge, unheard, outage, both)


def _says_nothing(interval: Interval, metric: Metric, place: int) -> bool:
    """Whether an arm had no request, so that there was nothing to compare, and what the other did was told."""
    arms = interval.stable, interval.candidate
    return 0 in (arm.all for arm in arms) and all(_is_told(arm, interval, metric, place) for arm in arms)


def _is_told(arm: Arm, interval: Interval, metric: Metric, place: int) -> bool:
    if arm.all == 0 or metric.kind is Kind.LEVEL:
        return True
    if metric.kind is Kind.COUNTS:
        return place < len(arm.bad) and Count(arm.bad[place], arm.all).is_usable
    return len(arm.slower) == len(interval.edges) and all(Count(one, arm.all).is_usable for one in arm.slower)


def _under_cap(one: Followed, interval: Interval, metric: Metric, usual: Count) -> tuple[int, Count]:
    """At which edge, and what of the candidate is held against the cap; nothing usable where nothing was told.

    `usual`: what is counted of it where there is no cap.
    """
    if metric.cap >= NO_CAP or metric.kind is Kind.COUNTS:
        return _NO_EDGE, usual
    slow = slow_of(interval.candidate)
    edge = one.cap_edge or max(interval.edges, default=_NO_EDGE)
    if edge not in interval.edges or len(slow.slower) != len(interval.edges):
        return _NO_EDGE, Count(UNTOLD, UNTOLD)
    return edge, Count(slow.slower[interval.edges.index(edge)], slow.all)


def _after(state: State, interval: Interval, metric: Metric, place: int) -> State:
    match state:
        case Contest():
            return fold(state, beat_of(interval, place), metric.terms)
        case Tails():
            arms = slow_of(interval.stable), slow_of(interval.candidate)
            return follow(state, beat_of(interval, place), arms, interval.edges, metric.tolerance)
        case Gauge():
            return sample(state, levels_of(interval, place), metric.ground)
        case _:
            assert_never(state)


def _is_heard(state: State, at: float) -> bool:
    return state.unseen == 0 and bool(state.tails) if isinstance(state, Tails) else state.at == at


def heard_at(one: Followed) -> float:
    """When it said something last; minus infinity where it never did."""
    if isinstance(one.state, Tails):
        return max((tail.contest.at for tail in one.state.tails), default=-math.inf)
    return one.state.at


def own_evidence(one: Followed, metric: Metric) -> float:
    """The logarithm of a metric's evidence that the candidate is worse, by comparison."""
    match one.state:
        case Contest():
            return log_evidence(one.state)
        case Tails():
            return evidence_of(one.state)
        case Gauge():
            return level_evidence(one.state, metric.ground)
        case _:
            assert_never(one.state)


def own_safe(one: Followed, metric: Metric, weight: float) -> float:
    """The logarithm of the evidence that a metric is below the limit of this share; levels prove nothing."""
    match one.state:
        case Contest():
            return log_safe(one.state, limit_at(weight), metric.terms.noise) if one.state.candidate.all else 0.0
        case Tails():
            return log_safe_of(one.state, limit_at(weight))
        case Gauge():
            return 0.0
        case _:
            assert_never(one.state)


def own_doubt(one: Followed, metric: Metric) -> float:
    """What speaks against it unless it is warming up, as a logarithm; of latencies, what no warm-up explains."""
    match one.state:
        case Contest():
            return log_doubt(one.state, metric.terms)
        case Tails():
            return doubt_of(one.state)
        case Gauge():
            return 0.0
        case _:
            assert_never(one.state)


def young_doubt(one: Followed) -> float:
    """What speaks against its times, as a logarithm, though a warm-up may explain it."""
    return young_doubt_of(one.state) if isinstance(one.state, Tails) else 0.0


def is_broken(one: Followed, plan: Plan) -> bool:
    """Whether its cap is proven to be broken."""
    return one.cap.log_evidence >= -math.log(plan.risk)


def counts(one: Followed) -> bool:
    """Whether it has seen enough that is bad to send anything back."""
    match one.state:
        case Contest():
            return one.state.candidate.bad >= LEAST_BAD
        case Tails():
            return bool(one.state.tails) and loudest(one.state).contest.candidate.bad >= LEAST_BAD
        case Gauge():
            return one.state.samples >= LEAST_BAD
        case _:
            assert_never(one.state)


def is_beyond(one: Followed, risk: float) -> bool:
    """Whether it is far from what stable beside it was seen to do; only what is counted can be."""
    return isinstance(one.state, Contest) and counts(one) and is_far(one.state.far, risk)
