# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the calendar port: one or more tests per numbered clause of `interlock.ports.calendar`.

Subclass `CalendarContract` in your test suite and give it a fixture named `calendar`. The windows in `KNOWN` were
worked out by hand from the published rules of the zones; every calendar has to agree with them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest

from interlock.ports.calendar import Calendar, Interval, Schedule
from interlock.ports.failure import Rejected


def at(words: str) -> datetime:
    """An instant in UTC, from `2026-03-29 01:00`."""
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


def window(opens: str, closes: str) -> Interval:
    """A window, from two instants in UTC."""
    return Interval(at(opens), at(closes))


KNOWN: Final[Mapping[str, tuple[Schedule, tuple[Interval, ...]]]] = {
    "a clock change between two windows": (
        Schedule(
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260402\nEXDATE:20260319,20260323", "Europe/Berlin", "09:00", "16:00"
        ),
        (
            window("2026-03-26 08:00", "2026-03-26 15:00"),
            window("2026-03-30 07:00", "2026-03-30 14:00"),
            window("2026-04-02 07:00", "2026-04-02 14:00"),
        ),
    ),
    "a begin that the clock jumps over": (
        Schedule("DTSTART:20260329T023000\nRRULE:FREQ=DAILY;COUNT=2", "Europe/Berlin", "02:30", "04:00"),
        (window("2026-03-29 01:00", "2026-03-29 02:00"), window("2026-03-30 00:30", "2026-03-30 02:00")),
    ),
    "a begin that comes twice": (
        Schedule("DTSTART:20261025T023000\nRRULE:FREQ=DAILY;COUNT=1", "Europe/Berlin", "02:30", "03:30"),
        (window("2026-10-25 00:30", "2026-10-25 02:30"),),
    ),
    "a window over midnight and a clock change": (
        Schedule("DTSTART:20260328T220000\nRRULE:FREQ=DAILY;COUNT=2", "Europe/Berlin", "22:00", "02:30"),
        (window("2026-03-28 21:00", "2026-03-29 01:00"), window("2026-03-29 20:00", "2026-03-30 00:30")),
    ),
    "a midnight that does not exist": (
        Schedule("DTSTART:20181104T000000\nRRULE:FREQ=DAILY;COUNT=1", "America/Sao_Paulo", "00:00", "06:00"),
        (window("2018-11-04 03:00", "2018-11-04 08:00"),),
    ),
    "an hour before midnight that comes twice": (
        Schedule("DTSTART:20180217T233000\nRRULE:FREQ=DAILY;COUNT=1", "America/Sao_Paulo", "23:30", "00:30"),
        (window("2018-02-18 01:30", "2018-02-18 03:30"),),
    ),
    "whole days": (
        Schedule("DTSTART:20260328\nRRULE:FREQ=DAILY;COUNT=2", "Europe/Berlin", "00:00", "00:00"),
        (window("2026-03-27 23:00", "2026-03-28 23:00"), window("2026-03-28 23:00", "2026-03-29 22:00")),
    ),
}
BAD: Final[tuple[tuple[Schedule, str], ...]] = (
    (Schedule("", "Europe/Berlin", "09:00", "16:00"), "calendar.bad_rule"),
    (Schedule("FREQ=DAILY", "Europe/Berlin", "09:00", "16:00"), "calendar.bad_rule"),
    (Schedule("RRULE:FREQ=OFTEN", "Europe/Berlin", "09:00", "16:00"), "calendar.bad_rule"),
    (Schedule("RRULE:FREQ=DAILY;BYDAY=XX", "Europe/Berlin", "09:00", "16:00"), "calendar.bad_rule"),
    (Schedule("RRULE:FREQ=DAILY", "Europe/Atlantis", "09:00", "16:00"), "calendar.bad_zone"),
    (Schedule("RRULE:FREQ=DAILY", "../../etc/passwd", "09:00", "16:00"), "calendar.bad_zone"),
    (Schedule("RRULE:FREQ=DAILY", "", "09:00", "16:00"), "calendar.bad_zone"),
    (Schedule("RRULE:FREQ=DAILY", "Europe/Berlin", "9:00", "16:00"), "calendar.bad_time"),
    (Schedule("RRULE:FREQ=DAILY", "Europe/Berlin", "09:00", "24:00"), "calendar.bad_time"),
)
WEEK: Final = timedelta(days=7)


class CalendarContract:
    """The clauses of `Calendar`, as tests."""

    @pytest.mark.parametrize(("schedule", "code"), BAD)
    def test_1_a_schedule_that_means_nothing_is_rejected(
        self, calendar: Calendar, schedule: Schedule, code: str
    ) -> None:
        with pytest.raises(Rejected) as refusal:
            calendar.intervals(schedule, at("2026-03-01"), at("2026-04-01"))
        assert refusal.value.code == code

    @pytest.mark.parametrize("name", KNOWN)
    def test_2_windows_are_the_published_ones(self, calendar: Calendar, name: str) -> None:
        schedule, wanted = KNOWN[name]
        found = calendar.intervals(schedule, wanted[0].opens - WEEK, wanted[-1].closes + WEEK)
        assert tuple(found.intervals) == wanted

    @pytest.mark.parametrize("name", KNOWN)
    def test_2_windows_ascend_and_are_in_utc(self, calendar: Calendar, name: str) -> None:
        schedule, wanted = KNOWN[name]
        found = calendar.intervals(schedule, wanted[0].opens - WEEK, wanted[-1].closes + WEEK).intervals
        assert all(one.closes <= other.opens for one, other in pairwise(found))
        assert {moment.tzinfo for item in found for moment in (item.opens, item.closes)} == {UTC}

    @pytest.mark.parametrize("name", KNOWN)
    def test_2_a_window_around_the_range_is_given_whole(self, calendar: Calendar, name: str) -> None:
        schedule, wanted = KNOWN[name]
        inside = wanted[0].opens + timedelta(minutes=1)
        assert tuple(calendar.intervals(schedule, inside, inside).intervals) == wanted[:1]

    @pytest.mark.parametrize("name", KNOWN)
    def test_2_a_window_is_open_at_its_begin_and_shut_at_its_end(self, calendar: Calendar, name: str) -> None:
        schedule, wanted = KNOWN[name]
        at_begin, at_end = (
            tuple(calendar.intervals(schedule, moment, moment).intervals)
            for moment in (wanted[0].opens, wanted[0].closes)
        )
        assert (at_begin, wanted[0] in at_end) == (wanted[:1], False)

    def test_3_the_version_of_the_zone_data_is_told(self, calendar: Calendar) -> None:
        schedule, wanted = KNOWN["whole days"]
        assert calendar.intervals(schedule, wanted[0].opens, wanted[0].closes).zone_data

    def test_3_the_range_that_was_worked_out_is_told(self, calendar: Calendar) -> None:
        schedule, wanted = KNOWN["whole days"]
        occurrences = calendar.intervals(schedule, wanted[0].opens, wanted[0].closes)
        assert (occurrences.since, occurrences.until) == (wanted[0].opens, wanted[0].closes)
