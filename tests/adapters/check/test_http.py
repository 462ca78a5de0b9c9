# SPDX-License-Identifier: Apache-2.0
"""Checking addresses: the kit against a real server, and what it may answer."""

from collections.abc import Iterator

import pytest
from tests.adapters.check.rig import request
from tests.adapters.loopback import Page, Site, serving
from tests.ports import free_port

from interlock.adapters.check.http import AnyBody, FieldEquals, HttpCheck, judge_field
from interlock.adapters.http import HttpClient
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Reading
from interlock.ports.failure import Rejected
from interlock.testing.contracts.check import KEY, CheckerContract

CLIENT = HttpClient(timeout=2, max_bytes=5000)


class HttpRig:
    """A page per version; for INCONCLUSIVE the page breaks off before it answers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.pages |= {
            "/pass/health": Page(b'{"version": "pass"}' + b" " * 4000),
            "/fail/health": Page(b'{"version": "former"}'),
            "/error/health": Page(b"<html>"),
            "/inconclusive/health": Page(b"", drops=60),
        }

    def checker(self) -> Checker:
        return HttpCheck(
            (f"{self.site.url}/{{version}}/health",),
            body=FieldEquals("version", "{version}"),
            client=HttpClient(timeout=0.5),
            report_bytes=1000,
        )

    def asking(self, verdict: Verdict) -> CheckRequest:
        return request(verdict.value)

    def report_limit(self) -> int:
        return 1000

    def wait(self) -> None:
        """It answers at once."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/health": Page(b"ok")}) as running:
        yield running


class TestHttpCheck(CheckerContract):
    @pytest.fixture
    def rig(self, site: Site) -> HttpRig:
        return HttpRig(site)


def read(check: HttpCheck) -> Reading:
    reading = check.observe(request("1.1.0"), KEY)
    assert isinstance(reading, Reading)
    return reading


def test_the_status_is_all_that_is_looked_at_when_nothing_else_is_asked(site: Site) -> None:
    assert read(HttpCheck((f"{site.url}/health",), body=AnyBody())).verdict is Verdict.PASS


def test_another_status_than_expected_fails(site: Site) -> None:
    reading = read(HttpCheck((f"{site.url}/missing",)))
    assert reading.verdict is Verdict.FAIL
    assert "status 404, expected 200" in reading.summary


def test_every_address_is_asked_at_every_attempt(site: Site) -> None:
    site.pages["/other"] = Page(b"ok")
    reading = read(HttpCheck((f"{site.url}/health", f"{site.url}/other"), attempts=3))
    assert [path for path, _ in site.asked] == ["/health", "/other"] * 3
    assert reading.measured == {"requests": "6", "passed": "6"}


def test_one_wrong_answer_fails_also_when_another_address_is_silent(site: Site) -> None:
    silent = f"http://127.0.0.1:{free_port()}/"
    assert read(HttpCheck((silent, f"{site.url}/missing", f"{site.url}/health"))).verdict is Verdict.FAIL


def test_one_silent_address_is_inconclusive_though_others_pass(site: Site) -> None:
    silent = f"http://127.0.0.1:{free_port()}/"
    assert read(HttpCheck((f"{site.url}/health", silent))).verdict is Verdict.INCONCLUSIVE


def test_an_answer_that_is_too_big_is_an_error(site: Site) -> None:
    site.pages["/health"] = Page(b"x" * 5001)
    assert read(HttpCheck((f"{site.url}/health",), client=CLIENT)).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("version", "1.1.0"),
        ("/version", "1.1.0"),
        ("/build/0/id", "7"),
        ("/a~1b", "slash"),
        ("/m~0n", "tilde"),
        ("/ready", "true"),
        ("/none", "null"),
    ],
)
def test_a_pointer_names_a_value_as_the_standard_says(pointer: str, value: str) -> None:
    body = b'{"version": "1.1.0", "build": [{"id": 7}], "a/b": "slash", "m~n": "tilde", "ready": true, "none": null}'
    assert judge_field(body, pointer, value)[0] is Verdict.PASS


@pytest.mark.parametrize("pointer", ["/missing", "/version/x", "/build/1", "/build/-1", "/build/00", "/build/x", ""])
def test_a_pointer_to_nothing_fails(pointer: str) -> None:
    verdict, sentence = judge_field(b'{"version": "1.1.0", "build": [1]}', pointer, "1.1.0")
    assert verdict is Verdict.FAIL
    assert sentence


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_an_error(body: bytes) -> None:
    assert judge_field(body, "version", "x")[0] is Verdict.ERROR


@pytest.mark.parametrize("urls", [(), ("ftp://host/",), ("/health",), ("http://host/{artifact}",)])
def test_what_cannot_be_asked_is_refused_when_it_is_built(urls: tuple[str, ...]) -> None:
    with pytest.raises(Rejected):
        HttpCheck(urls)


def test_no_attempt_at_all_is_refused_when_it_is_built() -> None:
    with pytest.raises(Rejected):
        HttpCheck(("http://127.0.0.1/",), attempts=0)
