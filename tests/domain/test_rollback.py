# SPDX-License-Identifier: Apache-2.0
"""Rollbacks: begun by the controller or a person, to what was good, proven, or stranded and visible."""

from dataclasses import replace

import pytest
from tests.domain.shop import CYD, D0, D1, HOUR, PRODUCTION, R0, R1, R2, SMOKE, STAGING, START, WORDS, cyd
from tests.domain.story import codes, leaf_codes
from tests.domain.tale import Luck, Tale, adopted, with_releases

from interlock.domain import returning
from interlock.domain.action import ReturnTo, RunCheck, WakeAt
from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.artifact import ArtifactRecalled, LiftRecall, RecallArtifact
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import EffectKey, FreezeId, ReleaseId, RollbackId
from interlock.domain.incident import IncidentOpened, Severity
from interlock.domain.outbox import MessageDue
from interlock.domain.promotion import (
    AbortPromotion,
    Outcome,
    PromotionFailed,
    PromotionPhase,
    PromotionReturned,
)
from interlock.domain.release import ReleasePhase, ReleaseRolledBack, WithdrawRelease
from interlock.domain.rollback import (
    ConcludeReturn,
    ConcludeRollbackProof,
    Returned,
    Rollback,
    RollbackBegun,
    RollbackCause,
    RollbackPhase,
    RollbackReplaced,
    RollbackStranded,
)
from interlock.domain.slot import OccupantKind
from interlock.domain.verdict import Verdict

B = RollbackId("b")
BROKEN = Luck(Outcome.FAILED)


def failed() -> Tale:
    """1.1 has failed its proof in production; the controller has not yet begun the rollback."""
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.failed(R1, PRODUCTION)
    return tale


def test_the_controller_returns_from_what_failed_recalls_it_and_opens_an_incident() -> None:
    tale = failed()
    events = tale.well(tale.order(PRODUCTION, "b"), CONTROLLER)
    kinds = {type(event) for event in events}
    assert {RollbackBegun, PromotionReturned, ReleaseRolledBack, ArtifactRecalled, IncidentOpened} <= kinds
    assert tale.world.rollback(B).cause is RollbackCause.FAILED
    assert tale.wants(PRODUCTION) == (ReturnTo(B, R0, EffectKey("b/deploy/1"), EffectKey("p2/deploy")),)


def test_what_was_recalled_before_is_not_recalled_twice() -> None:
    tale = failed()
    tale.well(RecallArtifact(D1, WORDS), cyd)
    events = tale.well(tale.order(PRODUCTION, "b"), CONTROLLER)
    assert not any(isinstance(event, ArtifactRecalled) and event.digest == D1 for event in events)


def test_the_controller_rolls_nothing_back_that_has_not_failed() -> None:
    tale = adopted()
    tale.released(R1)
    assert codes(tale.tell(tale.order(PRODUCTION, "b"), CONTROLLER)) == ("rollback.no_cause",)


def test_an_abort_says_nothing_against_the_release() -> None:
    tale = adopted()
    tale.prepare(R1, STAGING)
    tale.request(R1, STAGING, "p")
    tale.drive(STAGING)
    tale.well(AbortPromotion(tale.world.occupant(STAGING).id), cyd)
    tale.settle(STAGING)
    assert tale.world.release(R1).phase is ReleasePhase.OPEN
    assert tale.world.slot(STAGING).live.release == R0
    assert not tale.world.is_recalled(D1)


def completed() -> Tale:
    """1.1 is in production."""
    tale = adopted()
    tale.released(R1)
    return tale


def test_a_person_orders_a_rollback_of_what_is_completed() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert tale.world.rollback(B).cause is RollbackCause.ORDERED
    assert tale.world.release(R1).phase is ReleasePhase.ROLLED_BACK
    tale.settle(PRODUCTION)
    assert tale.world.rollback(B).phase is RollbackPhase.COMPLETED
    assert tale.world.slot(PRODUCTION).kind is OccupantKind.FREE


def test_who_only_claims_to_be_somebody_orders_no_rollback_and_who_signed_in_does() -> None:
    tale = completed()
    claimed = Person(CYD, Assurance.ASSERTED)
    assert codes(tale.tell(tale.order(PRODUCTION, "b"), claimed)) == ("rollback.unsigned",)
    tale.well(tale.order(PRODUCTION, "b"), Person(CYD, Assurance.AUTHENTICATED))


