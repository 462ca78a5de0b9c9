# SPDX-License-Identifier: Apache-2.0
"""Who looks is answered, whoever else has to wait."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO

import httpx
import pytest
from tests.cli.workplace import Workplace
from tests.server.premises import Premises, premises

from interlock.bootstrap.houses import open_house
from interlock.bootstrap.providers import OidcClient
from interlock.config import find_home
from interlock.identity.caller import Scope
from interlock.identity.trusting import CiRule, Login, Trusted
from interlock.ports.failure import Unavailable
from interlock.server.app import Entrance
from interlock.server.serving import Motor
from interlock.telemetry import Log
from interlock.workflows.driver import Driver

MANY = 40
"""More than a loop has threads, on any machine."""
SOON = 60.0
"""Seconds within which anything happens at all, on a busy machine."""
FREEZE = {"freeze": "", "begins": "2031-01-01T10:00:00Z", "ends": "2031-01-02T10:00:00Z", "reason": "holidays"}
ON_A_PAGE = {"act": "freeze", "page": "/calendar", "form": "freeze", "service": "", "environment": "", "begins": ""}
ON_A_PAGE |= {"ends": "2d", "reason": "holidays"}
ISSUER = "https://token.example.com"
CLAIMS = {"iss": ISSUER, "sub": "repo:shop", "aud": "interlock"}
LOOKED_AT = ("/readyz", "/v1/services", "/v1/freezes", "/metrics", "/inbox", "/")


@contextmanager
def beside(work: Callable[[int], object]) -> Iterator[None]:
    """Many do it beside us; they are done at the end."""
    threads = [threading.Thread(target=work, args=(at,)) for at in range(MANY)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def signed_in(here: Premises) -> httpx.Client:
    secret, csrf = here.secret("ann")
    browser = here.client()
    browser.cookies.set("interlock", secret)
    browser.headers.update({"x-csrf-token": csrf, "accept": "text/html"})
    return browser


def looks(browser: httpx.Client) -> list[int]:
    """What somebody is answered who looks around."""
    return [browser.get(path).status_code for path in LOOKED_AT]


@dataclass
class Held:
    """A lock that somebody holds, and of whom it is known who waits for it."""

    lock: threading.RLock
    waits: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> bool:
        self.waits.set()
        return self.lock.__enter__()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


@pytest.mark.parametrize("way", ["api", "page"])
def test_who_looks_does_not_wait_for_who_writes(here: Premises, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    held = Held(threading.RLock())
    monkeypatch.setattr(here.house.store, "_lock", held)

    def say(at: int) -> None:
        with signed_in(here) as browser:
            if way == "api":
                browser.post("/v1/freezes/declare", json={**FREEZE, "freeze": f"one{at}"}, timeout=120)
            else:
                form = {**ON_A_PAGE, "freeze": f"two{at}"}
                browser.post("/say", data=form, timeout=120)

    with signed_in(here) as browser, beside(say), held.lock:
        assert held.waits.wait(SOON)
        assert looks(browser) == [200] * len(LOOKED_AT)


@dataclass
class Silent:
    """A provider that is asked and does not answer, until it is let."""

    asked: threading.Event = field(default_factory=threading.Event)
    let: threading.Event = field(default_factory=threading.Event)

    def asking(self, _client: OidcClient, _state: str, _nonce: str, _verifier: str) -> str:
        raise self._nothing()

    def redeem(self, _client: OidcClient, _code: str, _verifier: str) -> str:
        raise self._nothing()

    def verified(self, _token: str, _audience: str, _now: datetime) -> Mapping[str, object]:
        raise self._nothing()

    def _nothing(self) -> Unavailable:
        self.asked.set()
        self.let.wait()
        return Unavailable("oidc.unavailable", "it does not answer", "try again")


def of_a_job() -> str:
    told = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")
    return f"e30.{told}.e30"


@pytest.mark.parametrize("way", ["job", "login"])
def test_who_looks_does_not_wait_for_a_provider_that_does_not_answer(place: Workplace, way: str) -> None:
    silent = Silent()
    rule = CiRule("main", ISSUER, "interlock", "repo:shop", "ann", [Scope.READ])
    trusted = Trusted({"company": Login(ISSUER, "interlock")}, [rule])

    def arrive(_at: int) -> None:
        with here.client() as stranger:
            headers = {"authorization": f"Bearer {of_a_job()}"} if way == "job" else {}
            stranger.get("/v1/services" if way == "job" else "/login/oidc/company", headers=headers, timeout=120)

    entrance = Entrance(trusted, lambda _issuer: silent)
    with premises(place, entrance=entrance) as here, signed_in(here) as browser, beside(arrive):
        try:
            assert silent.asked.wait(SOON)
            assert looks(browser) == [200] * len(LOOKED_AT)
        finally:
            silent.let.set()


def test_who_asks_how_the_driver_is_does_not_wait_for_it(place: Workplace) -> None:
    home = find_home(place.folder)
    house = open_house(home)
    motor = Motor(house, Driver(house.controller(), home.socket, house.clock), Log(StringIO()))
    told = threading.Event()

    def ask() -> None:
        motor.beat()
        told.set()

    with house.store._lock:  # noqa: SLF001  # as who writes holds it
        asking = threading.Thread(target=ask)
        asking.start()
        was_told = told.wait(SOON)
    asking.join()
    motor.beside.store.close()
    house.store.close()
    assert was_told
