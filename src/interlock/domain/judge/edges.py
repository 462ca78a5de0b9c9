# SPDX-License-Identifier: Apache-2.0
"""At which edges latencies are compared: chosen once, from stable's requests alone, and only for the ticks to come.

The choice knows nothing of the candidate and nothing of the ticks it is used for, so it cannot favour a verdict.
"""

from collections.abc import Sequence
from typing import Final

MOST_EDGES: Final = 6
_OFTEN: Final = 0.6
_RARELY: Final = 0.002


def choose(edges: Sequence[int], slower: Sequence[float], requests: float) -> tuple[int, ...]:
    """At most six of the edges (ascending); none when nearly all requests are slower than any.

    `slower`: so many of stable's requests were slower than each. Those that between 0.2 % and 60 % exceed, evenly
    spread, and the first that fewer do: what stable never does is what a broken candidate shows soonest.
    """
    exceeded = tuple(zip(edges, slower, strict=True))
    common = [edge for edge, count in exceeded if requests * _RARELY <= count <= requests * _OFTEN]
    rare = seldom(edges, slower, requests)[:1]
    return (*_spread(common, MOST_EDGES - len(rare)), *rare)


def seldom(edges: Sequence[int], slower: Sequence[float], requests: float) -> tuple[int, ...]:
    """The edges (ascending) that hardly any of stable's requests exceed."""
    return tuple(edge for edge, count in zip(edges, slower, strict=True) if count < requests * _RARELY)


def _spread(edges: list[int], most: int) -> list[int]:
    if len(edges) <= most:
        return edges
    return [edges[at * (len(edges) - 1) // (most - 1)] for at in range(most)]
