# SPDX-License-Identifier: Apache-2.0
"""Every number and every length of time that people write has bounds: shown for each key that a grammar has."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, get_args, get_origin

import pytest
from tests.packs.grammars import KEYS

from interlock.packs.problem import Problems
from interlock.packs.shape import decode
from interlock.packs.wanted import NUMBERS, is_mapping, options_of
from interlock.packs.yaml_tree import Document, Step, path_text, read
from interlock.testing.scenario import load_scenario

STORY: Final = "scenario: Something\ngiven: {people: {ann: [developer]}}\nsteps:\n  - "
ABSURD: Final[Mapping[object, str]] = {int: "999999999", float: "1e9", timedelta: "99999d"}
BELOW: Final[Mapping[object, str]] = {int: "-1", float: "-0.5"}

Place = tuple[object, str, tuple[Step, ...]]
"""The kind of a number, how a file says it (with `{}` for the number), and where it stands there."""


def numbers(wanted: object) -> Iterator[Place]:
    """Wherever in a value of that type a number may stand."""
    for option in options_of(wanted):
        arguments = get_args(option)
        if option in NUMBERS:
            yield option, "{}", ()
        elif get_origin(option) is tuple:
            yield from ((kind, f"[{text}]", (0, *below)) for kind, text, below in numbers(arguments[0]))
        elif is_mapping(get_origin(option)):
            yield from ((kind, f"{{x: {text}}}", ("x", *below)) for kind, text, below in numbers(arguments[1]))


MEASURED: Final = {"bindings PromqlSpec at_most", "bindings PromqlSpec at_least"}
"""What is compared with something measured, in whatever unit: bytes, seconds, temperatures."""
CASES: Final = {
    name: (shape, one) for name, (shape, one) in KEYS.items() if list(numbers(one.shape)) and name not in MEASURED
}


@pytest.mark.parametrize("name", CASES)
def test_a_number_has_a_least_and_a_most(name: str) -> None:
    span = CASES[name][1].rules.span
    assert -math.inf < span.least < span.most < math.inf


@pytest.mark.parametrize("name", CASES)
def test_what_is_beyond_them_is_refused_where_it_stands(name: str) -> None:
    shape, one = CASES[name]
    for kind, text, below in numbers(one.shape):
        for number in (ABSURD[kind], *([BELOW[kind]] if kind in BELOW else [])):
            document = read("told.yaml", f"{json.dumps(one.name)}: {text.replace('{}', number)}".encode())
            assert isinstance(document, Document), document
            problems = decode(document, shape)
            assert isinstance(problems, Problems)
            place = ("pack.out_of_range", path_text((one.name, *below)))
            assert place in [(problem.code, problem.path) for problem in problems.found], problems.render()


def test_scenarios_packs_and_bindings_are_among_them() -> None:
    assert {"scenario Tell more_in", "scenario Expectation exposed", "scenario Wait wait"} <= set(CASES)
    assert {"pack BakeShape for", "pack PathShape review_within", "bindings CommandSpec timeout"} <= set(CASES)


@pytest.mark.parametrize(
    ("step", "place", "next_step"),
    [
        ("{tell: progress, by: ann, more_in: 500h}", "steps[0].more_in", "write a duration from 1 s to 1 d"),
        ("{tell: progress, by: ann, more_in: 0s}", "steps[0].more_in", "write a duration from 1 s to 1 d"),
        ("{wait: 99999d}", "steps[0].wait", "write a duration from 1 s to 366 d"),
        ("{requests: v1, errors: 101}", "steps[0].errors", "write a number from 0 to 100"),
        ("{check: tests, counts: 1000001}", "steps[0].counts", "write a whole number from 0 to 1000000"),
        ("{expect: {exposed: {a: 101}}}", "steps[0].expect.exposed.a", "write a number from 0 to 100"),
    ],
)
def test_a_scenario_is_told_what_may_be_written(step: str, place: str, next_step: str) -> None:
    problems = load_scenario("told.yaml", f"{STORY}{step}\n".encode())
    assert isinstance(problems, Problems)
    told = [(one.code, one.path, one.place.line, one.next_step) for one in problems.found]
    assert told == [("pack.out_of_range", place, 4, next_step)]
