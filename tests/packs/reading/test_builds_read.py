# SPDX-License-Identifier: Apache-2.0
"""What is read by where words stand and not by which they are: who acts, what is named, what a column tells."""

import pytest

from interlock.packs.reading.agency import acting
from interlock.packs.reading.coding import coded
from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.naming import verb_behind
from interlock.packs.reading.passages import Form, passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.saying import commanded


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def one(*lines: str) -> Asked:
    """The last thing asked for in these lines."""
    return [asked for asked in read(*lines).asked if not asked.text.startswith("In this order")][-1]


def found(*lines: str) -> frozenset[str]:
    """The roles that these lines name by what they do."""
    return acting(passages(lines))


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (("A1  Save the ledger", "A2  Load it", "A3  Open it"), ["Save the ledger", "Load it", "Open it"]),
        (("OPS-1 Save it", "OPS-2 Load it", "OPS-3 Open it"), ["Save it", "Load it", "Open it"]),
        (("10  Save it", "20  Load it", "100 Open it", "30  Not so"), ["Save it", "Load it", "Open it 30 Not so"]),
    ],
    ids=["letters", "prefix", "column"],
)
def test_lines_that_a_document_counts_with_codes_are_a_numbered_list(lines: tuple[str, ...], texts: list[str]) -> None:
    assert [(one.form, one.text) for one in passages(lines)] == [(Form.NUMBER, text) for text in texts]


@pytest.mark.parametrize(
    "lines",
    [("S3 bucket is made", "S4 bucket is not"), ("10  barrels", "20  boxes"), ("A1: one", "A2: two", "A3: three")],
    ids=["few", "few-numbers", "labels"],
)
def test_names_that_look_like_codes_stay(lines: tuple[str, ...]) -> None:
    assert coded(lines) == lines


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("The totals are drawn up by stock control.",), {"stock-control"}),
        (("Changes are accepted by the warden.",), {"warden"}),
        (("Outages are caused by stock control.",), set()),
        (("The totals are compared by hand.",), set()),
        (("Totals by stock control",), set()),
        (("Counting by the deployment",), set()),
        (("Agreement by the harbour pilot", "Harbour pilot holds the ship"), {"harbour-pilot"}),
        (("Lists drawn up by scheduling",), set()),
        (("Lists drawn up by scheduling", "Scheduling holds the jobs"), {"scheduling"}),
        (("- Sums compared (Yard Watch)",), set()),
        (("- Sums compared (Yard Watch)", "- Yard Watch opens the gate"), {"yard-watch"}),
        (("- Sums compared (Optional Part)", "- Sums added (Optional Part)"), set()),
        (("- (QA) try it", "- (Release Manager) say go", "- (Search) look at it"), {"qa", "release-manager", "search"}),
        (("- (Search) look at it",), set()),
        (("Yard watch confirms that it is shut",), {"yard-watch"}),
        (("The pipeline approves it",), set()),
        (("- boatswain steers it", "- spotter points at it"), {"spotter"}),
        (("- server starts it", "- minor opens it"), set()),
        (("The harbour office shall inform the towns.",), {"harbour-office"}),
        (("The system shall notify the towns.",), set()),
        (("Shift mechanic and yard watch agree that it is good",), {"shift-mechanic", "yard-watch"}),
        (("Then the spotter whistles.",), {"spotter"}),
        (("| Step | Note |", "|---|---|", "| Count | done by yard watch |"), {"yard-watch"}),
    ],
    ids=lambda value: value[0][:24] if isinstance(value, tuple) else None,
)
def test_whoever_stands_where_people_stand_is_a_role(lines: tuple[str, ...], roles: set[str]) -> None:
    assert found(*lines) == roles


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("- [ ] The purser on shift unlocks it; the crane operator lowers it", ("purser", "crane-operator")),
        ("- [ ] Harbour folks close the gate", ("harbour-folks",)),
        ("- [ ] The minutes, which the tide officer writes, are filed", ("tide-officer",)),
        ("- [ ] It is open once 3 days have passed, and the yard engineer has signed", ("yard-engineer",)),
        ("- [ ] The tide lead's thumbs-up", ("tide-lead",)),
        ("- [ ] Late cargo needs the tide lead", ("tide-lead",)),
        ("- [ ] Key users who see a leak report it", ("key-user",)),
        ("- [ ] Go or not, at 11:00 - dba + tide lead", ("dba", "tide-lead")),
        ("- [ ] Go or not, at 11:00 - bread + tide lead", ()),
        ("- [ ] Pilot officer, if there is fog", ("pilot-officer",)),
        ("- [ ] Corrections go through the tide editor", ("tide-editor",)),
        ("- [ ] A reviewer other than the author merges it", ("reviewer",)),
        ("- [ ] Line foreman opens it", ("line-foreman",)),
        ("- [ ] i18n crew went over it", ("i18n-crew",)),
        ("- [ ] t9n crew glanced over the words", ("t9n-crew",)),
        ("- [ ] The tide VP and the yard director both have to agree", ("tide-vp", "yard-director")),
        ("- [ ] Sorted by whoever is the DBA", ("dba",)),
        ("- [ ] Done by the tide lead; disputes are settled by the CTO", ("tide-lead", "cto")),
        ("- [ ] Page Security Lead if it leaks", ()),
    ],
)
def test_who_acts_is_told_by_the_place(line: str, roles: tuple[str, ...]) -> None:
    assert one(line).roles == roles


