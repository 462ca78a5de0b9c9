# SPDX-License-Identifier: Apache-2.0
import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import pytest
from tests.api.hosting import Hosted, Json, hosted, released_place

from interlock.api import once
from interlock.bootstrap.keys import fresh_bytes, person_signer
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import FreezeId, PersonId
from interlock.identity.caller import EVERY_SCOPE, Caller, How, NoSession
from interlock.service.handle import Done, Outcome
from interlock.service.speak import Speaker
from interlock.workflows.wire import encode_submission

RELEASE: Final = "app:v1.1.0"
SOON, LATER = "2031-01-01T10:00:00Z", "2031-01-02T10:00:00Z"
SAID: Final = {"begins": SOON, "ends": LATER, "reason": "holidays"}


def codes(answer: Json) -> list[str]:
    return [one["code"] for one in answer["reasons"]]


def test_what_is_said_is_recorded_with_how_the_caller_was_let_in(shop: Hosted) -> None:
    said = shop.say("cat", "/v1/freezes/declare", {"freeze": "one", **SAID})
    first = said["records"][0]
    assert (first["event"], first["actor"], first["assurance"]) == ("CommandAccepted", "person:cat", "authenticated")
    assert "token" in json.dumps(first["payload"]["signature"])
    assert [one["event"] for one in said["records"]] == ["CommandAccepted", "FreezeDeclared"]


def test_a_refusal_tells_every_reason_and_is_recorded(shop: Hosted) -> None:
    answer = shop.ask("POST", f"/v1/releases/{RELEASE}/promote", "cat", {"environment": "production"})
    assert answer.status == 409
    assert "evidence.missing" in codes(answer.json)
    recorded = [one for one in shop.house.store.records() if one.cause == answer.json["command"]]
    assert [one.event for one in recorded] == ["CommandRefused"]


def test_the_same_request_twice_under_one_key_is_one_command(shop: Hosted) -> None:
    body = {"freeze": "twice", **SAID}
    first = shop.ask("POST", "/v1/freezes/declare", "cat", body, idempotency_key="k-1")
    size = shop.house.store.head().size
    again = shop.ask("POST", "/v1/freezes/declare", "cat", body, idempotency_key="k-1")
    assert first.json["command"].startswith("cat:k-1:")
    assert (first.status, first.body) == (200, again.body)
    assert shop.house.store.head().size == size


def test_the_same_request_twice_at_the_same_time_is_one_command(shop: Hosted) -> None:
    caller = Caller(PersonId("cat"), How.TOKEN, EVERY_SCOPE, NoSession(), "", "token")
    saying, request = shop.built.rooms.saying_for(caller, "127.0.0.1"), once.Request("k-0", b"sent")
    begins, ends = (datetime.fromisoformat(one) for one in (SOON, LATER))
    first: list[Outcome] = []

    def composed(speaker: Speaker) -> DeclareFreeze:
        return DeclareFreeze(FreezeId("raced"), (), (), begins, ends, speaker.words("holidays"), ())

    def overtaken(speaker: Speaker) -> DeclareFreeze:
        first.append(once.say_once(saying, request, composed))
        return composed(speaker)

    assert [once.say_once(saying, request, overtaken)] == first
    assert isinstance(first[0], Done)


def test_a_refusal_is_repeated_under_its_key_too(shop: Hosted) -> None:
    path, body = f"/v1/releases/{RELEASE}/promote", {"environment": "production"}
    first, again = (shop.ask("POST", path, "cat", body, idempotency_key="k-2") for _ in range(2))
    assert (first.status, first.body) == (409, again.body)


def test_another_request_under_the_same_key_is_refused(shop: Hosted) -> None:
    assert shop.ask("POST", "/v1/commands", "cat", _declare("once"), idempotency_key="k-3").status == 200
    size = shop.house.store.head().size
    for path, body in (("/v1/commands", _declare("more")), ("/v1/freezes/once/lift", {"reason": "why"})):
        answer = shop.ask("POST", path, "cat", body, idempotency_key="k-3")
        assert (answer.status, codes(answer.json)) == (409, ["command.id_reused"])
    assert shop.house.store.head().size == size


def test_a_key_that_is_none_is_told(shop: Hosted) -> None:
    assert shop.ask("POST", "/v1/commands", "cat", _declare("x"), idempotency_key="a b").status == 400


def _declare(name: str) -> Json:
    payload = {"freeze": name, "services": [], "environments": [], "begins": SOON, "ends": LATER, "admits": []}
    return {"command": "DeclareFreeze", "payload": payload, "words": {"reason": "holidays"}}


