# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from typing import Final

import pytest
from tests.packs.test_contradictions import PACK

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.domain.procedure import NEVER, Procedure
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.packs.timely import Timely, past, untimely

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAILY: Final = 'schedule: "RRULE:FREQ=DAILY"'
SECOND: Final = '{schedule: "RRULE:FREQ=DAILY", tz: Europe/Berlin, from: "01:00", to: "02:00"}'


def changed(before: str = "", after: str = "") -> str:
    """The pack with this changed."""
    assert before in PACK
    return PACK.replace(before, after, 1)


def procedure(text: str) -> Procedure:
    pack = load_pack("pack.yaml", text.encode())
    assert isinstance(pack, Pack), pack
    return pack.procedure


def problems(text: str) -> list[tuple[str, str]]:
    """The codes and paths of what is past, or never comes."""
    found = untimely("pack.yaml", text.encode(), Rfc5545Calendar(), NOW)
    return [(one.code, one.path) for one in found.found] if isinstance(found, Problems) else []


def until(day: str) -> str:
    return changed(DAILY, f'schedule: "RRULE:FREQ=DAILY;UNTIL={day}"')


WINDOW: Final = "stages[2].windows[0]"


def test_a_pack_that_says_nothing_of_it_never_expires() -> None:
    assert procedure(PACK).expires == NEVER
    assert (past(procedure(PACK), NOW), problems(PACK)) == ("", [])


def test_a_pack_is_past_from_the_moment_it_expires() -> None:
    assert past(procedure(changed("version:", "expires: 2026-03-02T09:00:01Z\nversion:")), NOW) == ""
    expired = changed("version:", "expires: 2026-03-02T09:00:00Z\nversion:")
    assert past(procedure(expired), NOW).startswith("the pack expired ")
    assert problems(expired) == [("pack.expired", "expires")]


def test_what_is_past_is_told_with_its_line() -> None:
    expired = changed("version:", "expires: 2020-01-01T00:00:00Z\nversion:")
    found = untimely("pack.yaml", expired.encode(), Rfc5545Calendar(), NOW)
    assert isinstance(found, Problems)
    assert found.render().startswith("pack.yaml:2:10: pack.expired: the pack expired 2020-01-01 00:00 UTC")


def test_a_window_that_ended_opens_no_more() -> None:
    assert past(procedure(until("20260227")), NOW) == "no window of stage 'production' opens any more"
    assert problems(until("20260227")) == [("pack.never_open", f"{WINDOW}.schedule")]


@pytest.mark.parametrize("day", ["20260228", "20260302", "20301231"])
def test_a_day_that_may_not_be_over_everywhere_is_not_past(day: str) -> None:
    assert past(procedure(until(day)), NOW) == ""


def test_one_window_that_still_opens_is_enough_to_go_on() -> None:
    ended = 'windows: [{schedule: "RRULE:FREQ=DAILY;UNTIL=20250101"'
    both = changed(f"windows: [{{{DAILY}", f"windows: [{SECOND}, {ended.removeprefix('windows: [')}")
    assert past(procedure(both), NOW) == ""
    assert problems(both) == [("pack.never_open", "stages[2].windows[1].schedule")]


@pytest.mark.parametrize(
    ("before", "after"), [("FREQ=DAILY", "FREQ=HOURLY"), ("Europe/Berlin", "Europe/Berlyn"), ("FREQ=DAILY", "FREQ=")]
)
def test_a_window_that_cannot_be_worked_out_is_told(before: str, after: str) -> None:
    assert problems(changed(before, after)) == [("pack.bad_window", WINDOW)]


def test_a_day_that_never_comes_is_told() -> None:
    assert problems(changed("FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")) == [
        ("pack.never_open", f"{WINDOW}.schedule")
    ]


@pytest.mark.parametrize("text", ["a: [", "pack: only\n"])
def test_of_what_does_not_load_nothing_is_past(text: str) -> None:
    assert untimely("pack.yaml", text.encode(), Rfc5545Calendar(), NOW) == Timely()
