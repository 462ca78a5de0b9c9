# SPDX-License-Identifier: Apache-2.0
"""Clocks of incidents that come again until something stops them, and those that stand for a time somebody named."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tests.domain.shop import START, ann, cyd
from tests.domain.story import codes
from tests.domain.ward import HANDLING, I1, MINUTE, OPENED, ROOM, SCHEDULED, STORY, Ward, opened

from interlock.domain.action import Deadline, NoteMissed
from interlock.domain.actor import CONTROLLER
from interlock.domain.answering import Stance
from interlock.domain.attending import Room
from interlock.domain.clocks import calling, running
from interlock.domain.handling import Authority, Clock, Missed
from interlock.domain.ids import ClockId, RoleName
from interlock.domain.incident import ClockMissed, MissClock, ReviewScheduled, ScheduleReview, evolve
from interlock.domain.moment import NEVER
from interlock.domain.occasion import Occasion, OccasionKind

WRITTEN: Final = ClockId("written")
DONE: Final = Occasion(OccasionKind.DONE, STORY)
CHASED: Final = Clock(WRITTEN, MINUTE * 10, OPENED, (DONE,), (ROOM,), again=MINUTE * 4)


def ward(*clocks: Clock) -> Ward:
    """An incident with just these clocks."""
    one = opened()
    handling = replace(HANDLING, clocks=clocks, authority=Authority(RoleName("manager")))
    one.room = Room(handling, one.room.crew, one.room.slot)
    one.told.clear()
    return one


def titles(one: Ward) -> list[str]:
    return [message.title for message in one.told if WRITTEN in message.title]


def test_people_are_told_again_until_it_is_done() -> None:
    one = ward(CHASED)
    one.wait(19)
    assert titles(one) == [
        "production: the clock 'written' has run out (i1)",
        "production: the clock 'written' is still out (i1)",
        "production: the clock 'written' is still out (i1)",
    ]
    assert "It was due by 2026-03-02 10:10 UTC." in one.told[-1].body


def test_each_time_has_a_key_of_its_own() -> None:
    one = ward(CHASED)
    one.wait(19)
    assert len({message.key for message in one.told}) == len(one.told)


def test_the_next_time_is_when_to_look_again() -> None:
    one = ward(CHASED)
    one.wait(11)
    assert one.wants() == (Deadline(START + MINUTE * 14),)


def test_what_passed_while_nobody_was_there_is_told_once() -> None:
    one = ward(CHASED)
    one.now += MINUTE * 100
    one.see_to()
    assert len(titles(one)) == 1
    one.now += MINUTE * 41
    one.see_to()
    assert len(titles(one)) == 2


def test_before_the_next_time_nothing_is_recorded() -> None:
    one = ward(CHASED)
    one.wait(11)
    assert codes(one.tell(MissClock(I1, WRITTEN), CONTROLLER)) == ("incident.clock_not_over",)


def test_once_it_is_done_nobody_is_told() -> None:
    one = ward(CHASED)
    one.wait(11)
    one.state = replace(one.state, history=(*one.state.history, replace(one.state.history[0], occasion=DONE)))
    one.wait(30)
    assert len(titles(one)) == 1


def test_a_clock_that_does_not_come_again_is_told_once() -> None:
    one = ward(replace(CHASED, again=timedelta(0)))
    one.wait(60)
    assert len(titles(one)) == 1
    assert calling(one.room.handling, one.state) == ()


def test_silence_decides_once_however_often_people_are_told() -> None:
    one = ward(replace(CHASED, missed=Missed.ROLLBACK))
    one.wait(10)
    assert one.state.is_going_back
    one.state = replace(one.state, stance=Stance.OPEN)
    one.wait(10)
    assert one.state.stance is Stance.OPEN
    assert "so it goes back" not in one.told[-1].body


def test_a_repeated_call_says_since_when_it_is_out() -> None:
    one = ward(CHASED)
    one.wait(9)
    one.now += MINUTE
    (first,) = (event for event in one.well(MissClock(I1, WRITTEN), CONTROLLER) if isinstance(event, ClockMissed))
    one.now += MINUTE * 4
    (second,) = (event for event in one.well(MissClock(I1, WRITTEN), CONTROLLER) if isinstance(event, ClockMissed))
    assert (first.since, second.since, second.due) == (NEVER, first.due, first.due + MINUTE * 4)


def test_from_a_meeting_a_clock_runs_to_its_time() -> None:
    one = ward(Clock(WRITTEN, MINUTE * 5, SCHEDULED, (DONE,), (ROOM,)))
    one.well(ScheduleReview(I1, START + MINUTE * 30), cyd)
    assert [clock.due for clock in running(one.room.handling, one.state)] == [START + MINUTE * 35]


def test_a_meeting_that_is_put_off_moves_its_clock() -> None:
    one = ward(Clock(WRITTEN, timedelta(0), SCHEDULED, (DONE,), (ROOM,)))
    for minutes in (30, 50):
        one.state = evolve(one.state, ReviewScheduled(I1, START + MINUTE * minutes, ann.id, one.now))
    one.wait(49)
    assert titles(one) == []
    one.wait(1)
    assert len(titles(one)) == 1


def test_a_clock_that_ran_out_starts_the_next() -> None:
    """So an escalation is written: a second clock from the first one's end."""
    worse = Clock(ClockId("worse"), MINUTE * 2, Occasion(OccasionKind.MISSED, WRITTEN), (DONE,), (ROOM,))
    one = ward(CHASED, worse)
    one.wait(11)
    assert Deadline(START + MINUTE * 12) in one.wants()
    one.now += MINUTE
    assert NoteMissed(I1, ClockId("worse")) in one.wants()
