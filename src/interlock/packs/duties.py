# SPDX-License-Identifier: Apache-2.0
"""What an incident owes, in a pack's file: each kind is told by the one key that only it has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.handling import (
    ANY_LABEL,
    Apart,
    Asked,
    AttestationAsked,
    Duty,
    GapsAsked,
    NoticeAsked,
    Owed,
    QuestionAsked,
    ReportAsked,
    RestorationAsked,
    ReviewAsked,
    Scope,
    StepAsked,
)
from interlock.domain.ids import CheckId, DutyId, LabelName, NoticeId, RoleName
from interlock.domain.incident import Severity
from interlock.packs.shape import key

LABEL: Final = key(doc="Only of incidents with this label; none: of all.")
LEAST: Final = key(doc="Only of incidents at least so bad.")
CITES: Final = key(doc="Where the written procedure says so.")
_AFTER: Final = key(doc="What must be done first.")
_DUTY: Final = key(doc="Its name, once in the pack.")


@dataclass(frozen=True, slots=True)
class StepDuty:
    """A program of the service is run."""

    id: DutyId = field(metadata=_DUTY)
    step: CheckId = field(metadata=key(doc="What is run; the bindings say under checks how."))
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class QuestionShape:
    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may decide it.", at_least=1))
    question: str = field(metadata=key(doc="What is decided, as a question."))
    answers: tuple[NoticeId, ...] = field(metadata=key(doc="What may be answered.", at_least=2))


@dataclass(frozen=True, slots=True)
class DecideDuty:
    """A person decides something and says why."""

    id: DutyId = field(metadata=_DUTY)
    decide: QuestionShape = field(metadata=key(doc="Who decides what."))
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class AttestShape:
    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may attest it.", at_least=1))
    statement: str = field(metadata=key(doc="What is attested, as a sentence."))
    apart: Apart = field(
        default=Apart.NOBODY, metadata=key(doc="`opener`: whoever opened the incident may not attest it.")
    )


@dataclass(frozen=True, slots=True)
class AttestDuty:
    """A person attests that something is so."""

    id: DutyId = field(metadata=_DUTY)
    signoff: AttestShape = field(metadata=key(doc="Who attests what."))
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class ReportShape:
    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may write it.", at_least=1))
    sections: tuple[str, ...] = field(metadata=key(doc="Headings under which something must stand.", at_least=1))


@dataclass(frozen=True, slots=True)
class ReportDuty:
    """A person writes something down."""

    id: DutyId = field(metadata=_DUTY)
    record: ReportShape = field(metadata=key(doc="Who writes what."))
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class GapsShape:
    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may say it.", at_least=1))


@dataclass(frozen=True, slots=True)
class GapsDuty:
    """A person says which gap of this procedure let it happen, with the change that closes it; or that none did."""

    id: DutyId = field(metadata=_DUTY)
    gaps: GapsShape = field(metadata=key(doc="Who says it."))
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class SentDuty:
    """A message was sent."""

    id: DutyId = field(metadata=_DUTY)
    sent: NoticeId = field(metadata=key(doc="The message."))
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


class Awaited(StrEnum):
    """What must have come about."""

    SCHEDULED = "scheduled"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class AwaitedDuty:
    """Something has come about."""

    id: DutyId = field(metadata=_DUTY)
    is_: Awaited = field(
        metadata=key("is", doc="`scheduled`: a review of it is; `restored`: something else runs there, proven.")
    )
    after: tuple[DutyId, ...] = field(default=(), metadata=_AFTER)
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


DutyShape = StepDuty | DecideDuty | AttestDuty | ReportDuty | GapsDuty | SentDuty | AwaitedDuty


def sequence(shapes: tuple[DutyShape, ...]) -> Iterator[Duty]:
    """What follows a rollback: each after the one before it."""
    before: tuple[DutyId, ...] = ()
    for shape in shapes:
        yield duty(shape, tuple(dict.fromkeys((*before, *shape.after))), Owed.GOING_BACK)
        before = (shape.id,)


def duty(shape: DutyShape, after: tuple[DutyId, ...], owed: Owed) -> Duty:
    """What this duty means."""
    return Duty(shape.id, _asked(shape), after, owed, Scope(shape.at_least, shape.label), shape.cites)


def _asked(shape: DutyShape) -> Asked:
    match shape:
        case StepDuty():
            return StepAsked(shape.step)
        case DecideDuty(_, asked):
            return QuestionAsked(asked.roles, asked.question, tuple(map(str, asked.answers)))
        case AttestDuty(_, told):
            return AttestationAsked(told.roles, told.statement, told.apart)
        case ReportDuty(_, report):
            return ReportAsked(report.roles, report.sections)
        case GapsDuty(_, gaps):
            return GapsAsked(gaps.roles)
        case SentDuty():
            return NoticeAsked(shape.sent)
        case AwaitedDuty():
            return ReviewAsked() if shape.is_ is Awaited.SCHEDULED else RestorationAsked()
        case _:
            assert_never(shape)
