# SPDX-License-Identifier: Apache-2.0
"""What a dishonest owner of a ledger could hand over: copies that say something else than what happened.

The invented approval is made with the ledger's own key, so that nothing but the missing signature gives it away.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from shell import DemoFailed

from interlock.bootstrap.keys import ledger_key
from interlock.domain.ids import CommandId
from interlock.ledger.bundle import CHECKPOINT, RECORDS, TEXTS, Export, bundle_files, parse_texts
from interlock.ledger.canonical import decode, encode
from interlock.ledger.checkpoint import Checkpoint, parse_note, signed_note
from interlock.ledger.command import CommandRecord, command_stream
from interlock.ledger.record import Record
from interlock.ledger.tree import leaf_hash, root_of

CUT: Final = 5
"""Records that are taken from the end."""


def flip_a_byte(copy: Path) -> None:
    """Change one bit in the middle of the record."""
    path = copy / RECORDS
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove_a_record(copy: Path) -> None:
    """Take one record out of the middle."""
    lines = (copy / RECORDS).read_bytes().splitlines(keepends=True)
    (copy / RECORDS).write_bytes(b"".join(lines[: len(lines) // 2] + lines[len(lines) // 2 + 1 :]))


def cut_the_tail(copy: Path) -> None:
    """Leave the newest records out."""
    lines = (copy / RECORDS).read_bytes().splitlines(keepends=True)
    (copy / RECORDS).write_bytes(b"".join(lines[:-CUT]))


def invent_an_approval(copy: Path, person: str, release: str, key: Path) -> None:
    """Let that person have approved that release: the old signature under a new approval, all of it signed anew."""
    note = parse_note((copy / CHECKPOINT).read_text("utf-8"))
    records = [decode(line) for line in (copy / RECORDS).read_bytes().splitlines()]
    texts = tuple(parse_texts((copy / TEXTS).read_bytes().splitlines(keepends=True)))
    blobs = [path.read_bytes() for path in sorted((copy / "blobs").iterdir())]
    records += _approval_of(records, person, release)
    leaves = [leaf_hash(encode(record)) for record in records]
    origin = note.checkpoint.origin
    signer = ledger_key(key, origin)
    signed = signed_note(Checkpoint(origin, len(records), root_of(leaves)), signer.public_key, signer.sign)
    shutil.rmtree(copy)
    for path, part in bundle_files(Export(str(signed), records, texts, blobs)):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        with (copy / path).open("ab") as file:
            file.write(part)


def _approval_of(records: list[Record], person: str, release: str) -> list[Record]:
    """The command and the event of a real approval, turned into those of one that never was."""
    for record in records:
        if record.event == "CommandAccepted":
            command = CommandRecord.from_record(record)
            if command.body.command == "Approve" and command.body.actor == f"person:{person}":
                break
    else:
        raise DemoFailed(f"{person} approved nothing that could be turned into something else")
    named = CommandId(f"{command.body.id}x")
    body = replace(command.body, id=named, payload={**command.body.payload, "release": release})
    told = replace(
        record,
        index=len(records),
        stream=command_stream(named),
        cause=named,
        time=records[-1].time,
        payload=replace(command, body=body).to_payload(),
    )
    event = next(one for one in records if one.cause == command.body.id and one.event == "Decided")
    stream = event.stream.replace(str(event.payload["release"]), release)
    at = sum(one.stream == stream for one in records) + 1
    decided = replace(
        event,
        index=len(records) + 1,
        stream=type(event.stream)(stream),
        position=at,
        cause=named,
        time=told.time,
        payload={**event.payload, "release": release},
    )
    return [told, decided]
