# SPDX-License-Identifier: Apache-2.0
"""What may be one accident: how much it says against a candidate, and what is not known of it in its favour."""

import math
import random
from dataclasses import replace
from statistics import NormalDist
from typing import Final

import pytest

from interlock.domain.judge.contest import Beat, Contest, Terms, begin, fold, interval, log_evidence, log_safe
from interlock.domain.judge.noise import BORNE, CALM, LASTS, LEAST_SPREAD, USUAL, Count, Noise, learn
from interlock.domain.judge.tails import USUAL as USUAL_TIMES
from interlock.domain.judge.tails import (
    Slow,
    Tails,
    Tolerance,
    doubt_of,
    evidence_of,
    follow,
    known,
    log_safe_of,
    scout,
)
from interlock.domain.judge.warming import settled

TERMS: Final = Terms()
KNOWN: Final = Terms(noise=replace(USUAL, borne=math.inf, unseen=1.0))
WARM: Final = 1000.0
EDGES: Final = (50_000, 100_000, 250_000, 500_000, 1_000_000)
OFTEN: Final = (0.4, 0.15, 0.03, 0.005, 0.001)
"""The part of a service's requests that is slower than each edge."""


def beat(
    at: float, stable: tuple[float, float], candidate: tuple[float, float], ages: tuple[float, ...] = (WARM,)
) -> Beat:
    return Beat(WARM + at, Count(*stable), Count(*candidate), ages=ages, fleet=20)


def after(terms: Terms, *beats: Beat) -> Contest:
    contest = begin()
    for one in beats:
        contest = fold(contest, one, terms)
    return contest


def test_what_comes_within_seconds_says_less_than_what_comes_again_and_again() -> None:
    soon, late = (
        after(TERMS, beat(0, (1, 1000), (0, 50)), *(beat(at * lasts, (1, 1000), (6, 50)) for at in range(1, 7)))
        for lasts in (LASTS / 6, LASTS)
    )
    assert log_evidence(soon) < math.log(100) < log_evidence(late)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_an_accident_says_no_more_than_one_failure_could(share: float) -> None:
    bad = after(TERMS, beat(10, (0, 2000 * (1 - share)), (15, 2000 * share)))
    assert log_evidence(bad) <= max(-math.log(share), 0) + 1e-9


def test_more_than_any_accident_brings_is_more_than_one() -> None:
    few, many = (after(TERMS, beat(10, (0, 1000), (bad, 1000))) for bad in (15, 400))
    assert log_evidence(few) < 1 < math.log(100) < log_evidence(many)


def test_an_accident_may_come_to_several_instances() -> None:
    """A client's retries go from one to the next: with two requests each, twenty failures are no twenty accidents."""
    many, few = (after(TERMS, beat(10, (10, 4000), (12, 40), (WARM,) * instances)) for instances in (20, 1))
    assert log_evidence(many) <= log_evidence(few) + 0.1


@pytest.mark.parametrize(("dispersion", "event"), [(1.0, 5.0), (1.0, 0.7), (10.0, 5.0), (10.0, 0.7)])
def test_the_longer_stable_was_seen_the_more_a_tick_says_and_never_any_amount(dispersion: float, event: float) -> None:
    said = [USUAL.most(dispersion, seen, event) for seen in (0, 10, 100, 1000)]
    assert said == sorted(said)
    assert said[0] == min(CALM, 1 / (1 - 1 / dispersion) if dispersion > 1 else CALM) * min(1.0, event / CALM)
    assert said[-1] < 2 * CALM


def test_where_dispersion_is_known_nothing_is_an_accident() -> None:
    assert KNOWN.noise.most(1.5, 0, 0.1) == math.inf


@pytest.mark.parametrize(("ticks", "waits"), [(40, True), (400, False)])
def test_what_nobody_saw_of_clusters_does_not_speak_for_a_candidate(ticks: int, *, waits: bool) -> None:
    beats = [beat(10.0 * at, (5 + 3 * (-1) ** at, 1000), (at % 3 == 0, 100)) for at in range(ticks)]
    told, untold = log_safe(after(KNOWN, *beats), 2.0, KNOWN.noise), log_safe(after(TERMS, *beats), 2.0)
    assert untold < told
    assert (untold < math.log(20)) == waits


def test_an_interval_is_wider_while_clusters_are_unknown() -> None:
    beats = [beat(10.0 * at, (5 + 3 * (-1) ** at, 1000), (1, 100)) for at in range(30)]
    told, untold = interval(after(KNOWN, *beats), noise=KNOWN.noise), interval(after(TERMS, *beats))
    assert untold[0] < told[0] < told[2] < untold[2]


def slow(requests: float, stalled: float = 0.0) -> Slow:
    return Slow(requests, tuple(round(requests * max(often, stalled)) for often in OFTEN))


def timed(ticks: list[float], instances: int = 1, tolerance: Tolerance = USUAL_TIMES) -> Tails:
    """After a calm tick and these: the part of the candidate's requests that stalled in each."""
    tails = scout(Tails(), slow(10_000), EDGES, tolerance)
    for at, stalled in enumerate([0.0, *ticks]):
        told = beat(10.0 * at, (0, 1), (0, 1), (WARM,) * instances)
        tails = follow(tails, told, (slow(9500), slow(500, stalled)), EDGES, tolerance)
    return tails


