# SPDX-License-Identifier: Apache-2.0
"""A pack without one of its elements: taken out of the tree, with what cannot stand without it, and written anew.

What names the missing element goes too, as little of it as will do; what is left then loads, or nothing sensible is
left. Nothing is invented in its place.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.packs.yaml_tree import Document, Entry, Listing, Scalar, Step, Table, Tree, Written, find, path_text

_ROUNDS: Final = 30
"""How often what lost its ground is looked for."""
_NEEDED: Final = frozenset({"pack.asks_nothing", "pack.out_of_reach", "pack.no_review"})
"""What a loader says where the element itself is what is needed there."""
_CITES: Final = "cites"
_BARE: Final = re.compile(r"true|false|[-+]?\d[\d.eE+-]*")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What is left. `also` is what went because it could not stand, as paths in the order it went."""

    content: bytes
    pack: Pack
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruined:
    """Nothing is left that loads; `sentence` is what was wrong then."""

    sentence: str


def prune(document: Document, elements: Iterable[tuple[Step, ...]]) -> Pruned | Ruined:
    """The pack without these elements."""
    tree: Tree = document.root
    gone: set[str] = set()
    for at in sorted(elements, key=_last_first, reverse=True):
        gone |= _names(find(tree, *at), at)
        tree = without(tree, at)
    also: list[str] = []
    for _ in range(_ROUNDS):
        content = written(tree).encode()
        loaded = load_pack(document.source, content)
        if not isinstance(loaded, Problems):
            return Pruned(content, loaded, tuple(also))
        first = loaded.found[0]
        at = steps_of(tree, first.path)
        if not at or first.code in _NEEDED:
            return Ruined(first.sentence)
        for one in _narrowed(tree, at, gone):
            gone |= _names(find(tree, *one), one)
            if _CITES not in one:
                also.append(path_text(one))
            tree = without(tree, one)
    return Ruined("what names it could not be taken out")


def without(tree: Tree, at: tuple[Step, ...]) -> Tree:
    """The tree without what stands there; unchanged where nothing does."""
    match tree, at:
        case Table(entries, place), (str() as name,):
            return Table(tuple(entry for entry in entries if entry.key != name), place)
        case Listing(items, place), (int() as number,):
            return Listing((*items[:number], *items[number + 1 :]), place)
        case Table(entries, place), (str() as name, *rest):
            within = (_without_below(entry, tuple(rest)) if entry.key == name else entry for entry in entries)
            return Table(tuple(within), place)
        case Listing(items, place), (int() as number, *rest):
            below = (without(one, tuple(rest)) if other == number else one for other, one in enumerate(items))
            return Listing(tuple(below), place)
        case _:
            return tree


def _without_below(entry: Entry, at: tuple[Step, ...]) -> Entry:
    return replace(entry, value=without(entry.value, at))


def written(tree: Tree) -> str:
    """The tree as YAML on one line."""
    match tree:
        case Scalar(text, how):
            return text if how is Written.PLAIN and _BARE.fullmatch(text) else json.dumps(text)
        case Listing(items):
            return f"[{', '.join(map(written, items))}]"
        case Table(entries):
            return "{" + ", ".join(f"{json.dumps(entry.key)}: {written(entry.value)}" for entry in entries) + "}"
        case _:
            assert_never(tree)


def steps_of(tree: Tree, path: str) -> tuple[Step, ...]:
    """The steps that a problem's path means in this tree; as far as they lead."""
    match tree:
        case Table(entries):
            for entry in sorted(entries, key=lambda one: len(one.key), reverse=True):
                rest = path.removeprefix(".")
                if rest == entry.key or rest.startswith((f"{entry.key}.", f"{entry.key}[")):
                    return (entry.key, *steps_of(entry.value, rest[len(entry.key) :]))
            return ()
        case Listing(items):
            matched = re.match(r"\[(\d+)\]", path)
            if matched is None or int(matched[1]) >= len(items):
                return ()
            return (int(matched[1]), *steps_of(items[int(matched[1])], path[matched.end() :]))
        case Scalar():
            return ()
        case _:
            assert_never(tree)


def _narrowed(tree: Tree, at: tuple[Step, ...], gone: set[str]) -> list[tuple[Step, ...]]:
    """Of a listing only the names of what is gone, last first; else all of it."""
    here = find(tree, *at)
    if isinstance(here, Listing):
        named = [number for number, one in enumerate(here.items) if isinstance(one, Scalar) and one.text in gone]
        if named and len(named) < len(here.items):
            return [(*at, number) for number in reversed(named)]
    return [at]


def _names(tree: Tree, at: tuple[Step, ...]) -> set[str]:
    """What others may call what stands there."""
    names = {str(at[-1])} if isinstance(at[-1], str) else set[str]()
    if isinstance(tree, Table):
        names |= {
            entry.value.text
            for entry in tree.entries
            if entry.key in {"id", "name"} and isinstance(entry.value, Scalar)
        }
    return names


def _last_first(at: tuple[Step, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (0, step) for step in at)
