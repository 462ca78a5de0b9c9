# SPDX-License-Identifier: Apache-2.0
"""A rollout on trial: everything that is watched, what it amounts to together, and the call that follows.

1. The weighted mean of evidences is evidence, however metrics depend on each other. It alone sends back by comparison.
2. A broken cap by itself is a shared incident: pause. With evidence by comparison beside it, it sends back.
   Where it has all of the traffic, nothing beside it excuses it: there a broken cap sends back (see `alone`).
3. A candidate that should be heard and is not goes back; a share that is not the router's pauses.
4. GO_ON needs enough requests and every critical metric up to date; FASTER needs proof beside that. What is missing,
   late or senseless never leads to either.
5. The trial is a fold: the same intervals give the same trial, wherever it is resumed.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never

from interlock.domain.judge.alone import LEAST_BAD, counted, is_alone, is_too_much, limit, weigh
from interlock.domain.judge.ceiling import Ceiling, press
from interlock.domain.judge.contest import Contest, fold, log_doubt, log_evidence, log_safe
from interlock.domain.judge.gauge import Gauge, level_evidence, sample
from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import (
    NO_CAP,
    UNTOLD,
    Interval,
    Kind,
    Metric,
    Plan,
    Role,
    beat_of,
    levels_of,
    limit_at,
    place_of,
    slow_of,
)
from interlock.domain.judge.pulse import EXPECTED, Pulse, Sign, Split, divide, is_off, listen, sign
from interlock.domain.judge.stakes import log_sum
from interlock.domain.judge.tails import Tails, doubt_of, evidence_of, follow, loudest

LEAST_REQUESTS: Final = 100
BESIDE_A_CAP: Final = 3.0
_STALE: Final = 3
"""Intervals without a usable word from which a metric is out of date."""
_ONE_IN: Final = 5
_SPREAD: Final = 2.5
"""The logarithm of what evidence loses by being spread over metrics, alternatives and onsets."""
_TELLING: Final = 20
"""Slow requests of stable from which an edge has a say in what is safe."""
_RULE_OF_THREE: Final = 3
"""Of 3 / cap requests at the cap at least one is bad, with 95 %."""
NO_EDGE: Final = 0
"""The cap of counts has none; that of latencies has none yet."""

State = Contest | Tails | Gauge


class Call(StrEnum):
    """What follows."""

    BACK = "back"
    PAUSE = "pause"
    """Stop exposing more, and have somebody look: something is wrong that may not be the candidate."""
    HOLD = "hold"
    """Suspicious: expose no more, keep measuring."""
    WAIT = "wait"
    """Inconclusive: too little was seen. Never a pass."""
    GO_ON = "go_on"
    """Enough was seen, and nothing of it speaks against the candidate."""
    FASTER = "faster"
    """Proven safe at the present limit: no need to wait for the step's time."""


class Why(StrEnum):
    """What decided."""

    WORSE = "worse"
    CAP = "cap"
    ALONE = "alone"
    SILENT = "silent"
    SHARED = "shared_incident"
    SPLIT = "split"
    ADVICE = "advice"
    SUSPECT = "suspect"
    UNHEARD = "unheard"
    FEW = "too_few"
    CALM = "calm"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Followed:
    """One metric: its state, its cap, and how many intervals in a row in which it could have said something it did not.

    `alone`: what speaks against it while nothing is beside it. `cap_edge`: the edge (microseconds) beyond which a
    request counts as bad for the cap of a metric of latencies: the slowest there was at first.
    """

    state: State
    cap: Ceiling = Ceiling()
    alone: Ceiling = Ceiling()
    cap_edge: int = NO_EDGE
    unheard: int = _STALE


@dataclass(frozen=True, slots=True)
class Trial:
    """All that must be remembered. `sight`: the evidence there would be had all of the candidate's requests been bad.

    `alone`: requests of the candidate with (nearly) no stable traffic beside them. `ignored`: intervals that came twice
    or late.
    """

    followed: tuple[Followed, ...] = ()
    pulse: Pulse = Pulse()
    split: Split = Split()
    at: float = -math.inf
    step: int = -1
    step_began: float = -math.inf
    weight: float = 0.0
    requests: float = 0.0
    sight: float = 0.0
    alone: float = 0.0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """`metric`: the name of the one that decided; empty when none did by itself."""

    call: Call
    why: Why
    metric: str = ""


