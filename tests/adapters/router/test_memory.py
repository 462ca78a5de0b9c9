# SPDX-License-Identifier: Apache-2.0
"""The simulated router passes the kit and behaves as it was told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from interlock.adapters.clock import MemoryClock
from interlock.adapters.router.memory import Manner, MemoryRouter, RouterWorld
from interlock.domain.traffic import UNEXPOSED, WHOLE, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import NOBODY, Capability, Carrier, Endpoint, Pools, TrafficRouter, UserKey
from interlock.testing.contracts.router import RouterContract
from interlock.testing.contracts.router_rig import HALF, NO_HEADERS, TENTH, TESTERS, Served

POOLS = Pools((Endpoint("127.0.0.1", 8001), Endpoint("127.0.0.1", 8002)), (Endpoint("127.0.0.1", 8003),))


def at_nine() -> MemoryClock:
    return MemoryClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


class MemoryRig:
    """Requests are not sent but drawn: every n-th of them is the candidate's."""

    proxies = ("east", "west")
    pools = POOLS
    baseline = (Endpoint("127.0.0.1", 8004),)

    def __init__(self, users: UserKey = NOBODY) -> None:
        self.users = users
        self.clock = at_nine()
        self.world = RouterWorld()
        self.stopped: set[str] = set()
        self.dead = frozenset[Endpoint]()
        self.router().arrange(POOLS)

    def router(self) -> TrafficRouter:
        return MemoryRouter(self.clock.now, proxies=self.proxies, world=self.world, users=self.users)

    def crash(self) -> None:
        """Nothing in a value dies with its caller."""

    def refused(self) -> TrafficRouter:
        self.world.behave(Manner.REFUSES)
        return self.router()

    def unconfirmed(self, held: Exposure = UNEXPOSED) -> TrafficRouter:
        router = self.router()
        if held != UNEXPOSED:
            router.hold(held)
        self.world.behave(Manner.MUTE, "east")
        return router

    def serve(self, requests: int, headers: Mapping[str, str] = NO_HEADERS) -> Served:
        running = [proxy for proxy in self.proxies if proxy not in self.stopped]
        arms = [self._served(running[at % len(running)], at // len(running), headers) for at in range(requests)]
        return Served(arms.count("stable"), arms.count("candidate"), baseline=arms.count("baseline"))

    def user(self, name: str) -> Mapping[str, str]:
        if self.users.carrier is Carrier.HEADER:
            return {self.users.name.lower(): name}
        return {"cookie": f"theme=dark; {self.users.name or 'session'}={name}; seen=1"}

    def _served(self, proxy: str, at: int, headers: Mapping[str, str]) -> str:
        state = self.world.proxies[proxy]
        drawn = self.clock.now(), headers, at * 6181 % WHOLE
        asked = state.pools.baseline if state.gives_baseline(*drawn) else ()
        asked = state.pools.candidate if state.gives_candidate(*drawn) else asked
        endpoint = ([at for at in asked if at not in self.dead] or state.pools.stable)[0]
        names = {**dict.fromkeys(POOLS.candidate, "candidate"), **dict.fromkeys(self.baseline, "baseline")}
        return names.get(endpoint, "stable")

    def stop_proxy(self, proxy: str) -> None:
        self.stopped.add(proxy)
        self.world.behave(Manner.AWAY, proxy)

    def start_proxy(self, proxy: str) -> None:
        self.stopped.discard(proxy)
        self.world.restart(proxy)

    def kill_candidate(self) -> None:
        self.dead = frozenset(POOLS.candidate)

    def kill_baseline(self) -> None:
        self.dead = frozenset(self.baseline)

    def wait(self, span: timedelta) -> None:
        self.clock.advance(span)


class TestMemoryRouter(RouterContract):
    @pytest.fixture(params=[NOBODY, UserKey(Carrier.COOKIE, "session"), UserKey(Carrier.HEADER, "X-User")], ids=str)
    def rig(self, request: pytest.FixtureRequest) -> MemoryRig:
        return MemoryRig(request.param)


def test_one_proxy_is_there_without_being_named() -> None:
    router = MemoryRouter(at_nine().now)
    assert router.hold(HALF).confirmed == ("memory",)


def test_the_exposure_in_effect_lasts_as_long_as_its_lease() -> None:
    clock = at_nine()
    router = MemoryRouter(clock.now)
    router.hold(HALF)
    seen = [router.exposure_now()]
    for _ in range(2):
        clock.advance(timedelta(seconds=1.5))
        seen.append(router.exposure_now())
    assert seen == [HALF, HALF, UNEXPOSED]


def test_the_exposure_in_effect_is_where_it_is_highest() -> None:
    world = RouterWorld()
    clock = at_nine()
    MemoryRouter(clock.now, proxies=("east",), world=world).hold(TENTH)
    MemoryRouter(clock.now, proxies=("west",), world=world).hold(HALF)
    assert MemoryRouter(clock.now, proxies=("east", "west"), world=world).exposure_now() == HALF


def test_the_exposure_in_effect_outlives_the_caller_in_a_proxy_that_is_cut_off() -> None:
    world = RouterWorld()
    router = MemoryRouter(at_nine().now, world=world)
    router.hold(HALF)
    world.behave(Manner.AWAY)
    router.withdraw()
    assert router.exposure_now() == HALF


def test_pushes_are_counted_also_when_they_are_refused() -> None:
    world = RouterWorld()
    router = MemoryRouter(at_nine().now, proxies=("east", "west"), world=world)
    router.hold(HALF)
    world.behave(Manner.REFUSES, "west")
    with pytest.raises(Rejected, match="west refused"):
        router.hold(Exposure(WHOLE))
    assert (world.pushes(), router.exposure_now()) == (4, Exposure(WHOLE))


def test_a_proxy_that_refuses_keeps_what_it_had_until_its_lease_ends() -> None:
    clock = at_nine()
    world = RouterWorld()
    router = MemoryRouter(clock.now, world=world)
    router.hold(TENTH)
    world.behave(Manner.REFUSES)
    with pytest.raises(Rejected):
        router.hold(HALF)
    before = router.exposure_now()
    clock.advance(router.ttl)
    assert (before, router.exposure_now()) == (TENTH, UNEXPOSED)


def test_arrangements_are_written_down_in_order() -> None:
    world = RouterWorld()
    router = MemoryRouter(at_nine().now, world=world)
    router.arrange(POOLS)
    router.arrange(Pools(POOLS.candidate))
    assert world.arranged == [POOLS, Pools(POOLS.candidate)]


def test_a_mute_proxy_does_not_take_an_arrangement_over() -> None:
    world = RouterWorld()
    router = MemoryRouter(at_nine().now, world=world)
    world.behave(Manner.MUTE)
    with pytest.raises(Unavailable, match="memory did not confirm"):
        router.arrange(POOLS)
    assert world.proxies["memory"].pools == Pools(())


def test_a_router_without_cohorts_refuses_one() -> None:
    router = MemoryRouter(at_nine().now, capabilities=frozenset())
    with pytest.raises(Rejected) as refused:
        router.hold(TESTERS)
    assert refused.value.code == "router.cohorts"


def test_a_router_without_a_third_pool_refuses_one_and_its_share() -> None:
    router = MemoryRouter(at_nine().now, capabilities=frozenset())
    for attempt in (
        lambda: router.hold(Exposure(1, baseline=1)),
        lambda: router.arrange(Pools((), (), MemoryRig.baseline)),
    ):
        with pytest.raises(Rejected) as refused:
            attempt()
        assert refused.value.code == "router.no_baseline"


def test_a_router_that_was_told_how_users_are_known_says_that_they_stay() -> None:
    told = MemoryRouter(at_nine().now, users=UserKey(Carrier.COOKIE, "session"))
    untold = MemoryRouter(at_nine().now)
    assert [Capability.STICKY in router.capabilities for router in (told, untold)] == [True, False]
