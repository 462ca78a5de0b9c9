# SPDX-License-Identifier: Apache-2.0
"""Rollbacks as answers in incidents: who may order one, and what an order means for incidents."""

from dataclasses import replace

import pytest
from tests.domain.course import P, exposed, rolling
from tests.domain.shop import (
    ERRORS,
    GOVERNANCES,
    PRODUCTION,
    R0,
    R1,
    R2,
    ROUTED,
    SHOP,
    SMOKE,
    STAGING,
    WORDS,
    ann,
    bob,
    cyd,
    dan,
)
from tests.domain.story import codes
from tests.domain.tale import Tale, adopted, split
from tests.domain.ward import ABOUT_SECURITY, B1, HANDLING, HOLDERS, I1, THREAT

from interlock.domain.absence import DeclareAway
from interlock.domain.action import GoBack
from interlock.domain.actor import CONTROLLER, Person
from interlock.domain.answering import Answer, Capacity, GiveAnswer, RollbackJoined, Stance
from interlock.domain.attending import next_actions
from interlock.domain.handling import Label
from interlock.domain.ids import UNSAID, IncidentId, LabelName, PromotionId, TextRef
from interlock.domain.incident import (
    CloseIncident,
    Incident,
    IncidentLabelled,
    IncidentOpened,
    IncidentPhase,
    OpenIncident,
    Severity,
)
from interlock.domain.procedure import Governance
from interlock.domain.promotion import AbortPromotion, PromotionPhase
from interlock.domain.rollback import RollbackCause, RollbackPhase, rollback_stream
from interlock.domain.rollout import ReportLoss
from interlock.domain.slot import OccupantKind

OPEN = OpenIncident(I1, SHOP, PRODUCTION, R1, Severity.MAJOR, WORDS)


def handled(governance: Governance) -> Governance:
    """The same rules, with a procedure for incidents in production."""
    procedure = replace(governance.procedure, handling=HANDLING)
    return replace(governance, procedure=procedure, holders={**governance.holders, **HOLDERS})


RULES = {digest: handled(governance) for digest, governance in GOVERNANCES.items()}
SPLIT_RULES = {digest: handled(governance) for digest, governance in ROUTED.items()}


def completed() -> Tale:
    """1.1 is in production, where incidents are handled."""
    tale = adopted()
    tale.world.governances = RULES
    tale.released(R1)
    return tale


def case(tale: Tale, name: IncidentId = I1) -> Incident:
    """The incident as it stands."""
    return tale.world.case(name)


def test_who_decides_orders_a_rollback_and_it_opens_an_incident() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b1"), cyd)
    opened = case(tale, IncidentId("b1"))
    assert opened.phase is IncidentPhase.OPEN
    assert opened.settled.capacity is Capacity.PRIMARY
    assert opened.rollback == B1
    assert tale.world.rollback(B1).cause is RollbackCause.ORDERED


@pytest.mark.parametrize("actor", [bob, dan])
def test_who_does_not_decide_is_told_who_does_and_what_is_open_to_all(actor: Person) -> None:
    tale = completed()
    decision = tale.tell(tale.order(PRODUCTION, "b1"), actor)
    assert codes(decision) == ("rollback.no_authority",)
    assert "anybody may pause a rollout" in str(decision)


def test_where_no_procedure_names_anybody_any_person_orders_it() -> None:
    tale = adopted()
    tale.released(R1)
    tale.well(tale.order(PRODUCTION, "b1"), bob)
    assert case(tale, IncidentId("b1")).phase is IncidentPhase.ABSENT


def test_where_the_procedure_does_not_handle_incidents_any_person_orders_it() -> None:
    tale = completed()
    tale.promote(R2, STAGING)
    tale.well(tale.order(STAGING, "b1"), bob)
    assert case(tale, IncidentId("b1")).phase is IncidentPhase.ABSENT


def test_a_mandate_orders_it_in_an_incident_of_its_label() -> None:
    tale = completed()
    tale.well(replace(OPEN, labels=(ABOUT_SECURITY,)), ann)
    tale.well(tale.order(PRODUCTION, "b1"), bob)
    assert case(tale).settled.capacity is Capacity.MANDATE
    assert case(tale).rollback == B1


def test_the_fallback_orders_it_when_the_primary_role_is_away() -> None:
    tale = completed()
    tale.well(DeclareAway(cyd.id, tale.now.replace(year=2030)), cyd)
    tale.well(tale.order(PRODUCTION, "b1"), dan)
    assert case(tale, IncidentId("b1")).settled.capacity is Capacity.FALLBACK


