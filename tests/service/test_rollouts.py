# SPDX-License-Identifier: Apache-2.0
"""What an onlooker sees of a rollout, in the simulated world."""

from datetime import timedelta

import pytest
from tests.service.shop import ANN, CAT, PRODUCTION, STAGING, a_released_stage, a_rolling_stage, act, done

from interlock.adapters.router.memory import Manner
from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.cli.rollout_text import blocks
from interlock.cli.text import Paper, lay_out
from interlock.domain.ids import PromotionId
from interlock.domain.people import RevokeKey
from interlock.domain.promotion import PromotionPhase
from interlock.domain.traffic import Exposure
from interlock.domain.verdict import Verdict
from interlock.service.explain import Explainer
from interlock.service.portraits.rollouts import rollout
from interlock.service.rollouts import (
    NoRollout,
    Onlooker,
    Progress,
    exposure_in_words,
    share_in_words,
)
from interlock.service.views import Viewer
from interlock.testing.acts import Freeze
from interlock.testing.happenings import CandidateIs, Outage, ProxiesBehave, RequestsGo, Whose
from interlock.testing.moves import Abort, Pause, Promote
from interlock.testing.stage import SERVICE, WORDS, Stage

SLOW = "{weight: 10, hold: 30s}, {weight: 50, hold: 30s, least: 100}"
PROMOTION = PromotionId("app:v2/production/1")


@pytest.fixture
def stage() -> Stage:
    return a_rolling_stage(SLOW)


def viewer(stage: Stage) -> Viewer:
    return Viewer(stage.gatherer(), stage.world.store, stage.world.library)


def seen(stage: Stage) -> Progress:
    found = Onlooker().there(viewer(stage), SERVICE, PRODUCTION)
    assert isinstance(found, Progress)
    return found


def awaited(stage: Stage) -> list[str]:
    return [wait.finding.code for wait in seen(stage).awaited]


def wait(stage: Stage, seconds: int) -> None:
    stage.world.work(timedelta(seconds=seconds))


def test_nothing_is_rolled_out_where_a_release_takes_the_place_of_what_ran() -> None:
    stage = a_released_stage()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    assert Onlooker().there(viewer(stage), SERVICE, STAGING) == NoRollout(STAGING)


def test_how_far_it_is_is_a_line(stage: Stage) -> None:
    begun = seen(stage).course.rollout.held
    assert seen(stage).pace == f"at 10 % (step 1 of 3), {begun.total_seconds():.0f} s of 30 s observed"


def test_requests_that_a_step_asks_for_are_part_of_the_line(stage: Stage) -> None:
    wait(stage, 29)
    assert seen(stage).pace.startswith("at 50 % (step 2 of 3)")
    assert " of 100 requests" in seen(stage).pace


def test_both_arms_are_counted_since_the_candidate_was_exposed(stage: Stage) -> None:
    tally = seen(stage).tally
    assert tally.candidate.requests > 0
    assert tally.stable.requests == 9 * tally.candidate.requests


def test_who_looks_again_and_again_counts_what_who_looks_once_does(stage: Stage) -> None:
    onlooker = Onlooker()
    for _ in range(4):
        onlooker.of(viewer(stage), PROMOTION)
        wait(stage, 2)
    assert onlooker.of(viewer(stage), PROMOTION).tally == seen(stage).tally


def test_what_comes_next_and_when_is_told(stage: Stage) -> None:
    assert seen(stage).later == "50 %"
    assert seen(stage).wakes_at >= stage.world.moments.now()


def test_a_step_that_asks_waits_for_those_it_asks() -> None:
    stage = a_rolling_stage("{ask: [release-manager]}, {weight: 50, hold: 5s}")
    (waits,) = seen(stage).awaited
    assert (waits.whom.people, waits.command) == ((CAT,), "interlock rollout agree production")
    assert seen(stage).pace == "nothing exposed yet (step 1 of 3 asks release-manager)"


def test_who_lost_every_key_is_not_named_among_those_it_waits_for() -> None:
    stage = a_rolling_stage("{ask: [release-manager]}, {weight: 50, hold: 5s}")
    done(stage.world.say(ANN, RevokeKey(CAT, MemoryPersonSigner("cat").public_key, WORDS)))
    (waits,) = seen(stage).awaited
    assert (waits.whom.roles, waits.whom.people) == (("release-manager",), ())


def test_a_pause_shows_with_the_command_that_ends_it(stage: Stage) -> None:
    done(act(stage, Pause(pause=PRODUCTION, by=ANN)))
    assert seen(stage).awaited[0].command == "interlock rollout resume production"
    assert seen(stage).pace.endswith(", paused")


def test_who_cannot_see_says_since_when(stage: Stage) -> None:
    Outage(Whose.METRICS, 1000).happen(stage)
    wait(stage, 4)
    assert awaited(stage)[0] == "rollout.unseen"


