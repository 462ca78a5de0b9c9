# SPDX-License-Identifier: Apache-2.0
"""How others decide, restated from their published rules: each says when it would have stopped each rollout.

Every rule has one knob that makes it quieter, the larger the quieter; the rest is its shape. Where a rule compares with
an absolute level, the knob is a multiple of what is normal for the service: whoever tunes it knows the service well.
A missing query result is a bad measurement only where the rule says so; retries and broken connections are not played.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from bench.judge.kayenta import strength
from bench.judge.traces import NEVER, POINT, Trace, first, levels
from bench.judge.world import Numbers


class Rival(Protocol):
    """A rule with its shape set and its knob left open."""

    @property
    def name(self) -> str: ...

    def alarms(self, trace: Trace, normal: float, knobs: Sequence[float]) -> Numbers:
        """Seconds of the alarm (knob, rollout). `normal`: the level of a healthy service."""
        ...


@dataclass(frozen=True, slots=True)
class Argo:
    """Argo Rollouts: a measurement each interval over the last one; more than `limit` failed ones abort.

    NaN does not satisfy a success condition, so without traffic a measurement has failed.
    """

    interval: int = 60
    limit: int = 3

    @property
    def name(self) -> str:
        return f"argo {self.interval // 60}m/{self.limit}"

    def alarms(self, trace: Trace, normal: float, knobs: Sequence[float]) -> Numbers:
        measured = levels(trace.every(self.interval).candidate)
        failed = [(~(measured <= knob * normal)).cumsum(axis=0) > self.limit for knob in knobs]
        return np.stack([first(one, self.interval) for one in failed])


@dataclass(frozen=True, slots=True)
class Flagger:
    """Flagger: a check each minute; failed ones are counted and never forgiven; the check after the last rolls back.

    No value is a failed check.
    """

    threshold: int = 5

    @property
    def name(self) -> str:
        return f"flagger {self.threshold}"

    def alarms(self, trace: Trace, normal: float, knobs: Sequence[float]) -> Numbers:
        measured = levels(trace.every(POINT).candidate)
        failed = [(~(measured <= knob * normal)).cumsum(axis=0) for knob in knobs]
        before = [np.vstack([np.zeros_like(one[:1]), one[:-1]]) for one in failed]
        return np.stack([first(one >= self.threshold, POINT) for one in before])


@dataclass(frozen=True, slots=True)
class Kayenta:
    """Kayenta: points of a minute, judged every so many minutes; one critical metric. The knob: the allowed increase.

    `lookback`: minutes that a judgement looks back; 0: to the start of the rollout.
    """

    minutes: int = 10
    lookback: int = 0

    @property
    def name(self) -> str:
        return f"kayenta {self.minutes}m" + (f" back {self.lookback}m" if self.lookback else "")

    def alarms(self, trace: Trace, normal: float, knobs: Sequence[float]) -> Numbers:
        del normal  # it compares with the baseline
        points = trace.every(POINT)
        canary, baseline = levels(points.candidate), levels(points.stable)
        served = points.stable.requests.sum(axis=1) > 0
        ends = range(self.minutes, len(canary) + 1, self.minutes)
        begins = [max(0, end - self.lookback) if self.lookback else 0 for end in ends]
        looks = [
            strength(canary[begin:end][served[begin:end]], baseline[begin:end][served[begin:end]])
            if served[begin:end].any()
            else np.full(trace.rollouts, -np.inf)
            for begin, end in zip(begins, ends, strict=True)
        ]
        strengths = np.stack(looks)
        return np.stack([first(strengths >= knob, 60 * self.minutes) for knob in knobs])


@dataclass(frozen=True, slots=True)
class Burn:
    """A burn-rate alert on the candidate: over a long and a short window more than the knob times what is normal."""

    long: int = 60
    short: int = 5

    @property
    def name(self) -> str:
        return f"burn {self.long}m/{self.short}m"

    def alarms(self, trace: Trace, normal: float, knobs: Sequence[float]) -> Numbers:
        points = trace.every(POINT).candidate
        requests, bad = points.requests, points.bad[..., 0]
        both = np.minimum(_over(requests, bad, self.long), _over(requests, bad, self.short))
        return np.stack([first(both > knob * normal, POINT) for knob in knobs])


@dataclass(frozen=True, slots=True)
class Sequence95:
    """An A/B platform's confidence sequence of the difference of two pooled rates, looked at each minute.

    Half-width s sqrt(2 (N r + 1) ln(sqrt(N r + 1) / alpha) / (N^2 r)) with s^2 = N (v_a / n_a + v_b / n_b), r set for
    5,000 requests. The knob: how many times stable's rate the candidate's must surely exceed, less one.
    """

    alpha: float = 0.05
    tuned_for: int = 5000

    @property
    def name(self) -> str:
        return "A/B sequence"

    def alarms(self, trace: Trace, normal: float, knobs: Sequence[float]) -> Numbers:
        del normal  # it compares with the baseline
        points = trace.every(POINT)
        of_candidate = np.cumsum(points.candidate.requests, axis=0)
        of_stable = np.cumsum(points.stable.requests, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.cumsum(points.candidate.bad[..., 0], axis=0) / of_candidate
            normal_rate = np.cumsum(points.stable.bad[..., 0], axis=0) / of_stable
            variance = rate * (1 - rate) / of_candidate + normal_rate * (1 - normal_rate) / of_stable
            total = of_candidate + of_stable
            width = np.sqrt(variance * total) * self._width(total)
            surely = rate - width
        return np.stack([first(surely > normal_rate * knob, POINT) for knob in knobs])

    def _width(self, total: Numbers) -> Numbers:
        log_alpha = np.log(self.alpha)
        of_one = (-2 * log_alpha + np.log(1 - 2 * log_alpha)) / self.tuned_for
        spread = total * of_one + 1
        width: Numbers = np.sqrt(2 * spread * np.log(np.sqrt(spread) / self.alpha) / (total**2 * of_one))
        return width


def capped(alarms: Numbers, seconds: float) -> Numbers:
    """Alarm times for a mean: a rollout without an alarm counts as long as its schedule."""
    return np.where(alarms < NEVER, alarms, seconds)


def _over(requests: Numbers, bad: Numbers, minutes: int) -> Numbers:
    """The part of bad requests in the last so many minutes, or since the start while that is less."""
    summed = [np.cumsum(one, axis=0) for one in (bad, requests)]
    before = [np.vstack([np.zeros((minutes, one.shape[1])), one[:-minutes]])[: len(one)] for one in summed]
    within = [one - earlier for one, earlier in zip(summed, before, strict=True)]
    part: Numbers = np.divide(within[0], within[1], out=np.zeros_like(within[0]), where=within[1] > 0)
    return part
