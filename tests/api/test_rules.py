# SPDX-License-Identifier: Apache-2.0
"""What the command line says of rules and notes is said over the API alike, and what runs is adopted over it."""

import json

import pytest
from tests.api.hosting import EVERY, Hosted


@pytest.fixture(autouse=True)
def _beside_it(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command line is typed."""
    monkeypatch.chdir(shop.place.folder)


def test_the_difference_of_rules_is_that_of_the_command_line(shop: Hosted) -> None:
    typed = shop.place.ask("ann", "governance", "diff", "--at", "v1.0.0")
    assert shop.ask("GET", "/v1/services/app/rules/diff?at=v1.0.0", "ann").json == {"changed": typed["changed"]}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("at=nowhere", 422, "source.unknown_revision"),
        ("at=--output", 400, "request.invalid"),
        ("proposal=sha256:" + "0" * 64, 404, "governance.unknown"),
    ],
)
def test_rules_that_are_not_there_are_compared_with_nothing(shop: Hosted, query: str, status: int, code: str) -> None:
    answer = shop.ask("GET", f"/v1/services/app/rules/diff?{query}", "ann")
    assert (answer.status, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(("query", "words"), [("", ()), ("?words=quoted", ("--with-words",))], ids=["", "quoted"])
def test_release_notes_are_those_of_the_command_line(shop: Hosted, query: str, words: tuple[str, ...]) -> None:
    typed = shop.place.ask("ann", "release", "notes", "app:v1.1.0", *words)
    told = shop.ask("GET", f"/v1/releases/app:v1.1.0/notes{query}", "ann").json
    assert told == {name: one for name, one in typed.items() if name != "file"}


def test_notes_for_a_record_that_is_not_asked_for_are_not_composed(shop: Hosted) -> None:
    answer = shop.ask("GET", "/v1/releases/app:v1.1.0/notes?record=poem", "ann")
    assert (answer.status, answer.json["code"]) == (404, "record.unknown")


def test_what_runs_is_composed_for_adoption_and_takes_a_signature(shop: Hosted) -> None:
    path, body = "/v1/services/app/environments/production/adopt", {"version": "v1.0.0"}
    composed = shop.ask("POST", f"{path}?to_be=composed", "ann", body)
    said = json.loads(json.dumps(composed.json["body"]))
    assert (said["command"], said["payload"]["release"]) == ("AdoptRunning", "app:v1.0.0")
    assert shop.ask("POST", path, "ann", body).json["code"] == "adopt.unsigned"


def test_the_first_rules_are_adopted_once(shop: Hosted) -> None:
    answer = shop.ask("POST", "/v1/services/app/rules/adopt?to_be=composed", "ann", {})
    assert answer.json["body"]["command"] == "AdoptGovernance"
    other = shop.ask("POST", "/v1/services/other/rules/adopt?to_be=composed", "ann", {})
    assert (other.status, other.json["code"]) == (422, "governance.other_service")


def test_who_is_narrowed_to_another_service_adopts_no_rules_here(shop: Hosted) -> None:
    answer = shop.send("POST", "/v1/services/app/rules/adopt", shop.token("ann", EVERY, ("other",)), {})
    assert (answer.status, answer.json["code"]) == (404, "service.unknown")


def _of_others(shop: Hosted, named: str) -> str:
    """A commit at which rules stand that are not the rules of the app, or are none."""
    bindings = shop.place.folder / "interlock.yaml"
    before = bindings.read_text()
    commit = shop.place.commit("interlock.yaml", before.replace("service: app", named))
    shop.place.commit("interlock.yaml", before)
    return commit


@pytest.mark.parametrize(
    ("stands", "whole"),
    [("service: hidden", "governance.other_service"), ("service: hidden\npuck: hidden", "bindings.unfit")],
    ids=["others", "unfit"],
)
def test_whoever_is_narrowed_learns_nothing_of_the_rules_of_others(shop: Hosted, stands: str, whole: str) -> None:
    path = f"/v1/services/app/rules/diff?at={_of_others(shop, stands)}"
    told, narrowed = (shop.send("GET", path, shop.token("ann", EVERY, reach)) for reach in ((), ("app",)))
    assert (told.status, told.json["code"]) == (422, whole)
    assert (narrowed.status, narrowed.json["code"]) == (422, "governance.not_there")
    assert b"hidden" not in narrowed.body


@pytest.mark.parametrize("to_be", ["said", "composed"])
def test_whoever_is_narrowed_learns_nothing_of_them_by_proposing_them(shop: Hosted, to_be: str) -> None:
    body = {"at": _of_others(shop, "service: hidden"), "reason": "ours"}
    path = f"/v1/services/app/rules/propose?to_be={to_be}"
    told, narrowed = (shop.send("POST", path, shop.token("ann", EVERY, reach), body) for reach in ((), ("app",)))
    assert (told.status, told.json["code"]) == (422, "governance.other_service")
    assert (narrowed.status, narrowed.json["code"]) == (422, "governance.not_there")
    assert b"hidden" not in narrowed.body


def test_what_stands_at_a_branch_is_told_as_soon_as_it_was_committed(shop: Hosted) -> None:
    path = "/v1/services/app/rules/diff?at=HEAD"
    bindings = shop.place.folder / "interlock.yaml"
    before = bindings.read_text()
    assert shop.ask("GET", path, "ann").json == {"changed": {}}
    shop.place.commit("interlock.yaml", before + "# more\n")
    changed = shop.ask("GET", path, "ann").json["changed"]
    shop.place.commit("interlock.yaml", before)
    assert "+# more" in changed["interlock.yaml"]
