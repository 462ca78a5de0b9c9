# SPDX-License-Identifier: Apache-2.0
"""What is remembered of one ledger between looks at it: folded states, and what was made of them.

1. It all follows from the ledger, and may be forgotten.
2. Before a look one question tells which streams moved. What rests on others is taken as it is, without asking again.
3. A ledger that is not what is remembered, grown further, is remembered from nothing.
4. Several threads may share it. Each thing says up to which size of the ledger it holds; a claim is never too large.
"""

import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from interlock.domain.ids import StreamId
from interlock.domain.moment import NEVER
from interlock.ledger.command import PREFIX
from interlock.ports.store import Growth, Head, NotGrown

MOST: Final = 20_000
"""Parts that are kept at a time."""
UNASKED: Final = -1
"""In place of a size where nobody asked what moved."""


class Growing(Protocol):
    """What must be known of a ledger to remember anything of it."""

    def head(self) -> Head: ...

    def growth(self, *, since: Head) -> Growth | NotGrown: ...


@dataclass(frozen=True, slots=True)
class State:
    """A stream folded up to a position; nothing of it was missing when the ledger had the size `seen`."""

    position: int
    value: object
    seen: int
    began: datetime = NEVER
    """When its first record was written; NEVER as long as there is none."""


@dataclass(slots=True)
class Part:
    """What was made of some streams. It holds from one moment until another, while none of them moves after `seen`."""

    value: object
    reads: Mapping[StreamId, int]
    seen: int
    since: datetime
    until: datetime


@dataclass(slots=True)
class Folded:
    """Of one ledger that grows."""

    head: Head
    """How far it is known what moved."""
    states: dict[StreamId, State] = field(default_factory=dict)
    parts: dict[Hashable, Part] = field(default_factory=dict)
    moved: dict[StreamId, int] = field(default_factory=dict)
    """Of streams, and of kinds of streams, that moved since: the size of the ledger when they last did."""
    making: threading.RLock = field(default_factory=threading.RLock)
    """Held by who makes a part: whoever comes meanwhile waits, and finds it made."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def grow(self, growth: Growth) -> None:
        """Take in what moved. Whoever comes late with what is known changes nothing."""
        if growth.moved:
            with self._lock:
                for stream, index in growth.moved.items():
                    if not stream.startswith(PREFIX):
                        self._move(stream, index + 1)
                        self._move(kind_of(stream), index + 1)
                self.head = max(self.head, growth.head, key=lambda head: head.size)

    def _move(self, stream: StreamId, size: int) -> None:
        self.moved[stream] = max(size, self.moved.get(stream, 0))

    def is_still(self, stream: StreamId, seen: int) -> bool:
        """Whether the stream has not moved since the ledger had that size."""
        return self.moved.get(stream, 0) <= seen

    def keep(self, key: Hashable, part: Part) -> Part:
        """Keep it until it no longer holds. Where there are too many, all others are forgotten."""
        if len(self.parts) >= MOST:
            self.parts.clear()
        self.parts[key] = part
        return part

    def holds(self, part: Part, known: int, now: datetime) -> bool:
        """Whether a part holds now, as far as what moved is `known`."""
        if not part.since <= now < part.until:
            return False
        if part.seen < known:
            if not all(self.is_still(stream, part.seen) for stream in part.reads):
                return False
            part.seen = known
        return True


@dataclass(slots=True)
class Standing:
    """Where a ledger stood when it was last taken into account by somebody who counts its records."""

    head: Head | None = None

    def is_kept(self, ledger: Growing) -> bool:
        """Whether it only grew since. If not, what was counted is of another ledger."""
        growth = ledger.growth(since=self.head) if self.head else Growth({}, ledger.head())
        self.head = growth.head
        return isinstance(growth, Growth)


@dataclass(slots=True)
class Remembered:
    """The memory of one process of one ledger."""

    folded: Folded | None = None

    def of(self, ledger: Growing) -> tuple[Folded, Head]:
        """What is remembered of the ledger as it is now, and its head: up to there it is known what moved."""
        folded = self.folded
        if folded is None:
            return self._anew(ledger.head())
        growth = ledger.growth(since=folded.head)
        if isinstance(growth, NotGrown):
            return self._anew(growth.head)
        folded.grow(growth)
        return folded, growth.head

    def position(self, stream: StreamId) -> int:
        """Up to where a stream was folded last; 0 where it never was."""
        state = self.folded.states.get(stream) if self.folded else None
        return state.position if state else 0

    def _anew(self, head: Head) -> tuple[Folded, Head]:
        self.folded = folded = Folded(head)
        return folded, head


def kind_of(stream: StreamId) -> StreamId:
    """What the names of all streams of its kind begin with; that of a stream alone in its kind is no name."""
    return StreamId(f"{stream.partition('/')[0]}/")
