# SPDX-License-Identifier: Apache-2.0
"""What somebody tries who should not be let in: each attempt comes to nothing, and stands in the trail or in the log.

Forged and repeated commands that are signed stand in `tests/api/test_saying.py`, passkeys in `test_bypasskey.py`, jobs
in `test_oidc.py`.
"""

import contextlib
import json
import logging
import resource
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import cast

import httpx
import pytest
from litestar.types import HTTPScope
from tests.cli.workplace import Workplace
from tests.server.premises import PASSWORD, Premises, csrf_in, premises, sign_in

from interlock.bootstrap.keys import fresh_bytes
from interlock.domain.ids import PersonId
from interlock.identity.caller import Scope
from interlock.identity.register import Grant, Register
from interlock.server.crowd import most_connections
from interlock.server.door import Door
from interlock.server.intake import USUAL
from interlock.server.patience import LONGEST_HEAD, Patient, head_of
from interlock.server.serving import Onward
from interlock.telemetry import Log

LATER = 30.0
"""Seconds within which a connection is closed, on a busy machine."""


class Hasty(Patient):
    """Waits a moment for the head of a request."""

    within = 0.2


def fixated(here: Premises, browser: httpx.Client) -> httpx.Response:
    """Signing in with the cookie of a session that somebody else began and planted."""
    token = csrf_in(browser.get("/login").text)
    browser.cookies.set("interlock", here.secret("ben")[0])
    return browser.post("/login/password", data={"handle": "ann", "password": PASSWORD, "csrf": token})


