# SPDX-License-Identifier: Apache-2.0
"""What was learned from the procedures of strangers: each rule in sentences that stand in none of them."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.glossing import gloss
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.passages import Form, passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.topics import Topic, topic_of


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def one(*lines: str) -> Asked:
    """The last thing asked for in these lines."""
    return read(*lines).asked[-1]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("- [ ] Late changes need the skipper's nod and the conductor's OK", ("skipper", "conductor")),
        (
            "- [ ] On failure the DBA restores it, the service desk informs users, and the test manager reports",
            ("dba", "service-desk", "test-manager"),
        ),
        (
            "- [ ] Approved by the IT director, and for drugs also by the chief pharmacist",
            ("it-director", "chief-pharmacist"),
        ),
        ("- [ ] The supplier installs it under the supervision of the site manager", ("supplier", "site-manager")),
        ("- [ ] Mon 07:30 – release captain deploys it", ("release-captain",)),  # noqa: RUF001 - as people write it
        ("- [ ] Between batches Finance compares the sums", ("finance",)),
        ("- [ ] The pricing lead has two days to decide", ("pricing-lead",)),
        ("- [ ] The tariff board looks at it and decides", ("tariff-board",)),
        ("- [ ] The finder opens a ticket", ("finder",)),
        ("- [ ] The server opens a port", ()),
        ("- [ ] The warden on duty may refuse it", ("warden-on-duty",)),
        ("- [ ] Convince two people: your team lead and the DBA", ("team-lead", "dba")),
        ("- [ ] One look is enough, but that must be a senior engineer of another team", ("senior-engineer",)),
        ("- [ ] Withdrawing it is up to any two maintainers", ("maintainer",)),
        ("- [ ] By Monday 18:00 the build engineer has uploaded it", ("build-engineer",)),
        ("- [ ] Security champion went through it", ("security-champion",)),
        ("- [ ] At 04:00, the QA lead and the tech lead jointly decide on it", ("qa-lead", "tech-lead")),
        ("- [ ] The Survey Unit repeats the sample", ("survey-unit",)),
        ("- [ ] Confirmed by player support", ("player-support",)),
        ("- [ ] Internal audit samples the records", ("internal-audit",)),
        ("- [ ] The affected service owner approves it", ("service-owner",)),
        ("- [ ] Ask release managers to look", ()),
    ],
)
def test_who_acts(line: str, roles: tuple[str, ...]) -> None:
    assert one(line).roles == roles


@pytest.mark.parametrize(
    ("lines", "role"),
    [
        (("## Crew", "", "| Seat | Job |", "|---|---|", "| Boatswain | runs the deploy |"), "boatswain"),
        (("Roles", "- Boatswain: runs the deploy", "", "Steps", "- boatswain takes a backup"), "boatswain"),
    ],
    ids=["table", "list"],
)
def test_a_role_is_introduced_by_a_table_of_seats_or_a_list_below_a_plain_line(
    lines: tuple[str, ...], role: str
) -> None:
    assert one(*lines).roles == (role,)


@pytest.mark.parametrize(
    ("text", "relation", "least"),
    [
        ("they have got 15 minutes", Relation.WITHIN, "15m"),
        ("two hours to decide", Relation.WITHIN, "2h"),
        ("stay reachable 2h", Relation.FOR, "2h"),
        ("48 h on the bench", Relation.FOR, "2d"),
        ("first two days", Relation.FOR, "2d"),
        ("the trial lasts ten days", Relation.FOR, "10d"),
        ("it runs 6 hours without a crash", Relation.FOR, "6h"),
        ("5 % of the shops, one hour", Relation.FOR, "1h"),
        ("shadow runs last 24 hours or longer", Relation.FOR, "1d"),
        ("for no less than two days", Relation.FOR, "2d"),
        ("for at most 30 days", Relation.FOR, "30d"),
        ("watch it for another hour", Relation.FOR, "1h"),
        ("after another 2 hours", Relation.AFTER, "2h"),
        ("reports every day", Relation.EVERY, "1d"),
        ("each week", Relation.EVERY, "7d"),
    ],
)
def test_a_time_is_told_by_what_stands_beside_it(text: str, relation: Relation, least: str) -> None:
    (found,) = deadlines(text)
    assert (found.relation, in_short(found.least)) == (relation, least)


@pytest.mark.parametrize("text", ["monitor 404s", "have a second committer look", "within the last 2 hours"])
def test_what_only_looks_like_a_time(text: str) -> None:
    assert deadlines(text) == ()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- [ ] 5 % for 2 days", "hold"),
        ("- [ ] wave 2, overnight", "hold"),
        ("- timeouts > 3 % → roll back first", "rule"),
        ("- [ ] Error ratio over 2 % for five minutes: back to the old version", "rule"),
        ("Lag above 90 seconds means abort.", "rule"),
        ("- [ ] Mondays and Wednesdays, 9 to 11", "rule"),
        ("- [ ] backup not older than an hour", "gate"),
        ("- [ ] ticket: done, and when", "record"),
        ("The brake is red and everybody in the room may pull it.", "rule"),
        ("Closed: all other days.", "rule"),
        ("Present: QA lead, tech lead.", "rule"),
        ("The lead of the largest change is the release manager.", "rule"),
        ("Test report and minutes: kept for ten years.", "record"),
        ("- [ ] Legal has to look at it", "signoff"),
        ("- [ ] Confirmation from finance that no run is scheduled", "signoff"),
        ("- [ ] Two maintainers must have run the candidate", "signoff"),
        ("- [ ] Operations executes the runbook", "step"),
        ("- [ ] The release driver uploads signatures", "step"),
        ("- [ ] go/no-go call with the test manager", "approval"),
        ("- [ ] Full rollout only with a thumbs-up from the tech lead", "approval"),
        ("- [ ] Mail the list", "notify"),
        ("- [ ] the branches get an all-clear", "notify"),
        ("- [ ] Note down how long it took", "record"),
        ("Binaries are signed in the vault.", "rule"),
        ("- [ ] no merges w/o a ticket", "rule"),
        ("The trial is open to all for ten days.", "hold"),
        ("Distributors see the patch seven days before disclosure.", "timer"),
        ("- [ ] Run tox", "gate"),
        ("- [ ] curl /health, 3x ok", "gate"),
        ("The work takes place outside trading hours.", "rule"),
        ("The CISO MAY accept a finding.", "rule"),
        ("Members sign the form.", "signoff"),
    ],
)
def test_a_line_of_a_stranger_is_read_as(line: str, kind: str) -> None:
    assert one("# Releases", "", "## Deployment", "", line).kind.value == kind


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (("| Task | Dev | QA |", "|---|---|---|", "| Rollback decision | C | R |"), "approval"),
        (("| Task | Dev | QA |", "|---|---|---|", "| Belt simulation | C | R |"), "gate"),
        (("| Phase | Owner | Exit |", "|---|---|---|", "| Field | QA Lead | all units on it |"), "gate"),
        (("| Area | By | Pass when |", "|---|---|---|", "| Ads | QA Lead | every beacon arrives |"), "gate"),
    ],
    ids=["decision", "proof", "stage", "pass"],
)
def test_a_row_of_a_stranger_is_read_as(rows: tuple[str, ...], kind: str) -> None:
    assert one("## Deployment", "", *rows).kind.value == kind


def test_a_condition_that_somebody_has_closed_something_is_signed() -> None:
    asked = one("It goes to the field only if", "", "- the QA lead has closed the report")
    assert (asked.kind.value, asked.roles) == ("signoff", ("qa-lead",))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Support informieren", "inform Support"),
        ("Niemals den Server ändern!", "never change the Server"),
        ("Freigabe durch den Product Owner", "approval by the Product Owner"),
        ("The server falls back, die hard", "The server falls back, die hard"),
        ("30 Minuten beobachten", "watch 30 minutes"),
    ],
)
def test_german_between_english_is_glossed(text: str, english: str) -> None:
    assert gloss(text) == english


def test_a_citation_stays_in_the_language_of_its_author() -> None:
    asked = one("## Nachbereitung", "", "- Support informieren")
    assert (asked.text, asked.kind.value) == ("Support informieren", "notify")


def test_bold_words_that_begin_a_paragraph_are_its_title() -> None:
    (passage,) = passages(("**Before you ship.** Take a backup.",))
    assert ([heading.text for heading in passage.headings], passage.text) == (["Before you ship"], "Take a backup.")


def test_bold_words_that_ask_are_no_title() -> None:
    assert [passage.text for passage in passages(("**Never ship on Fridays.** It hurts.",))] == [
        "Never ship on Fridays.",
        "It hurts.",
    ]


def test_a_small_o_is_a_bullet() -> None:
    assert passages((" o  take a backup", " o  deploy it"))[1].form is Form.ITEM


def test_a_plain_line_above_a_list_is_a_title() -> None:
    asked = one("when it burns", "- queue stuck → restart it")
    assert asked.kind.value == "rule"


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Go/no-go", Topic.APPROVAL),
        ("No-gos", Topic.PROHIBITED),
        ("Oops", Topic.INCIDENT),
        ("go", Topic.PRODUCTION),
        ("Timetable", Topic.STEPS),
        ("Crew", Topic.ROLES),
    ],
)
def test_a_title_is_about(title: str, topic: Topic) -> None:
    assert topic_of(title) is topic
