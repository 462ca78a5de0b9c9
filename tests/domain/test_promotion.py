# SPDX-License-Identifier: Apache-2.0
"""How a promotion moves: asked for, deployed, verified, baked, completed, or ended before its end."""

from dataclasses import replace

import pytest
from tests.domain.shop import (
    ANN,
    BAKED,
    BOB,
    C2,
    CYD,
    D1,
    DAN,
    ERRORS,
    G1,
    G2,
    HOUR,
    PRODUCTION,
    R0,
    R1,
    R2,
    SECOND,
    SHOP,
    SMOKE,
    STAGING,
    START,
    WORDS,
    ann,
    artifact,
    bob,
    creation,
    cyd,
    procedure,
    ref,
)
from tests.domain.story import codes
from tests.domain.tale import Luck, Tale, adopted

from interlock.domain import promoting
from interlock.domain.action import AuthoriseDeployment, ObserveDeployment, StartRollback, WakeAt
from interlock.domain.actor import CONTROLLER
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.governance import ApproveGovernance, ProposeGovernance, ReviewOpened
from interlock.domain.ids import ChangeId, EffectKey, FreezeId, PromotionId, ReleaseId
from interlock.domain.outbox import MessageDue
from interlock.domain.promotion import (
    AbortPromotion,
    BakeObserved,
    BeginDeployment,
    Cause,
    ConcludeDeployment,
    ConcludeProof,
    DeploymentBegun,
    Outcome,
    Promotion,
    PromotionCompleted,
    PromotionFailed,
    PromotionPhase,
    PromotionTurnedAway,
)
from interlock.domain.release import ReleasePhase, RepinGovernance, WithdrawRelease
from interlock.domain.slot import LiveChanged, OccupantKind, SlotFreed, SlotLeft, SlotOccupied, SlotQueued
from interlock.domain.verdict import Verdict

P = PromotionId("p")
KEY = EffectKey("p/deploy")


def asked(kind: ChangeKind = ChangeKind.NORMAL) -> Tale:
    """The promotion `p` of 1.1 to staging has been asked for and waits in its slot."""
    tale = adopted(kind)
    tale.prepare(R1, STAGING)
    assert isinstance(tale.request(R1, STAGING, "p"), Accepted)
    return tale


def test_a_promotion_takes_a_free_slot() -> None:
    tale = asked()
    assert (tale.world.slot(STAGING).occupant, tale.world.promotion(P).phase) == ("p", PromotionPhase.WAITING)
    assert tale.wants(STAGING) == (AuthoriseDeployment(P, R1, KEY),)


def test_a_gate_that_is_held_refuses_with_every_reason() -> None:
    assert codes(adopted().request(R1, PRODUCTION, "p")) == (
        "order.not_reached",
        "evidence.missing",
        "signoff.missing",
        "evidence.missing",
        "approval.missing",
    )


def test_a_robot_asks_for_no_promotion() -> None:
    assert codes(adopted().request(R1, STAGING, "p", CONTROLLER)) == ("promotion.needs_person",)


def test_the_name_of_a_promotion_is_used_once() -> None:
    assert codes(asked().request(R1, STAGING, "p")) == ("promotion.exists",)


def test_a_release_is_on_its_way_once() -> None:
    assert codes(asked().request(R1, STAGING, "p2")) == ("promotion.under_way",)


def test_a_deployment_is_begun_with_the_decision_recorded_before_the_effect() -> None:
    tale = asked()
    assert tale.well(BeginDeployment(P), CONTROLLER) == (
        DeploymentBegun(P, D1, G1.digest, KEY),
        LiveChanged(R1, D1),
    )
    assert tale.wants(STAGING) == (ObserveDeployment(P, R1, KEY),)


def test_a_deployment_is_begun_again_under_the_same_key() -> None:
    tale = asked()
    tale.drive(STAGING)
    assert tale.well(BeginDeployment(P), CONTROLLER) == (DeploymentBegun(P, D1, G1.digest, KEY),)


@pytest.mark.parametrize(
    "command",
    [BeginDeployment(P), ConcludeDeployment(P, KEY, Outcome.SUCCEEDED, ""), ConcludeProof(P)],
)
def test_a_person_takes_no_step_of_the_controller(
    command: BeginDeployment | ConcludeDeployment | ConcludeProof,
) -> None:
    assert codes(asked().tell(command, ann)) == ("promotion.robot_only",)


