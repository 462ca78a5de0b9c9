# SPDX-License-Identifier: Apache-2.0
"""Getting a turn where traffic is split, and giving it up: superseding, pre-empting, calling off, ordering back."""

from dataclasses import replace

import pytest
from tests.domain.course import P, baking, drive, exposed, freeze, moving, promoted, rolling, rollout, settling
from tests.domain.shop import (
    C2,
    ERRORS_ONLY,
    GOVERNANCES,
    LEASE,
    PRODUCTION,
    R0,
    R1,
    R2,
    ROUTED,
    STAGING,
    ann,
    artifact,
    bob,
    creation,
    cyd,
    dan,
)
from tests.domain.story import codes
from tests.domain.tale import BAD, NONE_NAMED, Luck, Seen, Tale, split, with_releases
from tests.domain.world import Event

from interlock.domain.action import ReturnTo
from interlock.domain.actor import CONTROLLER
from interlock.domain.artifact import ArtifactRecalled
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, RollbackId
from interlock.domain.incident import IncidentOpened, Severity
from interlock.domain.outbox import MessageDue
from interlock.domain.procedure import Route
from interlock.domain.promotion import (
    AbortPromotion,
    BeginDeployment,
    Cause,
    Outcome,
    PromotionFailed,
    PromotionPhase,
    PromotionRequested,
    PromotionTurnedAway,
    RequestPromotion,
)
from interlock.domain.release import ReleasePhase, ReleaseRolledBack
from interlock.domain.rollback import RollbackCause, RollbackPhase
from interlock.domain.slot import NOTHING, OccupantKind, SlotFreed, SlotQueued
from interlock.domain.strategy import Habit, Split
from interlock.domain.traffic import Lane, Means

R3 = ReleaseId("shop@1.3")
P2 = PromotionId("p2nd")
"""The promotion of 1.2."""


def supersede(tale: Tale, promotion: PromotionId = P, release: ReleaseId = R2) -> Decision[Event]:
    """Bob promotes 1.2 in place of what is under way."""
    return tale.tell(RequestPromotion(P2, release, PRODUCTION, promotion), bob)


def with_second(tale: Tale) -> Tale:
    """1.2 may go to production too."""
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    return tale


def emergency_after(phase: PromotionPhase) -> Tale:
    """1.1 is on its way in `phase` when the emergency 1.2 is asked for."""
    tale = split(ChangeKind.EMERGENCY)
    tale.promote(R1, STAGING)
    tale.promote(R2, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, P)
    drive(tale, phase)
    tale.prepare(R2, PRODUCTION)
    return tale


# --- superseding ------------------------------------------------------------------------------------------------


def test_a_newer_release_ends_the_one_it_supersedes_which_goes_back_first() -> None:
    tale = with_second(exposed())
    told = supersede(tale)
    assert isinstance(told, Accepted)
    kinds = [type(emitted.event) for emitted in told.events]
    assert kinds == [PromotionRequested, SlotQueued, PromotionFailed]
    assert (moving(tale).cause, tale.world.slot(PRODUCTION).occupant) == (Cause.SUPERSEDED, P)
    tale.settle(PRODUCTION, steps=60)
    assert tale.world.slot(PRODUCTION).live.release == R2
    assert tale.world.release(R1).phase is ReleasePhase.OPEN


def test_what_waits_is_superseded_quietly() -> None:
    tale = with_second(promoted())
    told = supersede(tale)
    assert isinstance(told, Accepted)
    kinds = [type(emitted.event) for emitted in told.events]
    assert kinds == [PromotionRequested, SlotQueued, PromotionTurnedAway, SlotFreed, MessageDue]


def test_nothing_is_superseded_by_what_its_gate_holds() -> None:
    tale = with_second(exposed())
    freeze(tale)
    assert codes(supersede(tale)) == ("freeze.active",)
    assert moving(tale).phase is PromotionPhase.ROLLING


@pytest.mark.parametrize("name", ["p3", "p1"])
def test_only_what_is_under_way_there_is_superseded(name: str) -> None:
    assert codes(supersede(with_second(exposed()), PromotionId(name))) == ("promotion.not_superseded",)


def test_where_nothing_is_under_way_nothing_is_superseded() -> None:
    assert codes(supersede(with_second(split()), PromotionId("p1"))) == ("promotion.not_superseded",)


def test_what_has_failed_already_keeps_its_rollback() -> None:
    tale = with_second(exposed())
    tale.measure(P, Seen.WORSE)
    assert codes(supersede(tale)) == ("promotion.not_superseded",)


