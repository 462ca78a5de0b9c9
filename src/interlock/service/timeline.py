# SPDX-License-Identifier: Apache-2.0
"""The timeline of an incident: what happened, in the ledger's order and words fit for a report.

It is a pure function of records. What people wrote is not in it: it stands beside the ledger, and can be erased.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from interlock.domain import answering, duty, incident, outbox, promotion, rollback, telling
from interlock.domain.actor import name_of
from interlock.domain.handling import WHAT_IS_DONE
from interlock.domain.ids import EnvironmentName, ReleaseId, RollbackId, ServiceName, StreamId
from interlock.domain.incident import Incident, incident_stream
from interlock.domain.moment import NEVER, in_words
from interlock.domain.outbox import outbox_stream
from interlock.domain.rollback import rollback_stream
from interlock.domain.suspect import StrangerAdopted
from interlock.ledger.codec import Event, decode_event
from interlock.ledger.record import Record
from interlock.ports.store import LedgerStore


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened when."""

    at: datetime
    sentence: str


def records_of(store: LedgerStore, state: Incident) -> tuple[Record, ...]:
    """Everything recorded about an incident: itself, the promotions it suspects, what answered it, what was told."""
    streams = [incident_stream(state.id), *_promotions(store, state.release, state.environment)]
    own = store.stream(incident_stream(state.id))
    backs = [RollbackId(str(one.payload["rollback"])) for one in own if one.event == "RollbackJoined"]
    opened_by = state.rollback and [state.rollback]
    streams += [rollback_stream(one) for one in dict.fromkeys([*backs, *(opened_by or [])])]
    found = [record for stream in dict.fromkeys(streams) for record in store.stream(stream)]
    found += [one for one in _told(store, state.service) if str(one.payload["key"]).startswith(f"{state.id}/")]
    return tuple(sorted(found, key=lambda record: record.index))


def timeline(records: Iterable[Record]) -> tuple[Entry, ...]:
    """What these records tell, one entry each; nothing for what only carries others."""
    entries: list[Entry] = []
    for record in records:
        said = _sentence(decode_event(record.event, record.version, record.payload))
        if said:
            entries.append(Entry(record.time, said))
    return tuple(entries)


def as_markdown(state: Incident, entries: Iterable[Entry]) -> str:
    """A draft of a report: what is known stands in it, what people know is left for them to write."""
    lines = [f"# Timeline of {state.id}", ""]
    lines += [f"- {in_words(entry.at)}: {entry.sentence}" for entry in entries]
    return "\n".join([*lines, ""])


def _promotions(store: LedgerStore, release: ReleaseId, environment: EnvironmentName) -> Iterator[StreamId]:
    if release:
        yield from (StreamId(name) for name in store.streams(f"promotion/{release}/{environment}/"))


def _told(store: LedgerStore, service: ServiceName) -> Iterator[Record]:
    for record in store.stream(outbox_stream(service)):
        if record.event in {"MessageDue", "MessageTried"}:
            yield record


@dataclass(frozen=True, slots=True)
class Said:
    """Who did something, and what; nobody where it came about by itself, no words for what is no part of it."""

    by: str = ""
    words: str = ""

    def __str__(self) -> str:
        return f"{name_of(self.by) or self.by} {self.words}".strip()


_NOTHING: Final = Said()


def said_in(event: Event) -> Said:
    """What an event of an incident says, wherever it is told; nothing for every other."""
    tellers = (_of_the_case, _of_tellings, _of_answers, _of_duties)
    return next((said for teller in tellers if (said := teller(event)) != _NOTHING), _NOTHING)


def in_an_incident(event: Event) -> str:
    """The same as a sentence; empty for every other event."""
    return str(said_in(event))


def _sentence(event: Event) -> str:
    tellers = (in_an_incident, _of_rollbacks, _of_promotions, _of_messages)
    return next((said for teller in tellers if (said := teller(event))), "")


