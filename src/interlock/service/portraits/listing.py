# SPDX-License-Identifier: Apache-2.0
"""Every release there ever was, newest first: of which service, how it stands since when, and where it runs.

1. The ledger is gone through once. Of one that grew, only what moved since is looked at again.
2. What is kept here follows from the ledger and may be forgotten.
3. A cursor is the number of the record that made a release, so nothing shifts under who pages on.
"""

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from interlock.domain.ids import EnvironmentName, ReleaseId, ServiceName
from interlock.domain.release import ReleasePhase, release_stream
from interlock.ports.store import LedgerStore
from interlock.service.gather import Gatherer
from interlock.service.remembering import Standing
from interlock.service.view import View

_PREFIX: Final = release_stream(ReleaseId(""))
FEW: Final = 5000
"""Records that are read to see what moved; of more, every release is looked at."""
ANY_SERVICE: Final = ServiceName("")
STATES: Final = tuple(one for one in ReleasePhase if one is not ReleasePhase.ABSENT)
"""How a release may stand."""


class ReleaseListed(msgspec.Struct, frozen=True):
    """One release. `since`: when it last moved. `reached`: where it was proven; `runs_in`: where it is live now."""

    release: str
    service: str
    version: str
    state: str
    made: str
    since: str
    reached: list[str]
    runs_in: list[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A release as it is kept: `number` is that of the record that made it."""

    number: int
    release: ReleaseId
    service: ServiceName
    version: str
    state: ReleasePhase
    made: datetime
    since: datetime
    reached: tuple[EnvironmentName, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which of them: of this service (empty: any), in one of these states, made before this record (0: any)."""

    service: ServiceName = ANY_SERVICE
    states: tuple[ReleasePhase, ...] = STATES
    before: int = 0


ALL: Final = Sought()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of them, newest first. Ask again with `before=next`; 0 when these were the last."""

    found: tuple[Listed, ...]
    next: int


@dataclass(slots=True)
class Roll:
    """The releases of one ledger, in the order in which they were made. May be used from several threads."""

    size: int = 0
    """Records that were taken into account."""
    known: dict[ReleaseId, Listed] = field(default_factory=dict)
    order: list[tuple[int, ReleaseId]] = field(default_factory=list)
    standing: Standing = field(default_factory=Standing)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def called(self, store: LedgerStore, view: View) -> "Roll":
        """The same, up to where the ledger is now: also of a view that looked at a release before that."""
        fresh = View(store, folded=view.folded)
        with self._lock:
            if not self.standing.is_kept(store):
                self.size, self.known, self.order = 0, {}, []
            size = store.head().size
            for stream in _moved(store, self.size, size) if size > self.size else ():
                self._take(store, fresh, ReleaseId(stream.removeprefix(_PREFIX)))
            self.size = max(self.size, size)
        return self

    def _take(self, store: LedgerStore, view: View, named: ReleaseId) -> None:
        records, one = store.stream(release_stream(named)), view.release(named)
        first, last = records[0], records[-1]
        if named not in self.known:
            insort(self.order, (first.index, named))
        self.known[named] = Listed(
            first.index, named, one.service, one.version, one.phase, first.time, last.time, one.reached
        )

    def sought(self, sought: Sought, sees: Callable[[ServiceName], bool], limit: int) -> Stretch:
        """At most so many of those that are sought and of a service that may be seen."""
        with self._lock:
            end = bisect_left(self.order, (sought.before, ReleaseId(""))) if sought.before else len(self.order)
            found: list[Listed] = []
            for at in range(end - 1, -1, -1):
                one = self.known[self.order[at][1]]
                if not (_fits(one, sought) and sees(one.service)):
                    continue
                if len(found) == limit:
                    return Stretch(tuple(found), found[-1].number)
                found.append(one)
            return Stretch(tuple(found), 0)


def runs_in(gatherer: Gatherer, one: Listed) -> tuple[EnvironmentName, ...]:
    """Where a release is live now, by the rules in force."""
    governance = gatherer.in_force(one.service)
    places = [place.name for place in governance.procedure.environments] if governance else []
    return tuple(place for place in places if gatherer.view.slot(one.service, place).live.release == one.release)


def listed(gatherer: Gatherer, one: Listed) -> ReleaseListed:
    """A release as it is listed."""
    return ReleaseListed(
        release=one.release,
        service=one.service,
        version=one.version,
        state=one.state.value,
        made=one.made.isoformat(),
        since=one.since.isoformat(),
        reached=list(one.reached),
        runs_in=list(runs_in(gatherer, one)),
    )


def _moved(store: LedgerStore, since: int, size: int) -> Iterator[str]:
    """The streams of releases with records from `since` on; all of them where that is too much to read."""
    if size - since > FEW:
        yield from store.streams(_PREFIX)
        return
    yield from dict.fromkeys(one.stream for one in store.records(since=since) if one.stream.startswith(_PREFIX))


def _fits(one: Listed, sought: Sought) -> bool:
    return one.state in sought.states and sought.service in {ANY_SERVICE, one.service}
