# SPDX-License-Identifier: Apache-2.0
import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.judge.crowd import CAPPED, ERRORS, crowd, ever_bad, folded, log_evidence, tick

from interlock.domain.judge.ceiling import Ceiling, press
from interlock.domain.judge.ratio import PRIOR, TIMES, Comparison, Side, compare, fair_share, gains, prices
from interlock.domain.judge.stakes import begin, gain_and_lay, log_sum, prior
from interlock.domain.judge.stakes import log_evidence as log_money

REQUESTS = st.integers(1, 10**6)
COUNT = st.integers(0, 500)
SIDE = st.builds(lambda requests, bad: Side(requests + bad + 1, bad), REQUESTS, COUNT)
RATIO = st.sampled_from([1.0, 1.05, 1.25, 3.0])


def more(side: Side) -> Side:
    return Side(side.requests, side.bad + 1)


def evidence_of(candidate: Side, stable: Side) -> float:
    seen = tick((candidate.requests, candidate.bad), (stable.requests, stable.bad))
    return log_evidence(folded([tick((50, 1), (50, 1)), seen], ERRORS))


def mean(candidate: int, stable: int, rates: tuple[float, float], factor: Callable[[int, int], float]) -> float:
    """Over all outcomes of a tick, each with its exact chance."""
    return math.fsum(
        chance(candidate, bad, rates[0]) * chance(stable, other, rates[1]) * factor(bad, other)
        for bad in range(candidate + 1)
        for other in range(stable + 1)
    )


def chance(requests: int, bad: int, rate: float) -> float:
    return math.comb(requests, bad) * rate**bad * (1 - rate) ** (requests - bad)


@given(REQUESTS, REQUESTS, RATIO, st.integers(0, 500), st.integers(0, 500))
def test_a_gain_is_how_much_better_an_alternative_divides_the_bad_requests_whichever_arm_is_named_first(
    candidate: int, stable: int, ratio: float, bad: int, other: int
) -> None:
    fair = fair_share(candidate, stable, ratio)
    for times, won in zip(TIMES, gains(bad, bad + other, prices(fair)), strict=True):
        worse = fair_share(candidate, stable, ratio * times)
        stable_first = other * math.log(fair_share(stable, candidate, 1 / (ratio * times)) / (1 - fair))
        assert won == pytest.approx(bad * math.log(worse / fair) + stable_first, rel=1e-6, abs=1e-6)


@given(st.integers(1, 999), st.integers(1, 999), RATIO, st.tuples(COUNT, COUNT), st.tuples(COUNT, COUNT))
def test_a_tick_gains_what_its_two_halves_gain(
    candidate: int, stable: int, ratio: float, one: tuple[int, int], two: tuple[int, int]
) -> None:
    half = prices(fair_share(candidate, stable, ratio))
    whole = prices(fair_share(2 * candidate, 2 * stable, ratio))
    halves = zip(gains(one[0], sum(one), half), gains(two[0], sum(two), half), strict=True)
    assert gains(one[0] + two[0], sum(one + two), whole) == pytest.approx([sum(both) for both in halves])


@given(REQUESTS, REQUESTS, COUNT, COUNT)
def test_a_bad_request_lifts_every_stake_if_it_is_the_candidates_and_lowers_it_if_it_is_stables(
    candidate: int, stable: int, bad: int, other: int
) -> None:
    costs = prices(fair_share(candidate, stable, 1.05))
    before, its, stables = (gains(x, both, costs) for x, both in ((bad, other), (bad + 1, other + 1), (bad, other + 1)))
    assert all(low < middle < high for low, middle, high in zip(stables, before, its, strict=True))


@given(SIDE, SIDE)
def test_more_bad_requests_of_the_candidate_are_never_less_evidence(candidate: Side, stable: Side) -> None:
    assert evidence_of(more(candidate), stable) >= evidence_of(candidate, stable) - 1e-9


