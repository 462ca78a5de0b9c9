# SPDX-License-Identifier: Apache-2.0
"""The part of the router's kit about who asks: clauses 10 and 11 of `interlock.ports.router`.

What a router cannot do it must not claim: then it is asked that it really does not.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import pytest

from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.failure import Rejected
from interlock.ports.router import COHORT_COOKIE, COHORT_HEADER, Capability, TrafficRouter
from interlock.testing.contracts.router_rig import (
    AT_ONCE,
    HALF,
    TESTERS,
    TRIAL,
    USERS,
    RouterRig,
    Served,
    after_lease,
    until_all_hold,
)


class Inviting:
    """Clause 10."""

    def test_10_a_cohort_reaches_the_candidate_and_nobody_else_does(self, rig: RouterRig) -> None:
        if not _invited(rig):
            return
        seen = tuple(rig.serve(40, {COHORT_HEADER: cohort}) for cohort in ("testers", "others"))
        assert (*seen, rig.serve(40)) == (Served(candidate=40), Served(stable=40), Served(stable=40))

    @pytest.mark.parametrize("cookies", ["{}", "{}; a=b", "a=b; {}", "a=b; {}; c=d"])
    def test_10_a_cohort_is_known_by_its_cookie_wherever_it_stands(self, rig: RouterRig, cookies: str) -> None:
        if not _invited(rig):
            return
        headers = {"cookie": cookies.format(f"{COHORT_COOKIE}=testers")}
        assert rig.serve(20, headers) == Served(candidate=20)

    @pytest.mark.parametrize(
        "cookie",
        ["{}=testers2", "{}=my-testers", "{}=Testers", "{}=", "my-{}=testers", "{}2=testers", "a={}=testers"],
    )
    def test_10_a_cookie_that_merely_contains_it_is_none(self, rig: RouterRig, cookie: str) -> None:
        if not _invited(rig):
            return
        headers = {"cookie": f"a=b; {cookie.format(COHORT_COOKIE)}; c=d"}
        assert rig.serve(20, headers) == Served(stable=20)

    @pytest.mark.parametrize("headers", [{COHORT_HEADER: "testers"}, {"cookie": f"{COHORT_COOKIE}=testers"}])
    def test_10_a_cohort_that_is_held_no_more_is_stable_again(self, rig: RouterRig, headers: Mapping[str, str]) -> None:
        if _invited(rig):
            rig.router().hold(UNEXPOSED)
        assert rig.serve(40, headers) == Served(stable=40)


def _invited(rig: RouterRig) -> bool:
    """Expose the testers; False where the router can do no such thing, and says so."""
    router = rig.router()
    if Capability.COHORTS in router.capabilities:
        router.hold(TESTERS)
        return True
    with pytest.raises(Rejected):
        router.hold(TESTERS)
    return False


class Sticking:
    """Clause 11. Of a router that cannot, it is asked that it says so, and lets nobody stay."""

    def test_11_it_says_whether_users_stay(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        served = rig.serve(TRIAL, rig.user("somebody"))
        stays = Capability.STICKY in router.capabilities
        assert (TRIAL in {served.stable, served.candidate}) is stays, served

    def test_11_every_user_stays_with_one_arm_through_every_proxy(self, rig: RouterRig) -> None:
        router = rig.router()
        if Capability.STICKY not in router.capabilities:
            return
        served = given(rig, router, HALF, USERS)
        assert {one for one in served.values() if one.failed or (one.stable and one.candidate)} == set()

    def test_11_the_share_is_of_users(self, rig: RouterRig) -> None:
        router = rig.router()
        if Capability.STICKY not in router.capabilities:
            return
        assert len(USERS) // 4 < len(_on_candidate(given(rig, router, HALF, USERS))) < 3 * len(USERS) // 4

    def test_11_who_has_the_candidate_keeps_it_while_the_share_grows(self, rig: RouterRig) -> None:
        router = rig.router()
        if Capability.STICKY not in router.capabilities:
            return
        shares = (0, 1_000, 3_000, 6_000, 10_000)
        seen = [_on_candidate(given(rig, router, Exposure(share), USERS)) for share in shares]
        assert all(before <= after for before, after in pairwise(seen))
        assert (seen[0], seen[-1]) == (frozenset(), frozenset(USERS))

    def test_11_a_proxy_that_was_started_anew_decides_as_before(self, rig: RouterRig) -> None:
        router = rig.router()
        if Capability.STICKY not in router.capabilities:
            return
        before = _on_candidate(given(rig, router, HALF, USERS))
        rig.stop_proxy(rig.proxies[0])
        rig.start_proxy(rig.proxies[0])
        until_all_hold(rig, router, HALF)
        served = given(rig, router, HALF, USERS)
        assert (_on_candidate(served), any(one.stable and one.candidate for one in served.values())) == (before, False)

    def test_11_who_is_nobody_is_split_request_by_request(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        served = rig.serve(TRIAL, rig.user(""))
        assert (served.failed, served.candidate in {0, TRIAL}) == (0, False)

    def test_11_a_user_comes_back_to_stable_with_the_end_of_the_lease(self, rig: RouterRig) -> None:
        router = rig.router()
        if Capability.STICKY not in router.capabilities:
            return
        (user, *_) = _on_candidate(given(rig, router, HALF, USERS[:20]))
        rig.crash()
        after_lease(rig, router)
        assert rig.serve(40, rig.user(user)) == Served(stable=40)

    def test_11_a_candidate_that_dies_costs_its_users_no_request(self, rig: RouterRig) -> None:
        router = rig.router()
        if Capability.STICKY not in router.capabilities:
            return
        (user, *_) = _on_candidate(given(rig, router, HALF, USERS[:20]))
        router.hold(HALF)
        rig.kill_candidate()
        assert rig.serve(40, rig.user(user)) == Served(stable=40)

    def test_11_a_user_whose_turn_it_is_not_may_be_invited(self, rig: RouterRig) -> None:
        router = rig.router()
        if not {Capability.STICKY, Capability.COHORTS} <= router.capabilities:
            return
        router.hold(TESTERS)
        assert rig.serve(20, {**rig.user("somebody"), COHORT_HEADER: "testers"}) == Served(candidate=20)


def given(rig: RouterRig, router: TrafficRouter, exposure: Exposure, users: Iterable[str]) -> Mapping[str, Served]:
    """Who answers each user, at that exposure: as many requests as there are proxies, and one more."""
    served: dict[str, Served] = {}
    for at, user in enumerate(users):
        if at % AT_ONCE == 0:
            router.hold(exposure)
        served[user] = rig.serve(len(rig.proxies) + 1, rig.user(user))
    return served


def _on_candidate(served: Mapping[str, Served]) -> frozenset[str]:
    return frozenset(user for user, one in served.items() if one.candidate)
