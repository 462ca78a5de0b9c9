# SPDX-License-Identifier: Apache-2.0
"""How many times as long as the others' a fresh instance's answers take, from a service's healthy past.

1. At each edge that latencies would be compared at, requests slower than it are bad ones: what is learnt of errors is
   learnt there. By how steeply stable's tail falls, it is turned into a factor of time.
2. Of what the edges say the most is taken: then each of them is allowed what it was seen to need.
3. An edge that is exceeded far more seldom than others says more of chance than of the service, and is not asked.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from interlock.domain.judge.noise import learn
from interlock.domain.judge.tails import USUAL, Slow, Tail, Tails, Tolerance, scout
from interlock.domain.judge.warming import Past, learn_warm_up

_UNTOLD: Final = 0.0
_CLEAR: Final = 0.25
"""An edge that says less than this part of what the clearest one does is not asked."""


def learn_warm_up_of_times(
    edges: tuple[int, ...], slower: Sequence[Past], every: float, usual: Tolerance = USUAL
) -> float:
    """The warm-up of times; that of `usual` if nobody can tell.

    `slower`: for each of the edges (microseconds) the requests that were slower, in ticks of `every` seconds.
    """
    chosen = [tail for tail in _scouted(edges, slower, usual).tails if not tail.is_beyond]
    pasts = [slower[edges.index(tail.beside)] for tail in chosen]
    clear = [_clearness(tail, past) for tail, past in zip(chosen, pasts, strict=True)]
    least = max(clear, default=0.0) * _CLEAR
    said = [
        _told(*one, every) for one, says in zip(zip(chosen, pasts, strict=True), clear, strict=True) if says >= least
    ]
    return max(said, default=_UNTOLD) or usual.warm_up


def _scouted(edges: tuple[int, ...], slower: Sequence[Past], usual: Tolerance) -> Tails:
    if not slower:
        return Tails()
    told = tuple(math.fsum(one.bad for tick in past for one in tick) for past in slower)
    requests = math.fsum(one.all for tick in slower[0] for one in tick)
    return scout(Tails(), Slow(requests, told), edges, usual)


def _clearness(tail: Tail, past: Past) -> float:
    """How much an edge says of times: its slow requests, by the square of how steeply they rise with time."""
    return math.fsum(one.bad for tick in past for one in tick) * tail.terms.noise.steepness**2


def _told(tail: Tail, past: Past, every: float) -> float:
    """By this edge alone."""
    learnt = learn(past, every, tail.terms.noise)
    return learn_warm_up(past, every, replace(learnt, warm_up=_UNTOLD, steepness=tail.terms.noise.steepness))
