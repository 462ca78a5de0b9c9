# SPDX-License-Identifier: Apache-2.0
"""How a rollout moves: exposed by its gate, watched, gone on, gone back, settled; and what is asked of it in vain."""

from dataclasses import replace

import pytest
from tests.domain.course import (
    FREEZE,
    P,
    answer,
    authorise,
    baking,
    drive,
    exposed,
    finished,
    freeze,
    moving,
    promoted,
    rolling,
    rollout,
    settling,
)
from tests.domain.shop import (
    ASKING,
    BOB,
    D1,
    GOVERNANCES,
    LEASE,
    PRODUCTION,
    R1,
    SECOND,
    STAGING,
    WEIGHED,
    WORDS,
    ann,
    bob,
    cyd,
    procedure,
    routed,
)
from tests.domain.story import codes
from tests.domain.tale import Luck, Seen, Tale, with_releases
from tests.domain.world import Command

from interlock.domain.action import Expose, Measure, NoticeLoss, Settle, WakeAt
from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.artifact import RecallArtifact
from interlock.domain.course import Course, exposure_at, standing_of
from interlock.domain.freeze import LiftFreeze
from interlock.domain.procedure import Bake
from interlock.domain.promotion import (
    Cause,
    PromotionCompleted,
    PromotionExposed,
    PromotionFailed,
    PromotionPhase,
    PromotionProven,
    PromotionSetBack,
    SettlingBegun,
)
from interlock.domain.release import WithdrawRelease
from interlock.domain.rolling import next_actions
from interlock.domain.rollout import (
    NOBODY,
    AgreeToStep,
    Answered,
    BeginSettling,
    ConcludeSettling,
    ExposureAuthorised,
    ExposureConfirmed,
    ExposureLost,
    PauseRollout,
    RecordMeasurement,
    ReportBlindness,
    ReportLoss,
    ResumeRollout,
    RolloutPaused,
    RolloutPhase,
    RolloutResumed,
    SightLost,
    StepAgreed,
)
from interlock.domain.slot import LiveChanged
from interlock.domain.strategy import Ask, Invite, Weigh
from interlock.domain.traffic import WHOLE, Exposure, Lane, Snapshot

WHAT_A_CONTROLLER_DOES: tuple[Command, ...] = (
    authorise(0),
    answer(0),
    RecordMeasurement(P, Snapshot()),
    ReportBlindness(P, "no answer"),
    ReportLoss(P, "second"),
    BeginSettling(P, "first"),
    ConcludeSettling(P, Answered.CONFIRMED, ""),
)
WHAT_PEOPLE_DO: tuple[Command, ...] = (PauseRollout(P), ResumeRollout(P), AgreeToStep(P, 0))


def recall(tale: Tale) -> None:
    """Somebody recalls what is rolled out."""
    tale.well(RecallArtifact(D1, WORDS), cyd)


def asking() -> Tale:
    """The testers have seen it, and the step that asks has come."""
    return finished(ASKING)


# --- what is exposed ---------------------------------------------------------------------------------------------


def test_a_step_exposes_its_share_a_question_what_was_and_a_cohort_is_invited_only_in_its_own_step() -> None:
    steps = (Invite("testers"), Weigh(1000), Ask(()), Invite("staff"), Weigh(WHOLE))
    assert [exposure_at(steps, at) for at in range(5)] == [
        Exposure(0, "testers"),
        Exposure(1000),
        Exposure(1000),
        Exposure(1000, "staff"),
        Exposure(WHOLE),
    ]


def test_the_first_step_is_exposed_once_it_stands_beside() -> None:
    tale = rolling()
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(1000)),)
    assert tale.well(authorise(0), CONTROLLER) == (ExposureAuthorised(P, 0, Exposure(1000), "first", tale.now),)
    assert tale.well(answer(0), CONTROLLER) == (ExposureConfirmed(P, 0, tale.now, ("proxy",), ()),)
    assert tale.wants(PRODUCTION) == (Measure(P),)


