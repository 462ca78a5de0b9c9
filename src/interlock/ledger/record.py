# SPDX-License-Identifier: Apache-2.0
"""What one entry of the ledger is, and what is handed over to be appended.

1. A record is its canonical bytes; every field is inside them, so every field is under the hash.
2. `index` counts all records from 0, `position` the records of one stream from 1; neither has gaps.
3. Times are aware UTC with microseconds and never run backwards along `index` except where the domain allowed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId, TextRef

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Record:
    """One entry. `cause` is the command that made it; the command itself, with its signature, is a record too."""

    index: int
    stream: StreamId
    position: int
    time: datetime
    actor: str
    assurance: Assurance
    cause: CommandId
    event: str
    version: int
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event on its way into the ledger, before it has a place there."""

    stream: StreamId
    event: str
    version: int
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class SaltedText:
    """A person's words and the salt under which the ledger committed to them."""

    ref: TextRef
    salt: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one command appends, all of it or nothing.

    `expected` names every stream the decision read with the last position seen (0: the stream was absent), `listed` how
    many streams began like this where it read which there are.
    """

    drafts: tuple[Draft, ...]
    time: datetime
    actor: str
    assurance: Assurance
    cause: CommandId
    expected: Mapping[StreamId, int]
    texts: tuple[SaltedText, ...] = ()
    blobs: tuple[bytes, ...] = ()
    erased: tuple[TextRef, ...] = field(default=())
    listed: Mapping[str, int] = field(default_factory=dict)
