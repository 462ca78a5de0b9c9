# SPDX-License-Identifier: Apache-2.0
"""What was learned of lines that only state, of titles with numbers, and of whom a sentence names, in other trades."""

from pathlib import Path

import pytest
from bench.reading import annotated

from interlock.packs.coverage import Kind
from interlock.packs.reading.aligned import as_labelled
from interlock.packs.reading.clauses import doers
from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.passages import Form, passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.roles import slug


def read(*lines: str) -> tuple[Asked, ...]:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading.asked


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    """What these lines ask for, below the title of a part."""
    return read("# Mill race", "", "This page says how we open it.", "", f"## {title}", "", *lines)


def table(*rows: str) -> tuple[str, ...]:
    head, *rest = rows
    return (head, "|" + " --- |" * (head.count("|") - 1), *rest)


def roles_of(sentence: str) -> tuple[str, ...]:
    return below("Steps", sentence)[-1].roles


STATED = (
    ("Purpose", "It applies to all gates of the upper race."),
    ("Purpose", "It does not apply to the eel ladder, for which there is a leaflet."),
    ("Scope", "This procedure does not apply to the eel ladder."),
    ("Steps", "GATE is the number of the gate, always two digits."),
    ("Steps", "\u201cFlood\u201d means any level above the red mark."),
    ("Steps", "Hello, dear millers (and whoever else has found this page)."),
    ("Roles", "**Head miller** \u2014 chosen each spring, by lot."),
    ("Roles", "**Lock wardens** \u2014 one for every gate."),
    ("Steps", "**Miller on duty:** @"),
    ("Steps", "**Gate:** ______  **Day:** `________`"),
    ("Steps", "| Gate no.     |      |\n| Water level  |      |"),
    ("Steps", "Applies to: gates, weirs, locks"),
    ("Scope", "All weirs of halls 1 to 4."),
    ("Scope", "Weirs at the office are out of scope."),
    ("Words we use", "- *Dry run* \u2013 an opening without water."),
    ("Definitions", "Label weir: the weir from which labels are hung."),
    ("History", "- v2.3: forgot the book, mended two days later"),
    ("Steps", "Revision E introduced the second weir."),
    ("Steps", "In 2019 a bad gate cracked forty boards overnight."),
    ("Steps", "If you only want to fish, read the leaflet instead."),
    ("Steps", "Last winter (three days, no bread) I sat down with Odile."),
    ("Steps", "Status: in force \u00b7 Last change: 12 March \u00b7 Contact: the mill"),
    ("Steps", "It takes a minute."),
    ("Steps", "We have never had to drain the race."),
    ("Open points", "- Should we paint the gate?"),
    ("Steps", "A full opening takes about 14 minutes."),
    ("Who is who", "- `@weir-team` \u2013 everything with a screen"),
    ("Steps", "| Page | Gates |\n|---|---|\n| Author | R. Okafor |"),
    ("Steps", "| | feed | charts |\n|---|---|---|\n| language | Go | Rust |"),
)
"""Where a line stands, and what it says without asking for anything."""
ASKED = (
    ("Purpose", "It applies to all gates and must hang beside them."),
    ("Scope", "This procedure applies to every gate."),
    ("Steps", "GATE is the number of the gate and must have two digits."),
    ("Steps", "Hi, everybody must read this before the bridge is opened."),
    ("Roles", "**Head miller** \u2014 opens the gate at dawn."),
    ("Roles", "**Head miller** \u2014 on site while the gate is open."),
    ("Roles", "**Head miller** \u2014 check the level at dawn."),
    ("Sign-off", "**Miller on duty:** ______"),
)


@pytest.mark.parametrize(("title", "line"), STATED)
def test_what_only_states_asks_for_nothing(title: str, line: str) -> None:
    assert below(title, *line.split("\n")) == ()


@pytest.mark.parametrize(("title", "line"), ASKED)
def test_what_looks_like_it_and_binds_somebody_is_asked(title: str, line: str) -> None:
    assert below(title, line) != ()


CALENDAR = (
    "| Opening | Dredging | Inspection | Flood test | Open |",
    "| 3.1 | Mon 2.9. | 3.\u20135.9. | Fri 6.9. | Thu 12.9. |",
    "| 3.2 | Mon 7.10. | 8 to 9 Oct | Fri 11.10. | Thu 17.10. |",
    "| \u2014 | *no opening, eel season* | | | |",
)


def test_a_calendar_of_days_asks_for_nothing() -> None:
    assert below("The autumn", *table(*CALENDAR)) == ()


def test_from_when_until_when_nothing_opens_is_asked() -> None:
    rows = ("| What | From | Until |", "| Eel season | 2 Sep | 30 Sep |")
    assert len(below("Steps", *table(*rows))) == 1


