# SPDX-License-Identifier: Apache-2.0
"""How long somebody may take to say what they want: who does not come to the end of a request's head is cut off, and
where too many are connected, who takes longest is cut off before.

uvicorn bounds how large a head may be that comes in pieces, and how long a connection may rest between requests;
nothing bounds how slowly a head may come. Until one is whole there is no request that the door could look at, so this
stands before it.
"""

import asyncio
import math
from operator import attrgetter
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

import h11
from litestar.types import HTTPScope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from interlock.server.crowd import most_connections

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a head. uvicorn looks at one that is not whole yet; one that came whole at once is for the door."""
TOLD_EVERY: Final = 60.0
"""Seconds before it is told once more that too many are connected."""
_AROUND: Final = 4
"""Bytes that part a header from its value and from the next."""


def head_of(scope: HTTPScope) -> int:
    """How many bytes the head of a request has, about."""
    line = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"])
    return line + sum(len(name) + len(value) + _AROUND for name, value in scope["headers"])


class Patient(H11Protocol):
    """Waits so long for each head, from its first byte; for the first one from the beginning of the connection.

    As long for what still belongs to a request that was answered already, its body unread.
    """

    within: ClassVar[float] = 20.0
    """Seconds."""
    _told: ClassVar["WeakKeyDictionary[ServerState, float]"] = WeakKeyDictionary()
    """Of servers that had too many: when that was told last."""
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody is there, and may begin."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._make_room()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Something came: the head, more of it, or what follows."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._rest()
        super().connection_lost(exc)

    def _watch(self) -> None:
        is_answered = self.cycle is not None and self.cycle.response_complete  # type: ignore[redundant-expr]  # as it begins
        if self.conn.their_state is not h11.IDLE and not is_answered:
            self._rest()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self.within, self._give_up)

    def _rest(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    @property
    def most(self) -> int:
        """How many may be connected."""
        return most_connections()

    @property
    def awaited_since(self) -> float:
        """When it began that we wait for them, by the loop's clock; never (infinite) while they wait for us."""
        if self._waiting is not None:
            return self._waiting.when() - self.within
        resting = self.timeout_keep_alive_task
        return resting.when() - self.timeout_keep_alive if resting is not None else math.inf

    def _make_room(self) -> None:
        """Let go whom we have awaited longest; who just came where we await nobody."""
        others = [one for one in self.connections if isinstance(one, Patient) and one.awaited_since < math.inf]
        longest = min(others, key=attrgetter("awaited_since"), default=self)
        longest.let_go()
        now = self.loop.time()
        if now >= self._told.get(self.server_state, now):
            self._told[self.server_state] = now + TOLD_EVERY
            self.logger.warning("Too many are connected: whoever is awaited longest is let go.")

    def let_go(self) -> None:
        """Cut the connection, at once."""
        self._rest()
        self._unset_keepalive_if_required()
        self.transport.abort()

    def _give_up(self) -> None:
        """Close it. It is told of who began to say something; browsers connect in advance, and say nothing."""
        self._waiting = None
        if self.conn.trailing_data[0]:
            whom = self.client[0] if self.client else "somebody"
            self.logger.warning("The head of a request from %s did not arrive in time.", whom)
        self.transport.close()
