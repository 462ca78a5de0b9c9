# SPDX-License-Identifier: Apache-2.0
"""What people may do in an incident: open it, say what it is about, decide, tell others, plan its review, close it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from interlock.domain import attending, fulfilling
from interlock.domain.actor import Actor, Person, is_signed_person
from interlock.domain.alerting import asked_to_settle, told
from interlock.domain.answering import (
    Answer,
    AnswerEvent,
    AnswerGiven,
    Capacity,
    EscalateIncident,
    GiveAnswer,
    IncidentDecided,
    IncidentEscalated,
    ReportStuck,
    Stance,
    Word,
)
from interlock.domain.attending import Emits, Room
from interlock.domain.authority import OPEN_TO_ALL, Lacking, capacity_of, weigh, who_decides
from interlock.domain.clocks import unmissed
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused, refuse, refuse_by
from interlock.domain.docket import IncidentDelisted, docket_stream, listed
from interlock.domain.duty import ConcludeStep
from interlock.domain.handling import Handling, NoticeAsked, Promising, ReviewAsked
from interlock.domain.ids import LabelName
from interlock.domain.incident import (
    CloseIncident,
    Incident,
    IncidentClosed,
    IncidentCommand,
    IncidentLabelled,
    IncidentOpened,
    IncidentPhase,
    LabelIncident,
    MissClock,
    OpenIncident,
    ReportRestored,
    ReviewScheduled,
    ScheduleReview,
    evolve,
    incident_stream,
)
from interlock.domain.moment import NEVER, in_words, span_in_words
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.owing import ahead, closing, owed
from interlock.domain.telling import NoticeSent, ReportArrived, SendNotice
from interlock.domain.template import refusal_of

PeoplesCommand = LabelIncident | SendNotice | GiveAnswer | EscalateIncident | ScheduleReview | CloseIncident


def decide(state: Incident, command: IncidentCommand, room: Room, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether this may be done in the incident now."""
    match command:
        case OpenIncident():
            return _open(state, command, room, actor, now)
        case MissClock() | ReportRestored() | ReportArrived() | ReportStuck() | ConcludeStep():
            return attending.decide(state, command, room, actor, now)
        case SendNotice() if not isinstance(actor, Person):
            return attending.decide(state, command, room, actor, now)
        case _:
            pass
    if not isinstance(actor, Person) or not is_signed_person(actor):
        return refuse("incident.unsigned", "that is for a person to do, with their signature", "sign with a key")
    if state.phase is not IncidentPhase.OPEN:
        return refuse(
            "incident.not_open", f"incident '{command.incident}' is not open", "see `interlock incident list`"
        )
    if isinstance(command, PeoplesCommand):
        return _in_person(state, command, room, actor, now)
    return fulfilling.decide(state, command, room, actor, now)


def _in_person(state: Incident, command: PeoplesCommand, room: Room, actor: Person, now: datetime) -> Decision[Emits]:
    match command:
        case LabelIncident():
            return _label(state, command, room.handling, (room, actor), now)
        case SendNotice():
            return _send(state, command, room, actor, now)
        case GiveAnswer():
            return _answer(state, command, room, actor, now)
        case EscalateIncident():
            return _escalate(state, room, actor, now)
        case ScheduleReview():
            return _schedule(state, command, room, actor, now)
        case CloseIncident():
            return _close(state, command, room, actor, now)
        case _:
            assert_never(command)


def _open(state: Incident, command: OpenIncident, room: Room, actor: Actor, now: datetime) -> Decision[Emits]:
    if state.phase is not IncidentPhase.ABSENT:
        return refuse("incident.exists", f"incident '{command.incident}' exists already", "choose another id")
    unknown = [label for label in command.labels if room.handling.label(label) is None]
    if unknown:
        return _unknown_label(unknown[0], room.handling)
    opened = IncidentOpened(
        command.incident,
        command.service,
        command.environment,
        command.release,
        command.severity,
        command.summary,
        str(actor),
        now,
        tuple(dict.fromkeys(command.labels)),
    )
    fresh = evolve(state, opened)
    return Accepted((*listed(opened), *_declared(fresh, command.labels, room, actor, now)))


def _label(
    state: Incident, command: LabelIncident, handling: Handling, there: tuple[Room, Person], now: datetime
) -> Decision[Emits]:
    room, actor = there
    if handling.label(command.label) is None:
        return _unknown_label(command.label, handling)
    follows = tuple(_declared(state, (command.label,), room, actor, now))
    if command.label in state.labels:  # whoever said it first takes nothing from those whose word is not weighed
        return Accepted(follows) if follows else _labelled_already(command.label)
    labelled = IncidentLabelled(state.id, command.label, actor.id, now)
    return Accepted((Emitted(incident_stream(state.id), labelled), *follows))


def _labelled_already(label: LabelName) -> Refused:
    return refuse("incident.labelled", f"it is about {label} already", "nothing needs doing")


def _unknown_label(label: LabelName, handling: Handling) -> Refused:
    known = ", ".join(one.name for one in handling.labels) or "none"
    return refuse("incident.unknown_label", f"there is no label '{label}'", f"there are: {known}")


