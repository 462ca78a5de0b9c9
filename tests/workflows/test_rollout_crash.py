# SPDX-License-Identifier: Apache-2.0
"""A whole rollout, its controller killed before and after every effect and every record (I1, I9, I10).

1. It ends as if nothing had happened. A death while something is exposed costs one loss: the candidate begins anew, so
   what was counted, and how often was looked, may differ. One that a last look finds bad goes back instead. The second
   loss goes back.
2. At every point, in every life, the proxies expose at most what the ledger authorised last, nothing at all one lease
   after the promotion failed, and stable is a version that may be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import pytest
from tests.workflows.rolled import rolled

from interlock.adapters.clock import MemoryClock
from interlock.adapters.router.memory import TTL
from interlock.domain.action import Measure, NoticeLoss, WakeAt
from interlock.domain.ids import EnvironmentName, PromotionId, StreamId
from interlock.domain.promotion import Promotion, PromotionFailed, PromotionPhase, promotion_stream
from interlock.domain.rollout import PauseRollout, Rollout
from interlock.domain.traffic import UNEXPOSED, Exposure, Lane
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.ports.failure import Unavailable
from interlock.ports.router import Endpoint, Pools
from interlock.service.agenda import Due, Lulls, agenda
from interlock.service.gather import Gatherer
from interlock.service.handle import Desk
from interlock.testing.crash import Aftermath, Crash, Fragile, Fuse, Quiet, aftermath, different
from interlock.testing.scenario import Loaded, Passed, load_scenario, perform, run_scenario
from interlock.testing.stage import SERVICE
from interlock.testing.traffic import PORTS, endpoints_of
from interlock.testing.world import LOOK, World
from interlock.workflows.controller import Controller, services
from interlock.workflows.keeper import PATIENCE, Place
from interlock.workflows.recording import Recorder

PACK: Final = rolled("rolled", hold=2, bake=3)
PACKS: Final = {"accompanied": PACK.replace(b"      every: 1s", b"      every: 1s\n      baseline: fresh")}
"""Of those stories that have one of their own."""
PLACE: Final[Place] = (SERVICE, EnvironmentName("production"))
RELEASED: Final = """
scenario: played
given: {people: {ann: [developer], cat: [release-manager]}}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
"""
STORIES: Final = {
    "good": RELEASED + "  - {promote: production, by: ann}\n  - {wait: rest}\n",
    "fails": RELEASED
    + "  - {requests: v2, errors: 60}\n  - {promote: production, by: ann}\n  - {wait: rest}\n"
    + "  - expect: {incidents: [major], recalled: [v2]}\n",
    "accompanied": RELEASED + "  - {promote: production, by: ann}\n  - {wait: rest}\n",
}
ENDS: Final = {
    "good": PromotionPhase.COMPLETED,
    "fails": PromotionPhase.RETURNED,
    "accompanied": PromotionPhase.COMPLETED,
}
LIVE: Final = {PromotionPhase.COMPLETED: "app:v2", PromotionPhase.RETURNED: "app:v1"}
EXPOSING: Final = frozenset({PromotionPhase.ROLLING, PromotionPhase.BAKING})
SETTLED: Final = {
    PromotionPhase.SETTLING: frozenset({"v1", "v2"}),
    PromotionPhase.COMPLETED: frozenset({"v2"}),
}
"""What may be stable once the candidate has proven itself; before and otherwise only what was."""
COUNTED: Final = frozenset(
    "settled_by holder seen snapshot evidence accompanied held requests losses ill pieces proxies absent".split()
)
"""What a restart of the rollout counts anew, and the names of who holds."""
UNWATCHED: Final = timedelta(seconds=PATIENCE) + TTL + 2 * LOOK
"""Longer than anything is exposed by a controller that cannot write its ledger."""


def _pack(name: str) -> bytes:
    return PACKS.get(name, PACK)


@cache
def _rules(name: str = "") -> Pack:
    rules = load_pack("pack.yaml", _pack(name))
    assert not isinstance(rules, Problems), rules.render()
    return rules


@cache
def _story(name: str) -> Loaded:
    loaded = load_scenario(name, STORIES[name].encode())
    assert not isinstance(loaded, Problems), loaded.render()
    return loaded


@dataclass(slots=True)
class Watch(Fuse):
    """A fuse that looks at the proxies and at the ledger whenever a point is passed."""

    world: World = field(default_factory=World)
    desk: Desk = field(init=False)
    faults: list[str] = field(default_factory=list)
    deaths: int = 0
    """Deaths with which an exposure was lost."""
    shares: set[int] = field(default_factory=set)
    named: PromotionId = PromotionId("")
    """The one promotion there is, once it has been asked for."""

    def __post_init__(self) -> None:
        self.desk = self.world.desk()

    def pass_point(self, name: str) -> None:
        where = f"{len(self.names) + 1} {name}"
        self.faults.extend(f"{where}: {one}" for one in self.wrongs())
        try:
            Fuse.pass_point(self, name)
        except BaseException:
            self.deaths += self.state.phase in EXPOSING and self.rollout.exposure != UNEXPOSED
            raise

    @property
    def promotion(self) -> PromotionId:
        if not self.named:
            found = self.world.store.streams("promotion/")
            self.named = PromotionId(found[0].removeprefix("promotion/")) if found else PromotionId("")
        return self.named

    @property
    def state(self) -> Promotion:
        return self.desk.view().promotion(self.promotion)

    @property
    def rollout(self) -> Rollout:
        return self.desk.view().rollout(self.promotion)

    def wrongs(self) -> Iterable[str]:
        """What must not be so now."""
        now, exposed = self.world.moments.now(), self.world.traffic.router(PLACE).exposure_now()
        state, rollout = self.state, self.rollout
        self.shares.add(exposed.share)
        if exposed.share > rollout.exposure.share:
            yield f"exposed {exposed.share}, authorised {rollout.exposure.share}"
        if exposed != UNEXPOSED and now >= self._failed_at(state.id) + TTL:
            yield f"exposed {exposed.share} long after it failed"
        if exposed != UNEXPOSED and state.phase is PromotionPhase.COMPLETED:
            yield f"exposed {exposed.share} though it is completed"
        if exposed != UNEXPOSED and now - self.world.store.head().latest > UNWATCHED:
            yield f"exposed {exposed.share} with a ledger that is silent"
        served = self._served()
        if "a baseline" in served or not served <= SETTLED.get(state.phase, frozenset({"v1"})):
            yield f"stable is {sorted(served)} while it is {state.phase}"

    def remains(self) -> Iterable[str]:
        """What must not be there when all is over."""
        if PLACE in self.world.deploys.lanes[Lane.C]:
            yield "a baseline is left"
        if self.desk.view().baseline(*PLACE).held:
            yield "a baseline is owed its end"

    def _failed_at(self, promotion: PromotionId) -> datetime:
        never = datetime.max.replace(tzinfo=self.world.moments.now().tzinfo) - TTL
        records = self.world.store.stream(promotion_stream(promotion)) if promotion else ()
        return next((record.time for record in records if record.event == PromotionFailed.__name__), never)

    def _served(self) -> frozenset[str]:
        """The versions in the stable lanes of all proxies; before the first arrangement they have none."""
        routed = self.world.traffic.routers[PLACE]
        stable = {endpoint for proxy in routed.proxies.values() for endpoint in proxy.pools.stable}
        return frozenset(self._version(endpoint) for endpoint in stable)

    def _version(self, endpoint: Endpoint) -> str:
        lane = next(lane for lane, port in PORTS.items() if port == endpoint.port)
        if lane is Lane.C:
            return "a baseline"
        running = self.world.deploys.lanes[lane].get(PLACE)
        return running.version if running else f"nothing in {lane}"


def _play(name: str, watch: Watch) -> tuple[str, ...]:
    """Play the story, and give what was wrong at any point, or with its end."""
    outcome = perform(_story(name), _pack(name), _rules(name), watch.world, Fragile(watch.world, watch))
    watch.faults.extend(f"at the end: {one}" for one in (*watch.wrongs(), *watch.remains()))
    text = () if isinstance(outcome, Passed) else (outcome.text,)
    return (*text, *watch.faults)


@cache
def _undisturbed(name: str) -> tuple[Aftermath, int]:
    watch = Watch(())
    assert _play(name, watch) == ()
    return _uncounted(aftermath(watch.world)), watch.passed


def _blank(value: Quiet) -> Quiet:
    """The state without what is counted anew, and without the number of a look."""
    if not isinstance(value, tuple):
        return value
    return tuple(_blank(one) for one in value if not (isinstance(one, tuple) and one and one[0] in COUNTED))


def _uncounted(after: Aftermath) -> Aftermath:
    effects = frozenset((what, key) for what, key in after.effects if "/baking/" not in key)
    return Aftermath(
        {StreamId(stream): _blank(state) for stream, state in after.states.items()},
        after.running,
        after.told,
        effects,
        after.repeated,
    )


def _faults(name: str, *at: int) -> tuple[str, ...]:
    """How the story with deaths at these points differs from the undisturbed one, and what was wrong on the way."""
    watch = Watch(at)
    wrong = _play(name, watch)
    losses, is_bad = watch.rollout.losses, ENDS[name] is PromotionPhase.RETURNED
    lost = (
        ()
        if losses == watch.deaths or (is_bad and losses < watch.deaths)
        else (f"{losses} losses, {watch.deaths} deaths while exposed",)
    )
    return (*wrong, *lost, *different(_undisturbed(name)[0], _uncounted(aftermath(watch.world))))


def _unreachable(point: str) -> BaseException:
    return Unavailable("test.unreachable", f"nobody answers ({point})", "try again")


@pytest.mark.parametrize("name", STORIES)
def test_i9_i10_a_rollout_whose_controller_is_killed_at_any_point_ends_the_same(name: str) -> None:
    _, points = _undisturbed(name)
    assert points > 60
    assert {number: faults for number in range(1, points + 1) if (faults := _faults(name, number))} == {}


def test_i10_every_effect_of_a_rollout_is_among_the_points() -> None:
    watch = Watch(())
    _play("fails", watch)
    wanted = {"append", "router arrange", "router hold", "router withdraw", "deployer cancel", "notifier deliver"}
    assert {name.split(" ", 1)[1] for name in watch.names} >= wanted


def test_i10_every_effect_of_a_baseline_is_among_the_points() -> None:
    watch = Watch(())
    _play("accompanied", watch)
    assert [name for name in watch.names if name == "after deployer start"] == ["after deployer start"] * 2
    assert "after deployer retire" in watch.names


def test_the_watch_sees_a_baseline_that_is_left_and_one_that_is_stable() -> None:
    watch = Watch(())
    _play("accompanied", watch)
    watch.world.deploys.lanes[Lane.C][PLACE] = watch.world.deploys.lanes[Lane.A][PLACE]
    watch.world.traffic.router(PLACE).arrange(Pools(endpoints_of(Lane.C)))
    assert list(watch.remains()) == ["a baseline is left"]
    assert list(watch.wrongs()) == ["stable is ['a baseline'] while it is completed"]


def test_the_watch_sees_every_share_of_the_rollout() -> None:
    watch = Watch(())
    _play("good", watch)
    assert watch.shares == {0, 1_000, 5_000, 10_000}


def test_the_watch_sees_what_is_exposed_without_being_authorised() -> None:
    watch = Watch(())
    _play("good", watch)
    watch.world.traffic.router(PLACE).hold(Exposure(10_000))
    assert list(watch.wrongs()) == ["exposed 10000 though it is completed"]


def test_the_watch_sees_a_stable_lane_with_the_wrong_release() -> None:
    watch = Watch(())
    _play("good", watch)
    watch.world.traffic.router(PLACE).arrange(Pools(endpoints_of(Lane.A)))
    assert list(watch.wrongs()) == ["stable is ['v1'] while it is completed"]


def test_i9_a_death_while_exposed_costs_exactly_one_loss() -> None:
    _, points = _undisturbed("good")
    deaths = set()
    for number in range(1, points + 1, 9):
        watch = Watch((number,))
        _play("good", watch)
        deaths.add((watch.deaths, watch.rollout.losses))
    assert deaths == {(0, 0), (1, 1)}


@pytest.mark.parametrize("name", STORIES)
def test_i9_two_deaths_end_safely_and_the_second_loss_goes_back(name: str) -> None:
    _, points = _undisturbed(name)
    found = {}
    for pair in [(number, number + gap) for number in range(1, points + 1, 5) for gap in (1, 2, 3, 9)]:
        watch = Watch(pair)
        perform(_story(name), _pack(name), _rules(name), watch.world, Fragile(watch.world, watch))
        watch.faults.extend((*watch.wrongs(), *watch.remains()))
        end = PromotionPhase.RETURNED if watch.rollout.losses > 1 else ENDS[name]
        live = watch.desk.view().slot(*PLACE).live.release
        if watch.faults or (watch.state.phase, live) != (end, LIVE[end]):
            found[pair] = (watch.state.phase, live, *watch.faults)
    assert found == {}


@pytest.mark.parametrize("every", [3, 7, 11])
def test_i9_a_controller_that_dies_again_and_again_ends_safely(every: int) -> None:
    watch = Watch(tuple(range(every, 3_000, every)))
    _play("good", watch)
    assert (watch.faults, watch.world.traffic.router(PLACE).exposure_now()) == ([], UNEXPOSED)
    assert watch.state.phase in {PromotionPhase.COMPLETED, PromotionPhase.RETURNED}


@pytest.mark.parametrize("port", ["append", "router hold", "router arrange", "deployer"])
@pytest.mark.parametrize("name", STORIES)
def test_an_outage_of_a_moment_at_any_point_costs_no_loss(name: str, port: str) -> None:
    only = (f"before {port}", f"after {port}")
    counted = Watch((), only=only)
    _play(name, counted)
    assert counted.passed > 0
    for number in range(1, counted.passed + 1):
        watch = Watch((number,), _unreachable, only)
        assert (_play(name, watch), watch.rollout.losses) == ((), 0), number
        assert watch.state.phase is ENDS[name]


def test_i9_who_cannot_write_the_ledger_for_long_exposes_nothing_and_completes_later() -> None:
    counted = Watch((), only=("before append",))
    _play("good", counted)
    losses = set()
    for first in range(1, counted.passed + 1):
        silent = Watch(tuple(range(first, first + 40)), _unreachable, ("before append",))
        assert (_play("good", silent), silent.state.phase) == ((), PromotionPhase.COMPLETED), first
        losses.add(silent.rollout.losses)
    assert losses == {0, 1}


@dataclass(frozen=True, slots=True)
class Mortal(Fragile):
    """Hands whose first controller is the last."""

    def settle(self) -> int:
        return self.world.settle(self.controller)


@pytest.mark.parametrize("name", STORIES)
def test_i9_what_a_dead_controller_exposed_ends_with_its_lease_and_stable_serves(name: str) -> None:
    _, points = _undisturbed(name)
    found = {}
    for number in range(1, points + 1):
        watch = Watch((number,))
        with pytest.raises(Crash):
            perform(_story(name), _pack(name), _rules(name), watch.world, Mortal(watch.world, watch))
        watch.world.moments.advance(TTL)
        exposed = watch.world.traffic.router(PLACE).exposure_now()
        if wrong := (*watch.faults, *watch.wrongs(), *([str(exposed)] if exposed != UNEXPOSED else [])):
            found[number] = wrong
    assert found == {}


@dataclass(frozen=True, slots=True)
class Doubting(Controller):
    """A controller that compares what it remembers of lulls with what is due when everything is asked anew."""

    def due(self) -> tuple[Due, ...]:
        still = replace(self, clock=MemoryClock(self.clock.now()))
        remembered = Controller.due(still)
        gatherer = Recorder(self.desk, still.clock).gatherer()
        anew = agenda(gatherer, services(self.desk.store), self.keeper.holder)
        assert _due_now(remembered) == _due_now(anew)
        return remembered


@dataclass(frozen=True, slots=True)
class Doubtful(Fragile):
    """Hands whose controllers doubt what they remember."""

    def controller(self) -> Controller:
        one = Fragile.controller(self)
        return Doubting(one.desk, one.workshop, one.clock, one.keeper)


def _due_now(due: tuple[Due, ...]) -> list[Due]:
    return [one for one in due if not isinstance(one.action, WakeAt)]


@pytest.mark.parametrize("name", STORIES)
def test_a_lull_hides_nothing_that_is_due(name: str) -> None:
    watch = Watch((50,))
    perform(_story(name), _pack(name), _rules(name), watch.world, Doubtful(watch.world, watch))
    assert watch.state.phase is ENDS[name]


@dataclass(slots=True)
class Asking:
    """Asks for the agenda of a rollout in a lull, and counts how often a service was asked anew."""

    world: World
    lulls: Lulls = field(default_factory=Lulls)
    holder: str = ""
    asked: int = 0

    def __call__(self) -> tuple[Due, ...]:
        self.asked = -1  # The first view only tells the time.
        return self.lulls.agenda(self.world.store, self._gatherer, (SERVICE,), lambda _: self.holder)

    def _gatherer(self) -> Gatherer:
        self.asked += 1
        return Recorder(self.world.desk(), self.world.moments).gatherer()


@pytest.fixture
def asking() -> Asking:
    world = World()
    told = RELEASED + "  - {promote: production, by: ann}\n  - {wait: 3s}\n"
    loaded = load_scenario("lull", told.encode())
    assert not isinstance(loaded, Problems), loaded.render()
    assert isinstance(perform(loaded, PACK, _rules(), world, world), Passed)
    return Asking(world, holder=world.keeper().holder(PLACE))


def test_in_a_lull_a_service_is_asked_once(asking: Asking) -> None:
    first = asking()
    assert (asking.asked, _due_now(first)) == (1, [])
    assert (asking(), asking.asked) == (first, 0)


def test_a_lull_ends_when_its_time_is_over(asking: Asking) -> None:
    asking()
    asking.world.moments.advance(timedelta(seconds=1))
    assert [type(one.action) for one in _due_now(asking())] == [Measure]


def test_a_lull_ends_when_something_moved_that_was_read(asking: Asking) -> None:
    asking()
    asking.world.claim("ann", PauseRollout(PromotionId("app:v2/production/1")))
    asking()
    assert asking.asked == 1


def test_a_lull_does_not_end_when_something_else_moved(asking: Asking) -> None:
    asking()
    asking.world.claim("eve", PauseRollout(PromotionId("another")))
    asking()
    assert asking.asked == 0


def test_a_lull_ends_when_an_exposure_was_lost(asking: Asking) -> None:
    asking()
    asking.holder = "somebody else"
    assert [type(one.action) for one in _due_now(asking())] == [NoticeLoss]


def test_a_lull_ends_when_the_clock_goes_back(asking: Asking) -> None:
    asking()
    asking.world.moments.advance(timedelta(microseconds=-1))
    asking()
    assert asking.asked == 1


def test_a_rollout_under_change_windows_completes() -> None:
    window = b'    windows: [{schedule: "RRULE:FREQ=DAILY", tz: Europe/Berlin, from: "06:00", to: "23:00"}]\n'
    told = STORIES["good"] + "  - expect: {promotion: {production: completed}}\n"
    outcome = run_scenario("windows", told.encode(), PACK.replace(b"    verify:", window + b"    verify:"))
    assert isinstance(outcome, Passed), outcome
