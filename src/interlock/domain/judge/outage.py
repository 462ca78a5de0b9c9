# SPDX-License-Identifier: Apache-2.0
"""What both arms suffer from at the same time: an incident that is nobody's doing, and no time to expose more.

1. Both are ill while what they did lately, and stable at last, is above what stable never came near in better times
   (`unlike`), often enough to be no accident. Where no better time was seen, half of all requests is that.
2. Of a candidate that had too few requests to tell, the worse is taken: it is ill unless it is seen to be well.
3. Ticks in which stable is that bad do not count for what is usual. So an incident stays one, however long it lasts.
4. It is no evidence against the candidate, and ends as soon as one of them is well again.
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
    """`usual`: stable in its better times, and `beside`: the candidate then.

    `stable`, `candidate`: lately. `last`: stable in the last tick. `most`: the part of them that may be bad.
    """

    usual: Count = _NOBODY
    beside: Count = _NOBODY
    stable: Count = _NOBODY
    candidate: Count = _NOBODY
    last: Count = _NOBODY
    most: float = _HALF
    at: float = 0.0


def watched(before: Outage, stable: Count, candidate: Count, at: float, floor: float) -> Outage:
    """After one more tick that ended at `at` (seconds). `floor`: a part of all that is never far from usual."""
    if not stable.is_usable or not candidate.is_usable:
        return before
    left = _HALF ** (max(at - before.at, 0.0) / _LATELY)
    most = unlike(before.usual, floor) if has_seen_better(before) else max(_HALF, floor)
    arms = _faded(before.stable, left, stable), _faded(before.candidate, left, candidate)
    if stable.bad > most * stable.all:
        return Outage(before.usual, before.beside, *arms, stable, most, at)
    return Outage(_faded(before.usual, 1.0, stable), _faded(before.beside, 1.0, candidate), *arms, stable, most, at)


def has_seen_better(outage: Outage) -> bool:
    """Whether it is known what is usual."""
    return outage.usual.all >= _LEAST_SEEN


def is_ill(outage: Outage) -> bool:
    """Whether both arms are."""
    stable, candidate, most = outage.stable, outage.candidate, outage.most
    if stable.bad < LEAST_BAD or stable.bad <= most * stable.all or _is_well(outage.last, most, outage.stable):
        return False
    return candidate.bad > most * candidate.all or not _is_well(candidate, most, stable)


def unlike(usual: Count, floor: float) -> float:
    """The part of its requests from which an arm is far from usual: several times that, and at least a floor."""
    rate = usual.bad / usual.all if usual.all > 0 else 0.0
    return max(floor, min(_FAR * rate, (1 + rate) / 2))


def _is_well(seen: Count, most: float, ill: Count) -> bool:
    """Whether it is below the limit, in so many requests that it would show were it as ill as that."""
    return seen.bad <= most * seen.all and seen.all * ill.bad >= LEAST_BAD * ill.all


def _faded(was: Count, left: float, now: Count) -> Count:
    return Count(was.bad * left + now.bad, was.all * left + now.all)