def test_a_gate_that_has_closed_turns_a_waiting_promotion_away() -> None:
    tale = asked()
    tale.well(DeclareFreeze(FreezeId("f"), (), (), tale.now, tale.now + HOUR, WORDS, ()), cyd)
    events = tale.well(BeginDeployment(P), CONTROLLER)
    assert [type(event) for event in events] == [PromotionTurnedAway, SlotFreed, MessageDue]
    assert tale.wants(STAGING) == ()


def test_a_gate_that_has_closed_ends_a_resumed_deployment() -> None:
    tale = asked()
    tale.drive(STAGING)
    tale.well(DeclareFreeze(FreezeId("f"), (), (), tale.now, tale.now + HOUR, WORDS, ()), cyd)
    tale.well(BeginDeployment(P), CONTROLLER)
    assert (tale.world.promotion(P).phase, tale.world.promotion(P).cause) == (PromotionPhase.FAILED, Cause.GATE)
    assert tale.wants(STAGING) == (StartRollback(P),)


def test_a_deployment_that_cannot_be_started_is_given_up() -> None:
    tale = asked()
    for _ in range(promoting.STARTS):
        tale.well(BeginDeployment(P), CONTROLLER)
        assert not promoting.is_going_back(tale.world.promotion(P))
    tale.well(BeginDeployment(P), CONTROLLER)
    assert tale.world.promotion(P).cause is Cause.DEPLOYMENT
    assert promoting.is_going_back(tale.world.promotion(P))


def test_a_deployment_that_failed_ends_the_promotion() -> None:
    tale = asked()
    tale.drive(STAGING)
    tale.drive(STAGING, Luck(Outcome.FAILED))
    assert tale.world.promotion(P).cause is Cause.DEPLOYMENT


@pytest.mark.parametrize("key", [KEY, EffectKey("other")])
def test_a_deployment_is_concluded_once_under_its_own_key(key: EffectKey) -> None:
    tale = asked()
    assert codes(tale.tell(ConcludeDeployment(P, key, Outcome.SUCCEEDED, ""), CONTROLLER)) == (
        "promotion.not_deploying",
    )
    tale.drive(STAGING)
    other = ConcludeDeployment(P, EffectKey("other"), Outcome.SUCCEEDED, "")
    assert codes(tale.tell(other, CONTROLLER)) == ("promotion.not_deploying",)


def test_nothing_is_proven_before_it_is_deployed() -> None:
    assert codes(asked().tell(ConcludeProof(P), CONTROLLER)) == ("promotion.nothing_to_prove",)


def test_without_a_bake_the_proof_completes() -> None:
    tale = asked()
    tale.settle(STAGING)
    assert tale.world.promotion(P).phase is PromotionPhase.COMPLETED
    assert tale.world.release(R1).reached == (STAGING,)
    assert tale.world.slot(STAGING).live.release == R1


def deployed() -> Tale:
    """The promotion `p` is deployed to staging and not yet proven."""
    tale = asked()
    tale.drive(STAGING)
    tale.drive(STAGING)
    return tale


def test_a_proof_that_is_still_awaited_concludes_nothing() -> None:
    assert codes(deployed().tell(ConcludeProof(P), CONTROLLER)) == ("promotion.not_proven_yet",)


def test_a_failed_proof_ends_the_promotion() -> None:
    tale = deployed()
    tale.record(R1, SMOKE, Verdict.FAIL, STAGING)
    tale.well(ConcludeProof(P), CONTROLLER)
    assert tale.world.promotion(P).cause is Cause.PROOF


def test_checks_that_stay_silent_too_long_end_the_promotion() -> None:
    tale = deployed()
    tale.wait(121)
    tale.well(ConcludeProof(P), CONTROLLER)
    assert tale.world.promotion(P).cause is Cause.BLIND


def baking() -> Tale:
    """The promotion `p` of 1.1 to production is verified and bakes."""
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    for _ in range(4):
        tale.drive(PRODUCTION)
    assert tale.world.promotion(P).phase is PromotionPhase.BAKING
    return tale


