# SPDX-License-Identifier: Apache-2.0
"""What a type of a file's grammar asks somebody to write: its parser, its options, and the words for it."""

import dataclasses
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Final, Literal, Union, assert_never, cast, get_args, get_origin

from interlock.packs.problem import shown
from interlock.packs.scalars import BARE, WORDS, Parser
from interlock.packs.yaml_tree import Listing, Scalar, Table, Tree


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where a number may be, both included; a duration counts in seconds."""

    least: float = -math.inf
    most: float = math.inf


ANY: Final = Span()

POSITIVE: Final = Span(1)
PORTS: Final = Span(1, 65_535)
"""At least one, or a second: durations are written in whole ones."""


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
    """What to write for a number with a span: `a whole number from 1 to 65535`, `a duration of at least 1 s`."""
    unit = " s" if shape is timedelta else ""
    one = get_args(shape)[0] if get_origin(shape) is tuple else shape
    kind = name_of(one).removesuffix(" such as 30m")
    if span.most == math.inf:
        return f"{kind} of at least {span.least:g}{unit}"
    return f"{kind} from {span.least:g}{unit} to {span.most:g}{unit}"


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
