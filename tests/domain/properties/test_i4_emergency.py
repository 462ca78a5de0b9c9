# SPDX-License-Identifier: Apache-2.0
"""I4: an emergency needs two people and owes a review; an overdue review holds normal production promotions."""

from hypothesis import given
from tests.domain.shop import C2, PRODUCTION
from tests.domain.walker import KINDS, Move, steps, walks

from interlock.domain.approval import Answer, cause_of_death
from interlock.domain.change import ChangeKind
from interlock.domain.governance import ReviewCompleted, ReviewOpened
from interlock.domain.promotion import DeploymentBegun


@given(walks())
def test_no_emergency_reaches_production_with_fewer_than_two_people(moves: list[Move]) -> None:
    for step in steps(ChangeKind.EMERGENCY, moves):
        for emitted in step.events:
            if isinstance(emitted.event, DeploymentBegun):
                moving = step.before.promotion(emitted.event.promotion)
                situation = step.before.situation_under(moving)
                if moving.environment == PRODUCTION and situation.change.kind is ChangeKind.EMERGENCY:
                    last = {
                        decided.by: decided
                        for decided in situation.approvals.decisions
                        if decided.environment == PRODUCTION
                    }
                    alive = [
                        decided.by
                        for decided in last.values()
                        if decided.answer is Answer.APPROVED
                        and not cause_of_death(decided.bound, situation.release, situation.evidence, situation.records)
                    ]
                    assert len(alive) >= 2
                    assert C2 in step.after.service.reviews or step.before.promotion(moving.id).phase == "deploying"


@given(KINDS, walks())
def test_an_overdue_review_holds_every_normal_promotion_into_production(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, DeploymentBegun):
                moving = step.before.promotion(emitted.event.promotion)
                if moving.environment == PRODUCTION and moving.kind is not ChangeKind.EMERGENCY:
                    assert all(review.due >= step.now for review in step.before.service.reviews.values())


@given(KINDS, walks())
def test_a_review_ends_only_by_being_completed_by_somebody_else(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        gone = step.before.service.reviews.keys() - step.after.service.reviews.keys()
        completed = [emitted.event for emitted in step.events if isinstance(emitted.event, ReviewCompleted)]
        assert gone == {event.change for event in completed}
        for event in completed:
            assert event.by not in step.before.service.reviews[event.change].parties
        assert not any(
            isinstance(emitted.event, ReviewOpened) and emitted.event.due < step.now for emitted in step.events
        )
