# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of `ports.clock`: subclass `ClockContract` and give it your clock.

Clause 2, that the time may jump, is a freedom and asks nothing of a clock.
"""

from datetime import UTC

from interlock.ports.clock import Clock


class ClockContract:
    """One test per clause; the subclass makes the clock."""

    def clock(self) -> Clock:
        raise NotImplementedError

    def test_the_time_is_told_in_utc(self) -> None:
        assert self.clock().now().tzinfo is UTC
