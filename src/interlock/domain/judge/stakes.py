# SPDX-License-Identifier: Apache-2.0
"""Evidence as the money of a gambler who bets, on fair or unfavourable terms, that the candidate is worse.

1. A stake lies on one alternative ("so many times worse") and was laid at one onset ("since that tick"), chosen by
   what earlier ticks showed. It is worth 1 until its onset and is then multiplied each tick by a gain whose mean, given
   all earlier ticks, is at most 1 for an honest candidate. A mean of such stakes, with weights that are fixed
   beforehand and sum to 1, starts at 1 and can only be expected to fall; so (Ville's inequality) it ever reaches
   1/budget with a chance of at most the budget.
2. Half of the money is laid before the first tick. The rest is kept to be laid later, a part after each tick that may
   have cost something, so that a defect that wakes after a long healthy time meets fresh money.
3. Everything is a natural logarithm: a billion requests neither overflow nor vanish.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

HORIZON: Final = 200
"""Onsets after which half of the kept money has been laid. After k of them 1 / (1 + k / horizon) of it is left."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Logarithms of the money laid on each alternative before the first tick, and of that kept for later onsets.

    The two together sum to 1 over all alternatives.
    """

    first: tuple[float, ...]
    later: tuple[float, ...]
    kept: float


@dataclass(frozen=True, slots=True)
class Stakes:
    """Logarithms of the money that lies on each alternative, over all onsets so far; `onsets` counts the later ones."""

    laid: tuple[float, ...]
    onsets: int = 0


def prior(first: Sequence[float], later: Sequence[float]) -> Prior:
    """The prior with half of the money first and half later, each spread in proportion to the shares given."""
    before, after = math.fsum(first) * 2, math.fsum(later) * 2
    return Prior(
        tuple(math.log(share / before) for share in first),
        tuple(math.log(share / after) for share in later),
        math.log(0.5),
    )


def begin(chosen: Prior) -> Stakes:
    """What lies there before the first tick."""
    return Stakes(chosen.first)


def gain(stakes: Stakes, gains: Iterable[float]) -> Stakes:
    """After a tick whose gains (logarithms, one per alternative) cannot have cost anything."""
    return Stakes(tuple(lies + won for lies, won in zip(stakes.laid, gains, strict=True)), stakes.onsets)


def gain_and_lay(stakes: Stakes, gains: Iterable[float], chosen: Prior) -> Stakes:
    """After a tick that may have cost something: the next onset is laid, for the ticks to come.

    The k-th onset gets horizon / ((horizon + k - 1) (horizon + k)) of the kept money; these sum to all of it.
    """
    onsets = stakes.onsets + 1
    part = math.log(HORIZON / ((HORIZON + onsets - 1) * (HORIZON + onsets)))
    laid = []
    for lies, won, share in zip(stakes.laid, gains, chosen.later, strict=True):
        old, new = lies + won, share + part
        low, high = (old, new) if old < new else (new, old)
        laid.append(high + math.log1p(math.exp(low - high)))
    return Stakes(tuple(laid), onsets)


def log_evidence(stakes: Stakes, chosen: Prior) -> float:
    """The logarithm of all the money: what is laid, and what is still kept."""
    return log_sum((*stakes.laid, chosen.kept + math.log(HORIZON / (HORIZON + stakes.onsets))))


def log_sum(logs: Sequence[float]) -> float:
    """The logarithm of a sum of numbers given by their logarithms."""
    highest = max(logs)
    return highest + math.log(math.fsum([math.exp(log - highest) for log in logs]))
