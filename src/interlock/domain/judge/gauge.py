# SPDX-License-Identifier: Apache-2.0
"""Levels (processor time, memory, depth of a queue) of candidate instances beside those of stable ones.

1. What is compared is the mean logarithm over instances at the same moment, so what moves all of them is no evidence.
2. How much that wanders comes from the stable instances, over moments and over minutes, whichever is more: levels
   remember, and sixty samples of one minute are not sixty samples.
3. An honest candidate is believed to lie around the margin as far as instances differ, a bad one beyond that.
4. Warm-up is allowed for as with counts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge.noise import Noise, envelope

LATEST: Final = 60
"""Samples of stable from which its wandering is taken."""
_BLOCKS: Final = (1, 6, 12, 30)
_CLEAR: Final = 1.5
_LEAST: Final = 1e-4
"""The variance below which no level is trusted to lie still."""
_PRIOR_VARIANCE: Final = 0.25
_PRIOR_SAMPLES: Final = 6
_FAR: Final = 25.0


@dataclass(frozen=True, slots=True)
class Ground:
    """`margin`: logarithm of the tolerated ratio. `zero`: added to each level, for those that may be nothing."""

    margin: float = math.log(1.05)
    noise: Noise = Noise(spread=0.1, warm_up=1.5)
    zero: float = 0.0


USUAL: Final = Ground()


@dataclass(frozen=True, slots=True)
class Stake:
    """Money on one onset, and the sums (weighted differences, weights) at that time."""

    money: float
    spread: float
    pulled: float = 0.0
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Gauge:
    """All that must be remembered of one level. `Gauge()` is the start.

    `apart`: the latest deviations of stable instances from their mean, one row a sample.
    """

    pulled: float = 0.0
    weight: float = 0.0
    stakes: tuple[Stake, ...] = ()
    idle: float = 1.0
    apart: tuple[tuple[float, ...], ...] = ()
    at: float = -math.inf
    step: int = -1
    laid: int = 0
    samples: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Levels:
    """One sample. `at`: seconds since the rollout began; `ages`: seconds since each candidate instance started."""

    at: float
    stable: tuple[float, ...]
    candidate: tuple[float, ...]
    step: int = 0
    ages: tuple[float, ...] = ()


def sample(gauge: Gauge, levels: Levels, ground: Ground = USUAL) -> Gauge:
    """After one more sample. What cannot be used, came twice or came late changes nothing but `ignored`."""
    if not _is_usable(levels, ground) or levels.at <= gauge.at:
        return replace(gauge, ignored=gauge.ignored + 1)
    stable = [math.log(one + ground.zero) for one in levels.stable]
    candidate = [math.log(one + ground.zero) for one in levels.candidate]
    allowed = math.log(envelope(ground.noise, levels.ages or (levels.at,)))
    mean = sum(stable) / len(stable)
    difference = sum(candidate) / len(candidate) - mean - allowed
    parts = 1 / len(candidate) + 1 / len(stable)
    before = _laid(gauge, levels, ground.noise.spread * math.sqrt(parts))
    variance = _wandering(gauge.apart) * parts
    return replace(
        before,
        pulled=before.pulled + difference / variance,
        weight=before.weight + 1 / variance,
        apart=(*gauge.apart, tuple(one - mean for one in stable))[-LATEST:],
        at=levels.at,
        samples=gauge.samples + 1,
    )


def level_evidence(gauge: Gauge, ground: Ground = USUAL) -> float:
    """The logarithm of the evidence that the candidate's level is higher than tolerated."""
    logs = [_worth(stake, gauge, ground.margin) for stake in gauge.stakes]
    if gauge.idle > 0:
        logs.append(math.log(gauge.idle))
    highest = max(logs)
    return highest + math.log(math.fsum([math.exp(log - highest) for log in logs]))


