# SPDX-License-Identifier: Apache-2.0
"""Holds: a least time between what people have met and what it opens.

The time counts from the last of what they said that still counts; when it dies and is said anew, it begins anew. What
a waiver stands beside was not said by anybody, so no time begins there.
"""

from collections.abc import Mapping
from datetime import datetime

from interlock.domain.ids import RequirementId
from interlock.domain.moment import NEVER, in_words, span_in_words
from interlock.domain.requirement import HoldRequirement
from interlock.domain.verdict import Finding, Verdict


def judge_hold(asked: HoldRequirement, met: Mapping[RequirementId, datetime], now: datetime) -> Finding:
    """Whether it lasted long enough. `met` says since when each requirement is met; NEVER where it is not."""
    waiting = [one for one in asked.since if met.get(one, NEVER) == NEVER]
    if waiting:
        return Finding(
            "hold.not_begun",
            asked.id,
            Verdict.INCONCLUSIVE,
            f"{span_in_words(asked.at_least)} must pass, and {', '.join(waiting)} is not met yet",
            "meet it first; the time begins then",
            cites=asked.cites,
        )
    over = max(met[one] for one in asked.since) + asked.at_least
    if now < over:
        return Finding(
            "hold.running",
            asked.id,
            Verdict.INCONCLUSIVE,
            f"{span_in_words(asked.at_least)} must pass, until {in_words(over)}",
            "wait until then",
            cites=asked.cites,
        )
    sentence = f"{span_in_words(asked.at_least)} have passed since {', '.join(asked.since)}"
    return Finding("hold.over", asked.id, Verdict.PASS, sentence, cites=asked.cites)
