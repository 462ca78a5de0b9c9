# SPDX-License-Identifier: Apache-2.0
"""What was learned of whom a line names: by place, office, title, field, crosses and brackets, in other trades."""

from itertools import product

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Asked, Reading, read_procedure


def read(*lines: str) -> tuple[Asked, ...]:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading.asked


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    """What these lines ask for, below the title of a part."""
    return read("# Bell foundry", "", "This page says how we cast.", "", f"## {title}", "", *lines)


def roles_of(*lines: str) -> tuple[str, ...]:
    return below("Steps", *lines)[-1].roles


WHERE = ("in the tower", "at the north kiln", "on the upper floor", "outside the foundry", "in Lyon")
POSTS = ("shift supervisor", "duty manager", "charge engineer", "furnace inspector")
DOES = ("may stop the pour", "has to ring the bell", "must open the gate", "declares the day closed")


@pytest.mark.parametrize(("post", "where", "does"), tuple(product(POSTS, WHERE, DOES)))
def test_whoever_is_somewhere_does_what_the_verb_behind_it_says(post: str, where: str, does: str) -> None:
    assert roles_of(f"- The {post} {where} {does}.") == (post.replace(" ", "-"),)


OFFICES = (
    ("head of Bell Tuning", "head-of-bell-tuning"),
    ("director for Castings", "director-for-castings"),
    ("Board Member for Bronze", "board-member-for-bronze"),
    ("vice president for Copper", "vice-president-for-copper"),
    ("head of section 4", "head-of-section-4"),
)
ASKED_OF = (
    "- The pour is approved by the {}.",
    "- Every pour requires the consent of the {}.",
    "- The {} signs the mould.",
    "- The pour is approved by the founder and the {} together.",
)


@pytest.mark.parametrize(("office", "sentence"), tuple(product(OFFICES, ASKED_OF)))
def test_what_somebody_is_at_the_head_of_belongs_to_the_name(office: tuple[str, str], sentence: str) -> None:
    name, role = office
    assert roles_of(sentence.format(name))[-1] == role


NAMED = (
    ("- The second founder compares the weights.", ("second-founder",)),
    ("- The first founder pours. The second person initials the log.", ("second-person",)),
    ("- A second founder compares the weights.", ("founder",)),
    ("- Get Odile's OK for the drawing.", ("odile",)),
    ("- Two bell ringers then try it for a week.", ("bell-ringer",)),
    ("- It is closed with a seal, which only inspectors in the tower can set.", ("inspector",)),
    ("- The sand tables shall be signed by the Master Founder.", ("master-founder",)),
    ("- Mould drawings are prepared by the drawing office, not by apprentices.", ("drawing-office",)),
    ("- The pour is started by the furnace operator, not by the buyer manager.", ("furnace-operator",)),
    ("- Support tickets are closed by the tower warden.", ("tower-warden",)),
    ("- Flaws found by the inspector are mended by the founder.", ("founder",)),
    ("- Apprentice managers have no key to the kiln.", ()),
    (
        "- The safety officer and the mill's furnace operator are on site from 6:00.",
        ("safety-officer", "furnace-operator"),
    ),
    (
        "- The safety officer and the shift supervisor are both present during the pour.",
        ("safety-officer", "shift-supervisor"),
    ),
    ("- Bronze Risk and Tower Safety each have the right to object.", ("bronze-risk", "tower-safety")),
    ("- During the pour the safety officer must be in the hall.", ("safety-officer",)),
    ("- Only pour with Ragnhild on site.", ("ragnhild",)),
    ("- Sorting the scrap is the furnace operator's responsibility.", ("furnace-operator",)),
    ("- Pour after the tower warden's personal okay.", ("tower-warden",)),
    ("- Ask Ragnhild before the furnace is opened.", ("ragnhild",)),
    ("- Weigh the tin - shift supervisor only", ("shift-supervisor",)),
    ("- Weight written in the book (night assistant)", ("night-assistant",)),
    ("- Parish council informed \u2013 shift supervisor", ("shift-supervisor",)),
    ("- Load test of the crane \u2013 contractor, report to the office", ("contractor",)),
    ("- Shift supervisor \u2192 gives the word", ("shift-supervisor",)),
    ("- Shift supervisor (two of them) -> lift the bell", ("shift-supervisor",)),
    ("- Core team lead rings the bell.", ("core-team-lead",)),
    ("- The pour has been signed by two members of Bronze Safety.", ("bronze-safety",)),
    ("- Tin list: furnace master, Tower Services, quality", ()),
    (
        "- Sign-off sheet: safety officer, Tower Services, quality (only in May)",
        ("safety-officer", "tower-services", "quality"),
    ),
    ("- Before it is poured these must have signed: safety officer, Bell Tuning", ("safety-officer", "bell-tuning")),
    ("- Who: shadow", ("shadow",)),
)


