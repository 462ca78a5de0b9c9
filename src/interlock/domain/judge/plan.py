# SPDX-License-Identifier: Apache-2.0
"""What is judged in a rollout: metrics, their parts of one error budget, and what one interval says of all of them.

1. The risk is per rollout: over all looks, steps and metrics together.
2. A critical metric can send the candidate back. An advisory one can only pause it, from a risk of its own.
3. An interval is taken as it comes. What is missing or makes no sense in it is missing for that metric, for both arms.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from interlock.domain.judge.contest import Beat, Terms
from interlock.domain.judge.gauge import Ground, Levels
from interlock.domain.judge.noise import Count
from interlock.domain.judge.pulse import Patience
from interlock.domain.judge.tails import Slow, Tolerance

UNTOLD: Final = math.nan
"""What a source did not say."""
NO_CAP: Final = 1.0
FIRST_SHARE: Final = 0.05
LATE_SHARE: Final = 0.5


class Kind(StrEnum):
    """What is compared."""

    COUNTS = "counts"
    """Bad requests of all requests."""
    LATENCY = "latency"
    LEVEL = "level"


class Role(StrEnum):
    """What a metric may bring about."""

    CRITICAL = "critical"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is watched. Of `terms`, `tolerance` and `ground` that of its kind is read.

    `weight`: its part of the budget beside the other metrics of its role. `cap`: a rate of bad requests, or of
    requests slower than the slowest edge, that is never exceeded in good order; 1: none is set.
    """

    name: str
    kind: Kind = Kind.COUNTS
    weight: float = 1.0
    role: Role = Role.CRITICAL
    terms: Terms = Terms()
    tolerance: Tolerance = Tolerance()
    ground: Ground = Ground()
    cap: float = NO_CAP


@dataclass(frozen=True, slots=True)
class Plan:
    """`risk`: how often an honest candidate may be sent back. `hold_at`: evidence from which it is held.

    `safe_risk`: how often a candidate at the limit may be called safe. `least_dwell`: seconds before it can be.
    `noticed`: how many times as bad as stable a candidate must surely have been held by now, before it may go on, for
    somebody who asks once (see `once`); 0: whoever plans the steps says how much must be seen.
    """

    metrics: tuple[Metric, ...]
    risk: float = 0.01
    hold_at: float = 10.0
    advisory_risk: float = 0.05
    safe_risk: float = 0.05
    least_dwell: float = 120.0
    patience: Patience = Patience()
    noticed: float = 0.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm in one interval: requests; bad ones, for each metric of counts in order; slower ones, for each edge;
    values of instances, for each level in order.
    """

    all: float = UNTOLD
    bad: tuple[float, ...] = ()
    slower: tuple[float, ...] = ()
    levels: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """What both arms did in one interval. `at`: its end, in seconds since the rollout began.

    `weight`: the candidate's share of requests by the router. `edges`: microseconds. The rest: as in `Beat`.
    """

    at: float
    stable: Arm
    candidate: Arm
    weight: float = 0.0
    step: int = 0
    edges: tuple[int, ...] = ()
    ages: tuple[float, ...] = ()
    fleet: int = 1
    fresh: tuple[float, ...] = field(default=())


def beat_of(interval: Interval, place: int) -> Beat:
    """The tick of the metric of counts at this place; what was not said is not a number, and so not used."""
    stable, candidate = (Count(_at(arm.bad, place), arm.all) for arm in (interval.stable, interval.candidate))
    return Beat(interval.at, stable, candidate, interval.step, interval.ages, interval.fleet, interval.fresh)


def slow_of(arm: Arm) -> Slow:
    """What latencies are compared of an arm."""
    return Slow(arm.all, arm.slower)


def levels_of(interval: Interval, place: int) -> Levels:
    """The sample of the level at this place."""
    stable, candidate = (
        arm.levels[place] if place < len(arm.levels) else () for arm in (interval.stable, interval.candidate)
    )
    return Levels(interval.at, stable, candidate, interval.step, interval.ages)


def place_of(plan: Plan, metric: Metric) -> int:
    """The how-manieth of its kind a metric is."""
    return [one.name for one in plan.metrics if one.kind is metric.kind].index(metric.name)


def limit_at(weight: float) -> float:
    """How many times stable's rate is safely excluded before going faster at this share: less as more is at stake."""
    if weight <= FIRST_SHARE:
        return 2.0
    return 1.5 if weight < LATE_SHARE else 1.25


def _at(counts: tuple[float, ...], place: int) -> float:
    return counts[place] if place < len(counts) else UNTOLD
