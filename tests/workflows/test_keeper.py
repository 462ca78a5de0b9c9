# SPDX-License-Identifier: Apache-2.0
"""The keeper: what is held again in time stays, everything else ends, and nobody waits for a router that is silent.

Time is set by hand. Where threads meet they wait for each other by events, never by the clock.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from interlock.adapters.clock import MemoryClock
from interlock.adapters.router.memory import Manner, MemoryRouter
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Capability, Held, Pools, ProxyState, TrafficRouter
from interlock.workflows.keeper import PATIENCE, RENEWALS, Keeper, Place, Sighting

BEGINNING: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE: Final[Place] = (ServiceName("app"), EnvironmentName("production"))
THERE: Final[Place] = (ServiceName("shop"), EnvironmentName("production"))
TENTH: Final = Exposure(1_000)
HALF: Final = Exposure(5_000)
LONG: Final = 20.0
"""Seconds after which a thread that was to come is given up."""


@dataclass(slots=True)
class Scene:
    """A keeper, the time, and the proxies of two places."""

    clock: MemoryClock = field(default_factory=lambda: MemoryClock(BEGINNING))
    keeper: Keeper = field(init=False)
    here: MemoryRouter = field(init=False)
    there: MemoryRouter = field(init=False)

    def __post_init__(self) -> None:
        self.here, self.there = (MemoryRouter(self.clock.now) for _ in range(2))
        self.keeper = Keeper("one", self.seconds)

    def seconds(self) -> float:
        return (self.clock.now() - BEGINNING).total_seconds()

    def hold(self, exposure: Exposure = TENTH, router: TrafficRouter | None = None, place: Place = HERE) -> Held:
        """Expose there under the name of now."""
        return self.keeper.hold(place, router or self.here, exposure, self.keeper.holder(place))

    def wait(self, seconds: float) -> None:
        """Time passes for everybody."""
        self.clock.advance(timedelta(seconds=seconds))

    def works_for(self, seconds: int) -> None:
        """The controller comes through, and what is due is held again."""
        for _ in range(seconds):
            self.wait(1)
            self.keeper.works()
            self.keeper.renew()


@dataclass(slots=True)
class Gated:
    """A router that is asked to hold and does not come back before `go`: its proxies are silent that long."""

    router: MemoryRouter
    go: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    closed: bool = False

    @property
    def ttl(self) -> timedelta:
        return self.router.ttl

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.router.capabilities

    def arrange(self, pools: Pools) -> None:
        self.router.arrange(pools)

    def hold(self, exposure: Exposure) -> Held:
        if self.closed:
            self.asked.set()
            assert self.go.wait(LONG)
        return self.router.hold(exposure)

    def withdraw(self) -> Held:
        return self.router.withdraw()

    def observe(self) -> tuple[ProxyState, ...]:
        return self.router.observe()

    def close(self) -> None:
        self.router.close()


@dataclass(slots=True)
class Deaf(Gated):
    """A router that breaks its contract: it fails to let go."""

    def withdraw(self) -> Held:
        raise Unavailable("router.broken", "it does not answer", "see its log")


@dataclass(slots=True)
class Telling(Gated):
    """A router that tells when it holds and when it lets go."""

    held: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def hold(self, exposure: Exposure) -> Held:
        answer = self.router.hold(exposure)
        self.held.set()
        return answer

    def withdraw(self) -> Held:
        answer = self.router.withdraw()
        self.ended.set()
        return answer


@pytest.fixture
def scene() -> Scene:
    return Scene()


@contextmanager
def _meanwhile(one: Callable[[], object]) -> Iterator[Future[object]]:
    with ThreadPoolExecutor(1) as hand:
        yield hand.submit(one)


def test_nothing_was_seen_of_proxies_that_nothing_was_held_at(scene: Scene) -> None:
    assert scene.keeper.sighting(HERE) == Sighting()


def test_what_is_seen_of_the_proxies_is_what_they_said_when_it_was_held_last(scene: Scene) -> None:
    scene.hold()
    assert scene.keeper.sighting(HERE) == Sighting("one.0", ("memory",))
    scene.here.world.behave(Manner.AWAY)
    scene.works_for(1)
    assert scene.keeper.sighting(HERE) == Sighting("one.0", (), ("memory",))
    scene.here.world.behave(Manner.TAKES)
    scene.works_for(1)
    assert scene.keeper.sighting(HERE) == Sighting("one.0", ("memory",))


def test_a_proxy_that_does_not_confirm_is_not_called_missing(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.MUTE)
    scene.works_for(2)
    assert scene.keeper.sighting(HERE) == Sighting("one.0", ("memory",))


def test_what_was_seen_outlives_the_loss_under_the_name_of_who_saw_it(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.AWAY)
    scene.works_for(9)
    assert (scene.keeper.sighting(HERE).holder, scene.keeper.holder(HERE)) == ("one.0", "one.1")


def test_what_is_held_is_exposed_and_who_confirmed_is_told(scene: Scene) -> None:
    assert scene.hold().confirmed == ("memory",)
    assert scene.here.exposure_now() == TENTH


def test_what_is_held_again_in_time_stays_exposed_under_one_name(scene: Scene) -> None:
    scene.hold()
    scene.works_for(60)
    assert (scene.here.exposure_now(), scene.keeper.holder(HERE)) == (TENTH, "one.0")


def test_nothing_is_held_again_before_it_is_due(scene: Scene) -> None:
    scene.hold()
    scene.wait(scene.here.ttl.total_seconds() / RENEWALS - 0.1)
    scene.keeper.renew()
    assert scene.here.world.pushes() == 1


def test_it_is_held_again_once_a_third_of_its_time_is_over(scene: Scene) -> None:
    scene.hold()
    scene.wait(scene.here.ttl.total_seconds() / RENEWALS)
    scene.keeper.renew()
    assert scene.here.world.pushes() == 2


def test_i9_what_was_not_held_again_in_time_gets_a_new_holders_name(scene: Scene) -> None:
    scene.hold()
    scene.wait(3)
    assert scene.keeper.holder(HERE) == "one.1"


def test_i9_only_the_place_that_was_lost_gets_a_new_holders_name(scene: Scene) -> None:
    scene.hold()
    scene.wait(3)
    scene.hold(router=scene.there, place=THERE)
    assert (scene.keeper.holder(HERE), scene.keeper.holder(THERE)) == ("one.1", "one.0")


def test_asking_twice_for_the_name_counts_a_loss_once(scene: Scene) -> None:
    scene.hold()
    scene.wait(3)
    scene.keeper.holder(HERE)
    assert scene.keeper.holder(HERE) == "one.1"


def test_what_is_lost_is_let_go_of_even_when_the_proxies_still_have_it(scene: Scene) -> None:
    slow = MemoryRouter(scene.clock.now, ttl=timedelta(seconds=5), world=scene.here.world)
    scene.hold()
    slow.hold(TENTH)
    scene.wait(3)
    scene.keeper.renew()
    assert scene.here.exposure_now() == UNEXPOSED


def test_i9_a_hold_after_a_gap_is_refused(scene: Scene) -> None:
    name = scene.keeper.holder(HERE)
    scene.keeper.hold(HERE, scene.here, TENTH, name)
    scene.wait(3600)
    with pytest.raises(Unavailable) as late:
        scene.keeper.hold(HERE, scene.here, HALF, name)
    assert (late.value.code, scene.here.exposure_now()) == ("router.lease_lost", UNEXPOSED)


def test_i9_a_hold_under_a_name_that_was_lost_since_it_was_told_to_the_ledger_is_refused(scene: Scene) -> None:
    scene.hold()
    name = scene.keeper.holder(HERE)
    scene.wait(3600)
    scene.keeper.renew()
    with pytest.raises(Unavailable) as late:
        scene.keeper.hold(HERE, scene.here, HALF, name)
    assert (late.value.code, scene.here.exposure_now()) == ("router.lease_lost", UNEXPOSED)


def test_i9_a_process_that_was_stopped_does_not_hold_again_what_ran_out(scene: Scene) -> None:
    scene.hold()
    scene.wait(3)
    scene.keeper.works()
    scene.keeper.renew()
    assert (scene.here.world.pushes(), scene.keeper.leases) == (1, {})


def test_after_a_loss_it_may_be_held_under_the_new_name(scene: Scene) -> None:
    scene.hold()
    scene.wait(3)
    scene.hold(HALF)
    assert (scene.here.exposure_now(), scene.keeper.holder(HERE)) == (HALF, "one.1")


def test_a_controller_that_hangs_lets_go(scene: Scene) -> None:
    scene.hold()
    for _ in range(int(PATIENCE)):
        scene.wait(1)
        scene.keeper.renew()
    assert scene.here.exposure_now() == TENTH
    scene.wait(1)
    scene.keeper.renew()
    assert (scene.here.exposure_now(), scene.keeper.holder(HERE)) == (UNEXPOSED, "one.1")


def test_a_controller_that_hangs_lets_go_also_of_what_is_not_due_yet(scene: Scene) -> None:
    scene.wait(PATIENCE)
    scene.hold()
    scene.wait(0.5)
    scene.keeper.renew()
    assert scene.here.exposure_now() == UNEXPOSED


def test_withdrawing_ends_it_and_loses_nothing(scene: Scene) -> None:
    scene.hold()
    scene.keeper.withdraw(HERE, scene.here)
    scene.works_for(5)
    assert (scene.here.exposure_now(), scene.keeper.holder(HERE)) == (UNEXPOSED, "one.0")


def test_what_nobody_holds_may_be_withdrawn(scene: Scene) -> None:
    scene.here.hold(TENTH)
    scene.keeper.withdraw(HERE, scene.here)
    assert scene.here.exposure_now() == UNEXPOSED


def test_a_first_exposure_that_is_not_confirmed_is_not_held(scene: Scene) -> None:
    scene.here.world.behave(Manner.MUTE)
    with pytest.raises(Unavailable):
        scene.hold()
    assert (scene.keeper.leases, scene.keeper.holder(HERE)) == ({}, "one.0")


def test_a_rise_that_is_not_confirmed_leaves_what_was_held(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.MUTE)
    with pytest.raises(Unavailable):
        scene.hold(HALF)
    scene.here.world.behave(Manner.TAKES)
    scene.works_for(5)
    assert (scene.here.exposure_now(), scene.keeper.holder(HERE)) == (TENTH, "one.0")


def test_i9_a_rise_that_is_not_confirmed_for_long_is_a_loss_and_not_a_pause(scene: Scene) -> None:
    name = scene.keeper.holder(HERE)
    scene.hold()
    scene.here.world.behave(Manner.MUTE)
    with pytest.raises(Unavailable):
        scene.hold(HALF)
    scene.works_for(3)
    scene.here.world.behave(Manner.TAKES)
    with pytest.raises(Unavailable) as late:
        scene.keeper.hold(HERE, scene.here, HALF, name)
    assert late.value.code == "router.lease_lost"


def test_proxies_that_are_silent_for_a_moment_cost_nothing(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.MUTE)
    scene.works_for(2)
    scene.here.world.behave(Manner.TAKES)
    scene.keeper.renew()
    scene.works_for(2)
    assert (scene.here.exposure_now(), scene.keeper.holder(HERE)) == (TENTH, "one.0")


def test_proxies_that_stay_silent_cost_the_exposure(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.MUTE)
    scene.works_for(3)
    assert (scene.keeper.leases, scene.keeper.holder(HERE)) == ({}, "one.1")


def test_what_is_refused_when_it_is_held_again_is_lost_and_not_pushed_once_more(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.REFUSES)
    scene.works_for(5)
    assert (scene.here.world.pushes(), scene.here.exposure_now()) == (2, UNEXPOSED)
    assert scene.keeper.holder(HERE) == "one.1"


def test_a_refused_rise_is_raised_as_it_is(scene: Scene) -> None:
    scene.hold()
    scene.here.world.behave(Manner.REFUSES)
    with pytest.raises(Rejected) as refused:
        scene.hold(HALF)
    assert refused.value.code == "router.refused"


def test_a_router_that_cannot_let_go_stops_nobody(scene: Scene) -> None:
    scene.hold(router=Deaf(scene.here))
    scene.hold(router=scene.there, place=THERE)
    scene.wait(3)
    scene.keeper.renew()
    assert (scene.keeper.leases, scene.there.exposure_now()) == ({}, UNEXPOSED)


def test_releasing_lets_go_of_everything(scene: Scene) -> None:
    scene.hold()
    scene.hold(HALF, scene.there, THERE)
    scene.keeper.release()
    assert (scene.here.exposure_now(), scene.there.exposure_now(), scene.keeper.leases) == (UNEXPOSED, UNEXPOSED, {})


def test_releasing_lets_go_of_the_rest_when_one_router_cannot(scene: Scene) -> None:
    scene.hold(router=Deaf(scene.here))
    scene.hold(HALF, scene.there, THERE)
    scene.keeper.release()
    assert scene.there.exposure_now() == UNEXPOSED


def test_whoever_lets_go_does_not_wait_for_whoever_holds(scene: Scene) -> None:
    gated = Gated(scene.here)
    scene.hold(router=gated)
    gated.closed = True
    scene.wait(1)
    with _meanwhile(scene.keeper.renew) as renewing:
        assert gated.asked.wait(LONG)
        scene.keeper.withdraw(HERE, gated)
        assert (scene.here.exposure_now(), renewing.done()) == (UNEXPOSED, False)
        gated.go.set()


def test_what_comes_back_from_holding_what_was_withdrawn_meanwhile_lets_go_of_it(scene: Scene) -> None:
    gated = Gated(scene.here)
    scene.hold(router=gated)
    gated.closed = True
    scene.wait(1)
    with _meanwhile(scene.keeper.renew) as renewing:
        assert gated.asked.wait(LONG)
        scene.keeper.withdraw(HERE, gated)
        gated.go.set()
        renewing.result(LONG)
    assert (scene.here.world.pushes(), scene.here.exposure_now(), scene.keeper.leases) == (2, UNEXPOSED, {})


def test_a_rise_during_which_somebody_lets_go_is_refused(scene: Scene) -> None:
    gated = Gated(scene.here, closed=True)
    with _meanwhile(lambda: scene.hold(HALF, gated)) as rising:
        assert gated.asked.wait(LONG)
        scene.keeper.withdraw(HERE, gated)
        gated.go.set()
        refused = rising.exception(LONG)
    assert isinstance(refused, Unavailable)
    assert (refused.code, scene.here.exposure_now()) == ("router.withdrawn", UNEXPOSED)


def test_the_name_is_told_while_a_router_does_not_answer(scene: Scene) -> None:
    gated = Gated(scene.here)
    scene.hold(router=gated)
    gated.closed = True
    scene.wait(1)
    with _meanwhile(scene.keeper.renew) as renewing:
        assert gated.asked.wait(LONG)
        assert (scene.keeper.holder(HERE), renewing.done()) == ("one.0", False)
        gated.go.set()


def test_i9_what_runs_out_while_its_router_does_not_answer_is_lost(scene: Scene) -> None:
    gated = Gated(scene.here)
    scene.hold(router=gated)
    gated.closed = True
    scene.wait(1)
    with _meanwhile(scene.keeper.renew) as renewing:
        assert gated.asked.wait(LONG)
        scene.wait(2)
        assert (scene.keeper.holder(HERE), renewing.done()) == ("one.1", False)
        gated.go.set()
    assert scene.here.exposure_now() == UNEXPOSED


def test_nothing_is_held_again_while_a_rise_is_under_way(scene: Scene) -> None:
    gated = Gated(scene.here)
    scene.hold(router=gated)
    gated.closed = True
    scene.wait(1)
    with _meanwhile(lambda: scene.hold(HALF, gated)) as rising:
        assert gated.asked.wait(LONG)
        scene.keeper.renew()
        assert scene.here.world.pushes() == 1
        gated.go.set()
        rising.result(LONG)
    assert scene.here.exposure_now() == HALF


def test_two_threads_never_hold_in_one_place_at_once(scene: Scene) -> None:
    gated = Gated(scene.here, closed=True)
    second = Telling(scene.here)
    with _meanwhile(lambda: scene.hold(HALF, gated)) as first, _meanwhile(lambda: scene.hold(TENTH, second)) as then:
        assert gated.asked.wait(LONG)
        assert not second.held.is_set()
        gated.go.set()
        first.result(LONG)
        then.result(LONG)
    assert scene.here.exposure_now() == TENTH


def test_while_keeping_what_is_due_is_held_again(scene: Scene) -> None:
    telling = Telling(scene.here)
    scene.hold(router=telling)
    telling.held.clear()
    with scene.keeper.keeping():
        scene.wait(1)
        assert telling.held.wait(LONG)


def test_while_keeping_a_router_that_does_not_answer_costs_the_others_nothing(scene: Scene) -> None:
    gated, telling = Gated(scene.here), Telling(scene.there)
    scene.hold(router=gated)
    scene.hold(router=telling, place=THERE)
    telling.held.clear()
    gated.closed = True
    with scene.keeper.keeping():
        scene.wait(1)
        assert gated.asked.wait(LONG)
        assert telling.held.wait(LONG)
        gated.go.set()


def test_while_keeping_a_controller_that_hangs_lets_go(scene: Scene) -> None:
    telling = Telling(scene.here)
    with scene.keeper.keeping():
        scene.wait(PATIENCE)
        scene.hold(router=telling)
        scene.wait(1)
        assert telling.ended.wait(LONG)
    assert scene.keeper.losses == {HERE: 1}


def test_after_keeping_nothing_is_exposed(scene: Scene) -> None:
    with scene.keeper.keeping():
        scene.hold()
        scene.hold(HALF, scene.there, THERE)
    assert (scene.here.exposure_now(), scene.there.exposure_now()) == (UNEXPOSED, UNEXPOSED)


def test_after_keeping_nothing_is_exposed_even_when_the_controller_falls(scene: Scene) -> None:
    def falls() -> None:
        with scene.keeper.keeping():
            scene.hold()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        falls()
    assert scene.here.exposure_now() == UNEXPOSED


def test_after_keeping_what_is_released_first_is_not_exposed_again_by_a_router_that_answers_late(scene: Scene) -> None:
    gated = Gated(scene.here)
    scene.hold(router=gated)
    gated.closed = True
    with scene.keeper.keeping():
        scene.wait(1)
        assert gated.asked.wait(LONG)
        threading.Timer(0.1, gated.go.set).start()
    assert (scene.here.exposure_now(), scene.keeper.leases) == (UNEXPOSED, {})


def test_many_threads_leave_no_exposure_that_nobody_keeps(scene: Scene) -> None:
    routers = {(ServiceName(f"s{at}"), HERE[1]): MemoryRouter(scene.clock.now) for at in range(20)}

    def expose_and_end(place: Place) -> None:
        for _ in range(50):
            scene.hold(HALF, routers[place], place)
            scene.keeper.renew()
            scene.keeper.withdraw(place, routers[place])

    with ThreadPoolExecutor(8) as hands:
        for done in [hands.submit(expose_and_end, place) for place in routers]:
            done.result(LONG * 3)
    assert (scene.keeper.leases, {router.exposure_now() for router in routers.values()}) == ({}, {UNEXPOSED})


def test_what_is_dropped_is_withdrawn_from_the_router_that_held_it() -> None:
    scene = Scene()
    scene.hold(HALF)
    scene.keeper.drop(HERE)
    scene.keeper.drop(HERE)
    assert scene.here.exposure_now() == UNEXPOSED
    assert HERE not in scene.keeper.leases