def test_a_sentence_among_roles_introduces_nobody_by_all_its_words() -> None:
    assert one("## Roles", "", "Engineering decides about the rest.").roles == ("engineering",)


@pytest.mark.parametrize(
    ("noun", "verb"),
    [
        ("verification", "verify"),
        ("installation", "install"),
        ("creation", "create"),
        ("comparison", "compare"),
        ("announcement", "announce"),
        ("approval", "approve"),
        ("retention", "retain"),
        ("closure", "close"),
        ("shutdown", "shut"),
        ("restart", "restart"),
        ("document", ""),
        ("production", ""),
        ("barrel", ""),
    ],
)
def test_a_noun_is_traced_to_its_verb(noun: str, verb: str) -> None:
    assert verb_behind(noun) == verb


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- Announcement in the harbour calendar", "notify"),
        ("- Verification of the seals", "gate"),
        ("- Verification of the seals by the tide officer", "signoff"),
        ("- Installation following sheet 9", "step"),
        ("- Retention of the sheet: 9 years", "record"),
        ("- Release for use by the tide officer", "approval"),
        ("- Attestation of the seals", "signoff"),
        ("- Training of the crews at least two weeks in advance", "timer"),
        ("- Consideration of the tides", "gate"),
        ("- Closed off by the tide officer", "step"),
        ("- Tides gone through by the tide officer", "signoff"),
        ("- Tides written down by the tide officer", "record"),
        ("- Towns informed of it by the tide officer", "notify"),
        ("- Comparison of sums carried out by the tide officer", "signoff"),
        ("- Get the tide officer's OK by phone", "approval"),
        ("- Stay or turn back", "approval"),
        ("- Nudge the tide officer before you start", "notify"),
        ("- Collar the tide officer", "notify"),
        ("- Leaks over 9 litres go to the tide officer", "notify"),
        ("- Somebody has walked the quay by foot", "signoff"),
        ("- The tide officer glanced over the sums", "signoff"),
        ("- The tide officer nominates the berth", "step"),
        ("- The boats stay moored for two tides", "hold"),
        ("- 20 minutes of rest", "hold"),
        ("- Be calm, be on time", "gate"),
        ("1. something randomizes it", "step"),
        ("- Tide officer, if there is fog", "signoff"),
        ("Every berth is entered in the harbour book.", "record"),
        ("Sums of ten berths are then looked at on paper and compared.", "gate"),
        ("Boats are not towed in these weeks.", "rule"),
        ("Leak over 9 litres: the tide officer turns it off.", "rule"),
        ("Leak over 9 litres → stop the pump", "rule"),
        ("An objection stops the release until the storm is over.", "rule"),
        ("The run is called off if the tide has not come.", "rule"),
        ("Each berth belongs to an approved demand, as the book says, and must be seen.", "rule"),
        ("A leak leads to a return to the old boat.", "rule"),
        ("The decision is taken by the tide officer.", "approval"),
        ("Embargoed boats are prepared in the yard by the tide officer.", "step"),
        ("The report is on file before the boat leaves.", "record"),
        ("Towns are to be given five days' notice.", "notify"),
        ("The tide officer writes to the towns.", "notify"),
        ("The harbour office consists of three people.", "rule"),
        ("- [ ] Archives carry a detached signature", "gate"),
        ("- [ ] The tide officer posts a test boat to Hull", "gate"),
        ("- `git push origin main`", "step"),
        ("- `fsctl skew` under 9 %", "gate"),
        ("- Waiting for the tide", "gate"),
        ("- Having the tide officer try it", "signoff"),
        ("- (Tide Officer) Mend the net", "step"),
        ("- Thank the towns by name", "notify"),
        ("1. A call for boats runs for 72 hours", "hold"),
        ("1. Draw lots for ten minutes, nobody else looks", "record"),
    ],
)
def test_an_item_is_read_by_its_build(line: str, kind: str) -> None:
    assert one("# Releases", "", "## Deployment", "", line).kind.value == kind


@pytest.mark.parametrize("title", ["Rules of the quay", "Small print"])
def test_what_is_told_below_a_title_of_rules_is_a_rule(title: str) -> None:
    assert one(f"## {title}", "", "- Boats moor on the left side").kind.value == "rule"


