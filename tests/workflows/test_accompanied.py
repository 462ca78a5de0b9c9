# SPDX-License-Identifier: Apache-2.0
"""A rollout with a baseline in the simulated world: what is brought up, what it is given, and that nothing is left."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

import pytest
from tests.workflows.rolled import rolled

from interlock.adapters.deploy.memory import Declines, DeployScript, Fails, Hangs, Scripted, Succeeds
from interlock.domain.baseline import Baseline, BaselinePhase, baseline_stream
from interlock.domain.ids import EnvironmentName, PromotionId
from interlock.domain.promotion import AbortPromotion, Promotion, PromotionPhase
from interlock.domain.rollout import Rollout
from interlock.domain.traffic import Exposure, Lane
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.ports.deploy import Presence
from interlock.ports.router import Pools
from interlock.service.gather import Gatherer
from interlock.service.rollouts import Onlooker, Progress
from interlock.service.views import Viewer
from interlock.testing.scenario import Passed, load_scenario, perform
from interlock.testing.stage import SERVICE
from interlock.testing.traffic import WELL, endpoints_of
from interlock.testing.world import World
from interlock.workflows.recording import Recorder

PACK: Final = rolled("rolled", hold=10, bake=3).replace(b"      every: 1s", b"      every: 1s\n      baseline: fresh")
PLACE: Final = (SERVICE, EnvironmentName("production"))
PROMOTION: Final = PromotionId("app:v2/production/1")
PROMOTED: Final = b"""
scenario: a candidate beside what is stable
given: {people: {ann: [developer], cat: [release-manager]}}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: production, by: ann}
  - {wait: WAIT}
