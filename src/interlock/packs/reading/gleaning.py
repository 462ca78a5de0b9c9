# SPDX-License-Identifier: Apache-2.0
"""What binds somebody by its words and stands where nothing was read: listed, so that a person decides.

1. Every line is looked at as its author wrote it. Words that bind are in a passage on that line, or they are gleaned.
2. What is gleaned is never a requirement by itself: a remark, a title, a literal block may quote as well as demand.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from interlock.packs.reading.binding import BINDING, binds
from interlock.packs.reading.passages import Form, Heading, Passage, plain
from interlock.packs.reading.tidying import front_matter
from interlock.packs.reading.titles import names_rule

_TAG: Final = re.compile(r"<!--|-->|</?[A-Za-z][^<>]*>")
_EMOJI_NAME: Final = re.compile(r"(?<![\w:`]):[a-z][a-z0-9_+-]{2,30}:")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_COUNTING: Final = re.compile(r"[ivx]+")
_WORD_BEFORE: Final = 3
"""A word so long, before what binds, tells one line from another; a shorter one may only count."""
_BEHIND: Final = 6
_CELL: Final = re.compile(r"\||</?t[dhr]\b", re.IGNORECASE)
_NEAR: Final = 8
"""A row whose cells stand on lines of their own is cited by one of them."""


def gleaned(lines: tuple[str, ...], found: tuple[Passage, ...]) -> Iterator[Passage]:
    """What of these lines binds and is in none of the passages found in them, in its order."""
    yield from _in_front(lines[: front_matter(lines)])
    titles = {heading.line: heading for one in found for heading in one.headings}
    told = _Told(found)
    for number, line in enumerate(lines, start=1):
        heading = titles.get(number)
        if not binds(line) or (heading and not names_rule(heading.text)):
            continue
        text = _bare(line)
        if heading or not told.tells(number, text, is_cell=bool(_CELL.search(line))):
            yield Passage(number, number, Form.SENTENCE, text, told.above(number, titles))


def _in_front(lines: tuple[str, ...]) -> Iterator[Passage]:
    """What a program reads at the head of a document and people have to keep: `never:`, and what stands below it."""
    is_asked = False
    for number, line in enumerate(lines, start=1):
        if not line[:1].isspace() and line[:1] != "-":
            is_asked = bool(_ASKING_KEY.match(line))
        says = line.strip(" -\t")
        if is_asked and says and not says.endswith(":") and not binds(line):
            yield Passage(number, number, Form.SENTENCE, says)


_ASKING_KEY: Final = re.compile(
    r"^[\"']?(?:never|always|must|rules?|steps?|approv(?:ers?|als?)|freezes?|roll-?back|gates?|checks?|forbidden"
    r"|prohibited"
    r"|requires?|required|sign-?offs?|deadlines?|windows?|conditions?)\b[^:=]{0,20}[:=]",
    re.IGNORECASE,
)


def _bare(line: str) -> str:
    """A line without its marks, one that is nothing but a picture with the words beside it."""
    untagged = _TAG.sub(" ", line)
    text = html.unescape(_EMOJI_NAME.sub("", untagged if binds(untagged) else line)).strip(" \t#>*+|-")
    return plain(text) or text


def _windows(text: str) -> Iterator[str]:
    """For everything in a text that binds: it, and some of the words around it."""
    low = text.lower().replace("\u2019", "'")
    for found in BINDING.finditer(low):
        before = _WORD.findall(low[: found.start()])[-1:]
        is_telling = all(len(word) >= _WORD_BEFORE and not _COUNTING.fullmatch(word) for word in before)
        yield " ".join((*(before if is_telling else ()), *_WORD.findall(low[found.start() :])[:_BEHIND]))


class _Told:
    """What the passages of a document say, line by line."""

    def __init__(self, found: tuple[Passage, ...]) -> None:
        self._found = sorted(found, key=lambda one: one.line)
        self._begins = [one.line for one in self._found]
        self._texts: dict[int, list[str]] = {}
        self._rows: dict[int, list[str]] = {}
        for one in found:
            said = " ".join(_WORD.findall(one.text.lower().replace("\u2019", "'")))
            for line in range(one.line, one.last + 1):
                self._texts.setdefault(line, []).append(said)
            if one.form is Form.ROW:
                named = (column.lower() for column, _ in one.cells if not names_rule(column))
                titles = " ".join(_WORD.findall(" ".join(named)))
                for line in range(one.line - _NEAR, one.line + _NEAR + 1):
                    self._rows.setdefault(line, []).extend((said, titles))

    def tells(self, number: int, text: str, *, is_cell: bool) -> bool:
        """Whether all that binds in this line is in a passage on it, or in the row of which the line is a cell."""
        rows = self._rows.get(number, ()) if is_cell else ()
        said = " | ".join((" ".join(self._texts.get(number, ())), *rows))
        return all(window in said for window in _windows(text))

    def above(self, number: int, titles: dict[int, Heading]) -> tuple[Heading, ...]:
        """The titles that a line stands under."""
        place = bisect_right(self._begins, number) - 1
        before = self._found[place].headings if place >= 0 else ()
        return tuple(one for one in before if one.line != number) if number in titles else before
