# SPDX-License-Identifier: Apache-2.0
"""The whole server behind its door, in this process: who is let on, and what nothing gets past."""

import json

import pytest
from tests.cli.workplace import Workplace
from tests.server.premises import PASSWORD, Premises, csrf_in, premises, sign_in

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.identity.porter import TRIES_PER_ACCOUNT
from interlock.ports.accounts import Absent, SessionRow
from interlock.ports.failure import Unavailable
from interlock.server.app import REFUSALS_NOTED
from interlock.server.door import POLICY, WRITES, Door
from interlock.server.intake import REPORTS, USUAL, limit_for

HTML = {"accept": "text/html"}


def _code(body: str) -> str:
    return str(json.loads(body)["code"])


def test_a_browser_signs_in_and_gets_where_it_wanted(here: Premises) -> None:
    with here.client() as browser:
        answer = sign_in(browser, "ann", onward="/releases?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/releases?x=1")
        assert browser.get("/metrics").status_code == 200
    assert here.trail()[-1].startswith("login ")


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(here: Premises) -> None:
    with here.client() as browser:
        cookie = sign_in(browser, "ann").headers.get_list("set-cookie")[0]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_with_tls_cookies_travel_by_tls_alone(place: Workplace) -> None:
    with premises(place, "https://interlock.example.com") as here, here.client() as browser:
        page = browser.get("/login")
        visit = page.headers["set-cookie"].partition(";")[0]
        form = {"handle": "ann", "password": PASSWORD, "csrf": csrf_in(page.text)}
        answer = browser.post("/login/password", data=form, headers={"cookie": visit}, follow_redirects=False)
        cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-interlock=")
    assert "Secure" in cookie


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "x", "/a\nb"])
def test_nobody_is_led_away_after_signing_in(here: Premises, onward: str) -> None:
    with here.client() as browser:
        assert sign_in(browser, "ann", onward=onward).headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_person_are_told_the_same(here: Premises) -> None:
    with here.client() as browser:
        told = {sign_in(browser, person, "wrong").headers["location"] for person in ("ann", "zoe")}
    assert told == {"/login?failed=wrong&next=%2F"}


def test_who_tries_too_often_is_told_to_come_later(here: Premises) -> None:
    with here.client() as browser:
        for _ in range(TRIES_PER_ACCOUNT):
            here.built.porter.by_account.take("ann", here.house.clock.now())
        assert sign_in(browser, "ann").headers["location"].startswith("/login?failed=later")


def test_signing_in_gives_a_new_session_and_ends_the_one_that_was_planted(here: Premises) -> None:
    planted, _ = here.secret("ben")
    with here.client() as browser:
        token = csrf_in(browser.get("/login").text)
        browser.cookies.set("interlock", planted)
        form = {"handle": "ann", "password": PASSWORD, "csrf": token}
        refused = browser.post("/login/password", data=form, follow_redirects=False)
        assert _code(refused.text) == "access.no_csrf"
        browser.cookies.delete("interlock")
        browser.cookies.set("interlock", "chosen by somebody else")
        assert sign_in(browser, "ann").status_code == 303
        assert browser.cookies.get("interlock", domain="127.0.0.1") not in {planted, "chosen by somebody else"}


def test_signing_out_needs_the_pages_token_and_ends_the_session(here: Premises) -> None:
    secret, csrf = here.secret("ann")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        assert _code(browser.post("/logout").text) == "access.no_csrf"
        assert browser.get("/metrics").status_code == 200
        assert browser.post("/logout", data={"csrf": csrf}, follow_redirects=False).headers["location"] == "/login"
        browser.cookies.set("interlock", secret)
        assert browser.get("/metrics").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
    ids=str,
)
def test_a_page_of_another_site_gets_nothing_done_even_with_the_token(here: Premises, headers: dict[str, str]) -> None:
    secret, csrf = here.secret("ann")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        answer = browser.post("/logout", data={"csrf": csrf}, headers=headers)
    assert (answer.status_code, _code(answer.text)) == (403, "access.foreign_page")
    assert any("access.foreign_page" in entry for entry in here.trail())


@pytest.mark.parametrize("way", ["header", "form"])
def test_the_token_of_another_session_is_worth_nothing(here: Premises, way: str) -> None:
    secret, _ = here.secret("ann")
    _, other = here.secret("ben")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        headers, data = ({"x-csrf-token": other}, {}) if way == "header" else ({}, {"csrf": other})
        assert _code(browser.post("/logout", data=data, headers=headers).text) == "access.no_csrf"


def test_signing_in_needs_the_form_of_the_page_in_the_same_browser(here: Premises) -> None:
    with here.client() as one, here.client() as other:
        token = csrf_in(one.get("/login").text)
        form = {"handle": "ann", "password": PASSWORD, "csrf": token}
        assert _code(other.post("/login/password", data=form).text) == "access.no_csrf"


