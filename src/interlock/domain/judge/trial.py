# SPDX-License-Identifier: Apache-2.0
"""A rollout on trial: everything that is watched, what it amounts to together, and the call that follows.

1. The weighted mean of evidences is evidence, however metrics depend on each other. It alone sends back by comparison.
2. A broken cap by itself is a shared incident: pause. With evidence by comparison beside it, it sends back.
   Where it has all of the traffic, nothing beside it excuses it: there a broken cap sends back (see `alone`).
   Who is far from all that stable beside it was ever seen to do goes back for that (see `far`).
3. A candidate that should be heard and is not goes back; a share that is not the router's pauses. What was heard once
   and is no more is no reason to go on.
4. GO_ON needs enough requests and every critical metric up to date; FASTER needs proof beside that. What is missing,
   late or senseless never leads to either.
5. The trial is a fold: the same intervals give the same trial, wherever it is resumed.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from interlock.domain.judge.alone import is_alone, is_too_much
from interlock.domain.judge.contest import Contest
from interlock.domain.judge.enough import LEAST_REQUESTS, parts_seen, sight_of
from interlock.domain.judge.followed import (
    STALE,
    Followed,
    State,
    counts,
    heard_at,
    heard_of,
    is_beyond,
    is_broken,
    own_doubt,
    own_evidence,
    own_safe,
    young_doubt,
)
from interlock.domain.judge.gauge import Gauge
from interlock.domain.judge.noise import Count
from interlock.domain.judge.once import is_loud, is_plainly_worse, was_worse
from interlock.domain.judge.outage import is_ill
from interlock.domain.judge.plan import NO_CAP, Interval, Kind, Metric, Plan, Role
from interlock.domain.judge.pulse import EXPECTED, Pulse, Sign, Split, divide, is_apart, is_off, is_past, listen, sign
from interlock.domain.judge.stakes import log_sum
from interlock.domain.judge.tails import Tails

BESIDE_A_CAP: Final = 3.0
_ALL: Final = 0.99
"""A share from which the candidate is meant to have all."""
_RULE_OF_THREE: Final = 3
"""Of 3 / cap requests at the cap at least one is bad, with 95 %."""


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
    FAR = "far"
    SILENT = "silent"
    SHARED = "shared_incident"
    OUTAGE = "outage"
    """A shared incident, too: by what stable did in better times, and not by a cap."""
    SPLIT = "split"
    ADVICE = "advice"
    SUSPECT = "suspect"
    UNHEARD = "unheard"
    APART = "nothing_beside"
    """Stable was asked nothing while the candidate was, and nobody said that it should be so."""
    FEW = "too_few"
    YOUNG = "warming_up"
    CALM = "calm"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Trial:
    """All that must be remembered. `sight`: the evidence there would be had all of the candidate's requests been bad.

    `alone`: requests of the candidate with (nearly) no stable traffic beside them. `ignored`: intervals that came twice
    or late. `at_stake`: the share by the router, or where none was told that of what was counted last.
    """

    followed: tuple[Followed, ...] = ()
    pulse: Pulse = Pulse()
    split: Split = Split()
    at: float = -math.inf
    step: int = -1
    step_began: float = -math.inf
    weight: float = 0.0
    at_stake: float = 0.0
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
        heard_of(one, interval, plan, metric) for one, metric in zip(trial.followed, plan.metrics, strict=True)
    )
    is_new = interval.step != trial.step
    return Trial(
        followed=followed,
        pulse=listen(trial.pulse, interval.at, stable, candidate, weight=interval.weight, step=interval.step),
        split=divide(trial.split, stable, candidate, interval.weight),
        at=interval.at,
        step=interval.step,
        step_began=interval.at if is_new else trial.step_began,
        weight=interval.weight,
        at_stake=_at_stake(interval, trial.at_stake),
        requests=trial.requests + (candidate if _both(stable, candidate) else 0.0),
        sight=trial.sight + (sight_of(stable, candidate) if _both(stable, candidate) else 0.0),
        alone=trial.alone + (candidate if is_alone(stable, candidate) else 0.0),
        ignored=trial.ignored,
    )


def rule(trial: Trial, plan: Plan) -> Ruling:
    """What follows from all that was heard."""
    for found in (_against(trial, plan), _incident(trial, plan), _doubt(trial, plan)):
        if found.call is not Call.GO_ON:
            return found
    if trial.at - trial.step_began >= plan.least_dwell and is_safe(trial, plan):
        return Ruling(Call.FASTER, Why.PROVEN)
    return Ruling(Call.GO_ON, Why.CALM)


def total_evidence(trial: Trial, plan: Plan, role: Role = Role.CRITICAL) -> float:
    """The logarithm of all evidence of the metrics of a role; that of 1 where there are none."""
    shares = _shares(trial, plan, role)
    return log_sum([share for _, share in shares]) if shares else 0.0


def may_pass(trial: Trial, plan: Plan) -> bool:
    """Whether doubt is all there is to say against it: enough was seen, lately too, and nothing is broken."""
    is_sound = not any(found.call is not Call.GO_ON for found in (_against(trial, plan), _incident(trial, plan)))
    return is_sound and _lack(trial, plan).call is Call.GO_ON


def is_safe(trial: Trial, plan: Plan) -> bool:
    """Whether every critical metric that can prove anything has proven that the candidate is below the limit."""
    able = [(one, metric) for one, metric in _critical(trial, plan) if metric.kind is not Kind.LEVEL]
    proofs = [own_safe(one, metric, trial.at_stake) for one, metric in able]
    return bool(proofs) and min(proofs) >= -math.log(plan.safe_risk)


def parts_of(trial: Trial, plan: Plan) -> tuple[float, ...]:
    """How much of what it takes was seen of the candidate beside stable (see `enough`)."""
    told = (
        (one.state, metric.terms, one.outage)
        for one, metric in _critical(trial, plan)
        if isinstance(one.state, Contest)
    )
    return parts_seen(trial.requests, trial.sight, told, plan)


def _against(trial: Trial, plan: Plan) -> Ruling:
    """Whether it goes back."""
    telling = {metric.name for one, metric in _critical(trial, plan) if counts(one)}
    heard = [share for share in _shares(trial, plan, Role.CRITICAL) if share[0] in telling]
    if heard and log_sum([share for _, share in heard]) >= -math.log(plan.risk):
        return Ruling(Call.BACK, Why.WORSE, max(heard, key=lambda share: share[1])[0])
    for one, metric in _broken(trial, plan):
        if max(own_evidence(one, metric), own_doubt(one, metric)) >= math.log(BESIDE_A_CAP):
            return Ruling(Call.BACK, Why.CAP, metric.name)
    for one, metric in _critical(trial, plan):
        if metric.weight > 0 and is_beyond(one, plan.risk):
            return Ruling(Call.BACK, Why.FAR, metric.name)
        if is_too_much(one.alone, plan.risk):
            return Ruling(Call.BACK, Why.ALONE, metric.name)
    return (
        Ruling(Call.BACK, Why.SILENT) if sign(trial.pulse, plan.patience) is Sign.GONE else Ruling(Call.GO_ON, Why.CALM)
    )


def _incident(trial: Trial, plan: Plan) -> Ruling:
    """Whether something is wrong that may not be the candidate."""
    for _, metric in _broken(trial, plan):
        return Ruling(Call.PAUSE, Why.SHARED, metric.name)
    for one, metric in _critical(trial, plan):
        if is_ill(one.outage):
            return Ruling(Call.PAUSE, Why.OUTAGE, metric.name)
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
    for one, metric in _critical(trial, plan):
        if metric.weight > 0 and (_is_held_once(one, metric, plan) or own_doubt(one, metric) >= math.log(plan.hold_at)):
            return Ruling(Call.HOLD, Why.SUSPECT, metric.name)
    return _lack(trial, plan)


def _is_held_once(one: Followed, metric: Metric, plan: Plan) -> bool:
    if not plan.noticed:
        return False
    return is_plainly_worse(one, metric) or was_worse(one, metric, plan.hold_at) or is_loud(one, metric, plan.risk)


def _lack(trial: Trial, plan: Plan) -> Ruling:
    """Whether too little was seen; what was seen only without stable beside it is enough under caps alone."""
    critical = _critical(trial, plan)
    for one, metric in critical:
        is_stale = one.unheard and trial.at - heard_at(one) >= plan.patience.back_after
        if (is_stale or one.unheard >= STALE) and not _is_capped(one, metric, trial):
            return Ruling(Call.WAIT, Why.UNHEARD, metric.name)
    if plan.noticed and trial.weight < _ALL and is_apart(trial.pulse, plan.patience):
        return Ruling(Call.WAIT, Why.APART)
    is_quiet = sign(trial.pulse, plan.patience) is not Sign.HEARD and trial.pulse.owed >= EXPECTED
    if is_quiet or is_past(trial.pulse, plan.patience):
        return Ruling(Call.WAIT, Why.SILENT)
    if not critical or not (
        min(parts_of(trial, plan)) >= 1 or all(_is_capped(one, metric, trial) for one, metric in critical)
    ):
        return Ruling(Call.WAIT, Why.FEW)
    for one, metric in critical:
        if young_doubt(one) >= math.log(plan.hold_at):
            return Ruling(Call.WAIT, Why.YOUNG, metric.name)
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


def _critical(trial: Trial, plan: Plan) -> list[tuple[Followed, Metric]]:
    return [
        (one, metric) for one, metric in zip(trial.followed, plan.metrics, strict=True) if metric.role is Role.CRITICAL
    ]


def _broken(trial: Trial, plan: Plan) -> list[tuple[Followed, Metric]]:
    return [(one, metric) for one, metric in zip(trial.followed, plan.metrics, strict=True) if is_broken(one, plan)]


def _both(stable: float, candidate: float) -> bool:
    return Count(0, stable).is_usable and Count(0, candidate).is_usable


def _at_stake(interval: Interval, before: float) -> float:
    stable, candidate = interval.stable.all, interval.candidate.all
    if 0 < interval.weight <= 1:
        return interval.weight
    return candidate / (candidate + stable) if _both(stable, candidate) else before
