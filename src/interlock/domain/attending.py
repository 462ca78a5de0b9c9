# SPDX-License-Identifier: Apache-2.0
"""What the controller sees to in an incident: that it goes back, what follows, clocks that run out, messages.

Going back comes first; what tells stands beside it, never in front (I0).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from interlock.domain.action import (
    Action,
    Announce,
    Deadline,
    GoBack,
    NoteArrived,
    NoteMissed,
    NoteRestored,
    PerformStep,
)
from interlock.domain.actor import CONTROLLER, Actor, Person
from interlock.domain.alerting import asked_to_settle, ran_out, told, went_wrong
from interlock.domain.answering import AnswerEvent, IncidentEscalated, ReportStuck, RollbackStuck
from interlock.domain.authority import Crew, by_silence, stand_in
from interlock.domain.clocks import Running, calling, concerns
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.docket import DocketEvent
from interlock.domain.drift import Drift
from interlock.domain.duty import ConcludeStep, StepConcluded, StepOutcome
from interlock.domain.handling import (
    DISAGREEMENT,
    OUT_OF_REACH,
    UNHANDLED,
    Handling,
    Missed,
    Notice,
    StepAsked,
)
from interlock.domain.ids import Digest
from interlock.domain.incident import (
    ClockMissed,
    EnvironmentRestored,
    Incident,
    IncidentEvent,
    IncidentPhase,
    MissClock,
    ReportRestored,
    incident_stream,
    step_key,
)
from interlock.domain.moment import NEVER, last_of
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.outbox import Outbox, OutboxEvent
from interlock.domain.owing import ahead, is_done, owed
from interlock.domain.rollback import Rollback, RollbackPhase
from interlock.domain.slot import OccupantKind, SlotState
from interlock.domain.suspect import Suspect
from interlock.domain.telling import NoticeArrived, NoticeSent, ReportArrived, SendNotice, TellingCommand, has_arrived

Emits = IncidentEvent | DocketEvent | OutboxEvent
RobotsCommand = MissClock | ReportRestored | ReportStuck | ConcludeStep | TellingCommand


@dataclass(frozen=True, slots=True)
class Room:
    """What a step of an incident looks at: the rules for it, who is there, its environment, what answers it."""

    handling: Handling = UNHANDLED
    crew: Crew = field(default_factory=Crew)
    slot: SlotState = field(default_factory=SlotState)
    rollback: Rollback = field(default_factory=Rollback)
    proposals: frozenset[Digest] = frozenset()
    """Every governance that was proposed for the service."""
    drift: Drift = field(default_factory=Drift)
    """What was found to run there that was not released."""
    outbox: Outbox = field(default_factory=Outbox)
    """The messages of the service that have not arrived."""


def is_restored(state: Incident, room: Room) -> bool:
    """Whether something else than the suspect runs there, proven, with nothing under way."""
    slot = room.slot
    return _is_gone(state, room) and slot.kind is OccupantKind.FREE and slot.live in slot.good


def _is_gone(state: Incident, room: Room) -> bool:
    """Whether the release under suspicion is not what is live, or what ran in its place does not run any more."""
    if state.suspect is Suspect.RELEASE:
        return bool(state.release) and room.slot.live.release != state.release
    return room.rollback.phase is RollbackPhase.COMPLETED or room.drift.incident != state.id


def has_returned(state: Incident, room: Room) -> bool:
    """Whether the traffic is on the release gone back to; the proof may still be under way."""
    is_back = room.rollback.phase in {RollbackPhase.PROVING, RollbackPhase.COMPLETED}
    return is_back or state.times(Occasion(OccasionKind.RESTORED)) > 0


def decide(state: Incident, command: RobotsCommand, room: Room, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the controller may record this."""
    if isinstance(actor, Person):
        return refuse("incident.robot_only", "the controller takes this step by itself", "run `interlock drive`")
    if state.phase is not IncidentPhase.OPEN:
        return refuse("incident.not_open", f"incident '{state.id}' is not open", "see `interlock incident list`")
    match command:
        case MissClock():
            return _miss(state, command, room, now)
        case SendNotice() | ReportArrived():
            return _told(state, command, room, now)
        case ReportRestored():
            return _restored(state, room, now)
        case ReportStuck():
            return _stuck(state, command)
        case ConcludeStep():
            return _step(state, command, room, now)
        case _:
            assert_never(command)


def next_actions(state: Incident, room: Room, now: datetime) -> tuple[Action, ...]:
    """What the incident needs now, and when to look again."""
    if state.phase is not IncidentPhase.OPEN or state.opened_at == NEVER:
        return ()
    return tuple(_next_actions(state, room, now))


def _next_actions(state: Incident, room: Room, now: datetime) -> Iterator[Action]:
    is_missing = state.is_going_back and state.misses(room.slot.live.release) and room.slot.kind is OccupantKind.FREE
    if is_missing or (state.wants_back(state.release) and _is_there(state, room.slot)):
        yield GoBack(state.id)
    if is_restored(state, room) and not state.times(Occasion(OccasionKind.RESTORED)):
        yield NoteRestored(state.id)
    yield from _steps(state, room)
    for sending in state.on_its_way:  # before any clock that it may have stopped in time
        if has_arrived(sending, room.outbox):
            yield NoteArrived(state.id, sending.notice, sending.number)
    for running in calling(room.handling, state):
        over = now >= running.calls
        yield NoteMissed(state.id, running.clock.id) if over else Deadline(running.calls)
    for notice in _awaited(state, room.handling):
        yield Announce(state.id, notice.id)


