# SPDX-License-Identifier: Apache-2.0
"""The documents of a contract: OpenAPI 3.0 and 3.1, and JSON Schema, as values that know their places.

1. YAML is read as strictly as packs are (no aliases, tags or tabs, no key twice), JSON as strictly as reports.
2. References lead to places in the same document. One that leads elsewhere, nowhere or round in a circle is refused:
   what is not in the document is not part of what was compared.
3. A document that is not what it is bound to be is refused, never read as an empty one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never
from urllib.parse import unquote

from interlock.adapters.strict_json import read_json
from interlock.ledger.record import Json
from interlock.packs import yaml_tree
from interlock.packs.examining import ContractKind
from interlock.packs.problem import Problems, shown
from interlock.packs.yaml_tree import Listing, Scalar, Table, Tree, Written
from interlock.ports.failure import Rejected

MOST_BYTES: Final = 2_000_000
_MOST_HOPS: Final = 50
_OPENAPI: Final = re.compile(r"3\.([01])\.\d{1,3}", re.ASCII)
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}(?:\.[0-9]{0,18})?)(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)
_WORDS: Final[Mapping[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Dialect(StrEnum):
    """By which rules a document is read."""

    OPENAPI_3_0 = "OpenAPI 3.0"
    OPENAPI_3_1 = "OpenAPI 3.1"
    JSON_SCHEMA = "JSON Schema"


ABSENT: Final[Mapping[str, Json]] = MappingProxyType({})
"""In place of a value that is not there; known by identity, because an empty table may well be there."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of a document and where it stands (a JSON pointer, RFC 6901)."""

    value: Json
    pointer: str

    def __truediv__(self, step: str | int) -> "Spot":
        """The value below; `NOWHERE` where there is none."""
        below = self.table().get(step, ABSENT) if isinstance(step, str) else self.listing()[step]
        return NOWHERE if below is ABSENT else Spot(below, f"{self.pointer}/{escaped(str(step))}")

    def __contains__(self, step: str) -> bool:
        return step in self.table()

    def table(self) -> Mapping[str, Json]:
        """The value as an object. Raises `Rejected` when it is none."""
        if isinstance(self.value, dict | MappingProxyType):
            return self.value
        raise malformed(self, "an object")

    def listing(self) -> Sequence[Json]:
        """The value as a list, empty where there is none. Raises `Rejected` when it is something else."""
        if self.value is ABSENT:
            return ()
        if isinstance(self.value, str) or not isinstance(self.value, Sequence):
            raise malformed(self, "a list")
        return self.value

    def each(self) -> Iterator["Spot"]:
        """Every value of a list."""
        return (self / number for number in range(len(self.listing())))

    def text(self, otherwise: str = "") -> str:
        """The value as text; `otherwise` where there is none."""
        if self.value is ABSENT:
            return otherwise
        if not isinstance(self.value, str):
            raise malformed(self, "text")
        return self.value

    def truth(self, *, otherwise: bool = False) -> bool:
        """The value as true or false; `otherwise` where there is none."""
        if self.value is ABSENT:
            return otherwise
        if not isinstance(self.value, bool):
            raise malformed(self, "true or false")
        return self.value

    def names(self) -> tuple[str, ...]:
        """The value as a list of words."""
        if not all(isinstance(one, str) for one in self.listing()):
            raise malformed(self, "a list of words")
        return tuple(str(one) for one in self.listing())


