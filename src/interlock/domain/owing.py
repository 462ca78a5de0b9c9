# SPDX-License-Identifier: Apache-2.0
"""What an incident still owes, in which order, and whether it may be closed."""

from collections.abc import Iterator
from typing import assert_never

from interlock.domain.actor import name_of
from interlock.domain.answering import Answer, Stance
from interlock.domain.authority import Crew
from interlock.domain.clocks import concerns
from interlock.domain.handling import (
    Apart,
    Asked,
    AttestationAsked,
    Duty,
    GapsAsked,
    Handling,
    NoticeAsked,
    Owed,
    QuestionAsked,
    ReportAsked,
    RestorationAsked,
    ReviewAsked,
    StepAsked,
)
from interlock.domain.ids import PersonId
from interlock.domain.incident import Incident
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.verdict import Finding, Verdict, group

_RESTORED = Occasion(OccasionKind.RESTORED)


def went_back(state: Incident) -> bool:
    """Whether the environment went back, or is to."""
    return bool(state.rollback) or state.is_going_back


def applies(duty: Duty, state: Incident) -> bool:
    """Whether this incident owes it."""
    return concerns(duty.scope, state) and (duty.owed is Owed.ALWAYS or went_back(state))


def owed(handling: Handling, state: Incident) -> tuple[Duty, ...]:
    """Everything this incident owes, done or not."""
    return tuple(duty for duty in handling.duties if applies(duty, state))


def is_done(duty: Duty, state: Incident) -> bool:
    """Whether it was done."""
    match duty.asked:
        case NoticeAsked(notice):
            return state.times(Occasion(OccasionKind.SENT, notice)) > 0
        case ReviewAsked():
            return state.times(Occasion(OccasionKind.SCHEDULED)) > 0
        case RestorationAsked():
            return state.times(_RESTORED) > 0
        case _:
            return duty.id in state.done


def stands_apart(asked: Asked, state: Incident, person: PersonId, crew: Crew) -> bool:
    """Whether the person is none of whom this is not for: whoever opened the incident, where it says so."""
    is_kept = isinstance(asked, AttestationAsked) and asked.apart is Apart.OPENER and person not in crew.solo
    return not is_kept or state.opened_by != f"person:{person}"


def ahead(duty: Duty, handling: Handling, state: Incident) -> tuple[Duty, ...]:
    """What comes before it and is not done.

    Some things come about by themselves, and some are not owed: what comes before these counts all the same.
    """
    return tuple(dict.fromkeys(_ahead(duty, handling, state)))


def _ahead(duty: Duty, handling: Handling, state: Incident) -> Iterator[Duty]:
    for name in duty.after:
        before = handling.duty(name)
        if before is None:
            continue
        if applies(before, state) and not is_done(before, state):
            yield before
        else:
            yield from _ahead(before, handling, state)


def closing(handling: Handling, state: Incident) -> Finding:
    """Whether it may be closed, with everything that is still owed."""
    leaves = [_settled(handling, state), *(standing(duty, handling, state) for duty in owed(handling, state))]
    return group("incident.closing", state.id, "what it owes before it is closed", tuple(leaves))


def standing(duty: Duty, handling: Handling, state: Incident) -> Finding:
    """How one duty stands."""
    if is_done(duty, state):
        by = state.done.get(duty.id, "")
        sentence = f"done by {name_of(by) or by}" if by else "done"
        return Finding("duty.done", duty.id, Verdict.PASS, sentence, cites=duty.cites)
    waiting = ahead(duty, handling, state)
    if waiting:
        names = ", ".join(one.id for one in waiting)
        return _owes("duty.too_early", duty, f"{names} comes first", f"do {names}")
    return _open(duty, state)


