# SPDX-License-Identifier: Apache-2.0
"""Stable beside itself a moment earlier: what is seen of how many times more than by chance bad requests vary.

1. Given two times together, chance shares their bad requests by their requests, whatever the rate was.
2. Neighbouring ticks show what comes within one; times of twenty seconds what is strewn over several, as a storm of
   retries is. Evidence is divided by the larger of both, for a candidate as against it.
3. What both arms suffer over such times (an incident, a wave, a job each minute) is no noise between them: of what
   stable shows over twenty seconds no more counts than what both show against each other, where they show enough.
4. What is assumed fades as more is seen; what a past or a person told stays, and what they told of minutes
   (`Noise.long`) is in the gains already.
"""

from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge.noise import LASTS, Count, Noise

CLIPPED: Final = 10.0
"""Where one pair is cut off, in dispersions: the edge of an incident is no noise of the service."""
BLOCK: Final = 20.0
"""Seconds of the longer times."""
WEIGHT: Final = 0.5
"""Of what is assumed of them, beside what is assumed of ticks: there are fewer."""
TELLING: Final = 0.2
"""By how many failures, squared, chance moves those of the candidate, from which two times tell of both arms."""
_NOTHING: Final = Count(0, 0)
SHIFT: Final = 1.5
"""How many times as much the candidate has beside stable when it has another share."""
Both = tuple[Count, Count]
"""Stable, candidate."""
_NEITHER: Final = (_NOTHING, _NOTHING)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each with the one before. `found`: the sum of what was seen of stable's dispersion; `apart`: of both arms against
    each other.
    """

    found: float = 0.0
    pairs: int = 0
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Roughness:
    """`seen`: accidents that stable had the time for. `block`: what both arms did since the present block began."""

    ticks: Pairs = Pairs()
    blocks: Pairs = Pairs()
    seen: float = 0.0
    tick: Count = _NOTHING
    block: Both = _NEITHER
    last: Both = _NEITHER
    """Block."""
    since: float | None = None


def rougher(before: Roughness, arms: Both, at: float, lasted: float, noise: Noise) -> Roughness:
    """After one more tick, which ended `at` and `lasted` so long (seconds; infinite: nobody knows)."""
    stable, candidate = arms
    found = _found(before.tick, stable)
    after = replace(
        before,
        ticks=_added(before.ticks, found, found, within(before, noise)),
        tick=stable,
        seen=before.seen + min(1.0, lasted / LASTS),
    )
    if before.since is None:
        return replace(after, since=at)
    block = _plus(before.block[0], stable), _plus(before.block[1], candidate)
    if at - before.since < BLOCK:
        return replace(after, block=block)
    found = _found(before.last[0], block[0])
    blocks = _added(before.blocks, found, _apart(before.last, block, found), _over(before, noise))
    return replace(after, blocks=blocks, block=_NEITHER, last=block, since=at)


def within(seen: Roughness, noise: Noise, unseen: float = 1.0) -> float:
    """The dispersion of one instance within a tick, from all that were seen. `unseen`: as in `Noise`."""
    return _known(seen.ticks, unseen * noise.short, noise.ticks)


def lasting(seen: Roughness, noise: Noise, unseen: float = 1.0) -> float:
    """The same within a tick or over several, whichever is more."""
    return max(within(seen, noise, unseen), _over(seen, noise, unseen))


def _over(seen: Roughness, noise: Noise, unseen: float = 1.0) -> float:
    return _known(seen.blocks, unseen * noise.short, noise.ticks * WEIGHT)


def _known(seen: Pairs, assumed: float, weight: float) -> float:
    return max(1.0, (assumed * weight + min(seen.found, seen.apart)) / (weight + seen.pairs))


def _found(last: Count, now: Count) -> float | None:
    """What two times tell of stable's dispersion; None where they do not."""
    both = last.bad + now.bad
    if not last.all or not both:
        return None
    share = now.all / (now.all + last.all)
    return (now.bad - both * share) ** 2 / (both * share * (1 - share))


def _apart(last: Both, now: Both, found: float | None) -> float | None:
    """What they tell of both arms against each other, whatever moved both.

    `found` where they tell too little, or of two shares.
    """
    (own, beside), (was, once) = (tuple(one.bad for one in arms) for arms in (now, last))
    whole = own + beside + was + once
    chance = (own + was) * (beside + once) * (own + beside) * (was + once) / max(whole, 1.0) ** 3
    shift = now[1].all * last[0].all / max(last[1].all * now[0].all, 1.0)
    if found is None or chance < TELLING or not 1 / SHIFT < shift < SHIFT:
        return found
    return (beside - (beside + once) * (own + beside) / whole) ** 2 / chance


def _added(before: Pairs, found: float | None, apart: float | None, known: float) -> Pairs:
    if found is None or apart is None:
        return before
    most = CLIPPED * known
    return Pairs(before.found + min(found, most), before.pairs + 1, before.apart + min(apart, most))


def _plus(one: Count, other: Count) -> Count:
    return Count(one.bad + other.bad, one.all + other.all)
