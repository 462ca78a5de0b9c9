# SPDX-License-Identifier: Apache-2.0
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.judge.crowd import (
    CAPPED,
    EDGES,
    ERRORS,
    LATENCY,
    SLOW_CAPPED,
    crowd,
    folded,
    judged,
    log_evidence,
    slow_tick,
    tick,
)

from interlock.domain.judge.edges import MOST_EDGES, choose
from interlock.domain.judge.judging import Moment, Standing, judge, observe, plan_of, told
from interlock.domain.judge.noise import BORNE, USUAL
from interlock.domain.judge.tails import Tails, known
from interlock.domain.judge.trial import Trial
from interlock.domain.strategy import Analysis, Guard, Habit, Measure
from interlock.domain.traffic import ArmCounters, Tick
from interlock.domain.verdict import Finding, Verdict

GOOD_TICK = tick((50, 0), (50, 0))
QUICK = (100, 55, 30, 5, 0, 0)
COUNT = st.integers(0, 60)
TICKS = st.lists(st.builds(tick, st.tuples(COUNT, COUNT), st.tuples(COUNT, COUNT)), max_size=12)
BOTH = Analysis((Guard("errors", Measure.ERRORS, cap=500), Guard("availability", Measure.ERRORS)))


def leaf(ticks: list[Tick], analysis: Analysis, edges: tuple[int, ...] = ()) -> Finding:
    return finding(ticks, analysis, edges).children[0]


def finding(ticks: list[Tick], analysis: Analysis, edges: tuple[int, ...] = ()) -> Finding:
    return told(folded(ticks, analysis, edges), analysis)


def of_standing(standing: Standing) -> Verdict:
    match standing:
        case Standing.GOOD:
            return Verdict.PASS
        case Standing.BAD:
            return Verdict.FAIL
        case Standing.UNDECIDED | Standing.SUSPICIOUS:
            return Verdict.INCONCLUSIVE


def test_nothing_seen_is_undecided_and_says_what_is_missing() -> None:
    seen = told(Trial(), Analysis())
    assert judge(Trial(), Analysis()).standing is Standing.UNDECIDED
    assert [child.code for child in seen.children] == ["judge.errors", "judge.latency"]
    assert "no latencies were measured" in seen.children[1].sentence


def test_no_guard_is_never_a_pass() -> None:
    assert judged([GOOD_TICK], Analysis(())).standing is Standing.UNDECIDED
    assert finding([GOOD_TICK], Analysis(())).verdict is Verdict.INCONCLUSIVE


def test_another_number_of_guards_than_was_folded_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        judge(folded([GOOD_TICK], ERRORS), Analysis())


def test_a_little_good_data_is_undecided_and_enough_is_good() -> None:
    assert judged([GOOD_TICK], ERRORS).standing is Standing.UNDECIDED
    assert judged([GOOD_TICK] * 2, ERRORS).standing is Standing.GOOD


def test_how_many_more_requests_are_needed_is_about_how_many_are() -> None:
    assert "about 50 more requests" in leaf([GOOD_TICK], ERRORS).next_step


def test_the_more_of_the_traffic_the_candidate_has_the_more_requests_it_takes() -> None:
    crowded = [tick((990, 0), (10, 0))]
    assert judged(crowded * 3, ERRORS).standing is Standing.UNDECIDED
    assert "about 2,500 more" in leaf(crowded, ERRORS).next_step
    assert judged(crowded * 4, ERRORS).standing is Standing.GOOD


def test_evidence_of_ten_is_suspicious_before_it_is_bad() -> None:
    assert judged([tick((50, 8), (100, 0))], ERRORS).standing is Standing.SUSPICIOUS
    assert judged([tick((50, 25), (50, 0))] * 5, ERRORS).standing is Standing.BAD


def test_fewer_than_five_bad_requests_never_roll_back() -> None:
    few = judged([tick((4, 4), (10_000, 0))], ERRORS)
    assert few.standing is Standing.SUSPICIOUS


def test_suspicious_goes_before_undecided() -> None:
    seen = leaf([tick((20, 4), (200, 0))], ERRORS)
    assert (seen.verdict, seen.next_step) == (Verdict.INCONCLUSIVE, "hold the exposure and keep measuring")


def test_a_suspicion_with_enough_data_says_hold() -> None:
    assert leaf([GOOD_TICK, GOOD_TICK, tick((50, 11), (50, 0))], ERRORS).next_step.startswith("hold")


def test_a_rollback_says_the_counts_the_rates_and_the_evidence_against_its_threshold() -> None:
    sentence = leaf([tick((50, 10), (50, 0))], ERRORS).sentence
    assert "candidate 10 of 50 (20 %) bad, stable 0 of 50 (0 %) at the same times: stable had none" in sentence
    assert "back to stable at 100" in sentence


