# SPDX-License-Identifier: Apache-2.0
"""Counters that are values, for simulations, dry runs and crash tests.

1. The world that counts is apart from the adapter: a controller that was killed and built anew reads the same counters.
2. Counters are written by hand (`count`), or by a feed that is asked at every read what happened since the last one.
3. `steady` is such a feed: so many requests a second, split by the exposure in effect, without any randomness.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Final

from interlock.domain.traffic import WHOLE, ArmCounters, Exposure, Snapshot, SourceCounters, Tick
from interlock.ports.failure import Unavailable

NOTHING: Final = Tick()


def _nothing() -> Tick:
    return NOTHING


@dataclass(slots=True)
class MetricsWorld:
    """What the sources count. A feed's requests are counted by the first source that is not silent."""

    sources: dict[str, SourceCounters] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    edges: tuple[int, ...] = ()
    ready: int = 1
    members: int = 1
    baseline_ready: int = 0
    baseline_members: int = 0
    feed: Callable[[], Tick] = _nothing
    outages: int = 0
    """The next so many reads find no source at all."""

    def add_source(self, source: str) -> None:
        """A source that has counted nothing yet; one that is known forgets what it counted."""
        nothing = ArmCounters(slower=(0,) * len(self.edges))
        self.sources[source] = SourceCounters(source, nothing, nothing, nothing)

    def restart(self, source: str) -> None:
        """The source starts anew: it is not silent any more and counts from zero."""
        self.silent.discard(source)
        self.add_source(source)

    def count(self, tick: Tick, source: str) -> None:
        """The source saw so much more."""
        if source not in self.sources:
            self.add_source(source)
        was = self.sources[source]
        stable, candidate = _plus(was.stable, tick.stable), _plus(was.candidate, tick.candidate)
        self.sources[source] = SourceCounters(source, stable, candidate, _plus(was.baseline, tick.baseline))

    def snapshot(self) -> Snapshot:
        """What is told now, after the feed was asked."""
        fed = self.feed()
        told = [name for name in self.sources if name not in self.silent]
        if told and fed != NOTHING:
            self.count(fed, told[0])
        sources = tuple(self._told(self.sources[name]) for name in told)
        beside = self.baseline_ready, self.baseline_members
        return Snapshot(sources, self.edges, self.ready, self.members, *beside)

    def _told(self, source: SourceCounters) -> SourceCounters:
        """Of a baseline without endpoints nothing is said."""
        return source if self.baseline_members else replace(source, baseline=ArmCounters())


@dataclass(frozen=True, slots=True)
class MemoryMetrics:
    """Reads a `MetricsWorld`, of the named sources; those it does not have yet are added."""

    world: MetricsWorld = field(default_factory=MetricsWorld)
    sources: tuple[str, ...] = ("memory",)

    def __post_init__(self) -> None:
        for source in self.sources:
            if source not in self.world.sources:
                self.world.add_source(source)

    def read(self) -> Snapshot:
        seen = self.world.snapshot()
        told = tuple(source for source in seen.sources if source.source in self.sources)
        if self.world.outages or not told:
            self.world.outages = max(0, self.world.outages - 1)
            raise Unavailable("metrics.silent", "no source tells its counters", "see whether the sources still run")
        return replace(seen, sources=told)


@dataclass(frozen=True, slots=True)
class Nature:
    """How a version answers: which part of its requests fails, and which part is slower than each edge."""

    errors: Fraction = Fraction(0)
    slower: tuple[Fraction, ...] = ()


@dataclass(slots=True)
class SteadyTraffic:
    """A feed of `rate` requests a second, split by the exposure in effect when it is asked.

    Fractions of a request are kept for the next time, so the counts follow the rates exactly in the long run.
    """

    clock: Callable[[], datetime]
    exposure: Callable[[], Exposure]
    rate: Fraction
    stable: Nature = Nature()
    candidate: Nature = Nature()
    baseline: Nature = Nature()
    since: datetime = field(init=False)
    owed: dict[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.since = self.clock()

    def __call__(self) -> Tick:
        now = self.clock()
        requests = self.rate * Fraction((now - self.since) // timedelta(microseconds=1), 1_000_000)
        self.since = max(now, self.since)
        exposure = self.exposure()
        share, beside = Fraction(exposure.share, WHOLE), Fraction(exposure.baseline, WHOLE)
        return Tick(
            self._arm("stable", requests * (1 - share - beside), self.stable),
            self._arm("candidate", requests * share, self.candidate),
            baseline=self._arm("baseline", requests * beside, self.baseline) if beside else ArmCounters(),
        )

    def _arm(self, arm: str, amount: Fraction, nature: Nature) -> ArmCounters:
        """Every count is a part of a whole count, so that no more fail, and no more are slow, than were asked."""
        requests = self._whole(f"{arm} requests", amount)
        slower: list[int] = []
        within, of = requests, Fraction(1)
        for at, part in enumerate(nature.slower):
            within = self._whole(f"{arm} slower {at}", within * (part / of if of else Fraction(0)))
            of = part
            slower.append(within)
        return ArmCounters(requests, self._whole(f"{arm} errors", requests * nature.errors), tuple(slower))

    def _whole(self, kind: str, amount: Fraction) -> int:
        owed = self.owed.get(kind, Fraction(0)) + max(amount, Fraction(0))
        self.owed[kind] = owed - floor(owed)
        return floor(owed)


def _plus(was: ArmCounters, more: ArmCounters) -> ArmCounters:
    """The counters grown; latencies that the feed does not tell do not grow."""
    told = more.slower or (0,) * len(was.slower)
    slower = tuple(old + new for old, new in zip(was.slower, told, strict=True))
    return ArmCounters(was.requests + more.requests, was.errors + more.errors, slower)
