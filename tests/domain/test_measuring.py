# SPDX-License-Identifier: Apache-2.0
"""What a measurement adds: time that was observed, time that was ill, and nothing that was neither."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.course import P, answer, authorise, expose, exposed, finished, freeze, moving, rolling, rollout
from tests.domain.shop import ACCOMPANIED, ERRORS_ONLY, GOVERNANCES, PRODUCTION, SECOND, WEIGHED, ann, routed
from tests.domain.story import codes
from tests.domain.tale import Seen, Tale

from interlock.domain.action import WakeAt
from interlock.domain.actor import CONTROLLER
from interlock.domain.freeze import LiftFreeze
from interlock.domain.ids import FreezeId, TextRef
from interlock.domain.judge.judging import Standing, judge
from interlock.domain.measuring import EXPECTED, HEALING, OWN, least_of, objection
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Cause, PromotionPhase
from interlock.domain.rollout import PauseRollout, RecordMeasurement, ResumeRollout
from interlock.domain.strategy import Analysis, Guard, Invite, Measure, Split, Strategy, Weigh
from interlock.domain.traffic import ArmCounters, Snapshot, SourceCounters

NOTHING = timedelta(0)


def test_time_between_measurements_is_observed() -> None:
    tale = exposed()
    for _ in range(2):
        tale.wait(10)
        tale.measure(P)
    assert rollout(tale).held == SECOND * 20


def test_time_before_the_exposure_was_confirmed_is_not_observed() -> None:
    tale = finished()
    tale.wait(25)
    expose(tale, 1)
    tale.wait(1)
    tale.measure(P)
    assert rollout(tale).held == SECOND


def test_a_step_that_waits_for_its_gate_observes_nothing_meanwhile() -> None:
    tale = finished()
    freeze(tale)
    for _ in range(4):
        tale.wait(30)
        tale.measure(P)
    assert (rollout(tale).step, rollout(tale).held) == (1, NOTHING)


def test_a_jump_ahead_counts_for_two_pauses_at_most() -> None:
    tale = exposed()
    tale.wait(7200)
    tale.measure(P, requests=10)
    assert rollout(tale).held == SECOND * 60


def test_a_clock_put_back_costs_one_measurement() -> None:
    tale = exposed()
    tale.wait(-3600)
    tale.measure(P)
    assert rollout(tale).held == NOTHING
    tale.wait(10)
    tale.measure(P)
    assert rollout(tale).held == SECOND * 10


def test_a_clock_put_back_before_the_first_measurement_costs_that_one() -> None:
    tale = rolling()
    expose(tale, 0)
    for seconds in (-3600, 10):
        tale.wait(seconds)
        tale.measure(P)
    assert rollout(tale).held == SECOND * 10


def test_a_pause_is_watched_and_not_counted() -> None:
    tale = exposed()
    tale.well(PauseRollout(P), ann)
    tale.wait(30)
    tale.measure(P)
    assert (rollout(tale).held, rollout(tale).requests) == (NOTHING, 4000)
    tale.well(ResumeRollout(P), ann)
    tale.wait(5)
    tale.measure(P)
    assert rollout(tale).held == SECOND * 5


def test_what_lies_across_blindness_is_not_observed() -> None:
    tale = exposed()
    tale.measure(P, Seen.NOTHING)
    tale.wait(20)
    tale.measure(P)
    assert rollout(tale).held == NOTHING


def test_a_step_needs_its_requests_and_not_only_its_time() -> None:
    tale = exposed()
    tale.wait(30)
    tale.measure(P, requests=49)
    assert (rollout(tale).step, rollout(tale).held, rollout(tale).requests) == (0, SECOND * 30, 49)


def test_time_and_requests_without_enough_to_judge_do_not_finish_a_step() -> None:
    tale = exposed()
    tale.wait(30)
    tale.measure(P, requests=60)
    assert (rollout(tale).step, rollout(tale).requests) == (0, 60)


def test_who_is_unready_at_first_may_still_come_round() -> None:
    tale = rolling()
    expose(tale, 0)
    for ready in (Seen.UNREADY, Seen.UNREADY, Seen.WELL):
        tale.measure(P, ready)
        tale.wait(20)
    tale.measure(P)
    assert rollout(tale).ill == SECOND * 20 - SECOND * 40 / HEALING
    assert (moving(tale).phase, rollout(tale).step) == (PromotionPhase.ROLLING, 1)


def test_who_is_unready_again_and_again_goes_back() -> None:
    tale = exposed()
    for seen in (Seen.UNREADY, Seen.WELL) * 4:
        if moving(tale).phase is PromotionPhase.ROLLING:
            tale.wait(20)
            tale.measure(P, seen)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.LIVENESS)
    assert "0 of 2 of its endpoints are ready" in moving(tale).sentence


def test_who_is_unready_now_and_then_in_a_day_does_not() -> None:
    tale = exposed()
    tale.well(PauseRollout(P), ann)
    for _ in range(24):
        tale.measure(P, Seen.UNREADY)
        for _ in range(60):
            tale.wait(60)
            tale.measure(P)
    assert moving(tale).phase is PromotionPhase.ROLLING


def counted(tale: Tale, stable: int, candidate: int, *, ready: int = 2, members: int = 2) -> None:
    """A measurement with just these counts."""
    arms = SourceCounters("proxy", ArmCounters(stable), ArmCounters(candidate))
    tale.well(RecordMeasurement(P, Snapshot((arms,), (), ready, members)), CONTROLLER)


def test_who_has_no_endpoints_is_ill() -> None:
    tale = exposed()
    tale.wait(10)
    counted(tale, 5000, 5000, ready=0, members=0)
    assert rollout(tale).ill == SECOND * 10


def silent(times: int, stable: int) -> Tale:
    """At 10 %, so many measurements without one candidate request, stable having so many requests in each."""
    tale = rolling()
    expose(tale, 0)
    counted(tale, 0, 0)
    for time in range(1, times + 1):
        tale.wait(10)
        counted(tale, stable * time, 0)
    return tale


@pytest.mark.parametrize(("times", "stable"), [(1, 9 * EXPECTED), (3, 3 * EXPECTED)])
def test_who_has_none_of_the_requests_it_should_have_had_by_now_is_ill(times: int, stable: int) -> None:
    assert rollout(silent(times, stable)).ill == SECOND * 10
    assert rollout(silent(times, stable - 1)).ill == NOTHING


def test_beside_a_baseline_stable_has_less_of_what_the_candidate_should_have_had() -> None:
    tale = rolling(ACCOMPANIED)
    expose(tale, 0)
    counted(tale, 0, 0)
    tale.wait(10)
    counted(tale, 8 * EXPECTED, 0)
    assert (rollout(tale).exposure.baseline, rollout(tale).ill) == (1000, SECOND * 10)


def test_an_exposure_that_is_not_confirmed_yet_makes_nobody_silent() -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    tale.wait(10)
    counted(tale, 900_000, 4000)
    assert rollout(tale).ill == NOTHING


def test_nobody_is_silent_for_what_stable_had_before_the_exposure() -> None:
    tale = finished()
    expose(tale, 1)
    counted(tale, 900_000, 4000)
    tale.wait(10)
    counted(tale, 900_000, 4000)
    assert rollout(tale).ill == NOTHING


OBJECTIONS = {
    Seen.NOTHING: "nothing can be measured: no answer",
    Seen.UNREADY: "the candidate did not take its requests for 10 s in all; 0 of 2 of its endpoints are ready",
}


@pytest.mark.parametrize("seen", OBJECTIONS)
def test_what_was_seen_last_may_speak_against_exposing_more(seen: Seen) -> None:
    tale = finished()
    assert objection(rollout(tale), WEIGHED) == ""
    tale.wait(10)
    tale.measure(P, seen)
    assert objection(rollout(tale), WEIGHED) == OBJECTIONS[seen]


MANY = 150
"""Errors of the candidate, with one of stable beside them, that make one wonder."""


def few_errors(tale: Tale, candidate: int) -> None:
    """Both arms go on, with hardly an error but these of the candidate."""
    before = rollout(tale).snapshot.sources[0]
    arms = (
        ArmCounters(before.stable.requests + 1300, before.stable.errors + (1 if candidate else 0)),
        ArmCounters(before.candidate.requests + 1300, before.candidate.errors + candidate),
    )
    tale.wait(10)
    tale.well(RecordMeasurement(P, Snapshot((SourceCounters("proxy", *arms),), (), 2, 2)), CONTROLLER)


def doubted(errors: int) -> Tale:
    """A candidate with so few errors that they may be chance, while stable had none."""
    tale = finished()
    expose(tale, 1)
    few_errors(tale, 0)
    few_errors(tale, errors)
    return tale


def test_a_doubt_holds_the_exposure_while_it_grows_and_some_time_after() -> None:
    tale = doubted(MANY)
    assert "errors" in objection(rollout(tale), WEIGHED)
    held = rollout(tale).held
    for _ in range(WEIGHED.blind_for // (SECOND * 10)):
        few_errors(tale, 0)
    assert rollout(tale).held == held
    assert objection(rollout(tale), WEIGHED)


def test_who_is_in_doubt_is_looked_at_twice_as_often() -> None:
    tale = exposed()
    assert tale.wants(PRODUCTION) == (WakeAt(rollout(tale).looked_at + WEIGHED.every),)
    few_errors(tale, 8)
    assert tale.wants(PRODUCTION) == (WakeAt(rollout(tale).looked_at + WEIGHED.every / 2),)


def test_a_doubt_that_nothing_is_added_to_lets_go() -> None:
    tale = doubted(MANY)
    held = rollout(tale).held
    for _ in range(WEIGHED.blind_for // (SECOND * 10) + 2):
        few_errors(tale, 0)
    assert objection(rollout(tale), WEIGHED) == ""
    assert rollout(tale).held > held
    assert judge(rollout(tale).evidence, rollout(tale).analysis).standing is Standing.SUSPICIOUS


def test_a_doubt_does_not_let_go_while_there_are_no_requests() -> None:
    tale = doubted(MANY)
    for _ in range(WEIGHED.blind_for // (SECOND * 10) + 2):
        tale.wait(10)
        tale.well(RecordMeasurement(P, rollout(tale).snapshot), CONTROLLER)
    assert rollout(tale).calm == NOTHING
    assert objection(rollout(tale), WEIGHED)


def test_a_doubt_that_grows_again_holds_again() -> None:
    tale = doubted(MANY)
    for _ in range(WEIGHED.blind_for // (SECOND * 10) + 2):
        few_errors(tale, 0)
    few_errors(tale, MANY)
    assert rollout(tale).calm == NOTHING
    assert objection(rollout(tale), WEIGHED)


CAPPED = replace(WEIGHED, analysis=Analysis((Guard("errors", Measure.ERRORS, cap=500),)))


def test_a_cap_that_stable_breaks_too_holds_the_exposure_and_does_not_go_back() -> None:
    tale = finished({digest: routed(one, CAPPED) for digest, one in GOVERNANCES.items()})
    before = rollout(tale).snapshot.sources[0]
    both = tuple(ArmCounters(one.requests + 9000, one.errors + 4000) for one in (before.stable, before.candidate))
    tale.wait(30)
    tale.well(RecordMeasurement(P, Snapshot((SourceCounters("proxy", *both),), (), 2, 2)), CONTROLLER)
    assert moving(tale).phase is PromotionPhase.ROLLING
    assert "errors" in objection(rollout(tale), CAPPED)
    assert codes(tale.tell(authorise(1), CONTROLLER)) == ("rollout.objection",)


def test_after_a_freeze_the_step_is_observed_from_the_beginning() -> None:
    tale = finished()
    freeze(tale)
    tale.wait(60)
    tale.measure(P)
    tale.well(LiftFreeze(FreezeId("f"), TextRef("text:words")), ann)
    tale.well(authorise(1), CONTROLLER)
    tale.well(answer(1), CONTROLLER)
    assert rollout(tale).held == NOTHING


TWO = Strategy((Weigh(1000, SECOND * 30), Weigh(2500, SECOND * 30)), SECOND * 30, SECOND * 60, ERRORS_ONLY)


def second_step(split: Split = Split.REQUESTS) -> Tale:
    """Of two steps the first is finished, and the second is exposed and was measured once."""
    governances = {digest: with_split(routed(one, TWO), split) for digest, one in GOVERNANCES.items()}
    tale = finished(governances)
    expose(tale, 1)
    tale.wait(1)
    tale.measure(P)
    return tale


def with_split(governance: Governance, split: Split) -> Governance:
    return replace(governance, routes={name: replace(one, split=split) for name, one in governance.routes.items()})


def nothing_more(tale: Tale, times: int, *, stable: int = 0) -> None:
    """The candidate has no more requests, stable so many each time."""
    for _ in range(times):
        before = rollout(tale).snapshot.sources[0]
        tale.wait(10)
        more = replace(before.stable, requests=before.stable.requests + stable)
        snapshot = Snapshot((SourceCounters("proxy", more, before.candidate),), (), 2, 2)
        tale.well(RecordMeasurement(P, snapshot), CONTROLLER)


def test_what_was_seen_before_a_share_grew_says_nothing_of_the_larger_one() -> None:
    tale = second_step()
    nothing_more(tale, 12)
    assert (rollout(tale).step, rollout(tale).requests) == (1, 0)


def test_time_without_a_request_of_the_candidate_is_observed_for_as_long_as_one_may_be_blind() -> None:
    tale = second_step()
    before = rollout(tale).held
    nothing_more(tale, 12)
    assert rollout(tale).held == before + SECOND * 60
    assert rollout(tale).quiet > TWO.blind_for


def test_of_users_nobody_can_say_that_one_of_them_should_have_come() -> None:
    tale = second_step(Split.USERS)
    nothing_more(tale, 12, stable=1000)
    assert (rollout(tale).ill, moving(tale).phase) == (NOTHING, PromotionPhase.ROLLING)
    tale = second_step()
    for _ in range(7):
        nothing_more(tale, 1, stable=1000)
    assert moving(tale).phase is PromotionPhase.FAILED


def test_who_owes_requests_is_no_more_ill_for_time_in_which_nobody_asked_anything() -> None:
    tale = second_step()
    nothing_more(tale, 1, stable=1000)
    assert rollout(tale).ill == SECOND * 10
    nothing_more(tale, 12)
    assert NOTHING < rollout(tale).ill < SECOND * 10


def test_where_requests_are_few_the_judge_is_told_once_both_arms_had_one() -> None:
    tale = second_step()
    before = rollout(tale).evidence.requests
    nothing_more(tale, 2, stable=1)
    assert (rollout(tale).evidence.requests, rollout(tale).pending.stable.requests) == (before, 2)
    seen = rollout(tale).snapshot.sources[0]
    tale.wait(10)
    one = replace(seen, candidate=replace(seen.candidate, requests=seen.candidate.requests + 1))
    tale.well(RecordMeasurement(P, Snapshot((one,), (), 2, 2)), CONTROLLER)
    assert (rollout(tale).evidence.requests, rollout(tale).pending.stable.requests) == (before + 1, 0)


def test_the_judge_is_told_of_one_arm_alone_when_the_other_has_none_for_long() -> None:
    tale = second_step()
    before = rollout(tale).evidence.at
    nothing_more(tale, 5, stable=1)
    assert rollout(tale).evidence.at == before
    nothing_more(tale, 1, stable=1)
    assert rollout(tale).evidence.at > before
    assert rollout(tale).pending.stable.requests == 0


def test_a_cohort_waits_for_its_first_tester() -> None:
    assert [least_of(one) for one in (Invite("testers"), Weigh(1000), Weigh(1000, least=500))] == [1, OWN, 500]
