# SPDX-License-Identifier: Apache-2.0
"""One look-out over the ledger for every client: how far it is, and what is new.

1. One thread watches the ledger grow and tells everybody; three hundred viewers cost one reader.
2. What is told is kept once for all viewers, the newest records only; who lags behind it reads the ledger instead.
3. A ledger that is shorter than it was has been put back, and one whose file was replaced is gone: who was told of it
   is let go, to ask anew.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from interlock.bootstrap.houses import House
from interlock.ledger.canonical import decode_wire
from interlock.ports.failure import Unavailable

POLL: Final = 0.1
"""Seconds after which the ledger is looked at for what another process wrote."""
LATEST: Final = 2000
"""Records kept for who is told of them."""
REPLACED: Final = "store.replaced"
"""Of a ledger whose file is another's now."""
TOGETHER: Final = 500
"""Records told at a time."""


@dataclass(frozen=True, slots=True)
class Told:
    """A record as every viewer is told of it: encoded once."""

    index: int
    stream: str
    frame: bytes


@dataclass(eq=False, slots=True)
class Lookout:
    """Over one ledger. `size` is how many records there are, as far as anybody here has seen."""

    house: House
    """With a reader of our own."""
    size: int = 0
    shown: int = 0
    """How many of them the loop was told of."""
    put_back: int = 0
    """How often it was shorter than before."""
    viewers: int = 0
    is_over: bool = True
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is something new, or the end; then there is another one."""
    _latest: "deque[Told]" = field(default_factory=lambda: deque(maxlen=LATEST))
    _poked: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Watch, and tell whoever views in the loop that runs now."""
        loop = asyncio.get_running_loop()
        self._ended.clear()
        self.is_over = False
        self.shown = self.look()

        def spread(news: tuple[Told, ...], shown: int) -> None:
            loop.call_soon_threadsafe(self.spread, news, shown)

        thread = threading.Thread(target=self._watch, args=(spread,), name="lookout", daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        """Let every viewer go, and give back what was opened."""
        self._ended.set()
        self._poked.set()
        self.is_over = True
        self.news.set()
        while self._threads:
            self._threads.pop().join()
        self.house.store.close()

    def look(self) -> int:
        """See how far the ledger is now, and have the viewers told soon."""
        self.size = max(self.size, self.house.store.head().size)
        self._poked.set()
        return self.size

    def told(self, since: int) -> tuple[Told, ...]:
        """Some of the records from `since` on, ready to be told."""
        found = self.house.store.stretch(since=since, limit=TOGETHER).records
        return tuple(_told(index, raw) for index, raw in enumerate(found, start=since))

    def spread(self, news: tuple[Told, ...], shown: int) -> None:
        """Let everybody know. Called in the loop that serves them."""
        if not news or (self._latest and self._latest[-1].index + 1 != news[0].index):
            self._latest.clear()
        self._latest.extend(news)
        self.shown = shown
        awaited, self.news = self.news, asyncio.Event()
        awaited.set()

    def latest(self, since: int) -> tuple[Told, ...]:
        """The records from `since` on, if they are kept here; nothing when they are not."""
        first = self._latest[0].index if self._latest else self.shown
        return tuple(islice(self._latest, since - first, None)) if since >= first else ()

    def _watch(self, spread: Callable[[tuple[Told, ...], int], None]) -> None:
        shown = self.size
        while not self._ended.is_set():
            self._poked.wait(POLL)
            self._poked.clear()
            try:
                size = self.house.store.head().size
                if size < shown:
                    self.put_back += 1
                    self.size = shown = size
                    spread((), shown)
                self.size = max(self.size, size)
                while shown < self.size and not self._ended.is_set():
                    news = self.told(shown) if self.viewers else ()
                    shown = shown + len(news) if news else self.size
                    spread(news, shown)
            except Unavailable as fault:
                # The file cannot be read at this moment; whoever asks is told why, and we look again.
                if fault.code == REPLACED and self.viewers:
                    self.put_back += 1
                    spread((), shown)
            except RuntimeError:
                return  # the loop is closed: nobody is left to be told


def _told(index: int, raw: bytes) -> Told:
    wire = decode_wire(raw)
    return Told(index, wire.stream, b"id: %d\nevent: record\ndata: %s\n\n" % (index, raw))