def open_trial(plan: Plan) -> Trial:
    """Before the first interval."""
    starts: dict[Kind, State] = {Kind.COUNTS: Contest(), Kind.LATENCY: Tails(), Kind.LEVEL: Gauge()}
    return Trial(tuple(Followed(starts[metric.kind]) for metric in plan.metrics))


def hear(trial: Trial, interval: Interval, plan: Plan) -> Trial:
    """After one more interval. One that came twice or late changes nothing but `ignored`."""
    if not math.isfinite(interval.at) or interval.at <= trial.at:
        return replace(trial, ignored=trial.ignored + 1)
    stable, candidate = interval.stable.all, interval.candidate.all
    followed = tuple(
        _follow(one, interval, plan, metric) for one, metric in zip(trial.followed, plan.metrics, strict=True)
    )
    is_new = interval.step != trial.step
    return replace(
        trial,
        followed=followed,
        pulse=listen(trial.pulse, interval.at, stable, candidate, weight=interval.weight),
        split=divide(trial.split, stable, candidate, interval.weight),
        at=interval.at,
        step=interval.step,
        step_began=interval.at if is_new else trial.step_began,
        weight=interval.weight,
        requests=trial.requests + (candidate if _both(stable, candidate) else 0.0),
        sight=trial.sight + _sight(stable, candidate),
        alone=trial.alone + (candidate if is_alone(stable, candidate) else 0.0),
    )


def rule(trial: Trial, plan: Plan) -> Ruling:
    """What follows from all that was heard."""
    for found in (_against(trial, plan), _incident(trial, plan), _doubt(trial, plan)):
        if found.call is not Call.GO_ON:
            return found
    if trial.at - trial.step_began >= plan.least_dwell and is_safe(trial, plan):
        return Ruling(Call.FASTER, Why.PROVEN)
    return Ruling(Call.GO_ON, Why.CALM)


def own_evidence(one: Followed, metric: Metric) -> float:
    """The logarithm of a metric's evidence that the candidate is worse, by comparison."""
    match one.state:
        case Contest():
            return log_evidence(one.state)
        case Tails():
            return evidence_of(one.state)
        case Gauge():
            return level_evidence(one.state, metric.ground)
        case _:
            assert_never(one.state)


def total_evidence(trial: Trial, plan: Plan, role: Role = Role.CRITICAL) -> float:
    """The logarithm of all evidence of the metrics of a role; that of 1 where there are none."""
    shares = _shares(trial, plan, role)
    return log_sum([share for _, share in shares]) if shares else 0.0


def own_safe(one: Followed, weight: float) -> float:
    """The logarithm of the evidence that a metric is below the limit of this share; levels prove nothing."""
    match one.state:
        case Contest():
            return log_safe(one.state, limit_at(weight)) if one.state.candidate.all else 0.0
        case Tails():
            telling = [tail for tail in one.state.tails if tail.contest.stable.bad >= _TELLING]
            proofs = [log_safe(tail.contest, math.exp(tail.terms.margin) * limit_at(weight)) for tail in telling]
            return min(proofs, default=0.0)
        case Gauge():
            return 0.0
        case _:
            assert_never(one.state)


def may_pass(trial: Trial, plan: Plan) -> bool:
    """Whether doubt is all there is to say against it: enough was seen, lately too, and nothing is broken."""
    is_sound = not any(found.call is not Call.GO_ON for found in (_against(trial, plan), _incident(trial, plan)))
    return is_sound and _lack(trial, plan).call is Call.GO_ON


def is_safe(trial: Trial, plan: Plan) -> bool:
    """Whether every critical metric that can prove anything has proven that the candidate is below the limit."""
    proofs = [
        own_safe(one, trial.weight)
        for one, metric in zip(trial.followed, plan.metrics, strict=True)
        if metric.role is Role.CRITICAL and metric.kind is not Kind.LEVEL
    ]
    return bool(proofs) and min(proofs) >= -math.log(plan.safe_risk)


def least_sight(plan: Plan) -> float:
    """The sight from which a candidate of which one request in five is bad would have been found out."""
    return _ONE_IN * (_SPREAD - math.log(plan.risk))