def test_where_nothing_is_live_there_is_nothing_to_compare_with_and_everything_is_exposed() -> None:
    tale = with_releases()
    tale.world.governances = {digest: routed(one) for digest, one in GOVERNANCES.items()}
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, P)
    drive(tale, PromotionPhase.ROLLING)
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(WHOLE)),)
    drive(tale, PromotionPhase.COMPLETED)
    assert (tale.world.slot(PRODUCTION).live.release, tale.world.slot(PRODUCTION).live.lane) == (R1, Lane.A)
    assert tale.world.slot(PRODUCTION).beside.release == ""


def test_everything_exposed_is_what_bakes() -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    kinds = [type(event) for event in tale.well(answer(1), CONTROLLER)]
    assert (kinds, moving(tale).phase) == ([ExposureConfirmed, PromotionExposed], PromotionPhase.BAKING)


def test_without_a_bake_what_is_all_exposed_has_proven_itself() -> None:
    unbaked = {digest: routed(replace(one, procedure=procedure(bake=Bake()))) for digest, one in GOVERNANCES.items()}
    tale = finished(unbaked)
    tale.well(authorise(1), CONTROLLER)
    kinds = [type(event) for event in tale.well(answer(1), CONTROLLER)]
    assert kinds == [ExposureConfirmed, PromotionExposed, PromotionProven]


# --- the gate (I0) ----------------------------------------------------------------------------------------------


def test_a_shut_gate_holds_the_exposure_where_it_is_and_watches_it() -> None:
    tale = finished()
    freeze(tale)
    assert codes(tale.tell(authorise(1), CONTROLLER)) == ("freeze.active",)
    tale.wait(30)
    assert tale.wants(PRODUCTION) == (Measure(P),)
    assert rollout(tale).exposure == Exposure(1000)


def test_before_the_first_exposure_a_shut_gate_is_asked_again_later() -> None:
    tale = rolling()
    freeze(tale)
    assert tale.wants(PRODUCTION) == (WakeAt(tale.now + WEIGHED.every),)


def test_an_exposure_that_is_not_confirmed_is_tried_again_only_while_its_gate_is_open() -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    assert tale.wants(PRODUCTION) == (Expose(P, 1, Exposure(WHOLE)),)
    freeze(tale)
    assert not any(isinstance(action, Expose) for action in tale.wants(PRODUCTION))


@pytest.mark.parametrize("step", [0, 2])
def test_only_the_present_step_is_authorised(step: int) -> None:
    assert codes(finished().tell(authorise(step), CONTROLLER)) == ("rollout.other_step",)


def test_a_confirmed_step_is_not_authorised_again() -> None:
    assert codes(exposed().tell(authorise(0), CONTROLLER)) == ("rollout.exposed",)
    assert codes(baking().tell(authorise(1), CONTROLLER)) == ("rollout.exposed",)


def test_a_step_that_asks_exposes_nothing() -> None:
    tale = asking()
    assert codes(tale.tell(authorise(1), CONTROLLER)) == ("rollout.asks",)
    assert not any(isinstance(action, Expose) for action in tale.wants(PRODUCTION))


def test_a_paused_rollout_exposes_nothing_further() -> None:
    tale = finished()
    tale.well(PauseRollout(P), ann)
    assert codes(tale.tell(authorise(1), CONTROLLER)) == ("rollout.other_step",)
    assert tale.wants(PRODUCTION) == (WakeAt(rollout(tale).looked_at + WEIGHED.every),)


def test_who_cannot_see_exposes_nothing_further() -> None:
    tale = finished()
    tale.measure(P, Seen.NOTHING)
    assert codes(tale.tell(authorise(1), CONTROLLER)) == ("rollout.objection",)
    assert not any(isinstance(action, Expose) for action in tale.wants(PRODUCTION))


# --- what the proxies say ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1, -1])
def test_only_what_was_authorised_and_not_confirmed_is_concluded(step: int) -> None:
    assert codes(finished().tell(answer(step), CONTROLLER)) == ("rollout.not_exposing",)


def test_what_was_not_authorised_at_all_is_not_concluded() -> None:
    assert codes(rolling().tell(answer(-1), CONTROLLER)) == ("rollout.not_exposing",)


