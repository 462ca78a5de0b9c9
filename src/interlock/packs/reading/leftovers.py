# SPDX-License-Identifier: Apache-2.0
"""Tables and lists that a wiki left behind in HTML, as the Markdown that they stand for.

Markdown has a line of dashes below the titles, and HTML a line above them that opens the table: the titles take the
one, the dashes the other, or the dashes the line below where the titles take several. No line is added or removed; a
table that has no room for the dashes, or another document in its cells, stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from interlock.packs.reading.grids import GOES_ON, as_row

_TAG: Final = re.compile(
    r"<(?P<end>/?)(?P<name>table|caption|thead|tbody|tfoot|colgroup|col|tr|td|th)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MARKED: Final = re.compile(r"^\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|\||```|~~~)")
"""What Markdown alone begins with: the cell is a document of its own."""
_CELLS: Final = frozenset({"td", "th"})
_LEAST: Final = 2
"""One cell in a row makes no table, and one row neither."""


@dataclass(slots=True)
class _Row:
    """`at`, `last`: the lines of its first cell and of its last tag."""

    at: int
    last: int = 0
    cells: list[list[str]] = field(default_factory=list)

    def begins(self, number: int) -> None:
        """A cell begins in this line."""
        self.at = self.at if self.cells else number
        self.cells.append([])

    def said(self) -> list[str]:
        whole = (" ".join(" ".join(cell).split()) for cell in self.cells)
        return [_BREAK.sub(", ", cell).replace("|", "/").strip() for cell in whole]


@dataclass(slots=True)
class _Table:
    """What was read of one, from the line that opens it."""

    at: int
    rows: list[_Row] = field(default_factory=list)
    last: int = 0
    is_in_cell: bool = False
    is_over: bool = False
    is_other: bool = False

    def takes(self, number: int, line: str) -> None:
        """Read a line of it."""
        self.is_other |= self.is_in_cell and bool(_MARKED.match(line))
        at = 0
        for tag in _TAG.finditer(line):
            self._says(line[at : tag.start()])
            at = tag.end()
            self._marks(tag["name"].lower(), number, ends=bool(tag["end"]))
        self._says(line[at:])

    def _says(self, text: str) -> None:
        if self.is_in_cell:
            self.rows[-1].cells[-1].append(text)
        elif text.strip():
            self.is_other = True

    def _marks(self, name: str, number: int, *, ends: bool) -> None:
        self.is_over |= name == "table" and ends
        self.is_other |= (name == "table" and not ends and number != self.at) or name == "caption"
        if name == "tr" and not ends:
            self.rows.append(_Row(number, number))
        elif self.rows and name in {*_CELLS, "tr"}:
            self.rows[-1].last = self.last = number
            if name in _CELLS and not ends:
                self.rows[-1].begins(number)
        self.is_in_cell = bool(self.rows) and name in _CELLS and not ends

    def written(self, found: list[str]) -> None:
        """Write it over the lines that it was read from, where it can be."""
        rows = [row for row in self.rows if any(row.said())]
        columns = max((len(row.cells) for row in rows), default=0)
        if self.is_other or columns < _LEAST or len(rows) < _LEAST or not _are_apart(rows):
            return
        titles = rows.pop(0)
        at = titles.at if titles.at + 1 < rows[0].at else titles.at - 1
        if at < self.at:
            return
        found[self.at : self.last + 1] = [""] * (self.last + 1 - self.at)
        found[at], found[at + 1] = as_row(titles.said()), as_row(["---"] * columns)
        for place in range(at + 2, self.last + 1):
            found[place] = as_row([""])
        for row in rows:
            found[row.at : row.last + 1] = [as_row([GOES_ON])] * (row.last + 1 - row.at)
            found[row.at] = as_row(row.said())


def _are_apart(rows: list[_Row]) -> bool:
    """No two begin in one line, and none where another has not ended."""
    return all(one.last < other.at for one, other in pairwise(rows))


def as_rows(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given, with rows of Markdown for rows of HTML."""
    if not any("<tr" in line.lower() for line in lines):
        return lines
    found = list(lines)
    for table in _tables(lines):
        table.written(found)
    return tuple(found)


def _tables(lines: tuple[str, ...]) -> Iterator[_Table]:
    """Each, to where it is ended, or the document."""
    table: _Table | None = None
    for number, line in enumerate(lines):
        if table is None and _OPENS.match(line):
            table = _Table(number)
        if table is not None:
            table.takes(number, line)
            if table.is_over:
                yield table
                table = None
    if table is not None:
        yield table


_OPENS: Final = re.compile(r"^\s*(?:<div(?:\s[^<>]*)?>\s*)?<table(?:\s[^<>]*)?>", re.IGNORECASE)


_PART: Final = re.compile(r"<(?P<end>/?)(?P<name>[ou]l|li)(?:\s[^<>]*)?>", re.IGNORECASE)


def as_lists(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given, with items of Markdown, as deep and as counted as those of HTML."""
    if not any("<li" in line.lower() for line in lines):
        return lines
    found: list[str] = []
    stack: list[str] = []
    for line in lines:
        if line.lstrip().startswith("|"):
            found.append(_PART.sub(" ", line))
        else:
            mark = _mark_of(line, stack)
            found.append(mark + _PART.sub("", line).strip() if mark else line)
    return tuple(found)


def _mark_of(line: str, stack: list[str]) -> str:
    """What the first item of the line begins with; empty: it has none. The lists it opens and ends are noted."""
    mark = ""
    for part in _PART.finditer(line):
        name = part["name"].lower()
        if name == "li":
            mark = mark or ("" if part["end"] else _marked(stack))
        elif not part["end"]:
            stack.append(name)
        elif stack:
            stack.pop()
    return mark


def _marked(stack: list[str]) -> str:
    """What an item begins with in a list so deep."""
    indent = "   " * (len(stack) - 1)
    return f"{indent}{'1.' if stack and stack[-1] == 'ol' else '-'} "