def test_an_emergency_is_not_superseded() -> None:
    tale = split(ChangeKind.EMERGENCY)
    tale.promote(R2, STAGING)
    tale.promote(R1, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, P)
    drive(tale, PromotionPhase.ROLLING)
    tale.prepare(R1, PRODUCTION)
    assert codes(supersede(tale, P, R1)) == ("promotion.not_superseded",)


# --- pre-empting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phase",
    [
        PromotionPhase.DEPLOYING,
        PromotionPhase.VERIFYING,
        PromotionPhase.ROLLING,
        PromotionPhase.BAKING,
        PromotionPhase.SETTLING,
    ],
)
def test_an_emergency_preempts_a_rollout_wherever_it_is_and_then_takes_its_turn(phase: PromotionPhase) -> None:
    tale = emergency_after(phase)
    assert isinstance(tale.request(R2, PRODUCTION, P2), Accepted)
    assert (moving(tale).phase, moving(tale).cause) == (PromotionPhase.FAILED, Cause.PREEMPTED)
    tale.drive(PRODUCTION)
    assert tale.world.returning(PRODUCTION).cause is RollbackCause.PREEMPTED
    tale.settle(PRODUCTION, steps=8)
    assert tale.world.slot(PRODUCTION).occupant == P2
    assert not tale.world.is_recalled(tale.world.release(R1).digest)


# --- itself beside itself ---------------------------------------------------------------------------------------


def everywhere() -> Tale:
    """Traffic is split in staging too, where 1.1 and then 1.2 went live; there is a 1.3."""
    tale = split()
    known = tale.world.governances.items()
    tale.world.governances = {
        digest: replace(one, routes={STAGING: Route(LEASE), **one.routes}) for digest, one in known
    }
    tale.well(creation(R3, C2, artifact(b"three")), ann)
    for release in (R1, R2):
        tale.promote(release, STAGING)
        tale.prepare(release, STAGING)
    return tale


def test_what_is_live_is_not_rolled_out_beside_itself() -> None:
    assert codes(everywhere().request(R2, STAGING, "again")) == ("promotion.stands_already",)


def test_what_became_live_while_it_waited_is_turned_away() -> None:
    tale = everywhere()
    tale.prepare(R3, STAGING)
    assert isinstance(tale.request(R3, STAGING, P), Accepted)
    drive_to(tale, P, PromotionPhase.VERIFYING, STAGING)
    assert isinstance(tale.request(R1, STAGING, P2), Accepted)
    tale.well(tale.order(STAGING, "b", R1), cyd)
    tale.settle(STAGING)
    assert (tale.world.slot(STAGING).live.release, tale.world.slot(STAGING).kind) == (R1, OccupantKind.FREE)
    assert tale.world.promotion(P2).phase is PromotionPhase.TURNED_AWAY


def drive_to(tale: Tale, name: PromotionId, phase: PromotionPhase, where: EnvironmentName = PRODUCTION) -> None:
    """Drive until that promotion is there."""
    for _ in range(60):
        if tale.world.promotion(name).phase is phase:
            return
        tale.drive(where)
    raise AssertionError(tale.world.promotion(name))


# --- going back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", [rolling, exposed, baking, settling])
def test_what_stands_beside_goes_back_by_its_traffic_alone(begin: object) -> None:
    assert callable(begin)
    tale: Tale = begin()
    tale.well(AbortPromotion(P), dan)
    tale.drive(PRODUCTION)
    going = tale.world.returning(PRODUCTION)
    assert (going.leaving, going.target, going.cause) == (R1, R0, RollbackCause.ABORTED)
    assert (going.lane, going.means) == (Lane.A, Means.SWITCH)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0
    assert tale.world.slot(PRODUCTION).kind is OccupantKind.FREE


@pytest.mark.parametrize("begin", [rolling, exposed, baking, settling])
def test_a_person_orders_it_back_in_the_middle(begin: object) -> None:
    assert callable(begin)
    tale: Tale = begin()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    going = tale.world.returning(PRODUCTION)
    assert (going.leaving, going.target, going.cause) == (R1, R0, RollbackCause.ORDERED)
    assert moving(tale).phase is PromotionPhase.RETURNED
    assert tale.world.release(R1).phase is ReleasePhase.ROLLED_BACK


def third() -> Tale:
    """1.0 and then 1.1 were live; 1.2 is rolled out."""
    tale = with_second(drive(promoted(), PromotionPhase.COMPLETED))
    tale.settle(PRODUCTION)
    assert isinstance(tale.request(R2, PRODUCTION, P2), Accepted)
    drive_to(tale, P2, PromotionPhase.ROLLING)
    tale.drive(PRODUCTION)
    return tale


