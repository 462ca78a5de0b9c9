# SPDX-License-Identifier: Apache-2.0
"""What stable shows of its own dispersion, within a tick and over several, and what of it counts for a candidate."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from interlock.domain.judge.contest import Beat, Contest, Terms, begin, fold, log_safe
from interlock.domain.judge.noise import MEASURED, USUAL, Count, Noise
from interlock.domain.judge.roughness import BLOCK, CLIPPED, Roughness, lasting, rougher, within

NOISE: Final = replace(USUAL, unseen=1.0)
TICK: Final = 5.0


def seen(bad: Sequence[float], noise: Noise = NOISE, every: float = TICK) -> Roughness:
    """After ticks of a thousand requests each."""
    rough = Roughness()
    for at, one in enumerate(bad):
        rough = rougher(rough, (Count(one, 1000), Count(0, 50)), every * (at + 1), every, noise)
    return rough


def storms(times: int) -> list[float]:
    """Twenty calm seconds and twenty in which failures rise and fall from tick to tick by little."""
    return [10, 12, 14, 12, 10, 30, 50, 50, 30, 12] * times


def test_what_is_even_lessens_what_was_assumed() -> None:
    rough = seen([20] * 60)
    assert (rough.ticks.found, rough.blocks.found) == (0, 0)
    assert 1 <= within(rough, NOISE) < NOISE.short
    assert lasting(rough, NOISE) == lasting(rough, NOISE, 1.0) == 1


def test_a_block_ends_after_its_seconds_and_the_first_tick_only_begins_one() -> None:
    assert [seen([5] * ticks).last[0].all for ticks in (1, 4, 5, 9)] == [0, 0, 4000, 4000]
    assert seen([5] * 9).blocks.pairs == 1
    assert BLOCK == 4 * TICK


def test_ticks_longer_than_a_block_are_one_each() -> None:
    rough = seen([5] * 10, every=60.0)
    assert (rough.ticks.pairs, rough.blocks.pairs) == (9, 8)


def test_what_is_strewn_over_several_ticks_is_seen_over_blocks() -> None:
    rough = seen(storms(12))
    assert lasting(rough, NOISE) > 1.5 * within(rough, NOISE)


def test_the_edge_of_an_incident_is_cut_off_over_blocks_as_well() -> None:
    rough = seen([10] * 5 + [900] * 4)
    assert rough.blocks.pairs == 1
    assert rough.blocks.found <= CLIPPED * NOISE.short


def test_where_stable_has_no_bad_request_nothing_is_seen() -> None:
    assert seen([0] * 30).blocks.pairs == 0


def test_what_a_past_told_stays() -> None:
    told = replace(NOISE, ticks=MEASURED)
    rough = seen(storms(12), told)
    assert (within(rough, told), lasting(rough, told)) == pytest.approx((told.short, told.short), abs=1e-3)


def together(bad: Sequence[float], part: float = 1.0, share: Sequence[float] = ()) -> Roughness:
    """After ticks in which a candidate with such a share of a thousand requests fails as stable does, times `part`."""
    rough, shares = Roughness(), [*share, *[1.0] * len(bad)]
    for at, one in enumerate(bad):
        arms = Count(one, 1000), Count(one * part * shares[at], 1000 * shares[at])
        rough = rougher(rough, arms, TICK * (at + 1), TICK, NOISE)
    return rough


def test_what_both_arms_suffer_is_no_noise_between_them() -> None:
    wave = [20 + 18 * math.sin(at / 6) for at in range(80)]
    assert together(wave).blocks.found > 20 * together(wave).blocks.apart
    assert lasting(together(wave), NOISE) == within(together(wave), NOISE) < lasting(seen(wave), NOISE)


def test_a_candidate_with_hardly_a_failure_tells_nothing_against_stable() -> None:
    rough = together(storms(6), 0.0)
    assert rough.blocks.apart == rough.blocks.found > 0


def test_two_shares_are_not_compared() -> None:
    shares = [0.1] * 21 + [1.0] * 19
    rough = together([20.0] * 40, share=shares)
    assert rough.blocks.found == rough.blocks.apart == pytest.approx(0, abs=1e-9)


def watched(bad: Sequence[float], ages: float) -> Contest:
    """A candidate with a tenth of the traffic that fails as stable does."""
    contest = begin()
    for at, one in enumerate(bad):
        now = TICK * (at + 1)
        told = Beat(now, Count(one, 1000), Count(round(one / 10), 100), ages=(ages,), fleet=9)
        contest = fold(contest, told, Terms(noise=NOISE))
    return contest


def test_storms_over_several_ticks_are_no_proof() -> None:
    """Both services have as many failures, and their neighbouring ticks differ by as little."""
    stormy, calm = (log_safe(watched(bad, 1000.0), 2.0, NOISE) for bad in (storms(12), sorted(storms(12))))
    assert 0 < stormy < calm


def test_a_candidate_proves_itself_by_what_it_did_once_warm() -> None:
    """Three times stable's failures while it was fresh, as many as stable since."""
    contest = begin()
    for at in range(60):
        now, fresh = TICK * (at + 1), at < 24
        told = Beat(now, Count(20, 1000), Count(6 if fresh else 2, 100), ages=(now,), fleet=9)
        contest = fold(contest, told, Terms(noise=NOISE))
    assert log_safe(contest, 2.0, NOISE) > math.log(20)
    assert log_safe(replace(contest, favour=replace(contest.favour, settled=begin().favour.settled)), 2.0, NOISE) < 0