def _follow(one: Followed, interval: Interval, plan: Plan, metric: Metric) -> Followed:
    place = place_of(plan, metric)
    state = _after(one.state, interval, metric, place)
    after = replace(one, state=state, unheard=_unheard(one, state, interval))
    edge, told = _under_cap(one, interval, metric, place)
    if is_alone(interval.stable.all, interval.candidate.all):
        after = replace(after, alone=weigh(one.alone, told, limit(one.state, metric.cap)))
    if metric.cap >= NO_CAP or not told.is_usable:
        return after
    return replace(after, cap=press(one.cap, told, Fraction(metric.cap)), cap_edge=edge)


def _unheard(one: Followed, state: State, interval: Interval) -> int:
    """Where an arm told that it had no request, there was nothing to say."""
    if _is_heard(state, interval.at):
        return 0
    return one.unheard if 0 in (interval.stable.all, interval.candidate.all) else one.unheard + 1


def _under_cap(one: Followed, interval: Interval, metric: Metric, place: int) -> tuple[int, Count]:
    """At which edge, and what of the candidate is held against the cap; nothing usable where nothing was told."""
    if metric.cap >= NO_CAP:
        return NO_EDGE, counted(one.state, interval, place)
    if metric.kind is Kind.COUNTS:
        return NO_EDGE, beat_of(interval, place).candidate
    slow = slow_of(interval.candidate)
    edge = one.cap_edge or max(interval.edges, default=NO_EDGE)
    if edge not in interval.edges or len(slow.slower) != len(interval.edges):
        return NO_EDGE, Count(UNTOLD, UNTOLD)
    return edge, Count(slow.slower[interval.edges.index(edge)], slow.all)


def _after(state: State, interval: Interval, metric: Metric, place: int) -> State:
    match state:
        case Contest():
            return fold(state, beat_of(interval, place), metric.terms)
        case Tails():
            arms = slow_of(interval.stable), slow_of(interval.candidate)
            return follow(state, beat_of(interval, place), arms, interval.edges, metric.tolerance)
        case Gauge():
            return sample(state, levels_of(interval, place), metric.ground)
        case _:
            assert_never(state)


def _is_heard(state: State, at: float) -> bool:
    return state.unseen == 0 and bool(state.tails) if isinstance(state, Tails) else state.at == at


def _against(trial: Trial, plan: Plan) -> Ruling:
    """Whether it goes back."""
    heard = [share for share in _shares(trial, plan, Role.CRITICAL) if _counts(trial, plan, share[0])]
    if heard and log_sum([share for _, share in heard]) >= -math.log(plan.risk):
        return Ruling(Call.BACK, Why.WORSE, max(heard, key=lambda share: share[1])[0])
    for one, metric in _broken(trial, plan):
        if max(own_evidence(one, metric), _own_doubt(one, metric)) >= math.log(BESIDE_A_CAP):
            return Ruling(Call.BACK, Why.CAP, metric.name)
    for one, metric in zip(trial.followed, plan.metrics, strict=True):
        if metric.role is Role.CRITICAL and is_too_much(one.alone, plan.risk):
            return Ruling(Call.BACK, Why.ALONE, metric.name)
    return (
        Ruling(Call.BACK, Why.SILENT) if sign(trial.pulse, plan.patience) is Sign.GONE else Ruling(Call.GO_ON, Why.CALM)
    )


def _incident(trial: Trial, plan: Plan) -> Ruling:
    """Whether something is wrong that may not be the candidate."""
    for _, metric in _broken(trial, plan):
        return Ruling(Call.PAUSE, Why.SHARED, metric.name)
    if sign(trial.pulse, plan.patience) is Sign.SILENT:
        return Ruling(Call.PAUSE, Why.SILENT)
    if is_off(trial.split):
        return Ruling(Call.PAUSE, Why.SPLIT)
    advice = _shares(trial, plan, Role.ADVISORY)
    if advice and log_sum([share for _, share in advice]) >= -math.log(plan.advisory_risk):
        return Ruling(Call.PAUSE, Why.ADVICE, max(advice, key=lambda share: share[1])[0])
    return Ruling(Call.GO_ON, Why.CALM)


