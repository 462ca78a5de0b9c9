# SPDX-License-Identifier: Apache-2.0
"""Change requests, recalls, incidents and messages: the facts that stand around a release."""

from datetime import timedelta

import pytest
from tests.domain.shop import A1, A2, ANN, BOB, C1, D1, R1, SHOP, STAGING, START, WORDS, ann, bob
from tests.domain.story import given

from interlock.domain import artifact, change, incident, outbox
from interlock.domain.action import Tell, WakeAt
from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.artifact import ArtifactRecalled, LiftRecall, RecallArtifact, RecallLifted, release_digest
from interlock.domain.change import Change, ChangeClosed, ChangeKind, ChangeOpened, CloseChange, OpenChange
from interlock.domain.ids import EffectKey, IncidentId
from interlock.domain.incident import CloseIncident, Incident, IncidentClosed, IncidentOpened, OpenIncident, Severity
from interlock.domain.outbox import Delivery, MessageDue, MessageTried, Outbox, RecordDelivery, Tone

OPENED = ChangeOpened(C1, SHOP, ChangeKind.NORMAL, WORDS, ANN)
ASSERTED = Person(BOB, Assurance.ASSERTED)


def test_a_change_request_has_the_person_who_opens_it_as_author() -> None:
    given(Change(), change.evolve).when(
        lambda state: change.decide(state, OpenChange(C1, SHOP, ChangeKind.NORMAL, WORDS), ann)
    ).then(OPENED)


def test_a_robot_opens_no_change_request() -> None:
    given(Change(), change.evolve).when(
        lambda state: change.decide(state, OpenChange(C1, SHOP, ChangeKind.NORMAL, WORDS), CONTROLLER)
    ).refused("change.needs_author")


def test_a_change_request_is_opened_once() -> None:
    given(Change(), change.evolve, OPENED).when(
        lambda state: change.decide(state, OpenChange(C1, SHOP, ChangeKind.EMERGENCY, WORDS), ann)
    ).refused("change.exists")


def test_an_open_change_request_is_closed() -> None:
    given(Change(), change.evolve, OPENED).when(lambda state: change.decide(state, CloseChange(C1, WORDS), bob)).then(
        ChangeClosed(C1, WORDS)
    )


def test_a_closed_change_request_is_not_closed_again() -> None:
    given(Change(), change.evolve, OPENED, ChangeClosed(C1, WORDS)).when(
        lambda state: change.decide(state, CloseChange(C1, WORDS), bob)
    ).refused("change.not_open")


def test_the_digest_of_a_release_does_not_depend_on_the_order_of_its_artifacts() -> None:
    assert release_digest((A1, A2)) == release_digest((A2, A1)) != release_digest((A1,))


RECALLED = ArtifactRecalled(D1, WORDS, "person:bob")


@pytest.mark.parametrize("actor", [bob, CONTROLLER])
def test_a_signed_person_and_the_controller_recall(actor: Actor) -> None:
    given(artifact.RecallRecord(), artifact.evolve).when(
        lambda state: artifact.decide(state, RecallArtifact(D1, WORDS), actor)
    ).then(ArtifactRecalled(D1, WORDS, str(actor)))


def test_an_unsigned_person_recalls_nothing() -> None:
    given(artifact.RecallRecord(), artifact.evolve).when(
        lambda state: artifact.decide(state, RecallArtifact(D1, WORDS), ASSERTED)
    ).refused("recall.unsigned")


def test_what_is_recalled_is_not_recalled_again() -> None:
    given(artifact.RecallRecord(), artifact.evolve, RECALLED).when(
        lambda state: artifact.decide(state, RecallArtifact(D1, WORDS), bob)
    ).refused("recall.already")


def test_a_signed_person_lifts_a_recall() -> None:
    given(artifact.RecallRecord(), artifact.evolve, RECALLED).when(
        lambda state: artifact.decide(state, LiftRecall(D1, WORDS), ann)
    ).then(RecallLifted(D1, WORDS, "person:ann"))


@pytest.mark.parametrize("actor", [ASSERTED, CONTROLLER])
def test_nobody_else_lifts_a_recall(actor: Actor) -> None:
    given(artifact.RecallRecord(), artifact.evolve, RECALLED).when(
        lambda state: artifact.decide(state, LiftRecall(D1, WORDS), actor)
    ).refused("recall.lift_unsigned")