NOWHERE: Final = Spot(ABSENT, "nowhere")
"""Where there is nothing; no pointer of a document is like its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """One document that was read."""

    name: str
    dialect: Dialect
    root: Spot

    def followed(self, spot: Spot) -> Spot:
        """The spot itself, or where its reference leads in the end; what stands beside a reference is left out."""
        for _ in range(_MOST_HOPS):
            if not isinstance(spot.value, Mapping) or "$ref" not in spot.value:
                return spot
            spot = self._led(spot)
        raise Rejected(
            "contract.circular_ref",
            f"the references at {self.place(spot)} lead round in a circle",
            "mend the document and release again",
        )

    def place(self, spot: Spot) -> str:
        """Where a spot is, for a person."""
        return f"{self.name}#{spot.pointer}"

    def _led(self, spot: Spot) -> Spot:
        reference = (spot / "$ref").text()
        if not reference.startswith("#"):
            raise Rejected(
                "contract.remote_ref",
                f"{shown(reference)} at {self.place(spot)} leads out of the document",
                "bundle the contract into one document",
            )
        pointer = unquote(reference.removeprefix("#"))
        found = self.root
        for step in pointer.split("/")[1:]:
            found = self._below(found, step.replace("~1", "/").replace("~0", "~"), spot)
        if pointer and not pointer.startswith("/"):
            raise self._broken(spot)
        return found

    def _below(self, found: Spot, step: str, asked: Spot) -> Spot:
        match found.value:
            case Mapping() as table if step in table:
                return found / step
            case [*items] if step.isascii() and step.isdecimal() and int(step) < len(items):
                return found / int(step)
            case _:
                raise self._broken(asked)

    def _broken(self, spot: Spot) -> Rejected:
        return Rejected(
            "contract.broken_ref",
            f"the reference at {self.place(spot)} leads nowhere: {shown((spot / '$ref').text())}",
            "mend the document and release again",
        )


def read_contract(name: str, content: bytes, kind: ContractKind) -> Contract:
    """The document in these bytes. Raises `Rejected` (`contract.*`, `json.*`)."""
    root = Spot(_value(name, content), "")
    match kind:
        case ContractKind.OPENAPI:
            return Contract(name, _dialect(name, root), root)
        case ContractKind.JSONSCHEMA:
            if not isinstance(root.value, Mapping | bool):
                raise Rejected("contract.unknown", f"{shown(name)} is no JSON Schema", "bind the document that is one")
            return Contract(name, Dialect.JSON_SCHEMA, root)
        case _:
            assert_never(kind)


def escaped(step: str) -> str:
    """A step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1") if "~" in step or "/" in step else step


def malformed(spot: Spot, wanted: str) -> Rejected:
    """The fault that something else should stand there."""
    return Rejected(
        "contract.malformed", f"{wanted} should stand at #{spot.pointer}", "mend the document and release again"
    )


def _dialect(name: str, root: Spot) -> Dialect:
    said = root.value.get("openapi") if isinstance(root.value, Mapping) else None
    matched = _OPENAPI.fullmatch(said) if isinstance(said, str) else None
    if matched is None:
        raise Rejected(
            "contract.unknown",
            f"{shown(name)} does not say that it is OpenAPI 3.0 or 3.1",
            "write it as OpenAPI 3.0 or 3.1, or bind its kind",
        )
    return Dialect.OPENAPI_3_0 if matched[1] == "0" else Dialect.OPENAPI_3_1


def _value(name: str, content: bytes) -> Json:
    if name.endswith(".json"):
        return read_json(content, MOST_BYTES)
    document = yaml_tree.read(name, content)
    if isinstance(document, Problems):
        first = document.found[0]
        where = f"line {first.place.line}, column {first.place.column} of {shown(name)}"
        raise Rejected("contract.malformed", f"{where}: {first.sentence}", first.next_step)
    return _plain(document.root)


def _plain(tree: Tree) -> Json:
    """As the core schema of YAML 1.2 reads it, without its octal and hexadecimal numbers, infinities and NaN."""
    match tree:
        case Table(entries):
            return {entry.key: _plain(entry.value) for entry in entries}
        case Listing(items):
            return [_plain(item) for item in items]
        case Scalar(text, Written.PLAIN) if text in _WORDS:
            return _WORDS[text]
        case Scalar(text, Written.PLAIN) if _INTEGER.fullmatch(text):
            return int(text)
        case Scalar(text, Written.PLAIN) if _NUMBER.fullmatch(text):
            return float(text)
        case Scalar(text):
            return text
        case _:
            assert_never(tree)
