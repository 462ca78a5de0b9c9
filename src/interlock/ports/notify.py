# SPDX-License-Identifier: Apache-2.0
"""Telling people.

1. `deliver` returns when every bound address took the message; else it raises and says which did not.
2. Delivery is at least once; the key is carried in the message so that a receiver can tell a repeat.
3. A malformed address is `Rejected` when the notifier is built, not when the message matters.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication


class Urgency(StrEnum):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str
    urgency: Urgency


class Notifier(Protocol):
    """Delivers a message to every address it is bound to."""

    @property
    def deduplication(self) -> Deduplication: ...

    def deliver(self, message: Message, key: EffectKey) -> None: ...
