# SPDX-License-Identifier: Apache-2.0
"""The judge as quiet as its rivals, and no quieter: its budget is turned as their knobs are.

At its defaults it stops far fewer healthy rollouts than the 1 % it promises, for it does not know the service. Of these
budgets each service has the largest with which at most 1 % of the healthy rollouts are stopped that the rivals were
tuned on. No rollout it is measured on is seen.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from bench.judge import ours
from bench.judge.scenes import Cell
from bench.judge.traces import NEVER, Recorder
from bench.judge.tuning import QUIET
from bench.judge.world import Numbers, Purpose, World, seeded

FILES: Final = (*ours.FILES, Path(__file__))
BUDGETS: Final = (0.01, 0.015, 0.02, 0.03, 0.04, 0.05)


def name_of(budget: float) -> str:
    """What it is called with this budget."""
    return f"ours {budget:g}"


def decided(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Mapping[str, Numbers]:
    """Alarms and exposure of a chunk, by every budget."""
    world, recorder = World(cell, runs, seeded(cell, purpose, chunk)), Recorder(cell.tick)
    back = {budget: np.full(runs, NEVER) for budget in BUDGETS}
    for beat, crowd in ours.looks(cell, world, recorder):
        for budget, alarms in back.items():
            alarms[ours.is_back(crowd, budget) & (alarms == NEVER)] = beat.at
    trace = recorder.trace()
    return {
        **{name_of(budget): alarms for budget, alarms in back.items()},
        **{f"{name_of(budget)} exposed": trace.exposed_until(alarms) for budget, alarms in back.items()},
    }


def budget_for(healthy: Mapping[str, Numbers]) -> float:
    """The largest that is quiet enough on these; its default where none is."""
    quiet = [budget for budget in BUDGETS if np.isfinite(healthy[name_of(budget)]).mean() <= QUIET]
    return max(quiet, default=BUDGETS[0])
