# SPDX-License-Identifier: Apache-2.0
"""Records of what has ended: written once, tried a few times, given up in sight, tried anew by a person."""

from datetime import timedelta
from typing import Final

import pytest
from tests.domain.shop import ANN, SHOP, START, ann
from tests.domain.story import given

from interlock.domain import journal
from interlock.domain.action import CommitRecords, ProposeRecords, WakeAt
from interlock.domain.actor import CONTROLLER, Actor
from interlock.domain.decision import Accepted, Refused
from interlock.domain.ids import EffectKey, ReleaseId, ServiceName
from interlock.domain.journal import (
    PAUSE,
    TRIES,
    Ended,
    Ending,
    Follow,
    Journal,
    JournalCommand,
    JournalPhase,
    RecordsCommitted,
    RecordsHeldUp,
    RecordsProposed,
    RecordsRetried,
    ReportCommitted,
    ReportProposed,
    ReportSetback,
    RetryRecords,
)
from interlock.domain.outbox import MessageDue

V2: Final = Ended(Ending.RELEASE, "shop:v2")
V3: Final = Ended(Ending.INCIDENT, "shop/production/1")
KEY: Final = V2.key
SHA: Final = "5" * 40
PATHS: Final = ("docs/releases/v2.md",)
WRITTEN: Final = RecordsCommitted(SHOP, KEY, "records", SHA, PATHS, Follow.PROPOSE, START)
TOLD: Final = RecordsCommitted(SHOP, KEY, "records", SHA, PATHS, Follow.TELL, START)
ASKED: Final = RecordsProposed(SHOP, KEY, "request 7", START)
HELD: Final = RecordsHeldUp(SHOP, KEY, "read only", START)
RETRIED: Final = RecordsRetried(SHOP, KEY, ANN)
WRITE: Final = CommitRecords(KEY, "release", "shop:v2")
REPORT: Final = ReportCommitted(SHOP, KEY, "records", SHA, PATHS, Follow.TELL)
SETBACK: Final = ReportSetback(SHOP, KEY, "read only")


def after(*events: journal.JournalEvent) -> Journal:
    return given(Journal(), journal.evolve, *events).state


def codes(state: Journal, command: JournalCommand, actor: Actor = CONTROLLER) -> set[str]:
    answer = journal.decide(state, command, actor, START)
    return {reason.code for reason in answer.reasons} if isinstance(answer, Refused) else set()


def emitted(state: Journal, command: JournalCommand) -> list[object]:
    answer = journal.decide(state, command, CONTROLLER, START)
    assert isinstance(answer, Accepted)
    return [one.event for one in answer.events]


def test_what_has_ended_is_written_oldest_first() -> None:
    also = CommitRecords(V3.key, "incident", "shop/production/1")
    assert journal.next_actions(Journal(), (V2, V3), START) == (WRITE, also)


def test_what_is_written_is_not_written_again() -> None:
    assert journal.next_actions(after(TOLD), (V2,), START) == ()


def test_what_is_written_is_put_before_people() -> None:
    asked = ProposeRecords(KEY, "records", EffectKey(f"{KEY}/propose/1"))
    assert journal.next_actions(after(WRITTEN), (V2,), START) == (asked,)


def test_what_was_put_before_people_is_done() -> None:
    assert after(WRITTEN, ASKED).leaf(KEY).phase is JournalPhase.DONE


def test_what_failed_waits() -> None:
    assert journal.next_actions(after(HELD), (V2,), START) == (WakeAt(START + PAUSE),)


def test_what_failed_is_tried_again_after_its_pause() -> None:
    assert journal.next_actions(after(HELD), (V2,), START + PAUSE) == (WRITE,)


def test_each_pause_is_longer_than_the_one_before() -> None:
    assert after(HELD, HELD).leaf(KEY).not_before == START + 2 * PAUSE


def test_it_is_given_up_after_a_few_tries() -> None:
    state = after(*(HELD,) * TRIES)
    assert (state.leaf(KEY).phase, journal.next_actions(state, (V2,), START + timedelta(days=1))) == (
        JournalPhase.GIVEN_UP,
        (),
    )


