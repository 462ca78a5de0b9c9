# SPDX-License-Identifier: Apache-2.0
"""The HAProxy router over real processes that know users: the whole kit by a cookie, and by a header what differs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.adapters.router.haproxy_rig import HaproxyRig, running

from interlock.domain.traffic import Exposure
from interlock.ports.failure import Rejected
from interlock.ports.router import NOBODY, Carrier, Pools, UserKey
from interlock.testing.contracts.router import RouterContract
from interlock.testing.contracts.router_rig import HALF, USERS, Served
from interlock.testing.contracts.router_users import given

SESSION = UserKey(Carrier.COOKIE, "session")
X_USER = UserKey(Carrier.HEADER, "X-User")


@pytest.fixture
def rig() -> Iterator[HaproxyRig]:
    with TemporaryDirectory(prefix="ilk") as folder, running(Path(folder), SESSION) as rig:
        yield rig


@pytest.fixture
def headed() -> Iterator[HaproxyRig]:
    with TemporaryDirectory(prefix="ilk") as folder, running(Path(folder), X_USER) as rig:
        yield rig


class TestHaproxyRouterOfUsers(RouterContract):
    """The whole kit, with users known by a cookie."""


def test_a_user_known_by_a_header_stays(headed: HaproxyRig) -> None:
    router = headed.router()
    served = given(headed, router, HALF, USERS)
    few = {user for user, one in given(headed, router, Exposure(1_000), USERS).items() if one.candidate}
    half = {user for user, one in served.items() if one.candidate}
    assert {user for user, one in served.items() if one.stable and one.candidate} == set()
    assert (few <= half, len(USERS) // 4 < len(half) < 3 * len(USERS) // 4) == (True, True)


def test_a_value_with_a_comma_is_one_user(headed: HaproxyRig) -> None:
    router = headed.router()
    names = [f"family-{at}, of four" for at in range(20)]
    assert {one.stable and one.candidate for one in given(headed, router, HALF, names).values()} == {0}
    assert len({one.candidate for one in given(headed, router, HALF, names).values()}) == 2


def test_the_share_of_those_who_say_nothing_is_exact(rig: HaproxyRig) -> None:
    rig.stop_proxy("west")
    rig.router().hold(HALF)
    rig.serve(3, rig.user("somebody"))
    assert abs(rig.serve(20).candidate - 10) <= 1


@pytest.mark.parametrize("users", [NOBODY, UserKey(Carrier.COOKIE, "visitor")], ids=str)
def test_a_proxy_that_was_started_for_other_users_is_refused_and_the_way_back_is_not(
    rig: HaproxyRig, users: UserKey
) -> None:
    other = replace(rig.router(), users=users)
    with pytest.raises(Rejected, match=f"by cookie session, and is to tell them by {users}") as refused:
        other.hold(HALF)
    other.arrange(Pools(rig.pools.candidate))
    other.withdraw()
    assert (refused.value.code, rig.serve(40)) == ("router.other_users", Served(candidate=40))


def test_a_proxy_whose_file_is_of_before_users_were_known_splits_as_before(rig: HaproxyRig) -> None:
    other = replace(rig.router(), users=NOBODY)
    other.prepare()
    for part in rig.parts:
        path = other.files.path(part)
        path.write_text(path.read_text().replace("backend users\n    server nobody 127.0.0.1:9 disabled\n", ""))
        rig.stop_proxy(part.name)
        rig.start_proxy(part.name)
    other.hold(HALF)
    assert rig.serve(20, rig.user("somebody")).candidate not in {0, 20}


def test_a_proxy_that_knows_users_since_it_was_started_anew_is_exposed(rig: HaproxyRig) -> None:
    other = replace(rig.router(), users=NOBODY)
    other.prepare()
    for name in rig.proxies:
        rig.stop_proxy(name)
        rig.start_proxy(name)
    other.hold(HALF)
    assert rig.serve(20, rig.user("somebody")).candidate not in {0, 20}
