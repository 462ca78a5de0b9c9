# SPDX-License-Identifier: Apache-2.0
"""Nothing is called enforced that no element enforces: words withheld, halves of sentences, cells, titles, nobody."""

import pytest

from interlock.packs.coverage import Carried, Kind, carried, load_requirements
from interlock.packs.problem import Problems
from interlock.packs.reading.drafting import Drafted, drafted
from interlock.packs.reading.notes import NOTHING_DROPPED
from interlock.packs.reading.objects import check_above
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.titles import limits_way
from interlock.packs.reading.tracing import State, traced


def reading_of(*lines: str) -> Reading:
    reading = read_procedure("HARBOUR.md", "\n".join(("# Harbour", "", *lines)).encode())
    assert isinstance(reading, Reading)
    return reading


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    return reading_of(f"## {title}", "", *lines).asked


def drawn_up(*lines: str) -> Drafted:
    return drafted("harbour", [reading_of(*lines)])


def states(*lines: str) -> dict[str, State]:
    """What became of each statement in a draft of these lines."""
    reading = reading_of(*lines)
    files = {name: text.encode() for name, text in drafted("harbour", [reading]).files}
    statements = load_requirements("requirements.yaml", files["requirements.yaml"])
    assert not isinstance(statements, Problems)
    pack = carried("pack.yaml", files["pack.yaml"], statements)
    assert isinstance(pack, Carried)
    return {one.text: one.state for one in traced(reading, pack, NOTHING_DROPPED).traces}


@pytest.mark.parametrize(
    ("line", "kind", "roles"),
    [
        ("- Do not deploy without sign-off from the harbour lead", Kind.SIGNOFF, ("harbour-lead",)),
        ("- Never ship the boat without Rigging sign-off.", Kind.SIGNOFF, ("rigging",)),
        ("- Nothing may be released without the written approval of the dock owner", Kind.APPROVAL, ("dock-owner",)),
        ("- No launch without a written OK", Kind.APPROVAL, ()),
    ],
)
def test_what_may_not_go_out_without_a_word_waits_for_it(line: str, kind: Kind, roles: tuple[str, ...]) -> None:
    (one,) = below("Before", line)
    assert (one.kind, one.roles, one.prohibits) == (kind, roles, True)


def test_a_word_that_a_prohibition_waits_for_is_given_before_production() -> None:
    (one,) = drawn_up("## Before", "", "- Do not deploy without sign-off from the harbour lead").layout.people
    assert (one.kind, one.roles) == (Kind.SIGNOFF, ("harbour-lead",))


@pytest.mark.parametrize(
    "line",
    [
        "- Never move a rope without the approval of the mate",
        "- Deploy without sign-off of the mate",
        "- Do not deploy without a lamp",
    ],
)
def test_what_lets_nothing_out_or_forbids_nothing_waits_for_no_word(line: str) -> None:
    assert not [one for one in below("Before", line) if one.prohibits and one.kind is not Kind.RULE]


@pytest.mark.parametrize("line", ["- Do not deploy on Sundays in fog", "- Under no circumstances cut the rope"])
def test_what_forbids_is_a_rule(line: str) -> None:
    (one,) = below("Steps", line)
    assert (one.kind, one.prohibits) == (Kind.RULE, True)


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Nobody but the harbour pilot moves at night.", "harbour-pilot"),
        ("No one except the lock keeper opens to strangers.", "lock-keeper"),
        ("Nobody but the rigging lead may climb.", "rigging-lead"),
    ],
)
def test_what_somebody_alone_does_is_no_part_of_their_name(line: str, role: str) -> None:
    (one,) = below("Steps", line)
    assert one.roles == (role,)


def test_halves_that_each_bind_are_two_statements() -> None:
    told = states(
        "## Before", "", "- It is mandatory that cargo is not touched; the dock leads must be informed 2 days before"
    )
    assert told["It is mandatory that cargo is not touched"] is State.UNMAPPED
    assert told["the dock leads must be informed 2 days before"] is State.ENFORCED


