# SPDX-License-Identifier: Apache-2.0
import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.judge.crowd import drawn

from interlock.domain.judge import abrupt
from interlock.domain.judge.contest import (
    Beat,
    Contest,
    Terms,
    begin,
    fold,
    interval,
    log_evidence,
    log_safe,
    spread_of,
    warm_count,
)
from interlock.domain.judge.lanes import ABRUPT_MONEY, CAUTIOUS_MONEY, LATER_MONEY, MOST_BETS, WARM_MONEY, fresh_money
from interlock.domain.judge.nodes import NODES, anything, begins, better, crossings, honest, mixed, odds, worse
from interlock.domain.judge.noise import Count, Noise, envelope, learn

CALM = Terms(noise=Noise(short=1.0, long=1.0, ticks=1e6, warm_up=1.0, borne=math.inf))
"""A service in which everything is chance, and nothing warms up."""
ROUGH = st.floats(allow_nan=True, allow_infinity=True)
COUNT = st.builds(Count, ROUGH, ROUGH)
SOUND = st.builds(
    lambda bad, others: Count(float(bad), float(bad + others + 1)), st.integers(0, 500), st.integers(0, 10**6)
)
AGES = st.lists(st.floats(0, 1000), max_size=4).map(tuple)
BEAT = st.builds(Beat, st.floats(0, 1e5), SOUND, SOUND, st.integers(0, 3), AGES, st.integers(1, 30))
ROUGH_BEAT = st.builds(
    Beat,
    ROUGH,
    COUNT,
    COUNT,
    st.integers(-3, 3),
    st.lists(ROUGH, max_size=3).map(tuple),
    st.integers(-2, 30),
    st.lists(ROUGH, max_size=3).map(tuple),
    COUNT,
)


def beat(at: float, stable: tuple[float, float], candidate: tuple[float, float], **more: object) -> Beat:
    return replace(Beat(at, Count(*stable), Count(*candidate), ages=(at,), fleet=20), **more)  # type: ignore[arg-type]  # a test's own words


def folded(beats: Iterator[Beat] | list[Beat], terms: Terms = CALM) -> Contest:
    contest = begin()
    for one in beats:
        contest = fold(contest, one, terms)
    return contest


def crowd(source: random.Random, ticks: int, times: float, *, onset: int = 0, rate: float = 0.01) -> Iterator[Beat]:
    """Ticks of ten seconds with a thousand requests of stable and a hundred of a warm candidate."""
    for at in range(ticks):
        own = rate * (times if at >= onset else 1.0)
        bad, other = drawn(source, 100, own), drawn(source, 1000, rate)
        yield beat(10.0 * at + 1000, (other, 1000), (bad, 100))


def test_both_beliefs_sum_to_one_wherever_they_are_asked() -> None:
    for spread in (0.0, 0.05, 0.15, 0.4, 2.0):
        for belief in (honest(0.05, spread), worse(0.05, spread), better(0.7, spread), anything()):
            assert math.fsum(belief) == pytest.approx(1)


def test_a_bad_candidate_begins_clear_of_what_honest_ones_are() -> None:
    assert begins(0.05, 0.2) == pytest.approx(0.35)
    assert begins(0.05, 0.0) == pytest.approx(0.09)


def test_where_more_is_tolerated_than_any_node_nothing_is_evidence() -> None:
    for margin in (4.3, 6.4, 13.0, 800.0):
        assert worse(margin, 0.0) == honest(margin, 0.0)
        assert math.fsum(honest(margin, 0.0)) == pytest.approx(1)
    noisy, seen = Count(40, 100), begin()
    for at in range(1, 50):
        seen = fold(seen, Beat(at, noisy, noisy, ages=(300.0,)), Terms(margin=6.4))
    assert log_evidence(seen) <= 0


def test_a_belief_in_bad_candidates_has_nothing_below_its_beginning() -> None:
    assert all(not share for node, share in zip(NODES, worse(0.05, 0.2), strict=True) if node < 0.35)


def test_a_mean_is_taken_where_numbers_would_vanish() -> None:
    far = tuple(-2000.0 - node for node in NODES)
    assert odds(far, worse(0.05, 0.15), honest(0.05, 0.15)) < 0
    steep = tuple(-40000.0 * abs(node - 5.0) for node in NODES)
    against, due = worse(0.05, 0.02), honest(0.05, 0.02)
    assert odds(steep, against, due) == pytest.approx(mixed(steep, against) - mixed(steep, due))
    assert mixed(steep, due) < -1000


