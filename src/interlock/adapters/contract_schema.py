# SPDX-License-Identifier: Apache-2.0
"""What becomes of a contract when one of its schemas is replaced by another.

1. A schema that takes in less breaks whoever writes such values; one that gives out more breaks whoever reads them.
   `Flow` says which of the two people there are.
2. A property that goes breaks, wherever it goes; one that comes and is not required adds. That somebody may already
   have sent something of that name is not counted.
3. Combined schemas (`allOf`, `anyOf`, `oneOf`) are compared one by one. Where `oneOf` has no discriminator, and for
   every keyword that is not known here, only the same is the same: anything else breaks.
4. The work is bounded and needs no recursion, however the references of a hostile document wind.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from interlock.adapters.contract_document import ABSENT, Contract, Dialect, Spot, malformed
from interlock.adapters.contract_facets import FACETS, Shift, Side, same, shifts
from interlock.adapters.semver import Size
from interlock.packs.examining import Flow
from interlock.packs.problem import clean, shown
from interlock.ports.failure import Rejected

MOST_STEPS: Final = 50_000
_MOST_TURNS: Final = 30
_SAID: Final = frozenset(
    "title description summary example examples externalDocs xml deprecated readOnly writeOnly "
    "$comment $schema $id $defs definitions $vocabulary".split()
)
"""Keywords that say something to people, or that take part only where they are referred to."""
_COMPARED: Final = FACETS | {"default", "properties", "required", "allOf", "anyOf", "oneOf", "discriminator"}
_SCHEMAS: Final = ("items", "additionalProperties", "propertyNames")
_NAMES: Final = frozenset(
    "properties patternProperties dependentSchemas $defs definitions headers content encoding links responses "
    "callbacks mapping variables scopes".split()
)
"""Tables whose keys are names, so that none of them is a keyword."""
_VALUES: Final = frozenset({"enum", "const", "default"})
_MARKS: Final = frozenset({"readOnly", "writeOnly"})
_ELSEWHERE: Final = frozenset({"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"})
"""Keywords that change where references lead, which is not followed here."""
ANYTHING: Final = Spot({}, "anything")
"""The schema that says nothing; no pointer of a document is like its own."""
_GROUPS: Final = ("allOf", "anyOf", "oneOf")
_WORST: Final[Mapping[tuple[Shift, Flow], Size]] = {
    (Shift.WIDER, Flow.TAKEN): Size.MINOR,
    (Shift.NARROWER, Flow.GIVEN): Size.MINOR,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was, where it is (`name#pointer`), and how much of a change that is."""

    size: Size
    place: str
    sentence: str


