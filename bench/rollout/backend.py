# SPDX-License-Identifier: Apache-2.0
"""The service that is released: `backend.py PORT VERSION SWITCHES`. Every version is the same code.

It says its version in `x-version`, and its process in SWITCHES/VERSION.process. What stands in SWITCHES/VERSION.fault,
looked at again for every request, makes it bad:

    bad N     every N-th answer is a 500
    unready   /health answers 503
    crash     it ends at the next request, and half a second after every later start
    stillborn it ends when it starts
"""

import json
import os
import socket
import sys
from itertools import count
from pathlib import Path
from threading import Thread, Timer

BLOCK = 65536
LATER = 0.5


class Service:
    """One instance of one version."""

    def __init__(self, version: str, switches: Path) -> None:
        self.version = version
        self.switch = switches / f"{version}.fault"
        self.asked = count(1)

    def fault(self) -> list[str]:
        try:
            return self.switch.read_text().split()
        except FileNotFoundError:
            return []

    def status(self, path: bytes) -> int:
        match self.fault():
            case ["unready"] if path == b"/health":
                return 503
            case ["crash"]:
                os._exit(1)
            case ["bad", every] if path != b"/health" and next(self.asked) % int(every) == 0:
                return 500
            case _:
                return 200

    def serve(self, connection: socket.socket) -> None:
        waiting = b""
        with connection:
            while True:
                while b"\r\n\r\n" not in waiting:
                    received = connection.recv(BLOCK)
                    if not received:
                        return
                    waiting += received
                head, _, waiting = waiting.partition(b"\r\n\r\n")
                status = self.status(head.split(b" ", 2)[1])
                body = json.dumps({"version": self.version}).encode()
                fields = f"content-type: application/json\r\nx-version: {self.version}\r\ncontent-length: {len(body)}"
                connection.sendall(f"HTTP/1.1 {status} -\r\n{fields}\r\n\r\n".encode() + body)

    def guarded(self, connection: socket.socket) -> None:
        try:
            self.serve(connection)
        except OSError:
            connection.close()


def main(port: str, version: str, switches: str) -> None:
    """Serve until killed."""
    service = Service(version, Path(switches))
    begun = service.fault()
    if begun == ["stillborn"]:
        sys.exit(1)
    if begun == ["crash"]:
        service.switch = Path(os.devnull)  # serves for a moment
        Timer(LATER, os._exit, (1,)).start()
    (Path(switches) / f"{version}.process").write_text(str(os.getpid()))
    with socket.create_server(("127.0.0.1", int(port)), backlog=1024) as listener:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=service.guarded, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
