# SPDX-License-Identifier: Apache-2.0
"""Plain text and its habits: grids, marks of one's own, dots that lead on, what was struck out, badges, notes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.packs.coverage import Kind
from interlock.packs.reading.binding import binds
from interlock.packs.reading.drafting import drafted
from interlock.packs.reading.grids import as_tables
from interlock.packs.reading.marking import as_marked
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.remarks import remarks
from interlock.packs.reading.striking import Struck, without_struck
from interlock.packs.reading.titles import names_rule

PIECES = (
    "", "+---+---+", "+===+===+", "+---+", "| a | b |", "| | goes on |", "| x |", "|", "-> go", "=> stay", "~ row",
    "~ steer", "( ) tick", "Mate ...... ", "Mate ______ date ____", "Soak .... 2 h", "Chapter .... 4", "```", "~~~",
    "~~old~~", "~~old", "new~~", "<s>old</s>", "<del>", "[^1]: Never row alone.", "words",
)  # fmt: skip


def read(*lines: str) -> Reading:
    reading = read_procedure(
        "HARBOUR.txt", "\n".join(("# Harbour", "", "This page says how boats leave.", "", *lines)).encode()
    )
    assert isinstance(reading, Reading)
    return reading


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    return read(f"## {title}", "", *lines).asked


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        (("words",), ("words",)),
        (("+---+", "words"), ("+---+", "words")),
        (("+---+", "+---+"), ("+---+", "+---+")),
        (("+------+", "| stop |", "+------+"), ("", "stop", "")),
        (("+---+---+", "| a | b |", "+---+---+"), ("", "a b", "")),
        (
            ("+---+---+", "| a | b |", "+---+---+", "| c | d |", "| e | f |", "+---+---+"),
            ("", "| a | b |", "| --- | --- |", "| c | d |", "| e | f |", ""),
        ),
        (("+---+---+", "| a | b |", "| c | d |", "+---+---+"), ("| a | b |", "| --- | --- |", "| c | d |", "")),
        (
            ("+---+---+", "| a | b |", "|   | c |", "+===+===+", "| d | e |", "|   | f |", "| g | h |", "+---+---+"),
            ("", "", "| a | b c |", "| --- | --- |", "| d | e f |", "| \N{VERTICAL ELLIPSIS} |", "| g | h |", ""),
        ),
        (
            ("+---+---+", "| a | b |", "+---+---+", "| c | d |", "| e |   |", "+---+---+", "| f | g |", "+---+---+"),
            ("", "| a | b |", "| --- | --- |", "| c e | d |", "| \N{VERTICAL ELLIPSIS} |", "|  |", "| f | g |", ""),
        ),
    ],
)
def test_a_drawn_table_becomes_one_of_markdown(lines: tuple[str, ...], made: tuple[str, ...]) -> None:
    assert as_tables(lines) == made


def test_each_row_of_a_grid_is_read_by_itself() -> None:
    asked = below(
        "Steps",
        "+--------+--------------+------------------+",
        "| Step   | Who          | By when          |",
        "+--------+--------------+------------------+",
        "| Rig    | Head rigger  | within 2 hours   |",
        "|        |              | of the bell      |",
        "| Paint  | Deck lead    | within 3 days    |",
        "+--------+--------------+------------------+",
    )
    assert [(one.line, one.lines, one.roles) for one in asked] == [
        (10, (10, 11), ("head-rigger",)),
        (12, (12,), ("deck-lead",)),
    ]


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        (("  -> row", "  -> steer"), ("  - row", "  - steer")),
        (("=> row",), ("- row",)),
        (("~ row", "~ steer"), ("- row", "- steer")),
        (("~ row",), ("~ row",)),
        (("( ) moor",), ("- [ ] moor",)),
        (("```", "-> row", "```", "-> row"), ("```", "-> row", "```", "- row")),
        (("Mate ........ date ......",), ("- Mate: ______ date",)),
        (("Mate \N{HORIZONTAL ELLIPSIS}\N{HORIZONTAL ELLIPSIS}",), ("- Mate: ______",)),
        (("Mate ____________",), ("- Mate: ______",)),
        (("2. Soak ....... 48 hours",), ("2. Soak: 48 hours",)),
        (("Mooring ........ 12",), ("Mooring ........ 12",)),
        (("§ ........",), ("§ ........",)),
    ],
)
def test_a_mark_of_ones_own_begins_an_item(lines: tuple[str, ...], made: tuple[str, ...]) -> None:
    assert as_marked(lines) == made


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_no_line_is_added_or_lost(lines: list[str]) -> None:
    given_lines = tuple(lines)
    assert len(as_tables(given_lines)) == len(as_marked(given_lines)) == len(lines)
    assert len(without_struck(given_lines)[0]) == max(len(lines), 1 if lines else 0)


def test_a_prohibition_is_read_apart_from_the_line_above_it() -> None:
    asked = below("Steps", "  -> wait 15 min at the lock", "  -> Under no circumstances cut the rope.")
    assert [(one.kind, one.prohibits) for one in asked] == [(Kind.HOLD, False), (Kind.RULE, True)]


def test_a_prohibition_begins_anew_where_no_sentence_has_ended() -> None:
    asked = below(
        "Steps", "Stop at the second buoy and keep the lamp of the mast in sight at all times", "  Never anchor there."
    )
    assert [one.prohibits for one in asked] == [False, True]


def test_a_prohibition_goes_on_with_what_leads_it_in() -> None:
    asked = below("Steps", "Tell everybody on board of the boat and of the other boat that", "Nobody may stand up.")
    assert len(asked) == 1


def test_shares_that_dots_lead_on_are_one_line() -> None:
    asked = below("Steps", "- 1% .. 10% .. 100%, wait 15 min between steps")
    assert [one.kind for one in asked] == [Kind.HOLD]


@pytest.mark.parametrize(
    ("lines", "left", "struck"),
    [
        (("no fax",), ("no fax",), ()),
        (("~~fax~~ row",), (" row",), (Struck(1, "fax"),)),
        (("a ~~fax", "and dance~~ b"), ("a ", " b"), (Struck(1, "fax"), Struck(2, "and dance"))),
        (("~~fax", "", "dance~~"), ("~~fax", "", "dance~~"), ()),
        (("<del>fax</del> row",), (" row",), (Struck(1, "fax"),)),
        (("```", "~~fax~~", "```", "~~row~~"), ("```", "~~fax~~", "```", ""), (Struck(4, "row"),)),
        (("~~~", "fax", "~~~"), ("~~~", "fax", "~~~"), ()),
    ],
)
def test_what_is_struck_out_is_taken_away_and_told(
    lines: tuple[str, ...], left: tuple[str, ...], struck: tuple[Struck, ...]
) -> None:
    assert without_struck(lines) == (left, struck)


def test_what_is_struck_out_is_no_statement_and_is_noted_in_the_draft() -> None:
    reading = read("## Before", "", "- [ ] ~~You must fax the crew list~~", "- [ ] Ropes counted")
    assert [one.text for one in reading.asked if one.line > 3] == ["Ropes counted"]
    assert (reading.unmapped, [one.line for one in reading.withdrawn]) == ((), [7])
    assert "HARBOUR.txt:7 “You must fax the crew list”" in dict(drafted("boats", [reading]).files)["reading.yaml"]


@pytest.mark.parametrize(
    "line",
    [
        "[![tide](https://t.example/b.svg)](https://t.example)",
        "![deploy](b.svg) [![release][b]][c]",
        "[b]: https://t.example/b.svg",
        '[c]: ./deploy.md "Deploy the boat"',
    ],
)
def test_badges_and_where_links_lead_ask_for_nothing(line: str) -> None:
    reading = read("## Deployment", "", line, "", "- Cast off")
    assert ([one.text for one in reading.asked if one.line > 3], reading.unmapped) == (["Cast off"], ())


def test_a_footnote_that_binds_is_a_statement() -> None:
    asked = below("Steps", "- Row to the buoy[^far]", "", "[^far]: The mate must hold the lamp")
    assert [one.text for one in asked] == ["Row to the buoy", "The mate must hold the lamp"]


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ("# you must moor first", [(0, "you must moor first")]),
        ("./row\n./row --far  # never row by night", [(1, "never row by night")]),
        ("// the mate has to be told", [(0, "the mate has to be told")]),
        ("# must be moored", []),
        ("# never with the small boat", []),
        ("# moor it", []),
        ("./row '# never row alone", []),
    ],
)
def test_a_whole_sentence_beside_commands_is_a_statement(commands: str, said: list[tuple[int, str]]) -> None:
    assert list(remarks(commands)) == said


def test_a_remark_between_commands_is_asked_with_its_line() -> None:
    asked = below("Steps", "- Row", "", "  ```sh", "  # you must take the lamp", "  ./row", "  ```")
    assert [(one.line, one.text) for one in asked] == [(7, "Row"), (10, "you must take the lamp")]


@pytest.mark.parametrize("text", ["it must", "You may not", "we don't row", "Row. Do not steer", "(never)"])
def test_words_that_bind_are_known(text: str) -> None:
    assert binds(text)


@pytest.mark.parametrize("text", ["it does not matter", "nobody was there", "what they do not have", "Row"])
def test_words_that_only_tell_are_known(text: str) -> None:
    assert not binds(text)


@pytest.mark.parametrize(
    ("title", "is_rule"),
    [
        ("Boats must be moored", True),
        ("Never row alone", True),
        ("What must be moored", False),
        ("Never", False),
        ("Moorings (must be free)", False),
    ],
)
def test_a_title_is_a_rule_where_it_is_a_sentence(title: str, *, is_rule: bool) -> None:
    assert names_rule(title) == is_rule


def test_a_letter_that_makes_no_name_is_read() -> None:
    assert [one.text for one in read("\N{LATIN CAPITAL LETTER A WITH STROKE}", "", "- Cast off").asked][
        -1
    ] == "Cast off"