def test_a_person_may_name_what_was_good_before_and_it_is_deployed_where_the_candidate_stood() -> None:
    tale = third()
    assert tale.world.slot(PRODUCTION).beside.release == R2
    tale.well(tale.order(PRODUCTION, "b", R0), cyd)
    going = tale.world.returning(PRODUCTION)
    assert (going.target, going.lane, going.means) == (R0, Lane.A, Means.DEPLOY)
    tale.settle(PRODUCTION)
    where = tale.world.slot(PRODUCTION)
    assert (where.live.release, where.live.lane, where.beside.release) == (R0, Lane.A, R1)


def test_a_candidate_is_not_named_as_what_to_go_back_to() -> None:
    tale = third()
    assert codes(tale.tell(tale.order(PRODUCTION, "b", R2), cyd)) == ("rollback.no_target",)


def test_without_a_name_it_goes_back_to_what_is_stable() -> None:
    tale = third()
    tale.well(tale.order(PRODUCTION, "b", NONE_NAMED), cyd)
    going = tale.world.returning(PRODUCTION)
    assert (going.target, going.lane, going.means) == (R1, Lane.B, Means.SWITCH)


def test_a_switch_whose_proof_fails_is_deployed_anew_in_its_lane() -> None:
    tale = exposed()
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    tale.drive(PRODUCTION)
    for _ in range(2):
        tale.drive(PRODUCTION, BAD)
    going = tale.world.rollback(RollbackId("b"))
    assert (going.phase, going.tries, going.lane, going.means) == (RollbackPhase.RETURNING, 1, Lane.A, Means.DEPLOY)
    tale.wait(5)
    assert any(isinstance(action, ReturnTo) and action.means is Means.DEPLOY for action in tale.wants(PRODUCTION))
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).live.release == R0


def test_a_rollback_after_completion_is_a_switch_and_the_next_one_may_name_the_other() -> None:
    tale = drive(promoted(), PromotionPhase.COMPLETED)
    tale.well(tale.order(PRODUCTION, "b"), cyd)
    going = tale.world.returning(PRODUCTION)
    assert (going.target, going.lane, going.means) == (R0, Lane.A, Means.SWITCH)


def test_what_is_live_is_restored_in_its_own_lane() -> None:
    tale = drive(promoted(), PromotionPhase.COMPLETED)
    tale.well(tale.order(PRODUCTION, "b", R1), cyd)
    going = tale.world.returning(PRODUCTION)
    assert (going.target, going.lane, going.means) == (R1, Lane.B, Means.DEPLOY)


def test_what_was_left_in_its_lane_is_not_counted_on_later() -> None:
    tale = third()
    tale.well(AbortPromotion(P2), dan)
    tale.settle(PRODUCTION)
    assert tale.world.slot(PRODUCTION).beside.release == ""


def test_a_first_release_that_fails_has_nothing_to_go_back_to() -> None:
    tale = with_releases()
    tale.world.governances = ROUTED
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, P)
    drive(tale, PromotionPhase.BAKING)
    tale.well(AbortPromotion(P), dan)
    tale.drive(PRODUCTION)
    where = tale.world.slot(PRODUCTION)
    assert (moving(tale).phase, where.kind) == (PromotionPhase.RETURNED, OccupantKind.FREE)
    assert (where.live, where.candidate) == (NOTHING, NOTHING)


