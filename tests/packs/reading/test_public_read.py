# SPDX-License-Identifier: Apache-2.0
"""What public procedures taught: whom titles and leads charge, what only points or lists, what a lead asks itself."""

import pytest

from interlock.packs.reading.brackets import bracketed
from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Asked, Reading, read_procedure


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    """What is asked below a title of a document."""
    return read("# Ferry timetable", "", f"## {title}", "", *lines).asked


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Steps for Harbour Lead", "harbour-lead"),
        ("3.1 Harbour Lead", "harbour-lead"),
        ("Harbour Lead responsibilities", "harbour-lead"),
        ("Scribe (SC)", "scribe"),
        ("For maintainers: cutting a release", "maintainer"),
        ("Quay Shadow Responsibilities", "quay-shadow"),
        ("Release Role #2 : Harbour Lead", "harbour-lead"),
    ],
)
def test_a_title_charges_all_that_stands_below_it(title: str, role: str) -> None:
    asked = below(title, "### Berths", "", "1. Print the berth list", "2. Follow the instructions of the captain")
    assert {one.roles for one in asked if one.text[0] in "PF"} == {(role,)}


@pytest.mark.parametrize(
    ("title", "roles"),
    [
        ("Incident Commander", ("incident-commander",)),
        ("Release Manager", ("release-manager",)),
        ("Harbour Lead Playbook", ("harbour-lead",)),
        ("Berth Operator", ()),
        ("Ferry Package Manager", ()),
    ],
)
def test_a_document_is_somebodys_where_no_program_is_called_so(title: str, roles: tuple[str, ...]) -> None:
    asked = read(f"# {title}", "", "## Steps", "", "1. Print the berth list").asked
    assert asked[0].roles == roles


@pytest.mark.parametrize(
    "lead",
    [
        "The responsibilities of the berth warden are:",
        "Day to day tasks of the berth warden include",
        "After the tide the berth warden is responsible for the following:",
    ],
)
def test_a_lead_says_whose_duties_it_lists(lead: str) -> None:
    asked = below("Steps", "The berth warden signs the list.", "", lead, "", "- Printing the berth list")
    assert asked[-1].roles == ("berth-warden",)


def test_duties_of_nobody_charge_nobody() -> None:
    assert below("Steps", "The tasks of the tide include:", "", "- Print the berth list")[-1].roles == ()


def test_names_beside_each_other_are_all_of_people() -> None:
    lists = ("1. Release Manager:", "   - Post the list", "2. QA:", "   - Try the gate", "3. Paint:", "   - Cut a beta")
    asked = below("Day one", *lists)
    assert [(one.text, one.roles) for one in asked] == [
        ("Post the list", ("release-manager",)),
        ("Try the gate", ("qa",)),
        ("Cut a beta", ("paint",)),
    ]


def test_areas_of_somebodys_duties_are_nobody() -> None:
    asked = below("Harbour Lead", "### Responsibilities", "", "* Coordination:", "  * Print the berth list")
    assert [(one.text, one.roles) for one in asked] == [("Print the berth list", ("harbour-lead",))]


@pytest.mark.parametrize(
    ("head", "row", "roles"),
    [
        ("| What | Who |", "| Berths printed | Lead |", ("lead",)),
        ("| Task | Responsibility |", "| Print the berths | Harbour Officer |", ("harbour-officer",)),
        ("| Outcome | Harbour-Lead Action |", "| Late | Print the berths again |", ("harbour-lead",)),
        ("| Label | What the harbour lead must do |", "| late | Print the berths. |", ("harbour-lead",)),
        ("| Task | Owner |", "| Berths | Print the berths and close the list. |", ()),
    ],
)
def test_who_acts_in_a_table(head: str, row: str, roles: tuple[str, ...]) -> None:
    assert below("Steps", head, "|---|---|", row)[0].roles == roles


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("An OWNER prints the berth list.", ("owner",)),
        ("Maintainers assigned to a berth should print its list.", ("maintainer",)),
        ("The role of the harbour lead is to print the berth list.", ("harbour-lead",)),
        ("Harbour staff start the pumps.", ("harbour-staff",)),
        ("**Author action**: print the berth list.", ("author",)),
        ("Your assigned tide board members will print the berth list.", ("tide-board-member",)),
        ("Start the pumps so that all responders can see them.", ()),
        ("Do it as directed by the harbour lead.", ()),
        ("Print the berths that are not owned by any squad lead.", ()),
        ("Code Freeze begins at noon.", ()),
        ("The named berth approver confirms it in writing.", ("berth-approver",)),
    ],
)
def test_who_acts(line: str, roles: tuple[str, ...]) -> None:
    assert below("Steps", "1. Sail", "", line)[-1].roles == roles


@pytest.mark.parametrize(
    "lines",
    [
        ("- May 22, 2019",),
        ("- Ann Boatwright @annb",),
        ("- [The template](berths.md)",),
        ("1. [Deployment](#deployment)",),
        ("[The berths](berths.md)",),
        ("Entries are in this order:", "", "- [FIXED]"),
        ("- !berth - will tell you the berth",),
        ("Say so, for example:", "", "- /berth alert the pump is down"),
        ("[Berths]:https://example.org/berths",),
        ("{: .label .label-blue}",),
        ("This will mark the berth as free.",),
        ("More examples are described in the berth guide.",),
        ("The list is created automatically.",),
    ],
)
def test_what_only_points_or_lists_asks_for_nothing(lines: tuple[str, ...]) -> None:
    asked = below("Steps", "1. Sail", "", "Text between.", "", *lines)
    assert [one.text for one in asked if one.text not in ("Sail", "Text between.")] == []