def test_a_table_of_what_things_are_asks_for_nothing() -> None:
    rows = (
        "| Gate | Key is with | Turning usually takes |",
        "| North sluice gate | Odile | ten minutes to 2 hours |",
        "| South | Odile, Rasmus | up to a day |",
        "| West | Rasmus | 3 hours |",
    )
    assert below("Steps", *table(*rows)) == ()


def test_a_cell_that_answers_no_command_asks_for_nothing() -> None:
    rows = ("| sluice | key | alone? |", "| north | `k/1` | no, after the south |", "| south | `k/2` | yes |")
    assert below("Steps", *table(*rows)) == ()


def test_a_cell_that_is_a_command_is_asked() -> None:
    rows = ("| level | colour | else |", "| high | red | close the gate |")
    assert len(below("Steps", *table(*rows))) == 1


NUMBERED = (
    "Opening the mill race",
    "=====================",
    "",
    "0.  Conventions",
    "",
    "    GATE  is the number of the gate, e.g. 14",
    "",
    "1.  Upper gate",
    "",
    " a. Grease the hinge of the gate",
    "    (the big one).",
    "",
    " b. Open the gate by hand. Never kick it.",
    "",
    "2.  Lower gate",
    "",
    "    Write the level into the book.",
    "",
)


def titles_of(lines: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(one.headings[-1].text for one in passages(lines) if one.headings))


def test_short_numbered_lines_with_something_deeper_below_are_titles() -> None:
    assert titles_of(NUMBERED)[-3:] == ["Conventions", "Upper gate", "Lower gate"]


def test_lettered_lines_are_items_and_a_bracket_belongs_to_what_stands_before_it() -> None:
    items = [one.text for one in passages(NUMBERED) if one.form is Form.NUMBER]
    assert items == ["Grease the hinge of the gate (the big one).", "Open the gate by hand."]


@pytest.mark.parametrize(
    "line",
    ["1.  Open the upper gate", "1.  The gate that is uppermost of all", "1.  Upper gate: oil", "1.  upper gate"],
)
def test_one_numbered_line_that_is_no_title_makes_items_of_all(line: str) -> None:
    lines = tuple(line if one.startswith("1. ") else one for one in NUMBERED)
    assert "Lower gate" not in titles_of(lines)


def test_numbered_lines_without_a_gap_are_items() -> None:
    lines = ("# Gates", "", "1. Upper gate", "   oil", "2. Lower gate", "   oil", "3. Side gate", "   oil")
    assert titles_of(lines) == ["Gates"]


def test_what_is_annexed_is_a_part_of_its_own() -> None:
    lines = ("# Gates", "", "1.1 Open the gate.", "", "Annex A - Form of the miller", "", "Keep it dry.")
    assert titles_of(lines)[-1] == "Annex A - Form of the miller"


NAMED = {
    "Publishing requires the miller's approval in the book.": ("miller",),
    "Gate keepers see to it that every hinge is oiled.": ("gate-keeper",),
    "Branch shepherds see to it that every hinge is oiled.": ("branch-shepherd",),
    "Finally driver fills the book.": ("driver",),
    "A new hinge also wants a second look by Rasmus.": ("rasmus",),
    "Each owner of an affected gate has said yes.": ("gate-owner",),
    "The owner of the gate has 10 minutes to object.": ("gate-owner",),
    "Customer Success gets the notes out the same day.": ("customer-success",),
    "Compliance, if called in, has two working days.": ("compliance",),
    "Ask Odile (or Rasmus if she is off) for the go.": ("odile",),
    "It takes two gate keepers to open the weir.": ("gate-keeper",),
    "Then it is the turn of the night shift to watch the water.": ("night-shift",),
    "The DBA, accompanied by the application owner, runs the script.": ("dba", "application-owner"),
    "QA has until noon to report what is wrong.": ("qa",),
    "Nobody opens the gate without Rasmus knowing.": ("rasmus",),
    "It falls on the stage manager to call the cue.": ("stage-manager",),
    "Leave the decision with Odile.": ("odile",),
    "Bring the sheet to the foreman for his stamp.": ("foreman",),
    "Monitoring continues while the gate is open.": (),
}


@pytest.mark.parametrize("sentence", NAMED)
def test_somebody_is_named(sentence: str) -> None:
    assert roles_of(sentence) == NAMED[sentence]


def test_whoever_only_gets_something_is_asked_for_nothing() -> None:
    assert roles_of("Customer Success gets the notes.") == ()


def test_a_verb_that_is_left_out_is_that_of_the_clause_before() -> None:
    asked = below("Steps", "Odile opens the gate.", "", "Odile reports to the mill and the inn, Rasmus to the lock.",
                  "", "Rasmus closes the gate.")  # fmt: skip
    assert asked[1].roles == ("odile", "rasmus")


