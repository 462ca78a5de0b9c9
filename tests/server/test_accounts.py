# SPDX-License-Identifier: Apache-2.0
"""The pages of administrators, and the page on which somebody sets their password with a key of theirs."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest
from tests.server.premises import PASSWORD, Premises, csrf_in, sign_in
from tests.web.reading import Read, read

from interlock.bootstrap.keys import fresh_bytes
from interlock.domain.ids import PersonId
from interlock.identity.caller import Scope
from interlock.identity.pending import OF_ADDRESS
from interlock.identity.register import Grant, Register
from interlock.ports.accounts import Account, Rank

ANN, BEN, CAT = PersonId("ann"), PersonId("ben"), PersonId("cat")
HTML = {"accept": "text/html"}
ACTS = ("add", "reset", "lock", "unlock", "revoke", "end-token")
OTHER = "quite another sentence"


@contextmanager
def of(here: Premises, person: PersonId) -> Iterator[httpx.Client]:
    """A browser of somebody signed in; ann is an administrator."""
    ann = here.accounts.account(ANN)
    assert isinstance(ann, Account)
    here.accounts.change(replace(ann, rank=Rank.ADMINISTRATOR))
    with here.client() as browser:
        browser.headers.update(HTML)
        assert sign_in(browser, person).status_code == 303
        yield browser


def handed_in(browser: httpx.Client, **fields: str) -> httpx.Response:
    token = csrf_in(browser.get("/keys").text)
    return browser.post("/accounts", data={"csrf": token, **fields}, follow_redirects=False)


def page(answer: httpx.Response, status: int = 200) -> Read:
    assert answer.status_code == status, answer.text
    found = read(answer.text)
    assert not found.faults
    return found


def account(here: Premises, person: PersonId) -> Account:
    found = here.accounts.account(person)
    assert isinstance(found, Account)
    return found


def a_token(here: Premises, person: PersonId) -> None:
    grant = Grant("nightly", (Scope.READ,), ("app",), (), timedelta(days=1))
    Register(here.accounts, here.house.clock, fresh_bytes, here.house.view().people).token(person, grant)


def test_an_administrator_sees_every_account_and_what_happened_at_the_door(here: Premises) -> None:
    a_token(here, BEN)
    with of(here, ANN) as browser:
        found = page(browser.get("/accounts"))
        trail = page(browser.get("/accounts/audit"))
    assert "nightly" in found.text
    assert "read, only app" in found.text
    assert "administrator" in found.text
    assert "login ann password" in trail.text


def test_only_what_there_is_can_be_taken_away(here: Premises) -> None:
    with of(here, ANN) as browser:
        handed_in(browser, act="add", account="cat", rank="member")
        found = page(browser.get("/accounts"))
    acts = [(form.fields.get("act"), form.fields.get("account")) for form in found.forms]
    assert ("lock", "cat") in acts
    assert ("reset", "ben") in acts
    assert ("revoke", "ann") in acts
    assert not {("reset", "cat"), ("revoke", "cat")} & set(acts)


def test_an_entry_that_is_not_the_newest_is_reached_page_by_page(here: Premises) -> None:
    with of(here, ANN) as browser:
        for _ in range(60):
            here.built.porter.sign_out(here.secret("ben")[0], "192.0.2.1")
        first = browser.get("/accounts/audit")
        older = next(one for one in page(first).links if "before=" in one)
        assert page(browser.get(older)).text != page(first).text


@pytest.mark.parametrize("path", ["/accounts", "/accounts/audit"])
def test_a_member_sees_neither(here: Premises, path: str) -> None:
    with of(here, BEN) as browser:
        assert "access.not_allowed" in page(browser.get(path), 403).text


@pytest.mark.parametrize("act", ACTS)
def test_a_member_does_nothing(here: Premises, act: str) -> None:
    before = account(here, ANN)
    with of(here, BEN) as browser:
        answer = handed_in(browser, act=act, account="ann", token="none")
    assert answer.status_code == 403
    assert account(here, ANN) == replace(before, rank=Rank.ADMINISTRATOR)


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_done_without_the_token_of_the_page(here: Premises, act: str) -> None:
    with of(here, ANN) as browser:
        answer = browser.post("/accounts", data={"act": act, "account": "ben"})
    assert "access.no_csrf" in page(answer, 403).text


def test_what_was_done_leads_back_and_is_told(here: Premises) -> None:
    with of(here, ANN) as browser:
        for act in ("lock", "unlock", "revoke", "reset"):
            answer = handed_in(browser, act=act, account="ben")
            assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts?done={act}")
        assert "The password is taken away." in page(browser.get("/accounts?done=reset")).text
    assert account(here, BEN).password == ""


def test_somebody_of_the_ledger_is_let_in_and_a_token_ended(here: Premises) -> None:
    a_token(here, BEN)
    with of(here, ANN) as browser:
        assert handed_in(browser, act="add", account="cat", rank="member").status_code == 303
        assert handed_in(browser, act="end-token", token="nightly").status_code == 303
    assert account(here, CAT).rank is Rank.MEMBER
    assert not here.accounts.tokens()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"act": "add", "form": "add", "account": "<b>zoe"}, "account.name"),
        ({"act": "lock", "account": "ann"}, "account.own"),
        ({"act": "crown", "account": "ben"}, "form.unknown"),
        ({"act": "end-token", "token": "none"}, "token.unknown"),
    ],
    ids=["name", "own", "unknown", "token"],
)
def test_what_is_refused_is_said_with_its_code(here: Premises, fields: dict[str, str], code: str) -> None:
    with of(here, ANN) as browser:
        assert code in page(handed_in(browser, **fields), 409).text


def signed(here: Premises, browser: httpx.Client, handle: str, key: str, text: str) -> dict[str, str]:
    """The form of the page, signed by the key of somebody."""
    shown = unescape(browser.get("/login/key").text)
    command = re.search(r"printf '%s' '(?P<message>[^']+)' \| ssh-keygen -Y sign -n (?P<namespace>\S+)", shown)
    assert command
    message = (text or command["message"]).replace("HANDLE", handle)
    path = here.house.home.repository.parent / "keys" / key
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", command["namespace"], "-f", str(path)]
    made = subprocess.run(sign, input=message, capture_output=True, text=True, check=True).stdout
    return {"csrf": csrf_in(shown), "handle": handle, "signature": made, "password": OTHER}


def test_somebody_sets_their_password_with_their_key(here: Premises) -> None:
    with here.client() as browser:
        form = signed(here, browser, "ben", "ben", "")
        answer = browser.post("/login/key", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert sign_in(browser, "ben", OTHER).headers["location"] == "/"
        assert sign_in(browser, "ben", PASSWORD).headers["location"] != "/"
    assert any(entry.startswith("password-set") for entry in here.trail())


@pytest.mark.parametrize(
    ("handle", "key", "text"),
    [("ben", "ann", ""), ("dan", "dan", ""), ("zoe", "ann", ""), ("ben", "ben", "set the password of ben: 0")],
    ids=["key of another", "no account", "stranger", "another message"],
)
def test_nobody_else_sets_it(here: Premises, handle: str, key: str, text: str) -> None:
    before = account(here, BEN)
    with here.client() as browser:
        answer = browser.post("/login/key", data=signed(here, browser, handle, key, text))
    assert "account.not_by_key" in page(answer, 409).text
    assert account(here, BEN) == before


def test_who_looks_at_the_page_without_end_ends_nobody_elses_number(here: Premises) -> None:
    with here.client() as browser, here.client("127.0.0.2") as other:
        form = signed(here, browser, "ben", "ben", "")
        for _ in range(OF_ADDRESS + 1):
            other.cookies.clear()
            assert other.get("/login/key").status_code == 200
        assert browser.post("/login/key", data=form, follow_redirects=False).status_code == 303


def test_what_was_signed_counts_once(here: Premises) -> None:
    with here.client() as browser:
        form = signed(here, browser, "ben", "ben", "")
        assert browser.post("/login/key", data=form, follow_redirects=False).status_code == 303
        again = browser.post("/login/key", data={**form, "password": "a third sentence of mine"})
        assert "account.not_by_key" in page(again, 409).text


def test_a_weak_password_is_refused_and_the_handle_is_not_lost(here: Premises) -> None:
    with here.client() as browser:
        form = signed(here, browser, "ben", "ben", "")
        found = page(browser.post("/login/key", data={**form, "password": "short"}), 409)
    assert "account.weak" in found.text
    assert found.forms[0].fields["handle"] == "ben"


def test_a_locked_account_is_not_opened_with_a_key(here: Premises) -> None:
    with of(here, ANN) as browser:
        handed_in(browser, act="lock", account="ben")
    with here.client() as browser:
        answer = browser.post("/login/key", data=signed(here, browser, "ben", "ben", ""))
    assert "account.not_by_key" in page(answer, 409).text
