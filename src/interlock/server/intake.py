# SPDX-License-Identifier: Apache-2.0
"""Taking in a request's body whole: within its limit and its time, or not at all."""

import asyncio
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from litestar.types import HTTPReceiveMessage, HTTPScope, Receive

USUAL: Final = 1024 * 1024
REPORTS: Final = 8 * 1024 * 1024
"""Bytes of a body: usually, and where reports and documents are brought."""
ROOMY: Final = ("/v1/commands", "/v1/evidence", "/v1/hooks")
"""Where the larger limit holds: these paths, and what lies under them."""
SECONDS: Final = 20.0
"""How long a body may take from its first byte to its last."""


@dataclass(frozen=True, slots=True)
class Body:
    content: bytes


@dataclass(frozen=True, slots=True)
class TooLarge:
    limit: int


@dataclass(frozen=True, slots=True)
class TooSlow:
    """It did not arrive in time."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The client went away."""


Taken: TypeAlias = Body | TooLarge | TooSlow | Gone


def is_text(body: Body, media_type: str) -> bool:
    """Whether a body that says it is text of ours (JSON, a form) is; of others nothing is asked."""
    if not any(word in media_type.casefold() for word in ("json", "form-urlencoded")):
        return True
    try:
        body.content.decode()
    except UnicodeDecodeError:
        return False
    return True


def limit_for(path: str) -> int:
    """Bytes that a body sent to this path may have."""
    return REPORTS if any(path == one or path.startswith(f"{one}/") for one in ROOMY) else USUAL


async def take(scope: HTTPScope, receive: Receive, seconds: float) -> Taken:
    """The whole body. One that announces to be too large is not read at all."""
    limit = limit_for(scope["path"])
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not announced.isdigit() or int(announced[:12]) > limit:
        return TooLarge(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _all_of(receive, limit)
    except TimeoutError:
        return TooSlow()


async def _all_of(receive: Receive, limit: int) -> Taken:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return Gone()
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return TooLarge(limit)
        parts.append(part)
        if not message.get("more_body"):
            return Body(b"".join(parts))


def again(body: Body, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then whatever comes."""
    given = False

    async def replay() -> HTTPReceiveMessage:
        nonlocal given
        if given:
            return cast("HTTPReceiveMessage", await receive())
        given = True
        return {"type": "http.request", "body": body.content, "more_body": False}

    return replay
