# SPDX-License-Identifier: Apache-2.0
"""The judge as quiet as its rivals, and no quieter: turned to the service as they are (`tuning`), by its own knobs.

1. At its defaults it stops far fewer healthy rollouts than the 1 % it promises, for it knows nothing of the service but
   an hour. Its knobs are those that a team has: the risk, what is tolerated, and what is known of warming up and of how
   instances differ.
2. Of each shape (what is known) the risk is the largest with which at most 1 % of those healthy rollouts are stopped
   that the rivals were tuned on; of the shapes the fastest over regressions of 2, 5 and 10 times, as theirs. No rollout
   it is measured on is seen.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from bench.judge import ours
from bench.judge.crowd import Crowd
from bench.judge.fleets import Noises
from bench.judge.scenes import Cell
from bench.judge.traces import NEVER, Recorder
from bench.judge.tuning import QUIET
from bench.judge.world import Numbers, Purpose, World, seeded

from interlock.domain.judge.bounds import geometric
from interlock.domain.judge.contest import USUAL_TERMS

FILES: Final = (*ours.FILES, Path(__file__))
BUDGETS: Final = (0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Shape:
    """`warm_up`: how many times the others' errors a fresh instance may have. `alike`: the part of the spread that the
    hour before shows from above. `tolerated`: the part by which stable's rate may be exceeded.
    """

    warm_up: float
    alike: float
    tolerated: float = 0.0

    def called(self, budget: float) -> str:
        """With this risk."""
        return f"ours {self.warm_up:g} {self.alike:g} {self.tolerated:g} {budget:g}"

    def crowd(self, noises: Noises) -> Crowd:
        """Contests on these terms."""
        noise = replace(USUAL_TERMS.noise, warm_up=self.warm_up)
        terms = replace(USUAL_TERMS, margin=math.log1p(self.tolerated), noise=noise)
        return Crowd(terms, replace(noises, spread=noises.spread * self.alike))


SHAPES: Final = (
    Shape(2.5, 1.0, 0.05),
    Shape(1.6, 0.6, 0.05),
    *(Shape(warm_up, alike) for warm_up in (1.6, 1.3, 1.0) for alike in (1.0, 0.6)),
)
"""The first is the default."""
DEFAULT: Final = SHAPES[0].called(ours.BUDGET)


def decided(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Mapping[str, Numbers]:
    """Alarms and exposure of a chunk, by every shape and risk."""
    world, recorder = World(cell, runs, seeded(cell, purpose, chunk)), Recorder(cell.tick)
    noises = ours.noises_of(world)
    crowds = {shape: shape.crowd(noises) for shape in SHAPES}
    back = {shape.called(budget): np.full(runs, NEVER) for shape in SHAPES for budget in BUDGETS}
    for seen in ours.ticks(cell, world, recorder):
        for shape, crowd in crowds.items():
            crowd.fold_apart(*seen)
            risk = np.exp(np.minimum(ours.log_risk(crowd), 0.0))
            for budget in BUDGETS:
                alarms = back[shape.called(budget)]
                alarms[(risk <= budget) & (alarms == NEVER)] = seen.beat.at
    trace = recorder.trace()
    return {**back, **{f"{name} exposed": trace.exposed_until(alarms) for name, alarms in back.items()}}


def tuned(healthy: Mapping[str, Numbers], worse: Iterable[Mapping[str, Numbers]], longest: float) -> str:
    """The name of what is fastest of all that is quiet enough; its default where nothing is.

    `healthy`, `worse`: alarms of healthy rollouts and of each regression, that end after `longest` seconds.
    """
    regressions = list(worse)

    def slowness(name: str) -> float:
        return geometric(float(np.minimum(alarms[name], longest).mean()) for alarms in regressions)

    return min((name for shape in SHAPES if (name := _loudest(shape, healthy))), key=slowness, default=DEFAULT)


def _loudest(shape: Shape, healthy: Mapping[str, Numbers]) -> str:
    """A shape with the largest risk that is quiet enough; nothing where there is none."""
    names = [shape.called(budget) for budget in BUDGETS]
    quiet = [name for name in names if np.isfinite(healthy[name]).mean() <= QUIET]
    return quiet[-1] if quiet else ""
