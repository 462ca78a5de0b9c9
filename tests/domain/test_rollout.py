# SPDX-License-Identifier: Apache-2.0
"""The facts of a rollout, folded: what counts for the present step, what is kept over steps, what a loss takes away."""

from dataclasses import replace
from datetime import timedelta

from tests.domain.shop import ERRORS_ONLY, PRODUCTION, SECOND, SHOP, START
from tests.domain.story import given

from interlock.domain.ids import PersonId, PromotionId
from interlock.domain.judge.trial import Trial
from interlock.domain.moment import NEVER
from interlock.domain.rollout import (
    ExposureAuthorised,
    ExposureConfirmed,
    ExposureLost,
    Measured,
    Rollout,
    RolloutBegun,
    RolloutPaused,
    RolloutPhase,
    RolloutResumed,
    SightLost,
    StepAgreed,
    StepFinished,
    evolve,
    rollout_stream,
)
from interlock.domain.strategy import Split
from interlock.domain.traffic import UNEXPOSED, ArmCounters, Exposure, Snapshot, SourceCounters

P = PromotionId("p")
NOTHING = timedelta(0)
BEGUN = RolloutBegun(P, SHOP, PRODUCTION, ERRORS_ONLY)
ALLOWED = ExposureAuthorised(P, 0, Exposure(1000), "first", START)
EXPOSED = ExposureConfirmed(P, 0, START, ("proxy",), ("dead",))


def measured(seconds: int, stable: int, candidate: int, counted: int = 0, ill: int = 0) -> Measured:
    """Both arms so far, so many seconds after the start."""
    arms = SourceCounters("proxy", ArmCounters(stable), ArmCounters(candidate))
    at = START + SECOND * seconds
    return Measured(P, at, Snapshot((arms,), (), 2, 2), SECOND * counted, SECOND * ill, aged=SECOND)


SEEN = (measured(5, 900, 100, 5), measured(10, 1800, 200, 5))


def after(*events: object) -> Rollout:
    """The rollout after it was begun and these happened."""
    return given(Rollout(), evolve, BEGUN, *events).state


def test_a_rollout_is_named_after_its_promotion() -> None:
    assert rollout_stream(P) == "rollout/p"


def test_what_was_authorised_is_never_less_than_what_is_exposed() -> None:
    state = after(ALLOWED)
    assert (state.exposure, state.holder, state.authorised, state.confirmed) == (Exposure(1000), "first", 0, -1)


def test_what_the_proxies_confirmed_is_remembered_with_those_that_were_absent() -> None:
    state = after(ALLOWED, EXPOSED)
    assert (state.confirmed, state.confirmed_at, state.proxies, state.absent) == (0, START, ("proxy",), ("dead",))


def test_observed_time_and_requests_add_up() -> None:
    state = after(ALLOWED, EXPOSED, *SEEN)
    assert (state.held, state.requests, state.looked_at, state.measured_at) == (
        SECOND * 10,
        100,
        SEEN[1].at,
        SEEN[1].at,
    )


def test_a_step_that_is_confirmed_has_seen_nothing_yet_of_its_own() -> None:
    again = ExposureAuthorised(P, 1, Exposure(5000), "first", START)
    waited = measured(15, 2700, 300)
    state = after(ALLOWED, EXPOSED, *SEEN, StepFinished(P, 0), waited, again, ExposureConfirmed(P, 1, START, (), ()))
    assert (state.step, state.held, state.requests, state.measured_at) == (1, NOTHING, 0, NEVER)


def test_requests_that_may_be_older_than_the_exposure_are_evidence_and_not_counted_for_the_step() -> None:
    state = after(ALLOWED, measured(0, 0, 0), EXPOSED, measured(5, 900, 100))
    assert (state.requests, state.unanswered) == (0, 0)
    assert state.evidence != Trial()


def test_what_stable_had_since_the_candidate_had_something_is_remembered() -> None:
    silent = (measured(15, 2700, 200), measured(20, 3600, 200))
    assert after(ALLOWED, EXPOSED, *SEEN, *silent).unanswered == 1800
    assert after(ALLOWED, EXPOSED, *SEEN, *silent, measured(25, 4500, 201)).unanswered == 0


