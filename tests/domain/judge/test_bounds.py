# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.domain.judge.bounds import at_most, geometric, lower, upper


def test_no_alarm_in_three_hundred_is_at_most_about_one_and_a_half_in_a_hundred() -> None:
    assert upper(0, 300) == pytest.approx(1 - 0.01 ** (1 / 300), rel=1e-6)
    assert upper(5, 5) == 1.0
    assert lower(5, 5) == pytest.approx(0.01 ** (1 / 5))


def test_the_chance_of_no_more_is_sure_where_nothing_can_happen_and_where_all_must() -> None:
    assert (at_most(2, 5, 0.0), at_most(2, 5, 1.0), at_most(5, 5, 1.0)) == (1.0, 0.0, 1.0)
    assert at_most(1, 2, 0.5) == pytest.approx(0.75)


def test_twice_and_half_as_fast_make_as_fast() -> None:
    assert geometric([2.0, 0.5]) == pytest.approx(1.0)
