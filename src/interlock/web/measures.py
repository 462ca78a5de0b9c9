# SPDX-License-Identifier: Apache-2.0
"""How delivery goes, measured from the ledger alone: how often, how long, how often badly, how long until it was well
again; how long releases stood still for somebody's word; which exceptions are carried.

1. What is counted is what was recorded. A number that rests on too few things says on how many.
2. The records are folded once; of a ledger that grew, only what is new is read.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from interlock.domain.ids import ServiceName
from interlock.domain.waiver import WaiverRequested
from interlock.ledger.record import Record
from interlock.ports.store import LedgerStore
from interlock.service.remembering import Standing
from interlock.web.look import Look
from interlock.web.page import Page, Place

WEEKS: Final = 12
"""How many weeks are looked back at."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release that completed in an environment, and when its change was asked for first."""

    release: str
    environment: str
    at: datetime
    begun: datetime


@dataclass(frozen=True, slots=True)
class Return:
    """A rollback: of which service, where, which release was left, and how long it took (none: it is not over)."""

    service: str
    environment: str
    leaving: str
    at: datetime
    took: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a release stood still before somebody's word."""

    release: str
    requirement: str
    by: str
    at: datetime
    lasted: timedelta


@dataclass(slots=True)
class Tally:
    """Everything counted so far."""

    size: int = 0
    created: dict[str, datetime] = field(default_factory=dict)
    moved: dict[str, datetime] = field(default_factory=dict)
    """When something last happened to a release."""
    arrivals: list[Arrival] = field(default_factory=list)
    returns: dict[str, Return] = field(default_factory=dict)
    waits: list[Wait] = field(default_factory=list)

    def take(self, record: Record) -> None:
        """Count one record."""
        counts = _COUNTS.get(record.event)
        if counts is not None:
            counts(self, record)
        self.size = record.index + 1


def _created(tally: Tally, record: Record) -> None:
    release = str(record.payload["release"])
    tally.created[release] = tally.moved[release] = record.time


def _reached(tally: Tally, record: Record) -> None:
    release, environment = str(record.payload["release"]), str(record.payload["environment"])
    tally.moved[release] = record.time
    tally.arrivals.append(Arrival(release, environment, record.time, tally.created.get(release, record.time)))


def _said(tally: Tally, record: Record) -> None:
    release = str(record.payload["release"])
    since = tally.moved.get(release, record.time)
    asked = str(record.payload.get("requirement", "*"))
    tally.waits.append(Wait(release, asked, str(record.payload["by"]), record.time, record.time - since))
    tally.moved[release] = record.time


def _left(tally: Tally, record: Record) -> None:
    """A restoration of what runs leaves nothing, and is none."""
    service, environment, leaving, target = (
        str(record.payload[name]) for name in ("service", "environment", "leaving", "target")
    )
    if leaving != target:
        tally.returns[str(record.payload["rollback"])] = Return(service, environment, leaving, record.time)


def _returned(tally: Tally, record: Record) -> None:
    named = str(record.payload["rollback"])
    begun = tally.returns.get(named)
    if begun is not None:
        tally.returns[named] = replace(begun, took=record.time - begun.at)


_COUNTS: Final[Mapping[str, Callable[[Tally, Record], None]]] = {
    "ReleaseCreated": _created,
    "ReleaseReached": _reached,
    "SignedOff": _said,
    "Decided": _said,
    "RollbackBegun": _left,
    "RollbackCompleted": _returned,
}


@dataclass(slots=True)
class Counter:
    """Counts one ledger, again and again. May be used from several threads."""

    tally: Tally = field(default_factory=Tally)
    standing: Standing = field(default_factory=Standing)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def counted(self, store: LedgerStore) -> Tally:
        """Everything up to now."""
        with self.lock:
            if not self.standing.is_kept(store):
                self.tally = Tally()
            for record in store.records(since=self.tally.size):
                self.tally.take(record)
            return self.tally


