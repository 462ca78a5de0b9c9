# SPDX-License-Identifier: Apache-2.0
"""A candidate that does what the stable beside it never came near.

A comparison asks of a tick's bad requests whose they were. Where the arms are alike in size and a candidate may have
several times stable's rate because it warms up, most of them would be an honest one's too: next to nothing can be won
by that question, however bad it is. So it is held against a rate as well, one that no honest candidate comes near.

1. That rate is what an honest one does not exceed (`abrupt.beyond`) of what was seen of stable, and at least a floor:
   with so many bad requests nobody waits for more. While stable itself does more than that, what it does now counts.
2. A stake on "t times those odds" gains `(x ln t - n ln(1 + limit (t - 1))) / dispersion` for x bad of n requests: its
   mean is at most 1 up to the limit, and a cluster of failures is one accident.
3. Who is honest comes near the limit in 2 % of rollouts (`abrupt`), so `RARELY` times the budget is risked on it.
4. It is not enough by itself: what hits stable at the same time may be the cause. The comparison has to speak against
   the candidate too, without any allowance, over what was seen since it last did not.
"""

import math
from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.noise import Count, Pair
from interlock.domain.judge.stakes import Stakes, begin, gain_and_lay, log_evidence, prior

FLOOR: Final = 0.05
TIMES: Final = (2.0, 4.0)
PRIOR: Final = prior((1, 1), (1, 1))
BESIDE: Final = 10.0
"""The evidence by comparison from which what is beyond a limit is the candidate's own doing."""
BY_FAR: Final = 4.0
"""How many times worse than a warm honest candidate the comparison asks for."""
RARELY: Final = 5
MOST: Final = 0.95
"""A limit beyond which nothing is told by being above it."""
SURELY: Final = 2.0
UNSEEN: Final = 1.0
"""A bad request of stable that may just not have come yet."""


@dataclass(frozen=True, slots=True)
class Far:
    """`stakes`: money on rates beyond the limit. `lately`: the logarithm of what the comparison says, at least 0.

    `limit`: the part of its requests that might be bad at last.
    """

    stakes: Stakes = begin(PRIOR)
    lately: float = 0.0
    limit: float = FLOOR


def furthest(before: Count, stable: Count, times: float, dispersion: float) -> float:
    """The part of its requests that may be bad. `before`: of stable, in earlier ticks. `times`: as by `beyond`.

    In an incident of stable it is what stable may be doing then, by so few requests: at most two deviations more.
    """
    usual = (before.bad + stable.bad + UNSEEN) / (before.all + stable.all)
    due = stable.all * (before.bad + UNSEEN) / max(before.all, stable.all)
    present = stable.bad + SURELY * math.sqrt(dispersion * stable.bad)
    is_incident = stable.bad > due + math.sqrt(due) + UNSEEN
    return max(FLOOR, times * (max(usual, present / stable.all) if is_incident else usual))


def strayed(far: Far, pair: Pair, limit: float, least: float) -> Far:
    """After one more tick in which both had requests. `least`: what a warm honest one does not exceed of stable."""
    own, both = pair.candidate, pair.candidate.bad + pair.stable.bad
    fair = own.all * least / (own.all * least + pair.stable.all)
    said = own.bad * math.log(BY_FAR) - both * math.log1p(fair * (BY_FAR - 1))
    lately = max(0.0, far.lately + pair.told(said))
    if limit > MOST:
        return Far(far.stakes, lately, limit)
    gains = [own.bad * math.log(times) - own.all * math.log1p(limit * (times - 1)) for times in TIMES]
    return Far(gain_and_lay(far.stakes, map(pair.told, gains), PRIOR), lately, limit)


def worth(far: Far) -> float:
    """The logarithm of the evidence that it is beyond the limit."""
    return log_evidence(far.stakes, PRIOR)


def threshold(risk: float) -> float:
    """From where on that sends back. `risk`: the budget of the whole rollout."""
    return -math.log(min(1.0, RARELY * risk))


def is_far(far: Far, risk: float) -> bool:
    """Whether it goes back for it."""
    return far.lately >= math.log(BESIDE) and worth(far) >= threshold(risk)