def test_the_fallback_orders_it_when_the_primary_role_is_silent_in_an_incident() -> None:
    tale = completed()
    tale.well(OPEN, ann)
    assert codes(tale.tell(tale.order(PRODUCTION, "b1"), dan)) == ("rollback.no_authority",)
    tale.wait(300)
    tale.well(tale.order(PRODUCTION, "b1"), dan)
    assert case(tale).settled.capacity is Capacity.FALLBACK


def test_an_order_is_an_answer_in_the_incident_that_is_open() -> None:
    tale = completed()
    tale.well(OPEN, ann)
    events = tale.well(tale.order(PRODUCTION, "b1"), cyd)
    assert not any(isinstance(event, IncidentOpened) for event in events)
    assert case(tale).words[cyd.id].answer is Answer.ROLLBACK
    assert case(tale).rollback == B1


def test_an_incident_about_another_release_is_left_alone() -> None:
    tale = completed()
    tale.well(replace(OPEN, release=R0), ann)
    tale.well(tale.order(PRODUCTION, "b1"), cyd)
    assert case(tale).rollback == ""


def under_way() -> Tale:
    """1.2 is being brought into production."""
    tale = completed()
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    tale.drive(PRODUCTION)
    return tale


def test_what_is_only_on_its_way_is_called_back_by_anybody() -> None:
    tale = under_way()
    tale.well(tale.order(PRODUCTION, "b1"), bob)
    assert case(tale, IncidentId("b1")).settled.capacity is Capacity.ANYBODY


def test_an_older_release_is_a_choice_even_then() -> None:
    tale = under_way()
    assert codes(tale.tell(tale.order(PRODUCTION, "b1", R0), bob)) == ("rollback.no_authority",)


def test_a_candidate_beside_what_is_live_is_called_back_by_anybody() -> None:
    tale = split(governances=SPLIT_RULES)
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    for _ in range(4):
        tale.drive(PRODUCTION)
    assert tale.world.slot(PRODUCTION).candidate.release == R1
    tale.well(tale.order(PRODUCTION, "b1", R0), bob)
    assert tale.world.slot(PRODUCTION).live.release == R0


def test_an_incident_leaves_what_is_live_whatever_is_brought_in_beside_it() -> None:
    tale = split(governances=SPLIT_RULES)
    tale.released(R1)
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    for _ in range(4):
        tale.drive(PRODUCTION)
    assert tale.world.slot(PRODUCTION).candidate.release == R2
    tale.well(OPEN, ann)
    tale.well(GiveAnswer(I1, Answer.ROLLBACK, WORDS), cyd)
    tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    where = tale.world.slot(PRODUCTION)
    assert where.live.release == R0
    assert [placed.release for placed in where.good] == [R0]
    assert tale.world.promotion(PromotionId("p")).phase is PromotionPhase.RETURNED
    assert case(tale).rollback == B1


def test_what_is_live_is_restored_by_anybody() -> None:
    tale = completed()
    events = tale.well(tale.order(PRODUCTION, "b1", R1), bob)
    assert not any(isinstance(event, IncidentOpened) for event in events)


def test_an_incident_orders_it_by_itself() -> None:
    tale = completed()
    tale.well(OPEN, ann)
    tale.well(GiveAnswer(I1, Answer.ROLLBACK, WORDS), cyd)
    wanted = next_actions(case(tale), tale.world.room(case(tale), PRODUCTION), tale.now)
    assert wanted[0] == GoBack(I1)
    events = tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    assert RollbackJoined(I1, B1, tale.now) in events
    assert tale.world.rollback(B1).cause is RollbackCause.ORDERED


def test_a_closed_incident_leaves_the_docket() -> None:
    tale = adopted()
    tale.well(OPEN, ann)
    assert tale.world.open_incidents(PRODUCTION) == (case(tale),)
    tale.well(CloseIncident(I1, WORDS), ann)
    assert tale.world.open_incidents(PRODUCTION) == ()


def test_the_controller_orders_nothing_that_no_incident_decided() -> None:
    tale = completed()
    tale.well(OPEN, ann)
    assert codes(tale.tell(tale.order(PRODUCTION, "b1"), CONTROLLER)) == ("rollback.no_cause",)


def test_that_there_is_nothing_to_go_back_to_is_said() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b1"), cyd)
    tale.settle(PRODUCTION)
    tale.well(replace(OPEN, release=R0), ann)
    tale.well(GiveAnswer(I1, Answer.ROLLBACK, WORDS), cyd)
    assert codes(tale.tell(tale.order(PRODUCTION, "b2"), CONTROLLER)) == ("rollback.no_target",)


