# SPDX-License-Identifier: Apache-2.0
"""Change windows: the recurring times in which a promotion may begin.

1. What is open is read from intervals that were worked out before the decision and are recorded with it (I8).
2. No intervals, or intervals that do not reach to now, are INCONCLUSIVE: never open.
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.domain.moment import in_words
from interlock.domain.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Schedule:
    """An RFC 5545 recurrence with local times of day (`HH:MM`) in an IANA zone such as `Europe/Berlin`."""

    recurrence: str
    zone: str
    begins: str
    ends: str

    @property
    def key(self) -> str:
        """What identifies the schedule among the facts of a decision."""
        return f"{self.recurrence} {self.begins}-{self.ends} {self.zone}"


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open [opens, closes), both aware UTC."""

    opens: datetime
    closes: datetime

    def covers(self, now: datetime) -> bool:
        """Whether `now` lies in it."""
        return self.opens <= now < self.closes


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every occurrence of a schedule that touches [since, until], and the version of the zone data behind it."""

    since: datetime
    until: datetime
    intervals: tuple[Interval, ...]
    zone_data: str


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """The occurrences of one schedule, as facts of a decision."""

    schedule: str
    occurrences: Occurrences


def judge_window(schedule: Schedule, facts: tuple[WorkedOut, ...], now: datetime) -> Finding:
    """Whether this window is open now, and if not when it opens next."""
    for fact in facts:
        if fact.schedule == schedule.key and fact.occurrences.since <= now <= fact.occurrences.until:
            return _judge(schedule, fact.occurrences, now)
    return Finding(
        "window.unknown",
        schedule.key,
        Verdict.INCONCLUSIVE,
        "it could not be worked out when this window is open",
        "check the recurrence and the zone with `interlock pack lint`",
    )


def _judge(schedule: Schedule, occurrences: Occurrences, now: datetime) -> Finding:
    for interval in occurrences.intervals:
        if interval.covers(now):
            return Finding(
                "window.open",
                schedule.key,
                Verdict.PASS,
                f"the change window is open until {in_words(interval.closes)}",
            )
    later = [interval.opens for interval in occurrences.intervals if interval.opens > now]
    opens = f"it opens {in_words(min(later))}" if later else "it does not open soon"
    return Finding(
        "window.closed",
        schedule.key,
        Verdict.FAIL,
        f"the change window is closed; {opens}",
        "wait for the window, or use an emergency change if this cannot wait",
    )
