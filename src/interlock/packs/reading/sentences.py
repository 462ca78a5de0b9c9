# SPDX-License-Identifier: Apache-2.0
"""The sentences of a paragraph, each with its lines: where one ends, and where a line begins anew."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlock.packs.reading.binding import binds
from interlock.packs.reading.lexicon import cut

_END: Final = re.compile(
    "(?<=[.!?])(?<!\\s\\.\\.)[\"')\\]*_]*\\s+(?:[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]+\\s+)?(?=[\"'(\\[*_`]*[A-Z0-9])"
)
_ANY_END: Final = re.compile(r"(?<=[a-z0-9)][.!?])[\"')\]*_]*\s+(?=[\"'(\[*_`]*[A-Za-z0-9])|(?<=[!?][!?])\s+")
"""Where a sentence ends for who writes everything small."""
_SHORTENED: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|vs|incl|resp|cf|no|ref|max|ca|(?<![\w'\u2019])[A-Z])|^\W*\d{1,3})\.[\"')]*$",
    re.IGNORECASE,
)
_ASKED_BACK: Final = re.compile(
    r"^(?:(?:questions?|doubts?|unsure|unclear|stuck|help|comments?|in doubt)"
    r"|(?:nothing|nobody|no (?:one|answer|reply|news|reaction|response)|still no\w*) [^.?!:;]{3,60})\?$",
    re.IGNORECASE,
)
"""A case that is asked back is one with its answer: `Questions? Ask Ann`, `Nothing heard for a day? Ask again`."""
_NO: Final = re.compile(r"\bno\.$", re.IGNORECASE)
_FIELD: Final = re.compile(r"^(?:\*\*|__)?[A-Z][\w /&-]{1,40}(?:\*\*|__)?:(?:\*\*|__)?(?:\s|$)")
_OPENED: Final = re.compile(r"[\[{]|\((?![a-z])")
"""A bracket that begins anew; one that goes on in small letters belongs to what stands before it."""
_FORBIDS: Final = re.compile(
    r"(?:Never|Do not|Don['\u2019]t|Under no circumstances|Nobody|No one|No-one|(?:It|This) is (?:forbidden|prohibited"
    r"|not (?:allowed|permitted)))\b|(?:NEVER|DO NOT|UNDER NO CIRCUMSTANCES)\b"
)
"""What forbids and begins with a capital goes on with no sentence that has ended nowhere."""
_GOES_ON: Final = re.compile(r"(?:[,;:\u2013\u2014-]|\b(?:and|or|but|that|if|to|as|with|of|the|an?|is|are|be))$")
_FORBIDS_NOW: Final = re.compile(
    r"(?:never|do not|don['\u2019]t|under no circumstances|nobody|no one)\b", re.IGNORECASE
)
_REQUIRES: Final = re.compile(r"^[\w ]{2,40}\b(?:requires?|needs?) ", re.IGNORECASE)
"""What has a subject and asks for something: `exceptions require the word of the bosun`."""
_ASIDE: Final = re.compile(r"[\[(][^\W\d_][\w&'\u2019/-]*(?: [\w&'\u2019/-]+){0,3}[\])]\W*$")
"""What stands in brackets behind a sentence belongs to it: `Stop the channel. [Integration analyst]`."""
_SHORT: Final = 60


def pieces(content: str, line: int) -> Iterator[tuple[int, int, str]]:
    """The sentences of a paragraph: first line, last line, words. A line that begins anew is a sentence of its own."""
    words, begins, number = "", line, line - 1
    lines = content.split("\n")
    is_each = _are_each(lines)
    for number, raw in enumerate(lines, start=line):
        text = raw.strip()
        if words and (is_each or _begins_anew(words, text, raw)):
            yield begins, number - 1, words
            words = ""
        if not words:
            begins = number
        for piece in _sentences(f"{words} {text}".strip() if words else text):
            if piece.is_whole:
                yield begins, number, piece.words
                begins = number
        words = piece.words if not piece.is_whole else ""
    if words:
        yield begins, number, words


@dataclass(frozen=True, slots=True)
class _Piece:
    words: str
    is_whole: bool


def _sentences(text: str) -> Iterator[_Piece]:
    at = 0
    for end in (_ANY_END if text[:1].islower() else _END).finditer(text):
        if _ASKED_BACK.match(text[at : end.start()]) or _is_aside(text[end.start() :].lstrip(".!? ")):
            continue
        is_answer = bool(_NO.search(text[at : end.start()])) and not text[end.end() : end.end() + 1].isdigit()
        if is_answer or not _SHORTENED.search(text[at : end.start()]):
            yield from (_Piece(one, is_whole=True) for one in _halves(text[at : end.start()].strip()))
            at = end.end()
    *ahead, rest = _halves(text[at:].strip())
    yield from (_Piece(one, is_whole=True) for one in ahead)
    yield _Piece(rest, is_whole=rest.endswith((".", "!", "?")) and not _SHORTENED.search(rest))


def _is_aside(rest: str) -> bool:
    return bool(_ASIDE.match(rest)) and not binds(rest) and not cut(rest.strip("[()] ")).opener


def _halves(text: str) -> tuple[str, ...]:
    """The halves of a sentence that a semicolon parts, where each binds by itself; else the whole of it."""
    halves = text.split("; ") if ";" in text else ()
    is_each = len(halves) > 1 and "(" not in text and all(map(_stands, halves))
    is_each = is_each and (any(map(_FORBIDS_NOW.match, halves)) or not any(cut(half).opener for half in halves))
    return tuple(halves) if is_each else (text,)


def _stands(half: str) -> bool:
    """Whether half a sentence asks for something without the other."""
    return binds(half) or bool(_REQUIRES.search(half)) or bool(cut(half).opener)


def _are_each(lines: list[str]) -> bool:
    """Whether each line is one of its own for somebody who writes small and ends nothing with a stop."""
    is_small = all(line[:1].islower() and len(line.split()) >= _FEW for line in lines)
    return is_small and len(lines) >= _FEW and not any(_ENDS.search(line) or _GOES_ON.search(line) for line in lines)


_FEW: Final = 3
_ENDS: Final = re.compile(r"[.!?](?:\s|$)")


def _begins_anew(before: str, text: str, raw: str) -> bool:
    """Whether a line of a paragraph goes on with nothing that stands before it."""
    if _FORBIDS.match(text) and not _GOES_ON.search(before):
        return True
    is_field = bool(_FIELD.match(text))
    if is_field and (before.endswith(":") or bool(_FIELD.match(before))):
        return True
    if is_field and len(before) < _SHORT and before[:1].isupper() and before[-1:].isalnum():
        return True
    if before.endswith(":") and len(before) < _SHORT:
        return text[:1].isupper() and before[:1].isupper() and len(before.split()) > 1
    is_short = len(before) < _SHORT and not before.endswith((",", ";", "-", "→"))
    return (
        is_short
        and (text[:1].isupper() or bool(_OPENED.match(text)))
        and raw == raw.lstrip()
        and len(text) < 2 * _SHORT
    )
