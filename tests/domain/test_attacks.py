# SPDX-License-Identifier: Apache-2.0
"""How somebody would get a bad release into production, or keep a bad one there, and why it does not work."""

from dataclasses import replace

from tests.domain.shop import (
    A1,
    ANN,
    C1,
    C2,
    D1,
    DAN,
    G1,
    G2,
    HOUR,
    ISSUES,
    LEAD,
    OTHER_PLANS,
    PRODUCTION,
    R0,
    R1,
    R2,
    REPORT,
    SHOP,
    SMOKE,
    STAGING,
    START,
    TESTS,
    UNIT,
    WORDS,
    ann,
    artifact,
    bob,
    creation,
    cyd,
    dan,
    procedure,
    ref,
)
from tests.domain.story import leaf_codes
from tests.domain.tale import Luck, Tale, adopted, with_releases

from interlock.domain import evidence, people
from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.approval import Answer
from interlock.domain.artifact import RecallArtifact, release_digest
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Refused
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded, RecordEvidence
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.gate import evaluate
from interlock.domain.governance import ApproveGovernance, CompleteReview, ProposeGovernance
from interlock.domain.ids import EVERYWHERE, FreezeId, PromotionId, ReleaseId, RequirementId, TextRef
from interlock.domain.incident import IncidentOpened
from interlock.domain.people import PersonAdded
from interlock.domain.promotion import BeginDeployment, Outcome, PromotionPhase
from interlock.domain.proof import Watch, judge
from interlock.domain.release import ReleasePhase, RevisePlans, WithdrawRelease
from interlock.domain.requirement import ApprovalRequirement, Held
from interlock.domain.rollback import RollbackPhase
from interlock.domain.verdict import Verdict

BROKEN = Luck(Outcome.FAILED)


def test_an_emergency_does_not_let_a_failed_promotion_slip_away_without_its_rollback() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    tale.released(R1)
    tale.promote(R2, STAGING)
    bad = ReleaseId("shop@1.3")
    tale.well(creation(bad, C1, artifact(b"three")), ann)
    tale.promote(bad, STAGING)
    failed = tale.failed(bad, PRODUCTION)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "hot")
    assert tale.world.promotion(failed).phase is PromotionPhase.FAILED
    tale.drive(PRODUCTION)
    assert tale.world.is_recalled(tale.world.release(bad).digest)


def test_a_stranded_rollback_may_be_ordered_again_to_the_only_good_release() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.failed(R1, PRODUCTION)
    tale.settle(PRODUCTION, BROKEN)
    assert tale.world.returning(PRODUCTION).phase is RollbackPhase.STRANDED
    assert isinstance(tale.tell(tale.order(PRODUCTION, "again"), cyd), Accepted)


def test_what_a_rollback_left_is_never_what_the_next_one_returns_to() -> None:
    tale = adopted()
    tale.released(R1)
    for name in ("one", "two"):
        tale.tell(tale.order(PRODUCTION, name), cyd)
        tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0


def test_a_rolled_back_release_does_not_come_back_by_being_named_as_a_target() -> None:
    tale = adopted()
    tale.released(R1)
    tale.well(tale.order(PRODUCTION, "one"), cyd)
    tale.settle(PRODUCTION)
    assert isinstance(tale.tell(tale.order(PRODUCTION, "two", R1), ann), Refused)


def test_what_has_failed_is_not_restored_by_naming_it() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.failed(R1, STAGING)
    assert isinstance(tale.tell(tale.order(STAGING, "restore", R1), ann), Refused)


def _verifying(tale: Tale) -> PromotionId:
    tale.prepare(R1, STAGING)
    tale.request(R1, STAGING, "p")
    tale.drive(STAGING)
    tale.drive(STAGING)
    assert tale.world.promotion(PromotionId("p")).phase is PromotionPhase.VERIFYING
    return PromotionId("p")


