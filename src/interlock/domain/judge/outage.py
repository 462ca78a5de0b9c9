# SPDX-License-Identifier: Apache-2.0
"""What both arms suffer from at the same time: an incident that is nobody's doing, and no time to expose more.

1. Both are ill while what they did lately is above what stable never came near in better times (`unlike`), in each of
   them often enough to be no accident. Where no better time was seen, half of all requests is that.
2. Ticks in which both are that bad do not count for what is usual. So an incident stays one, however long it lasts.
3. It is no evidence against the candidate, and ends as soon as one of them is well again.
"""

from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.noise import Count

LEAST_BAD: Final = 5
"""Bad requests under which nothing is told: one that is tried again and again is no defect and no incident."""
_FAR: Final = 5.0
_LATELY: Final = 30.0
"""Seconds in which what was seen fades to a half."""
_LEAST_SEEN: Final = 100
"""Requests of stable from which its usual rate is known."""
_HALF: Final = 0.5
_NOBODY: Final = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Outage:
    """`usual`: stable in its better times. `stable`, `candidate`: lately. `most`: the part of them that may be bad."""

    usual: Count = _NOBODY
    stable: Count = _NOBODY
    candidate: Count = _NOBODY
    most: float = _HALF
    at: float = 0.0


def watched(before: Outage, stable: Count, candidate: Count, at: float, floor: float) -> Outage:
    """After one more tick that ended at `at` (seconds). `floor`: a part of all that is never far from usual."""
    if not stable.is_usable or not candidate.is_usable:
        return before
    left = _HALF ** (max(at - before.at, 0.0) / _LATELY)
    most = unlike(before.usual, floor) if before.usual.all >= _LEAST_SEEN else max(_HALF, floor)
    arms = _faded(before.stable, left, stable), _faded(before.candidate, left, candidate)
    is_usual = min(stable.bad / stable.all, candidate.bad / candidate.all) <= most
    return Outage(_faded(before.usual, 1.0, stable) if is_usual else before.usual, *arms, most, at)


def is_ill(outage: Outage) -> bool:
    """Whether both arms are."""
    return all(arm.bad >= LEAST_BAD and arm.bad > outage.most * arm.all for arm in (outage.stable, outage.candidate))


def unlike(usual: Count, floor: float) -> float:
    """The part of its requests from which an arm is far from usual: several times that, and at least a floor."""
    rate = usual.bad / usual.all if usual.all > 0 else 0.0
    return max(floor, min(_FAR * rate, (1 + rate) / 2))


def _faded(was: Count, left: float, now: Count) -> Count:
    return Count(was.bad * left + now.bad, was.all * left + now.all)
