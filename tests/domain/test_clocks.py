# SPDX-License-Identifier: Apache-2.0
"""Clocks of incidents: what starts them, what stops them, what follows when they run out."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import START, WORDS, ann, dan
from tests.domain.story import codes
from tests.domain.ward import (
    ALERT,
    ASSESS,
    FIRST_WORD,
    HANDLING,
    HOTFIX,
    I1,
    MINUTE,
    NEXT_WORD,
    OPENED,
    RESOLVED,
    REVIEWED,
    UPDATE,
    Ward,
    heard,
    opened,
)

from interlock.domain.action import Deadline, NoteMissed
from interlock.domain.actor import CONTROLLER
from interlock.domain.answering import Answer, Capacity, IncidentDecided, Stance
from interlock.domain.clocks import running, unmissed
from interlock.domain.handling import DISAGREEMENT, ESCALATION, OUT_OF_REACH, Authority, Clock, Missed
from interlock.domain.ids import ClockId, IncidentId, NoticeId, TextRef
from interlock.domain.incident import (
    ClockMissed,
    Incident,
    IncidentClosed,
    IncidentOpened,
    MissClock,
    ScheduleReview,
    Severity,
    evolve,
)
from interlock.domain.moment import NEVER
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.outbox import Outbox
from interlock.domain.telling import ReportArrived, Said, SendNotice


def names(ward: Ward) -> set[str]:
    """The clocks that run."""
    return {one.clock.id for one in running(ward.room.handling, ward.state)}


def due(ward: Ward, clock: ClockId) -> float:
    """After how many minutes of the story a clock runs out."""
    found = next(one for one in running(ward.room.handling, ward.state) if one.clock.id == clock)
    return (found.due - START) / MINUTE


def unheard(command: SendNotice) -> Ward:
    """An incident in which this was sent and has not arrived."""
    ward = opened()
    ward.see_to()
    ward.well(command, dan)
    ward.nobody_hears()
    ward.see_to()
    return ward


def says(notice: NoticeId, *fields: str, after: int = 0) -> SendNotice:
    """A message with these fields, which promises more so many minutes into the story (0: nothing)."""
    promised = START + MINUTE * after if after else NEVER
    return SendNotice(I1, notice, tuple(Said(one, TextRef(WORDS)) for one in fields), promised)


def test_clocks_run_from_the_opening() -> None:
    assert names(opened()) == {FIRST_WORD, ASSESS, REVIEWED, OUT_OF_REACH}


def test_a_small_incident_has_fewer_clocks() -> None:
    assert REVIEWED not in names(opened(severity=Severity.MINOR))


def test_the_next_clock_to_run_out_is_when_to_look_again() -> None:
    wakes = [one.at for one in opened().wants() if isinstance(one, Deadline)]
    assert min(wakes) == START + MINUTE * 5


def test_the_message_that_was_awaited_stops_its_clock() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=30), dan)
    ward.see_to()
    assert FIRST_WORD not in names(ward)


def test_a_message_that_reached_nobody_stops_no_clock() -> None:
    ward = unheard(says(ALERT, "summary", "impact", after=30))
    ward.wait(6)
    assert any(FIRST_WORD in one.title for one in ward.told)


def test_a_message_that_was_given_up_stops_no_clock() -> None:
    ward = unheard(says(ALERT, "summary", "impact", after=30))
    ward.room = replace(ward.room, outbox=Outbox(given_up=ward.room.outbox.waiting))
    ward.wait(6)
    assert ward.state.times(Occasion(OccasionKind.ARRIVED, ALERT)) == 0


def test_a_message_that_arrives_later_stops_its_clock_then() -> None:
    ward = unheard(says(ALERT, "summary", "impact", after=30))
    ward.wait(3)
    ward.room = replace(ward.room, outbox=Outbox())
    ward.see_to()
    assert FIRST_WORD not in names(ward)


def test_a_message_that_arrived_as_its_clock_runs_out_was_in_time() -> None:
    ward = unheard(says(ALERT, "summary", "impact", after=30))
    ward.wait(4)
    ward.room, ward.now = replace(ward.room, outbox=Outbox()), START + MINUTE * 5
    ward.see_to()
    assert FIRST_WORD not in ward.state.missed


def test_what_reached_nobody_promises_nothing() -> None:
    ward = unheard(says(ALERT, "summary", "impact", after=30))
    assert NEXT_WORD not in names(ward)


def test_a_promise_that_reached_nobody_takes_the_place_of_none() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=12), dan)
    ward.see_to()
    ward.well(says(UPDATE, "summary", after=20), dan)
    ward.nobody_hears()
    ward.see_to()
    assert due(ward, NEXT_WORD) == 12


def test_that_a_message_arrived_is_recorded_once() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=30), dan)
    ward.see_to()
    assert codes(ward.tell(ReportArrived(I1, ALERT, 1), CONTROLLER)) == ("incident.not_arrived",)


def test_that_a_message_arrived_is_not_recorded_before() -> None:
    ward = unheard(says(ALERT, "summary", "impact", after=30))
    assert codes(ward.tell(ReportArrived(I1, ALERT, 1), CONTROLLER)) == ("incident.not_arrived",)
    assert codes(ward.tell(ReportArrived(I1, UPDATE, 1), CONTROLLER)) == ("incident.not_arrived",)


def test_a_message_that_did_not_come_is_told_about_once() -> None:
    ward = opened()
    ward.wait(8)
    assert [one.title for one in ward.told if FIRST_WORD in one.title] == [
        "production: the clock 'first-word' has run out (i1)"
    ]


def test_nothing_is_missed_before_its_time() -> None:
    assert codes(opened().tell(MissClock(I1, ASSESS), CONTROLLER)) == ("incident.clock_not_over",)


def test_a_clock_that_ran_out_is_recorded_once() -> None:
    ward = opened()
    ward.wait(5)
    assert codes(ward.tell(MissClock(I1, FIRST_WORD), CONTROLLER)) == ("incident.clock_not_over",)


def test_a_promise_is_a_clock_of_its_own() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=12), dan)
    ward.see_to()
    assert due(ward, NEXT_WORD) == 12


def test_a_newer_promise_takes_the_place_of_the_older() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=12), dan)
    ward.wait(3)
    ward.well(says(UPDATE, "summary", after=20), dan)
    ward.see_to()
    assert due(ward, NEXT_WORD) == 20


def test_a_promise_that_is_not_kept_is_told() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=4), dan)
    ward.wait(6)
    assert any(NEXT_WORD in one.title for one in ward.told)


def test_a_promise_is_kept_by_a_message_that_ends_it() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", after=12), dan)
    ward.see_to()
    ward.well(ScheduleReview(I1, START + MINUTE * 600))
    ward.well(says(RESOLVED, "cause"), dan)
    ward.see_to()
    assert NEXT_WORD not in names(ward)


def test_a_decision_stops_the_assessment() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    assert ASSESS not in names(ward)


def test_undecided_it_goes_back() -> None:
    ward = opened()
    ward.wait(15)
    assert ward.state.is_going_back
    assert ward.state.settled.capacity is Capacity.SILENCE


def test_a_hotfix_that_does_not_come_goes_back() -> None:
    ward = opened()
    ward.answer(Answer.HOTFIX)
    ward.wait(29)
    assert not ward.state.is_going_back
    ward.wait(1)
    assert ward.state.is_going_back


def test_a_hotfix_that_came_stops_its_clock() -> None:
    ward = opened()
    ward.answer(Answer.HOTFIX)
    ward.went_back()
    ward.wait(40)
    assert HOTFIX not in names(ward)
    assert ward.state.settled.answer is Answer.HOTFIX


def test_what_goes_back_already_is_not_decided_again_by_silence() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    silent = replace(ward.room.handling, clocks=(Clock(ASSESS, MINUTE, OPENED, (heard(UPDATE),), (), Missed.ROLLBACK),))
    ward.room = replace(ward.room, handling=silent)
    ward.now += MINUTE
    events = ward.well(MissClock(I1, ASSESS), CONTROLLER)
    assert not any(isinstance(event, IncidentDecided) for event in events)


def test_deciding_again_gains_no_time() -> None:
    ward = opened()
    ward.answer(Answer.HOTFIX)
    ward.wait(10)
    ward.answer(Answer.HOTFIX)
    assert due(ward, HOTFIX) == 30


def test_a_disagreement_lets_the_assessment_go_on() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    ward.wait(2)
    ward.answer(Answer.ROLLBACK, dan)
    assert ward.state.stance is Stance.DISAGREED
    assert due(ward, ASSESS) == 15


def test_a_disagreement_after_the_assessment_has_its_own_clocks() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    ward.wait(20)
    ward.answer(Answer.ROLLBACK, dan)
    assert ASSESS not in names(ward)
    assert due(ward, DISAGREEMENT) == 30


def test_a_disagreement_is_escalated_when_its_clock_runs_out_and_silence_then_goes_back() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    ward.wait(20)
    ward.answer(Answer.ROLLBACK, dan)
    ward.wait(10)
    assert ward.state.stance is Stance.ESCALATED
    assert any(one.to == "owner" for one in ward.told)
    assert due(ward, ESCALATION) == 40
    ward.wait(10)
    assert ward.state.is_going_back


def test_a_review_that_nobody_schedules_is_told() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    ward.now += MINUTE * 60 * 48
    assert NoteMissed(I1, REVIEWED) in ward.wants()


def test_a_closed_incident_has_no_clocks() -> None:
    ward = opened()
    ward.state = evolve(ward.state, IncidentClosed(I1, WORDS, ann.id))
    assert names(ward) == set()
    assert ward.wants() == ()


def test_an_incident_recorded_before_there_were_times_has_no_clocks() -> None:
    ward = opened()
    before = IncidentOpened(I1, ward.state.service, ward.state.environment, ward.state.release, Severity.MAJOR, "", "x")
    ward.state = evolve(Incident(), before)
    assert names(ward) == set()
    assert ward.wants() == ()


def test_without_authority_no_clocks_follow_from_it() -> None:
    bare = replace(HANDLING, authority=Authority(), clocks=())
    assert running(bare, opened().state) == ()


def test_a_clock_is_missed_by_the_controller_alone() -> None:
    assert codes(opened().tell(MissClock(I1, ASSESS), ann)) == ("incident.robot_only",)


def test_nothing_is_recorded_of_what_is_not_open() -> None:
    assert codes(Ward().tell(MissClock(IncidentId("none"), ASSESS), CONTROLLER)) == ("incident.not_open",)


@given(st.lists(st.sampled_from(["stay", "hotfix", "dissent", "wait", "update"]), max_size=12))
def test_whatever_is_said_an_incident_is_decided_in_the_end(moves: list[str]) -> None:
    """Silence decides: some time after the last word nothing is undecided, and nothing waits to be missed."""
    ward = opened()
    for move in moves:
        if ward.state.is_going_back:
            break
        match move:
            case "wait":
                ward.wait(4)
            case "update":
                ward.tell(says(UPDATE, "summary", after=10_000), dan)
            case "dissent":
                ward.answer(Answer.ROLLBACK, dan)
            case _:
                ward.answer(Answer(move))
    ward.wait(60)
    assert ward.state.stance is Stance.DECIDED
    assert not [one for one in unmissed(ward.room.handling, ward.state) if one.is_over(ward.now)]


def test_a_missed_clock_is_an_occasion() -> None:
    ward = opened()
    ward.state = evolve(ward.state, ClockMissed(I1, ASSESS, START, START))
    assert ward.state.history[-1].occasion == Occasion(OccasionKind.MISSED, ASSESS)
