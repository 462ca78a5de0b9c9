# SPDX-License-Identifier: Apache-2.0
"""What was answered a moment ago: the same question about the same ledger is not worked out twice.

1. An answer is given again for a second at most, and only as long as the ledger has not grown.
2. Whoever may see less, or sees their own, has answers of their own.
3. Every answer has an ETag of its content; who has that content already is told so and sent nothing.
"""

import asyncio
import hashlib
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from interlock.api.lookout import Lookout
from interlock.identity.caller import Caller, Visitor
from interlock.identity.guard import visitor_of

WHILE: Final = 1.0
"""Seconds for which an answer may be given again: time alone changes some."""
KEPT: Final = 512
LARGEST: Final = 1_000_000
"""Answers kept, and bytes of the largest of them."""
PERSONAL: Final = "personal"
"""The option of a route whose answer depends on who asks."""
JSON: Final = "application/json"
HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}

Asking: TypeAlias = Request[Visitor, object, State]
Key: TypeAlias = tuple[str, str, tuple[str, ...], tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to its answer: how far the ledger was, and what the asker holds already."""

    key: Key
    size: int
    holds: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and for which state of the ledger, and until when (seconds of the loop's clock) it counts."""

    body: bytes
    etag: str
    size: int
    until: float


_ASKED: Final[ContextVar[Asked | None]] = ContextVar("asked", default=None)


@dataclass(slots=True)
class Answers:
    """Of one server. Used in its event loop alone."""

    lookout: Lookout
    kept: "OrderedDict[Key, Kept]" = field(default_factory=OrderedDict)

    async def before(self, request: Asking) -> "Response[Any] | None":
        """The answer given a moment ago, if it still counts."""
        key = _key(request)
        asked = Asked(key, self.lookout.size, request.headers.get("if-none-match", ""))
        known = self.kept.get(key)
        if known is None or known.size != asked.size or known.until < asyncio.get_running_loop().time():
            _ASKED.set(asked)
            return None
        _ASKED.set(None)
        return _response(known, asked.holds)

    async def after(self, response: "Response[Any]") -> "Response[Any]":
        """Keep what was worked out, and say by which ETag it is known."""
        asked = _ASKED.get()
        if (
            asked is None
            or response.status_code not in {None, HTTPStatus.OK}
            or response.media_type not in {None, JSON}
        ):
            return response
        _ASKED.set(None)
        body = response.content if isinstance(response.content, bytes) else msgspec.json.encode(response.content)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        found = Kept(body, etag, asked.size, asyncio.get_running_loop().time() + WHILE)
        if len(body) <= LARGEST:
            self.kept[asked.key] = found
            self.kept.move_to_end(asked.key)
        if len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return _response(found, asked.holds)


def _key(request: Asking) -> Key:
    caller = visitor_of(request.scope)
    query = request.scope["query_string"].decode("latin-1")
    if not isinstance(caller, Caller):
        return (request.scope["path"], query, (), (), "")
    person = caller.person if request.route_handler.opt.get(PERSONAL) else ""
    return (request.scope["path"], query, tuple(sorted(caller.services)), tuple(sorted(caller.environments)), person)


def _response(found: Kept, holds: str) -> "Response[Any]":
    headers = {**HEADERS, "ETag": found.etag}
    if found.etag in {one.strip().removeprefix("W/") for one in holds.split(",")} or holds.strip() == "*":
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(found.body, status_code=HTTPStatus.OK, headers=headers, media_type=JSON)
