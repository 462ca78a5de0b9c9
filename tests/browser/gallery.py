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
from tests.service.shop import ANN, BEN, CAT
from tests.web.worlds import agreed, excepted, in_an_incident, look, reader, rolling, waiting, went_back

from interlock.adapters.source.memory import MemoryRepository, ScriptedCommit, ScriptedFile
from interlock.domain.decision import Reason
from interlock.domain.ids import PersonId, PromotionId, ReleaseId, ServiceName
from interlock.domain.release import Release
from interlock.identity.stewarding import Kept
from interlock.ports.accounts import (
    Account,
    Happening,
    Noted,
    Numbered,
    Rank,
    SessionRow,
    Standing,
    TokenRow,
)
from interlock.ports.source import Commit
from interlock.server.door import POLICY
from interlock.service.difference import differences
from interlock.service.portraits.listing import Roll
from interlock.testing.world import BEGINNING, World
from interlock.web import calendar, catalogue, changes, fleet, inbox, incident, measures, pack, record, release, rollout
from interlock.web.figures import Plotter
from interlock.web.look import Commits, Differing
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
        "both": _shown(release.page(here, V2, reader(CAT)), reader(CAT)),
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
        "releases": _shown(catalogue.page(held, Roll()), ben),
        "explain": _shown(Page("explain.html", "freeze.active", Place.NOWHERE, {"code": "freeze.active"}), ben),
        "changes": _changes(ben),
        **_of_the_door(ben),
    }


def _changes(who: Reader) -> str:
    """Of two files that are text, and one that is not."""
    sha = ("a" * 40, "b" * 40)
    tasks = "def open_tasks(person):\n    return [one for one in tasks if {}]\n"
    trees = (
        {"desk/tasks.py": tasks.format("one.is_open"), "logo.png": "\0"},
        {"desk/tasks.py": tasks.format("one.is_open and one.person == person"), "logo.png": "\0\0", "NEWS": "v2\n"},
    )
    commits = tuple(Commit(one, one, "Filter the tasks", "Ann", "", "Ann", "", BEGINNING, ()) for one in sha)
    history = tuple(
        ScriptedCommit(commit, sha[:at], {path: ScriptedFile(text.encode()) for path, text in tree.items()})
        for at, (commit, tree) in enumerate(zip(commits, trees, strict=True))
    )
    release = Release(id=ReleaseId(V2), service=ServiceName("app"), version="v2", base=sha[0], commit=sha[1])
    found = Differing(differences(MemoryRepository(history), *sha))
    one = changes.ChangesShown(release, Commits(commits[1:]), found)
    return _shown(Page("changes.html", "What changes", Place.FLEET, {"one": one}), who)


def _of_the_door(who: Reader) -> dict[str, str]:
    """Accounts, what happened, and keys: one who is in with a token, one who is locked out without a password."""
    ann = Account(ANN, Rank.ADMINISTRATOR, Standing.ACTIVE, "set", BEGINNING)
    rita = Account(RITA, Rank.MEMBER, Standing.DISABLED, "", BEGINNING)
    session = SessionRow("0" * 64, ANN, "passkey", "", BEGINNING, BEGINNING, "2001:db8::17", ())
    token = TokenRow("pipeline", "0" * 64, ANN, ("read", "evidence"), ("app",), (), BEGINNING, BEGINNING)
    kept = (Kept(ann, (session,), (token,)), Kept(rita, (), ()))
    noted = Noted(BEGINNING, next(iter(Happening)), "rita", "password", "192.0.2.7", "wrong password, 3 of 5")
    by_key = {
        "csrf": "x",
        "handle": "rita",
        "message": "set the password of rita 5f0c",
        "namespace": "command@interlock",
    }
    shown: dict[str, tuple[str, dict[str, object]]] = {
        "accounts": ("Accounts", {"accounts": kept, "ranks": tuple(one.value for one in Rank)}),
        "audit": ("At the door", {"entries": (Numbered(1, noted),), "older": 0, "newer": True}),
        "bykey": ("Set your password", {**by_key}),
        "keys": ("Your keys", {"keys": ("ssh-ed25519 " + "A" * 68,)}),
    }
    made = {name: Page(f"{name}.html", title, Place.NOWHERE, model) for name, (title, model) in shown.items()}
    return {name: _shown(page, who) for name, page in made.items()}


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
        "/passkeys/mine": lambda: b'[{"line": "sk-ssh-ed25519@openssh.com AAAA", "state": "made"}]',
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
