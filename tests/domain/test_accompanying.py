# SPDX-License-Identifier: Apache-2.0
"""A rollout with a baseline: when its instances are brought up, waited for, compared with, missed and ended."""

from dataclasses import replace

import pytest
from tests.domain.course import P, answer, authorise, drive, moving, promoted, rolling, rollout, settling
from tests.domain.shop import ACCOMPANIED, FRESH, PRODUCTION, R1, SHOP, STAGING, ann
from tests.domain.story import codes
from tests.domain.tale import GOOD, Luck, Tale, with_releases
from tests.domain.world import Command

from interlock.domain.accompanying import LATE
from interlock.domain.action import DismissBaseline, Expose, ObserveBaseline, ReturnTo, StartBaseline, WakeAt
from interlock.domain.actor import CONTROLLER
from interlock.domain.baseline import (
    Baseline,
    BaselineBegun,
    BaselineEnded,
    BaselineMissed,
    BaselinePhase,
    BaselineStands,
    BeginBaseline,
    ConcludeBaseline,
    EndBaseline,
    baseline_key,
    baseline_stream,
)
from interlock.domain.ids import EffectKey, PromotionId
from interlock.domain.promotion import AbortPromotion, Outcome, PromotionPhase
from interlock.domain.rolling import next_actions
from interlock.domain.rollout import NOBODY, ExposureAuthorised
from interlock.domain.slot import OccupantKind
from interlock.domain.traffic import WHOLE, Exposure, share_beside

KEY = baseline_key(P)
LIVE = "shop@1.0"
OTHER = PromotionId("p0")
CANNOT = Luck(beside=Outcome.FAILED)
BROUGHT_UP = ConcludeBaseline(P, KEY, Outcome.SUCCEEDED, "the script")
GONE = EndBaseline(SHOP, PRODUCTION)


def baseline(tale: Tale) -> Baseline:
    """As it stands."""
    return tale.world.baseline(PRODUCTION)


def deploying() -> Tale:
    """The candidate's deployment is under way."""
    return drive(promoted(ACCOMPANIED), PromotionPhase.DEPLOYING)


def waiting() -> Tale:
    """The candidate is proven, and its baseline is still being brought up."""
    tale = deploying()
    tale.well(BeginBaseline(P), CONTROLLER)
    while moving(tale).phase is not PromotionPhase.ROLLING:
        for action in tale.wants(PRODUCTION):
            if not isinstance(action, ObserveBaseline):
                tale.perform(action, PRODUCTION, GOOD)
    return tale


def accompanied() -> Tale:
    """The candidate is proven, and its baseline stands."""
    tale = rolling(ACCOMPANIED)
    assert baseline(tale).phase is BaselinePhase.STANDING
    return tale


# --- it begins ---------------------------------------------------------------------------------------------------


def test_it_is_brought_up_with_the_candidate_from_what_is_live() -> None:
    tale = deploying()
    assert StartBaseline(P) in tale.wants(PRODUCTION)
    live = tale.world.slot(PRODUCTION).live
    assert tale.well(BeginBaseline(P), CONTROLLER) == (BaselineBegun(P, live.release, live.digest, KEY),)
    assert (live.release, ObserveBaseline(P, KEY) in tale.wants(PRODUCTION)) == (LIVE, True)
    assert tale.well(BROUGHT_UP, CONTROLLER) == (BaselineStands(P, "the script"),)


def test_where_nobody_asks_for_one_there_is_none() -> None:
    tale = rolling()
    assert (baseline(tale), tale.wants(PRODUCTION)) == (Baseline(), (Expose(P, 0, Exposure(1000)),))


def test_where_nothing_is_live_there_is_nothing_to_bring_up() -> None:
    tale = with_releases()
    tale.world.governances = ACCOMPANIED
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, P)
    drive(tale, PromotionPhase.ROLLING)
    assert (baseline(tale), tale.wants(PRODUCTION)) == (Baseline(), (Expose(P, 0, Exposure(WHOLE)),))


def test_what_takes_the_place_of_what_ran_has_none() -> None:
    tale = promoted(ACCOMPANIED)
    tale.world.governances = {digest: replace(one, routes={}) for digest, one in ACCOMPANIED.items()}
    drive(tale, PromotionPhase.DEPLOYING)
    assert StartBaseline(P) not in tale.wants(PRODUCTION)


