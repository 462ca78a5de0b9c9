# SPDX-License-Identifier: Apache-2.0
"""A judge that scores metrics as Kayenta's default judge publishes it: for teams that come with its configuration.

1. A metric is two samples (one value a minute, say). It is HIGH or LOW when the 98 % interval of the shift between them
   (Mann and Whitney, by the normal statistic with corrections for ties and continuity) lies beyond a quarter of the
   estimated shift, and the ratio of means beyond what is allowed; else PASS.
2. A group scores the part of its metrics that pass; the total is the weighted sum of groups. Groups without a weight
   share what is left of 100.
3. A critical metric that does not pass, or half of the metrics without values, make the score 0.
4. It makes no promise over repeated looks, and what it calls PASS on few values is mostly blindness.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist, fmean, quantiles
from typing import Final

TOLERANCE: Final = 0.25
CONFIDENCE: Final = 0.98
_FENCE: Final = 3.0
_CLOSE: Final = 1e-6
_ROUNDS: Final = 60
_WHOLE: Final = 100.0
_HALF: Final = 0.5


class Label(StrEnum):
    """What became of a metric."""

    PASSED = "pass"
    HIGH = "high"
    LOW = "low"
    NO_VALUES = "nodata"
    """No values on either side."""


class Direction(StrEnum):
    """Which change is bad."""

    INCREASE = "increase"
    DECREASE = "decrease"
    EITHER = "either"


class Missing(StrEnum):
    """What becomes of values that are no numbers."""

    REMOVE = "remove"
    REPLACE = "replace"
    """By zero."""


class Outliers(StrEnum):
    KEEP = "keep"
    REMOVE = "remove"


class Result(StrEnum):
    """What the score amounts to."""

    PASSED = "pass"
    MARGINAL = "marginal"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Sampled:
    """One metric. `allowed_increase`, `allowed_decrease`: ratios of means up to which a change is no change."""

    name: str
    group: str
    baseline: tuple[float, ...]
    canary: tuple[float, ...]
    direction: Direction = Direction.EITHER
    missing: Missing = Missing.REMOVE
    outliers: Outliers = Outliers.KEEP
    allowed_increase: float = 1.0
    allowed_decrease: float = 1.0
    is_critical: bool = False
    must_have_values: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """`points`: of 100."""

    result: Result
    points: float
    labels: tuple[tuple[str, Label], ...]


def score(
    metrics: Sequence[Sampled], weights: Mapping[str, float], passes_at: float = 95.0, marginal_at: float = 75.0
) -> Score:
    """The verdict over all metrics. Without any, nothing passes."""
    labels = [label(metric) for metric in metrics]
    points = _points(metrics, labels, weights)
    named = tuple((metric.name, found) for metric, found in zip(metrics, labels, strict=True))
    if metrics and points >= passes_at:
        return Score(Result.PASSED, points, named)
    return Score(Result.MARGINAL if metrics and points >= marginal_at else Result.FAIL, points, named)


def label(metric: Sampled) -> Label:
    """What became of one metric."""
    baseline, canary = (_cleaned(values, metric) for values in (metric.baseline, metric.canary))
    if not baseline or not canary:
        return Label.NO_VALUES
    if sorted(baseline) == sorted(canary) or len({*baseline, *canary}) == 1:
        return Label.PASSED
    low, shift, high = shift_between(baseline, canary)
    bound, effect = TOLERANCE * abs(shift), _effect(baseline, canary)
    if metric.direction is not Direction.DECREASE and low > bound and _is_over(effect, metric.allowed_increase):
        return Label.HIGH
    if metric.direction is not Direction.INCREASE and high < -bound and _is_under(effect, metric.allowed_decrease):
        return Label.LOW
    return Label.PASSED


def shift_between(
    baseline: Sequence[float], canary: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """The interval and the estimate of how much canary lies above baseline: lowest, likeliest, highest."""
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    low = _solved(lambda shift: _statistic(baseline, canary, shift, _HALF) - quantile, baseline, canary)
    middle = _solved(lambda shift: _statistic(baseline, canary, shift, 0.0), baseline, canary)
    high = _solved(lambda shift: _statistic(baseline, canary, shift, _HALF) + quantile, baseline, canary)
    return low, middle, high


def _points(metrics: Sequence[Sampled], labels: Sequence[Label], weights: Mapping[str, float]) -> float:
    found = list(zip(metrics, labels, strict=True))
    if any(metric.is_critical and one is not Label.PASSED for metric, one in found):
        return 0.0
    if not found or 2 * labels.count(Label.NO_VALUES) >= len(labels):
        return 0.0
    groups = list(dict.fromkeys(metric.group for metric in metrics))
    shares = _shares(groups, weights)
    scores = {group: _group(group, found) for group in groups}
    judged = [group for group in groups if scores[group] >= 0]
    whole = math.fsum(shares[group] for group in judged)
    return math.fsum(scores[group] * shares[group] for group in judged) / whole if whole > 0 else 0.0


def _group(group: str, found: Sequence[tuple[Sampled, Label]]) -> float:
    """The part of the group's metrics that pass, in percent; -1 where none has a say."""
    has_say = [
        one
        for metric, one in found
        if metric.group == group and (one is not Label.NO_VALUES or metric.must_have_values)
    ]
    return _WHOLE * has_say.count(Label.PASSED) / len(has_say) if has_say else -1.0


