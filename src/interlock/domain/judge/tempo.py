# SPDX-License-Identifier: Apache-2.0
"""How steady a service's times are, and how much longer a fresh instance's answers take, from its healthy past.

1. At each edge that latencies would be compared at, requests slower than it are bad ones: what is learnt of errors is
   learnt there. By how steeply stable's tail falls, it is turned into factors of time.
2. Of what the edges say the most is taken: then each of them is allowed what it was seen to need.
3. An edge that is exceeded far more seldom than others says more of chance than of the service, and is not asked.
4. What instances differ by for all of the past is their spread; what changes more slowly than within a minute wanders,
   and what is shorter is dispersion.
5. All edges see the same instances start, so of the warm-up they are asked together what it is at the most, each by
   how much it says; but none is allowed less than it shows on average: long answers may warm up by more than others.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge.noise import BLOCKS, ENOUGH, WANDERS, Noise, learn
from interlock.domain.judge.tails import USUAL, Slow, Tail, Tails, Tolerance, clearness, known, scout
from interlock.domain.judge.warming import Past, WarmUp, bounded, seen_warm_up, settled

_CLEAR: Final = 0.1
"""An edge that says less than this part of what the clearest one does is not asked."""
_STEADY: Final = 60.0
_LONG: Final = 480.0
"""Times of this length are asked as well how far an instance wanders: it may take some minutes."""
_FEWEST: Final = 2.0
"""Of such times at the least: the fewer a past has, the more of what an instance wanders is in its own middle."""


def learn_times(edges: tuple[int, ...], slower: Sequence[Past], every: float, usual: Tolerance = USUAL) -> Tolerance:
    """The tolerance, with `spread`, `wander`, `warm_up` and the dispersion of `noise` as the past shows them; `usual`
    where it cannot tell.

    `slower`: for each of the edges (microseconds) the requests that were slower, in ticks of `every` seconds.
    """
    chosen = list(_chosen(edges, slower, every, usual))
    clearest = max((one.clearness for one in chosen), default=0.0)
    clear = [one for one in chosen if one.clearness >= clearest * _CLEAR]
    warm_up = _warm_up(clear, every, usual.warm_up)
    telling = [one for one in clear if one.is_telling]
    if not telling:
        return replace(usual, warm_up=warm_up)
    spread = max(one.noise.spread / one.steepness for one in telling)
    dispersion = max(one.noise.short for one in telling)
    wander = max(one.wander(every) for one in telling)
    return replace(usual, warm_up=warm_up, spread=spread, wander=wander, noise=known(dispersion))


@dataclass(frozen=True, slots=True)
class _Told:
    """What the past says at one edge. `noise`: of its rate."""

    tail: Tail
    past: Past
    noise: Noise

    @property
    def steepness(self) -> float:
        return self.tail.terms.noise.steepness

    @property
    def slow(self) -> float:
        return math.fsum(one.bad for tick in self.past for one in tick)

    @property
    def clearness(self) -> float:
        """As of any edge, from all that was slow in the past."""
        return clearness(self.slow, self.steepness)

    @property
    def is_telling(self) -> bool:
        """Whether differences between instances can be told from chance there."""
        return bool(self.past) and len(self.past[0]) > 1 and self.slow >= ENOUGH * len(self.past[0])

    def wander(self, every: float) -> float:
        """The deviation of times that makes an instance's sums over minutes vary by so much more than chance."""
        there = sum(1 for tick in self.past for one in tick if one.all)
        slow = self.slow / there * WANDERS / every
        times = max(len(self.past) * every / _LONG, _FEWEST)
        unseen = times / (times - 1)
        return math.sqrt((self.noise.long - self.noise.short) * unseen / slow) / self.steepness

    def warm_up(self, every: float) -> WarmUp | None:
        learnt = learn(self.past, every, self.tail.terms.noise)
        return seen_warm_up(self.past, every, replace(learnt, steepness=self.steepness))


def _warm_up(clear: Sequence[_Told], every: float, usual: float) -> float:
    """Rule 5; what is usual if no edge tells."""
    told = [(one.clearness, seen) for one in clear if (seen := one.warm_up(every)) is not None]
    if not told:
        return usual
    whole = math.fsum(weight for weight, _ in told)
    most = math.fsum(weight * seen.most for weight, seen in told) / whole
    return bounded(max(most, *(seen.middle for _, seen in told)))


def _chosen(edges: tuple[int, ...], slower: Sequence[Past], every: float, usual: Tolerance) -> Iterator[_Told]:
    for tail in _scouted(edges, slower, usual).tails:
        if not tail.is_beyond:
            past = slower[edges.index(tail.beside)]
            calm = settled(past, every, usual.noise.settle)
            noise = learn(calm, every, tail.terms.noise, _STEADY, (*BLOCKS, _LONG))
            yield _Told(tail, past, noise)


def _scouted(edges: tuple[int, ...], slower: Sequence[Past], usual: Tolerance) -> Tails:
    if not slower:
        return Tails()
    told = tuple(math.fsum(one.bad for tick in past for one in tick) for past in slower)
    requests = math.fsum(one.all for tick in slower[0] for one in tick)
    return scout(Tails(), Slow(requests, told), edges, usual)