@dataclass(frozen=True, slots=True)
class Week:
    """One week: its Monday, and how much completed and went back in it."""

    monday: datetime
    arrived: int
    returned: int


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """One requirement, and how long releases stood still for it."""

    requirement: str
    times: int
    middle: timedelta
    longest: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True)
class Measured:
    """One service in its last environment."""

    service: ServiceName
    environment: str
    weeks: tuple[Week, ...]
    arrived: int
    lead: tuple[timedelta, ...]
    """The middle of how long releases took; nothing where none arrived."""
    returned: int
    tried: int
    """How many releases arrived or were left."""
    restored: tuple[timedelta, ...]
    """The middle of how long going back took; nothing where nothing went back."""
    waited: tuple[WaitedFor, ...]
    carried: tuple[WaiverRequested, ...]

    @property
    def failed(self) -> float:
        """Which part of what was tried went back."""
        return self.returned / self.tried if self.tried else 0.0

    @property
    def most(self) -> int:
        """The tallest week."""
        return max((max(one.arrived, one.returned) for one in self.weeks), default=0) or 1


def page(look: Look, counter: Counter) -> Page:
    """How delivery goes."""
    tally = counter.counted(look.store)
    found = tuple(_measured(look, tally, name) for name in look.services if look.gatherer.in_force(name))
    model: dict[str, object] = {"found": found, "now": look.now, "weeks": WEEKS}
    return Page("measures.html", "Metrics", Place.METRICS, model)


def _measured(look: Look, tally: Tally, name: ServiceName) -> Measured:
    governance = look.gatherer.in_force(name)
    last = governance.procedure.environments[-1].name if governance else ""
    since = look.now - timedelta(weeks=WEEKS)
    of = f"{name}:"
    arrived = [
        one for one in tally.arrivals if one.release.startswith(of) and one.environment == last and one.at >= since
    ]
    gone = [one for one in tally.returns.values() if (one.service, one.environment) == (name, last) and one.at >= since]
    took = [one.took for one in gone if one.took is not None]
    left = {one.leaving for one in gone}
    return Measured(
        name,
        last,
        tuple(_weeks(look.now, [one.at for one in arrived], [one.at for one in gone])),
        len(arrived),
        _middle(one.at - one.begun for one in arrived),
        len(left),
        len({one.release for one in arrived} | left),
        _middle(took),
        tuple(_waited([one for one in tally.waits if one.release.startswith(of) and one.at >= since])),
        tuple(_carried(look, name)),
    )


def _middle(spans: Iterable[timedelta]) -> tuple[timedelta, ...]:
    seconds = [one.total_seconds() for one in spans]
    return (timedelta(seconds=median(seconds)),) if seconds else ()


def _weeks(now: datetime, arrived: list[datetime], gone: list[datetime]) -> Iterable[Week]:
    this = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    for number in reversed(range(WEEKS)):
        monday = this - timedelta(weeks=number)
        end = monday + timedelta(weeks=1)
        yield Week(monday, sum(monday <= at < end for at in arrived), sum(monday <= at < end for at in gone))


def _waited(waits: list[Wait]) -> Iterable[WaitedFor]:
    named: dict[str, list[timedelta]] = {}
    for one in waits:
        named.setdefault("approval" if one.requirement == "*" else one.requirement, []).append(one.lasted)
    found = [
        WaitedFor(name, len(spans), _middle(spans)[0], max(spans), sum(spans, timedelta()))
        for name, spans in named.items()
    ]
    return sorted(found, key=lambda one: -one.total)


def _carried(look: Look, name: ServiceName) -> Iterable[WaiverRequested]:
    """Exceptions that stand now: granted, not revoked, not expired, of what runs or is on its way."""
    environments = look.gatherer.in_force(name)
    places = environments.procedure.environments if environments else ()
    live = (look.view.slot(name, one.name).live.release for one in places)
    for release in dict.fromkeys((*look.view.service(name).open_releases, *live)):
        book = look.view.waivers(release)
        for waiver, asked in book.asked.items():
            if waiver in book.granted and waiver not in book.revoked and look.now < asked.expires:
                yield asked
