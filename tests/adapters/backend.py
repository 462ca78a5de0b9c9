# SPDX-License-Identifier: Apache-2.0
"""A small service that says who it is: `backend.py NAME PORT [SECONDS]`; `x-answer` asks for a status, or none.

`x-answer-NAME` asks only those of that name.
"""

import socket
import struct
import sys
import time
from threading import Thread

RESET = struct.pack("ii", 1, 0)


def serve(connection: socket.socket, name: str, seconds: float) -> None:
    buffer = b""
    with connection:
        while True:
            while b"\r\n\r\n" not in buffer:
                received = connection.recv(65536)
                if not received:
                    return
                buffer += received
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
            length = int(fields.get(b"content-length", b"0"))
            while len(buffer) < length:
                buffer += connection.recv(65536)
            buffer = buffer[length:]
            answer = fields.get(f"x-answer-{name}".encode(), fields.get(b"x-answer", b"200")).decode()
            if answer == "none":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                return
            time.sleep(seconds)
            connection.sendall(f"HTTP/1.1 {answer} -\r\nx-arm: {name}\r\ncontent-length: 1\r\n\r\nx".encode())


def guarded(connection: socket.socket, name: str, seconds: float) -> None:
    try:
        serve(connection, name, seconds)
    except OSError:
        connection.close()


def main(name: str, port: str, seconds: str = "0") -> None:
    with socket.create_server(("127.0.0.1", int(port)), backlog=1024) as listener:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=guarded, args=(connection, name, float(seconds)), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
