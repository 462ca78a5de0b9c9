# SPDX-License-Identifier: Apache-2.0
"""Who speaks for an exposure, and which proxies serve it: another holder's word, and proxies that are not connected."""

from dataclasses import replace

import pytest
from tests.domain.course import (
    P,
    answer,
    authorise,
    baking,
    connected,
    drive,
    finished,
    moving,
    promoted,
    rolling,
    rollout,
    settling,
)
from tests.domain.shop import LEASE, PRODUCTION, SECOND
from tests.domain.story import codes
from tests.domain.tale import Luck, Seen, Tale

from interlock.domain.action import Expose, Measure, Settle, WakeAt
from interlock.domain.actor import CONTROLLER
from interlock.domain.course import absence, missing
from interlock.domain.promotion import PromotionPhase
from interlock.domain.rolling import hindrance
from interlock.domain.rollout import (
    NOBODY,
    Answered,
    BeginSettling,
    ConcludeExposure,
    ExposureConfirmed,
    ProxiesSeen,
    ReportLoss,
    ReportProxies,
    Rollout,
)
from interlock.domain.traffic import WHOLE, Exposure

GONE = Luck(absent=("gone",))


def superseded() -> Tale:
    """The first controller was authorised; the second has found its exposure lost, and was authorised itself."""
    tale = rolling()
    tale.well(authorise(0, "first"), CONTROLLER)
    tale.well(ReportLoss(P, "second"), CONTROLLER)
    tale.now += LEASE
    tale.well(authorise(0, "second"), CONTROLLER)
    return tale


def short() -> Tale:
    """The first step is finished; one of two proxies is not connected."""
    tale = finished()
    tale.well(connected("gone"), CONTROLLER)
    return tale


# --- whose word counts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", Answered)
@pytest.mark.parametrize("holder", ["first", "third", NOBODY])
def test_i9_what_another_holder_says_of_the_proxies_counts_for_nothing(answered: Answered, holder: str) -> None:
    tale = superseded()
    tale.wait(3600)
    assert codes(tale.tell(answer(0, answered, holder), CONTROLLER)) == ("rollout.held",)
    assert (moving(tale).phase, rollout(tale).confirmed) == (PromotionPhase.ROLLING, -1)


def test_i9_its_holder_confirms_it() -> None:
    tale = superseded()
    tale.well(answer(0, holder="second"), CONTROLLER)
    assert rollout(tale).confirmed == 0


def test_a_record_without_a_holder_is_no_confirmation() -> None:
    tale = rolling()
    tale.well(authorise(0), CONTROLLER)
    unnamed = ConcludeExposure(P, 0, Answered.CONFIRMED, ("proxy",), (), "")
    assert codes(tale.tell(unnamed, CONTROLLER)) == ("rollout.held",)


def test_only_its_holder_tells_which_proxies_are_connected() -> None:
    assert codes(finished().tell(connected("gone", holder="second"), CONTROLLER)) == ("rollout.held",)
    assert codes(rolling().tell(connected("gone"), CONTROLLER)) == ("rollout.held",)


def test_what_is_known_of_the_proxies_is_not_told_again() -> None:
    tale = finished()
    assert codes(tale.tell(connected(), CONTROLLER)) == ("rollout.seen",)
    assert tale.well(connected("gone"), CONTROLLER) == (ProxiesSeen(P, tale.now, ("proxy",), ("gone",)),)
    assert codes(tale.tell(connected("gone"), CONTROLLER)) == ("rollout.seen",)


# --- proxies that are not connected -----------------------------------------------------------------------------


def test_missing_proxies_are_counted_and_named() -> None:
    state = replace(Rollout(), proxies=("a", "b"), absent=("c",))
    assert missing(state) == "1 of 3 proxies is not answering: c"
    assert missing(replace(state, absent=("c", "d"))) == "2 of 4 proxies are not answering: c, d"
    assert (missing(replace(state, absent=())), absence(state)) == ("", "")


