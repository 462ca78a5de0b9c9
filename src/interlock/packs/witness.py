# SPDX-License-Identifier: Apache-2.0
"""Whether anything can make a condition true: a search for facts that do.

The only facts that matter to a condition of comparisons are the texts it names and one that it does not, so trying
those in every combination decides it. A condition that looks inside a text, or has more combinations than `MOST`, is
taken to be possible: this refuses what can never hold, and nothing that might.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product
from typing import Final

from interlock.domain.change import ChangeKind
from interlock.packs.conditions import Condition, NotHeld
from interlock.packs.facts import CelType, Fact, Kind, MapOf

MOST: Final = 5_000
"""Combinations that are tried."""

_INSIDE: Final = re.compile(r"\.\s*\w+\s*\(|\b(?:size|string|int|double|timestamp|duration|has)\s*\(|[\[+<>]")
"""A call, an index, a list written out, a sum, an order: texts matter then that are not written in the condition."""
_TEXT: Final = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_OTHER: Final = "something else"
_CHANGE_KINDS: Final = tuple(str(one) for one in ChangeKind)


def is_possible(condition: Condition, closed: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether some facts make it true; `closed` has the variables that are one of a few texts, and which."""
    if "\\" in condition.text or _INSIDE.search(_TEXT.sub("", condition.text)):
        return True
    named = tuple(dict.fromkeys(one or other for one, other in _TEXT.findall(condition.text)))
    if 2 ** (len(named) + 1) > MOST:
        return True
    limits = {"change_kind": _CHANGE_KINDS, **closed}
    spoken = {name: kind for name, kind in condition.variables.items() if re.search(rf"\b{name}\b", condition.text)}
    choices = {name: tuple(_choices(kind, limits.get(name, (*named, _OTHER)))) for name, kind in spoken.items()}
    silent = {name: next(_choices(kind, (_OTHER,))) for name, kind in condition.variables.items()}
    tried = product(*choices.values())
    for number, facts in enumerate(tried):
        if number == MOST or condition.evaluate({**silent, **dict(zip(choices, facts, strict=True))}) != NotHeld():
            return True
    return False


def _choices(kind: CelType, texts: tuple[str, ...]) -> Iterator[Fact]:
    """Every text, or every set of them; a map is empty: a condition that looks into one is not searched."""
    if isinstance(kind, MapOf):
        return iter(({},))
    if isinstance(kind, Kind):
        return iter(texts)
    return chain.from_iterable(combinations(texts, count) for count in range(len(texts) + 1))