WITHOUT: dict[str, Command] = {
    "begun": BeginBaseline(P),
    "concluded": BROUGHT_UP,
}


@pytest.mark.parametrize("what", WITHOUT)
def test_one_that_nobody_waits_for_is_not(what: str) -> None:
    assert codes(rolling().tell(WITHOUT[what], CONTROLLER)) == ("baseline.unwanted",)
    assert codes(accompanied().tell(WITHOUT[what], CONTROLLER)) == ("baseline.unwanted",)


def test_it_is_begun_once() -> None:
    tale = deploying()
    tale.well(BeginBaseline(P), CONTROLLER)
    assert codes(tale.tell(BeginBaseline(P), CONTROLLER)) == ("baseline.taken",)


def test_what_was_not_begun_or_has_another_key_comes_to_nothing() -> None:
    tale = deploying()
    assert codes(tale.tell(BROUGHT_UP, CONTROLLER)) == ("baseline.not_starting",)
    tale.well(BeginBaseline(P), CONTROLLER)
    other = replace(BROUGHT_UP, key=EffectKey("another"))
    assert codes(tale.tell(other, CONTROLLER)) == ("baseline.not_starting",)


@pytest.mark.parametrize("command", [BeginBaseline(P), BROUGHT_UP, GONE])
def test_nobody_but_the_controller_speaks_of_it(command: Command) -> None:
    assert codes(deploying().tell(command, ann)) == ("baseline.robot_only",)


# --- what it gets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "beside"), [(0, 0), (100, 100), (3333, 3333), (3334, 0), (5000, 0), (WHOLE, 0)])
def test_it_gets_the_candidates_share_while_stable_keeps_as_much(share: int, beside: int) -> None:
    assert share_beside(share) == beside


def test_it_is_exposed_with_the_candidate_and_by_the_same_decision() -> None:
    tale = accompanied()
    both = Exposure(1000, baseline=1000)
    assert tale.wants(PRODUCTION) == (Expose(P, 0, both),)
    assert tale.well(authorise(0), CONTROLLER) == (ExposureAuthorised(P, 0, both, "first", tale.now),)


def test_beside_all_of_the_traffic_it_has_nothing() -> None:
    tale = drive(accompanied(), PromotionPhase.BAKING)
    assert (rollout(tale).exposure, baseline(tale).phase) == (Exposure(WHOLE), BaselinePhase.STANDING)


# --- it is waited for, and not for ever --------------------------------------------------------------------------


def test_the_first_exposure_waits_for_it() -> None:
    tale = waiting()
    assert codes(tale.tell(authorise(0), CONTROLLER)) == ("rollout.awaits_baseline",)
    assert tale.wants(PRODUCTION) == (ObserveBaseline(P, KEY),)
    tale.perform(ObserveBaseline(P, KEY), PRODUCTION, GOOD)
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(1000, baseline=1000)),)


def test_an_onlooker_is_told_until_when() -> None:
    tale = waiting()
    state, course = moving(tale), tale.world.course(moving(tale))
    assert next_actions(state, course, NOBODY, tale.now) == (WakeAt(state.stepped_at + FRESH.blind_for),)


def test_one_that_is_not_there_in_time_is_done_without() -> None:
    tale = waiting()
    tale.wait(int(FRESH.blind_for.total_seconds()) + 1)
    missed, authorised = tale.well(authorise(0), CONTROLLER)
    assert missed == BaselineMissed(P, LATE)
    assert authorised == ExposureAuthorised(P, 0, Exposure(1000), "first", tale.now)


def test_one_that_comes_too_late_is_ended_and_not_compared_with() -> None:
    tale = waiting()
    tale.wait(int(FRESH.blind_for.total_seconds()) + 1)
    tale.well(authorise(0), CONTROLLER)
    tale.well(answer(0), CONTROLLER)
    assert codes(tale.tell(BROUGHT_UP, CONTROLLER)) == ("baseline.unwanted",)
    assert DismissBaseline(SHOP, PRODUCTION, P) in tale.wants(PRODUCTION)
    tale.well(GONE, CONTROLLER)
    assert (baseline(tale).phase, baseline(tale).held) == (BaselinePhase.MISSING, "")
    assert StartBaseline(P) not in tale.wants(PRODUCTION)