def test_a_request_that_failed_is_asked_anew_under_another_key() -> None:
    asked = ProposeRecords(KEY, "records", EffectKey(f"{KEY}/propose/2"))
    assert journal.next_actions(after(WRITTEN, HELD), (V2,), START + PAUSE) == (asked,)


def test_a_request_tried_anew_by_a_person_has_another_key_too() -> None:
    state = after(WRITTEN, *(HELD,) * TRIES, RETRIED)
    asked = ProposeRecords(KEY, "records", EffectKey(f"{KEY}/propose/{TRIES + 1}"))
    assert journal.next_actions(state, (V2,), START) == (asked,)


def test_what_a_person_has_tried_anew_is_due_at_once_and_as_often() -> None:
    leaf = after(*(HELD,) * TRIES, RETRIED).leaf(KEY)
    assert (leaf.phase, leaf.tries, leaf.detail) == (JournalPhase.WAITING, 0, "")


def test_where_no_program_asks_people_are_told_the_branch() -> None:
    found = emitted(Journal(), REPORT)
    assert found[0] == TOLD
    assert isinstance(found[1], MessageDue)
    assert found[1].title == "the record of release shop:v2 is on branch records"


def test_where_a_program_asks_nobody_is_told() -> None:
    assert emitted(Journal(), ReportCommitted(SHOP, KEY, "records", SHA, PATHS, Follow.PROPOSE)) == [WRITTEN]


def test_the_end_of_a_request_is_recorded() -> None:
    assert emitted(after(WRITTEN), ReportProposed(SHOP, KEY, "request 7")) == [ASKED]


def test_a_setback_is_recorded_and_nobody_is_bothered_yet() -> None:
    assert emitted(Journal(), SETBACK) == [HELD]


def test_people_are_told_that_it_was_given_up_and_what_to_type() -> None:
    found = emitted(after(*(HELD,) * (TRIES - 1)), SETBACK)[1]
    assert isinstance(found, MessageDue)
    assert "interlock record retry shop:v2" in found.body


@pytest.mark.parametrize("command", [REPORT, ReportProposed(SHOP, KEY, "x"), SETBACK])
def test_nobody_but_the_controller_says_what_it_wrote(command: JournalCommand) -> None:
    assert codes(after(WRITTEN), command, ann) == {"journal.robot_only"}


@pytest.mark.parametrize("command", [REPORT, ReportProposed(SHOP, KEY, "x"), SETBACK])
def test_of_what_is_done_nothing_more_is_said(command: JournalCommand) -> None:
    assert codes(after(TOLD), command) == {"journal.over"}


def test_what_was_given_up_is_not_written_behind_peoples_backs() -> None:
    assert codes(after(*(HELD,) * TRIES), REPORT) == {"journal.over"}


def test_what_is_written_is_not_said_to_be_written_again() -> None:
    assert codes(after(WRITTEN), REPORT) == {"journal.out_of_order"}


def test_what_is_not_written_is_not_put_before_people() -> None:
    assert codes(Journal(), ReportProposed(SHOP, KEY, "x")) == {"journal.out_of_order"}


def test_a_person_has_it_tried_anew() -> None:
    given(Journal(), journal.evolve, HELD).when(
        lambda state: journal.decide(state, RetryRecords(SHOP, KEY), ann, START)
    ).then(RETRIED)


def test_the_controller_does_not_have_it_tried_anew() -> None:
    assert codes(after(HELD), RetryRecords(SHOP, KEY)) == {"journal.needs_person"}


@pytest.mark.parametrize("events", [(), (TOLD,), (HELD, TOLD)])
def test_only_what_failed_is_tried_anew(events: tuple[journal.JournalEvent, ...]) -> None:
    assert codes(after(*events), RetryRecords(SHOP, KEY), ann) == {"journal.not_held_up"}


def test_what_failed_is_seen_until_it_is_written() -> None:
    assert (set(after(HELD).held_up), set(after(HELD, TOLD).held_up)) == ({KEY}, set())


def test_each_service_has_a_journal_of_its_own() -> None:
    assert journal.journal_stream(SHOP) != journal.journal_stream(ServiceName("other"))


def test_a_release_and_an_incident_of_one_name_are_two() -> None:
    one = ReleaseId("shop:v2")
    assert Ended(Ending.RELEASE, one).key != Ended(Ending.INCIDENT, one).key
