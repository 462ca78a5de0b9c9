# SPDX-License-Identifier: Apache-2.0
"""Asking ports of this machine, with nothing but sockets: a detached process has no time to load more."""

import socket
from collections.abc import Iterable
from typing import Final

_SECONDS: Final = 1.0


def free_among(ports: Iterable[int]) -> set[int]:
    """Those on which nobody listens, on any address of the machine."""
    free = set()
    for port in ports:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("", port))
            except OSError:
                continue
            free.add(port)
    return free


def probe(port: int, path: str) -> str:
    """Ask for the page on loopback; why it is not a success (2xx), empty when it is."""
    try:
        with socket.create_connection(("127.0.0.1", port), _SECONDS) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            words = connection.recv(200).split(b" ", 2)
    except OSError as fault:
        return f"port {port} does not answer ({fault.strerror or fault})"
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):  # noqa: PLR2004 - version and status
        return f"port {port} answers with something that is not HTTP"
    status = words[1].decode("ascii", "replace")
    return "" if status.startswith("2") else f"{path} answers with status {status}"
