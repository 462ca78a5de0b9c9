# SPDX-License-Identifier: Apache-2.0
"""What a service's past says of how long its fresh instances take."""

import math
import random
from typing import Final

import pytest

from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import Kind, Metric, Plan
from interlock.domain.judge.replay import History, replayed
from interlock.domain.judge.tails import USUAL, Slow, Tails, Tolerance, known, scout
from interlock.domain.judge.tempo import learn_times
from interlock.domain.judge.warming import Past

EVERY: Final = 10.0
EDGES: Final = (50_000, 100_000, 200_000, 400_000, 10_000_000)
SLOPE: Final = 2.0
"""Of 2,000 requests a tick the part that is slower than an edge falls with its square; 30 ms is the least."""


def history(warm_up: float, fresh: int, ticks: int = 240, requests: int = 2000) -> History:
    """Four instances that were there from the beginning, and so many that were started one after another."""
    source = random.Random(3)
    begun = [0] * 4 + [10 + at * (ticks - 60) // max(fresh, 1) for at in range(fresh)]

    def times(at: int, tick: int) -> float:
        return 1 + (warm_up - 1) * math.exp(-(tick - begun[at] + 0.5) * EVERY / 60) if begun[at] else 1.0

    def one(at: int, tick: int, edge: int) -> Count:
        if tick < begun[at]:
            return Count(0, 0)
        slow = requests * min(1.0, (30_000 * times(at, tick) / edge) ** SLOPE)
        return Count(min(max(round(source.gauss(slow, math.sqrt(slow))), 0), requests), requests)

    def past(edge: int) -> Past:
        return [[one(at, tick, edge) for at in range(len(begun))] for tick in range(ticks)]

    errors = [[Count(0, requests if tick >= since else 0) for since in begun] for tick in range(ticks)]
    return History(errors, EDGES, tuple(past(edge) for edge in EDGES))


def learnt(told: History) -> float:
    return learn_times(told.edges, told.slower, EVERY).warm_up


@pytest.mark.parametrize("warm_up", [1.2, 1.5, 2.0, 3.0])
def test_how_much_longer_fresh_instances_take_is_learnt_from_above(warm_up: float) -> None:
    assert 0.98 * warm_up < learnt(history(warm_up, 16)) < 1.25 * warm_up


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


def test_a_past_that_tells_of_times_is_judged_by_them() -> None:
    plan = Plan((Metric("errors"), Metric("latency", Kind.LATENCY)))
    calm = replayed(history(1.5, 16), EVERY, 60, plan)
    assert (calm.usual.back, calm.learnt.back) == (0, 0)
    assert 1.4 < calm.times.warm_up < USUAL.warm_up
    assert calm.tells_of_times
    cold = history(6.0, 16)
    assert replayed(cold, EVERY, 60, plan).usual.back > 0
