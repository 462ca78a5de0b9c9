# SPDX-License-Identifier: Apache-2.0
"""Who does something in a sentence is told by its grammar: by little words, by forms of verbs, by where names stand."""

import pytest

from interlock.packs.reading.clauses import SURE, doers
from interlock.packs.reading.reading import Asked, Reading, read_procedure


def named(text: str) -> list[str]:
    """Who surely does something in this text and is asked to."""
    return [text[one.begin : one.end] for one in doers(text) if one.worth >= SURE and one.is_asked]


def asked(*lines: str) -> tuple[Asked, ...]:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading.asked


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The weir keeper for that reach accepts or refuses.", ["weir keeper"]),
        ("Your crew's fish buddy reads it aloud.", ["fish buddy"]),
        ("The moss warden, if called in, declines.", ["moss warden"]),
        ("The tide circle (three of them) has a say.", ["tide circle"]),
        ("The tide circle, whom", []),
        ("For three days a hydrologist and the dune ranger look at it.", ["hydrologist", "dune ranger"]),
        ("The eldest together with the ferryman may approve it.", ["eldest", "ferryman"]),
        ("The herring board, the net board and Sylt agree to it.", ["herring board", "net board", "Sylt"]),
        ("The board of trustees will have signed off by then.", ["board of trustees"]),
        ("One of the dyke reeves must agree.", ["dyke reeves"]),
        ("Only the dyke reeve lets it go on.", ["dyke reeve"]),
        ("Anna and Bob pair on it.", ["Anna", "Bob"]),
        ("Our auditors sample two of them.", ["auditors"]),
        ("Glaziers sign in at the gate.", ["Glaziers"]),
        ("One diver outside the harbour lit the lamp and mended the lock.", []),
        ("One diver patched the lock.", ["diver"]),
        ("The lockmaster has recalculated the levels.", ["lockmaster"]),
        ("The eel board has to agree.", ["eel board"]),
        ("The eel board is to agree.", ["eel board"]),
        ("The eel board is also responsible.", ["eel board"]),
        ("The eel board does not agree.", ["eel board"]),
        ("The eel board must not be answerable.", ["eel board"]),
        ("The eel board should have agreed.", ["eel board"]),
        ("The reeve needs to consent.", ["reeve"]),
        ("Lab IT confirms it.", ["Lab IT"]),
        ("Two porters and a glazier, who", []),
    ],
)
def test_the_subject_of_what_people_do_is_somebody(text: str, names: list[str]) -> None:
    assert named(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "The lock must be agreed.",
        "The lock has been agreed.",
        "The lock is open.",
        "The approval expires on Monday.",
        "Squash merges only.",
        "The head count tells the shop.",
        "A person reads it.",
        "The v1.2 tag reads well.",
        "Weir notes read by the reeve.",
        "If the reeve asks for it, stop.",
        "Anything the reeve could ask about waits.",
        "The reeve has to know it.",
        "On the 6 phones in the drawer it rings.",
        "The weir on the 6 phones in the drawer",
        "Tell the reeve that it is over.",
        "Slowly",
        "The barrier at 3 (north) agrees",
    ],
)
def test_what_is_done_or_told_or_only_spoken_of_is_nobody(text: str) -> None:
    assert named(text) == []


def test_a_whole_sentence_of_a_procedure_asks_for_something() -> None:
    lines = ("# Locks", "", "We have seven of them.", "", "## Opening", "", "Boats travel alone.")
    assert [one.text for one in asked(*lines)] == ["Boats travel alone."]


def test_several_are_asked_as_one_of_them_is() -> None:
    lines = ("## Steps", "", "- The dyke reeve agrees to it.", "- The dyke reeves agree to that.")
    assert [one.roles for one in asked(*lines)] == [("dyke-reeve",), ("dyke-reeve",)]


def test_whoever_is_responsible_may_be_several() -> None:
    assert asked("## Steps", "", "- Responsible: pump warden and canal office")[0].roles == (
        "pump-warden",
        "canal-office",
    )
