# SPDX-License-Identifier: Apache-2.0
"""A service that warms up: `warming.py PORT`. Where a file called `broken` lies beside it, every third answer is bad.

Of its first requests one in twelve fails, of the rest one in twenty-five. Its answers say on which port it listens.
"""

import itertools
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COLD = 300
asked = itertools.count(1)
broken = Path("broken").exists()


class Handler(BaseHTTPRequestHandler):
    """Counts what it is asked."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        number = 1 if self.path == "/health" else next(asked)
        every = 3 if broken else 12 if number <= COLD else 25
        self.send_response(200 if number % every else 500)
        self.send_header("content-length", "0")
        self.send_header("x-port", sys.argv[1])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
