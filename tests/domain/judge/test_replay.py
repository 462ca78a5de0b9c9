# SPDX-License-Identifier: Apache-2.0
import random
from dataclasses import replace

import pytest
from tests.domain.judge.crowd import drawn

from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import Metric, Plan
from interlock.domain.judge.replay import Alarms, History, replayed

PLAN = Plan((Metric("errors"),))


def past(ticks: int, rates: tuple[float, ...], late: float = 1.0) -> list[list[Count]]:
    source = random.Random(3)
    return [
        [
            Count(drawn(source, 200, rate * (late if at == 0 and tick >= ticks * 0.8 else 1)), 200)
            for at, rate in enumerate(rates)
        ]
        for tick in range(ticks)
    ]


def test_a_healthy_past_sends_nobody_back() -> None:
    seen = replayed(History(past(200, (0.02,) * 4)), 10.0, 50, PLAN)
    assert (seen.usual.rollouts, seen.usual.back, seen.learnt.back) == (8, 0, 0)
    assert seen.noise.short < 1.5


def test_an_instance_that_was_broken_is_found_and_held_where_that_is_not_enough() -> None:
    broken = past(200, (0.02,) * 4, late=8)
    assert replayed(History(broken), 10.0, 50, PLAN).usual.back == 1
    seldom = replayed(History(broken), 10.0, 50, replace(PLAN, risk=1e-300)).usual
    assert (seldom.back, seldom.held) == (0, 1)


def test_who_was_asked_too_little_is_no_rollout() -> None:
    source = random.Random(3)
    fleet = [
        [Count(drawn(source, 200, 0.02), 200), Count(drawn(source, 200, 0.02), 200), Count(0, 1)] for _ in range(200)
    ]
    seen = replayed(History(fleet), 10.0, 50, PLAN).usual
    assert (seen.rollouts, seen.unseen) == (4, 2)
    assert seen.least == 0.0
    assert 0 < Alarms(10, 5, 0).least < 0.5 < Alarms(10, 5, 0).bound


def test_few_rollouts_say_little() -> None:
    assert Alarms(48, 0, 0).bound == pytest.approx(0.0915, abs=0.001)
    assert Alarms(0, 0, 0).bound == 1.0
    assert replayed(History(past(10, (0.02, 0.02))), 10.0, 50, PLAN).usual == Alarms(0, 0, 0)
