# SPDX-License-Identifier: Apache-2.0
import math
import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.judge.crowd import drawn

from interlock.domain.judge.account import Account, account
from interlock.domain.judge.contest import Contest
from interlock.domain.judge.plan import Arm, Interval, Kind, Metric, Plan, Role, limit_at
from interlock.domain.judge.pulse import Sign
from interlock.domain.judge.saying import estimated, evidence_in_words, number
from interlock.domain.judge.trial import Call, Ruling, Trial, Why, hear, is_safe, open_trial, rule, total_evidence

EDGES = (50_000, 100_000, 200_000)
SLOWER = (500.0, 100.0, 20.0)
ERRORS = Metric("errors")
TIMES = Metric("latency", Kind.LATENCY)
LOAD = Metric("cpu", Kind.LEVEL, role=Role.ADVISORY)
FULL = Plan((ERRORS, TIMES, LOAD))
SIMPLE = Plan((ERRORS,))
CAPPED = Plan((replace(ERRORS, cap=0.02),))
ROUGH = st.floats(allow_nan=True, allow_infinity=True)
ROW = st.lists(ROUGH, max_size=3).map(tuple)
ARM = st.builds(Arm, ROUGH, ROW, ROW, st.lists(ROW, max_size=2).map(tuple))
INTERVAL = st.builds(
    Interval, ROUGH, ARM, ARM, ROUGH, st.integers(0, 3), st.lists(st.integers(-5, 10**6), max_size=3).map(tuple), ROW
)
EMPTY = Arm()


def arm(requests: float, bad: float, *, slow: float = 1.0, load: float = 1.0) -> Arm:
    part = requests / 1000
    return Arm(requests, (bad,), tuple(min(requests, one * part * slow) for one in SLOWER), ((load, load * 1.01),))


def interval(at: float, stable: Arm, candidate: Arm, *, step: int = 0, weight: float = 0.05) -> Interval:
    return Interval(at, stable, candidate, weight, step, EDGES, (1000.0 + at,), 19)


def heard(
    plan: Plan,
    ticks: int,
    stable: Arm | None = None,
    candidate: Arm | None = None,
    *,
    start: Trial | None = None,
    weight: float = 0.05,
) -> Trial:
    trial = start or open_trial(plan)
    began = 0.0 if math.isinf(trial.at) else trial.at
    for at in range(1, ticks + 1):
        pair = stable or arm(1900, 10), candidate or arm(100, 0.5)
        trial = hear(trial, interval(began + 10.0 * at, *pair, weight=weight), plan)
    return trial


def test_a_candidate_like_stable_goes_on() -> None:
    assert rule(heard(FULL, 20), FULL) == Ruling(Call.GO_ON, Why.CALM)


def test_a_worse_candidate_goes_back_for_the_metric_that_shows_it() -> None:
    assert rule(heard(FULL, 20, candidate=arm(100, 10)), FULL) == Ruling(Call.BACK, Why.WORSE, "errors")
    assert rule(heard(FULL, 20, candidate=arm(100, 0.5, slow=4)), FULL) == Ruling(Call.BACK, Why.WORSE, "latency")


def test_between_the_two_it_is_held() -> None:
    trial = open_trial(SIMPLE)
    rulings = []
    for at in range(1, 200):
        trial = hear(trial, interval(10.0 * at, arm(1900, 10), arm(100, 1.6)), SIMPLE)
        rulings.append(rule(trial, SIMPLE))
    assert Ruling(Call.HOLD, Why.SUSPECT, "errors") in rulings
    assert rulings[-1].call is Call.BACK


def test_a_handful_of_bad_requests_sends_nobody_back() -> None:
    trial = heard(SIMPLE, 4, stable=arm(1e6, 0), candidate=arm(100, 1), weight=0.0)
    assert total_evidence(trial, SIMPLE) >= -math.log(SIMPLE.risk)
    assert rule(trial, SIMPLE).call is Call.HOLD


