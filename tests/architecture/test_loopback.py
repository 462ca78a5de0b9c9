# SPDX-License-Identifier: Apache-2.0
"""No test reaches another machine, whichever way it tries."""

import asyncio
import socket
from collections.abc import Callable

import pytest

ELSEWHERE = ("192.0.2.1", 9)


def _connect() -> None:
    socket.create_connection(ELSEWHERE, timeout=0.1)


def _connect_ex() -> None:
    with socket.socket() as one:
        one.connect_ex(ELSEWHERE)


def _send() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"", ELSEWHERE)


def _send_message() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendmsg((b"",), (), 0, ELSEWHERE)


def _resolve() -> None:
    socket.getaddrinfo(host="shop.example", port=80)


def _resolve_plainly() -> None:
    socket.gethostbyname("shop.example")


def _loop() -> None:
    asyncio.run(asyncio.open_connection(*ELSEWHERE))


@pytest.mark.parametrize("attempt", [_connect, _connect_ex, _send, _send_message, _resolve, _resolve_plainly, _loop])
def test_another_machine_is_not_reached(attempt: Callable[[], None]) -> None:
    with pytest.raises(RuntimeError, match="tests reach loopback only"):
        attempt()


def test_this_one_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert socket.getaddrinfo("localhost", None)
