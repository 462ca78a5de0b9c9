# SPDX-License-Identifier: Apache-2.0
"""The only place that asks the machine for the time, and for randomness.

Everything else is given a `Clock`, so that every decision can be repeated with the time it was made at.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class MemoryClock:
    """A clock that stands still until it is told otherwise; it may be set back."""

    instant: datetime

    def __post_init__(self) -> None:
        self.set(self.instant)

    def now(self) -> datetime:
        return self.instant

    def set(self, instant: datetime) -> None:
        """Make it `instant`, which must be aware; it is kept in UTC."""
        if instant.tzinfo is None:
            raise ValueError("a clock is set to an aware time: give the instant its time zone")
        self.instant = instant.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Let `by` pass; a negative span is a clock that jumps back."""
        self.instant += by


def draw(count: int) -> bytes:
    """That many random bytes, good enough for salts and keys."""
    return os.urandom(count)


def monotonic() -> float:
    """Seconds since some moment; it never jumps, and goes on while this process is stopped."""
    return time.monotonic()
