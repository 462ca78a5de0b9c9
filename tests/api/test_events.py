# SPDX-License-Identifier: Apache-2.0
import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from tests.api.hosting import EVERY, WAIT, Hosted, Json, hosted, released_place
from urllib3.util import parse_url

from interlock.server import door

SOON, LATER = "2031-01-01T10:00:00Z", "2031-01-02T10:00:00Z"
MANY: Final = 40


@dataclass
class Listening:
    """One client of the stream."""

    connection: socket.socket
    read: bytes = b""
    told: list[tuple[str, Json]] = field(default_factory=list)

    def until(self, count: int) -> list[tuple[str, Json]]:
        """The first so many events: id and record."""
        while len(self.told) < count:
            more = self.connection.recv(1 << 16)
            assert more, "the stream ended"
            self.read += more
            while b"\n\n" in self.read:
                frame, self.read = self.read.split(b"\n\n", 1)
                self._take(frame.decode())
        return self.told[:count]

    def _take(self, frame: str) -> None:
        lines = frame.splitlines()
        ids = [line.removeprefix("id: ") for line in lines if line.startswith("id: ")]
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        if ids:
            self.told.append((ids[0], json.loads(data[0])))


@contextmanager
def listening(shop: Hosted, query: str = "", headers: str = "") -> Iterator[Listening]:
    at = parse_url(shop.url)
    with socket.create_connection((at.host, at.port), WAIT) as connection:
        head = f"GET /v1/ledger/events{query} HTTP/1.0\r\nHost: {at.host}:{at.port}\r\n"
        head += f"Authorization: Bearer {shop.token('ann')}\r\n{headers}\r\n"
        connection.sendall(head.encode())
        found = Listening(connection)
        while b"\r\n\r\n" not in found.read:
            found.read += connection.recv(1 << 16)
        answer, found.read = found.read.split(b"\r\n\r\n", 1)
        assert b" 200 " in answer.splitlines()[0], answer
        assert b"text/event-stream" in answer
        yield found


def declare(shop: Hosted, name: str) -> None:
    body = {"freeze": name, "begins": SOON, "ends": LATER, "reason": "why"}
    shop.say("cat", "/v1/freezes/declare", body)


def test_what_was_missed_is_told_first_in_order_and_then_what_comes(shop: Hosted) -> None:
    size = shop.house.store.head().size
    with listening(shop, "?since=0") as client:
        client.until(size)
        declare(shop, "told-1")
        found = client.until(size + 2)
    assert [int(number) for number, _ in found] == list(range(size + 2))
    assert [record["index"] for _, record in found] == list(range(size + 2))
    assert found[-1][1]["event"] == "FreezeDeclared"


def test_without_a_number_what_comes_is_told(shop: Hosted) -> None:
    size = shop.get("/v1/ledger/head")["size"]
    with listening(shop) as client:
        declare(shop, "told-2")
        found = client.until(2)
    assert found[0][0] == str(size)


def test_who_comes_back_is_told_what_follows(shop: Hosted) -> None:
    with listening(shop, headers="Last-Event-ID: 4\r\n") as client:
        assert client.until(1)[0][0] == "5"


def test_only_the_streams_that_are_wanted(shop: Hosted) -> None:
    with listening(shop, "?since=0&stream=release/") as client:
        found = client.until(2)
    assert {record["stream"].partition("/")[0] for _, record in found} == {"release"}


@pytest.mark.parametrize("value", ["x", "-1", "99999999999999999999"])
def test_an_id_that_was_never_told_is_refused(shop: Hosted, value: str) -> None:
    answer = shop.ask("GET", "/v1/ledger/events", "ann", Last_Event_ID=value)
    assert (answer.status, answer.json["code"]) == (400, "request.last_event")


def test_who_is_narrowed_hears_nothing(shop: Hosted) -> None:
    answer = shop.send("GET", "/v1/ledger/events", shop.token("ann", EVERY, ("app",)))
    assert answer.status == 403


def test_who_is_let_in_no_more_hears_nothing_more(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "AGAIN", 0.0)
    with listening(shop) as client:
        declare(shop, "before-1")
        client.until(1)
        shop.accounts.revoke_token(shop.token("ann"))
        declare(shop, "after-1")
        rest = b"".join(iter(lambda: client.connection.recv(1 << 16), b""))
    assert b"after-1" not in rest + client.read


def test_many_viewers_are_told_the_same(shop: Hosted) -> None:
    size = shop.get("/v1/ledger/head")["size"]
    clients = [listening(shop) for _ in range(MANY)]
    opened = [client.__enter__() for client in clients]
    try:
        declare(shop, "told-3")
        found = {json.dumps(client.until(2)) for client in opened}
    finally:
        for client in clients:
            client.__exit__(None, None, None)
    assert len(found) == 1
    assert json.loads(found.pop())[0][0] == str(size)


def test_who_heard_of_a_ledger_that_was_put_back_is_let_go_and_hears_what_comes_then(tmp_path: Path) -> None:
    with hosted(released_place(tmp_path)) as one:
        ledger = one.house.home.ledger
        with closing(sqlite3.connect(tmp_path / "kept")) as kept, closing(sqlite3.connect(ledger)) as now:
            now.backup(kept)
        size = one.house.store.head().size
        with listening(one) as client:
            declare(one, "undone")
            client.until(2)
            with closing(sqlite3.connect(tmp_path / "kept")) as kept, closing(sqlite3.connect(ledger)) as now:
                kept.backup(now)
            with pytest.raises(AssertionError, match="the stream ended"):
                client.until(1_000)
        with listening(one, headers=f"Last-Event-ID: {size + 1}\r\n") as client:
            declare(one, "done")
            assert client.until(2)[0][0] == str(size)


def test_who_heard_of_a_ledger_whose_file_was_replaced_is_let_go(tmp_path: Path) -> None:
    with hosted(released_place(tmp_path)) as one:
        with listening(one) as client:
            declare(one, "before")
            client.until(2)
            one.house.home.ledger.rename(tmp_path / "aside")
            with pytest.raises(AssertionError, match="the stream ended"):
                client.until(1_000)
        (tmp_path / "aside").rename(one.house.home.ledger)
