# SPDX-License-Identifier: Apache-2.0
"""Messages that are due to people, and what became of them.

1. A message falls due in the same breath as what it tells; nothing ever waits for its delivery (I0).
2. It is due to one audience, so that a dead receiver hides no other. It is tried a bounded number of times, each later
   than the one before and only where it has not arrived yet, and then given up, visibly; a person may have it tried
   anew.
3. Its words are made here, once, from what is not personal. What people wrote is quoted: named here, put in on
   delivery, and gone from the message when it was erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.action import Action, Quote, Tell, WakeAt
from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import AudienceName, EffectKey, NoticeId, PersonId, ServiceName, StreamId
from interlock.domain.moment import NEVER

TRIES: Final = 5
"""How often delivery is tried before a message is given up."""
PAUSE: Final = timedelta(seconds=15)
"""The pause after the first failed try; it doubles with each further one."""
EVERYBODY: Final = AudienceName("")
"""The audience of what no procedure prescribes: whoever is bound under `notify`."""


class Tone(StrEnum):
    """How a message is meant."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


class Delivery(StrEnum):
    DELIVERED = "delivered"
    FAILED = "failed"
    NOBODY = "nobody"
    """Nobody is bound to be told: there is nothing to try again."""


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """`lost` names the addresses that did not take it; with none named, all are tried again."""

    service: ServiceName
    key: EffectKey
    outcome: Delivery
    detail: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RetryMessage:
    """Try a message anew, at once: its receiver can be reached again."""

    service: ServiceName
    key: EffectKey


OutboxCommand = RecordDelivery | RetryMessage


@dataclass(frozen=True, slots=True)
class MessageDue:
    """`notice` is the message of the pack that it comes of; empty for what no procedure prescribes."""

    service: ServiceName
    key: EffectKey
    tone: Tone
    title: str
    body: str
    to: AudienceName = EVERYBODY
    quotes: tuple[Quote, ...] = ()
    notice: NoticeId = NoticeId("")


@dataclass(frozen=True, slots=True)
class MessageTried:
    service: ServiceName
    key: EffectKey
    outcome: Delivery
    detail: str
    at: datetime
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRetried:
    service: ServiceName
    key: EffectKey
    by: PersonId


OutboxEvent = MessageDue | MessageTried | MessageRetried


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message not yet delivered, how often it was tried, and not before when it is tried again."""

    due: MessageDue
    tries: int
    not_before: datetime
    lost: tuple[str, ...] = ()
    """Where it has not arrived; none named: nowhere yet."""
    detail: str = ""
    """What became of the last try."""


@dataclass(frozen=True, slots=True)
class Outbox:
    waiting: Mapping[EffectKey, Waiting] = field(default_factory=dict)
    given_up: Mapping[EffectKey, Waiting] = field(default_factory=dict)


def outbox_stream(service: ServiceName) -> StreamId:
    """The stream of a service's messages."""
    return StreamId(f"outbox/{service}")


def due(service: ServiceName, key: str, tone: Tone, title: str, body: str) -> Emitted[OutboxEvent]:
    """A message to everybody that falls due together with the events it stands beside."""
    return Emitted(outbox_stream(service), MessageDue(service, EffectKey(f"{key}/tell"), tone, title, body))


def decide(state: Outbox, command: OutboxCommand, actor: Actor, now: datetime) -> Decision[OutboxEvent]:
    """Whether the outcome of a try may be recorded, or a message be tried anew."""
    stream = outbox_stream(command.service)
    match command:
        case RecordDelivery(service, key, outcome, detail, lost):
            if isinstance(actor, Person):
                sentence = "the controller says itself what it delivered"
                return refuse("outbox.robot_only", sentence, "nothing needs doing")
            if key not in state.waiting:
                return refuse("outbox.not_waiting", f"message '{key}' is not waiting", "nothing needs doing")
            return Accepted((Emitted(stream, MessageTried(service, key, outcome, detail, now, lost)),))
        case RetryMessage(service, key):
            if not isinstance(actor, Person):
                return refuse("outbox.needs_person", "a person has a message tried anew", "run `interlock outbox`")
            if key not in state.waiting and key not in state.given_up:
                sentence = f"message '{key}' neither waits nor was it given up"
                return refuse("outbox.unknown", sentence, "see `interlock outbox`")
            return Accepted((Emitted(stream, MessageRetried(service, key, actor.id)),))
        case _:
            assert_never(command)


def evolve(state: Outbox, event: OutboxEvent) -> Outbox:
    """The outbox after the event."""
    match event:
        case MessageDue(key=key):
            return replace(state, waiting={**state.waiting, key: Waiting(event, 0, NEVER)})
        case MessageTried():
            return _tried(state, event)
        case MessageRetried(_, key):
            again = state.waiting.get(key) or state.given_up.get(key)
            if again is None:
                return state
            anew = replace(again, tries=0, not_before=NEVER)
            return Outbox({**state.waiting, key: anew}, _without(state.given_up, key))
        case _:
            assert_never(event)


def next_actions(state: Outbox, now: datetime) -> tuple[Action, ...]:
    """Which messages to try now, and when to look again."""
    actions: list[Action] = []
    for key, waiting in state.waiting.items():
        if waiting.tries == 0 or waiting.not_before <= now:
            due = waiting.due
            actions.append(Tell(key, due.tone.value, due.title, due.body, due.to, due.quotes, waiting.lost))
        else:
            actions.append(WakeAt(waiting.not_before))
    return tuple(actions)


def _tried(state: Outbox, event: MessageTried) -> Outbox:
    before = state.waiting.get(event.key)
    left = _without(state.waiting, event.key)
    if before is None or event.outcome is not Delivery.FAILED:
        return replace(state, waiting=left)
    tries = before.tries + 1
    later = event.at + PAUSE * 2 ** (tries - 1)
    tried = Waiting(before.due, tries, later, event.lost, event.detail)
    if tries >= TRIES:
        return Outbox(left, {**state.given_up, event.key: tried})
    return replace(state, waiting={**left, event.key: tried})


def _without(messages: Mapping[EffectKey, Waiting], key: EffectKey) -> dict[EffectKey, Waiting]:
    return {other: waiting for other, waiting in messages.items() if other != key}
