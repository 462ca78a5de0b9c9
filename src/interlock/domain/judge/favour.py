# SPDX-License-Identifier: Apache-2.0
"""What speaks for a candidate: all that it did, and what it did once it was warm.

Ticks count as far as they are ordinary (`ordinary`). Where instances were replaced within a step being young is no sign
of warming up, and all counts.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from interlock.domain.judge.lanes import NOTHING
from interlock.domain.judge.noise import Count
from interlock.domain.judge.ordinary import Ordinary, seen_more, weight_of


class Gained(NamedTuple):
    """What a tick adds at each node, of all instances and of warm ones, and how many times that counts."""

    whole: list[float]
    warm: list[float]
    times: float


NO_GAIN: Final = Gained([0.0] * len(NOTHING), [0.0] * len(NOTHING), 1.0)


@dataclass(frozen=True, slots=True)
class Favour:
    """`whole`, `settled`: gains at each node. `youngest`: the age of the youngest instance (seconds)."""

    whole: tuple[float, ...] = NOTHING
    settled: tuple[float, ...] = NOTHING
    ordinary: Ordinary = Ordinary()
    youngest: float = 0.0
    restarts: bool = False


def favoured(before: Favour, both: Count, gained: Gained, youngest: float, *, is_new: bool) -> Favour:
    """After one more tick of both arms. `is_new`: it is the first of a step, at which instances are added."""
    restarts = before.restarts or (not is_new and youngest < before.youngest)
    times = gained.times * weight_of(before.ordinary, both)
    return Favour(
        added(before.whole, gained.whole, times),
        added(before.settled, gained.whole if restarts else gained.warm, times),
        seen_more(before.ordinary, both),
        youngest,
        restarts,
    )


def added(known: tuple[float, ...], gains: list[float], times: float) -> tuple[float, ...]:
    """Gains at each node, and so many times these."""
    return tuple(one + gain * times for one, gain in zip(known, gains, strict=True))
