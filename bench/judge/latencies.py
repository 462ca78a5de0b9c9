# SPDX-License-Identifier: Apache-2.0
"""Latencies: a lognormal body and a Pareto tail, counted at the edges of a classic histogram.

A request takes a median of 80 ms (sigma 0.6); 1.5 of 100 take 400 ms or more (Pareto, alpha 1.5). A factor moves all of
it along the axis of time, so the part that is slower than an edge is that of the edge divided by the factor.
"""

import math
from typing import Final

import numpy as np
from bench.judge.scenes import Fault
from numpy.typing import NDArray

EDGES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: what client libraries count by unless they are told otherwise."""
_MEDIAN: Final = 0.08
_SIGMA: Final = 0.6
_TAIL: Final = 0.015
_TAIL_FROM: Final = 0.4
_ALPHA: Final = 1.5
_GRID: Final = np.linspace(-3.0, 3.0, 1201)


def exceeding(second: float, tail: float = 1.0) -> float:
    """The part of all requests that take longer. `tail`: times as many outliers as usual."""
    weight = _TAIL * tail
    body = 0.5 * math.erfc(math.log(second / _MEDIAN) / (_SIGMA * math.sqrt(2)))
    outlier = 1.0 if second <= _TAIL_FROM else (_TAIL_FROM / second) ** _ALPHA
    return (1 - weight) * body + weight * outlier


class Edges:
    """The chances of each bucket by the logarithm of the factor: of what is healthy, and of what is not."""

    def __init__(self, fault: Fault) -> None:
        self._healthy = _buckets(1.0)
        self._faulty = _buckets(fault.tail)
        self._slower = math.log(fault.slower)

    def chances(self, log_factor: NDArray[np.float64], *, faulty: bool) -> NDArray[np.float64]:
        """Of each bucket, in a last axis of its own: the fastest first."""
        moved = log_factor + (self._slower if faulty else 0.0)
        place = np.rint((moved - _GRID[0]) / (_GRID[1] - _GRID[0])).astype(np.int64)
        table = self._faulty if faulty else self._healthy
        chosen: NDArray[np.float64] = table[np.clip(place, 0, len(_GRID) - 1)]
        return chosen


def slower_than(
    edges: Edges,
    requests: NDArray[np.int64],
    log_factor: NDArray[np.float64],
    chance: np.random.Generator,
    *,
    faulty: bool,
) -> NDArray[np.int64]:
    """How many of these requests were slower than each edge."""
    buckets = chance.multinomial(requests, edges.chances(log_factor, faulty=faulty))
    slower: NDArray[np.int64] = requests[..., None] - np.cumsum(buckets, axis=-1)[..., :-1]
    return slower


def quantile(share: float, requests: NDArray[np.float64], slower: NDArray[np.float64]) -> NDArray[np.float64]:
    """The latency in seconds below which this share of requests was, as Prometheus reads it from a histogram.

    Within a bucket it is interpolated; beyond the last edge it is that edge; of no request it is NaN.
    """
    below = requests[..., None] - slower
    rank = share * requests
    place = (below < rank[..., None]).sum(axis=-1)
    upper = np.append(np.asarray(EDGES), EDGES[-1])
    lower = np.append(0.0, np.asarray(EDGES))
    inside = np.minimum(place, len(EDGES) - 1)
    before = np.where(inside > 0, np.take_along_axis(below, np.maximum(inside - 1, 0)[..., None], -1)[..., 0], 0.0)
    within = np.take_along_axis(below, inside[..., None], -1)[..., 0] - before
    part = np.divide(rank - before, within, out=np.zeros_like(rank), where=within > 0)
    value = np.where(place >= len(EDGES), EDGES[-1], lower[inside] + (upper[inside] - lower[inside]) * part)
    found: NDArray[np.float64] = np.where(requests > 0, value, np.nan)
    return found


def _buckets(tail: float) -> NDArray[np.float64]:
    slower = np.array([[exceeding(edge / math.exp(log), tail) for edge in EDGES] for log in _GRID])
    bounds = np.concatenate([np.ones((len(_GRID), 1)), slower, np.zeros((len(_GRID), 1))], axis=1)
    chances: NDArray[np.float64] = np.maximum(0.0, -np.diff(bounds, axis=1))
    scaled: NDArray[np.float64] = chances / chances.sum(axis=1, keepdims=True)
    return scaled