@pytest.mark.parametrize(
    ("text", "relation", "least"),
    [
        ("two hours of rest", Relation.FOR, "2h"),
        ("for no fewer than 72 hours", Relation.FOR, "3d"),
        ("one berth, 40 minutes, no more", Relation.FOR, "40m"),
        ("reports each evening", Relation.EVERY, "1d"),
        ("the towns hear it a week before", Relation.BEFORE, "7d"),
        ("it lies for at least ten days before it may sail", Relation.FOR, "10d"),
        ("it lies for ten days before leaving", Relation.FOR, "10d"),
        ("between two tides 14 days shall pass without a leak", Relation.FOR, "14d"),
        ("between two landings six hours have to elapse", Relation.FOR, "6h"),
        ("the towns get word in 15 minutes when it happens", Relation.WITHIN, "15m"),
        ("the towns are told of it in two hours", Relation.WITHIN, "2h"),
        ("the tide desk adds one within a week", Relation.WITHIN, "7d"),
        ("counts the boats daily during the first month", Relation.EVERY, "1d"),
        ("weekly until the ice is gone", Relation.EVERY, "7d"),
        ("hourly throughout the storm", Relation.EVERY, "1h"),
        ("the halt at the pier shrinks to three hours", Relation.FOR, "3h"),
    ],
)
def test_a_length_of_time_counts_by_its_place(text: str, relation: Relation, least: str) -> None:
    (time,) = deadlines(text)
    assert (time.relation, in_short(time.least)) == (relation, least)


def test_so_many_in_a_day_are_no_deadline() -> None:
    assert deadlines("ten boats a day at most") == ()


@pytest.mark.parametrize(
    "text", ["the daily count of boats", "the tide drops to three hours", "five boats in ten minutes"]
)
def test_a_measure_is_no_deadline(text: str) -> None:
    assert deadlines(text) == ()


def test_what_a_row_watches_it_watches_so_long() -> None:
    asked = one("## Deployment", "", "| Task | By whom | By when |", "|---|---|---|", "| Watch the tide | DBA | 24 h |")
    assert asked.deadline is not None
    assert (asked.deadline.relation, in_short(asked.deadline.least)) == (Relation.FOR, "1d")


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (("| Task | By whom |", "|---|---|", "| Simulation of the tide | DBA |"), "gate"),
        (("| Task | By whom |", "|---|---|", "| Review of the tide | DBA |"), "signoff"),
        (("| From | To | What must be true |", "|---|---|---|", "| dev | int | smoke tests pass |"), "gate"),
        (("| From | To | What |", "|---|---|---|", "| 20 Dec | 3 Jan | no boats |"), "rule"),
    ],
    ids=["act", "looked-at", "places", "dates"],
)
def test_a_row_is_read_by_its_columns(rows: tuple[str, ...], kind: str) -> None:
    assert one("## Deployment", "", *rows).kind.value == kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Waiting for the tide", "wait for the tide"),
        ("Closing the gate", "close the gate"),
        ("Shipping the boat", "ship the boat"),
        ("Settling the score", "settl the score"),
        ("Testing is done", "Testing is done"),
        ("Mooring the boats is complete", "Mooring the boats is complete"),
    ],
)
def test_a_gerund_stands_for_its_command(text: str, said: str) -> None:
    assert commanded(text) == said


def test_a_slanted_line_above_a_list_is_a_title() -> None:
    assert [heading.text for heading in passages(("*Before it*", "", "- take a backup"))[0].headings] == ["Before it"]


def test_a_slanted_line_by_itself_is_a_remark() -> None:
    assert passages(("*Printed copies are old.*", "", "Take a backup."))[1].headings == ()


def test_a_question_that_begins_a_paragraph_is_its_title() -> None:
    (passage,) = passages(("**Is today a good day?** Never on Fridays.",))
    assert ([heading.text for heading in passage.headings], passage.text) == (
        ["Is today a good day"],
        "Never on Fridays.",
    )


def test_no_is_an_answer_and_before_a_number_it_is_none() -> None:
    assert [one.text for one in passages(("No. Ship it later.",))] == ["No.", "Ship it later."]
    assert [one.text for one in passages(("No. 7 is the pump.",))] == ["No. 7 is the pump."]


def test_a_possessive_ends_a_sentence() -> None:
    assert len(passages(("Compare it with the crew's. Leaks must be mended.",))) == 2


def test_a_bold_box_above_boxes_is_their_title() -> None:
    asked = read("## Release", "", "- [ ] **Ship it**", "  - [ ] take a backup").asked
    assert [one.text for one in asked] == ["take a backup"]


def test_a_line_with_a_label_begins_anew() -> None:
    assert [one.text for one in passages(("1. Compare the sums", "   Deviation: stop the pump"))] == [
        "Compare the sums",
        "Deviation: stop the pump",
    ]


@pytest.mark.parametrize("line", ["Nobody climbs up.", "Nothing overtakes.", "Sums are then looked up on paper."])
def test_a_sentence_that_bars_or_tells_is_found(line: str) -> None:
    assert [one.text for one in read("# R", "", "## Deployment", "", line).asked] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Owner of this page: harbour office.",
        "If something here is wrong, fix it.",
        "**What is a release?** Whatever reaches the quay.",
    ],
)
def test_what_a_page_says_of_itself_asks_for_nothing(line: str) -> None:
    assert read("# R", "", "## Deployment", "", line).asked == ()
