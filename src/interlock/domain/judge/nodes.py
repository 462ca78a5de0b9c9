# SPDX-License-Identifier: Apache-2.0
"""The ratios at which evidence is reckoned, and how belief is spread over them: what an honest candidate may be, what
a bad one may be.

1. A node is the logarithm of "so many times stable's rate". The nodes are fixed, so evidence can be added up tick by
   tick at each of them, and beliefs may differ from one bet to the next.
2. Near stable's rate they lie closer (0.04) than instances of one program differ, since there an honest candidate must
   not fall between two of them; far out, where only bad ones are, coarse ones lose next to nothing.
3. Both beliefs sum to 1, so a bet starts at 1.
"""

import math
from functools import lru_cache
from operator import mul
from typing import Final

_NEAR: Final = tuple(round(0.04 * at, 2) for at in range(-20, 21))
_FAR: Final = (0.9, 1.0, 1.15, 1.3, 1.5, 1.7, 1.95, 2.2, 2.5, 2.8, 3.1, 3.4, 4.2, 5.0)
NODES: Final = (*_NEAR, *_FAR)
"""From 0.45 times to 150 times stable's rate."""
WORSE: Final = _NEAR.index(0.0) + 1
"""The first node that is worse than stable."""
RAISED: Final = tuple(math.expm1(node) for node in NODES)
"""The ratio of each node, less 1."""
_WIDTHS: Final = (
    NODES[1] - NODES[0],
    *((after - before) / 2 for before, after in zip(NODES, NODES[2:], strict=False)),
    NODES[-1] - NODES[-2],
)
_CLEAR: Final = 1.5
"""How many spreads above the margin a bad candidate begins."""
_LEAST_STEP: Final = 0.04
_BROKEN: Final = 0.2
_PLAIN: Final = 2.2
"""Nine times stable's rate."""
_HALF: Final = 0.02
_LEAST_RISE: Final = 1e-12
_SMALLEST: Final = 0.02
"""A narrower belief than half of the distance between nodes could fall between them."""


@lru_cache(maxsize=256)
def honest(margin: float, spread: float) -> tuple[float, ...]:
    """What an honest candidate's rate may be: around the tolerated margin, as far as instances differ (normal)."""
    wide, margin = max(spread, _SMALLEST), min(margin, NODES[-1])
    return _shared([math.exp(-(((node - margin) / wide) ** 2) / 2) for node in NODES])


@lru_cache(maxsize=256)
def worse(margin: float, spread: float) -> tuple[float, ...]:
    """What a bad candidate's rate may be: clear of what an honest one's could be, mild defects likelier than wild.

    A part is on candidates that are plainly broken, alike on how badly: that is what must be seen within seconds. Where
    so much is tolerated that no node is clear of it, nothing counts as bad: the belief is that of `honest`.
    """
    lowest = begins(margin, spread)
    if lowest > NODES[-2]:
        return honest(margin, spread)
    fading = _shared([math.exp(lowest - node) if node >= lowest else 0.0 for node in NODES])
    plain = _shared([1.0 if node >= max(lowest, _PLAIN) else 0.0 for node in NODES])
    return tuple((1 - _BROKEN) * one + _BROKEN * other for one, other in zip(fading, plain, strict=True))


@lru_cache(maxsize=256)
def better(limit: float, spread: float) -> tuple[float, ...]:
    """What the rate of a candidate below a limit may be: about stable's own, and never at the limit."""
    wide = max(spread, 0.1)
    return _shared([math.exp(-((node / wide) ** 2) / 2) if node < limit else 0.0 for node in NODES])


@lru_cache(maxsize=8)
def anything(step: float = 1.0) -> tuple[float, ...]:
    """A belief that rules nothing out: for intervals. `step`: how quickly it fades (double exponential)."""
    return _shared([math.exp(-abs(node) / step) for node in NODES])


def begins(margin: float, spread: float) -> float:
    """The logarithm of the ratio from which a candidate counts as bad."""
    return margin + max(_CLEAR * spread, _LEAST_STEP)


def odds(gains: tuple[float, ...], against: tuple[float, ...], due: tuple[float, ...]) -> float:
    """The logarithm of the mean of exp(gain) under one belief over that under another."""
    highest = max(gains)
    worths = [math.exp(gain - highest) for gain in gains]
    above, below = sum(map(mul, worths, against)), sum(map(mul, worths, due))
    if above > 0 and below > 0:
        return math.log(above / below)
    return mixed(gains, against) - mixed(gains, due)


def mixed(gains: tuple[float, ...], belief: tuple[float, ...]) -> float:
    """The logarithm of the mean of exp(gain) under a belief."""
    held = [(gain, share) for gain, share in zip(gains, belief, strict=True) if share]
    highest = max(gain for gain, _ in held)
    return highest + math.log(math.fsum([share * math.exp(gain - highest) for gain, share in held]))


def crossings(gains: tuple[float, ...], least: float) -> tuple[float, float]:
    """Where the gains, which rise to one summit and fall again, pass `least`, half a step of the nodes on the far side.

    Infinite on a side on which they never come below it.
    """
    summit = gains.index(max(gains))
    above = [at for at, gain in enumerate(gains) if gain >= least] or [summit]
    first, last = above[0], above[-1]
    low = -math.inf if first == 0 else _between(first - 1, first, gains, least) - _HALF
    high = math.inf if last == len(NODES) - 1 else _between(last + 1, last, gains, least) + _HALF
    return low, high


def _between(below: int, above: int, gains: tuple[float, ...], least: float) -> float:
    part = min(1.0, (least - gains[below]) / max(gains[above] - gains[below], _LEAST_RISE))
    return NODES[below] + part * (NODES[above] - NODES[below])


def _shared(heights: list[float]) -> tuple[float, ...]:
    masses = [height * width for height, width in zip(heights, _WIDTHS, strict=True)]
    total = math.fsum(masses)
    return tuple(mass / total for mass in masses)
