# SPDX-License-Identifier: Apache-2.0
import base64
import json
import re
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from tests.api.hosting import EVERY, Hosted, Json, hosted, released_place

from interlock.ledger.canonical import encode
from interlock.ledger.checkpoint import parse_note
from interlock.ledger.tree import Inclusion, leaf_hash

RELEASE: Final = "app:v1.1.0"
FREEZE: Final = {"begins": "2031-01-01T10:00:00Z", "ends": "2031-01-02T10:00:00Z", "reason": "why"}


def printed(shop: Hosted, monkeypatch: pytest.MonkeyPatch, *words: str) -> Json:
    """What the command line prints of the same ledger."""
    monkeypatch.chdir(shop.place.folder)
    return shop.place.ask("ann", *words)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/freezes", ("freeze", "list")),
        ("/v1/changes", ("change", "list")),
        ("/v1/recalls", ("recall", "list")),
        ("/v1/outbox", ("outbox", "list")),
        ("/v1/people", ("people", "list")),
        ("/v1/services/app/committed", ("record", "committed")),
        (f"/v1/releases/{RELEASE}/evidence", ("evidence", "show", RELEASE)),
        (f"/v1/releases/{RELEASE}/records", ("record", "show", RELEASE)),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_the_api_answers_what_the_command_line_prints(
    shop: Hosted, monkeypatch: pytest.MonkeyPatch, path: str, words: tuple[str, ...]
) -> None:
    assert shop.get(path) == printed(shop, monkeypatch, *words)


