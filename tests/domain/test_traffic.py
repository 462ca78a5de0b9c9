# SPDX-License-Identifier: Apache-2.0
"""Counters of two arms: what two snapshots say of the time between them, and what they do not."""

from dataclasses import replace

import pytest

from interlock.domain.traffic import ArmCounters, Lane, Snapshot, SourceCounters, Tick, between, together

EDGES = (250_000, 1_000_000)


def source(name: str, requests: int, errors: int = 0, slower: tuple[int, ...] = (0, 0)) -> SourceCounters:
    """A source whose candidate had a tenth of what stable had."""
    tenth = ArmCounters(requests // 10, errors // 10, tuple(one // 10 for one in slower))
    return SourceCounters(name, ArmCounters(requests, errors, slower), tenth)


def seen(*sources: SourceCounters, edges: tuple[int, ...] = EDGES) -> Snapshot:
    """A snapshot with all endpoints ready."""
    return Snapshot(sources, edges, 2, 2)


def test_the_lane_beside_a_lane_is_the_other_one() -> None:
    assert (Lane.A.other, Lane.B.other) == (Lane.B, Lane.A)


def test_what_happened_is_the_difference_summed_over_sources() -> None:
    before = seen(source("one", 100, 10, (20, 10)), source("two", 1000))
    after = seen(source("two", 1500), source("one", 300, 30, (60, 10)))
    assert between(before, after) == Tick(ArmCounters(700, 20, (40, 0)), ArmCounters(70, 2, (4, 0)))


def test_the_first_snapshot_says_nothing_of_the_time_before_it() -> None:
    tick = between(Snapshot(), seen(source("one", 100)))
    assert (tick.stable.requests, tick.candidate.requests, tick.dropped) == (0, 0, ("one",))


def test_a_source_that_comes_or_goes_is_dropped_and_named() -> None:
    before, after = seen(source("stays", 10), source("goes", 10)), seen(source("stays", 30), source("comes", 90))
    tick = between(before, after)
    assert (tick.stable.requests, tick.dropped) == (20, ("comes", "goes"))


WENT_BACK = {
    "its requests": ArmCounters(9, 5, (5, 5)),
    "its errors": ArmCounters(10, 4, (5, 5)),
    "its slow requests": ArmCounters(10, 5, (5, 4)),
}


@pytest.mark.parametrize("what", WENT_BACK)
@pytest.mark.parametrize("arm", ["stable", "candidate"])
def test_a_source_that_was_restarted_is_dropped_for_both_arms(what: str, arm: str) -> None:
    was = ArmCounters(10, 5, (5, 5))
    now = {"stable": ArmCounters(99, 9, (9, 9)), "candidate": ArmCounters(99, 9, (9, 9)), arm: WENT_BACK[what]}
    before = seen(SourceCounters("one", was, was), source("two", 10))
    after = seen(SourceCounters("one", now["stable"], now["candidate"]), source("two", 20))
    assert between(before, after) == Tick(ArmCounters(10, 0, (0, 0)), ArmCounters(1, 0, (0, 0)), ("one",))


def beside(name: str, requests: int, baseline: ArmCounters) -> SourceCounters:
    """A source that has such a baseline."""
    return replace(source(name, requests), baseline=baseline)


def test_a_baseline_is_an_arm_like_the_others() -> None:
    before, after = beside("one", 100, ArmCounters(10, 1, (2, 0))), beside("one", 300, ArmCounters(40, 3, (5, 1)))
    assert between(seen(before), seen(after)).baseline == ArmCounters(30, 2, (3, 1))


def test_a_baseline_that_went_back_drops_its_source_for_all_arms() -> None:
    before, after = beside("one", 100, ArmCounters(10, 0, (0, 0))), beside("one", 300, ArmCounters(9, 0, (0, 0)))
    assert between(seen(before), seen(after)) == Tick(ArmCounters(0, 0, (0, 0)), ArmCounters(0, 0, (0, 0)), ("one",))


def test_a_baseline_that_is_not_counted_by_every_edge_drops_its_source() -> None:
    before, after = beside("one", 100, ArmCounters(10, 0, (0,))), beside("one", 300, ArmCounters(20, 0, (0,)))
    assert between(seen(before), seen(after)).dropped == ("one",)


def test_a_source_that_knows_of_no_baseline_any_more_is_dropped_once() -> None:
    before, after = beside("one", 100, ArmCounters(10, 0, (0, 0))), source("one", 300)
    assert between(seen(before), seen(after)).dropped == ("one",)
    assert between(seen(after), seen(source("one", 400))).stable.requests == 100


def test_a_baseline_that_only_one_of_two_sources_has_is_counted_there() -> None:
    before = seen(beside("one", 100, ArmCounters(10, 0, (4, 0))), source("two", 100))
    after = seen(beside("one", 200, ArmCounters(30, 0, (9, 0))), source("two", 200))
    assert between(before, after).baseline == ArmCounters(20, 0, (5, 0))


def test_ticks_together_have_the_requests_of_both_baselines() -> None:
    both = together(Tick(baseline=ArmCounters(3, 1, (2,))), Tick(baseline=ArmCounters(4, 0, (1,))))
    assert both.baseline == ArmCounters(7, 1, (3,))


def test_counters_of_other_edges_are_not_compared() -> None:
    tick = between(seen(source("one", 10)), seen(source("one", 20), edges=(1, 2)))
    assert (tick.stable.requests, tick.dropped) == (0, ("one",))


@pytest.mark.parametrize("slower", [(), (1,), (1, 1, 1)])
def test_a_source_that_does_not_speak_of_every_edge_is_dropped(slower: tuple[int, ...]) -> None:
    odd = SourceCounters("one", ArmCounters(20, 0, slower), ArmCounters(2, 0, (0, 0)))
    for pair in ((seen(source("one", 10)), seen(odd)), (seen(odd), seen(odd))):
        assert between(*pair).dropped == ("one",)


def test_two_ticks_together_are_what_was_done_in_both() -> None:
    one = Tick(ArmCounters(5, 1, (2, 1)), ArmCounters(3, 0, (1, 0)), ("south",))
    other = Tick(ArmCounters(7, 2, (3, 0)), ArmCounters(2, 1, (0, 0)), ("east", "south"))
    both = together(one, other)
    assert (both.stable, both.candidate) == (ArmCounters(12, 3, (5, 1)), ArmCounters(5, 1, (1, 0)))
    assert both.dropped == ("east", "south")
    assert together(Tick(), one) == one


def test_what_is_told_of_different_edges_is_not_told_together() -> None:
    one, other = Tick(ArmCounters(5, 1, (2, 1))), Tick(ArmCounters(7, 2, (3,)))
    assert together(one, other).stable == ArmCounters(12, 3)
