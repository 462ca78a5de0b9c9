# SPDX-License-Identifier: Apache-2.0
"""The candidate's bad requests against an absolute cap: the only judge where stable has no traffic.

A stake on the rate `theta` > cap gains `x ln(theta / cap) - (theta - cap) n` for x bad of n requests. The mean of its
exponential is at most exp(n (cap (theta / cap - 1) - (theta - cap))) = 1 at the cap, and less below it.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from interlock.domain.judge.noise import Count
from interlock.domain.judge.stakes import Stakes, begin, gain_and_lay, log_evidence, prior

_LOWEST: Final = 1e-6
"""A cap of zero is tested as one in a million: the fourth bad request breaches it at the default budget."""
_TIMES: Final = (1.5, 2.0, 4.0, 8.0)
_PRIOR: Final = prior((1, 1, 1, 1), (1, 1, 1, 1))


@dataclass(frozen=True, slots=True)
class Ceiling:
    """All that must be remembered of one cap, over every tick in which the candidate had requests."""

    stakes: Stakes = begin(_PRIOR)
    total: Count = Count(0, 0)
    log_evidence: float = 0.0


def press(ceiling: Ceiling, candidate: Count, cap: Fraction) -> Ceiling:
    """The evidence for "above the cap" after one more tick in which the candidate had requests."""
    limit = max(float(cap), _LOWEST)
    rates = [min(1.0, times * limit) for times in _TIMES]
    gains = [candidate.bad * math.log(rate / limit) - candidate.all * (rate - limit) for rate in rates]
    stakes = gain_and_lay(ceiling.stakes, gains, _PRIOR)
    total = Count(ceiling.total.bad + candidate.bad, ceiling.total.all + candidate.all)
    return Ceiling(stakes, total, log_evidence(stakes, _PRIOR))
