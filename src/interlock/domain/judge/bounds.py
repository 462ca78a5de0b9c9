# SPDX-License-Identifier: Apache-2.0
"""What a count of rollouts says of the chance behind it: exact binomial bounds, and means on the scale of ratios."""

import math
from collections.abc import Iterable
from typing import Final

CONFIDENCE: Final = 0.99
_STEPS: Final = 60


def upper(seen: int, runs: int, confidence: float = CONFIDENCE) -> float:
    """The largest chance under which so few or fewer were seen with a probability of 1 - confidence (one-sided)."""
    return _crossing(runs, seen, 1 - confidence) if seen < runs else 1.0


def lower(seen: int, runs: int, confidence: float = CONFIDENCE) -> float:
    """The smallest chance under which so many or more were seen with that probability."""
    return 1 - upper(runs - seen, runs, confidence)


def geometric(ratios: Iterable[float]) -> float:
    """The geometric mean: twice as fast and half as fast make as fast."""
    logs = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(logs) / len(logs))


def at_most(seen: int, runs: int, chance: float) -> float:
    """The probability that no more than so many of the runs come true."""
    if chance <= 0:
        return 1.0
    if chance >= 1:
        return float(seen >= runs)
    whole = math.lgamma(runs + 1)
    terms = (
        whole - math.lgamma(k + 1) - math.lgamma(runs - k + 1) + k * math.log(chance) + (runs - k) * math.log1p(-chance)
        for k in range(seen + 1)
    )
    return math.fsum(map(math.exp, terms))


def _crossing(runs: int, seen: int, probability: float) -> float:
    low, high = seen / runs, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(seen, runs, middle) > probability else (low, middle)
    return high
