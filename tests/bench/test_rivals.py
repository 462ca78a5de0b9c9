# SPDX-License-Identifier: Apache-2.0
import random
from collections.abc import Sequence

import numpy as np
import pytest
from bench.judge.kayenta import Class, classify, score, shift, strength
from bench.judge.rivals import Argo, Burn, Flagger, Kayenta, Rival, Sequence95
from bench.judge.traces import Side, Trace

from interlock.domain.judge.kayenta import Sampled, label

NEVER = np.inf
KAYENTA_QUANTILE = 2.3263478740408408


def _side(requests: Sequence[float], bad: Sequence[float]) -> Side:
    return Side(np.array(requests, dtype=np.float64)[:, None], np.array(bad, dtype=np.float64)[:, None, None])


def _trace(bad: Sequence[float], requests: Sequence[float] = (), stable: Sequence[float] = ()) -> Trace:
    """One rollout by the minute: the candidate's bad requests, of 1,000 each unless told otherwise."""
    served = tuple(requests) or (1000.0,) * len(bad)
    beside = tuple(stable) or (0.0,) * len(bad)
    exposed = np.cumsum(np.array(served, dtype=np.float64))[:, None]
    return Trace(60, _side((1000.0,) * len(bad), beside), _side(served, bad), exposed)


def _alarm(rival: Rival, trace: Trace, knob: float) -> float:
    return float(rival.alarms(trace, 1.0, (knob,))[0, 0])


def test_argo_aborts_at_the_measurement_that_exceeds_the_failure_limit() -> None:
    assert _alarm(Argo(60, 3), _trace([20, 0, 20, 0, 20, 0, 20, 0]), 0.01) == 7 * 60


def test_argo_forgives_as_many_failures_as_the_limit() -> None:
    assert _alarm(Argo(60, 3), _trace([20, 0, 20, 0, 20, 0, 0, 0]), 0.01) == NEVER


def test_argo_without_a_limit_aborts_at_the_first_failure() -> None:
    assert _alarm(Argo(60, 0), _trace([0, 20, 0]), 0.01) == 120


def test_argo_takes_a_level_that_is_just_kept_for_a_success() -> None:
    assert _alarm(Argo(60, 0), _trace([10, 10]), 0.01) == NEVER


def test_argo_counts_a_measurement_without_traffic_as_failed() -> None:
    assert _alarm(Argo(60, 0), _trace([0, 0], requests=[1000, 0]), 0.01) == 120


def test_argo_measures_over_its_whole_interval() -> None:
    assert _alarm(Argo(300, 0), _trace([40, 0, 0, 0, 0, 60, 0, 0, 0, 0]), 0.01) == 600


def test_flagger_rolls_back_at_the_check_after_the_last_it_allows() -> None:
    assert _alarm(Flagger(2), _trace([20, 20, 0, 0]), 0.01) == 180


def test_flagger_never_forgives_a_failed_check() -> None:
    assert _alarm(Flagger(2), _trace([20, 0, 0, 20, 0, 0]), 0.01) == 5 * 60


def test_flagger_has_no_check_left_after_a_failure_at_the_very_end() -> None:
    assert _alarm(Flagger(1), _trace([0, 0, 20]), 0.01) == NEVER


def test_flagger_counts_a_check_without_a_value_as_failed() -> None:
    assert _alarm(Flagger(1), _trace([0, 0, 0], requests=[0, 1000, 1000]), 0.01) == 120


def test_a_burn_rate_needs_both_windows() -> None:
    early = [300, 0, 0, 0, 0, 0, 0, 0]
    assert _alarm(Burn(60, 5), _trace(early), 0.0144) == 60
    assert _alarm(Burn(60, 2), _trace([0, 0, 0, 0, *early]), 0.05) == 5 * 60
    assert _alarm(Burn(60, 2), _trace([0, 0, 0, 0, *early]), 0.08) == NEVER