def _open(duty: Duty, state: Incident) -> Finding:
    """What is to be done about a duty whose turn it is."""
    match duty.asked:
        case StepAsked():
            return _step(duty, state)
        case NoticeAsked(notice):
            return _owes(
                "duty.unsent",
                duty,
                f"'{notice}' was not sent",
                f"`interlock incident send {state.id} {notice}`",
            )
        case ReviewAsked():
            return _owes(
                "duty.unscheduled",
                duty,
                "no review is scheduled",
                f"`interlock incident schedule {state.id} WHEN`",
            )
        case RestorationAsked():
            return _unrestored(duty.id, duty.cites)
        case _:
            return _asked_of_people(duty, duty.asked, f"{state.id} {duty.id}")


def _step(duty: Duty, state: Incident) -> Finding:
    if duty.id not in state.failed:
        return _owes("duty.step_awaited", duty, "the step was not performed yet", "the controller performs it")
    about = f"{state.id} {duty.id}"
    again, why = f"mend it, then `interlock incident retry {about}`", state.failed[duty.id]
    if duty.id in state.refuted:
        return _owes("duty.step_failed", duty, f"the step failed: {why}", again, Verdict.FAIL)
    return _owes(
        "duty.step_silent",
        duty,
        f"the step came to no answer: {why}",
        f"{again}; or do it by hand, then somebody else than who decided to go back says so: "
        f"`interlock incident did {about} --reason 'WHAT WAS DONE'`",
        Verdict.ERROR,
    )


def _asked_of_people(
    duty: Duty, asked: QuestionAsked | AttestationAsked | ReportAsked | GapsAsked, about: str
) -> Finding:
    who = " or ".join(asked.roles)
    match asked:
        case QuestionAsked(_, question, answers):
            return _owes(
                "duty.unanswered",
                duty,
                f"nobody has decided: {question}",
                f"{who}: `interlock incident answer {about} {'|'.join(answers)} --reason 'WHY'`",
            )
        case AttestationAsked(_, statement, apart):
            other = ", and did not open it" if apart is Apart.OPENER else ""
            return _owes(
                "duty.unsigned",
                duty,
                f"nobody has attested: {statement}",
                f"{who}{other}: `interlock incident sign {about}`",
            )
        case ReportAsked(_, sections):
            return _owes(
                "duty.unwritten",
                duty,
                f"nobody has written it down ({', '.join(sections)})",
                f"{who}: `interlock incident write {about} FILE`",
            )
        case GapsAsked():
            return _owes(
                "duty.gaps_unnamed",
                duty,
                "nobody has said which gap of the procedure let it happen",
                f"{who}: `interlock incident gap {about} --pack-change PACK.yaml --reason 'WHY'`, or for none "
                f"`interlock incident sign {about}`",
            )
        case _:
            assert_never(asked)


def _owes(code: str, duty: Duty, sentence: str, step: str, verdict: Verdict = Verdict.INCONCLUSIVE) -> Finding:
    return Finding(code, duty.id, verdict, sentence, step, cites=duty.cites)


def _unrestored(subject: str, cites: tuple[str, ...] = ()) -> Finding:
    return Finding(
        "incident.not_restored",
        subject,
        Verdict.INCONCLUSIVE,
        "what runs there is still the release under suspicion, or is not proven",
        "roll back, or promote a release that repairs it",
        cites=cites,
    )


def _settled(handling: Handling, state: Incident) -> Finding:
    """Whether it was decided what is done, where somebody must; and whether that has come about."""
    if handling.authority.is_declared and state.stance is not Stance.DECIDED:
        return Finding(
            "incident.undecided",
            "decision",
            Verdict.INCONCLUSIVE,
            "nobody has decided what is done",
            f"`interlock incident decide {state.id} rollback|hotfix|stay --reason 'WHY'`",
        )
    wants_other = state.stance is Stance.DECIDED and state.settled.answer is not Answer.STAY
    if handling.is_declared and wants_other and not state.times(_RESTORED):
        return _unrestored("decision")
    return Finding("incident.settled", "decision", Verdict.PASS, "what was decided has come about")
