# SPDX-License-Identifier: Apache-2.0
"""A route with two proxies, one or both of which are not connected; and two controllers that both believe in theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest
from tests.workflows.rolled import rolled

from interlock.adapters.router.memory import TTL, Manner, MemoryRouter, RouterWorld
from interlock.domain.ids import EnvironmentName, PromotionId, RollbackId
from interlock.domain.promotion import AbortPromotion, Cause, Promotion, PromotionPhase
from interlock.domain.rollback import Rollback, RollbackPhase
from interlock.domain.rollout import Rollout, rollout_stream
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ledger.command import CommandRecord
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Capability, Held, Pools, ProxyState
from interlock.testing.scenario import Passed, load_scenario, perform
from interlock.testing.stage import SERVICE
from interlock.testing.traffic import TrafficWorld
from interlock.testing.world import SimulatedWorkshop, World
from interlock.workflows.controller import Controller
from interlock.workflows.keeper import Keeper, Place

PACK: Final = rolled("edges", hold=3, bake=6)
PROMOTED: Final = b"""
scenario: promoted
given: {people: {ann: [developer], cat: [release-manager]}}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: production, by: ann}
"""
PLACE: Final[Place] = (SERVICE, EnvironmentName("production"))
PROMOTION: Final = PromotionId("app:v2/production/1")
EDGES: Final = ("edge-1", "edge-2")
TENTH: Final = Exposure(1_000)
LONG: Final = timedelta(minutes=5)
"""Far longer than anybody is given to see again."""


@dataclass(slots=True)
class Edges(TrafficWorld):
    """Traffic behind two proxies."""

    def router(self, place: Place) -> MemoryRouter:
        return MemoryRouter(self.clock, proxies=EDGES, world=self.routers.setdefault(place, RouterWorld()))


@dataclass(slots=True)
class Site:
    """1.0 is live behind two proxies, and 2.0 was promoted."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.world.traffic = Edges(self.world.moments.now, self.world.deploys)
        self.proxies(Manner.TAKES)

    def promote(self) -> None:
        rules, loaded = load_pack("pack.yaml", PACK), load_scenario("promoted", PROMOTED)
        assert isinstance(rules, Pack)
        assert not isinstance(loaded, Problems)
        assert isinstance(perform(loaded, PACK, rules, self.world, self.world), Passed)

    def expose(self) -> None:
        """Promoted, and the first step is exposed."""
        self.promote()
        while self.rollout.confirmed < 0:
            self.wait(timedelta(seconds=1))
        assert (self.exposed, self.rollout.proxies) == (TENTH, EDGES)

    def proxies(self, manner: Manner, *names: str) -> None:
        self.world.traffic.router(PLACE)
        self.world.traffic.routers[PLACE].behave(manner, *names)

    def wait(self, span: timedelta) -> None:
        self.world.work(span)

    def until(self, phase: PromotionPhase) -> None:
        for _ in range(100):
            if self.state.phase is phase:
                return
            self.wait(timedelta(seconds=1))
        raise AssertionError(self.state.phase)

    @property
    def state(self) -> Promotion:
        return self.world.desk().view().promotion(PROMOTION)

    @property
    def rollout(self) -> Rollout:
        return self.world.desk().view().rollout(PROMOTION)

    @property
    def rollback(self) -> Rollback:
        return self.world.desk().view().rollback(RollbackId(f"{PROMOTION}/back"))

    @property
    def exposed(self) -> Exposure:
        return self.world.traffic.router(PLACE).exposure_now()

    def events(self) -> list[str]:
        """What was recorded of the rollout, in order."""
        return [record.event for record in self.world.store.stream(rollout_stream(PROMOTION))]


@pytest.fixture
def site() -> Site:
    return Site()


# --- proxies that are not connected -----------------------------------------------------------------------------


