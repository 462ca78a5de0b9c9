# SPDX-License-Identifier: Apache-2.0
"""Strategies: the numbers that rollouts are judged by."""

from fractions import Fraction

from interlock.domain.strategy import Analysis, Guard, Measure, Strategy


def test_what_is_tolerated_is_a_ratio_of_rates() -> None:
    assert Guard("errors", Measure.ERRORS, tolerated=25).worse_by == Fraction(5, 4)


def test_a_cap_is_a_share_of_all_requests_and_none_is_all_of_them() -> None:
    assert Guard("errors", Measure.ERRORS, cap=150).at_most == Fraction(3, 200)
    assert Guard("errors", Measure.ERRORS).at_most == 1


def test_the_budget_of_a_rollout_is_one_percent_unless_it_says_another() -> None:
    assert (Analysis().budget, Analysis(risk=500).budget) == (Fraction(1, 100), Fraction(1, 20))


def test_without_steps_nobody_is_invited_or_asked() -> None:
    assert Strategy().steps == ()
