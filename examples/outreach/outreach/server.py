# SPDX-License-Identifier: Apache-2.0
"""The socket: one thread for each request and one for the work queue, one line of JSON per request, and an orderly end.

On SIGTERM or SIGINT no new request is taken, those under way are answered, and the process ends with 0.
"""

import json
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import perf_counter
from types import FrameType
from typing import TextIO

from outreach.app import Answer, App
from outreach.web import LONGEST_BODY, SECURITY_HEADERS, Request, Response
from outreach.worker import Worker

PATIENCE_SECONDS = 10.0


class Server(ThreadingHTTPServer):
    """Serves an app until it is told to stop; `port` 0 takes a free one."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, app: App, host: str, port: int, clock: Callable[[], datetime], log: TextIO) -> None:
        self.app = app
        self.clock = clock
        self.log = log
        self.log_lock = threading.Lock()
        super().__init__((host, port), RequestOnSocket)

    def write_log(self, **fields: object) -> None:
        """One line of JSON, whole, whoever else writes."""
        line = json.dumps({"time": self.clock().isoformat(timespec="milliseconds"), **fields})
        with self.log_lock:
            print(line, file=self.log, flush=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up is no fault of ours; anything else is one line."""
        fault = sys.exc_info()[1]
        if not isinstance(fault, (ConnectionError, TimeoutError)):
            self.write_log(event="fault", fault=f"{type(fault).__name__}: {fault}")


class RequestOnSocket(BaseHTTPRequestHandler):
    """Reads one request, lets the app answer, writes the response, closes."""

    server: Server
    timeout = PATIENCE_SECONDS
    server_version = "outreach"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        began = perf_counter()
        answer = self._ask()
        response = answer.response
        seconds = perf_counter() - began
        # Before it is sent: whoever holds the answer finds it counted.
        self.server.app.service.metrics.observe(self.command, answer.route, response.status, seconds)
        self.send_response(response.status)
        self.send_header("Outreach-Version", self.server.app.service.version)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.server.write_log(
            event="request",
            method=self.command,
            route=answer.route,
            status=int(response.status),
            milliseconds=round(seconds * 1000, 1),
            remote=self.client_address[0],
            **({"fault": answer.fault} if answer.fault else {}),
        )

    def _ask(self) -> Answer:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or self.headers.get("Transfer-Encoding"):
            return _refused(HTTPStatus.LENGTH_REQUIRED)
        if int(length) > LONGEST_BODY:
            return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(length))
        return self.server.app.answer(Request(self.command, path, query, headers, body), self.server.clock())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        """The access log is written once, in `_answer`."""


def _refused(status: HTTPStatus) -> Answer:
    headers = tuple(SECURITY_HEADERS.items())
    return Answer(Response(status, f"{status.phrase}\n".encode(), "text/plain; charset=utf-8", headers), "refused")


def serve(server: Server, worker: Worker) -> None:
    """Serve and work until a signal comes, then finish what is under way."""

    def end(name: str) -> None:
        server.write_log(event="stopping", signal=name)
        server.shutdown()

    def stop(number: int, _frame: FrameType | None) -> None:
        # In a thread of its own: a signal may come while this thread holds the lock of the log, and `shutdown` waits
        # for `serve_forever`, which runs in this thread.
        threading.Thread(target=end, args=(signal.Signals(number).name,)).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    host, port = server.socket.getsockname()[:2]
    server.write_log(event="serving", version=server.app.service.version, address=f"http://{host}:{port}")
    worker.start()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        worker.stop()
    server.write_log(event="stopped")
