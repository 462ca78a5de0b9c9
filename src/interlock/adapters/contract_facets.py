# SPDX-License-Identifier: Apache-2.0
"""What a schema says about a value itself: its types, its words, its bounds, and how two schemas differ in that.

1. Every keyword answers for itself, as if the others stayed the same: narrower, wider, both at once (`OTHER`), or same.
2. What cannot be put in order is `OTHER`: another pattern, another format.
3. `format` counts as a constraint, because people write programs against it.
"""

import json
import math
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar

from interlock.adapters.contract_document import ABSENT, Dialect, Spot, malformed
from interlock.ledger.record import Json

TYPES: Final = frozenset({"null", "boolean", "object", "array", "integer", "fraction", "string"})
"""Every number is an integer or has a fraction."""
_ATOMS: Final[Mapping[str, AbstractSet[str]]] = {
    **{name: frozenset({name}) for name in TYPES - {"fraction"}},
    "number": frozenset({"integer", "fraction"}),
}
_LARGEST: Final = 1e100
_WIDER_FORMATS: Final = frozenset({("int32", "int64"), ("float", "double")})
_LEAST: Final = frozenset({"minLength", "minItems", "minProperties", "minContains"})
_MOST: Final = frozenset({"maxLength", "maxItems", "maxProperties", "maxContains"})
_NAMED: Final = frozenset({"pattern", "format", "contentEncoding", "contentMediaType"})
_TYPING: Final = frozenset({"type", "nullable", "enum", "const"})
_RANGE: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
FACETS: Final = _LEAST | _MOST | _NAMED | _TYPING | _RANGE | {"multipleOf", "uniqueItems"}
"""The keywords compared here."""

Bound = tuple[float, int]
"""A number, and 1 when it does not belong to what it bounds."""
Order = TypeVar("Order", Bound, float)


class Shift(StrEnum):
    """What becomes of the values that a schema takes."""

    SAME = "the same"
    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two schemas that are compared: where it stands and by which rules it is read."""

    spot: Spot
    dialect: Dialect

    @property
    def takes_nothing(self) -> bool:
        """Whether no value at all is taken: `false`, or what says the same."""
        return self.spot.value is False or self.spot.value == {"not": {}}

    def types(self) -> AbstractSet[str]:
        """What a value may be; where nothing is said, what its words are, else anything."""
        said = self.spot / "type"
        if said.value is ABSENT:
            words = self.words()
            return TYPES if words is None else frozenset(_type_of(json.loads(word)) for word in words)
        names = (said.text(),) if isinstance(said.value, str) else said.names()
        if not all(name in _ATOMS for name in names):
            raise malformed(said, "a type of JSON Schema")
        atoms: frozenset[str] = frozenset[str]().union(*(_ATOMS[name] for name in names))
        is_nullable = self.dialect is Dialect.OPENAPI_3_0 and (self.spot / "nullable").truth()
        return atoms | {"null"} if is_nullable else atoms

    def words(self) -> AbstractSet[str] | None:
        """The only values there are, as JSON texts; None when they are not listed."""
        listed = [*map(same, (self.spot / "enum").listing())] if "enum" in self.spot else None
        if "const" not in self.spot:
            return None if listed is None else frozenset(listed)
        only = same((self.spot / "const").value)
        return frozenset({only} if listed is None or only in listed else ())

    def lower(self) -> Bound:
        """From where on numbers are taken."""
        return max(self._bounds("minimum", "exclusiveMinimum", -math.inf))

    def upper(self) -> Bound:
        """Up to where numbers are taken, mirrored: the greater the narrower."""
        return max((-number, open_) for number, open_ in self._bounds("maximum", "exclusiveMaximum", math.inf))

    def number(self, keyword: str, otherwise: float) -> float:
        """The number that a keyword says."""
        spot = self.spot / keyword
        if spot.value is ABSENT:
            return otherwise
        if isinstance(spot.value, bool) or not isinstance(spot.value, int | float) or abs(spot.value) > _LARGEST:
            raise malformed(spot, "a number")
        return spot.value

    def _bounds(self, closed: str, exclusive: str, otherwise: float) -> tuple[Bound, Bound]:
        """Both ways of saying it: OpenAPI 3.0 opens the bound beside it, later ones write a bound of its own."""
        if isinstance((self.spot / exclusive).value, bool):
            is_open = int((self.spot / exclusive).truth())
            return (self.number(closed, otherwise), is_open), (otherwise, 0)
        return (self.number(closed, otherwise), 0), (self.number(exclusive, otherwise), int(exclusive in self.spot))


def same(value: Json) -> str:
    """One text for one value: `1` and `true` differ, the order of keys does not matter."""
    return json.dumps(value, sort_keys=True)


def shifts(old: Side, new: Side) -> Iterator[tuple[str, Shift]]:
    """Every keyword that one of them says, with what it does; the ones that stay the same may be among them."""
    said = {*old.spot.table(), *new.spot.table()}
    if said & _TYPING:
        yield "type", _by_sets(old.types(), new.types())
        yield "enum", _by_words(old.words(), new.words())
    if said & _RANGE:
        yield "minimum", _by_order(old.lower(), new.lower())
        yield "maximum", _by_order(old.upper(), new.upper())
    for keyword in said & _LEAST:
        yield keyword, _by_order(old.number(keyword, 0), new.number(keyword, 0))
    for keyword in said & _MOST:
        yield keyword, _by_order(-old.number(keyword, math.inf), -new.number(keyword, math.inf))
    if "multipleOf" in said:
        yield "multipleOf", _by_factor(old.number("multipleOf", 0), new.number("multipleOf", 0))
    if "uniqueItems" in said:
        yield "uniqueItems", _by_order((old.spot / "uniqueItems").truth(), (new.spot / "uniqueItems").truth())
    for keyword in said & _NAMED:
        yield keyword, _by_name((old.spot / keyword).text(), (new.spot / keyword).text())


def _by_sets(old: AbstractSet[str], new: AbstractSet[str]) -> Shift:
    match bool(old - new), bool(new - old):
        case True, True:
            return Shift.OTHER
        case True, False:
            return Shift.NARROWER
        case False, True:
            return Shift.WIDER
        case _:
            return Shift.SAME


def _by_words(old: AbstractSet[str] | None, new: AbstractSet[str] | None) -> Shift:
    if old is None or new is None:
        return _by_order(old is not None, new is not None)
    return _by_sets(old, new)


def _by_order(old: Order, new: Order) -> Shift:
    """The greater the narrower."""
    if old == new:
        return Shift.SAME
    return Shift.NARROWER if new > old else Shift.WIDER


def _by_factor(old: float, new: float) -> Shift:
    """What is a multiple of the new factor, too, where the old one is: 0 stands for none."""
    if not old or not new:
        return _by_order(bool(old), bool(new))
    before, after = Fraction(str(old)), Fraction(str(new))
    if before == after:
        return Shift.SAME
    if not after % before:
        return Shift.NARROWER
    return Shift.OTHER if before % after else Shift.WIDER


def _by_name(old: str, new: str) -> Shift:
    if old == new:
        return Shift.SAME
    if not old or not new:
        return Shift.NARROWER if new else Shift.WIDER
    if (old, new) in _WIDER_FORMATS:
        return Shift.WIDER
    return Shift.NARROWER if (new, old) in _WIDER_FORMATS else Shift.OTHER


def _type_of(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "fraction"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"