def test_a_check_that_failed_after_the_deployment_is_not_talked_away_by_a_later_pass() -> None:
    tale = adopted()
    promotion = _verifying(tale)
    tale.record(R1, SMOKE, Verdict.FAIL, STAGING)
    tale.record(R1, SMOKE, Verdict.PASS, STAGING)
    tale.drive(STAGING)
    assert tale.world.promotion(promotion).phase is PromotionPhase.FAILED


def test_evidence_that_is_merely_asserted_proves_no_deployment() -> None:
    tale = adopted()
    promotion = _verifying(tale)
    tale.record(R1, SMOKE, Verdict.PASS, STAGING, Person(ANN, Assurance.ASSERTED))
    tale.drive(STAGING)
    assert tale.world.promotion(promotion).phase is PromotionPhase.VERIFYING


def test_a_gap_in_the_evidence_after_a_deployment_proves_nothing() -> None:
    recorded = EvidenceRecorded(
        D1, SMOKE, STAGING, 2, Verdict.PASS, "fine", "ci", Assurance.AUTHENTICATED, REPORT, G1.digest, START
    )
    book = evidence.evolve(EvidenceBook(), recorded)
    watch = Watch(PromotionId("p"), "verifying", R1, STAGING, (SMOKE,), (), START)
    assert judge(watch, book).verdict is Verdict.ERROR


def test_an_author_does_not_attach_the_evidence_that_opens_the_gate_before_their_own_release() -> None:
    tale = adopted()
    tale.prepare(R1, STAGING)
    tale.record(R1, TESTS, Verdict.FAIL)
    tale.record(R1, TESTS, Verdict.PASS, actor=ann)
    tale.sign(R1, STAGING, bob)
    assert not tale.gate(R1, STAGING).opens


def test_an_older_reading_that_arrives_late_does_not_replace_a_newer_one() -> None:
    tale = adopted()
    tale.prepare(R1, STAGING)
    tale.record(R1, TESTS, Verdict.FAIL)
    late = RecordEvidence(D1, TESTS, EVERYWHERE, Verdict.PASS, "fine", "ci", REPORT, G1.digest, tale.now - HOUR)
    tale.tell(late, CONTROLLER)
    tale.sign(R1, STAGING, bob)
    assert not tale.gate(R1, STAGING).opens


def test_an_asserted_approval_is_not_the_second_person_of_an_emergency() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    lax = replace(
        G1,
        procedure=replace(
            G1.procedure,
            stages=tuple(
                replace(
                    stage,
                    requires=(
                        UNIT,
                        ApprovalRequirement(RequirementId("hot"), (LEAD,), assurance=Assurance.ASSERTED),
                    ),
                )
                if stage.name == "hot"
                else stage
                for stage in G1.procedure.stages
            ),
        ),
    )
    tale.world.governances = {**tale.world.governances, G1.digest: lax}
    tale.promote(R2, STAGING)
    tale.approve(R2, PRODUCTION, cyd)
    tale.approve(R2, PRODUCTION, Person(DAN, Assurance.ASSERTED))
    assert not tale.gate(R2, PRODUCTION).opens


def test_a_rejection_is_not_washed_away_by_revising_the_plans() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.approve(R1, PRODUCTION, bob, Answer.REJECTED)
    tale.well(RevisePlans(R1, OTHER_PLANS), ann)
    tale.approve(R1, PRODUCTION, cyd)
    assert "approval.rejected" in leaf_codes(tale.gate(R1, PRODUCTION))


def _baking(tale: Tale) -> PromotionId:
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    for _ in range(4):
        tale.drive(PRODUCTION)
    assert tale.world.promotion(PromotionId("p")).phase is PromotionPhase.BAKING
    return PromotionId("p")


def test_a_release_withdrawn_while_it_bakes_does_not_become_completed() -> None:
    tale = adopted()
    _baking(tale)
    tale.tell(WithdrawRelease(R1, WORDS), ann)
    tale.settle(PRODUCTION)
    assert tale.world.release(R1).phase is not ReleasePhase.COMPLETED


