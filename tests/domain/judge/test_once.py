# SPDX-License-Identifier: Apache-2.0
"""What holds a candidate that somebody asks about once: intervals, better times, the last tick."""

import math
from dataclasses import replace

import pytest

from interlock.domain.judge.account import account
from interlock.domain.judge.followed import Followed
from interlock.domain.judge.gauge import Gauge
from interlock.domain.judge.noise import Count
from interlock.domain.judge.once import is_loud, is_plainly_worse, was_worse
from interlock.domain.judge.outage import Outage, is_ill, watched
from interlock.domain.judge.plan import Arm, Interval, Kind, Metric, Plan
from interlock.domain.judge.trial import Call, Ruling, Trial, Why, hear, open_trial, rule

ASKED_ONCE = Plan((Metric("errors"), Metric("latency", Kind.LATENCY)), noticed=5.0)
EDGES = (50_000, 100_000, 200_000)
WARM = 1000.0


def arm(requests: float, rate: float, slow: float = 1.0) -> Arm:
    part = requests * slow
    return Arm(requests, (requests * rate,), (min(requests, part / 2), min(requests, part / 10), part / 50))


def rows(*told: tuple[int, float, float], slow: float = 1.0, plan: Plan = ASKED_ONCE) -> Trial:
    """So many rows each, with the rates of stable and of the candidate, which has a tenth of the requests."""
    trial = open_trial(plan)
    for count, stable, candidate in told:
        for _ in range(count):
            at = max(trial.at, 0.0) + 10
            beat = Interval(at, arm(900, stable), arm(100, candidate, slow), 0.1, 0, EDGES, (WARM + at,))
            trial = hear(trial, beat, plan)
    return trial


def test_an_interval_all_of_which_is_bad_lets_nobody_go_on() -> None:
    trial = rows((60, 0.4, 0.7))
    assert rule(trial, ASKED_ONCE) == Ruling(Call.HOLD, Why.SUSPECT, "errors")
    assert account(trial, ASKED_ONCE).metrics[0].low > 1.5
    planned = replace(ASKED_ONCE, noticed=0.0)
    assert rule(rows((60, 0.4, 0.7), plan=planned), planned).call is Call.GO_ON


def test_what_was_seen_in_better_times_is_not_forgotten_in_an_incident_of_both() -> None:
    trial = rows((2, 0.9, 0.9), (15, 0.01, 0.04))
    assert rule(trial, ASKED_ONCE) == Ruling(Call.HOLD, Why.SUSPECT, "errors")
    told = account(trial, ASKED_ONCE).metrics[0].sentence
    assert "while stable was well candidate 60 of 1500 (4 %), stable 135 of 13500 (1 %)" in told


def test_an_incident_of_both_shows_nothing_of_a_candidate() -> None:
    seen = account(rows((20, 0.9, 0.9), (1, 0.01, 0.01)), ASKED_ONCE)
    assert seen.ruling == Ruling(Call.WAIT, Why.FEW)
    assert seen.needed > 100


@pytest.mark.parametrize(("last", "call"), [(0.3, Call.HOLD), (0.01, Call.GO_ON)])
def test_a_last_row_that_is_loud_by_itself_holds(last: float, call: Call) -> None:
    trial = rows((30, 0.01, 0.01), (1, 0.01, last))
    assert rule(trial, ASKED_ONCE).call is call
    assert ("the last interval by itself: evidence" in account(trial, ASKED_ONCE).metrics[0].sentence) is (last > 0.1)


def test_a_last_row_in_which_all_answers_are_slow_holds() -> None:
    trial = rows((30, 0.01, 0.01))
    beat = Interval(trial.at + 10, arm(900, 0.01), Arm(100, (1.0,), (100.0,) * 3), 0.1, 0, EDGES, (WARM,))
    assert rule(hear(trial, beat, ASKED_ONCE), ASKED_ONCE) == Ruling(Call.HOLD, Why.SUSPECT, "latency")


def test_where_nothing_is_counted_nothing_is_held() -> None:
    level = Followed(Gauge())
    metric = Metric("cpu", Kind.LEVEL)
    assert [is_plainly_worse(level, metric), was_worse(level, metric, 10.0), is_loud(level, metric, 0.01)] == [
        False
    ] * 3
    empty = open_trial(ASKED_ONCE).followed[0]
    errors = ASKED_ONCE.metrics[0]
    assert [was_worse(empty, errors, 10.0), is_loud(empty, errors, 0.01)] == [False] * 2


def test_as_bad_as_can_be_is_noticed_where_five_times_as_bad_is_impossible() -> None:
    seen = account(rows((30, 0.4, 0.4)), ASKED_ONCE)
    assert seen.ruling.call in {Call.GO_ON, Call.FASTER}
    assert "notice one 2.5 times as bad" in seen.sentence


def test_what_nobody_told_of_a_candidate_is_missing_also_where_stable_had_no_request() -> None:
    trial = rows((20, 0.01, 0.01))
    for _ in range(3):
        beat = Interval(trial.at + 10, Arm(0, (0.0,), (0.0,) * 3), Arm(1000, (math.nan,), ()), 0.0, 0, EDGES, (WARM,))
        trial = hear(trial, beat, ASKED_ONCE)
    assert rule(trial, ASKED_ONCE) == Ruling(Call.WAIT, Why.UNHEARD, "errors")


def watching(*ticks: tuple[int, float, float], requests: tuple[int, int] = (990, 10)) -> Outage:
    """So many ticks of ten seconds each, with the rates of stable and of the candidate."""
    outage, at = Outage(), 0.0
    for count, stable, candidate in ticks:
        for _ in range(count):
            at += 10
            arms = Count(stable * requests[0], requests[0]), Count(candidate * requests[1], requests[1])
            outage = watched(outage, *arms, at, 0.05)
    return outage


