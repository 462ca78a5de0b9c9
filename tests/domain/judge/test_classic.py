# SPDX-License-Identifier: Apache-2.0
import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.judge import kayenta
from interlock.domain.judge.classic import Classic, Relative, Tally, Threshold, Unanswered, measure, verdict
from interlock.domain.judge.kayenta import (
    Direction,
    Label,
    Missing,
    Outliers,
    Result,
    Sampled,
    label,
    score,
    shift_between,
)
from interlock.domain.judge.noise import Count
from interlock.domain.verdict import Verdict

FIVE_PERCENT = Classic(Threshold(0.05), allowed=1, wanted=2)
NOTHING = Count(0, 0)
CANARY = (0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46, 1.22, 1.75)
BASELINE = (1.15, 0.88, 0.90, 0.74, 1.21, 0.95, 1.02, 0.81, 1.1, 0.77, 0.93, 1.0)
STEADY = tuple(100.0 + at % 7 for at in range(60))
HIGHER = tuple(value + 20 for value in STEADY)
LOWER = tuple(value - 20 for value in STEADY)
HIGH = Sampled("latency", "latency", STEADY, HIGHER)
EVEN = Sampled("errors", "errors", STEADY, tuple(reversed(STEADY)))
ROUGH = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=6).map(tuple)


STABLE = Count(10, 1000)


def measured(classic: Classic, *candidates: Count, stable: Count = STABLE) -> Verdict:
    tally = Tally()
    for one in candidates:
        tally = measure(tally, stable, one, classic)
    return verdict(tally, classic)


GOOD, BAD = Count(1, 100), Count(6, 100)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([GOOD, GOOD], Verdict.PASS),
        ([GOOD, BAD], Verdict.PASS),
        ([BAD, BAD], Verdict.FAIL),
        ([BAD, GOOD, GOOD, BAD], Verdict.FAIL),
        ([GOOD], Verdict.INCONCLUSIVE),
        ([], Verdict.INCONCLUSIVE),
        ([GOOD, GOOD, NOTHING], Verdict.INCONCLUSIVE),
        ([GOOD, GOOD, Count(math.nan, 100)], Verdict.INCONCLUSIVE),
        ([GOOD, GOOD, Count(-1, 100)], Verdict.INCONCLUSIVE),
        ([GOOD, GOOD, Count(101, 100)], Verdict.INCONCLUSIVE),
    ],
    ids=str,
)
def test_a_limit_may_be_broken_so_often_and_no_oftener(candidates: list[Count], expected: Verdict) -> None:
    assert measured(FIVE_PERCENT, *candidates) is expected


def test_a_measurement_without_an_answer_is_a_failed_one_where_the_rule_says_so() -> None:
    strict = replace(FIVE_PERCENT, unanswered=Unanswered.FAILED)
    assert measured(strict, GOOD, GOOD, NOTHING, NOTHING) is Verdict.FAIL


def test_only_failed_measurements_are_no_pass_even_where_they_are_allowed() -> None:
    assert measured(replace(FIVE_PERCENT, allowed=5), BAD, BAD) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("candidate", "stable", "expected"),
    [
        (Count(2, 100), Count(10, 1000), Verdict.PASS),
        (Count(3, 100), Count(10, 1000), Verdict.FAIL),
        (Count(1, 100), Count(0, 1000), Verdict.FAIL),
        (Count(0, 100), Count(0, 1000), Verdict.PASS),
        (Count(0, 100), NOTHING, Verdict.INCONCLUSIVE),
        (NOTHING, Count(1, 1000), Verdict.INCONCLUSIVE),
    ],
    ids=str,
)
def test_a_ratio_is_asked_of_both_arms(candidate: Count, stable: Count, expected: Verdict) -> None:
    assert measured(Classic(Relative(2.0)), candidate, stable=stable) is expected


