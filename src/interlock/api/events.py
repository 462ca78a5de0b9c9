# SPDX-License-Identifier: Apache-2.0
"""`/v1/ledger/events`: records as they are appended, told as server-sent events.

1. Nothing is left out and nothing told twice: what was missed is told first, in order, then what comes.
2. Who comes back says what they saw last (`Last-Event-ID`, or `since`), and is told what follows.
3. A stream ends by itself after an hour; a reader comes back by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from litestar import get
from litestar.concurrency import sync_to_thread
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from interlock.api.lookout import Lookout, Told
from interlock.api.refusals import Fault, problems
from interlock.api.scene import Looking, reads

EVENT_STREAM: Final = "text/event-stream"
BEAT: Final = 15.0
"""Seconds of silence after which a sign of life is sent."""
LIFE: Final = 3600.0
"""Seconds a stream lasts."""
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LARGEST: Final = 2**53
NEWEST: Final = -1
"""In place of a number: begin with what comes."""


@dataclass(slots=True)
class Telling:
    """One reader's stream. `at` is the index of the next record to tell; `prefix` of the streams that are wanted."""

    lookout: Lookout
    at: int
    prefix: str

    async def frames(self) -> AsyncIterator[bytes]:
        """What to send, as long as there is somebody to tell."""
        lookout, loop = self.lookout, asyncio.get_running_loop()
        until, put_back = loop.time() + LIFE, lookout.put_back
        lookout.viewers += 1
        try:
            yield b"retry: 1000\n\n"
            while not lookout.is_over and lookout.put_back == put_back and loop.time() < until:
                news = lookout.news
                if self.at >= lookout.shown:
                    yield await self._silence(news)
                else:
                    yield self._told(lookout.latest(self.at) or await sync_to_thread(lookout.told, self.at))
        finally:
            lookout.viewers -= 1

    async def _silence(self, news: asyncio.Event) -> bytes:
        """Wait until there is something to tell, or for so long that a sign of life is due."""
        try:
            await asyncio.wait_for(news.wait(), BEAT)
        except TimeoutError:
            return b": alive\n\n"
        return b""

    def _told(self, news: Sequence[Told]) -> bytes:
        self.at = news[-1].index + 1
        return b"".join(told.frame for told in news if told.stream.startswith(self.prefix))


@get(
    "/ledger/events",
    guards=[reads],
    media_type=EVENT_STREAM,
    responses={
        200: ResponseSpec(str, media_type=EVENT_STREAM, generate_examples=False, description="A stream of events."),
        **problems(400, 401, 403),
    },
    tags=("ledger",),
    operation_id="ledger-events",
)
async def events(
    look: Looking,
    since: Annotated[
        int, QueryParameter(ge=NEWEST, le=LARGEST, description="From this index on; -1: what comes.")
    ] = NEWEST,
    stream: Annotated[str, QueryParameter(max_length=200, description="Only streams that begin with this.")] = "",
    seen: Annotated[
        str, HeaderParameter(name="Last-Event-ID", max_length=20, description="The index that was told last.")
    ] = "",
) -> Stream:
    """Records as they are appended: `id` is the index, `data` the record as it is."""
    lookout = look.whole().lookout
    at = lookout.shown if since == NEWEST else min(since, lookout.shown)
    if seen:
        if not seen.isdecimal() or int(seen) > LARGEST:
            raise Fault(HTTPStatus.BAD_REQUEST, "request.last_event", "that is no id of an event", "send what was told")
        at = min(int(seen) + 1, lookout.shown)
    return Stream(Telling(lookout, at, stream).frames, media_type=EVENT_STREAM, headers=HEADERS)


HANDLERS: Final = (events,)
