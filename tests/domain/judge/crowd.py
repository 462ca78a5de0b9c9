# SPDX-License-Identifier: Apache-2.0
"""Made-up traffic, exact or drawn from a seeded source, and the fold that a controller would do over it."""

import math
import random
from collections.abc import Callable, Iterable, Iterator

from interlock.domain.judge.judging import Evidence, Judgement, Standing, judge, observe
from interlock.domain.strategy import Analysis, Guard, Measure
from interlock.domain.traffic import ArmCounters, Tick

ERRORS = Analysis((Guard("errors", Measure.ERRORS),))
LATENCY = Analysis((Guard("latency", Measure.LATENCY, 25),))
CAPPED = Analysis((Guard("errors", Measure.ERRORS, cap=100),))
SLOW_CAPPED = Analysis((Guard("latency", Measure.LATENCY, 25, cap=100),))
NOTHING_YET = Evidence()
EDGES = (5_000, 25_000, 100_000, 500_000, 2_000_000)


def arm(requests: int, errors: int = 0, slower: tuple[int, ...] = ()) -> ArmCounters:
    return ArmCounters(requests, errors, slower)


def tick(candidate: tuple[int, int], stable: tuple[int, int]) -> Tick:
    """Requests and bad answers of both arms, the candidate first; no latencies."""
    return Tick(arm(*stable), arm(*candidate))


def slow_tick(candidate: tuple[int, ...], stable: tuple[int, ...]) -> Tick:
    """Requests of both arms and how many were slower than each edge, the candidate first; no bad answers."""
    return Tick(arm(stable[0], 0, stable[1:]), arm(candidate[0], 0, candidate[1:]))


def folded(
    ticks: Iterable[Tick], analysis: Analysis, edges: tuple[int, ...] = (), start: Evidence = NOTHING_YET
) -> Evidence:
    evidence = start
    for one in ticks:
        evidence = observe(evidence, one, edges, analysis)
    return evidence


def judged(ticks: Iterable[Tick], analysis: Analysis, edges: tuple[int, ...] = ()) -> Judgement:
    return judge(folded(ticks, analysis, edges), analysis)


def standings(ticks: Iterable[Tick], analysis: Analysis, edges: tuple[int, ...] = ()) -> Iterator[Standing]:
    """How the candidate stands after each tick."""
    evidence = Evidence()
    for one in ticks:
        evidence = observe(evidence, one, edges, analysis)
        yield judge(evidence, analysis).standing


def ever_bad(ticks: Iterable[Tick], analysis: Analysis) -> bool:
    """Whether the candidate is rolled back at any look. It cannot be while the first guard's evidence is below 2."""
    evidence = Evidence()
    for one in ticks:
        evidence = observe(evidence, one, (), analysis)
        if log_evidence(evidence) >= math.log(2) and judge(evidence, analysis).standing is Standing.BAD:
            return True
    return False


def log_evidence(evidence: Evidence) -> float:
    """Of the first guard."""
    return evidence.watches[0].log_evidence


def drawn(source: random.Random, requests: int, rate: float) -> int:
    """How many of so many requests are bad: binomial, by the gaps between bad ones."""
    if rate <= 0:
        return 0
    found, at = 0, 0
    gap = math.log1p(-rate)
    while (at := at + 1 + int(math.log(1 - source.random()) / gap)) <= requests:
        found += 1
    return found


def crowd(
    source: random.Random,
    ticks: int,
    split: tuple[int, int],
    rate: Callable[[int], float],
    times: Callable[[int], float],
) -> Iterator[Tick]:
    """So many ticks of candidate and stable requests, at stable's rate and at how much worse the candidate is."""
    for at in range(ticks):
        candidate, stable = split
        worse = min(1 - 1e-9, rate(at) * times(at))
        yield tick((candidate, drawn(source, candidate, worse)), (stable, drawn(source, stable, rate(at))))
