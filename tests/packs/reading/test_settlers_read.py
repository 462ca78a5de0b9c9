# SPDX-License-Identifier: Apache-2.0
"""What was learned from how people write duties, times and roles: each rule in sentences that stand in no document."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Asked, Reading, read_procedure


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def one(line: str) -> Asked:
    """What is asked for in this line below a title, in a document that introduces itself."""
    return read("# Releases", "", "This page says how we release.", "", "## Deployment", "", line).asked[-1]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("- [ ] Mapping signed [data steward]", ("data-steward",)),
        ("- [ ] Mapping signed → data steward", ("data-steward",)),
        ("- [ ] Warm up the shards: server team", ("server-team",)),
        ("- [ ] Stop the jobs @dba", ("dba",)),
        ("- [ ] Stop the jobs. Owner: DBA", ("dba",)),
        ("- [ ] Stop the jobs. `database team`", ("database-team",)),
        ("- [ ] Final decision: CISO", ("ciso",)),
        ("- [ ] Product owner + architect: go", ("product-owner", "architect")),
        ("- [ ] Server team to warm up the shards", ("server-team",)),
        ("- [ ] DBA on standby", ("dba",)),
        ("- [ ] no TODO(security) left", ()),
        ("- [ ] Tell people → support", ()),
        ("- [ ] Support lead reads it → tech lead", ("support-lead",)),
        ("- [ ] Security review (by the security champion) done", ("security-champion",)),
        ("- [ ] Requires CISO consent", ("ciso",)),
        ("- [ ] Get the product owner to approve", ("product-owner",)),
        ("- [ ] Have the architect look at the diagram", ("architect",)),
        ("Let support know about it.", ()),
        ("It is for the QA lead to decide.", ("qa-lead",)),
        ("The decision is the QA lead's.", ("qa-lead",)),
        ("The decision lies with the QA lead.", ("qa-lead",)),
        ("Page the QA lead, who decides whether to go on.", ("qa-lead",)),
        ("Call the QA lead; she decides whether to go on.", ("qa-lead",)),
        ("The QA lead, or her deputy, merges.", ("qa-lead",)),
        ("The responsible QA lead presses the button.", ("qa-lead",)),
        ("After the vendor's QA lead has agreed, go on.", ("qa-lead",)),
        ("All maintainers vote within a week.", ("maintainer",)),
        ("Someone in legal reads the terms.", ("legal",)),
        ("Someone from catering checks the hall.", ("catering",)),
        ("- [ ] Someone in charge checks the hall", ()),
        ("- [ ] Someone in region checks the hall", ()),
        ("First the DBA stops the jobs, then the release manager deploys.", ("dba", "release-manager")),
        ("The DBA takes a backup and the release manager writes it down.", ("dba", "release-manager")),
        ("A designer and a translator look at the screens.", ("designer", "translator")),
        ("The requesting department fills in the form.", ("requesting-department",)),
        ("Regulatory affairs determines whether a filing is needed.", ("regulatory-affairs",)),
        ("The night porter holds the key.", ("night-porter",)),
        ("The plan is reviewed by a planner of another line.", ("planner",)),
        ("Quality has a right of veto.", ("quality",)),
        ("The duty manager must be informed.", ()),
        ("Model owners get a mail each week.", ()),
    ],
)
def test_who_acts_is_read_from_where_the_name_stands(line: str, roles: tuple[str, ...]) -> None:
    assert one(line).roles == roles


def test_whoever_is_named_for_a_task_is_known_from_there_on() -> None:
    asked = read("## Flow", "", "1. The lead names a fixer and a checker.", "2. Checker reviews the fix.").asked[-1]
    assert (asked.kind.value, asked.roles) == ("signoff", ("checker",))


def test_who_says_ok_below_a_decision_is_somebody() -> None:
    asked = read("## Decision", "", "- [ ] Harbour: OK").asked[-1]
    assert (asked.kind.value, asked.roles) == ("approval", ("harbour",))


def test_what_says_ok_elsewhere_is_nobody() -> None:
    assert read("## Before", "", "- [ ] Harbour: OK").asked[-1].roles == ()


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("the report is written on the same day", ["within:1d"]),
        ("never two on the same day", []),
        ("within three (3) working days", ["within:3d"]),
        ("within a fortnight", ["within:14d"]),
        ("within a calendar week", ["within:7d"]),
        ("within the first hour", ["within:1h"]),
        ("due in three working days", ["within:3d"]),
        ("two hours for answering", ["within:2h"]),
        ("on the eve of the release", ["before:1d"]),
        ("with three days' warning", ["before:3d"]),
        ("notice period for customers: three days", ["before:3d"]),
        ("three days out, announce it", ["before:3d"]),
        ("D-3: announce it", ["before:3d"]),
        ("T minus 3 days", ["before:3d"]),
        ("day +1: send the numbers", ["after:1d"]),
        ("after two quiet days", ["after:2d"]),
        ("for two nights", ["for:2d"]),
        ("for an hour and a half", ["for:90m"]),
        ("for a quarter of an hour", ["for:15m"]),
        ("for another half hour", ["for:30m"]),
        ("a 72-hour voting period", ["for:3d"]),
        ("two weeks minimum", ["for:14d"]),
        ("wait 24 hours for mirrors before announcing", ["for:1d"]),
        ("for the first week", ["for:7d"]),
        ("in 30-minute intervals", ["every:30m"]),
        ("at intervals of 30 minutes", ["every:30m"]),
        ("update it hourly", ["every:1h"]),
        ("lag stays under 10 seconds", []),
        ("within a year and a half hour budget", []),
    ],
)
def test_a_time_is_read_as_it_is_said(text: str, times: list[str]) -> None:
    assert [f"{found.relation}:{in_short(found.least)}" for found in deadlines(text)] == times


def test_the_time_of_what_is_demanded_goes_before_the_time_of_an_aside() -> None:
    deadline = one("A base that reports within the first 24 hours shall receive an answer within one hour.").deadline
    assert deadline is not None
    assert in_short(deadline.least) == "1h"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("The QA lead shall examine the code and record the outcome.", "signoff"),
        ("Two nurses and a physician test the change.", "gate"),
        ("QA lead tries the fix on staging and says so in the channel.", "signoff"),
        ("The safety officer carries out a hazard assessment and signs it.", "signoff"),
        ("On Sunday three key users work through their checklist, and sign it.", "signoff"),
        ("Product owner gives the go.", "approval"),
        ("Product owner must have no objection.", "approval"),
        ("Nobody has objected.", "approval"),
        ("Consent of the data owner obtained.", "approval"),
        ("CTO and head of sales both type go in the channel.", "approval"),
        ("- [ ] Two approvals on every pull request, one of them from the tech lead", "approval"),
        ("- [ ] Product: OK", "approval"),
        ("The security team allocates the number and approves the wording of the announcement.", "approval"),
        ("- [ ] Zero critical findings", "gate"),
        ("- [ ] Update from the three oldest versions works", "gate"),
        ("- [ ] Uninstall leaves nothing behind", "gate"),
        ("- [ ] Push notification arrives within 60 seconds of sending", "gate"),
        ("The requesting department completes form IT-22.", "record"),
        ("The lead consultant keeps the cutover log.", "record"),
        ("The minutes list every open anomaly.", "record"),
        ("Wards are asked whether a drill is planned.", "notify"),
        ("Translators get the final list.", "notify"),
        ("What slipped out is no problem of the docs but an incident: call the hotline at once.", "notify"),
        ("- [ ] Branch off, version +1", "step"),
        ("- [ ] Once approved: 10 % on Android, phased on iOS", "step"),
        ("The safety officer performs it.", "step"),
        ("- Two quiet days on staging", "hold"),
        ("- someone stays near a computer for the evening", "hold"),
        ("- the mailbox is watched until Friday", "hold"),
        ("- [ ] 100 % on the third day at the earliest", "hold"),
        ("The manager then has 15 minutes to restore it or to declare downtime.", "timer"),
        ("One change at a time.", "rule"),
        ("Oldest first.", "rule"),
        ("Below 99 % we pull the build.", "rule"),
        ("A failed journey means a new build.", "rule"),
        ("Requester and implementer are different persons.", "rule"),
        ("Developers have no access to production.", "rule"),
        ("Three gateways silent for an hour → stop the batch.", "rule"),
        ("- the portal is not changed during enrolment", "rule"),
        ("What isn't in by then rides the next train.", "rule"),
        ("Development and quality attend.", "rule"),
        ("You own the service until the next morning.", "rule"),
        ("You may want to warm the cache.", "advisory"),
        ("Rollouts SHOULD avoid 12:00-14:00.", "advisory"),
    ],
)
def test_a_line_is_read_by_its_build_as(line: str, kind: str) -> None:
    assert one(line).kind.value == kind


@pytest.mark.parametrize(
    "line",
    [
        'In this page "shall" is binding.',
        "Version 7, approved by the change board.",
        "Printed copies are uncontrolled.",
        "The release manager owns this procedure.",
        "Responsible for this procedure: QA lead",
    ],
)
def test_what_a_document_says_of_itself_asks_for_nothing(line: str) -> None:
    assert read("# Releases", "", "## Deployment", "", line).asked == ()


def test_bold_words_that_begin_an_item_are_its_label() -> None:
    (asked,) = read("## Steps", "", "1. **Pilot.** Ward 3 uses the version for five working days.").asked
    assert (asked.text, asked.kind.value) == ("Pilot: Ward 3 uses the version for five working days.", "hold")


def test_who_writes_everything_small_ends_sentences_all_the_same() -> None:
    asked = read("## Night", "", "retry the task once. swap the views back. tell the team.").asked
    assert [one.text for one in asked] == ["retry the task once.", "swap the views back.", "tell the team."]


def test_a_row_says_what_is_checked_and_what_is_expected() -> None:
    (asked,) = read(
        "## Pre-checks", "", "| # | Check | Expected | By |", "|---|---|---|---|", "| 1 | Alarm list | empty | DBA |"
    ).asked
    assert (asked.kind.value, asked.roles) == ("gate", ("dba",))


def test_a_form_that_is_to_be_filled_in_asks_for_nothing() -> None:
    rows = ("| Field | Entry |", "|---|---|", "| Approved by (Ops manager) | |")
    assert read("# Change", "", *rows).asked == ()


def test_what_stands_below_what_is_needed_is_needed() -> None:
    (asked,) = read("## What do I need?", "", "* a rollback you can show").asked
    assert asked.kind.value == "gate"