@pytest.mark.parametrize(
    "line",
    [
        "- Ring the bell; the mate must hear it",
        "- The mate must ring (twice; the pilot must hear it)",
    ],
)
def test_a_half_that_does_not_bind_by_itself_stays_with_the_other(line: str) -> None:
    assert len(below("Steps", line)) == 1


def test_whom_notice_reaches_is_not_asked() -> None:
    assert below("Steps", "Skippers must receive notice two days in advance.")[0].roles == ()


def test_an_order_names_the_first_sentence_of_each_of_its_steps() -> None:
    steps = ("1. Cast off. Never cast off at night.", "2. Row out.", "3. Set the sail.")
    (order,) = [one for one in below("Deployment steps", *steps) if one.text.startswith("In this order:")]
    assert "Cast off.;" in order.text


@pytest.mark.parametrize(("title", "check"), [("release record", ""), ("security scan", "security-scan")])
def test_a_title_of_paper_names_no_check(title: str, check: str) -> None:
    assert check_above(title) == check


TABLE = ("## Steps", "", "| Step | Who | Notes |", "|---|---|---|")


@pytest.mark.parametrize(
    ("row", "kind", "roles", "text"),
    [
        (
            "| Hoist | Rigging Lead | needs approval from the Harbour Owner |",
            Kind.APPROVAL,
            ("harbour-owner",),
            "Hoist: needs approval from the Harbour Owner",
        ),
        (
            "| Hoist | Rigging Lead | only after sign-off by the Dock Manager |",
            Kind.SIGNOFF,
            ("dock-manager",),
            "Hoist: only after sign-off by the Dock Manager",
        ),
        ("| Hoist | Rigging Lead | may not exceed 5 t |", Kind.RULE, ("rigging-lead",), "Hoist: may not exceed 5 t"),
        ("| Hoist | Rigging Lead | stop if it turns |", Kind.RULE, ("rigging-lead",), "Hoist: stop if it turns"),
        ("| Go | Rigging | needs sign-off by a Purser |", Kind.SIGNOFF, ("purser",), "Go: needs sign-off by a Purser"),
        ("| Go | Rigging Lead | p99 must stay below 3 |", Kind.RULE, ("rigging-lead",), "Go: p99 must stay below 3"),
        ("| | Rigging Lead | hoist the sail, never alone |", Kind.STEP, ("rigging-lead",), ""),
    ],
)  # fmt: skip
def test_a_cell_that_asks_by_itself_is_a_statement(row: str, kind: Kind, roles: tuple[str, ...], text: str) -> None:
    found = [one for one in reading_of(*TABLE, row).asked if one.text == text]
    assert [(one.line, one.kind, one.roles) for one in found] == ([(7, kind, roles)] if text else [])


def test_what_a_row_was_read_as_is_not_told_again_by_its_cell() -> None:
    asked = reading_of(
        "## Approvals", "", "| Change | Approval |", "|---|---|", "| Hull | needs approval from the Dock Owner |"
    ).asked
    assert [one.kind for one in asked].count(Kind.APPROVAL) == 1


def test_a_limit_in_a_cell_is_listed_as_carried_by_nothing() -> None:
    told = states(*TABLE, "| Hoist | Rigging Lead | must not exceed 5 tons |")
    assert told["Hoist: must not exceed 5 tons"] is State.UNMAPPED
    assert "Hoist | Rigging Lead" in told


def test_waiting_between_steps_is_no_time_that_the_whole_is_watched_for() -> None:
    assert drawn_up("## Deployment", "", "- Wait 15 minutes between steps").layout.bakes["production"] == []


@pytest.mark.parametrize(
    ("title", "is_limit"),
    [
        ("Fast lane (low risk)", True),
        ("Short track (harbour boats only)", True),
        ("Hotfix (only for leaks)", True),
        ("Hotfix Procedure (Emergency)", False),
        ("Fast lane", False),
    ],
)
def test_a_title_may_say_who_goes_the_way_below_it(title: str, *, is_limit: bool) -> None:
    assert limits_way(title) == is_limit


