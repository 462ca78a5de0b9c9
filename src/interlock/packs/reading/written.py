# SPDX-License-Identifier: Apache-2.0
"""The lines of a procedure as somebody wrote them: bounded, decoded, and mended where an editor garbled them.

1. Nothing is guessed about bytes: what is no text, or no UTF-8, is declined with what to do about it.
2. Every bound is checked before anything that costs more than the reading itself.
3. Mending never moves a line: a citation names the line that the author sees.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final

LARGEST: Final = 4_000_000
"""Bytes of a procedure. The longest handbook of releases that we know is a tenth of that."""
LONGEST_LINE: Final = 20_000
"""Characters of a line: beyond that it is an export, not something a person reads."""
_WIDE: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GARBLED: Final = re.compile("[ÂÃâð][\u0080-\u00ff\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+")
_BREAK: Final = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Illegible:
    """Why a document cannot be read."""

    code: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Written:
    """A document's lines; the first is line 1."""

    name: str
    lines: tuple[str, ...]


def written(name: str, content: bytes) -> Written | Illegible:
    """The lines in these bytes; `name` is the document's in messages."""
    if len(content) > LARGEST:
        sentence = f"{name} has {len(content):,} bytes; a procedure has at most {LARGEST:,}"
        return Illegible("procedure.too_big", sentence, "give the document itself, without what is embedded in it")
    text = _decoded(name, content)
    if isinstance(text, Illegible):
        return text
    lines = tuple(_BREAK.split(text))
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            sentence = f"{name}:{number} is a line of {len(line):,} characters; at most {LONGEST_LINE:,} are read"
            return Illegible("procedure.endless_line", sentence, "break it into lines, or export the document anew")
    if not any(char.isalnum() for char in text):
        return Illegible("procedure.empty", f"{name} says nothing", "name the document that describes your releases")
    return Written(name, tuple(mended(line) for line in lines))


def _decoded(name: str, content: bytes) -> str | Illegible:
    encoding = next((known for mark, known in _WIDE if content.startswith(mark)), "utf-8-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        if b"\x00" in content:
            return _binary(name)
        sentence = f"{name} is not UTF-8 at byte {fault.start}"
        return Illegible("procedure.encoding", sentence, "save it as UTF-8 in your editor, then try again")
    return _binary(name) if "\x00" in text else text


def _binary(name: str) -> Illegible:
    return Illegible("procedure.binary", f"{name} is no text", "give Markdown or plain text; export it if need be")


def mended(line: str) -> str:
    """The line with what was UTF-8 and was read as Windows-1252 put right."""
    return _GARBLED.sub(_mend, line) if line and not line.isascii() else line


def _mend(match: re.Match[str]) -> str:
    octets = bytearray()
    for char in match[0]:
        try:
            octets += char.encode("cp1252")
        except UnicodeEncodeError:
            octets.append(ord(char) & 0xFF)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
