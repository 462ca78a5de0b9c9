# SPDX-License-Identifier: Apache-2.0
"""People who are away for a while: who stands in for them may act at once.

1. Only a person says that they are away, with their signature, and for how long; and that they are back.
2. Being away takes nothing from anybody: what they say counts as ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import PersonId, StreamId
from interlock.domain.moment import in_words

STREAM: Final = StreamId("absences")


@dataclass(frozen=True, slots=True)
class DeclareAway:
    person: PersonId
    until: datetime


@dataclass(frozen=True, slots=True)
class DeclareBack:
    person: PersonId


AbsenceCommand = DeclareAway | DeclareBack


@dataclass(frozen=True, slots=True)
class AwayDeclared:
    person: PersonId
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class BackDeclared:
    person: PersonId
    at: datetime


AbsenceEvent = AwayDeclared | BackDeclared


@dataclass(frozen=True, slots=True)
class Absences:
    """Until when each person is away."""

    until: Mapping[PersonId, datetime] = field(default_factory=dict)

    def is_away(self, person: PersonId, now: datetime) -> bool:
        """Whether the person said so, and is not back yet."""
        return person in self.until and now < self.until[person]


def decide(state: Absences, command: AbsenceCommand, actor: Actor, now: datetime) -> Decision[AbsenceEvent]:
    """Whether somebody is away, or back."""
    is_signed = isinstance(actor, Person) and actor.assurance is Assurance.SIGNED
    if not is_signed or actor.name != command.person:
        return refuse(
            "absence.not_oneself",
            f"only '{command.person}' says so, with their signature",
            "ask them; who stands in for them acts after a while anyway",
        )
    match command:
        case DeclareAway(person, until):
            if until <= now:
                return refuse("absence.past", f"{in_words(until)} is over", "say until when you will be away")
            return Accepted((Emitted(STREAM, AwayDeclared(person, until, now)),))
        case DeclareBack(person):
            if not state.is_away(person, now):
                return refuse("absence.not_away", f"'{person}' is not away", "nothing needs doing")
            return Accepted((Emitted(STREAM, BackDeclared(person, now)),))
        case _:
            assert_never(command)


def evolve(state: Absences, event: AbsenceEvent) -> Absences:
    """Who is away after the event."""
    match event:
        case AwayDeclared(person, until, _):
            return Absences({**state.until, person: until})
        case BackDeclared(person, _):
            return Absences({other: until for other, until in state.until.items() if other != person})
        case _:
            assert_never(event)
