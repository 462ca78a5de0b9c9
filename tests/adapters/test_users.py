# SPDX-License-Identifier: Apache-2.0
"""Turns of users, for a router that has no hash of its own."""

import pytest

from interlock.adapters.users import carried, salt, turn
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import WHOLE
from interlock.ports.router import Carrier, UserKey

SESSION = UserKey(Carrier.COOKIE, "session")
MANY = 4_000


def test_turns_fall_all_over_the_whole() -> None:
    tenths = [turn(f"user-{at}", 7) * 10 // WHOLE for at in range(MANY)]
    assert all(MANY // 13 < tenths.count(tenth) < MANY // 8 for tenth in range(10))


def test_a_turn_is_of_the_whole_and_always_the_same() -> None:
    assert {turn("ann", 7) for _ in range(3)} == {turn("ann", 7)}
    assert 0 <= turn("ann", 7) < WHOLE


def test_another_salt_is_another_order() -> None:
    first = {user for user in range(MANY) if turn(str(user), 1) < WHOLE // 10}
    other = {user for user in range(MANY) if turn(str(user), 2) < WHOLE // 10}
    assert len(first & other) < len(first) // 4


def test_each_place_has_a_salt_of_its_own() -> None:
    places = [(service, place) for service in ("shop", "bakery") for place in ("staging", "production")]
    salts = {salt(ServiceName(service), EnvironmentName(place)) for service, place in places}
    assert (len(salts), all(0 <= one < 2**32 for one in salts)) == (4, True)


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"cookie": "session=ann"}, "ann"),
        ({"cookie": "a=b;  session=ann; c=d"}, "ann"),
        ({"cookie": "session=a=b"}, "a=b"),
        ({"cookie": "session="}, ""),
        ({"cookie": "my-session=ann; session2=ann; Session=ann; session"}, ""),
        ({"session": "ann"}, ""),
        ({}, ""),
    ],
)
def test_a_cookie_is_found_by_its_exact_name(headers: dict[str, str], value: str) -> None:
    assert carried(headers, SESSION) == value


def test_a_header_is_found_in_any_case() -> None:
    assert carried({"x-user": "ann"}, UserKey(Carrier.HEADER, "X-User")) == "ann"
