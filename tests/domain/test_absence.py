# SPDX-License-Identifier: Apache-2.0
"""Being away: said by oneself, for so long."""

import pytest
from tests.domain.shop import ANN, BOB, HOUR, START, ann, bob
from tests.domain.story import given

from interlock.domain import absence
from interlock.domain.absence import Absences, AwayDeclared, BackDeclared, DeclareAway, DeclareBack
from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person

AWAY = AwayDeclared(ANN, START + HOUR, START)


def test_a_person_says_that_they_are_away() -> None:
    given(Absences(), absence.evolve).when(
        lambda state: absence.decide(state, DeclareAway(ANN, START + HOUR), ann, START)
    ).then(AWAY)


@pytest.mark.parametrize("actor", [bob, CONTROLLER, Person(ANN, Assurance.ASSERTED)])
def test_nobody_else_says_it(actor: Actor) -> None:
    given(Absences(), absence.evolve).when(
        lambda state: absence.decide(state, DeclareAway(ANN, START + HOUR), actor, START)
    ).refused("absence.not_oneself")


def test_away_is_until_some_time_to_come() -> None:
    given(Absences(), absence.evolve).when(
        lambda state: absence.decide(state, DeclareAway(ANN, START), ann, START)
    ).refused("absence.past")


def test_a_person_says_that_they_are_back() -> None:
    given(Absences(), absence.evolve, AWAY).when(
        lambda state: absence.decide(state, DeclareBack(ANN), ann, START)
    ).then(BackDeclared(ANN, START))


def test_who_is_there_is_not_back() -> None:
    given(Absences(), absence.evolve, AWAY, BackDeclared(ANN, START)).when(
        lambda state: absence.decide(state, DeclareBack(ANN), ann, START)
    ).refused("absence.not_away")


def test_an_absence_ends_by_itself() -> None:
    state = absence.evolve(Absences(), AWAY)
    assert state.is_away(ANN, START)
    assert not state.is_away(ANN, START + HOUR)
    assert not state.is_away(BOB, START)
