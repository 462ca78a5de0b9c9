# SPDX-License-Identifier: Apache-2.0
"""How many bad requests both arms together have when nothing special happens.

An outage of something that both need adds as many to each, and so makes a candidate that is twice as bad look like
stable: what speaks in its favour is weighed by how ordinary a tick was. How many both had together says nothing of
whose they were, so the weight is fair to either.
"""

import math
from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.noise import Count

_DEVIATIONS: Final = 4.5
"""By chance, of failures that come singly: three of such as come in twos."""


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What was seen of both arms together, but for what was out of the ordinary."""

    bad: float = 0.0
    all: float = 0.0


def weight_of(seen: Ordinary, tick: Count) -> float:
    """How much of a tick of both arms counts: all, or the part that would have been ordinary."""
    return min(1.0, _most(seen, tick) / tick.bad) if tick.bad else 1.0


def seen_more(seen: Ordinary, tick: Count) -> Ordinary:
    """After one more tick of both arms."""
    return Ordinary(seen.bad + min(tick.bad, _most(seen, tick)), seen.all + tick.all)


def _most(seen: Ordinary, tick: Count) -> float:
    if not seen.all:
        return math.inf
    due = (seen.bad + 1) / seen.all * tick.all
    return due + _DEVIATIONS * math.sqrt(due) + 1
