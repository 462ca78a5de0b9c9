# SPDX-License-Identifier: Apache-2.0
"""What only seems to be told is listed, so that a person decides: nothing that may ask for something is dropped."""

import time
from itertools import chain

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Reading, read_procedure


def read(*lines: str) -> Reading:
    reading = read_procedure("orchard.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def kept(reading: Reading, line: int) -> bool:
    return any(line in one.lines for one in reading.asked) or any(one.line == line for one in reading.unmapped)


@pytest.mark.parametrize(
    "sentence",
    [
        "The elders said no apple is sold in December.",
        "The cooper asked us to hold deliveries during the fair.",
        "The village decided the elder signs every barrel.",
        "The mill is slow, which is why we tell the miller three days ahead.",
        "A full barrel takes two signatures.",
        "Selling depends on a clean tasting.",
        "A worm in the sample is a reason to stop the press.",
        "The order is simple: wash, then press, then fill.",
        "The barrel has a name, a date and a seal.",
        "They work in pairs.",
        "This page covers all barrels, and two people seal each.",
        "We promised the inn 48 hours of notice.",
        "Pressing on rainy days is a no-go.",
    ],
)
def test_a_sentence_that_only_seems_to_tell_is_asked_or_listed(sentence: str) -> None:
    assert kept(read("# Orchard", "", "## Pressing", "", "Wash the press.", "", sentence), 7)


@pytest.mark.parametrize("title", ["Overview", "Background", "FAQ", "Tips", "References", "Lessons learned"])
@pytest.mark.parametrize(
    "sentence",
    [
        "The elder signs every barrel before it is sold.",
        "Please lock the press.",
        "No sales on Sundays.",
        "Stop if the juice turns brown.",
        "Wash the press.",
    ],
)
def test_what_asks_where_a_document_explains_is_listed(title: str, sentence: str) -> None:
    assert kept(read("# Orchard", "", "## Steps", "", "1. Press it.", "", f"## {title}", "", sentence), 9)


@pytest.mark.parametrize(
    "front",
    [
        ("---", "# Pressing", "- Wash the press", "- The elder signs the barrel", "---", "", "Press on Tuesdays only."),
        ("---", "- Wash the press", "- The elder signs the barrel", "---", "", "Press on Tuesdays only."),
    ],
)
def test_a_rule_at_the_top_is_no_front_matter(front: tuple[str, ...]) -> None:
    reading = read(*front)
    assert all(kept(reading, front.index(line) + 1) for line in front if line.startswith("- "))


def test_what_front_matter_says_of_who_approves_and_what_never_happens_is_listed() -> None:
    front = ("---", "title: Orchard", "never:", "  - sell on Sundays", "approvers: [elder, cooper]", "---", "")
    reading = read(*front, "# Orchard", "", "Press it.")
    assert {one.line for one in reading.unmapped} >= {4, 5}


@pytest.mark.parametrize("note", ["Note: keep the door shut while it drips.", "Tip: take a sample first."])
def test_a_note_that_asks_is_no_mere_note(note: str) -> None:
    assert kept(read("# Orchard", "", "## Pressing", "", "Press it.", "", note), 7)


@pytest.mark.parametrize(
    ("sentence", "time"),
    [
        ("Wait at least 1h30m before the next barrel.", "for:90m"),
        ("Between 2 and 4 hours after the press the cooper comes.", "after:2h"),
        ("Tell the inn not less than 10 (ten) days before the sale.", "before:10d"),
    ],
)
def test_times_are_read_as_they_are_written(sentence: str, time: str) -> None:
    (found,) = deadlines(sentence)
    assert f"{found.relation}:{in_short(found.least)}" == time


@pytest.mark.parametrize("text", ["The gate stays locked until the half and is opened", "best before = day + 6 months"])
def test_what_looks_like_a_time_is_none(text: str) -> None:
    assert deadlines(text) == ()


def test_a_line_of_nothing_but_names_is_read_about_as_fast_as_it_is_long() -> None:
    """The quickest of three beside the slowest; before, four times the names took sixteen times as long."""

    def seconds(names: int) -> float:
        began = time.process_time()
        read("# Orchard", "", "QA, " * names + "must sign.")
        return time.process_time() - began

    few, many = ([seconds(250 * times + at) for at in range(3)] for times in (1, 4))
    assert min(many) < 12 * max(chain(few))


@pytest.mark.parametrize("word", ["Important", "Remember", "Note"])
def test_a_word_of_warning_is_nobody(word: str) -> None:
    reading = read("# Orchard", "", "## Pressing", "", "Press it.", "", f"{word}: you sign twice.")
    assert not any(one.roles for one in reading.asked)
