# SPDX-License-Identifier: Apache-2.0
"""What the judge says as data: the call and its reason, and for each metric the numbers behind it."""

import math
from typing import Final

import msgspec

from interlock.domain.judge.account import Account, MetricAccount
from interlock.service.hearing import Heard

_MOST: Final = 600.0
"""A logarithm beyond which evidence is only called more than that."""


class CountShown(msgspec.Struct, frozen=True):
    """Bad ones of all requests."""

    bad: float
    requests: float


class MetricShown(msgspec.Struct, frozen=True):
    """One metric: the ratio of the candidate to stable, with the bounds it has at every look at once (95 %).

    `high` is null where nothing bounds it from above. `needed`: about how many more requests would prove it
    safe; 0 where that is shown, or nothing promises it. `doubt`: as `evidence`, were no warm-up and no accident
    allowed for.
    """

    name: str
    kind: str
    role: str
    what: str
    stable: CountShown
    candidate: CountShown
    low: float
    likeliest: float
    high: float | None
    evidence: float
    doubt: float
    safe: float
    limit: float
    needed: int
    current: bool
    sentence: str
    next_step: str


class JudgementShown(msgspec.Struct, frozen=True):
    """All of it. `evidence` goes back at `threshold` and holds at `hold_at`."""

    call: str
    why: str
    metric: str
    sentence: str
    next_step: str
    evidence: float
    threshold: float
    hold_at: float
    needed: int
    heard: str
    share: float
    share_seen: float
    metrics: list[MetricShown]


class HeardShown(JudgementShown, frozen=True):
    """The same after so many `intervals` of those `given`: after a call to go back nothing is heard any more."""

    intervals: int
    given: int


def heard_shown(found: Heard) -> HeardShown:
    """What was said of intervals, as data."""
    whole = msgspec.structs.asdict(judgement(found.account))
    return HeardShown(**whole, intervals=found.intervals, given=found.given)


def judgement(whole: Account) -> JudgementShown:
    """The account as data."""
    return JudgementShown(
        whole.ruling.call.value,
        whole.ruling.why.value,
        whole.ruling.metric,
        whole.sentence,
        whole.next_step,
        evidence(whole.log_evidence),
        evidence(whole.threshold),
        evidence(whole.hold_at),
        whole.needed,
        whole.sign.value,
        whole.share,
        whole.share_seen,
        [_metric(one) for one in whole.metrics],
    )


def _metric(one: MetricAccount) -> MetricShown:
    return MetricShown(
        one.name,
        one.kind.value,
        one.role.value,
        one.what,
        CountShown(one.stable.bad, one.stable.all),
        CountShown(one.candidate.bad, one.candidate.all),
        one.low,
        one.likeliest,
        one.high if math.isfinite(one.high) else None,
        evidence(one.log_evidence),
        evidence(one.log_doubt),
        evidence(one.log_safe),
        one.limit,
        one.needed,
        one.is_current,
        one.sentence,
        one.next_step,
    )


def evidence(log: float) -> float:
    """Evidence from its logarithm, as far as it can be written, without the digits that only reckoning makes."""
    return float(f"{math.exp(min(log, _MOST)):.12g}")
