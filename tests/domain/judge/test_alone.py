# SPDX-License-Identifier: Apache-2.0
"""What a candidate is held against while it has all of the traffic."""

from typing import Final

import pytest

from interlock.domain.judge.alone import counted, is_alone, is_too_much, limit, weigh
from interlock.domain.judge.ceiling import Ceiling
from interlock.domain.judge.contest import Contest, Terms
from interlock.domain.judge.gauge import Gauge
from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import NO_CAP, Arm, Interval
from interlock.domain.judge.tails import Tail, Tails

EDGES: Final = (1000, 2000)
SLOW: Final = Tails(tails=(Tail(2000, 1000, Terms(), Contest(stable=Count(1, 100))),))


def interval(slower: tuple[float, ...] = (30, 20), edges: tuple[int, ...] = EDGES) -> Interval:
    """One in which the candidate had all of the requests."""
    return Interval(10.0, Arm(0.0, (0.0,), (0.0,) * len(slower)), Arm(100.0, (7.0,), slower), 1.0, 3, edges, (), 1)


@pytest.mark.parametrize(
    ("stable", "candidate", "expected"), [(0, 1, True), (1, 19, False), (1, 20, True), (-1, 50, False), (0, 0, False)]
)
def test_who_has_nearly_all_of_the_requests_is_alone(stable: float, candidate: float, *, expected: bool) -> None:
    assert is_alone(stable, candidate) is expected


@pytest.mark.parametrize(
    ("stable", "most"), [(Count(0, 0), 0.05), (Count(0, 100), 0.05), (Count(4, 100), 0.2), (Count(60, 100), 0.8)]
)
def test_errors_are_held_against_far_more_than_stable_was_seen_to_have(stable: Count, most: float) -> None:
    assert limit(Contest(stable=stable), NO_CAP) == pytest.approx(most)


def test_a_cap_is_the_limit_where_there_is_one() -> None:
    assert limit(Contest(stable=Count(40, 100)), 0.01) == 0.01


def test_slow_answers_are_counted_at_the_slowest_edge_that_was_compared() -> None:
    assert counted(SLOW, interval(), 0) == (Count(0, 0), Count(20, 100))
    assert limit(SLOW, NO_CAP) == 0.5


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        (Tails(), interval()),
        (Gauge(), interval()),
        (SLOW, interval(edges=(1000, 3000))),
        (SLOW, interval(slower=(1,))),
    ],
    ids=["no edge yet", "a level", "the edge is not measured any more", "counts that do not fit the edges"],
)
def test_what_cannot_be_counted_weighs_nothing(state: Tails | Gauge, seen: Interval) -> None:
    _, told = counted(state, seen, 0)
    assert not told.is_usable
    assert weigh(Ceiling(), told, 0.5) == Ceiling()


@pytest.mark.parametrize("state", [Tails(), Gauge()])
def test_where_nothing_was_seen_of_stable_nothing_is_too_much(state: Tails | Gauge) -> None:
    assert limit(state, NO_CAP) == NO_CAP
    assert weigh(Ceiling(), Count(100, 100), NO_CAP) == Ceiling()


def test_who_is_far_above_the_limit_is_too_much_and_who_keeps_it_is_not() -> None:
    above, below = Ceiling(), Ceiling()
    for _ in range(10):
        above, below = weigh(above, Count(30, 100), 0.05), weigh(below, Count(5, 100), 0.05)
    assert (is_too_much(above, 0.01), is_too_much(below, 0.01)) == (True, False)


def test_under_five_bad_answers_nothing_is_too_much() -> None:
    assert not is_too_much(weigh(Ceiling(), Count(4, 4), 0.000001), 0.01)
    assert is_too_much(weigh(Ceiling(), Count(5, 5), 0.000001), 0.01)