def test_a_lifted_recall_is_gone() -> None:
    given(artifact.RecallRecord(), artifact.evolve, RECALLED, RecallLifted(D1, WORDS, "person:ann")).when(
        lambda state: artifact.decide(state, LiftRecall(D1, WORDS), ann)
    ).refused("recall.none")


I1 = IncidentId("i1")
OPEN_INCIDENT = OpenIncident(I1, SHOP, STAGING, R1, Severity.MINOR, WORDS)
INCIDENT = IncidentOpened(I1, SHOP, STAGING, R1, Severity.MINOR, WORDS, "person:ann")


def test_a_person_opens_an_incident() -> None:
    given(Incident(), incident.evolve).when(lambda state: incident.decide(state, OPEN_INCIDENT, ann)).then(INCIDENT)


def test_an_incident_is_opened_once() -> None:
    given(Incident(), incident.evolve, INCIDENT).when(lambda state: incident.decide(state, OPEN_INCIDENT, ann)).refused(
        "incident.exists"
    )


def test_a_signed_person_closes_an_incident() -> None:
    given(Incident(), incident.evolve, INCIDENT).when(
        lambda state: incident.decide(state, CloseIncident(I1, WORDS), bob)
    ).then(IncidentClosed(I1, WORDS, BOB))


@pytest.mark.parametrize("actor", [ASSERTED, CONTROLLER])
def test_nobody_closes_an_incident_without_a_signature(actor: Actor) -> None:
    given(Incident(), incident.evolve, INCIDENT).when(
        lambda state: incident.decide(state, CloseIncident(I1, WORDS), actor)
    ).refused("incident.unsigned")


def test_a_closed_incident_is_not_closed_again() -> None:
    given(Incident(), incident.evolve, INCIDENT, IncidentClosed(I1, WORDS, BOB)).when(
        lambda state: incident.decide(state, CloseIncident(I1, WORDS), bob)
    ).refused("incident.not_open")


KEY = EffectKey("p1/tell")
DUE = MessageDue(SHOP, KEY, Tone.INFO, "hello", "world")


def tried(outcome: Delivery, times: int = 1) -> tuple[MessageTried, ...]:
    """So many tries, all at the same time."""
    return (MessageTried(SHOP, KEY, outcome, "smtp", START),) * times


def test_a_message_that_is_due_is_told_under_its_key() -> None:
    state = given(Outbox(), outbox.evolve, DUE).state
    assert outbox.next_actions(state, START) == (Tell(KEY, "info", "hello", "world"),)


def test_the_outcome_of_a_try_is_recorded() -> None:
    given(Outbox(), outbox.evolve, DUE).when(
        lambda state: outbox.decide(state, RecordDelivery(SHOP, KEY, Delivery.DELIVERED, "smtp"), START)
    ).then(*tried(Delivery.DELIVERED))


def test_nothing_is_recorded_of_a_message_that_does_not_wait() -> None:
    given(Outbox(), outbox.evolve, DUE, *tried(Delivery.DELIVERED)).when(
        lambda state: outbox.decide(state, RecordDelivery(SHOP, KEY, Delivery.DELIVERED, "smtp"), START)
    ).refused("outbox.not_waiting")


@pytest.mark.parametrize(("times", "seconds"), [(1, 15), (2, 30), (3, 60), (4, 120)])
def test_each_further_try_waits_twice_as_long(times: int, seconds: int) -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, times)).state
    at = START + timedelta(seconds=seconds)
    assert outbox.next_actions(state, at - timedelta(seconds=1)) == (WakeAt(at),)
    assert outbox.next_actions(state, at) == (Tell(KEY, "info", "hello", "world"),)


def test_a_message_is_given_up_after_five_tries_and_shows() -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, 5)).state
    assert (dict(state.waiting), state.given_up) == ({}, (KEY,))


def test_a_message_that_nobody_is_bound_to_be_told_is_not_tried_again_and_not_given_up() -> None:
    assert given(Outbox(), outbox.evolve, DUE, *tried(Delivery.NOBODY)).state == Outbox()


def test_a_message_that_failed_and_was_then_delivered_is_done() -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, 4), *tried(Delivery.DELIVERED)).state
    assert state == Outbox()


def test_a_try_of_an_unknown_message_changes_nothing() -> None:
    assert given(Outbox(), outbox.evolve, *tried(Delivery.FAILED)).state == Outbox()
