# SPDX-License-Identifier: Apache-2.0
"""How much worse fresh instances of a service are, from those that were started in its past.

1. Fresh is who has its first request later than the past begins, and at least one interval later. It is held against
   those who are warm in the same interval, so what hit all of them is no warm-up.
2. An instance with `A` times the others' rate in its first moment has (A - 1) exp(-age / settle) times too many bad
   requests later on. Of each one `A` is estimated; what nineteen in twenty stay below is what is learnt. What instances
   differ by for their whole lives is allowed for elsewhere, and so no part of it.
3. Fewer starts than `LEAST`, or fewer bad requests than a spread can be told from: the generous default stays.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.noise import ENOUGH, USUAL, Count, Noise

LEAST: Final = 10
LEAST_WARM_UP: Final = 1.1
MOST_WARM_UP: Final = 20.0
_COLD: Final = 3.0
"""How many times `settle` an instance is taken for fresh: a twentieth of its warm-up is left then."""
_NINETEEN_IN_TWENTY: Final = 1.645
_CLOSE: Final = 1e-4

Past = Sequence[Sequence[Count]]
"""Per tick one count for each instance, always in the same order; `Count(0, 0)` where it had no request."""


@dataclass(frozen=True, slots=True)
class Start:
    """A fresh instance. `bad`: all its bad requests. Tick by tick: those it would have had were it warm, and what was
    left of its warm-up (1 at first).
    """

    bad: float
    due: tuple[float, ...]
    left: tuple[float, ...]

    def bad_by(self, warm_up: float, steepness: float) -> float:
        """The bad requests that this warm-up makes."""
        ticks = zip(self.due, self.left, strict=True)
        return math.fsum(due * (1 + (warm_up - 1) * left) ** steepness for due, left in ticks)

    def more_by(self, warm_up: float, steepness: float) -> float:
        """By how many they rise when it is longer by one time."""
        ticks = zip(self.due, self.left, strict=True)
        return steepness * math.fsum(due * left * (1 + (warm_up - 1) * left) ** (steepness - 1) for due, left in ticks)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How many times the others' rate an instance has at first: on average, and what nineteen in twenty stay below."""

    middle: float
    most: float


def began(past: Past, at: int) -> int:
    """The tick in which the instance at this place had its first request; `len(past)` if it never had one."""
    return next((number for number, tick in enumerate(past) if tick[at].all), len(past))


def settled(past: Past, every: float, settle: float = USUAL.settle) -> Past:
    """The past without what instances did while they were fresh."""
    begun = [began(past, at) for at in range(len(past[0]) if past else 0)]
    cold = math.ceil(_COLD * settle / every)
    return [
        [Count(0, 0) if first and tick < first + cold else one for one, first in zip(row, begun, strict=True)]
        for tick, row in enumerate(past)
    ]


def starts(past: Past, every: float, settle: float = USUAL.settle) -> tuple[Start, ...]:
    """All there were. Ticks last `every` seconds."""
    begun = [began(past, at) for at in range(len(past[0]) if past else 0)]
    cold = math.ceil(_COLD * settle / every)
    found = []
    for at, first in enumerate(begun):
        ticks = range(first, min(first + cold, len(past))) if first else range(0)
        parts = [part for tick in ticks if (part := _part(past[tick], at, _warm(begun, tick, cold)))]
        if parts:
            left = tuple(math.exp(-(age + 0.5) * every / settle) for age in range(len(parts)))
            found.append(Start(math.fsum(bad for bad, _ in parts), tuple(due for _, due in parts), left))
    return tuple(found)


def learn_warm_up(past: Past, every: float, noise: Noise = USUAL) -> float:
    """How many times the others' rate an instance may have in its first moment; `noise.warm_up` if nobody can tell."""
    seen = seen_warm_up(past, every, noise)
    return noise.warm_up if seen is None else bounded(seen.most)


def seen_warm_up(past: Past, every: float, noise: Noise) -> WarmUp | None:
    """What the past shows of it. Where `noise` is steep it is a factor of time, of which the rate is that power."""
    steep = noise.steepness
    told = [one for one in starts(past, every, noise.settle) if one.more_by(1.0, steep) >= 1]
    if len(told) < LEAST or sum(one.bad for one in told) < ENOUGH * LEAST:
        return None
    middle = _likeliest(told, steep)
    parts = [_likeliest([one], steep) for one in told]
    chance = [_chance(one, max(middle, 1.0), noise) for one in told]
    found = math.fsum((part - middle) ** 2 for part in parts) / (len(parts) - 1)
    between = max(0.0, found - math.fsum(chance) / len(chance))
    unsure = (between + math.fsum(chance) / len(chance)) / len(parts)
    return WarmUp(middle, middle + _NINETEEN_IN_TWENTY * (math.sqrt(between) + math.sqrt(unsure)))


def bounded(warm_up: float) -> float:
    """What is learnt of it: no past rules out a little, and beyond the most it is a mistake."""
    return min(max(warm_up, LEAST_WARM_UP), MOST_WARM_UP)


def _chance(one: Start, warm_up: float, noise: Noise) -> float:
    """By how much it would vary (squared) though all of them warmed up alike."""
    bad = max(one.bad, one.bad_by(1.0, noise.steepness))
    counted = max(noise.short, noise.long) * bad
    return (counted + (noise.spread * bad) ** 2) / one.more_by(warm_up, noise.steepness) ** 2


def _likeliest(told: Sequence[Start], steepness: float) -> float:
    """The warm-up that makes as many bad requests as these had; found by halving."""
    bad = math.fsum(one.bad for one in told)
    low, high = 0.0, MOST_WARM_UP
    while high - low > _CLOSE:
        middle = (low + high) / 2
        if math.fsum(one.bad_by(middle, steepness) for one in told) < bad:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _warm(begun: list[int], tick: int, cold: int) -> list[int]:
    return [at for at, first in enumerate(begun) if not first or first + cold <= tick]


def _part(tick: Sequence[Count], at: int, warm: list[int]) -> tuple[float, float] | None:
    """Bad requests of the instance at this place, and how many the warm ones would have had of as many."""
    others = [tick[one] for one in warm if one != at]
    requests = math.fsum(one.all for one in others)
    if not requests or not tick[at].all:
        return None
    return tick[at].bad, tick[at].all * math.fsum(one.bad for one in others) / requests
