# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.api.hosting import Answer, Hosted, Json, hosted, released_place

from interlock.api.hooks import WINDOW, sign
from interlock.bootstrap.hooks import read_hooks
from interlock.config import find_home
from interlock.ports.failure import Rejected

RELEASE: Final = "app:v1.1.0"
SECRET: Final = "a secret of sixteen and more"
HOOKS: Final = {
    "ci": {"person": "dan", "service": "app", "takes": "evidence", "secret": "INTERLOCK_HOOK_CI"},
    "pager": {"person": "cat", "service": "app", "takes": "incident", "secret": "INTERLOCK_HOOK_PAGER"},
    "foreign": {"person": "dan", "service": "other", "takes": "evidence", "secret": "INTERLOCK_HOOK_CI"},
    "nobodys": {"person": "zoe", "service": "app", "takes": "evidence", "secret": "INTERLOCK_HOOK_CI"},
}


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTERLOCK_HOOK_CI", SECRET)
        patch.setenv("INTERLOCK_HOOK_PAGER", SECRET[::-1])
        place = released_place(tmp_path_factory.mktemp("hooked"))
        (find_home(place.folder, {}).folder / "hooks.json").write_text(json.dumps(HOOKS))
        with hosted(place) as server:
            yield server


def tell(hooked: Hosted, name: str, body: Json, ago: float = 0, secret: str = SECRET) -> Answer:
    """A message, signed so many seconds ago."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(hooked.house.clock.now().timestamp() - ago))
    signature = sign(secret.encode(), name, timestamp, content)
    headers = {"X_Interlock_Timestamp": timestamp, "X_Interlock_Signature": signature}
    return hooked.ask("POST", f"/v1/hooks/{name}", "", content, **headers)


def evidence(check: str) -> Json:
    return {"release": RELEASE, "check": check, "verdict": "pass", "summary": "12 of 12"}


def test_what_ci_tells_is_recorded_for_who_answers_for_it(hooked: Hosted) -> None:
    answer = tell(hooked, "ci", evidence("scan"))
    assert answer.status == 200, answer.body
    first = answer.json["records"][0]
    assert (first["actor"], first["assurance"]) == ("person:dan", "authenticated")
    assert "hook ci" in json.dumps(first["payload"]["signature"])
    assert "scan" in [one["check"] for one in hooked.get(f"/v1/releases/{RELEASE}/evidence")["evidence"]]


def test_what_monitoring_tells_opens_an_incident(hooked: Hosted) -> None:
    body = {"incident": "INC-7", "service": "app", "environment": "staging", "summary": "no answer"}
    answer = tell(hooked, "pager", body, secret=SECRET[::-1])
    assert answer.status == 200, answer.body
    assert hooked.get("/v1/incidents/INC-7")["incident"]["summary"] == "no answer"
    events = hooked.get("/v1/cdevents?limit=2000")["events"]
    assert [one["context"]["type"] for one in events][-1] == "dev.cdevents.incident.detected.0.2.0"
    assert events[-1]["subject"]["id"] == "INC-7"


def test_a_message_that_comes_twice_is_one_command(hooked: Hosted) -> None:
    content = json.dumps({**evidence("scan"), "summary": "twice"}).encode()
    timestamp = str(int(hooked.house.clock.now().timestamp()))
    headers = {
        "X_Interlock_Timestamp": timestamp,
        "X_Interlock_Signature": sign(SECRET.encode(), "ci", timestamp, content),
    }
    first, again = (hooked.ask("POST", "/v1/hooks/ci", "", content, **headers) for _ in range(2))
    assert (first.status, first.body) == (200, again.body)


@pytest.mark.parametrize(
    "ago", [WINDOW.total_seconds() + 5, -WINDOW.total_seconds() - 5], ids=["of before", "of the future"]
)
def test_a_message_of_another_time_is_not_heard(hooked: Hosted, ago: float) -> None:
    assert tell(hooked, "ci", evidence("late"), ago).status == 401


@pytest.mark.parametrize("name", ["none", "pager", "nobodys"], ids=["unknown", "another's key", "nobody answers"])
def test_a_message_of_nobody_is_not_heard_and_all_are_answered_alike(hooked: Hosted, name: str) -> None:
    size = hooked.house.store.head().size
    answer = tell(hooked, name, evidence("forged"))
    assert (answer.status, answer.json["code"]) == (401, "access.not_signed_in")
    assert hooked.house.store.head().size == size


@pytest.mark.parametrize("timestamp", ["", "soon", "١٢٣"])
def test_a_time_that_is_none_is_not_heard(hooked: Hosted, timestamp: str) -> None:
    signature = sign(SECRET.encode(), "ci", timestamp, b"{}")
    headers = {"X_Interlock_Signature": signature}
    headers |= {"X_Interlock_Timestamp": timestamp} if timestamp.isascii() else {}
    assert hooked.ask("POST", "/v1/hooks/ci", "", b"{}", **headers).status == 401


def test_a_body_that_was_changed_is_not_heard(hooked: Hosted) -> None:
    timestamp = str(int(hooked.house.clock.now().timestamp()))
    headers = {
        "X_Interlock_Timestamp": timestamp,
        "X_Interlock_Signature": sign(SECRET.encode(), "ci", timestamp, b"{}"),
    }
    assert hooked.ask("POST", "/v1/hooks/ci", "", evidence("changed"), **headers).status == 401


def test_a_message_that_was_forged_is_noted(hooked: Hosted) -> None:
    tell(hooked, "ci", evidence("forged"), secret="guessed, and guessed badly")
    assert hooked.accounts.trail(1)[0].noted.detail == "POST /v1/hooks/ci: access.not_signed_in"


def test_a_hook_reaches_no_other_service(hooked: Hosted) -> None:
    assert tell(hooked, "foreign", evidence("far")).status == 404


def test_a_message_that_cannot_be_read_is_told(hooked: Hosted) -> None:
    answer = tell(hooked, "ci", {"release": RELEASE})
    assert (answer.status, answer.json["code"]) == (422, "request.invalid")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "hooks.unreadable"),
        ('{"Bad Name": {"person": "a", "service": "b", "takes": "evidence", "secret": "S"}}', "hooks.unreadable"),
        ('{"ci": {"person": "a", "service": "b", "takes": "everything", "secret": "S"}}', "hooks.unreadable"),
        ('{"ci": {"person": "a", "service": "b", "takes": "evidence", "secret": "NONE"}}', "hooks.no_secret"),
    ],
)
def test_hooks_that_are_not_whole_are_refused(tmp_path: Path, content: str, code: str) -> None:
    home = find_home(tmp_path, {"INTERLOCK_HOME": str(tmp_path)})
    (tmp_path / "hooks.json").write_text(content)
    with pytest.raises(Rejected) as caught:
        read_hooks(home, lambda name: SECRET if name == "S" else "short")
    assert caught.value.code == code


def test_what_runs_is_told_as_cdevents_once_each(hooked: Hosted) -> None:
    page = hooked.get("/v1/cdevents?limit=2000")
    deployed = [one for one in page["events"] if one["context"]["type"] == "dev.cdevents.service.deployed.0.2.0"]
    assert [one["subject"]["content"]["environment"]["id"] for one in deployed] == ["staging", "production"]
    assert deployed[0]["subject"]["content"]["artifactId"].startswith("pkg:generic/app@v1.0.0?checksum=sha256:")
    rest = hooked.get(f"/v1/cdevents?since={page['next']}")
    assert rest == {"events": [], "next": page["next"]}
