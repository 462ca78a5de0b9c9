# SPDX-License-Identifier: Apache-2.0
import math
import random
from dataclasses import replace
from statistics import NormalDist
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.judge.contest import Beat
from interlock.domain.judge.gauge import (
    LATEST,
    Gauge,
    Ground,
    Levels,
    Stake,
    level_evidence,
    level_interval,
    sample,
)
from interlock.domain.judge.noise import Count, Noise, envelope
from interlock.domain.judge.tails import (
    Slow,
    Tails,
    Tolerance,
    doubt_of,
    evidence_of,
    follow,
    log_safe_of,
    loudest,
    scout,
    terms_at,
)

EDGES = (10_000, 50_000, 100_000, 200_000, 400_000)
STABLE = Slow(1000, (900, 500, 100, 20, 0))
NOBODY = Count(0, 1)
ROUGH = st.floats(allow_nan=True, allow_infinity=True)
SLOW = st.builds(Slow, ROUGH, st.lists(ROUGH, max_size=5).map(tuple))


def ready() -> Tails:
    return scout(Tails(), STABLE, EDGES)


def beat(at: float) -> Beat:
    return Beat(at, NOBODY, NOBODY, ages=(at,), fleet=20)


def followed(tails: Tails, candidate: Slow, ticks: int, edges: tuple[int, ...] = EDGES) -> Tails:
    for at in range(ticks):
        tails = follow(tails, beat(1000.0 + 10 * at), (STABLE, candidate), edges)
    return tails


CLASSIC: Final = (5_000, 10_000, 25_000, 50_000, 100_000, 250_000)
CLOSE: Final = (*range(30_000, 100_000, 10_000), 100_000, 150_000, 200_000)


def lognormal(
    edges: tuple[int, ...], median: float, sigma: float, times: float = 1.0, more: float = 0.0, requests: int = 10_000
) -> Slow:
    """Requests of a service; each takes so many times as long, and so many microseconds more."""
    deviations = [math.log(max(edge - more, 1.0) / times / median) / sigma for edge in edges]
    return Slow(requests, tuple(round(requests * (1 - NormalDist().cdf(one))) for one in deviations))


def beside(
    edges: tuple[int, ...], service: tuple[float, float], times: float, more: float, ticks: int, instances: int = 1
) -> Tails:
    """After so many ticks of a candidate. `service`: its median and sigma."""
    stable, candidate = lognormal(edges, *service), lognormal(edges, *service, times, more)
    tails = scout(Tails(), lognormal(edges, *service, requests=1_000_000), edges)
    for at in range(ticks):
        beats = replace(beat(1000.0 + 10 * at), ages=(1000.0 + 10 * at,) * instances)
        tails = follow(tails, beats, (stable, candidate), edges)
    return tails


@pytest.mark.parametrize(("times", "more", "is_found"), [(1, 4_900, False), (1.03, 0, False), (1.5, 0, True)])
def test_five_milliseconds_are_tolerated_of_a_quick_service_and_half_as_long_again_is_not(
    times: float, more: float, *, is_found: bool
) -> None:
    assert (evidence_of(beside(CLASSIC, (20_000, 0.5), times, more, 30)) >= math.log(100)) == is_found


@pytest.mark.parametrize(("times", "is_found"), [(1.05, False), (2, True)])
def test_a_lone_edge_allows_what_instances_differ_by_however_steeply_the_tail_falls(
    times: float, *, is_found: bool
) -> None:
    assert (evidence_of(beside((100_000,), (60_000, 0.4), times, 0, 60)) >= math.log(100)) == is_found


@pytest.mark.parametrize(("times", "is_found"), [(1.0, False), (1.05, False), (1.5, True)])
def test_who_takes_the_same_time_every_time_is_allowed_what_instances_differ_by(
    times: float, *, is_found: bool
) -> None:
    assert (evidence_of(beside(CLOSE, (50_000, 0.1), times, 0, 60)) >= math.log(100)) == is_found


@pytest.mark.parametrize(
    ("times", "instances", "is_safe"), [(1.0, 1, True), (1.0, 10, True), (1.5, 10, False), (1.3, 1, False)]
)
def test_who_takes_the_same_time_every_time_is_proven_to_do_so(times: float, instances: int, *, is_safe: bool) -> None:
    tails = beside(CLOSE, (50_000, 0.1), times, 0, 60, instances)
    assert (log_safe_of(tails, 2.0) >= math.log(20)) == is_safe


