# SPDX-License-Identifier: Apache-2.0
"""Doing what an incident owes: who may, and not before what comes first."""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from interlock.domain.actor import Person
from interlock.domain.attending import Room, has_returned
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused
from interlock.domain.duty import (
    AnswerQuestion,
    AttestDuty,
    DoStepByHand,
    DutyAttested,
    DutyEvent,
    GapNamed,
    NameGap,
    PeoplesDutyCommand,
    QuestionAnswered,
    ReportWritten,
    RetryStep,
    StepConcluded,
    StepOutcome,
    StepRetried,
    WriteReport,
)
from interlock.domain.handling import (
    AttestationAsked,
    Duty,
    GapsAsked,
    Handling,
    Owed,
    QuestionAsked,
    ReportAsked,
    StepAsked,
)
from interlock.domain.ids import Digest, RoleName
from interlock.domain.incident import Incident, incident_stream
from interlock.domain.owing import ahead, applies, is_done, stands_apart

_FITTING = {
    WriteReport: (ReportAsked,),
    AttestDuty: (AttestationAsked, GapsAsked),
    AnswerQuestion: (QuestionAsked,),
    NameGap: (GapsAsked,),
    DoStepByHand: (StepAsked,),
    RetryStep: (StepAsked,),
}
"""Which command does what is asked in which way."""


def decide(
    state: Incident, command: PeoplesDutyCommand, room: Room, actor: Person, now: datetime
) -> Decision[DutyEvent]:
    """Whether the person may do it now. The incident is open, and they signed."""
    duty = room.handling.duty(command.duty)
    if duty is None or not applies(duty, state):
        names = ", ".join(one.id for one in room.handling.duties if applies(one, state)) or "nothing"
        return Refused(
            (Reason("incident.not_owed", f"incident '{state.id}' does not owe '{command.duty}'", f"it owes: {names}"),)
        )
    if not isinstance(duty.asked, _FITTING[type(command)]):
        return Refused(
            (
                Reason(
                    "incident.other_duty",
                    f"'{duty.id}' is not done in this way",
                    f"see `interlock incident show {state.id}`",
                ),
            )
        )
    faults = (*_faults(state, command, duty, room, actor), *_misfits(state, command, duty, room))
    if faults:
        return Refused(faults)
    return Accepted((Emitted(incident_stream(state.id), _event(state, command, actor, now)),))


def _faults(state: Incident, command: PeoplesDutyCommand, duty: Duty, room: Room, actor: Person) -> Iterator[Reason]:
    """What speaks against anybody doing it, or against this person."""
    roles = _roles(duty, room.handling)
    if roles and not room.crew.holds(actor.id, roles):
        yield Reason("incident.role", f"'{duty.id}' is for {' or '.join(roles)}", "ask somebody who holds that role")
    if not stands_apart(duty.asked, state, actor.id, room.crew):
        sentence = f"'{duty.id}' is for somebody else than whoever opened the incident"
        yield Reason("incident.not_apart", sentence, f"ask somebody else who holds {' or '.join(roles)}")
    if isinstance(command, DoStepByHand) and _decided(state, actor) and actor.id not in room.crew.solo:
        sentence = f"that '{duty.id}' was done by hand is said by somebody else than whoever decided to go back"
        yield Reason("incident.own_decision", sentence, "ask somebody else to look, and to say so")
    if is_done(duty, state) and not isinstance(duty.asked, ReportAsked | GapsAsked):
        yield Reason("incident.done_already", f"'{duty.id}' is done", "nothing needs doing")
    waiting = ahead(duty, room.handling, state)
    if waiting:
        names = ", ".join(one.id for one in waiting)
        yield Reason("incident.too_early", f"{names} comes first", f"see `interlock incident show {state.id}`")
    elif duty.owed is Owed.GOING_BACK and not has_returned(state, room):
        yield Reason("incident.too_early", "the environment has not gone back yet", "wait until it has")


def _decided(state: Incident, actor: Person) -> bool:
    return state.settled.by == f"person:{actor.id}"


def _roles(duty: Duty, handling: Handling) -> tuple[RoleName, ...]:
    """Who may do it; a step by hand: who has a part in the decision to go back."""
    match duty.asked:
        case QuestionAsked(roles) | AttestationAsked(roles) | ReportAsked(roles) | GapsAsked(roles):
            return roles
        case _:
            return handling.authority.roles


def _misfits(state: Incident, command: PeoplesDutyCommand, duty: Duty, room: Room) -> Iterator[Reason]:
    """What is missing in what was said."""
    match command, duty.asked:
        case WriteReport(sections=written), ReportAsked(sections=asked):
            yield from _missing(tuple(section for section in asked if section not in written))
        case AnswerQuestion(answer=answer), QuestionAsked(answers=answers) if answer not in answers:
            yield Reason("incident.unknown_answer", f"'{answer}' is no answer", f"answer {' or '.join(answers)}")
        case NameGap(proposal=proposal), _ if proposal not in room.proposals:
            yield Reason(
                "incident.no_proposal",
                "nothing was proposed that closes the gap",
                "propose the change of the pack first: `interlock governance propose --reason 'WHY'`",
            )
        case DoStepByHand(), _:
            yield from _answered(state, duty)
        case RetryStep(), _ if duty.id not in state.failed:
            yield Reason("incident.not_failed", f"'{duty.id}' has not failed", "nothing needs doing")
        case _:
            return


def _answered(state: Incident, duty: Duty) -> Iterator[Reason]:
    """A word takes the place of an answer that did not come, never of one that did or was not asked for yet."""
    if duty.id in state.refuted:
        sentence = f"the program of '{duty.id}' says that it is not so, and nobody's word takes the place of that"
        step = f"mend it, then have it looked at again: `interlock incident retry {state.id} {duty.id}`"
        yield Reason("incident.step_refuted", sentence, step)
    elif duty.id not in {*state.failed, *state.done}:
        sentence = f"'{duty.id}' was not tried yet"
        yield Reason("incident.step_awaited", sentence, "the controller performs it; wait for its answer")


def _missing(sections: tuple[str, ...]) -> Iterator[Reason]:
    if sections:
        yield Reason(
            "incident.sections",
            f"sections missing or empty: {', '.join(sections)}",
            "write them, each under a heading of its own",
        )


def _event(state: Incident, command: PeoplesDutyCommand, actor: Person, now: datetime) -> DutyEvent:
    match command:
        case WriteReport(_, duty, document, sections):
            return ReportWritten(state.id, duty, document, sections, actor.id, now)
        case AttestDuty(_, duty):
            return DutyAttested(state.id, duty, actor.id, now)
        case AnswerQuestion(_, duty, answer, ground):
            return QuestionAnswered(state.id, duty, answer, ground, actor.id, now)
        case NameGap(_, duty, gap, proposal):
            return GapNamed(state.id, duty, gap, proposal, actor.id, now)
        case DoStepByHand(_, duty, ground):
            return StepConcluded(state.id, duty, StepOutcome.DONE, ground, Digest(""), str(actor), now)
        case RetryStep(_, duty):
            return StepRetried(state.id, duty, actor.id)
        case _:
            assert_never(command)