def observe(tale: Tale, seconds: int) -> BakeObserved:
    """The watched check passes so much later, and that is concluded."""
    tale.wait(seconds)
    tale.record(R1, ERRORS, Verdict.PASS, PRODUCTION)
    first = tale.well(ConcludeProof(P), CONTROLLER)[0]
    assert isinstance(first, BakeObserved)
    return first


def test_a_bake_waits_for_its_next_look() -> None:
    tale = baking()
    assert tale.wants(PRODUCTION) == (WakeAt(tale.now + BAKED.every),)


@pytest.mark.parametrize(("jump", "counted"), [(30, 30), (-HOUR.seconds, 0), (10 * HOUR.seconds, 60)])
def test_a_bake_counts_what_was_observed_and_no_jump_of_the_clock(jump: int, counted: int) -> None:
    assert observe(baking(), jump).counted == counted * SECOND


def test_a_bake_that_was_observed_long_enough_completes_the_release() -> None:
    tale = baking()
    assert observe(tale, 30).counted == 30 * SECOND
    tale.wait(30)
    tale.record(R1, ERRORS, Verdict.PASS, PRODUCTION)
    assert PromotionCompleted(P) in tale.well(ConcludeProof(P), CONTROLLER)
    assert tale.world.release(R1).phase is ReleasePhase.COMPLETED
    assert tale.world.service.open_releases == (R2,)


def test_a_bake_that_cannot_see_goes_back() -> None:
    tale = baking()
    tale.wait(30 + 121)
    tale.well(ConcludeProof(P), CONTROLLER)
    assert tale.world.promotion(P).cause is Cause.BLIND


def test_what_went_back_without_a_verdict_may_come_again() -> None:
    tale = baking()
    tale.wait(30 + 121)
    tale.well(ConcludeProof(P), CONTROLLER)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0
    assert tale.world.release(R1).phase is ReleasePhase.OPEN
    assert not tale.world.is_recalled(tale.world.release(R1).digest)


def test_a_completed_release_may_still_complete_where_it_goes_again() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.prepare(R1, STAGING)
    tale.request(R1, STAGING, "again")
    tale.promote(R1, PRODUCTION)
    tale.settle(STAGING)
    assert tale.world.release(R1).phase is ReleasePhase.COMPLETED
    assert tale.world.slot(STAGING).live.release == R1


def test_a_release_withdrawn_on_its_way_goes_back_without_a_recall() -> None:
    tale = baking()
    tale.well(WithdrawRelease(R1, WORDS), cyd)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0
    assert not tale.world.is_recalled(tale.world.release(R1).digest)


def test_a_waiting_promotion_is_aborted_quietly() -> None:
    tale = asked()
    tale.well(AbortPromotion(P), cyd)
    assert tale.world.promotion(P).phase is PromotionPhase.TURNED_AWAY
    assert tale.world.slot(STAGING).kind is OccupantKind.FREE


def test_an_exposed_promotion_is_aborted_into_its_rollback() -> None:
    tale = deployed()
    tale.well(AbortPromotion(P), cyd)
    assert tale.wants(STAGING) == (StartRollback(P),)


def test_a_robot_aborts_nothing() -> None:
    assert codes(asked().tell(AbortPromotion(P), CONTROLLER)) == ("promotion.needs_person",)


def test_what_has_ended_is_not_aborted() -> None:
    tale = asked()
    tale.settle(STAGING)
    assert codes(tale.tell(AbortPromotion(P), cyd)) == ("promotion.ended",)


