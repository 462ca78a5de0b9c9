# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong, a browser gets a page with a way on, and a program a problem with its code."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.server.premises import Premises, sign_in
from tests.web.reading import Read, read

from interlock.server.door import WRITES, Door
from interlock.web import fleet
from interlock.web.look import Look
from interlock.web.page import Page

HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
JUNK = "<script>alert(1)</script>"


@contextmanager
def browsing(here: Premises, person: str = "") -> Iterator[httpx.Client]:
    """A browser, of somebody signed in where one is named."""
    with here.client() as browser:
        browser.headers.update(HTML)
        if person:
            assert sign_in(browser, person).status_code == 303
        yield browser


def page(answer: httpx.Response, status: int) -> Read:
    """A sound page with that status, and a way on."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["vary"]
    found = read(answer.text)
    assert not found.faults
    assert "/" in found.links
    assert "Traceback" not in answer.text
    return found


def test_an_address_that_is_none_is_a_page_for_a_browser(here: Premises) -> None:
    with browsing(here) as browser:
        found = page(browser.get(f"/nowhere/{JUNK}"), 404)
    assert "there is nothing at this address server.not_found" in found.text
    assert "alert" not in found.text


def test_who_is_signed_in_keeps_the_frame_around_it(here: Premises) -> None:
    with browsing(here, "ann") as browser:
        found = page(browser.get("/nowhere"), 404)
    assert {"/inbox", "/releases", "/keys"} <= set(found.links)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nowhere", "/v1/releases/nowhere/nowhere"])
def test_under_the_api_the_same_is_a_problem_whatever_is_accepted(here: Premises, path: str) -> None:
    with browsing(here, "ann") as browser:
        answer = browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "server.not_found"


def test_what_only_begins_like_the_api_is_a_page(here: Premises) -> None:
    with browsing(here) as browser:
        assert "server.not_found" in page(browser.get("/v1beta"), 404).text


def test_a_method_that_an_address_does_not_take_is_a_page(here: Premises) -> None:
    with browsing(here, "ann") as browser:
        answer = browser.get("/logout")
    assert "request.method" in page(answer, 405).text
    assert answer.headers["allow"]


def test_under_the_api_a_method_that_is_not_taken_is_a_problem(here: Premises) -> None:
    with browsing(here, "ann") as browser:
        answer = browser.get("/v1/commands")
    assert (answer.status_code, answer.json()["code"]) == (405, "request.method")


def test_what_cannot_be_meant_is_a_page_that_repeats_nothing_of_it(here: Premises) -> None:
    _, csrf = here.secret("ann")
    with browsing(here) as browser:
        answer = browser.post("/say", content=f"csrf={csrf}&x={JUNK}", headers={"content-type": "text/plain"})
        assert "alert" not in page(answer, 403).text


def test_a_form_that_comes_from_elsewhere_is_a_page(here: Premises) -> None:
    with browsing(here, "ann") as browser:
        answer = browser.post("/logout", data={}, headers={"sec-fetch-site": "cross-site"})
    assert "access.foreign_page" in page(answer, 403).text


def test_a_form_handed_in_after_the_session_ended_leads_to_signing_in(here: Premises) -> None:
    with browsing(here) as browser:
        browser.get("/login")
        token = read(browser.get("/login").text).forms[0].fields["csrf"]
        found = page(browser.post("/say", data={"csrf": token, "act": "abort"}), 401)
    assert "access.not_signed_in" in found.text


def test_what_is_too_often_is_a_page(here: Premises) -> None:
    door = here.built.app.asgi_handler
    assert isinstance(door, Door)
    for _ in range(WRITES):
        door.writes.take("address 127.0.0.1", here.house.clock.now())
    with browsing(here) as browser:
        answer = browser.post("/nowhere")
    assert "server.too_many" in page(answer, 429).text
    assert answer.headers["retry-after"] == "60"


def test_a_fault_of_ours_is_a_page_that_tells_nothing_of_it(here: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(_: Look) -> Page:
        raise ValueError(f"the inside {JUNK}")

    monkeypatch.setattr(fleet, "page", burst)
    with browsing(here, "ann") as browser:
        answer = browser.get("/")
    found = page(answer, 500)
    assert "this is a fault of ours bug" in found.text
    assert "the inside" not in answer.text
    assert any(json.loads(line)["event"] == "fault" for line in here.said.getvalue().splitlines())


@pytest.mark.parametrize("path", ["/nowhere", "/logout"])
def test_who_does_not_ask_for_a_page_gets_a_problem(here: Premises, path: str) -> None:
    with here.client() as program:
        answer = program.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["next_step"]