@pytest.mark.parametrize(("line", "roles"), NAMED)
def test_somebody_is_named_by_how_the_line_is_made(line: str, roles: tuple[str, ...]) -> None:
    assert roles_of(line) == roles


TITLES = (
    ("A. To be completed by the applicant", "applicant"),
    ("Part 2: filled in by the bell ringer", "bell-ringer"),
    ("3 Carried out by the founder", "founder"),
)


@pytest.mark.parametrize(("title", "role"), TITLES)
def test_a_title_says_by_whom_it_is_to_be_done(title: str, role: str) -> None:
    assert below(title, "- [ ] Weigh the tin")[-1].roles == (role,)


def test_a_field_that_asks_who_names_somebody_whatever_they_are_called() -> None:
    assert below("Pour", "Who: backup", "", "- [ ] Weigh the tin")[-1].roles == ("backup",)


def test_a_field_that_says_everybody_names_nobody() -> None:
    assert below("Pour", "Who: everyone", "", "- [ ] Weigh the tin")[-1].roles == ()


def test_a_place_for_a_handle_makes_somebody_of_its_label() -> None:
    lines = ("Backup: @", "", "- [ ] Backup weighs the tin")
    assert below("Pour", *lines)[-1].roles == ("backup",)


def crossed(first: str, second: str) -> tuple[str, ...]:
    rows = (
        "| Nr | Task | Electrician | Founder |",
        "|---|---|---|---|",
        f"| 1 | Stop the crane | {first} | {second} |",
    )
    return below("Pour", *rows)[-1].roles


def test_whose_column_has_a_cross_does_it() -> None:
    assert crossed("x", "") == ("electrician",)


def test_a_cross_below_something_is_of_nobody() -> None:
    rows = ("| Nr | Task | Server | Weekday |", "|---|---|---|---|", "| 1 | Stop the crane | x | |")
    assert below("Pour", *rows)[-1].roles == ()


def test_a_column_without_a_title_names_nobody() -> None:
    rows = ("| Nr | Task | | Weekday |", "|---|---|---|---|", "| 1 | Stop the crane | x | |")
    assert below("Pour", *rows)[-1].roles == ()


SIBLINGS = (
    "## Reviewer",
    "",
    "- [ ] Weigh the tin",
    "",
    "## Release manager",
    "",
    "- [ ] Pour",
    "",
    "## Design",
    "",
    "- [ ] Draw",
)


def test_a_department_among_titles_of_people_is_one_of_them() -> None:
    assert read("# Bells", "", *SIBLINGS)[-1].roles == ("design",)


def test_names_in_brackets_of_several_titles_are_of_people() -> None:
    lines = ("## Tin (Larissa)", "", "- [ ] Weigh it", "", "## Copper (Deniz)", "", "- [ ] Melt it")
    assert read("# Bells", "", *lines)[-1].roles == ("deniz",)


HOLDERS = (
    "| Role | Name | Phone |",
    "|---|---|---|",
    "| Founder | Daniela Fuchs | 11 |",
    "| Ringer | Aylin (tower) | 12 |",
)


