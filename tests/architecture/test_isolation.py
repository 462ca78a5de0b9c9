# SPDX-License-Identifier: Apache-2.0
"""Tests stay on this machine."""

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_another_machine_cannot_be_reached(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as outward, pytest.raises(RuntimeError, match="tests reach loopback only"):
        outward.connect((host, 9))


def test_no_name_is_asked_for() -> None:
    with pytest.raises(RuntimeError, match="tests reach loopback only"):
        socket.getaddrinfo("example.org", 80)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
