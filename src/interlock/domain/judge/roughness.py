# SPDX-License-Identifier: Apache-2.0
"""Stable beside itself a moment earlier: what is seen of how many times more than by chance its bad requests vary.

1. Given two times together, chance shares their bad requests by their requests, whatever the rate was.
2. Neighbouring ticks show what comes within one; times of twenty seconds what is strewn over several, as a storm of
   retries is. Evidence is divided by the larger of both, for a candidate as against it.
3. What is assumed fades as more is seen; what a past or a person told stays, and what they told of minutes
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
_NOTHING: Final = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each with the one before. `found`: the sum of what was seen of the dispersion."""

    found: float = 0.0
    pairs: int = 0
    last: Count = _NOTHING


@dataclass(frozen=True, slots=True)
class Roughness:
    """`seen`: accidents that stable had the time for. `block`: what it did in the block that began at `since`."""

    ticks: Pairs = Pairs()
    blocks: Pairs = Pairs()
    seen: float = 0.0
    block: Count = _NOTHING
    since: float | None = None


def rougher(before: Roughness, stable: Count, at: float, lasted: float, noise: Noise) -> Roughness:
    """After one more tick, which ended `at` and `lasted` so long (seconds; infinite: nobody knows)."""
    after = replace(
        before,
        ticks=_paired(before.ticks, stable, within(before, noise)),
        seen=before.seen + min(1.0, lasted / LASTS),
        block=_plus(before.block, stable),
    )
    if before.since is None:
        return replace(after, block=_NOTHING, since=at)
    if at - before.since < BLOCK:
        return after
    return replace(after, blocks=_paired(before.blocks, after.block, _over(before, noise)), block=_NOTHING, since=at)


def within(seen: Roughness, noise: Noise, unseen: float = 1.0) -> float:
    """The dispersion of one instance within a tick, from all that were seen. `unseen`: as in `Noise`."""
    return _known(seen.ticks, unseen * noise.short, noise.ticks)


def lasting(seen: Roughness, noise: Noise, unseen: float = 1.0) -> float:
    """The same within a tick or over several, whichever is more."""
    return max(within(seen, noise, unseen), _over(seen, noise, unseen))


def _over(seen: Roughness, noise: Noise, unseen: float = 1.0) -> float:
    return _known(seen.blocks, unseen * noise.short, noise.ticks * WEIGHT)


def _known(seen: Pairs, assumed: float, weight: float) -> float:
    return max(1.0, (assumed * weight + seen.found) / (weight + seen.pairs))


def _paired(before: Pairs, now: Count, known: float) -> Pairs:
    last, both = before.last, before.last.bad + now.bad
    if not last.all or not both:
        return replace(before, last=now)
    share = now.all / (now.all + last.all)
    found = (now.bad - both * share) ** 2 / (both * share * (1 - share))
    return Pairs(before.found + min(found, CLIPPED * known), before.pairs + 1, now)


def _plus(one: Count, other: Count) -> Count:
    return Count(one.bad + other.bad, one.all + other.all)