def test_too_little_is_never_a_pass() -> None:
    assert rule(open_trial(FULL), FULL) == Ruling(Call.WAIT, Why.UNHEARD, "errors")
    assert rule(heard(SIMPLE, 1), SIMPLE) == Ruling(Call.GO_ON, Why.CALM)
    assert rule(heard(SIMPLE, 1, candidate=arm(99, 0)), SIMPLE) == Ruling(Call.WAIT, Why.FEW)
    assert rule(heard(SIMPLE, 2, stable=arm(5, 0), candidate=arm(100, 0), weight=0.0), SIMPLE) == Ruling(
        Call.WAIT, Why.FEW
    )


def test_without_a_critical_metric_nothing_passes() -> None:
    for plan in (Plan(()), Plan((LOAD,))):
        assert rule(heard(plan, 20), plan) == Ruling(Call.WAIT, Why.FEW)


def test_what_is_proven_safe_may_go_faster() -> None:
    trial = heard(SIMPLE, 200)
    assert rule(trial, SIMPLE) == Ruling(Call.FASTER, Why.PROVEN)
    assert is_safe(trial, SIMPLE)


def test_nothing_is_faster_before_the_step_was_watched_for_a_while() -> None:
    trial = heard(SIMPLE, 200)
    stepped = hear(trial, interval(trial.at + 10, arm(1900, 10), arm(100, 0.5), step=1), SIMPLE)
    assert rule(stepped, SIMPLE).call is Call.GO_ON


def test_every_metric_that_can_prove_something_must() -> None:
    plan = Plan((ERRORS, TIMES))
    assert not is_safe(heard(plan, 200, candidate=arm(100, 0.5, slow=1.9)), plan)
    assert is_safe(heard(plan, 400), plan)
    assert not is_safe(open_trial(plan), plan)


def test_a_level_alone_proves_nothing() -> None:
    plan = Plan((replace(LOAD, role=Role.CRITICAL),))
    trial = heard(plan, 100)
    assert not is_safe(trial, plan)
    assert rule(trial, plan).call is Call.GO_ON


def test_a_critical_level_that_is_worse_sends_back() -> None:
    plan = Plan((replace(LOAD, role=Role.CRITICAL),))
    assert rule(heard(plan, 200, candidate=arm(100, 0, load=4.0)), plan) == Ruling(Call.BACK, Why.WORSE, "cpu")


def test_an_advisory_metric_pauses_at_most() -> None:
    assert rule(heard(FULL, 200, candidate=arm(100, 0.5, load=4.0)), FULL) == Ruling(Call.PAUSE, Why.ADVICE, "cpu")


def test_an_incident_that_both_share_pauses_and_sends_nobody_back() -> None:
    trial = heard(CAPPED, 20, stable=arm(1900, 190), candidate=arm(100, 10))
    assert rule(trial, CAPPED) == Ruling(Call.PAUSE, Why.SHARED, "errors")


def test_what_both_do_that_stable_never_came_near_before_pauses_without_a_cap() -> None:
    trial = heard(SIMPLE, 10, stable=arm(1900, 400), candidate=arm(100, 21), start=heard(SIMPLE, 20))
    assert rule(trial, SIMPLE) == Ruling(Call.PAUSE, Why.OUTAGE, "errors")
    whole = account(trial, SIMPLE)
    assert "both arms are ill beyond what stable was seen to be in better times" in whole.sentence
    assert "lately candidate 92 of 484 (19 %), stable 1751 of 9201 (19 %)" in whole.sentence
    assert "at most 5 % would be near" in whole.sentence
    assert rule(heard(SIMPLE, 20, start=trial), SIMPLE).call is Call.FASTER


def test_an_incident_that_was_there_first_is_one_when_most_requests_suffer() -> None:
    assert rule(heard(SIMPLE, 3, stable=arm(1900, 1900), candidate=arm(100, 100)), SIMPLE).why is Why.OUTAGE
    assert rule(heard(SIMPLE, 30, stable=arm(1900, 570), candidate=arm(100, 30)), SIMPLE).call is Call.FASTER


def test_slow_answers_of_both_are_an_incident_too() -> None:
    plan = Plan((ERRORS, TIMES))
    trial = heard(plan, 20)
    slow = heard(plan, 5, stable=arm(1900, 10, slow=60), candidate=arm(100, 0.5, slow=60), start=trial)
    assert rule(slow, plan) == Ruling(Call.PAUSE, Why.OUTAGE, "latency")


