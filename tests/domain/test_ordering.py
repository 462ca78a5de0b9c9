# SPDX-License-Identifier: Apache-2.0
"""Rollbacks as answers in incidents: who may order one, and what an order means for incidents."""

from dataclasses import replace

import pytest
from tests.domain.shop import GOVERNANCES, PRODUCTION, R0, R1, R2, ROUTED, SHOP, STAGING, WORDS, ann, bob, cyd, dan
from tests.domain.story import codes
from tests.domain.tale import Tale, adopted, split
from tests.domain.ward import ABOUT_SECURITY, B1, HANDLING, HOLDERS, I1

from interlock.domain.absence import DeclareAway
from interlock.domain.action import GoBack
from interlock.domain.actor import CONTROLLER, Person
from interlock.domain.answering import Answer, Capacity, GiveAnswer, RollbackJoined, Stance
from interlock.domain.attending import next_actions
from interlock.domain.ids import IncidentId, PromotionId
from interlock.domain.incident import CloseIncident, Incident, IncidentOpened, IncidentPhase, OpenIncident, Severity
from interlock.domain.procedure import Governance
from interlock.domain.promotion import PromotionPhase
from interlock.domain.rollback import RollbackCause, RollbackPhase, rollback_stream
from interlock.domain.slot import OccupantKind

OPEN = OpenIncident(I1, SHOP, PRODUCTION, R1, Severity.MAJOR, WORDS)


def handled(governance: Governance) -> Governance:
    """The same rules, with a procedure for incidents in production."""
    procedure = replace(governance.procedure, handling=HANDLING)
    return replace(governance, procedure=procedure, holders={**governance.holders, **HOLDERS})


RULES = {digest: handled(governance) for digest, governance in GOVERNANCES.items()}


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
    tale = split(governances={digest: handled(governance) for digest, governance in ROUTED.items()})
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    for _ in range(4):
        tale.drive(PRODUCTION)
    assert tale.world.slot(PRODUCTION).candidate.release == R1
    tale.well(tale.order(PRODUCTION, "b1", R0), bob)
    assert tale.world.slot(PRODUCTION).live.release == R0


def test_an_incident_leaves_what_is_live_whatever_is_brought_in_beside_it() -> None:
    tale = split(governances={digest: handled(governance) for digest, governance in ROUTED.items()})
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