def test_a_candidate_that_takes_no_requests_is_what_it_waits_for(stage: Stage) -> None:
    CandidateIs(PRODUCTION, 0).happen(stage)
    wait(stage, 3)
    assert awaited(stage)[0] == "rollout.ill"


def test_a_proxy_that_is_missing_shows_with_what_can_be_done(stage: Stage) -> None:
    ProxiesBehave(PRODUCTION, Manner.AWAY).happen(stage)
    wait(stage, 20)
    (missing,) = [wait.finding for wait in seen(stage).awaited if wait.finding.code == "rollout.absent"]
    assert missing.sentence.startswith("1 of 1 proxies is not answering: memory; nothing more is exposed")
    assert "abort and take it out of the bindings" in missing.sentence


def test_proxies_that_are_connected_are_not_waited_for(stage: Stage) -> None:
    assert "rollout.absent" not in awaited(stage)


def test_a_gate_that_shut_in_the_middle_says_so_itself(stage: Stage) -> None:
    done(act(stage, Freeze(freeze=PRODUCTION, lasting=timedelta(minutes=5), by=CAT)))
    wait(stage, 60)
    assert awaited(stage) == ["freeze.active"]
    assert seen(stage).exposure == Exposure(1000)


def test_after_a_loss_nothing_is_exposed_and_counting_begins_anew(stage: Stage) -> None:
    stage.world.kill()
    stage.world.moments.advance(timedelta(seconds=5))
    stage.world.controller().step()
    assert awaited(stage) == ["rollout.lost"]
    assert (seen(stage).exposure, seen(stage).tally.candidate.requests) == (Exposure(), 0)


def test_what_goes_wrong_shows_its_evidence_beyond_the_threshold(stage: Stage) -> None:
    RequestsGo("v2", 30.0).happen(stage)
    stage.world.settle()
    ended = Onlooker().of(viewer(stage), PROMOTION)
    assert (ended.promotion.phase, ended.is_over, ended.awaited) == (PromotionPhase.RETURNED, True, ())
    assert ended.account.log_evidence > ended.account.threshold
    assert ended.exposure == Exposure()


def test_a_bake_is_told_as_observed(stage: Stage) -> None:
    wait(stage, 62)
    assert seen(stage).pace.startswith("at 100 %, baking: ")
    assert awaited(stage) == ["rollout.baking"]


@pytest.mark.parametrize(("share", "words"), [(50, "0.5 %"), (1000, "10 %"), (10_000, "100 %"), (1, "0.01 %")])
def test_basis_points_are_told_as_percent(share: int, words: str) -> None:
    assert share_in_words(share) == words


def test_a_cohort_is_told_beside_the_share() -> None:
    assert exposure_in_words(Exposure(100, "testers")) == "1 % and cohort testers"
    assert exposure_in_words(Exposure(0, "testers")) == "cohort testers"


def test_what_came_back_is_explained_by_why_and_by_what_was_measured(stage: Stage) -> None:
    RequestsGo("v2", 30.0).happen(stage)
    stage.world.settle()
    found = Explainer(viewer(stage)).explain(PROMOTION).finding
    assert [one.code for one in found.children] == ["promotion.analysis", "judge"]
    assert found.effective is Verdict.FAIL


def test_an_abort_of_what_went_well_is_still_no_success(stage: Stage) -> None:
    wait(stage, 20)
    done(act(stage, Abort(abort=PRODUCTION, by=ANN)))
    stage.world.settle()
    assert Explainer(viewer(stage)).explain(PROMOTION).finding.effective is Verdict.FAIL


@pytest.fixture
def accompanied() -> Stage:
    return a_rolling_stage(SLOW, more=", baseline: fresh")


def test_a_baseline_is_part_of_what_is_exposed_and_counted(accompanied: Stage) -> None:
    shown = rollout(seen(accompanied), driven=True)
    assert (shown.exposure.percent, shown.exposure.baseline) == (10.0, 10.0)
    assert (shown.baseline.requests, shown.baseline.ready, shown.baseline.members) == (shown.candidate.requests, 1, 1)
    assert round(shown.threshold) == 200


def test_a_page_has_a_row_for_it(accompanied: Stage) -> None:
    found = tuple(blocks(seen(accompanied), accompanied.world.moments.now(), driven=True))
    page = lay_out(found, Paper(0, coloured=False, unicode=True))
    (row,) = [line.split() for line in page.splitlines() if line.strip().startswith("baseline ")]
    assert row[1:3] == [str(seen(accompanied).tally.baseline.requests), "0"]
    assert row[-4:] == ["1", "of", "1", "ready"]
    assert "10 % beside a baseline of 10 %" in page
