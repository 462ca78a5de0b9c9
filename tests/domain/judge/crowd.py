# SPDX-License-Identifier: Apache-2.0
"""Made-up traffic, exact or drawn from a seeded source, and the fold that a controller would do over it."""

import math
import random
from collections.abc import Callable, Iterable, Iterator

from interlock.domain.judge.followed import own_evidence
from interlock.domain.judge.judging import Judgement, Moment, Standing, judge, observe, plan_of
from interlock.domain.judge.trial import Trial
from interlock.domain.strategy import Analysis, Guard, Measure
from interlock.domain.traffic import ArmCounters, Tick

ERRORS = Analysis((Guard("errors", Measure.ERRORS),))
LATENCY = Analysis((Guard("latency", Measure.LATENCY, 25),))
CAPPED = Analysis((Guard("errors", Measure.ERRORS, cap=100),))
SLOW_CAPPED = Analysis((Guard("latency", Measure.LATENCY, 25, cap=100),))
NOTHING_YET = Trial()
LONG_WARM = 1000.0
EDGES = (5_000, 25_000, 100_000, 500_000, 2_000_000)


def arm(requests: int, errors: int = 0, slower: tuple[int, ...] = ()) -> ArmCounters:
    return ArmCounters(requests, errors, slower)


def tick(candidate: tuple[int, int], stable: tuple[int, int]) -> Tick:
    """Requests and bad answers of both arms, the candidate first; no latencies."""
    return Tick(arm(*stable), arm(*candidate))


def slow_tick(candidate: tuple[int, ...], stable: tuple[int, ...]) -> Tick:
    """Requests of both arms and how many were slower than each edge, the candidate first; no bad answers."""
    return Tick(arm(stable[0], 0, stable[1:]), arm(candidate[0], 0, candidate[1:]))


def folded(ticks: Iterable[Tick], analysis: Analysis, edges: tuple[int, ...] = (), start: Trial = NOTHING_YET) -> Trial:
    """Of a candidate of one instance that is long warm, measured every second."""
    trial = start
    for one in ticks:
        trial = heard(trial, one, analysis, edges)
    return trial


def heard(trial: Trial, one: Tick, analysis: Analysis, edges: tuple[int, ...] = ()) -> Trial:
    age = max(trial.at, LONG_WARM) + 1
    return observe(trial, one, edges, Moment(age, 1.0, 0.0, 0, 1), analysis)


def judged(ticks: Iterable[Tick], analysis: Analysis, edges: tuple[int, ...] = ()) -> Judgement:
    return judge(folded(ticks, analysis, edges), analysis)


def standings(ticks: Iterable[Tick], analysis: Analysis, edges: tuple[int, ...] = ()) -> Iterator[Standing]:
    """How the candidate stands after each tick."""
    trial = NOTHING_YET
    for one in ticks:
        trial = heard(trial, one, analysis, edges)
        yield judge(trial, analysis).standing


def ever_bad(ticks: Iterable[Tick], analysis: Analysis) -> bool:
    """Whether the candidate is rolled back at any look. It cannot be while the first guard's evidence is below 2."""
    trial = NOTHING_YET
    for one in ticks:
        trial = heard(trial, one, analysis)
        if log_evidence(trial, analysis) >= math.log(2) and judge(trial, analysis).standing is Standing.BAD:
            return True
    return False


def log_evidence(trial: Trial, analysis: Analysis) -> float:
    """Of the first guard."""
    return own_evidence(trial.followed[0], plan_of(analysis).metrics[0])


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
