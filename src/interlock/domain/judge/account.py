# SPDX-License-Identifier: Apache-2.0
"""A ruling with its why: one value that the command line, the interface and a chart all show.

1. Every number is one that was counted or that decided. Intervals hold at every look at once, so whoever looks when
   it suits him is not fooled.
2. What is missing is said in requests: how many more the present question would take at the present rate.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from interlock.domain.judge.alone import limit
from interlock.domain.judge.contest import Contest, interval
from interlock.domain.judge.enough import PLAIN, more_needed, times_noticed
from interlock.domain.judge.followed import (
    Followed,
    is_beyond,
    is_broken,
    own_doubt,
    own_evidence,
    own_safe,
    young_doubt,
)
from interlock.domain.judge.gauge import Gauge, level_interval
from interlock.domain.judge.noise import Count, Noise
from interlock.domain.judge.once import is_loud, loudness, plainly, was_worse
from interlock.domain.judge.outage import is_ill
from interlock.domain.judge.plan import NO_CAP, Kind, Metric, Plan, Role, limit_at
from interlock.domain.judge.pulse import Sign, share_seen, sign
from interlock.domain.judge.roughness import lasting
from interlock.domain.judge.saying import (
    against,
    compared,
    doubted,
    edge_wanted,
    estimated,
    gone_far,
    held_alone,
    ill_alike,
    in_better_times,
    leveled,
    loud_lately,
    number,
    plainly_worse,
    span,
    under_cap,
    without_edge,
    without_word,
)
from interlock.domain.judge.tails import Tail, Tails, loudest
from interlock.domain.judge.trial import (
    Call,
    Ruling,
    Trial,
    Why,
    parts_of,
    rule,
    total_evidence,
)

PROOF: Final = {2.0: 13, 1.5: 42, 1.25: 149}
"""Bad requests of a candidate like stable that prove it below a limit, at a dispersion of 1."""
_PROMISING: Final = 0.1
"""Of a proof, from which what it takes is reckoned by what is there."""


@dataclass(frozen=True, slots=True)
class MetricAccount:
    """One metric. `low` to `high`: where its ratio to stable's lies; `likeliest`: between them.

    `log_evidence`: that it is worse; `log_doubt`: the same, were no warm-up allowed for and no accident; `log_safe`:
    that it is below `limit`. `needed`: about how many more requests of the candidate that proof takes; 0 when it is
    there, or when nothing seen so far promises it.
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
    log_doubt: float
    log_safe: float
    limit: float
    needed: int
    is_proven: bool
    is_current: bool
    sentence: str
    next_step: str


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
        _metric(one, metric, trial, plan, ruling) for one, metric in zip(trial.followed, plan.metrics, strict=True)
    )
    needed = more_needed(trial.requests, parts_of(trial, plan)) if ruling.why is Why.FEW else _proof(metrics, ruling)
    return Account(
        ruling,
        _sentence(ruling, metrics, _noticed(trial, plan)),
        _next_step(ruling, needed),
        total_evidence(trial, plan),
        -math.log(plan.risk),
        math.log(plan.hold_at),
        needed,
        sign(trial.pulse, plan.patience),
        trial.weight,
        share_seen(trial.split),
        metrics,
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is counted, its contest (an empty one where nothing is counted), and the interval of its ratio."""

    what: str
    contest: Contest
    bounds: tuple[float, float, float]
    evidence: float
    threshold: float
    is_broken: bool
    of_stable: str = ""
    plainly: float = 0.0
    """How many times as bad it is at the least, where that alone holds it."""


def _metric(one: Followed, metric: Metric, trial: Trial, plan: Plan, ruling: Ruling) -> MetricAccount:
    shown = _shown(one, metric, plan)
    log_safe, limit = own_safe(one, metric, trial.at_stake), limit_at(trial.at_stake)
    is_proven = metric.kind is Kind.LEVEL or log_safe >= -math.log(plan.safe_risk)
    low, likeliest, high = shown.bounds
    return MetricAccount(
        metric.name,
        metric.kind,
        metric.role,
        shown.what,
        shown.contest.stable,
        shown.contest.candidate,
        low,
        likeliest,
        high,
        log_evidence=shown.evidence,
        log_doubt=max(own_doubt(one, metric), young_doubt(one)),
        log_safe=log_safe,
        limit=limit,
        needed=0 if is_proven else _more(shown, metric.terms.noise, limit, log_safe / -math.log(plan.safe_risk)),
        is_proven=is_proven,
        is_current=one.unheard == 0,
        sentence=_sentence_of(one, metric, trial, plan, shown),
        next_step=_step_of(one, metric, ruling, more_needed(trial.requests, parts_of(trial, plan))),
    )


def _shown(one: Followed, metric: Metric, plan: Plan) -> _Shown:
    evidence, threshold, broken = own_evidence(one, metric), -math.log(plan.risk), is_broken(one, plan)
    match one.state:
        case Contest():
            bounds = interval(one.state, noise=metric.terms.noise)
            least = plainly(one.state, metric.terms, is_timed=False) if plan.noticed else 0.0
            return _Shown("bad", one.state, bounds, evidence, threshold, broken, plainly=least)
        case Tails():
            if not one.state.tails:
                return _Shown("slower", Contest(), interval(Contest()), evidence, threshold, broken)
            tail, least = _telling(one.state, is_asked_once=bool(plan.noticed) and evidence < threshold)
            what = f"slower than {span(tail.edge)}"
            of_stable = "" if tail.beside == tail.edge else f"slower than {span(tail.beside)}"
            return _Shown(
                what,
                tail.contest,
                interval(tail.contest, noise=tail.terms.noise),
                evidence,
                threshold,
                broken,
                of_stable,
                least,
            )
        case Gauge():
            return _Shown(metric.name, Contest(), level_interval(one.state), evidence, threshold, broken)
        case _:
            assert_never(one.state)


def _telling(tails: Tails, *, is_asked_once: bool) -> tuple[Tail, float]:
    """The edge that is shown, and how many times as bad it is there at the least, where that alone holds it."""
    worse = [(plainly(one.contest, one.terms, is_timed=True), one) for one in tails.tails if is_asked_once]
    least, tail = max(worse, key=lambda pair: pair[0], default=(0.0, loudest(tails)))
    return (tail, least) if least else (loudest(tails), 0.0)


def _more(shown: _Shown, noise: Noise, limit: float, part: float) -> int:
    """About how many more requests prove it below the limit, if it goes on as it did; 0 where it would prove nothing.

    `part`: of the proof, what is there.
    """
    contest, (_, likeliest, _) = shown.contest, shown.bounds
    bad, requests = contest.stable.bad + contest.candidate.bad, contest.stable.all + contest.candidate.all
    if not bad or likeliest >= limit:
        return 0
    if part >= _PROMISING:
        return max(1, math.ceil(contest.candidate.all / part - contest.candidate.all))
    wanted = PROOF[limit] * lasting(contest.roughness, noise, noise.unseen) * requests / bad
    return max(0, math.ceil(wanted - contest.candidate.all))


def _proof(metrics: tuple[MetricAccount, ...], ruling: Ruling) -> int:
    missing = [one.needed for one in metrics if one.role is Role.CRITICAL and not one.is_proven]
    return max(missing) if ruling.call in _OPEN and missing and min(missing) else 0


def _sentence_of(one: Followed, metric: Metric, trial: Trial, plan: Plan, shown: _Shown) -> str:
    is_capped = metric.cap < NO_CAP
    parts = [_told(one, metric, shown, trial.requests)]
    if is_capped:
        what = "bad" if metric.kind is Kind.COUNTS else f"slower than {span(one.cap_edge)}"
        parts.append(under_cap(one.cap, metric.cap, what, is_broken=shown.is_broken))
    if isinstance(one.state, Contest) and is_beyond(one, plan.risk):
        parts.append(gone_far(one.state.far, plan.risk))
    if is_ill(one.outage):
        parts.append(ill_alike(one.outage))
    doubt = max(own_doubt(one, metric), young_doubt(one))
    if doubt >= math.log(plan.hold_at) and doubt > shown.evidence:
        parts.append(doubted(doubt, math.log(plan.hold_at)))
    if plan.noticed:
        parts.extend(_once(one, metric, plan, shown))
    if trial.alone:
        parts.append(held_alone(trial.alone, one.alone, limit(one.state, metric.cap)))
    return "; ".join(parts)


def _once(one: Followed, metric: Metric, plan: Plan, shown: _Shown) -> Iterator[str]:
    """What holds a candidate that somebody asks about once."""
    if shown.plainly:
        yield plainly_worse(shown.plainly)
    if was_worse(one, metric, plan.hold_at) and shown.contest.stable != one.outage.usual:
        yield in_better_times(one.outage)
    if is_loud(one, metric, plan.risk):
        yield loud_lately(loudness(one, metric))


def _told(one: Followed, metric: Metric, shown: _Shown, requests: float) -> str:
    """What is counted of a metric. `requests`: of the candidate, beside stable."""
    if isinstance(one.state, Tails) and not one.state.tails:
        return without_edge(one.state)
    if metric.kind is Kind.LEVEL:
        return f"{leveled(metric.name, shown.bounds)}; {against(shown.evidence, shown.threshold)}"
    if requests and isinstance(one.state, Contest) and not one.state.candidate.all:
        return without_word(requests)
    counts = compared(shown.what, shown.contest.stable, shown.contest.candidate, shown.bounds, shown.of_stable)
    return f"{counts}; {against(shown.evidence, shown.threshold)}" if shown.contest.candidate.all else counts


def _step_of(one: Followed, metric: Metric, ruling: Ruling, missing: int) -> str:
    """What is to be done about a metric; nothing where it is nothing that holds up."""
    if ruling.metric == metric.name and ruling.why is not Why.UNHEARD:
        return _next_step(ruling, missing)
    if isinstance(one.state, Tails) and not one.state.tails:
        return edge_wanted(one.state)
    return _next_step(ruling, missing) if ruling.call is Call.WAIT and ruling.metric in {"", metric.name} else ""


_NOTHING_AGAINST: Final = "nothing speaks against the candidate"
_OPEN: Final = frozenset({Call.GO_ON, Call.HOLD, Call.WAIT})
_SENTENCES: Final = {
    Why.WORSE: "the candidate is worse than what is stable at the same time",
    Why.CAP: "the cap is broken, and the candidate is what breaks it",
    Why.ALONE: "with nothing beside it the candidate does what stable never came near, or breaks its cap",
    Why.FAR: "the candidate does what the stable beside it never came near",
    Why.SILENT: "the candidate is not heard of, though it should have had requests",
    Why.SHARED: "the cap is broken, by nothing that tells the candidate from what is stable: a shared incident",
    Why.OUTAGE: "both arms are ill beyond what stable was seen to be in better times: a shared incident",
    Why.SPLIT: "the candidate does not get the share of requests that the router was told",
    Why.ADVICE: "a metric that may only advise speaks against the candidate",
    Why.SUSPECT: "something speaks against the candidate, not yet enough to go back",
    Why.UNHEARD: "nothing usable was measured lately",
    Why.APART: "stable had no requests beside the candidate lately, so there is nothing to hold it against",
    Why.FEW: "too little was seen to call it good",
    Why.YOUNG: "answers take longer than tolerated, which a warm-up may explain until it is over",
    Why.CALM: "enough was seen, and nothing of it speaks against the candidate",
    Why.PROVEN: "the candidate is proven to be below the limit at this share",
}


def _noticed(trial: Trial, plan: Plan) -> str:
    """Which candidate would have been noticed to be bad; nothing where nobody asked for that."""
    if not plan.noticed:
        return ""
    pairs = zip(trial.followed, plan.metrics, strict=True)
    told = [
        (times_noticed(one.state, metric.terms, plan.noticed), one.outage.usual)
        for one, metric in pairs
        if isinstance(one.state, Contest)
    ]
    if any(times * usual.bad < PLAIN * usual.all for times, usual in told):
        return f"one that answers {number(100 * PLAIN)} % badly"
    times = max((min(times, max(1.0, usual.all) / max(1.0, usual.bad)) for times, usual in told), default=plan.noticed)
    return f"one {number(times)} times as bad"


def _sentence(ruling: Ruling, metrics: tuple[MetricAccount, ...], noticed: str) -> str:
    if ruling.why is Why.CALM and noticed:
        is_above = any(one.low > 1 for one in metrics)
        against = (
            "what speaks against the candidate is no more than honest ones may do" if is_above else _NOTHING_AGAINST
        )
        return f"enough was seen to notice {noticed}, and {against}"
    decided = next((one for one in metrics if one.name == ruling.metric), None)
    return f"{_SENTENCES[ruling.why]}; {decided.name}: {decided.sentence}" if decided else _SENTENCES[ruling.why]


_STEPS: Final = {
    Call.BACK: "return to stable and look at what the candidate answered badly",
    Call.PAUSE: "expose no more and have somebody look; the candidate may not be the cause",
    Call.HOLD: "hold the exposure and keep measuring",
    Call.WAIT: "wait for about {} more requests of the candidate beside stable",
    Call.GO_ON: "go on at the planned pace",
    Call.FASTER: "go on",
}
_UNHEARD: Final = "expose no more and see why nothing is heard of the candidate; nothing goes on unseen"
_OTHER_STEPS: Final = {
    (Call.BACK, Why.SILENT): "return to stable and see why nothing is heard of the candidate",
    (Call.PAUSE, Why.SILENT): _UNHEARD,
    (Call.WAIT, Why.SILENT): _UNHEARD,
    (Call.WAIT, Why.UNHEARD): "mend what measures it; nothing goes on unseen",
    (
        Call.WAIT,
        Why.APART,
    ): "see why stable is not heard; where the candidate is to have all requests, say that share, and a cap",
    (Call.WAIT, Why.YOUNG): "wait until all of its instances are warm, three minutes after the youngest was started",
}


def _next_step(ruling: Ruling, needed: int) -> str:
    then = _OTHER_STEPS.get((ruling.call, ruling.why), _STEPS[ruling.call]).format(estimated(needed))
    if ruling.call is Call.GO_ON and needed:
        return f"{then}; about {estimated(needed)} more requests would prove it safe to go faster"
    return then
