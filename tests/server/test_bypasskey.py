# SPDX-License-Identifier: Apache-2.0
"""Signing in with a passkey, as a browser does it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import pytest
from tests.adapters.signer.authenticator import SoftwarePasskey, url_safe
from tests.cli.workplace import Workplace
from tests.server.premises import Premises, csrf_in

from interlock.domain.ids import PersonId
from interlock.identity.bypasskey import WAITS
from interlock.identity.caller import How
from interlock.identity.passkeys import in_bytes
from interlock.identity.pending import OF_ADDRESS
from interlock.identity.porter import TRIES_PER_ADDRESS
from interlock.ports.accounts import Account, PasskeyRow, Standing

ANN: Final = PersonId("ann")


@pytest.fixture(scope="module")
def passkey() -> SoftwarePasskey:
    return SoftwarePasskey(site="localhost")


@pytest.fixture
def registered(here: Premises, place: Workplace, passkey: SoftwarePasskey, tmp_path: Path) -> Premises:
    """A server to which ann's passkey is known, as it is to the ledger."""
    passkey.origin = here.settings.url
    if passkey.public_key not in here.house.view().people().keys:
        file = tmp_path / "passkey.pub"
        file.write_text(f"{passkey.public_key}\n")
        place.done("ann", "people", "add-key", "ann", "--key", str(file), "--by", str(place.key("ann")))
    kept(here, passkey)
    return here


def kept(here: Premises, passkey: SoftwarePasskey, person: PersonId = ANN) -> None:
    row = PasskeyRow(url_safe(passkey.credential), person, passkey.public_key, here.house.clock.now())
    here.accounts.keep_passkey(row)


def begun(browser: httpx.Client) -> bytes:
    """What the browser is asked to sign."""
    browser.headers["x-csrf-token"] = csrf_in(browser.get("/login").text)
    options = browser.post("/login/passkey/begin").json()
    assert options["allowCredentials"] == []
    return in_bytes(options["challenge"])


def shown(browser: httpx.Client, passkey: SoftwarePasskey, challenge: bytes, onward: str = "/inbox") -> httpx.Response:
    answer = passkey.answer(challenge)
    parts = {
        "credential": url_safe(passkey.credential),
        "client_data": url_safe(answer.client_data),
        "authenticator_data": url_safe(answer.authenticator_data),
        "signature": url_safe(answer.signature),
    }
    return browser.post("/login/passkey", json={**parts, "onward": onward})


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (400, "passkey.not_let_in")
    assert "set-cookie" not in answer.headers


def test_who_has_a_passkey_is_in_without_a_password(registered: Premises, passkey: SoftwarePasskey) -> None:
    with registered.client() as browser:
        answer = shown(browser, passkey, begun(browser))
        assert (answer.status_code, answer.json()) == (200, {"onward": "/inbox"})
        assert browser.get("/inbox").status_code == 200
    (session,) = registered.accounts.sessions()
    assert (session.person, session.method) == (ANN, How.PASSKEY)


def test_nobody_is_led_away_after_it(registered: Premises, passkey: SoftwarePasskey) -> None:
    with registered.client() as browser:
        assert shown(browser, passkey, begun(browser), "https://evil.example/").json() == {"onward": "/"}


def test_what_was_signed_counts_once(registered: Premises, passkey: SoftwarePasskey) -> None:
    with registered.client() as browser:
        challenge = begun(browser)
        assert shown(browser, passkey, challenge).status_code == 200
    with registered.client() as browser:
        browser.headers["x-csrf-token"] = csrf_in(browser.get("/login").text)
        refused(shown(browser, passkey, challenge))


def test_it_counts_in_the_browser_that_asked(registered: Premises, passkey: SoftwarePasskey) -> None:
    with registered.client() as one, registered.client() as other:
        challenge = begun(one)
        begun(other)
        refused(shown(other, passkey, challenge))


