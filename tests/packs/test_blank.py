# SPDX-License-Identifier: Apache-2.0
"""No text that people write in a file may be blank, whatever its key: shown for each key that a grammar has."""

import json
from collections.abc import Iterator
from typing import Final, get_args, get_origin

import pytest
from tests.packs.grammars import KEYS, records

from interlock.packs.problem import Problems
from interlock.packs.shape import Key, decode, keys_of
from interlock.packs.wanted import is_mapping, is_record, options_of
from interlock.packs.yaml_tree import Document, Listing, Scalar, Step, Table, path_text, read
from interlock.testing.scenario import Scenario, load_scenario

BLANK: Final = ("", " ", "\n", "\u200b")
PARTS: Final = (Scalar, Listing, Table)
STORY: Final = "scenario: Something\ngiven: {people: {ann: [developer]}}\nsteps:\n  - "

Written = str | list["Written"] | dict[str, "Written"]


def blanks(wanted: object, text: str) -> Iterator[tuple[Written, tuple[Step, ...]]]:
    """Whatever of that type can be written blank, and where in it that is."""
    for option in options_of(wanted):
        if option in PARTS or is_record(option):
            continue
        arguments = get_args(option)
        if get_origin(option) is tuple:
            yield from (([one], (0, *below)) for one, below in blanks(arguments[0], text))
        elif is_mapping(get_origin(option)):
            yield {text: "x"}, (text,)
            yield from (({"x": one}, ("x", *below)) for one, below in blanks(arguments[1], text))
        else:
            yield text, ()


def told(shape: type, one: Key, written: Written) -> set[tuple[str, str]]:
    """The codes, and where each stands, of a table with just this key."""
    document = read("told.yaml", json.dumps({one.name: written}).encode())
    assert isinstance(document, Document), document
    problems = decode(document, shape)
    assert isinstance(problems, Problems)
    return {(problem.code, problem.path) for problem in problems.found}


CASES: Final = {name: (shape, one) for name, (shape, one) in KEYS.items() if list(blanks(one.shape, ""))}


@pytest.mark.parametrize("name", CASES)
def test_a_key_that_takes_a_text_takes_no_blank_one(name: str) -> None:
    shape, one = CASES[name]
    for written, below in (found for text in BLANK for found in blanks(one.shape, text)):
        assert ("pack.empty_value", path_text((one.name, *below))) in told(shape, one, written), written


def test_every_act_of_a_scenario_is_among_them() -> None:
    acts = [shape for shape in records(Scenario, []) if any(one.name == "by" for one in keys_of(shape))]
    assert len(acts) > 40
    assert {f"scenario {shape.__name__} by" for shape in acts} <= set(CASES)


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("{rollback: production, by: ann, why: ' '}", "steps[0].why"),
        ("{release: v2, by: ' '}", "steps[0].by"),
        ("{release: '', by: ann}", "steps[0].release"),
        ("{release: v2, by: ann, areas: [web, ' ']}", "steps[0].areas[1]"),
        ("{wait: ' '}", "steps[0].wait"),
    ],
    ids=["reason", "person", "version", "one of several", "time"],
)
def test_where_it_stands_is_said(step: str, place: str) -> None:
    problems = load_scenario("told.yaml", f"{STORY}{step}\n".encode())
    assert isinstance(problems, Problems)
    assert [(one.code, one.path, one.place.line) for one in problems.found] == [("pack.empty_value", place, 4)]
