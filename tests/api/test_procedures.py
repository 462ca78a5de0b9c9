# SPDX-License-Identifier: Apache-2.0
"""What the command line does with a pack at hand is done over the API with the one in force."""

import threading
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from tests.api.hosting import EVERY, WAIT, Hosted, hosted, released_place
from tests.cli.workplace import BINDINGS

from interlock.domain.ids import EnvironmentName
from interlock.service.carrying import Unread, read_pack

ENDLESS = {"text": "a:\n" * 16_000}
TRACE = "/v1/packs/app/trace"
DOCUMENT = "# Releases\n\nEvery change must be reviewed by somebody who did not write it.\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A server of a service that a pack of the library governs as it is."""
    with hosted(
        released_place(tmp_path_factory.mktemp("shelved"), BINDINGS.replace("rules.yaml", "starter"))
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def _beside_it(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command line is typed."""
    monkeypatch.chdir(shop.place.folder)


def test_the_pack_in_force_is_checked_as_at_a_desk(shop: Hosted) -> None:
    typed = shop.place.ask("ann", "pack", "lint", "starter")["advice"]
    found = shop.get("/v1/packs/app/check")
    assert found["pack"] == "starter"
    assert [one["code"] for one in found["advice"]] == [one["code"] for one in typed]


def test_every_statement_is_told_with_what_carries_it(shop: Hosted) -> None:
    typed = shop.place.ask("ann", "pack", "coverage", "starter")
    found = shop.get("/v1/packs/app/coverage")
    assert (found["statements"], found["covered"], found["unread"]) == (typed["statements"], typed["statements"], "")
    assert [one["id"] for one in found["requirements"]] == [one["id"] for one in typed["requirements"]]
    carriers = [[part["name"] for part in one["elements"]] for one in typed["requirements"]]
    assert all(set(names) <= set(one["carried_by"]) for names, one in zip(carriers, found["requirements"], strict=True))


def test_a_document_is_traced_as_at_a_desk_and_nothing_is_recorded(shop: Hosted) -> None:
    size = shop.house.store.head().size
    Path("procedure.md").write_text(DOCUMENT)
    typed = shop.place.ask("ann", "pack", "trace", "starter", "procedure.md")
    Path("procedure.md").unlink()
    found = shop.say("ann", "/v1/packs/app/trace", {"text": DOCUMENT})
    assert found["counts"] == typed["counts"]
    assert found["gone"] == [one["id"] for one in typed["gone"]]
    without = [{name: one for name, one in line.items() if name != "reason"} for line in typed["lines"]]
    assert found["lines"] == without
    assert shop.house.store.head().size == size


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("", 422, "procedure.empty"), ("x" * 50_001, 400, "request.invalid")],
    ids=["empty", "long"],
)
def test_what_is_no_procedure_is_not_traced(shop: Hosted, text: str, status: int, code: str) -> None:
    answer = shop.ask("POST", "/v1/packs/app/trace", "ann", {"text": text})
    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_document_is_traced_for_who_may_see_the_service(shop: Hosted) -> None:
    asking = (
        "",
        shop.token("ann", ("ask",)),
        shop.token("ann", EVERY, ("other",)),
        shop.token("eve", ("read",), ("app",)),
    )
    answers = [shop.send("POST", "/v1/packs/app/trace", token, {"text": DOCUMENT}) for token in asking]
    assert [one.status for one in answers] == [401, 403, 404, 200]


def test_a_document_that_takes_too_long_is_for_a_desk(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.built.streams.api.tracers.apart, "own_seconds", 1)
    answer = shop.ask("POST", "/v1/packs/app/trace", "ann", ENDLESS)
    assert (answer.status, answer.json["code"]) == (422, "procedure.too_long")
    assert "interlock pack trace" in answer.json["next_step"]


def test_who_has_a_document_read_waits_for_its_end_and_nobody_waits_for_the_end_of_the_server(tmp_path: Path) -> None:
    with hosted(released_place(tmp_path, BINDINGS.replace("rules.yaml", "starter"))) as server:
        apart, found = server.built.streams.api.tracers.apart, []
        apart.seconds = apart.own_seconds = 60
        threads = [
            threading.Thread(target=lambda who=one: found.append(server.ask("POST", TRACE, who, ENDLESS)))
            for one in ("ann", "ben")
        ]
        for thread in threads:
            thread.start()
        until = time.monotonic() + WAIT
        while apart.at_work < len(threads) and time.monotonic() < until:
            time.sleep(0.01)
        refused = [server.ask("POST", TRACE, one, {"text": DOCUMENT}) for one in ("ann", "cat")]
        server.built.streams.end()
        for thread in threads:
            thread.join(WAIT)
    assert [(one.status, one.json["code"], one.headers["Retry-After"]) for one in refused] == [
        (429, "procedure.busy", "5")
    ] * 2
    assert [(one.status, one.json["code"]) for one in found] == [(503, "server.ending")] * 2


def test_what_would_block_a_commit_is_what_the_command_line_says(shop: Hosted) -> None:
    typed = shop.place.ask("ann", "check", "v1.1.0", "--environment", "production")
    found = shop.get("/v1/services/app/check?at=v1.1.0&for=production")
    assert found == {name: one for name, one in typed.items() if name != "uncommitted"}
    assert found["environment"] == EnvironmentName("production")
    assert shop.get("/v1/services/app/check")["environment"] == "staging"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("at=nowhere", 422, "source.unknown_revision"), ("for=none", 404, "environment.unknown")],
)
def test_what_is_not_there_is_not_checked(shop: Hosted, query: str, status: int, code: str) -> None:
    answer = shop.ask("GET", f"/v1/services/app/check?{query}", "ann")
    assert (answer.status, answer.json["code"]) == (status, code)


@pytest.fixture(scope="module")
def orphaned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(released_place(tmp_path_factory.mktemp("orphaned"))) as server:
        server.place.git("checkout", "-q", "--orphan", "alone")
        server.place.commit("app.txt", "alone\n")
        yield server


def test_a_commit_with_nothing_good_behind_it_is_told_and_is_no_fault_of_ours(orphaned: Hosted) -> None:
    answer = orphaned.ask("GET", "/v1/services/app/check?at=alone", "ann")
    assert (answer.status, answer.json["code"]) == (422, "release.no_base")


def test_of_a_pack_that_is_not_the_librarys_it_is_said_where_its_statements_are() -> None:
    library = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
    for name, pack in (("starter", library + b"# mine\n"), ("nobodys", library)):
        found = read_pack(name, pack)
        assert isinstance(found, Unread)
        assert "interlock pack coverage" in found.sentence
