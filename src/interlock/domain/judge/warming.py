# SPDX-License-Identifier: Apache-2.0
"""How much worse fresh instances of a service are, from those that were started in its past.

1. Fresh is who has its first request later than the past begins, and at least one interval later. It is held against
   those who are warm in the same interval, so what hit all of them is no warm-up.
2. An instance with `A` times the others' rate in its first moment has (A - 1) exp(-age / settle) times too many bad
   requests later on. Of each one that part is estimated; what nineteen in twenty stay below is what is learnt.
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

Past = Sequence[Sequence[Count]]
"""Per tick one count for each instance, always in the same order; `Count(0, 0)` where it had no request."""


@dataclass(frozen=True, slots=True)
class Start:
    """A fresh instance: bad requests it had, those it would have had were it warm, and those of a warm-up of 2."""

    bad: float
    due: float
    more: float


def began(past: Past, at: int) -> int:
    """The tick in which the instance at this place had its first request; `len(past)` if it never had one."""
    return next((number for number, tick in enumerate(past) if tick[at].all), len(past))


def starts(past: Past, every: float, settle: float = USUAL.settle) -> tuple[Start, ...]:
    """All there were. Ticks last `every` seconds."""
    begun = [began(past, at) for at in range(len(past[0]) if past else 0)]
    cold = math.ceil(_COLD * settle / every)
    found = []
    for at, first in enumerate(begun):
        ticks = range(first, min(first + cold, len(past))) if first else range(0)
        parts = [part for tick in ticks if (part := _part(past[tick], at, _warm(begun, tick, cold)))]
        if parts:
            left = [math.exp(-(age + 0.5) * every / settle) for age in range(len(parts))]
            more = math.fsum(due * one for (_, due), one in zip(parts, left, strict=True))
            found.append(Start(math.fsum(bad for bad, _ in parts), math.fsum(due for _, due in parts), more))
    return tuple(found)


def learn_warm_up(past: Past, every: float, noise: Noise = USUAL) -> float:
    """How many times the others' rate an instance may have in its first moment; `noise.warm_up` if nobody can tell."""
    told = [one for one in starts(past, every, noise.settle) if one.more >= 1]
    if len(told) < LEAST or sum(one.bad for one in told) < ENOUGH * LEAST:
        return noise.warm_up
    whole = math.fsum(one.more for one in told)
    middle = math.fsum(one.bad - one.due for one in told) / whole
    dispersion = max(noise.short, noise.long)
    parts = [(one.bad - one.due) / one.more for one in told]
    chance = [dispersion * max(one.bad, one.due) / one.more**2 for one in told]
    found = math.fsum((part - middle) ** 2 for part in parts) / (len(parts) - 1)
    between = max(0.0, found - math.fsum(chance) / len(chance))
    unsure = (between + math.fsum(chance) / len(chance)) / len(parts)
    most = 1 + middle + _NINETEEN_IN_TWENTY * (math.sqrt(between) + math.sqrt(unsure))
    return min(max(most, LEAST_WARM_UP), MOST_WARM_UP)


def _warm(begun: list[int], tick: int, cold: int) -> list[int]:
    return [at for at, first in enumerate(begun) if not first or first + cold <= tick]


def _part(tick: Sequence[Count], at: int, warm: list[int]) -> tuple[float, float] | None:
    """Bad requests of the instance at this place, and how many the warm ones would have had of as many."""
    others = [tick[one] for one in warm if one != at]
    requests = math.fsum(one.all for one in others)
    if not requests or not tick[at].all:
        return None
    return tick[at].bad, tick[at].all * math.fsum(one.bad for one in others) / requests
