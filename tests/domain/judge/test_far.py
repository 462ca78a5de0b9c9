# SPDX-License-Identifier: Apache-2.0
"""What no honest candidate beside such a stable comes near."""

import math
import random
from typing import Final

import pytest

from interlock.domain.judge.far import FLOOR, Far, furthest, is_far, strayed, worth
from interlock.domain.judge.noise import Count, Pair

RISK: Final = 0.01
LEAST: Final = 1.42


def after(pairs: list[tuple[Count, Count]], times: float = 3.5, dispersion: float = 1.5, most: float = math.inf) -> Far:
    """Ticks of candidate and stable."""
    far, before = Far(), Count(0, 0)
    for candidate, stable in pairs:
        pair = Pair(candidate, stable, dispersion, most)
        far = strayed(far, pair, furthest(before, stable, times, dispersion), LEAST)
        before = Count(before.bad + stable.bad, before.all + stable.all)
    return far


def test_the_limit_is_never_below_the_floor() -> None:
    assert furthest(Count(0, 0), Count(0, 10_000), 3.5, 1.5) == FLOOR


def test_the_limit_is_what_an_honest_one_does_not_exceed_of_what_was_seen_of_stable() -> None:
    assert furthest(Count(19, 1000), Count(0, 0.0), 3.5, 1.5) == pytest.approx(3.5 * 20 / 1000)


def test_while_stable_does_what_it_never_did_its_present_rate_is_the_measure() -> None:
    assert furthest(Count(10, 1000), Count(36, 100), 1.5, 1.0) == pytest.approx(1.5 * 0.48)
    assert furthest(Count(10, 1000), Count(2, 100), 1.5, 1.0) == FLOOR


def test_a_fifth_bad_beside_a_stable_of_one_in_a_hundred_is_far_after_three_ticks_with_half_of_the_traffic() -> None:
    healthy = [(Count(0.5, 50), Count(0.5, 50))] * 10
    assert not is_far(after(healthy), RISK)
    assert is_far(after([*healthy, *[(Count(10, 50), Count(0.5, 50))] * 3]), RISK)


def test_what_hits_both_arms_alike_is_not_the_candidate_s_doing() -> None:
    healthy = [(Count(0, 50), Count(0, 50))] * 10
    assert not is_far(after([*healthy, *[(Count(15, 50), Count(15, 50))] * 30]), RISK)


def test_beyond_a_limit_that_nearly_all_may_reach_nothing_is_told() -> None:
    assert worth(after([(Count(50, 50), Count(45, 50))] * 20)) == worth(Far())


def test_a_tick_says_no_more_than_it_may() -> None:
    broken = [(Count(50, 50), Count(0, 50))]
    assert worth(after(broken, most=1.0)) < worth(after(broken)) / 3
    assert after(broken, most=1.0).lately == 1.0


def test_a_cluster_of_failures_says_less_where_they_come_in_clusters() -> None:
    pairs = [(Count(10, 50), Count(0, 50))]
    assert worth(after(pairs, dispersion=4.0)) < worth(after(pairs))


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.05])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_candidate_that_is_like_stable_is_never_far_from_it(rate: float, share: float) -> None:
    chance = random.Random(int(rate * 1000 + share * 100))
    for _ in range(20):
        own, others = round(100 * share), round(100 * (1 - share))
        pairs = [
            (
                Count(sum(chance.random() < rate for _ in range(own)), own),
                Count(sum(chance.random() < rate for _ in range(others)), others),
            )
            for _ in range(100)
        ]
        assert not any(is_far(after(pairs[:at], dispersion=1.0), RISK) for at in (1, 2, 3, 5, 10, 30, 100))


@pytest.mark.parametrize("limit", [FLOOR, 0.2, 0.7])
@pytest.mark.parametrize("times", [2.0, 4.0])
def test_a_stake_gains_nothing_in_the_mean_at_the_limit(limit: float, times: float) -> None:
    mean = sum(
        math.comb(20, bad) * limit**bad * (1 - limit) ** (20 - bad) * times**bad / (1 + limit * (times - 1)) ** 20
        for bad in range(21)
    )
    assert mean == pytest.approx(1.0)
