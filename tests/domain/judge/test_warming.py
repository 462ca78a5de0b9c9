# SPDX-License-Identifier: Apache-2.0
"""What a service's past says of how its fresh instances warm up."""

import math
import random
from typing import Final

import pytest
from tests.domain.judge.crowd import drawn

from interlock.domain.judge.noise import USUAL, Count
from interlock.domain.judge.plan import Metric, Plan
from interlock.domain.judge.replay import History, replayed
from interlock.domain.judge.warming import LEAST, LEAST_WARM_UP, learn_warm_up, starts

EVERY: Final = 10.0
NOBODY: Final = Count(0, 0)


def past(warm_up: float, fresh: int, ticks: int = 240, rate: float = 0.05) -> list[list[Count]]:
    """Four instances that were there from the beginning, and so many more, started one after another."""
    source = random.Random(5)
    begun = [0] * 4 + [10 + at * (ticks - 60) // max(fresh, 1) for at in range(fresh)]

    def one(at: int, tick: int) -> Count:
        if tick < begun[at]:
            return NOBODY
        age = (tick - begun[at] + 0.5) * EVERY
        times = 1 + (warm_up - 1) * math.exp(-age / 60) if begun[at] else 1.0
        return Count(drawn(source, 400, rate * times), 400)

    return [[one(at, tick) for at in range(len(begun))] for tick in range(ticks)]


@pytest.mark.parametrize("warm_up", [1.5, 2.0, 4.0])
def test_what_fresh_instances_have_too_much_is_learnt_from_above(warm_up: float) -> None:
    learnt = learn_warm_up(past(warm_up, 20), EVERY)
    assert 0.95 * warm_up < learnt < 1.4 * warm_up


def test_who_does_not_warm_up_is_allowed_next_to_nothing() -> None:
    assert LEAST_WARM_UP <= learn_warm_up(past(1.0, 30), EVERY) < 1.3


def test_an_instance_that_is_better_while_it_is_fresh_is_no_reason_to_allow_less_than_nothing() -> None:
    assert learn_warm_up(past(0.2, 30), EVERY) == LEAST_WARM_UP


@pytest.mark.parametrize(
    "told",
    [[], past(1.0, 0), past(1.0, LEAST - 1), past(1.0, 20, rate=0.0), past(1.0, 20, rate=0.0005)],
    ids=["no past", "nobody was started", "too few were", "no errors", "too few errors"],
)
def test_what_cannot_be_told_stays_as_it_usually_is(told: list[list[Count]]) -> None:
    assert learn_warm_up(told, EVERY) == USUAL.warm_up


def test_what_hits_everybody_at_once_is_no_warm_up() -> None:
    calm = past(1.0, 20)
    stormy = [[Count(min(4 * one.bad, one.all), one.all) for one in tick] for tick in calm]
    assert learn_warm_up(stormy, EVERY) < 1.6


def test_a_start_with_nobody_warm_beside_it_tells_nothing() -> None:
    alone = [[NOBODY, Count(5, 100)] if tick else [Count(5, 100), NOBODY] for tick in range(20)]
    assert starts(alone, EVERY) == ()


def test_fresh_instances_of_a_past_are_judged_by_their_age() -> None:
    seen = replayed(History(past(2.0, 24)), EVERY, 60, Plan((Metric("errors"),)))
    assert seen.usual.back == 0
    assert 2.0 < seen.noise.warm_up < 3.0