def test_proxies_that_refuse_end_it() -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    tale.well(answer(1, Answered.REFUSED), CONTROLLER)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.EXPOSURE)


@pytest.mark.parametrize(("seconds", "phase"), [(60, PromotionPhase.ROLLING), (61, PromotionPhase.FAILED)])
def test_proxies_that_do_not_confirm_are_given_time(seconds: int, phase: PromotionPhase) -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    tale.wait(seconds)
    told = tale.tell(answer(1, Answered.UNCONFIRMED), CONTROLLER)
    assert (moving(tale).phase, codes(told)) == (phase, () if seconds > 60 else ("rollout.unconfirmed",))


def test_a_clock_put_back_gives_proxies_no_more_time() -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    tale.wait(-3600)
    tale.well(answer(1, Answered.UNCONFIRMED), CONTROLLER)
    assert moving(tale).phase is PromotionPhase.FAILED


def test_what_is_confirmed_after_an_abort_is_refused_so_that_it_is_withdrawn() -> None:
    tale = finished()
    tale.well(authorise(1), CONTROLLER)
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert codes(tale.tell(answer(1), CONTROLLER)) == ("rollout.not_rolling",)


# --- watching ---------------------------------------------------------------------------------------------------


def test_it_is_measured_at_once_and_then_after_every_pause() -> None:
    tale = exposed()
    assert tale.wants(PRODUCTION) == (WakeAt(tale.now + SECOND * 30),)
    tale.wait(30)
    assert tale.wants(PRODUCTION) == (Measure(P),)


def test_a_clock_put_back_does_not_stop_the_watch() -> None:
    tale = exposed()
    tale.wait(-3600)
    assert tale.wants(PRODUCTION) == (Measure(P),)
    tale.measure(P)
    assert tale.wants(PRODUCTION) == (WakeAt(tale.now + SECOND * 30),)


def test_what_is_not_exposed_is_not_measured() -> None:
    tale = rolling()
    assert codes(tale.measure(P)) == ("rollout.unexposed",)
    assert codes(tale.measure(P, Seen.NOTHING)) == ("rollout.unexposed",)


def test_worse_than_stable_goes_back() -> None:
    tale = exposed()
    tale.measure(P, Seen.WORSE)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.ANALYSIS)


def test_worse_while_it_bakes_or_is_paused_goes_back() -> None:
    for tale in (baking(), exposed()):
        tale.well(PauseRollout(P), ann)
        tale.measure(P)
        tale.measure(P, Seen.WORSE)
        assert moving(tale).cause is Cause.ANALYSIS


def test_the_standing_is_that_of_all_that_was_seen() -> None:
    tale = exposed()
    assert standing_of(tale.world.course(moving(tale))).standing == "undecided"
    tale.measure(P)
    assert standing_of(tale.world.course(moving(tale))).standing == "good"


def test_who_cannot_see_holds_and_goes_back_when_that_lasts() -> None:
    tale = exposed()
    assert tale.well(ReportBlindness(P, "no answer"), CONTROLLER) == (SightLost(P, tale.now, "no answer"),)
    tale.wait(60)
    tale.well(ReportBlindness(P, "no answer"), CONTROLLER)
    assert moving(tale).phase is PromotionPhase.ROLLING
    tale.wait(1)
    tale.well(ReportBlindness(P, "no answer"), CONTROLLER)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.BLIND)


def test_a_clock_put_back_prolongs_blindness_by_its_limit_at_most() -> None:
    tale = exposed()
    tale.measure(P, Seen.NOTHING)
    tale.wait(-7200)
    tale.measure(P, Seen.NOTHING)
    tale.wait(61)
    tale.measure(P, Seen.NOTHING)
    assert moving(tale).cause is Cause.BLIND


BY_NO_MEASUREMENT = {Seen.WELL: "it was recalled on the way", Seen.NOTHING: "it was recalled on the way"}


