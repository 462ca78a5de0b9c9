# SPDX-License-Identifier: Apache-2.0
"""A procedure that was changed, beside the pack that was drafted before: the same words may say something else."""

from typing import Final

import pytest

from interlock.packs.coverage import Kind, Statement
from interlock.packs.reading.notes import Dropped, NotesFile
from interlock.packs.reading.reading import Reading, read_procedure
from interlock.packs.reading.tracing import Matches, Reasons

STATEMENTS: Final = (
    Statement("FE-01", "RELEASE.md:4 Checks", Kind.GATE, "load > 80 %"),
    Statement("FE-02", "RELEASE.md:8 Never", Kind.RULE, "sail on Fridays"),
    Statement("FE-03", "the handbook", Kind.RULE, "sail by day"),
)


def matched(*lines: str) -> list[str]:
    """The numbers of the statements that a document makes; empty where the pack makes no such statement."""
    reading = read_procedure("RELEASE.md", "\n".join(("# Ferry", "", *lines)).encode())
    assert isinstance(reading, Reading)
    matches = Matches(STATEMENTS)
    return [found.id if (found := matches.of(one).statement) else "" for one in reading.asked]


@pytest.mark.parametrize(
    ("title", "line", "found"),
    [
        ("Checks", "load > 80 %", "FE-01"),
        ("Gates", "load > 80 %", "FE-01"),
        ("Checks", "load < 80 %", ""),
        ("Checks", "load >= 80 %", ""),
        ("Never", "sail on Fridays", "FE-02"),
        ("Never do this", "sail on Fridays", "FE-02"),
        ("Always", "sail on Fridays", ""),
        ("Before sailing", "sail on Fridays", ""),
        ("Background", "load > 80 %", ""),
        ("Always", "sail by day", "FE-03"),
    ],
)
def test_a_line_is_a_statement_where_it_says_the_same_below_such_a_title(title: str, line: str, found: str) -> None:
    assert matched(f"## {title}", "", f"- {line}") == [found]


def test_what_was_left_out_below_one_title_is_left_out_there_alone() -> None:
    notes = NotesFile((), (Dropped("paint the hull", "not ours", "Never"), Dropped("mend ropes", "done elsewhere")))
    reasons = Reasons(notes)
    assert reasons.of("Paint the hull", "Never") == "not ours"
    assert reasons.of("Paint the hull", "Before sailing") == ""
    assert reasons.of("Mend ropes", "Before sailing") == "done elsewhere"
    assert reasons.of("Mend sails", "") == ""
