# SPDX-License-Identifier: Apache-2.0
"""An exported ledger: a folder that is plain to inspect and complete enough to be verified offline.

1. Making it is pure: paths and bytes, in an order that can be written as it comes.
2. The same ledger gives the same bytes. Every byte of every file is either under the checkpoint's root, signed, or
   worked out again by the verifier.
3. `records.jsonl` has one canonical record per line, each line ended by a newline.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, Protocol

from interlock.domain.ids import Digest, TextRef
from interlock.ledger.canonical import canonical, encode, parse_canonical
from interlock.ledger.checkpoint import Note, parse_note
from interlock.ledger.command import CommandRecord, is_command
from interlock.ledger.outsider import Papers
from interlock.ledger.record import Record, SaltedText

RECORDS: Final = "records.jsonl"
CHECKPOINT: Final = "checkpoint"
TEXTS: Final = "texts.jsonl"
BLOBS: Final = "blobs/"
WITNESSES: Final = "witnesses/"

_CHUNK: Final = 1000
"""Records handed on at once."""


class BundleReader(Protocol):
    """Reads an exported ledger; `Files` is one over memory."""

    def paths(self) -> Iterable[str]:
        """Every file, by its path with `/` below the folder."""
        ...

    def read(self, path: str) -> bytes: ...

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a file, each with its newline."""
        ...


@dataclass(frozen=True, slots=True)
class Files:
    """A bundle in memory."""

    content: Mapping[str, bytes]

    @classmethod
    def of(cls, parts: Iterable[tuple[str, bytes]]) -> "Files":
        """The files of `bundle_files`."""
        content: dict[str, bytearray] = {}
        for path, part in parts:
            content.setdefault(path, bytearray()).extend(part)
        return cls({path: bytes(whole) for path, whole in content.items()})

    def paths(self) -> Iterable[str]:
        return self.content.keys()

    def read(self, path: str) -> bytes:
        return self.content[path]

    def lines(self, path: str) -> Iterator[bytes]:
        return iter(BytesIO(self.content[path]))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a ledger keeps beside its records, by the commands it was kept for."""

    texts: Sequence[TextRef]
    blobs: Sequence[Digest]


@dataclass(frozen=True, slots=True)
class Export:
    """All that goes into a bundle. `texts` are those not erased; `witnesses` are countersigned checkpoints."""

    checkpoint: str
    records: Iterable[Record]
    texts: Iterable[SaltedText] = ()
    blobs: Iterable[bytes] = ()
    witnesses: Sequence[str] = field(default=())


def bundle_files(export: Export) -> Iterator[tuple[str, bytes]]:
    """The bundle as (path, bytes); a path that comes again goes on where it ended.

    `ValueError` for a checkpoint or a record that no ledger of ours can have given.
    """
    papers = Papers()
    lines: list[bytes] = []
    for record in export.records:
        lines.append(encode(record) + b"\n")
        yield from papers.take(record)
        if len(lines) == _CHUNK:
            yield RECORDS, b"".join(lines)
            lines.clear()
    yield RECORDS, b"".join(lines)
    yield CHECKPOINT, export.checkpoint.encode()
    yield from _witnesses(export.witnesses)
    yield TEXTS, b"".join(_text_line(text) for text in sorted(export.texts, key=lambda text: text.ref))
    for blob in export.blobs:
        yield BLOBS + hashlib.sha256(blob).hexdigest(), blob
    yield from papers.files(parse_note(export.checkpoint).checkpoint.origin)


def kept_beside(records: Iterable[Record]) -> Kept:
    """The texts and blobs whose content an export needs from the store, each once."""
    texts: dict[TextRef, None] = {}
    blobs: dict[Digest, None] = {}
    for record in records:
        if is_command(record.event):
            command = CommandRecord.from_record(record)
            texts.update(dict.fromkeys(command.texts))
            blobs.update(dict.fromkeys(command.blobs))
    return Kept(tuple(texts), tuple(blobs))


def parse_texts(lines: Iterable[bytes]) -> Iterator[SaltedText]:
    """The texts of `texts.jsonl`. `ValueError` for a line that is not in its one form or out of order."""
    last = ""
    for line in lines:
        match parse_canonical(line.removesuffix(b"\n")):
            case {"ref": str(ref), "salt": str(salt), "words": str(words), **rest} if not rest:
                text = SaltedText(TextRef(ref), bytes.fromhex(salt), words)
            case _:
                raise ValueError("a line of the texts is not a reference, a salt and words")
        if _text_line(text) != line or ref <= last:
            raise ValueError(f"the line of {ref} is not in its one form and order")
        last = ref
        yield text


def witness_path(note: Note) -> str:
    """Where a countersigned checkpoint lies."""
    return f"{WITNESSES}{note.checkpoint.size}.note"


def _witnesses(texts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """One note for each checkpoint, holding every countersignature to it."""
    merged: dict[str, Note] = {}
    for text in texts:
        note = parse_note(text)
        path = witness_path(note)
        known = merged.get(path, note)
        if known.checkpoint != note.checkpoint:
            raise ValueError(f"two witnesses saw different ledgers of {note.checkpoint.size} records")
        for signature in note.signatures:
            known = known.with_signature(signature)
        merged[path] = known
    for path, note in merged.items():
        yield path, str(note).encode()


def _text_line(text: SaltedText) -> bytes:
    return canonical({"ref": text.ref, "salt": text.salt.hex(), "words": text.words}) + b"\n"