def test_services_are_what_status_prints(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    printed_here = printed(shop, monkeypatch, "status")
    assert shop.get("/v1/services") == {**printed_here, "controller": True}
    assert [shop.get("/v1/services/app")] == printed_here["services"]


def test_rules_are_those_that_governance_shows(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = shop.get("/v1/packs/app")
    assert pack["rules"] == printed(shop, monkeypatch, "governance", "show")
    assert "pack: starter" in pack["pack_text"]
    assert "service: app" in pack["bindings_text"]
    assert {path["path"] for path in pack["paths"]} >= {"standard"}
    assert any(asked["cites"] or asked["id"] for stage in pack["stages"] for asked in stage["requires"])


def test_an_explanation_is_the_same_tree(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shop.get(f"/v1/explain/{RELEASE}")
    assert {name: found[name] for name in ("kind", "id", "solo", "finding")} == printed(
        shop, monkeypatch, "explain", RELEASE
    )
    gate = shop.get(f"/v1/explain/{RELEASE}?for=production")
    assert gate["finding"] == printed(shop, monkeypatch, "explain", RELEASE, "--for", "production")["finding"]


def test_a_requirement_and_a_code_are_explained(shop: Hosted) -> None:
    assert shop.get("/v1/explain/tests")["kind"] == "requirement"
    assert "evidence" in shop.get("/v1/explain/evidence.missing")["page"]


def test_what_is_not_there_is_told_as_a_problem(shop: Hosted) -> None:
    answer = shop.ask("GET", "/v1/releases/app:v9", "ann")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.json["status"]) == (404, 404)
    assert answer.json["code"] == "release.unknown"
    assert answer.json["docs"] == "interlock explain release.unknown"
    assert answer.json["next_step"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/services/none",
        "/v1/packs/none",
        f"/v1/releases/{RELEASE}/matter/none",
        f"/v1/releases/{RELEASE}/records/none",
        "/v1/rollouts/none/staging/1",
        "/v1/incidents/none",
        "/v1/explain/nothing-of-that-name",
        f"/v1/explain/{RELEASE}?for=none",
        "/v1/ledger/records/999999",
        "/v1/ledger/proof/999999",
        "/v1/ledger/blobs/sha256:0",
        "/v1/ledger/texts/text:0",
        "/v1/none",
    ],
)
def test_nothing_of_that_name(shop: Hosted, path: str) -> None:
    answer = shop.ask("GET", path, "ann")
    assert answer.status == 404
    assert answer.json["code"]


def test_a_release_shows_every_gate_ahead_and_what_each_rests_on(shop: Hosted) -> None:
    found = shop.get(f"/v1/releases/{RELEASE}")
    assert found["release"]["release"] == RELEASE
    assert [gate["environment"] for gate in found["ahead"]] == ["staging", "production"]
    assert found["title"] == "Say two"
    assert not found["ahead"][0]["opens"]


def test_releases_come_a_page_at_a_time_without_a_gap(shop: Hosted) -> None:
    first = shop.get("/v1/releases?service=app&limit=1")
    second = shop.get(f"/v1/releases?service=app&limit=1&cursor={first['next']}")
    assert [one["release"] for page in (first, second) for one in page["releases"]] == ["app:v1.0.0", RELEASE]
    assert second["next"] == ""


@pytest.mark.parametrize("query", ["cursor=%25", "limit=0", "limit=many", "limit=201"])
def test_a_page_that_cannot_be_meant_is_told(shop: Hosted, query: str) -> None:
    answer = shop.ask("GET", f"/v1/releases?{query}", "ann")
    assert (answer.status, answer.json["code"].partition(".")[0]) == (400, "request")


def test_what_is_known_already_is_not_sent_again(shop: Hosted) -> None:
    first = shop.ask("GET", "/v1/freezes", "ann")
    etag = first.headers["etag"]
    again = shop.ask("GET", "/v1/freezes", "ann", if_none_match=f'"other", W/{etag}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    assert shop.ask("GET", "/v1/freezes", "ann", if_none_match='"other"').status == 200
    assert shop.ask("GET", "/v1/freezes", "ann", if_none_match="*").status == 304


def test_who_wrote_reads_what_they_wrote(shop: Hosted) -> None:
    before = shop.ask("GET", "/v1/freezes", "ann")
    body = {"freeze": "mine", "begins": "2031-01-01T10:00:00Z", "ends": "2031-01-02T10:00:00Z", "reason": "why"}
    shop.say("cat", "/v1/freezes/declare", body)
    after = shop.ask("GET", "/v1/freezes", "ann", if_none_match=before.headers["etag"])
    assert after.status == 200
    assert "mine" in {one["freeze"] for one in after.json["freezes"]}


def test_the_matter_names_all_that_would_be_approved(shop: Hosted) -> None:
    found = shop.get(f"/v1/releases/{RELEASE}/matter/production")
    assert found["digest"].startswith("sha256:")
    assert found["matter"].startswith("sha256:")
    assert {one["kind"] for one in found["asked"]} >= {"approval"}
    assert found["rollback_plan"].startswith("return to the last good release")
    assert found["authors"] == ["dan"]


def test_an_inbox_holds_what_waits_for_the_caller(shop: Hosted) -> None:
    assert shop.get("/v1/inbox", "eve") == {"items": []}


def test_supposing_changes_nothing_and_shows_what_would_be(shop: Hosted) -> None:
    size = shop.house.store.head().size
    asked = shop.get(f"/v1/releases/{RELEASE}/matter/production")["asked"][0]["requirement"]
    query = f"release={RELEASE}&environment=production&word={asked}=cat&waive=tests"
    found = shop.get(f"/v1/whatif?{query}")
    now, then = (json.dumps(found[name]) for name in ("now", "then"))
    assert ("by cat" in now, "cat" in then) == (False, True)
    assert not found["opens"]
    assert shop.house.store.head().size == size


@pytest.mark.parametrize("query", ["word=tests", "word=none=ann", "word=tests=nobody", "waive=none"])
def test_supposing_what_cannot_be_is_told(shop: Hosted, query: str) -> None:
    answer = shop.ask("GET", f"/v1/whatif?release={RELEASE}&environment=staging&{query}", "ann")
    assert (answer.status, answer.json["code"].partition(".")[0]) == (422, "whatif")


def test_records_come_as_they_are_hashed_up_to_a_signed_checkpoint(shop: Hosted) -> None:
    page = shop.get("/v1/ledger/records?since=0&limit=5")
    known = [json.loads(encode(record)) for record in shop.house.store.records()][: len(page["records"])]
    assert page["records"] == known
    assert parse_note(page["checkpoint"]).checkpoint.size == len(known)
    assert shop.get("/v1/ledger/records?since=4000")["records"] == []


def test_one_record_and_the_proof_that_it_is_in_the_ledger(shop: Hosted) -> None:
    one, proof = shop.get("/v1/ledger/records/7"), shop.get("/v1/ledger/proof/7")
    record = next(found for found in shop.house.store.records() if found.index == 7)
    leaf = leaf_hash(encode(record))
    assert one["record"]["index"] == 7
    assert one["leaf"] == proof["leaf"] == base64.b64encode(leaf).decode()
    path = [base64.b64decode(text) for text in proof["proof"]]
    root = parse_note(proof["checkpoint"]).checkpoint.root
    assert base64.b64encode(root).decode() == proof["root"]
    assert Inclusion(leaf, 7, proof["size"], path).holds_in(root)


def test_a_bundle_can_be_verified(shop: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = shop.ask("GET", "/v1/ledger/bundle?words=left_out", "ann")
    assert answer.headers["content-disposition"] == 'attachment; filename="test-ledger.tar"'
    with tarfile.open(fileobj=BytesIO(answer.body)) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(shop.place.folder)
    key = shop.place.done("ann", "ledger", "key")["key"]
    assert shop.place.say("ann", "ledger", "verify", str(tmp_path / "ledger"), "--key", key).code == 0


def test_everything_is_described(shop: Hosted) -> None:
    described = shop.get("/v1/schema/openapi.json")
    assert described["openapi"].startswith("3.1")
    assert set(described["components"]["securitySchemes"]) == {"token", "session"}
    for path, methods in described["paths"].items():
        if path.startswith("/v1"):
            for method in methods.values():
                assert {"401", "403"} <= set(method["responses"]), path
                assert method["summary"] or method["description"], path


def test_every_address_stands_on_the_reference_page(shop: Hosted) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text()
    told = set(re.findall(r"`([A-Z]+ /v1[^`]*)`", page))
    paths = shop.get("/v1/schema/openapi.json")["paths"]
    answered = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {one for one in answered if "/v1/" in one} - told == set()


def test_every_scope_is_worth_something(shop: Hosted) -> None:
    assert shop.send("GET", "/v1/services", shop.token("ann", ("read",))).status == 200
    assert len(EVERY) == 6


def test_whoever_is_narrowed_is_explained_what_is_of_their_services_and_nothing_else(shop: Hosted) -> None:
    incident = {"incident": "INC-90", "service": "app", "environment": "staging", "summary": "It burns"}
    shop.say("ann", "/v1/incidents/open", incident)
    for named, kind in (("INC-90", "incident"), (RELEASE, "release"), ("CR-1", "change"), ("tests", "requirement")):
        own, other = (
            shop.send("GET", f"/v1/explain/{named}", shop.token("ann", EVERY, (to,))) for to in ("app", "other")
        )
        assert (own.status, own.json["kind"]) == (200, kind)
        assert (other.status, other.json["code"]) == (404, "explain.unknown")


def test_of_a_freeze_who_is_narrowed_sees_their_services_and_that_there_are_others(tmp_path: Path) -> None:
    with hosted(released_place(tmp_path)) as one:
        for name, frozen in (("both", ["app", "hidden"]), ("mine", ["app"]), ("all", [])):
            one.say("cat", "/v1/freezes/declare", {**FREEZE, "freeze": name, "services": frozen})
        whole, narrowed = (one.send("GET", "/v1/freezes", one.token("ann", EVERY, reach)) for reach in ((), ("app",)))
    assert [(each["freeze"], each["services"], each["and_others"]) for each in narrowed.json["freezes"]] == [
        ("both", ["app"], True),
        ("mine", ["app"], False),
        ("all", [], False),
    ]
    assert b"hidden" not in narrowed.body
    assert [each["services"] for each in whole.json["freezes"]] == [["app", "hidden"], ["app"], []]
    assert not [each for each in whole.json["freezes"] if each["and_others"]]
