# SPDX-License-Identifier: Apache-2.0
"""Messages that are due: told, tried again where they have not arrived, given up in sight, tried anew by a person."""

from datetime import timedelta
from typing import Final

import pytest
from tests.domain.shop import ANN, SHOP, START, ann
from tests.domain.story import given

from interlock.domain import outbox
from interlock.domain.action import Quote, Tell, WakeAt
from interlock.domain.actor import CONTROLLER
from interlock.domain.ids import AudienceName, EffectKey, NoticeId
from interlock.domain.outbox import (
    Delivery,
    MessageDue,
    MessageRetried,
    MessageTried,
    Outbox,
    RecordDelivery,
    RetryMessage,
    Tone,
)

KEY: Final = EffectKey("p1/tell")
DUE: Final = MessageDue(SHOP, KEY, Tone.INFO, "hello", "world")
TOLD: Final = Tell(KEY, "info", "hello", "world")
DELIVERED: Final = RecordDelivery(SHOP, KEY, Delivery.DELIVERED, "smtp")
RETRY: Final = RetryMessage(SHOP, KEY)


def tried(outcome: Delivery, times: int = 1) -> tuple[MessageTried, ...]:
    """So many tries, all at the same time."""
    return (MessageTried(SHOP, KEY, outcome, "smtp", START),) * times


def test_a_message_that_is_due_is_told_under_its_key() -> None:
    assert outbox.next_actions(given(Outbox(), outbox.evolve, DUE).state, START) == (TOLD,)


def test_a_message_is_told_to_its_audience_with_its_quotes() -> None:
    quotes = (Quote("title", "text:words"),)
    due = MessageDue(SHOP, KEY, Tone.INFO, "{title}", "world", AudienceName("support"), quotes, NoticeId("news"))
    told = Tell(KEY, "info", "{title}", "world", AudienceName("support"), quotes)
    assert outbox.next_actions(given(Outbox(), outbox.evolve, due).state, START) == (told,)


def test_the_outcome_of_a_try_is_recorded() -> None:
    given(Outbox(), outbox.evolve, DUE).when(lambda state: outbox.decide(state, DELIVERED, CONTROLLER, START)).then(
        *tried(Delivery.DELIVERED)
    )


def test_nobody_but_the_controller_says_what_was_delivered() -> None:
    given(Outbox(), outbox.evolve, DUE).when(lambda state: outbox.decide(state, DELIVERED, ann, START)).refused(
        "outbox.robot_only"
    )


def test_nothing_is_recorded_of_a_message_that_does_not_wait() -> None:
    given(Outbox(), outbox.evolve, DUE, *tried(Delivery.DELIVERED)).when(
        lambda state: outbox.decide(state, DELIVERED, CONTROLLER, START)
    ).refused("outbox.not_waiting")


@pytest.mark.parametrize(("times", "seconds"), [(1, 15), (2, 30), (3, 60), (4, 120)])
def test_each_further_try_waits_twice_as_long(times: int, seconds: int) -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, times)).state
    at = START + timedelta(seconds=seconds)
    assert outbox.next_actions(state, at - timedelta(seconds=1)) == (WakeAt(at),)
    assert outbox.next_actions(state, at) == (TOLD,)


def test_a_further_try_goes_only_where_the_message_has_not_arrived() -> None:
    failed = MessageTried(SHOP, KEY, Delivery.FAILED, "1 of 2", START, ("address 2 (json)",))
    state = given(Outbox(), outbox.evolve, DUE, failed).state
    told = Tell(KEY, "info", "hello", "world", lost=("address 2 (json)",))
    assert outbox.next_actions(state, START + timedelta(minutes=1)) == (told,)


def test_a_message_is_given_up_after_five_tries_and_shows_with_its_reason() -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, 5)).state
    assert (dict(state.waiting), list(state.given_up), state.given_up[KEY].detail) == ({}, [KEY], "smtp")


def test_a_message_that_was_given_up_is_not_tried_again_by_itself() -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, 5)).state
    assert outbox.next_actions(state, START + timedelta(days=1)) == ()


def test_a_message_that_nobody_is_bound_to_be_told_is_not_tried_again_and_not_given_up() -> None:
    assert given(Outbox(), outbox.evolve, DUE, *tried(Delivery.NOBODY)).state == Outbox()


def test_a_message_that_failed_and_was_then_delivered_is_done() -> None:
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, 4), *tried(Delivery.DELIVERED)).state
    assert state == Outbox()


def test_a_try_of_an_unknown_message_changes_nothing() -> None:
    assert given(Outbox(), outbox.evolve, *tried(Delivery.FAILED)).state == Outbox()


@pytest.mark.parametrize("times", [1, 5])
def test_a_person_has_a_message_tried_anew_at_once(times: int) -> None:
    before = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, times))
    before.when(lambda state: outbox.decide(state, RETRY, ann, START)).then(MessageRetried(SHOP, KEY, ANN))
    state = outbox.evolve(before.state, MessageRetried(SHOP, KEY, ANN))
    assert (outbox.next_actions(state, START), dict(state.given_up)) == ((TOLD,), {})


def test_a_message_tried_anew_is_tried_as_often_as_the_first_time() -> None:
    again = (MessageRetried(SHOP, KEY, ANN), *tried(Delivery.FAILED, 4))
    state = given(Outbox(), outbox.evolve, DUE, *tried(Delivery.FAILED, 5), *again).state
    assert (list(state.waiting), dict(state.given_up)) == ([KEY], {})


def test_a_robot_has_nothing_tried_anew() -> None:
    given(Outbox(), outbox.evolve, DUE).when(lambda state: outbox.decide(state, RETRY, CONTROLLER, START)).refused(
        "outbox.needs_person"
    )


def test_a_message_that_was_delivered_is_not_tried_anew() -> None:
    given(Outbox(), outbox.evolve, DUE, *tried(Delivery.DELIVERED)).when(
        lambda state: outbox.decide(state, RETRY, ann, START)
    ).refused("outbox.unknown")


def test_an_unknown_message_that_is_tried_anew_changes_nothing() -> None:
    assert given(Outbox(), outbox.evolve, MessageRetried(SHOP, KEY, ANN)).state == Outbox()
