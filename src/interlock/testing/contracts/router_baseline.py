# SPDX-License-Identifier: Apache-2.0
"""The part of the router's kit about a baseline: clause 12 of `interlock.ports.router`.

What a router cannot do it must not claim: then it is asked that it says so, of the pool and of the share.
"""

import pytest

from interlock.domain.traffic import Exposure
from interlock.ports.failure import Rejected
from interlock.ports.router import Capability, Pools, TrafficRouter
from interlock.testing.contracts.router_rig import MANY, TENTH, USERS, RouterRig, Served, after_lease
from interlock.testing.contracts.router_users import given

BESIDE = Exposure(2_500, baseline=2_500)
"""As many requests for the baseline as for the candidate, and as many for both as for stable."""


class Accompanying:
    """Clause 12."""

    def test_12_a_baseline_gets_its_share_out_of_stables(self, rig: RouterRig) -> None:
        if not _holds(rig, rig.router(), BESIDE):
            return
        served = rig.serve(MANY)
        assert served.failed == 0
        assert MANY // 8 < served.candidate < 3 * MANY // 8
        assert MANY // 8 < served.baseline < 3 * MANY // 8

    def test_12_a_baseline_that_has_no_share_gets_nothing(self, rig: RouterRig) -> None:
        router = rig.router()
        if not _holds(rig, router, BESIDE):
            return
        router.hold(TENTH)
        served = rig.serve(MANY)
        assert (served.baseline, served.candidate > 0) == (0, True)

    def test_12_it_is_seen_what_every_proxy_gives_the_baseline(self, rig: RouterRig) -> None:
        router = rig.router()
        if not _holds(rig, router, BESIDE):
            return
        seen = {(state.exposure, state.pools.baseline) for state in router.observe()}
        assert seen == {(BESIDE, rig.baseline)}

    def test_12_what_a_baseline_has_ends_with_the_lease(self, rig: RouterRig) -> None:
        router = rig.router()
        if _holds(rig, router, BESIDE):
            rig.crash()
            assert after_lease(rig, router) == Served(stable=MANY)

    def test_12_withdrawing_ends_what_a_baseline_has_at_once(self, rig: RouterRig) -> None:
        router = rig.router()
        if _holds(rig, router, BESIDE):
            router.withdraw()
            assert rig.serve(MANY) == Served(stable=MANY)

    def test_12_a_baseline_that_dies_costs_no_request(self, rig: RouterRig) -> None:
        router = rig.router()
        if not _holds(rig, router, BESIDE):
            return
        rig.kill_baseline()
        served = rig.serve(MANY)
        assert (served.failed, served.baseline) == (0, 0)

    def test_12_a_pool_that_is_given_up_has_no_endpoints_any_more(self, rig: RouterRig) -> None:
        router = rig.router()
        if _holds(rig, router, BESIDE):
            router.arrange(rig.pools)
            assert {state.pools for state in router.observe()} == {rig.pools}

    def test_12_the_baselines_users_are_those_whose_turn_comes_next(self, rig: RouterRig) -> None:
        router = rig.router()
        if not _holds(rig, router, BESIDE) or Capability.STICKY not in router.capabilities:
            return
        served = given(rig, router, BESIDE, USERS)
        arms = [(one.stable > 0, one.candidate > 0, one.baseline > 0) for one in served.values()]
        candidates = frozenset(user for user, one in served.items() if one.candidate)
        beside = frozenset(user for user, one in served.items() if one.baseline)
        both = given(rig, router, Exposure(BESIDE.share + BESIDE.baseline), USERS)
        after = frozenset(user for user, one in both.items() if one.candidate)
        assert ({sum(one) for one in arms}, after, bool(candidates), bool(beside)) == (
            {1},
            candidates | beside,
            True,
            True,
        )


def _holds(rig: RouterRig, router: TrafficRouter, exposure: Exposure) -> bool:
    """Expose both; False where the router can do no such thing, and says so."""
    pools = Pools(rig.pools.stable, rig.pools.candidate, rig.baseline)
    if Capability.BASELINE in router.capabilities:
        router.arrange(pools)
        router.hold(exposure)
        return True
    for attempt in (lambda: router.arrange(pools), lambda: router.hold(exposure)):
        with pytest.raises(Rejected) as refused:
            attempt()
        assert refused.value.code == "router.no_baseline"
    return False