def test_a_bearer_counts_and_the_cookies_beside_it_do_not(here: Premises) -> None:
    secret, _ = here.secret("ann")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        answer = browser.get("/metrics", headers={"authorization": "Bearer ilk_wrong"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert browser.get("/metrics", headers={"authorization": "Basic YW5uOng="}).status_code == 401


def test_a_page_leads_who_is_not_signed_in_to_where_one_does(here: Premises) -> None:
    with here.client() as browser:
        answer = browser.get("/metrics?x=1", headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/login?next=%2Fmetrics%3Fx%3D1"


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/metrics", "/healthz"])
def test_every_answer_carries_the_policies(here: Premises, path: str) -> None:
    with here.client() as browser:
        headers = browser.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:8471", ""])
def test_a_request_for_another_host_is_not_answered(here: Premises, host: str) -> None:
    with here.client() as browser:
        answer = browser.get("/login", headers={"host": host})
    assert (answer.status_code, _code(answer.text)) == (421, "server.other_host")


def test_a_body_that_is_too_large_is_refused_before_it_is_looked_at(here: Premises) -> None:
    with here.client() as browser:
        answer = browser.post("/login/password", content=b"x" * (USUAL + 1))
        assert (answer.status_code, _code(answer.text)) == (413, "server.too_large")
        chunks = (b"x" * 65536 for _ in range(USUAL // 65536 + 1))
        assert browser.post("/login/password", content=chunks).status_code == 413


def test_reports_may_be_larger() -> None:
    assert limit_for("/v1/commands") == limit_for("/v1/evidence/x") == REPORTS
    assert limit_for("/v1/commandsx") == limit_for("/login") == USUAL


def test_whoever_writes_too_much_is_held_back(here: Premises) -> None:
    with here.client() as browser:
        door = here.built.app.asgi_handler
        assert isinstance(door, Door)
        for _ in range(WRITES - 1):
            door.writes.take("address 127.0.0.1", here.house.clock.now())
        assert browser.post("/nowhere").status_code == 403
        last = browser.post("/nowhere")
    assert (last.status_code, last.headers["retry-after"]) == (429, "60")


class LostAccounts(MemoryAccounts):
    """Accounts in memory whose disk is gone."""

    def session(self, digest: str) -> SessionRow | Absent:
        raise Unavailable("accounts.unavailable", "the disk is gone", "look for it")


@pytest.mark.parametrize("path", ["/login/password/", "//login/password", "/login//password"])
def test_another_spelling_of_its_path_is_no_way_round_the_forms_token(here: Premises, path: str) -> None:
    with here.client() as browser:
        answer = browser.post(f"{here.settings.url}{path}", data={"handle": "ann", "password": PASSWORD})
    assert _code(answer.text) == "access.no_csrf"
    assert not here.accounts.sessions()


def test_where_accounts_cannot_be_read_nobody_gets_in_and_it_is_said(here: Premises) -> None:
    here.built.porter.accounts = LostAccounts()
    with here.client() as browser:
        browser.cookies.set("interlock", "anything")
        answer = browser.get("/metrics")
    assert (answer.status_code, _code(answer.text)) == (503, "accounts.unavailable")


def test_a_token_in_a_form_of_another_kind_is_none(here: Premises) -> None:
    secret, csrf = here.secret("ann")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        answer = browser.post("/logout", content=f"csrf={csrf}", headers={"content-type": "text/plain"})
    assert _code(answer.text) == "access.no_csrf"


def test_where_nothing_is_nothing_is_told(here: Premises) -> None:
    with here.client() as browser:
        answer = browser.get("/../../etc/passwd")
    assert (answer.status_code, _code(answer.text)) == (404, "server.not_found")
    assert answer.headers["content-type"] == "application/problem+json"


def test_readiness_says_that_the_driver_is_gone(here: Premises) -> None:
    with here.client() as browser:
        assert browser.get("/readyz").json() == {"status": "ready"}
        here.driver.fault = "the driver ended"
        answer = browser.get("/readyz", headers={"host": "10.0.0.1"})
    assert (answer.status_code, answer.json()) == (503, {"status": "the driver ended"})


def test_readiness_says_that_the_disk_takes_nothing_more(here: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = here.house.home.folder
    before = sorted(folder.iterdir())
    monkeypatch.setattr("interlock.server.room.ROOM", 1 << 62)
    with here.client() as browser:
        answer = browser.get("/readyz")
    assert (answer.status_code, _code(answer.text)) == (503, "server.no_room")
    assert str(folder) not in answer.text
    assert sorted(folder.iterdir()) == before


def test_what_is_counted_has_routes_and_never_what_somebody_sent(here: Premises) -> None:
    secret, _ = here.secret("ann")
    with here.client() as browser:
        browser.get("/somebodys-secret")
        browser.request("SECRET", "/healthz")
        browser.cookies.set("interlock", secret)
        told = browser.get("/metrics").text
    assert 'interlock_http_answers_total{method="GET",route="(none)",status="404"} 1.0' in told
    assert "somebodys-secret" not in told
    assert 'method="(other)"' in told
    assert "SECRET" not in told
    assert "interlock_ledger_records" in told


def test_the_log_has_one_line_for_what_happened_at_the_door_and_no_secret(here: Premises) -> None:
    with here.client() as browser:
        sign_in(browser, "ann")
        secret = browser.cookies["interlock"]
    lines = [json.loads(line) for line in here.said.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["login"]
    assert PASSWORD not in here.said.getvalue()
    assert secret not in here.said.getvalue()


def test_who_is_refused_at_a_page_is_noted_by_name(here: Premises) -> None:
    with here.client() as browser:
        browser.cookies.set("interlock", here.secret("ben")[0])
        assert browser.get("/accounts").status_code == 403
    last = here.accounts.trail(1)[0].noted
    assert (last.person, last.method, last.detail) == ("ben", "password", "GET /accounts: access.not_allowed")


def test_who_asks_without_signing_in_is_noted(here: Premises) -> None:
    with here.client() as browser:
        browser.get("/v1/services")
    assert here.trail() == ["request-refused GET /v1/services: access.not_signed_in"]


def test_a_page_that_leads_to_signing_in_is_no_refusal(here: Premises) -> None:
    with here.client() as browser:
        assert browser.get("/inbox", headers=HTML, follow_redirects=False).status_code == 303
    assert here.trail() == []


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/static/..%2F..%2Froutes.py", "/.git/config"])
def test_a_stranger_who_guesses_at_names_is_noted(here: Premises, path: str) -> None:
    with here.client() as browser:
        assert browser.get(path).status_code == 404
    (entry,) = here.trail()
    assert entry.endswith(": server.not_found")


def test_somebody_who_mistypes_an_address_is_not_noted(here: Premises) -> None:
    with here.client() as browser:
        browser.cookies.set("interlock", here.secret("ben")[0])
        assert browser.get("/nowhere").status_code == 404
    assert [one for one in here.trail() if not one.startswith("login")] == []


def test_refusals_of_one_address_do_not_fill_the_trail(here: Premises) -> None:
    with here.client() as browser:
        for _ in range(REFUSALS_NOTED + 20):
            browser.get("/login", headers={"host": "evil.example"})
    assert len(here.trail()) == REFUSALS_NOTED


def test_behind_a_proxy_its_last_word_says_where_somebody_comes_from(place: Workplace) -> None:
    with premises(place, "https://interlock.example.com") as here, here.client() as browser:
        browser.get("/login", headers={"host": "evil.example", "x-forwarded-for": "1.1.1.1, 192.0.2.7"})
        assert here.accounts.trail(1)[0].noted.address == "192.0.2.7"


def test_without_a_proxy_nobody_says_where_they_come_from(here: Premises) -> None:
    with here.client() as browser:
        browser.get("/login", headers={"host": "evil.example", "x-forwarded-for": "192.0.2.7"})
    assert here.accounts.trail(1)[0].noted.address != "192.0.2.7"


@pytest.mark.parametrize(
    "path", ["/", "/login", "/static/interlock.css", "/healthz", "/readyz", "/metrics", "/nowhere"]
)
def test_the_head_of_a_page_is_that_of_the_page(here: Premises, path: str) -> None:
    with here.client() as browser:
        page, head = browser.get(path), browser.head(path)
    assert (head.status_code, head.content) == (page.status_code, b"")
    assert head.headers["content-type"] == page.headers["content-type"]


def test_the_head_of_a_stream_of_a_page_is_no_stream(here: Premises) -> None:
    secret, _ = here.secret("ann")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        head = browser.head("/live")
        counted = browser.get("/metrics").text
    assert (head.status_code, head.content) == (200, b"")
    assert 'interlock_http_answers_total{method="HEAD",route="/live",status="200"} 1.0' in counted


@pytest.mark.parametrize(("method", "path"), [("OPTIONS", "/metrics"), ("DELETE", "/v1/services")])
def test_whoever_is_told_what_an_address_takes_is_told_of_its_head(here: Premises, method: str, path: str) -> None:
    secret, csrf = here.secret("ann")
    with here.client() as browser:
        browser.cookies.set("interlock", secret)
        allowed = browser.request(method, path, headers={"x-csrf-token": csrf}).headers["allow"]
    assert allowed == "GET, HEAD, OPTIONS"
