# SPDX-License-Identifier: Apache-2.0
"""Who decides that it goes back, and which of several words counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import ANN, BOB, CYD, DAN, START, WORDS, ann, bob, cyd, dan
from tests.domain.story import codes
from tests.domain.ward import (
    ABOUT_SECURITY,
    HANDLING,
    HAVING,
    HOLDERS,
    I1,
    MANAGER,
    MINUTE,
    ON_CALL,
    THREAT,
    Ward,
    opened,
)

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.answering import (
    Answer,
    AnswerGiven,
    Capacity,
    DisagreementArose,
    EscalateIncident,
    GiveAnswer,
    IncidentDecided,
    Stance,
)
from interlock.domain.authority import Crew, who_decides
from interlock.domain.handling import DISAGREEMENT, Authority
from interlock.domain.ids import IncidentId, PersonId, RoleName
from interlock.domain.incident import LabelIncident, MissClock

EVE = Person(PersonId("eve"), Assurance.SIGNED)


def having(ward: Ward, authority: Authority) -> Ward:
    """The same with another authority."""
    ward.room = replace(ward.room, handling=replace(ward.room.handling, authority=authority))
    return ward


def held(ward: Ward, **holders: tuple[PersonId, ...]) -> Ward:
    """The same with other people in roles."""
    named = {RoleName(role.replace("_", "-")): people for role, people in holders.items()}
    ward.room = replace(ward.room, crew=Crew({**HOLDERS, **named}))
    return ward


@pytest.mark.parametrize("answer", list(Answer))
def test_the_primary_role_decides_at_once(answer: Answer) -> None:
    ward = opened()
    given, decided = ward.answer(answer)
    assert isinstance(given, AnswerGiven)
    assert given.capacity is Capacity.PRIMARY
    assert isinstance(decided, IncidentDecided)
    assert ward.state.settled.answer is answer


def test_who_has_no_part_in_it_is_turned_away_and_told_who_may() -> None:
    decision = opened().tell(GiveAnswer(I1, Answer.ROLLBACK, WORDS), EVE)
    assert codes(decision) == ("incident.no_authority",)
    assert "manager decides that, security where it is about security" in str(decision)


@pytest.mark.parametrize("actor", [CONTROLLER, Person(CYD, Assurance.ASSERTED)])
def test_an_answer_is_signed(actor: Actor) -> None:
    assert codes(opened().tell(GiveAnswer(I1, Answer.ROLLBACK, WORDS), actor)) == ("incident.unsigned",)


def test_a_mandate_counts_for_what_it_is_about() -> None:
    ward = opened(ABOUT_SECURITY)
    ward.answer(Answer.ROLLBACK, bob)
    assert ward.state.settled.capacity is Capacity.MANDATE


def test_a_mandate_counts_against_a_decision_to_stay() -> None:
    ward = opened(ABOUT_SECURITY)
    ward.answer(Answer.STAY)
    ward.answer(Answer.ROLLBACK, bob)
    assert ward.state.is_going_back


def test_a_mandate_is_nothing_without_its_label() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK, bob)
    assert ward.state.stance is Stance.OPEN


def test_a_mandate_is_only_to_go_back() -> None:
    ward = opened(ABOUT_SECURITY)
    ward.answer(Answer.STAY, bob)
    assert ward.state.stance is Stance.OPEN


def test_the_fallback_is_heard_and_counts_when_the_primary_role_says_nothing() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK, dan)
    assert ward.state.stance is Stance.OPEN
    ward.wait(5)
    assert ward.state.is_going_back
    assert ward.state.settled.capacity is Capacity.FALLBACK


def test_the_fallback_is_told_when_it_is_its_turn() -> None:
    ward = opened()
    ward.wait(5)
    assert any(one.to == "on-call" for one in ward.told)
    assert ward.state.stance is Stance.OPEN


def test_the_fallback_counts_at_once_after_that() -> None:
    ward = opened()
    ward.wait(6)
    ward.answer(Answer.HOTFIX, dan)
    assert ward.state.settled.capacity is Capacity.FALLBACK


def test_the_fallback_counts_at_once_when_the_primary_role_is_away() -> None:
    ward = opened()
    ward.away(CYD, 60)
    ward.answer(Answer.ROLLBACK, dan)
    assert ward.state.is_going_back


def test_somebody_who_is_back_is_there() -> None:
    ward = opened()
    ward.away(CYD, 2)
    ward.now += MINUTE * 3
    ward.answer(Answer.ROLLBACK, dan)
    assert ward.state.stance is Stance.OPEN


def test_who_stands_in_and_disagrees_with_another_who_does_decides_nothing() -> None:
    ward = held(opened(), on_call=(DAN, BOB))
    ward.answer(Answer.ROLLBACK, dan)
    ward.answer(Answer.STAY, bob)
    ward.wait(5)
    assert ward.state.stance is Stance.OPEN


def test_once_the_primary_role_has_spoken_the_fallback_can_only_disagree() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    ward.wait(6)
    events = ward.answer(Answer.ROLLBACK, dan)
    assert isinstance(events[-1], DisagreementArose)


def test_a_word_that_agrees_changes_nothing() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    assert len(ward.answer(Answer.STAY, dan)) == 1


def test_the_primary_role_goes_back_whoever_would_stay() -> None:
    ward = opened()
    ward.answer(Answer.STAY, dan)
    ward.answer(Answer.ROLLBACK)
    assert ward.state.is_going_back


def test_the_primary_role_does_not_stay_over_a_word_to_go_back() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK, dan)
    ward.answer(Answer.STAY)
    assert ward.state.stance is Stance.DISAGREED


def test_two_who_are_only_heard_do_not_disagree_yet() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK, dan)
    ward.answer(Answer.STAY, bob)
    assert ward.state.stance is Stance.OPEN


def disagreed() -> Ward:
    """Cyd would stay, dan would go back."""
    ward = opened()
    ward.answer(Answer.STAY)
    ward.answer(Answer.ROLLBACK, dan)
    return ward


def test_they_can_agree_after_all() -> None:
    ward = disagreed()
    ward.answer(Answer.STAY, dan)
    assert ward.state.stance is Stance.DECIDED
    assert ward.state.settled.answer is Answer.STAY


def test_the_one_whose_word_counts_can_give_in() -> None:
    ward = disagreed()
    ward.answer(Answer.ROLLBACK)
    assert ward.state.is_going_back


def test_another_word_into_a_disagreement_leaves_it_one() -> None:
    ward = disagreed()
    assert len(ward.answer(Answer.HOTFIX)) == 1
    assert ward.state.stance is Stance.DISAGREED


def test_those_who_are_heard_cannot_end_what_nobody_began() -> None:
    ward = disagreed()
    ward.state = replace(ward.state, words={DAN: ward.state.words[DAN]})
    ward.answer(Answer.ROLLBACK, bob)
    assert ward.state.stance is Stance.DISAGREED


def test_who_settles_it_is_asked_by_hand_too() -> None:
    ward = disagreed()
    ward.well(EscalateIncident(I1), dan)
    assert ward.state.stance is Stance.ESCALATED
    assert ward.told[-1].to == "owner"
    assert "dan: rollback" in ward.told[-1].body


def test_nobody_without_a_part_in_it_escalates() -> None:
    assert codes(disagreed().tell(EscalateIncident(I1), EVE)) == ("incident.no_authority",)


def test_what_nobody_disagrees_about_is_not_escalated() -> None:
    assert codes(opened().tell(EscalateIncident(I1), dan)) == ("incident.no_disagreement",)


def escalated() -> Ward:
    """Ann was asked to settle it."""
    ward = disagreed()
    ward.well(EscalateIncident(I1), dan)
    return ward


@pytest.mark.parametrize("answer", list(Answer))
def test_whoever_is_asked_settles_it(answer: Answer) -> None:
    ward = escalated()
    ward.answer(answer, ann)
    assert ward.state.settled.capacity is Capacity.ESCALATION
    assert ward.state.settled.answer is answer


def test_what_was_settled_is_not_disputed_again() -> None:
    ward = escalated()
    ward.answer(Answer.STAY, ann)
    assert len(ward.answer(Answer.ROLLBACK, dan)) == 1
    assert len(ward.answer(Answer.ROLLBACK)) == 1
    assert ward.state.settled.answer is Answer.STAY


def test_who_settles_disagreements_is_only_heard_before_there_is_one() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK, ann)
    assert ward.state.stance is Stance.OPEN


def test_a_disagreement_that_was_escalated_by_hand_is_not_escalated_again() -> None:
    ward = escalated()
    ward.now += MINUTE * 9
    assert codes(ward.tell(MissClock(I1, DISAGREEMENT), CONTROLLER)) == ("incident.clock_not_over",)


def test_without_anybody_to_settle_it_the_word_that_counts_counts() -> None:
    ward = having(opened(), replace(HAVING, escalation=RoleName("")))
    ward.answer(Answer.STAY)
    assert len(ward.answer(Answer.ROLLBACK, dan)) == 1
    assert ward.state.settled.answer is Answer.STAY


def test_without_a_fallback_nobody_stands_in() -> None:
    alone = having(opened(), replace(HAVING, fallback=RoleName("")))
    alone.answer(Answer.ROLLBACK, bob)
    alone.wait(6)
    assert alone.state.stance is Stance.OPEN


def test_where_nobody_decides_in_particular_anybody_does() -> None:
    ward = having(opened(), Authority())
    ward.answer(Answer.ROLLBACK, EVE)
    assert ward.state.settled.capacity is Capacity.ANYBODY


def test_roles_that_nobody_holds_hold_nobody_up() -> None:
    ward = opened()
    ward.room = replace(ward.room, crew=Crew())
    ward.answer(Answer.ROLLBACK, EVE)
    assert ward.state.settled.capacity is Capacity.ANYBODY


def test_a_primary_role_that_nobody_holds_is_stood_in_for_at_once() -> None:
    ward = held(opened(), manager=())
    ward.answer(Answer.ROLLBACK, dan)
    assert ward.state.settled.capacity is Capacity.FALLBACK


def test_what_goes_back_is_not_decided_again() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    assert codes(ward.tell(GiveAnswer(I1, Answer.STAY, WORDS), cyd)) == ("incident.going_back",)


def test_some_things_are_not_weighed() -> None:
    ward = opened()
    ward.well(LabelIncident(I1, THREAT), bob)
    assert ward.state.is_going_back
    assert ward.state.settled.capacity is Capacity.DECLARED


def test_what_is_not_weighed_is_said_by_those_who_are_trusted_with_it() -> None:
    ward = opened(THREAT)
    assert ward.state.stance is Stance.OPEN


def test_who_may_is_told_in_words() -> None:
    assert who_decides(replace(HAVING, mandate={}, fallback=RoleName(""))) == "manager decides that"
    assert "on-call when they cannot be reached (5 min)" in who_decides(HAVING)


def test_everybody_with_a_part_in_it_is_known_once() -> None:
    assert replace(HAVING, fallback=MANAGER).roles == (MANAGER, "security", "owner")
    assert ON_CALL in HAVING.roles


def test_every_role_that_a_procedure_for_incidents_speaks_of_is_known() -> None:
    assert HANDLING.roles == ("manager", "security", "on-call", "owner")


def test_nothing_is_answered_in_what_is_not_open() -> None:
    decision = Ward().tell(GiveAnswer(IncidentId("none"), Answer.STAY, WORDS), cyd)
    assert codes(decision) == ("incident.not_open",)


PEOPLE = {ANN: ann, BOB: bob, CYD: cyd, DAN: dan}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(PEOPLE)), st.sampled_from(list(Answer)), st.integers(0, 6)), max_size=8)
)
def test_nobody_but_a_clock_or_a_word_that_counts_decides(words: list[tuple[PersonId, Answer, int]]) -> None:
    ward = opened()
    for person, answer, minutes in words:
        ward.wait(minutes)
        if not ward.state.is_going_back:
            ward.answer(answer, PEOPLE[person])
    heard = {Capacity.HEARD}
    assert ward.state.stance is not Stance.DECIDED or ward.state.settled.capacity not in heard
    assert ward.now >= START
