# SPDX-License-Identifier: Apache-2.0
"""Telling people.

1. `deliver` returns when every bound address took the message; else it raises `Undelivered` and names those that did
   not.
2. Delivery is at least once; the key is carried in the message so that a receiver can tell a repeat.
3. A malformed address is `Rejected` when the notifier is built, not when the message matters.
4. What was `lost` in an earlier try is tried only there. Names that are bound no longer say nothing: with none of the
   names known, every address is tried.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication, Unavailable


class Urgency(StrEnum):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Place:
    """One environment of the service as it is when the message is delivered; `under_way` is empty when it rests."""

    environment: str
    version: str
    standing: str
    under_way: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is told, and to which audience (empty: to everybody).

    `places` is for receivers that show a state beside it, such as a status page.
    """

    title: str
    body: str
    urgency: Urgency
    service: str = ""
    to: str = ""
    places: tuple[Place, ...] = ()


class Undelivered(Unavailable):
    """Some addresses did not take the message; `lost` names them, never by what is secret in them."""

    def __init__(self, code: str, sentence: str, next_step: str, lost: tuple[str, ...]) -> None:
        super().__init__(code, sentence, next_step)
        self.lost = lost


def undelivered(lost: tuple[str, ...], among: int, next_step: str) -> Undelivered:
    """That these of so many addresses did not take the message."""
    sentence = f"{len(lost)} of {among} addresses did not take the message: {', '.join(lost)}"
    return Undelivered("notify.undelivered", sentence, next_step, lost)


class Notifier(Protocol):
    """Delivers a message to every address it is bound to."""

    @property
    def deduplication(self) -> Deduplication: ...

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None: ...
