# SPDX-License-Identifier: Apache-2.0
"""Calendar words in a procedure: which window a draft has, what stays a statement, and who settles a rollback."""

from datetime import timedelta

import pytest

from interlock.packs.reading.drafting import Drafted, drafted
from interlock.packs.reading.opening import ALWAYS, Opening
from interlock.packs.reading.reading import Reading, read_procedure

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")
EVERY = (*WEEKDAYS, "SA", "SU")


def made(*lines: str) -> Drafted:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return drafted("release", [reading])


def opening(*rules: str) -> Opening:
    """What rules of a section about deploying leave open."""
    return made("# Deployment rules", "", *(f"- {rule}" for rule in rules)).layout.opening


@pytest.mark.parametrize(
    ("rule", "days", "begins", "ends"),
    [
        ("Deployments happen only Monday to Thursday, 9:00-16:00", ("MO", "TU", "WE", "TH"), "09:00", "16:00"),
        ("Releases are made on Tuesdays and Thursdays", ("TU", "TH"), "00:00", "23:59"),
        ("Deployments only during business hours", WEEKDAYS, "09:00", "17:00"),
        ("Releases only on weekdays", WEEKDAYS, "00:00", "23:59"),
        ("Releases take place only between 9 and 5", EVERY, "09:00", "17:00"),
        ("Releases take place only between 9 am and 4 pm", EVERY, "09:00", "16:00"),
        ("Never deploy on Fridays", ("MO", "TU", "WE", "TH", "SA", "SU"), "00:00", "23:59"),
        ("No releases on weekends", WEEKDAYS, "00:00", "23:59"),
        ("Maintenance windows: Friday to Monday, 20:00-23:00", ("MO", "FR", "SA", "SU"), "20:00", "23:00"),
    ],
)
def test_days_and_hours_make_a_window(rule: str, days: tuple[str, ...], begins: str, ends: str) -> None:
    found = opening(rule)
    assert ({*found.days}, found.begins, found.ends, len(found.carries)) == ({*days}, begins, ends, 1)


@pytest.mark.parametrize(
    "rule",
    [
        "No deployments on Fridays unless the CTO agrees",
        "Never deploy on Friday after 15:00",
        "Deployments of pricing go out after the price review on Tuesdays",
        "Releases take place only between 22:00 and 02:00",
        "Releases must be announced",
        "Never deploy on a whim",
        "Never deploy on Mondays, Tuesdays, Wednesdays, Thursdays, Fridays, Saturdays, Sundays",
    ],
)
def test_what_a_window_cannot_say_whole_stays_a_statement(rule: str) -> None:
    assert opening(rule) == ALWAYS


def test_rules_of_several_lines_hold_together() -> None:
    found = opening(
        "Deployments only on weekdays, 09:00-16:00 CET", "No deployments on Fridays", "No releases in December"
    )
    assert found.recurrence == "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;BYMONTH=1,2,3,4,5,6,7,8,9,10,11"
    assert (found.zone, len(found.carries)) == ("Europe/Berlin", 3)


def test_what_is_listed_as_forbidden_is_closed() -> None:
    found = made("# Releases", "", "## Never", "", "- deploy on Fridays").layout.opening
    assert "FR" not in found.days


def test_the_zone_is_a_guess_where_none_is_named() -> None:
    text = dict(made("# Deployment rules", "", "- Never deploy on Fridays").files)["pack.yaml"]
    assert "# a guess: in which time zone?" in text
    assert "tz: UTC" in text


def test_a_named_zone_is_no_guess() -> None:
    rule = "- Deployments only Monday to Thursday, 09:00-16:00 UTC"
    text = dict(made("# Deployment rules", "", rule).files)["pack.yaml"]
    assert "time zone?" not in text


@pytest.mark.parametrize(
    ("found", "elapsed", "wait"),
    [
        (ALWAYS, timedelta(days=4), timedelta(0)),
        (opening("Releases are made on Mondays"), timedelta(0), timedelta(0)),
        (opening("Releases are made on Tuesdays"), timedelta(0), timedelta(hours=15, minutes=15)),
        (
            opening("Releases happen only between 9:00 and 10:00"),
            timedelta(minutes=40),
            timedelta(hours=23, minutes=35),
        ),
        (opening("No releases in March"), timedelta(0), timedelta(days=29, hours=15, minutes=15)),
        (Opening(days=(), carries=opening("No releases in March").carries), timedelta(0), timedelta(0)),
    ],
    ids=["always", "open", "tomorrow", "closing", "month", "never"],
)
def test_a_story_waits_until_the_window_is_open(found: Opening, elapsed: timedelta, wait: timedelta) -> None:
    assert found.wait_after(elapsed) == wait


@pytest.mark.parametrize(
    "rule",
    [
        "No releases between 18 December and 6 January",
        "Production is closed for all changes at month-end",
        "Nothing is released in the week before Christmas",
    ],
)
def test_spans_of_days_are_what_a_freeze_refuses(rule: str) -> None:
    text = dict(made("# Deployment rules", "", f"- {rule}").files)["pack.yaml"]
    assert "freeze.active" in text


AUTHORITY = "- The release manager may order a rollback."
AWAY = "- If the release manager cannot be reached within ten minutes, the duty manager decides on the rollback."
APART = "- If the lead and the release manager disagree, the service owner decides on the rollback."


@pytest.mark.parametrize(
    ("rules", "lines"),
    [
        ((AUTHORITY,), ["primary: release-manager"]),
        ((AUTHORITY, AWAY), ["primary: release-manager", "fallback: {to: duty-manager, after: 10m}"]),
        ((AUTHORITY, APART), ["primary: release-manager", "escalate: {to: service-owner, after: 10m}"]),
        (
            (AWAY,),
            ["# a guess: who decides a rollback in the first place?", "fallback: {to: duty-manager, after: 10m}"],
        ),
        (("- The duty manager may order a rollback.", AWAY), ["primary: duty-manager"]),
    ],
    ids=["primary", "fallback", "escalate", "guess", "himself"],
)
def test_who_decides_stands_in_and_settles(rules: tuple[str, ...], lines: list[str]) -> None:
    text = dict(
        made("# Releases", "", "## Before", "", "- [ ] QA Lead signs off", "", "## Rollback", "", *rules).files
    )["pack.yaml"]
    assert [line for line in lines if line not in text] == []


def test_nobody_stands_in_for_themselves() -> None:
    text = dict(made("# Releases", "", "## Rollback", "", "- The duty manager may order a rollback.", AWAY).files)[
        "pack.yaml"
    ]
    assert "fallback:" not in text
