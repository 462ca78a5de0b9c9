# SPDX-License-Identifier: Apache-2.0
"""What more public procedures taught: whose a section is, what a lead asks itself, and how times are told."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Asked, Reading, read_procedure


def asked(*lines: str) -> tuple[Asked, ...]:
    """What is asked in a section of a document."""
    text = "\n".join(("# Ferry timetable", "", *lines))
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    return reading.asked


@pytest.mark.parametrize(
    ("above", "roles"),
    [
        (("## Steward",), ("steward",)),
        (("## Sailing - Release Manager",), ("release-manager",)),
        (("## QA Captain Tasks for the last sailing",), ("qa-captain",)),
        (
            ("- The release manager prints the list.", "", "## The FerryServer Release Manager Role"),
            ("release-manager",),
        ),
        (("## Harbour operator (before casting off)",), ("harbour-operator",)),
        (("## Author (tide changes)",), ("author",)),
        (("## 4. Cast off (Release Manager | Berth Team)",), ("release-manager", "berth-team")),
        (("## Ropes", "", "**Actions for the Ferry WG:**"), ("ferry-wg",)),
        (("## Ropes", "", "**Actions for other WGs:**"), ("wg",)),
        (("## Ropes", "", "Steps for all QMs:"), ("qm",)),
        (("## Ropes", "", "_This section is for the harbour clerk_"), ("harbour-clerk",)),
        (("## Ropes", "", "This part is written for the deputy."), ("deputy",)),
        (("## Ropes", "", "Whoever saw it is the storm lead. It's their responsibility to:"), ("storm-lead",)),
        (("## Ropes", "", "A mate on watch acts as the storm lead. Their duties include:"), ("storm-lead",)),
        (("## Ropes", "", "Whoever saw it is the tide. It's their responsibility to:"), ()),
        (("## Ropes", "", "In a storm the berth lead is responsible for;"), ("berth-lead",)),
    ],
)
def test_whose_a_section_is(above: tuple[str, ...], roles: tuple[str, ...]) -> None:
    assert asked(*above, "", "- [ ] Print the berth list")[-1].roles == roles


def test_a_title_of_the_first_rank_that_is_not_the_first_is_of_a_section() -> None:
    text = "# Ferry timetable\n\nAbout it.\n\n# Rope Expert\n\nWords.\n\n- Print the list.\n"
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    assert [one.roles for one in reading.asked if "Print" in one.text] == [("rope-expert",)]


def test_who_says_so_in_a_cell_is_somebody_and_what_they_say_is_not() -> None:
    rows = ("| Case | Who answers |", "|---|---|", "| A storm comes up | Berth lead approves |")
    assert asked("## Cases", "", *rows)[-1].roles == ("berth-lead",)


def test_a_line_of_bold_words_behind_a_picture_is_no_title_where_it_is_long() -> None:
    lines = (
        "🔥 **more than three boats in a row are late → we stop sailing, no debate**",
        "🔥 no boats → call the pilot",
    )
    assert [one.text[:4] for one in asked("## Storms", "", *lines)] == ["more", "no b"]


def test_a_document_is_somebodys_by_a_title_that_ends_like_a_lead() -> None:
    reading = read_procedure("RELEASE.md", b"# Release Manager Role:\n\n## Steps:\n\n - Print the berth list.\n")
    assert isinstance(reading, Reading)
    assert [one.roles for one in reading.asked] == [("release-manager",)]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("It's up to a berth manager to declare the storm over.", ("berth-manager",)),
        ("Print the berth list (any harbour maintainer)", ("harbour-maintainer",)),
        ("Paint the hull and mend the ropes. (Tester responsibility)", ("tester",)),
        ("Two approvals, including an approval by the designated assignee.", ("assignee",)),
        ("The first responder must print the berth list.", ("first-responder",)),
        ("The Board of Directors approves the timetable.", ("board-of-directors",)),
        ("Only the release manager has permission to sail.", ("release-manager",)),
        ("Coordinate with DevOps on having the lights in place.", ()),
        ("The owner of the failing berth is responsible for mending it.", ("owner-of-the-failing-berth",)),
        ("The release lead and the release lead shadow print the list.", ("release-lead", "release-lead-shadow")),
        ("The head of moorings and the quality manager sign the form.", ("head-of-moorings", "quality-manager")),
        ("The shepherd re-points it by hand.", ("shepherd",)),
        ("It needs the consent of the harbour manager and of a second engineer.", ("harbour-manager", "engineer")),
        ("It needs approval from at least one authorized berth lead.", ("berth-lead",)),
        ("For storms that touch partners, the berth manager is responsible for telling them.", ("berth-manager",)),
        ("The rope expert is tasked with printing the list.", ("rope-expert",)),
        ("Two approvers have LGTM'd the list.", ("approver",)),
        ("Berth lead prints the list (`ops/quay/list.md`).", ("berth-lead",)),
        ("Required final signers: Berth Lead, Rope Lead.", ("berth-lead", "rope-lead")),
        ("Berth Lead and", ("berth-lead",)),
        ("Protect the quay so that only the robot and the approvers can print.", ()),
    ],
)
def test_who_acts(line: str, roles: tuple[str, ...]) -> None:
    assert asked("## Ropes", "", f"- {line}")[-1].roles == roles


@pytest.mark.parametrize(
    "lead",
    [
        "Sailings should be considered if a fault meets the following:",
        "The following must not be loaded during a storm:",
        "You should verify your ropes before sailing:",
        "The berth lead schedules weekly meetings",
    ],
)
def test_a_lead_asks_itself_where_it_says_what_is_done(lead: str) -> None:
    found = asked("## Sailing", "", lead, "", "- new ropes are there", "- the deck is clean")
    assert found[0].text == lead


@pytest.mark.parametrize("lead", ["Every ferry must have:", "The berth lead must:", "Never do any of these:"])
def test_a_lead_that_needs_what_stands_below_it_asks_for_nothing(lead: str) -> None:
    assert lead not in [one.text for one in asked("## Sailing", "", lead, "", "- new ropes", "- a clean deck")]


@pytest.mark.parametrize(
    "line",
    [
        "NOTE: Ropes that are torn should be replaced while sailing.",
        "Storm lists should be kept by hand.",
        "NOTE: Mooring can only be done once, so take caution.",
        "Use this berth to load the ferry.",
    ],
)
def test_what_should_be_is_asked_wherever_it_stands(line: str) -> None:
    assert [one.text for one in asked("## Roles", "", line)] == [line]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("At least 2 weeks passed since the tide table was printed", "after 14d"),
        ("At least 3 business days have passed since the last rehearsal", "after 3d"),
        ("After the 3 weeks pass, the harbour waits for no ferry", "after 21d"),
        ("Schedule a review of the storm for about a week later", "after 7d"),
        ("We suggest hourly updates to the passengers while the storm lasts", "every 1h"),
        ("Repeat weeklyish for each berth", "every 7d"),
        ("If a storm has taken more than two hours, stop", "after 2h"),
        ("Call the second pilot if unresolved in 15 minutes.", "after 15m"),
        ("When the engine stands longer than 90 minutes, row", "after 90m"),
        ("Avoid a refit that takes longer than two weeks", "within 14d"),
        ("Every business day at nine the pilots meet", "every 1d"),
        ("Check the mooring daily in the week before", "every 1d"),
        ("Every Tuesday at nine the pilots meet", "every 7d"),
        ("Send updates to the passengers hourly or as soon as there is news", "every 1h"),
        ("The timetable is reviewed on an annual basis", "every 365d"),
    ],
)
def test_how_times_are_told(text: str, found: str) -> None:
    assert [f"{one.relation} {in_short(one.least)}" for one in deadlines(text)][:1] == [found]
