# SPDX-License-Identifier: Apache-2.0
"""Conditions in CEL, behind a wrapper that fails closed.

1. Only a BOOL that is true is `Held`. An evaluation error is `Broken`: the library underneath answers it with a value
   of type ERROR whose content is a non-empty, hence truthy, text.
2. Variables are declared with real types, so that a comparison that can never hold is refused when it is written,
   with line and column. `dyn` would undo this and is refused.
3. Facts are checked against their declaration first; one that is missing or not quite of its type is `Broken`.
4. Texts and facts are bounded here, nesting (32) and loops (10,000 rounds in all) by the library.
5. The library is loaded when the first condition is compiled: who has no conditions does not wait for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, assert_never

from interlock.packs.facts import CelType, Fact, Kind, ListOf, MapOf, is_text, misfit, plain
from interlock.packs.nearest import advice
from interlock.packs.problem import Place, Problem, clean, shown

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_LENGTH: Final = 4_000
"""Characters of a condition."""

_START: Final = Place(1, 1)
_ERROR: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_DYN: Final = re.compile(r"\bdyn\b")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD: Final = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")


@dataclass(frozen=True, slots=True)
class Held:
    """The condition is true."""


@dataclass(frozen=True, slots=True)
class NotHeld:
    """The condition is false."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The condition has no answer for these facts. Never a pass."""

    why: str


Outcome = Held | NotHeld | Broken


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that compiled, with the declarations it was checked against."""

    text: str
    variables: Mapping[str, CelType]
    compiled: "cel.Expression"

    def evaluate(self, facts: Mapping[str, Fact]) -> Outcome:
        """The answer for these facts; every declared variable must be among them, others are ignored."""
        for name, kind in self.variables.items():
            if name not in facts:
                return Broken(f"fact '{name}' is missing")
            if wrong := misfit(facts[name], kind):
                return Broken(f"fact '{name}': {wrong}")
        return _answer(self.compiled, {name: plain(facts[name]) for name in self.variables})


def compile_condition(
    text: str,
    variables: Mapping[str, CelType],
    *,
    place: Place = _START,
    path: str = "",
) -> Condition | Problem:
    """The condition, or what is wrong with it. `place` is that of the text's first character in its file."""
    try:
        compiled = _environment(tuple(sorted(variables.items()))).compile(_bounded(text))
    except (ValueError, RuntimeError) as error:
        return _problem(str(error), variables, place, path)
    if compiled.return_type() != _type(Kind.BOOL):
        sentence = f"the condition answers {clean(compiled.return_type().name()).lower()}, not true or false"
        return Problem(place, path, "pack.condition_type", sentence, "compare it with something")
    return Condition(text, dict(variables), compiled)


def _bounded(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it has {len(text)} characters; {MAX_LENGTH} are allowed")
    if not is_text(text):
        raise ValueError("it is not Unicode text")
    if _DYN.search(text):
        raise ValueError("'dyn' would switch the type check off")
    return text


@cache
def _environment(variables: tuple[tuple[str, CelType], ...]) -> "cel.Env":
    from cel_expr_python import cel

    return cel.NewEnv(variables={name: _type(kind) for name, kind in variables})


def _type(kind: CelType) -> "cel.Type":
    from cel_expr_python import cel

    match kind:
        case ListOf():
            return cel.Type.List(_type(kind.item))
        case MapOf():
            return cel.Type.Map(cel.Type.STRING, _type(kind.value))
        case Kind():
            return cel.Type(kind.value)
        case _:
            assert_never(kind)


def _answer(compiled: "cel.Expression", bound: Mapping[str, Fact]) -> Outcome:
    try:
        value = compiled.eval(data=bound)
    except RuntimeError as error:
        return Broken(clean(str(error)))
    if value.type() != _type(Kind.BOOL):
        return Broken(clean(str(value.value())))
    return Held() if value.value() is True else NotHeld()


def _problem(said: str, variables: Mapping[str, CelType], place: Place, path: str) -> Problem:
    """The library's first complaint, in the words and at the place of the file."""
    found = _ERROR.search(said)
    if not found:
        sentence = clean(f"the condition is refused: {said}")
        return Problem(place, path, "pack.condition_limit", sentence, "write a shorter, plainer condition")
    line, column, complaint = int(found[1]), int(found[2]), found[3]
    at = Place(place.line, place.column + column - 1) if line == 1 else place
    where = "" if line == 1 else f" in line {line}, column {column} of the condition"
    code, sentence, next_step = _reworded(complaint, variables)
    return Problem(at, path, code, sentence + where, next_step)


def _reworded(complaint: str, variables: Mapping[str, CelType]) -> tuple[str, str, str]:
    if unknown := _UNDECLARED.search(complaint):
        name = unknown[1]
        return "pack.condition_name", f"unknown name {shown(name)}", advice(name, variables)
    if clash := _OVERLOAD.search(complaint):
        operator, operands = clash[1].strip("_"), clash[2]
        sentence = clean(f"'{operator}' cannot take ({operands})")
        mixed = {"int", "double"} <= set(operands.split(", "))
        next_step = "write whole numbers as 1.0 here" if mixed else "both sides must be of the same type"
        return "pack.condition_type", sentence, next_step
    if "yntax error" in complaint or "Invalid" in complaint or "reserved" in complaint:
        brief = complaint.partition(" expecting ")[0].removeprefix("Syntax error: ")
        return "pack.condition_syntax", clean(f"the condition cannot be read: {brief}"), "write it as CEL"
    return "pack.condition_type", clean(complaint), "look at the types of the names used"
