# SPDX-License-Identifier: Apache-2.0
"""What is said of a candidate that is compared with what is stable and with a baseline."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.judge.crowd import CAPPED, ERRORS

from interlock.domain.judge.accompanied import WARM, Trials, hear_all, is_excused
from interlock.domain.judge.judging import Beside, Moment, Standing, is_worse, judge, plan_of, told
from interlock.domain.judge.plan import NO_CAP
from interlock.domain.judge.trial import Trial
from interlock.domain.opinion import opinion, said
from interlock.domain.rollout import Rollout
from interlock.domain.strategy import Analysis, Baseline
from interlock.domain.traffic import ArmCounters, Exposure, Snapshot, Tick
from interlock.domain.verdict import Verdict

FRESH = replace(ERRORS, baseline=Baseline.FRESH)
READY = Snapshot((), (), 2, 2, 2, 2)
BESIDE = Exposure(1000, baseline=1000)
EVERY = 5
Counts = tuple[int, int]


def tick(candidate: Counts, stable: Counts, baseline: Counts) -> Tick:
    """Requests and bad ones of every arm in one interval."""
    return Tick(ArmCounters(*stable), ArmCounters(*candidate), (), ArmCounters(*baseline))


def rolled(*ticks: Tick, analysis: Analysis = FRESH, seen: Snapshot = READY, exposure: Exposure = BESIDE) -> Rollout:
    """A rollout that was measured every five seconds since its candidate was first exposed."""
    trials = Trials()
    for number, one in enumerate(ticks, start=1):
        moment = Moment(float(EVERY * number), float(EVERY), 0.0, 0, 2, 2)
        trials = hear_all(trials, one, seen, moment, analysis)
    age = timedelta(seconds=EVERY * len(ticks))
    return Rollout(
        analysis=analysis,
        evidence=trials.stable,
        accompanied=trials.baseline,
        age=age,
        exposure=exposure,
        snapshot=seen,
    )


def of_both(rollout: Rollout) -> tuple[Standing, Standing]:
    """What the comparison with stable says, and that with the baseline."""
    beside = judge(rollout.accompanied, rollout.analysis, Beside.BASELINE)
    return judge(rollout.evidence, rollout.analysis).standing, beside.standing


HEALTHY = tick((200, 4), (1600, 32), (200, 4))
TWICE_AS_BAD = tick((200, 20), (1600, 80), (200, 10))
LONG_WARM_UP = tick((200, 60), (1600, 16), (200, 60))
"""Both fresh arms have thirty times stable's errors."""
WARMING_UP = rolled(*[LONG_WARM_UP] * 6)
DOUBTFUL = tick((200, 10), (1600, 80), (200, 5))


def test_each_comparison_has_half_of_the_budget() -> None:
    assert [plan_of(FRESH, beside).risk for beside in Beside] == [0.005, 0.005]
    assert plan_of(ERRORS).risk == 0.01


def test_a_cap_is_held_against_the_candidate_once() -> None:
    analysis = replace(CAPPED, baseline=Baseline.FRESH)
    assert [plan_of(analysis, beside).metrics[0].cap for beside in Beside] == [0.01, NO_CAP]


def test_what_a_warm_up_would_explain_beside_stable_it_does_not_beside_a_baseline() -> None:
    usual, beside = of_both(rolled(*[TWICE_AS_BAD] * 48))
    assert (usual is Standing.BAD, beside) == (False, Standing.BAD)


def test_three_times_as_bad_goes_back_far_sooner_than_beside_stable_alone() -> None:
    worse = tick((200, 30), (1600, 80), (200, 10))
    assert opinion(rolled(*[worse] * 12)).standing is Standing.BAD
    assert opinion(rolled(*[worse] * 16, analysis=ERRORS)).standing is not Standing.BAD


def test_what_the_baseline_objects_by_is_said_as_such() -> None:
    rollout = rolled(*[TWICE_AS_BAD] * 48)
    finding = said(rollout)
    blamed = [leaf for leaf in finding.children if leaf.verdict is Verdict.FAIL]
    assert [leaf.sentence.startswith("beside the baseline, ") for leaf in blamed] == [True]
    assert (finding.verdict, finding.sentence.startswith("beside the baseline, ")) == (Verdict.FAIL, True)
    assert (judge(rollout.evidence, FRESH).may_pass, opinion(rollout).may_pass) == (True, False)
    assert opinion(rollout).weight > judge(rollout.evidence, FRESH).weight


def test_a_doubt_beside_the_baseline_holds_and_is_no_proof() -> None:
    rollout = rolled(*[DOUBTFUL] * 40)
    usual, both = judge(rollout.evidence, FRESH), opinion(rollout)
    assert (usual.standing, usual.is_proven) == (Standing.GOOD, True)
    assert (both.standing, both.is_proven, both.may_pass) == (Standing.SUSPICIOUS, False, True)
    assert said(rollout).verdict is Verdict.INCONCLUSIVE


