# SPDX-License-Identifier: Apache-2.0
"""Incidents: a problem in an environment, the release under suspicion, what people said and did about it, and its end.

What an incident is, what can be asked of it, what can happen to it. How the written procedure wants it handled stands
in `handling`, what may be done when in `assessing`; what people answer is `answering`, what they owe `duty`, what they
are told `telling`.

1. A rollback opens one by itself where something went wrong; a person may open one too.
2. Everything in it is kept in its order, with the time: which clocks run and what is still owed follows from that.
3. Only a named, signed person closes it, saying what was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.answering import (
    UNDECIDED,
    Answer,
    AnswerCommand,
    AnswerEvent,
    AnswerGiven,
    Capacity,
    DisagreementArose,
    IncidentDecided,
    IncidentEscalated,
    RollbackJoined,
    RollbackStuck,
    Settled,
    Stance,
    Word,
)
from interlock.domain.duty import (
    DutyAttested,
    DutyCommand,
    DutyEvent,
    GapNamed,
    QuestionAnswered,
    ReportWritten,
    StepConcluded,
    StepOutcome,
    StepRetried,
)
from interlock.domain.ids import (
    ClockId,
    Digest,
    DutyId,
    EffectKey,
    EnvironmentName,
    IncidentId,
    LabelName,
    PersonId,
    ReleaseId,
    RollbackId,
    ServiceName,
    StreamId,
    TextRef,
)
from interlock.domain.moment import NEVER
from interlock.domain.occasion import Happened, Occasion, OccasionKind
from interlock.domain.suspect import StrangerAdopted, Suspect
from interlock.domain.telling import NoticeArrived, NoticeSent, Sending, TellingCommand, TellingEvent


class Severity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    def reaches(self, least: "Severity") -> bool:
        """Whether it is at least so bad."""
        return _RANK[self] >= _RANK[least]


_RANK: Final = {Severity.MINOR: 0, Severity.MAJOR: 1, Severity.CRITICAL: 2}


class IncidentPhase(StrEnum):
    ABSENT = "absent"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    incident: IncidentId
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    severity: Severity
    summary: TextRef
    labels: tuple[LabelName, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelIncident:
    incident: IncidentId
    label: LabelName


@dataclass(frozen=True, slots=True)
class ScheduleReview:
    """When people come together to learn from it."""

    incident: IncidentId
    review_at: datetime


@dataclass(frozen=True, slots=True)
class CloseIncident:
    incident: IncidentId
    outcome: TextRef


@dataclass(frozen=True, slots=True)
class MissClock:
    """A clock has run out."""

    incident: IncidentId
    clock: ClockId


@dataclass(frozen=True, slots=True)
class ReportRestored:
    incident: IncidentId


CaseCommand = OpenIncident | LabelIncident | ScheduleReview | CloseIncident | MissClock | ReportRestored
IncidentCommand = CaseCommand | TellingCommand | AnswerCommand | DutyCommand


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """`rollback` is the one that opened it (empty: none did): then it was decided by what went wrong."""

    incident: IncidentId
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    severity: Severity
    summary: str
    by: str
    at: datetime = NEVER
    labels: tuple[LabelName, ...] = ()
    rollback: RollbackId = RollbackId("")
    suspect: Suspect = Suspect.RELEASE


NOBODY: Final = PersonId("")
"""In place of a person: a check found it."""


@dataclass(frozen=True, slots=True)
class IncidentLabelled:
    incident: IncidentId
    label: LabelName
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class ClockMissed:
    """A clock ran out, or came again, at `due`; `since` is when it had run out already (NEVER: it had not)."""

    incident: IncidentId
    clock: ClockId
    due: datetime
    at: datetime
    since: datetime = NEVER


@dataclass(frozen=True, slots=True)
class ReviewScheduled:
    incident: IncidentId
    review_at: datetime
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class EnvironmentRestored:
    incident: IncidentId
    release: ReleaseId
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    incident: IncidentId
    outcome: TextRef
    by: PersonId
    at: datetime = NEVER


CaseEvent = IncidentOpened | IncidentLabelled | ClockMissed | ReviewScheduled | EnvironmentRestored | IncidentClosed
IncidentEvent = CaseEvent | TellingEvent | AnswerEvent | DutyEvent


@dataclass(frozen=True, slots=True)
class Incident:
    """`history` is everything that clocks and messages go by, oldest first."""

    phase: IncidentPhase = IncidentPhase.ABSENT
    id: IncidentId = IncidentId("")
    service: ServiceName = ServiceName("")
    environment: EnvironmentName = EnvironmentName("")
    release: ReleaseId = ReleaseId("")
    suspect: Suspect = Suspect.RELEASE
    severity: Severity = Severity.MAJOR
    summary: str = ""
    opened_at: datetime = NEVER
    """NEVER for one that was recorded before incidents had clocks."""
    opened_by: str = ""
    labels: tuple[LabelName, ...] = ()
    stance: Stance = Stance.OPEN
    words: Mapping[PersonId, Word] = field(default_factory=dict)
    settled: Settled = UNDECIDED
    rollback: RollbackId = RollbackId("")
    """The newest rollback that answers it; empty: none does."""
    stuck: str = ""
    """Why it cannot go back, where it was to."""
    history: tuple[Happened, ...] = ()
    missed: Mapping[ClockId, datetime] = field(default_factory=dict)
    """For when the clock stood that ran out last."""
    done: Mapping[DutyId, str] = field(default_factory=dict)
    """What was done of what is owed, and by whom."""
    failed: Mapping[DutyId, str] = field(default_factory=dict)
    """Steps that failed or came to no answer, and why."""
    refuted: frozenset[DutyId] = frozenset()
    """Steps whose program said that it is not so, and nothing else since."""
    tries: Mapping[DutyId, int] = field(default_factory=dict)
    on_its_way: tuple[Sending, ...] = ()
    """What was sent and has not arrived everywhere yet."""
    gaps: tuple[Digest, ...] = ()
    """What was proposed to close gaps of the procedure."""
    review_at: datetime = NEVER
    """When people come together about it."""
    outcome: str = ""

    @property
    def is_going_back(self) -> bool:
        """Whether going back is what counts, and is possible."""
        return self.stance is Stance.DECIDED and self.settled.answer is Answer.ROLLBACK and not self.stuck

    def wants_back(self, release: ReleaseId) -> bool:
        """Whether it was decided to leave this release, and no rollback answers that yet."""
        return self.is_going_back and not self.rollback and self.release == release and self.suspect is Suspect.RELEASE

    def misses(self, release: ReleaseId) -> bool:
        """Whether it is about what came in the place of this release, and nothing brought that back yet."""
        is_strange = self.suspect is Suspect.STRANGER and self.release == release
        return is_strange and not self.rollback and not self.times(Occasion(OccasionKind.RESTORED))

    def times(self, occasion: Occasion) -> int:
        """How often this happened."""
        return sum(1 for happened in self.history if occasion.covers(happened.occasion))


def incident_stream(incident: IncidentId) -> StreamId:
    """The stream of one incident."""
    return StreamId(f"incident/{incident}")


def step_key(state: Incident, duty: DutyId) -> EffectKey:
    """The key of the present try of a step."""
    return EffectKey(f"{state.id}/step/{duty}/{state.tries.get(duty, 0) + 1}")


def evolve(state: Incident, event: IncidentEvent) -> Incident:
    """The incident after the event."""
    if isinstance(event, AnswerEvent):
        return _weighed(state, event)
    if isinstance(event, DutyEvent):
        return _on_duty(state, event)
    if isinstance(event, TellingEvent):
        return _told(state, event)
    return _went_on(state, event)


def _went_on(state: Incident, event: CaseEvent) -> Incident:
    match event:
        case IncidentOpened():
            return _opened(event)
        case IncidentLabelled(_, label, _, at):
            return _with(replace(state, labels=(*state.labels, label)), OccasionKind.LABELLED, label, at)
        case ClockMissed(_, clock, due, at):
            return _with(replace(state, missed={**state.missed, clock: due}), OccasionKind.MISSED, clock, at)
        case ReviewScheduled(_, review_at, _, at):
            return _with(replace(state, review_at=review_at), OccasionKind.SCHEDULED, "", at, review_at)
        case EnvironmentRestored(at=at):
            return _with(state, OccasionKind.RESTORED, "", at)
        case IncidentClosed(outcome=outcome):
            return replace(state, phase=IncidentPhase.CLOSED, outcome=outcome)
        case _:
            assert_never(event)


def _told(state: Incident, event: TellingEvent) -> Incident:
    match event:
        case NoticeSent(_, notice, _, promised, _, at, copies):
            sent = _with(state, OccasionKind.SENT, notice, at)
            sending = Sending(notice, sent.times(Occasion(OccasionKind.SENT, notice)), promised, copies)
            return replace(sent, on_its_way=(*state.on_its_way, sending))
        case NoticeArrived(_, notice, number, promised, at):
            left = tuple(one for one in state.on_its_way if (one.notice, one.number) != (notice, number))
            there = _with(replace(state, on_its_way=left), OccasionKind.ARRIVED, notice, at)
            return there if promised == NEVER else _with(there, OccasionKind.PROMISED, notice, at, promised)
        case _:
            assert_never(event)


def _opened(event: IncidentOpened) -> Incident:
    bare = Incident(
        phase=IncidentPhase.OPEN,
        id=event.incident,
        service=event.service,
        environment=event.environment,
        release=event.release,
        suspect=event.suspect,
        severity=event.severity,
        summary=event.summary,
        opened_at=event.at,
        opened_by=event.by,
        labels=event.labels,
        rollback=event.rollback,
    )
    opened = _with(bare, OccasionKind.OPENED, "", event.at)
    for label in event.labels:
        opened = _with(opened, OccasionKind.LABELLED, label, event.at)
    if not event.rollback:
        return opened
    answer = Answer.ROLLBACK
    gone = replace(opened, stance=Stance.DECIDED, settled=Settled(answer, Capacity.MACHINE, event.by))
    return _with(gone, OccasionKind.DECIDED, answer, event.at)


def _weighed(state: Incident, event: AnswerEvent) -> Incident:
    match event:
        case AnswerGiven(_, answer, capacity, _, by, _):
            return replace(state, words={**state.words, by: Word(answer, capacity)})
        case IncidentDecided(_, answer, capacity, by, at):
            decided = replace(state, stance=Stance.DECIDED, settled=Settled(answer, capacity, by), stuck="")
            return _with(decided, OccasionKind.DECIDED, answer, at)
        case DisagreementArose(_, at):
            return _with(replace(state, stance=Stance.DISAGREED, settled=UNDECIDED), OccasionKind.DISAGREED, "", at)
        case IncidentEscalated(_, _, at):
            return _with(replace(state, stance=Stance.ESCALATED), OccasionKind.ESCALATED, "", at)
        case RollbackJoined(_, rollback, _):
            return replace(state, rollback=rollback)
        case RollbackStuck(_, sentence):
            return replace(state, stuck=sentence)
        case StrangerAdopted(release=release):
            return replace(state, release=release, suspect=Suspect.RELEASE)
        case _:
            assert_never(event)


def _on_duty(state: Incident, event: DutyEvent) -> Incident:
    match event:
        case StepRetried(_, duty, _):
            left = {other: why for other, why in state.failed.items() if other != duty}
            return replace(state, failed=left)
        case StepConcluded():
            return _step(state, event)
        case GapNamed(duty=duty, proposal=proposal, by=by, at=at):
            return _done(replace(state, gaps=(*state.gaps, proposal)), duty, by, at)
        case ReportWritten(duty=duty, by=by, at=at) | DutyAttested(duty=duty, by=by, at=at):
            return _done(state, duty, by, at)
        case QuestionAnswered(duty=duty, by=by, at=at):
            return _done(state, duty, by, at)
        case _:
            assert_never(event)


def _step(state: Incident, event: StepConcluded) -> Incident:
    """What a program said against it stands until a program says otherwise; silence does not take it back."""
    duty = event.duty
    if event.outcome is StepOutcome.DONE:
        left = {other: why for other, why in state.failed.items() if other != duty}
        return _done(replace(state, failed=left, refuted=state.refuted - {duty}), duty, event.by, event.at)
    tries = {**state.tries, duty: state.tries.get(duty, 0) + 1}
    refuted = state.refuted | {duty} if event.outcome is StepOutcome.FAILED else state.refuted
    return replace(state, failed={**state.failed, duty: event.detail}, tries=tries, refuted=refuted)


def _done(state: Incident, duty: DutyId, by: str, at: datetime) -> Incident:
    return _with(replace(state, done={**state.done, duty: by}), OccasionKind.DONE, duty, at)


def _with(state: Incident, kind: OccasionKind, of: str, at: datetime, until: datetime = NEVER) -> Incident:
    return replace(state, history=(*state.history, Happened(Occasion(kind, of), at, until)))
