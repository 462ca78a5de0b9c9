# SPDX-License-Identifier: Apache-2.0
"""Signing in through a real identity provider, followed page by page as a browser does."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from tests.cli.workplace import BINDINGS, Workplace
from tests.ports import free_port
from tests.server.premises import Premises, a_place, premises

from interlock.domain.ids import RoleName, ServiceName
from interlock.identity.caller import Scope
from interlock.identity.trusting import Login, Trusted
from interlock.server.app import Entrance
from interlock.service.gather import staffed

VERSION = "9.13.3"
ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "npm" / f"oidc-provider-{VERSION}"
SCRIPT = Path(__file__).with_name("provider.mjs")
STEPS = 12


@dataclass
class RealProvider:
    issuer: str
    here: Premises


def _installed() -> Path:
    """The provider from its registry, kept between runs."""
    if not (CACHE / "node_modules" / "oidc-provider").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"oidc-provider@{VERSION}"]
        subprocess.run([*install, "--prefix", str(CACHE)], check=True, capture_output=True, cwd=CACHE)
    (CACHE / SCRIPT.name).write_text(SCRIPT.read_text())
    return CACHE / SCRIPT.name


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A home whose rules give a role to a group of the provider."""
    grouped = BINDINGS.replace("release-manager: [cat]", "release-manager: [cat, group:deciders]")
    with a_place(tmp_path_factory.mktemp("grouped"), grouped) as opened:
        yield opened


@pytest.fixture
def real(place: Workplace) -> Iterator[RealProvider]:
    """The provider, and the server that trusts it: people of one group may look and decide, all others look."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    login = Login(
        issuer=issuer,
        client_id="interlock",
        client_secret="a secret of the tests",
        scopes={"deciders": [Scope.DECIDE], "*": [Scope.READ]},
    )
    entrance = Entrance(Trusted(oidc={"company": login}))
    with premises(place, entrance=entrance) as here:
        redirect = f"{here.settings.url}/login/oidc/company/back"
        environment = {**os.environ, "GROUPS": "deciders,others"}
        command = ["node", str(_installed()), str(port), redirect]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            _wait(issuer)
            yield RealProvider(issuer, here)
        finally:
            process.kill()
            process.communicate()


def _wait(issuer: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(f"{issuer}/.well-known/openid-configuration").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the provider does not come up")


def _there(browser: httpx.Client, where: str, person: str, here: str) -> str:
    """Sign in and agree at the provider; the address it leads back to."""
    for _ in range(STEPS):
        answer = browser.get(where)
        while answer.is_redirect:
            where = urljoin(str(answer.url), answer.headers["location"])
            if where.startswith(here):
                return where
            answer = browser.get(where)
        action = re.search(r'<form[^>]+action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
        assert action, answer.text
        assert prompt, answer.text
        form = {"prompt": prompt[1], "login": person, "password": "any"}
        done = browser.post(urljoin(str(answer.url), unescape(action[1])), data=form)
        where = urljoin(str(done.url), done.headers["location"])
    raise AssertionError("the provider leads in circles")


def _led(browser: httpx.Client, onward: str = "/x") -> str:
    answer = browser.get(f"/login/oidc/company?next={onward}", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_person_of_the_provider_with_an_account_is_let_in_with_the_scopes_of_their_groups(real: RealProvider) -> None:
    here = real.here
    with here.client() as browser, httpx.Client() as elsewhere:
        back = _there(elsewhere, _led(browser), "ann", here.settings.url)
        answer = browser.get(back.removeprefix(here.settings.url), follow_redirects=False)
        assert answer.headers["location"] == "/x"
        assert browser.get("/metrics").status_code == 200
        again = browser.get(back.removeprefix(here.settings.url), follow_redirects=False)
        assert again.headers["location"] == "/login?failed=wrong"
    (session,) = here.accounts.sessions()
    assert (session.person, session.method, session.scopes) == ("ann", "oidc company", ("decide", "read"))


def _signs_in(real: RealProvider, person: str) -> None:
    with real.here.client() as browser, httpx.Client() as elsewhere:
        back = _there(elsewhere, _led(browser), person, real.here.settings.url)
        browser.get(back.removeprefix(real.here.settings.url), follow_redirects=False)


def _managers(real: RealProvider) -> tuple[str, ...]:
    """Who holds the role that the rules give to a group."""
    house = real.here.house
    view = house.view()
    rules = house.library.governance(view, view.service(ServiceName("app")).in_force)
    return staffed(rules, view, house.clock.now()).who_holds(RoleName("release-manager"))


def test_whoever_signs_in_with_a_group_that_holds_a_role_holds_it_and_the_ledger_says_why(real: RealProvider) -> None:
    before = _managers(real)
    _signs_in(real, "ben")
    assert ("ben" in before, "ben" in _managers(real)) == (False, True)
    told = [one for one in real.here.house.store.records() if one.event == "GroupsRecorded"][-1]
    assert (told.payload["person"], told.payload["issuer"]) == ("ben", real.issuer)
    assert (told.payload["groups"], told.actor) == (["deciders"], "robot:controller")


def test_of_whom_no_account_is_here_no_group_is_recorded(real: RealProvider) -> None:
    since = real.here.house.store.head().size
    _signs_in(real, "cat")
    assert real.here.house.store.head().size == since


def test_a_person_of_the_provider_without_an_account_is_not(real: RealProvider) -> None:
    with real.here.client() as browser, httpx.Client() as elsewhere:
        back = _there(elsewhere, _led(browser), "cat", real.here.settings.url)
        answer = browser.get(back.removeprefix(real.here.settings.url), follow_redirects=False)
    assert answer.headers["location"] == "/login?failed=wrong"
    assert real.here.trail() == ["login-refused"]


def test_the_way_back_belongs_to_the_browser_that_set_out(real: RealProvider) -> None:
    with real.here.client() as browser, real.here.client() as other, httpx.Client() as elsewhere:
        back = _there(elsewhere, _led(browser), "ann", real.here.settings.url)
        other.get("/login/ways")
        answer = other.get(back.removeprefix(real.here.settings.url), follow_redirects=False)
    assert answer.headers["location"] == "/login?failed=wrong"
    assert not real.here.accounts.sessions()


def test_the_provider_is_asked_with_state_nonce_and_a_challenge(real: RealProvider) -> None:
    with real.here.client() as browser:
        asked = parse_qs(urlsplit(_led(browser)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == 64


def test_a_code_that_was_made_up_lets_nobody_in(real: RealProvider) -> None:
    with real.here.client() as browser:
        state = parse_qs(urlsplit(_led(browser)).query)["state"][0]
        answer = browser.get(f"/login/oidc/company/back?state={state}&code=made-up", follow_redirects=False)
    assert answer.headers["location"] == "/login?failed=wrong"
    assert real.here.trail() == ["login-refused the identity provider gave no identity for its code"]


def test_the_page_is_told_by_which_ways_people_come(real: RealProvider) -> None:
    with real.here.client() as browser:
        assert browser.get("/login/ways").json() == {"company": "your company's account"}
        assert browser.get("/login/oidc/other").status_code == 404
