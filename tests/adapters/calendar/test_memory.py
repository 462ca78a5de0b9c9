# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.adapters.calendar.memory import MemoryCalendar
from interlock.ports.calendar import Schedule
from interlock.ports.failure import Rejected
from interlock.testing.contracts.calendar import BAD, KNOWN, CalendarContract, at


class TestMemoryCalendar(CalendarContract):
    @pytest.fixture
    def calendar(self) -> MemoryCalendar:
        return MemoryCalendar(dict(KNOWN.values()), dict(BAD))


def test_a_schedule_that_nobody_scripted_is_rejected() -> None:
    schedule = Schedule("RRULE:FREQ=DAILY", "Europe/Berlin", "09:00", "16:00")
    with pytest.raises(Rejected):
        MemoryCalendar({}).intervals(schedule, at("2026-03-01"), at("2026-04-01"))
