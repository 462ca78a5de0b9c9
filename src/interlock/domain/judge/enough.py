# SPDX-License-Identifier: Apache-2.0
"""How much must be seen until silence about defects means anything: parts, of which 1 is enough.

1. So many requests, and so many of both arms side by side that a candidate which answers one in five badly would have
   been found out.
2. Where a plan says so (`Plan.noticed`): so many that a candidate so many times as bad as stable would surely be held
   by now, or one that answers one in a hundred badly where that is more.
"""

import math
from collections.abc import Iterable
from typing import Final

from interlock.domain.judge.contest import Contest
from interlock.domain.judge.noise import Count, Noise
from interlock.domain.judge.plan import Plan
from interlock.domain.judge.roughness import lasting

LEAST_REQUESTS: Final = 100
_ONE_IN: Final = 5
_SPREAD: Final = 2.5
"""The logarithm of what evidence loses by being spread over metrics, alternatives and onsets."""
_SURELY: Final = 2.0
"""How many times what it takes to be held a defect has shown, on average, when hardly any goes unnoticed."""
_PLAIN: Final = 0.01
_UNSEEN: Final = 0.5

Told = Iterable[tuple[Contest, Noise]]
"""What is counted, and how noisy it is."""


def sight_of(stable: float, candidate: float) -> float:
    """The evidence there would be had all of so many requests of the candidate been bad, as a logarithm."""
    return candidate * math.log1p(stable / candidate)


def parts_seen(requests: float, sight: float, told: Told, plan: Plan) -> tuple[float, ...]:
    """The parts. `requests`, `sight`: of the candidate, beside stable."""
    parts = requests / LEAST_REQUESTS, sight / (_ONE_IN * (_SPREAD - math.log(plan.risk)))
    if not plan.noticed:
        return parts
    least = _SURELY * (_SPREAD + math.log(plan.hold_at))
    return (*parts, *(_shown(contest, noise, plan.noticed) / least for contest, noise in told))


def more_needed(requests: float, parts: tuple[float, ...]) -> int:
    """About how many more requests of the candidate it takes, at the present split; 0 where enough was seen."""
    least = min(parts)
    if least >= 1:
        return 0
    return max(1, math.ceil(requests / least - requests)) if least > 0 else LEAST_REQUESTS


def _shown(contest: Contest, noise: Noise, times: float) -> float:
    """What a candidate so many times as bad would have shown by now, on average, as a logarithm."""
    own, stable = contest.candidate, contest.stable
    if not own.all or not stable.all:
        return 0.0
    usual = (stable.bad + _UNSEEN) / (stable.all + 1)
    worse = min(1.0, max(times * usual, _PLAIN))
    if worse <= usual:
        return math.inf
    return _gain(Count(worse * own.all, own.all), Count(usual * stable.all, stable.all)) / lasting(
        contest.roughness, noise
    )


def _gain(candidate: Count, stable: Count) -> float:
    """What so many bad requests say of so many times stable's rate."""
    times = candidate.bad / candidate.all * stable.all / stable.bad
    fair = candidate.all / (candidate.all + stable.all)
    return candidate.bad * math.log(times) - (candidate.bad + stable.bad) * math.log1p(fair * (times - 1))