@pytest.mark.parametrize("seen", BY_NO_MEASUREMENT)
@pytest.mark.parametrize("begin", [rolling, exposed, finished, asking, baking])
def test_a_recall_ends_it_at_once_whatever_can_be_measured(begin: object, seen: Seen) -> None:
    assert callable(begin)
    tale: Tale = begin()
    recall(tale)
    assert Measure(P) in tale.wants(PRODUCTION)
    tale.measure(P, seen)
    assert (moving(tale).phase, moving(tale).sentence) == (PromotionPhase.FAILED, BY_NO_MEASUREMENT[seen])


def test_a_release_that_was_withdrawn_does_not_go_on() -> None:
    tale = exposed()
    tale.well(WithdrawRelease(R1, WORDS), ann)
    tale.measure(P)
    assert (moving(tale).cause, moving(tale).sentence) == (Cause.GATE, "the release is withdrawn")


# --- losses (I9) ------------------------------------------------------------------------------------------------


def test_another_holder_notices_a_loss_before_anything_else() -> None:
    tale = finished()
    tale.holder = "second"
    assert tale.wants(PRODUCTION) == (NoticeLoss(P),)
    assert codes(tale.tell(authorise(1, "second"), CONTROLLER)) == ("rollout.held",)
    assert tale.well(ReportLoss(P, "second"), CONTROLLER) == (ExposureLost(P, tale.now, "second"),)


def test_an_onlooker_notices_no_loss() -> None:
    tale = exposed()
    looked = next_actions(moving(tale), tale.world.course(moving(tale)), NOBODY, tale.now)
    assert looked == (WakeAt(rollout(tale).looked_at + WEIGHED.every),)


@pytest.mark.parametrize("begin", [rolling, exposed])
def test_what_its_holder_holds_is_not_lost(begin: object) -> None:
    assert callable(begin)
    assert codes(begin().tell(ReportLoss(P, "first"), CONTROLLER)) == ("rollout.not_lost",)


def test_after_a_loss_it_waits_for_the_lease_and_begins_at_the_first_step() -> None:
    tale = finished()
    tale.holder = "second"
    tale.drive(PRODUCTION)
    assert tale.wants(PRODUCTION) == (WakeAt(tale.now + LEASE),)
    tale.wait(2)
    assert codes(tale.tell(authorise(0, "second"), CONTROLLER)) == ("rollout.lease",)
    tale.wait(1)
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(1000)),)
    tale.well(authorise(0, "second"), CONTROLLER)


def test_a_loss_while_it_bakes_sets_it_back() -> None:
    tale = baking()
    kinds = [type(event) for event in tale.well(ReportLoss(P, "second"), CONTROLLER)]
    assert kinds == [ExposureLost, PromotionSetBack]
    assert (moving(tale).phase, moving(tale).baked) == (PromotionPhase.ROLLING, 0 * SECOND)


def test_after_one_loss_it_still_completes() -> None:
    tale = baking()
    tale.holder = "second"
    drive(tale, PromotionPhase.COMPLETED)
    assert tale.world.slot(PRODUCTION).live.release == R1


def test_the_second_loss_goes_back() -> None:
    tale = exposed()
    for holder in ("second", "third"):
        tale.holder = holder
        tale.drive(PRODUCTION)
        if holder == "second":
            tale.wait(3)
            expose_again(tale)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.LOST)


def expose_again(tale: Tale) -> None:
    """The first step, under the present holder."""
    tale.well(authorise(0, tale.holder), CONTROLLER)
    tale.well(answer(0, holder=tale.holder), CONTROLLER)


# --- becoming stable --------------------------------------------------------------------------------------------


def test_what_has_proven_itself_becomes_stable_and_completes() -> None:
    tale = settling()
    assert tale.wants(PRODUCTION) == (Settle(P, Lane.B),)
    assert tale.well(BeginSettling(P, "first"), CONTROLLER) == (
        SettlingBegun(P, "first"),
        LiveChanged(R1, D1, Lane.B),
    )
    assert tale.well(BeginSettling(P, "first"), CONTROLLER) == (SettlingBegun(P, "first"),)
    assert PromotionCompleted(P) in tale.well(ConcludeSettling(P, Answered.CONFIRMED, ""), CONTROLLER)