def level_interval(gauge: Gauge, miss: float = 0.05) -> tuple[float, float, float]:
    """Lowest, likeliest and highest ratio of the levels; valid at every look at once."""
    if not gauge.weight:
        return 0.0, 1.0, math.inf
    middle, seen = gauge.pulled / gauge.weight, gauge.weight
    half = math.sqrt((seen + 1) / seen**2 * (math.log((seen + 1) / miss**2)))
    low, likeliest, high = (math.exp(min(max(at, -_FAR), _FAR)) for at in (middle - half, middle, middle + half))
    return low, likeliest, high


def _is_usable(levels: Levels, ground: Ground) -> bool:
    values = (*levels.stable, *levels.candidate)
    if not levels.stable or not levels.candidate or not math.isfinite(levels.at):
        return False
    if not all(map(math.isfinite, (*values, *levels.ages))):
        return False
    return all(value + ground.zero > 0 for value in values)


def _laid(gauge: Gauge, levels: Levels, spread: float) -> Gauge:
    """Six tenths at the start, of the rest a part at each later step."""
    if not gauge.stakes:
        return replace(gauge, stakes=(Stake(0.6, spread),), idle=gauge.idle - 0.6, step=levels.step)
    if levels.step == gauge.step:
        return gauge
    money = 0.4 / ((gauge.laid + 1) * (gauge.laid + 2))
    stake = Stake(money, spread, gauge.pulled, gauge.weight)
    after = replace(gauge, stakes=(*gauge.stakes, stake), idle=gauge.idle - money)
    return replace(after, laid=gauge.laid + 1, step=levels.step)


def _wandering(apart: Sequence[tuple[float, ...]]) -> float:
    """The long-run variance of one instance's level per sample, around its own mean.

    Of few samples little is believed: what wanders slowly looks calm for a while.
    """
    latest = [row for row in apart if len(row) == len(apart[-1]) > 1]
    if len(latest) < _PRIOR_SAMPLES:
        return _PRIOR_VARIANCE
    columns = list(zip(*latest, strict=True))
    found = max(_block_variance(columns, length) for length in _BLOCKS if len(latest) >= 2 * length)
    return max((found * len(latest) + _PRIOR_VARIANCE * _PRIOR_SAMPLES) / (len(latest) + _PRIOR_SAMPLES), _LEAST)


def _block_variance(columns: Sequence[tuple[float, ...]], length: int) -> float:
    """The variance of block means over all instances, times the length of a block."""
    total, free = 0.0, 0
    for column in columns:
        means = [sum(column[at : at + length]) / length for at in range(0, len(column) - length + 1, length)]
        middle = sum(means) / len(means)
        total += sum((mean - middle) ** 2 for mean in means)
        free += len(means) - 1
    return length * total / free


def _worth(stake: Stake, gauge: Gauge, margin: float) -> float:
    """The logarithm of a stake's worth, in closed form: exponential belief in worse over normal belief in honest."""
    pulled, weight = gauge.pulled - stake.pulled, gauge.weight - stake.weight
    variance = max(stake.spread, _LEAST) ** 2
    if weight <= 0:
        return math.log(stake.money)
    lowest = margin + max(_CLEAR * stake.spread, 0.04)
    middle = (pulled - 1) / weight
    root = math.sqrt(weight)
    against = (
        lowest
        + (pulled - 1) ** 2 / (2 * weight)
        + _log_tail((lowest - middle) * root)
        + math.log(2 * math.pi / weight) / 2
    )
    precision = weight + 1 / variance
    due = ((pulled + margin / variance) ** 2 / precision - margin**2 / variance - math.log(precision * variance)) / 2
    return math.log(stake.money) + against - due


def _log_tail(at: float) -> float:
    """The logarithm of the chance that a normal number is above `at`."""
    if at < _FAR:
        return math.log(math.erfc(at / math.sqrt(2)) / 2)
    return -at * at / 2 - math.log(at * math.sqrt(2 * math.pi))
