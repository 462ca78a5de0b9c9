# SPDX-License-Identifier: Apache-2.0
"""A wire between two addresses that can be cut: nothing is closed, nothing goes through, nobody new is let in."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from interlock.ports.router import Endpoint


@dataclass
class Wire:
    """Carries every connection made to `here` on to `there`."""

    here: Endpoint
    there: Endpoint
    is_cut: Event = field(default_factory=Event)
    links: list[socket.socket] = field(default_factory=list)

    def open(self) -> None:
        self.door = socket.create_server((self.here.host, self.here.port))
        Thread(target=self._let_in, daemon=True).start()

    def cut(self) -> None:
        """From now on nothing arrives, and nobody is told."""
        self.is_cut.set()

    def close(self) -> None:
        self.is_cut.set()
        for one in (self.door, *self.links):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _let_in(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            self.links.append(near)
            if not self.is_cut.is_set():
                self._join(near)

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((self.there.host, self.there.port))
        except OSError:
            near.close()
            return
        self.links.append(far)
        for one, other in ((near, far), (far, near)):
            Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while (data := one.recv(65_536)) and not self.is_cut.is_set():
                other.sendall(data)
            if not self.is_cut.is_set():
                other.shutdown(socket.SHUT_WR)


@contextmanager
def wire(here: Endpoint, there: Endpoint) -> Iterator[Wire]:
    one = Wire(here, there)
    one.open()
    try:
        yield one
    finally:
        one.close()
