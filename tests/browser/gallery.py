# SPDX-License-Identifier: Apache-2.0
"""Every page, made from simulated worlds and served as the server would serve it, under the same policy.

It is quick and always the same: what is measured on it, and what is photographed, does not depend on a race.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec
from tests.service.shop import ANN, BEN
from tests.web.worlds import agreed, excepted, in_an_incident, look, reader, rolling, waiting, went_back

from interlock.domain.decision import Reason
from interlock.domain.ids import PersonId, PromotionId
from interlock.server.door import POLICY
from interlock.testing.world import World
from interlock.web import calendar, fleet, inbox, incident, measures, pack, record, release, rollout
from interlock.web.figures import Plotter
from interlock.web.measures import Counter
from interlock.web.page import UNTRIED, Asked, Page, Place, Reader, Tried, show

RITA: Final = PersonId("rita")
V2: Final = "app:v2"
PROMOTION: Final = "app:v2/production/1"
STATIC: Final = Path(str(files("interlock.web"))) / "static"
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
REFUSED: Final = Tried(
    "production-approve-review",
    {"comment": "It looks good to me."},
    (
        Reason(
            "approval.stale_view",
            "what you saw is not what is there now: something of it has changed meanwhile",
            "look at what is shown now, then decide again",
        ),
    ),
)


def _shown(page: Page, who: Reader, tried: Tried = UNTRIED) -> str:
    return show(page, Asked(who, "/", tried))


@cache
def pages() -> dict[str, str]:
    """Every page by its name."""
    ben, rita = reader(BEN), reader(RITA)
    here, held, going = look(waiting().world), look(excepted().world), look(rolling(45).world)
    gone, trouble, ready = look(went_back().world), look(in_an_incident()), look(agreed().world)
    supposed = ("word:rollback-plan:ann", "word:review:ben")
    door = Page("login.html", "Sign in", Place.NOWHERE, {"csrf": "x", "onward": "/", "failed": "wrong"})
    amiss = {"code": "release.unknown", "sentence": "there is no release", "next_step": "see `interlock status`"}
    return {
        "login": show(door, Asked()),
        "fleet": _shown(fleet.page(held), ben),
        "release": _shown(release.page(here, V2, ben), ben),
        "refused": _shown(release.page(here, V2, ben), ben, REFUSED),
        "whatif": _shown(release.page(here, V2, ben, supposed), ben),
        "exception": _shown(release.page(held, V2, ben), ben),
        "ready": _shown(release.page(ready, V2, reader(ANN)), reader(ANN)),
        "inbox": _shown(inbox.page(held, ben), ben),
        "rollout": _shown(rollout.page(going, PROMOTION, ben), ben),
        "went-back": _shown(rollout.page(gone, PROMOTION, ben), ben),
        "incidents": _shown(incident.listing(trouble), rita),
        "incident": _shown(incident.page(trouble, "i1", rita), rita),
        "pack": _shown(pack.page(trouble, "app"), rita),
        "calendar": _shown(calendar.page(trouble), rita),
        "metrics": _shown(measures.page(gone, Counter()), ben),
        "ledger": _shown(record.page(trouble), rita),
        "record": _shown(record.record_page(here, 17, proven="shown"), ben),
        "amiss": _shown(Page("amiss.html", "Not Found", Place.NOWHERE, amiss), ben),
    }


@cache
def figures() -> bytes:
    """What the rollout's page asks for to draw."""
    world: World = rolling(45).world
    drawn = Plotter().figures(world.store, PromotionId(PROMOTION))
    return msgspec.json.encode(rollout.live(look(world), PROMOTION, drawn))


@contextmanager
def hung() -> Iterator[str]:
    """The gallery on a port of its own; gives its address."""
    pages()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Attendant)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="gallery", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Attendant(BaseHTTPRequestHandler):
    """Shows what is asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        found = _content(path)
        if found is None:
            self._answer(HTTPStatus.NOT_FOUND, "application/json", json.dumps({"path": path}).encode())
        else:
            self._answer(HTTPStatus.OK, *found)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads along."""


def _content(path: str) -> tuple[str, bytes] | None:
    makers: dict[str, Callable[[], bytes]] = {
        "/live": lambda: b"retry: 60000\n\n",
        "/login/ways": lambda: b'{"club": "Sign in with the club"}',
        f"/rollouts/{PROMOTION}/figures": figures,
    }
    if path in makers:
        return ("text/event-stream" if path == "/live" else "application/json"), makers[path]()
    name = path.removeprefix("/").removesuffix(".html")
    if name in pages():
        return "text/html", pages()[name].encode()
    file = STATIC / path.removeprefix("/static/")
    if path.startswith("/static/") and file.is_file() and file.suffix in KINDS:
        return KINDS[file.suffix], file.read_bytes()
    return None