@pytest.mark.parametrize("manner", [Manner.AWAY, Manner.MUTE])
def test_a_proxy_that_dies_or_hangs_in_the_middle_holds_the_next_step_until_it_is_back(
    site: Site, manner: Manner
) -> None:
    site.expose()
    site.proxies(manner, "edge-2")
    site.wait(LONG)
    assert (site.state.phase, site.exposed) == (PromotionPhase.ROLLING, TENTH)
    assert (site.rollout.step, site.rollout.proxies, site.rollout.absent) == (1, ("edge-1",), ("edge-2",))
    site.proxies(Manner.TAKES)
    site.world.settle()
    assert (site.state.phase, site.rollout.losses) == (PromotionPhase.COMPLETED, 0)


def test_a_proxy_that_is_missing_from_the_beginning_holds_the_second_step(site: Site) -> None:
    site.promote()
    site.proxies(Manner.AWAY, "edge-1")
    site.wait(LONG)
    assert (site.state.phase, site.exposed) == (PromotionPhase.ROLLING, TENTH)
    assert (site.rollout.confirmed, site.rollout.absent) == (0, ("edge-1",))


def test_which_proxies_are_connected_is_recorded_when_it_changes_and_not_again(site: Site) -> None:
    site.expose()
    assert "ProxiesSeen" not in site.events()
    for manner in (Manner.AWAY, Manner.TAKES):
        site.proxies(manner, "edge-2")
        site.wait(timedelta(seconds=5) if manner is Manner.TAKES else LONG)
    assert site.events().count("ProxiesSeen") == 2


def test_without_any_proxy_the_first_exposure_is_waited_for_and_takes_place_by_itself(site: Site) -> None:
    site.promote()
    site.proxies(Manner.AWAY)
    for _ in range(300):
        site.wait(timedelta(seconds=1))
    assert (site.state.phase, site.exposed) == (PromotionPhase.ROLLING, UNEXPOSED)
    assert (site.rollout.proxies, site.rollout.absent, site.events().count("ProxiesSeen")) == ((), EDGES, 1)
    site.proxies(Manner.TAKES)
    site.world.settle()
    assert (site.state.phase, site.rollout.losses) == (PromotionPhase.COMPLETED, 0)


def test_when_all_proxies_die_its_exposure_is_lost_and_it_begins_anew_when_one_is_back(site: Site) -> None:
    site.expose()
    site.proxies(Manner.AWAY)
    for _ in range(300):
        site.wait(timedelta(seconds=1))
    assert (site.state.phase, site.exposed) == (PromotionPhase.ROLLING, UNEXPOSED)
    assert (site.rollout.losses, site.rollout.absent) == (1, EDGES)
    site.proxies(Manner.TAKES)
    site.world.settle()
    assert (site.state.phase, site.rollout.losses) == (PromotionPhase.COMPLETED, 1)


def test_what_has_proven_itself_waits_for_a_dead_proxy_before_it_becomes_stable(site: Site) -> None:
    site.promote()
    site.until(PromotionPhase.BAKING)
    site.proxies(Manner.AWAY, "edge-2")
    site.wait(LONG)
    assert (site.state.phase, site.state.settled_by) == (PromotionPhase.SETTLING, "")
    site.proxies(Manner.TAKES)
    site.world.settle()
    assert site.state.phase is PromotionPhase.COMPLETED


def about_to_settle(site: Site) -> Controller:
    """All proxies are back, which is recorded, and nothing stands before it any more."""
    site.promote()
    site.until(PromotionPhase.BAKING)
    site.proxies(Manner.AWAY, "edge-2")
    site.wait(LONG)
    site.proxies(Manner.TAKES)
    controller = site.world.controller()
    site.world.moments.advance(timedelta(seconds=1))
    site.world.keeper().renew()
    while site.rollout.absent:
        controller.step()
        site.world.moments.advance(timedelta(seconds=1))
    return controller


