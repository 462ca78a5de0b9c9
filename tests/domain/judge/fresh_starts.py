# SPDX-License-Identifier: Apache-2.0
"""A past in which instances were started one after another, each slower than it will be."""

import math
import random
from functools import cache
from typing import Final

from interlock.domain.judge.noise import Count
from interlock.domain.judge.replay import History
from interlock.domain.judge.warming import Past

EVERY: Final = 10.0
EDGES: Final = (50_000, 100_000, 200_000, 400_000, 10_000_000)
SLOPE: Final = 2.0
"""Of 2,000 requests a tick the part that is slower than an edge falls with its square; 30 ms is the least."""


@cache
def history(warm_up: float, fresh: int, ticks: int = 240, requests: int = 2000, wander: float = 0.0) -> History:
    """Four instances that were there from the beginning, and so many that were started one after another.

    The times of each `wander` (a deviation of their logarithm), anew every two minutes.
    """
    source = random.Random(3)
    begun = [0] * 4 + [10 + at * (ticks - 60) // max(fresh, 1) for at in range(fresh)]

    wandered = [[math.exp(source.gauss(0, wander)) for _ in range(ticks // 12 + 1)] for _ in begun] if wander else []

    def times(at: int, tick: int) -> float:
        cold = (warm_up - 1) * math.exp(-(tick - begun[at] + 0.5) * EVERY / 60) if begun[at] else 0.0
        return (1 + cold) * (wandered[at][tick // 12] if wandered else 1.0)

    def one(at: int, tick: int, edge: int) -> Count:
        if tick < begun[at]:
            return Count(0, 0)
        slow = requests * min(1.0, (30_000 * times(at, tick) / edge) ** SLOPE)
        return Count(min(max(round(source.gauss(slow, math.sqrt(slow))), 0), requests), requests)

    def past(edge: int) -> Past:
        return [[one(at, tick, edge) for at in range(len(begun))] for tick in range(ticks)]

    errors = [[Count(0, requests if tick >= since else 0) for since in begun] for tick in range(ticks)]
    return History(errors, EDGES, tuple(past(edge) for edge in EDGES))
