# SPDX-License-Identifier: Apache-2.0
"""What routes are given of the house: readers of the ledger, and a saying for the caller.

Each reader is a connection of its own, taken in turn, so that nobody who looks waits for who writes. The event loop has
one that nobody else takes: it waits for nobody at all.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

from litestar.types import Scope

from interlock.bootstrap.houses import House, HouseBeside, OpenHouse, read_beside
from interlock.domain.people import People
from interlock.identity.caller import Caller
from interlock.identity.guard import NotSignedIn, address_of, visitor_of
from interlock.identity.porter import Porter
from interlock.identity.saying import Saying
from interlock.server.settings import Settings

READERS: Final = 8


@dataclass(slots=True)
class Hall:
    """What is asked of the ledger at every request, in the event loop alone: looked up only when the ledger grew."""

    house: HouseBeside
    _version: int = -1
    _size: int = 0
    _people: People = field(default_factory=People)

    def size(self) -> int:
        """How many records there are."""
        self._look()
        return self._size

    def people(self) -> People:
        """The registry now."""
        self._look()
        return self._people

    def _look(self) -> None:
        version = self.house.store.version()
        if version != self._version:
            self._size, self._people = self.house.store.head().size, self.house.view().people()
            self._version = version


@dataclass(slots=True)
class Rooms:
    """Of one server. `wake` tells the driver that something was said."""

    house: OpenHouse
    porter: Porter
    settings: Settings
    wake: Callable[[], None]
    readers: tuple[House, ...] = field(init=False)
    hall: "Hall" = field(init=False)
    _turn: "cycle[House]" = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.readers = tuple(read_beside(self.house) for _ in range(READERS))
        self.hall = Hall(read_beside(self.house))
        self._turn = cycle(self.readers)

    def reader(self) -> House:
        """The ledger, for reading: one reader after the other."""
        with self._lock:
            return next(self._turn)

    async def provide_house(self) -> House:
        """The dependency `house`."""
        return self.reader()

    async def provide_saying(self, scope: Scope) -> Saying:
        """The dependency `saying`: who is signed in, ready to say something."""
        visitor = visitor_of(scope)
        if not isinstance(visitor, Caller):
            raise NotSignedIn
        return self.saying_for(visitor, address_of(scope))

    def saying_for(self, caller: Caller, address: str) -> Saying:
        """A caller who comes from that address, ready to say something."""
        return Saying(self.house, caller, self.porter, self.settings.url, address, self.wake)

    def close(self) -> None:
        """Let go of the readers."""
        for reader in (*self.readers, self.hall.house):
            reader.store.close()
