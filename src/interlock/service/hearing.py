# SPDX-License-Identifier: Apache-2.0
"""A judgement by itself, without a rollout of ours: measurements in, one account out.

Whoever keeps another tool for the traffic asks here whether its candidate may go on.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge.account import Account, account
from interlock.domain.judge.judging import plan_of
from interlock.domain.judge.plan import Interval, Plan
from interlock.domain.judge.pulse import Patience
from interlock.domain.judge.trial import Call, hear, open_trial, rule
from interlock.domain.judge.warming import MOST_WARM_UP
from interlock.domain.strategy import Analysis, Guard, Habit, Measure
from interlock.ports.failure import Rejected

_LEAST_RISK: Final = 0.01
_MOST_RISK: Final = 20.0
_WHOLE: Final = 100.0
MOST_SPREAD: Final = 100.0
"""Percent."""
MOST_DISPERSION: Final = 100.0
MOST_TOLERATED: Final = 1000
"""Percent."""
_NEARLY_ALL: Final = 0.999
NOTICED: Final = 5.0
"""How many times as bad as stable a candidate would surely have been held, before one is told to go on."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `risk` in percent: how often, over all of it, an honest candidate may be called worse.

    `tolerated`: by how many percent stable's rate of errors may be exceeded; `longer`: how much longer answers may
    take, in percent. `cap`: the rate of errors, in percent, that is never exceeded in good order; 100: none.
    `spread`: by how many percent instances differ; `dispersion`: how many times more than chance errors vary, 0 where
    nobody looked; `warm_up`: how many times the others' errors a fresh instance may have; `warm_up_of_times`: how many
    times as long as they it may take. `spread_of_times` and `dispersion_of_times`: as of errors; `wander_of_times`: by
    how many percent an instance's times change within minutes.
    """

    risk: float = 1.0
    tolerated: int = 5
    longer: int = 3
    cap: float = 100.0
    spread: float = 15.0
    dispersion: float = 0.0
    warm_up: float = 2.5
    warm_up_of_times: float = 2.2
    spread_of_times: float = 5.0
    dispersion_of_times: float = 0.0
    wander_of_times: float = 0.0

    def __post_init__(self) -> None:
        """Nothing is asked that could not be judged. Raises `Rejected` (code `judge.bad_terms`)."""
        parts = *((one, _WHOLE) for one in (self.spread, self.spread_of_times, self.cap)), (self.risk, _MOST_RISK)
        is_far = min(self.tolerated, self.longer - 1) < 0 or max(self.tolerated, self.longer) > MOST_TOLERATED
        is_far = is_far or not 0 <= self.wander_of_times <= _WHOLE
        dispersions = ((one or 1.0, MOST_DISPERSION) for one in (self.dispersion, self.dispersion_of_times))
        known = (*dispersions, (self.warm_up, MOST_WARM_UP), (self.warm_up_of_times, MOST_WARM_UP))
        is_known = all(1 <= one <= most for one, most in known)
        if is_far or not is_known or any(not 0 < part <= most for part, most in parts) or self.risk < _LEAST_RISK:
            raise Rejected(
                "judge.bad_terms",
                "a risk is 0.01 to 20 %, a cap, a spread and what wanders up to 100 %, a dispersion "
                f"1 to {MOST_DISPERSION:g} (0: nobody looked), a warm-up 1 to {MOST_WARM_UP:g}, what is tolerated 0 to "
                f"{MOST_TOLERATED} %",
                "mend what is asked for",
            )


USUAL_QUESTION: Final = Question()


def plan_for(question: Question, *, with_latencies: bool) -> Plan:
    """What is judged: errors, and latencies where any are told."""
    guards = [Guard("errors", Measure.ERRORS, question.tolerated, round(question.cap * 100))]
    if with_latencies:
        guards.append(Guard("latency", Measure.LATENCY, longer=question.longer))
    times = question.warm_up_of_times, question.spread_of_times, question.dispersion_of_times, question.wander_of_times
    told = question.spread, question.dispersion, question.warm_up, *times
    habit = Habit(*(round(100 * one) for one in told))
    plan = plan_of(Analysis(tuple(guards), max(1, round(question.risk * 100)), habit=habit))
    return replace(plan, patience=Patience(), noticed=NOTICED)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be said of a rollout, and after how many of the intervals that were `given` that was said."""

    account: Account
    intervals: int
    given: int


def _aged(intervals: Sequence[Interval]) -> Iterator[Interval]:
    """The same, each with how long its candidate had been asked in the middle of it: since its first request.

    A share of all is one of nearly all, so that it can be seen whether it is what was counted.
    """
    before, began = 0.0, math.inf
    for one in intervals:
        if began == math.inf and one.candidate.all > 0:
            began = before
        yield replace(one, ages=(max((before + one.at) / 2 - began, 0.0),), weight=min(one.weight, _NEARLY_ALL))
        before = one.at


def heard(question: Question, intervals: tuple[Interval, ...]) -> Heard:
    """What is to be said of them. Whoever had to go back on the way had to go back: nothing is heard after that."""
    plan = plan_for(question, with_latencies=any(one.edges for one in intervals))
    trial = open_trial(plan)
    for number, one in enumerate(_aged(intervals), 1):
        trial = hear(trial, one, plan)
        if rule(trial, plan).call is Call.BACK:
            return Heard(account(trial, plan), number, len(intervals))
    return Heard(account(trial, plan), len(intervals), len(intervals))
