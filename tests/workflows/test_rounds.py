# SPDX-License-Identifier: Apache-2.0
"""Looking at what nobody reports: how often, that crashes lose nothing, and what is in the way of a delivery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from threading import Event
from typing import Final

import pytest
from tests.service.shop import (
    ANN,
    BEN,
    CAT,
    DEVELOPER,
    NO_OTHER_RULES,
    PRODUCTION,
    REVIEWER,
    STAGING,
    a_stage,
    act,
    done,
)
from tests.workflows.test_unattended import GIVEN, PACK, STORIES

from interlock.adapters.check.memory import says
from interlock.domain.delivery import PromoteHead
from interlock.domain.drift import DriftFound, ReportRunning, Sight, SightOfRunningLost
from interlock.domain.ids import CommandId, Digest, PromotionId, ReleaseId
from interlock.domain.promotion import RequestPromotion
from interlock.domain.release import RepinGovernance
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import Command
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.ports.deploy import NothingRuns, Presence
from interlock.ports.failure import Unavailable
from interlock.service.handle import Declined
from interlock.testing.acts import Enact, Propose, Release
from interlock.testing.crash import Aftermath, Fragile, Fuse, aftermath, different
from interlock.testing.scenario import Loaded, Outcome, Passed, load_scenario, perform
from interlock.testing.stage import SERVICE, Cast, Stage
from interlock.testing.surprises import NOTHING, Drifts, HeadMoves
from interlock.testing.world import World
from interlock.workflows.aside import Aside, NotYet, T
from interlock.workflows.controller import Moved, Rest
from interlock.workflows.rounds import Rounds

PEOPLE: Final = Cast({ANN: (DEVELOPER,), BEN: (REVIEWER,), CAT: (REVIEWER,)})
DISTURBED: Final = (
    "every new head goes to staging by itself, and no further",
    "a newer head takes the place of one that waits",
    "a newer head takes the place of one that waits in line",
    "what runs and was not released is an unauthorised change, until it is restored",
)


@pytest.fixture
def stage() -> Stage:
    return a_stage(NO_OTHER_RULES, PEOPLE, PACK.encode())


def _events(stage: Stage, *names: str) -> list[str]:
    return [record.event for record in stage.world.store.records() if record.event in names]


def _robot(stage: Stage, command: Command, name: str = "of its own") -> list[str]:
    """The codes with which the controller's own command is refused."""
    outcome = stage.world.desk().perform(command, CommandId(name), stage.world.clock.now())
    return [reason.code for reason in outcome.reasons] if isinstance(outcome, Declined) else []


def _deliver(stage: Stage, name: str = "c1") -> ReleaseId:
    HeadMoves(head=name).happen(stage)
    stage.world.settle()
    return stage.gatherer().view.deliveries(SERVICE).release


def _obstacle(stage: Stage) -> str:
    return stage.gatherer().view.deliveries(SERVICE).obstacle


def test_the_controller_asks_for_nothing_else_than_what_it_delivered(stage: Stage) -> None:
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    mine = ReleaseId("app:v2")
    asked = RequestPromotion(PromotionId(f"{mine}/{STAGING}/1"), mine, STAGING)
    assert _robot(stage, asked) == ["promotion.needs_person"]


def test_the_controller_does_not_ask_for_what_it_did_not_deliver_as_if_it_had(stage: Stage) -> None:
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    mine = ReleaseId("app:v2")
    asked = RequestPromotion(PromotionId(f"{mine}/{STAGING}/1"), mine, STAGING)
    assert _robot(stage, PromoteHead(SERVICE, asked)) == ["delivery.given_way"]
    misnamed = RequestPromotion(PromotionId("another"), mine, STAGING)
    assert _robot(stage, PromoteHead(SERVICE, misnamed), "another") == ["command.malformed"]


def test_the_controller_never_asks_for_production(stage: Stage) -> None:
    release = _deliver(stage)
    asked = RequestPromotion(PromotionId(f"{release}/{PRODUCTION}/1"), release, PRODUCTION)
    assert _robot(stage, asked) == ["promotion.needs_person"]


def test_what_was_delivered_has_nobody_as_its_maker_and_says_so(stage: Stage) -> None:
    view = stage.gatherer().view
    release = view.release(_deliver(stage))
    assert (release.branch, stage.gatherer().view.change(release.change).author) == ("main", "")