def test_nothing_more_is_exposed_while_a_proxy_is_missing_and_what_is_exposed_is_watched() -> None:
    tale = short()
    assert hindrance(tale.world.course(moving(tale))) == "1 of 2 proxies is not answering: gone"
    assert codes(tale.tell(authorise(1), CONTROLLER)) == ("rollout.objection",)
    tale.wait(30)
    assert tale.wants(PRODUCTION) == (Measure(P),)
    assert rollout(tale).exposure == Exposure(1000)


def test_a_proxy_that_was_missing_when_it_was_confirmed_holds_up_the_next_step() -> None:
    tale = rolling()
    tale.well(authorise(0), CONTROLLER)
    told = tale.well(answer(0, absent=("gone",)), CONTROLLER)
    assert told == (ExposureConfirmed(P, 0, tale.now, ("proxy",), ("gone",)),)
    for _ in range(4):
        tale.drive(PRODUCTION, GONE)
    assert (rollout(tale).step, rollout(tale).confirmed) == (1, 0)
    assert not any(isinstance(action, Expose) for action in tale.wants(PRODUCTION))


def test_a_missing_proxy_is_waited_for_however_long_it_takes() -> None:
    tale = short()
    for _ in range(100):
        tale.wait(30)
        tale.drive(PRODUCTION, GONE)
    assert (moving(tale).phase, rollout(tale).exposure) == (PromotionPhase.ROLLING, Exposure(1000))


def test_a_rollout_goes_on_by_itself_when_its_proxies_are_back() -> None:
    tale = short()
    tale.well(connected(), CONTROLLER)
    assert Expose(P, 1, Exposure(WHOLE)) in tale.wants(PRODUCTION)
    drive(tale, PromotionPhase.COMPLETED)


def test_worse_than_stable_goes_back_whichever_proxies_are_missing() -> None:
    tale = short()
    tale.measure(P, Seen.WORSE)
    assert moving(tale).phase is PromotionPhase.FAILED


def test_a_missing_proxy_does_not_stop_the_bake() -> None:
    tale = baking()
    tale.well(connected("gone"), CONTROLLER)
    for _ in range(40):
        tale.drive(PRODUCTION, GONE)
    assert moving(tale).phase is PromotionPhase.SETTLING


def test_what_has_proven_itself_becomes_stable_once_its_proxies_are_back() -> None:
    tale = settling()
    tale.well(connected("gone"), CONTROLLER)
    assert codes(tale.tell(BeginSettling(P, "first"), CONTROLLER)) == ("rollout.absent",)
    assert isinstance(tale.wants(PRODUCTION)[0], Measure | WakeAt)
    tale.well(connected(), CONTROLLER)
    assert tale.wants(PRODUCTION) == (Settle(P, moving(tale).lane),)


def test_what_has_begun_to_settle_is_finished_whichever_proxies_are_missing() -> None:
    tale = settling()
    tale.well(connected("gone"), CONTROLLER)
    tale.well(connected(), CONTROLLER)
    tale.well(BeginSettling(P, "first"), CONTROLLER)
    assert codes(tale.tell(connected("gone"), CONTROLLER)) == ("rollout.not_rolling",)
    tale.drive(PRODUCTION)
    assert moving(tale).phase is PromotionPhase.COMPLETED


def test_without_any_proxy_the_first_exposure_is_tried_on() -> None:
    tale = rolling()
    tale.well(authorise(0), CONTROLLER)
    tale.well(ReportProxies(P, "first", (), ("gone",)), CONTROLLER)
    tale.wait(3600)
    assert (absence(rollout(tale)), missing(rollout(tale))) == ("", "1 of 1 proxies is not answering: gone")
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(1000)),)
    tale.well(answer(0), CONTROLLER)
    assert missing(rollout(tale)) == ""


def test_after_a_loss_it_is_still_known_which_proxies_were_missing() -> None:
    tale = short()
    tale.well(ReportLoss(P, "second"), CONTROLLER)
    assert rollout(tale).absent == ("gone",)
    tale.holder = "second"
    tale.wait(LEASE // SECOND)
    assert tale.wants(PRODUCTION) == (Expose(P, 0, Exposure(1000)),)


def test_nothing_is_said_of_proxies_before_anything_is_rolled_out() -> None:
    assert codes(promoted().tell(connected("gone"), CONTROLLER)) == ("rollout.not_rolling",)
