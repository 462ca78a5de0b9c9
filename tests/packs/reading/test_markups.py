# SPDX-License-Identifier: Apache-2.0
"""Other markups than Markdown: what a line becomes, and that no line is ever added, lost, or raised over."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.packs.reading.drafting import drafted
from interlock.packs.reading.markups import as_markdown
from interlock.packs.reading.reading import Reading, read_procedure

PIECES = (
    "", "# Release", "== Roles", "== Roles ==", "=====", "-----", "~~~~~", "Before", "- [ ] Tests pass", "* deploy",
    ". Deploy", ".. Deploy", ".. note:: Mind", ".. code:: sh", "#. Deploy", "    indented", "|===", "|Role |Duty",
    "|QA",
    "|signs", "----", "```", "```bash", "# 1. Tag", "# 2. Push", ":x: Never", ":white_check_mark: Done", "h2. Title",
    "(/) done", "(x) never", "{panel}", "> [!NOTE]", "___ Box", "Term", ": what it does", "text::", "__ link",
    "The release manager (RM) decides.", "The (RM) waits", "If it fails, roll back within 5 minutes.", "| a | b |",
    "|---|---|", "| 1 | roll back |", "Deployments: Monday to Thursday, 9-16", "No releases on Fridays", "1. Plan",
    "   1.1 The RM tags", "Roll back when:", "Owner: QA Lead", "**Bold?**", "🚀 **Phase**",
    "→ go", "\N{CROSS MARK} no",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        (("== Roles", "", "* a", "** b", ". c", ".. d"), ("## Roles", "", "* a", "   - b", "1. c", "   1. d")),
        (("= T", ":toc:", "[source,sh]", "----", "ls", "----"), ("# T", "", "", "```", "ls", "```")),
        (
            ("= T", "|===", "|Role |Duty", "|QA", "|signs", "|==="),
            ("# T", "| Role | Duty |", "| --- | --- |", "|  |", "| QA | signs |", ""),
        ),
        (("= T", "|===", "|A |B", "|x |y", "|==="), ("# T", "| A | B |", "| --- | --- |", "| x | y |", "")),
        (
            ("= T", "|===", "|A", "|B", "", "|x", "|y", "|==="),
            ("# T", "| A | B |", "| --- | --- |", "|  |", "|  |", "|  |", "| x | y |", ""),
        ),
        (("= T", "|===", "|==="), ("# T", "|  |", "")),
        (("= T", "see link:a.html[the page] and <<b,below>>"), ("# T", "see the page and below")),
        (("== T ==", "# one", "## two", "* three", "#hash"), ("## T", "1. one", "   1. two", "- three", "#hash")),
        (("#. one", "", "#. two"), ("1. one", "", "1. two")),
        ((".. contents::", "   :local:", "text"), ("", "", "text")),
        ((".. warning:: Mind this", "", "   and that"), ("Mind this", "", "   and that")),
        ((".. _label:", "Run this::", "", "   ls", "then"), ("", "Run this:", "", "", "then")),
        ((".. note::", ":ref:`here <x>` and `there <y>`__ and ``z``"), ("", "here and there and `z`")),
        ((".. x::", "__ security.html", "text"), ("", "", "text")),
        (("Title", "~~~~~", "text"), ("### Title", "", "text")),
        (("=====", "Title", "=====", "text"), ("", "# Title", "", "text")),
        (("-----", "Title", "-----", "text"), ("", "## Title", "", "text")),
        (("Title", "=====", "text"), ("Title", "=====", "text")),
        (("```", "Title", "~~~~~", "```"), ("```", "Title", "~~~~~", "```")),
        (("Lead", ": signs", "text"), ("", "- Lead: signs", "text")),
        (("h2. Title",), ("## Title",)),
        ((":white_check_mark: Tests", ":x: Fridays", ":rocket: Go"), ("- [ ] Tests", "\N{CROSS MARK} Fridays", "Go")),
        (("(/) Tests", "(x) Fridays", "{panel}Go{panel}"), ("- [ ] Tests", "\N{CROSS MARK} Fridays", "Go")),
        (("___ Tests", "> [!NOTE]"), ("- [ ] Tests", "> ")),
    ],
)  # fmt: skip
def test_a_line_of_another_markup_becomes_markdown(lines: tuple[str, ...], made: tuple[str, ...]) -> None:
    assert as_markdown(lines) == made


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_no_line_is_added_or_lost(lines: list[str]) -> None:
    assert len(as_markdown(tuple(lines))) == len(lines)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), min_size=1, max_size=14))
def test_whatever_is_written_is_read_or_declined_and_drafted(lines: list[str]) -> None:
    reading = read_procedure("any.md", "\n".join(["Release", *lines]).encode("utf-8", "replace"))
    if isinstance(reading, Reading):
        assert all(1 <= one.line <= len(reading.lines) for one in reading.asked)
        assert drafted("any", [reading]).files
    else:
        assert reading.code.startswith("procedure.")


def read(*lines: str) -> Reading:
    reading = read_procedure("a.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (("# R", "", "### push the tag", "", "```", "git push", "```"), ["push the tag"]),
        (("# R", "", "### Overview", "", "```", "git push", "```"), []),
        (("# R", "", "### push the tag", "", "Words.", "", "```", "git push", "```"), []),
        (("# R", "", "```bash", "# 1. Clean the tree", "ls", "# 2. Tag it", "```"), ["Clean the tree", "Tag it"]),
        (("# R", "", "```bash", "# 1. Clean the tree", "ls", "```"), []),
        (("# How to", "", "1. Build", "", "   1.1 Compile it", "   1.2 Sign it"), ["Compile it", "Sign it"]),
    ],
)
def test_titles_and_remarks_beside_commands_are_steps(lines: tuple[str, ...], texts: list[str]) -> None:
    assert [one.text for one in read(*lines).asked] == texts


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("The release manager (RM) has the key.", "", "- [ ] the RM signs off"), ("release-manager",)),
        (("The Quality Assurance Lead (QAL) is new.", "", "- [ ] the QAL signs off"), ("quality-assurance-lead",)),
        (("A service level (SLA) is set.", "", "- [ ] the SLA is kept"), ()),
        (("The lead (ABC) is new.", "", "- [ ] the ABC is kept"), ()),
        (
            ("| Role | Signs for |", "|---|---|", "| Test Unit Lead (TUL) | all |", "", "- [ ] TUL signs off"),
            ("test-unit-lead",),
        ),
    ],
)
def test_initials_stand_for_the_role_they_were_given_to(lines: tuple[str, ...], roles: tuple[str, ...]) -> None:
    asked = read("# Roles", "", *lines).asked
    assert asked[-1].roles == roles


def test_a_table_of_asciidoc_that_nobody_closed_has_no_line_more() -> None:
    assert as_markdown(("== Roles", "|===")) == ("## Roles", "|  |")