def test_a_delivered_release_is_not_taken_to_rules_that_deliver_nothing(stage: Stage) -> None:
    undelivered = "".join(line for line in PACK.splitlines(keepends=True) if not line.startswith("deliver"))
    stage.world.checks.otherwise = says(Verdict.FAIL, "red")
    release = _deliver(stage)
    stage.pack = undelivered.encode()
    stage.declare("without", PEOPLE.roles)
    done(act(stage, Propose(propose="without", by=ANN)))
    done(act(stage, Enact(enact="without", by=BEN)))
    outcome = stage.world.say(ANN, RepinGovernance(release))
    assert isinstance(outcome, Declined)
    assert [one.code for one in outcome.reasons] == ["release.delivered"]


def test_what_is_in_the_way_is_shown_once_and_goes_when_it_is_gone(stage: Stage) -> None:
    stage.world.trunk.unfit = "nothing that was good is part of its history"
    HeadMoves(head="c1").happen(stage)
    stage.world.work(timedelta(minutes=5))
    assert _obstacle(stage) == "nothing that was good is part of its history"
    assert _events(stage, "DeliveryObstructed", "HeadDelivered") == ["DeliveryObstructed"]
    stage.world.trunk.unfit = ""
    stage.world.work(timedelta(minutes=1))
    assert (_obstacle(stage), _events(stage, "HeadDelivered")) == ("", ["HeadDelivered"])


def test_a_branch_that_is_not_there_is_in_the_way(stage: Stage) -> None:
    stage.world.work(timedelta(minutes=1))
    assert _obstacle(stage) == "there is no commit on that branch yet"


def test_a_repository_that_does_not_answer_for_a_while_loses_nothing(stage: Stage) -> None:
    stage.world.trunk.outages = 3
    HeadMoves(head="c1").happen(stage)
    stage.world.work(timedelta(minutes=3))
    assert stage.gatherer().view.slot(SERVICE, STAGING).live.release == _deliver(stage, "c1")


def test_a_version_that_somebody_took_is_in_the_way(stage: Stage) -> None:
    HeadMoves(head="c1").happen(stage)
    taken = f"0.0.0-main.1+{stage.world.trunk.history[-1].commit[:12]}"
    done(act(stage, Release(release=taken, by=ANN)))
    stage.newest = "c1"
    stage.world.work(timedelta(minutes=1))
    assert _obstacle(stage) == f"release 'app:{taken}' exists already"


def test_the_head_is_read_as_often_as_is_bound(stage: Stage) -> None:
    controller = stage.world.controller()
    while isinstance(step := controller.step(), Moved):
        pass
    assert isinstance(step, Rest)
    waits = {round((moment - stage.world.moments.now()).total_seconds()) for moment in step.look_at}
    assert waits == {15, 60}


def test_a_difference_that_passes_is_not_recorded(stage: Stage) -> None:
    controller = stage.world.controller()
    Drifts(drifts=PRODUCTION, to="v666").happen(stage)
    step = controller.step()
    assert isinstance(step, Moved | Rest)
    Drifts(drifts=PRODUCTION, to="v1").happen(stage)
    stage.world.work(timedelta(minutes=5), lambda: controller)
    assert _events(stage, DriftFound.__name__) == []


def test_a_look_is_recorded_only_when_it_says_something_new(stage: Stage) -> None:
    Drifts(drifts=PRODUCTION, to="v666").happen(stage)
    stage.world.work(timedelta(hours=2))
    assert _events(stage, DriftFound.__name__) == [DriftFound.__name__]


def test_a_deployer_that_does_not_answer_tells_nothing(stage: Stage) -> None:
    stage.world.deploys.outages = 50
    stage.world.work(timedelta(minutes=5))
    assert set(_events(stage, SightOfRunningLost.__name__, DriftFound.__name__)) == {SightOfRunningLost.__name__}


def test_what_was_seen_of_another_release_is_not_taken(stage: Stage) -> None:
    late = ReportRunning(
        SERVICE, PRODUCTION, ReleaseId("app:v0"), Sight.RUNNING, Digest("sha256:" + "0" * 64), "v0", ""
    )
    assert _robot(stage, late) == ["drift.moved"]


def test_nothing_runs_where_nothing_was_recorded() -> None:
    empty = a_stage(NO_OTHER_RULES, Cast(PEOPLE.people, live=""), PACK.encode())
    empty.world.work(timedelta(minutes=5))
    assert _events(empty, DriftFound.__name__, SightOfRunningLost.__name__) == []
    Drifts(drifts=STAGING, to="v9").happen(empty)
    empty.world.work(timedelta(minutes=5))
    assert _events(empty, DriftFound.__name__) == [DriftFound.__name__]
    Drifts(drifts=STAGING, to=NOTHING).happen(empty)
    empty.world.work(timedelta(minutes=5))
    assert not empty.gatherer().view.drift(SERVICE, STAGING).is_open


