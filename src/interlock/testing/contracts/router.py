# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the router port: one or more tests per numbered clause of `interlock.ports.router`.

Subclass `RouterContract` in your test suite and give it a fixture named `rig` that is a `RouterRig` over real proxies
and real services. A router that passes can be used by the controller. Splits are asked for with so many requests that
a fair random draw never fails here; an exact split needs a test of its own.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Held, Pools, ProxyState
from interlock.testing.contracts.router_baseline import Accompanying
from interlock.testing.contracts.router_rig import (
    HALF,
    MANY,
    MOMENT,
    TENTH,
    RouterRig,
    Served,
    after_lease,
    until_all_hold,
)
from interlock.testing.contracts.router_users import Inviting, Sticking

_PARTS: Final = 10


class _Arranging:
    """Clause 1."""

    def test_1_what_is_arranged_is_stable_and_nothing_reaches_the_candidate(self, rig: RouterRig) -> None:
        rig.router().arrange(rig.pools)
        assert rig.serve(MANY) == Served(stable=MANY)

    def test_1_every_proxy_has_taken_the_pools_over(self, rig: RouterRig) -> None:
        router = rig.router()
        narrow = Pools(rig.pools.stable[:1], rig.pools.candidate)
        router.arrange(narrow)
        assert [state.pools for state in router.observe()] == [narrow] * len(rig.proxies)

    def test_1_a_proxy_that_starts_while_no_caller_lives_serves_the_stable_arranged_last(self, rig: RouterRig) -> None:
        rig.router().arrange(Pools(rig.pools.candidate))
        rig.stop_proxy(rig.proxies[0])
        rig.crash()
        rig.start_proxy(rig.proxies[0])
        assert rig.serve(MANY) == Served(candidate=MANY)

    def test_1_a_proxy_that_was_away_while_it_was_arranged_starts_with_it(self, rig: RouterRig) -> None:
        router = rig.router()
        rig.stop_proxy(rig.proxies[0])
        router.arrange(Pools(rig.pools.candidate))
        rig.start_proxy(rig.proxies[0])
        assert rig.serve(MANY) == Served(candidate=MANY)

    def test_1_arranging_the_same_again_changes_nothing(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        before = router.observe()
        router.arrange(rig.pools)
        assert router.observe() == before

    def test_1_arranging_changes_no_exposure(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        router.arrange(Pools(rig.pools.stable[:1], rig.pools.candidate))
        assert {state.exposure for state in router.observe()} == {HALF}

    def test_1_arranging_costs_no_request(self, rig: RouterRig) -> None:
        router = rig.router()
        with ThreadPoolExecutor(1) as beside:
            traffic = beside.submit(rig.serve, 5 * MANY)
            for _ in range(3):
                router.arrange(Pools(rig.pools.stable[:1], rig.pools.candidate))
                router.arrange(Pools(rig.pools.candidate, rig.pools.stable))
                router.arrange(rig.pools)
            served = traffic.result()
        assert served.failed == 0

    def test_1_completion_costs_no_request_and_leaves_all_with_what_was_the_candidate(self, rig: RouterRig) -> None:
        router = rig.router()
        with ThreadPoolExecutor(1) as beside:
            traffic = beside.submit(rig.serve, MANY)
            router.hold(HALF)
            router.arrange(Pools(rig.pools.candidate))
            router.withdraw()
            served = traffic.result()
        after = rig.serve(MANY)
        assert served.failed == 0, served
        assert after == Served(candidate=MANY), after


class _Holding:
    """Clauses 2 and 3."""

    def test_2_a_share_reaches_the_candidate(self, rig: RouterRig) -> None:
        router, parts = rig.router(), []
        for _ in range(_PARTS):  # each within one lease, also where the machine is busy
            router.hold(HALF)
            parts.append(rig.serve(MANY // _PARTS))
        assert not any(part.failed for part in parts)
        assert MANY // 4 < sum(part.candidate for part in parts) < 3 * MANY // 4

    def test_2_every_connected_proxy_confirms(self, rig: RouterRig) -> None:
        assert rig.router().hold(TENTH) == Held(rig.proxies)

    def test_2_a_lower_share_takes_back(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(Exposure(9_000))
        router.hold(TENTH)
        assert rig.serve(MANY).candidate < MANY // 4

    def test_2_what_is_not_held_again_ends_with_its_lease(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        assert after_lease(rig, router) == Served(stable=MANY)

    def test_2_what_is_held_again_in_time_goes_on(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        for _ in range(6):
            rig.wait(router.ttl / 3)
            router.hold(HALF)
        assert rig.serve(MANY).candidate > MANY // 4

    def test_2_changing_the_share_costs_no_request(self, rig: RouterRig) -> None:
        router = rig.router()
        with ThreadPoolExecutor(1) as beside:
            traffic = beside.submit(rig.serve, 2 * MANY)
            for share in (100, 500, 2_500, 5_000, 10_000, 0):
                router.hold(Exposure(share))
            served = traffic.result()
        assert served.failed == 0

    def test_2_holding_nothing_exposes_nothing(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        router.hold(UNEXPOSED)
        assert rig.serve(MANY) == Served(stable=MANY)

    def test_3_a_proxy_that_refuses_is_rejected(self, rig: RouterRig) -> None:
        with pytest.raises(Rejected) as refused:
            rig.refused().hold(HALF)
        assert (refused.value.code, bool(refused.value.next_step)) == ("router.refused", True)

    def test_3_nothing_stays_exposed_that_was_refused(self, rig: RouterRig) -> None:
        router = rig.refused()
        with pytest.raises(Rejected):
            router.hold(HALF)
        assert after_lease(rig, router) == Served(stable=MANY)

    def test_3_without_any_proxy_it_is_unavailable(self, rig: RouterRig) -> None:
        router = rig.router()
        for proxy in rig.proxies:
            rig.stop_proxy(proxy)
        with pytest.raises(Unavailable) as missing:
            router.hold(HALF)
        assert (missing.value.code, bool(missing.value.next_step)) == ("router.no_proxy", True)

    def test_3_a_proxy_that_does_not_confirm_is_unavailable(self, rig: RouterRig) -> None:
        with pytest.raises(Unavailable) as silent:
            rig.unconfirmed().hold(HALF)
        assert (silent.value.code, bool(silent.value.next_step)) == ("router.unconfirmed", True)

    def test_3_what_is_held_on_goes_on_for_the_others_when_one_falls_silent(self, rig: RouterRig) -> None:
        router = rig.unconfirmed(HALF)
        held = router.hold(HALF)
        exposures = [state.exposure for state in router.observe() if state.is_up]
        assert (len(held.confirmed), len(held.absent), exposures) == (len(rig.proxies) - 1, 1, [HALF])

    def test_3_who_fell_silent_is_waited_for_when_something_else_is_held(self, rig: RouterRig) -> None:
        with pytest.raises(Unavailable) as silent:
            rig.unconfirmed(TENTH).hold(HALF)
        assert silent.value.code == "router.unconfirmed"


class _Ending:
    """Clauses 4 and 5."""

    def test_4_withdrawing_ends_all_exposure_at_once(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(Exposure(10_000))
        held = router.withdraw()
        assert (held, rig.serve(MANY)) == (Held(rig.proxies), Served(stable=MANY))

    def test_4_withdrawing_fails_for_no_absent_proxy(self, rig: RouterRig) -> None:
        router = rig.router()
        for proxy in rig.proxies:
            rig.stop_proxy(proxy)
        assert router.withdraw() == Held((), rig.proxies)

    def test_4_withdrawing_fails_for_no_silent_proxy(self, rig: RouterRig) -> None:
        assert set(rig.unconfirmed().withdraw().confirmed) < set(rig.proxies)

    def test_4_withdrawing_what_was_never_held_changes_nothing(self, rig: RouterRig) -> None:
        router = rig.router()
        router.withdraw()
        assert router.withdraw() == Held(rig.proxies)

    def test_5_a_caller_that_was_killed_exposes_nothing_after_its_lease(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(Exposure(10_000))
        rig.crash()
        assert after_lease(rig, router) == Served(stable=MANY)

    def test_5_a_router_built_anew_does_not_renew_what_was_held(self, rig: RouterRig) -> None:
        rig.router().hold(HALF)
        assert after_lease(rig, rig.router()) == Served(stable=MANY)

    def test_5_what_lapsed_does_not_come_back_with_a_new_router(self, rig: RouterRig) -> None:
        before = rig.router()
        before.hold(HALF)
        rig.crash()
        after_lease(rig, before)
        rig.router()
        rig.wait(MOMENT)
        assert rig.serve(MANY) == Served(stable=MANY)

    def test_5_a_proxy_that_connects_to_a_new_router_serves_stable(self, rig: RouterRig) -> None:
        rig.router().hold(HALF)
        rig.crash()
        for proxy in rig.proxies:
            rig.stop_proxy(proxy)
        for proxy in rig.proxies:
            rig.start_proxy(proxy)
        rig.router()
        assert rig.serve(MANY) == Served(stable=MANY)


class RouterContract(_Arranging, _Holding, _Ending, Inviting, Sticking, Accompanying):
    """Every test takes the fixture `rig`, which the subclass gives. Here: clauses 6 to 9."""

    def test_6_a_proxy_that_is_not_connected_is_absent_and_no_fault(self, rig: RouterRig) -> None:
        router = rig.router()
        rig.stop_proxy(rig.proxies[0])
        assert router.hold(HALF) == Held(rig.proxies[1:], rig.proxies[:1])

    def test_6_a_proxy_that_comes_back_takes_part_again(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        rig.stop_proxy(rig.proxies[0])
        router.hold(HALF)
        rig.start_proxy(rig.proxies[0])
        assert until_all_hold(rig, router, HALF) == Held(rig.proxies)
        assert rig.serve(MANY).candidate > MANY // 4

    def test_7_a_candidate_that_dies_costs_no_request(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        rig.serve(MANY)
        rig.kill_candidate()
        assert rig.serve(MANY) == Served(stable=MANY)

    def test_8_it_sees_what_every_proxy_serves(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(TENTH)
        assert router.observe() == tuple(
            ProxyState(proxy, is_up=True, exposure=TENTH, pools=rig.pools) for proxy in rig.proxies
        )

    def test_8_it_sees_that_a_lease_has_ended(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(TENTH)
        after_lease(rig, router)
        assert {state.exposure for state in router.observe()} == {UNEXPOSED}

    def test_8_a_router_built_anew_sees_what_was_arranged(self, rig: RouterRig) -> None:
        rig.router().hold(UNEXPOSED)
        assert rig.router().observe() == tuple(
            ProxyState(proxy, is_up=True, exposure=UNEXPOSED, pools=rig.pools) for proxy in rig.proxies
        )

    def test_8_a_proxy_that_does_not_answer_is_not_up(self, rig: RouterRig) -> None:
        router = rig.router()
        rig.stop_proxy(rig.proxies[0])
        assert router.observe()[0] == ProxyState(rig.proxies[0], is_up=False)

    def test_9_observing_ends_also_when_a_proxy_does_not_answer(self, rig: RouterRig) -> None:
        assert tuple(state.proxy for state in rig.unconfirmed().observe()) == rig.proxies

    def test_closing_withdraws(self, rig: RouterRig) -> None:
        router = rig.router()
        router.hold(HALF)
        router.close()
        assert rig.serve(MANY) == Served(stable=MANY)

    def test_closing_may_be_repeated(self, rig: RouterRig) -> None:
        router = rig.router()
        router.close()
        router.close()
        assert rig.serve(MANY) == Served(stable=MANY)