def _shares(groups: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    given = {group: max(0.0, weights[group]) for group in groups if group in weights}
    left = max(0.0, _WHOLE - math.fsum(given.values()))
    others = [group for group in groups if group not in given]
    return {**given, **{group: left / len(others) for group in others}}


def _cleaned(values: Sequence[float], metric: Sampled) -> list[float]:
    if metric.missing is Missing.REPLACE:
        numbers = [value if math.isfinite(value) else 0.0 for value in values]
    else:
        numbers = [value for value in values if math.isfinite(value)]
    return _without_outliers(numbers) if metric.outliers is Outliers.REMOVE and len(numbers) > 1 else numbers


def _without_outliers(values: list[float]) -> list[float]:
    """Between the quartiles widened by three times their distance, and never less than the 1st to the 99th percent."""
    cuts = quantiles(values, n=100, method="inclusive")
    wide = _FENCE * (cuts[74] - cuts[24])
    low, high = min(cuts[24] - wide, cuts[0]), max(cuts[74] + wide, cuts[98])
    return [value for value in values if low <= value <= high]


def _effect(baseline: Sequence[float], canary: Sequence[float]) -> float:
    """The ratio of means; not a number when one of them is zero, and then not asked for."""
    below, above = fmean(baseline), fmean(canary)
    return above / below if below and above else math.nan


def _is_over(effect: float, allowed: float) -> bool:
    return math.isnan(effect) or effect >= allowed


def _is_under(effect: float, allowed: float) -> bool:
    return math.isnan(effect) or effect <= allowed


def _statistic(baseline: Sequence[float], canary: Sequence[float], shift: float, correction: float) -> float:
    """How many standard deviations canary, moved down by `shift`, ranks above baseline."""
    moved = [value - shift for value in canary]
    ranks, ties = _ranked((*moved, *baseline))
    first, second = len(moved), len(baseline)
    total = first + second
    excess = math.fsum(ranks[:first]) - first * (first + 1) / 2 - first * second / 2
    variance = first * second / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 0.0
    return (excess - math.copysign(correction, excess) * (excess != 0)) / math.sqrt(variance)


def _ranked(values: Sequence[float]) -> tuple[list[float], float]:
    """Ranks, ties shared, and the sum of t^3 - t over ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, ties, at = [0.0] * len(values), 0.0, 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for place in order[at : end + 1]:
            ranks[place] = (at + end) / 2 + 1
        size = end - at + 1
        ties += size**3 - size
        at = end + 1
    return ranks, ties


def _solved(function: Callable[[float], float], baseline: Sequence[float], canary: Sequence[float]) -> float:
    """Where a falling function of the shift passes zero, between the smallest and the largest shift there can be."""
    low, high = min(canary) - max(baseline), max(canary) - min(baseline)
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    for _ in range(_ROUNDS):
        if high - low <= _CLOSE * max(abs(low), abs(high)):
            break
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2
