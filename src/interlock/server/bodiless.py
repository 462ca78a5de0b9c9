# SPDX-License-Identifier: Apache-2.0
"""`HEAD`, answered as `GET` would be and without a body, wherever `GET` is answered.

1. Whoever asks is let in, answered and written down as for `GET`: there is no second way to anything.
2. An answer that would go on, such as a stream, ends with its head.
3. Where it is told which methods an address takes, it is told of both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPScope, Message, Receive, Scope, Send

_ALLOW: Final = b"allow"
_TELLING: Final = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NO_CONTENT})
"""Statuses of answers that tell which methods an address takes."""
_END: Final[HTTPResponseBodyEvent] = {"type": "http.response.body", "body": b"", "more_body": False}


def bodiless(app: ASGIApp) -> ASGIApp:
    """The application, which itself knows nothing of `HEAD`."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            asked = cast("HTTPScope", {**scope, "method": "GET"})
            await app(asked, receive, _Head(scope, asked, send).send)
        else:
            await app(scope, receive, _telling(send))

    return answered


@dataclass(slots=True)
class _Head:
    """Sends the head of an answer and, in place of its body, the end."""

    scope: HTTPScope
    asked: HTTPScope
    out: Send
    is_over: bool = False

    async def send(self, message: Message) -> None:
        """As the application sends."""
        if message["type"] == "http.response.start":
            # Which route it was, for who counts; it was found in a copy.
            self.scope["path_template"] = self.asked.get("path_template", "")
            await self.out(message)
        elif not self.is_over:
            self.is_over = True
            await self.out(_END)


def _telling(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in _TELLING:
            message["headers"] = _both(message["headers"])
        await send(message)

    return told


def _both(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, _with_head(value) if name.lower() == _ALLOW else value) for name, value in headers]


def _with_head(allowed: bytes) -> bytes:
    methods = {one.strip() for one in allowed.split(b",")}
    return b", ".join(sorted(methods | {b"HEAD"})) if b"GET" in methods else allowed
