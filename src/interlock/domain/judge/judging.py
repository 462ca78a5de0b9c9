# SPDX-License-Identifier: Apache-2.0
"""The judge of a rollout: what was counted in, standing and reasons out.

1. A rollout's analysis is a plan of the judge's: errors are counts, latencies are compared at edges. Silence is not
   judged here: how long it is borne is the strategy's to say.
2. The same ticks give the same trial, wherever it is resumed.
3. Three-valued: too little is UNDECIDED, however well the little looks. It is never a pass and by itself no failure.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from interlock.domain.judge.account import Account, MetricAccount, account
from interlock.domain.judge.alone import is_alone
from interlock.domain.judge.contest import Terms
from interlock.domain.judge.noise import BORNE, USUAL, Noise
from interlock.domain.judge.plan import Arm, Interval, Kind, Metric, Plan
from interlock.domain.judge.pulse import Patience
from interlock.domain.judge.tails import Tolerance, known
from interlock.domain.judge.trial import Call, Trial, Why, hear, may_pass, open_trial, rule, total_evidence
from interlock.domain.strategy import NO_CAP, Analysis, Baseline, Guard, Habit, Measure
from interlock.domain.traffic import ArmCounters, Tick
from interlock.domain.verdict import Finding, Verdict, group

CODE: Final = "judge"
_WEIGHTS: Final = {Measure.ERRORS: 7.0, Measure.LATENCY: 5.0}
_NEVER: Final = Patience(math.inf, math.inf)
_BASIS: Final = 10_000
_MANY: Final = 100
"""Instances beyond which more of them make an arm's mean no surer."""


class Standing(StrEnum):
    """How the candidate stands."""

    UNDECIDED = "undecided"
    """Too little data. Never a pass."""
    GOOD = "good"
    """Enough data, and nothing in it speaks against the candidate."""
    SUSPICIOUS = "suspicious"
    """Worth holding the exposure for, not worth going back."""
    BAD = "bad"
    """Worse than tolerated: go back."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a tick was. `age`: seconds of exposure at its end; `lasted`: seconds; `share`: of all requests, 0 to 1.

    `share` is 0 where nobody can say what it should be. `instances`: of the candidate, in its present `step`.
    `fresh`: of the baseline, where there is one.
    """

    age: float
    lasted: float
    share: float
    step: int
    instances: int
    fresh: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The standing. `weight`: the logarithm of all evidence by comparison.

    `may_pass`: doubt is all there is to say against it. `is_proven`: it is shown to be no worse than its share allows.
    """

    standing: Standing
    weight: float
    may_pass: bool
    is_proven: bool


class Beside(StrEnum):
    """What a candidate is compared with."""

    STABLE = "stable"
    BASELINE = "baseline"
    """As fresh as itself: no allowance for its warm-up is needed."""


@lru_cache(maxsize=256)
def plan_of(analysis: Analysis, beside: Beside = Beside.STABLE) -> Plan:
    """What is judged in a rollout. Two comparisons share its budget; what is about one arm alone is the first's."""
    guards = analysis.guards
    if beside is Beside.BASELINE:
        guards = tuple(replace(guard, cap=NO_CAP) for guard in guards)
    metrics = tuple(_metric(guard, analysis.habit) for guard in guards)
    parts = 1 if analysis.baseline is Baseline.NONE else 2
    return Plan(metrics, max(analysis.risk, 1) / _BASIS / parts, patience=_NEVER)


def observe(trial: Trial, tick: Tick, edges: tuple[int, ...], moment: Moment, analysis: Analysis) -> Trial:
    """The trial after one more tick. `edges` (microseconds, ascending) are those of the tick's `slower` counts.

    It belongs to the analysis it was begun with; another number of guards is refused (`ValueError`).
    """
    plan = plan_of(analysis)
    ages = _ages(moment, moment.instances)
    stable, candidate = (_arm(arm, analysis) for arm in (tick.stable, tick.candidate))
    interval = Interval(moment.age, stable, candidate, moment.share, moment.step, edges, ages, max(len(ages), 1))
    return hear(_begun(trial, plan), interval, plan)


def observe_beside(trial: Trial, tick: Tick, edges: tuple[int, ...], moment: Moment, analysis: Analysis) -> Trial:
    """The trial of the candidate against its baseline after one more tick, which says nothing where either had no
    request, or hardly one: then there is nothing to compare. The rest as in `observe`.
    """
    baseline, candidate = (_arm(arm, analysis) for arm in (tick.baseline, tick.candidate))
    if not tick.candidate.requests or is_alone(baseline.all, candidate.all):
        return trial
    plan, fresh = plan_of(analysis, Beside.BASELINE), _ages(moment, moment.fresh)
    ages = _ages(moment, moment.instances)
    interval = Interval(moment.age, baseline, candidate, 0.0, moment.step, edges, ages, max(len(fresh), 1), fresh)
    return hear(_begun(trial, plan), interval, plan)


def judge(trial: Trial, analysis: Analysis, beside: Beside = Beside.STABLE) -> Judgement:
    """How the candidate stands by all that was observed."""
    plan = plan_of(analysis, beside)
    begun = _begun(trial, plan)
    call = rule(begun, plan).call
    return Judgement(_STANDINGS[call], total_evidence(begun, plan), may_pass(begun, plan), call is Call.FASTER)


