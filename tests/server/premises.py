# SPDX-License-Identifier: Apache-2.0
"""A real home with its people, and the server on it: in this process behind its door, or as a process of its own."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from litestar import Litestar
from tests.cli.workplace import BINDINGS, Workplace, open_workplace
from tests.ports import free_port

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.bootstrap.accounts import open_accounts
from interlock.bootstrap.houses import OpenHouse, open_house
from interlock.bootstrap.keys import fresh_bytes
from interlock.config import find_home
from interlock.domain.ids import PersonId
from interlock.identity.caller import How, Scope
from interlock.identity.passwords import hashed
from interlock.identity.register import Register
from interlock.ports.accounts import Account, Rank, Standing
from interlock.server.app import PASSWORDS_ONLY, Beat, Built, Entrance, build
from interlock.server.patience import Patient
from interlock.server.serving import carried
from interlock.server.settings import Settings, settings_for
from interlock.telemetry import Log

PASSWORD = "correct horse battery"
UP = 240.0
"""Seconds within which a server must be there, on a busy machine."""
TRUSTED = ssl.create_default_context()
"""Nothing here is asked by TLS: whoever makes a client gives it this, or it reads all certificates there are."""


@contextmanager
def a_place(tmp: Path, bindings: str = BINDINGS) -> Iterator[Workplace]:
    """A home under `tmp`, where we stand while it lasts."""
    folder = tmp / "app"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HOME", str(tmp / "nobody"))
        patch.delenv("INTERLOCK_HOME", raising=False)
        yield open_workplace(folder, tmp / "keys", bindings)


@dataclass
class StillDriver:
    """A companion that drives nothing."""

    fault: str = ""
    woken: int = 0

    def wake(self) -> None:
        self.woken += 1

    def beat(self) -> Beat:
        return Beat(self.fault, 0.0)


@dataclass
class Premises:
    """The server in this process."""

    house: OpenHouse
    built: Built
    accounts: MemoryAccounts
    driver: StillDriver
    said: StringIO
    settings: Settings

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        """A browser at that address, which speaks to it under its public name."""
        host = urlsplit(self.settings.url).netloc
        transport = httpx.HTTPTransport(local_address=address, verify=TRUSTED)
        base = f"http://127.0.0.1:{self.settings.port}"
        return httpx.Client(base_url=base, headers={"host": host}, timeout=30, transport=transport)

    def secret(self, person: str) -> tuple[str, str]:
        """What the cookie of somebody signed in holds, and their token against forgery."""
        let_in = self.built.porter.open(PersonId(person), How.PASSWORD, "127.0.0.1")
        return let_in.secret, let_in.caller.csrf

    def trail(self) -> list[str]:
        """What was noted, with its detail."""
        return [f"{one.noted.what} {one.noted.detail}".strip() for one in self.accounts.trail(1000)]


@contextmanager
def premises(
    place: Workplace, behind: str = "", entrance: Entrance = PASSWORDS_ONLY, protocol: type[Patient] = Patient
) -> Iterator[Premises]:
    """The server on this home, with accounts of ann and ben; answering in a thread of this process."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    chosen = settings_for("127.0.0.1", listener.getsockname()[1], behind)
    house, accounts, driver, said = open_house(find_home(place.folder)), MemoryAccounts(), StillDriver(), StringIO()
    for person in ("ann", "ben"):
        accounts.add(Account(PersonId(person), Rank.MEMBER, Standing.ACTIVE, _kept(), house.clock.now()))
    with closing(house.store), listener:
        built = build(house, accounts, chosen, driver, Log(said), entrance)
        with answering(built.app, listener, protocol):
            yield Premises(house, built, accounts, driver, said, chosen)
        built.rooms.close()


@cache
def _kept() -> str:
    return hashed(PASSWORD)


@contextmanager
def answering(app: Litestar, listener: socket.socket, protocol: type[Patient] = Patient) -> Iterator[None]:
    """The application on this socket while it lasts."""
    server = uvicorn.Server(carried(app, protocol))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    until = time.monotonic() + UP
    while not server.started:
        assert thread.is_alive(), "it does not come up"
        assert time.monotonic() < until, "it does not come up"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Serving:
    """The server as a process."""

    process: "subprocess.Popen[str]"
    url: str
    place: Workplace

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, verify=TRUSTED)

    def token(self, person: str) -> str:
        """A new token of theirs that may do everything they may."""
        words = [word for scope in Scope for word in ("--scope", scope.value)]
        return str(self.place.done(person, "account", "token", person, *words)["token"])

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Seconds until it ended after the signal."""
        since = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - since


@contextmanager
def serving(place: Workplace, *options: str) -> Iterator[Serving]:
    """The server on this home; killed at the end if it lives still."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("interlock")), "serve", "--port", str(port), *options]
    environment = {**os.environ, "HOME": str(place.keys)}
    with (place.keys / "serve.log").open("w") as log:
        process = subprocess.Popen(command, cwd=place.folder, stdout=log, stderr=log, text=True, env=environment)
    try:
        until = time.monotonic() + UP
        while True:
            assert process.poll() is None, (place.keys / "serve.log").read_text()
            assert time.monotonic() < until, "it does not come up"
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", verify=TRUSTED).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Serving(process, f"http://127.0.0.1:{port}", place)
    finally:
        process.kill()
        process.wait()


def make_account(place: Workplace, person: str) -> None:
    """An account in the home itself."""
    house = open_house(find_home(place.folder))
    with closing(house.store), closing(open_accounts(house.home)) as accounts:
        people = house.view().people()
        Register(accounts, house.clock, fresh_bytes, lambda: people).add(PersonId(person), Rank.MEMBER, PASSWORD)


def csrf_in(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', page)
    assert found, page
    return found[1]


def sign_in(client: httpx.Client, person: str, password: str = PASSWORD, onward: str = "/") -> httpx.Response:
    """Through the page, as a browser does it."""
    token = csrf_in(client.get("/login").text)
    form = {"handle": person, "password": password, "csrf": token, "next": onward}
    return client.post("/login/password", data=form, follow_redirects=False)
