# SPDX-License-Identifier: Apache-2.0
"""What answers at each address, and what comes of forms that are handed in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Final
from zipfile import ZipFile

import httpx
import pytest
from tests.server.premises import Premises, csrf_in, sign_in
from tests.web.reading import Read, read

from interlock.bootstrap.keys import fresh_bytes
from interlock.domain.ids import PersonId, ServiceName
from interlock.identity.caller import How, Scope
from interlock.identity.porter import digest_of_secret
from interlock.identity.register import Grant, Register
from interlock.ports.accounts import Account, Standing
from interlock.server import door
from interlock.web.site import PAGES, maker_of

RELEASE: Final = "/releases/app:v1.1.0"
FOUND: Final = (
    "/ /inbox /incidents /releases /releases/app:v1.1.0 /releases/app:v1.0.0 /services/app/pack /calendar "
    "/releases/app:v1.1.0/changes /releases/app:v1.0.0/changes "
    "/metrics-of-delivery /ledger /ledger?stream=people&before=9 /ledger/records/3 /ledger/records/3?proof=shown /keys "
    "/explain/freeze.active"
).split()
MISSING: Final = (
    "/releases/app:v9/changes /incidents/none /incidents/app:v1/production/1/back /releases/app:v9 /services/none/pack "
    "/rollouts/app:v9/production/1 /rollouts/app:v9/production/1/figures /ledger/records/99999 /ledger/records/x "
    "/ledger?before=-1 /ledger/records/1234567890123"
).split()


@contextmanager
def reading(here: Premises, person: str = "ben") -> Iterator[httpx.Client]:
    """A browser of somebody signed in."""
    with here.client() as browser:
        assert sign_in(browser, person).status_code == 303
        yield browser


def page(browser: httpx.Client, path: str) -> Read:
    """A page that is there and sound."""
    answer = browser.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    found = read(answer.text)
    assert not found.faults
    return found


def a_token(here: Premises, person: str) -> str:
    """What a program of theirs shows."""
    house, grant = here.house, Grant("reader", tuple(Scope), (), (), timedelta(days=1))
    return Register(here.accounts, house.clock, fresh_bytes, house.view().people).token(PersonId(person), grant)


def handed_in(browser: httpx.Client, **fields: str) -> httpx.Response:
    """A form as a page would hand it in."""
    token = csrf_in(browser.get("/").text)
    return browser.post("/say", data={"csrf": token, "page": RELEASE, **fields}, follow_redirects=False)


def test_every_page_is_there_for_who_signed_in(here: Premises) -> None:
    with reading(here) as browser:
        assert [page(browser, path).text[:3] for path in FOUND]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_said_to_be_not_there(here: Premises, path: str) -> None:
    with reading(here) as browser:
        answer = browser.get(path, headers={"accept": "text/html"})
    assert answer.status_code in {404, 409}
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", [*FOUND, "/live", "/ledger/bundle"])
def test_nobody_else_sees_a_page(here: Premises, path: str) -> None:
    with here.client() as browser:
        answer = browser.get(path, headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


def test_a_token_sees_no_page(here: Premises) -> None:
    secret = a_token(here, "ben")
    with here.client() as client:
        answer = client.get("/", headers={"authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")


@pytest.mark.parametrize("path", [*FOUND, "/live", "/ledger/bundle", f"/blobs/sha256:{'0' * 64}"])
def test_who_may_not_read_sees_no_page_in_a_browser_either(here: Premises, path: str) -> None:
    scopes = frozenset({Scope.DECIDE})
    let_in = here.built.porter.open(PersonId("ann"), How.OIDC, "127.0.0.1", scopes)
    with here.client() as browser:
        browser.cookies.set("interlock", let_in.secret)
        answer = browser.get(path, headers={"accept": "text/html"})
        said = browser.post("/say", data={"csrf": let_in.caller.csrf, "act": "abort", "page": RELEASE})
    assert (answer.status_code, said.status_code) == (403, 403)
    assert "access.not_allowed" in answer.text
    assert "v1.1.0" not in answer.text + said.text


def test_a_page_stands_at_just_the_paths_it_is_registered_for() -> None:
    assert maker_of("/") is not None
    assert maker_of("/releases/app:v1.0.0+build.7") is not None
    assert maker_of("/releases/a/b") is None
    found = maker_of("/incidents/app:v1.2.0/production/1/back")
    assert found is not None
    assert found[1] == {"incident": "app:v1.2.0/production/1/back"}
    assert maker_of("/say") is None
    assert all(path.startswith("/") for path in PAGES)


def test_what_was_accepted_leads_back_to_the_page_which_tells_it(here: Premises) -> None:
    with reading(here, "ann") as browser:
        where = "/releases/app:v1.2.0"
        fields = {"release": "app:v1.2.0", "form": "withdraw", "reason": "it <is> no good", "page": where}
        answer = handed_in(browser, act="withdraw", **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{where}?done=withdraw")
        assert "The release is withdrawn." in page(browser, answer.headers["location"]).text
    assert here.driver.woken > 0


def test_only_what_is_known_is_told_as_done(here: Premises) -> None:
    with reading(here) as browser:
        assert page(browser, f"{RELEASE}?done=<b>nonsense").text == page(browser, RELEASE).text


def test_a_refusal_comes_back_with_what_was_written(here: Premises) -> None:
    with reading(here, "ann") as browser:
        answer = handed_in(browser, act="withdraw", release="app:v1.0.0", form="withdraw", reason="it <is> no good")
    assert answer.status_code == 409
    found = read(answer.text)
    assert "release.not_open" in found.text
    assert found.form("withdraw").fields["reason"] == "it <is> no good"


def test_a_form_without_its_words_is_refused_and_nothing_is_recorded(here: Premises) -> None:
    with reading(here, "ann") as browser:
        size = here.house.store.head().size
        answer = handed_in(browser, act="withdraw", release="app:v1.1.0", form="withdraw", reason=" ")
        assert answer.status_code == 409
        assert "reason.empty" in read(answer.text).text
    assert here.house.store.head().size == size


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"act": "nonsense"}, "form.unknown"),
        ({"act": "agree", "promotion": "x", "step": "one"}, "form.number"),
        ({"act": "approve", "release": "app:v1.1.0", "environment": "production"}, "approval.stale_view"),
        ({"act": "approve", "release": "app:v9", "environment": "production"}, "release.unknown"),
        ({"act": "schedule", "incident": "i", "when": "soon"}, "time.moment"),
        ({"act": "decide", "incident": "i", "answer": "maybe"}, "incident.answer"),
        ({"act": "incident", "incident": "a b", "severity": "major"}, "incident.id"),
        ({"act": "refresh", "release": "app:v1.1.0", "check": "none", "there": "*"}, "check.unread"),
        ({"act": "rollback", "service": "app", "environment": "production"}, "rollback.no_target"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_wrong_with_a_form_is_said_with_its_code(here: Premises, fields: dict[str, str], code: str) -> None:
    with reading(here) as browser:
        answer = handed_in(browser, **fields)
    assert answer.status_code == 409
    assert code in read(answer.text).text


def test_a_form_for_a_page_that_is_none_is_not_accepted(here: Premises) -> None:
    with reading(here) as browser:
        assert handed_in(browser, act="abort", page="https://evil.example/none").status_code == 404


def test_a_form_without_the_token_of_its_page_is_turned_away(here: Premises) -> None:
    with reading(here) as browser:
        answer = browser.post("/say", data={"act": "abort", "page": RELEASE}, follow_redirects=False)
    assert answer.status_code == 403


def test_without_a_passkey_nothing_waits_to_be_signed(here: Premises) -> None:
    with reading(here) as browser:
        token = csrf_in(browser.get("/").text)
        fields = {"csrf": token, "act": "freeze", "freeze": "fair", "ends": "2d", "reason": "the fair"}
        told = browser.post("/say/composed", data=fields)
        unknown = browser.post("/say/composed", data={"csrf": token, "act": "nonsense"})
    assert (told.status_code, told.json()["code"]) == (409, "passkey.none")
    assert unknown.json()["code"] == "form.unknown"


def test_raw_material_is_shown_as_text_and_never_as_a_page(here: Premises) -> None:
    digest = here.house.view().service(ServiceName("app")).in_force.pack
    with reading(here) as browser:
        answer = browser.get(f"/blobs/{digest}")
        missing = browser.get(f"/blobs/sha256:{'0' * 64}")
        nonsense = browser.get("/blobs/..%2Fledger.key")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith("#") or "pack:" in answer.text
    assert (missing.status_code, nonsense.status_code) == (404, 404)


def test_the_bundle_is_a_copy_that_can_be_verified(here: Premises) -> None:
    with reading(here) as browser:
        answer = browser.get("/ledger/bundle")
    names = ZipFile(BytesIO(answer.content)).namelist()
    assert answer.headers["content-disposition"] == 'attachment; filename="ledger.zip"'
    assert any(name.startswith("ledger/") for name in names)
    assert len(names) > 3


def test_an_open_page_is_told_when_the_ledger_grows(here: Premises) -> None:
    with reading(here) as browser, browser.stream("GET", "/live") as told:
        lines = told.iter_lines()
        first = [line for line, _ in zip(lines, range(2), strict=False)]
        size = here.house.store.head().size
        handed_in(browser, act="withdraw", release="app:v1.0.0", form="withdraw", reason="what was adopted is not open")
        grown = next(line for line in lines if line.startswith("data:"))
    assert "event: grown" in first
    assert int(grown.removeprefix("data:")) >= size


def _ended_after(here: Premises, end: Callable[[str], object], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a page that listens is let go once its session's person is let in no more, and hears nothing after it."""
    monkeypatch.setattr(door, "AGAIN", 0.0)
    with reading(here) as browser, reading(here, "ann") as other, browser.stream("GET", "/live") as told:
        lines = told.iter_lines()
        assert any(line.startswith("data:") for line in lines)
        end(browser.cookies["interlock"])
        handed_in(other, act="withdraw", release="app:v1.0.0", form="withdraw", reason="what was adopted is not open")
        return not [line for line in lines if line.startswith("data:")]


def test_a_page_hears_nothing_more_once_its_session_is_ended(here: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _ended_after(here, lambda secret: here.accounts.end_session(digest_of_secret(secret)), monkeypatch)


def test_a_page_hears_nothing_more_once_its_account_is_disabled(
    here: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = here.accounts.account(PersonId("ben"))
    assert isinstance(account, Account)
    try:
        disabled = replace(account, standing=Standing.DISABLED)
        assert _ended_after(here, lambda _: here.accounts.change(disabled), monkeypatch)
    finally:
        here.accounts.change(account)


def test_files_are_served_and_nothing_beside_them(here: Premises) -> None:
    with here.client() as browser:
        style = browser.get("/static/interlock.css")
        outside = browser.get("/static/..%2Froutes.py")
        beside = browser.get("/static/../routes.py")
    assert style.headers["content-type"].startswith("text/css")
    assert {outside.status_code, beside.status_code} == {404}
