# SPDX-License-Identifier: Apache-2.0
"""What somebody began at the door and has not come back for yet.

1. Of one beginner only so much is kept; whoever begins without end pushes out their own, and nobody else's.
2. Of everybody together only so much is kept, too; then the oldest goes.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

OF_ADDRESS: Final = 100
"""Of one address, from where many may come."""
OF_PERSON: Final = 20
AT_MOST: Final = 5000


@dataclass(slots=True)
class Pending(Generic[K, V]):
    """At most `of_one` of each beginner, and `at_most` in all."""

    of_one: int
    at_most: int = AT_MOST
    _begun: "OrderedDict[K, tuple[str, V]]" = field(default_factory=OrderedDict)
    _of: "dict[str, OrderedDict[K, None]]" = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: K, whose: str, value: V) -> None:
        """Keep it until it is taken; what was kept under that key before counts no more."""
        with self._lock:
            self._drop(key)
            theirs = self._of.get(whose, ())
            if len(theirs) >= self.of_one:
                self._drop(next(iter(theirs)))
            if len(self._begun) >= self.at_most:
                self._drop(next(iter(self._begun)))
            self._begun[key] = (whose, value)
            self._of.setdefault(whose, OrderedDict())[key] = None

    def take(self, key: K) -> V | None:
        """What is kept under that key, for this once."""
        with self._lock:
            return self._drop(key)

    def _drop(self, key: K) -> V | None:
        if key not in self._begun:
            return None
        whose, value = self._begun.pop(key)
        del self._of[whose][key]
        if not self._of[whose]:
            del self._of[whose]
        return value
