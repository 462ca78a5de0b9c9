# SPDX-License-Identifier: Apache-2.0
"""The sections of a document that a person wrote in Markdown: which headings there are that say something.

A heading says something when there is any text below it, before the next heading of its own rank or a higher one. A
comment, an empty list, a rule, or a heading that only repeats itself below is nothing.
"""

import re
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt

LARGEST: Final = 200_000
"""Bytes of a document."""
_MOST: Final = 200
_GAP: Final = re.compile("\n{3,}")
_TEXTS: Final = frozenset({"inline", "fence", "code_block"})


class Unreadable(ValueError):
    """It is no text, or too long."""


def text_of(content: bytes) -> str:
    """The document's text. Raises `Unreadable`."""
    if len(content) > LARGEST:
        raise Unreadable(f"a document has at most {LARGEST} bytes, this one has {len(content)}")
    try:
        text = content.decode()
    except UnicodeDecodeError as fault:
        raise Unreadable(f"it is not UTF-8 at byte {fault.start}") from fault
    if "\x00" in text:
        raise Unreadable("it holds a NUL byte, so it is no text")
    return text


def headings_of(content: bytes) -> tuple[str, ...]:
    """The headings that say something, in order, each once, in one line. Raises `Unreadable`."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text_of(content))
    above: list[tuple[int, str]] = []
    telling: dict[str, None] = {}
    before = ""
    for token in tokens:
        if before == "heading_open":
            above.append((above.pop()[0], " ".join(token.content.split())))
        elif token.type == "heading_open":
            rank = int(token.tag[1:])
            above = [*((other, name) for other, name in above if other < rank), (rank, "")]
        elif token.type in _TEXTS and token.content.strip():
            telling.update(dict.fromkeys(name for _, name in above if name))
        before = token.type
    headings = tuple(telling)
    if len(headings) > _MOST:
        raise Unreadable(f"it has more than {_MOST} sections")
    return headings


def section_of(content: bytes, heading: str) -> str:
    """What stands below a heading, as it was written but without comments; empty when there is nothing.

    Capitals do not matter; of two headings of one name, the first that says something. Raises `Unreadable`.
    """
    text = text_of(content)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lines = text.splitlines()
    headings: list[tuple[int, str, int, int]] = []
    for token, following in pairwise(tokens):
        begin, end = token.map or (0, 0)
        if token.type == "html_block":
            lines[begin:end] = [""] * (end - begin)
        elif token.type == "heading_open":
            headings.append((int(token.tag[1:]), " ".join(following.content.split()).casefold(), begin, end))
    for number, (rank, name, _, end) in enumerate(headings):
        after = (begin for other, _, begin, _ in headings[number + 1 :] if other <= rank)
        below = _GAP.sub("\n\n", "\n".join(lines[end : next(after, len(lines))])).strip()
        if name == heading.casefold() and below:
            return below
    return ""
