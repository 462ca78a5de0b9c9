# SPDX-License-Identifier: Apache-2.0
"""The server as a process of its own: started, used, told to end, killed."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from shutil import copyfile
from urllib.parse import urlsplit

import httpx
import pytest
from tests.cli.workplace import Workplace
from tests.ports import free_port
from tests.server.premises import UP, Serving, make_account, serving, sign_in

from interlock.config import find_home

FREEZE = {"freeze": "lost", "begins": "2031-01-01T10:00:00Z", "ends": "2031-01-02T10:00:00Z", "reason": "holidays"}
ENDS_WITHIN = 25.0
"""Seconds; two on a quiet machine. Without the limit of the server it would be until the client leaves."""


@pytest.fixture(scope="module")
def with_ann(place: Workplace) -> Workplace:
    make_account(place, "ann")
    return place


@pytest.fixture
def served(with_ann: Workplace) -> Iterator[Serving]:
    with serving(with_ann) as served:
        yield served


def _half_a_request(served: Serving) -> socket.socket:
    """A client that began to speak and says no more."""
    address = urlsplit(served.url)
    client = socket.create_connection((address.hostname, address.port or 0))
    head = f"POST /login/password HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 100\r\n\r\nx"
    client.sendall(head.encode())
    return client


def _until_ready(client: httpx.Client) -> None:
    until = time.monotonic() + UP
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < until, "it does not come back"
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_it_ends_in_order_when_told_while_somebody_listens(served: Serving, number: signal.Signals) -> None:
    token = served.token("ann")
    with (
        httpx.Client(base_url=served.url, headers={"authorization": f"Bearer {token}"}, timeout=30) as client,
        client.stream("GET", "/v1/ledger/events", headers={"accept": "text/event-stream"}) as stream,
        _half_a_request(served),
    ):
        assert stream.status_code == 200
        assert served.end(number) < ENDS_WITHIN
    assert served.process.returncode == 0


@pytest.mark.parametrize("path", ["/v1/ledger/events", "/live"])
def test_who_listens_is_told_the_end_and_not_cut_off(served: Serving, path: str) -> None:
    with served.client() as browser:
        sign_in(browser, "ann")
        with browser.stream("GET", path, headers={"accept": "text/event-stream"}) as stream:
            parts, told = stream.iter_bytes(), b""
            while b"\n\n" not in told:  # the first event may come in several parts
                told += next(parts).replace(b"\r", b"")
            served.end()
            told += b"".join(parts).replace(b"\r", b"")  # a stream that was cut raises here
    assert told.endswith(b"\n\n")
    assert served.process.returncode == 0


def test_a_killed_server_leaves_nothing_to_clean_and_the_session_lives_on(with_ann: Workplace) -> None:
    with serving(with_ann) as first, first.client() as browser:
        sign_in(browser, "ann")
        secret = browser.cookies["interlock"]
        first.end(signal.SIGKILL)
    with serving(with_ann) as second:
        assert httpx.get(f"{second.url}/metrics", headers={"cookie": f"interlock={secret}"}).status_code == 200


def test_it_is_the_driver_and_takes_what_people_sign_at_the_command_line(served: Serving) -> None:
    with_ann = served.place
    refused = with_ann.say("ann", "drive", "--until-idle", "--json")
    assert [one["code"] for one in json.loads(refused.out)["error"]] == ["driver.held"]
    with_ann.done("dan", "change", "open", "CR-7", "--title", "Said while it serves")


def test_a_token_that_another_process_revokes_is_refused_at_the_next_request(served: Serving) -> None:
    headers = {"authorization": f"Bearer {served.token('ann')}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        assert [client.get("/v1/freezes").status_code for _ in range(3)] == [200, 200, 200]
        served.place.done("ann", "account", "revoke", "ann")
        assert client.get("/v1/freezes").status_code == 401


def test_who_loses_their_last_key_in_the_ledger_is_refused_at_the_next_request(served: Serving) -> None:
    make_account(served.place, "ben")
    headers = {"authorization": f"Bearer {served.token('ben')}"}
    key = f"{served.place.key('ben')}.pub"
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        assert [client.get("/v1/freezes").status_code for _ in range(3)] == [200, 200, 200]
        served.place.done("ann", "people", "revoke-key", "ben", "--key", key, "--reason", "lost")
        assert client.get("/v1/freezes").status_code == 401


def test_a_ledger_that_is_replaced_while_it_is_served_takes_nothing_also_when_it_is_back(served: Serving) -> None:
    ledger, aside = find_home(served.place.folder).ledger, served.place.folder / "aside"
    headers = {"authorization": f"Bearer {served.token('ann')}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        ledger.rename(aside)
        copyfile(aside, ledger)
        ready, read = client.get("/readyz"), client.get("/v1/freezes")
        frozen = client.post("/v1/freezes/declare", json=FREEZE)
        nobodys = [httpx.get(f"{served.url}{path}", headers={"authorization": "Bearer x"}) for path in ("/readyz", "/")]
        aside.rename(ledger)
        assert [(one.status_code, one.json()["code"]) for one in (ready, read, frozen)] == [(503, "store.replaced")] * 3
        assert [one.status_code for one in nobodys] == [503, 503]
        assert not [one for one in (ready, *nobodys) if str(served.place.folder) in one.text]
        again = client.get("/readyz"), client.get("/v1/freezes"), client.post("/v1/freezes/declare", json=FREEZE)
        assert [(one.status_code, one.json()["code"]) for one in again] == [(503, "store.replaced")] * 3
    served.end()
    with serving(served.place) as next_one, httpx.Client(base_url=next_one.url, headers=headers, timeout=30) as client:
        _until_ready(client)
        assert client.get("/v1/freezes").json() == {"freezes": []}


def test_nothing_is_acknowledged_of_what_only_a_log_that_was_removed_would_hold(served: Serving) -> None:
    ledger = find_home(served.place.folder).ledger
    headers = {"authorization": f"Bearer {served.token('ann')}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        assert client.post("/v1/freezes/declare", json=FREEZE).status_code == 200
        ledger.with_name(f"{ledger.name}-wal").unlink()
        lost = client.post("/v1/freezes/declare", json={**FREEZE, "freeze": "lost"})
        assert (lost.status_code, lost.json()["code"]) == (503, "store.replaced")
        assert client.get("/readyz").status_code == 503


def test_two_servers_on_one_port_are_refused(served: Serving, with_ann: Workplace) -> None:
    port = str(urlsplit(served.url).port)
    refused = with_ann.say("ann", "serve", "--port", port, "--json")
    assert refused.code == 2
    assert json.loads(refused.out)["error"][0]["code"] in {"driver.held", "server.port_taken"}


def test_a_server_whose_settings_name_an_account_that_is_not_there_does_not_start(with_ann: Workplace) -> None:
    settings = find_home(with_ann.folder).settings
    settings.write_text('[accounts.contractor]\nservices = ["app"]\n')
    try:
        refused = with_ann.say("ann", "serve", "--port", str(free_port()), "--json")
    finally:
        settings.unlink()
    assert (refused.code, json.loads(refused.out)["error"][0]["code"]) == (2, "server.unknown_name")


def test_in_the_open_it_does_not_serve_without_a_proxy(with_ann: Workplace) -> None:
    for options, code in (
        (("--host", "192.0.2.1"), "server.plain"),
        (("--behind-proxy", "http://interlock.example.com"), "server.address"),
        (("--behind-proxy", "https://interlock.example.com/path"), "server.address"),
        (("--port", "70000"), "server.port"),
    ):
        refused = with_ann.say("ann", "serve", *options, "--json")
        assert [one["code"] for one in json.loads(refused.out)["error"]] == [code]
