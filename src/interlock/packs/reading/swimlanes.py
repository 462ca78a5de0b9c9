# SPDX-License-Identifier: Apache-2.0
"""Tables with a column for everybody, and in it what they do: one row may ask several people for several things."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from interlock.packs.reading.columns import WHO
from interlock.packs.reading.owning import OWNERS
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, people_in, slug

TASK: Final = "task"
"""The title of what is done, for whoever reads it afterwards."""
_LEAST: Final = 2
_EMPTY: Final = frozenset(("", "-", "\u2013", "\u2014", "n/a", "none", "/", "."))
_WORDS: Final = 2


def parted(found: Iterable[Passage], known: frozenset[str]) -> tuple[Passage, ...]:
    """The passages, with each row of such a table as one for everybody who does something in it."""
    every = tuple(found)
    tables: dict[tuple[str, ...], list[Passage]] = defaultdict(list)
    for one in every:
        if one.form is Form.ROW:
            tables[_titles(one)].append(one)
    lanes = {titles: _lanes(titles, rows, known) for titles, rows in tables.items()}
    return tuple(part for one in every for part in _parts(one, lanes.get(_titles(one), frozenset())))


def _titles(row: Passage) -> tuple[str, ...]:
    return tuple(column for column, _ in row.cells)


def _lanes(titles: tuple[str, ...], rows: list[Passage], known: frozenset[str]) -> frozenset[str]:
    """The titles of the columns of people; none where their cells hold marks, names or letters."""
    sure = [title for title in titles[1:] if _is_role(title)]
    people = frozenset(title for title in titles[1:] if sure and (title in sure or slug(title) in known))
    cells = [cell for row in rows for column, cell in row.cells if column in people and _says(cell)]
    told = sum(len(cell.split()) >= _WORDS for cell in cells)
    is_owned = any(OWNERS.search(title.lower()) for title in titles if title not in people)
    return people if len(people) >= _LEAST and told * _LEAST > len(cells) and not is_owned else frozenset()


def _is_role(title: str) -> bool:
    return (0, len(title)) in (*people_in(title), *departments_in(title.lower(), []))


def _says(cell: str) -> bool:
    return cell.strip().lower() not in _EMPTY


def _parts(one: Passage, lanes: frozenset[str]) -> Iterator[Passage]:
    if not lanes or one.form is not Form.ROW:
        yield one
        return
    rest = tuple((column, cell) for column, cell in one.cells if column not in lanes and _says(cell))
    for column, cell in one.cells:
        if column in lanes and _says(cell):
            text = " | ".join((*(said for _, said in rest), cell))
            yield replace(one, text=text, cells=((TASK, cell), *rest, (WHO, column)))