def test_one_that_cannot_be_brought_up_is_done_without_and_says_why() -> None:
    tale = drive(promoted(ACCOMPANIED), PromotionPhase.DEPLOYING)
    for _ in range(3):
        tale.drive(PRODUCTION, CANNOT)
    assert baseline(tale).sentence == "it could not be brought up: the script"
    drive(tale, PromotionPhase.ROLLING)
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(1000)),)
    drive(tale, PromotionPhase.COMPLETED)


def test_without_it_the_rollout_goes_its_way() -> None:
    tale = drive(promoted(ACCOMPANIED), PromotionPhase.DEPLOYING)
    tale.settle(PRODUCTION, CANNOT, steps=40)
    assert moving(tale).phase is PromotionPhase.COMPLETED


# --- it ends -----------------------------------------------------------------------------------------------------


def test_while_its_rollout_goes_on_it_stays() -> None:
    tale = accompanied()
    for phase in (PromotionPhase.ROLLING, PromotionPhase.BAKING, PromotionPhase.SETTLING):
        drive(tale, phase)
        assert codes(tale.tell(GONE, CONTROLLER)) == ("baseline.not_over",)


def test_it_ends_when_the_candidate_is_stable() -> None:
    tale = drive(accompanied(), PromotionPhase.COMPLETED)
    assert tale.wants(PRODUCTION) == (DismissBaseline(SHOP, PRODUCTION, P),)
    assert tale.well(GONE, CONTROLLER) == (BaselineEnded(P),)
    assert (baseline(tale).phase, tale.wants(PRODUCTION)) == (BaselinePhase.ENDED, ())


def test_it_never_becomes_what_is_live_or_good() -> None:
    tale = accompanied()
    before = tale.world.slot(PRODUCTION)
    tale.drive(PRODUCTION)
    after = tale.world.slot(PRODUCTION)
    assert (after.live, after.beside, after.good) == (before.live, before.beside, before.good)


def test_nothing_of_it_stands_before_going_back() -> None:
    tale = accompanied()
    tale.drive(PRODUCTION)
    tale.well(AbortPromotion(P), ann)
    assert not any(isinstance(action, DismissBaseline) for action in tale.wants(PRODUCTION))
    tale.drive(PRODUCTION)
    assert [type(action) for action in tale.wants(PRODUCTION)] == [ReturnTo]
    tale.drive(PRODUCTION)
    assert tale.world.slot(PRODUCTION).kind is OccupantKind.ROLLBACK
    assert DismissBaseline(SHOP, PRODUCTION, P) in tale.wants(PRODUCTION)
    tale.settle(PRODUCTION)
    assert baseline(tale).phase is BaselinePhase.ENDED


def test_what_is_called_off_before_anything_was_exposed_leaves_none() -> None:
    tale = deploying()
    tale.well(BeginBaseline(P), CONTROLLER)
    tale.well(AbortPromotion(P), ann)
    tale.settle(PRODUCTION)
    assert (baseline(tale).phase, baseline(tale).held) == (BaselinePhase.ENDED, "")


def test_one_that_is_left_over_ends_before_another_begins() -> None:
    tale = drive(accompanied(), PromotionPhase.COMPLETED)
    left = replace(baseline(tale), promotion=OTHER, held=OTHER)
    tale = deploying()
    tale.world.streams = {**tale.world.streams, baseline_stream(SHOP, PRODUCTION): left}
    assert StartBaseline(P) not in tale.wants(PRODUCTION)
    assert codes(tale.tell(BeginBaseline(P), CONTROLLER)) == ("baseline.taken",)
    assert DismissBaseline(SHOP, PRODUCTION, OTHER) in tale.wants(PRODUCTION)
    tale.well(GONE, CONTROLLER)
    assert StartBaseline(P) in tale.wants(PRODUCTION)


def test_where_none_stands_none_is_ended() -> None:
    assert codes(settling().tell(GONE, CONTROLLER)) == ("baseline.not_over",)
