# SPDX-License-Identifier: Apache-2.0
"""Following a ledger that is kept elsewhere, a stretch of records at a time, without trusting who keeps it.

1. A stretch is taken only when its records go on from those held, lead to the root of the checkpoint it ends with, and
   that checkpoint is signed by the ledger's key then in force. What was held before is thereby proven to be a prefix.
2. The first key is the one the ledger was opened under; a later one is signed in by its forerunner.
3. Whoever gives a shorter ledger, or another history, has strayed: that is told, and nothing of it is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.canonical import as_record, decode_canonical
from interlock.ledger.chain import LEDGER_STREAM, raw_key
from interlock.ledger.checkpoint import Ed25519Check, Note, Signed, ledger_answer
from interlock.ledger.codec import decode_as
from interlock.ledger.keyring import LedgerKeyRotated, LedgerOpened
from interlock.ledger.record import Record
from interlock.ledger.rotation import is_signed_by_both
from interlock.ledger.tree import Frontier, leaf_hash


class How(StrEnum):
    """In which way somebody's ledger is not the one that was followed."""

    OTHER = "other"
    """It has another name."""
    CUT = "cut"
    """Records that were there are gone."""
    REWRITTEN = "rewritten"
    """Its records are not the first ones of what is told now, or not those the checkpoint speaks of."""
    UNSIGNED = "unsigned"
    """Its checkpoint, or a change of its key, is not signed by the key in force."""
    MALFORMED = "malformed"
    """What was given is no stretch of records."""


@dataclass(frozen=True, slots=True)
class Strayed:
    """It does not go on from what is held; the sentence says in what."""

    how: How
    sentence: str


@dataclass(frozen=True, slots=True)
class Held:
    """How far a ledger was followed. `key` is its raw public key now, empty as long as nothing is held."""

    origin: str
    frontier: Frontier = Frontier()
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch that goes on from what was held: its records with their leaf hashes, and what is held with them."""

    records: tuple[Record, ...]
    leaves: tuple[bytes, ...]
    held: Held


@dataclass(frozen=True, slots=True)
class _Keys:
    """The key in force while records are gone through, and the one that signs after the batch of `cause`."""

    now: bytes
    then: bytes
    cause: CommandId = CommandId("")


def follow(held: Held, given: Sequence[bytes], note: Note, check: Ed25519Check) -> Taken | Strayed:
    """What is held with these records (canonical bytes, ascending), if they go on from what is held now."""
    there = note.checkpoint
    size = held.frontier.size
    if there.origin != held.origin:
        return Strayed(How.OTHER, f"it calls itself '{there.origin}', and '{held.origin}' was followed")
    if there.size < size:
        return Strayed(How.CUT, f"it ends at {there.size} records, and {size} were there")
    if there.size != size + len(given):
        return Strayed(How.MALFORMED, f"{len(given)} records after {size} do not make {there.size}")
    try:
        records = tuple(as_record(decode_canonical(raw)) for raw in given)
        keys = _followed_keys(held, records, check)
    except ValueError as fault:
        return Strayed(How.MALFORMED, str(fault))
    if isinstance(keys, Strayed):
        return keys
    leaves = tuple(leaf_hash(raw) for raw in given)
    frontier = held.frontier.extended(leaves)
    if frontier.root != there.root:
        sentence = f"the first {size} records it tells of are not those that were there"
        return Strayed(How.REWRITTEN, sentence if size else "its records are not those its checkpoint speaks of")
    if ledger_answer(note, keys.now, check) != Signed(0):
        sentence = f"its checkpoint of {there.size} records is not signed by the key then in force"
        return Strayed(How.UNSIGNED, sentence)
    return Taken(records, leaves, Held(held.origin, frontier, keys.then))


def _followed_keys(held: Held, records: Sequence[Record], check: Ed25519Check) -> _Keys | Strayed:
    keys = _Keys(held.key, held.key)
    for index, record in enumerate(records, start=held.frontier.size):
        if record.index != index:
            return Strayed(How.MALFORMED, f"record {record.index} stands where {index} belongs")
        if record.cause != keys.cause:
            keys = _Keys(keys.then, keys.then, record.cause)
        match _key_event(record):
            case LedgerOpened(origin, key):
                if keys.then or origin != held.origin:
                    return Strayed(How.UNSIGNED, f"record {index} opens the ledger a second time, or another one")
                keys = _Keys(raw_key(key), raw_key(key), keys.cause)
            case LedgerKeyRotated(old=old, new=new) as handed_over:
                if raw_key(old) != keys.then or not is_signed_by_both(held.origin, handed_over, check):
                    return Strayed(How.UNSIGNED, f"record {index} changes the ledger's key, and its forerunner did not")
                keys = replace(keys, then=raw_key(new))
            case _:
                continue
    return keys


def _key_event(record: Record) -> LedgerOpened | LedgerKeyRotated | None:
    if StreamId(record.stream) != LEDGER_STREAM:
        return None
    kind = {"LedgerOpened": LedgerOpened, "LedgerKeyRotated": LedgerKeyRotated}.get(record.event)
    return cast("LedgerOpened | LedgerKeyRotated", decode_as(kind, record.payload)) if kind else None
