# SPDX-License-Identifier: Apache-2.0
"""All guards together: their weights, the one sum they share, and which of them a standing is owed to.

The weights sum to 1 and are the analysis's alone, so the weighted mean of the guards' evidences is evidence too.
"""

import math
from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.stakes import log_sum
from interlock.domain.judge.watch import Watch, enough
from interlock.domain.strategy import NO_CAP, Analysis, Guard, Measure

LEAST_BAD: Final = 5
"""Bad requests of the candidate below which no guard rolls back by comparison: one retried request is no defect."""
SUSPECT: Final = 10
"""Evidence from which a candidate is suspicious: an honest one ever comes here with a chance of at most 1 in 10."""
BESIDE_A_CAP: Final = 3
"""Comparative evidence that makes a broken cap the candidate's own doing."""
_SHARES: Final = {Measure.ERRORS: 7, Measure.LATENCY: 5}


@dataclass(frozen=True, slots=True)
class Reading:
    """One guard as it stands. `own` and `weighted` are logarithms: its evidence, and what that adds to the sum."""

    guard: Guard
    watch: Watch
    own: float
    weighted: float
    enough: bool
    breached: bool


def read(watches: tuple[Watch, ...], analysis: Analysis) -> tuple[Reading, ...]:
    """One reading per guard, in their order."""
    needed = threshold(analysis)
    shares = sum(_SHARES[guard.measure] for guard in analysis.guards)
    return tuple(
        _reading(watch, guard, _SHARES[guard.measure] / shares, needed)
        for watch, guard in zip(watches, analysis.guards, strict=True)
    )


def total(readings: tuple[Reading, ...]) -> float:
    """The logarithm of all evidence; that of 1 when there are no guards."""
    return log_sum([reading.weighted for reading in readings]) if readings else 0.0


def guilty(readings: tuple[Reading, ...], needed: float) -> tuple[Reading, ...]:
    """The guards a rollback is owed to; none while there is no reason for one."""
    heard = [reading for reading in readings if reading.watch.loudest.comparison.total.candidate.bad >= LEAST_BAD]
    by_cap = tuple(reading for reading in readings if reading.breached and reading.own >= math.log(BESIDE_A_CAP))
    if heard and log_sum([reading.weighted for reading in heard]) >= needed:
        return (max(heard, key=_weight_of), *by_cap)
    return by_cap


def doubted(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The guards a suspicion is owed to; none while there is none."""
    by_cap = tuple(reading for reading in readings if reading.breached)
    if readings and total(readings) >= math.log(SUSPECT):
        return (max(readings, key=_weight_of), *by_cap)
    return by_cap


def threshold(analysis: Analysis) -> float:
    """The logarithm of the evidence from which the candidate goes back: that of 1 / budget."""
    return -math.log(analysis.budget)


def _reading(watch: Watch, guard: Guard, share: float, needed: float) -> Reading:
    own = watch.log_evidence
    breached = guard.cap < NO_CAP and watch.ceiling.log_evidence >= needed
    return Reading(guard, watch, own, own + math.log(share), enough(watch, guard, needed), breached)


def _weight_of(reading: Reading) -> float:
    return reading.weighted
