# SPDX-License-Identifier: Apache-2.0
"""How much must be seen until silence about defects means anything: parts, of which 1 is enough.

1. So many requests, and so many of both arms side by side that a candidate which answers one in five badly would have
   been found out.
2. Where a plan says so (`Plan.noticed`): so many that a candidate so many times as bad as stable in its better times
   would surely be held by now; or one in a hundred of whose answers is bad where that is more, and one that is clear of
   what is tolerated and of what instances differ by. What was seen during an incident of both tells nothing of it.
"""

import math
from collections.abc import Iterable
from typing import Final

from interlock.domain.judge.contest import Contest, Terms, doubt_at
from interlock.domain.judge.nodes import begins
from interlock.domain.judge.noise import Count
from interlock.domain.judge.outage import Outage
from interlock.domain.judge.plan import Plan

LEAST_REQUESTS: Final = 100
_ONE_IN: Final = 5
_SPREAD: Final = 2.5
"""The logarithm of what evidence loses by being spread over metrics, alternatives and onsets."""
_SURELY: Final = 2.0
"""How many times what it takes to be held a defect has shown, on average, when hardly any goes unnoticed."""
PLAIN: Final = 0.01
"""A rate of bad requests that is noticed even where it is many times as much as usual."""
_CLEAR: Final = 1.25
"""How many times what honest candidates may do, at the least, one does that is told from them."""
_UNSEEN: Final = 0.5

Told = Iterable[tuple[Contest, Terms, Outage]]
"""What is counted, what is allowed of it, and what it was in better times."""


def sight_of(stable: float, candidate: float) -> float:
    """The evidence there would be had all of so many requests of the candidate been bad, as a logarithm."""
    return candidate * math.log1p(stable / candidate)


def parts_seen(requests: float, sight: float, told: Told, plan: Plan) -> tuple[float, ...]:
    """The parts. `requests`, `sight`: of the candidate, beside stable."""
    parts = requests / LEAST_REQUESTS, sight / (_ONE_IN * (_SPREAD - math.log(plan.risk)))
    if not plan.noticed:
        return parts
    least = _SURELY * math.log(plan.hold_at)
    return (*parts, *(_shown(*one, plan.noticed) / least for one in told))


def more_needed(requests: float, parts: tuple[float, ...]) -> int:
    """About how many more requests of the candidate it takes, at the present split; 0 where enough was seen."""
    least = min(parts)
    if least >= 1:
        return 0
    return max(1, math.ceil(requests / least - requests)) if least > 0 else LEAST_REQUESTS


def times_noticed(contest: Contest, terms: Terms, wanted: float) -> float:
    """How many times as bad as stable a candidate must be to be told from honest ones: as wanted, if that is enough."""
    return max(wanted, _CLEAR * math.exp(begins(terms.margin, contest.spread)))


def _shown(contest: Contest, terms: Terms, outage: Outage, wanted: float) -> float:
    """What speaks against a candidate so many times as bad by now, on average, as a logarithm.

    One all of whose answers are bad is always as bad as that.
    """
    requests = outage.beside.all
    if not requests or not outage.usual.all:
        return 0.0
    usual = (outage.usual.bad + _UNSEEN) / (outage.usual.all + 1)
    worse = min(1.0, max(times_noticed(contest, terms, wanted) * usual, PLAIN))
    stable = Count(usual * outage.usual.all, outage.usual.all)
    shown = doubt_at(contest, Count(worse * requests, requests), stable, terms)
    return shown if worse < 1 else _SURELY * shown