@pytest.mark.parametrize(
    "lines",
    [
        ("Berth lists include:", "", "- Boats of the owners"),
        ("A late boat is defined as one which:", "", "- is behind the tide"),
        ("The berth team is made up of the following:", "", "- Harbour lead from the quay"),
        ("Examples of changes that need a list:", "", "- Move a pump"),
        ("Examples of changes that need a list:", "", "- [Move a pump](pump.md)"),
        ("- Push the berth tag", "  - triggers the berth build"),
    ],
)
def test_what_seems_to_be_listed_only_is_a_persons_to_look_at(lines: tuple[str, ...]) -> None:
    reading = read("# Ferry timetable", "", "## Steps", "", "1. Sail", "", "Text between.", "", *lines)
    last = lines[-1].strip(" -")
    assert last not in [one.text for one in reading.asked]
    assert last.startswith("[") or last in [one.text for one in reading.unmapped]


@pytest.mark.parametrize(
    "lead",
    [
        "Send a request with these changes:",
        "Every list must be written down, including:",
        "The harbour lead should notify the board and make sure that:",
        "Wait for all of the above to end!",
    ],
)
def test_a_lead_may_ask_for_something_itself(lead: str) -> None:
    assert lead in [one.text for one in below("Steps", "1. Sail", "", lead, "", "- the pumps are shut")]


def test_a_lead_that_only_leads_asks_for_nothing() -> None:
    asked = below("Steps", "Update the following:", "", "- Close the pumps")
    assert [one.text for one in asked] == ["Close the pumps"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- Update the changelog", "step"),
        ("- [ ] Update the changelog", "step"),
        ("- Find the boats with a flag and explain them", "step"),
        ("- The berth branch is merged into the main branch", "step"),
        ("- Schedule a berth review session", "step"),
        ("- Enable protected berths for the boats", "step"),
        ("- Create a channel for the incident", "step"),
        ("- Fix any leaks from the review", "step"),
        ("- Check the quay to ensure there are no leaks", "gate"),
        ("To sail, print the berth list.", "step"),
        ("If necessary add the next rotation.", "step"),
        ("Regularly print the berth list.", "step"),
        ("An RFC is RECOMMENDED for berths.", "advisory"),
        ("Boats are reserved for urgent cargo.", "rule"),
        ("More than twenty leaks are an incident.", "rule"),
    ],
)
def test_what_is_asked_is_told_by_how_it_is_said(line: str, kind: str) -> None:
    assert below("Steps", "1. Sail", "", line)[-1].kind == kind


def test_a_numbered_command_asks_wherever_it_stands() -> None:
    asked = below("General notes and tips", "1. Follow all berth steps to the letter.")
    assert [one.text for one in asked] == ["Follow all berth steps to the letter."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("begin daily triage of leaks", "every 1d"),
        ("look at the pumps on a daily basis", "every 1d"),
        ("check the quay daily to see leaks", "every 1d"),
        ("send a weekly pump report", "every 7d"),
        ("look at it every other day", "every 2d"),
        ("a bi-weekly note is enough", "every 14d"),
        ("mend it - due [30 days after the tide]", "within 30d"),
        ("the list is due five days before the tide", "before 5d"),
        ("change shifts if it lasts longer then 3 hours", "after 3h"),
        ("have a 10 day lead time", "before 10d"),
    ],
)
def test_how_often_and_by_when(text: str, found: str) -> None:
    assert [f"{one.relation} {in_short(one.least)}" for one in deadlines(text)] == [found]


def test_items_in_the_cells_of_a_table_leave_it_whole() -> None:
    row = "| Check the lists:<ul><li>of boats</li><li>of pumps</li></ul> | Harbour Officer |"
    assert below("Steps", "| Task | Who |", "|---|---|", row, "| Sail | Captain |")[0].roles == ("harbour-officer",)


def test_what_the_generator_of_a_page_fills_in_is_no_part_of_a_line() -> None:
    asked = below("Steps", "{% include quay.md %}", "", "- Print [the list]({% link berths.md %}#top) of berths")
    assert [one.text for one in asked] == ["Print the list of berths"]


def test_a_lead_known_by_that_alone_is_led_by() -> None:
    asked = below("Steps", "The tide lead signs.", "", "- (lead) Print the berth list")
    assert asked[-1].roles == ("tide-lead",)


def test_people_in_brackets_who_are_only_spoken_of_are_not_asked() -> None:
    assert bracketed("Tag anyone (Engineers, Managers) that is near", frozenset()) == ()


def test_do_not_panic_forbids_nothing() -> None:
    assert below("Don't panic!", "1. Join the call of the harbour")[0].kind == "step"


@pytest.mark.parametrize(
    "lines",
    [
        ("- The berth pipeline will publish the list",),
        ("Lists for the following platforms:", "", "- quay-amd64"),
        ("The berth workflow has these jobs:", "", "- Print and push the list"),
    ],
)
def test_what_a_program_does_by_itself_is_a_persons_to_look_at(lines: tuple[str, ...]) -> None:
    reading = read("# Ferry timetable", "", "## Steps", "", "1. Sail", "", "Text between.", "", *lines)
    assert lines[-1].strip("- ") in [one.text for one in reading.unmapped]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("It is the author's responsibility to look at the berth list.", ("author",)),
        ("Have at least one team member approve the list.", ("team-member",)),
    ],
)
def test_whose_turn_it_is(line: str, roles: tuple[str, ...]) -> None:
    assert below("Steps", "1. Sail", "", line)[-1].roles == roles


def test_a_process_that_is_followed_with_changes_is_asked_for() -> None:
    lead = "Follow the berth process with these changes:"
    assert lead in [one.text for one in below("Steps", "1. Sail", "", lead, "", "- the pumps are shut")]