def test_the_shift_and_its_interval_are_those_of_the_rank_test() -> None:
    """The expected numbers solve the statistic of scipy's `mannwhitneyu` at 98 %."""
    assert shift_between(BASELINE, CANARY) == pytest.approx((-0.04, 0.43, 0.76), abs=1e-5)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (HIGH, Label.HIGH),
        (replace(HIGH, canary=LOWER), Label.LOW),
        (EVEN, Label.PASSED),
        (replace(HIGH, direction=Direction.INCREASE), Label.HIGH),
        (replace(HIGH, direction=Direction.DECREASE), Label.PASSED),
        (replace(HIGH, canary=LOWER, direction=Direction.INCREASE), Label.PASSED),
        (replace(HIGH, canary=LOWER, direction=Direction.DECREASE), Label.LOW),
        (replace(HIGH, allowed_increase=1.5), Label.PASSED),
        (replace(HIGH, canary=LOWER, allowed_decrease=0.5), Label.PASSED),
        (replace(HIGH, baseline=(0.0,) * 60), Label.HIGH),
        (replace(HIGH, canary=(), allowed_increase=1.5), Label.NO_VALUES),
        (replace(HIGH, baseline=(math.nan,)), Label.NO_VALUES),
        (replace(HIGH, baseline=(5.0,), canary=(5.0, 5.0)), Label.PASSED),
        (replace(HIGH, baseline=(math.nan,) * 60, missing=Missing.REPLACE), Label.HIGH),
        (Sampled("few", "few", BASELINE, CANARY), Label.PASSED),
        (Sampled("one", "one", (1.0,), (2.0,)), Label.HIGH),
    ],
    ids=str,
)
def test_a_metric_is_labelled_by_its_shift_and_its_effect(metric: Sampled, expected: Label) -> None:
    assert label(metric) is expected


def test_outliers_beyond_the_fences_are_removed_where_that_is_asked() -> None:
    wild = tuple(1.0 + 0.01 * (at % 9) for at in range(200))
    metric = Sampled("wild", "wild", wild, (*wild, 1e9), outliers=Outliers.REMOVE)
    assert label(metric) is Label.PASSED
    assert label(replace(metric, canary=(1e9,))) is label(replace(metric, canary=(1e9,), outliers=Outliers.KEEP))


def test_the_score_is_the_weighted_sum_of_groups() -> None:
    found = score([HIGH, EVEN], {"latency": 30.0, "errors": 70.0})
    assert found.points == pytest.approx(70.0)
    assert found.result is Result.FAIL
    assert found.labels == (("latency", Label.HIGH), ("errors", Label.PASSED))


def test_groups_without_a_weight_share_what_is_left() -> None:
    assert score([HIGH, EVEN], {"latency": 20.0}).points == pytest.approx(80.0)
    assert score([HIGH, EVEN], {"latency": 20.0}).result is Result.MARGINAL


def test_in_a_group_the_part_counts_that_passes() -> None:
    both = [replace(HIGH, group="all"), replace(EVEN, group="all")]
    assert score(both, {}).points == pytest.approx(50.0)


def test_a_metric_without_values_has_no_say_unless_it_must_have_some() -> None:
    empty = replace(EVEN, name="empty", canary=())
    assert score([EVEN, EVEN, empty], {}).points == 100.0
    assert score([EVEN, EVEN, replace(empty, must_have_values=True)], {}).points == pytest.approx(200 / 3)
    assert score([EVEN, EVEN, replace(empty, group="alone")], {"errors": 50.0}).points == 100.0


@pytest.mark.parametrize(
    "metrics",
    [
        [replace(HIGH, is_critical=True), *[EVEN] * 9],
        [replace(EVEN, canary=(), is_critical=True), *[EVEN] * 9],
        [EVEN, replace(EVEN, canary=())],
        [],
    ],
    ids=["critical", "critical without values", "half without values", "nothing"],
)
def test_some_things_make_the_score_nothing(metrics: list[Sampled]) -> None:
    assert score(metrics, {}).points == 0.0
    assert score(metrics, {}, passes_at=0.0, marginal_at=0.0).result is (Result.PASSED if metrics else Result.FAIL)


def test_groups_that_weigh_nothing_score_nothing() -> None:
    assert score([EVEN], {"errors": 0.0}).points == 0.0


def test_what_is_the_same_passes_with_all_points() -> None:
    assert score([EVEN], {}) == kayenta.Score(Result.PASSED, 100.0, (("errors", Label.PASSED),))


def test_samples_of_one_distribution_seldom_differ() -> None:
    source = random.Random(1)
    draws = [tuple(source.gauss(100, 5) for _ in range(30)) for _ in range(100)]
    labels = [label(Sampled("m", "g", one, other)) for one, other in zip(draws[::2], draws[1::2], strict=True)]
    assert labels.count(Label.PASSED) >= 45


@given(ROUGH, ROUGH, st.sampled_from(Missing), st.sampled_from(Outliers))
def test_no_values_whatever_raise(
    baseline: tuple[float, ...], canary: tuple[float, ...], missing: Missing, outliers: Outliers
) -> None:
    metric = Sampled("m", "g", baseline, canary, missing=missing, outliers=outliers)
    assert label(metric) in Label