"""
BAD: Final = replace(WELL, errors=Fraction(1, 5))


@dataclass(frozen=True, slots=True)
class Play:
    """A promotion of v2 where v1 is live."""

    world: World = field(default_factory=World)

    def go(self, wait: str) -> "Play":
        """Until so long after it was asked for."""
        story = load_scenario("told", PROMOTED.replace(b"WAIT", wait.encode()))
        pack = load_pack("pack.yaml", PACK)
        assert not isinstance(story, Problems), story.render()
        assert not isinstance(pack, Problems), pack.render()
        outcome = perform(story, PACK, pack, self.world, self.world)
        assert isinstance(outcome, Passed), outcome
        return self

    def script(self, script: DeployScript) -> "Play":
        """What becomes of instances of v1 that are brought up from now on."""
        self.world.deploys.scripts = (Scripted("v1", PLACE[1], script),)
        return self

    @property
    def beside(self) -> Presence | None:
        """What runs in the lane of a baseline."""
        return self.world.deploys.lanes[Lane.C].get(PLACE)

    @property
    def baseline(self) -> Baseline:
        return self.world.desk().view().baseline(*PLACE)

    @property
    def promotion(self) -> Promotion:
        return self.world.desk().view().promotion(PROMOTION)

    @property
    def rollout(self) -> Rollout:
        return self.world.desk().view().rollout(PROMOTION)

    @property
    def exposed(self) -> Exposure:
        return self.world.traffic.router(PLACE).exposure_now()

    @property
    def pools(self) -> Pools:
        return self.world.traffic.routers[PLACE].pools

    @property
    def gatherer(self) -> Gatherer:
        return Recorder(self.world.desk(), self.world.moments).gatherer()

    def seen(self) -> Progress:
        """What an onlooker sees."""
        viewer = Viewer(self.gatherer, self.world.store, self.world.library)
        found = Onlooker().there(viewer, *PLACE)
        assert isinstance(found, Progress)
        return found


def told(play: Play, code: str) -> list[str]:
    """What is said under that code."""
    return [wait.finding.sentence for wait in play.seen().awaited if wait.finding.code == code]


def test_it_stands_beside_the_candidate_with_the_same_share_and_stables_code() -> None:
    play = Play().go("4s")
    assert (play.exposed, play.pools.baseline) == (Exposure(1000, baseline=1000), endpoints_of(Lane.C))
    assert play.beside == play.world.deploys.lanes[Lane.A][PLACE]


def test_both_get_the_same_number_of_requests_and_stable_gets_the_rest() -> None:
    tally = Play().go("6s").seen().tally
    assert tally.candidate.requests > 0
    assert tally.baseline.requests == tally.candidate.requests
    assert tally.stable.requests == 8 * tally.candidate.requests
    assert list(tally.arms) == ["candidate", "baseline", "stable"]


def test_half_of_the_traffic_is_compared_with_stable_alone() -> None:
    play = Play().go("15s")
    assert (play.exposed, play.baseline.phase) == (Exposure(5000), BaselinePhase.STANDING)


def test_when_the_candidate_is_stable_nothing_of_it_is_left() -> None:
    play = Play().go("rest")
    assert play.promotion.phase is PromotionPhase.COMPLETED
    assert (play.beside, play.pools.baseline, play.baseline.held) == (None, (), "")


def test_a_candidate_that_is_worse_goes_back_and_nothing_of_it_is_left() -> None:
    play = Play()
    play.world.traffic.natures["v2"] = BAD
    play.go("rest")
    assert play.promotion.phase is PromotionPhase.RETURNED
    assert (play.beside, play.pools.baseline, play.baseline.held) == (None, (), "")


def test_a_baseline_as_ill_as_the_candidate_does_not_save_it() -> None:
    play = Play().go("4s")
    play.world.traffic.natures["v2"] = BAD
    play.world.deploys.lanes[Lane.C][PLACE] = replace(play.world.deploys.lanes[Lane.A][PLACE], version="v0")
    play.world.traffic.natures["v0"] = BAD
    play.world.settle()
    assert play.promotion.phase is PromotionPhase.RETURNED


def test_an_abort_while_it_is_brought_up_leaves_nothing() -> None:
    play = Play().script(Hangs()).go("1s")
    assert play.baseline.phase is BaselinePhase.STARTING
    play.world.say("ann", AbortPromotion(PROMOTION))
    play.world.settle()
    assert (play.promotion.phase, play.beside, play.baseline.held) == (PromotionPhase.RETURNED, None, "")


CANNOT: Final[dict[str, DeployScript]] = {
    "it fails": Fails("no room left"),
    "it is refused": Declines("deploy.port_in_use", "port 3 is used by another program"),
    "it does not come up in time": Hangs(),
    "it comes up too late": Succeeds(30),
}


@pytest.mark.parametrize("how", CANNOT)
def test_without_it_the_rollout_goes_on_and_says_so(how: str) -> None:
    play = Play().script(CANNOT[how]).go("18s")
    assert (play.baseline.phase, play.beside) == (BaselinePhase.MISSING, None)
    assert (play.exposed.share > 0, play.exposed.baseline) == (True, 0)
    (sentence,) = told(play, "rollout.no_baseline")
    assert sentence.startswith(f"there is no baseline: {play.baseline.sentence}; it is compared with what is stable")
    play.world.settle()
    assert (play.promotion.phase, play.baseline.held) == (PromotionPhase.COMPLETED, "")


def test_while_it_is_brought_up_the_rollout_says_what_it_waits_for() -> None:
    play = Play().script(Hangs()).go("4s")
    assert play.exposed == Exposure()
    (sentence,) = told(play, "rollout.awaits_baseline")
    assert "fresh instances of what is stable are brought up to compare it with, for 10 s at most" in sentence


def test_a_baseline_that_falls_ill_is_said_and_the_rollout_goes_on() -> None:
    play = Play().go("4s")
    play.world.deploys.lanes[Lane.C].pop(PLACE)
    before = play.rollout.accompanied
    play.world.work(timedelta(seconds=4))
    (sentence,) = told(play, "rollout.baseline_ill")
    assert sentence.startswith("0 of 1 instances of the baseline are ready; until all are, it is compared with")
    assert play.rollout.accompanied.requests <= before.requests + 500
    play.world.settle()
    assert play.promotion.phase is PromotionPhase.COMPLETED


def test_an_outage_of_the_deployer_delays_its_end_and_nothing_else() -> None:
    play = Play().go("25s")
    play.world.deploys.outages = 10
    play.world.settle()
    assert (play.promotion.phase, play.beside, play.baseline.held) == (PromotionPhase.COMPLETED, None, "")


def test_what_it_was_begun_for_is_recorded_before_it_begins() -> None:
    play = Play().go("rest")
    events = [record.event for record in play.world.store.stream(baseline_stream(*PLACE))]
    starts = [key for what, key in play.world.deploys.acted if what == "start"]
    assert events == ["BaselineBegun", "BaselineStands", "BaselineEnded"]
    assert starts == [f"{PROMOTION}/deploy", f"{PROMOTION}/baseline"]