def test_whoever_holds_an_office_in_a_table_is_known_by_the_first_name() -> None:
    assert below("Pour", *HOLDERS, "", "1. Aylin makes three test strokes.")[-1].roles == ("aylin",)


def test_whoever_holds_an_office_behind_a_label_is_known_by_the_first_name() -> None:
    lines = ("- Release manager: Daniela Fuchs (11)", "- Mould ready - Daniela")
    assert below("Pour", *lines)[-1].roles == ("daniela",)


BRACKETS = (
    ("1. **Verify** (Sebastian + one other committer): weigh it twice.", ("sebastian", "committer")),
    ("2. **Pour** (Sebastian or Yui).", ("sebastian", "yui")),
    ("3. **Ring** (Yui): strike it once.", ("yui",)),
)


@pytest.mark.parametrize(("line", "roles"), BRACKETS)
def test_names_in_brackets_again_and_again_are_of_people(line: str, roles: tuple[str, ...]) -> None:
    asked = below("Pour", "1. Weigh (Sebastian)", "2. Melt (Yui)", "3. Cool (Sebastian)", "4. Yui signs it.", "", line)
    assert asked[-1].roles == roles


def test_whoever_is_joined_to_a_handle_is_somebody() -> None:
    assert roles_of("- [ ] Tones looked at by Jolien or @sef") == ("jolien", "sef")


def test_whoever_is_named_in_brackets_for_the_other_is_asked_too() -> None:
    lines = ("Iris holds the key, so she opens the furnace.", "", "Iris (or Jonas when she is away) closes it.")
    assert below("Pour", *lines)[-1].roles == ("iris", "jonas")


def test_what_was_left_out_of_the_second_clause_is_of_the_second_handle() -> None:
    assert roles_of("Afterwards @sandro polishes the bell and @bente the clapper.") == ("sandro", "bente")


def test_whoever_stands_on_shift_is_the_one_of_whom_the_page_speaks() -> None:
    lines = (
        "| Who | Does |",
        "|---|---|",
        "| Ringer on shift | plays it |",
        "",
        "During the pour a ringer has to be in the hall.",
    )
    assert below("Pour", *lines)[-1].roles == ("ringer",)


def test_a_name_below_a_letter_asks_for_nothing() -> None:
    lines = ("Anneke weighs the tin and Ruben signs it. Ask Anneke or Ruben.", "", "Anneke")
    assert [one.text for one in below("Pour", *lines)][-1] != "Anneke"


def test_an_owner_above_a_list_introduces_nobody() -> None:
    lines = ("Owner of this page: Bell Tuning", "", "- Trial pour: the founder weighs it")
    assert below("Pour", *lines)[-1].roles == ("founder",)


def test_a_condition_before_a_colon_is_nobody() -> None:
    assert below("Casting (we are four people)", "- if a mould fails: the shift supervisor melts it")[-1].roles == (
        "shift-supervisor",
    )


QUALITIES = (
    "- New moulds wait until the founder has looked at them.",
    "- Deprecated features that nobody needs are removed.",
)


@pytest.mark.parametrize("line", QUALITIES)
def test_what_things_are_like_is_nobody(line: str) -> None:
    assert not {"new", "deprecated"} & {*roles_of(line)}


LENGTHS = (
    ("wait about ten minutes, then pour", "for:10m"),
    ("wait for both furnaces (~40 min, longer when it is wet)", "for:40m"),
    ("there is a pouring freeze of four weeks", "for:28d"),
    ("the key expires after four hours", "after:4h"),
    ("must be ordered five days prior", "before:5d"),
    ("melt it again; allow 40 minutes", "for:40m"),
)


@pytest.mark.parametrize(("text", "time_"), LENGTHS)
def test_how_long_is_read_in_more_ways(text: str, time_: str) -> None:
    assert [f"{one.relation}:{in_short(one.least)}" for one in deadlines(text)] == [time_]


def test_what_is_kept_until_it_expires_is_no_deadline() -> None:
    assert deadlines("the certificate expires in four hours") == ()
