# SPDX-License-Identifier: Apache-2.0
"""What could be reached at best: a judge that is told what no judge can know.

1. It is told how many times worse the candidate would be, that it would be so from its first request on, and how it
   warms up to the second. It adds up how much likelier what it sees is of such a candidate than of an honest one; for
   requests that fail singly nothing is quicker (Wald). Of clusters and of how instances differ it knows nothing.
2. Of its thresholds the lowest is taken with which at most 1 % of those healthy rollouts are stopped that all others
   were tuned on. So beside the others it says how far off any judge must stay in these services.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from bench.judge import ours
from bench.judge.scenes import Cell
from bench.judge.traces import NEVER, Recorder
from bench.judge.tuning import COMPARED, QUIET
from bench.judge.world import Numbers, Purpose, World, seeded

from interlock.domain.judge import noise
from interlock.domain.judge.noise import Noise, envelope

FILES: Final = (Path(ours.__file__), Path(noise.__file__), Path(__file__))
THRESHOLDS: Final = tuple(round(float(one), 2) for one in np.arange(0.25, 20.25, 0.25))
_RECOVERY: Final = 60.0
"""Seconds, as in the simulated services: their file stays as it was when the rivals were tuned on it."""


def called(fault: str, threshold: float) -> str:
    """What looks for this fault and goes back at this logarithm of the likelihoods' ratio."""
    return f"clairvoyant of {fault} {threshold:g}"


def decided(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Mapping[str, Numbers]:
    """Alarms and exposure of a chunk, for every fault that is looked for and every threshold."""
    world, recorder = World(cell, runs, seeded(cell, purpose, chunk)), Recorder(cell.tick)
    told = {fault.name: np.zeros(runs) for fault in COMPARED}
    back = {called(name, threshold): np.full(runs, NEVER) for name in told for threshold in THRESHOLDS}
    for heard in ours.ticks(cell, world, recorder):
        for fault in COMPARED:
            told[fault.name] += _likelier(heard, fault.errors, cell)
            for threshold in THRESHOLDS:
                alarms = back[called(fault.name, threshold)]
                alarms[(told[fault.name] >= threshold) & (alarms == NEVER)] = heard.beat.at
    trace = recorder.trace()
    return {**back, **{f"{name} exposed": trace.exposed_until(alarms) for name, alarms in back.items()}}


def tuned(fault: str, healthy: Mapping[str, Numbers]) -> str:
    """The name of the quickest that is quiet enough. `healthy`: alarms of healthy rollouts."""
    names = [called(fault, threshold) for threshold in THRESHOLDS]
    return next((name for name in names if np.isfinite(healthy[name]).mean() <= QUIET), names[-1])


def _likelier(heard: ours.Heard, times: float, cell: Cell) -> Numbers:
    """The logarithm of how much likelier a tick is of a candidate that is so many times worse."""
    (own, own_all), (beside, beside_all) = heard.candidate, heard.stable
    warm_up = envelope(Noise(warm_up=cell.nuisance.warm_up, settle=_RECOVERY), heard.beat.ages)
    both = (own_all > 0) & (beside_all > 0)
    fair = np.where(both, own_all * warm_up / np.maximum(own_all * warm_up + beside_all, 1e-9), 0.0)
    gain = own * math.log(times) - (own + beside) * np.log1p(fair * (times - 1))
    told: Numbers = np.where(both, gain, 0.0)
    return told