def test_a_release_rolled_back_in_staging_does_not_become_completed_in_production() -> None:
    tale = adopted()
    _baking(tale)
    tale.well(tale.order(STAGING, "back"), cyd)
    tale.settle(PRODUCTION)
    assert tale.world.release(R1).phase is ReleasePhase.ROLLED_BACK


def test_what_is_recalled_while_it_bakes_does_not_complete() -> None:
    tale = adopted()
    promotion = _baking(tale)
    tale.well(RecallArtifact(D1, WORDS), cyd)
    tale.settle(PRODUCTION)
    assert tale.world.promotion(promotion).phase is not PromotionPhase.COMPLETED


def test_a_rollback_target_that_is_recalled_on_the_way_is_not_deployed_again() -> None:
    tale = adopted()
    tale.released(R1)
    tale.well(tale.order(PRODUCTION, "back"), cyd)
    tale.well(RecallArtifact(tale.world.release(R0).digest, WORDS), cyd)
    tale.drive(PRODUCTION, BROKEN)
    assert tale.world.returning(PRODUCTION).phase is not RollbackPhase.RETURNING


def test_a_release_that_failed_with_nothing_to_return_to_is_recalled_and_goes_no_further() -> None:
    tale = with_releases()
    tale.promote(R1, STAGING)
    tale.failed(R1, STAGING)
    tale.settle(STAGING)
    tale.prepare(R1, PRODUCTION)
    assert tale.world.is_recalled(D1)
    assert isinstance(tale.request(R1, PRODUCTION, "p9"), Refused)