def test_a_title_that_limits_a_way_is_a_rule() -> None:
    asked = below("Fast lane (small boats only)", "- Open the lock")
    assert [(one.line, one.kind) for one in asked] == [(3, Kind.RULE), (5, Kind.STEP)]


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Rigging Checklist", "- Hoist the sail"),
        ("Steps", "- Dock user workflows failing"),
        ("Steps", "- Security scan has no findings"),
        ("Steps", "Boats go from dev \N{RIGHTWARDS ARROW} staging \N{RIGHTWARDS ARROW} production."),
        ("Steps", "- [ ] thank people"),
        ("Scope", "Applies to hull, infrastructure, and data migrations."),
    ],
)
def test_nobody_is_made_of_a_thing(title: str, line: str) -> None:
    assert [one.roles for one in below(title, line)] == [()]


def test_a_place_to_sign_is_a_sign_off() -> None:
    asked = below("Boat", "Sign here:", "  Harbour lead ..............", "  Dock owner ..........  date ......")
    assert [(one.kind, one.roles) for one in asked] == [
        (Kind.SIGNOFF, ("harbour-lead",)),
        (Kind.SIGNOFF, ("dock-owner",)),
    ]


def test_a_role_that_only_a_statement_names_is_asked_for() -> None:
    made = drawn_up(
        "## Steps", "", "- Only the harbour lead may rename boats", "- The release manager signs off the hull"
    )
    assert "harbour-lead" not in made.layout.roles()
    assert "harbour-lead" in made.roles
    assert "#   harbour-lead" in dict(made.files)["pack.yaml"]


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("- The mate must wear a vest. No exceptions.", ""),
        ("- Exceptions require the word of the pilot", ""),
        ("- No exceptions in the engine log", "error-rate"),
        ("- All exceptions handled", "error-rate"),
    ],
)
def test_an_exception_to_a_rule_is_no_fault_of_a_program(line: str, check: str) -> None:
    assert below("Before", line)[0].check == check


def test_changes_are_forbidden_while_something_lasts() -> None:
    (one,) = below("Steps", "During the race no rigging changes.")
    assert (one.kind, one.prohibits) == (Kind.RULE, True)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("- Never row alone<br>Only by day.", ["Never row alone.", "Only by day."]),
        ("- Row to the<br>second lock", ["Row to the second lock"]),
    ],
)
def test_a_line_that_a_tag_breaks_may_be_two_sentences(line: str, texts: list[str]) -> None:
    assert [one.text for one in below("Deployment steps", line)] == texts


def test_a_broken_cell_is_one_cell() -> None:
    asked = reading_of(*TABLE, "| Open the<br>lock | Rigging Lead | |").asked
    assert [one.text for one in asked] == ["Open the lock | Rigging Lead"]


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("- Open the lock; never open it at night", [Kind.STEP, Kind.RULE]),
        ("- Deploy to production; do not deploy without sign-off from the harbour lead", [Kind.STEP, Kind.SIGNOFF]),
        ("- Open the lock; close it again", [Kind.STEP]),
        ("- Tugs are prohibited there; exceptions require the approval of the pilot", [Kind.RULE, Kind.APPROVAL]),
    ],
)
def test_a_prohibition_behind_a_semicolon_stands_by_itself(line: str, kinds: list[Kind]) -> None:
    assert [one.kind for one in below("Deployment steps", line)] == kinds


def test_places_below_a_title_of_signatures_are_sign_offs() -> None:
    asked = below("Sign-off", "- Harbour lead: ______", "- Dock owner: ______")
    assert [(one.kind, one.roles) for one in asked] == [
        (Kind.SIGNOFF, ("harbour-lead",)),
        (Kind.SIGNOFF, ("dock-owner",)),
    ]


def test_a_place_that_nobody_signs_stays_a_field() -> None:
    asked = below("Boat", "- Harbour lead: ______", "- Dock owner: ______")
    assert [one.kind for one in asked] == [Kind.RULE]


def test_waiting_between_steps_does_not_count_from_what_people_said() -> None:
    made = drawn_up("## Deployment", "", "- The harbour lead approves", "- Wait 15 minutes after each wave")
    assert [one.asked.kind for one in made.layout.left] == [Kind.HOLD]
