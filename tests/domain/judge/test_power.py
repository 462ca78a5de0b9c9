# SPDX-License-Identifier: Apache-2.0
import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.domain.judge.crowd import (
    CAPPED,
    EDGES,
    ERRORS,
    LATENCY,
    crowd,
    ever_bad,
    folded,
    judged,
    log_evidence,
    slow_tick,
    standings,
    tick,
)

from interlock.domain.judge.judging import Standing
from interlock.domain.strategy import Analysis, Habit
from interlock.domain.traffic import Tick

HEALTHY = [tick((50, int(at % 20 == 5)), (50, int(at % 20 == 15))) for at in range(600)]
"""Ten minutes of a tick a second in which one request in a thousand is bad, on both sides."""
KNOWN = Analysis(habit=Habit(dispersion=150))
"""All guards of the default, of a service of which it is known that its failures come singly, or in twos."""
QUICK = (100, 55, 30, 5, 0, 0)
"""A hundred requests, and how many are slower than each edge."""


def after(healthy: list[Tick], broken: Tick, analysis: Analysis, edges: tuple[int, ...] = ()) -> int:
    """How many broken ticks it takes until the candidate goes back."""
    looks = standings([*healthy, *[broken] * 60], analysis, edges)
    return next(at for at, standing in enumerate(looks) if standing is Standing.BAD) - len(healthy) + 1


def from_tick(onset: int, times: float) -> Callable[[int], float]:
    return lambda at: times if at >= onset else 1.0


def test_ten_of_fifty_bad_where_stable_has_none_in_many_goes_back_at_once_with_all_guards_of_the_default() -> None:
    assert judged([tick((50, 10), (450, 0))], KNOWN).standing is Standing.BAD


@pytest.mark.parametrize(("broken", "ticks"), [((50, 10), 2), ((50, 50), 1), ((5, 5), 2), ((50, 5), 4), ((1, 1), 5)])
def test_a_broken_candidate_goes_back_within_so_many_ticks(broken: tuple[int, int], ticks: int) -> None:
    """The more stable there is beside it, the more each bad request says."""
    assert after([], tick(broken, (50, 0)), KNOWN) == ticks


@pytest.mark.parametrize(("broken", "ticks"), [((50, 10), 11), ((50, 50), 3), ((5, 5), 3), ((50, 5), 17), ((1, 1), 6)])
def test_where_nobody_knows_how_failures_cluster_one_accident_sends_nobody_back(
    broken: tuple[int, int], ticks: int
) -> None:
    assert after([], tick(broken, (50, 0)), Analysis()) == ticks


def test_more_failures_than_any_accident_brings_send_back_in_one_tick_all_the_same() -> None:
    assert after([], tick((200, 100), (1800, 0)), Analysis()) == 1


@pytest.mark.parametrize("healthy", [HEALTHY, [tick((50, 0), (450, 0))] * 600, HEALTHY * 3])
def test_a_defect_that_wakes_after_ten_healthy_minutes_is_found_within_seconds(healthy: list[Tick]) -> None:
    assert after(healthy, tick((50, 10), (450, 0)), KNOWN) <= 6
    assert after(healthy, tick((50, 10), (450, 0)), Analysis()) <= 7


def test_a_defect_that_wakes_late_is_not_diluted_by_the_healthy_time_before() -> None:
    long, short = (after(HEALTHY * times, tick((50, 5), (50, 0)), ERRORS) for times in (10, 1))
    assert long <= 2 * short


@pytest.mark.parametrize(
    ("times", "onset", "ticks"), [(10.0, 0, 60), (5.0, 0, 180), (3.0, 0, 1800), (10.0, 600, 720), (5.0, 600, 1000)]
)
def test_a_regression_at_a_tenth_of_the_traffic_is_found_in_most_rollouts(times: float, onset: int, ticks: int) -> None:
    found = [
        ever_bad(crowd(random.Random(at), ticks, (10, 90), lambda _: 0.005, from_tick(onset, times)), ERRORS)
        for at in range(12)
    ]
    assert sum(found) >= 9


def test_the_worse_the_candidate_the_sooner_it_goes_back() -> None:
    waits = [after([], tick((100, bad), (100, 2)), ERRORS) for bad in (8, 10, 20, 40)]
    assert all(sooner <= later for later, sooner in itertools.pairwise(waits))


def test_a_candidate_slower_than_stable_ever_is_goes_back_half_a_minute_after_the_edges_are_chosen() -> None:
    healthy = [slow_tick(QUICK, QUICK)]
    assert after(healthy, slow_tick((100, 100, 100, 100, 100, 0), QUICK), LATENCY, EDGES) <= 35


def test_a_candidate_somewhat_slower_goes_back_in_time() -> None:
    assert after([slow_tick(QUICK, QUICK)], slow_tick((100, 70, 50, 12, 1, 0), QUICK), LATENCY, EDGES) <= 40


def test_a_candidate_that_begins_late_to_be_slow_goes_back_soon() -> None:
    """Soonest where a past showed that its times are steady; half of the traffic says least of an accident."""
    healthy, broken = [slow_tick(QUICK, QUICK)] * 600, slow_tick((100, 90, 80, 60, 50, 0), QUICK)
    assert after(healthy, broken, LATENCY, EDGES) <= 35
    steady = replace(LATENCY, habit=Habit(dispersion_of_times=110))
    assert after(healthy, broken, steady, EDGES) <= 22


def test_an_incident_that_both_arms_share_is_no_evidence() -> None:
    incident = [*HEALTHY, *[tick((50, 25), (50, 25))] * 60]
    assert log_evidence(folded(incident, ERRORS), ERRORS) < 0


def test_traffic_moving_to_the_candidate_while_the_errors_grow_is_no_evidence() -> None:
    ramp = [tick((10 * at, at * at), (1000 - 10 * at, (100 - at) * at)) for at in range(1, 20)]
    assert log_evidence(folded([one for one in ramp for _ in range(10)], ERRORS), ERRORS) < 0


def test_what_ended_before_the_candidate_had_traffic_is_no_evidence() -> None:
    assert log_evidence(folded([tick((0, 0), (50, 0)), tick((50, 40), (0, 0))], ERRORS), ERRORS) == 0


def test_a_cap_broken_by_the_candidate_alone_is_found_late_too() -> None:
    calm = [tick((50, 0), (50, 0))] * 600
    assert after(calm, tick((50, 5), (50, 1)), CAPPED) <= 5