@pytest.mark.parametrize("stalled", [0.2, 0.5])
def test_a_pause_of_an_instance_sends_nobody_back_however_many_it_slows(stalled: float) -> None:
    assert evidence_of(timed([stalled])) < math.log(100) < evidence_of(timed([stalled] * 8))


def test_a_pause_holds_the_share_at_once_until_it_was_one() -> None:
    paused, calm = timed([0.5]), timed([0.5, *[0.0] * 30])
    assert doubt_of(calm) < math.log(2) < math.log(10) < doubt_of(paused)


def test_a_pause_is_of_one_instance_and_not_of_all() -> None:
    assert evidence_of(timed([1.0], 8)) > evidence_of(timed([1.0], 1))


def test_where_a_past_showed_steady_times_three_ticks_are_enough() -> None:
    steady = replace(USUAL_TIMES, warm_up=1.2, spread=0.03, noise=known(1.0))
    assert steady.noise.borne == BORNE
    one, three = (evidence_of(timed([0.5] * ticks, tolerance=steady)) for ticks in (1, 3))
    assert one < math.log(100) < three


def fleet(ticks: int, wander: float, every: int = 12) -> list[list[Count]]:
    """Ten instances of a thousand requests, a tenth bad, that each wander anew after so many ticks."""
    source = random.Random(9)
    rows: list[list[Count]] = []
    rates = [0.0] * 10
    for tick in range(ticks):
        if tick % every == 0:
            rates = [100 * math.exp(source.gauss(0, wander)) for _ in range(10)]
        rows.append([Count(max(0, round(source.gauss(rate, math.sqrt(rate)))), 1000) for rate in rates])
    return rows


def test_what_wanders_is_no_dispersion_of_a_tick_where_an_instance_is_taken_to_be_steady_for_a_minute() -> None:
    past = fleet(240, 0.2)
    always, steady = learn(past, 10.0), learn(past, 10.0, steady=60.0)
    assert always.short > 3
    assert steady.short == pytest.approx(1.0, abs=0.1)
    assert steady.long == always.long > 20
    assert steady.spread == always.spread


def test_a_past_shorter_than_what_is_steady_is_one_span() -> None:
    past = fleet(4, 0.2)
    assert learn(past, 10.0, steady=60.0) == learn(past, 10.0, steady=40.0)
    assert learn(past, 10.0, steady=60.0).spread > LEAST_SPREAD


def test_who_came_later_is_held_against_what_the_others_did_then() -> None:
    """The rate of all doubles halfway; half of them were not there before."""
    nobody = Count(0, 0)
    early, late = [[Count(50, 1000)] * 5 + [nobody] * 5] * 60, [[Count(100, 1000)] * 10] * 60
    assert learn([*early, *late], 10.0).spread == LEAST_SPREAD


def test_ticks_in_which_one_instance_was_alone_say_nothing_of_a_spread() -> None:
    nobody = Count(0, 0)
    past = [[Count(50 + at % 3, 1000), nobody if at < 10 else Count(50 - at % 3, 1000)] for at in range(20)]
    assert learn(past, 60.0, steady=60.0).spread >= LEAST_SPREAD
    assert learn([[Count(50, 1000), nobody]] * 20, 60.0, steady=60.0).spread == Noise().spread


def test_what_fresh_instances_do_is_no_part_of_a_settled_past() -> None:
    young = [[Count(1, 10), Count(0, 0) if tick < 3 else Count(9, 10)] for tick in range(60)]
    told = settled(young, 10.0)
    assert [row[0] for row in told] == [Count(1, 10)] * 60
    assert [row[1].all for row in told] == [0] * 21 + [10] * 39
    assert settled([], 10.0) == []


FINE_EDGES: Final = (5_000, 10_000, 25_000, 50_000, 100_000, 250_000)


def quick(times: float) -> Slow:
    """A thousand requests of a service with a median of 20 ms, or of one that takes so many times as long."""
    deviations = [math.log(edge / 20_000 / times) / 0.5 for edge in FINE_EDGES]
    return Slow(1000, tuple(round(1000 * (1 - NormalDist().cdf(one))) for one in deviations))


@pytest.mark.parametrize(("times", "is_safe"), [(1.0, True), (1.5, False), (2.0, False)])
def test_what_may_be_slower_is_no_proof_of_being_as_quick(times: float, *, is_safe: bool) -> None:
    """Five milliseconds are a quarter of its time: the edges of the comparison give way, those of the proof do not."""
    tails = scout(Tails(), quick(1.0), FINE_EDGES)
    for at in range(300):
        tails = follow(tails, beat(10.0 * at, (0, 1), (0, 1)), (quick(1.0), quick(times)), FINE_EDGES)
    assert (log_safe_of(tails, 2.0) > math.log(20)) == is_safe


def test_without_an_edge_that_stable_was_slower_than_nothing_is_proven() -> None:
    assert log_safe_of(Tails(), 2.0) == 0


def test_a_whole_arm_that_is_slow_for_a_minute_is_no_accident() -> None:
    tails = scout(Tails(), slow(10_000), EDGES)
    long = Beat(WARM + 60.0, Count(0, 1), Count(0, 1), ages=(WARM,), fleet=20)
    for at in (0.0, 60.0):
        tails = follow(tails, replace(long, at=WARM + at), (slow(9500), slow(500, 1.0 if at else 0.0)), EDGES)
    assert evidence_of(tails) > math.log(100)
