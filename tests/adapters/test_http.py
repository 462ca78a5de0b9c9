# SPDX-License-Identifier: Apache-2.0
"""Reading an address is bounded, and stays with the host that was named."""

from collections.abc import Iterator

import pytest
from tests.adapters.loopback import Page, Site, serving
from tests.ports import free_port

from interlock.adapters.http import HttpClient
from interlock.ports.failure import Rejected, Unavailable

CLIENT = HttpClient(timeout=2, max_bytes=1000)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/": Page(b"hello", headers={"Content-Type": "Text/Plain; charset=utf-8"})}) as running:
        yield running


def test_an_answer_is_its_status_body_and_type(site: Site) -> None:
    answer = CLIENT.get(site.url)
    assert (answer.status, answer.body, answer.media_type) == (200, b"hello", "text/plain")


def test_a_status_that_is_no_success_is_an_answer(site: Site) -> None:
    assert CLIENT.get(f"{site.url}/missing").status == 404


def test_parameters_travel_as_the_query(site: Site) -> None:
    CLIENT.get(f"{site.url}/", {"query": "a{b='c d'} > 1&x"})
    assert site.asked[0][0] == "/?query=a%7Bb%3D%27c+d%27%7D+%3E+1%26x"


def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(Unavailable) as failure:
        CLIENT.get(f"http://127.0.0.1:{free_port()}/")
    assert failure.value.code == "http.unreachable"


def test_too_much_body_is_rejected(site: Site) -> None:
    site.pages["/big"] = Page(b"x" * 1001)
    with pytest.raises(Rejected) as failure:
        CLIENT.get(f"{site.url}/big")
    assert failure.value.code == "http.too_big"


def test_as_much_body_as_allowed_is_read(site: Site) -> None:
    site.pages["/big"] = Page(b"x" * 1000)
    assert len(CLIENT.get(f"{site.url}/big").body) == 1000


def test_a_body_that_comes_in_drops_is_given_up(site: Site) -> None:
    site.pages["/drops"] = Page(drops=0.05)
    with pytest.raises(Unavailable) as failure:
        HttpClient(timeout=0.2).get(f"{site.url}/drops")
    assert failure.value.code == "http.too_slow"


def test_an_answer_that_does_not_come_is_unavailable(site: Site) -> None:
    site.pages["/drops"] = Page(drops=60)
    with pytest.raises(Unavailable):
        HttpClient(timeout=0.2).get(f"{site.url}/drops")


@pytest.mark.parametrize("location", ["/", "{url}/"])
def test_a_redirect_on_the_same_host_is_followed(site: Site, location: str) -> None:
    site.pages["/old"] = Page(status=302, headers={"Location": location.format(url=site.url)})
    assert CLIENT.get(f"{site.url}/old").body == b"hello"


@pytest.mark.parametrize("location", ["http://localhost:{port}/", "//other.invalid/", "https://127.0.0.1/"])
def test_a_redirect_to_another_host_is_refused(site: Site, location: str) -> None:
    site.pages["/old"] = Page(status=302, headers={"Location": location.format(port=site.port)})
    with pytest.raises(Rejected) as failure:
        CLIENT.get(f"{site.url}/old")
    assert failure.value.code == "http.redirected_away"


def test_redirects_in_a_circle_are_refused(site: Site) -> None:
    site.pages["/old"] = Page(status=302, headers={"Location": "/old"})
    with pytest.raises(Rejected) as failure:
        CLIENT.get(f"{site.url}/old")
    assert failure.value.code == "http.redirects"


@pytest.mark.parametrize("url", ["", "ftp://host/", "file:///etc/passwd", "host/path", "http://", "http://[::1"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Rejected) as failure:
        CLIENT.get(url)
    assert failure.value.code == "http.bad_address"


def test_a_proxy_in_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert CLIENT.get(site.url).status == 200


def test_a_fault_does_not_tell_the_query_or_the_password() -> None:
    with pytest.raises(Unavailable) as failure:
        CLIENT.get(f"http://user:hunter22@127.0.0.1:{free_port()}/x?token=s3cr3t")
    assert "hunter22" not in failure.value.sentence
    assert "s3cr3t" not in failure.value.sentence
