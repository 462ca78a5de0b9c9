# SPDX-License-Identifier: Apache-2.0
"""What the judge says of a rollout by all that its candidate was compared with (see `judge.accompanied`)."""

from dataclasses import replace
from functools import lru_cache

from interlock.domain.judge import judging
from interlock.domain.judge.accompanied import WARM, Trials, is_excused, is_whole
from interlock.domain.judge.judging import CODE, Beside, Judgement, Standing, told
from interlock.domain.judge.stakes import log_sum
from interlock.domain.rollout import Rollout
from interlock.domain.strategy import Baseline
from interlock.domain.verdict import Finding, Verdict, group

judge = lru_cache(maxsize=16)(judging.judge)
"""The same evidence is asked about again and again before there is more of it."""
_OBJECTING = frozenset({Standing.BAD, Standing.SUSPICIOUS})
_EXCUSED = "the baseline, which is as fresh, shows no less of it; it is held until it should have warmed up"


def opinion(rollout: Rollout) -> Judgement:
    """How its candidate stands."""
    usual = judge(rollout.evidence, rollout.analysis)
    if rollout.analysis.baseline is Baseline.NONE:
        return usual
    if _is_held(rollout):
        return replace(usual, standing=Standing.SUSPICIOUS, may_pass=False, is_proven=False)
    beside = judge(rollout.accompanied, rollout.analysis, Beside.BASELINE)
    return Judgement(
        _worse(usual.standing, beside.standing),
        log_sum([usual.weight, beside.weight]),
        usual.may_pass and beside.standing is not Standing.BAD,
        usual.is_proven and beside.standing not in _OBJECTING,
    )


def said(rollout: Rollout) -> Finding:
    """The same as a finding: one child for each guard, and where the baseline objects for each guard one more."""
    usual = told(rollout.evidence, rollout.analysis)
    if rollout.analysis.baseline is Baseline.NONE:
        return usual
    if _is_held(rollout):
        return _softened(usual)
    standing = judge(rollout.accompanied, rollout.analysis, Beside.BASELINE).standing
    if standing not in _OBJECTING:
        return usual
    beside = told(rollout.accompanied, rollout.analysis, Beside.BASELINE)
    leaves = tuple(replace(leaf, sentence=f"beside the baseline, {leaf.sentence}") for leaf in beside.children)
    is_louder = judge(rollout.evidence, rollout.analysis).standing is not opinion(rollout).standing
    sentence = f"beside the baseline, {beside.sentence}" if is_louder else usual.sentence
    return group(CODE, "candidate", sentence, (*usual.children, *leaves))


def _is_held(rollout: Rollout) -> bool:
    """Whether it is warming up, and what speaks against it is what its baseline has as well."""
    is_beside = rollout.exposure.baseline > 0 and is_whole(rollout.snapshot)
    is_warming_up = is_beside and rollout.age.total_seconds() < WARM
    return is_warming_up and is_excused(Trials(rollout.evidence, rollout.accompanied), rollout.analysis)


def _softened(finding: Finding) -> Finding:
    """What would send it back is a doubt."""
    leaves = tuple(
        replace(leaf, verdict=Verdict.INCONCLUSIVE, next_step=_EXCUSED) if leaf.verdict is Verdict.FAIL else leaf
        for leaf in finding.children
    )
    return group(CODE, "candidate", f"{finding.sentence}; {_EXCUSED}", leaves)


def _worse(usual: Standing, beside: Standing) -> Standing:
    for standing in (Standing.BAD, Standing.SUSPICIOUS):
        if standing in {usual, beside}:
            return standing
    return usual
