# SPDX-License-Identifier: Apache-2.0
"""A judgement by itself, without a rollout of ours: measurements in, one account out.

Whoever keeps another tool for the traffic asks here whether its candidate may go on.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from interlock.domain.judge.account import Account, account
from interlock.domain.judge.judging import plan_of
from interlock.domain.judge.plan import Interval, Plan
from interlock.domain.judge.pulse import Patience
from interlock.domain.judge.trial import Call, hear, open_trial, rule
from interlock.domain.judge.warming import MOST_WARM_UP
from interlock.domain.strategy import Analysis, Guard, Habit, Measure
from interlock.ports.failure import Rejected

MOST_SPREAD: Final = 100.0
"""Percent."""
MOST_DISPERSION: Final = 100.0
MOST_TOLERATED: Final = 1000
"""Percent."""
_LEAST: Final = 0.01
_LIMITS: Final = {
    "risk": (_LEAST, 20.0),
    "tolerated": (0, MOST_TOLERATED),
    "longer": (1, MOST_TOLERATED),
    "cap": (_LEAST, 100.0),
    "spread": (_LEAST, MOST_SPREAD),
    "dispersion": (1.0, MOST_DISPERSION),
    "warm_up": (1.0, MOST_WARM_UP),
    "warm_up_of_times": (1.0, MOST_WARM_UP),
    "spread_of_times": (_LEAST, MOST_SPREAD),
    "dispersion_of_times": (1.0, MOST_DISPERSION),
    "wander_of_times": (0.0, MOST_SPREAD),
}
"""What may be asked. A dispersion of 0 is one that nobody looked at."""
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
        told: dict[str, float] = asdict(self)
        for name, (least, most) in _LIMITS.items():
            is_unknown = name.startswith("dispersion") and told[name] == 0
            if not is_unknown and not least <= told[name] <= most:
                words = name.replace("_", " ")
                sentence = f"{words} is {told[name]:g}, and may be {least:g} to {most:g}"
                raise Rejected("judge.bad_terms", sentence, "mend what is asked for")


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
