# SPDX-License-Identifier: Apache-2.0
"""Kayenta's judge, restated from its published behaviour, for many rollouts at once.

Canary and baseline are samples of points. With 98 % confidence the shift between them lies in [lower, upper], found by
inverting the Mann-Whitney statistic (normal limit, corrected for ties and continuity); the estimate is the
Hodges-Lehmann shift. HIGH: lower is above a quarter of the estimate's size, and the ratio of the means is at least the
allowed increase (that second condition falls away while a mean is zero). LOW is the mirror image. NODATA: a sample is
empty. Identical or constant samples pass. Its solver's tolerance is taken as zero: a metric may be scaled as one likes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from bench.judge.world import Numbers
from numpy.typing import NDArray

_QUANTILE: Final = 2.3263478740408408
"""Of the normal distribution, 99 %: the interval is two-sided."""
_TOLERANCE: Final = 0.25
_HALF: Final = 50.0


class Class(StrEnum):
    """What is said of one metric."""

    PASS = "pass"  # noqa: S105 - a word of the judge's
    HIGH = "high"
    LOW = "low"
    NODATA = "nodata"


@dataclass(frozen=True, slots=True)
class Shift:
    """Of each rollout: the interval of the shift, its estimate, and whether the samples speak at all."""

    lower: Numbers
    upper: Numbers
    estimate: Numbers
    defined: NDArray[np.bool_]


def shift(canary: Numbers, baseline: Numbers) -> Shift:
    """Of samples (rollout, point) without gaps. Not defined where both samples are constant, or one point each."""
    many, size = canary.shape[1] * baseline.shape[1], canary.shape[1] + baseline.shape[1]
    differences = np.sort((canary[:, :, None] - baseline[:, None, :]).reshape(len(canary), -1), axis=1)
    ties = _ties(canary) + _ties(baseline)
    sigma = np.sqrt(np.maximum(0.0, many / 12 * (size + 1 - ties / (size * (size - 1)))))
    low, high = many / 2 - 0.5 - _QUANTILE * sigma, many / 2 + 0.5 + _QUANTILE * sigma
    return Shift(
        _ranked(differences, np.ceil(low)),
        _ranked(differences, np.ceil(high)),
        np.asarray(np.median(differences, axis=1)),
        (sigma > 0) & (differences[:, 0] < differences[:, -1]),
    )


def strength(canary: Numbers, baseline: Numbers) -> Numbers:
    """Of each rollout the largest allowed increase at which it would be HIGH; minus infinity where it is at none.

    Points are (point, rollout), gaps are NaN. Without any canary or baseline point: infinity, as NODATA never passes.
    """
    found = np.full(canary.shape[1], np.inf)
    sorted_canary, sorted_baseline = np.sort(canary.T, axis=1), np.sort(baseline.T, axis=1)
    counts = np.stack([np.isfinite(canary).sum(axis=0), np.isfinite(baseline).sum(axis=0)], axis=1)
    for of_canary, of_baseline in np.unique(counts, axis=0):
        rows = (counts == (of_canary, of_baseline)).all(axis=1)
        if of_canary and of_baseline:
            found[rows] = _strength(sorted_canary[rows, :of_canary], sorted_baseline[rows, :of_baseline])
    return found


def classify(canary: Sequence[float], baseline: Sequence[float], allowed: float = 1.0) -> Class:
    """One metric of one rollout, either way worse."""
    if not canary or not baseline:
        return Class.NODATA
    of_canary, of_baseline = np.array([canary], dtype=np.float64), np.array([baseline], dtype=np.float64)
    if _strength(of_canary, of_baseline)[0] >= allowed:
        return Class.HIGH
    if _strength(-of_canary, -of_baseline, weaker=1 / allowed)[0] >= 1:
        return Class.LOW
    return Class.PASS


def score(metrics: Mapping[str, tuple[str, Class]], weights: Mapping[str, float], critical: frozenset[str]) -> float:
    """Of 100. `metrics`: each with its group. A critical metric that does not pass, or half of all without data: 0.

    A group's score is the part of its metrics that passed; groups without a weight share what is left of 100.
    """
    classes = [one for _, one in metrics.values()]
    failing = any(metrics[name][1] is not Class.PASS for name in critical if name in metrics)
    if failing or 100 * classes.count(Class.NODATA) >= _HALF * len(classes):
        return 0.0
    groups = {group for group, _ in metrics.values()}
    unweighted = groups - weights.keys()
    share = (100 - sum(weights.values())) / len(unweighted) if unweighted else 0.0
    total = 0.0
    for group in groups:
        known = [one for of, one in metrics.values() if of == group and one is not Class.NODATA]
        if known:
            total += weights.get(group, share) * known.count(Class.PASS) / len(known)
    return total


def _strength(canary: Numbers, baseline: Numbers, weaker: float = np.inf) -> Numbers:
    """As `strength`, of samples without gaps. Mirrored samples: HIGH of them is LOW; `weaker` bounds their ratio."""
    found = shift(canary, baseline)
    of_canary, of_baseline = canary.mean(axis=1), baseline.mean(axis=1)
    both = (of_canary != 0) & (of_baseline != 0)
    ratio = np.divide(of_canary, of_baseline, out=np.full_like(of_canary, np.inf), where=both)
    if np.isfinite(weaker):
        ratio = np.where(~both | (ratio <= weaker), np.inf, -np.inf)
    speaks = found.defined & (found.lower > _TOLERANCE * np.abs(found.estimate))
    strengths: Numbers = np.where(speaks, ratio, -np.inf)
    return strengths


def _ties(sample: Numbers) -> Numbers:
    """The sum over groups of equal points of t^3 - t."""
    same = (sample[:, :, None] == sample[:, None, :]).sum(axis=2).astype(np.float64)
    ties: Numbers = (same**2 - 1).sum(axis=1)
    return ties


def _ranked(ascending: Numbers, rank: Numbers) -> Numbers:
    """The value of each row at a rank, counted from 1; at the ends the extreme one."""
    place = np.clip(rank, 1, ascending.shape[1]).astype(np.int64) - 1
    values: Numbers = np.take_along_axis(ascending, place[:, None], axis=1)[:, 0]
    return values