def test_the_ends_of_a_summit_are_found_between_nodes() -> None:
    peak = tuple(-((node / 0.1) ** 2) / 2 for node in NODES)
    assert crossings(peak, -2.0) == pytest.approx((-0.22, 0.22), abs=0.01)


def test_a_summit_that_ends_nowhere_has_no_end() -> None:
    assert crossings(tuple(0.0 for _ in NODES), -1.0) == (-math.inf, math.inf)


def test_a_summit_between_two_nodes_is_never_told_as_a_point() -> None:
    low, high = crossings(tuple(-((node - 0.1) ** 2) * 1e6 for node in NODES), -1.0)
    assert low < 0.1 < high


@pytest.mark.parametrize(("bad", "other"), [(4, 46), (0, 50), (10, 0), (1, 0)])
def test_one_bet_is_worth_how_much_better_bad_candidates_explain_who_failed(bad: int, other: int) -> None:
    """Against the binomial chances of the split, the normal belief and the exponential one, written out."""
    seen = fold(begin(), beat(1000, (other, 9900), (bad, 100)), CALM)
    spread, margin, fair = 0.15 * math.sqrt(1 + 1 / 20), math.log(1.05), 100 / 10000
    bounds = [NODES[0] - 0.02, *((a + b) / 2 for a, b in itertools.pairwise(NODES)), NODES[-1] + 0.4]
    widths = [b - a for a, b in itertools.pairwise(bounds)]
    widths[0] = 0.04
    widths[-1] = NODES[-1] - NODES[-2]
    above = below = due = against = broken = wide = 0.0
    for node, width in zip(NODES, widths, strict=True):
        part = fair * math.exp(node) / (1 + fair * math.expm1(node))
        chance = (part / fair) ** bad * ((1 - part) / (1 - fair)) ** other
        normal = NormalDist(margin, spread).pdf(node) * width
        fading = math.exp(-node) * width if node >= margin + 1.5 * spread else 0.0
        plain = width if node >= 2.2 else 0.0
        broken, wide = broken + plain * chance, wide + plain
        due, below = due + normal, below + normal * chance
        against, above = against + fading, above + fading * chance
    worth = (0.8 * above / against + 0.2 * broken / wide) / (below / due)
    assert math.exp(seen.cautious.worth) == pytest.approx(CAUTIOUS_MONEY * worth)
    assert in_lanes(seen) == pytest.approx((CAUTIOUS_MONEY + WARM_MONEY) * worth + LATER_MONEY)
    assert math.exp(log_evidence(seen)) == pytest.approx(in_lanes(seen) + ABRUPT_MONEY * math.exp(on_breaking(seen)))


def in_lanes(contest: Contest) -> float:
    return math.exp(contest.cautious.worth) + math.exp(contest.warm.worth)


def on_breaking(contest: Contest) -> float:
    return abrupt.worth(contest.breaking)


@pytest.mark.parametrize(
    "ticks", [((3, 500, 100),), ((2, 100, 100), (3, 1000, 50)), ((1, 50, 50), (1, 80, 20), (2, 10, 90))]
)
def test_over_honest_candidates_the_lanes_keep_their_money_in_the_mean_and_what_is_on_breaking_loses(
    ticks: tuple[tuple[int, int, int], ...],
) -> None:
    """Exactly: over all ways in which so many failures of each tick can fall, and all honest candidates there are."""
    belief = honest(math.log(1.05), spread_of(CALM, 1, 20))
    lanes = whole = 0.0
    for node, share in zip(NODES, belief, strict=True):
        if share < 1e-12:
            continue
        reached = [(begin(), share)]
        for at, (both, stable, own) in enumerate(ticks):
            part = own * math.exp(node) / (own * math.exp(node) + stable)
            reached = [
                (
                    fold(contest, beat(1000.0 + at, (both - bad, stable), (bad, own)), CALM),
                    chance * math.comb(both, bad) * part**bad * (1 - part) ** (both - bad),
                )
                for contest, chance in reached
                for bad in range(both + 1)
            ]
        lanes += math.fsum(chance * in_lanes(contest) for contest, chance in reached)
        whole += math.fsum(chance * math.exp(log_evidence(contest)) for contest, chance in reached)
    assert lanes == pytest.approx(1 - ABRUPT_MONEY, abs=1e-6)
    assert whole < 1


