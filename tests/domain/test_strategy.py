# SPDX-License-Identifier: Apache-2.0
"""Strategies: the numbers that rollouts are judged by."""

import math

import pytest

from interlock.domain.judge.judging import plan_of
from interlock.domain.judge.plan import NO_CAP, Kind, Metric
from interlock.domain.judge.tails import BY_TIME
from interlock.domain.strategy import Analysis, Guard, Measure, Strategy


def metric(guard: Guard) -> Metric:
    return plan_of(Analysis((guard,))).metrics[0]


def test_what_is_tolerated_is_a_ratio_of_rates() -> None:
    assert metric(Guard("errors", Measure.ERRORS, tolerated=25)).terms.margin == pytest.approx(math.log(1.25))
    slow = metric(Guard("latency", Measure.LATENCY, tolerated=25))
    assert (slow.kind, slow.tolerance.exceeded) == (Kind.LATENCY, 0.25)


def test_of_latencies_it_may_be_a_longer_time() -> None:
    slow = metric(Guard("latency", Measure.LATENCY, longer=10)).tolerance
    assert (slow.longer, slow.exceeded) == (0.1, BY_TIME)


def test_a_cap_is_a_share_of_all_requests_and_none_is_all_of_them() -> None:
    assert metric(Guard("errors", Measure.ERRORS, cap=150)).cap == 0.015
    assert metric(Guard("errors", Measure.ERRORS)).cap == NO_CAP


def test_the_budget_of_a_rollout_is_one_percent_unless_it_says_another() -> None:
    assert (plan_of(Analysis()).risk, plan_of(Analysis(risk=500)).risk) == (0.01, 0.05)


def test_without_steps_nobody_is_invited_or_asked() -> None:
    assert Strategy().steps == ()
