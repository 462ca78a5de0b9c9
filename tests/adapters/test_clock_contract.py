# SPDX-License-Identifier: Apache-2.0
from datetime import datetime, timedelta, timezone

from interlock.adapters.clock import MemoryClock, SystemClock
from interlock.ports.clock import Clock
from interlock.testing.contracts.clock import ClockContract


class TestSystemClock(ClockContract):
    def clock(self) -> Clock:
        return SystemClock()


class TestMemoryClock(ClockContract):
    def clock(self) -> Clock:
        return MemoryClock(datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))))
