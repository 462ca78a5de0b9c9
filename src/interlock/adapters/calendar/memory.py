# SPDX-License-Identifier: Apache-2.0
"""A calendar that was written down by a test, a demo or a simulation: schedules and what they amount to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from interlock.ports.calendar import Interval, Occurrences, Schedule
from interlock.ports.failure import Rejected


@dataclass(frozen=True, slots=True)
class MemoryCalendar:
    """`windows` are all occurrences of a schedule, `refused` the schedules that mean nothing, with the code."""

    windows: Mapping[Schedule, tuple[Interval, ...]]
    refused: Mapping[Schedule, str] = field(default_factory=dict)
    zone_data: str = "scripted"

    def intervals(self, schedule: Schedule, since: datetime, until: datetime) -> Occurrences:
        if schedule in self.refused or schedule not in self.windows:
            code = self.refused.get(schedule, "calendar.bad_rule")
            raise Rejected(code, f"'{schedule.recurrence}' means nothing here", "script the windows of that schedule")
        overlapping = [item for item in self.windows[schedule] if item.closes > since and item.opens <= until]
        ascending = tuple(sorted(overlapping, key=lambda item: item.opens))
        return Occurrences(since, until, ascending, self.zone_data)