def test_honest_candidates_are_seldom_sent_back_however_often_one_looks() -> None:
    source, alarms = random.Random(7), 0
    for _ in range(40):
        contest, is_alarmed = begin(), False
        for one in crowd(source, 40, 1.0):
            contest = fold(contest, one, CALM)
            is_alarmed = is_alarmed or log_evidence(contest) >= math.log(20)
        alarms += is_alarmed
    assert alarms <= 5


@pytest.mark.parametrize(("times", "ticks"), [(3.0, 60), (5.0, 25), (10.0, 10)])
def test_a_worse_candidate_is_found_within_so_many_ticks(times: float, ticks: int) -> None:
    assert log_evidence(folded(crowd(random.Random(3), ticks, times))) >= math.log(100)


def test_a_defect_that_wakes_late_is_found_by_money_that_was_laid_late() -> None:
    late = folded(crowd(random.Random(5), 150, 8.0, onset=120))
    assert log_evidence(late) >= math.log(100)
    assert (
        max(late.warm.bets, key=lambda bet: bet.since is not late.warm.bets[0].since).since != late.warm.bets[0].since
    )


def test_what_hits_both_arms_alike_is_no_evidence_however_sudden() -> None:
    calm = folded([beat(1000.0 + at, (10, 1000), (1, 100)) for at in range(20)])
    storm = fold(calm, beat(2000.0, (600, 1000), (60, 100)), CALM)
    assert log_evidence(storm) <= log_evidence(calm) + 0.5


def test_dispersion_divides_what_a_tick_gains() -> None:
    lumpy = replace(CALM, noise=replace(CALM.noise, short=4.0, long=4.0))
    seen = beat(1000, (10, 1000), (9, 100))
    one, other = fold(begin(), seen, CALM), fold(begin(), seen, lumpy)
    assert [4 * gain for gain in other.warm.gains] == pytest.approx(list(one.warm.gains))


def test_dispersion_over_minutes_weighs_with_the_load_of_an_instance() -> None:
    slow = replace(CALM, noise=replace(CALM.noise, long=5.0))
    light, heavy = (
        fold(begin(), beat(1000, (10, 20000), (9, requests)), slow).plain[30] for requests in (100.0, 10000.0)
    )
    assert abs(light) > 0
    assert heavy / fold(begin(), beat(1000, (10, 20000), (9, 10000)), CALM).plain[30] == pytest.approx(1 / 13)


def test_what_wanders_says_less_the_more_failures_an_instance_has_while_it_does() -> None:
    wandering = replace(CALM, noise=replace(CALM.noise, wander=0.1))

    def gained(terms: Terms, every: float) -> tuple[float, float]:
        first, then = beat(1000, (100, 1000), (10, 100)), beat(1000 + every, (100, 1000), (12, 100))
        before = fold(begin(), first, terms)
        after = fold(before, then, terms)
        return after.cautious.gains[30] - before.cautious.gains[30], after.warm.gains[30] - before.warm.gains[30]

    # A bet on warm instances that was laid a moment ago has not seen them come and go yet.
    for every, slow, lately in ((10.0, 10 * 24, 10 * 7), (240.0, 10, 10), (600.0, 10, 10)):
        pairs = zip(gained(CALM, every), gained(wandering, every), (slow, lately), strict=True)
        for alone, both, times in pairs:
            assert alone / both == pytest.approx(1 + 0.01 * times * (1 + 1 / 20))


def test_dispersion_is_learned_from_stable_against_itself_one_tick_earlier() -> None:
    terms = Terms()
    lumpy = folded([beat(1000.0 + at, (40 * (at % 2), 1000), (0, 100)) for at in range(60)], terms)
    even = folded([beat(1000.0 + at, (20, 1000), (0, 100)) for at in range(60)], terms)
    assert even.roughness.ticks.found == 0
    assert lumpy.roughness.ticks.found / lumpy.roughness.ticks.pairs > 10
    assert abs(fold(lumpy, beat(2000, (20, 1000), (9, 100)), terms).warm.gains[30] - lumpy.warm.gains[30]) < abs(
        fold(even, beat(2000, (20, 1000), (9, 100)), terms).warm.gains[30] - even.warm.gains[30]
    )


def test_the_edge_of_an_incident_is_cut_off() -> None:
    calm = folded([beat(1000.0 + at, (10, 10000), (0, 100)) for at in range(5)], Terms())
    hit = fold(calm, beat(1010.0, (3000, 10000), (30, 100)), Terms())
    assert hit.roughness.ticks.found <= 10 * 2.0


