# SPDX-License-Identifier: Apache-2.0
"""What is remembered for one guard, how one tick is added to it, and how much of it is enough.

1. Errors are one comparison, latencies one for each chosen edge; a guard's evidence is the mean over its comparisons.
2. An arm has at most as many bad requests as it has requests: what a source counts beyond (late answers to requests of
   an earlier tick) cannot be put beside stable's of the same time and is left out, of both arms.
3. Enough is what would have shown a candidate of which one request in five is bad, and never fewer than 100 requests.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from interlock.domain.judge.ceiling import Ceiling, press
from interlock.domain.judge.edges import Scouting, choose, scout
from interlock.domain.judge.ratio import Comparison, Counted, Side, compare, fair_share, prices
from interlock.domain.judge.stakes import log_sum
from interlock.domain.strategy import NO_CAP, Guard, Measure
from interlock.domain.traffic import ArmCounters, Tick

LEAST_REQUESTS: Final = 100
"""Candidate requests beside stable ones under which nothing is said in the candidate's favour."""
NO_EDGE: Final = 0
"""In place of an edge: bad answers are compared, not latencies."""
_ONE_IN: Final = 5
_SPREAD: Final = 2.5
"""The logarithm of what evidence loses by being spread over guards, alternatives and onsets."""
_RULE_OF_THREE: Final = 3
"""Of 3 / cap requests at the cap at least one is bad, with 95 %."""
_BESIDE: Final = 19
"""Candidate requests for one of stable beyond which a comparison is nearly blind."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One comparison, and the edge (microseconds) at which it is made."""

    edge: int = NO_EDGE
    comparison: Comparison = Comparison()


@dataclass(frozen=True, slots=True)
class Watch:
    """The state of one guard. `alone`: requests of the candidate with (nearly) no stable traffic beside them."""

    watched: tuple[Watched, ...] = ()
    scouting: Scouting = Scouting()
    ceiling: Ceiling = Ceiling()
    ceiling_edge: int = NO_EDGE
    alone: int = 0

    @property
    def log_evidence(self) -> float:
        """The logarithm of the evidence that the candidate is worse than tolerated, by comparison."""
        if not self.watched:
            return 0.0
        return log_sum([one.comparison.log_evidence for one in self.watched]) - math.log(len(self.watched))

    @property
    def loudest(self) -> Watched:
        """The comparison that speaks loudest; an empty one where there is none."""
        return max(self.watched, key=lambda one: one.comparison.log_evidence, default=Watched())

    @property
    def compared(self) -> Counted:
        """What was counted at the comparison that saw most."""
        totals = [one.comparison.total for one in self.watched]
        return max(totals, key=lambda total: total.candidate.requests, default=Counted())


def start(guard: Guard) -> Watch:
    """Before the first tick."""
    return Watch((Watched(),)) if guard.measure is Measure.ERRORS else Watch()


def follow(watch: Watch, tick: Tick, edges: tuple[int, ...], guard: Guard) -> Watch:
    """After one more tick."""
    after = watch
    if tick.candidate.requests and tick.stable.requests:
        after = _compared(after, tick, edges, float(guard.worse_by))
    if tick.candidate.requests > _BESIDE * tick.stable.requests:
        after = replace(after, alone=after.alone + tick.candidate.requests)
    if tick.candidate.requests and guard.cap < NO_CAP:
        after = _pressed(after, tick.candidate, edges, guard)
    if guard.measure is Measure.LATENCY and not watch.watched:
        scouting = scout(after.scouting, tick.stable, edges)
        after = replace(after, scouting=scouting, watched=tuple(Watched(edge) for edge in choose(scouting)))
    return after


def enough(watch: Watch, guard: Guard, needed: float) -> bool:
    """Whether there is enough data to say something in the candidate's favour: beside stable or, alone, under a cap.

    `needed`: the logarithm of the evidence from which the candidate goes back.
    """
    if guard.cap < NO_CAP and min(watch.alone, watch.ceiling.total.requests) >= _least_under(guard.at_most):
        return True
    seen = watch.compared
    return seen.candidate.requests >= LEAST_REQUESTS and seen.sight >= _least_sight(needed)


def still_needed(watch: Watch, needed: float) -> int:
    """About how many more requests of the candidate a comparison needs, at the present split of traffic."""
    seen = watch.compared
    if not seen.candidate.requests:
        return LEAST_REQUESTS
    short = (_least_sight(needed) - seen.sight) * seen.candidate.requests / seen.sight
    return max(LEAST_REQUESTS - seen.candidate.requests, math.ceil(short))


def _least_sight(needed: float) -> float:
    return _ONE_IN * (_SPREAD + needed)


def _least_under(cap: Fraction) -> int:
    return max(LEAST_REQUESTS, math.ceil(_RULE_OF_THREE / cap)) if cap else LEAST_REQUESTS


def _compared(watch: Watch, tick: Tick, edges: tuple[int, ...], tolerated: float) -> Watch:
    costs = prices(fair_share(tick.candidate.requests, tick.stable.requests, tolerated))
    watched = tuple(
        Watched(
            one.edge,
            compare(
                one.comparison,
                _side(tick.candidate, one.edge, edges),
                _side(tick.stable, one.edge, edges),
                tolerated,
                costs,
            ),
        )
        if _counts(tick.candidate, one.edge, edges) and _counts(tick.stable, one.edge, edges)
        else one
        for one in watch.watched
    )
    return replace(watch, watched=watched)


def _pressed(watch: Watch, candidate: ArmCounters, edges: tuple[int, ...], guard: Guard) -> Watch:
    """A cap on latencies is one on the requests slower than the slowest edge there was at first."""
    edge = watch.ceiling_edge
    if guard.measure is Measure.LATENCY and edge == NO_EDGE:
        if not edges:
            return watch
        edge = edges[-1]
    if not _counts(candidate, edge, edges):
        return watch
    ceiling = press(watch.ceiling, _side(candidate, edge, edges), guard.at_most)
    return replace(watch, ceiling=ceiling, ceiling_edge=edge)


def _counts(arm: ArmCounters, edge: int, edges: tuple[int, ...]) -> bool:
    return edge == NO_EDGE or (edge in edges and len(arm.slower) == len(edges))


def _side(arm: ArmCounters, edge: int, edges: tuple[int, ...]) -> Side:
    bad = arm.errors if edge == NO_EDGE else arm.slower[edges.index(edge)]
    return Side(arm.requests, min(bad, arm.requests))
