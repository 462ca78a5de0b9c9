# SPDX-License-Identifier: Apache-2.0
"""Tables and boxes that were drawn with `+---+` and `|`, as the Markdown that they stand for.

No line is added or removed. A cell that goes on in the next line is read where its row begins; the lines that only go
on hold `GOES_ON`, so that a row is cited with all its lines.
"""

import re
from collections.abc import Iterator
from typing import Final

GOES_ON: Final = "\N{VERTICAL ELLIPSIS}"
_BORDER: Final = re.compile(r"^\s*\+(?:[-=~]+\+)+\s*$")
_ROW: Final = re.compile(r"^\s*\|(?P<cells>.*)\|\s*$")
_LEAST: Final = 2
"""One cell in a row makes a box, and one row no table."""

Line = tuple[int, list[str]]
"""A line of a drawing: its place, and its cells; a border has none."""


def as_tables(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given."""
    if not any(map(_BORDER.match, lines)):
        return lines
    found = list(lines)
    drawn: list[Line] = []
    for place, line in enumerate((*lines, "")):
        is_border = bool(_BORDER.match(line))
        row = _ROW.match(line) if drawn else None
        if is_border or row:
            drawn.append((place, [cell.strip() for cell in row["cells"].split("|")] if row else []))
        else:
            _draw(found, drawn)
            drawn = []
    return tuple(found)


def _draw(found: list[str], drawn: list[Line]) -> None:
    """Writes a table or a box over the lines that it was drawn on."""
    columns = max((len(cells) for _, cells in drawn), default=0)
    parts = list(_parts(drawn))
    is_table = columns >= _LEAST and sum(map(len, parts)) >= _LEAST
    for place, cells in drawn if parts else ():
        found[place] = "" if is_table else " ".join(cells)
    if not is_table:
        return
    title = parts.pop(0) if len(parts) > 1 else [parts[0].pop(0)]
    at = title[-1][0] if parts[0][0][0] > title[-1][0] + 1 else title[-1][0] - 1
    found[at], found[at + 1] = as_row(_joined(title, columns)), f"|{' --- |' * columns}"
    for place in range(at + 2, parts[-1][-1][0]):
        found[place] = as_row([""])
    for part in parts:
        for row in [part] if len(parts) > 1 and any("" in cells for _, cells in part) else _rows(part):
            for place, _ in row:
                found[place] = as_row([GOES_ON])
            found[row[0][0]] = as_row(_joined(row, columns))


def _parts(drawn: list[Line]) -> Iterator[list[Line]]:
    """What stands between two borders, where something does."""
    part: list[Line] = []
    for line in drawn:
        if line[1]:
            part.append(line)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _rows(part: list[Line]) -> list[list[Line]]:
    """Each line a row, but for one whose first cell is empty: it goes on with the row above."""
    rows: list[list[Line]] = []
    for line in part:
        if rows and not line[1][0]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _joined(lines: list[Line], columns: int) -> list[str]:
    return [" ".join(cells[at] for _, cells in lines if at < len(cells) and cells[at]) for at in range(columns)]


def as_row(cells: list[str]) -> str:
    """A row of Markdown."""
    return f"| {' | '.join(cells)} |"
