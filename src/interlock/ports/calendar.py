# SPDX-License-Identifier: Apache-2.0
"""Working out when a recurring window is open.

The rules of calendars and time zones change from year to year, so they are not part of a decision: a decision records
the intervals that were worked out and the version of the data they came from (I8).

1. A schedule is an RFC 5545 recurrence (`RRULE:...`, with `EXDATE` lines allowed), an IANA zone, and local begin and
   end times of day; an end not after the begin lies on the next day. Anything else is `Rejected`
   (codes `calendar.bad_rule`, `calendar.bad_zone`, `calendar.bad_time`).
2. `intervals` gives every occurrence that overlaps [since, until], ascending, in UTC, half-open [opens, closes).
   Local times that a clock change skips or repeats resolve to a defined instant (the first one that exists).
3. It never guesses: without zone data it is `Unavailable`.
"""

from datetime import datetime
from typing import Protocol

from interlock.domain.window import Interval, Occurrences, Schedule

__all__ = ["Calendar", "Interval", "Occurrences", "Schedule"]


class Calendar(Protocol):
    """Expands schedules into instants."""

    def intervals(self, schedule: Schedule, since: datetime, until: datetime) -> Occurrences: ...