def test_without_an_edge_that_is_slower_than_what_is_tolerated_nothing_is_compared() -> None:
    edges = (1_000, 2_000, 5_000)
    assert scout(Tails(), Slow(1000, (500, 200, 50)), edges).tails == ()


def test_edges_are_chosen_from_stable_once_enough_of_it_was_seen() -> None:
    few = scout(Tails(), Slow(100, (90, 50, 10, 2, 0)), EDGES)
    assert few.tails == ()
    assert [tail.edge for tail in scout(few, Slow(100, (90, 50, 10, 2, 0)), EDGES).tails] == [*EDGES[1:]]


def test_what_was_chosen_stays() -> None:
    assert scout(ready(), Slow(1000, (0, 0, 0, 0, 0)), EDGES) == ready()


def test_other_edges_begin_the_scouting_anew() -> None:
    few = scout(Tails(), Slow(150, (90, 50, 10, 2, 0)), EDGES)
    assert scout(few, Slow(100, (20,)), (80_000,)).seen == 100


def test_a_tolerated_time_is_more_requests_where_the_tail_falls_more_steeply() -> None:
    tolerance = Tolerance(floor=0.0)
    steep = terms_at(100_000, 100_000, ready(), tolerance)
    slope = math.log(500.5 / 100.5) / math.log(2)
    assert steep.margin == pytest.approx(slope * math.log(1.03))
    assert steep.noise.spread == pytest.approx(slope * 0.05)
    assert envelope(steep.noise, (0.0,)) == pytest.approx(2.2**slope)
    assert envelope(steep.noise, (60.0,)) == pytest.approx((1 + 1.2 / math.e) ** slope)


def test_a_tail_that_falls_more_steeply_beyond_an_edge_is_not_taken_to_do_so_before_it() -> None:
    bent = scout(Tails(), Slow(1000, (800, 400, 50)), (50_000, 100_000, 400_000))
    left, right = math.log(800.5 / 400.5) / math.log(2), math.log(400.5 / 50.5) / math.log(4)
    slope = terms_at(100_000, 100_000, bent, Tolerance()).noise.steepness
    assert left < slope < right
    assert slope == pytest.approx((left * math.log(4) + right * math.log(2)) / math.log(8))


def test_a_slope_is_bounded() -> None:
    sheer = scout(Tails(), Slow(1000, (900, 500, 500, 500, 0)), (100, 101, 102, 103, 104))
    assert terms_at(104, 104, sheer, Tolerance(floor=0.0)).margin == pytest.approx(40 * math.log(1.03))
    flat = scout(Tails(), Slow(1000, (300, 300)), (100, 200))
    assert terms_at(100, 100, flat, Tolerance(floor=0.0)).margin == pytest.approx(0.5 * math.log(1.03))
    one = scout(Tails(), Slow(1000, (300,)), (100,))
    assert terms_at(100, 100, one, Tolerance(floor=0.0)).margin == pytest.approx(4 * math.log(1.03))


def test_a_few_milliseconds_are_tolerated_whatever_part_they_are() -> None:
    one = terms_at(100_000, 100_000, ready(), Tolerance(longer=0.03, floor=5000.0))
    assert one.margin == pytest.approx(one.noise.steepness * math.log(100 / 95))


def test_of_a_long_answer_a_few_milliseconds_are_little() -> None:
    one = terms_at(400_000, 400_000, ready(), Tolerance(longer=0.03, floor=5000.0))
    assert one.margin == pytest.approx(one.noise.steepness * math.log(1.03))


def test_an_edge_that_any_answer_may_reach_is_not_compared() -> None:
    assert [tail.edge for tail in scout(Tails(), Slow(1000, (500, 200, 50)), (4_000, 5_000, 20_000)).tails] == [20_000]


FINE: Final = tuple(1000 * at for at in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100))
QUICK: Final = Slow(2000, (900, 260, 80, 40, 24, 14, 6, 4, 4, 2, 2, 1, 0, 0, 0, 0, 0, 0))
"""A service of a millisecond, of which five are nothing."""


