# SPDX-License-Identifier: Apache-2.0
"""The words of messages about an incident: those of the procedure, and those that the engine owes by itself.

What people wrote is quoted, never copied: it is put in on delivery, and is gone when it was erased.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from interlock.domain.actor import name_of
from interlock.domain.answering import Stance
from interlock.domain.clocks import Running
from interlock.domain.decision import Emitted
from interlock.domain.handling import WHAT_IS_DONE, Missed, Notice
from interlock.domain.ids import AudienceName, EffectKey
from interlock.domain.incident import Incident, incident_stream
from interlock.domain.moment import NEVER, in_words
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.outbox import EVERYBODY, MessageDue, OutboxEvent, Tone, outbox_stream
from interlock.domain.telling import NoticeSent
from interlock.domain.template import Fact, Words, messages_due, with_fields


def told(state: Incident, notice: Notice, sent: NoticeSent) -> tuple[Emitted[NoticeSent | OutboxEvent], ...]:
    """A message of the procedure is sent, and is due to each of its audiences."""
    messages = composed(state, notice, sent)
    copies = tuple(one.event.key for one in messages)
    return (Emitted(incident_stream(state.id), replace(sent, copies=copies)), *messages)


def composed(state: Incident, notice: Notice, sent: NoticeSent) -> tuple[Emitted[OutboxEvent], ...]:
    """A message of the procedure, to each of its audiences."""
    number = state.times(Occasion(OccasionKind.SENT, notice.id)) + 1
    facts = with_fields(_facts(state, sent), {said.field: said.words for said in sent.fields})
    return messages_due(state.service, f"{state.id}/{number}", (notice.template,), facts)


def ran_out(state: Incident, running: Running) -> Iterator[Emitted[OutboxEvent]]:
    """A clock has run out, or still nothing stops it: whom it tells, or everybody."""
    clock = running.clock
    word = "is still out" if running.is_out else "has run out"
    title = f"{state.environment}: the clock '{clock.id}' {word} ({state.id})"
    number = state.times(Occasion(OccasionKind.MISSED, clock.id)) + 1
    then = "; so it goes back" if clock.missed is Missed.ROLLBACK and not running.is_out else ""
    body = f"{_known(state)}\nIt was due by {in_words(running.due)}{then}."
    for audience in clock.tells or (EVERYBODY,):
        yield _due(state, f"clock/{clock.id}/{number}", title, body, audience)


def asked_to_settle(state: Incident, audience: str) -> Emitted[OutboxEvent]:
    """Those who may decide disagree: who settles it is asked."""
    title = f"{state.environment}: you decide what is done ({state.id})"
    said = ", ".join(f"{person}: {word.answer}" for person, word in state.words.items())
    body = f"{_known(state)}\nThey disagree: {said}."
    number = state.times(Occasion(OccasionKind.ESCALATED)) + 1
    return _due(state, f"escalated/{number}", title, body, AudienceName(audience))


def went_wrong(state: Incident, what: str, sentence: str) -> Emitted[OutboxEvent]:
    """Going back, or something that follows it, went wrong: everybody is told."""
    title = f"{state.environment}: {what} failed ({state.id})"
    return _due(state, f"failed/{what}/{sum(state.tries.values()) + 1}", title, sentence, EVERYBODY)


def _due(state: Incident, about: str, title: str, body: str, audience: AudienceName) -> Emitted[OutboxEvent]:
    key = EffectKey(f"{state.id}/{about}/{audience or 'all'}".replace(" ", "-"))
    return Emitted(outbox_stream(state.service), MessageDue(state.service, key, Tone.FAILURE, title, body, audience))


def _facts(state: Incident, sent: NoticeSent) -> Mapping[str, Words]:
    """What is known as it is sent. Where nothing else runs there, it is resolved as somebody says so."""
    restored = _first(state, OccasionKind.RESTORED)
    return {
        Fact.SERVICE: state.service,
        Fact.ENVIRONMENT: state.environment,
        Fact.RELEASE: state.release,
        Fact.INCIDENT: state.id,
        Fact.SEVERITY: state.severity,
        Fact.LABELS: ", ".join(state.labels),
        Fact.STATUS: _status(state),
        Fact.RESPONDERS: ", ".join(dict.fromkeys((*responders(state), *_people(sent.by)))),
        Fact.OPENED: in_words(state.opened_at),
        Fact.NEXT_UPDATE: _moment(sent.promised),
        Fact.RESOLVED: _moment(sent.at if restored == NEVER else restored),
        Fact.POST_MORTEM: _moment(state.review_at),
        Fact.BY: name_of(sent.by),
        Fact.SENTENCE: state.summary,
    }


def responders(state: Incident) -> tuple[str, ...]:
    """Everybody who did something about it, in order."""
    done = (person for by in state.done.values() for person in _people(by))
    return tuple(dict.fromkeys((*_people(state.opened_by), *state.words, *done)))


def _people(by: str) -> tuple[str, ...]:
    """The person who acted; nobody where that was a robot."""
    return () if by.startswith("robot:") else (by.removeprefix("person:"),)


def _moment(moment: datetime) -> str:
    return "" if moment == NEVER else in_words(moment)


def _first(state: Incident, kind: OccasionKind) -> datetime:
    return next((happened.at for happened in state.history if happened.occasion.kind is kind), NEVER)


def _status(state: Incident) -> str:
    """How far it is, in a few words."""
    if state.times(Occasion(OccasionKind.RESTORED)):
        return "something else runs there now, proven"
    match state.stance:
        case Stance.DECIDED if state.stuck:
            return f"it was to go back, and cannot: {state.stuck}"
        case Stance.DECIDED:
            return f"decided: {WHAT_IS_DONE[state.settled.answer]}"
        case Stance.OPEN:
            return "it is being looked into"
        case _:
            return "those who may decide disagree"


def _known(state: Incident) -> str:
    labels = f", {', '.join(state.labels)}" if state.labels else ""
    head = f"Incident {state.id} ({state.severity}{labels}) about {state.release} in {state.environment}"
    return f"{head}: {_status(state)}."
