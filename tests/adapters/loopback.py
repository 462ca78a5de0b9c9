# SPDX-License-Identifier: Apache-2.0
"""A web server on loopback whose answers are a table, and an address where nobody listens."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass(frozen=True)
class Page:
    """`drops` sends the body byte by byte with that many seconds between, until the client leaves."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drops: float = 0


@dataclass
class Site:
    """`pages` by path without query; `asked` lists every request line's target and headers, in order."""

    pages: dict[str, Page]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0
    closing: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(pages: dict[str, Page]) -> Iterator[Site]:
    site = Site(pages)

    class Answerer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, dict(self.headers.items())))
            page = site.pages.get(self.path.partition("?")[0], Page(b"no such page", 404))
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if not page.drops:
                self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            try:
                if not page.drops:
                    self.wfile.write(page.body)
                while page.drops and not site.closing.wait(page.drops):
                    self.wfile.write(b".")
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answerer)
    site.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
