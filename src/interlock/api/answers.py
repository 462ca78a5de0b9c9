# SPDX-License-Identifier: Apache-2.0
"""What was answered a moment ago: the same question about the same ledger is not worked out twice.

1. An answer is given again for half a second at most, and only as long as the ledger has not grown. What it was made
   of may be as old again where time alone changes it. What rests on more than the ledger is not given again.
2. Whoever may see less, or sees their own, has answers of their own; who may not read is given none.
3. Every answer has an ETag of its content; who has that content already is told so and sent nothing.
4. Where many ask at once what has to be worked out anew, the first one's answer is for all of them.
5. What is given again is what was given the first time to the last header, and is counted under the same route.

What is kept is given before the framework looks for a route: finding one, and asking its guards, costs more than all
the rest, and both were done for the first who asked.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.identity.caller import Caller
from interlock.identity.caller import Scope as Allowed
from interlock.identity.guard import visitor_of
from interlock.ports.failure import PortFailure

WHILE: Final = 0.5
"""Seconds for which an answer may be given again: time alone changes some."""
KEPT: Final = 512
LARGEST: Final = 1_000_000
"""Answers kept, and bytes of the largest of them."""
TOGETHER: Final = 32_000_000
"""Bytes of all that are kept: whoever reads may ask for the same under as many addresses as they like."""
MOVING: Final = "moving"
"""The option of a route whose answer rests on more than the ledger and the time: it is worked out every time."""
PERSONAL: Final = "personal"
"""The option of a route whose answer depends on who asks."""
JSON: Final = "application/json"
HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}

Key: TypeAlias = tuple[str, bytes, frozenset[ServiceName], frozenset[EnvironmentName], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to its answer: how far the ledger was, and what the asker holds already."""

    scope: HTTPScope
    caller: Caller
    size: int
    holds: str

    def key(self, person: str) -> Key:
        """By what its answer is known again, for everybody of this reach or for one person."""
        scope = self.scope
        return (scope["path"], scope["query_string"], self.caller.services, self.caller.environments, person)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and for which state of the ledger, and until when (seconds of the loop's clock) it counts."""

    body: bytes
    etag: str
    route: str
    size: int
    until: float


_ASKED: Final[ContextVar[Asked | None]] = ContextVar("asked", default=None)


@dataclass(slots=True)
class Answers:
    """Of one server. Used in its event loop alone."""

    head: Callable[[], int]
    """How many records the ledger has at this moment, whoever wrote them; waits for nobody."""
    kept: "OrderedDict[Key, Kept]" = field(default_factory=OrderedDict)
    _underway: dict[tuple[Key, int], asyncio.Event] = field(default_factory=dict)
    """What is being worked out anew, and for which state of the ledger; set when it is done, or came to nothing."""
    _bytes: int = 0
    """Of all that is kept."""

    def before(self, app: ASGIApp) -> ASGIApp:
        """The application, asked only for what is not kept."""

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            asked = self._asked(scope)
            _ASKED.set(asked)
            if asked is None:
                return await app(scope, receive, send)
            key = self._key(asked)
            known = await self._known(key, asked)
            if known is None:
                with self._working_out(key, asked):
                    return await app(scope, receive, send)
            asked.scope["path_template"] = known.route
            return await _say(known, asked.holds, send)

        return answered

    async def after(self, response: "Response[Any]") -> "Response[Any]":
        """Keep what was worked out, and say by which ETag it is known."""
        asked = _ASKED.get()
        if (
            asked is None
            or response.status_code not in {None, HTTPStatus.OK}
            or response.media_type not in {None, JSON}
        ):
            return response
        body = response.content if isinstance(response.content, bytes) else msgspec.json.encode(response.content)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        until = asyncio.get_running_loop().time() + WHILE
        found = Kept(body, etag, str(asked.scope["path_template"]), asked.size, until)
        route = asked.scope["route_handler"].opt
        if len(body) <= LARGEST and not route.get(MOVING):
            key = asked.key(asked.caller.person if route.get(PERSONAL) else "")
            self._keep(key, found)
            if (key, asked.size) in self._underway:
                self._underway.pop((key, asked.size)).set()
        return _response(found, asked.holds)

    def _keep(self, key: Key, found: Kept) -> None:
        """Keep it in place of the one before; where there is too much, the oldest go."""
        if key in self.kept:
            self._bytes -= len(self.kept.pop(key).body)
        self.kept[key] = found
        self._bytes += len(found.body)
        while len(self.kept) > KEPT or self._bytes > TOGETHER:
            _, oldest = self.kept.popitem(last=False)
            self._bytes -= len(oldest.body)

    def _asked(self, scope: Scope) -> Asked | None:
        """What may be answered from what is kept, and may be kept; nothing for what may not."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET":
            return None
        caller = visitor_of(scope)
        if not isinstance(caller, Caller) or not caller.may(Allowed.READ):
            return None
        holds = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        try:
            return Asked(scope, caller, self.head(), holds.decode("latin-1"))
        except PortFailure:
            return None  # whoever works it out says why not

    def _key(self, asked: Asked) -> Key:
        """Under which an answer was kept last, for everybody of this reach or for one person."""
        key = asked.key("")
        return key if key in self.kept else asked.key(asked.caller.person)

    async def _known(self, key: Key, asked: Asked) -> Kept | None:
        """The answer given a moment ago, if it still counts; or the one that somebody else is about to be given."""
        underway = self._underway.get((key, asked.size))
        if underway is not None:
            await underway.wait()
        known = self.kept.get(key)
        if known is None or known.size != asked.size or known.until < asyncio.get_running_loop().time():
            return None
        return known

    @contextmanager
    def _working_out(self, key: Key, asked: Asked) -> Iterator[None]:
        """Others wait for this, where it is known that there will be an answer to keep: it is no stream."""
        what, done = (key, asked.size), asyncio.Event()
        is_first = key in self.kept and self._underway.setdefault(what, done) is done
        try:
            yield
        finally:
            if is_first and self._underway.get(what) is done:
                del self._underway[what]
            done.set()


async def _say(found: Kept, holds: str, send: Send) -> None:
    """As the framework would say it."""
    status, body = (HTTPStatus.NOT_MODIFIED, b"") if _has(found, holds) else (HTTPStatus.OK, found.body)
    headers = [(name.lower().encode(), value.encode()) for name, value in _headers(found).items()]
    if status is HTTPStatus.OK:
        headers += [(b"content-type", JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _response(found: Kept, holds: str) -> "Response[Any]":
    if _has(found, holds):
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=_headers(found))
    return Response(found.body, status_code=HTTPStatus.OK, headers=_headers(found), media_type=JSON)


def _headers(found: Kept) -> dict[str, str]:
    return {**HEADERS, "ETag": found.etag}


def _has(found: Kept, holds: str) -> bool:
    """Whether they have that content already."""
    return found.etag in {one.strip().removeprefix("W/") for one in holds.split(",")} or holds.strip() == "*"