def test_beside_what_may_be_slower_stands_what_of_stable_is_faster() -> None:
    quick = scout(Tails(), QUICK, FINE)
    assert len(quick.tails) > 1
    for tail in quick.tails:
        assert tail.beside < tail.edge
        assert tail.terms.margin <= 1.0
        assert tail.terms.margin == pytest.approx(
            max(0.0, tail.terms.noise.steepness * math.log(tail.beside / (tail.edge - 5000)))
        )


OF_STABLE: Final = Slow(240, tuple(one * 0.12 for one in QUICK.slower))


def test_a_quick_service_is_not_called_slower_than_itself() -> None:
    source, quick = random.Random(7), scout(Tails(), QUICK, FINE)
    for at in range(200):
        few = sorted((sum(source.random() < one / 2000 for _ in range(60)) for one in QUICK.slower), reverse=True)
        quick = follow(quick, beat(300.0 + at), (OF_STABLE, Slow(60, tuple(few))), FINE)
        assert evidence_of(quick) < math.log(3)


def test_what_is_tens_of_milliseconds_slower_is_found_in_a_quick_service() -> None:
    quick = scout(Tails(), QUICK, FINE)
    for at in range(10):
        late = Slow(60, (60,) * 10 + (55, 40, 20, 5, 0, 0, 0, 0))
        quick = follow(quick, beat(300.0 + 5 * at), (OF_STABLE, late), FINE)
    assert evidence_of(quick) > math.log(100)


def test_where_no_edge_of_stable_is_fast_enough_there_is_none_to_compare_at() -> None:
    assert scout(Tails(), Slow(1000, (500, 1)), (1000, 1200)).tails == ()


TIGHT: Final = Slow(1000, (900, 800, 700, 500, 300, 100, 20, 1, *(0,) * 10))
"""Of edges 1 to 100 ms it takes 4 ms, and hardly ever 10 or more."""


@pytest.mark.parametrize(
    ("tolerance", "edge"),
    [(Tolerance(exceeded=0.5), 40_000), (Tolerance(), 40_000), (Tolerance(floor=20_000.0), 60_000)],
)
def test_one_tail_lies_beyond_what_a_warm_up_explains(tolerance: Tolerance, edge: int) -> None:
    beyond = [tail for tail in scout(Tails(), TIGHT, FINE, tolerance).tails if tail.is_beyond]
    assert [(tail.beside, tail.edge, tail.terms.noise.steepness) for tail in beyond] == [(15_000, edge, 1.0)]


@pytest.mark.parametrize("fewer", [8, 13], ids=["nothing is rare", "nothing is so slow"])
def test_without_an_edge_that_is_slow_enough_none_lies_beyond(fewer: int) -> None:
    seen = scout(Tails(), Slow(1000, TIGHT.slower[: fewer - 1]), FINE[: fewer - 1], Tolerance(exceeded=0.5))
    assert seen.tails
    assert not any(tail.is_beyond for tail in seen.tails)


@pytest.mark.parametrize("slow", [60, 3])
def test_who_is_mostly_slower_than_a_warm_up_explains_is_doubted_from_the_first_tick(slow: int) -> None:
    cold = scout(Tails(), TIGHT, FINE, Tolerance(exceeded=0.5))
    stable, candidate = Slow(240, tuple(one * 0.24 for one in TIGHT.slower)), Slow(60, (60,) * 8 + (slow,) * 10)
    assert doubt_of(cold) == 0
    cold = follow(cold, beat(1.0), (stable, candidate), FINE, Tolerance(exceeded=0.5))
    assert (doubt_of(cold) > math.log(10)) == (slow > 30)
    assert evidence_of(cold) < math.log(100)


def test_a_slower_candidate_is_found_at_the_edge_that_shows_it() -> None:
    tails = followed(ready(), Slow(100, (95, 70, 30, 10, 3)), 20)
    assert evidence_of(tails) >= math.log(100)
    assert loudest(tails).edge in EDGES


def test_a_candidate_like_stable_is_not_found() -> None:
    assert evidence_of(followed(ready(), Slow(1000, STABLE.slower), 50)) < math.log(3)


def test_without_edges_there_is_no_evidence() -> None:
    assert evidence_of(Tails()) == 0.0


