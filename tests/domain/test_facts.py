# SPDX-License-Identifier: Apache-2.0
"""Change requests and recalls: the facts that stand around a release."""

import pytest
from tests.domain.shop import A1, A2, ANN, BOB, C1, D1, SHOP, WORDS, ann, bob
from tests.domain.story import given

from interlock.domain import artifact, change
from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.artifact import ArtifactRecalled, LiftRecall, RecallArtifact, RecallLifted, release_digest
from interlock.domain.change import Change, ChangeClosed, ChangeKind, ChangeOpened, CloseChange, OpenChange

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
