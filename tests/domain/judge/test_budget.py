# SPDX-License-Identifier: Apache-2.0
"""How often an honest candidate is sent back, over many whole rollouts."""

import math
import random
from collections.abc import Callable

import pytest
from tests.domain.judge.crowd import ERRORS, crowd, ever_bad


def calm(rate: float) -> Callable[[int], float]:
    return lambda _: rate


def drifting(at: int) -> float:
    return 0.02 * math.exp(math.sin(at / 9)) * (8 if 60 <= at < 70 else 1)


NULLS: dict[str, tuple[tuple[int, int], Callable[[int], float], float]] = {
    "identical arms": ((50, 50), calm(0.02), 1.0),
    "exactly the tolerated ratio": ((50, 50), calm(0.02), 1.05),
    "drift and an incident that both share": ((50, 50), drifting, 1.05),
    "one percent of the traffic": ((5, 495), calm(0.02), 1.05),
    "ninety percent of the traffic": ((90, 10), calm(0.02), 1.05),
    "hardly any traffic": ((1, 3), calm(0.05), 1.05),
}


@pytest.mark.parametrize("name", NULLS)
def test_an_honest_candidate_is_rolled_back_no_more_often_than_the_budget(name: str) -> None:
    split, rate, times = NULLS[name]
    source = random.Random(sum(map(ord, name)))
    runs, allowed = 200, 6  # the chance of more than 6 of 200 at the full 1 % is under 1 in 200
    back = sum(ever_bad(crowd(source, 100, split, rate, calm(times)), ERRORS) for _ in range(runs))
    assert back <= allowed
