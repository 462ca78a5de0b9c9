# SPDX-License-Identifier: Apache-2.0
"""Placing a batch at the end of a ledger: the one rule both stores apply under their lock.

1. Indices go on from the frontier without a gap; positions go on from each stream's last, without a gap.
2. Every draft of a batch gets the batch's time, actor, assurance and cause.
3. The stream positions a decision read must be those found now, or nothing is appended.
4. A batch that opens the ledger or rotates its key says which key signs from the next checkpoint on.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from interlock.domain.ids import StreamId, commit_to
from interlock.ledger.canonical import decode_stored, encode
from interlock.ledger.record import Batch, Draft, Json, Record
from interlock.ledger.tree import Frontier, leaf_hash

LEDGER_STREAM: Final = StreamId("ledger")
OPENED: Final = "LedgerOpened"
ROTATED: Final = "LedgerKeyRotated"
_KEY_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Placed:
    """A record with its place, its canonical bytes and their leaf hash; the record is read back from the bytes."""

    record: Record
    raw: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Extension:
    """What an append adds, and the right edge of the tree after it."""

    placed: tuple[Placed, ...]
    frontier: Frontier

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(one.record for one in self.placed)


@dataclass(frozen=True, slots=True)
class Moved:
    """A stream is not where the decision saw it."""

    stream: StreamId
    expected: int
    found: int


def streams_of(batch: Batch) -> tuple[StreamId, ...]:
    """Every stream whose position must be known to place the batch, each once."""
    return tuple(dict.fromkeys((*batch.expected, *(draft.stream for draft in batch.drafts))))


def moved(batch: Batch, positions: Mapping[StreamId, int]) -> tuple[Moved, ...]:
    """The streams that moved since the decision read them; none when the batch may be appended."""
    return tuple(
        Moved(stream, expected, positions.get(stream, 0))
        for stream, expected in batch.expected.items()
        if positions.get(stream, 0) != expected
    )


def grown(batch: Batch, names: Callable[[str], Sequence[StreamId]]) -> tuple[Moved, ...]:
    """The kinds of streams of which there are others since the decision read which there are."""
    counted = ((StreamId(kind), listed, len(names(kind))) for kind, listed in batch.listed.items())
    return tuple(Moved(kind, listed, found) for kind, listed, found in counted if listed != found)


def extend(frontier: Frontier, positions: Mapping[StreamId, int], batch: Batch) -> Extension:
    """The records of `batch` after `frontier`; `positions` holds the last position of every stream of the drafts.

    `ValueError` for a batch without drafts, content without a canonical form, or words that are not what their
    reference commits to.
    """
    if not batch.drafts:
        raise ValueError("a batch needs at least one draft")
    if any(commit_to(text.words, text.salt) != text.ref for text in batch.texts):
        raise ValueError("the words are not those their reference commits to")
    last = dict(positions)
    placed: list[Placed] = []
    for index, draft in enumerate(batch.drafts, start=frontier.size):
        last[draft.stream] = last.get(draft.stream, 0) + 1
        raw = encode(_place(draft, index, last[draft.stream], batch))
        placed.append(Placed(decode_stored(raw), raw, leaf_hash(raw)))
    return Extension(tuple(placed), frontier.extended(one.leaf for one in placed))


def next_key(current: bytes, drafts: Iterable[Draft | Record]) -> bytes:
    """The raw public key that signs after these events; empty until the ledger is opened under a key."""
    for draft in drafts:
        if draft.stream == LEDGER_STREAM:
            field = {OPENED: "key", ROTATED: "new"}.get(draft.event, "")
            current = raw_key(draft.payload[field]) if field in draft.payload else current
    return current


def raw_key(value: Json) -> bytes:
    """A raw 32-byte public key from its base64. `ValueError` for anything else."""
    try:
        raw = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except binascii.Error as error:
        raise ValueError("a ledger key is the base64 of 32 bytes") from error
    if len(raw) != _KEY_SIZE:
        raise ValueError("a ledger key is the base64 of 32 bytes")
    return raw


def _place(draft: Draft, index: int, position: int, batch: Batch) -> Record:
    return Record(
        index=index,
        stream=draft.stream,
        position=position,
        time=batch.time,
        actor=batch.actor,
        assurance=batch.assurance,
        cause=batch.cause,
        event=draft.event,
        version=draft.version,
        payload=draft.payload,
    )