def warming(ticks: int, slow: float, age: float = 0.0) -> Trial:
    """A candidate that is so many times as often slow, from its first second on."""
    plan = Plan((ERRORS, TIMES))
    trial = open_trial(plan)
    for at in range(1, ticks + 1):
        pair = arm(9500, 50), arm(500, 2.5, slow=slow)
        beat = replace(interval(10.0 * at, *pair), ages=(age + 10.0 * at - 5,))
        trial = hear(trial, beat, plan)
    return trial


def test_longer_answers_that_a_warm_up_may_explain_let_nobody_go_on_until_it_is_over() -> None:
    plan = Plan((ERRORS, TIMES))
    young = warming(10, 2.0)
    assert rule(young, plan) == Ruling(Call.WAIT, Why.YOUNG, "latency")
    assert account(young, plan).next_step.startswith("wait until all of its instances are warm")
    assert rule(warming(17, 2.0), plan).call is Call.WAIT
    assert rule(warming(19, 2.0), plan).call is not Call.GO_ON
    assert rule(warming(60, 2.0), plan).call is Call.BACK
    assert rule(warming(10, 1.0), plan).call is Call.GO_ON


def test_who_was_slow_at_first_goes_on_once_it_is_warm() -> None:
    plan = Plan((ERRORS, TIMES))
    trial = warming(10, 2.0)
    for at in range(11, 40):
        beat = replace(interval(10.0 * at, arm(9500, 50), arm(500, 2.5)), ages=(10.0 * at - 5,))
        trial = hear(trial, beat, plan)
    assert rule(trial, plan).call in {Call.GO_ON, Call.FASTER}