def test_warming_up_is_allowed_for_while_it_lasts() -> None:
    terms = replace(CALM, noise=replace(CALM.noise, warm_up=2.5))
    young = fold(begin(), beat(0.5, (10, 1000), (3, 100), ages=(0.0,)), terms)
    old = fold(begin(), beat(0.5, (10, 1000), (3, 100), ages=(1000.0,)), terms)
    assert young.cautious.worth < old.cautious.worth
    assert not any(young.warm.gains)


def test_beside_stable_instances_of_the_same_age_nothing_is_allowed_for() -> None:
    terms = replace(CALM, noise=replace(CALM.noise, warm_up=2.5))
    both = fold(begin(), beat(0.5, (10, 1000), (3, 100), ages=(0.0,), fresh=(0.0,)), terms)
    assert both.cautious.gains == both.warm.gains == both.plain


def test_the_allowance_fades_by_a_third_of_what_is_left_each_minute() -> None:
    noise = Noise(warm_up=3.0, settle=60.0)
    assert envelope(noise, (0.0,)) == 3.0
    assert envelope(noise, (60.0,)) == pytest.approx(1 + 2 / math.e)
    assert envelope(noise, (0.0, 1e9)) == pytest.approx(2.0)
    assert envelope(noise, (-5.0,)) == 3.0
    assert envelope(noise, ()) == 1.0


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (beat(10, (1, 100), (2, 50)), Count(0, 0)),
        (beat(200, (1, 100), (2, 50)), Count(2, 50)),
        (beat(200, (1, 100), (2, 50), ages=(200.0, 5.0)), Count(0, 0)),
        (beat(200, (1, 100), (2, 50), ages=(200.0, 5.0), warm=Count(1, 25)), Count(1, 25)),
        (beat(200, (1, 100), (2, 50), warm=Count(0, 0)), Count(0, 0)),
        (beat(200, (1, 100), (2, 50), warm=Count(9, 90)), Count(2, 50)),
        (beat(10, (1, 100), (2, 50), fresh=(10.0,)), Count(2, 50)),
        (beat(200, (1, 100), (2, 50), ages=()), Count(2, 50)),
    ],
    ids=str,
)
def test_the_warm_lane_takes_what_is_known_to_be_warm(seen: Beat, told: Count) -> None:
    assert warm_count(seen, Terms().warm_after) == told