def test_a_rollback_in_the_middle_of_a_promotion_ends_it() -> None:
    tale = completed()
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    tale.drive(PRODUCTION)
    events = tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert [type(event) for event in events][1:3] == [PromotionFailed, PromotionReturned]
    assert tale.world.slot(PRODUCTION).live.release == R1
    assert tale.world.rollback(B).instead_of == "p/deploy"


def test_a_person_may_name_an_older_good_release() -> None:
    tale = completed()
    tale.released(R2)
    tale.well(tale.order(PRODUCTION, "b", R0), cyd)
    assert tale.world.rollback(B).target == R0


@pytest.mark.parametrize("target", [R2, ReleaseId("shop@0.9")])
def test_what_was_never_good_here_is_no_target(target: ReleaseId) -> None:
    tale = completed()
    assert codes(tale.tell(tale.order(PRODUCTION, "b", target), cyd)) == ("rollback.no_target",)


def test_naming_what_is_live_restores_it_and_says_nothing_against_it() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b", R1), cyd)
    assert tale.world.release(R1).phase is ReleasePhase.COMPLETED
    tale.settle(PRODUCTION)
    assert tale.world.rollback(B).phase is RollbackPhase.COMPLETED
    assert tale.world.slot(PRODUCTION).live.release == R1


def test_a_restored_release_is_told_of_once_and_leads_to_no_incident() -> None:
    tale = completed()
    events = tale.well(tale.order(PRODUCTION, "b", R1), cyd)
    assert [event.title for event in events if isinstance(event, MessageDue)] == ["production: restoring shop@1.1"]
    assert not any(isinstance(event, IncidentOpened | ReleaseRolledBack | ArtifactRecalled) for event in events)


def test_what_was_good_before_a_restored_release_stays_good() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b", R1), cyd)
    tale.settle(PRODUCTION)
    assert [good.release for good in tale.world.slot(PRODUCTION).good] == [R0, R1]


def test_what_is_live_but_recalled_is_not_restored() -> None:
    tale = completed()
    tale.well(RecallArtifact(D1, WORDS), cyd)
    assert codes(tale.tell(tale.order(PRODUCTION, "b", R1), cyd)) == ("rollback.no_target",)


def test_what_is_live_is_not_restored_while_a_promotion_is_under_way() -> None:
    tale = completed()
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    assert codes(tale.tell(tale.order(PRODUCTION, "b", R1), cyd)) == ("rollback.no_target",)


def test_a_restoring_that_failed_is_stranded_and_may_be_ordered_again() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b", R1), cyd)
    tale.settle(PRODUCTION, BROKEN)
    assert tale.world.rollback(B).phase is RollbackPhase.STRANDED
    tale.well(tale.order(PRODUCTION, "b2", R1), cyd)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R1


def test_a_recall_that_is_lifted_in_the_middle_of_the_rollback_brings_nothing_back() -> None:
    tale = failed()
    tale.well(tale.order(PRODUCTION, "b"), CONTROLLER)
    tale.well(LiftRecall(D1, WORDS), cyd)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0
    assert tale.world.release(R1).phase is ReleasePhase.ROLLED_BACK
    assert codes(tale.tell(tale.order(PRODUCTION, "b2", R1), cyd)) == ("rollback.no_target",)


def test_a_failed_promotion_is_condemned_whoever_begins_its_rollback() -> None:
    tale = failed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert tale.world.rollback(B).cause is RollbackCause.FAILED


def test_a_person_who_rolls_back_what_was_aborted_has_ordered_it() -> None:
    tale = adopted()
    tale.prepare(R1, STAGING)
    tale.request(R1, STAGING, "p")
    tale.drive(STAGING)
    tale.well(AbortPromotion(tale.world.occupant(STAGING).id), cyd)
    tale.well(tale.order(STAGING, "b"), cyd)
    assert tale.world.rollback(B).cause is RollbackCause.ORDERED
    assert not tale.world.is_recalled(D1)


def test_an_abort_with_nothing_to_return_to_condemns_nothing() -> None:
    tale = with_releases()
    tale.prepare(R1, STAGING)
    tale.request(R1, STAGING, "p")
    tale.drive(STAGING)
    tale.well(AbortPromotion(tale.world.occupant(STAGING).id), cyd)
    tale.settle(STAGING)
    assert tale.world.slot(STAGING).kind is OccupantKind.FREE
    assert tale.world.release(R1).phase is ReleasePhase.OPEN
    assert not tale.world.is_recalled(D1)