def test_a_baseline_that_has_nothing_to_say_changes_nothing() -> None:
    rollout = rolled(*[HEALTHY] * 40)
    assert opinion(rollout).standing is judge(rollout.evidence, FRESH).standing is Standing.GOOD
    assert said(rollout) == told(rollout.evidence, FRESH)


def test_without_a_baseline_only_stable_is_asked() -> None:
    rollout = rolled(*[TWICE_AS_BAD] * 40, analysis=ERRORS)
    assert (opinion(rollout), said(rollout)) == (judge(rollout.evidence, ERRORS), told(rollout.evidence, ERRORS))


@pytest.mark.parametrize(("candidate", "baseline"), [((0, 0), (50, 0)), ((50, 50), (0, 0)), ((50, 50), (2, 0))])
def test_where_one_of_them_was_hardly_asked_there_is_nothing_to_compare(candidate: Counts, baseline: Counts) -> None:
    assert rolled(*[tick(candidate, (500, 0), baseline)] * 3).accompanied == Trial()


# --- a warm-up that is longer than what is allowed for -----------------------------------------------------------


def test_a_longer_warm_up_that_the_baseline_has_as_well_holds_and_does_not_send_back() -> None:
    rollout = rolled(*[LONG_WARM_UP] * 6)
    assert of_both(rollout) == (Standing.BAD, Standing.GOOD)
    both = opinion(rollout)
    assert (both.standing, both.may_pass, both.is_proven) == (Standing.SUSPICIOUS, False, False)
    assert opinion(replace(rollout, analysis=ERRORS)).standing is Standing.BAD


def test_it_is_said_that_it_is_held_for_that() -> None:
    finding = said(rolled(*[LONG_WARM_UP] * 6))
    assert (finding.verdict, "no less of it" in finding.sentence) == (Verdict.INCONCLUSIVE, True)
    assert not [leaf for leaf in finding.children if leaf.verdict is Verdict.FAIL]


def test_nothing_excuses_what_the_baseline_does_not_show() -> None:
    rollout = rolled(*[tick((200, 60), (1600, 16), (200, 2))] * 6)
    assert opinion(rollout).standing is Standing.BAD
    assert said(rollout).sentence == told(rollout.evidence, FRESH).sentence


def test_what_was_hardly_seen_of_the_baseline_excuses_nothing() -> None:
    first = rolled(tick((400, 120), (1600, 16), (30, 9)))
    assert (is_worse(first.evidence, FRESH), opinion(first).standing) == (True, Standing.BAD)


def test_a_broken_cap_is_not_excused() -> None:
    rollout = rolled(*[LONG_WARM_UP] * 6, analysis=replace(CAPPED, baseline=Baseline.FRESH))
    trials = Trials(rollout.evidence, rollout.accompanied)
    capped = rolled(*[tick((200, 8), (1600, 32), (200, 8))] * 30, analysis=replace(CAPPED, baseline=Baseline.FRESH))
    assert is_excused(trials, rollout.analysis)
    assert (is_worse(capped.evidence, capped.analysis), opinion(capped).standing) == (False, Standing.BAD)


@pytest.mark.parametrize(
    "rollout",
    [
        replace(WARMING_UP, snapshot=replace(READY, baseline_ready=1)),
        replace(WARMING_UP, snapshot=replace(READY, baseline_members=0)),
        replace(WARMING_UP, exposure=Exposure(5000)),
        replace(WARMING_UP, age=timedelta(seconds=WARM)),
    ],
    ids=["ill", "gone", "without a share", "warm"],
)
def test_only_a_baseline_that_is_all_there_while_it_warms_up_excuses_anything(rollout: Rollout) -> None:
    assert (opinion(WARMING_UP).standing, opinion(rollout).standing) == (Standing.SUSPICIOUS, Standing.BAD)


UNTIL_WARM = int(WARM) // EVERY


def test_once_it_should_be_warm_it_is_compared_with_stable_anew() -> None:
    before = rolled(*[LONG_WARM_UP] * (UNTIL_WARM - 1))
    after = rolled(*[LONG_WARM_UP] * (UNTIL_WARM - 1), HEALTHY)
    assert (of_both(before)[0], opinion(before).standing) == (Standing.BAD, Standing.SUSPICIOUS)
    assert (after.evidence.requests, opinion(after).standing) == (200, Standing.GOOD)


def test_who_goes_on_being_bad_then_goes_back() -> None:
    rollout = rolled(*[LONG_WARM_UP] * (UNTIL_WARM + 1))
    assert opinion(rollout).standing is Standing.BAD


def test_who_needs_no_excuse_keeps_what_was_seen() -> None:
    assert rolled(*[HEALTHY] * UNTIL_WARM).evidence.requests == 200 * UNTIL_WARM
