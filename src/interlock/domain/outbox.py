# SPDX-License-Identifier: Apache-2.0
"""Messages that are due to people, and what became of them.

1. A message falls due in the same breath as what it tells; nothing ever waits for its delivery (I0).
2. It is tried a bounded number of times, each later than the one before, and then given up, visibly.
3. Its words are made here, once, from what is not personal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.action import Action, Tell, WakeAt
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import EffectKey, ServiceName, StreamId
from interlock.domain.moment import NEVER

TRIES: Final = 5
"""How often delivery is tried before a message is given up."""
PAUSE: Final = timedelta(seconds=15)
"""The pause after the first failed try; it doubles with each further one."""


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
    service: ServiceName
    key: EffectKey
    outcome: Delivery
    detail: str


@dataclass(frozen=True, slots=True)
class MessageDue:
    service: ServiceName
    key: EffectKey
    tone: Tone
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class MessageTried:
    service: ServiceName
    key: EffectKey
    outcome: Delivery
    detail: str
    at: datetime


OutboxEvent = MessageDue | MessageTried


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message not yet delivered, how often it was tried, and not before when it is tried again."""

    due: MessageDue
    tries: int
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Outbox:
    waiting: Mapping[EffectKey, Waiting] = field(default_factory=dict)
    given_up: tuple[EffectKey, ...] = ()


def outbox_stream(service: ServiceName) -> StreamId:
    """The stream of a service's messages."""
    return StreamId(f"outbox/{service}")


def due(service: ServiceName, key: str, tone: Tone, title: str, body: str) -> Emitted[OutboxEvent]:
    """A message that falls due together with the events it stands beside."""
    return Emitted(outbox_stream(service), MessageDue(service, EffectKey(f"{key}/tell"), tone, title, body))


def decide(state: Outbox, command: RecordDelivery, now: datetime) -> Decision[OutboxEvent]:
    """Whether the outcome of a try may be recorded."""
    if command.key not in state.waiting:
        return refuse("outbox.not_waiting", f"message '{command.key}' is not waiting", "nothing needs doing")
    tried = MessageTried(command.service, command.key, command.outcome, command.detail, now)
    return Accepted((Emitted(outbox_stream(command.service), tried),))


def evolve(state: Outbox, event: OutboxEvent) -> Outbox:
    """The outbox after the event."""
    match event:
        case MessageDue(key=key):
            return replace(state, waiting={**state.waiting, key: Waiting(event, 0, NEVER)})
        case MessageTried(key=key):
            before = state.waiting.get(key)
            left = {other: waiting for other, waiting in state.waiting.items() if other != key}
            if before is None or event.outcome is not Delivery.FAILED:
                return replace(state, waiting=left)
            tries = before.tries + 1
            if tries >= TRIES:
                return Outbox(left, (*state.given_up, key))
            later = Waiting(before.due, tries, event.at + PAUSE * 2 ** (tries - 1))
            return replace(state, waiting={**left, key: later})
        case _:
            assert_never(event)


def next_actions(state: Outbox, now: datetime) -> tuple[Action, ...]:
    """Which messages to try now, and when to look again."""
    actions: list[Action] = []
    for key, waiting in state.waiting.items():
        if waiting.tries == 0 or waiting.not_before <= now:
            message = waiting.due
            actions.append(Tell(key, message.tone.value, message.title, message.body))
        else:
            actions.append(WakeAt(waiting.not_before))
    return tuple(actions)