def test_before_edges_are_chosen_ticks_are_scouted_and_nothing_is_seen() -> None:
    tails = follow(Tails(), beat(1000.0), (Slow(150, (90, 50, 10, 2, 0)), STABLE), EDGES)
    assert (tails.seen, tails.unseen) == (150, 1)


def test_an_edge_that_is_measured_no_more_is_compared_no_further() -> None:
    tails = followed(ready(), Slow(100, (95, 70, 30, 10, 3)), 5)
    fewer = follow(tails, beat(2000.0), (Slow(1000, (500,)), Slow(100, (90,))), (50_000,))
    assert [one.contest.at for one in fewer.tails if one.edge != 50_000] == [1040.0] * (len(fewer.tails) - 1)
    assert fewer.unseen == 0
    assert follow(fewer, beat(2010.0), (Slow(1000, (500,)), Slow(100, (90,))), (51_000,)).unseen == 1


@pytest.mark.parametrize(
    ("slow", "edges"),
    [
        (Slow(100, (1,)), EDGES),
        (Slow(math.nan, (1, 1, 1, 1, 1)), EDGES),
        (Slow(100, (math.nan, 1, 1, 1, 1)), EDGES),
        (Slow(100, (101, 1, 1, 1, 1)), EDGES),
        (Slow(100, (-1, 1, 1, 1, 1)), EDGES),
        (Slow(0, (0, 0, 0, 0, 0)), EDGES),
        (Slow(100, ()), ()),
        (Slow(100, (5, 1)), (200, 100)),
        (Slow(100, (5, 5)), (100, 100)),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_not_seen(slow: Slow, edges: tuple[int, ...]) -> None:
    tails = follow(ready(), beat(1000.0), (slow, slow), edges)
    assert tails == replace(ready(), unseen=1)
    assert scout(Tails(), slow, edges) == Tails()


@given(st.lists(st.tuples(SLOW, SLOW, st.lists(st.integers(-9, 10**6), max_size=5).map(tuple)), max_size=5))
def test_nothing_that_a_source_may_say_of_latencies_raises(ticks: list[tuple[Slow, Slow, tuple[int, ...]]]) -> None:
    tails = ready()
    for at, (stable, candidate, edges) in enumerate(ticks):
        tails = follow(tails, beat(float(at)), (stable, candidate), edges)
    assert math.isfinite(evidence_of(tails))


@pytest.mark.parametrize(
    ("pulled", "weight", "log"),
    [
        (30.0, 80.0, 1.1423385511903954),
        (-5.0, 40.0, -4.28030021235791),
        (2.0, 3.0, 0.11515587794003905),
        (400.0, 600.0, 14.588015854027),
    ],
)
def test_a_level_is_worth_what_numerical_integration_says(pulled: float, weight: float, log: float) -> None:
    """The expected numbers were integrated with scipy's `quad` over both beliefs."""
    gauge = Gauge(pulled=pulled, weight=weight, stakes=(Stake(1.0, 0.1),), idle=0.0)
    assert level_evidence(gauge) == pytest.approx(log, rel=1e-9)


def test_money_laid_on_what_was_not_sampled_since_is_worth_itself() -> None:
    gauge = Gauge(pulled=3.0, weight=40.0, stakes=(Stake(0.6, 0.1, 3.0, 40.0),), idle=0.4)
    assert level_evidence(gauge) == pytest.approx(0.0)


def test_a_level_far_below_stable_is_worth_nothing_but_a_number() -> None:
    gauge = Gauge(pulled=-1e7, weight=1e5, stakes=(Stake(0.6, 0.1),), idle=0.4)
    assert level_evidence(gauge) == pytest.approx(math.log(0.4))


def levels(source: random.Random, samples: int, times: float, *, stable: int = 10, apart: float = 0.05) -> list[Levels]:
    own = [source.gauss(0, apart) for _ in range(stable + 2)]
    ticks = []
    for at in range(samples):
        common = source.gauss(0, 0.3)
        values = [math.exp(common + mine + source.gauss(0, 0.05)) for mine in own]
        ticks.append(Levels(1000.0 + 10 * at, tuple(values[2:]), tuple(times * one for one in values[:2]), at // 60))
    return ticks


def gauged(samples: list[Levels], ground: Ground | None = None) -> Gauge:
    gauge = Gauge()
    for one in samples:
        gauge = sample(gauge, one, ground or Ground())
    return gauge


def test_a_higher_level_is_found() -> None:
    assert level_evidence(gauged(levels(random.Random(1), 100, 1.8))) >= math.log(100)


def test_a_level_like_stables_is_not_found_though_both_move() -> None:
    assert level_evidence(gauged(levels(random.Random(2), 100, 1.0))) < math.log(5)


def test_a_level_that_rises_at_a_later_step_is_found() -> None:
    source = random.Random(3)
    calm, ill = levels(source, 120, 1.0), levels(source, 60, 2.5)
    late = [replace(one, at=one.at + 5000, step=5) for one in ill]
    assert level_evidence(gauged([*calm, *late])) >= math.log(100)


def test_wandering_is_taken_over_minutes_where_that_is_more() -> None:
    source, restless, own = random.Random(4), [], [0.0] * 6
    for at in range(LATEST):
        own = [0.95 * one + source.gauss(0, 0.05) for one in own]
        restless.append(Levels(1000.0 + at, tuple(math.exp(one) for one in own[1:]), (math.exp(own[0]),)))
    fresh = [replace(one, stable=tuple(math.exp(source.gauss(0, 0.16)) for _ in one.stable)) for one in restless]
    assert gauged(restless).weight < gauged(fresh).weight


def test_from_one_stable_instance_wandering_is_not_taken() -> None:
    alone = gauged(levels(random.Random(5), 20, 1.0, stable=1))
    assert alone.weight == pytest.approx(20 / (0.25 * 1.5))


def test_a_level_that_may_be_nothing_has_something_added() -> None:
    queue = Levels(1000.0, (0.0, 2.0), (1.0,))
    assert sample(Gauge(), queue).ignored == 1
    assert sample(Gauge(), queue, Ground(zero=1.0)).samples == 1


def test_warming_up_is_allowed_for_at_levels() -> None:
    seen = Levels(1.0, (1.0, 1.0), (1.5,), ages=(0.0,))
    assert sample(Gauge(), seen).pulled == pytest.approx(0.0)
    assert sample(Gauge(), seen, Ground(noise=Noise(warm_up=1.0))).pulled > 0


def test_the_interval_of_a_level_holds_its_ratio() -> None:
    low, likeliest, high = level_interval(gauged(levels(random.Random(6), 100, 1.5, apart=0.0)))
    assert low < 1.5 < high
    assert likeliest == pytest.approx(1.5, rel=0.15)
    assert level_interval(Gauge()) == (0.0, 1.0, math.inf)


@pytest.mark.parametrize(
    "unusable",
    [
        Levels(2000.0, (), (1.0,)),
        Levels(2000.0, (1.0,), ()),
        Levels(math.nan, (1.0,), (1.0,)),
        Levels(2000.0, (math.nan,), (1.0,)),
        Levels(2000.0, (1.0,), (-1.0,)),
        Levels(1000.0, (1.0,), (1.0,)),
    ],
    ids=str,
)
def test_senseless_or_late_levels_change_nothing(unusable: Levels) -> None:
    before = sample(Gauge(), Levels(1000.0, (1.0, 1.0), (1.0,)))
    assert sample(before, unusable) == replace(before, ignored=1)


ANY_LEVELS = st.builds(
    Levels, ROUGH, st.lists(ROUGH, max_size=3).map(tuple), st.lists(ROUGH, max_size=3).map(tuple), st.integers(0, 2)
)


@given(st.lists(ANY_LEVELS, max_size=12))
def test_nothing_that_a_source_may_say_of_levels_raises(ticks: list[Levels]) -> None:
    gauge = gauged(ticks)
    assert math.isfinite(level_evidence(gauge))
    assert level_interval(gauge)[0] <= level_interval(gauge)[2]


@given(st.lists(st.tuples(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300)), max_size=12))
def test_the_wildest_levels_leave_evidence_a_number(ticks: list[tuple[float, float]]) -> None:
    gauge = gauged([Levels(float(at), (one, other), (other, one)) for at, (one, other) in enumerate(ticks)])
    assert math.isfinite(level_evidence(gauge))
