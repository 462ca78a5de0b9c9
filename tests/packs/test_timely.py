# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from typing import Final

import pytest
from tests.packs.test_contradictions import PACK

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.domain.procedure import NEVER, Procedure
from interlock.packs.load import Pack, load_pack
from interlock.packs.timely import lint_times, past

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAILY: Final = 'schedule: "RRULE:FREQ=DAILY"'
SECOND: Final = '{schedule: "RRULE:FREQ=DAILY", tz: Europe/Berlin, from: "01:00", to: "02:00"}'


def procedure(before: str = "", after: str = "") -> Procedure:
    assert before in PACK
    pack = load_pack("pack.yaml", PACK.replace(before, after, 1).encode())
    assert isinstance(pack, Pack), pack
    return pack.procedure


def advice(one: Procedure) -> list[tuple[str, str]]:
    return [(found.code, found.where) for found in lint_times(one, Rfc5545Calendar(), NOW)]


def until(day: str) -> Procedure:
    return procedure(DAILY, f'schedule: "RRULE:FREQ=DAILY;UNTIL={day}"')


def test_a_pack_that_says_nothing_of_it_never_expires() -> None:
    assert procedure().expires == NEVER
    assert (past(procedure(), NOW), advice(procedure())) == ("", [])


def test_a_pack_is_past_from_the_moment_it_expires() -> None:
    assert past(procedure("version:", "expires: 2026-03-02T09:00:01Z\nversion:"), NOW) == ""
    expired = procedure("version:", "expires: 2026-03-02T09:00:00Z\nversion:")
    assert past(expired, NOW).startswith("the pack expired ")
    assert advice(expired) == [("lint.expired", "team")]


def test_a_window_that_ended_opens_no_more() -> None:
    assert past(until("20260227"), NOW) == "no window of stage 'production' opens any more"
    assert advice(until("20260227")) == [("lint.never_open", "production")]


@pytest.mark.parametrize("day", ["20260228", "20260302", "20301231"])
def test_a_day_that_may_not_be_over_everywhere_is_not_past(day: str) -> None:
    assert past(until(day), NOW) == ""


def test_one_window_that_still_opens_is_enough() -> None:
    ended = 'windows: [{schedule: "RRULE:FREQ=DAILY;UNTIL=20250101"'
    both = procedure(f"windows: [{{{DAILY}", f"windows: [{SECOND}, {ended.removeprefix('windows: [')}")
    assert past(both, NOW) == ""
    assert advice(both) == [("lint.never_open", "production")]


@pytest.mark.parametrize(
    ("before", "after"), [("FREQ=DAILY", "FREQ=HOURLY"), ("Europe/Berlin", "Europe/Berlyn"), ("FREQ=DAILY", "FREQ=")]
)
def test_a_window_that_cannot_be_worked_out_is_told(before: str, after: str) -> None:
    assert advice(procedure(before, after)) == [("lint.bad_window", "production")]


def test_a_day_that_never_comes_is_told() -> None:
    never = procedure("FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert advice(never) == [("lint.never_open", "production")]
