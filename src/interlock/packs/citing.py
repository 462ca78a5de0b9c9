# SPDX-License-Identifier: Apache-2.0
"""Which elements of a pack say what of the written procedure they are for.

1. `cites` is a listing, of what the element does as a whole; or a table, of what each of its keys does.
2. Whatever shape has `cites` counts: nothing here knows the kinds of elements there are.
3. A key that is cited is written: what is left to its default is nobody's doing and cannot be taken away.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from interlock.packs.nearest import advice
from interlock.packs.problem import Problem
from interlock.packs.shape import key, keys_of, problem_at
from interlock.packs.yaml_tree import Document, Step, Table, find

ByKey: TypeAlias = Mapping[str, tuple[str, ...]]
Cited: TypeAlias = tuple[str, ...] | ByKey

CITES: Final = key(doc="Where the written procedure says so.")
CITES_OR_KEYS: Final = key(doc="Where the written procedure says so: of the whole, or of its keys by their names.")
CITES_OF_KEYS: Final = key(doc="Where the written procedure says so, by the keys of this table.")
_CITES: Final = "cites"


@dataclass(frozen=True, slots=True)
class Citation:
    """An element, or a key of one, and the statements it is for. `at` leads to what is taken away with it."""

    at: tuple[Step, ...]
    element: object
    key: str
    """Of the element; empty: the element as a whole."""
    ids: tuple[str, ...]
    cited_at: tuple[Step, ...]
    """Where the ids stand."""


def whole(cites: Cited) -> tuple[str, ...]:
    """Every statement cited, whatever of the element it is about."""
    parts = cites.values() if isinstance(cites, Mapping) else (cites,)
    return tuple(dict.fromkeys(one for ids in parts for one in ids))


def citations(value: object, at: tuple[Step, ...] = ()) -> Iterator[Citation]:
    """Everything below this value that cites, in the order of the grammar."""
    match value:
        case tuple():
            for number, one in enumerate(value):
                yield from citations(one, (*at, number))
        case Mapping():
            for name, one in value.items():
                yield from citations(one, (*at, str(name)))
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            yield from _own(value, at)
            for known in keys_of(type(value)):
                if known.name != _CITES:
                    yield from citations(getattr(value, known.attribute), (*at, known.name))
        case _:
            return


def _own(value: object, at: tuple[Step, ...]) -> Iterator[Citation]:
    cites: Cited = getattr(value, _CITES, ())
    if isinstance(cites, Mapping):
        for name, ids in cites.items():
            yield Citation((*at, name), value, name, ids, (*at, _CITES, name))
    elif cites:
        yield Citation(at, value, "", cites, (*at, _CITES))


def citing_problems(document: Document, value: object) -> Iterator[Problem]:
    """Keys that are cited and are not there."""
    for one in citations(value):
        table = find(document.root, *one.at[:-1])
        written = [entry.key for entry in table.entries] if one.key and isinstance(table, Table) else [one.key]
        if one.key not in written or one.key == _CITES:
            sentence = f"'{one.key}' is cited, and is no key that is written here"
            known = [name for name in written if name != _CITES]
            yield problem_at(document, one.cited_at, "pack.cites_nothing", sentence, advice(one.key, known))