def _declared(
    state: Incident, labels: tuple[LabelName, ...], room: Room, actor: Actor, now: datetime
) -> Iterator[Emitted[Emits]]:
    """What is not weighed: somebody whose word is taken for it says that it is so, and it goes back."""
    if not isinstance(actor, Person) or not is_signed_person(actor) or state.is_going_back:
        return
    for name in labels:
        label = room.handling.label(name)
        if label and room.crew.holds(actor.id, label.goes_back_for):
            stream, back = incident_stream(state.id), Answer.ROLLBACK
            yield Emitted(stream, AnswerGiven(state.id, back, Capacity.DECLARED, name, actor.id, now))
            yield Emitted(stream, IncidentDecided(state.id, back, Capacity.DECLARED, str(actor), now))
            return


def _answer(state: Incident, command: GiveAnswer, room: Room, actor: Person, now: datetime) -> Decision[Emits]:
    if state.is_going_back:
        return refuse("incident.going_back", "it goes back already", "see `interlock status`")
    authority = room.handling.authority
    capacity = capacity_of(actor.id, command.answer, state, authority, room.crew, now)
    if isinstance(capacity, Lacking):
        return refuse("incident.no_authority", who_decides(authority), f"tell them what you know; {OPEN_TO_ALL}")
    given = AnswerGiven(state.id, command.answer, capacity, command.ground, actor.id, now)
    follows = weigh(state, actor, Word(command.answer, capacity), authority, now)
    events: tuple[AnswerEvent, ...] = (given, *follows)
    return Accepted(tuple(Emitted(incident_stream(state.id), event) for event in events))


def _escalate(state: Incident, room: Room, actor: Person, now: datetime) -> Decision[Emits]:
    authority = room.handling.authority
    if state.stance is Stance.DISAGREED and not room.crew.holds(actor.id, authority.roles):
        return refuse("incident.no_authority", who_decides(authority), f"tell them what you know; {OPEN_TO_ALL}")
    if state.stance is not Stance.DISAGREED:
        return refuse(
            "incident.no_disagreement",
            "nobody disagrees",
            "say what is to be done: `interlock incident decide ID ANSWER --reason 'WHY'`",
        )
    escalated = Emitted(incident_stream(state.id), IncidentEscalated(state.id, str(actor), now))
    return Accepted((escalated, asked_to_settle(state, authority.escalation)))


def _send(state: Incident, command: SendNotice, room: Room, actor: Person, now: datetime) -> Decision[Emits]:
    notice = room.handling.notice(command.notice)
    if notice is None:
        known = ", ".join(one.id for one in room.handling.notices if not one.on) or "none"
        return refuse("incident.unknown_notice", f"there is no message '{command.notice}'", f"there are: {known}")
    if notice.on:
        return refuse("incident.notice_automatic", f"'{notice.id}' goes out by itself", "nothing needs doing")
    faults = list(refusal_of(notice.template, {said.field: said.words for said in command.fields}))
    if notice.promises is Promising.NEXT and command.promised == NEVER:
        faults.append(
            Reason(
                "incident.no_promise",
                f"'{notice.id}' promises when more is told",
                "say when the next one comes: --next 30m",
            )
        )
    if NEVER < command.promised <= now:
        faults.append(
            Reason("incident.promise_past", f"{in_words(command.promised)} is over", "promise what is to come")
        )
    if command.promised > now + notice.within:
        sentence = f"after '{notice.id}' the procedure wants more to be told within {span_in_words(notice.within)}"
        faults.append(Reason("incident.promise_far", sentence, "promise it sooner: --next 30m"))
    faults += _too_early(state, NoticeAsked(notice.id), room)
    if faults:
        return Refused(tuple(faults))
    sent = NoticeSent(state.id, notice.id, command.fields, command.promised, str(actor), now)
    return Accepted(told(state, notice, sent))


def _schedule(state: Incident, command: ScheduleReview, room: Room, actor: Person, now: datetime) -> Decision[Emits]:
    faults: list[Reason] = []
    if command.review_at <= now:
        faults.append(Reason("incident.review_past", f"{in_words(command.review_at)} is over", "name a time to come"))
    scheduled = Occasion(OccasionKind.SCHEDULED)
    never_scheduled = replace(state, history=tuple(one for one in state.history if one.occasion != scheduled))
    faults.extend(
        Reason(
            "incident.review_late",
            f"the procedure wants it before {in_words(running.due)}",
            "name an earlier time",
        )
        for running in unmissed(room.handling, never_scheduled)
        if scheduled in running.clock.stopped_by and running.due < command.review_at
    )
    faults += _too_early(state, ReviewAsked(), room)
    if faults:
        return Refused(tuple(faults))
    event = ReviewScheduled(state.id, command.review_at, actor.id, now)
    return Accepted((Emitted(incident_stream(state.id), event),))


def _too_early(state: Incident, asked: NoticeAsked | ReviewAsked, room: Room) -> Iterator[Reason]:
    """What comes before the duty that this would fulfil."""
    for duty in owed(room.handling, state):
        waiting = ahead(duty, room.handling, state) if duty.asked == asked else ()
        if waiting:
            names = ", ".join(one.id for one in waiting)
            yield Reason("incident.too_early", f"{names} comes first", f"see `interlock incident show {state.id}`")


def _close(state: Incident, command: CloseIncident, room: Room, actor: Person, now: datetime) -> Decision[Emits]:
    finding = closing(room.handling, state)
    if not finding.opens:
        return refuse_by(finding)
    closed = Emitted(incident_stream(state.id), IncidentClosed(state.id, command.outcome, actor.id, now))
    return Accepted((closed, Emitted(docket_stream(state.service), IncidentDelisted(state.service, state.id))))
