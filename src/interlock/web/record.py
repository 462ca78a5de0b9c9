# SPDX-License-Identifier: Apache-2.0
"""The ledger itself, to be looked through: its head, its records newest first, one record whole, and the proof that it
stands in what was signed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.canonical import encode
from interlock.ledger.command import CommandRecord, NoSignature, SshSignature, command_stream, is_command
from interlock.ledger.record import Record
from interlock.ledger.tree import Inclusion, inclusion_proof, leaf_hash
from interlock.ports.store import Head
from interlock.service.gather import Ungoverned
from interlock.web.look import Look
from interlock.web.page import Page, Place

LISTED: Final = 50
"""Records on one page."""
STREAMS: Final = 200
"""Streams looked through for one filter."""


@dataclass(frozen=True, slots=True)
class LedgerShown:
    """A page of records."""

    head: Head
    checkpoint: str
    records: tuple[Record, ...]
    stream: str
    older: int
    """Before which index the next page begins; 0: there is none."""
    newer: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """That a record stands in the tree whose root was signed: its leaf, and the path to the root."""

    leaf: str
    path: tuple[str, ...]
    root: str
    size: int
    holds: bool


@dataclass(frozen=True, slots=True)
class RecordShown:
    """One record, whole."""

    record: Record
    body: str
    canonical: str
    caused: tuple[Record, ...]
    signed: str
    proof: tuple[Proof, ...]


def page(look: Look, stream: str = "", before: int = 0) -> Page:
    """Records newest first; of streams that begin with `stream`, where one is named."""
    head = look.whole().store.head()
    found = _of_streams(look, stream, before) if stream else _newest(look, before or head.size)
    older = found[-1].index if found and found[-1].index > 0 else 0
    one = LedgerShown(head, look.store.checkpoint(), found, stream, older, before > 0)
    return Page("ledger.html", "Ledger", Place.LEDGER, {"one": one, "now": look.now})


def record_page(look: Look, index: int, *, proven: str = "") -> Page:
    """One record. Raises `Ungoverned` (code `record.unknown`)."""
    found = next(islice(look.whole().store.records(since=index), 1), None) if index >= 0 else None
    if found is None or found.index != index:
        raise Ungoverned("record.unknown", f"there is no record {index}", "see `interlock ledger show`")
    one = RecordShown(
        found,
        json.dumps(json.loads(encode(found)), indent=2, ensure_ascii=False),
        leaf_hash(encode(found)).hex(),
        tuple(_together(look, found)),
        _signed(look, found),
        (_proof(look, found),) if proven else (),
    )
    return Page("record.html", f"Record {index}", Place.LEDGER, {"one": one, "now": look.now})


def _newest(look: Look, before: int) -> tuple[Record, ...]:
    since = max(before - LISTED, 0)
    return tuple(reversed(list(islice(look.store.records(since=since), before - since))))


def _of_streams(look: Look, prefix: str, before: int) -> tuple[Record, ...]:
    names = look.store.streams(prefix)[-STREAMS:]
    found = (record for name in names for record in look.store.stream(StreamId(name)))
    kept = sorted((one for one in found if not before or one.index < before), key=lambda one: -one.index)
    return tuple(kept[:LISTED])


def _together(look: Look, record: Record) -> Iterator[Record]:
    """The command it came with, and everything else that came of it."""
    first = look.store.stream(command_stream(CommandId(record.cause)))
    if not first:
        return
    for one in look.store.records(since=first[0].index):
        if one.cause != record.cause:
            return
        yield one


def _signed(look: Look, record: Record) -> str:
    """How it is known who said so, in words."""
    records = look.store.stream(command_stream(CommandId(record.cause)))
    if not records or not is_command(records[0].event):
        return ""
    signature = CommandRecord.from_record(records[0]).signature
    match signature:
        case NoSignature():
            return "not signed: it was asserted, or a process of ours said so"
        case SshSignature(key=key):
            return f"signed with the key {key}"
        case _:
            return f"the server {signature.by} let them in by {signature.method}"


def _proof(look: Look, record: Record) -> Proof:
    head = look.store.head()
    leaves = [leaf_hash(encode(one)) for one in islice(look.store.records(), head.size)]
    steps = inclusion_proof(leaves, record.index)
    leaf = leaves[record.index]
    holds = Inclusion(leaf, record.index, head.size, steps).holds_in(head.root)
    return Proof(leaf.hex(), tuple(one.hex() for one in steps), head.root.hex(), head.size, holds)
