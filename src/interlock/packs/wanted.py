# SPDX-License-Identifier: Apache-2.0
"""What a type of a file's grammar asks somebody to write: its parser, its options, and the words for it."""

import dataclasses
import math
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Final, Literal, Union, assert_never, cast, get_args, get_origin

from interlock.domain.moment import span_in_words as in_units
from interlock.packs.problem import shown
from interlock.packs.scalars import BARE, WORDS, Parser
from interlock.packs.yaml_tree import Listing, Scalar, Table, Tree


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where a number may be, both included; a duration counts in seconds."""

    least: float = -math.inf
    most: float = math.inf


ANY: Final = Span()
NUMBERS: Final = (int, float, timedelta)
"""What a span bounds."""

MANY: Final = 1_000_000
"""More than anybody counts to."""
NATURAL: Final = Span(0, MANY)
FEW: Final = Span(1, 100)
"""People who must agree, and processes."""
PORTS: Final = Span(1, 65_535)
PERCENT: Final = Span(0, 100)
_DAY: Final = timedelta(days=1).total_seconds()
DAY: Final = Span(1, _DAY)
"""What machines and people wait for while something is under way. Durations are written in whole seconds."""
YEAR: Final = Span(1, 366 * _DAY)
"""What a procedure grants or demands; longer than that nothing of it is looked at again."""


_NAMES: Final[Mapping[object, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    timedelta: "a duration such as 30m",
    datetime: "a moment such as 2026-03-01T09:30:00Z",
    time: "a time of day such as 09:30",
    Scalar: "a word",
    Listing: "a listing [...]",
    Table: "a table of keys",
}


def options_of(wanted: object) -> tuple[object, ...]:
    """What a value may be: the members of a union (without its None), or the one type itself."""
    if isinstance(wanted, tuple):
        return wanted
    members = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
    return tuple(member for member in members if member is not types.NoneType)


def is_record(wanted: object) -> bool:
    return isinstance(wanted, type) and dataclasses.is_dataclass(wanted)


def is_mapping(origin: object) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


@cache
def parser_of(wanted: object) -> tuple[Parser, tuple[str, ...]]:
    """How to read a word of that type, and the only words allowed (none: any that the parser takes)."""
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return wanted, tuple(member.value for member in wanted)
    if get_origin(wanted) is Literal:
        return {str(option): option for option in get_args(wanted)}.__getitem__, tuple(map(str, get_args(wanted)))
    if get_origin(wanted) is Annotated:
        return cast("Parser", get_args(wanted)[1]), ()
    if parser := WORDS.get(wanted) or BARE.get(wanted):
        return parser, ()
    raise TypeError(f"no file can hold {wanted!r}; annotate it with its parser")


def name_of(wanted: object) -> str:
    """What to write for that type, in words."""
    if wanted in _NAMES:
        return _NAMES[wanted]
    origin = get_origin(wanted)
    if isinstance(wanted, tuple) or origin in (Union, types.UnionType):
        return one_of([name_of(option) for option in options_of(wanted)])
    if origin is tuple:
        return "a listing [...]"
    if is_mapping(origin) or is_record(wanted):
        return "a table of keys"
    words = parser_of(wanted)[1]
    return f"one of {', '.join(words)}" if words else "a word"


def span_in_words(shape: object, span: Span) -> str:
    """What to write for a number with a span: `a whole number from 1 to 65535`, `a duration from 1 s to 1 d`."""
    words = name_of(next(_numbers_in(shape))).removesuffix(" such as 30m")
    return f"{words} {bounds_in_words(shape, span)}"


def bounds_in_words(shape: object, span: Span) -> str:
    """From where to where: `from 1 to 65535`, `from 1 s to 1 d`, `of at least 1 s`."""
    kind = next(_numbers_in(shape))
    if span.most == math.inf:
        return f"of at least {_amount(kind, span.least)}"
    return f"from {_amount(kind, span.least)} to {_amount(kind, span.most)}"


def _numbers_in(shape: object) -> Iterator[object]:
    """The kinds of number that may be written there, those of a listing and of a table's values included."""
    for option in options_of(shape):
        if option in NUMBERS:
            yield option
        elif get_origin(option) is tuple or is_mapping(get_origin(option)):
            yield from (found for part in get_args(option) for found in _numbers_in(part))


def _amount(kind: object, amount: float) -> str:
    if kind is timedelta:
        return in_units(timedelta(seconds=amount))
    return f"{amount:g}" if amount % 1 else f"{amount:.0f}"


def one_of(choices: list[str]) -> str:
    return " or ".join(dict.fromkeys(choices))


def tree_in_words(tree: Tree) -> str:
    match tree:
        case Table():
            return "a table of keys"
        case Listing():
            return "a listing"
        case Scalar():
            return f"the text {shown(tree.text)}"
        case _:
            assert_never(tree)