def queued(kind: ChangeKind = ChangeKind.NORMAL) -> Tale:
    """1.1 moves into production, and 1.2 is ready for it."""
    tale = adopted(kind)
    for release in (R1, R2):
        tale.promote(release, STAGING)
        tale.prepare(release, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    return tale


def test_a_second_promotion_queues_and_gets_its_turn() -> None:
    tale = queued()
    assert SlotQueued("q", R2, "") in told(tale, R2, "q")
    assert codes(tale.tell(BeginDeployment(PromotionId("q")), CONTROLLER)) == ("promotion.not_its_turn",)
    complete(tale)
    events = tale.well(BeginDeployment(PromotionId("q")), CONTROLLER)
    assert events[0] == SlotOccupied(OccupantKind.PROMOTION, "q", R2)


def told(tale: Tale, release: ReleaseId, name: str) -> tuple[object, ...]:
    """The events of asking for a promotion into production."""
    decision = tale.request(release, PRODUCTION, name)
    assert isinstance(decision, Accepted), decision
    return tuple(emitted.event for emitted in decision.events)


def complete(tale: Tale) -> None:
    """Drive the promotion `p` to its end, and nothing beyond."""
    for _ in range(20):
        if tale.world.promotion(P).phase is not PromotionPhase.COMPLETED:
            tale.drive(PRODUCTION)
    assert tale.world.promotion(P).phase is PromotionPhase.COMPLETED


def test_a_queued_promotion_that_is_aborted_leaves_the_queue() -> None:
    tale = queued()
    told(tale, R2, "q")
    assert SlotLeft("q") in tale.well(AbortPromotion(PromotionId("q")), cyd)
    assert tale.world.slot(PRODUCTION).occupant == "p"


def test_a_promotion_joins_the_queue_of_a_free_slot_at_its_end() -> None:
    tale = queued()
    told(tale, R2, "q")
    third = ReleaseId("shop@1.3")
    tale.well(creation(third, ChangeId("c1"), artifact(b"three")), ann)
    tale.promote(third, STAGING)
    tale.prepare(third, PRODUCTION)
    complete(tale)
    assert tale.world.slot(PRODUCTION).kind is OccupantKind.FREE
    assert SlotQueued("r", third, "") in told(tale, third, "r")


def test_an_emergency_turns_a_waiting_promotion_away() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    told(tale, R2, "hot")
    assert tale.world.promotion(P).cause is Cause.PREEMPTED
    assert tale.world.promotion(P).phase is PromotionPhase.TURNED_AWAY


def test_an_emergency_first_returns_what_is_exposed() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    tale.drive(PRODUCTION)
    told(tale, R2, "hot")
    assert tale.world.promotion(P).phase is PromotionPhase.FAILED
    for _ in range(4):
        tale.drive(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R2
    assert tale.world.release(R1).phase is ReleasePhase.OPEN


def test_an_emergency_stands_ahead_of_the_queue() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    third = ReleaseId("shop@1.3")
    tale.well(creation(third, ChangeId("c1"), artifact(b"three")), ann)
    tale.promote(third, STAGING)
    tale.prepare(third, PRODUCTION)
    told(tale, third, "q")
    assert SlotQueued("hot", R2, "q", ChangeKind.EMERGENCY) in told(tale, R2, "hot")


def test_a_later_emergency_stands_behind_earlier_ones_and_ahead_of_everything_else() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    tale.drive(PRODUCTION)
    third, fourth = ReleaseId("shop@1.3"), ReleaseId("shop@1.4")
    for release, change in ((third, ChangeId("c1")), (fourth, C2)):
        tale.well(creation(release, change, artifact(release.encode())), ann)
        tale.promote(release, STAGING)
        tale.prepare(release, PRODUCTION)
    told(tale, third, "q")
    told(tale, R2, "hot")
    told(tale, fourth, "hotter")
    waiting = [(one.promotion, one.kind) for one in tale.world.slot(PRODUCTION).queue]
    emergency = ChangeKind.EMERGENCY
    assert waiting == [("hot", emergency), ("hotter", emergency), ("q", ChangeKind.NORMAL)]


def test_an_emergency_behind_a_free_slot_with_a_queue_gets_its_turn_first() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    third = ReleaseId("shop@1.3")
    tale.well(creation(third, ChangeId("c1"), artifact(b"three")), ann)
    tale.promote(third, STAGING)
    tale.prepare(third, PRODUCTION)
    told(tale, third, "q")
    tale.well(AbortPromotion(P), cyd)
    told(tale, R2, "hot")
    assert tale.wants(PRODUCTION)[0] == AuthoriseDeployment(PromotionId("hot"), R2, EffectKey("hot/deploy"))


def test_an_emergency_behind_a_rollback_waits_for_it() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    tale.released(R1)
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert told(tale, R2, "hot")[1:] == (SlotQueued("hot", R2, "", ChangeKind.EMERGENCY),)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R2


def repin(tale: Tale) -> None:
    """Other rules come into force, and 1.1 is moved to them."""
    tale.well(ProposeGovernance(SHOP, ref(G2), WORDS), bob)
    tale.well(ApproveGovernance(SHOP, G2.digest), cyd)
    tale.well(RepinGovernance(R1), ann)


def test_a_waiting_promotion_whose_release_moved_to_other_rules_is_turned_away() -> None:
    tale = asked()
    repin(tale)
    tale.drive(STAGING)
    assert tale.world.promotion(P).phase is PromotionPhase.TURNED_AWAY
    assert "moved to other rules" in tale.world.promotion(P).sentence


def test_a_resumed_deployment_whose_release_moved_to_other_rules_goes_back_without_blame() -> None:
    tale = asked()
    tale.drive(STAGING)
    repin(tale)
    tale.well(BeginDeployment(P), CONTROLLER)
    tale.settle(STAGING)
    assert tale.world.slot(STAGING).live.release == R0
    assert not tale.world.is_recalled(D1)
    assert tale.world.release(R1).phase is ReleasePhase.OPEN


def test_what_is_deployed_already_is_proven_by_the_rules_it_began_with() -> None:
    tale = deployed()
    repin(tale)
    assert tale.world.turn_of(tale.world.promotion(P)).situation.governance == G1
    tale.settle(STAGING)
    assert tale.world.promotion(P).phase is PromotionPhase.COMPLETED
    assert tale.world.promotion(P).governance == G1.digest


def test_an_emergency_does_not_pre_empt_another() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    third = ReleaseId("shop@1.3")
    tale.well(creation(third, C2, artifact(b"three")), ann)
    tale.promote(third, STAGING)
    tale.prepare(third, PRODUCTION)
    tale.well(AbortPromotion(P), cyd)
    told(tale, R2, "hot")
    told(tale, third, "hotter")
    assert tale.world.promotion(PromotionId("hot")).phase is PromotionPhase.WAITING


def test_an_emergency_into_production_opens_its_review_once() -> None:
    tale = queued(ChangeKind.EMERGENCY)
    tale.well(AbortPromotion(P), cyd)
    told(tale, R2, "hot")
    hot = PromotionId("hot")
    opened = [event for event in tale.well(BeginDeployment(hot), CONTROLLER) if isinstance(event, ReviewOpened)]
    parties, due = (ANN, CYD, DAN, BOB), tale.now + 48 * HOUR
    assert opened == [ReviewOpened(SHOP, C2, parties, due, tale.now, "hotfix", opened[0].release, PRODUCTION)]
    assert not any(isinstance(event, ReviewOpened) for event in tale.well(BeginDeployment(hot), CONTROLLER))


def test_a_change_that_owes_its_review_already_opens_no_second_one() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    third = ReleaseId("shop@1.3")
    tale.well(creation(third, C2, artifact(b"three")), ann)
    tale.released(R2)
    assert C2 in tale.world.service.reviews
    tale.promote(third, STAGING)
    tale.prepare(third, PRODUCTION)
    told(tale, third, "hot")
    begun = tale.well(BeginDeployment(PromotionId("hot")), CONTROLLER)
    assert not any(isinstance(event, ReviewOpened) for event in begun)


def test_a_promotion_that_has_ended_wants_nothing() -> None:
    stage = procedure().stages[1]
    book = adopted().world.evidence(D1)
    for phase in (PromotionPhase.ABSENT, PromotionPhase.COMPLETED, PromotionPhase.TURNED_AWAY, PromotionPhase.RETURNED):
        assert promoting.next_actions(Promotion(phase), stage, book, START) == ()


def test_a_failed_promotion_asks_for_its_rollback_with_what_went_wrong() -> None:
    tale = deployed()
    tale.record(R1, SMOKE, Verdict.FAIL, STAGING)
    (failed,) = tale.well(ConcludeProof(P), CONTROLLER)
    assert isinstance(failed, PromotionFailed)
    assert "smoke says fail" in failed.sentence
    assert replace(failed, sentence="") == PromotionFailed(P, Cause.PROOF, "", checks=(SMOKE,))
