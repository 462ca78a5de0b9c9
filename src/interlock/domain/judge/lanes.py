# SPDX-License-Identifier: Apache-2.0
"""Money laid on "worse" at several onsets over one row of gains.

1. A bet is worth the mean gain of bad candidates over that of honest ones, from its onset on. Money not laid is worth
   itself. For an honest candidate no part of it can be expected to rise.
2. Shares of money are fixed beforehand; so is what later onsets get, however many there will be.
3. At most six bets run at once. The oldest later one is taken back at its present worth: that, too, nobody can win by.
"""

import math
from dataclasses import dataclass, replace
from operator import add, sub
from typing import Final

from interlock.domain.judge.nodes import NODES, honest, odds, worse

CAUTIOUS_MONEY: Final = 0.36
WARM_MONEY: Final = 0.32
LATER_MONEY: Final = 0.2
ABRUPT_MONEY: Final = 0.12
MOST_BETS: Final = 6
NOTHING: Final = (0.0,) * len(NODES)
_LARGEST: Final = 700.0
"""The logarithm beyond which a number is no number any more."""


@dataclass(frozen=True, slots=True)
class Bet:
    """Money laid at one onset: the lane's gains then, and how far instances of that moment's number differ."""

    money: float
    spread: float
    since: tuple[float, ...] = NOTHING


@dataclass(frozen=True, slots=True)
class Lane:
    """Gains at each node since the beginning, the bets on them, and money that lies on nothing."""

    gains: tuple[float, ...] = NOTHING
    bets: tuple[Bet, ...] = ()
    idle: float = 0.0
    worth: float = -math.inf
    """The logarithm of all of the lane's money."""


def with_bet(lane: Lane, bet: Bet) -> Lane:
    return replace(lane, bets=(*lane.bets, bet), idle=lane.idle - bet.money)


def without_old(lane: Lane, margin: float) -> Lane:
    """The oldest later bet is taken back, at its present worth, when there are too many."""
    if len(lane.bets) <= MOST_BETS:
        return lane
    taken = math.exp(min(_worth(lane.bets[1], lane.gains, margin), _LARGEST))
    return replace(lane, bets=(lane.bets[0], *lane.bets[2:]), idle=lane.idle + taken)


def gained(lane: Lane, gains: list[float], margin: float) -> Lane:
    return weighed(Lane(tuple(map(add, lane.gains, gains)), lane.bets, lane.idle), margin)


def weighed(lane: Lane, margin: float) -> Lane:
    worths = [_worth(bet, lane.gains, margin) for bet in lane.bets]
    idle = math.log(lane.idle) if lane.idle > 0 else -math.inf
    highest = max(idle, *worths)
    total = math.fsum([math.exp(one - highest) for one in (idle, *worths)])
    return Lane(lane.gains, lane.bets, lane.idle, highest + math.log(total))


def _worth(bet: Bet, gains: tuple[float, ...], margin: float) -> float:
    """The logarithm of what a bet is worth: bad candidates' mean gain over that of honest ones."""
    ratio = odds(tuple(map(sub, gains, bet.since)), worse(margin, bet.spread), honest(margin, bet.spread))
    return math.log(bet.money) + ratio


def fresh_money(laid: int) -> float:
    """What is laid at the onset after so many later ones; all of them together get what is kept for them."""
    return LATER_MONEY / ((laid + 1) * (laid + 2))