def test_what_has_not_begun_to_settle_is_not_concluded() -> None:
    told = settling().tell(ConcludeSettling(P, Answered.CONFIRMED, ""), CONTROLLER)
    assert codes(told) == ("rollout.not_settling",)


@pytest.mark.parametrize("command", WHAT_A_CONTROLLER_DOES[5:])
def test_what_has_not_proven_itself_does_not_settle(command: Command) -> None:
    assert codes(baking().tell(command, CONTROLLER)) == ("rollout.not_settling",)


def test_proxies_that_refuse_it_as_stable_end_it() -> None:
    tale = settling()
    tale.well(BeginSettling(P, "first"), CONTROLLER)
    tale.well(ConcludeSettling(P, Answered.REFUSED, "no such cluster"), CONTROLLER)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.EXPOSURE)


def test_another_holder_settles_only_by_a_gate() -> None:
    tale = settling()
    freeze(tale)
    assert codes(tale.tell(BeginSettling(P, "second"), CONTROLLER)) == ("freeze.active",)
    tale.holder = "second"
    assert tale.wants(PRODUCTION) == (WakeAt(tale.now + WEIGHED.every),)
    tale.well(LiftFreeze(FREEZE, WORDS), cyd)
    drive(tale, PromotionPhase.COMPLETED)


def test_who_has_begun_to_settle_may_finish_it() -> None:
    tale = settling()
    tale.well(BeginSettling(P, "second"), CONTROLLER)
    freeze(tale)
    tale.well(BeginSettling(P, "second"), CONTROLLER)
    assert codes(tale.tell(BeginSettling(P, "third"), CONTROLLER)) == ("freeze.active",)


@pytest.mark.parametrize("holder", ["first", "second"])
def test_a_recall_ends_it_while_it_settles_whoever_holds_it(holder: str) -> None:
    tale = settling()
    tale.holder = holder
    recall(tale)
    assert tale.wants(PRODUCTION) == (Settle(P, Lane.B),)
    tale.drive(PRODUCTION)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.GATE)


def test_what_is_recalled_between_beginning_and_end_does_not_complete() -> None:
    tale = settling()
    tale.well(BeginSettling(P, "first"), CONTROLLER)
    recall(tale)
    kinds = [type(event) for event in tale.well(ConcludeSettling(P, Answered.CONFIRMED, ""), CONTROLLER)]
    assert kinds == [PromotionFailed]


def test_what_is_paused_does_not_settle_and_is_watched_on() -> None:
    tale = baking()
    tale.well(PauseRollout(P), ann)
    drive(tale, PromotionPhase.SETTLING)
    assert codes(tale.tell(BeginSettling(P, "first"), CONTROLLER)) == ("rollout.paused",)
    tale.wait(30)
    assert tale.wants(PRODUCTION) == (Measure(P),)
    tale.measure(P, Seen.WORSE)
    assert moving(tale).phase is PromotionPhase.FAILED


def test_what_was_paused_settles_once_it_may_go_on() -> None:
    tale = settling()
    tale.well(PauseRollout(P), ann)
    tale.well(ResumeRollout(P), ann)
    drive(tale, PromotionPhase.COMPLETED)


@pytest.mark.parametrize(("seen", "code"), [(Seen.NOTHING, "rollout.unseen"), (Seen.UNREADY, "rollout.objected")])
def test_who_cannot_see_or_does_not_like_what_it_sees_does_not_settle(seen: Seen, code: str) -> None:
    tale = settling()
    tale.measure(P, seen)
    assert codes(tale.tell(BeginSettling(P, "first"), CONTROLLER)) == (code,)
    tale.wait(30)
    tale.drive(PRODUCTION)
    drive(tale, PromotionPhase.COMPLETED)


def test_what_settles_has_no_losses_and_no_further_steps() -> None:
    tale = settling()
    for command in (authorise(1), answer(1), ReportLoss(P, "second")):
        assert codes(tale.tell(command, CONTROLLER)) == ("rollout.not_rolling",)


