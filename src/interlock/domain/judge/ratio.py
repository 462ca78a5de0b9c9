# SPDX-License-Identifier: Apache-2.0
"""The candidate's bad requests against stable's *in the same tick*: how much more often than tolerated?

Of all bad requests of a tick the candidate's fair share, were it exactly as much worse as is tolerated, is
`fair = n_c r0 / (n_s + n_c r0)`. With x bad requests of the candidate and y of stable, a stake on "t times worse than
tolerated" gains `x ln t - (x + y) ln(1 + fair (t - 1))`.

1. The mean of exp(gain) is at most 1 whenever the candidate's rate is at most r0 times stable's, whatever stable's rate
   is and however it changed since the last tick: with ln(1 + u) <= u each arm's mean is at most
   exp(n p (factor - 1)), and the two exponents sum to 0 at the tolerated ratio, to less below it.
2. Ticks are never pooled, so drift, daily rhythm and incidents that hit both arms are no evidence.
3. A tick in which either arm had no request compares nothing.
"""

import math
from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.stakes import Stakes, begin, gain, gain_and_lay, log_evidence, prior

TIMES: Final = (1.05, 1.1, 1.2, 1.35, 1.6, 2.0, 2.5, 3.2, 4.2, 6.0, 9.0, 15.0, 30.0, 60.0, 150.0)
"""The alternatives, in multiples of the tolerated ratio."""

# Even over the alternatives, with an extra 0.4 at the far end first: a candidate that breaks at once is the common
# defect, and while stable has no bad request at all only the far end tells quickly. Later onsets bet less far: a stake
# at 150 is lost to the first bad request of stable.
PRIOR: Final = prior(
    (*(0.04,) * 14, 0.44),
    (*(0.03,) * 12, 0.24, 0.20, 0.20),
)
_LOG_TIMES: Final = tuple(math.log(times) for times in TIMES)
_EVEN: Final = 0.01
"""Evidence whose logarithm is below this speaks of nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """Bad requests of all requests of one arm."""

    requests: int
    bad: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Both arms over the ticks in which both had requests.

    `above` / `below` is how many times stable's rate the candidate's is, compared tick by tick (Mantel-Haenszel).
    `sight`: the logarithm of the evidence there would be, had every request of the candidate been bad and none of
    stable's.
    """

    candidate: Side = Side(0, 0)
    stable: Side = Side(0, 0)
    above: float = 0.0
    below: float = 0.0
    sight: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that must be remembered of one comparison. `quiet`: the total when the evidence last spoke of nothing.

    `log_evidence` follows from the stakes and is kept because it is asked for more often than it changes.
    """

    stakes: Stakes = begin(PRIOR)
    total: Counted = Counted()
    quiet: Counted = Counted()
    log_evidence: float = 0.0

    @property
    def since(self) -> Counted:
        """What was counted since the evidence last spoke of nothing: where a late defect shows undiluted."""
        now, then = self.total, self.quiet
        return Counted(
            Side(now.candidate.requests - then.candidate.requests, now.candidate.bad - then.candidate.bad),
            Side(now.stable.requests - then.stable.requests, now.stable.bad - then.stable.bad),
            now.above - then.above,
            now.below - then.below,
            now.sight - then.sight,
        )


def fair_share(candidate: int, stable: int, tolerated: float) -> float:
    """The candidate's part of all bad requests, were it exactly as much worse as is tolerated."""
    return candidate * tolerated / (stable + candidate * tolerated)


def prices(fair: float) -> tuple[float, ...]:
    """What each bad request of either arm costs each stake. Shared by all comparisons of a tick."""
    return tuple([math.log1p(fair * (times - 1)) for times in TIMES])


def gains(bad: int, both: int, costs: tuple[float, ...]) -> list[float]:
    """What each stake gains (logarithms) when `bad` of the `both` bad requests of a tick were the candidate's."""
    return [bad * times - both * cost for times, cost in zip(_LOG_TIMES, costs, strict=True)]


def compare(
    comparison: Comparison, candidate: Side, stable: Side, tolerated: float, costs: tuple[float, ...]
) -> Comparison:
    """After one more tick, in which both sides had requests. `costs`: the prices at the candidate's fair share."""
    total = _counted(comparison.total, candidate, stable, tolerated)
    both = candidate.bad + stable.bad
    if not both:
        return Comparison(comparison.stakes, total, comparison.quiet, comparison.log_evidence)
    won = gains(candidate.bad, both, costs)
    # Only a bad request of stable can lower a stake (ln t > ln(1 + fair (t - 1))); otherwise older money is worth more.
    stakes = gain_and_lay(comparison.stakes, won, PRIOR) if stable.bad else gain(comparison.stakes, won)
    evidence = log_evidence(stakes, PRIOR)
    return Comparison(stakes, total, comparison.quiet if evidence > _EVEN else total, evidence)


def _counted(before: Counted, candidate: Side, stable: Side, tolerated: float) -> Counted:
    requests = candidate.requests + stable.requests
    return Counted(
        Side(before.candidate.requests + candidate.requests, before.candidate.bad + candidate.bad),
        Side(before.stable.requests + stable.requests, before.stable.bad + stable.bad),
        before.above + candidate.bad * stable.requests / requests,
        before.below + stable.bad * candidate.requests / requests,
        before.sight + candidate.requests * math.log1p(stable.requests / (candidate.requests * tolerated)),
    )
