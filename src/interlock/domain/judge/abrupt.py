# SPDX-License-Identifier: Apache-2.0
"""Money on a candidate that suddenly breaks: by far worse than any honest one, from any tick on.

The lanes of a contest lay a new bet now and then, and what a candidate that was well for minutes has lost them must be
won back first. Here money is laid after every tick; in turn nothing is asked but whether the candidate is many times
worse than the worst of what is honest.

1. A stake on "t times worse than `beyond`" gains `x ln t - m ln(1 + fair (t - 1))` for x of m bad requests, where
   `fair` is the candidate's part of them at exactly `beyond` times stable's rate. The mean of its exponential is at
   most 1 for whoever stays below that.
2. Who is honest stays below `beyond` (two spreads above the margin, times the allowance for warm-up) in all but 2 % of
   rollouts, and comes near the lowest stake, 1.6 times that, in none to speak of.
"""

import math
from typing import Final

from interlock.domain.judge.noise import Pair
from interlock.domain.judge.stakes import Stakes, begin, gain, gain_and_lay, log_evidence, prior

TIMES: Final = (1.6, 2.5, 4.0, 8.0, 16.0, 40.0, 150.0)
PRIOR: Final = prior((2, 2, 2, 2, 2, 2, 4), (2, 2, 2, 2, 2, 2, 1))
"""While stable has no bad request at all only the far end tells quickly; later a stake there is soon lost."""
SPREADS: Final = 2.0
NOTHING: Final = begin(PRIOR)
_LOG_TIMES: Final = tuple(math.log(times) for times in TIMES)


def beyond(margin: float, spread: float, allowed: float) -> float:
    """How many times stable's rate an honest candidate does not exceed. `allowed`: by its warming up."""
    return math.exp(margin + SPREADS * spread) * allowed


def broken(stakes: Stakes, pair: Pair, least: float) -> Stakes:
    """After one more tick in which both arms had requests. `least`: as by `beyond`."""
    candidate, stable = pair.candidate, pair.stable
    both = candidate.bad + stable.bad
    if not both:
        return stakes
    fair = candidate.all * least / (candidate.all * least + stable.all)
    gains = [
        pair.told(candidate.bad * log - both * math.log1p(fair * (times - 1)))
        for times, log in zip(TIMES, _LOG_TIMES, strict=True)
    ]
    # Only a bad request of stable can lower a stake; where there is none older money is worth more than new.
    return gain_and_lay(stakes, gains, PRIOR) if stable.bad else gain(stakes, gains)


def worth(stakes: Stakes) -> float:
    """The logarithm of what all of it is worth; that of 1 at first."""
    return log_evidence(stakes, PRIOR)