CAUSES = {
    Cause.ANALYSIS: (Luck(seen=Seen.WORSE), RollbackCause.FAILED),
    Cause.BLIND: (Luck(seen=Seen.NOTHING), RollbackCause.BLIND),
    Cause.LIVENESS: (Luck(seen=Seen.UNREADY), RollbackCause.FAILED),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_only_what_lies_with_the_release_condemns_it(cause: Cause) -> None:
    luck, expected = CAUSES[cause]
    tale = exposed()
    while moving(tale).phase is PromotionPhase.ROLLING:
        tale.drive(PRODUCTION, luck)
    assert moving(tale).cause is cause
    tale.drive(PRODUCTION)
    assert tale.world.returning(PRODUCTION).cause is expected
    is_condemned = expected is RollbackCause.FAILED
    assert tale.world.is_recalled(tale.world.release(R1).digest) == is_condemned
    assert (tale.world.release(R1).phase is ReleasePhase.ROLLED_BACK) == is_condemned


def test_a_deployment_that_fails_beside_what_is_stable_leaves_that_alone() -> None:
    tale = promoted()
    tale.drive(PRODUCTION)
    tale.drive(PRODUCTION, Luck(Outcome.FAILED))
    tale.drive(PRODUCTION)
    going = tale.world.returning(PRODUCTION)
    assert (going.target, going.means, rollout(tale).promotion) == (R0, Means.SWITCH, "")


def undeployed(begin: Tale) -> tuple[Event, ...]:
    """Its deployment fails, and the controller goes back; what that means."""
    begin.drive(PRODUCTION)
    begin.drive(PRODUCTION, Luck(Outcome.FAILED))
    before = len(begin.world.log)
    begin.drive(PRODUCTION)
    return tuple(emitted.event for emitted in begin.world.log[before:])


def test_what_could_not_be_deployed_beside_what_is_stable_is_not_recalled_and_leaves_a_small_incident() -> None:
    tale = promoted()
    events = undeployed(tale)
    assert tale.world.returning(PRODUCTION).cause is RollbackCause.UNDEPLOYED
    assert not any(isinstance(event, ArtifactRecalled | ReleaseRolledBack) for event in events)
    told = [(event.severity, event.summary) for event in events if isinstance(event, IncidentOpened)]
    assert told == [(Severity.MINOR, "the deployment failed: the script")]


def test_what_could_not_be_deployed_beside_what_is_stable_may_be_asked_for_again() -> None:
    tale = promoted()
    undeployed(tale)
    tale.settle(PRODUCTION)
    assert (moving(tale).phase, tale.world.release(R1).phase) == (PromotionPhase.RETURNED, ReleasePhase.OPEN)
    assert isinstance(tale.request(R1, PRODUCTION, P2), Accepted)
    drive_to(tale, P2, PromotionPhase.COMPLETED)
    assert tale.world.slot(PRODUCTION).live.release == R1


def test_a_deployment_that_could_not_be_started_beside_what_is_stable_recalls_nothing() -> None:
    tale = promoted()
    while moving(tale).phase is not PromotionPhase.FAILED:
        tale.well(BeginDeployment(P), CONTROLLER)
    tale.drive(PRODUCTION)
    assert tale.world.returning(PRODUCTION).cause is RollbackCause.UNDEPLOYED
    assert not tale.world.is_recalled(tale.world.release(R1).digest)


def test_a_deployment_that_fails_in_the_place_of_what_ran_recalls_its_release() -> None:
    tale = promoted(GOVERNANCES)
    undeployed(tale)
    assert tale.world.returning(PRODUCTION).cause is RollbackCause.FAILED
    assert tale.world.is_recalled(tale.world.release(R1).digest)


def test_a_first_release_that_could_not_be_deployed_beside_nothing_is_not_recalled() -> None:
    tale = with_releases()
    tale.world.governances = ROUTED
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, P)
    undeployed(tale)
    assert (moving(tale).phase, tale.world.slot(PRODUCTION).kind) == (PromotionPhase.RETURNED, OccupantKind.FREE)
    assert (tale.world.release(R1).phase, tale.world.is_recalled(tale.world.release(R1).digest)) == (
        ReleasePhase.OPEN,
        False,
    )


def test_a_proof_that_fails_beside_what_is_stable_recalls_its_release() -> None:
    tale = promoted()
    while moving(tale).phase is not PromotionPhase.FAILED:
        tale.drive(PRODUCTION, BAD)
    tale.drive(PRODUCTION)
    assert tale.world.returning(PRODUCTION).cause is RollbackCause.FAILED


def test_a_deployment_that_is_authorised_anew_keeps_its_lane() -> None:
    tale = promoted()
    tale.drive(PRODUCTION)
    tale.well(BeginDeployment(P), CONTROLLER)
    assert (moving(tale).lane, moving(tale).begun) == (Lane.B, 2)


# --- what is known of the service -------------------------------------------------------------------------------


def test_a_rollout_is_judged_by_what_is_known_of_the_service_where_its_traffic_is_split() -> None:
    tale = promoted()
    known, habit = tale.world.governances.items(), Habit(900, 130)
    tale.world.governances = {
        digest: replace(one, routes={PRODUCTION: Route(LEASE, Split.USERS, habit)}) for digest, one in known
    }
    drive(tale, PromotionPhase.ROLLING)
    begun = rollout(tale).analysis
    assert (begun.habit, begun.split, begun.guards) == (habit, Split.USERS, ERRORS_ONLY.guards)
