# SPDX-License-Identifier: Apache-2.0
"""Columns of owners whose title does not say so: told by their cells, a few names that come again and again."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from interlock.packs.reading.deeds import TRADE
from interlock.packs.reading.owning import FOUR_EYES, OWNERS, PARTS, RECEIVES, SIGNS, WITHOUT_PARENS, is_signing
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, lowered, people_in, slug
from interlock.packs.reading.slots import is_somebody

WHO: Final = "who"
"""The title of such a column, for whoever reads it afterwards."""
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_LONGEST: Final = 4
_LEAST: Final = 2
_HINTS: Final = re.compile(
    r"\b(?:hands?|crews?|squads?|by|from|charge|desks?|staff|makes?|does|do|runs?|drives?|carries|people|names?|part(?:y|ies)"
    r"|units?|departments?|teams?|posts?|bench|shift)\b"
)
"""What the title of a column may say where people stand below it, and other things as well."""
_BY: Final = re.compile(r"^[a-z]{3,} by$")
"""`Flown by`: even what is called like a place is somebody there."""
_NOBODY: Final = frozenset(("none", "nobody", "n/a", "na", "-", "\u2013", "\u2014"))


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
    """The number of the column that holds people; -1: none does, or one is titled so."""
    if len(rows) < _LEAST or any(len(title) == 1 or OWNERS.search(title.lower()) for title in titles):
        return -1
    if sum(bool(FOUR_EYES.match(title.lower())) for title in titles) >= _LEAST:
        return -1
    is_signed = is_signing(" | ".join(titles).lower())
    for place, title in enumerate(titles[0 if is_signed else 1 :], start=0 if is_signed else 1):
        cells = [row.cells[place][1] for row in rows if len(row.cells) > place]
        names = [name for cell in cells for name in _names(cell)]
        head = title.lower() if place else f"by {title.lower()}"
        if not RECEIVES.search(head) and _are_people(names, known, head):
            return place
    return -1


def _names(cell: str) -> list[str]:
    """Everybody whom a cell names, without what stands behind them in brackets."""
    parts = PARTS.split(WITHOUT_PARENS.sub("", cell).strip())
    return [part.strip(" @.?") for part in parts if part.strip() and part.strip().lower() not in _NOBODY]


def _are_people(names: list[str], known: frozenset[str], title: str) -> bool:
    sure = sum(_is_role(name) or slug(name) in known for name in names)
    are_large = all(name[0].isupper() for name in names)
    is_by = bool(_BY.search(title)) and (sure > 0 or (are_large and any(map(_may_be_somebody, names))))
    if len(names) < _LEAST or not (is_by or all(map(_may_be_somebody, names))):
        return False
    if is_by and all(len(name.split()) <= _LONGEST for name in names):
        return True
    if _HINTS.search(title) and (
        sure > 0 or (are_large and any(TRADE.fullmatch(name.lower().split()[-1]) for name in names))
    ):
        return True
    are_few = len(set(names)) < len(names) and are_large
    return _LEAST * sure > len(names) or (are_few and (sure > 0 or all(" " not in name for name in names)))


def _may_be_somebody(cell: str) -> bool:
    words = lowered(cell).split()
    if len(words) == _LEAST and cell.endswith(" IT"):
        return True
    is_short = (
        bool(_WORD.match(cell))
        and 0 < len(words) <= _LONGEST
        and not any(map(str.isdigit, cell))
        and cell[:1].isalpha()
    )
    return is_short and not words[-1].endswith(("ed", "ly")) and (_is_role(cell) or is_somebody(words))


def _is_role(cell: str) -> bool:
    spans = (*people_in(cell), *departments_in(lowered(cell), []))
    ranked = people_in(f"the {cell}")
    return (0, len(cell)) in spans or (len("the "), len(f"the {cell}")) in ranked


def _titled(row: Passage, place: int) -> Passage:
    if place < 0 or len(row.cells) <= place:
        return row
    cells = tuple((_called(column) if at == place else column, cell) for at, (column, cell) in enumerate(row.cells))
    return replace(row, cells=cells)


def _called(column: str) -> str:
    """A column of people, called so; what its own title says of signing is kept."""
    return f"{WHO}: {column}" if SIGNS.search(column.lower()) else WHO