def test_a_clock_that_jumps_back_does_not_stop_the_looking(stage: Stage) -> None:
    controller = stage.world.controller()
    stage.world.work(timedelta(minutes=1), lambda: controller)
    stage.world.moments.advance(-timedelta(hours=1))
    Drifts(drifts=PRODUCTION, to="v666").happen(stage)
    stage.world.work(timedelta(minutes=2), lambda: controller)
    assert stage.gatherer().view.drift(SERVICE, PRODUCTION).is_open


@cache
def _rules() -> Pack:
    rules = load_pack("pack.yaml", PACK.encode())
    assert not isinstance(rules, Problems)
    return rules


@cache
def _story(name: str) -> Loaded:
    loaded = load_scenario("story.yaml", f"scenario: {name}\n{GIVEN}{STORIES[name]}".encode())
    assert not isinstance(loaded, Problems)
    return loaded


def _play(name: str, fuse: Fuse) -> tuple[Outcome, Aftermath]:
    world = World()
    outcome = perform(_story(name), PACK.encode(), _rules(), world, Fragile(world, fuse, Fuse(())))
    return outcome, aftermath(world)


@pytest.mark.parametrize("name", DISTURBED)
def test_i10_a_controller_killed_at_any_point_delivers_and_finds_the_same(name: str) -> None:
    undisturbed = Fuse(())
    outcome, after = _play(name, undisturbed)
    assert isinstance(outcome, Passed), outcome
    assert undisturbed.passed > 20
    for point in range(1, undisturbed.passed + 1, 2):
        fuse = Fuse((point,))
        came, left = _play(name, fuse)
        assert isinstance(came, Passed), (fuse.names[-1:], came)
        assert different(after, left) == (), fuse.names[-1:]


class Slow:
    """A deployer's answer that takes as long as a test wants it to."""

    def __init__(self) -> None:
        self.may_answer = Event()
        self.asked = 0

    def __call__(self) -> Presence:
        self.asked += 1
        assert self.may_answer.wait(30)
        return NothingRuns()


def test_a_slow_answer_is_fetched_later_and_asked_for_once() -> None:
    slow, aside = Slow(), Aside()
    assert [aside.answer("a", "1", slow), aside.answer("a", "1", slow)] == [NotYet(), NotYet()]
    slow.may_answer.set()
    aside.asked["1"].result()
    assert (aside.answer("a", "1", slow), slow.asked) == (NothingRuns(), 1)


def test_errands_of_one_line_are_done_one_after_another_and_those_of_others_meanwhile() -> None:
    slow, aside, done = Slow(), Aside(), list[str]()
    aside.answer("a", "1", slow)
    assert aside.answer("a", "2", lambda: done.append("2")) == NotYet()
    assert aside.is_waiting("a", "2")
    assert aside.answer("b", "3", lambda: done.append("3")) is None
    slow.may_answer.set()
    aside.asked["1"].result()
    assert not aside.is_waiting("a", "2")
    assert aside.answer("a", "2", lambda: done.append("2")) is None
    assert done == ["3", "2"]
    assert aside.answer("a", "1", slow) == NothingRuns()


def test_a_fault_aside_is_a_fault_here() -> None:
    may_fail = Event()

    def fails() -> Presence:
        assert may_fail.wait(30)
        raise Unavailable("deploy.unreachable", "nobody is there", "try again")

    aside = Aside()
    aside.answer("a", "1", fails)
    may_fail.set()
    aside.asked["1"].exception()
    with pytest.raises(Unavailable):
        aside.answer("a", "1", fails)


def test_who_waits_for_an_answer_rests_and_looks_again_soon(stage: Stage) -> None:
    controller = replace(stage.world.controller(), rounds=Rounds(asking=Never()))
    while isinstance(step := controller.step(), Moved):
        pass
    assert isinstance(step, Rest)
    assert min(step.look_at) - stage.world.moments.now() <= timedelta(seconds=0.25)


class Never:
    """Nobody ever answers."""

    def answer(self, line: str, key: str, errand: Callable[[], T]) -> T | NotYet:
        return NotYet()

    def is_waiting(self, line: str, key: str) -> bool:
        return True
