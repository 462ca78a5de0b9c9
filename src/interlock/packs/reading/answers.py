# SPDX-License-Identifier: Apache-2.0
"""A file of answers: what a person would say in a review, written down beforehand."""

from dataclasses import dataclass, field
from typing import Final

from interlock.packs.model import PackPhase
from interlock.packs.problem import Problems
from interlock.packs.reading.reviewing import Verdict
from interlock.packs.shape import decode, key
from interlock.packs.yaml_tree import read

NOTHING: Final = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer about everything that was read at a line."""

    at: str = field(metadata=key(doc="The document and the line, such as RELEASE.md:22."))
    verdict: Verdict = field(metadata=key("do", doc="What becomes of it."))
    text: str = field(default=NOTHING, metadata=key(doc="How it begins, where a line says several things."))
    kind: str = field(default=NOTHING, metadata=key(doc="Of which kind it is."))
    check: str = field(default=NOTHING, metadata=key(doc="The check that decides it; none: the one that is suggested."))
    reason: str = field(default=NOTHING, metadata=key(doc="Why it is dropped."))
    role: str = field(default=NOTHING, metadata=key(doc="The role that attests it; none: who was read."))


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """All answers, and what becomes of what none of them names."""

    answers: tuple[Answer, ...] = field(default=(), metadata=key(doc="The answers."))
    rest: Verdict = field(default=Verdict.LEAVE, metadata=key(doc="`accept` or `leave` what no answer names."))
    status: PackPhase = field(default=PackPhase.DRAFT, metadata=key(doc="`active` once everything is decided."))


def load_answers(source: str, content: bytes) -> AnswersFile | Problems:
    """The answers in these bytes; `source` is their file's name in messages."""
    document = read(source, content)
    return document if isinstance(document, Problems) else decode(document, AnswersFile)
