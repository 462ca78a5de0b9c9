# SPDX-License-Identifier: Apache-2.0
"""Change requests: why something changes, who wrote it, and by which path it travels.

1. A change is standard, normal or emergency, and stays so.
2. Its author counts as an author of every release that carries it (I2).
3. A closed change carries no further release.
4. Its labels say what is special about it, for conditions to go by; they are said when it is opened.
5. One that has no author was opened by the controller, for a commit that is delivered by itself (`delivery`).
6. Of an emergency it is known who had a part in it besides its author: somebody else reviews it (`partaking`).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import ChangeId, LabelName, PersonId, ServiceName, StreamId, TextRef


class ChangeKind(StrEnum):
    """The ITIL kinds; a pack says which path each takes."""

    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"


class ChangePhase(StrEnum):
    ABSENT = "absent"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class OpenChange:
    change: ChangeId
    service: ServiceName
    kind: ChangeKind
    title: TextRef
    labels: tuple[LabelName, ...] = ()


@dataclass(frozen=True, slots=True)
class CloseChange:
    change: ChangeId
    reason: TextRef


ChangeCommand = OpenChange | CloseChange


@dataclass(frozen=True, slots=True)
class ChangeOpened:
    change: ChangeId
    service: ServiceName
    kind: ChangeKind
    title: TextRef
    author: PersonId
    labels: tuple[LabelName, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeClosed:
    change: ChangeId
    reason: TextRef


@dataclass(frozen=True, slots=True)
class PartTaken:
    """Somebody did something for the change; recorded once of each person."""

    change: ChangeId
    by: PersonId


ChangeEvent = ChangeOpened | ChangeClosed | PartTaken


@dataclass(frozen=True, slots=True)
class Change:
    phase: ChangePhase = ChangePhase.ABSENT
    id: ChangeId = ChangeId("")
    service: ServiceName = ServiceName("")
    kind: ChangeKind = ChangeKind.NORMAL
    title: TextRef = TextRef("")
    author: PersonId = PersonId("")
    labels: tuple[LabelName, ...] = ()
    hands: tuple[PersonId, ...] = ()
    """Who had a part in it besides its author, where that is asked."""


def change_stream(change: ChangeId) -> StreamId:
    """The stream of one change request."""
    return StreamId(f"change/{change}")


def decide(state: Change, command: ChangeCommand, actor: Actor) -> Decision[ChangeEvent]:
    """Whether the change request may be opened or closed."""
    match command:
        case OpenChange(change, service, kind, title, labels):
            if state.phase is not ChangePhase.ABSENT:
                return refuse("change.exists", f"change request '{change}' exists already", "choose another id")
            if not isinstance(actor, Person):
                return refuse("change.needs_author", "a change request has a person as author", "name yourself")
            event = ChangeOpened(change, service, kind, title, actor.id, tuple(dict.fromkeys(labels)))
            return Accepted((Emitted(change_stream(change), event),))
        case CloseChange(change, reason):
            if state.phase is not ChangePhase.OPEN:
                return refuse("change.not_open", f"change request '{change}' is not open", "see `interlock status`")
            return Accepted((Emitted(change_stream(change), ChangeClosed(change, reason)),))
        case _:
            assert_never(command)


def evolve(state: Change, event: ChangeEvent) -> Change:
    """The change request after the event."""
    match event:
        case ChangeOpened(change, service, kind, title, author, labels):
            return Change(ChangePhase.OPEN, change, service, kind, title, author, labels)
        case ChangeClosed():
            return replace(state, phase=ChangePhase.CLOSED)
        case PartTaken(_, by):
            return replace(state, hands=(*state.hands, by))
        case _:
            assert_never(event)
