# SPDX-License-Identifier: Apache-2.0
"""Who is asked, where nothing introduces them: handles, letters, rotas, and in whose hands something is."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.handles import handles_of
from interlock.packs.reading.initials import initials_of
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.passages import passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.roles import slug
from interlock.packs.reading.timetables import as_items


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def one(*lines: str) -> Asked:
    """The last thing asked for in these lines, below the title of a document that introduces itself."""
    return read("# Tide gauges", "", "This page says how we change them.", "", *lines).asked[-1]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("- [ ] @mira: bump the build numbers", ("mira",)),
        ("- [ ] buoys tried at sea \N{EN DASH} @mira", ("mira",)),
        ("- [ ] old charts? -> @mira copies them first", ("mira",)),
        ("- no change of prices without both @mira and @tor", ("mira", "tor")),
        ("- [ ] tag pushed by @gauges/release-crew", ("release-crew",)),
        ("- Whoever is on call checks the alert routes.", ("on-call",)),
        ("- The person on duty silences the pager.", ("on-duty",)),
        ("- Sign-off needed from: Treasury, Harbour", ("treasury", "harbour")),
        (
            "- Launch button: harbour master and field operations together, on a call",
            ("harbour-master", "field-operations"),
        ),
        ("- Only the lock keeper may open the gate.", ("lock-keeper",)),
        ("- Opening is reserved to the lock keeper.", ("lock-keeper",)),
        ("- Backports are up to the branch keeper.", ("branch-keeper",)),
        (
            "- The keeper of tides has the last word, with the consent of the works council.",
            ("keeper-of-tides", "works-council"),
        ),
        ("- The decision to go back is the shift manager's alone.", ("shift-manager",)),
        ("- Moorings is accountable for the backups.", ("moorings",)),
        ("- The head diver's written acceptance is needed.", ("head-diver",)),
        ("- The texts have been read by somebody from the citizen hotline.", ("citizen-hotline",)),
        ("- Where nets are set the marine dietitian must agree.", ("marine-dietitian",)),
        ("- Only fixes that a triage owner has labelled go in.", ("triage-owner",)),
        ("- The harbour-relations person writes to the coast office.", ("harbour-relations",)),
        ("- lamps stay off until the copy chief switches them on", ("copy-chief",)),
        ("- if the tide lead says no, it is no", ("tide-lead",)),
        ("- [ ] post about it (forum volunteer)", ("forum-volunteer",)),
        ("- Assigned to: pontoon crew - rotate the keys", ("pontoon-crew",)),
        ("- Needs a yes from Maren.", ("maren",)),
        ("- Do not start without Maren's okay.", ("maren",)),
        ("- Ask Automation to wait, copy the charts.", ()),
        ("- The texts have been read by somebody from the dashboard page.", ()),
    ],
)
def test_whoever_is_asked_is_found_by_where_they_stand(line: str, roles: tuple[str, ...]) -> None:
    assert one(line).roles == roles


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ping @mira and @tor", {"mira", "tor"}),
        ("review by @gauges/release-managers", {"release-manager"}),
        ("publish @gauges/core and @types/node", set()),
        ("tell @here and @channel", set()),
        ("mail gauges@example.org, or dev@ for short", set()),
        ("install gauges@latest with @pytest.mark", set()),
    ],
)
def test_a_sign_calls_people_and_no_packages(text: str, found: set[str]) -> None:
    assert handles_of(passages((text,))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("P = Producer, T = Technical Director, A = Audio Lead", {"T": "Technical Director", "A": "Audio Lead"}),
        ("DE: data engineer who wrote the change", {"DE": "data engineer"}),
        ("R = Responsible, A = Accountable, C = Consulted", {}),
        ("P = Pass, F = Fail", {}),
        ("API: data engineer", {}),
        ("the duty officer (DO) signs", {"DO": "duty officer"}),
    ],
)
def test_letters_stand_for_roles_where_the_document_says_so(text: str, found: dict[str, str]) -> None:
    assert found.items() <= initials_of(passages((text,))).items()
    assert bool(initials_of(passages((text,)))) is bool(found)


LEGEND = ("Key: T = Technical Director, A = Audio Lead, C = Compliance Lead", "")


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("- C goes through the list of the last submission", ("compliance-lead",)),
        ("- The waiver is written by C", ("compliance-lead",)),
        ("- Upload the build (T)", ("technical-director",)),
        ("- A build is uploaded", ()),
        ("- Vitamin C is not touched", ()),
    ],
)
def test_one_letter_stands_for_somebody_where_somebody_can_stand(line: str, roles: tuple[str, ...]) -> None:
    assert one(*LEGEND, line).roles == roles


def test_a_column_of_letters_names_several() -> None:
    table = ("| Requirement | Owner | OK |", "|---|---|---|", "| Save data survives a power cut | T/C | |")
    found = one(*LEGEND, *table)
    assert (found.kind, found.roles) == ("gate", ("technical-director", "compliance-lead"))


def test_a_role_is_called_by_its_last_word_too() -> None:
    found = one("- Opening is reserved to the tide warden.", "- Every morning the warden copies the charts.")
    assert found.roles == ("warden",)


def test_an_item_may_begin_with_who_it_is() -> None:
    found = one("## Responsibilities", "", "1. Head brewer. Decides on the date of the update.")
    assert (found.kind, found.roles) == ("approval", ("head-brewer",))


def test_a_numbered_owner_is_no_owner_of_its_section() -> None:
    found = one("1. Owner: tide warden", "2. Copy the charts.")
    assert found.roles == ()


def test_nobody_is_a_name_of_nobody() -> None:
    assert one("- Owner: Nobody", "- Copy the charts.").roles == ()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- A1. Row counts of both are equal", "gate"),
        ("- [ ] **B-2.** Copy the charts", "step"),
        ("- error of the new model not worse than of the old", "gate"),
        ("- The start may not be slower by more than 5 %.", "gate"),
        ("- Readings shall not deviate by more than 0.3 K.", "gate"),
        ("- heights of old and new run differ by less than 2 %", "gate"),
        ("- No day-one patch without the harbour's blessing.", "rule"),
        ("Every failure gets an entry in the tide book.", "record"),
        ("More than twenty gaps are an incident.", "rule"),
        ("A penetration test is due if the login was touched.", "rule"),
        ("- Closed by: tide manager", "step"),
    ],
)
def test_what_is_asked_follows_from_the_build_of_the_line(line: str, kind: str) -> None:
    assert one(line).kind == kind


def test_whoever_hears_of_a_step_does_not_make_it_a_message() -> None:
    table = ("## Plan", "", "| Step | Who | Informed |", "|---|---|---|", "| Cut the branch | Tide lead | Everyone |")
    assert one(*table).kind == "step"


def test_below_whom_to_tell_stands_who_is_told() -> None:
    lines = ("Who is told what:", "", "- class A: road authority, press office", "- class B: nobody")
    assert [(found.line, found.kind) for found in read("# Gauges", "", *lines).asked] == [(5, "notify")]


def test_a_title_with_parts_below_it_asks_for_nothing() -> None:
    lines = ("## 4 Procedure", "", "4.1 Testing", "", "4.1.1 Compare the charts.", "", "4.1.2 Copy the charts.")
    assert [found.section[-1] for found in read("# Gauges", "", *lines).asked] == ["Testing", "Testing"]


def test_what_a_word_means_asks_for_nothing() -> None:
    lines = ("## 2 Definitions", "", "2.1 *Tide file*: the folder in which all charts are kept.")
    assert read("# Gauges", "", *lines).asked == ()


def test_a_row_with_somebody_and_a_time_asks() -> None:
    table = ("| Item | Owner | When |", "|---|---|---|", "| Charts frozen | Tide desk | T-3 days |")
    found = one("## Deployment", "", *table)
    assert (found.roles, found.deadline and in_short(found.deadline.least)) == (("tide-desk",), "3d")


def test_days_of_the_week_make_a_calendar_of_lines() -> None:
    week = ("**Mon.** Cut the branch.", "**Tue-Wed.** Watch it.", "Fri: Ship it.")
    assert as_items(week) == ("- Mon \u2013 Cut the branch.", "- Tue-Wed \u2013 Watch it.", "- Fri \u2013 Ship it.")


def test_a_day_or_two_are_no_calendar() -> None:
    week = ("**Mon.** Cut the branch.", "", "Fri: Ship it.")
    assert as_items(week) == week


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("If the review takes more than 48 h, write to them", "after:2d"),
        ("When an alarm rings for longer than 30 minutes", "after:30m"),
        ("Wait one tide (12 h)", "for:12h"),
    ],
)
def test_what_lasts_too_long_is_a_time(text: str, time: str) -> None:
    assert [f"{found.relation}:{in_short(found.least)}" for found in deadlines(text)] == [time]


@pytest.mark.parametrize(
    ("words", "name"),
    [("whoever is on call", "on-call"), ("@gauges/lock-keepers", "lock-keeper"), ("the person on shift", "on-shift")],
)
def test_a_name_is_without_what_it_only_begins_with(words: str, name: str) -> None:
    assert slug(words) == name
