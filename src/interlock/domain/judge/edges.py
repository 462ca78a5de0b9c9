# SPDX-License-Identifier: Apache-2.0
"""At which edges latencies are compared: chosen once, from stable's requests alone, and only for the ticks to come.

The choice knows nothing of the candidate and nothing of the ticks it is used for, so it cannot favour a verdict.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from interlock.domain.traffic import ArmCounters

MOST_EDGES: Final = 6
LEAST_SEEN: Final = 50
"""Requests of stable from which edges are chosen."""
_OFTEN: Final = Fraction(3, 5)
_RARELY: Final = Fraction(2, 1000)


@dataclass(frozen=True, slots=True)
class Scouting:
    """Stable's requests so far, and how many were slower than each edge."""

    edges: tuple[int, ...] = ()
    seen: ArmCounters = ArmCounters()


def scout(scouting: Scouting, stable: ArmCounters, edges: tuple[int, ...]) -> Scouting:
    """One more tick of stable. Other edges than before: start anew."""
    if len(stable.slower) != len(edges):
        return scouting
    old = scouting.seen if scouting.edges == edges else ArmCounters(slower=(0,) * len(edges))
    slower = tuple(was + now for was, now in zip(old.slower, stable.slower, strict=True))
    return Scouting(edges, ArmCounters(old.requests + stable.requests, 0, slower))


def choose(scouting: Scouting) -> tuple[int, ...]:
    """At most six edges, ascending; none while too little was seen, or when nearly all requests are slower than any.

    Those that between 0.2 % and 60 % of stable's requests exceed, evenly spread, and the first that fewer do: what
    stable never does is what a broken candidate shows soonest.
    """
    seen = scouting.seen.requests
    if seen < LEAST_SEEN:
        return ()
    exceeded = tuple(zip(scouting.edges, scouting.seen.slower, strict=True))
    common = [edge for edge, slower in exceeded if seen * _RARELY <= slower <= seen * _OFTEN]
    rare = [edge for edge, slower in exceeded if slower < seen * _RARELY][:1]
    return (*_spread(common, MOST_EDGES - len(rare)), *rare)


def _spread(edges: list[int], most: int) -> list[int]:
    if len(edges) <= most:
        return edges
    return [edges[at * (len(edges) - 1) // (most - 1)] for at in range(most)]
