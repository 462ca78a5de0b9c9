# SPDX-License-Identifier: Apache-2.0
"""Clients that ask every proxy again and again, and remember every answer. Times are those of the wall clock."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final, NamedTuple

NOBODY: Final = ""
"""The version of an answer that no version gave: the proxy's own, or none at all."""
LOST: Final = 0
"""The status of a request without any answer."""
GOOD: Final = 200
PATIENCE: Final = 10.0
AGAIN: Final = 0.02
_ASK: Final = b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n"
_END: Final = b"\r\n\r\n"
_BLOCK: Final = 65536


class Answer(NamedTuple):
    """What became of one request that was asked through one proxy."""

    at: float
    proxy: str
    version: str
    status: int
    asked: float = 0.0

    def met(self, since: float, until: float) -> bool:
        """Whether it was on its way at any moment of that time."""
        return self.asked <= until and self.at >= since

    @property
    def is_unrouted(self) -> bool:
        """Whether no version answered, whatever it would have said."""
        return self.version == NOBODY


@dataclass
class Client:
    """One kept connection to one proxy; a request every `pause` seconds, as a schedule and not as a pause after."""

    proxy: str
    port: int
    pause: float
    answers: list[Answer] = field(default_factory=list)
    link: "socket.socket | None" = None

    def run(self, end: Event) -> None:
        due = time.monotonic()
        while not end.is_set():
            asked = time.time()
            version, status = self._ask()
            self.answers.append(Answer(time.time(), self.proxy, version, status, asked))
            due = max(due + self.pause, time.monotonic() - PATIENCE * self.pause)
            end.wait(max(0.0, due - time.monotonic(), AGAIN if status == LOST else 0.0))
        self._drop()

    def _ask(self) -> tuple[str, int]:
        try:
            link = self.link or self._connect()
            link.sendall(_ASK)
            head, body = self._read(link, b"")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
            left = int(fields.get(b"content-length", b"0")) - len(body)
            while left > 0:
                left -= len(link.recv(left))
            if fields.get(b"connection") == b"close":
                self._drop()
            return fields.get(b"x-version", b"").decode(), int(head.split(b" ", 2)[1])
        except (OSError, ValueError, IndexError):
            self._drop()
            return NOBODY, LOST

    def _connect(self) -> socket.socket:
        self.link = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.link

    def _read(self, link: socket.socket, begun: bytes) -> tuple[bytes, bytes]:
        """The head, and what came of the body."""
        while _END not in begun:
            received = link.recv(_BLOCK)
            if not received:
                raise ConnectionError
            begun += received
        head, _, body = begun.partition(_END)
        return head, body

    def _drop(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None


@dataclass
class Traffic:
    """All clients together: about `rate` requests a second, shared equally by the proxies."""

    clients: tuple[Client, ...]

    def answers(self, since: float = 0.0, until: float = float("inf")) -> tuple[Answer, ...]:
        """What was answered in that time, in no order."""
        return tuple(
            answer for client in self.clients for answer in tuple(client.answers) if since <= answer.at <= until
        )

    def of(self, version: str, since: float = 0.0, until: float = float("inf")) -> tuple[float, ...]:
        """When that version answered, in order."""
        return tuple(sorted(answer.at for answer in self.answers(since, until) if answer.version == version))

    def forget(self) -> None:
        """So that a long measurement does not slow down."""
        for client in self.clients:
            client.answers = []


@contextmanager
def traffic(ports: dict[str, int], rate: float, each: int = 2) -> Iterator[Traffic]:
    """Traffic while this lasts, over `each` connections to every proxy."""
    end = Event()
    pause = len(ports) * each / rate
    made = tuple(Client(name, port, pause) for name, port in ports.items() for _ in range(each))
    threads = [Thread(target=client.run, args=(end,), daemon=True) for client in made]
    for thread in threads:
        thread.start()
    try:
        yield Traffic(made)
    finally:
        end.set()
        for thread in threads:
            thread.join()
