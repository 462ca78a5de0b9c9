# SPDX-License-Identifier: Apache-2.0
"""Verbs in an incident: opened, decided, told about, worked off, closed; and who is away."""

from typing import Any, Final

import msgspec

from interlock.api.refusals import unfit
from interlock.api.verbs.asking import Ask, Body, MaybeName, Moment, Name, Reasoned, Sentence, Verb
from interlock.api.verbs.releases import sections_of
from interlock.domain.absence import DeclareAway, DeclareBack
from interlock.domain.answering import Answer, EscalateIncident, GiveAnswer
from interlock.domain.duty import AnswerQuestion, AttestDuty, DoStepByHand, NameGap, RetryStep, WriteReport
from interlock.domain.ids import DutyId, IncidentId, LabelName, NoticeId, digest_of, parse_digest, parse_version
from interlock.domain.incident import CloseIncident, LabelIncident, OpenIncident, ScheduleReview, Severity
from interlock.domain.moment import NEVER
from interlock.domain.slot import OccupantKind
from interlock.domain.telling import Said, SendNotice
from interlock.identity.caller import Scope
from interlock.ledger.codec import Command

TAG: Final = "incidents"


class Open(Body, frozen=True):
    """`release` is the one under suspicion; without it what is live, or on its way, there."""

    incident: Name
    service: Name
    environment: Name
    summary: Sentence
    severity: Severity = Severity.MAJOR
    about: tuple[str, ...] = ()
    release: MaybeName = ""


class Label(Body, frozen=True):
    label: Name


class Decide(Body, frozen=True):
    answer: Answer
    reason: Sentence


class Schedule(Body, frozen=True):
    at: Moment


class Away(Body, frozen=True):
    until: Moment


class Send(Body, frozen=True):
    """A message of the pack with all its fields; `next`: when more is told."""

    message: Name
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    next: Moment | None = None


class Reply(Body, frozen=True):
    answer: Name
    reason: Sentence


class Report(Body, frozen=True):
    """A Markdown document with every section that is asked for. It is kept for ever: no personal data in it."""

    text: Sentence


class Gap(Body, frozen=True):
    """`proposal` is the digest of the rules that are proposed to close it."""

    reason: Sentence
    proposal: Name


class Close(Body, frozen=True):
    outcome: Sentence


def _open(ask: Ask, sent: Open) -> Command:
    of = ask.service(sent.service)
    place = ask.environment(ask.governance(of), sent.environment)
    try:
        named = IncidentId(parse_version(sent.incident))
    except ValueError as fault:
        raise unfit("incident.id", str(fault).replace("a version", "an id"), "write it as INC-7") from fault
    slot = ask.gatherer.view.slot(of.name, place)
    suspect = slot.occupying if slot.kind is OccupantKind.PROMOTION else slot.live.release
    release = ask.release(sent.release).id if sent.release else suspect
    labels = tuple(LabelName(one) for one in sent.about)
    words = ask.speaker.words(sent.summary, "the summary")
    return OpenIncident(named, of.name, place, release, sent.severity, words, labels)


def _id(ask: Ask) -> IncidentId:
    return IncidentId(ask.path["incident"])


def _duty(ask: Ask) -> DutyId:
    return DutyId(ask.path["duty"])


def _label(ask: Ask, sent: Label) -> Command:
    return LabelIncident(_id(ask), LabelName(sent.label))


def _decide(ask: Ask, sent: Decide) -> Command:
    return GiveAnswer(_id(ask), sent.answer, ask.speaker.words(sent.reason))


def _escalate(ask: Ask, _: Body) -> Command:
    return EscalateIncident(_id(ask))


def _schedule(ask: Ask, sent: Schedule) -> Command:
    return ScheduleReview(_id(ask), ask.moment(sent.at))


def _away(ask: Ask, sent: Away) -> Command:
    return DeclareAway(ask.person, ask.moment(sent.until))


def _back(ask: Ask, _: Body) -> Command:
    return DeclareBack(ask.person)


def _send(ask: Ask, sent: Send) -> Command:
    fields = tuple(Said(name, ask.speaker.words(words, f"the field '{name}'")) for name, words in sent.fields.items())
    promised = ask.moment(sent.next) if sent.next else NEVER
    return SendNotice(_id(ask), NoticeId(sent.message), fields, promised)


def _reply(ask: Ask, sent: Reply) -> Command:
    return AnswerQuestion(_id(ask), _duty(ask), sent.answer, ask.speaker.words(sent.reason))


def _sign(ask: Ask, _: Body) -> Command:
    return AttestDuty(_id(ask), _duty(ask))


def _write(ask: Ask, sent: Report) -> Command:
    content = sent.text.encode()
    ask.speaker.attach(content)
    return WriteReport(_id(ask), _duty(ask), digest_of(content), sections_of(content))


def _did(ask: Ask, sent: Reasoned) -> Command:
    return DoStepByHand(_id(ask), _duty(ask), ask.speaker.words(sent.reason))


def _retry(ask: Ask, _: Body) -> Command:
    return RetryStep(_id(ask), _duty(ask))


def _gap(ask: Ask, sent: Gap) -> Command:
    try:
        proposal = parse_digest(sent.proposal)
    except ValueError as fault:
        raise unfit("digest.malformed", str(fault), "write sha256: and 64 digits") from fault
    return NameGap(_id(ask), _duty(ask), ask.speaker.words(sent.reason), proposal)


def _close(ask: Ask, sent: Close) -> Command:
    return CloseIncident(_id(ask), ask.speaker.words(sent.outcome, "the outcome"))


_OF: Final = "/incidents/{incident:str}"
_DUTY: Final = f"{_OF}/duties/{{duty:str}}"
_S: Final = Scope.DECIDE

VERBS: Final[tuple[Verb[Any], ...]] = (
    Verb("/incidents/open", "incident open", _S, Open, _open, "Open an incident.", TAG),
    Verb(f"{_OF}/label", "incident label", _S, Label, _label, "Say what it is about.", TAG),
    Verb(f"{_OF}/decide", "incident decide", _S, Decide, _decide, "Say what is to be done.", TAG),
    Verb(f"{_OF}/escalate", "incident escalate", _S, Body, _escalate, "Ask whoever settles it.", TAG),
    Verb(f"{_OF}/schedule", "incident schedule", _S, Schedule, _schedule, "Say when its review takes place.", TAG),
    Verb("/away", "incident away", Scope.ASK, Away, _away, "Say that you are away.", TAG),
    Verb("/back", "incident back", Scope.ASK, Body, _back, "Say that you are back.", TAG),
    Verb(f"{_OF}/send", "incident send", _S, Send, _send, "Send a message of the procedure.", TAG),
    Verb(f"{_DUTY}/answer", "incident answer", _S, Reply, _reply, "Decide a question that is asked.", TAG),
    Verb(f"{_DUTY}/sign", "incident sign", _S, Body, _sign, "Attest what is owed.", TAG),
    Verb(f"{_DUTY}/write", "incident write", Scope.ATTACH, Report, _write, "Write down what is owed.", TAG),
    Verb(f"{_DUTY}/did", "incident did", _S, Reasoned, _did, "Say that you did a step by hand.", TAG),
    Verb(f"{_DUTY}/retry", "incident retry", _S, Body, _retry, "Have a failed step tried again.", TAG),
    Verb(f"{_DUTY}/gap", "incident gap", _S, Gap, _gap, "Name a gap in the procedure.", TAG),
    Verb(f"{_OF}/close", "incident close", _S, Close, _close, "Close it, by your name.", TAG),
)
