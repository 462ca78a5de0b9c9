# SPDX-License-Identifier: Apache-2.0
"""The rules that progressive-delivery tools usually apply, for those who come from them: a limit for each measurement,
and how many may break it.

1. `Threshold` looks at the candidate alone; `Relative` at how many times stable's rate its rate is.
2. A measurement without an answer (no requests, no number) is never a good one: it counts as failed or as
   inconclusive, by the rule.
3. They make no promise of how often an honest candidate is sent back: the more often one looks, the more often it is.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from interlock.domain.judge.noise import Count
from interlock.domain.verdict import Verdict


class Unanswered(StrEnum):
    """What a measurement without an answer is."""

    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Failed: the candidate's rate of bad requests is above `limit`."""

    limit: float


@dataclass(frozen=True, slots=True)
class Relative:
    """Failed: the candidate's rate is more than `times` stable's. Where stable has no bad request: any is too many."""

    times: float


@dataclass(frozen=True, slots=True)
class Classic:
    """`allowed`: failed measurements that are still no failure. `wanted`: measurements before it can pass."""

    rule: Threshold | Relative
    allowed: int = 0
    allowed_inconclusive: int = 0
    wanted: int = 1
    unanswered: Unanswered = Unanswered.INCONCLUSIVE


@dataclass(frozen=True, slots=True)
class Tally:
    """How the measurements so far came out. `Tally()` is the start."""

    good: int = 0
    failed: int = 0
    inconclusive: int = 0


def measure(tally: Tally, stable: Count, candidate: Count, classic: Classic) -> Tally:
    """After one more measurement."""
    match _outcome(stable, candidate, classic):
        case Verdict.PASS:
            return Tally(tally.good + 1, tally.failed, tally.inconclusive)
        case Verdict.FAIL:
            return Tally(tally.good, tally.failed + 1, tally.inconclusive)
        case _:
            return Tally(tally.good, tally.failed, tally.inconclusive + 1)


def verdict(tally: Tally, classic: Classic) -> Verdict:
    """What the measurements amount to; a pass only when enough of them were good."""
    if tally.failed > classic.allowed:
        return Verdict.FAIL
    if tally.inconclusive > classic.allowed_inconclusive or tally.good + tally.failed < classic.wanted:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS if tally.good else Verdict.INCONCLUSIVE


def _outcome(stable: Count, candidate: Count, classic: Classic) -> Verdict:
    match classic.rule:
        case Threshold(limit):
            answered, failed = _is_count(candidate), _is_more(candidate.bad, limit * candidate.all)
        case Relative(times):
            answered = _is_count(candidate) and _is_count(stable)
            failed = _is_more(candidate.bad * stable.all, times * stable.bad * candidate.all)
        case _:
            assert_never(classic.rule)
    if not answered:
        return Verdict.FAIL if classic.unanswered is Unanswered.FAILED else Verdict.INCONCLUSIVE
    return Verdict.FAIL if failed else Verdict.PASS


def _is_more(seen: float, most: float) -> bool:
    """29 of 100 are not more than 29 %, whatever the product of 0.29 and 100 is in a computer."""
    return seen > most and not math.isclose(seen, most)


def _is_count(count: Count) -> bool:
    return math.isfinite(count.bad) and math.isfinite(count.all) and 0 <= count.bad <= count.all and count.all > 0