def test_where_a_plan_says_so_as_much_must_be_seen_as_a_defect_takes_to_be_noticed() -> None:
    plan = replace(SIMPLE, noticed=5.0)
    few = account(heard(plan, 3), plan)
    assert few.ruling == Ruling(Call.WAIT, Why.FEW)
    assert 100 < few.needed < 3000
    enough = account(heard(plan, 3 + few.needed // 100 + 1), plan)
    assert enough.sentence == "enough was seen to notice one 5 times as bad, and nothing speaks against the candidate"
    assert account(open_trial(plan), plan).needed >= 0


@pytest.mark.parametrize("bad", [100.0, 60.0])
def test_where_stable_is_as_bad_as_can_be_nothing_worse_is_waited_for(bad: float) -> None:
    plan = replace(SIMPLE, noticed=5.0)
    trial = heard(plan, 3, stable=arm(1900, 19 * bad), candidate=arm(100, bad))
    assert rule(trial, plan).why is Why.OUTAGE


def test_a_cap_that_the_candidate_breaks_alone_sends_back_at_less_evidence() -> None:
    trial = open_trial(CAPPED)
    rulings = []
    for at in range(1, 60):
        trial = hear(trial, interval(10.0 * at, arm(1900, 40), arm(100, 6)), CAPPED)
        rulings.append(rule(trial, CAPPED))
    assert next(one for one in rulings if one.call is Call.BACK) == Ruling(Call.BACK, Why.CAP, "errors")


def young(plan: Plan, ticks: int, bad: float = 10) -> Trial:
    """A candidate of seconds, with half of the traffic. `bad`: of its fifty requests; of stable's half of one is."""
    trial = open_trial(plan)
    for at in range(1, ticks + 1):
        beat = Interval(float(at), arm(50, 0.5), arm(50, bad), 0.5, 0, EDGES, (at - 0.5,), 1)
        trial = hear(trial, beat, plan)
    return trial


def test_what_may_be_warm_up_is_held_before_it_is_sent_back() -> None:
    rulings = [rule(young(SIMPLE, ticks, 4), SIMPLE) for ticks in range(1, 5)]
    assert rulings[3] == Ruling(Call.HOLD, Why.SUSPECT, "errors")
    assert not {Call.BACK, Call.FASTER} & {one.call for one in rulings}


def test_no_warm_up_excuses_what_stable_never_came_near() -> None:
    assert rule(young(SIMPLE, 15), SIMPLE) == Ruling(Call.BACK, Why.FAR, "errors")


def test_who_goes_back_for_being_far_is_told_the_limit_and_the_evidence() -> None:
    whole = account(young(SIMPLE, 15), SIMPLE)
    assert "what the stable beside it never came near; errors: candidate 150 of 750 (20 %) bad" in whole.sentence
    assert "more than 5 % are bad, which beside this stable no honest candidate comes near" in whole.sentence
    assert "(back to stable at 20)" in whole.sentence


def test_no_warm_up_excuses_what_breaks_a_cap() -> None:
    plan = Plan((replace(ERRORS, cap=0.05),))
    assert rule(young(plan, 4), plan) == Ruling(Call.BACK, Why.CAP, "errors")


def test_a_cap_is_not_pressed_by_what_makes_no_sense() -> None:
    trial = heard(CAPPED, 20, candidate=Arm(100, (math.nan,)))
    assert trial.followed[0].cap.total.all == 0


@pytest.mark.parametrize(("ticks", "expected"), [(8, Call.WAIT), (10, Call.PAUSE), (20, Call.BACK)])
def test_a_candidate_that_is_not_heard_of_goes_back(ticks: int, expected: Call) -> None:
    trial = heard(SIMPLE, ticks, candidate=arm(0, 0), start=heard(SIMPLE, 20))
    assert rule(trial, SIMPLE).call is expected


@pytest.mark.parametrize(("ticks", "expected"), [(4, Call.WAIT), (8, Call.WAIT), (10, Call.PAUSE), (500, Call.PAUSE)])
def test_what_was_heard_once_and_is_no_more_lets_nobody_go_on_share_or_none(ticks: int, expected: Call) -> None:
    trial = heard(SIMPLE, ticks, candidate=arm(0, 0), start=heard(SIMPLE, 20, weight=0.0), weight=0.0)
    assert rule(trial, SIMPLE) == Ruling(expected, Why.SILENT)
    assert "why nothing is heard of the candidate" in account(trial, SIMPLE).next_step


def test_what_was_seen_long_ago_lets_nobody_go_on_though_nobody_was_asked_since() -> None:
    trial = heard(SIMPLE, 20, stable=arm(0, 0), candidate=arm(0, 0), start=heard(SIMPLE, 20))
    assert rule(trial, SIMPLE) == Ruling(Call.WAIT, Why.SILENT)


def test_who_is_sent_nothing_is_told_to_see_why() -> None:
    back = account(heard(SIMPLE, 20, candidate=arm(0, 0), start=heard(SIMPLE, 20)), SIMPLE)
    assert back.next_step == "return to stable and see why nothing is heard of the candidate"


def test_a_share_that_is_not_the_routers_pauses() -> None:
    assert rule(heard(SIMPLE, 60, candidate=arm(20, 0.1)), SIMPLE) == Ruling(Call.PAUSE, Why.SPLIT)


def test_a_metric_that_is_not_measured_any_more_lets_nobody_go_on() -> None:
    trial = heard(FULL, 3, candidate=Arm(100, (math.nan,), arm(100, 0).slower), start=heard(FULL, 20))
    assert rule(trial, FULL) == Ruling(Call.WAIT, Why.UNHEARD, "errors")


def test_edges_that_change_let_nobody_go_on() -> None:
    trial = heard(FULL, 20)
    for at in range(3):
        other = replace(interval(1000.0 + 10 * at, arm(1900, 10), arm(100, 0.5)), edges=(1, 2, 3))
        trial = hear(trial, other, FULL)
    assert rule(trial, FULL) == Ruling(Call.WAIT, Why.UNHEARD, "latency")


def test_an_interval_that_came_twice_or_late_changes_nothing() -> None:
    trial = heard(SIMPLE, 20)
    for at in (trial.at, trial.at - 50, math.nan):
        assert hear(trial, interval(at, arm(1900, 10), arm(100, 90)), SIMPLE) == replace(trial, ignored=1)


def test_a_trial_is_the_same_wherever_it_is_resumed() -> None:
    assert heard(FULL, 20) == heard(FULL, 13, start=heard(FULL, 7))


def test_a_metric_without_weight_has_no_say() -> None:
    plan = Plan((ERRORS, replace(ERRORS, name="other", weight=0.0)))
    trial = open_trial(plan)
    for at in range(1, 30):
        one, other = Arm(1900, (10.0, 10.0)), Arm(100, (0.5, 50.0))
        trial = hear(trial, interval(10.0 * at, one, other), plan)
    assert rule(trial, plan).call is Call.GO_ON
    assert total_evidence(trial, plan, Role.ADVISORY) == 0.0


@pytest.mark.parametrize(("weight", "limit"), [(0.01, 2.0), (0.05, 2.0), (0.25, 1.5), (0.5, 1.25), (1.0, 1.25)])
def test_the_more_is_at_stake_the_less_is_called_safe(weight: float, limit: float) -> None:
    assert limit_at(weight) == limit


@pytest.mark.parametrize(("told", "requests", "limit"), [(0.0, 100, 2.0), (0.0, 1900, 1.25), (0.05, 1900, 2.0)])
def test_where_no_share_was_told_that_of_what_was_counted_is_at_stake(
    told: float, requests: float, limit: float
) -> None:
    trial = heard(SIMPLE, 3, candidate=arm(requests, 5), weight=told)
    trial = heard(SIMPLE, 1, candidate=arm(math.nan, 5), start=trial, weight=told)
    assert account(trial, SIMPLE).metrics[0].limit == limit


@given(st.lists(INTERVAL, max_size=5))
def test_nothing_that_sources_may_say_raises(intervals: list[Interval]) -> None:
    trial = open_trial(FULL)
    for one in intervals:
        trial = hear(trial, one, FULL)
    told = account(trial, FULL)
    assert told.sentence
    assert math.isfinite(told.log_evidence)


@given(st.lists(st.tuples(ARM, ARM), min_size=1, max_size=12), st.sampled_from(["stable", "candidate"]))
def test_with_an_arm_that_says_nothing_usable_nothing_ever_passes(ticks: list[tuple[Arm, Arm]], missing: str) -> None:
    trial = open_trial(FULL)
    for at, (stable, candidate) in enumerate(ticks):
        pair = (EMPTY, candidate) if missing == "stable" else (stable, EMPTY)
        trial = hear(trial, interval(10.0 * at, *pair), FULL)
        assert rule(trial, FULL).call not in {Call.GO_ON, Call.FASTER}


def test_over_honest_candidates_all_metrics_together_cry_wolf_no_oftener_than_the_risk() -> None:
    source, alarms = random.Random(23), 0
    plan = Plan((ERRORS, replace(ERRORS, name="timeouts")), risk=0.05)
    for _ in range(40):
        trial = open_trial(plan)
        for at in range(1, 40):
            arms = [
                Arm(requests, tuple(float(drawn(source, int(requests), 0.02)) for _ in range(2)))
                for requests in (950.0, 50.0)
            ]
            trial = hear(trial, interval(10.0 * at, arms[0], arms[1]), plan)
            if rule(trial, plan).call is Call.BACK:
                alarms += 1
                break
    assert alarms <= 5


def told(plan: Plan, ticks: int, candidate: Arm | None = None, stable: Arm | None = None) -> Account:
    return account(heard(plan, ticks, stable, candidate), plan)


def test_an_account_tells_counts_interval_and_evidence_of_each_metric() -> None:
    whole = told(FULL, 20, candidate=arm(100, 10))
    errors = whole.metrics[0]
    assert (errors.candidate.bad, errors.candidate.all, errors.stable.bad) == (200, 2000, 200)
    assert 10 < errors.low < errors.likeliest < errors.high < 40
    assert errors.log_evidence > whole.threshold
    assert errors.is_current
    assert "candidate 200 of 2000 (10 %) bad, stable 200 of 38000" in whole.sentence
    assert whole.next_step.startswith("return to stable")
    assert (whole.needed, whole.sign, whole.share) == (0, Sign.HEARD, 0.05)


def test_an_account_says_about_how_many_more_requests_it_takes() -> None:
    few = told(SIMPLE, 1, candidate=arm(30, 0), stable=arm(570, 3))
    assert 0 < few.needed <= 100
    assert f"about {few.needed} more requests" in few.next_step
    calm = told(SIMPLE, 20)
    assert 500 < calm.needed < 2000
    assert f"about {estimated(calm.needed)} more requests would prove it safe" in calm.next_step


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1"), (50, "50"), (347, "350"), (9960, "10,000"), (27_068_626, "27,000,000")],
)
def test_an_estimate_has_two_digits_that_count(count: int, words: str) -> None:
    assert estimated(count) == words


def test_what_is_missing_shrinks_as_requests_come() -> None:
    assert told(SIMPLE, 30).needed < told(SIMPLE, 10).needed < told(SIMPLE, 1).needed


def test_nobody_is_promised_a_proof_that_nothing_seen_so_far_makes_likely() -> None:
    clean = told(SIMPLE, 40, candidate=arm(100, 0), stable=arm(1900, 0))
    assert (clean.ruling.call, clean.needed, clean.next_step) == (Call.GO_ON, 0, "go on at the planned pace")
    twice = told(SIMPLE, 10, candidate=arm(100, 1.2))
    assert (twice.ruling.call, twice.needed) == (Call.GO_ON, 0)


def test_who_is_held_is_told_the_number_that_holds() -> None:
    held = account(young(SIMPLE, 4, 4), SIMPLE)
    assert re.search(r"evidence \S+ were no warm-up and no accident allowed for \(held at 10\)", held.sentence)
    assert held.metrics[0].log_doubt >= held.hold_at > held.metrics[0].log_evidence


@pytest.mark.parametrize(("bad", "words"), [(0.0, ": at most 0.449 times"), (95.0, ": at least 148 times")])
def test_a_ratio_is_told_as_far_as_ratios_are_told_apart(bad: float, words: str) -> None:
    assert (
        words in told(SIMPLE, 40, candidate=arm(100, bad), stable=arm(1900, 10 if not bad else 0.5)).metrics[0].sentence
    )


def test_before_anything_was_seen_an_account_says_so() -> None:
    empty = account(open_trial(FULL), FULL)
    assert empty.next_step == "mend what measures it; nothing goes on unseen"
    assert empty.metrics[0].sentence == "no requests of the candidate and of stable at the same time yet"
    assert "no latencies were measured" in empty.metrics[1].sentence
    assert account(open_trial(Plan(())), Plan(())).needed == 100


def test_an_account_of_latencies_tells_the_edge_that_speaks_loudest() -> None:
    assert "slower than 100 ms" in told(FULL, 20, candidate=arm(100, 0.5, slow=1.9)).metrics[1].sentence


def test_an_account_of_a_level_tells_its_ratio() -> None:
    level = told(FULL, 100, candidate=arm(100, 0.5, load=4.0)).metrics[2]
    assert level.sentence.startswith("cpu is 4 times stable's, between")
    assert level.needed == 0


@pytest.mark.parametrize(
    ("plan", "candidate", "stable", "says"),
    [
        (CAPPED, arm(100, 10), arm(1900, 190), "expose no more and have somebody look"),
        (FULL, arm(100, 0.5, load=4.0), None, "expose no more and have somebody look"),
        (SIMPLE, arm(100, 0.5), None, "go on"),
    ],
    ids=["shared", "advice", "proven"],
)
def test_every_ruling_says_what_to_do(plan: Plan, candidate: Arm, stable: Arm | None, says: str) -> None:
    assert told(plan, 200, candidate, stable).next_step.startswith(says)


def test_a_held_candidate_is_measured_on() -> None:
    trial = heard(SIMPLE, 2, stable=arm(1e6, 0), candidate=arm(100, 2), weight=0.0)
    assert account(trial, SIMPLE).next_step == "hold the exposure and keep measuring"


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.inf, "any number"), (12345.6, "12346"), (1.2345, "1.23"), (0.0, "0"), (1e-6, "under 0.001")],
)
def test_numbers_are_said_with_three_digits(value: float, words: str) -> None:
    assert number(value) == words


def test_evidence_is_said_as_far_as_it_says_anything() -> None:
    assert (evidence_in_words(0.0), evidence_in_words(99.0)) == ("1", "over a million")


def test_the_state_of_counts_is_a_contest() -> None:
    assert isinstance(heard(SIMPLE, 1).followed[0].state, Contest)