def test_a_command_is_said_as_data(shop: Hosted) -> None:
    said = shop.say("cat", "/v1/commands", _declare("as-data"))
    declared = said["records"][1]["payload"]
    assert declared["reason"].startswith("text:")
    assert shop.get(f"/v1/ledger/texts/{declared['reason']}")["words"] == "holidays"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"command": "Nothing", "payload": {}}, "command.undecodable"),
        ({"command": "DeclareFreeze", "payload": {"freeze": "x", "more": 1}}, "command.undecodable"),
        ({**_declare("x"), "words": {"reason": "  "}}, "reason.empty"),
        ({**_declare("x"), "blobs": ["a==="]}, "request.base64"),
        ({"command": "DeclareFreeze"}, "request.invalid"),
        ([], "request.invalid"),
        (b"{", "request.invalid"),
    ],
    ids=["unknown", "unknown field", "no words", "no base64", "no payload", "a list", "no JSON"],
)
def test_what_is_no_command_is_told(shop: Hosted, body: Json, code: str) -> None:
    answer = shop.ask("POST", "/v1/commands", "cat", body)
    assert (answer.status in {400, 422}, answer.json["code"]) == (True, code)


def test_a_robots_command_is_nobodys_to_say(shop: Hosted) -> None:
    body = {"command": "ConcludeProof", "payload": {"promotion": "app:v1.1.0/staging/1"}}
    answer = shop.ask("POST", "/v1/commands", "cat", body)
    assert answer.status == 409


def signed(shop: Hosted, person: str, name: str) -> bytes:
    now = shop.house.clock.now()
    speaker = Speaker(PersonId(person), person_signer(shop.place.key(person)), shop.house.store.origin, fresh_bytes)
    command = DeclareFreeze(FreezeId(name), (), (), now, now.replace(year=now.year + 1), speaker.words("why"), ())
    return encode_submission(speaker.submission(command, now))


def test_what_a_person_signed_is_recorded_as_signed(shop: Hosted) -> None:
    submission = signed(shop, "cat", "by-key")
    said = shop.say("cat", "/v1/commands/signed", submission)
    assert said["records"][0]["assurance"] == "signed"
    size = shop.house.store.head().size
    assert shop.say("cat", "/v1/commands/signed", submission) == said
    assert shop.house.store.head().size == size


def test_nobody_hands_in_what_somebody_else_signed(shop: Hosted) -> None:
    answer = shop.ask("POST", "/v1/commands/signed", "ben", signed(shop, "cat", "not-mine"))
    assert (answer.status, codes(answer.json)) == (403, ["access.other_person"])


def test_a_signature_over_other_words_is_refused(shop: Hosted) -> None:
    submission = json.loads(signed(shop, "cat", "forged"))
    submission["body"]["payload"]["freeze"] = "changed"
    answer = shop.ask("POST", "/v1/commands/signed", "cat", submission)
    assert (answer.status, codes(answer.json)) == (409, ["signature.invalid"])


def test_nobody_vouches_for_themself(shop: Hosted) -> None:
    submission = json.loads(signed(shop, "cat", "unsigned"))
    for change in ({"key": "", "armoured": ""}, {"signature": {"kind": "vouched"}}):
        answer = shop.ask("POST", "/v1/commands/signed", "cat", {**submission, **change})
        assert answer.status in {400, 403, 409}, answer.body


def test_a_body_that_is_none_is_told(shop: Hosted) -> None:
    submission = json.loads(signed(shop, "cat", "broken"))
    submission["body"]["issued_at"] = "yesterday"
    answer = shop.ask("POST", "/v1/commands/signed", "cat", submission)
    assert (answer.status, answer.json["code"]) == (422, "command.undecodable")


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A server of one test's own."""
    with hosted(released_place(tmp_path_factory.mktemp("own"))) as server:
        yield server


def test_a_release_is_decided_about_by_what_one_saw(own: Hosted) -> None:
    report = base64.b64encode(b"all fine").decode()
    attached = {"release": RELEASE, "check": "scan", "verdict": "pass", "report": report}
    own.say("dan", "/v1/evidence/attach", attached)
    seen = own.get(f"/v1/releases/{RELEASE}/matter/production")
    own.say("dan", "/v1/evidence/attach", {"release": RELEASE, "check": "tests", "verdict": "inconclusive"})
    body = {"environment": "production", "matter": seen["matter"]}
    late = own.ask("POST", f"/v1/releases/{RELEASE}/approve", "cat", body)
    assert (late.status, late.json["code"]) == (409, "matter.changed")
    now = own.get(f"/v1/releases/{RELEASE}/matter/production")["matter"]
    signed_by(own, "cat", f"/v1/releases/{RELEASE}/approve", {**body, "matter": now, "comment": "fine"})
    assert "approved" in json.dumps(own.get("/v1/ledger/records?limit=2000"))


def signed_by(own: Hosted, person: str, path: str, body: Json) -> Json:
    """Composed by the server, signed with the person's own key, handed in."""
    made = own.say(person, f"{path}?to_be=composed", body)
    signer = person_signer(own.place.key(person))
    armoured = signer.sign(base64.b64decode(made.pop("message")))
    return own.say(person, "/v1/commands/signed", {**made, "key": signer.public_key, "armoured": armoured})


