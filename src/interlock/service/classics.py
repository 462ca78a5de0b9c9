# SPDX-License-Identifier: Apache-2.0
"""Measurements judged by a rule that other tools usually apply: for teams that come with one, and to see both side by
side before they leave it. Errors are held against a limit; Kayenta's scoring takes latencies, too.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.judge.classic import Classic, Relative, Tally, Threshold, Unanswered, measure, verdict
from interlock.domain.judge.kayenta import Direction, Label, Result, Sampled, score
from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import UNTOLD, Arm, Interval
from interlock.domain.judge.saying import number, span
from interlock.domain.verdict import Verdict
from interlock.ports.failure import Rejected

_WHOLE: Final = 100.0


class Rule(StrEnum):
    """By what is judged."""

    THRESHOLD = "threshold"
    """The candidate's rate of errors in each interval, and how many of them may break the limit."""
    RELATIVE = "relative"
    """The same by how many times stable's rate it is."""
    KAYENTA = "kayenta"
    """Mann and Whitney over all intervals, metric by metric, and a score."""


@dataclass(frozen=True, slots=True)
class ClassicQuestion:
    """`limit`: percent. `allowed`, `allowed_inconclusive`: intervals. `wanted`: intervals before it can pass."""

    rule: Rule
    limit: float = 5.0
    times: float = 2.0
    allowed: int = 0
    allowed_inconclusive: int = 0
    wanted: int = 1
    unanswered: Unanswered = Unanswered.INCONCLUSIVE
    passes_at: float = 95.0
    marginal_at: float = 75.0

    def __post_init__(self) -> None:
        """Nothing is asked that could not be judged. Raises `Rejected` (code `judge.bad_rule`)."""
        is_scored = 0 <= self.marginal_at <= self.passes_at <= _WHOLE
        is_counted = min(self.allowed, self.allowed_inconclusive, self.wanted - 1) >= 0
        if not (0 <= self.limit <= _WHOLE and 0 < self.times < math.inf and is_scored and is_counted):
            raise Rejected(
                "judge.bad_rule",
                "a limit is 0 to 100 %, a ratio more than none, what is allowed no less than none, at least one "
                "measurement is wanted, and a score passes at 100 or less and is marginal no higher than that",
                "mend what the rule is given",
            )


@dataclass(frozen=True, slots=True)
class ClassicSaid:
    """What a rule makes of all intervals. `points`: of 100, where it scores; -1 where it does not."""

    verdict: Verdict
    sentence: str
    points: float = -1.0
    labels: tuple[tuple[str, Label], ...] = ()


def classically(question: ClassicQuestion, intervals: Sequence[Interval]) -> ClassicSaid:
    """What the rule says of them; it makes no promise of how often an honest candidate fails."""
    match question.rule:
        case Rule.THRESHOLD:
            words = f"had more than {number(question.limit)} % errors"
            return _counted(Threshold(question.limit / _WHOLE), words, question, intervals)
        case Rule.RELATIVE:
            words = f"had more than {number(question.times)} times stable's rate of errors"
            return _counted(Relative(question.times), words, question, intervals)
        case Rule.KAYENTA:
            return _scored(question, intervals)
        case _:
            assert_never(question.rule)


def _counted(
    rule: Threshold | Relative, words: str, question: ClassicQuestion, intervals: Sequence[Interval]
) -> ClassicSaid:
    classic = Classic(rule, question.allowed, question.allowed_inconclusive, question.wanted, question.unanswered)
    tally = Tally()
    for one in intervals:
        tally = measure(tally, _errors(one.stable), _errors(one.candidate), classic)
        if verdict(tally, classic) is Verdict.FAIL:
            break
    seen = tally.good + tally.failed + tally.inconclusive
    sentence = (
        f"{tally.failed} of {seen} intervals {words} (allowed {classic.allowed}), {tally.inconclusive} had no answer"
    )
    if tally.good + tally.failed < classic.wanted:
        sentence += f"; {classic.wanted} with an answer are wanted"
    return ClassicSaid(verdict(tally, classic), sentence)


def _scored(question: ClassicQuestion, intervals: Sequence[Interval]) -> ClassicSaid:
    found = score(tuple(_sampled(intervals)), {}, question.passes_at, question.marginal_at)
    if math.isnan(_rate(_errors(intervals[-1].candidate))):
        sentence = "nothing was counted of the candidate's errors in the last interval, and that is no answer"
        return ClassicSaid(Verdict.INCONCLUSIVE, sentence, found.points, found.labels)
    named = ", ".join(f"{name} {label}" for name, label in found.labels)
    sentence = f"{number(found.points)} of 100 points: {named}"
    return ClassicSaid(_VERDICTS[found.result], sentence, found.points, found.labels)


_VERDICTS: Final = {
    Result.PASSED: Verdict.PASS,
    Result.MARGINAL: Verdict.INCONCLUSIVE,
    Result.FAIL: Verdict.FAIL,
}


def _sampled(intervals: Sequence[Interval]) -> Iterator[Sampled]:
    """Each rate as two samples; that of errors is one that must be there."""
    arms = [(one.stable, one.candidate) for one in intervals]
    stable, candidate = (tuple(_rate(_errors(pair[at])) for pair in arms) for at in (0, 1))
    yield Sampled("errors", "errors", stable, candidate, Direction.INCREASE, must_have_values=True)
    for place, edge in enumerate(intervals[0].edges):
        stable, candidate = (tuple(_rate(_slower(pair[at], place)) for pair in arms) for at in (0, 1))
        yield Sampled(f"slower than {span(edge)}", "latency", stable, candidate, Direction.INCREASE)


def _errors(arm: Arm) -> Count:
    return Count(_at(arm.bad, 0), arm.all)


def _slower(arm: Arm, place: int) -> Count:
    return Count(_at(arm.slower, place), arm.all)


def _at(counts: Sequence[float], place: int) -> float:
    return counts[place] if place < len(counts) else UNTOLD


def _rate(count: Count) -> float:
    return count.bad / count.all if count.is_usable else math.nan
