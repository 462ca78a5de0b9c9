# SPDX-License-Identifier: Apache-2.0
"""Who has a part in an emergency, and so does not review it."""

from dataclasses import replace

import pytest
from tests.domain.shop import A1, ANN, BOB, C1, CYD, G1, HOUR, PLANS, PRODUCTION, R1, SHOP, START, WORDS, ann, bob, cyd

from interlock.domain import change, governance
from interlock.domain.actor import CONTROLLER, Actor
from interlock.domain.answering import Answer as AnswerInIncident
from interlock.domain.answering import GiveAnswer
from interlock.domain.approval import Answer, Approve, Bound
from interlock.domain.change import Change, ChangeKind, ChangeOpened, PartTaken
from interlock.domain.governance import ReviewOpened, ReviewWidened, Service
from interlock.domain.ids import IncidentId, PromotionId
from interlock.domain.partaking import Part, is_for_it, partaken
from interlock.domain.rollout import PauseRollout

OPENED = ChangeOpened(C1, SHOP, ChangeKind.EMERGENCY, WORDS, ANN)
HOT = change.evolve(Change(), OPENED)
QUIET = Service(SHOP)
BOUND = Bound(A1.digest, G1.digest, 1, PLANS, ())
OWING = governance.evolve(QUIET, ReviewOpened(SHOP, C1, (ANN, CYD), START + HOUR))


def events(state: Change, service: Service, actor: Actor) -> tuple[object, ...]:
    return tuple(emitted.event for emitted in partaken(state, service, actor))


def test_who_does_something_for_an_emergency_has_a_part_in_it() -> None:
    assert events(HOT, QUIET, bob) == (PartTaken(C1, BOB),)


def test_a_part_is_recorded_once_of_each_person() -> None:
    assert events(change.evolve(HOT, PartTaken(C1, BOB)), QUIET, bob) == ()


def test_the_author_has_a_part_already() -> None:
    assert events(HOT, QUIET, ann) == ()


def test_who_takes_a_part_after_the_review_was_opened_does_not_make_it() -> None:
    assert events(HOT, OWING, bob) == (PartTaken(C1, BOB), ReviewWidened(SHOP, C1, BOB))


def test_who_is_kept_from_the_review_already_is_not_told_of_there_again() -> None:
    assert events(HOT, OWING, cyd) == (PartTaken(C1, CYD),)


def test_a_widened_review_names_all_its_parties() -> None:
    wider = governance.evolve(OWING, ReviewWidened(SHOP, C1, BOB))
    assert wider.reviews[C1].parties == (ANN, CYD, BOB)


def test_a_change_of_another_kind_asks_for_no_review_and_knows_no_parts() -> None:
    assert events(replace(HOT, kind=ChangeKind.NORMAL), QUIET, bob) == ()


def test_the_controller_has_no_part() -> None:
    assert events(HOT, QUIET, CONTROLLER) == ()


@pytest.mark.parametrize(
    "command",
    [
        Approve(R1, PRODUCTION, Answer.APPROVED, BOUND, WORDS),
        GiveAnswer(IncidentId("INC-1"), AnswerInIncident.STAY, WORDS),
        PauseRollout(PromotionId("p")),
    ],
)
def test_agreeing_leaving_it_live_and_steering_are_parts(command: Part) -> None:
    assert is_for_it(command)


@pytest.mark.parametrize(
    "command",
    [
        Approve(R1, PRODUCTION, Answer.REJECTED, BOUND, WORDS),
        GiveAnswer(IncidentId("INC-1"), AnswerInIncident.ROLLBACK, WORDS),
        GiveAnswer(IncidentId("INC-1"), AnswerInIncident.HOTFIX, WORDS),
    ],
)
def test_saying_no_is_no_part(command: Part) -> None:
    assert not is_for_it(command)