def test_what_is_for_signed_people_is_composed_signed_and_handed_in(own: Hosted) -> None:
    own.place.commit("app.txt", "three\n", tag="v1.2.0")
    own.say("dan", "/v1/changes/open", {"change": "CR-2", "service": "app", "title": "Say three"})
    body = {"service": "app", "version": "v1.2.0", "change": "CR-2"}
    assert codes(own.ask("POST", "/v1/releases/create", "dan", body).json) == ["release.unsigned"]
    made = signed_by(own, "dan", "/v1/releases/create", body)
    assert made["records"][0]["assurance"] == "signed"
    assert own.get("/v1/releases/app:v1.2.0")["release"]["authors"] == ["dan"]
    signed_by(own, "dan", "/v1/releases/app:v1.2.0/revise", {"rollback_plan": "by hand"})
    assert own.get("/v1/releases/app:v1.2.0/matter/staging")["rollback_plan"] == "by hand"
    signed_by(own, "dan", "/v1/releases/app:v1.2.0/withdraw", {"reason": "not needed"})
    signed_by(own, "dan", "/v1/changes/CR-2/close", {"reason": "not needed"})
    assert own.get("/v1/releases/app:v1.2.0")["release"]["phase"] == "withdrawn"


def test_an_incident_is_opened_and_closed(own: Hosted) -> None:
    body = {"incident": "INC-1", "service": "app", "environment": "staging", "summary": "it burns"}
    own.say("cat", "/v1/incidents/open", body)
    shown = own.get("/v1/incidents/INC-1")
    assert (shown["incident"]["summary"], shown["incident"]["release"]) == ("it burns", "app:v1.0.0")
    assert own.get("/v1/incidents")["incidents"][0]["phase"] == "open"
    signed_by(own, "cat", "/v1/incidents/INC-1/close", {"outcome": "a false alarm"})
    assert own.get("/v1/incidents/INC-1")["incident"]["phase"] == "closed"
    assert own.get("/v1/incidents/INC-1")["timeline"]


def test_a_waiver_is_asked_for_granted_and_revoked(own: Hosted) -> None:
    soon = (own.house.clock.now() + timedelta(hours=1)).isoformat()
    why = {"reason": "why", "mitigation": "by hand", "expires": soon}
    body = {"environment": "production", "requirement": "staging-proven", **why}
    signed_by(own, "dan", f"/v1/releases/{RELEASE}/waivers/request", body)
    assert [one["waiver"] for one in own.get("/v1/services/app")["waivers"]] == [f"{RELEASE}/waiver-1"]
    assert [one["kind"] for one in own.get("/v1/inbox", "cat")["items"]] == ["waiver"]
    signed_by(own, "cat", "/v1/waivers/grant", {"waiver": f"{RELEASE}/waiver-1"})
    assert "waiver-1" in json.dumps(own.get(f"/v1/releases/{RELEASE}")["ahead"][1])
    signed_by(own, "dan", "/v1/waivers/revoke", {"waiver": f"{RELEASE}/waiver-1", "reason": "no more"})
    assert own.get("/v1/inbox", "cat")["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/releases/create", {"service": "app", "version": "not a version", "change": "CR-1"}, "release.version"),
        ("/v1/changes/open", {"change": "no id", "service": "app", "title": "x"}, "change.id"),
        ("/v1/freezes/declare", {"freeze": "no id", **SAID}, "freeze.id"),
        ("/v1/recalls/add", {"digest": "abc", "reason": "x"}, "digest.malformed"),
        ("/v1/incidents/INC-1/duties/x/gap", {"proposal": "abc", "reason": "x"}, "digest.malformed"),
        (
            "/v1/incidents/open",
            {"incident": "no id", "service": "app", "environment": "staging", "summary": "x"},
            "incident.id",
        ),
        ("/v1/people/add", {"person": "No Handle", "key": "x"}, "people.handle"),
        ("/v1/people/add", {"person": "zoe", "key": "x"}, "people.bad_key"),
        ("/v1/evidence/attach", {"release": RELEASE, "check": "No Check", "verdict": "pass"}, "evidence.check"),
        ("/v1/evidence/attach", {"release": RELEASE, "check": "x", "verdict": "pass", "count": 1}, "evidence.count"),
        ("/v1/evidence/attach", {"release": RELEASE, "check": "x", "verdict": "pass", "report": "a"}, "request.base64"),
    ],
)
def test_what_cannot_be_meant_is_told(shop: Hosted, path: str, body: Json, code: str) -> None:
    answer = shop.ask("POST", path, "cat", body)
    assert (answer.status, answer.json["code"]) in {(422, code), (409, code)}