def _steps(state: Incident, room: Room) -> Iterator[Action]:
    """Steps whose turn it is; a failed one waits for a person."""
    for duty in owed(room.handling, state) if has_returned(state, room) else ():
        is_open = not is_done(duty, state) and duty.id not in state.failed
        if isinstance(duty.asked, StepAsked) and is_open and not ahead(duty, room.handling, state):
            target = room.rollback.target or room.slot.live.release
            yield PerformStep(state.id, duty.id, duty.asked.step, target, step_key(state, duty.id))


def _is_there(state: Incident, slot: SlotState) -> bool:
    """Whether the release under suspicion is what runs, or is on its way, and nothing goes back already."""
    if slot.kind is OccupantKind.ROLLBACK:
        return False
    return state.release in {slot.live.release, slot.candidate.release, slot.occupying}


def _awaited(state: Incident, handling: Handling) -> Iterator[Notice]:
    """Messages that go out by themselves, and whose occasion came after they were last sent."""
    for notice in handling.notices:
        occasions = [
            number
            for number, happened in enumerate(state.history)
            if any(on.covers(happened.occasion) for on in notice.on)
        ]
        this = Occasion(OccasionKind.SENT, notice.id)
        sent = [number for number, happened in enumerate(state.history) if this.covers(happened.occasion)]
        if occasions and concerns(notice.scope, state) and max(occasions) > max(sent, default=-1):
            yield notice


def _told(state: Incident, command: TellingCommand, room: Room, now: datetime) -> Decision[Emits]:
    if isinstance(command, SendNotice):
        return _announce(state, command, room, now)
    return _arrived(state, command, room, now)


def _announce(state: Incident, command: SendNotice, room: Room, now: datetime) -> Decision[Emits]:
    notice = next((one for one in _awaited(state, room.handling) if one.id == command.notice), None)
    if notice is None:
        return refuse("incident.nothing_to_tell", f"'{command.notice}' is not due", "nothing needs doing")
    sent = NoticeSent(state.id, notice.id, (), NEVER, str(CONTROLLER), now)
    return Accepted(told(state, notice, sent))


def _arrived(state: Incident, command: ReportArrived, room: Room, now: datetime) -> Decision[Emits]:
    for sending in state.on_its_way:
        is_it = (sending.notice, sending.number) == (command.notice, command.number)
        if is_it and has_arrived(sending, room.outbox):
            arrived = NoticeArrived(state.id, sending.notice, sending.number, sending.promised, now)
            return Accepted((Emitted(incident_stream(state.id), arrived),))
    sentence = f"'{command.notice}' is not on its way, or has not reached everybody yet"
    return refuse("incident.not_arrived", sentence, "see `interlock outbox`")


def _stuck(state: Incident, command: ReportStuck) -> Decision[Emits]:
    if not state.is_going_back or state.rollback:
        return refuse("incident.not_stuck", "nothing is to go back there", "nothing needs doing")
    stuck = Emitted(incident_stream(state.id), RollbackStuck(state.id, command.sentence))
    return Accepted((stuck, went_wrong(state, "going back", command.sentence)))


def _miss(state: Incident, command: MissClock, room: Room, now: datetime) -> Decision[Emits]:
    clocks = calling(room.handling, state)
    over = [one for one in clocks if one.clock.id == command.clock and now >= one.calls]
    if not over:
        return refuse("incident.clock_not_over", f"the clock '{command.clock}' has not run out", "nothing needs doing")
    return Accepted(tuple(_missed(state, over[0], room, now)))


def _missed(state: Incident, running: Running, room: Room, now: datetime) -> Iterator[Emitted[Emits]]:
    stream, clock = incident_stream(state.id), running.clock
    moment, since = last_of(running.calls, clock.again, now), running.due if running.is_out else NEVER
    yield Emitted(stream, ClockMissed(state.id, clock.id, moment, now, since))
    follows: tuple[AnswerEvent, ...] = ()
    if running.is_out:
        yield from ran_out(state, running)
        return
    if clock.missed is Missed.ROLLBACK and not state.is_going_back:
        follows = (by_silence(state, now),)
    elif clock.id == OUT_OF_REACH:
        follows = stand_in(state, room.handling.authority, room.crew, now)
    elif clock.id == DISAGREEMENT:
        follows = (IncidentEscalated(state.id, str(CONTROLLER), now),)
    for event in follows:
        yield Emitted(stream, event)
    if clock.id == DISAGREEMENT:
        yield asked_to_settle(state, room.handling.authority.escalation)
    else:
        yield from ran_out(state, running)


def _restored(state: Incident, room: Room, now: datetime) -> Decision[Emits]:
    is_known = state.times(Occasion(OccasionKind.RESTORED)) > 0
    if is_known or not is_restored(state, room):
        return refuse("incident.no_news", "nothing new runs there, proven", "nothing needs doing")
    restored = EnvironmentRestored(state.id, room.slot.live.release, now)
    return Accepted((Emitted(incident_stream(state.id), restored),))


def _step(state: Incident, command: ConcludeStep, room: Room, now: datetime) -> Decision[Emits]:
    duty = next((one for one in owed(room.handling, state) if one.id == command.duty), None)
    is_due = duty is not None and isinstance(duty.asked, StepAsked) and not is_done(duty, state)
    if not is_due or command.key != step_key(state, command.duty):
        return refuse("incident.step_not_due", f"step '{command.duty}' is not under way", "nothing needs doing")
    concluded = StepConcluded(
        state.id, command.duty, command.outcome, command.detail, command.report, str(CONTROLLER), now
    )
    event: Emitted[Emits] = Emitted(incident_stream(state.id), concluded)
    if command.outcome is StepOutcome.DONE:
        return Accepted((event,))
    return Accepted((event, went_wrong(state, command.duty, command.detail)))
