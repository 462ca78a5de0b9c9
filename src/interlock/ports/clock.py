# SPDX-License-Identifier: Apache-2.0
"""The time.

1. `now()` is aware and in UTC. 2. It may jump; whoever compares it with a recorded time says what a jump means.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the only source of it."""

    def now(self) -> datetime: ...