@given(SIDE, SIDE)
def test_more_bad_requests_of_stable_are_never_more_evidence(candidate: Side, stable: Side) -> None:
    assert evidence_of(candidate, more(stable)) <= evidence_of(candidate, stable) + 1e-9


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.6])
@pytest.mark.parametrize("worse", [0.0, 0.5, 1.0, 1.25])
@pytest.mark.parametrize(("candidate", "stable"), [(1, 9), (5, 5), (9, 1)])
def test_no_stake_gains_in_the_mean_while_the_candidate_is_as_tolerated(
    candidate: int, stable: int, worse: float, rate: float
) -> None:
    costs = prices(fair_share(candidate, stable, 1.25))
    for at in range(len(TIMES)):

        def factor(bad: int, other: int, at: int = at) -> float:
            return math.exp(gains(bad, bad + other, costs)[at])

        assert mean(candidate, stable, (rate * worse, rate), factor) <= 1 + 1e-12


def test_a_stake_that_is_right_gains_in_the_mean() -> None:
    costs = prices(fair_share(5, 5, 1.05))
    doubled = TIMES.index(2.0)
    assert mean(5, 5, (0.42, 0.2), lambda bad, other: gains(bad, bad + other, costs)[doubled]) > 0


@pytest.mark.parametrize("history", [[], [(5, 1, 5, 0)], [(5, 0, 5, 2), (5, 3, 5, 0), (5, 1, 5, 1)]])
def test_all_money_together_with_what_is_laid_late_is_never_worth_more_in_the_mean(
    history: list[tuple[int, int, int, int]],
) -> None:
    costs = prices(fair_share(5, 5, 1.05))
    before = Comparison()
    for candidate, bad, stable, other in history:
        before = compare(before, Side(candidate, bad), Side(stable, other), 1.05, costs)

    def after(bad: int, other: int) -> float:
        return math.exp(compare(before, Side(5, bad), Side(5, other), 1.05, costs).log_evidence)

    assert mean(5, 5, (0.105, 0.1), after) <= math.exp(before.log_evidence) * (1 + 1e-12)


@pytest.mark.parametrize("cap", [0.01, 0.2, 0.9])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_a_cap_that_is_kept_is_no_evidence_in_the_mean(cap: float, part: float) -> None:
    def factor(bad: int) -> float:
        return math.exp(press(Ceiling(), Side(8, bad), Fraction(cap)).log_evidence)

    assert math.fsum(chance(8, bad, cap * part) * factor(bad) for bad in range(9)) <= 1 + 1e-12


def test_the_money_laid_and_kept_is_one_at_every_onset() -> None:
    stakes = begin(PRIOR)
    for _ in range(500):
        assert log_money(stakes, PRIOR) == pytest.approx(0, abs=1e-9)
        stakes = gain_and_lay(stakes, [0.0] * len(TIMES), PRIOR)
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
        assert math.isfinite(log_evidence(evidence))
        assert math.isfinite(evidence.watches[0].ceiling.log_evidence)


def test_a_billion_requests_are_still_told_apart() -> None:
    same = [tick((10**9, 10**6), (10**9, 10**6))] * 3
    worse = [tick((10**9, 12 * 10**5), (10**9, 10**6))] * 3
    assert log_evidence(folded(same, ERRORS)) < 0
    assert log_evidence(folded(worse, ERRORS)) > 1000


def calm(rate: float) -> Callable[[int], float]:
    return lambda _: rate


def drifting(at: int) -> float:
    return 0.02 * math.exp(math.sin(at / 9)) * (8 if 60 <= at < 70 else 1)


NULLS: dict[str, tuple[tuple[int, int], Callable[[int], float], float]] = {
    "identical arms": ((50, 50), calm(0.02), 1.0),
    "exactly the tolerated ratio": ((50, 50), calm(0.02), 1.05),
    "drift and an incident that both share": ((50, 50), drifting, 1.05),
    "one percent of the traffic": ((5, 495), calm(0.02), 1.05),
    "ninety percent of the traffic": ((90, 10), calm(0.02), 1.05),
    "hardly any traffic": ((1, 3), calm(0.05), 1.05),
}


@pytest.mark.parametrize("name", NULLS)
def test_an_honest_candidate_is_rolled_back_no_more_often_than_the_budget(name: str) -> None:
    split, rate, times = NULLS[name]
    source = random.Random(sum(map(ord, name)))
    runs, allowed = 200, 6  # the chance of more than 6 of 200 at the full 1 % is under 1 in 200
    back = sum(ever_bad(crowd(source, 100, split, rate, calm(times)), ERRORS) for _ in range(runs))
    assert back <= allowed