@dataclass(slots=True)
class Comparison:
    """Two documents, what differs between them as far as is known, and what has yet to be compared."""

    old: Contract
    new: Contract
    found: dict[Difference, None] = field(default_factory=dict)
    _waiting: deque[tuple[Spot, Spot, Flow]] = field(default_factory=deque)
    _seen: set[tuple[str, str, Flow]] = field(default_factory=set)
    _steps: int = 0

    def add(self, size: Size, spot: Spot, sentence: str) -> None:
        """Note a difference at a spot of the new document."""
        self._note(size, self.new.place(spot), sentence)

    def gone(self, spot: Spot, sentence: str) -> None:
        """Note that something of the old document is not there any more."""
        self._note(Size.MAJOR, self.old.place(spot), sentence)

    def shifted(self, size: Size, old: Spot, new: Spot, sentence: str) -> None:
        """Note a difference of two schemas, at the one that is written down."""
        place = self.old.place(old) if new.pointer == ANYTHING.pointer else self.new.place(new)
        self._note(size, place, sentence)

    def _note(self, size: Size, place: str, sentence: str) -> None:
        self.found[Difference(size, place, clean(sentence))] = None

    def schemas(self, old: Spot, new: Spot, flow: Flow) -> None:
        """Compare two schemas, when their turn comes."""
        self._waiting.append((old, new, flow))

    def finish(self) -> tuple[Difference, ...]:
        """Compare what is waiting, and what comes to light; the gravest difference comes first."""
        while self._waiting:
            old, new, flow = self._waiting.popleft()
            before, after = settled(self.old, old), settled(self.new, new)
            place = (before.pointer, after.pointer, flow)
            self.step()
            if place not in self._seen:
                self._seen.add(place)
                _compare(self, Side(before, self.old.dialect), Side(after, self.new.dialect), flow)
        return tuple(sorted(self.found, key=lambda one: (-one.size.rank, one.place, one.sentence)))

    def step(self) -> None:
        """Count one step of work. Raises `Rejected` when there were too many."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Rejected(
                "contract.too_complex",
                f"comparing {shown(self.new.name)} takes more than {MOST_STEPS} steps",
                "split the contract into several documents",
            )

    def alike(self, old: Spot, new: Spot, key: str = "") -> bool:
        """Whether both say the same but for what they say to people, references followed. `key` led to both."""
        waiting = [(old, new, key)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            self.step()
            before, after, key = waiting.pop()
            if key not in _NAMES | _VALUES:
                before, after = settled(self.old, before), settled(self.new, after)
            if (before.pointer, after.pointer) in seen:
                continue
            seen.add((before.pointer, after.pointer))
            inner = _inner(before, after, key)
            if inner is None:
                return False
            waiting.extend(inner)
        return True


def _inner(old: Spot, new: Spot, key: str) -> list[tuple[Spot, Spot, str]] | None:
    """The pairs that have to be alike for these two to be; None when they are not."""
    match old.value, new.value:
        case (Mapping(), Mapping()) if key not in _VALUES:
            names, others = _keys(old, key), _keys(new, key)
            if names != others:
                return None
            return [(old / name, new / name, "" if key in _NAMES else name) for name in names]
        case ([*ones], [*others]) if key not in _VALUES:
            return [*zip(old.each(), new.each(), [""] * len(ones), strict=True)] if len(ones) == len(others) else None
        case one, other:
            return [] if type(one) is type(other) and same(one) == same(other) else None


def _keys(spot: Spot, key: str) -> frozenset[str]:
    if key in _NAMES:
        return frozenset(spot.table())
    _require_followed(spot)
    return frozenset(name for name in spot.table() if name in _MARKS or not _is_said(name))


def _require_followed(spot: Spot) -> None:
    """Refuse a schema whose references may lead elsewhere than they seem to. A name for the whole document is none."""
    if found := _ELSEWHERE.intersection(spot.table()) - ({"$id"} if not spot.pointer else set()):
        raise Rejected(
            "contract.unknown",
            f"{min(found)} at #{spot.pointer} changes where references lead, and is not followed here",
            "write the references out as #/... and release again",
        )


def _is_said(keyword: str) -> bool:
    return keyword in _SAID or keyword.startswith("x-")


def settled(contract: Contract, spot: Spot) -> Spot:
    """The schema that is meant: references followed, and what stands alone in a group taken out of it."""
    for _ in range(_MOST_TURNS):
        if not isinstance(spot.value, Mapping):
            return spot
        said = [keyword for keyword in spot.value if not _is_said(keyword)]
        if "$ref" in said and (len(said) == 1 or contract.dialect is Dialect.OPENAPI_3_0):
            spot = contract.followed(spot)
        elif "$ref" in said:
            return _both(spot)
        elif len(said) == 1 and said[0] in _GROUPS and len((spot / said[0]).listing()) == 1:
            spot = spot / said[0] / 0
        else:
            return spot
    raise malformed(spot, "a schema that ends")


def _both(spot: Spot) -> Spot:
    """Since OpenAPI 3.1, what stands beside a reference holds as well as what it leads to."""
    table = spot.table()
    rest = {keyword: value for keyword, value in table.items() if keyword not in {"$ref", "allOf"}}
    return Spot({**rest, "allOf": [*(spot / "allOf").listing(), {"$ref": table["$ref"]}]}, spot.pointer)


def _compare(comparison: Comparison, old: Side, new: Side, flow: Flow) -> None:
    if old.takes_nothing or new.takes_nothing:
        if old.takes_nothing != new.takes_nothing:
            shift = Shift.WIDER if old.takes_nothing else Shift.NARROWER
            sentence = f"it is {shift}: one of the two schemas takes no value at all"
            comparison.shifted(_size(shift, flow), old.spot, new.spot, sentence)
        return
    before, after = _tabled(old.spot), _tabled(new.spot)
    for keyword, shift in shifts(Side(before, old.dialect), Side(after, new.dialect)):
        if shift is not Shift.SAME:
            sentence = f"{keyword} is {shift}{_words(before, after, keyword)}"
            comparison.shifted(_size(shift, flow), before, after, sentence)
    _properties(comparison, before, after, flow)
    for keyword in _SCHEMAS:
        if _is_schema(before, keyword) or _is_schema(after, keyword):
            comparison.schemas(or_anything(before / keyword), or_anything(after / keyword), flow)
    for keyword in _GROUPS:
        _group(comparison, before, after, flow, keyword)
    _discriminator(comparison, before, after, flow)
    _default(comparison, before, after, flow)
    _unknown(comparison, before, after)


def _tabled(spot: Spot) -> Spot:
    """`true` says as much as a schema that says nothing."""
    if spot.value is True:
        return Spot({}, spot.pointer)
    _require_followed(spot)
    return spot


def _is_schema(spot: Spot, keyword: str) -> bool:
    """Drafts before 2020 allow lists in some places, which are left to `_unknown`."""
    return keyword in spot and isinstance((spot / keyword).value, Mapping | bool)


def or_anything(spot: Spot) -> Spot:
    """The schema that stands there; where none does, one that says nothing."""
    return ANYTHING if spot.value is ABSENT else spot


def _size(shift: Shift, flow: Flow) -> Size:
    return _WORST.get((shift, flow), Size.MAJOR)


def _words(old: Spot, new: Spot, keyword: str) -> str:
    """The values of a keyword before and after, where both are short."""
    said = [f"{(spot / keyword).value}" for spot in (old, new) if keyword in spot]
    return f": {shown(said[0])} became {shown(said[1])}" if len(said) == len((old, new)) else ""


def _properties(comparison: Comparison, old: Spot, new: Spot, flow: Flow) -> None:
    before, after = _seen_by(comparison.old, old, flow), _seen_by(comparison.new, new, flow)
    needed, needed_now = _needed(comparison.old, old, flow), _needed(comparison.new, new, flow)
    for name in before.keys() - after.keys():
        comparison.gone(before[name], f"property {shown(name)} is gone")
    for name in after.keys() - before.keys():
        comparison.add(Size.MINOR, after[name], f"property {shown(name)} is new")
        if (old / "additionalProperties").value not in (True, {}):
            comparison.schemas(old / "additionalProperties", after[name], flow)
        elif name in needed:
            comparison.schemas(ANYTHING, after[name], flow)
    for name in before.keys() & after.keys():
        comparison.schemas(before[name], after[name], flow)
    for name in needed_now - needed:
        size = _size(Shift.NARROWER, flow)
        comparison.shifted(size, old, new, f"property {shown(name)} is required now")
    for name in needed - needed_now:
        size = _size(Shift.WIDER, flow)
        comparison.shifted(size, old, new, f"property {shown(name)} is no longer required")


def _needed(contract: Contract, spot: Spot, flow: Flow) -> frozenset[str]:
    return frozenset((spot / "required").names()) - _hidden(contract, spot, flow)


def _seen_by(contract: Contract, spot: Spot, flow: Flow) -> dict[str, Spot]:
    """The properties that take part in the flow, by name."""
    table = spot / "properties"
    hidden = _hidden(contract, spot, flow)
    return {name: table / name for name in table.table() if name not in hidden}


def _hidden(contract: Contract, spot: Spot, flow: Flow) -> frozenset[str]:
    """Names of properties that OpenAPI keeps out of requests (`readOnly`) or out of answers (`writeOnly`)."""
    if contract.dialect is Dialect.JSON_SCHEMA or flow is Flow.BOTH:
        return frozenset()
    keyword = "readOnly" if flow is Flow.TAKEN else "writeOnly"
    table = spot / "properties"
    return frozenset(name for name in table.table() if _is_marked(contract, table / name, keyword))


def _is_marked(contract: Contract, spot: Spot, keyword: str) -> bool:
    """Whether it is marked itself, or what it refers to is."""
    both = (spot, settled(contract, spot))
    return any(isinstance(one.value, Mapping) and (one / keyword).truth() for one in both)


def _group(comparison: Comparison, old: Spot, new: Spot, flow: Flow, keyword: str) -> None:
    """Members that are alike in both are out of the question; what is left is compared in the order it was written."""
    before, after = list((old / keyword).each()), list((new / keyword).each())
    for one in tuple(before):
        twin = next((other for other in after if comparison.alike(one, other)), None)
        if twin is not None:
            before.remove(one)
            after.remove(twin)
    is_told_apart = keyword != "oneOf" or ("discriminator" in old and "discriminator" in new)
    if (before or after) and not is_told_apart:
        comparison.shifted(Size.MAJOR, old, new, f"{keyword} is other, and no discriminator tells its members apart")
        return
    for one, other in zip(before, after, strict=False):
        comparison.schemas(one, other, flow)
    if len(before) != len(after):
        comparison.shifted(_by_members(keyword, old, new, flow), old, new, f"{keyword} has other members")


def _by_members(keyword: str, old: Spot, new: Spot, flow: Flow) -> Size:
    """More alternatives take more than fewer, and none at all takes everything. Conditions may say anything."""
    before, after = (len((spot / keyword).listing()) or math.inf for spot in (old, new))
    if keyword == "allOf":
        return Size.MAJOR
    return _size(Shift.WIDER if after > before else Shift.NARROWER, flow)


def _discriminator(comparison: Comparison, old: Spot, new: Spot, flow: Flow) -> None:
    if "discriminator" not in old and "discriminator" not in new:
        return
    one, other = old / "discriminator", new / "discriminator"
    before, after = (one / "mapping").table(), (other / "mapping").table()
    if (one / "propertyName").value != (other / "propertyName").value or not before.items() <= after.items():
        comparison.shifted(Size.MAJOR, old, new, "the discriminator is other")
    elif len(before) != len(after):
        comparison.shifted(_size(Shift.WIDER, flow), old, new, "the discriminator tells more members apart")
    if not any(keyword in spot for keyword in ("oneOf", "anyOf") for spot in (old, new)):
        _heirs(comparison, flow)


def _heirs(comparison: Comparison, flow: Flow) -> None:
    """Where a schema tells apart others that refer to it, any schema of the document may be one of them."""
    before, after = (contract.root / "components" / "schemas" for contract in (comparison.old, comparison.new))
    for name in before.table().keys() - after.table().keys():
        comparison.gone(before / name, f"schema {shown(name)} is gone")
    for name in after.table().keys() - before.table().keys():
        comparison.add(_size(Shift.WIDER, flow), after / name, f"schema {shown(name)} is new")
    for name in before.table().keys() & after.table().keys():
        comparison.schemas(before / name, after / name, flow)


def _default(comparison: Comparison, old: Spot, new: Spot, flow: Flow) -> None:
    """What is assumed of somebody who says nothing concerns whoever may say nothing."""
    before, after = "default" in old, "default" in new
    if flow is Flow.GIVEN or not (before or after):
        return
    if before and not (after and same((old / "default").value) == same((new / "default").value)):
        comparison.shifted(Size.MAJOR, old, new, "the default is other")
    elif not before:
        comparison.add(Size.MINOR, new, "a default is given")


def _unknown(comparison: Comparison, old: Spot, new: Spot) -> None:
    for keyword in dict.fromkeys((*old.table(), *new.table())):
        is_known = keyword in _COMPARED or _is_said(keyword)
        if is_known or (keyword in _SCHEMAS and (_is_schema(old, keyword) or _is_schema(new, keyword))):
            continue
        is_there = keyword in old and keyword in new
        if not is_there or not comparison.alike(old / keyword, new / keyword, keyword):
            sentence = f"{keyword} is other, and what that means is not known here"
            comparison.shifted(Size.MAJOR, old, new, sentence)
    if (new / "deprecated").truth() and not (old / "deprecated").truth():
        comparison.add(Size.MINOR, new, "it is deprecated")


def gravest(found: Iterable[Difference]) -> Size:
    """How much of a change all of them are; nothing that counts is a patch."""
    return max((one.size for one in found), key=lambda size: size.rank, default=Size.PATCH)
