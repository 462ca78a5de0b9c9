# SPDX-License-Identifier: Apache-2.0
"""How incidents are handled, in a pack's file: how it is written and what it means. What is wrong is `incidents`' part.

What follows a rollback (`rollback.sequence`) is done in the order in which it stands; what closes an incident
(`incident.closing`) in any, unless something says what it comes after.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.answering import Answer
from interlock.domain.handling import (
    ANY_LABEL,
    LONGEST_SILENCE,
    Authority,
    Clock,
    Handling,
    Label,
    Missed,
    Notice,
    Owed,
    Promising,
    Scope,
)
from interlock.domain.ids import (
    AudienceName,
    CheckId,
    ClockId,
    DutyId,
    EnvironmentName,
    LabelName,
    NoticeId,
    RoleName,
)
from interlock.domain.incident import Severity
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.template import Template
from interlock.packs.citing import CITES_OF_KEYS, CITES_OR_KEYS, ByKey, Cited, whole
from interlock.packs.duties import CITES, LABEL, LEAST, DutyShape, duty, sequence
from interlock.packs.messages import RollbackNotifyShape
from interlock.packs.shape import key
from interlock.packs.wanted import DAY, YEAR, Span

_NOT_NEGATIVE: Final = Span(0, YEAR.most)


class OccasionWord(StrEnum):
    """What happens once, or whenever it does."""

    OPENED = "opened"
    DECIDED = "decided"
    DISAGREED = "disagreed"
    ESCALATED = "escalated"
    PROMISED = "promised"
    SCHEDULED = "scheduled"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class LabelledOccasion:
    labelled: LabelName = field(metadata=key(doc="It is said to be about this."))


@dataclass(frozen=True, slots=True)
class DecidedOccasion:
    decided: Answer = field(metadata=key(doc="Just this was decided."))


@dataclass(frozen=True, slots=True)
class SentOccasion:
    sent: NoticeId = field(metadata=key(doc="This message was sent; under `until`: it arrived."))


@dataclass(frozen=True, slots=True)
class DoneOccasion:
    done: DutyId = field(metadata=key(doc="This was done."))


@dataclass(frozen=True, slots=True)
class MissedOccasion:
    missed: ClockId = field(metadata=key(doc="This clock ran out."))


OccasionShape = OccasionWord | LabelledOccasion | DecidedOccasion | SentOccasion | DoneOccasion | MissedOccasion


@dataclass(frozen=True, slots=True)
class LabelShape:
    """What an incident can be about."""

    goes_back_for: tuple[RoleName, ...] = field(
        default=(), metadata=key(doc="If somebody in these roles says so, it goes back at once; nobody weighs it.")
    )
    found_by: tuple[CheckId, ...] = field(
        default=(),
        metadata=key(doc="Checks of a stage's `verify` or `bake`: who fails one of them opens an incident about this."),
    )
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class SendShape:
    """A message of the pack that is sent in incidents: by people, or by itself."""

    message: NoticeId = field(metadata=key(doc="The message."))
    on: tuple[OccasionShape, ...] = field(
        default=(), metadata=key(doc="When it goes out by itself; none: a person sends it.")
    )
    promises: Promising = field(
        default=Promising.NOTHING, metadata=key(doc="`next`: whoever sends it says by when more is told.")
    )
    within: timedelta = field(
        default=LONGEST_SILENCE, metadata=key(doc="How long from then what it promises may be off.", span=DAY)
    )
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)


@dataclass(frozen=True, slots=True)
class ClockShape:
    """A deadline."""

    starts: OccasionShape = field(metadata=key("from", doc="What starts it."))
    stops: tuple[OccasionShape, ...] = field(metadata=key("until", doc="Any of these stops it.", at_least=1))
    within: timedelta = field(
        default=timedelta(0),
        metadata=key(
            doc="How long it runs; from `promised`, `scheduled`: how much later than then still counts.",
            span=_NOT_NEGATIVE,
        ),
    )
    tells: tuple[AudienceName, ...] = field(
        default=(), metadata=key(doc="Who is told when it runs out; none: everybody.")
    )
    again: timedelta = field(
        default=timedelta(0),
        metadata=key(doc="The pause after which they are told again, until something stops it; none: once.", span=YEAR),
    )
    then: Missed = field(
        default=Missed.TELL, metadata=key(doc="`rollback`: when it runs out and nobody decided so, it goes back.")
    )
    label: LabelName = field(default=ANY_LABEL, metadata=LABEL)
    at_least: Severity = field(default=Severity.MINOR, metadata=LEAST)
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class IncidentShape:
    """How incidents are handled."""

    environments: tuple[EnvironmentName, ...] = field(
        default=(), metadata=key("in", doc="In which environments; none: in all.")
    )
    labels: Mapping[LabelName, LabelShape] = field(
        default_factory=dict, metadata=key(doc="What an incident can be about.")
    )
    send: tuple[SendShape, ...] = field(default=(), metadata=key(doc="Which messages are sent, and when."))
    clocks: Mapping[ClockId, ClockShape] = field(default_factory=dict, metadata=key(doc="Deadlines, by name."))
    closing: tuple[DutyShape, ...] = field(
        default=(), metadata=key(doc="What is owed before an incident may be closed.")
    )
    cites: ByKey = field(default_factory=dict, metadata=CITES_OF_KEYS)


@dataclass(frozen=True, slots=True)
class EscalateShape:
    to: RoleName = field(metadata=key(doc="Who settles a disagreement; an audience of that name is told."))
    after: timedelta = field(metadata=key(doc="How long people may disagree before.", span=YEAR))
    within: timedelta = field(
        default=timedelta(minutes=10),
        metadata=key(doc="How long they may be silent before it goes back.", span=YEAR),
    )


@dataclass(frozen=True, slots=True)
class FallbackShape:
    to: RoleName = field(metadata=key(doc="Who stands in; an audience of that name is told."))
    after: timedelta = field(
        metadata=key(doc="How long the primary role may be silent in an incident before.", span=YEAR)
    )


@dataclass(frozen=True, slots=True)
class AuthorityShape:
    """Who decides that what completed is rolled back. What is only on its way anybody may call back."""

    primary: RoleName = field(metadata=key(doc="Whose word counts at once."))
    mandate: Mapping[RoleName, tuple[LabelName, ...]] = field(
        default_factory=dict,
        metadata=key(doc="Roles whose word to go back counts at once in incidents of these labels, and the labels."),
    )
    fallback: FallbackShape | None = field(default=None, metadata=key(doc="Who stands in for the primary role."))
    escalate: EscalateShape | None = field(default=None, metadata=key(doc="Who settles a disagreement."))
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class RollbackShape:
    """What stands beside a rollback, who decides it, and what follows it."""

    notify: RollbackNotifyShape = field(
        default=RollbackNotifyShape(), metadata=key(doc="Which messages fall due in its course.")
    )
    authority: AuthorityShape | None = field(
        default=None, metadata=key(doc="Who decides that what completed is rolled back; none: any registered person.")
    )
    sequence: tuple[DutyShape, ...] = field(
        default=(), metadata=key(doc="What follows once the traffic is back, in this order.")
    )
    cites: ByKey = field(default_factory=dict, metadata=CITES_OF_KEYS)


def handling(incident: IncidentShape, rollback: RollbackShape, templates: Iterable[Template]) -> Handling:
    """What this means."""
    known = {template.id: template for template in templates}
    labels = tuple(_label(name, one) for name, one in incident.labels.items())
    notices = tuple(
        Notice(known[one.message], one.promises, one.within, tuple(map(occasion, one.on)), _scope(one))
        for one in incident.send
    )
    clocks = tuple(_clock(name, one) for name, one in incident.clocks.items())
    duties = (*sequence(rollback.sequence), *(duty(one, one.after, Owed.ALWAYS) for one in incident.closing))
    return Handling(incident.environments, labels, notices, clocks, duties, authority(rollback.authority))


def _label(name: LabelName, shape: LabelShape) -> Label:
    return Label(name, shape.goes_back_for, shape.found_by, whole(shape.cites))


def occasion(shape: OccasionShape) -> Occasion:
    """What this occasion means."""
    match shape:
        case OccasionWord():
            return Occasion(OccasionKind(shape.value))
        case LabelledOccasion(labelled):
            return Occasion(OccasionKind.LABELLED, labelled)
        case DecidedOccasion(decided):
            return Occasion(OccasionKind.DECIDED, decided)
        case SentOccasion(sent):
            return Occasion(OccasionKind.SENT, sent)
        case DoneOccasion(done):
            return Occasion(OccasionKind.DONE, done)
        case MissedOccasion(missed):
            return Occasion(OccasionKind.MISSED, missed)
        case _:
            assert_never(shape)


def authority(shape: AuthorityShape | None) -> Authority:
    """What this authority means."""
    if shape is None:
        return Authority()
    nobody, never = RoleName(""), timedelta(0)
    fallback, escalate = shape.fallback, shape.escalate
    return Authority(
        shape.primary,
        dict(shape.mandate),
        fallback.to if fallback else nobody,
        fallback.after if fallback else never,
        escalate.to if escalate else nobody,
        escalate.after if escalate else never,
        escalate.within if escalate else never,
        whole(shape.cites),
    )


def _heard(shape: OccasionShape) -> Occasion:
    """What stops a clock: of a message not that it was sent, but that it arrived."""
    meant = occasion(shape)
    return Occasion(OccasionKind.ARRIVED, meant.of) if meant.kind is OccasionKind.SENT else meant


def _clock(name: ClockId, shape: ClockShape) -> Clock:
    stops = tuple(map(_heard, shape.stops))
    starts, scope = occasion(shape.starts), _scope(shape)
    return Clock(name, shape.within, starts, stops, shape.tells, shape.then, scope, shape.cites, shape.again)


def _scope(shape: SendShape | ClockShape) -> Scope:
    return Scope(shape.at_least, shape.label)