def test_times_worse_compares_tick_by_tick_and_not_the_sums() -> None:
    ramp = [tick((100, 1), (9900, 99)), tick((9900, 990), (100, 10))]
    sentence = leaf(ramp, ERRORS).sentence
    assert "candidate 991 of 10000 (9.91 %) bad, stable 109 of 10000 (1.09 %)" in sentence
    assert ": 1 times stable's rate" in sentence


def test_a_good_candidate_has_nothing_to_do() -> None:
    seen = leaf([GOOD_TICK] * 4, ERRORS)
    assert (seen.verdict, seen.next_step) == (Verdict.PASS, "")
    assert "neither had any" in seen.sentence


def test_a_late_answer_beyond_the_requests_of_its_tick_is_left_out() -> None:
    late, all_bad = (folded([tick((1, bad), (99, 0))], ERRORS) for bad in (30, 1))
    assert log_evidence(late, ERRORS) == log_evidence(all_bad, ERRORS)


@given(TICKS)
def test_the_finding_says_what_the_standing_is(ticks: list[Tick]) -> None:
    seen = finding(ticks, BOTH)
    assert seen.effective is seen.verdict is of_standing(judged(ticks, BOTH).standing)


@given(TICKS, st.integers(0, 12))
def test_evidence_resumed_from_what_was_recorded_is_the_same_evidence(ticks: list[Tick], at: int) -> None:
    assert folded(ticks[at:], BOTH, start=folded(ticks[:at], BOTH)) == folded(ticks, BOTH)


def test_of_two_guards_only_the_one_that_shows_it_is_blamed() -> None:
    ticks = [Tick(ArmCounters(100, 0, QUICK[1:]), ArmCounters(100, 20, QUICK[1:]))] * 6
    seen = finding(ticks, Analysis(), EDGES)
    assert [child.verdict for child in seen.children] == [Verdict.FAIL, Verdict.PASS]
    assert [blocker.subject for blocker in seen.blockers()] == ["errors"]


def test_a_smaller_budget_asks_for_more_evidence() -> None:
    careful = Analysis((Guard("errors", Measure.ERRORS),), risk=1)
    assert judged([tick((50, 10), (50, 0))], careful).standing is Standing.SUSPICIOUS


def test_a_broken_cap_without_stable_beside_is_bad_for_nothing_excuses_it() -> None:
    seen = leaf([tick((50, 10), (0, 0))] * 20, CAPPED)
    assert judged([tick((50, 10), (0, 0))] * 20, CAPPED).standing is Standing.BAD
    assert "the cap of 1 % is broken: 200 of 1000 (20 %) of the candidate bad" in seen.sentence
    assert "at most 1 % of those may be bad, 200 of 1000 (20 %) are" in seen.sentence
    assert "return to stable" in seen.next_step


ALONE = tick((500, 0), (0, 0))
BESIDE = [tick((250, 0), (250, 0))] * 40


@pytest.mark.parametrize(("bad", "ticks"), [(500, 1), (100, 1), (50, 3), (40, 5)])
def test_who_turns_bad_with_all_of_the_traffic_is_bad_soon_without_any_cap(bad: int, ticks: int) -> None:
    healthy = [*BESIDE, *[ALONE] * 20]
    assert judged(healthy, ERRORS).standing is Standing.GOOD
    assert judged([*healthy, *[tick((500, bad), (0, 0))] * ticks], ERRORS).standing is Standing.BAD


def test_what_stable_was_seen_to_do_itself_is_excused_alone_too() -> None:
    both_bad = [tick((250, 25), (250, 25))] * 40
    assert judged([*both_bad, *[tick((500, 60), (0, 0))] * 30], ERRORS).standing is Standing.GOOD
    assert judged([*both_bad, *[tick((500, 400), (0, 0))] * 5], ERRORS).standing is Standing.BAD


def test_less_than_one_in_twenty_is_no_reason_to_go_back_alone() -> None:
    assert judged([*BESIDE, *[tick((500, 20), (0, 0))] * 100], ERRORS).standing is Standing.GOOD


def test_a_few_bad_answers_alone_are_no_reason_however_few_there_were_in_all() -> None:
    assert judged([tick((4, 4), (0, 0))], CAPPED).standing is not Standing.BAD
    assert judged([tick((5, 5), (0, 0))], CAPPED).standing is Standing.BAD


def _all_slow(slow: int) -> Tick:
    return Tick(ArmCounters(0, 0, (0,) * len(EDGES)), ArmCounters(500, 0, (slow,) * len(EDGES)))


