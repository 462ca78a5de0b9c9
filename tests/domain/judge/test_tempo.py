# SPDX-License-Identifier: Apache-2.0
"""What a service's past says of how long its fresh instances take."""

import pytest
from tests.domain.judge.fresh_starts import EDGES, EVERY, history

from interlock.domain.judge.noise import Count
from interlock.domain.judge.replay import History
from interlock.domain.judge.tails import USUAL, Slow, Tails, Tolerance, known, scout
from interlock.domain.judge.tempo import learn_times


def learnt(told: History) -> float:
    return learn_times(told.edges, told.slower, EVERY).warm_up


@pytest.mark.parametrize("warm_up", [1.2, 1.5, 2.0, 3.0])
def test_how_much_longer_fresh_instances_take_is_learnt_from_above(warm_up: float) -> None:
    assert 0.98 * warm_up < learnt(history(warm_up, 16)) < 1.25 * warm_up


def test_long_answers_may_warm_up_by_more_than_short_ones() -> None:
    """None is allowed less than it shows on average, however much the others say, and no more than that for itself."""
    short, long = history(1.2, 16), history(1.8, 16)
    mixed = (short.slower[0], *long.slower[1:])
    assert 1.75 < learn_times(EDGES, mixed, EVERY).warm_up < 1.85 < learnt(long)


@pytest.mark.parametrize(
    "told",
    [History([]), history(1.5, 0), history(1.5, 9), history(1.5, 16, requests=2)],
    ids=["no times", "nobody was started", "too few were", "too few requests"],
)
def test_what_cannot_be_told_of_times_stays_as_it_usually_is(told: History) -> None:
    assert learnt(told) == USUAL.warm_up


def test_what_lies_beyond_a_warm_up_teaches_nothing() -> None:
    told = history(1.5, 16)
    never = told.slower[-1]
    edges = (*EDGES, 20_000_000, 60_000_000)
    assert learn_times(edges, (*told.slower, never, never), EVERY) == learn_times(EDGES, told.slower, EVERY)


def test_a_past_tells_how_times_differ() -> None:
    """Instances of this one differ by chance alone."""
    told = history(1.5, 16)
    seen = learn_times(told.edges, told.slower, EVERY)
    assert seen.spread < 0.04 < USUAL.spread
    assert seen.noise == known(seen.noise.short)
    assert 1.0 <= seen.noise.short < 1.3


@pytest.mark.parametrize("wander", [0.03, 0.06])
def test_a_past_tells_how_far_an_instance_wanders_within_minutes(wander: float) -> None:
    steady, told = history(1.5, 16), history(1.5, 16, wander=wander)
    seen = learn_times(told.edges, told.slower, EVERY)
    assert 0.6 * wander < seen.wander < 1.4 * wander
    assert learn_times(steady.edges, steady.slower, EVERY).wander < 0.01
    assert seen.noise.short < 1.5


def test_an_edge_that_says_little_is_not_asked() -> None:
    told = history(1.2, 16)
    seldom = told.slower[3]
    doubled = [[Count(one.bad * (1 + (at > 3 and at % 2)), one.all) for at, one in enumerate(tick)] for tick in seldom]
    stormy = (*told.slower[:3], doubled, told.slower[4])
    assert learn_times(EDGES, stormy, EVERY).warm_up == pytest.approx(learnt(told), rel=0.15)


def test_what_a_past_says_is_not_said_of_times_that_are_hardly_ever_taken() -> None:
    stable = Slow(1000, (900, 500, 100, 20, 0))
    tails = scout(Tails(), stable, EDGES, Tolerance(warm_up=1.3)).tails
    assert {tail.terms.noise.warm_up for tail in tails if not tail.is_beyond and tail.beside < EDGES[-1]} == {1.3}
    assert [tail.terms.noise.warm_up for tail in tails if tail.beside == EDGES[-1]] == [USUAL.warm_up]
