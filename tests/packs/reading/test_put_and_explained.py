# SPDX-License-Identifier: Apache-2.0
"""Questions of a list, tables of conditions where a document tells of itself, asides, and who is explained once."""

import pytest

from interlock.packs.coverage import Kind
from interlock.packs.reading.reading import Reading, read_procedure


def read(*lines: str) -> Reading:
    found = read_procedure("bakehouse.md", "\n".join(("# Bakehouse", "", *lines, "")).encode())
    assert isinstance(found, Reading)
    return found


@pytest.mark.parametrize("title", ["Opening the oven", "Ready?", 'Questions to answer "yes" before the oven is lit'])
@pytest.mark.parametrize(
    "question",
    [
        "Does the probe show less than four degrees?",
        "Has the flour been sieved since Monday?",
        "Is every tray marked with its batch?",
        "Are the vents listed on the board?",
        "Did the second shift clean the belt?",
    ],
)
@pytest.mark.parametrize("mark", ["1.", "-", "- [ ]"])
def test_what_is_to_be_answered_with_yes_is_a_gate(title: str, question: str, mark: str) -> None:
    (one,) = read(f"## {title}", "", f"{mark} {question}").asked
    assert (one.kind, one.text) == (Kind.GATE, question)


@pytest.mark.parametrize("question", ["Which recipes change?", "How do we get the old dough back?"])
def test_what_is_to_be_told_is_shown_to_a_person_at_the_least(question: str) -> None:
    reading = read("## Before the oven", "", f"- {question}")
    assert [*(one.text for one in reading.asked), *(one.text for one in reading.unmapped)] == [question]


@pytest.mark.parametrize("question", ["Can I bake on Sundays?", "Is there a spare oven?"])
def test_what_a_reader_might_ask_is_no_gate(question: str) -> None:
    assert read("## FAQ", "", f"- {question}").asked == ()


CONDITIONS = (
    "| Oven | Who eats it | Entry condition | Minimum wait |",
    "|---|---|---|---|",
    "| 1 | Ourselves | Crumb test passed | 1 day |",
    "| 2 | The school | No complaint from oven 1 | 3 days |",
)


@pytest.mark.parametrize("title", ["Context", "Overview", "Ovens"])
def test_conditions_of_a_table_are_asked_also_where_a_document_tells_of_itself(title: str) -> None:
    reading = read(f"## {title}", "", "Bread moves through two ovens.", "", *CONDITIONS)
    assert {one.line for one in reading.asked} >= {9, 10}


def test_a_row_that_asks_among_what_is_only_told_is_shown_to_a_person() -> None:
    told = read("## Overview", "", "| Oven | Check |", "|---|---|", "| 1 | Probe read at noon |").unmapped
    assert [one.line for one in told] == [7]


@pytest.mark.parametrize(
    "aside",
    [
        "The cellar is roughly forty metres long.",
        "The cellar smells quite sweet, which the neighbours like.",
        "The oldest oven came from Graz, and has 1974 on its door.",
    ],
)
def test_an_aside_is_listed_and_asked_of_nobody(aside: str) -> None:
    reading = read("## Baking", "", "Light the oven.", "", aside)
    assert aside not in [one.text for one in reading.asked]


@pytest.mark.parametrize(
    "limit",
    [
        "The oven never holds more than about forty loaves.",
        "Only the miller opens the cellar, which is locked at night.",
        "The dough rests for roughly two hours.",
    ],
)
def test_a_limit_is_no_aside(limit: str) -> None:
    assert limit in [one.text for one in read("## Baking", "", "Light the oven.", "", limit).asked]


@pytest.mark.parametrize(
    "told",
    [
        "The raker is whoever lit the oven. The **turner** is a second person from another shift.",
        "Two people do this: Raker (fire) and Turner (loaves).",
    ],
)
def test_who_is_explained_once_is_charged_by_a_lead(told: str) -> None:
    reading = read(told, "", "## Baking", "", "**Turner:**", "", "- Turn the loaves after the bell.")
    assert [one.roles for one in reading.asked if one.line == 9] == [("turner",)]


def test_beside_a_person_a_function_is_what_they_are_there_for() -> None:
    rows = ("| Function | Person asked | What is needed |", "|---|---|---|")
    told = read("## Go or stay", "", *rows, "| Quality | Head of tasting | Confirms that the crumb is even |").asked
    assert [one.roles for one in told] == [("head-of-tasting",)]


def test_what_begins_like_keys_and_goes_on_as_a_sentence_is_a_document() -> None:
    found = read_procedure("bakehouse.md", b"---\nowner: baker\nThe miller must sign\n---\n")
    assert isinstance(found, Reading)
    assert "The miller must sign" in " ".join(found.lines)


def test_what_somebody_was_charges_them_with_nothing() -> None:
    reading = read("## Baking", "", "The miller signs the sheet.", "", "He was out on Friday.")
    assert not [one for one in reading.asked if one.line == 7 and one.roles]
