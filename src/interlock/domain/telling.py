# SPDX-License-Identifier: Apache-2.0
"""What people are told in an incident, and that it reached them.

1. A message that was sent is on its way until it arrived at every audience it is for; what a deadline asks for, and
   what a message promises, counts from then on. What nobody heard stops no clock, and promises nothing.
2. A message comes to one copy for each audience; which of them have not arrived stands in the outbox.
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.domain.ids import EffectKey, IncidentId, NoticeId, TextRef
from interlock.domain.moment import NEVER
from interlock.domain.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Said:
    """One field of a message and the words in it."""

    field: str
    words: TextRef


@dataclass(frozen=True, slots=True)
class SendNotice:
    """Send a message of the procedure with its fields. `promised` is when more is told (NEVER: nothing is promised)."""

    incident: IncidentId
    notice: NoticeId
    fields: tuple[Said, ...]
    promised: datetime = NEVER


@dataclass(frozen=True, slots=True)
class ReportArrived:
    """The message that was sent under this number has reached everybody it is for."""

    incident: IncidentId
    notice: NoticeId
    number: int


TellingCommand = SendNotice | ReportArrived


@dataclass(frozen=True, slots=True)
class NoticeSent:
    """`copies` are the messages it came to, by their keys; none are named by what is older than arriving."""

    incident: IncidentId
    notice: NoticeId
    fields: tuple[Said, ...]
    promised: datetime
    by: str
    at: datetime
    copies: tuple[EffectKey, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeArrived:
    """`number` tells it from others of the same message in the incident, from 1."""

    incident: IncidentId
    notice: NoticeId
    number: int
    promised: datetime
    at: datetime


TellingEvent = NoticeSent | NoticeArrived


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that was sent and has not arrived everywhere yet."""

    notice: NoticeId
    number: int
    promised: datetime = NEVER
    copies: tuple[EffectKey, ...] = ()


def has_arrived(sending: Sending, outbox: Outbox) -> bool:
    """Whether every copy of the message has reached its audience; one that was given up has not."""
    return not any(key in outbox.waiting or key in outbox.given_up for key in sending.copies)
