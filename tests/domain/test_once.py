# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.once import Once

THINGS = st.lists(st.integers(0, 300))


def test_what_is_added_stands_last_and_nowhere_else() -> None:
    assert Once.of("abc").and_last("d") == ("a", "b", "c", "d")
    assert Once.of("abc").and_last("a") == ("b", "c", "a")


def test_of_what_was_said_twice_the_last_counts() -> None:
    assert Once.of("abca") == ("b", "c", "a")


def test_what_there_was_before_stays_as_it_was() -> None:
    before = Once.of("ab")
    first, second = before.and_last("c"), before.and_last("d")
    assert (before, first.and_last("d"), second) == (("a", "b"), ("a", "b", "c", "d"), ("a", "b", "d"))


@given(THINGS, THINGS)
def test_it_is_what_looking_through_everything_gives(begun: list[int], added: list[int]) -> None:
    quick, slow = Once.of(begun), tuple(dict.fromkeys(reversed(begun)))[::-1]
    for one in added:
        quick, slow = quick.and_last(one), (*(other for other in slow if other != one), one)
    assert quick == slow


def test_what_is_new_is_compared_with_nothing() -> None:
    compared = 0

    class Thing:
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return self is other

        __hash__ = object.__hash__

    order: Once[Thing] = Once.of(())
    for _ in range(1000):
        order = order.and_last(Thing())
    assert (len(order), compared) == (1000, 0)
