# SPDX-License-Identifier: Apache-2.0
"""The command line against a server: the same words, the same answers, and a ledger that is checked."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from tests.api.hosting import Hosted, hosted, released_place
from tests.cli.workplace import Said

from interlock.config import cache_folder, find_server
from interlock.domain.ids import PersonId
from interlock.ports.accounts import Account, Rank

RELEASE: Final = "app:v1.1.0"
READING: Final = (
    "release list",
    f"explain {RELEASE}",
    f"explain {RELEASE} --for production",
    f"evidence show {RELEASE}",
    f"record show {RELEASE}",
    "record committed",
    "change list",
    "people list",
    "governance show",
    "governance diff --at v1.1.0",
    "freeze list",
    "incident list",
    "recall list",
    "outbox list",
    "rollout show staging",
    "ledger show",
    "ledger checkpoint",
    "ledger key",
    f"release notes {RELEASE}",
    "explain nothing-of-that-name",
    "release withdraw v9 --reason x",
)


@dataclass
class Desk:
    """Where somebody types: in the checkout, or far from it, and against the server or not."""

    server: Hosted
    elsewhere: Path

    def here(self, person: str, *words: str) -> Said:
        """In the checkout, on the ledger beside it."""
        os.chdir(self.server.place.folder)
        return self.server.place.say(person, *words)

    def far(self, person: str, *words: str, folder: Path | None = None, token: str = "") -> Said:
        """Against the server, in the checkout or elsewhere."""
        os.chdir(folder or self.server.place.folder)
        os.environ["INTERLOCK_URL"] = self.server.url
        os.environ["INTERLOCK_TOKEN"] = token or self.server.token(person)
        try:
            return self.server.place.say(person, *words)
        finally:
            del os.environ["INTERLOCK_URL"], os.environ["INTERLOCK_TOKEN"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(released_place(tmp_path_factory.mktemp("far"))) as found:
        yield found


@pytest.fixture
def desk(server: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("INTERLOCK_URL", "")
    monkeypatch.setenv("INTERLOCK_TOKEN", "")
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    return Desk(server, tmp_path)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("words", READING)
def test_reading_says_the_same_byte_for_byte(desk: Desk, words: str, form: str) -> None:
    typed = (*words.split(), *(["--json"] if form == "json" else []))
    assert desk.far("ann", *typed) == desk.here("ann", *typed)


def test_status_knows_from_the_server_whether_the_controller_works(desk: Desk) -> None:
    here, far = (
        json.loads(said.out) for said in (desk.here("ann", "status", "--json"), desk.far("ann", "status", "--json"))
    )
    assert far == {**here, "controller": True}


def test_far_from_the_repository_everything_of_the_ledger_is_there(desk: Desk) -> None:
    words = ("evidence", "show", RELEASE, "--json")
    assert desk.far("ann", *words, folder=desk.elsewhere).out == desk.here("ann", *words).out


@pytest.mark.parametrize("words", ["adopt v1.0.0", "governance propose --reason x", "check"])
def test_what_needs_the_repository_says_so(desk: Desk, words: str) -> None:
    said = desk.far("ann", *words.split(), "--json", folder=desk.elsewhere)
    assert [one["code"] for one in said.object["error"]] == ["server.no_repository"]


def test_what_belongs_to_the_servers_machine_says_so(desk: Desk) -> None:
    said = desk.far("ann", "rollout", "proxies", "staging", "--json")
    assert [one["code"] for one in said.object["error"]] == ["server.not_here"]


def test_who_may_sign_in_there_is_told_to_administrators(desk: Desk) -> None:
    accounts = desk.server.accounts
    ann = accounts.account(PersonId("ann"))
    assert isinstance(ann, Account)
    refused = desk.far("ann", "account", "list", "--json")
    accounts.change(replace(ann, rank=Rank.ADMINISTRATOR))
    told = desk.far("ann", "account", "list", "--json", folder=desk.elsewhere)
    accounts.change(ann)
    assert [one["code"] for one in refused.object["error"]] == ["access.not_allowed"]
    listed = told.object["accounts"]
    assert {"account": "ann", "rank": "administrator", "standing": "active"} in listed
    assert [one["account"] for one in listed] == [one.person for one in accounts.accounts()]


def test_accounts_are_changed_where_they_are_kept(desk: Desk) -> None:
    said = desk.far("ann", "account", "sessions", "--json")
    assert [one["code"] for one in said.object["error"]] == ["server.only_there"]


def test_what_is_signed_here_is_recorded_there_as_signed(desk: Desk) -> None:
    said = desk.far("cat", "freeze", "declare", "far", "--until", "2h", "--reason", "holidays", "--json")
    assert said.code == 0, said.out
    record = list(desk.server.house.store.records())[-1]
    assert (record.event, record.actor, record.assurance.value) == ("FreezeDeclared", "person:cat", "signed")
    assert "holidays" in desk.far("ann", "freeze", "list").out


def test_a_refusal_reads_like_one_here(desk: Desk) -> None:
    words = ("promote", "v1.1.0", "production", "--json")
    here, far = desk.here("cat", *words), desk.far("cat", *words)
    assert (far.code, far.object["refused"]) == (here.code, here.object["refused"])


def test_nobody_speaks_with_a_token_of_somebody_else(desk: Desk) -> None:
    said = desk.far("cat", "change", "open", "CR-8", "--title", "x", "--json", token=desk.server.token("ben"))
    assert [one["code"] for one in (*said.object.get("refused", ()), *said.object.get("error", ()))] == [
        "access.other_person"
    ]


def test_a_token_that_is_none_is_told(desk: Desk) -> None:
    said = desk.far("ann", "status", "--json", token="ilk_nothing")
    assert [one["code"] for one in said.object["error"]] == ["server.unauthorised"]


def test_a_token_for_something_else_is_told(desk: Desk) -> None:
    said = desk.far("ann", "status", "--json", token=desk.server.token("ann", ("attach",)))
    assert [one["code"] for one in said.object["error"]] == ["access.not_allowed"]


def test_the_server_may_be_named_on_the_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_TOKEN", desk.server.token("ann"))
    for words in (["--server", desk.server.url, "change", "list"], ["change", "list", f"--server={desk.server.url}"]):
        said = desk.server.place.say("ann", *words)
        assert (said.code, "CR-1" in said.out) == (0, True)
    assert "CR-1" not in desk.server.place.say("ann", "change", "list").out


def test_past_two_dashes_nothing_is_a_server(desk: Desk) -> None:
    assert desk.server.place.say("ann", "explain", "--", "--server").code != 0


def test_a_history_that_was_rewritten_is_caught_where_it_is_read(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk.far("ann", "status")
    with hosted(released_place(tmp_path_factory.mktemp("other"))) as other:
        name = next((desk.elsewhere / "cache" / "interlock").iterdir())
        honest, desk.server = desk.server, other
        desk.far("ann", "status")
        for folder in (desk.elsewhere / "cache" / "interlock").iterdir():
            if folder != name:
                (folder / "ledger.db").write_bytes((name / "ledger.db").read_bytes())
                for left in folder.glob("ledger.db-*"):
                    left.unlink()
        said = desk.far("ann", "status", "--json")
        desk.server = honest
    assert said.object["error"][0]["code"] in {"server.rewritten", "server.unsigned", "server.cut_back"}
    assert desk.far("ann", "status").code == 0


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://x", "server.address"),
        ("http://", "server.address"),
        ("http://ann:secret@127.0.0.1", "server.address"),
        ("http://[", "server.address"),
        ("http://interlock.example.com", "server.in_the_clear"),
        ("http://127.0.0.1:1", "server.unreachable"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(desk: Desk, address: str, code: str) -> None:
    said = desk.server.place.say("ann", "status", "--json", "--server", address)
    assert [one["code"] for one in said.object["error"]] == [code]


def test_the_environment_names_a_server_and_the_line_another() -> None:
    known = {"INTERLOCK_URL": "https://a", "INTERLOCK_TOKEN": "t"}
    assert find_server("", known).address == "https://a"
    assert find_server("https://b", known).address == "https://b"
    assert find_server("", {}).address == ""


def test_copies_lie_in_the_cache_folder_of_their_owner() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path("/c/interlock")
    assert cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == Path("/h/.cache/interlock")
