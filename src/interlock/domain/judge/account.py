# SPDX-License-Identifier: Apache-2.0
"""A ruling with its why: one value that the command line, the interface and a chart all show.

1. Every number is one that was counted or that decided. Intervals hold at every look at once, so whoever looks when
   it suits him is not fooled.
2. What is missing is said in requests: how many more the present question would take at the present rate.
"""

import math
from dataclasses import dataclass
from typing import Final, assert_never

from interlock.domain.judge.contest import Contest, interval
from interlock.domain.judge.gauge import Gauge, level_interval
from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import Kind, Metric, Plan, Role, limit_at
from interlock.domain.judge.pulse import Sign, share_seen, sign
from interlock.domain.judge.saying import span
from interlock.domain.judge.tails import Tails, loudest
from interlock.domain.judge.trial import (
    LEAST_REQUESTS,
    Call,
    Followed,
    Ruling,
    Trial,
    Why,
    least_sight,
    own_evidence,
    own_safe,
    rule,
    total_evidence,
)

PROOF: Final = {2.0: 13, 1.5: 42, 1.25: 149}
"""Bad requests of a candidate like stable that prove it below a limit, at a dispersion of 1."""
_UNSEEN: Final = 0.5
_MILLION: Final = 1e6


@dataclass(frozen=True, slots=True)
class MetricAccount:
    """One metric. `low` to `high`: where its ratio to stable's lies; `likeliest`: between them.

    `log_evidence`: that it is worse; `log_safe`: that it is below `limit`. `needed`: about how many more requests of
    the candidate that proof takes; 0 when it is there, or when a level has none.
    """

    name: str
    kind: Kind
    role: Role
    what: str
    stable: Count
    candidate: Count
    low: float
    likeliest: float
    high: float
    log_evidence: float
    log_safe: float
    limit: float
    needed: int
    is_current: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Account:
    """All of it. `log_evidence` goes back at `threshold`, holds at `hold_at`; all three are natural logarithms.

    `needed`: about how many more requests of the candidate the ruling waits for; 0 when it waits for none.
    """

    ruling: Ruling
    sentence: str
    next_step: str
    log_evidence: float
    threshold: float
    hold_at: float
    needed: int
    sign: Sign
    share: float
    share_seen: float
    metrics: tuple[MetricAccount, ...]


def account(trial: Trial, plan: Plan) -> Account:
    """What is to be said of a trial now."""
    ruling = rule(trial, plan)
    metrics = tuple(
        _metric(one, metric, trial.weight, plan) for one, metric in zip(trial.followed, plan.metrics, strict=True)
    )
    needed = _missing(trial, plan) if ruling.why is Why.FEW else _proof(metrics, ruling)
    return Account(
        ruling,
        _sentence(ruling, metrics),
        _next_step(ruling, needed),
        total_evidence(trial, plan),
        -math.log(plan.risk),
        math.log(plan.hold_at),
        needed,
        sign(trial.pulse),
        trial.weight,
        share_seen(trial.split),
        metrics,
    )


def _metric(one: Followed, metric: Metric, weight: float, plan: Plan) -> MetricAccount:
    what, contest, bounds = _shown(one, metric)
    log_safe, evidence = own_safe(one, weight), own_evidence(one, metric)
    limit = limit_at(weight)
    is_proven = metric.kind is Kind.LEVEL or log_safe >= -math.log(plan.safe_risk)
    stable, candidate = contest.stable, contest.candidate
    return MetricAccount(
        metric.name,
        metric.kind,
        metric.role,
        what,
        stable,
        candidate,
        *bounds,
        log_evidence=evidence,
        log_safe=log_safe,
        limit=limit,
        needed=0 if is_proven else _more(contest, metric, limit),
        is_current=one.unheard == 0,
        sentence=_said(metric, what, (stable, candidate), bounds, evidence),
    )


def _shown(one: Followed, metric: Metric) -> tuple[str, Contest, tuple[float, float, float]]:
    """What is counted, its contest (an empty one where nothing is counted), and the interval of its ratio."""
    match one.state:
        case Contest():
            return "bad", one.state, interval(one.state)
        case Tails():
            if not one.state.tails:
                return "slower than any edge chosen yet", Contest(), interval(Contest())
            tail = loudest(one.state)
            return f"slower than {span(tail.edge)}", tail.contest, interval(tail.contest)
        case Gauge():
            return metric.name, Contest(), level_interval(one.state)
        case _:
            assert_never(one.state)