def test_a_burn_rate_forgets_what_is_older_than_its_short_window() -> None:
    trace = _trace([30, 0, 0, 0, 0, 0, 0, 30])
    assert _alarm(Burn(8, 1), trace, 0.02) == 60
    assert _alarm(Burn(8, 1), _trace([0, 0, 0, 0, 0, 0, 0, 30]), 0.004) == NEVER


def test_the_ab_sequence_is_the_published_formula() -> None:
    """By hand: variance 5.74e-5, r 0.0015872, half-width 0.02367 of a difference of 0.04."""
    trace = _trace([50], stable=[10])
    assert _alarm(Sequence95(), trace, 2.6) == 60
    assert _alarm(Sequence95(), trace, 2.7) == NEVER


def test_kayentas_interval_is_read_from_the_ordered_differences() -> None:
    """By hand: sigma is the root of 39, so the ranks are 3 and 34 of 36 differences, which are 5, 6, 6, 7, ... 15."""
    canary, baseline = np.arange(11.0, 17.0)[None, :], np.arange(1.0, 7.0)[None, :]
    found = shift(canary, baseline)
    assert (found.lower[0], found.estimate[0], found.upper[0]) == (6, 10, 14)


def _statistic(canary: np.ndarray, baseline: np.ndarray, moved: float, correction: float) -> float:
    """The standardised rank sum of the canary moved back by so much: the definition, by counting pairs."""
    back = canary - moved
    wins = sum(float(one > other) + 0.5 * float(one == other) for one in back for other in baseline)
    many, size = len(canary) * len(baseline), len(canary) + len(baseline)
    together = np.concatenate([back, baseline])
    groups = [int((together == one).sum()) for one in np.unique(together)]
    ties = sum(group**3 - group for group in groups)
    sigma = np.sqrt(many / 12 * (size + 1 - ties / (size * (size - 1))))
    return float((wins - many / 2 - correction) / sigma)


@pytest.mark.parametrize("seed", range(8))
def test_kayentas_interval_is_where_the_rank_statistic_crosses_its_quantile(seed: int) -> None:
    chance = np.random.default_rng(seed)
    canary, baseline = chance.integers(2, 30, 12) / 8.0, chance.integers(0, 25, 15) / 8.0
    found = shift(canary[None, :], baseline[None, :])
    lower, upper = float(found.lower[0]), float(found.upper[0])
    assert _statistic(canary, baseline, lower - 0.01, 0.5) > KAYENTA_QUANTILE
    assert _statistic(canary, baseline, lower + 0.01, 0.5) <= KAYENTA_QUANTILE
    assert _statistic(canary, baseline, upper - 0.01, -0.5) > -KAYENTA_QUANTILE
    assert _statistic(canary, baseline, upper + 0.01, -0.5) <= -KAYENTA_QUANTILE


FIVE, TIMES_TEN = [1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0, 40.0, 50.0]


@pytest.mark.parametrize(
    ("canary", "baseline", "expected"),
    [
        # of five points each the interval is all there is: 5 to 49, and a quarter of the estimate 27 is 6.75
        (TIMES_TEN, FIVE, Class.PASS),
        (TIMES_TEN * 2, FIVE * 2, Class.HIGH),
        (FIVE * 2, TIMES_TEN * 2, Class.LOW),
        (FIVE, FIVE, Class.PASS),
        ([3.0] * 10, [3.0] * 10, Class.PASS),
        ([4.0] * 10, [3.0] * 10, Class.PASS),
        ([4.0], [3.0], Class.PASS),
        ([], FIVE, Class.NODATA),
        (FIVE, [], Class.NODATA),
    ],
    ids=["five points", "high", "low", "identical", "constant", "constants", "one point", "no canary", "no baseline"],
)
def test_kayenta_classifies(canary: list[float], baseline: list[float], expected: Class) -> None:
    assert classify(canary, baseline) is expected


