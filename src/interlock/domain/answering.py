# SPDX-License-Identifier: Apache-2.0
"""What people answer to the question of an incident: go back, repair at once, or leave it; and what became of that.

Who may answer, and what counts, stands in `authority`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from interlock.domain.ids import IncidentId, PersonId, RollbackId, TextRef
from interlock.domain.suspect import StrangerAdopted


class Answer(StrEnum):
    """What is done about it."""

    ROLLBACK = "rollback"
    HOTFIX = "hotfix"
    STAY = "stay"
    """What runs stays as it is."""


class Capacity(StrEnum):
    """By what right somebody gives an answer."""

    PRIMARY = "primary"
    MANDATE = "mandate"
    FALLBACK = "fallback"
    ESCALATION = "escalation"
    DECLARED = "declared"
    """They declared something so that the procedure lets nobody weigh it."""
    ANYBODY = "anybody"
    """The procedure gives the decision to nobody in particular, or to nobody who is there."""
    HEARD = "heard"
    """It is heard, and can disagree; by itself it decides nothing."""
    SILENCE = "silence"
    """Nobody decided in time."""
    MACHINE = "machine"
    """What was watched went wrong, and went back by itself."""


class Stance(StrEnum):
    """How far the decision is."""

    OPEN = "open"
    DECIDED = "decided"
    DISAGREED = "disagreed"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class GiveAnswer:
    """Say what is to be done about it."""

    incident: IncidentId
    answer: Answer
    ground: TextRef


@dataclass(frozen=True, slots=True)
class EscalateIncident:
    """Ask whoever decides when those who may decide disagree, without waiting for the clock."""

    incident: IncidentId


@dataclass(frozen=True, slots=True)
class ReportStuck:
    """It was to go back, and cannot."""

    incident: IncidentId
    sentence: str


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    incident: IncidentId
    answer: Answer
    capacity: Capacity
    ground: str
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentDecided:
    incident: IncidentId
    answer: Answer
    capacity: Capacity
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DisagreementArose:
    incident: IncidentId
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentEscalated:
    incident: IncidentId
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RollbackJoined:
    """A rollback answers the incident."""

    incident: IncidentId
    rollback: RollbackId
    at: datetime


@dataclass(frozen=True, slots=True)
class RollbackStuck:
    incident: IncidentId
    sentence: str


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody last said should be done, and by what right."""

    answer: Answer
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class Settled:
    """What counts. Nothing does while `by` is empty."""

    answer: Answer
    capacity: Capacity
    by: str


AnswerCommand = GiveAnswer | EscalateIncident | ReportStuck
AnswerEvent = (
    AnswerGiven
    | IncidentDecided
    | DisagreementArose
    | IncidentEscalated
    | RollbackJoined
    | RollbackStuck
    | StrangerAdopted
)
UNDECIDED: Final = Settled(Answer.STAY, Capacity.HEARD, "")
