# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta

from interlock.identity.throttle import LONGEST, REMEMBERED, Throttle

NOW = datetime(2026, 3, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_key_is_taken_so_often_and_no_more() -> None:
    throttle = Throttle(2, MINUTE)
    assert [throttle.take("ann", NOW) for _ in range(3)] == [True, True, False]


def test_another_key_is_counted_apart() -> None:
    throttle = Throttle(1, MINUTE)
    throttle.take("ann", NOW)
    assert throttle.take("ben", NOW)


def test_after_the_span_it_may_be_taken_again() -> None:
    throttle = Throttle(1, MINUTE)
    throttle.take("ann", NOW)
    assert not throttle.take("ann", NOW + MINUTE - timedelta(seconds=1))
    assert throttle.take("ann", NOW + MINUTE)


def test_looking_takes_nothing() -> None:
    throttle = Throttle(1, MINUTE)
    assert throttle.is_open("ann", NOW)
    assert throttle.take("ann", NOW)
    assert not throttle.is_open("ann", NOW)


def test_what_is_forgotten_counts_no_more() -> None:
    throttle = Throttle(1, MINUTE)
    throttle.take("ann", NOW)
    throttle.forget("ann")
    assert throttle.take("ann", NOW)


def test_keys_without_end_do_not_fill_the_memory() -> None:
    throttle = Throttle(1, MINUTE)
    throttle.take("first", NOW)
    for number in range(REMEMBERED):
        throttle.take(str(number), NOW)
    assert throttle.take("first", NOW)


def test_of_a_key_without_end_only_a_beginning_is_kept() -> None:
    throttle = Throttle(2, MINUTE)
    throttle.take("x" * 1_000_000, NOW)
    assert [len(key) for key in throttle._taken] == [LONGEST]  # noqa: SLF001  # what is kept shows nowhere else
    assert [throttle.take("x" * 1_000_000, NOW) for _ in range(2)] == [True, False]
