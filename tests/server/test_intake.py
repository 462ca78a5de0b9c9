# SPDX-License-Identifier: Apache-2.0
"""Bodies of every kind: whole, in pieces, too large, too slow, given up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from litestar.types import HTTPReceiveMessage, HTTPScope

from interlock.server.intake import USUAL, Body, Gone, Taken, TooLarge, TooSlow, again, take

Receive = Callable[[], Awaitable[HTTPReceiveMessage]]
END: HTTPReceiveMessage = {"type": "http.disconnect"}


def _part(body: bytes, *, more: bool) -> HTTPReceiveMessage:
    return {"type": "http.request", "body": body, "more_body": more}


def _giving(*messages: HTTPReceiveMessage) -> Receive:
    """A client that sends this and nothing more."""
    left = list(messages)

    async def receive() -> HTTPReceiveMessage:
        if left:
            return left.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def _taken(receive: Receive, length: str = "", seconds: float = 10.0) -> Taken:
    headers = [(b"content-length", length.encode())] if length else []
    scope = cast("HTTPScope", {"path": "/login/password", "headers": headers})
    return asyncio.run(take(scope, receive, seconds))


def test_a_body_comes_in_pieces_and_is_taken_whole() -> None:
    assert _taken(_giving(_part(b"a", more=True), _part(b"b", more=False))) == Body(b"ab")


def test_one_that_says_it_is_too_large_is_not_read_at_all() -> None:
    assert _taken(_giving(), str(USUAL + 1)) == TooLarge(USUAL)
    assert _taken(_giving(), "9" * 400) == TooLarge(USUAL)
    assert _taken(_giving(), "-1") == TooLarge(USUAL)


def test_one_that_lies_about_its_size_is_not_read_to_its_end() -> None:
    assert _taken(_giving(_part(b"x" * USUAL, more=True), _part(b"x", more=True)), "1") == TooLarge(USUAL)


def test_one_that_does_not_arrive_in_time_is_given_up() -> None:
    assert _taken(_giving(_part(b"a", more=True)), seconds=0.01) == TooSlow()


def test_a_client_that_goes_away_is_gone() -> None:
    assert _taken(_giving(_part(b"a", more=True), END)) == Gone()


def test_the_application_gets_the_body_once_and_then_what_comes() -> None:
    async def both() -> list[object]:
        receive = again(Body(b"ab"), _giving(END))
        return [await receive(), await receive()]

    assert asyncio.run(both()) == [_part(b"ab", more=False), END]
