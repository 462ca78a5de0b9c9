# SPDX-License-Identifier: Apache-2.0
import importlib
import sys
import zoneinfo
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.ports.calendar import Interval, Schedule
from interlock.ports.failure import Rejected, Unavailable
from interlock.testing.contracts.calendar import CalendarContract, at, window

SINCE, UNTIL = at("2026-03-01"), at("2026-05-01")


class TestRfc5545Calendar(CalendarContract):
    @pytest.fixture
    def calendar(self) -> Rfc5545Calendar:
        return Rfc5545Calendar()


def berlin(recurrence: str, begins: str = "09:00", ends: str = "16:00") -> Schedule:
    return Schedule(recurrence, "Europe/Berlin", begins, ends)


def found(schedule: Schedule, since: datetime = SINCE, until: datetime = UNTIL) -> Sequence[Interval]:
    return Rfc5545Calendar().intervals(schedule, since, until).intervals


def days(recurrence: str, since: datetime = SINCE, until: datetime = UNTIL) -> list[str]:
    return [item.opens.strftime("%m-%d") for item in found(berlin(recurrence), since, until)]


def code_of(schedule: Schedule) -> str:
    with pytest.raises(Rejected) as refusal:
        found(schedule)
    return refusal.value.code


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;BYSECOND=1",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;BYMINUTE=0",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;",
        "FREQ=DAILY;;",
        "FREQ=DAILY;COLOUR=RED",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTH=0",
        "FREQ=DAILY;BYMONTH=",
        "FREQ=DAILY;BYMONTH=1,,2",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYWEEKNO=3",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20260230",
        "INTERVAL=1",
        "FREQ=DAILY\nRRULE:FREQ=DAILY",
        "FREQ=DAILY\nRDATE:20260401",
        "FREQ=DAILY\nEXRULE:FREQ=DAILY",
        "FREQ=DAILY\nEXDATE:soon",
        "FREQ=DAILY\nEXDATE;TZID=Europe/Paris:20260401T090000",
        "FREQ=DAILY\nEXDATE;VALUE=PERIOD:20260401",
        "FREQ=DAILY\nEXDATE;COLOUR=RED:20260401",
        "FREQ=DAILY\nDTSTART:20260401T090000\nDTSTART:20260401T090000",
        "FREQ=DAILY\nDTSTART:20260401T100000",
        "FREQ=DAILY\nDTSTART:18000101",
        "FREQ=DAILY\nDTSTART:20260401T090000\nBEGIN:VEVENT",
        "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 3000),
    ],
)
def test_a_rule_that_cannot_be_meant_is_rejected(rule: str) -> None:
    assert code_of(berlin(f"RRULE:{rule}")) == "calendar.bad_rule"


@pytest.mark.parametrize(
    "rule", ["INTERVAL=0", "INTERVAL=-1", "INTERVAL=1,2", "COUNT=0", "COUNT=3;UNTIL=20260401", "INTERVAL=" + "9" * 60]
)
def test_a_rule_that_counts_wrongly_is_rejected(rule: str) -> None:
    assert code_of(berlin(f"DTSTART:20260301\nRRULE:FREQ=DAILY;{rule}")) == "calendar.bad_rule"


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=3"],
)
def test_a_rule_that_needs_a_start_is_rejected_without_one(rule: str) -> None:
    assert code_of(berlin(f"RRULE:{rule}")) == "calendar.bad_rule"


def test_a_start_is_what_a_rule_counts_from() -> None:
    assert days("DTSTART:20260305\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3") == ["03-05", "03-19", "04-02"]


def test_until_is_inclusive_for_a_day() -> None:
    assert days("RRULE:FREQ=DAILY;UNTIL=20260303") == ["03-01", "03-02", "03-03"]


def test_until_in_utc_is_compared_with_the_begin() -> None:
    assert days("RRULE:FREQ=DAILY;UNTIL=20260303T075959Z") == ["03-01", "03-02"]


def test_an_exception_takes_away_the_window_that_begins_on_its_day() -> None:
    excluded = "EXDATE:20260302,20260303T120000\nEXDATE;TZID=Europe/Berlin:20260304T090000\nEXDATE:20260304T233000Z"
    assert days(f"RRULE:FREQ=DAILY;UNTIL=20260306\n{excluded}") == ["03-01", "03-06"]


def test_a_folded_line_is_one_line() -> None:
    assert days("RRULE:FREQ=DAILY;\r\n UNTIL=20260302\r\n") == ["03-01", "03-02"]


