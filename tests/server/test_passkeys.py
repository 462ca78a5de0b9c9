# SPDX-License-Identifier: Apache-2.0
"""A browser makes a passkey at the server, page by page."""

import base64
from datetime import timedelta
from pathlib import Path

import httpx
from tests.adapters.signer.authenticator import SoftwarePasskey, url_safe
from tests.cli.workplace import Workplace
from tests.server.premises import Premises

from interlock.identity.caller import Caller, Nobody, Scope
from interlock.identity.register import Grant, Register

NOTHING = {"command": "x", "credential": "x", "client_data": "x", "authenticator_data": "x", "signature": "x"}


def _signed_in(here: Premises, browser: httpx.Client) -> None:
    secret, csrf = here.secret("ann")
    browser.cookies.set("interlock", secret)
    browser.headers["x-csrf-token"] = csrf


def _made(browser: httpx.Client, passkey: SoftwarePasskey) -> httpx.Response:
    challenge = browser.post("/passkeys/begin").json()["challenge"]
    told = passkey.client_data(base64.urlsafe_b64decode(f"{challenge}="), "webauthn.create")
    return browser.post(
        "/passkeys/finish",
        json={
            "credential": url_safe(passkey.credential),
            "client_data": url_safe(told),
            "authenticator_data": url_safe(passkey.data()),
            "public_key": url_safe(passkey.spki),
        },
    )


def test_a_passkey_is_made_then_registered_in_the_ledger(here: Premises, place: Workplace, tmp_path: Path) -> None:
    passkey = SoftwarePasskey(site="localhost", origin=here.settings.url)
    with here.client() as browser:
        _signed_in(here, browser)
        line = _made(browser, passkey).json()["line"]
        assert line == passkey.public_key
        assert [one["state"] for one in browser.get("/passkeys/mine").json()] == ["unregistered"]
        file = tmp_path / "passkey.pub"
        file.write_text(f"{line}\n")
        place.done("ann", "people", "add-key", "ann", "--key", str(file), "--by", str(place.key("ann")))
        assert [one["state"] for one in browser.get("/passkeys/mine").json()] == ["registered"]
    assert here.trail()[-1].startswith("passkey-made")


def test_one_of_another_page_is_refused_with_its_reason(here: Premises) -> None:
    passkey = SoftwarePasskey(site="localhost", origin="https://evil.example")
    with here.client() as browser:
        _signed_in(here, browser)
        answer = _made(browser, passkey)
    assert (answer.status_code, answer.json()["code"]) == (400, "passkey.not_made")


def test_where_no_command_waits_nothing_is_signed(here: Premises) -> None:
    with here.client() as browser:
        _signed_in(here, browser)
        answer = browser.post("/passkeys/signed", json=NOTHING)
    assert (answer.status_code, answer.json()["code"]) == (400, "passkey.nothing_waits")


def test_a_passkey_is_a_browsers_and_nobodys_without_a_session(here: Premises) -> None:
    porter = here.built.porter
    register = Register(here.accounts, here.house.clock, porter.draw, porter.people)
    ann = here.accounts.accounts()[0].person
    token = register.token(ann, Grant("ci", tuple(Scope), (), (), timedelta(days=1)))
    assert isinstance(porter.by_token(token, "x"), Caller)
    assert porter.by_token("ilk_no", "x") == Nobody()
    with here.client() as program:
        assert program.get("/passkeys/mine").status_code == 401
        answer = program.get("/passkeys/mine", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