def _doubt(trial: Trial, plan: Plan) -> Ruling:
    """Whether it is suspicious, or too little was seen."""
    shares = _shares(trial, plan, Role.CRITICAL)
    if shares and log_sum([share for _, share in shares]) >= math.log(plan.hold_at):
        return Ruling(Call.HOLD, Why.SUSPECT, max(shares, key=lambda share: share[1])[0])
    for one, metric in zip(trial.followed, plan.metrics, strict=True):
        if metric.role is Role.CRITICAL and metric.weight > 0 and _own_doubt(one, metric) >= math.log(plan.hold_at):
            return Ruling(Call.HOLD, Why.SUSPECT, metric.name)
    return _lack(trial, plan)


def _own_doubt(one: Followed, metric: Metric) -> float:
    """What speaks against it unless it is warming up, as a logarithm; of latencies, what no warm-up explains."""
    match one.state:
        case Contest():
            return log_doubt(one.state, metric.terms)
        case Tails():
            return doubt_of(one.state)
        case Gauge():
            return 0.0
        case _:
            assert_never(one.state)


def _lack(trial: Trial, plan: Plan) -> Ruling:
    """Whether too little was seen; what was seen only without stable beside it is enough under caps alone."""
    critical = [
        (one, metric) for one, metric in zip(trial.followed, plan.metrics, strict=True) if metric.role is Role.CRITICAL
    ]
    for one, metric in critical:
        if one.unheard >= _STALE and not _is_capped(one, metric, trial):
            return Ruling(Call.WAIT, Why.UNHEARD, metric.name)
    if sign(trial.pulse, plan.patience) is not Sign.HEARD and trial.pulse.owed >= EXPECTED:
        return Ruling(Call.WAIT, Why.SILENT)
    is_compared = trial.requests >= LEAST_REQUESTS and trial.sight >= least_sight(plan)
    if not critical or not (is_compared or all(_is_capped(one, metric, trial) for one, metric in critical)):
        return Ruling(Call.WAIT, Why.FEW)
    return Ruling(Call.GO_ON, Why.CALM)


def _is_capped(one: Followed, metric: Metric, trial: Trial) -> bool:
    """Whether enough was seen against the metric's cap, of a candidate that has nothing to be compared with."""
    if metric.cap >= NO_CAP:
        return False
    least = max(LEAST_REQUESTS, math.ceil(_RULE_OF_THREE / metric.cap)) if metric.cap else LEAST_REQUESTS
    return min(trial.alone, one.cap.total.all) >= least


def _shares(trial: Trial, plan: Plan, role: Role) -> list[tuple[str, float]]:
    """Names of the metrics of a role, with the logarithms of what each adds to their sum."""
    whole = math.fsum(metric.weight for metric in plan.metrics if metric.role is role and metric.weight > 0)
    return [
        (metric.name, own_evidence(one, metric) + math.log(metric.weight / whole))
        for one, metric in zip(trial.followed, plan.metrics, strict=True)
        if metric.role is role and metric.weight > 0
    ]


def _counts(trial: Trial, plan: Plan, name: str) -> bool:
    """Whether a metric has seen enough that is bad to send anything back."""
    one = next(one for one, metric in zip(trial.followed, plan.metrics, strict=True) if metric.name == name)
    match one.state:
        case Contest():
            return one.state.candidate.bad >= LEAST_BAD
        case Tails():
            return bool(one.state.tails) and loudest(one.state).contest.candidate.bad >= LEAST_BAD
        case Gauge():
            return one.state.samples >= LEAST_BAD
        case _:
            assert_never(one.state)


def _broken(trial: Trial, plan: Plan) -> list[tuple[Followed, Metric]]:
    return [(one, metric) for one, metric in zip(trial.followed, plan.metrics, strict=True) if is_broken(one, plan)]


def is_broken(one: Followed, plan: Plan) -> bool:
    """Whether its cap is proven to be broken."""
    return one.cap.log_evidence >= -math.log(plan.risk)


def _both(stable: float, candidate: float) -> bool:
    return Count(0, stable).is_usable and Count(0, candidate).is_usable


def _sight(stable: float, candidate: float) -> float:
    return candidate * math.log1p(stable / candidate) if _both(stable, candidate) else 0.0
