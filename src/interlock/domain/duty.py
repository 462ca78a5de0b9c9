# SPDX-License-Identifier: Apache-2.0
"""What an incident owes besides its decision, and how it is done: steps, questions, attestations, reports, gaps.

What is owed when stands in `handling`, what may be done when in `owing`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interlock.domain.ids import Digest, DutyId, EffectKey, IncidentId, PersonId, TextRef


class StepOutcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    """Its program ran, and says that it is not so."""
    SILENT = "silent"
    """Its program came to no answer."""


@dataclass(frozen=True, slots=True)
class WriteReport:
    """`sections` are the sections of the document that are not empty."""

    incident: IncidentId
    duty: DutyId
    document: Digest
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttestDuty:
    incident: IncidentId
    duty: DutyId


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    incident: IncidentId
    duty: DutyId
    answer: str
    ground: TextRef


@dataclass(frozen=True, slots=True)
class NameGap:
    """The procedure let this through; `proposal` is the governance proposed to close the gap."""

    incident: IncidentId
    duty: DutyId
    gap: TextRef
    proposal: Digest


@dataclass(frozen=True, slots=True)
class DoStepByHand:
    incident: IncidentId
    duty: DutyId
    ground: TextRef


@dataclass(frozen=True, slots=True)
class RetryStep:
    incident: IncidentId
    duty: DutyId


@dataclass(frozen=True, slots=True)
class ConcludeStep:
    incident: IncidentId
    duty: DutyId
    key: EffectKey
    outcome: StepOutcome
    detail: str
    report: Digest = Digest("")


@dataclass(frozen=True, slots=True)
class ReportWritten:
    incident: IncidentId
    duty: DutyId
    document: Digest
    sections: tuple[str, ...]
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class DutyAttested:
    incident: IncidentId
    duty: DutyId
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    incident: IncidentId
    duty: DutyId
    answer: str
    ground: TextRef
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class GapNamed:
    incident: IncidentId
    duty: DutyId
    gap: TextRef
    proposal: Digest
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class StepConcluded:
    incident: IncidentId
    duty: DutyId
    outcome: StepOutcome
    detail: str
    report: Digest
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepRetried:
    incident: IncidentId
    duty: DutyId
    by: PersonId


PeoplesDutyCommand = WriteReport | AttestDuty | AnswerQuestion | NameGap | DoStepByHand | RetryStep
DutyCommand = PeoplesDutyCommand | ConcludeStep
DutyEvent = ReportWritten | DutyAttested | QuestionAnswered | GapNamed | StepConcluded | StepRetried
