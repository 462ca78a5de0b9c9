# SPDX-License-Identifier: Apache-2.0
"""Tells every open page that the ledger grew. One looks for all of them; a page then asks for what it shows anew."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from interlock.ports.failure import PortFailure

EVERY: Final = 0.4
"""Seconds between two looks at the ledger's size."""
BREATH: Final = 15.0
"""Seconds after which a page that heard nothing is told that we are still there."""
LAST: Final = -1
"""What a listener is told when nothing comes any more: no number of records."""


@dataclass(eq=False, slots=True)
class Pulse:
    """Of one server: `size` is asked in a thread, only while somebody listens."""

    listeners: set["asyncio.Queue[int]"] = field(default_factory=set)
    looking: "asyncio.Task[None] | None" = None
    is_over: bool = False
    """Whether the server ends: then nobody listens any more."""

    async def beats(self, size: Callable[[], int]) -> AsyncIterator[int]:
        """How many records there are: now, whenever that has grown, and as a sign of life."""
        mine: asyncio.Queue[int] = asyncio.Queue(1)
        self.listeners.add(mine)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look(size))
        last = -1
        try:
            while not self.is_over:
                with contextlib.suppress(TimeoutError):
                    last = await asyncio.wait_for(mine.get(), BREATH)
                if self.is_over:
                    return
                yield last
        finally:
            self.listeners.discard(mine)

    def end(self) -> None:
        """Let every listener go. Called in the loop that serves them."""
        self.is_over = True
        for one in self.listeners:
            if one.empty():
                one.put_nowait(LAST)

    async def _look(self, size: Callable[[], int]) -> None:
        last = -1
        while self.listeners:
            try:
                now = await asyncio.to_thread(size)
            except PortFailure:
                now = last
            if now != last:
                last = now
                for one in tuple(self.listeners):
                    if one.full():
                        one.get_nowait()
                    one.put_nowait(now)
            await asyncio.sleep(EVERY)
