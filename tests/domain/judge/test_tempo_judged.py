# SPDX-License-Identifier: Apache-2.0
"""A past that tells of times, judged once more. It takes long, so it is not measured: `test_tempo` holds the floor."""

from tests.domain.judge.fresh_starts import EVERY, history

from interlock.domain.judge.plan import Kind, Metric, Plan
from interlock.domain.judge.replay import replayed
from interlock.domain.judge.tails import USUAL


def test_a_past_that_tells_of_times_is_judged_by_them() -> None:
    plan = Plan((Metric("errors"), Metric("latency", Kind.LATENCY)))
    calm = replayed(history(1.5, 16), EVERY, 60, plan)
    assert (calm.usual.back, calm.learnt.back) == (0, 0)
    assert 1.4 < calm.times.warm_up < USUAL.warm_up
    assert calm.tells_of_times
    cold = history(6.0, 16)
    assert replayed(cold, EVERY, 60, plan).usual.back > 0