@pytest.mark.parametrize(("slow", "standing"), [(100, Standing.GOOD), (450, Standing.BAD)])
def test_who_is_slower_than_stable_ever_was_most_of_the_time_is_bad_alone(slow: int, standing: Standing) -> None:
    quick = Tick(ArmCounters(250, 0, QUICK[1:]), ArmCounters(250, 0, QUICK[1:]))
    latency = Analysis((Guard("latency", Measure.LATENCY, 25),))
    assert judged([*[quick] * 40, *[_all_slow(slow)] * 10], latency, EDGES).standing is standing


def test_a_broken_cap_that_stable_breaks_as_well_is_suspicious() -> None:
    assert judged([tick((50, 10), (50, 10))] * 20, CAPPED).standing is Standing.SUSPICIOUS


def test_a_broken_cap_with_some_evidence_beside_it_is_bad() -> None:
    ticks = [tick((50, 8), (50, 1))]
    assert judged(ticks, ERRORS).standing is Standing.UNDECIDED
    assert judged(ticks, CAPPED).standing is Standing.BAD


def test_a_cap_that_is_kept_is_enough_where_there_is_nothing_to_compare_with() -> None:
    assert judged([tick((50, 0), (0, 0))] * 5, CAPPED).standing is Standing.UNDECIDED
    assert judged([tick((50, 0), (0, 0))] * 6, CAPPED).standing is Standing.GOOD


def test_a_cap_makes_nothing_easier_where_there_is_stable_to_compare_with() -> None:
    lax = Analysis((Guard("errors", Measure.ERRORS, cap=9000),))
    assert judged([tick((90, 0), (10, 0))] * 2, lax).standing is Standing.UNDECIDED


def test_without_stable_and_without_a_cap_nothing_is_ever_called_good() -> None:
    seen = leaf([tick((5000, 0), (0, 0))] * 9, ERRORS)
    assert seen.verdict is Verdict.INCONCLUSIVE
    assert "at most 5 % of those may be bad, 0 of 45000 (0 %) are" in seen.sentence


def test_latencies_of_which_stable_has_shown_none_are_not_judged_alone() -> None:
    latency = Analysis((Guard("latency", Measure.LATENCY, 25),))
    assert "nothing judges those" in leaf([_all_slow(500)] * 9, latency, EDGES).sentence


def test_a_cap_of_nothing_at_all_bears_one_bad_request_and_not_four() -> None:
    strict = Analysis((Guard("errors", Measure.ERRORS, cap=0),))
    assert judged([tick((100, 1), (0, 0))], strict).standing is Standing.GOOD
    assert judged([tick((100, 4), (0, 0))], strict).standing is Standing.SUSPICIOUS


def test_the_chance_of_a_false_alarm_at_a_cap_is_within_the_budget() -> None:
    source = random.Random(7)
    runs = [judged(crowd(source, 100, (50, 0), lambda _: 0.01, lambda _: 1.0), CAPPED) for _ in range(150)]
    assert sum(run.standing is Standing.SUSPICIOUS for run in runs) <= 5


def test_latencies_are_undecided_until_stable_has_shown_where_to_compare() -> None:
    seen = leaf([slow_tick((9, 1, 1, 1, 0, 0), (9, 1, 1, 1, 0, 0))], LATENCY, EDGES)
    assert "9 requests of stable, too few to choose the edges" in seen.sentence
    assert "wait for more requests of stable" in seen.next_step


def test_latencies_that_all_exceed_every_edge_cannot_be_compared() -> None:
    seen = leaf([slow_tick((99,) * 6, (99,) * 6)] * 3, LATENCY, EDGES)
    assert "of 297 requests of stable 297 were slower than the slowest, 2 s" in seen.sentence
    assert "at a slower edge" in seen.next_step


def test_latencies_are_compared_once_edges_are_chosen_and_not_before() -> None:
    first = slow_tick((200, 200, 200, 200, 200, 200), tuple(2 * one for one in QUICK))
    assert log_evidence(folded([first], LATENCY, EDGES), LATENCY) == 0
    assert "no requests of the candidate and of stable" in leaf([first], LATENCY, EDGES).sentence
    assert "candidate 200 of 200 (100 %) slower than " in leaf([first, first], LATENCY, EDGES).sentence


def unseen_once(trial: Trial) -> Tails:
    state = trial.followed[0].state
    assert isinstance(state, Tails)
    return replace(state, unseen=1)


def test_a_tick_at_other_edges_is_no_evidence() -> None:
    chosen = folded([slow_tick(QUICK, QUICK)] * 3, LATENCY, EDGES)
    other = slow_tick((100, 100, 100), (100, 0, 0))
    assert folded([other], LATENCY, (7, 8), start=chosen).followed[0].state == unseen_once(chosen)


