# SPDX-License-Identifier: Apache-2.0
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.domain.judge.crowd import CAPPED, ERRORS, folded, log_evidence, tick

from interlock.domain.judge import abrupt
from interlock.domain.judge.ceiling import Ceiling, press
from interlock.domain.judge.noise import Count, Pair
from interlock.domain.judge.stakes import gain_and_lay, log_sum, prior
from interlock.domain.strategy import Habit
from interlock.domain.traffic import ArmCounters, Tick

Side = tuple[int, int]
KNOWN = replace(ERRORS, habit=Habit(dispersion=150))
COUNT = st.integers(0, 500)
SIDE = st.tuples(COUNT, st.integers(1, 10**6)).map(lambda side: (side[0], side[0] + side[1]))


def evidence_of(candidate: Side, stable: Side) -> float:
    """Of a service whose dispersion is known: what may be one accident is weighed by what is believed of it."""
    return log_evidence(folded([tick((50, 1), (50, 1)), Tick(_arm(stable), _arm(candidate))], KNOWN), KNOWN)


def _arm(side: Side) -> ArmCounters:
    return ArmCounters(side[1], side[0])


def pair_of(candidate: Side, stable: Side) -> Pair:
    """Counted singly, and believed."""
    return Pair(Count(*candidate), Count(*stable), 1.0, math.inf)


def mean(candidate: int, stable: int, rates: tuple[float, float], factor: Callable[[int, int], float]) -> float:
    """Over all outcomes of a tick, each with its exact chance."""
    return math.fsum(
        chance(candidate, bad, rates[0]) * chance(stable, other, rates[1]) * factor(bad, other)
        for bad in range(candidate + 1)
        for other in range(stable + 1)
    )


def chance(requests: int, bad: int, rate: float) -> float:
    return math.comb(requests, bad) * rate**bad * (1 - rate) ** (requests - bad)


@given(SIDE, SIDE)
def test_more_bad_requests_of_the_candidate_are_never_less_evidence(candidate: Side, stable: Side) -> None:
    assert evidence_of((candidate[0] + 1, candidate[1]), stable) >= evidence_of(candidate, stable) - 0.1


@given(SIDE, SIDE)
@example((5, 7), (0, 45))
def test_more_bad_requests_of_stable_are_never_more_evidence(candidate: Side, stable: Side) -> None:
    """But for that by which the nodes share what an accident may add: of a few requests up to a third more odds."""
    assert evidence_of(candidate, (stable[0] + 1, stable[1])) <= evidence_of(candidate, stable) + 0.3


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.6])
@pytest.mark.parametrize("worse", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("candidate", "stable"), [(1, 9), (5, 5), (9, 1)])
@pytest.mark.parametrize("history", [[], [(5, 1, 5, 0)], [(5, 0, 5, 2), (5, 3, 5, 0), (5, 1, 5, 1)]])
def test_money_on_breaking_is_never_worth_more_in_the_mean_while_the_candidate_is_as_bad_as_is_honest(
    candidate: int, stable: int, worse: float, rate: float, history: list[tuple[int, int, int, int]]
) -> None:
    before = abrupt.NOTHING
    for own, bad, beside, other in history:
        before = abrupt.broken(before, pair_of((bad, own), (other, beside)), 1.25)

    def factor(bad: int, other: int) -> float:
        return math.exp(abrupt.worth(abrupt.broken(before, pair_of((bad, candidate), (other, stable)), 1.25)))

    mean_worth = mean(candidate, stable, (rate * worse * 1.25, rate), factor)
    assert mean_worth <= math.exp(abrupt.worth(before)) * (1 + 1e-12)


def test_money_on_breaking_gains_in_the_mean_when_it_does() -> None:
    def gained(bad: int, other: int) -> float:
        return abrupt.worth(abrupt.broken(abrupt.NOTHING, pair_of((bad, 9), (other, 9)), 1.05))

    assert mean(9, 9, (0.9, 0.02), gained) > 0


@pytest.mark.parametrize("cap", [0.01, 0.2, 0.9])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_a_cap_that_is_kept_is_no_evidence_in_the_mean(cap: float, part: float) -> None:
    def factor(bad: int) -> float:
        return math.exp(press(Ceiling(), Count(bad, 8), Fraction(cap)).log_evidence)

    assert math.fsum(chance(8, bad, cap * part) * factor(bad) for bad in range(9)) <= 1 + 1e-12


def test_the_money_laid_and_kept_is_one_at_every_onset() -> None:
    stakes = abrupt.NOTHING
    for _ in range(500):
        assert abrupt.worth(stakes) == pytest.approx(0, abs=1e-9)
        stakes = gain_and_lay(stakes, [0.0] * len(abrupt.TIMES), abrupt.PRIOR)
    assert stakes.onsets == 500


def test_shares_of_money_need_not_sum_to_one_to_be_spread_fairly() -> None:
    spread = prior((1, 3), (2, 2))
    assert [math.exp(log) for log in (*spread.first, *spread.later)] == pytest.approx([0.125, 0.375, 0.25, 0.25])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_a_sum_of_numbers_far_apart_is_at_least_its_greatest(logs: list[float]) -> None:
    assert max(logs) <= log_sum(logs) <= max(logs) + math.log(len(logs)) + 1e-9


@given(st.lists(st.tuples(*[st.integers(0, 10**9)] * 4), max_size=8))
def test_no_count_is_too_great(counts: list[tuple[int, int, int, int]]) -> None:
    ticks = [tick((candidate, bad), (stable, other)) for candidate, bad, stable, other in counts]
    evidence = folded(ticks, CAPPED)
    if ticks:
        assert math.isfinite(log_evidence(evidence, CAPPED))
        assert math.isfinite(evidence.followed[0].cap.log_evidence)


def test_a_billion_requests_are_still_told_apart() -> None:
    same = [tick((10**9, 10**6), (10**9, 10**6))] * 3
    worse = [tick((10**9, 4 * 10**6), (10**9, 10**6))] * 3
    assert log_evidence(folded(same, ERRORS), ERRORS) < 0
    assert log_evidence(folded(worse, ERRORS), ERRORS) > 1000
