# SPDX-License-Identifier: Apache-2.0
"""A candidate that somebody asks about once, who has no steps of ours to hold it in: what holds it then, besides.

1. An interval of which all lies where only bad candidates are told to be: whatever the odds are, nobody reads it and
   goes on. It is that of what was counted once it was warm, as soon as that is told apart; of times it is none before.
2. What it did in times in which nothing ailed stable: an incident of both says that they are alike, and no more.
3. The last tick, where by itself it speaks against the candidate as loudly as sends back: an accident may explain it,
   and then the next tick says so.
"""

import math
from collections.abc import Iterator

from interlock.domain.judge.contest import Contest, Terms, doubt_at, interval
from interlock.domain.judge.followed import Followed
from interlock.domain.judge.nodes import begins
from interlock.domain.judge.plan import Metric
from interlock.domain.judge.tails import Tails


def is_plainly_worse(one: Followed, metric: Metric) -> bool:
    """Rule 1, of any part of the metric."""
    return any(
        plainly(contest, terms, is_timed=isinstance(one.state, Tails)) for contest, terms in _counted(one, metric)
    )


def plainly(contest: Contest, terms: Terms, *, is_timed: bool) -> float:
    """How many times as bad as stable it is at the least, where that is rule 1; 0 where it is not."""
    is_warm = bool(contest.warm.bets)
    if is_timed and not is_warm:
        return 0.0
    low = interval(contest, noise=terms.noise, settled=is_warm)[0]
    return low if low > math.exp(begins(terms.margin, contest.spread)) else 0.0


def was_worse(one: Followed, metric: Metric, hold_at: float) -> bool:
    """Rule 2, of what is counted."""
    seen = one.outage
    if not isinstance(one.state, Contest) or not seen.usual.is_usable or not seen.beside.is_usable:
        return False
    return doubt_at(one.state, seen.beside, seen.usual, metric.terms) >= math.log(hold_at)


def loudness(one: Followed, metric: Metric) -> float:
    """What the last tick says against it by itself, as a logarithm; of latencies, at the slowest edge."""
    stable, candidate = one.latest
    told = tuple(_counted(one, metric))
    if not told or not stable.is_usable or not candidate.is_usable:
        return 0.0
    contest, terms = told[-1]
    return doubt_at(contest, candidate, stable, terms)


def is_loud(one: Followed, metric: Metric, risk: float) -> bool:
    """Rule 3."""
    return loudness(one, metric) >= -math.log(risk)


def _counted(one: Followed, metric: Metric) -> Iterator[tuple[Contest, Terms]]:
    match one.state:
        case Contest():
            yield one.state, metric.terms
        case Tails():
            yield from ((tail.contest, tail.terms) for tail in one.state.tails)
        case _:
            return
