# SPDX-License-Identifier: Apache-2.0
"""What a decision needs that is not in the ledger, gathered once and recorded with the decision (I8).

Only two things qualify: where the ledger stood in time, and when recurring windows are open. Everything else a gate
looks at is in the ledger itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from interlock.domain.window import Schedule, WorkedOut
from interlock.ledger.codec import decode_as
from interlock.ledger.record import Json
from interlock.ports.calendar import Calendar
from interlock.ports.failure import PortFailure

LOOK_BACK: Final = timedelta(days=2)
LOOK_AHEAD: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Facts:
    """`latest` is the time of the ledger's last record when the decision was made."""

    latest: datetime
    windows: tuple[WorkedOut, ...] = ()


def encode_facts(facts: Facts) -> Mapping[str, Json]:
    """The facts as JSON, for the record of the decision."""
    encoded: Mapping[str, Json] = msgspec.to_builtins(facts)
    return encoded


def decode_facts(recorded: Mapping[str, Json]) -> Facts:
    """The facts of a recorded decision. Raises `Undecodable`."""
    return decode_as(Facts, recorded)


class FactSource(Protocol):
    """Gives the facts of a decision: gathered now, or read back from a record."""

    @property
    def latest(self) -> datetime: ...

    def windows(self, schedules: tuple[Schedule, ...], now: datetime) -> tuple[WorkedOut, ...]: ...


@dataclass(slots=True)
class Gathered:
    """Gathers from the calendar, and remembers what it gave so that it can be recorded."""

    latest: datetime
    calendar: Calendar
    given: dict[str, WorkedOut] = field(default_factory=dict)

    def windows(self, schedules: tuple[Schedule, ...], now: datetime) -> tuple[WorkedOut, ...]:
        """What could be worked out. A schedule that could not is absent, and so holds its gate."""
        for schedule in schedules:
            if schedule.key not in self.given:
                try:
                    occurrences = self.calendar.intervals(schedule, now - LOOK_BACK, now + LOOK_AHEAD)
                except PortFailure:
                    continue
                self.given[schedule.key] = WorkedOut(schedule.key, occurrences)
        return tuple(self.given[schedule.key] for schedule in schedules if schedule.key in self.given)

    def facts(self) -> Facts:
        """Everything that was given."""
        return Facts(self.latest, tuple(self.given.values()))


@dataclass(frozen=True, slots=True)
class Recorded:
    """Reads back what a past decision was given."""

    facts: Facts

    @property
    def latest(self) -> datetime:
        """Where the ledger stood in time."""
        return self.facts.latest

    def windows(self, schedules: tuple[Schedule, ...], now: datetime) -> tuple[WorkedOut, ...]:
        """Exactly what was recorded for these schedules."""
        wanted = {schedule.key for schedule in schedules}
        return tuple(fact for fact in self.facts.windows if fact.schedule in wanted)
