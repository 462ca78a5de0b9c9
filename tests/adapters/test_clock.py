# SPDX-License-Identifier: Apache-2.0
"""The clocks tell aware time in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from interlock.adapters.clock import MemoryClock, SystemClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_machines_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()
    assert told.tzinfo is UTC
    assert before <= told <= datetime.now(UTC)


def test_a_clock_in_memory_stands_still_until_it_is_told() -> None:
    clock = MemoryClock(NOON)
    first = clock.now()
    clock.advance(timedelta(minutes=5))
    assert (first, clock.now()) == (NOON, NOON + timedelta(minutes=5))


def test_a_clock_in_memory_may_jump_back() -> None:
    clock = MemoryClock(NOON)
    clock.set(NOON - timedelta(hours=1))
    assert clock.now() == NOON - timedelta(hours=1)


def test_a_clock_in_memory_tells_any_zone_in_utc() -> None:
    assert MemoryClock(NOON.astimezone(timezone(timedelta(hours=2)))).now().tzinfo is UTC


def test_a_clock_is_not_set_to_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        MemoryClock(NOON.replace(tzinfo=None))
