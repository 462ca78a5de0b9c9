# SPDX-License-Identifier: Apache-2.0
"""Tables that were drawn with spaces alone, as the Markdown that they stand for: three columns or more, below titles.

The titles are written on the empty line above them, and the dashes where they stood, so that no line is added or
removed. A line that begins below a further column goes on with the cell above it.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from interlock.packs.reading.grids import GOES_ON, as_row

_CELL: Final = re.compile(r"\S+(?: \S+)*")
_NO_TABLE: Final = re.compile(r"[|`]|\.{4}|_{4}|^\s*(?:[-*+]|\d+[.)]|#+|\[[ xX]?\])\s|[.:;!?]$")
"""What a line of titles does not hold."""
_LEAST: Final = 3
_WORDS: Final = 3
_ROWS: Final = 2

Cells = list[tuple[int, str]]
"""The words of a line that are parted by two spaces or more, and where they begin."""


@dataclass(slots=True)
class _Table:
    """A table being read: where its titles stand, the places of its columns, and its rows with their lines."""

    at: int
    titles: Cells
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    further: list[int] = field(default_factory=list)

    def takes(self, number: int, line: str) -> bool:
        """Whether this line is one of the table."""
        cells = _cells(line)
        places = [begin for begin, _ in self.titles]
        begins = [begin for begin, _ in cells]
        if len(cells) == len(places) and begins[1:] == places[1:]:
            self.rows.append((number, [cell for _, cell in cells]))
            return True
        if self.rows and cells and all(begin in places[1:] for begin in begins):
            for begin, cell in cells:
                at = places.index(begin)
                self.rows[-1][1][at] += f" {cell}"
            self.further.append(number)
            return True
        return False

    def written(self, found: list[str]) -> None:
        found[self.at - 1] = as_row([title for _, title in self.titles])
        found[self.at] = as_row(["---"] * len(self.titles))
        for number, cells in self.rows:
            found[number] = as_row(cells)
        for number in self.further:
            found[number] = as_row([GOES_ON])


def as_drawn(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given, with rows of Markdown for those of such tables."""
    found, table = list(lines), None
    for number, line in enumerate((*lines, "")):
        if table is not None and table.takes(number, line):
            continue
        if table is not None and len(table.rows) >= _ROWS:
            table.written(found)
        is_set_off = number > 0 and not lines[number - 1].strip()
        table = _Table(number, _cells(line)) if is_set_off and _may_be_titles(line) else None
    return tuple(found)


def _may_be_titles(line: str) -> bool:
    if "   " not in line.strip() or _NO_TABLE.search(line):
        return False
    cells = _cells(line)
    return len(cells) >= _LEAST and all(len(cell.split()) <= _WORDS and cell[0].isalpha() for _, cell in cells)


def _cells(line: str) -> Cells:
    return [(one.start(), one[0]) for one in _CELL.finditer(line)]