def foreign(here: Premises, browser: httpx.Client) -> httpx.Response:
    """A form that another site's page hands in, with all that a browser adds by itself."""
    browser.cookies.set("interlock", here.secret("ann")[0])
    return browser.post("/logout", headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"})


def tokenless(here: Premises, browser: httpx.Client) -> httpx.Response:
    """A form without the token of its page."""
    browser.cookies.set("interlock", here.secret("ann")[0])
    return browser.post("/logout", data={"csrf": "0" * 64})


def another_host(_here: Premises, browser: httpx.Client) -> httpx.Response:
    """A header that would have our links lead elsewhere."""
    return browser.get("/login", headers={"host": "evil.example"})


def traversing(_here: Premises, browser: httpx.Client) -> httpx.Response:
    """A way out of the folder of what is given to everybody."""
    return browser.get("/static/..%2f..%2f..%2f..%2fetc/passwd")


def oversized(_here: Premises, browser: httpx.Client) -> httpx.Response:
    """A body without end."""
    return browser.post("/login/password", content=(b"x" * 65536 for _ in range(USUAL // 65536 + 1)))


def slow(here: Premises, _browser: httpx.Client) -> httpx.Response:
    """A body that is begun and not ended."""
    door = here.built.app.asgi_handler
    assert isinstance(door, Door)
    door.seconds = 0.2
    with socket.create_connection(("127.0.0.1", here.settings.port), timeout=LATER) as client:
        host = here.settings.url.removeprefix("http://")
        client.sendall(f"POST /login/password HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nx".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return httpx.Response(int(head.split()[1]), content=body)


def ended_session(here: Premises, browser: httpx.Client) -> httpx.Response:
    """The cookie of a session that was ended."""
    secret, csrf = here.secret("ann")
    browser.cookies.set("interlock", secret)
    browser.post("/logout", data={"csrf": csrf})
    browser.cookies.set("interlock", secret)
    return browser.get("/v1/services")


@pytest.mark.parametrize(
    ("attempt", "status", "code"),
    [
        (fixated, 403, "POST /login/password: access.no_csrf"),
        (foreign, 403, "POST /logout: access.foreign_page"),
        (tokenless, 403, "POST /logout: access.no_csrf"),
        (another_host, 421, "GET /login: server.other_host"),
        (traversing, 404, "GET /static/../../../../etc/passwd: server.not_found"),
        (oversized, 413, "POST /login/password: server.too_large"),
        (slow, 408, "POST /login/password: server.too_slow"),
        (ended_session, 401, "GET /v1/services: access.not_signed_in"),
    ],
)
def test_what_is_tried_comes_to_nothing_and_is_noted(
    here: Premises, attempt: Callable[[Premises, httpx.Client], httpx.Response], status: int, code: str
) -> None:
    with here.client() as browser:
        answer = attempt(here, browser)
    assert (answer.status_code, json.loads(answer.text)["code"]) == (status, code.rpartition(" ")[2])
    assert here.trail()[-1] == f"request-refused {code}"
    assert all("x" * 100 not in line for line in (here.said.getvalue(), *here.trail()))


def test_a_token_that_was_ended_is_worth_nothing_and_that_it_was_shown_is_noted(here: Premises) -> None:
    register = Register(here.accounts, here.house.clock, fresh_bytes, lambda: here.house.view().people())
    secret = register.token(PersonId("ann"), Grant("ci", (Scope.READ,), (), (), timedelta(days=1)))
    with here.client() as browser:
        shown = {"authorization": f"Bearer {secret}"}
        assert browser.get("/v1/services", headers=shown).status_code == 200
        register.revoke("ci")
        assert browser.get("/v1/services", headers=shown).status_code == 401
    assert sorted(here.trail()[-2:]) == ["login-refused", "request-refused GET /v1/services: access.not_signed_in"]
    assert secret not in here.said.getvalue()


def test_what_looks_like_a_template_is_a_name_that_nobody_has(here: Premises) -> None:
    with here.client() as browser:
        answer = sign_in(browser, "{{ 1234 * 5 }}", "wrong", onward="/{{ 1234 * 5 }}")
        page = browser.get(answer.headers["location"]).text
        amiss = browser.get("/releases/%7B%7B%201234%20*%205%20%7D%7D", headers={"accept": "text/html"}).text
    assert "6170" not in page + amiss
    assert [(one.noted.what, one.noted.person) for one in here.accounts.trail(1)] == [
        ("login-refused", "{{ 1234 * 5 }}")
    ]


def test_a_line_end_in_a_value_begins_no_header(here: Premises) -> None:
    with here.client() as browser:
        answer = sign_in(
            browser, "ann\r\nset-cookie: interlock=mine", "wrong", onward="/x\r\nset-cookie: interlock=mine"
        )
    assert answer.headers["location"] == "/login?failed=wrong&next=%2F"
    assert "mine" not in str(answer.headers)
    assert here.trail()[-1] == "login-refused"
    assert [json.loads(line)["event"] for line in here.said.getvalue().splitlines()] == ["login-refused"]


@pytest.fixture
def hasty(place: Workplace) -> Iterator[Premises]:
    """The server with little patience, and with what its carrier says in its log."""
    carrier = logging.getLogger("uvicorn")
    before = carrier.handlers
    with premises(place, protocol=Hasty) as here:
        carrier.handlers = [Onward(Log(here.said), here.house)]
        yield here
    carrier.handlers = before


def connected(here: Premises) -> socket.socket:
    """A client that has said nothing yet."""
    return socket.create_connection(("127.0.0.1", here.settings.port), timeout=LATER)


def is_cut_off(client: socket.socket) -> bool:
    """Whether somebody who goes on and on saying a little is stopped."""
    until = time.monotonic() + LATER
    while time.monotonic() < until:
        try:
            client.sendall(b"X-More: x\r\n")
        except OSError:
            return True
        time.sleep(0.02)
    return False


def said_of(here: Premises) -> list[str]:
    """What the carrier has told."""
    lines = [json.loads(line) for line in here.said.getvalue().splitlines()]
    return [line["sentence"] for line in lines if line["event"] == "server"]


@pytest.mark.parametrize("begun", [b"GET /login HT", b"GET /login HTTP/1.1\r\nHost: x\r\nX-"], ids=["line", "header"])
def test_a_head_that_does_not_come_to_its_end_is_cut_off_and_told(hasty: Premises, begun: bytes) -> None:
    with connected(hasty) as client:
        client.sendall(begun)
        assert client.recv(1) == b""
    assert said_of(hasty) == ["The head of a request from 127.0.0.1 did not arrive in time."]


def test_a_head_that_comes_drop_by_drop_gains_no_time(hasty: Premises) -> None:
    with connected(hasty) as client:
        client.sendall(b"GET /login HTTP/1.1\r\n")
        assert is_cut_off(client)
    assert said_of(hasty) == ["The head of a request from 127.0.0.1 did not arrive in time."]


def test_a_head_that_is_too_long_is_refused_also_where_it_comes_whole(here: Premises) -> None:
    host = here.settings.url.removeprefix("http://")
    with connected(here) as client:
        client.sendall(f"GET /login HTTP/1.1\r\nHost: {host}\r\nX-Long: {'x' * (LONGEST_HEAD - 5000)}".encode())
        client.sendall(b"x" * 10_000 + b"\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.partition(b"\r\n")[0].split()[1] == b"431"
    assert here.trail() == ["request-refused GET /login: server.long_head"]


def test_the_head_of_a_request_is_as_long_as_what_stands_in_it() -> None:
    plain = {"method": "GET", "raw_path": b"/x", "query_string": b"a", "headers": [(b"host", b"h")]}
    assert head_of(cast("HTTPScope", plain)) == 15


def test_a_second_head_on_a_connection_is_waited_for_no_longer_than_the_first(hasty: Premises) -> None:
    host = hasty.settings.url.removeprefix("http://")
    with connected(hasty) as client:
        client.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.sendall(b"GET /healthz HT")
        rest = b"".join(iter(lambda: client.recv(65536), b""))
    assert b"HTTP/1.1 200" not in rest
    assert len(said_of(hasty)) == 1


@pytest.mark.parametrize("path", ["/healthz", "/login"])
def test_who_goes_on_with_a_body_that_nobody_reads_is_let_go(hasty: Premises, path: str) -> None:
    host = hasty.settings.url.removeprefix("http://")
    with connected(hasty) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n".encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.sendall(b"x")
        assert b"HTTP/1.1" not in b"".join(iter(lambda: client.recv(65536), b""))


def test_a_form_that_is_no_text_is_no_fault_of_ours(here: Premises) -> None:
    with here.client() as browser:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = browser.post("/login/password", content=b"handle=\xed\xa0\x80", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.no_text")


def test_no_file_has_a_null_in_its_name(here: Premises) -> None:
    with here.client() as browser:
        assert browser.get("/static/%00").status_code == 400


@pytest.mark.parametrize("onward", ["/\N{CJK UNIFIED IDEOGRAPH-65E5}", "//[", "/[\\"])
def test_a_way_on_that_is_none_leads_to_the_front_page(here: Premises, onward: str) -> None:
    with here.client() as browser:
        token = csrf_in(browser.get("/login").text)
        form = {"handle": "ann", "password": PASSWORD, "csrf": token, "next": onward}
        answer = browser.post("/login/password", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_who_connects_and_says_nothing_is_let_go_without_a_word(hasty: Premises) -> None:
    with connected(hasty) as client:
        assert client.recv(1) == b""
    assert said_of(hasty) == []


def test_an_answer_that_takes_longer_than_a_head_may_is_not_cut_off(hasty: Premises) -> None:
    door = hasty.built.app.asgi_handler
    assert isinstance(door, Door)
    door.seconds = Hasty.within * 4
    with connected(hasty) as client:
        host = hasty.settings.url.removeprefix("http://")
        client.sendall(f"POST /login/password HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nx".encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 408")
    assert said_of(hasty) == []


def test_a_head_without_end_is_refused_and_told(hasty: Premises) -> None:
    with connected(hasty) as client:
        client.sendall(b"GET /login HTTP/1.1\r\nX-Long: " + b"x" * 70_000)
        assert client.recv(65536).startswith(b"HTTP/1.1 400")
    assert said_of(hasty) == ["Invalid HTTP request received."]


class Few(Patient):
    """Has three connections at a time."""

    most = 3


@pytest.fixture
def small(place: Workplace) -> Iterator[Premises]:
    carrier = logging.getLogger("uvicorn")
    before = carrier.handlers
    with premises(place, protocol=Few) as here:
        carrier.handlers = [Onward(Log(here.said), here.house)]
        yield here
    carrier.handlers = before


@pytest.mark.parametrize("begun", [b"", b"GET /login HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"], ids=len)
def test_where_too_many_are_connected_whoever_is_awaited_longest_is_let_go(small: Premises, begun: bytes) -> None:
    with contextlib.ExitStack() as leaving:
        idle = [leaving.enter_context(connected(small)) for _ in range(9)]
        for client in idle:
            with contextlib.suppress(OSError):
                client.sendall(begun)
        with small.client() as browser:
            assert [browser.get("/healthz").status_code for _ in range(3)] == [200] * 3
    assert said_of(small) == ["Too many are connected: whoever is awaited longest is let go."]


def test_whom_we_answer_is_not_let_go_for_who_just_came(small: Premises) -> None:
    host, (secret, _) = small.settings.url.removeprefix("http://"), small.secret("ann")
    asked = f"GET /v1/ledger/events HTTP/1.1\r\nHost: {host}\r\nCookie: interlock={secret}\r\n\r\n".encode()
    with contextlib.ExitStack() as leaving:
        listening = [leaving.enter_context(connected(small)) for _ in range(3)]
        for client in listening:
            client.sendall(asked)
            told = b""
            while not told.endswith(b"retry: 1000\n\n\r\n"):
                told += client.recv(65536)
        assert _greeted(small) == b""
        for client in listening:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):
                client.recv(1)


def _greeted(here: Premises) -> bytes:
    """What somebody is told who just came."""
    try:
        with connected(here) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return client.recv(65536)
    except ConnectionError:
        return b""


def test_fewer_may_be_connected_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {256: 64, 1024: 412, 20_000: 1000, resource.RLIM_INFINITY: 1000}
    for files, most in limits.items():
        monkeypatch.setattr(resource, "getrlimit", lambda _what, files=files: (files, files))
        assert most_connections() == most