def test_the_last_friday_of_a_month() -> None:
    assert days("RRULE:FREQ=MONTHLY;BYDAY=-1FR") == ["03-27", "04-24"]


def test_a_window_that_lies_wholly_in_a_gap_never_opens() -> None:
    night = berlin("DTSTART:20260329T021000\nRRULE:FREQ=DAILY;COUNT=1", "02:10", "02:40")
    assert not found(night)


def test_a_window_that_comes_twice_opens_once() -> None:
    night = berlin("DTSTART:20261025T021000\nRRULE:FREQ=DAILY;COUNT=1", "02:10", "02:40")
    assert list(found(night, at("2026-10-01"), at("2026-11-01"))) == [window("2026-10-25 00:10", "2026-10-25 00:40")]


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO",
        "DTSTART:20000101T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYMONTH=2;BYDAY=MO;BYSETPOS=5",
        "DTSTART:19010101T090000\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    ],
)
def test_a_rule_that_never_comes_true_ends(rule: str) -> None:
    assert not found(berlin(rule))


def test_a_rare_day_is_found() -> None:
    assert days("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", at("2026-01-01"), at("2033-01-01")) == ["02-29", "02-29"]


def test_counting_goes_on_over_centuries() -> None:
    rule = "DTSTART:19050101T090000\nRRULE:FREQ=DAILY;INTERVAL=1000"
    assert [item.opens.date() for item in found(berlin(rule), at("2026-01-01"), at("2028-12-31"))] == [
        datetime(1905, 1, 1, tzinfo=SINCE.tzinfo).date() + timedelta(days=1000 * step) for step in (45,)
    ]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (at("0001-01-01"), at("9999-12-31")),
        (at("2000-01-01"), at("2026-01-01")),
        (at("9500-01-01"), at("9500-01-02")),
        (datetime(2026, 1, 1), at("2026-01-02")),  # noqa: DTZ001 - the fault under test
    ],
)
def test_a_range_that_is_too_long_or_without_zone_is_rejected(since: datetime, until: datetime) -> None:
    with pytest.raises(Rejected) as refusal:
        found(berlin("RRULE:FREQ=DAILY"), since, until)
    assert refusal.value.code == "calendar.bad_range"


def test_a_long_range_is_worked_out_whole() -> None:
    assert len(found(berlin("RRULE:FREQ=DAILY"), at("2007-01-01"), at("2027-01-01"))) == 7305


def test_an_empty_range_has_no_windows() -> None:
    assert not found(berlin("RRULE:FREQ=DAILY"), UNTIL, SINCE)


def test_the_version_is_that_of_the_data_in_use() -> None:
    occurrences = Rfc5545Calendar().intervals(berlin("RRULE:FREQ=DAILY"), SINCE, SINCE)
    assert occurrences.zone_data == importlib.import_module("tzdata").IANA_VERSION


def test_the_data_of_the_operating_system_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe/Berlin").write_bytes(b"no zone file")
    zoneinfo.reset_tzpath([tmp_path])
    try:
        assert days("RRULE:FREQ=DAILY;UNTIL=20260301") == ["03-01"]
    finally:
        zoneinfo.reset_tzpath()


def test_without_zone_data_it_does_not_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tzdata", None)
    with pytest.raises(Unavailable) as failure:
        found(berlin("RRULE:FREQ=DAILY"))
    assert failure.value.code == "calendar.no_zone_data"


HOURS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))


@settings(max_examples=150, deadline=None)
@given(
    begins=HOURS, ends=HOURS, zone=st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"])
)
def test_daily_windows_never_overlap_and_never_outlast_a_long_day(begins: str, ends: str, zone: str) -> None:
    windows = found(Schedule("RRULE:FREQ=DAILY", zone, begins, ends), at("2018-01-01"), at("2019-01-01"))
    lengths = [item.closes - item.opens for item in windows]
    gaps = [after.opens - before.closes for before, after in pairwise(windows)]
    assert timedelta() < min(lengths)
    assert max(lengths) <= timedelta(hours=25)
    assert min(gaps) >= timedelta()


@settings(max_examples=200, deadline=None)
@given(
    words=st.text(max_size=60)
    | st.from_regex(r"RRULE:FREQ=(DAILY|WEEKLY)(;[A-Z]{2,8}=[-0-9A-Z,]{0,8}){0,3}", fullmatch=True)
)
def test_any_text_is_worked_out_or_rejected(words: str) -> None:
    try:
        outcome = "windows" if len(found(berlin(words))) >= 0 else ""
    except Rejected as refusal:
        outcome = refusal.code
    assert outcome in {"windows", "calendar.bad_rule"}
