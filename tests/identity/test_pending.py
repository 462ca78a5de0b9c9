# SPDX-License-Identifier: Apache-2.0
from interlock.identity.pending import Pending


def test_what_was_begun_is_taken_once() -> None:
    pending = Pending[str, int](of_one=2)
    pending.put("a", "ann", 1)
    assert [pending.take("a"), pending.take("a"), pending.take("b")] == [1, None, None]


def test_whoever_begins_without_end_pushes_out_their_own() -> None:
    pending = Pending[str, int](of_one=2)
    pending.put("ben's", "ben", 0)
    for at in range(9):
        pending.put(str(at), "ann", at)
    assert [pending.take(one) for one in ("ben's", "6", "7", "8")] == [0, None, 7, 8]


def test_of_everybody_together_the_oldest_goes() -> None:
    pending = Pending[str, int](of_one=2, at_most=3)
    for at in range(5):
        pending.put(str(at), f"person {at}", at)
    assert [pending.take(str(at)) for at in range(5)] == [None, None, 2, 3, 4]


def test_what_was_kept_under_a_key_counts_no_more_once_there_is_another() -> None:
    pending = Pending[str, int](of_one=2)
    pending.put("visit", "ann", 1)
    pending.put("visit", "ben", 2)
    pending.put("other", "ben", 3)
    assert [pending.take("visit"), pending.take("visit"), pending.take("other")] == [2, None, 3]


def test_nothing_is_left_of_who_came_back() -> None:
    pending = Pending[str, int](of_one=2)
    pending.put("visit", "ann", 1)
    pending.take("visit")
    assert (pending._begun, pending._of) == ({}, {})  # noqa: SLF001  # what is kept shows nowhere else
