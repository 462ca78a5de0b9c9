# SPDX-License-Identifier: Apache-2.0
from typing import Final

import pytest
from tests.packs.test_citing import PACK

from interlock.packs.coverage import (
    Carried,
    Engine,
    Kind,
    Statement,
    carried,
    covers,
    load_requirements,
    named_at,
)
from interlock.packs.problem import Problems
from interlock.packs.yaml_tree import Document, read

STATEMENTS: Final = tuple(
    Statement(f"P-{number}", "somewhere", Kind.RULE, "It is so.") for number in (1, 2, 3, 4, 5, 6, 7)
)
FILE: Final = """\
source: the handbook
requirements:
  - {id: P-1, at: page 1, kind: gate, text: Tests pass.}
  - {id: P-2, at: page 2, kind: gate+signoff, text: Somebody says so as well.}
"""


def carry(text: str) -> Carried:
    found = carried("pack.yaml", text.encode(), STATEMENTS)
    assert isinstance(found, Carried), found
    return found


def test_statements_are_read_with_their_kinds() -> None:
    assert load_requirements("requirements.yaml", FILE.encode()) == (
        Statement("P-1", "page 1", Kind.GATE, "Tests pass."),
        Statement("P-2", "page 2", Kind.BOTH, "Somebody says so as well."),
    )


@pytest.mark.parametrize(
    ("before", "after", "code", "path"),
    [
        ("id: P-2", "id: P-1", "pack.duplicate_name", "requirements[1].id"),
        ("id: P-2", "id: P 2", "pack.wrong_value", "requirements[1].id"),
        ("kind: gate,", "kind: gat,", "pack.unknown_word", "requirements[0].kind"),
        ("source:", "sorce:", "pack.unknown_key", "sorce"),
        ("source: the handbook", "{", "pack.not_yaml", ""),
    ],
)
def test_statements_are_read_strictly(before: str, after: str, code: str, path: str) -> None:
    problems = load_requirements("requirements.yaml", FILE.replace(before, after).encode())
    assert isinstance(problems, Problems)
    assert (code, path) in [(one.code, one.path) for one in problems.found]


@pytest.mark.parametrize(
    ("counts", "kind", "is_enough"),
    [
        ([{Kind.SIGNOFF}], Kind.SIGNOFF, True),
        ([{Kind.ADVISORY, Kind.NOTIFY}], Kind.SIGNOFF, False),
        ([{Kind.GATE}], Kind.BOTH, False),
        ([{Kind.GATE}, {Kind.SIGNOFF}], Kind.BOTH, True),
        ([], Kind.ADVISORY, False),
    ],
)
def test_a_statement_is_covered_by_what_is_together_no_weaker(
    counts: list[set[Kind]], kind: Kind, *, is_enough: bool
) -> None:
    assert covers([frozenset(one) for one in counts], kind) is is_enough


def test_elements_are_named_as_people_call_them_and_count_as_what_they_are() -> None:
    found = [(one.name, Kind.GATE in one.counts, one.requirement, one.line) for one in carry(PACK).elements]
    assert found == [
        ("production", False, "", 7),
        ("paths normal for", False, "", 9),
        ("tests", True, "tests", 13),
        ("production windows", False, "", 16),
        ("production windows", False, "", 16),
    ]


def test_a_gate_with_a_signature_counts_as_both() -> None:
    beside = "gate: {check: tests}, signoff: {roles: [qa], statement: Seen.}"
    (element,) = carry(PACK.replace("gate: {check: tests}", beside)).elements_for("P-3")
    assert {Kind.GATE, Kind.SIGNOFF, Kind.BOTH} <= element.counts
    assert element.shows == ("evidence.", "signoff.")


def test_what_the_engine_enforces_is_found_with_its_line() -> None:
    found = carry(PACK + "enforced: {P-7: [freeze.active]}\n")
    assert found.engine_for("P-7") == (Engine("P-7", ("freeze.active",), 19),)
    assert found.engine_for("P-1") == ()


@pytest.mark.parametrize(
    ("before", "after", "path", "step"),
    [
        ("cites: [P-3, P-4]", "cites: [P-3, P-44]", "stages[0].requires[0].cites[1]", "did you mean 'P-4'?"),
        ("cites: {for: [P-2]}", "cites: {for: [X]}", "paths.normal.cites.for[0]", "use one of"),
        ("waivers:", "enforced: {OTHER: [a.b]}\nwaivers:", "enforced.OTHER", "use one of"),
    ],
)
def test_what_is_cited_is_a_statement(before: str, after: str, path: str, step: str) -> None:
    assert before in PACK
    problems = carried("pack.yaml", PACK.replace(before, after).encode(), STATEMENTS)
    assert isinstance(problems, Problems)
    assert [(one.code, one.path) for one in problems.found] == [("pack.unknown_statement", path)]
    assert problems.found[0].next_step.startswith(step)


@pytest.mark.parametrize("text", ["[", "pack: x\n"])
def test_a_pack_that_does_not_load_carries_nothing(text: str) -> None:
    assert isinstance(carried("pack.yaml", text.encode(), STATEMENTS), Problems)


def test_what_has_no_name_is_called_by_where_it_stands() -> None:
    document = read("x.yaml", b"rollback: {authority: {primary: boss}}\nduties: [{id: look, deep: {is: 1}}]\n")
    assert isinstance(document, Document)
    assert named_at(document, ("rollback", "authority")) == "rollback authority"
    assert named_at(document, ("duties", 0, "deep")) == "look deep"