def test_money_is_laid_anew_at_each_step_and_every_ten_minutes() -> None:
    stepped = folded([beat(1000.0 + at, (1, 1000), (0, 100), step=at // 5) for at in range(10)])
    waited = folded([beat(1000.0 + 100 * at, (1, 1000), (0, 100)) for at in range(10)])
    assert [len(contest.warm.bets) for contest in (stepped, waited)] == [2, 2]


def test_later_money_never_comes_to_more_than_was_kept() -> None:
    assert math.fsum(fresh_money(laid) for laid in range(10_000)) == pytest.approx(LATER_MONEY, rel=1e-3)


def test_old_bets_are_taken_back_at_their_worth() -> None:
    many = folded([beat(1000.0 + at, (1, 1000), (0, 100), step=at) for at in range(50)])
    assert len(many.warm.bets) == MOST_BETS
    assert many.warm.idle > 0


def test_after_a_rollout_of_many_steps_a_defect_is_still_found() -> None:
    long = folded([beat(1000.0 + at, (1, 1000), (0, 100), step=at) for at in range(50)])
    for at in range(20):
        long = fold(long, beat(2000.0 + at, (1, 1000), (9, 100), step=50), CALM)
    assert log_evidence(long) >= math.log(100)


def test_a_candidate_like_stable_is_proven_to_be_below_a_limit_in_time() -> None:
    contest = folded(crowd(random.Random(11), 200, 1.0))
    assert log_safe(contest, 2.0) >= math.log(20)
    assert log_safe(contest, 2.0) > log_safe(contest, 1.25)


def test_a_candidate_at_the_limit_is_not_proven_to_be_below_it() -> None:
    assert log_safe(folded(crowd(random.Random(13), 200, 2.0)), 2.0) < math.log(20)


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0, 5.0])
def test_the_interval_holds_the_ratio_at_every_look(times: float) -> None:
    contest = begin()
    for one in crowd(random.Random(17), 100, times):
        contest = fold(contest, one, CALM)
        low, likeliest, high = interval(contest)
        assert low <= times <= high
        assert low <= likeliest <= high


def test_without_data_the_interval_is_everything() -> None:
    assert interval(begin()) == (0.0, 1.0, math.inf)


def test_more_data_narrow_the_interval() -> None:
    few, many = (interval(folded(crowd(random.Random(19), ticks, 1.0))) for ticks in (20, 400))
    assert many[2] - many[0] < few[2] - few[0]


def test_no_instance_is_one_instance() -> None:
    assert spread_of(CALM, 0, 0) == spread_of(CALM, 1, 1) == pytest.approx(0.15 * math.sqrt(2))


@given(st.lists(ROUGH_BEAT, max_size=6))
def test_nothing_that_a_source_may_say_raises_or_makes_evidence_no_number(beats: list[Beat]) -> None:
    contest = folded(beats, Terms())
    assert math.isfinite(log_evidence(contest))
    assert math.isfinite(log_safe(contest, 2.0))
    assert not math.isnan(sum(interval(contest)[:2]))


@given(st.lists(BEAT, min_size=1, max_size=8))
def test_sound_ticks_never_make_evidence_no_number(beats: list[Beat]) -> None:
    assert math.isfinite(log_evidence(folded(sorted(beats, key=lambda one: one.at), Terms())))


@pytest.mark.parametrize(
    "unusable",
    [
        beat(2000, (-1, 100), (1, 100)),
        beat(2000, (math.nan, 100), (1, 100)),
        beat(2000, (1, math.inf), (1, 100)),
        beat(2000, (1, 100), (101, 100)),
        beat(2000, (1, 100), (0, 0)),
        beat(2000, (0, 0), (1, 100)),
        beat(math.nan, (1, 100), (1, 100)),
        beat(2000, (1, 100), (1, 100), ages=(math.nan,)),
        beat(1000, (1, 100), (50, 100)),
        beat(900, (1, 100), (50, 100)),
    ],
    ids=str,
)
def test_what_makes_no_sense_came_twice_or_came_late_changes_nothing(unusable: Beat) -> None:
    before = fold(begin(), beat(1000, (1, 100), (1, 100)), CALM)
    assert fold(before, unusable, CALM) == replace(before, ignored=1)


def fleet(source: random.Random, *, spread: float = 0.0, cluster: int = 1, ticks: int = 200) -> list[tuple[Count, ...]]:
    own = [math.exp(source.gauss(0, spread)) for _ in range(10)]
    return [
        tuple(Count(cluster * drawn(source, 200, 0.02 * times / cluster), 200) for times in own) for _ in range(ticks)
    ]


def test_a_fleet_of_chance_alone_has_next_to_no_noise() -> None:
    found = learn(fleet(random.Random(1)), 10.0)
    assert found.short == pytest.approx(1.0, abs=0.15)
    assert found.long < 1.6
    assert found.spread < 0.08


def test_differences_between_instances_are_learned_as_such() -> None:
    found = learn(fleet(random.Random(2), spread=0.3), 10.0)
    assert 0.2 < found.spread < 0.6
    assert found.short == pytest.approx(1.0, abs=0.15)


def test_clusters_are_learned_as_dispersion() -> None:
    assert learn(fleet(random.Random(4), cluster=4), 10.0).short == pytest.approx(4.0, rel=0.25)


@pytest.mark.parametrize(
    "history",
    [
        [],
        [(Count(1, 100),)],
        [(Count(0, 100), Count(0, 100))],
        [(Count(math.nan, 100), Count(1, 100))],
        [(Count(-1, 100), Count(1, 100))],
        [()],
    ],
    ids=str,
)
def test_from_nothing_usable_nothing_is_learned(history: list[tuple[Count, ...]]) -> None:
    assert learn(history, 10.0) == Noise()


def test_from_little_the_spread_stays_as_it_usually_is() -> None:
    few = [(Count(1, 100), Count(0, 100), Count(0, 0)), (Count(0, 100), Count(1, 100), Count(0, 0))]
    found = learn([*few, (Count(0, 0), Count(0, 0), Count(0, 0))], 10.0)
    assert found.spread == 0.15
    assert found.short >= 1.5


def test_one_instance_that_works_alone_has_nothing_to_differ_from() -> None:
    alone = [(Count(5, 100), Count(0, 0))] * 20
    assert learn(alone, 10.0).spread == 0.15
