# SPDX-License-Identifier: Apache-2.0
"""What was learned from signature tables, unusual columns, first names and asides, in sentences that stand in none."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.firstnames import first_names
from interlock.packs.reading.handles import handles_of
from interlock.packs.reading.initials import initials_of
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.passages import passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.roles import people_in


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def asked(*lines: str) -> tuple[Asked, ...]:
    """What these lines ask for, below the title of a part."""
    return read("# Lock gates", "", "This page says how we change them.", "", "## Steps", "", *lines).asked


def one(*lines: str) -> Asked:
    return asked(*lines)[-1]


def table(*rows: str) -> tuple[str, ...]:
    head, *rest = rows
    return (head, "|" + " --- |" * (head.count("|") - 1), *rest)


def in_time(found: Asked) -> str:
    return f"{found.deadline.relation}:{in_short(found.deadline.least)}" if found.deadline else ""


@pytest.mark.parametrize(
    ("rows", "roles"),
    [
        (("| Task | Hands |", "| Grease the hinge | Quay crew |", "| Paint it | Quay crew + pilot desk |"),
         (("quay-crew",), ("quay-crew", "pilot-desk"))),
        (("| Task | Flown by |", "| Bench run | Workshop |", "| First row | Test pilot |"),
         (("workshop",), ("test-pilot",))),
        (("| Task | From |", "| Report of the run | Bench lead |", "| Key moved | Stores |"),
         (("bench-lead",), ("stores",))),
        (("| Task | Who make |", "| Board is opened | @mila-k |", "| Numbers in the wiki | @tor_qa |"),
         (("mila-k",), ("tor-qa",))),
        (("| Task | Crew |", "| Grease the hinge | Lockkeeper |", "| Paint the gate | none |", "| Oil | Diver |"),
         (("lockkeeper",), (), ("diver",))),
        (("| Task | Mate |", "| Grease the hinge | plant IT |", "| Paint the gate | head keeper |"),
         (("plant-it",), ("head-keeper",))),
        (("| Task | Tool |", "| Grease the hinge | Red can |", "| Paint the gate | Big brush |"), ((), ())),
    ],
)  # fmt: skip
def test_a_column_of_people_is_told_by_its_cells(rows: tuple[str, ...], roles: tuple[tuple[str, ...], ...]) -> None:
    assert tuple(found.roles for found in asked(*table(*rows))) == roles


@pytest.mark.parametrize(
    ("rows", "asks"),
    [
        (("| Who | What it says | Date | Initials |", "| Curator | No fish is pale | | |", "| Diver | Gate shut | | |"),
         (("signoff", ("curator",)), ("signoff", ("diver",)))),
        (("| Function | Meaning of the signature | Name |", "| Bench lead | May be placed on the market | |"),
         (("signoff", ("bench-lead",)),)),
        (("| Voice | Question | Yes | No |", "| Lock room | Is it dry? | ☐ | ☐ |", "| Head diver | Shut? | ☐ | ☐ |"),
         (("signoff", ("lock-room",)), ("signoff", ("head-diver",)))),
        (("| Version | Date | Author | Signature |", "| 3 | May | Anna Berg | |"), ()),
    ],
)  # fmt: skip
def test_whoever_signs_a_table_is_asked_to(
    rows: tuple[str, ...], asks: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    assert tuple((found.kind.value, found.roles) for found in asked(*table(*rows))) == asks


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("Head rigger: ____________ Date: ______", ("head-rigger",)),
        ("House insurance: ____________ Date: ______ (flown gates only)", ("house-insurance",)),
    ],
)
def test_whoever_signs_on_a_line_is_asked_to(line: str, roles: tuple[str, ...]) -> None:
    found = read("# Lock gates", "", "## Authorisation", "", line, "", "## Rollback", "", "Shut it.").asked[0]
    assert (found.kind.value, found.roles) == ("signoff", roles)


def test_a_field_of_a_form_is_nobody_who_signs() -> None:
    assert asked("Depot: ____________ Date: ______") == ()


@pytest.mark.parametrize(
    ("rows", "asks"),
    [
        (("| Input | Responsible |", "| List of known faults | Bench lead |"), 1),
        (("| Train | Day | Driver |", "| 41 | 9 Jan | Ilse |"), 0),
        (("| Service | Owner |", "| Billing of berths | Quay squad |"), 0),
    ],
)
def test_what_somebody_has_to_see_to_is_asked_for(rows: tuple[str, ...], asks: int) -> None:
    found = read("# Lock gates", "", "## Inputs", "", *table(*rows)).asked
    assert len(found) == asks


@pytest.mark.parametrize(
    ("head", "cell", "time"),
    [
        ("Until", "3 days", "within:3d"),
        ("By when", "2 days before", "before:2d"),
        ("Latest", "the day before", "before:1d"),
        ("Pause afterwards", "24 h", "for:1d"),
        ("How long", "1 week", "for:7d"),
        ("Until", "same evening", "within:1d"),
        ("Until", "24 h", "for:1d"),
    ],
)
def test_a_time_counts_by_its_column(head: str, cell: str, time: str) -> None:
    task = "Watch the gauge" if time == "for:1d" and head == "Until" else "Write the note"
    found = asked(*table(f"| Task | Who | {head} |", f"| {task} | Diver | {cell} |"))
    assert in_time(found[0]) == time


def test_the_day_of_a_row_goes_before_how_long_it_takes() -> None:
    rows = table("| When | What | Who | Time box |", "| T-14 | Gate freeze | Diver | 1 day |")
    assert in_time(asked(*rows)[0]) == "before:14d"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("The lock rests for fourteen days.", "for:14d"),
        ("Wait twenty-five minutes.", "for:25m"),
        ("The gauge is read within ninety-nine hours.", "within:99h"),
        ("It runs dry for seven days before the fair.", "for:7d"),
        ("We meet in five days and write it up.", "within:5d"),
        ("A pause of two days follows.", "for:2d"),
        ("Then a two-day pause.", "for:2d"),
        ("The sheet is filed by close of play.", "within:1d"),
        ("The sheet is filed by the end of the shift.", "within:1d"),
        ("Tell the quay no later than the next day.", "within:1d"),
        ("Tell the quay, at the latest the next morning.", "within:1d"),
        ("It is sent on the following working day at the latest.", "within:1d"),
        ("Twenty minutes without an answer: ring the quay.", "after:20m"),
        ("Once a day the log is copied.", "every:1d"),
    ],
)
def test_a_time_is_read_as_prose_names_it(text: str, time: str) -> None:
    found = deadlines(text)
    assert [f"{one.relation}:{in_short(one.least)}" for one in found] == [time]


@pytest.mark.parametrize(
    "text", ["Ten barges in two hours.", "More than 20 errors in one minute.", "Two calls in a day"]
)
def test_so_much_in_a_time_is_no_deadline(text: str) -> None:
    assert deadlines(text) == ()


def test_how_often_goes_before_for_how_long() -> None:
    found = one("The diver reads the gauge every four hours during the first two days.")
    assert in_time(found) == "every:4h"


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("We are three: Ines, Kwame and Tui.",), {"Ines", "Kwame", "Tui"}),
        (("The two of us (Ines, Tui) sail.",), {"Ines", "Tui"}),
        (("Mara isolates the pump.", "Work with Mara."), {"Mara"}),
        (("Tomek uploads it; he has the key.", "Ines has drawn the line."), {"Tomek", "Ines"}),
        (("Mara isolates the pump.",), set()),
        (("Kestrel copies the file; he likes it.", "Push it to the Kestrel."), set()),
        (("Jenkins copies the file; he likes it.",), set()),
        (("Mara isolates the pump; she said so.", "Every mara is fed."), set()),
        (("Mara is here; she waits.",), set()),
        (("Mara has a key; she keeps it.",), {"Mara"}),
        (("Mara has keys; she keeps them.",), set()),
    ],
)
def test_a_first_name_is_told_by_where_it_stands(lines: tuple[str, ...], names: set[str]) -> None:
    assert {who for who, worth in first_names(passages(lines)) if worth > 1} == names


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("Leave the sluice to the bosun.", ("bosun",)),
        ("No opening without the bosun.", ("bosun",)),
        ("The final word is the bosun's.", ("bosun",)),
        ("Then it's the bosun's turn.", ("bosun",)),
        ("Responsible for the sluice is the bosun.", ("bosun",)),
        ("Under the eyes of the bosun the sluice is opened.", ("bosun",)),
        ("In the presence of the falconer it is opened.", ("falconer",)),
        ("That is for the falconer to do.", ("falconer",)),
        ("Should she be away, it is the falconer.", ("falconer",)),
        ("The sluice is opened once, electrician present.", ("electrician",)),
        ("With the bosun watching, open the sluice.", ("bosun",)),
        ("The sheet carries the bosun's initials.", ("bosun",)),
        ("The falconer needs to look at the wing.", ("falconer",)),
        ("In the reeve's absence the deputy shall decide.", ("deputy",)),
        ("Chick rearing stops the feeding if a chick is weak.", ("chick-rearing",)),
        ("Chick rearing confirms the weight.", ("chick-rearing",)),
        ("Load testing confirms the weight.", ()),
        ("Harbour IT restarts the pump.", ("harbour-it",)),
        ("Closed by: Head diver, not earlier than two days after it.", ("head-diver",)),
        ("Review with the club: head diver, within ten days", ("head-diver",)),
        ("Curves are compared (dike planner, by 10:00)", ("dike-planner",)),
        ("The gate stays shut until quality has initialled the sheet.", ("quality",)),
    ],
)
def test_whoever_is_asked_is_found_by_their_place(line: str, roles: tuple[str, ...]) -> None:
    assert one(line).roles == roles


@pytest.mark.parametrize(
    ("title", "roles"),
    [
        ("The day before (dike planner)", ("dike-planner",)),
        ("The day before (charging team)", ("charging-team",)),
        ("Hotfix (EMERGENCY)", ()),
        ("Hotfix (Rare)", ()),
    ],
)
def test_the_brackets_of_a_title_name_people_only(title: str, roles: tuple[str, ...]) -> None:
    assert read("# Lock gates", "", f"## {title}", "", "- [ ] gauge read").asked[0].roles == roles


def test_somebody_who_has_done_it_is_asked() -> None:
    lines = ("- Ines has run the long list on her own box.", "- Ines reads the gauge; she has the key.")
    assert [found.roles for found in asked(*lines)] == [("ines",), ("ines",)]


@pytest.mark.parametrize(
    "line",
    [
        '"Release package" means the image and its list.',
        "It does not cover the visitor displays.",
        "This policy does not extend to the office.",
        "A change is either routine or curatorial.",
        "A hotfix is a change that cannot wait.",
        "Last winter we had three of those.",
        "I know this sounds like a lot.",
        "PS: The old maps are in the cellar.",
        "This policy replaces the circular of 2016.",
    ],
)
def test_what_only_explains_asks_for_nothing(line: str) -> None:
    assert asked("1. Shut the gate.", "", line, "", "Open the gate.")[-2].text == "Shut the gate."


def test_a_word_needs_no_quotes_where_words_are_defined() -> None:
    assert read("# Lock gates", "", "## Definitions", "", "1. Curator means the person named in the rota.").asked == ()


@pytest.mark.parametrize("line", ["PS: Don't forget the keys.", "Whoever dives did not write the code."])
def test_what_asks_in_an_aside_is_asked(line: str) -> None:
    assert one(f"- {line}").text == line


def test_a_part_of_a_form_is_no_step() -> None:
    lines = ("1. Review", "   1.1 The diver reads the gauge.", "", "2. Approval", "   Head diver: the gate is dry", "")
    assert "Approval" not in [found.text for found in read("LOCK FORM", "", *lines).asked]


def test_several_boxes_on_a_line_are_of_several_people() -> None:
    assert one("- [ ] Line engineer   [ ] Quality   [ ] Shift manager").roles == (
        "line-engineer",
        "quality",
        "shift-manager",
    )


def test_a_handle_is_a_name_of_its_own() -> None:
    assert handles_of(passages(("ask @shop-partners or @desk/release-managers",))) == {
        "shop-partners",
        "release-manager",
    }


def test_what_letters_stand_for_does_not_hold_them() -> None:
    assert initials_of(passages(("Who: RL = ripening lead, IT = plant IT, QO = quality officer",))) == {
        "RL": "ripening lead",
        "QO": "quality officer",
    }


def test_a_legend_owns_nothing() -> None:
    found = read("# X", "", "Who: RL = ripening lead, QO = quality officer", "", "## Steps", "", "- [ ] gauge read")
    assert found.asked[-1].roles == ()


@pytest.mark.parametrize(("text", "found"), [("Plant IT", True), ("Call IT", False), ("SHUT IT", False)])
def test_whose_it_is_belongs_to_the_name(text: str, found: bool) -> None:  # noqa: FBT001 - a value of a table
    assert ((0, len(text)) in people_in(text)) is found