def test_a_proxy_that_hangs_while_it_becomes_stable_sends_it_back(site: Site) -> None:
    controller = about_to_settle(site)
    site.proxies(Manner.MUTE, "edge-2")
    controller.step()
    assert (site.state.phase, bool(site.state.settled_by)) == (PromotionPhase.SETTLING, True)
    site.wait(timedelta(seconds=20))
    assert (site.state.phase, site.state.cause) == (PromotionPhase.RETURNED, Cause.EXPOSURE)
    assert site.state.sentence == "it was not taken over everywhere as stable: edge-2 did not confirm in time"
    assert (site.rollback.proxies, site.rollback.absent) == (("edge-1",), ("edge-2",))


def test_a_proxy_that_hangs_for_a_moment_while_it_becomes_stable_is_waited_for(site: Site) -> None:
    controller = about_to_settle(site)
    site.proxies(Manner.MUTE, "edge-2")
    controller.step()
    site.proxies(Manner.TAKES)
    site.world.settle()
    assert site.state.phase is PromotionPhase.COMPLETED


def test_what_its_keeper_saw_of_the_proxies_is_heard_before_it_becomes_stable(site: Site) -> None:
    controller = about_to_settle(site)
    site.proxies(Manner.MUTE, "edge-2")
    site.world.moments.advance(timedelta(seconds=1))
    site.world.keeper().renew()
    controller.step()
    assert (site.state.settled_by, site.rollout.absent) == ("", ("edge-2",))


def test_proxies_that_are_connected_and_do_not_confirm_still_end_it(site: Site) -> None:
    site.promote()
    site.proxies(Manner.MUTE)
    site.wait(timedelta(seconds=30))
    site.proxies(Manner.TAKES)
    site.world.settle()
    assert (site.state.phase, site.state.cause) == (PromotionPhase.RETURNED, Cause.EXPOSURE)


# --- who serves what was gone back to ---------------------------------------------------------------------------

SERVING: Final = {(): ((), EDGES), ("edge-1",): (("edge-1",), ("edge-2",)), EDGES: (EDGES, ())}


@pytest.mark.parametrize("up", SERVING)
def test_who_serves_what_it_went_back_to_is_recorded_as_the_proxies_say(site: Site, up: tuple[str, ...]) -> None:
    site.expose()
    site.proxies(Manner.AWAY)
    site.proxies(Manner.TAKES, *up) if up else None
    site.world.say("ann", AbortPromotion(PROMOTION))
    site.world.settle()
    assert (site.rollback.phase, site.rollback.proxies, site.rollback.absent) == (
        RollbackPhase.COMPLETED,
        *SERVING[up],
    )


def test_a_proxy_that_hangs_keeps_nobody_from_going_back_and_is_named(site: Site) -> None:
    site.expose()
    site.proxies(Manner.MUTE, "edge-2")
    site.world.say("ann", AbortPromotion(PROMOTION))
    site.wait(timedelta(seconds=5))
    assert site.rollback.phase is RollbackPhase.RETURNING
    site.world.settle()
    assert (site.rollback.phase, site.rollback.tries) == (RollbackPhase.COMPLETED, 0)
    assert (site.rollback.proxies, site.rollback.absent) == (("edge-1",), ("edge-2",))


def test_where_every_proxy_hangs_going_back_is_stranded_and_says_so(site: Site) -> None:
    site.expose()
    site.proxies(Manner.MUTE)
    site.world.say("ann", AbortPromotion(PROMOTION))
    site.wait(LONG)
    assert (site.rollback.phase, site.rollback.tries) == (RollbackPhase.STRANDED, 3)
    assert site.rollback.sentence == "the switch failed: edge-1, edge-2 did not confirm in time"