def is_worse(trial: Trial, analysis: Analysis) -> bool:
    """Whether it is sent back, and by comparison alone."""
    plan = plan_of(analysis)
    ruling = rule(_begun(trial, plan), plan)
    return ruling.call is Call.BACK and ruling.why in {Why.WORSE, Why.FAR}


def accounted(trial: Trial, analysis: Analysis, beside: Beside = Beside.STABLE) -> Account:
    """All that there is to say of it."""
    plan = plan_of(analysis, beside)
    return account(_begun(trial, plan), plan)


def told(trial: Trial, analysis: Analysis, beside: Beside = Beside.STABLE) -> Finding:
    """The same as a finding: one child for each guard."""
    whole = accounted(trial, analysis, beside)
    if not whole.metrics:
        sentence = "no guard is set, so nothing is compared"
        return Finding(CODE, "candidate", Verdict.INCONCLUSIVE, sentence, "set at least one guard")
    leaves = tuple(
        Finding(f"{CODE}.{guard.measure}", one.name, _verdict(one, whole), one.sentence, one.next_step)
        for guard, one in zip(analysis.guards, whole.metrics, strict=True)
    )
    return group(CODE, "candidate", whole.sentence, (*leaves, *_besides(whole)))


def _ages(moment: Moment, instances: int) -> tuple[float, ...]:
    """How long so many instances had been asked in the middle of the tick."""
    return (max(moment.age - moment.lasted / 2, 0.0),) * max(min(instances, _MANY), 0)


def _begun(trial: Trial, plan: Plan) -> Trial:
    """A trial that nothing was heard in yet may be any plan's."""
    return trial if trial.followed else open_trial(plan)


_STANDINGS: Final = {
    Call.BACK: Standing.BAD,
    Call.PAUSE: Standing.SUSPICIOUS,
    Call.HOLD: Standing.SUSPICIOUS,
    Call.WAIT: Standing.UNDECIDED,
    Call.GO_ON: Standing.GOOD,
    Call.FASTER: Standing.GOOD,
}


def _metric(guard: Guard, habit: Habit) -> Metric:
    cap, weight, rate = guard.cap / _BASIS, _WEIGHTS[guard.measure], max(guard.tolerated, 0) / 100
    if guard.measure is Measure.ERRORS:
        return Metric(guard.name, weight=weight, terms=Terms(margin=math.log1p(rate), noise=_noise(habit)), cap=cap)
    tolerance = Tolerance(longer=guard.longer / 100) if guard.longer else Tolerance(exceeded=rate)
    return Metric(guard.name, Kind.LATENCY, weight, tolerance=_habitual(tolerance, habit), cap=cap)


def _habitual(tolerance: Tolerance, habit: Habit) -> Tolerance:
    warm_up = habit.warm_up_of_times / 100 or tolerance.warm_up
    spread = habit.spread_of_times / _BASIS or tolerance.spread
    noise = known(habit.dispersion_of_times / 100) if habit.dispersion_of_times else tolerance.noise
    return replace(tolerance, warm_up=warm_up, spread=spread, wander=habit.wander_of_times / _BASIS, noise=noise)


def _noise(habit: Habit) -> Noise:
    """Of errors."""
    dispersion, warm_up = habit.dispersion / 100 or USUAL.short, habit.warm_up / 100 or USUAL.warm_up
    spread = habit.spread / _BASIS or USUAL.spread
    varied = replace(USUAL, short=dispersion, long=dispersion, spread=spread, warm_up=warm_up)
    return replace(varied, borne=BORNE, unseen=1.0) if habit.dispersion else varied


def _arm(arm: ArmCounters, analysis: Analysis) -> Arm:
    """An arm has at most as many bad requests as requests: late answers to those of an earlier tick are left out."""
    errors = min(arm.errors, arm.requests)
    bad = tuple(float(errors) for guard in analysis.guards if guard.measure is Measure.ERRORS)
    return Arm(float(arm.requests), bad, tuple(float(min(one, arm.requests)) for one in arm.slower))


def _verdict(one: MetricAccount, whole: Account) -> Verdict:
    ruling = whole.ruling
    is_blamed = ruling.metric == one.name
    match ruling.call:
        case Call.BACK:
            return Verdict.FAIL if is_blamed else _unblamed(one)
        case Call.WAIT:
            return Verdict.INCONCLUSIVE if is_blamed or ruling.why is Why.FEW else Verdict.PASS
        case Call.PAUSE | Call.HOLD if is_blamed:
            return Verdict.INCONCLUSIVE
        case _:
            return Verdict.PASS


def _unblamed(one: MetricAccount) -> Verdict:
    return Verdict.PASS if one.is_current else Verdict.INCONCLUSIVE


def _besides(whole: Account) -> tuple[Finding, ...]:
    """What decided, where that was none of the guards."""
    ruling = whole.ruling
    if ruling.metric or ruling.call in {Call.GO_ON, Call.FASTER} or ruling.why is Why.FEW:
        return ()
    return (Finding(f"{CODE}.{ruling.why}", "candidate", Verdict.INCONCLUSIVE, whole.sentence, whole.next_step),)