def test_it_counts_for_some_minutes(registered: Premises, passkey: SoftwarePasskey) -> None:
    porter = registered.built.porter
    with registered.client() as browser:
        challenge = begun(browser)
        porter.clock = Later(porter.clock.now() + WAITS)
        refused(shown(browser, passkey, challenge))


class Later:
    """A clock that stands still at that moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def test_a_passkey_that_the_ledger_has_not_opens_nothing(registered: Premises) -> None:
    stranger = SoftwarePasskey(site="localhost", origin=registered.settings.url)
    with registered.client() as browser:
        refused(shown(browser, stranger, begun(browser)))
        kept(registered, stranger)
        refused(shown(browser, stranger, begun(browser)))
    assert registered.trail() == ["login-refused", "login-refused"]


def test_a_passkey_kept_for_somebody_else_than_the_ledger_has_it_of_opens_nothing(
    here: Premises, registered: Premises, passkey: SoftwarePasskey
) -> None:
    here.accounts._passkeys.clear()  # noqa: SLF001  # no port takes a passkey from somebody
    kept(here, passkey, PersonId("ben"))
    with registered.client() as browser:
        refused(shown(browser, passkey, begun(browser)))


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://evil.example"}, {"site": "evil.example"}, {"flags": 0x01}, {"kind": "webauthn.create"}],
    ids=["page", "site", "nobody was asked", "making one"],
)
def test_an_answer_to_another_question_opens_nothing(
    registered: Premises, passkey: SoftwarePasskey, wrong: dict[str, object]
) -> None:
    with registered.client() as browser:
        refused(shown(browser, replace(passkey, **wrong), begun(browser)))  # type: ignore[arg-type]  # one field of it


def test_what_is_no_answer_opens_nothing(registered: Premises, passkey: SoftwarePasskey) -> None:
    nothing = {"client_data": "!", "authenticator_data": "AA", "signature": "AA"}
    with registered.client() as browser:
        begun(browser)
        refused(browser.post("/login/passkey", json={"credential": url_safe(passkey.credential), **nothing}))


def test_a_locked_account_is_not_opened_with_one(registered: Premises, passkey: SoftwarePasskey) -> None:
    account = registered.accounts.account(ANN)
    assert isinstance(account, Account)
    registered.accounts.change(replace(account, standing=Standing.DISABLED))
    with registered.client() as browser:
        refused(shown(browser, passkey, begun(browser)))


def test_whoever_tries_too_often_is_heard_no_more(registered: Premises, passkey: SoftwarePasskey) -> None:
    porter = registered.built.porter
    for _ in range(TRIES_PER_ADDRESS):
        porter.by_address.take("127.0.0.1", registered.house.clock.now())
    with registered.client() as browser:
        answer = shown(browser, passkey, begun(browser))
    assert answer.json()["code"] == "account.too_often"
    assert registered.trail() == ["login-throttled"]


def test_it_takes_the_form_of_our_page(registered: Premises) -> None:
    with registered.client() as browser:
        assert browser.post("/login/passkey/begin").json()["code"] == "access.no_csrf"


def test_signing_in_ends_the_session_there_was(registered: Premises, passkey: SoftwarePasskey) -> None:
    secret, csrf = registered.secret("ben")
    with registered.client() as browser:
        browser.cookies.set("interlock", secret)
        browser.headers["x-csrf-token"] = csrf
        challenge = in_bytes(browser.post("/login/passkey/begin").json()["challenge"])
        assert shown(browser, passkey, challenge).status_code == 200
    assert [one.person for one in registered.accounts.sessions()] == [ANN]


def test_questions_without_end_push_out_nobody_elses(registered: Premises, passkey: SoftwarePasskey) -> None:
    with registered.client() as browser, registered.client("127.0.0.2") as other:
        challenge = begun(browser)
        for _ in range(OF_ADDRESS + 1):
            other.cookies.clear()
            begun(other)
        assert shown(browser, passkey, challenge).status_code == 200