def test_a_rollback_never_returns_to_the_same_content_under_another_name() -> None:
    tale = adopted()
    tale.released(R1)
    again = ReleaseId("shop@1.3")
    tale.well(creation(again, C1, A1), ann)
    tale.promote(again, STAGING)
    tale.failed(again, PRODUCTION)
    tale.drive(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0


def test_ordering_the_rollback_of_a_failed_promotion_still_recalls_it() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.failed(R1, PRODUCTION)
    events = tale.well(tale.order(PRODUCTION, "quietly"), ann)
    assert tale.world.is_recalled(D1)
    assert any(isinstance(event, IncidentOpened) for event in events)


def test_content_recalled_by_a_rollback_does_not_return_under_a_renamed_component() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.failed(R1, PRODUCTION)
    tale.settle(PRODUCTION)
    renamed = ReleaseId("shop@1.3")
    tale.well(creation(renamed, C1, replace(A1, component=artifact(b"", "web2").component)), ann)
    tale.prepare(renamed, STAGING)
    assert "recall.active" in leaf_codes(tale.gate(renamed, STAGING))


def test_a_rollback_named_like_a_promotion_does_not_lend_it_its_turn() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.promote(R2, STAGING)
    for release, name in ((R1, "first"), (R2, "p")):
        tale.prepare(release, STAGING)
        assert isinstance(tale.request(release, STAGING, name), Accepted)
    tale.well(tale.order(STAGING, "p"), cyd)
    assert isinstance(tale.tell(BeginDeployment(PromotionId("p")), CONTROLLER), Refused)


def test_a_gate_in_which_nothing_applies_says_so_in_its_refusal() -> None:
    tale = adopted()
    when = replace(UNIT, condition="touched('web')")
    stages = tuple(replace(stage, requires=(when,) if stage.name == "ready" else ()) for stage in procedure().stages)
    situation = replace(
        tale.world.situation(R1, STAGING),
        governance=replace(G1, procedure=replace(procedure(), stages=stages)),
        conditions={when.id: Held.NO},
    )
    gate = evaluate(situation, tale.now)
    assert not gate.opens
    assert gate.why()


def test_a_committer_of_an_emergency_release_does_not_complete_its_review() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    tale.well(replace(creation(ReleaseId("shop@1.3"), C2, artifact(b"3")), authors=(ANN, DAN)), ann)
    tale.promote(ReleaseId("shop@1.3"), STAGING)
    tale.promote(ReleaseId("shop@1.3"), PRODUCTION)
    assert C2 in tale.world.service.reviews
    assert isinstance(tale.tell(CompleteReview(SHOP, C2, WORDS), dan), Refused)


def test_evidence_that_is_merely_asserted_never_opens_production() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    lax = replace(UNIT, assurance=Assurance.ASSERTED)
    pack = replace(
        procedure(),
        stages=tuple(
            replace(stage, requires=(lax,) if stage.name == "production" else ()) for stage in procedure().stages
        ),
    )
    tale.record(R1, TESTS, Verdict.PASS, actor=Person(DAN, Assurance.ASSERTED))
    situation = replace(
        tale.world.situation(R1, PRODUCTION),
        governance=replace(G1, procedure=pack, minimum=Assurance.ASSERTED),
    )
    assert not evaluate(situation, tale.now).opens


def test_the_minimum_assurance_of_a_governance_holds_for_decisions_of_people_too() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    lax = ApprovalRequirement(RequirementId("go"), (LEAD,), assurance=Assurance.AUTHENTICATED)
    pack = replace(
        procedure(),
        stages=tuple(
            replace(stage, requires=(lax,) if stage.name == "production" else ()) for stage in procedure().stages
        ),
    )
    tale.world.governances = {G1.digest: replace(G1, procedure=pack, minimum=Assurance.SIGNED)}
    tale.approve(R1, PRODUCTION, Person(DAN, Assurance.AUTHENTICATED))
    assert not tale.gate(R1, PRODUCTION).opens


def test_an_approval_dies_when_a_count_it_covered_went_over_its_limit_and_came_back() -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    assert tale.gate(R1, PRODUCTION).opens
    tale.record(R1, ISSUES, Verdict.PASS, count=3)
    tale.record(R1, ISSUES, Verdict.PASS, count=0)
    assert not tale.gate(R1, PRODUCTION).opens


def test_a_second_emergency_does_not_overtake_the_first() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    third = ReleaseId("shop@1.3")
    tale.well(creation(third, C2, artifact(b"three")), ann)
    for release in (R1, R2, third):
        tale.promote(release, STAGING)
        tale.prepare(release, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    for _ in range(3):
        tale.drive(PRODUCTION)
    tale.request(R2, PRODUCTION, "hot1")
    tale.request(third, PRODUCTION, "hot2")
    assert [queued.promotion for queued in tale.world.slot(PRODUCTION).queue] == ["hot1", "hot2"]


def test_nobody_takes_over_an_address_that_is_somebody_elses() -> None:
    address = TextRef("text:dan")
    state = people.evolve(people.People(), PersonAdded(DAN, "key 1", WORDS, (address,)))
    claim = people.AddPerson(ANN, "ssh-ed25519 AAAAsecondAAAAAAAAAA", WORDS, (address,))
    assert isinstance(people.decide(state, claim, dan), Refused)


def test_a_proposal_is_not_exchanged_under_the_same_digest() -> None:
    tale = adopted()
    tale.well(ProposeGovernance(SHOP, ref(G2), WORDS), bob)
    other = replace(ref(G2), pack=release_digest((artifact(b"a lax pack"),)))
    tale.tell(ProposeGovernance(SHOP, other, WORDS), ann)
    tale.tell(ApproveGovernance(SHOP, G2.digest), cyd)
    assert tale.world.service.in_force in {ref(G1), ref(G2)}


def test_a_freeze_that_stops_a_resumed_deployment_says_nothing_against_the_release() -> None:
    tale = adopted()
    tale.prepare(R1, STAGING)
    tale.request(R1, STAGING, "p")
    tale.drive(STAGING)
    tale.well(DeclareFreeze(FreezeId("f"), (), (), tale.now, tale.now + HOUR, WORDS, ()), cyd)
    tale.well(BeginDeployment(PromotionId("p")), CONTROLLER)
    tale.settle(STAGING)
    assert tale.world.slot(STAGING).live.release == R0
    assert not tale.world.is_recalled(D1)