def test_kayenta_wants_the_ratio_of_means_to_reach_the_allowed_increase() -> None:
    slightly = [point + 20.0 for point in FIVE * 2]
    large = [point + 17.0 for point in FIVE * 2]  # means 23 and 20: a ratio of 1.15
    assert classify(slightly, large, 1.14) is Class.HIGH
    assert classify(slightly, large, 1.16) is Class.PASS


def test_kayenta_asks_for_no_ratio_where_a_mean_is_zero() -> None:
    assert classify([1.0, 2.0] * 6, [0.0] * 12, 50.0) is Class.HIGH


def test_kayenta_leaves_out_points_that_are_none() -> None:
    canary = np.array([[*TIMES_TEN, np.nan, *TIMES_TEN]]).T
    baseline = np.array([[*FIVE, np.nan, *FIVE]]).T
    assert strength(canary, baseline)[0] == pytest.approx(10.0)


def test_kayenta_does_not_pass_a_critical_metric_without_data() -> None:
    trace = _trace([0.0] * 10, requests=[0.0] * 10)
    assert _alarm(Kayenta(10), trace, 1.0) == 600


def test_kayenta_judges_only_at_the_end_of_its_interval() -> None:
    trace = _trace([float(20 + minute % 3) for minute in range(20)], stable=[float(2 + m % 4) for m in range(20)])
    assert _alarm(Kayenta(10), trace, 1.0) == 600


def test_kayenta_hardly_sees_late_defects_in_the_whole_window_and_sees_them_when_it_looks_back_less() -> None:
    bad = [float(10 + minute % 4) for minute in range(25)] + [float(30 + minute % 4) for minute in range(15)]
    trace = _trace(bad, stable=[float(10 + (3 * minute) % 4) for minute in range(40)])
    assert _alarm(Kayenta(10), trace, 1.5) == NEVER
    assert _alarm(Kayenta(10, 10), trace, 1.5) == 40 * 60


def test_kayentas_score_weighs_groups_by_the_part_that_passed() -> None:
    metrics = {
        "errors": ("errors", Class.PASS),
        "p50": ("latency", Class.PASS),
        "p99": ("latency", Class.HIGH),
        "cpu": ("rest", Class.PASS),
    }
    assert score(metrics, {"errors": 50, "latency": 30}, frozenset()) == pytest.approx(50 + 15 + 20)


def test_a_critical_metric_that_fails_scores_nothing() -> None:
    metrics = {"errors": ("errors", Class.HIGH), "p50": ("latency", Class.PASS)}
    assert score(metrics, {}, frozenset({"errors"})) == 0
    assert score(metrics, {}, frozenset()) == 50


def test_half_of_all_metrics_without_data_score_nothing() -> None:
    metrics = {"errors": ("errors", Class.PASS), "p50": ("latency", Class.NODATA)}
    assert score(metrics, {}, frozenset()) == 0


def test_exposed_requests_are_those_until_the_alarm() -> None:
    trace = _trace([0, 0, 0, 0])
    assert trace.exposed_until(np.array([120.0]))[0] == 2000
    assert trace.exposed_until(np.array([NEVER]))[0] == 4000


def test_the_rule_for_many_rollouts_says_what_the_rule_for_one_says() -> None:
    """One solves for the interval, the other ranks differences: at its very edge, on a handful of points, they part."""
    draw, parted = random.Random(11), 0
    for _ in range(1000):
        ratio, noise, allowed = draw.choice((1, 1.3, 2, 0.5)), draw.choice((0.05, 0.3)), draw.choice((1.0, 1.2))
        baseline = [10 * draw.lognormvariate(0, noise) for _ in range(draw.randint(6, 15))]
        canary = [10 * ratio * draw.lognormvariate(0, noise) for _ in range(draw.randint(6, 15))]
        one = Sampled("m", "g", tuple(baseline), tuple(canary), allowed_increase=allowed, allowed_decrease=1 / allowed)
        parted += classify(canary, baseline, allowed).value != label(one).value
    assert parted <= 5
