# SPDX-License-Identifier: Apache-2.0
"""What happened while a scenario was played, in order: who said what, what was told to whom, what waited and how long.

It is read from the ledger, step by step; nothing is in it that was not recorded, or that the gates do not say.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, TypeAlias

from interlock.domain.actor import name_of
from interlock.domain.decision import Reason
from interlock.domain.outbox import Delivery, MessageDue, MessageTried
from interlock.ledger.codec import decode_event
from interlock.ledger.command import CommandRecord, is_command
from interlock.ledger.record import Record
from interlock.service.views import Awaited, Viewer
from interlock.testing.acts import Act
from interlock.testing.happenings import Wait
from interlock.testing.scenario import Expect, Step
from interlock.testing.stage import SERVICE, Stage

_OUTBOX: Final = "outbox/"
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Said:
    """A command, with why it was refused, or with what it brought about."""

    at: datetime
    who: str
    command: str
    """Its name in words, such as `request promotion`."""
    is_robot: bool
    reasons: tuple[Reason, ...]
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A message, to an audience (empty: everybody), and what became of it."""

    at: datetime
    to: str
    title: str
    came: Delivery


@dataclass(frozen=True, slots=True)
class Waits:
    """Something began to wait, or waits still: `since` then, before `place`."""

    at: datetime
    place: str
    wait: Awaited
    since: datetime


@dataclass(frozen=True, slots=True)
class Waited:
    """It waits no more."""

    at: datetime
    place: str
    about: str
    lasted: timedelta


@dataclass(frozen=True, slots=True)
class Checked:
    """An expectation of the scenario; `found` is what was not so."""

    at: datetime
    found: tuple[str, ...]


Awaiting: TypeAlias = Mapping[tuple[str, str], tuple[str, Awaited]]
"""What is awaited where, by release and environment, and by what is missing."""
Entry: TypeAlias = Said | Told | Waits | Waited | Checked
Listener: TypeAlias = Callable[[tuple[Entry, ...]], None]


def unheard(_: tuple[Entry, ...]) -> None:
    """Nobody listens while it goes on."""


@dataclass(slots=True)
class Timeline:
    """Looks on, and notes what is new after every step; `listener` hears it at once."""

    listener: Listener = unheard
    entries: list[Entry] = field(default_factory=list)
    waiting: dict[tuple[str, str], Waits] = field(default_factory=dict)
    read: int = 0
    titles: dict[str, MessageDue] = field(default_factory=dict)

    def begins(self, number: int, step: Step, stage: Stage) -> None:
        """What setting the stage wrote is no part of the story."""
        if number == 1:
            self.read = stage.world.store.head().size

    def ends(self, number: int, step: Step, stage: Stage, found: tuple[str, ...]) -> None:
        """Note what the step brought about."""
        new: list[Entry] = list(self._records(stage))
        now = stage.world.moments.now()
        if isinstance(step, Expect):
            new.append(Checked(now, found))
        if isinstance(step, Act | Wait):
            present = dict(_awaited(stage))
            new.extend(self._ended(present, now))
            new.extend(self._begun(present, now) if isinstance(step, Wait) else ())
        self.entries.extend(new)
        self.listener(tuple(new))

    def _records(self, stage: Stage) -> Iterator[Entry]:
        store = stage.world.store
        records = tuple(store.records(since=self.read))
        self.read = store.head().size
        for _, together in groupby(records, key=lambda one: one.cause):
            first, *rest = together
            if is_command(first.event):
                yield _said(first, tuple(rest))
            for one in rest:
                yield from self._told(one)

    def _told(self, record: Record) -> Iterator[Told]:
        if not record.stream.startswith(_OUTBOX):
            return
        event = decode_event(record.event, record.version, record.payload)
        if isinstance(event, MessageDue):
            self.titles[event.key] = event
        elif isinstance(event, MessageTried) and event.key in self.titles:
            due = self.titles[event.key]
            yield Told(record.time, due.to, due.title, event.outcome)

    def _ended(self, present: Awaiting, now: datetime) -> Iterator[Waited]:
        """What waited before and does not now."""
        for key, before in tuple(self.waiting.items()):
            if key not in present:
                del self.waiting[key]
                yield Waited(now, before.place, before.wait.finding.subject, now - before.since)

    def _begun(self, present: Awaiting, now: datetime) -> Iterator[Waits]:
        """What waits now, after everything that could go on by itself did, and did not before."""
        for key, (place, wait) in present.items():
            if key not in self.waiting:
                self.waiting[key] = Waits(now, place, wait, now)
                yield self.waiting[key]

    def still(self, now: datetime) -> tuple[Waits, ...]:
        """What waits at the end."""
        return tuple(Waits(now, one.place, one.wait, one.since) for one in self.waiting.values())


def _said(first: Record, rest: tuple[Record, ...]) -> Said:
    command = CommandRecord.from_record(first)
    actor = command.body.actor
    name = _HUMP.sub(" ", command.body.command).lower()
    return Said(first.time, name_of(actor), name, actor.startswith("robot:"), command.reasons, rest)


def _awaited(stage: Stage) -> Iterator[tuple[tuple[str, str], tuple[str, Awaited]]]:
    """What keeps every open release from where it goes next, by release, environment and requirement."""
    viewer = Viewer(stage.gatherer(), stage.world.store, stage.world.library)
    for service in viewer.status((SERVICE,)).services:
        for one in service.releases:
            place = f"{one.release.version} before {one.environment}"
            for wait in one.awaited if not one.moving_to else ():
                yield (place, wait.finding.subject), (place, wait)
