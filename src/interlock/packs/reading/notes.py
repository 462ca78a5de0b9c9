# SPDX-License-Identifier: Apache-2.0
"""`reading.yaml` beside a pack: which documents it was drafted from, and what of them is left out, and why."""

from dataclasses import dataclass, field
from typing import Final

from interlock.packs.problem import Problems
from interlock.packs.shape import decode, key
from interlock.packs.yaml_tree import read

NOTES_FILE: Final = "reading.yaml"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that the document says and the pack leaves out."""

    text: str = field(metadata=key(doc="What the document says, in its words."))
    reason: str = field(metadata=key(doc="Why the pack does not carry it."))
    section: str = field(default="", metadata=key(doc="Below which title it says so; empty: wherever it does."))


@dataclass(frozen=True, slots=True)
class NotesFile:
    """What was read, and what of it was dropped."""

    sources: tuple[str, ...] = field(metadata=key(doc="The documents, by name."))
    dropped: tuple[Dropped, ...] = field(default=(), metadata=key(doc="What is left out, each with its reason."))


NOTHING_DROPPED: Final = NotesFile(())


def load_notes(source: str, content: bytes) -> NotesFile | Problems:
    """The notes in these bytes; `source` is their file's name in messages."""
    document = read(source, content)
    return document if isinstance(document, Problems) else decode(document, NotesFile)