def _more(contest: Contest, metric: Metric, limit: float) -> int:
    """About how many more requests prove it below the limit, if it is as good as stable."""
    bad, requests = contest.stable.bad + contest.candidate.bad, contest.stable.all + contest.candidate.all
    rate = (bad + _UNSEEN) / (requests + 1)
    wanted = PROOF[limit] * max(1.0, metric.terms.noise.short) / rate
    return max(LEAST_REQUESTS, math.ceil(wanted - contest.candidate.all))


def _missing(trial: Trial, plan: Plan) -> int:
    """About how many more requests it takes until silence about defects means anything, at the present split."""
    if not trial.sight or not trial.requests:
        return LEAST_REQUESTS
    short = (least_sight(plan) - trial.sight) * trial.requests / trial.sight
    return max(1, math.ceil(max(LEAST_REQUESTS - trial.requests, short)))


def _proof(metrics: tuple[MetricAccount, ...], ruling: Ruling) -> int:
    if ruling.call not in {Call.GO_ON, Call.HOLD, Call.WAIT}:
        return 0
    return max((one.needed for one in metrics if one.role is Role.CRITICAL), default=0)


def _said(
    metric: Metric, what: str, counts: tuple[Count, Count], bounds: tuple[float, float, float], evidence: float
) -> str:
    stable, candidate = counts
    low, likeliest, high = (number(bound) for bound in bounds)
    ratio = f"{likeliest} times stable's, between {low} and {high}; evidence {evidence_in_words(evidence)}"
    if metric.kind is Kind.LEVEL:
        return f"{what} is {ratio}"
    counted = f"candidate {_of(candidate)} {what}, stable {_of(stable)} at the same times"
    return f"{counted}: {ratio}" if candidate.all else f"nothing of it was compared yet ({what})"


_SENTENCES: Final = {
    Why.WORSE: "the candidate is worse than what is stable at the same time",
    Why.CAP: "the cap is broken, and the candidate is what breaks it",
    Why.SILENT: "the candidate is not heard of, though it should have had requests",
    Why.SHARED: "the cap is broken, by nothing that tells the candidate from what is stable: a shared incident",
    Why.SPLIT: "the candidate does not get the share of requests that the router was told",
    Why.ADVICE: "a metric that may only advise speaks against the candidate",
    Why.SUSPECT: "something speaks against the candidate, not yet enough to go back",
    Why.UNHEARD: "nothing usable was measured lately",
    Why.FEW: "too little was seen to call it good",
    Why.CALM: "enough was seen, and nothing of it speaks against the candidate",
    Why.PROVEN: "the candidate is proven to be below the limit at this share",
}


def _sentence(ruling: Ruling, metrics: tuple[MetricAccount, ...]) -> str:
    decided = next((one for one in metrics if one.name == ruling.metric), None)
    return f"{_SENTENCES[ruling.why]}; {decided.name}: {decided.sentence}" if decided else _SENTENCES[ruling.why]


def _next_step(ruling: Ruling, needed: int) -> str:
    match ruling.call:
        case Call.BACK:
            return "return to stable and look at what the candidate answered badly"
        case Call.PAUSE:
            return "expose no more and have somebody look; the candidate may not be the cause"
        case Call.HOLD:
            return "hold the exposure and keep measuring"
        case Call.WAIT if ruling.why is Why.UNHEARD:
            return "mend what measures it; nothing goes on unseen"
        case Call.WAIT:
            return f"wait for about {needed} more requests of the candidate beside stable"
        case Call.GO_ON if needed:
            return f"go on at the planned pace; about {needed} more requests would prove it safe to go faster"
        case Call.GO_ON | Call.FASTER:
            return "go on"
        case _:
            assert_never(ruling.call)


def evidence_in_words(log: float) -> str:
    """The evidence itself, as far as that says anything."""
    return "over a million" if log > math.log(_MILLION) else number(math.exp(log))


def number(value: float) -> str:
    """Three digits that count, never an exponent."""
    if math.isinf(value):
        return "any number"
    if value >= 1000:  # noqa: PLR2004 - three digits
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= 0.001 or not value else "under 0.001"  # noqa: PLR2004 - as above


def _of(count: Count) -> str:
    return f"{count.bad:.0f} of {count.all:.0f}"