# --- people -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", WHAT_A_CONTROLLER_DOES)
def test_a_person_takes_no_step_of_the_controller(command: Command) -> None:
    assert codes(exposed().tell(command, ann)) == ("rollout.robot_only",)


@pytest.mark.parametrize("command", WHAT_PEOPLE_DO)
def test_the_controller_decides_nothing_that_people_decide(command: Command) -> None:
    assert codes(exposed().tell(command, CONTROLLER)) == ("rollout.needs_person",)


def test_a_pause_and_its_end_are_recorded_by_name() -> None:
    tale = exposed()
    assert tale.well(PauseRollout(P), ann) == (RolloutPaused(P, str(ann)),)
    assert codes(tale.tell(PauseRollout(P), bob)) == ("rollout.already",)
    assert tale.well(ResumeRollout(P), bob) == (RolloutResumed(P, str(bob)),)
    assert codes(tale.tell(ResumeRollout(P), bob)) == ("rollout.already",)


def test_to_pause_needs_no_signature_and_to_go_on_does() -> None:
    tale = asking()
    claimed = Person(BOB, Assurance.AUTHENTICATED)
    assert codes(tale.tell(AgreeToStep(P, 1), claimed)) == ("rollout.unsigned",)
    tale.well(PauseRollout(P), claimed)
    assert codes(tale.tell(ResumeRollout(P), claimed)) == ("rollout.unsigned",)


def test_one_of_those_it_asks_lets_it_go_on() -> None:
    tale = asking()
    assert codes(tale.tell(AgreeToStep(P, 1), ann)) == ("rollout.not_asked",)
    assert tale.well(AgreeToStep(P, 1), bob) == (StepAgreed(P, 1, BOB),)
    assert Expose(P, 2, Exposure(5000)) in tale.wants(PRODUCTION)


@pytest.mark.parametrize(("begin", "step"), [(asking, 0), (asking, 2), (exposed, 0), (baking, 1), (settling, 1)])
def test_a_step_that_asks_nothing_is_not_answered(begin: object, step: int) -> None:
    assert callable(begin)
    assert codes(begin().tell(AgreeToStep(P, step), bob)) == ("rollout.asks_nothing",)


# --- the wrong time ---------------------------------------------------------------------------------------------


def over() -> Tale:
    """It has completed."""
    return drive(settling(), PromotionPhase.COMPLETED)


def gone_back() -> Tale:
    """It has failed."""
    tale = exposed()
    tale.measure(P, Seen.WORSE)
    return tale


@pytest.mark.parametrize("begin", [promoted, over, gone_back])
@pytest.mark.parametrize("command", WHAT_A_CONTROLLER_DOES[:5] + WHAT_PEOPLE_DO)
def test_what_is_not_rolled_out_is_not_moved(begin: object, command: Command) -> None:
    assert callable(begin)
    actor = bob if command in WHAT_PEOPLE_DO else CONTROLLER
    tale: Tale = begin()
    assert codes(tale.tell(command, actor)) == ("rollout.not_rolling",)
    assert next_actions(moving(tale), tale.world.course(moving(tale)), "first", tale.now) == ()


def test_what_bakes_in_place_has_no_rollout_to_move() -> None:
    tale = drive(promoted(GOVERNANCES), PromotionPhase.BAKING)
    assert next_actions(moving(tale), tale.world.course(moving(tale)), "first", tale.now) == ()
    for command in WHAT_A_CONTROLLER_DOES[:5]:
        assert codes(tale.tell(command, CONTROLLER)) == ("rollout.not_rolling",)


def test_an_abort_in_the_middle_goes_back_to_what_still_stands() -> None:
    tale = exposed()
    tale.settle(PRODUCTION, Luck(), steps=1)
    assert rollout(tale).phase is RolloutPhase.ADVANCING
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert tale.world.slot(PRODUCTION).live.lane is Lane.A


def test_a_course_is_what_the_stage_says_and_then_everything() -> None:
    tale = exposed()
    course = tale.world.course(moving(tale))
    assert course.steps == (*WEIGHED.steps, Weigh(WHOLE))
    assert (course.lease, Course(rollout(tale), course.turn).strategy) == (LEASE, WEIGHED)
