# SPDX-License-Identifier: Apache-2.0
"""How often somebody may try: so many times within a span, told apart by a key such as an account or an address."""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

REMEMBERED: Final = 20_000
"""Keys that are kept; of more, those not seen for longest are forgotten."""


LONGEST: Final = 200
"""Characters of a key by which it is told apart: what came from outside is as long as it likes to be."""


@dataclass(slots=True)
class Throttle:
    """At most `most` takings of one key `within` a span."""

    most: int
    within: timedelta
    _taken: "OrderedDict[str, deque[datetime]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_open(self, key: str, now: datetime) -> bool:
        """Whether this key may be taken once more."""
        with self._lock:
            return len(self._recent(key, now)) < self.most

    def take(self, key: str, now: datetime) -> bool:
        """Take the key once if it may be; whether it was."""
        with self._lock:
            recent = self._recent(key, now)
            if len(recent) >= self.most:
                return False
            recent.append(now)
            self._taken[key[:LONGEST]] = recent
            self._taken.move_to_end(key[:LONGEST])
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)
            return True

    def forget(self, key: str) -> None:
        """Count from nothing again."""
        with self._lock:
            self._taken.pop(key[:LONGEST], None)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        recent = self._taken.get(key[:LONGEST], deque())
        while recent and recent[0] <= now - self.within:
            recent.popleft()
        return recent
