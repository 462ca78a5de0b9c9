# SPDX-License-Identifier: Apache-2.0
"""A server of ours on a free port of this machine, over a real ledger, and people with tokens."""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

import urllib3
import uvicorn
from tests.cli.workplace import BINDINGS, PEOPLE, Workplace, make_key, open_workplace

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.bootstrap.houses import OpenHouse, open_house
from interlock.config import find_home
from interlock.domain.ids import PersonId
from interlock.identity.caller import EVERY_SCOPE
from interlock.identity.porter import digest_of_secret
from interlock.ports.accounts import Account, Accounts, Rank, Standing, TokenRow
from interlock.server.app import Beat, Built, build
from interlock.server.serving import carried
from interlock.server.settings import Settings
from interlock.telemetry import Log

Json: TypeAlias = Any
"""A decoded answer; a test looks at the parts it is about."""
EVERY = tuple(scope.value for scope in EVERY_SCOPE)
WAIT = 30.0


@dataclass
class AtRest:
    """A driver of which nothing is seen but that it was woken."""

    woken: int = 0

    def wake(self) -> None:
        self.woken += 1

    def beat(self) -> Beat:
        return Beat("", 0.0)


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)


@dataclass
class Hosted:
    """One server, its ledger and its people."""

    place: Workplace
    house: OpenHouse
    accounts: Accounts
    url: str
    built: Built
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def token(
        self,
        person: str,
        scopes: tuple[str, ...] = EVERY,
        services: tuple[str, ...] = (),
        environments: tuple[str, ...] = (),
    ) -> str:
        """A token of this person's; the same one for the same reach."""
        secret = f"ilk_{person}-{'.'.join(sorted(scopes))}-{'.'.join(services)}-{'.'.join(environments)}"
        now = self.house.clock.now()
        row = TokenRow(
            secret, digest_of_secret(secret), PersonId(person), scopes, services, environments, now, now + timedelta(1)
        )
        self.accounts.keep_token(row)
        return secret

    def ask(self, method: str, path: str, person: str = "", body: Json = None, **headers: str) -> Answer:
        """One request of somebody with every scope, or of nobody; `body` goes as JSON."""
        return self.send(method, path, self.token(person) if person else "", body, **headers)

    def send(self, method: str, path: str, token: str, body: Json = None, **headers: str) -> Answer:
        """One request with this token."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Authorization": f"Bearer {token}"} if token else {}
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        given |= {"Content-Type": "application/json"} if content is not None else {}
        answer = self.pool.request(
            method, f"{self.url}{path}", body=content, headers=given, timeout=WAIT, redirect=False
        )
        return Answer(answer.status, answer.headers, answer.data)

    def get(self, path: str, person: str = "ann") -> Json:
        """What must be answered."""
        answer = self.ask("GET", path, person)
        assert answer.status == 200, answer.body
        return answer.json

    def say(self, person: str, path: str, body: Json = None) -> Json:
        """What must be done."""
        answer = self.ask("POST", path, person, body)
        assert answer.status == 200, answer.body
        return answer.json


def _in_memory(_house: OpenHouse) -> Accounts:
    return MemoryAccounts()


@contextmanager
def hosted(place: Workplace, keeping: Callable[[OpenHouse], Accounts] = _in_memory) -> Iterator[Hosted]:
    """A server over the ledger of a workplace, as long as this lasts; `keeping` says where its accounts are."""
    house = open_house(find_home(place.folder))
    with closing(house.store), socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        settings = Settings("127.0.0.1", port, f"http://127.0.0.1:{port}")
        accounts = keeping(house)
        for person in (*PEOPLE, "eve"):
            accounts.add(Account(PersonId(person), Rank.MEMBER, Standing.ACTIVE, "", house.clock.now()))
        built = build(house, accounts, settings, AtRest(), Log(StringIO()))
        server = uvicorn.Server(carried(built.app))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            _up(server, thread)
            yield Hosted(place, house, accounts, settings.url, built)
        finally:
            server.should_exit = True
            thread.join(WAIT)
            built.rooms.close()
            accounts.close()


def _up(server: uvicorn.Server, thread: threading.Thread) -> None:
    until = time.monotonic() + WAIT
    while not server.started:
        assert thread.is_alive(), "the server ended"
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.01)


def released_place(folder: Path, bindings: str = BINDINGS) -> Workplace:
    """A workplace in a folder of its own where v1.1.0 is made from a tagged commit, under CR-1; eve is in no role by
    herself.
    """
    app = folder / "app"
    app.mkdir(parents=True)
    before = Path.cwd()
    os.chdir(app)
    try:
        place = open_workplace(app, folder / "keys", bindings)
        make_key(place.key("eve"))
        place.done("ann", "people", "add", "eve", "--key", f"{place.key('eve')}.pub", "--email", "eve@example.com")
        place.commit("app.txt", "two\n", tag="v1.1.0")
        place.done("dan", "change", "open", "CR-1", "--title", "Say two")
        place.done("dan", "release", "create", "v1.1.0")
    finally:
        os.chdir(before)
    return place