def test_a_failed_release_that_was_withdrawn_meanwhile_stays_withdrawn() -> None:
    tale = failed()
    tale.well(WithdrawRelease(R1, WORDS), cyd)
    events = tale.well(tale.order(PRODUCTION, "b"), CONTROLLER)
    assert not any(isinstance(event, ReleaseRolledBack) for event in events)
    assert tale.world.release(R1).phase is ReleasePhase.WITHDRAWN


def test_a_pre_emption_says_nothing_against_the_release() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    tale.promote(R2, STAGING)
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.prepare(R2, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    tale.drive(PRODUCTION)
    assert isinstance(tale.request(R2, PRODUCTION, "hot"), Accepted)
    tale.well(tale.order(PRODUCTION, "b"), CONTROLLER)
    assert tale.world.rollback(B).cause is RollbackCause.PREEMPTED
    assert tale.world.release(R1).phase is ReleasePhase.OPEN


def test_what_is_recalled_is_no_target() -> None:
    tale = completed()
    tale.well(RecallArtifact(D0, WORDS), cyd)
    assert codes(tale.tell(tale.order(PRODUCTION, "b"), cyd)) == ("rollback.no_target",)


def test_the_name_of_a_rollback_is_used_once() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    tale.settle(PRODUCTION)
    assert codes(tale.tell(tale.order(PRODUCTION, "b"), cyd)) == ("rollback.exists",)


def test_one_rollback_is_under_way_at_a_time() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert codes(tale.tell(tale.order(PRODUCTION, "b2"), cyd)) == ("rollback.under_way",)


def test_a_person_may_name_another_target_while_a_rollback_hangs() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    other = tale.world.slot(PRODUCTION).good[-1].release
    named = next(placed.release for placed in completed().world.slot(PRODUCTION).good if placed.release != other)
    assert codes(tale.tell(tale.order(PRODUCTION, "b2", other), cyd)) == ("rollback.under_way",)
    assert codes(tale.tell(tale.order(PRODUCTION, "b3", named), cyd)) == ("rollback.no_target",)


def test_a_stranded_rollback_without_any_target_gives_the_slot_back_when_a_person_says_so() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    tale.settle(PRODUCTION, Luck(Outcome.FAILED))
    assert tale.world.rollback(B).phase is RollbackPhase.STRANDED
    tale.well(RecallArtifact(D0, WORDS), cyd)
    tale.well(tale.order(PRODUCTION, "b2"), cyd)
    assert tale.world.slot(PRODUCTION).kind is OccupantKind.FREE
    assert tale.world.rollback(B).phase is RollbackPhase.REPLACED


def test_a_person_takes_no_step_of_the_controller() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    assert codes(tale.tell(ConcludeRollbackProof(B), cyd)) == ("rollback.robot_only",)


def test_a_failure_with_nothing_to_return_to_frees_the_slot_and_is_a_critical_incident() -> None:
    tale = with_releases()
    promotion = tale.failed(R1, STAGING)
    events = tale.well(tale.order(STAGING, "b"), CONTROLLER)
    incidents = [event for event in events if isinstance(event, IncidentOpened)]
    assert [incident.severity for incident in incidents] == [Severity.CRITICAL]
    assert tale.world.promotion(promotion).phase is PromotionPhase.RETURNED
    assert tale.world.slot(STAGING).kind is OccupantKind.FREE


def returning_() -> Tale:
    """The rollback `b` has begun."""
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    return tale


@pytest.mark.parametrize("key", ["b/deploy/2", "p/deploy"])
def test_a_return_is_concluded_under_its_own_key(key: str) -> None:
    answer = returning_().tell(ConcludeReturn(B, EffectKey(key), Returned.SUCCEEDED, ""), CONTROLLER)
    assert codes(answer) == ("rollback.not_returning",)


def test_nothing_is_proven_before_the_target_is_deployed() -> None:
    assert codes(returning_().tell(ConcludeRollbackProof(B), CONTROLLER)) == ("rollback.nothing_to_prove",)


def test_a_deployed_target_is_proven_by_its_checks() -> None:
    tale = returning_()
    tale.drive(PRODUCTION)
    wanted = tale.wants(PRODUCTION)
    assert isinstance(wanted[0], RunCheck)
    assert wanted[0].key == "b/proving/0/smoke/1"
    assert codes(tale.tell(ConcludeRollbackProof(B), CONTROLLER)) == ("rollback.not_proven_yet",)


def test_a_deployed_target_is_concluded_once() -> None:
    tale = returning_()
    tale.drive(PRODUCTION)
    again = ConcludeReturn(B, EffectKey("b/deploy/1"), Returned.SUCCEEDED, "")
    assert codes(tale.tell(again, CONTROLLER)) == ("rollback.not_returning",)


def test_a_failed_proof_is_another_try_under_another_key() -> None:
    tale = returning_()
    tale.drive(PRODUCTION)
    tale.record(R0, SMOKE, Verdict.FAIL, PRODUCTION)
    tale.well(ConcludeRollbackProof(B), CONTROLLER)
    assert (tale.world.rollback(B).phase, tale.world.rollback(B).key) == (RollbackPhase.RETURNING, "b/deploy/2")


def test_a_proof_that_stays_silent_is_another_try() -> None:
    tale = returning_()
    tale.drive(PRODUCTION)
    tale.wait(121)
    tale.well(ConcludeRollbackProof(B), CONTROLLER)
    assert tale.world.rollback(B).tries == 1


def test_after_three_tries_a_rollback_is_stranded_and_keeps_its_slot() -> None:
    tale = returning_()
    tale.settle(PRODUCTION, BROKEN)
    assert (tale.world.rollback(B).phase, tale.world.rollback(B).tries) == (RollbackPhase.STRANDED, 3)
    assert tale.world.slot(PRODUCTION).occupant == B
    assert tale.wants(PRODUCTION) == ()


def test_a_person_orders_another_in_place_of_a_stranded_one() -> None:
    tale = completed()
    tale.released(R2)
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    tale.settle(PRODUCTION, BROKEN)
    events = tale.well(tale.order(PRODUCTION, "b2", R0), cyd)
    assert RollbackReplaced(B, RollbackId("b2")) in events
    assert tale.world.rollback(B).phase is RollbackPhase.REPLACED
    assert tale.world.rollback(RollbackId("b2")).instead_of == "b/deploy/4"


def test_what_an_adopted_release_is_left_for_changes_nothing_about_it() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    tale.settle(PRODUCTION)
    assert tale.world.release(R0).phase is ReleasePhase.ADOPTED


def test_after_a_try_that_failed_it_waits_and_longer_each_time() -> None:
    tale = returning_()
    waits = []
    for _ in range(2):
        tale.drive(PRODUCTION, BROKEN)
        waits += [(action.at - tale.now).seconds for action in tale.wants(PRODUCTION) if isinstance(action, WakeAt)]
        tale.wait(20)
    assert waits == [5, 20]


def test_a_stranded_rollback_says_why() -> None:
    tale = returning_()
    for _ in range(3):
        tale.drive(PRODUCTION, BROKEN)
        tale.wait(20)
    stranded = [emitted.event for emitted in tale.world.log if isinstance(emitted.event, RollbackStranded)]
    assert [event.sentence for event in stranded] == ["the deployment failed: the script"]


PROVEN = "the rollback is proven"
SERVED = {
    ((), ()): PROVEN,
    (("edge-1",), ()): PROVEN,
    (("edge-1",), ("edge-2",)): f"{PROVEN}; not answering: edge-2: started anew they serve it from their files",
    ((), ("edge-2",)): f"{PROVEN}; no proxy answers: started anew they serve it from their files",
}


@pytest.mark.parametrize("served", SERVED)
def test_a_return_is_told_with_who_serves_it(served: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    tale = returning_()
    tale.well(ConcludeReturn(B, EffectKey("b/deploy/1"), Returned.SUCCEEDED, "it stood there", *served), CONTROLLER)
    going = tale.world.rollback(B)
    assert (going.proxies, going.absent) == served
    tale.settle(PRODUCTION)
    told = [emitted.event for emitted in tale.world.log if isinstance(emitted.event, MessageDue)]
    assert told[-1].body == SERVED[served]


def test_a_rollback_that_has_ended_wants_nothing() -> None:
    tale = returning_()
    ended = replace(Rollback(), phase=RollbackPhase.COMPLETED)
    book = tale.world.evidence(D0)
    assert returning.next_actions(ended, tale.world.verification(PRODUCTION), book, START) == ()


def test_a_rollback_in_a_freeze_with_the_clock_behind_is_begun() -> None:
    tale = completed()
    tale.well(DeclareFreeze(FreezeId("f"), (), (), START - 9 * HOUR, START + 99 * HOUR, WORDS, ()), cyd)
    tale.wait(-7200)
    assert "clock.behind" in leaf_codes(tale.gate(R1, PRODUCTION))
    assert isinstance(tale.tell(tale.order(PRODUCTION, "b"), cyd), Accepted)