def accompanied(seconds: int, candidate: int, baseline: int, ready: int = 2) -> Measured:
    """All arms so far; of two instances of the baseline so many are ready."""
    arms = SourceCounters("proxy", ArmCounters(8 * candidate), ArmCounters(candidate), ArmCounters(baseline))
    at = START + SECOND * seconds
    return Measured(P, at, Snapshot((arms,), (), 2, 2, ready, 2), SECOND * 5, NOTHING, aged=SECOND)


BOTH = ExposureAuthorised(P, 0, Exposure(1000, baseline=1000), "first", START)


def test_the_candidate_is_compared_with_a_baseline_all_of_which_is_ready() -> None:
    seen = (accompanied(5, 100, 100), accompanied(10, 200, 200))
    ill = (accompanied(5, 100, 100), accompanied(10, 200, 200, ready=1))
    assert after(BOTH, EXPOSED, *seen).accompanied.requests == 100
    assert after(BOTH, EXPOSED, *ill).accompanied == Trial()


def test_without_a_baseline_it_is_compared_with_stable_alone() -> None:
    state = after(ALLOWED, EXPOSED, *SEEN)
    assert (state.accompanied, state.evidence.requests) == (Trial(), 100)


def test_a_share_beside_a_baseline_is_that_of_what_both_other_arms_left() -> None:
    state = after(BOTH, EXPOSED, accompanied(5, 100, 100), accompanied(10, 200, 200))
    assert state.evidence.split.weight == 1000 / 9000


def test_a_loss_begins_the_comparison_with_the_baseline_anew() -> None:
    state = after(BOTH, EXPOSED, accompanied(5, 100, 100), ExposureLost(P, START, "second"))
    assert state.accompanied == Trial()


def test_illness_is_kept_over_steps_and_heals() -> None:
    ill = (measured(5, 900, 100, ill=5), measured(10, 1800, 200, ill=-2), StepFinished(P, 0), EXPOSED)
    assert after(ALLOWED, EXPOSED, *ill).ill == SECOND * 3


def test_the_first_time_without_sight_is_remembered_until_something_is_seen() -> None:
    blind = (SightLost(P, START, "no answer"), SightLost(P, START + SECOND * 5, "still none"))
    state = after(ALLOWED, EXPOSED, *blind)
    assert (state.is_blind, state.blind_since, state.blind_why) == (True, START, "still none")
    assert state.looked_at == START + SECOND * 5
    assert not after(ALLOWED, EXPOSED, *blind, SEEN[1]).is_blind


def test_a_clock_put_back_does_not_prolong_blindness() -> None:
    back = START - SECOND * 3600
    assert after(SightLost(P, START, "no answer"), SightLost(P, back, "no answer")).blind_since == back


def test_an_answered_step_is_done() -> None:
    assert after(StepAgreed(P, 0, PersonId("ann"))).step == 1


def test_a_loss_begins_anew_and_is_counted() -> None:
    state = after(ALLOWED, EXPOSED, *SEEN, StepFinished(P, 0), ExposureLost(P, START, "second"))
    assert (state.losses, state.lost_at, state.holder) == (1, START, "second")
    assert (state.step, state.exposure, state.confirmed, state.evidence) == (0, UNEXPOSED, -1, Trial())
    assert (state.promotion, state.analysis) == (P, ERRORS_ONLY)


def test_a_pause_outlives_a_loss() -> None:
    paused = (RolloutPaused(P, "ann"), ExposureLost(P, START, "second"))
    assert after(*paused).phase is RolloutPhase.PAUSED
    assert after(*paused, RolloutResumed(P, "ann")).phase is RolloutPhase.ADVANCING


def test_a_share_is_held_against_what_is_counted_unless_it_is_one_of_users_or_has_a_cohort_beside_it() -> None:
    later = measured(20, 180, 20), measured(30, 270, 30)
    assert after(ALLOWED, EXPOSED, measured(10, 90, 10), *later).evidence.weight == 0.1
    beside = replace(ALLOWED, exposure=Exposure(1000, "testers"))
    assert after(beside, EXPOSED, measured(10, 90, 10), *later).evidence.weight == 0.0
    users = replace(BEGUN, analysis=replace(ERRORS_ONLY, split=Split.USERS))
    assert given(Rollout(), evolve, users, ALLOWED, EXPOSED, *later).state.evidence.weight == 0.0
