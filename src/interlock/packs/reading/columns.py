# SPDX-License-Identifier: Apache-2.0
"""Columns of owners whose title does not say so: told by their cells, a few names that come again and again."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from interlock.packs.reading.owning import OWNERS, RECEIVES
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, lowered, people_in, slug
from interlock.packs.reading.slots import is_somebody

WHO: Final = "who"
"""The title of such a column, for whoever reads it afterwards."""
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_LONGEST: Final = 4
_LEAST: Final = 2


def owned(found: Iterable[Passage], known: frozenset[str]) -> tuple[Passage, ...]:
    """The passages, with the columns that hold people titled so."""
    every = tuple(found)
    tables: dict[tuple[str, ...], list[Passage]] = defaultdict(list)
    for one in every:
        if one.form is Form.ROW:
            tables[_titles(one)].append(one)
    columns = {titles: _column(titles, rows, known) for titles, rows in tables.items()}
    return tuple(_titled(one, columns[_titles(one)]) if one.form is Form.ROW else one for one in every)


def _titles(row: Passage) -> tuple[str, ...]:
    return tuple(column for column, _ in row.cells)


def _column(titles: tuple[str, ...], rows: list[Passage], known: frozenset[str]) -> int:
    """The number of the column that holds people; 0: none does, or one is titled so."""
    if len(rows) < _LEAST or any(len(title) == 1 or OWNERS.search(title.lower()) for title in titles):
        return 0
    for place, title in enumerate(titles[1:], start=1):
        cells = [
            row.cells[place][1] for row in rows if len(row.cells) > place and row.cells[place][1].strip("-\u2013— ")
        ]
        if not RECEIVES.search(title.lower()) and len(cells) >= _LEAST and _are_people(cells, known):
            return place
    return 0


def _are_people(cells: list[str], known: frozenset[str]) -> bool:
    if not all(map(_may_be_somebody, cells)):
        return False
    sure = sum(_is_role(cell) or slug(cell) in known for cell in cells)
    are_few = len(set(cells)) < len(cells) and all(cell[0].isupper() for cell in cells)
    return _LEAST * sure > len(cells) or (are_few and (sure > 0 or all(" " not in cell for cell in cells)))


def _may_be_somebody(cell: str) -> bool:
    words = lowered(cell).split()
    is_short = (
        bool(_WORD.match(cell))
        and 0 < len(words) <= _LONGEST
        and not any(map(str.isdigit, cell))
        and cell[:1].isalpha()
    )
    return is_short and not words[-1].endswith(("ed", "ly")) and (_is_role(cell) or is_somebody(words))


def _is_role(cell: str) -> bool:
    spans = (*people_in(cell), *departments_in(lowered(cell), []))
    return any(begin == 0 and end == len(cell) for begin, end in spans)


def _titled(row: Passage, place: int) -> Passage:
    if not place or len(row.cells) <= place:
        return row
    cells = tuple((WHO if at == place else column, cell) for at, (column, cell) in enumerate(row.cells))
    return replace(row, cells=cells)
