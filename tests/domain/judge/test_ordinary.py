# SPDX-License-Identifier: Apache-2.0
"""What is out of the ordinary for both arms is no proof, and instances that are replaced are no excuse."""

import math
from dataclasses import replace
from typing import Final

import pytest

from interlock.domain.judge.contest import Beat, Contest, Terms, begin, fold, log_safe
from interlock.domain.judge.noise import USUAL, Count
from interlock.domain.judge.ordinary import Ordinary, seen_more, weight_of

TERMS: Final = Terms(noise=replace(USUAL, unseen=1.0))
TICK: Final = 5.0


def seen(*bad: float) -> Ordinary:
    ordinary = Ordinary()
    for one in bad:
        ordinary = seen_more(ordinary, Count(one, 1000))
    return ordinary


def test_of_the_first_tick_nobody_knows_what_is_ordinary() -> None:
    assert weight_of(Ordinary(), Count(900, 1000)) == 1


@pytest.mark.parametrize("bad", [0, 1, 10, 20])
def test_an_ordinary_tick_counts_whole(bad: float) -> None:
    assert weight_of(seen(10, 10, 10), Count(bad, 1000)) == 1


def test_of_an_outage_as_much_counts_as_would_have_been_ordinary() -> None:
    weights = [weight_of(seen(10, 10, 10), Count(bad, 1000)) for bad in (50, 100, 200)]
    assert weights == sorted(weights, reverse=True)
    assert 200 * weights[2] == pytest.approx(100 * weights[1]) == pytest.approx(50 * weights[0])


def test_an_outage_is_not_ordinary_for_having_lasted() -> None:
    assert weight_of(seen(*[10] * 20, *[300] * 3), Count(300, 1000)) < 0.2


def judged(stable: list[float], candidate: list[float], ages: list[float]) -> Contest:
    contest = begin()
    for at, (beside, own) in enumerate(zip(stable, candidate, strict=True)):
        told = Beat(TICK * (at + 1), Count(beside, 9500), Count(own, 500), ages=(ages[at],), fleet=19)
        contest = fold(contest, told, TERMS)
    return contest


def test_an_outage_of_both_does_not_prove_a_candidate_that_is_twice_as_bad() -> None:
    """One in a hundred and one in fifty fail, and in between one in five of all for a minute."""
    calm, outage = 20, [2000.0] * 12
    stable, candidate = [95.0] * calm, [10.0] * calm
    contest = judged([*stable, *outage], [*candidate, *[105.0] * 12], [1000.0] * 32)
    assert log_safe(contest, 2.0, TERMS.noise) < math.log(20)


def test_who_crashes_again_and_again_is_not_excused_by_being_young() -> None:
    """Instances live for four minutes and fail five times as often as stable in the first two."""
    ticks, life = 96, 48
    young = [at % life < life // 2 for at in range(ticks)]
    ages = [at % life * TICK for at in range(ticks)]
    candidate = [25.0 if fresh else 5.0 for fresh in young]
    steady = judged([95.0] * ticks, candidate, [1000.0] * ticks)
    replaced = judged([95.0] * ticks, candidate, ages)
    assert replaced.favour.restarts
    assert not steady.favour.restarts
    calm = judged([95.0] * ticks, [5.0] * ticks, [1000.0] * ticks)
    excused = replace(replaced, favour=replace(replaced.favour, settled=calm.favour.settled))
    assert log_safe(replaced, 2.0, TERMS.noise) < log_safe(excused, 2.0, TERMS.noise)
