# SPDX-License-Identifier: Apache-2.0
"""What is said in an incident: opening it, what is to be done, messages, what is owed, closing it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from interlock.domain.absence import DeclareAway, DeclareBack
from interlock.domain.answering import Answer, EscalateIncident, GiveAnswer
from interlock.domain.duty import AnswerQuestion, AttestDuty, DoStepByHand, RetryStep, WriteReport
from interlock.domain.ids import DutyId, IncidentId, LabelName, NoticeId, ReleaseId, digest_of, parse_version
from interlock.domain.incident import CloseIncident, LabelIncident, OpenIncident, ScheduleReview, Severity
from interlock.domain.moment import NEVER
from interlock.domain.slot import OccupantKind
from interlock.domain.telling import Said, SendNotice
from interlock.ports.failure import Rejected
from interlock.service.document import Unreadable, headings_of
from interlock.web.saying import Act, Form

FIELD: Final = "field."
"""Before the name of a message's field."""


def _open(form: Form) -> OpenIncident:
    try:
        named = IncidentId(parse_version(form["incident"]))
        severity = Severity(form["severity"])
    except ValueError as fault:
        raise Rejected("incident.id", str(fault).replace("a version", "an id"), "give it a short name") from fault
    labels = (LabelName(form["label"]),) if form["label"] else ()
    summary = form.voice.words(form["summary"], "the summary")
    return OpenIncident(named, form.service, form.environment, _suspect(form), severity, summary, labels)


def _suspect(form: Form) -> ReleaseId:
    """What is on its way there, or else live."""
    slot = form.look.view.slot(form.service, form.environment)
    return slot.occupying if slot.kind is OccupantKind.PROMOTION else slot.live.release


def _incident(form: Form) -> IncidentId:
    return IncidentId(form["incident"])


def _duty(form: Form) -> DutyId:
    return DutyId(form["duty"])


def _label(form: Form) -> LabelIncident:
    return LabelIncident(_incident(form), LabelName(form["label"]))


def _decide(form: Form) -> GiveAnswer:
    try:
        answer = Answer(form["answer"])
    except ValueError as fault:
        known = ", ".join(Answer)
        raise Rejected("incident.answer", f"'{form['answer']}' is no answer", f"say one of {known}") from fault
    return GiveAnswer(_incident(form), answer, form.voice.words(form["reason"]))


def _escalate(form: Form) -> EscalateIncident:
    return EscalateIncident(_incident(form))


def _schedule(form: Form) -> ScheduleReview:
    return ScheduleReview(_incident(form), form.moment("when"))


def _send(form: Form) -> SendNotice:
    promised = form.moment("next") if form["next"] else NEVER
    return SendNotice(_incident(form), NoticeId(form["notice"]), tuple(_fields(form)), promised)


def _fields(form: Form) -> Iterator[Said]:
    for name in form.fields:
        if name.startswith(FIELD):
            known = name.removeprefix(FIELD)
            yield Said(known, form.voice.words(form[name], f"the field '{known}'"))


def _settle(form: Form) -> AnswerQuestion:
    return AnswerQuestion(_incident(form), _duty(form), form["answer"], form.voice.words(form["reason"]))


def _attest(form: Form) -> AttestDuty:
    return AttestDuty(_incident(form), _duty(form))


def _write(form: Form) -> WriteReport:
    content = form["document"].replace("\r\n", "\n").encode()
    try:
        sections = headings_of(content)
    except Unreadable as fault:
        raise Rejected("record.unreadable", str(fault), "write it as Markdown") from fault
    form.voice.attach(content)
    return WriteReport(_incident(form), _duty(form), digest_of(content), sections)


def _did(form: Form) -> DoStepByHand:
    return DoStepByHand(_incident(form), _duty(form), form.voice.words(form["reason"]))


def _retry(form: Form) -> RetryStep:
    return RetryStep(_incident(form), _duty(form))


def _close(form: Form) -> CloseIncident:
    return CloseIncident(_incident(form), form.voice.words(form["outcome"], "the outcome"))


def _away(form: Form) -> DeclareAway:
    return DeclareAway(form.voice.person, form.moment("until"))


def _back(form: Form) -> DeclareBack:
    return DeclareBack(form.voice.person)


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "incident": Act(_open, "The incident is open."),
        "label": Act(_label, "It is said what it is about."),
        "decide": Act(_decide, "Your word is recorded."),
        "escalate": Act(_escalate, "Whoever settles it is asked."),
        "schedule": Act(_schedule, "The review is scheduled."),
        "send": Act(_send, "The message goes out."),
        "settle": Act(_settle, "The question is decided."),
        "attest": Act(_attest, "It is attested."),
        "write": Act(_write, "It is written down."),
        "did": Act(_did, "The step is done, by your word."),
        "retry": Act(_retry, "The step is tried again."),
        "close": Act(_close, "The incident is closed."),
        "away": Act(_away, "You are away; whoever stands in for you may decide."),
        "back": Act(_back, "You are back."),
    }
)