def test_whoever_sees_the_figures_is_asked_for_nothing() -> None:
    assert [one.is_asked for one in doers("The wardens see to the hinges and the miller sees the figures.")] == [
        True,
        False,
    ]


def test_letters_may_be_the_begin_of_a_later_word() -> None:
    asked = below(
        "Steps",
        "BO = Bridge Owner; IM = Gate Implementer; TL = Test Lead.",
        "",
        "IM opens the gate.",
    )
    assert asked[-1].roles == ("gate-implementer",)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("the owner of the gate", "gate-owner"),
        ("owners of each touched gate", "gate-owner"),
        ("head of engineering", "head-of-engineering"),
    ],
)
def test_an_owner_is_called_after_what_they_own(words: str, name: str) -> None:
    assert slug(words) == name


@pytest.mark.parametrize(
    ("text", "time_"),
    [
        ("They leave it open overnight (12 hours at minimum).", "for:12h"),
        ("To mend it there is time 24 hours.", "within:1d"),
        ("It has a new day, at the latest 2 working days from now.", "within:2d"),
        ("We look 30 minutes at the water.", "for:30m"),
        ("After 30 minutes of silence, ring the mill.", "after:30m"),
        ("Do not open it for the 12 hours following a flood.", "for:12h"),
        ("The watch goes on for the following 48 hours.", "for:2d"),
        ("Answer by return, two hours at the outside.", "within:2h"),
        ("Every opening is preceded by a two-day freeze.", "for:2d"),
    ],
)
def test_a_length_of_time_counts_by_what_stands_beside_it(text: str, time_: str) -> None:
    assert [f"{one.relation}:{in_short(one.least)}" for one in deadlines(text)] == [time_]


def test_what_is_asked_back_is_one_with_its_answer() -> None:
    asked = below("Steps", "Nothing heard from the mill after 7 days? Odile writes to their office.")
    assert [one.deadline and in_short(one.deadline.least) for one in asked] == ["7d"]


@pytest.mark.parametrize(
    ("task", "kind"),
    [("Open the gate", Kind.STEP), ("Inform the inn", Kind.NOTIFY), ("Check the hinge", Kind.SIGNOFF)],
)
def test_who_puts_their_letters_where_something_is_done_has_done_it(task: str, kind: Kind) -> None:
    rows = ("| # | Activity | Performed by | Done (time / initials) |", f"| C1 | {task} | Gate Lead | |")
    assert [one.kind for one in below("Implementation", *table(*rows))] == [kind]


def test_a_key_may_say_sixty_minutes_or_an_hour(tmp_path: Path) -> None:
    document = tmp_path / "gates.md"
    document.write_text("Report within the hour. \u27e6timer within:60m\u27e7\n", encoding="utf-8")
    assert annotated(document)[1][1][0].times == ("within:1h",)


DRAWN = (
    "Miller              opens the gate",
    "Lock warden         agrees to the day, and",
    "                    to the hour",
    "REV                 is the revision of the gate",
)


def test_two_columns_that_were_drawn_with_spaces_are_items_with_labels() -> None:
    assert [line[:22] for line in as_labelled(DRAWN)] == [
        "- Miller: opens the ga",
        "- Lock warden: agrees ",
        "                    to",
        "- REV is the revision ",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("Miller              opens the gate",),
        ("Miller              opens the gate", "Lock warden           agrees"),
        ("Record      Kept by      For", "Sheet       Miller       5 years"),
        ("Miller:             ________", "Warden:             ________"),
        ("Miller:             opens", "Warden:             closes"),
        ("- Miller            opens", "- Warden            closes"),
        ("a line without any gap", "and another one"),
    ],
)
def test_what_is_no_pair_of_columns_stays_as_it_is(lines: tuple[str, ...]) -> None:
    assert as_labelled(lines) == lines


def test_whoever_stands_in_such_a_column_is_asked() -> None:
    lines = ("RESPONSIBILITIES", "", *DRAWN[:1], "Hall supervisor     agrees to the date")
    assert [one.roles for one in read("# Gates", "", "## Responsibilities", "", *lines[2:])] == [
        ("miller",),
        ("hall-supervisor",),
    ]


def test_beside_a_share_a_duration_is_how_long_it_stays_so() -> None:
    rows = ("| Stage | Share | Duration |", "| trickle | 10 % | 2 h |", "| half | 50 % | 1 d |")
    found = below("Steps", *table(*rows))
    assert [one.deadline and f"{one.deadline.relation}:{in_short(one.deadline.least)}" for one in found] == [
        "for:2h",
        "for:1d",
    ]