def test_a_tick_that_measured_no_latencies_is_no_evidence() -> None:
    chosen = folded([slow_tick(QUICK, QUICK)] * 3, LATENCY, EDGES)
    after = folded([GOOD_TICK], LATENCY, EDGES, start=chosen)
    assert after.followed[0].state == unseen_once(chosen)


def test_a_cap_on_latencies_counts_what_is_slower_than_the_slowest_edge() -> None:
    sentence = leaf([slow_tick((100, 100, 100, 100, 100, 50), (0,) * 6)] * 4, SLOW_CAPPED, EDGES).sentence
    assert "the cap of 1 % is broken: 200 of 400 (50 %) of the candidate slower than 2 s" in sentence


def test_a_cap_on_latencies_needs_latencies() -> None:
    unmeasured = [tick((500, 0), (0, 0))]
    assert judged(unmeasured, SLOW_CAPPED).standing is Standing.UNDECIDED
    assert judged(unmeasured, SLOW_CAPPED, EDGES).standing is Standing.UNDECIDED


def test_an_edge_under_a_millisecond_is_said_in_milliseconds() -> None:
    fast = [slow_tick((100, 20), (100, 20))] * 3
    assert "slower than 0.5 ms" in leaf(fast, LATENCY, (500,)).sentence


def scouted(slower: tuple[int, ...], requests: int = 1000) -> tuple[int, ...]:
    return choose(tuple(range(1, len(slower) + 1)), slower, requests)


def test_edges_are_those_that_requests_are_on_either_side_of_and_the_first_that_hardly_any_exceeds() -> None:
    assert scouted((900, 600, 100, 2, 1, 0)) == (2, 3, 4, 5)


def test_at_most_six_edges_are_chosen_from_the_fastest_to_the_slowest() -> None:
    chosen = scouted(tuple(range(590, 0, -10)))
    assert len(chosen) == MOST_EDGES
    assert (chosen[0], chosen[-1]) == (1, 59)
    assert scouted((*range(590, 0, -10), 0))[-1] == 60


def test_a_share_that_is_not_the_routers_holds_and_is_said_beside_the_guards() -> None:
    trial = Trial()
    for at in range(1, 30):
        trial = observe(trial, tick((500, 5), (500, 5)), (), Moment(float(at), 1.0, 0.1, 0, 2), ERRORS)
    assert judge(trial, ERRORS).standing is Standing.SUSPICIOUS
    seen = told(trial, ERRORS)
    assert [one.code for one in seen.blockers()] == ["judge.split"]
    assert "does not get the share" in seen.sentence


def test_a_service_that_is_known_to_be_quiet_is_judged_more_strictly_and_a_noisy_one_less() -> None:
    ticks = list(crowd(random.Random(5), 120, (100, 900), lambda _: 0.02, lambda _: 1.8))
    weights = [
        judged(ticks, replace(ERRORS, habit=habit)).weight for habit in (Habit(3000, 300), Habit(), Habit(500, 100))
    ]
    assert weights == sorted(weights)
    assert len(set(weights)) == len(weights)


def test_what_nobody_knows_of_a_service_is_what_is_usually_assumed() -> None:
    assert plan_of(replace(ERRORS, habit=Habit(1500))) == plan_of(ERRORS)
    assert plan_of(ERRORS).metrics[0].terms.noise == USUAL


def test_a_service_whose_dispersion_is_known_has_accidents_that_dispersion_does_not_tell_of() -> None:
    (errors,) = plan_of(replace(ERRORS, habit=Habit(dispersion=150))).metrics
    assert errors.terms.noise == replace(USUAL, borne=BORNE, unseen=1.0)


def test_a_service_that_is_known_to_start_quickly_has_that_counted_for_its_times() -> None:
    (latency,) = plan_of(replace(LATENCY, habit=Habit(warm_up_of_times=140))).metrics
    assert latency.tolerance == replace(plan_of(LATENCY).metrics[0].tolerance, warm_up=1.4)


def test_a_service_whose_times_are_known_is_judged_by_them() -> None:
    habit = Habit(spread_of_times=300, dispersion_of_times=120, wander_of_times=250)
    (latency,) = plan_of(replace(LATENCY, habit=habit)).metrics
    usual = plan_of(LATENCY).metrics[0].tolerance
    assert (latency.tolerance.spread, usual.spread) == (0.03, 0.05)
    assert (latency.tolerance.wander, usual.wander) == (0.025, 0.0)
    assert latency.tolerance.noise == known(1.2) != usual.noise
