# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.ports.failure import Rejected
from interlock.server.settings import Way, settings_for


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_alone_it_is_reached_as_localhost_and_by_number(host: str) -> None:
    settings = settings_for(host, 8470, "")
    assert (settings.url, settings.site, settings.way) == ("http://localhost:8470", "localhost", Way.DIRECT)
    assert settings.hosts == {"localhost:8470", "127.0.0.1:8470", "[::1]:8470"}
    assert "http://127.0.0.1:8470" in settings.origins
    assert not settings.is_secure


def test_behind_a_proxy_it_is_reached_by_its_public_name_alone() -> None:
    settings = settings_for("192.0.2.1", 8470, "https://Interlock.example.com/")
    assert (settings.site, settings.way) == ("interlock.example.com", Way.PROXIED)
    assert settings.hosts == {"interlock.example.com"}
    assert settings.origins == {"https://interlock.example.com"}
    assert settings.is_secure


def test_a_proxy_on_this_machine_may_be_reached_without_tls_to_try_it() -> None:
    assert settings_for("127.0.0.1", 8470, "http://localhost:9000").url == "http://localhost:9000"


@pytest.mark.parametrize(
    "address",
    [
        "interlock.example.com",
        "ftp://interlock.example.com",
        "http://interlock.example.com",
        "https://",
        "https://interlock.example.com/path",
        "https://interlock.example.com?x=1",
        "https://ann:secret@interlock.example.com",
    ],
)
def test_an_address_that_is_none_or_not_safe_is_refused(address: str) -> None:
    with pytest.raises(Rejected) as failure:
        settings_for("127.0.0.1", 8470, address)
    assert failure.value.code == "server.address"


def test_without_a_proxy_passwords_do_not_travel_in_the_clear() -> None:
    with pytest.raises(Rejected) as failure:
        settings_for("192.0.2.1", 8470, "")
    assert failure.value.code == "server.plain"