def test_an_incident_stays_one_however_lucky_a_candidate_of_few_requests_is() -> None:
    lucky = watching((20, 0.005, 0.0), (30, 0.2, 0.2), (1, 0.2, 0.0), (30, 0.2, 0.2))
    assert is_ill(lucky)
    assert lucky.usual.bad / lucky.usual.all == pytest.approx(0.005)


def test_a_candidate_that_is_seen_to_be_well_ends_it() -> None:
    assert is_ill(watching((20, 0.005, 0.0), (5, 0.2, 0.0), requests=(9990, 3)))
    assert not is_ill(watching((20, 0.005, 0.0), (20, 0.2, 0.0), requests=(900, 100)))


def test_an_incident_is_over_when_stable_is_well_again() -> None:
    assert not is_ill(watching((1, 1.0, 1.0), (1, 0.01, 0.0)))
    assert not is_ill(watching((20, 0.005, 0.0), (9, 0.2, 0.2), (1, 0.005, 0.0)))


def alone(trial: Trial, share: float) -> Trial:
    """Two minutes more in which stable has no request."""
    for _ in range(12):
        beat = Interval(trial.at + 10, Arm(0, (0.0,), (0.0,) * 3), arm(1000, 0.04), share, 0, EDGES, (WARM,))
        trial = hear(trial, beat, ASKED_ONCE)
    return trial


def test_nobody_goes_on_by_what_was_seen_while_stable_was_still_beside_it() -> None:
    after = alone(rows((20, 0.01, 0.01)), 0.0)
    assert rule(after, ASKED_ONCE) == Ruling(Call.WAIT, Why.APART)
    told = account(after, ASKED_ONCE)
    assert "stable had no requests beside the candidate" in told.sentence
    assert "say that share, and a cap" in told.next_step


def test_who_is_meant_to_have_all_is_not_asked_for_somebody_beside_it() -> None:
    assert rule(alone(rows((20, 0.01, 0.01)), 0.999), ASKED_ONCE).why is not Why.APART


def test_one_long_interval_of_which_nothing_was_told_is_enough_to_wait() -> None:
    trial = open_trial(ASKED_ONCE)
    for at in range(1, 9):
        beat = Interval(600.0 * at, arm(9000, 0.01), arm(1000, 0.01), 0.1, 0, EDGES, (WARM,))
        trial = hear(trial, beat, ASKED_ONCE)
    assert rule(trial, ASKED_ONCE).call is not Call.WAIT
    untold = Interval(trial.at + 600, arm(9000, 0.01), Arm(1000, (math.nan,)), 0.1, 0, EDGES, (WARM,))
    assert rule(hear(trial, untold, ASKED_ONCE), ASKED_ONCE) == Ruling(Call.WAIT, Why.UNHEARD, "errors")
    slow = Interval(trial.at + 600, arm(9000, 0.01), Arm(1000, (10.0,)), 0.1, 0, EDGES, (WARM,))
    assert rule(hear(trial, slow, ASKED_ONCE), ASKED_ONCE) == Ruling(Call.WAIT, Why.UNHEARD, "latency")


def warmed(slow: float, minutes: int, lasting: float = 1.0) -> Trial:
    """A candidate whose answers are slow so many times as often for two minutes, and then `lasting` times."""
    trial = open_trial(ASKED_ONCE)
    for number in range(6 * minutes):
        at = 10.0 * (number + 1)
        times = slow if at <= 120 else lasting
        candidate = Arm(1000, (1.0,), (min(1000.0, 500 * times), 100 * times, 20 * times))
        trial = hear(trial, Interval(at, arm(9000, 0.001), candidate, 0.1, 0, EDGES, (at - 5,)), ASKED_ONCE)
    return trial


def test_what_a_warm_up_made_slow_holds_nobody_once_it_is_over() -> None:
    assert [rule(warmed(2.0, minutes), ASKED_ONCE).call for minutes in (2, 4)] == [Call.WAIT, Call.GO_ON]


def test_what_is_held_for_its_interval_shows_that_edge_and_says_so() -> None:
    trial = warmed(1.0, 12, 1.6)
    latency = account(trial, ASKED_ONCE).metrics[1]
    assert rule(trial, ASKED_ONCE).call in {Call.HOLD, Call.BACK}
    assert "more than an honest one keeps up" in latency.sentence


def test_what_is_noticed_of_a_service_with_hardly_an_error_is_told_as_a_rate() -> None:
    assert "notice one that answers 1 % badly, and nothing" in account(rows((60, 0.0, 0.0)), ASKED_ONCE).sentence


def test_what_speaks_against_it_within_what_honest_ones_do_is_told() -> None:
    told = account(rows((180, 0.01, 0.014)), ASKED_ONCE)
    assert (told.ruling.call, told.metrics[0].low > 1) == (Call.GO_ON, True)
    assert "what speaks against the candidate is no more than honest ones may do" in told.sentence


def test_errors_that_nobody_told_are_said_to_be_what_is_missing() -> None:
    trial = open_trial(ASKED_ONCE)
    for at in (10.0, 20.0):
        trial = hear(trial, Interval(at, arm(900, 0.01), Arm(100, (math.nan,)), 0.1, 0, EDGES, (WARM,)), ASKED_ONCE)
    assert "200 requests of the candidate beside stable" in account(trial, ASKED_ONCE).metrics[0].sentence
