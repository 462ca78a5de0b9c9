# SPDX-License-Identifier: Apache-2.0
"""How noisy a service is without being worse: what a judge must not take for a defect.

1. `short` and `long` are dispersions: how many times more than counted chance (Poisson) one instance's bad requests
   vary beside its fleet, within one tick and over minutes. Failures that come in clusters, retries, neighbours.
2. `spread` is the standard deviation of the logarithm of an instance's own rate, for its whole life; `wander` that of
   what comes and goes within minutes. Of the latter more is seen the more failures there are, so where there are many
   it is told by itself; where there are few, `long` holds it.
3. `warm_up` is how many times stable's rate an instance may have in its first moment; it fades with `settle`.
4. What nobody measured is assumed generously. What is measured comes from the fleet itself, instance against fleet in
   the same tick, so that nothing that hits all of them alike counts as noise.
5. While nobody measured how failures cluster, what comes within `LASTS` seconds may be one accident: it adds no more
   than `burst` allows, so that whoever is sent back did something more than once, or more of it than any accident
   brings. However calm stable was, so short a time does not rule accidents out: what is allowed grows as a logarithm.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

LARGEST: Final = 1e12
"""Requests of one tick beyond which a number is a mistake."""
MEASURED: Final = 1_000_000
"""Ticks that a measured dispersion stands for: what one rollout sees of stable does not move it."""
LEAST_SPREAD: Final = 0.05
_USUAL_SPREAD: Final = 0.15
ENOUGH: Final = 30
"""Bad requests per instance from which differences between instances can be told from chance."""
FEW: Final = 100
LEAST_OF_FEW: Final = 1.5
ACCIDENT: Final = 20.0
"""Failures that one accident is taken to bring at the utmost. What is beyond is more than one."""
LASTS: Final = 3.0
"""Seconds that one accident is taken to last."""
HOLDS: Final = 8.0
"""The logarithm of the evidence that a tick may add to a doubt, which no accident excuses: it holds, calm ends it."""
CALM: Final = 3.0
"""How many times `Noise.burst` an accident may add at first, however singly failures come."""
SELDOM: Final = 0.1
"""Accidents of a kind that stable did not have, in the time for one, that are borne."""
BORNE: Final = 4.8
"""`Noise.borne` where a past was looked at: dispersion tells of what comes often, and the seldomest is the largest."""
BORNE_OF_FEW: Final = 0.03
"""Of the ticks of instances that a past has, those in which something may have been too seldom to be seen."""
BLOCKS: Final = (60.0, 120.0, 240.0)
WANDERS: Final = 240.0
"""Seconds over which what wanders adds up."""
FIRST: Final = 60.0
"""Seconds of them from the first on: what had no time to come and go differs by no more than it does at once."""
_LOW_QUANTILE: Final = -0.8416
"""The normal quantile of 0.2: spreads are taken from the upper end of what the fleet allows."""


@dataclass(frozen=True, slots=True)
class Count:
    """Bad requests of all requests, of one arm or one instance in one tick."""

    bad: float
    all: float

    @property
    def is_usable(self) -> bool:
        """Whether it can be what somebody counted, of at least one request. What is not a number cannot."""
        return 1 <= self.all <= LARGEST and 0 <= self.bad <= self.all


@dataclass(frozen=True, slots=True)
class Pair:
    """One tick of both arms. `dispersion`: how many times more than by chance bad requests vary.

    `most`: the logarithm of the evidence that it may add as one accident, which brings at most `accident` failures.
    """

    candidate: Count
    stable: Count
    dispersion: float
    most: float
    accident: float = ACCIDENT

    def singly(self) -> "Pair":
        """The same, were it no accident."""
        return replace(self, most=max(HOLDS, self.most))

    def told(self, gain: float) -> float:
        """What is believed of a gain that is counted singly."""
        return min(gain / self.dispersion, max(self.most, gain / self.accident))


@dataclass(frozen=True, slots=True)
class Noise:
    """`ticks`: how many ticks of what is seen of stable weigh as much as `short`.

    `burst`: the logarithm of the evidence that one accident may add, where failures come in large clusters.
    `wander`: see the module; it is beside `long`, so where it is told `long` holds none of it.
    `borne`: the same where a past was looked at, whatever it showed of clusters. `accident`: failures that one brings
    at the utmost; infinite, where it may be all there is. `unseen`: how many times `short` counts in a candidate's
    favour, until stable has shown what it is.
    """

    short: float = 1.5
    long: float = 1.5
    ticks: float = 8
    spread: float = _USUAL_SPREAD
    wander: float = 0.0
    warm_up: float = 2.5
    settle: float = 60.0
    """Seconds in which what is left of the warm-up falls to a third (1/e)."""
    steepness: float = 1.0
    """The power by which a factor of `warm_up` changes a rate: 1 where it is a factor of the rate itself."""
    burst: float = 1.0
    borne: float = 0.0
    accident: float = ACCIDENT
    unseen: float = 2.0

    def most(self, dispersion: float, seen: float = 0.0, event: float = CALM) -> float:
        """The logarithm of the evidence that an accident may add. `seen`: how many of them stable had the time for.

        `event`: that of one failure, which is all that an accident is. The candidate's part may be so large that it is
        hardly any. The longer stable was seen, the seldomer is what its dispersion does not tell of.
        """
        singly = 1 / (1 - 1 / dispersion) if dispersion > 1 else math.inf
        unknown = max(min(CALM, singly) * min(1.0, event / CALM), math.log1p(seen * SELDOM))
        return max(self.burst * unknown, self.borne)


USUAL: Final = Noise()


def learn(
    history: Sequence[Sequence[Count]],
    every: float,
    usual: Noise = USUAL,
    steady: float = math.inf,
    blocks: Sequence[float] = BLOCKS,
) -> Noise:
    """The noise of a fleet over its past. `history`: per tick one count for each instance, always in the same order.

    Ticks last `every` seconds. What cannot be told from so little stays as it usually is. An instance is taken to be
    `steady` for so long (seconds; infinite: all the time), so what changes more slowly is no `short`; it is `long`, by
    how much more than chance sums over `blocks` (seconds) vary.
    """
    ticks = [tick for tick in history if len(tick) == len(history[0]) > 1 and all(map(_is_told, tick))]
    if not any(one.bad for tick in ticks for one in tick):
        return usual
    lasts = math.ceil(min(steady / every, len(ticks)))
    shares = _own_shares(ticks)
    total = sum(one.bad for tick in ticks for one in tick)
    least = LEAST_OF_FEW if total < FEW else 1.0
    short = max(least, _within(ticks, lasts) if 1 < lasts < len(ticks) else _dispersion(ticks, shares))
    lengths = {max(1, round(block / every)) for block in blocks}
    long = max([short, *(_dispersion(_blocks(ticks, length), shares) for length in lengths)])
    spread = _spread(ticks, long) if total >= ENOUGH * len(shares) else usual.spread
    borne = min(BORNE, math.log1p(BORNE_OF_FEW * len(ticks) * len(shares)))
    return Noise(short, long, MEASURED, spread, 0.0, usual.warm_up, usual.settle, borne=borne, unseen=1.0)


def envelope(noise: Noise, ages: Sequence[float]) -> float:
    """How many times stable's rate instances of these ages (seconds) may have on average; 1 for none."""
    if not ages:
        return 1.0
    left = sum(math.exp(-max(age, 0.0) / noise.settle) for age in ages) / len(ages)
    return float((1 + (noise.warm_up - 1) * left) ** noise.steepness)