def test_a_proxy_that_refuses_to_switch_keeps_nobody_from_it_and_starts_nothing_anew(site: Site) -> None:
    site.expose()
    begun = len(site.world.deploys.acted)
    site.proxies(Manner.ALIEN, "edge-2")
    site.world.say("ann", AbortPromotion(PROMOTION))
    site.world.settle()
    assert (site.rollback.phase, site.rollback.tries) == (RollbackPhase.COMPLETED, 0)
    assert (site.rollback.proxies, site.rollback.absent) == (("edge-1",), ("edge-2",))
    assert [what for what, _ in site.world.deploys.acted[begun:] if what == "start"] == []


def test_where_every_proxy_refuses_to_switch_what_is_stable_is_never_started_anew(site: Site) -> None:
    site.expose()
    begun = len(site.world.deploys.acted)
    site.proxies(Manner.ALIEN)
    site.world.say("ann", AbortPromotion(PROMOTION))
    site.wait(LONG)
    assert (site.rollback.phase, site.rollback.tries) == (RollbackPhase.STRANDED, 3)
    assert "another proxy answers for edge-1, edge-2" in site.rollback.sentence
    assert [what for what, _ in site.world.deploys.acted[begun:] if what == "start"] == []


# --- two controllers --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Slow:
    """A router that is so slow that other things happen while it holds; then it does what it was asked, or refuses."""

    router: MemoryRouter
    meanwhile: Callable[[], None]
    fault: Rejected | Unavailable | None
    withdrawn: list[str]
    calls: int = 0

    @property
    def ttl(self) -> timedelta:
        return self.router.ttl

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.router.capabilities

    def arrange(self, pools: Pools) -> None:
        self.router.arrange(pools)

    def hold(self, exposure: Exposure) -> Held:
        self.calls += 1
        if self.calls == 1:
            self.meanwhile()
        if self.fault is not None:
            raise self.fault
        return self.router.hold(exposure)

    def withdraw(self) -> Held:
        self.withdrawn.append("here")
        return self.router.withdraw()

    def observe(self) -> tuple[ProxyState, ...]:
        return self.router.observe()

    def close(self) -> None:
        self.router.close()


ANSWERS: Final = {
    "confirmed": None,
    "refused": Rejected("router.refused", "it refuses", "see its log"),
    "unconfirmed": Unavailable("router.unconfirmed", "it is silent", "see its log"),
}


def another(world: World, name: str) -> Controller:
    """A controller beside the one of this world."""
    return Controller(world.desk(), world.workshop(), world.clock, Keeper(name, world.keeper().monotonic))


def refusals(world: World) -> list[str]:
    """Why commands were refused, in order."""
    refused = (record for record in world.store.records() if record.event == "CommandRefused")
    return [reason.code for record in refused for reason in CommandRecord.from_record(record).reasons]


@pytest.mark.parametrize("answer", ANSWERS)
def test_i9_what_a_superseded_controller_hears_of_its_proxies_is_refused_and_withdrawn(site: Site, answer: str) -> None:
    site.promote()
    world, withdrawn = site.world, list[str]()
    second = another(world, "second")

    def taken_over() -> None:
        """The second controller finds the loss, waits for the lease, and is authorised; its proxies are silent."""
        site.proxies(Manner.MUTE)
        second.step()
        world.moments.advance(TTL + LONG)
        second.step()
        world.moments.advance(LONG)
        site.proxies(Manner.TAKES)

    slow = Slow(world.traffic.router(PLACE), taken_over, ANSWERS[answer], withdrawn)
    whole = world.workshop()
    workshop = SimulatedWorkshop(
        whole.library, whole.deploys, whole.checks, whole.notifications, lambda _: slow, whole.counters
    )
    first = Controller(world.desk(), workshop, world.clock, world.keeper())
    for _ in range(40):
        if slow.calls:
            break
        first.step()
        world.moments.advance(timedelta(seconds=1))
    assert refusals(world)[-1:] == ["rollout.held"]
    assert (site.state.phase, site.rollout.confirmed, site.rollout.holder) == (
        PromotionPhase.ROLLING,
        -1,
        second.keeper.holder(PLACE),
    )
    assert withdrawn
