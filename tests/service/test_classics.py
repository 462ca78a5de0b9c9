# SPDX-License-Identifier: Apache-2.0
import math
from typing import Any

import pytest

from interlock.domain.judge.classic import Unanswered
from interlock.domain.judge.kayenta import Label
from interlock.domain.judge.plan import Arm, Interval
from interlock.domain.verdict import Verdict
from interlock.ports.failure import Rejected
from interlock.service.classics import ClassicQuestion, Rule, classically

EDGES = (100_000, 500_000)


def rollout(*bad: float, slow: float = 1.0) -> list[Interval]:
    """A hundred requests of the candidate in each interval, so many of them bad; of stable one in a hundred is."""
    return [
        Interval(
            10.0 * at,
            Arm(900, (9.0 + at % 2,), (90.0 + at % 3, 9.0 + at % 2)),
            Arm(100, (one,), ((10.0 + at % 2) * slow, (1.0 + at % 2) * slow)),
            edges=EDGES,
        )
        for at, one in enumerate(bad, 1)
    ]


@pytest.mark.parametrize(
    ("bad", "allowed", "verdict"),
    [
        ((1, 2, 1), 0, Verdict.PASS),
        ((1, 6, 1), 0, Verdict.FAIL),
        ((1, 6, 1), 1, Verdict.PASS),
        ((6, 6, 1), 1, Verdict.FAIL),
        ((1,), 0, Verdict.INCONCLUSIVE),
        ((1, math.nan, 1), 0, Verdict.INCONCLUSIVE),
    ],
)
def test_a_limit_may_be_broken_as_often_as_is_allowed(bad: tuple[float, ...], allowed: int, verdict: Verdict) -> None:
    assert classically(ClassicQuestion(Rule.THRESHOLD, allowed=allowed, wanted=2), rollout(*bad)).verdict is verdict


def test_what_a_rule_counted_is_said() -> None:
    said = classically(ClassicQuestion(Rule.THRESHOLD, limit=2, wanted=3), rollout(1, math.nan))
    assert said.sentence == (
        "0 of 2 intervals had more than 2 % errors (allowed 0), 1 had no answer; 3 with an answer are wanted"
    )


def test_nothing_is_counted_after_it_failed() -> None:
    assert "1 of 1 intervals had more than 1.5 times stable's rate of errors" in (
        classically(ClassicQuestion(Rule.RELATIVE, times=1.5), rollout(9, 0, 0)).sentence
    )


def test_no_answer_is_what_the_rule_says_and_never_good() -> None:
    silent = [Interval(10.0, Arm(900, (9.0,)), Arm())]
    for rule in Rule:
        assert classically(ClassicQuestion(rule), silent).verdict is not Verdict.PASS
    failed = ClassicQuestion(Rule.RELATIVE, unanswered=Unanswered.FAILED)
    assert classically(failed, silent).verdict is Verdict.FAIL


def test_as_much_as_the_limit_is_not_more_than_it() -> None:
    assert classically(ClassicQuestion(Rule.THRESHOLD, limit=29), rollout(29)).verdict is Verdict.PASS
    seven = [Interval(10.0, Arm(1000, (5.0,)), Arm(1000, (7.0,)))]
    assert classically(ClassicQuestion(Rule.THRESHOLD, limit=0.7), seven).verdict is Verdict.PASS


def test_a_candidate_that_is_not_counted_any_more_has_no_score() -> None:
    gone = [
        *rollout(*(1 + at % 2 for at in range(40))),
        Interval(500.0, Arm(900, (9.0,), (90.0, 9.0)), Arm(), edges=EDGES),
    ]
    said = classically(ClassicQuestion(Rule.KAYENTA), gone)
    assert (said.verdict, "no answer" in said.sentence) == (Verdict.INCONCLUSIVE, True)


def test_a_score_is_of_errors_and_of_each_edge() -> None:
    alike = classically(ClassicQuestion(Rule.KAYENTA), rollout(*(1 + at % 2 for at in range(40))))
    assert (alike.verdict, alike.points) == (Verdict.PASS, 100.0)
    assert alike.labels[0] == ("errors", Label.PASSED)
    assert [name for name, _ in alike.labels[1:]] == ["slower than 100 ms", "slower than 500 ms"]
    slow = classically(ClassicQuestion(Rule.KAYENTA), rollout(*(1 + at % 2 for at in range(40)), slow=3))
    assert (slow.verdict, slow.points) == (Verdict.FAIL, 50.0)
    assert "slower than 500 ms high" in slow.sentence
    marginal = ClassicQuestion(Rule.KAYENTA, marginal_at=50)
    assert classically(marginal, rollout(*(1 + at % 2 for at in range(40)), slow=3)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "terms",
    [
        {"limit": -1.0},
        {"limit": math.nan},
        {"times": 0.0},
        {"times": math.inf},
        {"allowed": -1},
        {"allowed_inconclusive": -1},
        {"wanted": 0},
        {"passes_at": 101.0},
        {"passes_at": 50.0},
    ],
)
def test_what_no_rule_can_mean_is_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as caught:
        ClassicQuestion(Rule.THRESHOLD, **terms)
    assert caught.value.code == "judge.bad_rule"