def _of_the_case(event: Event) -> Said:
    match event:
        case incident.IncidentOpened(release=release, severity=severity, by=by):
            return Said(by, f"opened the incident: {severity}, about {release}")
        case incident.IncidentLabelled(label=label, by=by):
            return Said(by, f"said that it is about {label}") if by else Said("", f"a check found: it is about {label}")
        case incident.ClockMissed():
            return _ran_out(event)
        case incident.ReviewScheduled(review_at=at, by=by):
            return Said(by, f"scheduled the review for {in_words(at)}")
        case incident.EnvironmentRestored(release=release):
            return Said(words=f"{release} runs there, proven")
        case incident.IncidentClosed(by=by):
            return Said(by, "closed the incident")
        case _:
            return _NOTHING


def _of_tellings(event: Event) -> Said:
    match event:
        case telling.NoticeSent(notice=notice, promised=promised, by=by):
            more = "" if promised == NEVER else f", and promised more by {in_words(promised)}"
            return Said(by, f"sent '{notice}'{more}")
        case telling.NoticeArrived(notice=notice):
            return Said(words=f"'{notice}' has reached everybody it is for")
        case _:
            return _NOTHING


def _ran_out(event: incident.ClockMissed) -> Said:
    if event.since == NEVER:
        return Said(words=f"the clock '{event.clock}' ran out, which was due by {in_words(event.due)}")
    return Said(words=f"nothing has stopped the clock '{event.clock}' yet, which was due by {in_words(event.since)}")


def _of_answers(event: Event) -> Said:
    match event:
        case answering.AnswerGiven(answer=answer, capacity=capacity, by=by):
            return Said(by, f"said: {answer} ({capacity})")
        case answering.IncidentDecided(answer=answer, capacity=capacity, by=by):
            return Said(words=f"decided by {name_of(by)}: {WHAT_IS_DONE[answer]} ({capacity})")
        case answering.DisagreementArose():
            return Said(words="those who may decide disagree")
        case answering.IncidentEscalated(by=by):
            return Said(by, "escalated it")
        case answering.RollbackJoined(rollback=one):
            return Said(words=f"rollback {one} answers it")
        case answering.RollbackStuck(sentence=sentence):
            return Said(words=f"it cannot go back: {sentence}")
        case StrangerAdopted(release=release, by=by):
            return Said(by, f"adopted what ran there as {release}")
        case _:
            return _NOTHING


def _of_duties(event: Event) -> Said:
    match event:
        case duty.StepConcluded(duty=one, outcome=outcome, by=by):
            return Said(words=f"step '{one}': {outcome} ({name_of(by)})")
        case duty.StepRetried(duty=one, by=by):
            return Said(by, f"had step '{one}' tried again")
        case duty.QuestionAnswered(duty=one, answer=answer, by=by):
            return Said(by, f"decided '{one}': {answer}")
        case duty.DutyAttested(duty=one, by=by):
            return Said(by, f"attested '{one}'")
        case duty.ReportWritten(duty=one, by=by):
            return Said(by, f"wrote '{one}'")
        case duty.GapNamed(by=by, proposal=proposal):
            return Said(by, f"named a gap of the procedure, and proposed {proposal[:19]} to close it")
        case _:
            return _NOTHING


def _of_rollbacks(event: Event) -> str:
    match event:
        case rollback.RollbackBegun(leaving=leaving, target=target, by=by):
            return f"going back from {leaving} to {target} ({name_of(by)})"
        case rollback.TargetDeployed():
            return "the traffic is back"
        case rollback.TryFailed(sentence=sentence) | rollback.RollbackStranded(sentence=sentence):
            return f"going back failed: {sentence}"
        case rollback.RollbackCompleted():
            return "going back is proven"
        case _:
            return ""


def _of_promotions(event: Event) -> str:
    match event:
        case promotion.PromotionRequested(release=release, by=by):
            return f"{name_of(by)} asked for {release}"
        case promotion.DeploymentBegun():
            return "its deployment began"
        case promotion.PromotionVerified():
            return "it was verified"
        case promotion.PromotionCompleted():
            return "it completed"
        case promotion.PromotionFailed(sentence=sentence):
            return f"it failed: {sentence}"
        case _:
            return ""


def _of_messages(event: Event) -> str:
    match event:
        case outbox.MessageDue(title=title, to=to):
            return f"told {to or 'everybody'}: {title}"
        case outbox.MessageTried(outcome=outbox.Delivery.FAILED, detail=detail):
            return f"a message was not delivered: {detail}"
        case _:
            return ""
