# SPDX-License-Identifier: Apache-2.0
"""Tables drawn with spaces, hours ahead of tasks, lettered lists and titles, places to sign."""

import pytest

from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.passages import Form, passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.tidying import tidied


def read(*lines: str) -> Reading:
    found = read_procedure("laid-out.txt", "\n".join(("# Ferry", "", "How we sail.", "", *lines, "")).encode())
    assert isinstance(found, Reading)
    return found


def in_time(one: Asked) -> str:
    return f"{one.deadline.relation}:{in_short(one.deadline.least)}" if one.deadline else ""


DRAWN = (
    "## Casting off",
    "",
    "    minute   who            what",
    "    -10      Deck team      take in the gangway",
    "      0      Bridge team    sound the horn",
    "    +2       Deck team      cast off the bow line",
    "                            and stow it",
)


def test_a_table_drawn_with_spaces_is_one_of_rows() -> None:
    found = read(*DRAWN).asked
    assert [(one.roles, in_time(one)) for one in found] == [
        (("deck-team",), "before:10m"),
        (("bridge-team",), ""),
        (("deck-team",), "after:2m"),
    ]
    assert (found[-1].text.endswith("cast off the bow line and stow it"), found[-1].lines) == (True, (10, 11))


def test_no_line_is_added_or_removed() -> None:
    assert len(tidied(DRAWN)) == len(DRAWN)


@pytest.mark.parametrize(
    "lines",
    [
        ("Some words   set apart   for looks", "and a sentence that goes on below them."),
        ("Gate   open   shut",),
        ("minute   who   what.", "-10      Deck     haul", "-5       Deck     haul"),
    ],
)
def test_what_is_no_table_stays_as_it_is(lines: tuple[str, ...]) -> None:
    assert not any(one.form is Form.ROW for one in passages(("", *lines, "")))


def test_lines_that_begin_with_their_hour_are_items() -> None:
    hours = (" 05:40  Deck team lowers the ramp", " 05:50  Piet opens the gate", " 06:10  Deck team raises the ramp")
    found = read("## The morning", "", *hours).asked
    assert [one.roles for one in found] == [("deck-team",), ("piet",), ("deck-team",)]


def test_two_hours_in_a_text_make_no_timetable() -> None:
    found = passages(("We sail twice, at", "05:40 and at", "17:40 sharp, in any weather."))
    assert [one.form for one in found] == [Form.SENTENCE]


def test_lettered_items_hang_on_the_numbered_line_that_leads_to_them() -> None:
    lines = (
        "2.1 The mate ensures that:",
        "",
        " a) the ramp is dry;",
        "    and swept;",
        " b) the lamps burn.",
        "",
        "2.2 The horn works.",
    )
    found = passages(lines)
    assert [len(one.above) for one in found] == [0, 1, 1, 0]


def test_letters_that_are_set_off_are_titles() -> None:
    lines = ("A) What the mate needs", "", "- a dry ramp", "", "B) Casting off", "", "- sound the horn")
    assert [one.headings[-1].text for one in passages(lines)] == ["What the mate needs", "Casting off"]


def test_letters_one_below_the_other_are_a_list() -> None:
    assert not any(one.headings for one in passages(("A) a dry ramp", "", "B) a loud horn", "", "C) a calm sea")))


def test_whoever_stands_behind_a_box_with_dots_signs() -> None:
    found = read(
        "## Signatures",
        "",
        "   Box 1  Ramp dry      deck officer ..........",
        "   Box 2  Horn heard    watch keeper ......",
    ).asked
    assert [(one.kind.value, one.roles) for one in found] == [
        ("signoff", ("deck-officer",)),
        ("signoff", ("watch-keeper",)),
    ]


@pytest.mark.parametrize("columns", ["| Who | Says go | Date |", "| Who | Gives the ok | Day |"])
def test_each_row_of_those_who_say_go_is_signed(columns: str) -> None:
    found = read("## Go", "", columns, "| --- | --- | --- |", "| Deck officer | ☐ | |", "| Harbour pilot | ☐ | |").asked
    assert [(one.kind.value, one.roles) for one in found] == [
        ("signoff", ("deck-officer",)),
        ("signoff", ("harbour-pilot",)),
    ]


def test_whoever_a_column_says_sends_it_is_asked() -> None:
    table = ("| Audience | Channel | Lead time | Sent by |", "| --- | --- | --- | --- |")
    found = read("## Telling", "", *table, "| Passengers | notice board | 3 days before | Ticket clerk |").asked
    assert [(one.roles, in_time(one)) for one in found] == [(("ticket-clerk",), "before:3d")]


def test_answers_below_questions_ask_for_something() -> None:
    found = read("## FAQ", "", "### How do I cast off?", "", "Sound the horn and take in the gangway.").asked
    assert [one.line for one in found] == [9]


def test_stages_lead_to_what_has_to_be_so() -> None:
    found = read("## Stages", "", "* Pier 1 → 2", "  - [ ] the ramp is dry").asked
    assert [one.line for one in found] == [8]
