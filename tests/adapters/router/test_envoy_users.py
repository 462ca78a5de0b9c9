# SPDX-License-Identifier: Apache-2.0
"""The Envoy router over real Envoys that know users: the whole kit by a cookie, and what only this router has to do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.adapters.envoy_world import PRODUCTION, SHOP, Fleet, eventually, fleet
from tests.adapters.router.envoy_rig import EnvoyRig

from interlock.adapters.metrics.envoy import EnvoyMetrics
from interlock.domain.traffic import UNEXPOSED, WHOLE, Exposure, between
from interlock.ports.failure import Rejected
from interlock.ports.router import NOBODY, Capability, Carrier, Pools, UserKey
from interlock.testing.contracts.router import RouterContract
from interlock.testing.contracts.router_rig import HALF, TESTERS, USERS, Served
from interlock.testing.contracts.router_users import given

SESSION = UserKey(Carrier.COOKIE, "session")
X_USER = UserKey(Carrier.HEADER, "X-User")


@pytest.fixture(scope="module")
def sticky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("sticky"), "north", "south", users=SESSION) as one:
        yield one


@pytest.fixture(scope="module")
def headed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("headed"), "north", users=X_USER) as one:
        yield one


@pytest.fixture
def rig(sticky: Fleet) -> EnvoyRig:
    return EnvoyRig(sticky)


class TestEnvoyRouterOfUsers(RouterContract):
    """The whole kit, with users known by a cookie."""


def test_a_user_known_by_a_header_stays(headed: Fleet) -> None:
    rig = EnvoyRig(headed, proxies=("north",))
    router = rig.router()
    served = given(rig, router, HALF, USERS)
    few = {user for user, one in given(rig, router, Exposure(1_000), USERS).items() if one.candidate}
    half = {user for user, one in served.items() if one.candidate}
    assert Served(1, 1) not in {Served(min(1, one.stable), min(1, one.candidate)) for one in served.values()}
    assert (few <= half, len(USERS) // 4 < len(half) < 3 * len(USERS) // 4) == (True, True)


def test_a_client_says_who_it_is_in_no_other_place(rig: EnvoyRig) -> None:
    router = rig.router()
    chosen = next(user for user, one in given(rig, router, HALF, USERS).items() if one.candidate)
    router.hold(HALF)
    served = rig.serve(40, {"session": chosen, "x-session": chosen, "cookie": f"my-session={chosen}"})
    assert served.candidate not in {0, 40}


def test_what_the_candidate_did_for_its_users_is_counted_as_the_candidates(rig: EnvoyRig) -> None:
    router = rig.router()
    router.hold(Exposure(WHOLE))
    metrics = EnvoyMetrics(SHOP, PRODUCTION, rig.fleet.proxies)
    before = metrics.read()
    rig.serve(20, rig.user("somebody"))
    router.hold(UNEXPOSED)
    rig.serve(10, rig.user("somebody"))
    eventually(lambda: between(before, metrics.read()).stable.requests >= 10, "it is counted")
    tick = between(before, metrics.read())
    assert (tick.candidate.requests, tick.candidate.errors, tick.stable.requests) == (20, 0, 10)


def test_a_bad_answer_to_a_user_of_the_candidate_is_not_asked_again(rig: EnvoyRig) -> None:
    rig.router().hold(Exposure(WHOLE))
    told = rig.fleet.ask(20, rig.proxies, {**rig.user("somebody"), "x-answer": "503"})
    assert told == {"candidate": 20}


def test_what_did_not_reach_the_candidate_is_asked_of_stable_whatever_it_is(rig: EnvoyRig) -> None:
    rig.router().hold(Exposure(WHOLE))
    rig.kill_candidate()
    assert rig.fleet.ask(20, rig.proxies, rig.user("somebody"), "POST") == {"stable": 20}


def test_a_proxy_that_was_started_for_other_users_is_refused_and_the_way_back_is_not(rig: EnvoyRig) -> None:
    rig.router()
    other = replace(rig.fleet.router(), users=UserKey(Carrier.COOKIE, "visitor"))
    with pytest.raises(Rejected, match="by cookie session, and is to tell them by cookie visitor") as refused:
        other.hold(HALF)
    assert (refused.value.code, "interlock rollout proxies production" in refused.value.next_step) == (
        "router.other_users",
        True,
    )
    other.arrange(Pools(rig.pools.candidate))
    other.withdraw()
    assert rig.serve(40) == Served(candidate=40)


def test_who_is_to_tell_nobody_apart_any_more_does_so_at_once(rig: EnvoyRig) -> None:
    rig.router()
    plain = replace(rig.fleet.router(), users=NOBODY)
    eventually(lambda: set(plain.line.connected()) == set(rig.proxies), "the proxies are connected")
    plain.hold(HALF)
    served = rig.serve(40, rig.user("somebody"))
    rig.router().hold(HALF)
    assert (Capability.STICKY in plain.capabilities, served.candidate in {0, 40}) == (False, False)
    assert rig.serve(40, rig.user("somebody")).candidate in {0, 40}


def test_a_proxy_that_knows_no_users_is_refused_until_it_is_started_anew(envoys: Fleet) -> None:
    rig = EnvoyRig(envoys)
    rig.router()
    before = (envoys.folder / "route" / "north.yaml").read_text()
    knowing = replace(envoys.router(), users=SESSION)
    with pytest.raises(Rejected, match="by nobody, and is to tell them by cookie session"):
        knowing.hold(TESTERS)
    rig.wait(timedelta(milliseconds=100))
    unexposed = rig.serve(20, {"x-interlock-cohort": "testers"})
    assert (unexposed, (envoys.folder / "route" / "north.yaml").read_text()) == (Served(stable=20), before)
