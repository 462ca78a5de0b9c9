# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest
from bench.judge.crowd import Crowd
from bench.judge.fleets import learn_all, usual_noises

from interlock.domain.judge.contest import Beat, Contest, Terms, begin, fold, log_evidence
from interlock.domain.judge.far import is_far
from interlock.domain.judge.noise import Count, Noise, learn

ROLLOUTS = 4


def rollouts(ticks: int) -> tuple[Crowd, list[Contest]]:
    """The same rollouts, together and one by one: steps that add instances, lost ticks, warm instances told apart."""
    chance, terms = np.random.default_rng(5), Terms()
    together, alone = Crowd(terms, usual_noises(terms.noise, ROLLOUTS)), [begin() for _ in range(ROLLOUTS)]
    for tick in range(ticks):
        at = 10.0 * (tick + 1)
        step = min(tick // 12, 8)
        ages = (at - 5.0, *(at - 120.0 * one - 5.0 for one in range(1, step + 1)))
        share = 0.05 * (step + 1)
        stable = chance.poisson(40, ROLLOUTS).astype(float), np.full(ROLLOUTS, 10000 * (1 - share))
        requests = np.where((chance.random(ROLLOUTS) < 0.1) & (tick % 30 > 0), 0.0, 10000 * share)
        candidate = np.minimum(chance.poisson(70 * share, ROLLOUTS), requests), requests
        warm = np.floor(candidate[0] / 2), np.where(at > 180, requests / 2, 0.0)
        warm = np.where(warm[1] > 0, warm[0], 0.0), warm[1]
        shared = Beat(at, Count(0, 1), Count(0, 1), step, ages, 20)
        if tick % 2:
            together.fold(shared, stable, candidate)
        else:
            together.fold_apart(shared, stable, candidate, warm)
        for row in range(ROLLOUTS):
            arms = [Count(float(arm[0][row]), float(arm[1][row])) for arm in (stable, candidate, warm)]
            told = Count(-1, -1) if tick % 2 else arms[2]
            alone[row] = fold(alone[row], Beat(at, arms[0], arms[1], step, ages, 20, warm=told), terms)
    return together, alone


@pytest.mark.parametrize("worse", [1, 30, 60])
def test_many_are_far_from_stable_at_once_as_each_is_alone(worse: float) -> None:
    chance, terms = np.random.default_rng(7), Terms()
    together, alone = Crowd(terms, usual_noises(terms.noise, ROLLOUTS)), [begin() for _ in range(ROLLOUTS)]
    for tick in range(60):
        stable = chance.binomial(50, 0.3 if tick == 20 else 0.01, ROLLOUTS).astype(float), np.full(ROLLOUTS, 50.0)
        requests = np.where((chance.random(ROLLOUTS) < 0.1) & (tick > 0), 0.0, 40.0)
        candidate = np.minimum(chance.poisson(0.4 * (worse if tick > 25 else 1), ROLLOUTS), requests), requests
        shared = Beat(10 * tick + 10.0, Count(0, 1), Count(0, 1), 0, (tick + 0.5,), 4)
        together.fold(shared, stable, candidate)
        for row in range(ROLLOUTS):
            arms = [Count(float(arm[0][row]), float(arm[1][row])) for arm in (stable, candidate)]
            alone[row] = fold(alone[row], Beat(shared.at, arms[0], arms[1], 0, shared.ages, 4), terms)
    assert together.straying.lately == pytest.approx([one.far.lately for one in alone])
    assert together.straying.laid == pytest.approx(np.array([one.far.stakes.laid for one in alone]))
    is_back = list(together.straying.log_risk <= math.log(0.01))
    assert is_back == [is_far(one.far, 0.01) for one in alone] == [worse > 1] * ROLLOUTS


def test_many_contests_at_once_come_to_what_each_comes_to_alone() -> None:
    together, alone = rollouts(130)
    assert together.log_evidence == pytest.approx([log_evidence(one) for one in alone], abs=0.05)
    assert together.candidate[0] == pytest.approx([one.candidate.bad for one in alone])


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.05])
def test_many_fleets_at_once_are_learned_as_each_alone(rate: float) -> None:
    chance = np.random.default_rng(3)
    requests = np.full((3, 40, 5), 100.0)
    bad = chance.poisson(100 * rate * np.exp(chance.normal(0, 0.3, (3, 1, 5))), (3, 40, 5)).astype(float)
    found = learn_all(bad, requests, 10.0)
    for row in range(3):
        history = [
            tuple(Count(b, n) for b, n in zip(*tick, strict=True)) for tick in zip(bad[row], requests[row], strict=True)
        ]
        alone = learn(history, 10.0)
        assert (found.short[row], found.long[row], found.spread[row]) == pytest.approx(
            (alone.short, alone.long, alone.spread)
        )
        assert found.ticks[row] == alone.ticks


def test_noises_are_the_same_for_all_unless_they_are_learned() -> None:
    noises = usual_noises(Noise(short=3.0), 2)
    assert noises.short.tolist() == [3.0, 3.0]
