# SPDX-License-Identifier: Apache-2.0
"""A document laid beside a pack in a process of its own: what goes in and what comes out, as JSON.

A document says how long reading it takes, so whoever serves many has it read apart. The same is done at a desk without
this: nobody there waits but who asked.
"""

import sys
from typing import Final, TypeAlias

import msgspec

from interlock.packs.reading.notes import NOTHING_DROPPED
from interlock.packs.reading.reading import read_procedure
from interlock.packs.reading.tracing import Tracing, traced
from interlock.packs.reading.written import Illegible
from interlock.service.carrying import Unread, read_pack

MODULE: Final = "interlock.service.tracing_apart"
"""What the process runs."""


class Question(msgspec.Struct, frozen=True):
    """A document under its name, and the pack that a service is governed by, under its own."""

    name: str
    text: str
    pack_name: str
    pack: str


class Traced(msgspec.Struct, frozen=True, tag=True):
    """It was, line by line."""

    tracing: Tracing


class NotTraced(msgspec.Struct, frozen=True, tag=True):
    """It was not: one of the two cannot be read."""

    why: Illegible


Answer: TypeAlias = Traced | NotTraced


def answer_to(question: Question) -> Answer:
    """The document beside the pack."""
    pack = read_pack(question.pack_name, question.pack.encode())
    if isinstance(pack, Unread):
        step = "trace it where they stand: `interlock pack trace PACK FILE`"
        return NotTraced(Illegible("pack.no_requirements", pack.sentence, step))
    reading = read_procedure(question.name, question.text.encode())
    if isinstance(reading, Illegible):
        return NotTraced(reading)
    return Traced(traced(reading, pack, NOTHING_DROPPED))


def answer_in(content: bytes) -> Answer:
    """What the process wrote."""
    return msgspec.json.decode(content, type=Answer)  # type: ignore[no-any-return]  # a union is no type to it


def main() -> None:
    """Answer the question on standard input."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(answer_to(question)))