def _is_told(count: Count) -> bool:
    """An instance that had no request is told of, too."""
    return count.is_usable or count == Count(0, 0)


def _own_shares(ticks: list[Sequence[Count]]) -> list[float]:
    """Each instance's rate as a multiple of the fleet's: differences that last are no dispersion."""
    return [(bad + 1) / (fair + 1) for bad, fair in zip(*_owned(ticks), strict=True)]


def _owned(ticks: Sequence[Sequence[Count]]) -> tuple[list[float], list[float]]:
    """Each instance's bad requests, and what it would have had of those of each tick by its requests.

    Who was not there all the time is held against what the others did meanwhile.
    """
    instances = range(len(ticks[0]))
    bad = [sum(tick[at].bad for tick in ticks) for at in instances]
    fair = [0.0] * len(bad)
    for tick in ticks:
        total, requests = sum(one.bad for one in tick), sum(one.all for one in tick)
        for at in instances:
            fair[at] += total * tick[at].all / requests if requests else 0.0
    return bad, fair


def _dispersion(ticks: Sequence[Sequence[Count]], shares: list[float]) -> float:
    """Squared deviations from each instance's share of the fleet's bad requests, in multiples of chance."""
    found, chance = _deviations(ticks, shares)
    return found / chance if chance else 1.0


def _within(ticks: list[Sequence[Count]], length: int) -> float:
    """The same within spans of so many ticks, from what each instance did in that span."""
    spans = [ticks[at : at + length] for at in range(0, len(ticks) - length + 1, length)]
    parts = [_deviations(span, _own_shares(span)) for span in spans]
    chance = math.fsum(one for _, one in parts) * (1 - 1 / length)
    return math.fsum(one for one, _ in parts) / chance if chance else 1.0


def _deviations(ticks: Sequence[Sequence[Count]], shares: list[float]) -> tuple[float, float]:
    """Squared deviations, and what they are by chance."""
    found = chance = 0.0
    for tick in ticks:
        weights = [one.all * share for one, share in zip(tick, shares, strict=True)]
        total, weight = sum(one.bad for one in tick), sum(weights)
        if not total or not weight:
            continue
        fair = [total * one / weight for one in weights]
        found += sum((one.bad - due) ** 2 for one, due in zip(tick, fair, strict=True))
        chance += sum(due * (1 - due / total) for due in fair)
    return found, chance


def _blocks(ticks: list[Sequence[Count]], length: int) -> list[tuple[Count, ...]]:
    return [
        tuple(
            Count(sum(one.bad for one in instance), sum(one.all for one in instance))
            for instance in zip(*ticks[at : at + length], strict=True)
        )
        for at in range(0, len(ticks) - length + 1, length)
    ]


def _spread(ticks: list[Sequence[Count]], dispersion: float) -> float:
    """The spread between instances, by moments, at the upper end of what so few of them allow."""
    told = [(bad, fair) for bad, fair in zip(*_owned(ticks), strict=True) if fair]
    free = len(told) - 1
    if free < 1:
        return _USUAL_SPREAD
    over = sum((bad - fair) ** 2 / fair for bad, fair in told) - dispersion * free
    due = sum(fair for _, fair in told) * free / len(told)
    return max(LEAST_SPREAD, math.sqrt(max(0.0, over) / due * free / chi_square(free)))


def chi_square(free: int) -> float:
    """The lower fifth of chi-square, by Wilson and Hilferty."""
    return float(free * (1 - 2 / (9 * free) + _LOW_QUANTILE * math.sqrt(2 / (9 * free))) ** 3)
