# SPDX-License-Identifier: Apache-2.0
"""Tables of letters: who is responsible (R) and accountable (A), and who is only asked (C) or told (I).

Whoever is accountable is asked, too, unless the document explains that they do no more than answer for it.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from interlock.packs.reading.deeds import TRADE
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, lowered, people_in, slugs
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.things import is_thing

_LEAST_COLUMNS: Final = 2
_LETTERS: Final = frozenset(("R", "A", "C", "I", "S", "-", "\u2013", "—"))
_PARTS: Final = re.compile(r"\s*(?:,|;|/|\+|&|<br>|\band\b|\bor\b)\s*")
_SPLIT: Final = re.compile(r"[/, ]+")
_ACCOUNTABLE: Final = re.compile(r"\bA (?:= ?|: ?|- |\u2013 |— |is |means |stands for )?(?P<does>[a-z][^,;.]{3,60})")
_EXPLAINED: Final = re.compile(r"\bR (?:= ?|: ?|- |\u2013 |— |is |means |stands for )?[a-z][^,;.]{3,60}[,;.]")
_CROSSES: Final = frozenset("x ✓ ✔ ✗ ✅ • ● ☒ ☑".split())
_DOES: Final = sought(r"\b(?:sign|approv|decid|releas|confirm|agree|accept|author|say|okay|check)\w*")
_ANSWERS: Final = sought(r"\b(?:answer|account|liab|blame)\w*")


def of_letters(passage: Passage) -> tuple[str, ...]:
    """Of a table of who is responsible (R) and accountable (A): those two."""
    under = {column.strip().upper(): cell for column, cell in passage.cells}
    if {"R", "A"} <= under.keys():
        return slugs(
            part.strip() for letter in "RA" for part in _PARTS.split(under[letter]) if any(map(str.isalpha, part))
        )
    return slugs(column for column, letters in _charged(passage) if letters & {"R", "A"}) or _ticked(passage)


def _ticked(passage: Passage) -> tuple[str, ...]:
    """Of a table with a column for everybody: those below whom there is a cross."""
    crossed = [column for column, cell in passage.cells[1:] if cell.strip().lower() in _CROSSES]
    are_people = all(_is_somebody(column) for column in crossed)
    return slugs(crossed) if are_people and len(crossed) < len(passage.cells) - 1 else ()


def _is_somebody(column: str) -> bool:
    spans = (*people_in(column), *departments_in(lowered(column), []))
    last = lowered(column).split()[-1] if column.split() else ""
    return (0, len(column)) in spans or (bool(TRADE.fullmatch(last)) and not is_thing(last))


def lettered(passage: Passage) -> tuple[str, ...]:
    """Everybody who has a column in a table of letters."""
    return slugs(column for column, _ in _charged(passage))


def _charged(passage: Passage) -> list[tuple[str, set[str]]]:
    cells = [(column, {*_SPLIT.split(cell.upper())}) for column, cell in passage.cells[1:] if cell]
    while cells and not cells[0][1] <= _LETTERS and len(cells) > 1:
        cells = cells[1:]
    is_charged = any({"R", "A"} <= letters for _, letters in cells)
    if len(cells) < _LEAST_COLUMNS - is_charged or any(not letters <= _LETTERS for _, letters in cells):
        return []
    return cells


def without_answering(found: Iterable[Passage]) -> tuple[Passage, ...]:
    """The passages; where the document says that `A` only answers for what `R` does, without these letters."""
    every = tuple(found)
    said = [match["does"] for one in every if _EXPLAINED.search(one.text) for match in _ACCOUNTABLE.finditer(one.text)]
    if not any(_ANSWERS.search(does) and not _DOES.search(does) for does in said):
        return every
    return tuple(_bared(one) if one.form is Form.ROW else one for one in every)


def _bared(row: Passage) -> Passage:
    charged = _charged(row)
    if not any("R" in letters for _, letters in charged):
        return row
    alone = {column for column, letters in charged if "A" in letters and "R" not in letters}
    return replace(row, cells=tuple((column, "I" if column in alone else cell) for column, cell in row.cells))
