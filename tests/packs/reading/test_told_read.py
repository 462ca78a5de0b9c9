# SPDX-License-Identifier: Apache-2.0
"""What a document only tells, of whom and of what, in words of other trades."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Asked, Reading, read_procedure


def asked(*lines: str) -> tuple[Asked, ...]:
    text = ("# Orchard", "", "## Picking", "", "Pick the red ones.", "", *lines)
    reading = read_procedure("orchard.md", "\n".join(text).encode())
    assert isinstance(reading, Reading)
    return reading.asked[1:]


@pytest.mark.parametrize(
    "line",
    [
        "- Ladder author: the developer who built the ladder.",
        "- Picker on duty: a member of the orchard, according to the roster.",
        "Yard liaison: the person on the floor who can stop the belts.",
        "A *sorted* crate keeps its colour.",
        "The pears went to the neighbour.",
        "The crates come from the cooper next door.",
        "The rows look long, which is why we planted fewer.",
        "Historically, apples came first.",
    ],
)
def test_what_is_only_told_asks_for_nothing(line: str) -> None:
    assert asked(line) == ()


@pytest.mark.parametrize(
    "line",
    [
        "- Ladder author: signs the ladder.",
        "A *sorted* crate is weighed twice.",
        "Every third crate is a sample.",
        "All found worms go into the book.",
        "The scale reads zero before the first crate.",
        "Crates are sent back when they are wet.",
    ],
)
def test_what_is_done_is_asked(line: str) -> None:
    assert len(asked(line)) == 1


@pytest.mark.parametrize(
    ("sentence", "time"),
    [
        ("Watch the press for a further 30 minutes.", "for:30m"),
        ("Going back is possible only in the first three hours.", "within:3h"),
        ("Crates are emptied once they are 35 days old.", "after:35d"),
        ("Tasting takes place over a period of ten days.", "for:10d"),
    ],
)
def test_how_long_it_lasts_is_read(sentence: str, time: str) -> None:
    (found,) = deadlines(sentence)
    assert f"{found.relation}:{in_short(found.least)}" == time


def test_a_department_of_two_words_is_one() -> None:
    (one,) = asked("Trust & Safety looks at fifty crates.")
    assert one.roles == ("trust-safety",)


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("Olu and Wanda:", "- pick the pears", "- Olu counts them"), ("olu", "wanda")),
        (("### Part 2 - PRESS MASTER", "", "- empty the press"), ("press-master",)),
        (("To be filled in by the press master.", "", "- [ ] The press is empty."), ("press-master",)),
    ],
)
def test_who_stands_over_a_list_does_it(lines: tuple[str, ...], roles: tuple[str, ...]) -> None:
    found = asked("Olu opens the gate.", "", *lines)
    assert (
        next(one for one in found if one.text in ("pick the pears", "empty the press", "The press is empty.")).roles
        == roles
    )


def test_letters_ahead_of_every_task_are_explained_by_none_of_them() -> None:
    found = asked(
        "`D:` = driver, `B:` = buddy.", "", "- D: build it", "- B: bundle vats", "- B: pull it", "- B: mail it"
    )
    assert [one.roles for one in found if one.line > 8] == [("d",), ("b",), ("b",), ("b",)]


def test_the_one_letter_of_a_row_is_of_whoever_the_table_has() -> None:
    table = ("| Task | Press master | Cooper |", "|---|---|---|", "| Press it | R | C |", "| Close the cask | | R |")
    assert asked(*table)[-1].roles == ("cooper",)


def test_who_is_encouraged_is_asked() -> None:
    (one,) = asked("Press masters are encouraged to taste first.")
    assert one.roles == ("press-master",)
