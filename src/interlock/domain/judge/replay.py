# SPDX-License-Identifier: Apache-2.0
"""A service's own healthy past, judged as if each of its instances in turn were a candidate.

None of them was one, so whoever is sent back is sent back falsely: this is the judge's rate of false alarms at this
service, with what so few rollouts say of it. What is learnt of its noise comes from the earlier half of the past and is
tried on the later half.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge.bounds import lower, upper
from interlock.domain.judge.noise import USUAL, Count, Noise, learn
from interlock.domain.judge.plan import Arm, Interval, Kind, Metric, Plan
from interlock.domain.judge.tails import USUAL as USUAL_TIMES
from interlock.domain.judge.tails import Tolerance
from interlock.domain.judge.tempo import learn_times
from interlock.domain.judge.trial import Call, hear, open_trial, parts_of, rule
from interlock.domain.judge.warming import Past, began, learn_warm_up, settled

LONG_WARM: Final = 10_000.0
"""Seconds since which instances have run that were there when the past began."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Of so many rollouts that were none, so many were sent back and so many held at some time.

    `unseen`: beside these, those in which too little was asked of an instance to tell anything: they say nothing.
    `least`, `bound`: the smallest and the largest rate of false alarms under which so many, or so few, had a chance of
    1 in 100.
    """

    rollouts: int
    back: int
    held: int
    unseen: int = 0

    @property
    def least(self) -> float:
        return lower(self.back, self.rollouts) if self.rollouts else 0.0

    @property
    def bound(self) -> float:
        return upper(self.back, self.rollouts) if self.rollouts else 1.0


@dataclass(frozen=True, slots=True)
class History:
    """Errors of each instance; and, for each edge (microseconds), how many of its requests were slower."""

    errors: Past
    edges: tuple[int, ...] = ()
    slower: tuple[Past, ...] = ()

    def before(self, tick: int) -> "History":
        """What there was until then."""
        return History(self.errors[:tick], self.edges, tuple(past[:tick] for past in self.slower))


@dataclass(frozen=True, slots=True)
class Replay:
    """What was learnt (`noise`: of errors), and the alarms by it and by what is usually assumed."""

    noise: Noise
    times: Tolerance
    learnt: Alarms
    usual: Alarms

    @property
    def tells_of_times(self) -> bool:
        """Whether enough was slow to tell how times differ."""
        return self.times.noise != USUAL_TIMES.noise


def replayed(history: History, every: float, length: int, plan: Plan) -> Replay:
    """The later half of a past in ticks of `every` seconds, cut into rollouts of `length` ticks.

    Of the plan errors are judged, and latencies where the past tells of them.
    """
    past, half = history.errors, len(history.errors) // 2
    learnt = learn(settled(past[:half], every), every)
    noise = replace(learnt, warm_up=learn_warm_up(past[:half], every, learnt))
    earlier = history.before(half)
    times = learn_times(earlier.edges, earlier.slower, every)
    whole = _Whole(history, every, tuple(began(past, at) for at in range(len(past[0]) if past else 0)))
    spans = [range(begin, begin + length) for begin in range(half, len(past) - length + 1, length)]
    by_learnt, by_usual = _with(plan, noise, times), _with(plan, USUAL, USUAL_TIMES)
    return Replay(noise, times, _alarms(whole, spans, by_learnt), _alarms(whole, spans, by_usual))


@dataclass(frozen=True, slots=True)
class _Whole:
    """A past in ticks of `every` seconds, and the tick in which each instance had its first request."""

    history: History
    every: float
    begun: tuple[int, ...]

    def age(self, at: int, tick: int) -> float:
        """Seconds that an instance has run at the end of a tick; who was there from the beginning has run for long."""
        begun = self.begun[at]
        return LONG_WARM + tick * self.every if not begun else max(tick - begun + 0.5, 0.0) * self.every


def _with(plan: Plan, noise: Noise, times: Tolerance) -> Plan:
    return replace(plan, metrics=tuple(_habitual(one, noise, times) for one in plan.metrics))


def _habitual(metric: Metric, noise: Noise, times: Tolerance) -> Metric:
    if metric.kind is Kind.LATENCY:
        asked = metric.tolerance
        learnt = replace(times, longer=asked.longer, exceeded=asked.exceeded, floor=asked.floor)
        return replace(metric, tolerance=learnt)
    return replace(metric, terms=replace(metric.terms, noise=noise))


def _alarms(whole: _Whole, spans: Sequence[range], plan: Plan) -> Alarms:
    worst = [_worst(whole, span, at, plan) for span in spans for at in range(len(whole.begun))]
    unseen = worst.count(Call.WAIT)
    return Alarms(len(worst) - unseen, worst.count(Call.BACK), worst.count(Call.HOLD), unseen)


def _worst(whole: _Whole, span: range, at: int, plan: Plan) -> Call:
    """Back, held, or neither, for the instance at this place; `WAIT` where too little was seen for any of them."""
    trial, is_held = open_trial(plan), False
    for interval in _intervals(whole, span, at):
        trial = hear(trial, interval, plan)
        call = rule(trial, plan).call
        if call is Call.BACK:
            return call
        is_held = is_held or call in {Call.HOLD, Call.PAUSE}
    if is_held:
        return Call.HOLD
    return Call.GO_ON if min(parts_of(trial, replace(plan, noticed=0.0))) >= 1 else Call.WAIT


def _intervals(whole: _Whole, span: range, at: int) -> Iterator[Interval]:
    history = whole.history
    for number in span:
        tick = history.errors[number]
        slow = [past[number] for past in history.slower]
        others = Arm(
            sum(one.all for one in _without(tick, at)),
            (sum(one.bad for one in _without(tick, at)),),
            tuple(sum(one.bad for one in _without(edge, at)) for edge in slow),
        )
        own = Arm(tick[at].all, (tick[at].bad,), tuple(edge[at].bad for edge in slow))
        now, ages = LONG_WARM + number * whole.every, (whole.age(at, number),)
        yield Interval(now, others, own, edges=history.edges, ages=ages, fleet=max(len(tick) - 1, 1))


def _without(tick: Sequence[Count], at: int) -> Iterator[Count]:
    return (one for place, one in enumerate(tick) if place != at)
