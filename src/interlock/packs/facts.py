# SPDX-License-Identifier: Apache-2.0
"""What a condition may ask about: the types its variables are declared with, and whether a fact is of its type.

A fact that is almost of its type is not: a truth value is no number, a NaN is no number, a moment without an offset is
no moment. A whole number may stand where a decimal one is declared, since nothing is lost.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

MAX_ITEMS: Final = 2_000
"""Items of one list or map: building a list takes the CEL library time quadratic in it."""
MAX_TEXT: Final = 100_000
"""Characters of one text."""

_INT64: Final = 2**63


class Kind(StrEnum):
    """The type of a single fact."""

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    TIMESTAMP = "timestamp"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class ListOf:
    item: "CelType"


@dataclass(frozen=True, slots=True)
class MapOf:
    """Text keys to values of one type."""

    value: "CelType"


CelType = Kind | ListOf | MapOf
Fact = bool | int | float | str | datetime | timedelta | Sequence["Fact"] | Mapping[str, "Fact"]


def misfit(fact: object, kind: CelType) -> str:
    """Why a fact is not of that type; empty when it is."""
    match kind:
        case Kind():
            return _single(fact, kind)
        case ListOf():
            return _list(fact, kind.item)
        case MapOf():
            return _map(fact, kind.value)
        case _:
            assert_never(kind)


def plain(fact: Fact) -> Fact:
    """The same fact made of `list` and `dict` only."""
    if isinstance(fact, Mapping):
        return {name: plain(value) for name, value in fact.items()}
    if isinstance(fact, Sequence) and not isinstance(fact, str):
        return [plain(item) for item in fact]
    return fact


def _list(fact: object, item: CelType) -> str:
    if not isinstance(fact, Sequence) or isinstance(fact, str | bytes):
        return f"expected a list, found {_named(fact)}"
    return _crowd(len(fact)) or _first(misfit(inner, item) for inner in fact)


def _map(fact: object, value: CelType) -> str:
    if not isinstance(fact, Mapping):
        return f"expected a map, found {_named(fact)}"
    names = _first(_single(name, Kind.STRING) for name in fact)
    return _crowd(len(fact)) or names or _first(misfit(inner, value) for inner in fact.values())


def _single(fact: object, kind: Kind) -> str:
    return "" if _IS[kind](fact) else f"expected {kind}, found {_named(fact)}"


def _crowd(count: int) -> str:
    return f"{count} items; {MAX_ITEMS} are allowed" if count > MAX_ITEMS else ""


def _first(complaints: Iterable[str]) -> str:
    return next((complaint for complaint in complaints if complaint), "")


def _named(fact: object) -> str:
    """The type found, never the value: facts may be private."""
    match fact:
        case float() if not math.isfinite(fact):
            return "not a finite number"
        case int() if not -_INT64 <= fact < _INT64:
            return "a number beyond 64 bits"
        case str() if len(fact) > MAX_TEXT:
            return f"a text longer than {MAX_TEXT}"
        case str():
            return "a text"
        case datetime():
            return "a moment without its offset"
        case _:
            return type(fact).__name__


def _is_int(fact: object) -> bool:
    return isinstance(fact, int) and not isinstance(fact, bool) and -_INT64 <= fact < _INT64


def _is_double(fact: object) -> bool:
    return _is_int(fact) or (isinstance(fact, float) and math.isfinite(fact))


def is_text(fact: object) -> bool:
    """A text that every library can encode (no lone surrogate), within its bound."""
    if not isinstance(fact, str) or len(fact) > MAX_TEXT:
        return False
    return not any("\ud800" <= char <= "\udfff" for char in fact) if not fact.isascii() else True


def _is_moment(fact: object) -> bool:
    return isinstance(fact, datetime) and fact.tzinfo is not None


_IS: Final[Mapping[Kind, Callable[[object], bool]]] = MappingProxyType(
    {
        Kind.BOOL: lambda fact: isinstance(fact, bool),
        Kind.INT: _is_int,
        Kind.DOUBLE: _is_double,
        Kind.STRING: is_text,
        Kind.TIMESTAMP: _is_moment,
        Kind.DURATION: lambda fact: isinstance(fact, timedelta),
    },
)
