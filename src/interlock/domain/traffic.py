# SPDX-License-Identifier: Apache-2.0
"""Traffic between arms: what serves (stable), what is tried beside it (candidate), and what was counted of them.

1. A service with a router has two lanes. What is live stands in one, a candidate in the other; they change places when
   a candidate has proven itself, and nothing moves while traffic does.
2. A share is the candidate's part of all requests in basis points (1/100 of a percent); a cohort are requests that ask
   for the candidate by themselves (testers, by a header).
3. Counters only ever grow. A source whose counters went back was restarted: what it says of that interval is dropped,
   for all arms alike, and never guessed.
4. A baseline are fresh instances of what is stable in a lane of their own: a third arm, which a rollout may do without.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WHOLE: Final = 10_000
"""All of the traffic, in basis points."""


class Lane(StrEnum):
    """Where a release stands in an environment. Without a router there is only A; releases change between A and B."""

    A = "a"
    B = "b"
    C = "c"
    """Of a baseline, and of nothing else."""

    @property
    def other(self) -> "Lane":
        """The lane beside it."""
        return Lane.B if self is Lane.A else Lane.A


LANES: Final = (Lane.A, Lane.B)
"""Those that releases change between, where there is a router."""


class Means(StrEnum):
    """How a release comes back to its traffic."""

    DEPLOY = "deploy"
    SWITCH = "switch"
    """It still stands in its lane: its traffic is all it needs."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much of the traffic reaches the candidate: a share of everything, and all of one cohort (`""`: none).

    `baseline`: the share of everything that reaches the baseline, out of what is stable's.
    """

    share: int = 0
    cohort: str = ""
    baseline: int = 0


UNEXPOSED: Final = Exposure()
"""Nothing reaches the candidate."""


def share_beside(share: int) -> int:
    """The share of a baseline beside that of the candidate: the same, or none where stable would keep less than that.

    Instances are compared under the same load. Beyond a third of the traffic the candidate has long been warm, and
    stable, which has more requests than a baseline ever had, says more.
    """
    return share if 3 * share <= WHOLE else 0


@dataclass(frozen=True, slots=True)
class ArmCounters:
    """One arm since its source was started: requests, bad answers, and for each edge the requests slower than it."""

    requests: int = 0
    errors: int = 0
    slower: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceCounters:
    """All arms as one source (a proxy, say) counted them."""

    source: str
    stable: ArmCounters
    candidate: ArmCounters
    baseline: ArmCounters = ArmCounters()
    """Of no edges where the source knows of no baseline."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What all sources say at one moment. `edges` are in microseconds, ascending, and the same for every source.

    `ready` of `members` endpoints of the candidate take requests, as seen where the fewest do; likewise the baseline's.
    """

    sources: tuple[SourceCounters, ...] = ()
    edges: tuple[int, ...] = ()
    ready: int = 0
    members: int = 0
    baseline_ready: int = 0
    baseline_members: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    """What the arms did between two snapshots."""

    stable: ArmCounters = ArmCounters()
    candidate: ArmCounters = ArmCounters()
    dropped: tuple[str, ...] = ()
    """Sources that said nothing usable of this interval."""
    baseline: ArmCounters = ArmCounters()


def together(one: Tick, other: Tick) -> Tick:
    """Both ticks as one. Where they tell of different edges, what is slower is not told of."""
    dropped = tuple(sorted({*one.dropped, *other.dropped}))
    arms = (_both(one.stable, other.stable), _both(one.candidate, other.candidate))
    return Tick(*arms, dropped, _both(one.baseline, other.baseline))


def _both(one: ArmCounters, other: ArmCounters) -> ArmCounters:
    if not one.requests:
        return other
    if len(one.slower) != len(other.slower):
        return ArmCounters(one.requests + other.requests, one.errors + other.errors)
    slower = tuple(left + right for left, right in zip(one.slower, other.slower, strict=True))
    return ArmCounters(one.requests + other.requests, one.errors + other.errors, slower)


def between(before: Snapshot, after: Snapshot) -> Tick:
    """What happened between two snapshots, over the sources that are in both and were not restarted."""
    known = {source.source: source for source in before.sources if before.edges == after.edges}
    usable = [
        (known[source.source], source)
        for source in after.sources
        if source.source in known and _has_grown(known[source.source], source, len(after.edges))
    ]
    names = {source.source for _, source in usable}
    dropped = {source.source for source in (*before.sources, *after.sources)} - names
    stable = _total(tuple(_minus(new.stable, old.stable) for old, new in usable), len(after.edges))
    candidate = _total(tuple(_minus(new.candidate, old.candidate) for old, new in usable), len(after.edges))
    told = tuple(_minus(new.baseline, old.baseline) for old, new in usable if new.baseline != ArmCounters())
    baseline = _total(told, len(after.edges)) if told else ArmCounters()
    return Tick(stable, candidate, tuple(sorted(dropped)), baseline)


def _has_grown(old: SourceCounters, new: SourceCounters, edges: int) -> bool:
    """Whether both say something of every edge, and nothing went back. Of a baseline, both or neither say anything."""
    beside = tuple(arm for arm in (old.baseline, new.baseline) if arm != ArmCounters())
    arms = (old.stable, new.stable, old.candidate, new.candidate, *beside)
    if any(len(arm.slower) != edges for arm in arms) or len(old.baseline.slower) != len(new.baseline.slower):
        return False
    stable, candidate = _pairs(old.stable, new.stable), _pairs(old.candidate, new.candidate)
    pairs = (*stable, *candidate, *_pairs(old.baseline, new.baseline))
    return all(was <= now for was, now in pairs)


def _pairs(old: ArmCounters, new: ArmCounters) -> Iterator[tuple[int, int]]:
    yield old.requests, new.requests
    yield old.errors, new.errors
    yield from zip(old.slower, new.slower, strict=True)


def _minus(new: ArmCounters, old: ArmCounters) -> ArmCounters:
    slower = tuple(now - was for was, now in zip(old.slower, new.slower, strict=True))
    return ArmCounters(new.requests - old.requests, new.errors - old.errors, slower)


def _total(arms: tuple[ArmCounters, ...], edges: int) -> ArmCounters:
    """The sum. Counters that are not read at one instant may tell of more bad requests than requests: by a few."""
    requests = sum(arm.requests for arm in arms)
    slower = tuple(min(sum(arm.slower[at] for arm in arms), requests) for at in range(edges))
    return ArmCounters(requests, min(sum(arm.errors for arm in arms), requests), slower)