def test_what_a_machine_sees_answers_the_incident_that_is_open() -> None:
    tale = completed()
    tale.promote(R2, STAGING)
    tale.failed(R2, PRODUCTION)
    tale.well(replace(OPEN, release=R2), ann)
    events = tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    assert not any(isinstance(event, IncidentOpened) for event in events)
    assert case(tale).settled.capacity is Capacity.MACHINE
    assert case(tale).rollback == B1


def test_what_a_machine_sees_opens_one_that_is_decided() -> None:
    tale = completed()
    tale.promote(R2, STAGING)
    tale.failed(R2, PRODUCTION)
    tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    opened = case(tale, IncidentId("b1"))
    assert opened.stance is Stance.DECIDED
    assert opened.settled.capacity is Capacity.MACHINE
    assert opened.rollback == B1


def leaking() -> Tale:
    """1.2 failed its proof in production, where that is about security."""
    about = replace(HANDLING, labels=(Label(ABOUT_SECURITY, found_by=(SMOKE,)), Label(THREAT, found_by=(ERRORS,))))
    tale = adopted()
    tale.world.governances = {
        digest: replace(one, procedure=replace(one.procedure, handling=about)) for digest, one in RULES.items()
    }
    tale.released(R1)
    tale.promote(R2, STAGING)
    tale.failed(R2, PRODUCTION)
    return tale


def test_what_a_check_found_says_what_the_incident_is_about() -> None:
    tale = leaking()
    tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    assert case(tale, IncidentId("b1")).labels == (ABOUT_SECURITY,)


@pytest.mark.parametrize("said", [(), (ABOUT_SECURITY,)])
def test_what_a_check_found_is_said_in_the_incident_that_is_open_unless_it_was(said: tuple[LabelName, ...]) -> None:
    tale = leaking()
    tale.well(replace(OPEN, release=R2, labels=said), ann)
    events = tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    assert case(tale).labels == (ABOUT_SECURITY,)
    assert any(isinstance(event, IncidentLabelled) for event in events) is not bool(said)


def aborted(tale: Tale, promotion: PromotionId, reason: TextRef = UNSAID) -> Tale:
    """It was called off, and goes back."""
    tale.well(AbortPromotion(promotion, reason), dan)
    tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    return tale


def test_what_users_met_owes_the_same_when_somebody_calls_it_off() -> None:
    opened = case(aborted(exposed(SPLIT_RULES), P), IncidentId("b1"))
    assert (opened.phase, opened.severity, opened.release) == (IncidentPhase.OPEN, Severity.MINOR, R1)
    assert (opened.settled.capacity, opened.rollback) == (Capacity.MACHINE, B1)
    assert opened.summary == "aborted by dan"


def test_whoever_calls_it_off_may_say_why_and_the_incident_says_it_too() -> None:
    assert case(aborted(exposed(SPLIT_RULES), P, WORDS), IncidentId("b1")).summary == WORDS


def test_what_nobody_met_is_called_off_without_an_incident() -> None:
    assert case(aborted(rolling(SPLIT_RULES), P), IncidentId("b1")).phase is IncidentPhase.ABSENT


def test_what_lost_its_exposure_was_met() -> None:
    tale = exposed(SPLIT_RULES)
    tale.well(ReportLoss(P, "another"), CONTROLLER)
    assert case(aborted(tale, P), IncidentId("b1")).phase is IncidentPhase.OPEN


def test_what_took_the_place_of_what_ran_was_met() -> None:
    tale = completed()
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    tale.drive(PRODUCTION)
    assert tale.world.promotion(P).phase is PromotionPhase.DEPLOYING
    assert case(aborted(tale, P), IncidentId("b1")).phase is IncidentPhase.OPEN


def test_where_no_procedure_handles_incidents_an_abort_opens_none() -> None:
    assert case(aborted(exposed(), P), IncidentId("b1")).phase is IncidentPhase.ABSENT


def test_a_rollback_that_is_stranded_is_tried_again_by_anybody_and_answers_the_incident() -> None:
    tale = completed()
    tale.well(tale.order(PRODUCTION, "b1"), cyd)
    stranded = tale.world.rollback(B1)
    tale.world.streams[rollback_stream(B1)] = replace(stranded, phase=RollbackPhase.STRANDED)
    tale.well(tale.order(PRODUCTION, "b2"), bob)
    assert case(tale, IncidentId("b1")).rollback == "b2"


def test_another_target_than_that_of_the_rollback_under_way_is_a_choice() -> None:
    tale = completed()
    tale.released(R2)
    tale.well(tale.order(PRODUCTION, "b1"), cyd)
    assert tale.world.slot(PRODUCTION).kind is OccupantKind.ROLLBACK
    assert codes(tale.tell(tale.order(PRODUCTION, "b2", R0), bob)) == ("rollback.no_authority",)
