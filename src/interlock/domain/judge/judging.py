# SPDX-License-Identifier: Apache-2.0
"""The judge: evidence in, standing out. Three-valued, valid at every look, explained.

1. Evidence is folded from ticks and from nothing else: the same ticks give the same evidence, wherever it is resumed.
2. An honest candidate (at most `worse_by` times stable's rate at every guard) is rolled back by comparison with a
   chance of at most the budget, over all looks, steps and guards together, however the guards depend on each other.
3. A broken cap by itself only makes suspicious, since an incident that stable shares breaks it too; with comparative
   evidence of 3 beside it, it rolls back. This is not paid from the budget: a candidate that keeps the cap comes here
   with a chance of at most another budget per cap, an honest one inside a lasting shared incident of at most 1 in 3.
4. Too little data is UNDECIDED, however well the little looks. It is never a pass, and by itself never a failure.
"""

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.judge.reading import Reading, doubted, guilty, read, threshold, total
from interlock.domain.judge.saying import said, said_of_all
from interlock.domain.judge.watch import Watch, follow, start
from interlock.domain.strategy import Analysis
from interlock.domain.traffic import Tick
from interlock.domain.verdict import Finding, Verdict


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
class Evidence:
    """All that is remembered of a rollout: one watch per guard, in their order. `Evidence()` is the start.

    It belongs to the analysis it was folded with; another number of guards is refused (`ValueError`).
    """

    watches: tuple[Watch, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The standing, and why: one child of the finding per guard.

    `weight` is the logarithm of all comparative evidence. `may_pass` says that doubt is all there is to say against it:
    there is enough data, and no cap is broken.
    """

    standing: Standing
    finding: Finding
    weight: float
    may_pass: bool


def observe(evidence: Evidence, tick: Tick, edges: tuple[int, ...], analysis: Analysis) -> Evidence:
    """The evidence after one more tick. `edges` (microseconds, ascending) are those of the tick's `slower` counts."""
    watches = zip(_watches(evidence, analysis), analysis.guards, strict=True)
    return Evidence(tuple(follow(watch, tick, edges, guard) for watch, guard in watches))


def judge(evidence: Evidence, analysis: Analysis) -> Judgement:
    """How the candidate stands by all that was observed."""
    readings, needed = read(_watches(evidence, analysis), analysis), threshold(analysis)
    to_blame, to_doubt = guilty(readings, needed), doubted(readings)
    leaves = tuple(said(reading, _verdict(reading, to_blame, to_doubt), needed) for reading in readings)
    standing, weight = _standing(readings, to_blame, to_doubt), total(readings)
    may_pass = (
        bool(readings) and standing is not Standing.BAD and all(one.enough and not one.breached for one in readings)
    )
    return Judgement(standing, said_of_all(weight, leaves, needed), weight, may_pass)


def _watches(evidence: Evidence, analysis: Analysis) -> tuple[Watch, ...]:
    return evidence.watches or tuple(start(guard) for guard in analysis.guards)


def _verdict(reading: Reading, to_blame: tuple[Reading, ...], to_doubt: tuple[Reading, ...]) -> Verdict:
    if any(reading is one for one in to_blame):
        return Verdict.FAIL
    if not reading.enough or any(reading is one for one in to_doubt):
        return Verdict.INCONCLUSIVE
    return Verdict.PASS


def _standing(readings: tuple[Reading, ...], to_blame: tuple[Reading, ...], to_doubt: tuple[Reading, ...]) -> Standing:
    if to_blame:
        return Standing.BAD
    if to_doubt:
        return Standing.SUSPICIOUS
    if readings and all(reading.enough for reading in readings):
        return Standing.GOOD
    return Standing.UNDECIDED
