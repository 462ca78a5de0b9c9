# SPDX-License-Identifier: Apache-2.0
"""What each rule did on each cell, from rounds that are kept in files. Ours and the rivals see the same rollouts.

Speed is compared at equal false rollback: the rivals as they were frozen, at most 1 % on the very service, and ours
with its own knobs turned to the same (`equal`). Beside it stands ours at its defaults, which is quieter than that. What
the rivals are shipped with is shown on the null cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from bench.judge import clairvoyant, equal, ours
from bench.judge.ours import OURS
from bench.judge.rivals import Argo, Burn, Flagger, Kayenta, Rival, Sequence95
from bench.judge.rounds import Alarms, Rounds, digest, rules, simulator
from bench.judge.scenes import HEALTHY, Cell
from bench.judge.traces import Trace
from bench.judge.tuning import (
    COMPARED,
    FASTER,
    FROZEN,
    LATENCY_CELL,
    RUNS,
    Tuning,
    frozen,
    normal,
    shape_named,
    simulate,
)
from bench.judge.world import Numbers, Purpose

SHIPPED: Final[Mapping[str, tuple[Rival, float]]] = {
    "argo 95%": (Argo(300, 3), 0.05),
    "argo 99%": (Argo(60, 3), 0.01),
    "flagger 99%": (Flagger(5), 0.01),
    "kayenta 10m": (Kayenta(10), 1.0),
    "kayenta 1m": (Kayenta(1), 1.0),
    "burn 14.4": (Burn(), 0.0144),
    "A/B sequence": (Sequence95(), 1.0),
}
"""As documented, each with its absolute level (or its own knob)."""
SHIPPED_LATENCY: Final[Mapping[str, tuple[Rival, float]]] = {
    "argo 1.5 p99": (Argo(60, 3), 1.5),
    "flagger 1.5 p99": (Flagger(5), 1.5),
    "kayenta 10m": (Kayenta(10), 1.0),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule did on one cell. `alarms`: seconds; infinity where it never came."""

    cell: Cell
    rule: str
    alarms: Numbers
    exposed: Numbers

    @property
    def runs(self) -> int:
        return len(self.alarms)

    @property
    def stopped(self) -> int:
        """How many rollouts it stopped."""
        return int(np.isfinite(self.alarms).sum())

    @property
    def early(self) -> float:
        """The part stopped before there was a fault."""
        return float((self.alarms <= self.cell.fault.at).mean())

    @property
    def found(self) -> float:
        """The part stopped once there was one."""
        return self.stopped / self.runs - self.early

    @property
    def mean(self) -> float:
        """Mean seconds from the onset to the alarm; a rollout without one counts to its end, one stopped before not."""
        after = self.alarms[self.alarms > self.cell.fault.at]
        lasting = np.minimum(after, float(self.cell.schedule.total))
        return float(np.mean(lasting)) - self.cell.fault.at if len(after) else np.inf

    @property
    def median(self) -> float:
        """The median of rollouts not stopped too early; infinity where fewer than half were ever stopped."""
        after = self.alarms[self.alarms > self.cell.fault.at]
        return float(np.median(after)) - self.cell.fault.at if len(after) else np.inf

    @property
    def mean_exposed(self) -> float:
        """Mean requests of users that the candidate served until it was stopped."""
        return float(self.exposed.mean())


class Comparison:
    """All rounds of a measurement, at one number of rollouts each."""

    def __init__(self, purpose: Purpose = Purpose.MEASURING) -> None:
        self.purpose, self.tuning = purpose, frozen()
        is_current = self.tuning.simulator == simulator() and self.tuning.rules == rules()
        self.is_current = is_current
        of_rivals = f"{rules()}-{digest(FROZEN)}"
        of_ours = f"{simulator()}-{digest(*ours.FILES)}"
        self._rivals = Rounds("rivals", of_rivals, lambda *asked: _rivals(self.tuning, *asked))
        self._ours = Rounds(OURS, of_ours, ours.decided)
        of_pasts = f"{simulator()}-{digest(*ours.FILES_OF_PASTS)}"
        self._taught = Rounds("taught", of_pasts, ours.decided_by_past)
        self._known: dict[str, str] = {}
        self._clairvoyant = Rounds("clairvoyant", f"{simulator()}-{digest(*clairvoyant.FILES)}", clairvoyant.decided)
        self._equal = Rounds("equal", f"{simulator()}-{digest(*equal.FILES)}", equal.decided)

    def ours(self, cell: Cell, runs: int, name: str = OURS) -> Outcome:
        """Ours, taught by the hour before; or by that name."""
        return _outcomes(cell, self._ours.of(cell, self.purpose, runs))[name]

    def taught(self, cell: Cell, runs: int) -> Outcome:
        """Ours, of latencies, by what a past of that service teaches."""
        return _outcomes(cell, self._taught.of(cell, self.purpose, runs))[OURS]

    def equal(self, cell: Cell, runs: int) -> Outcome:
        """Ours, stopping as many healthy rollouts of this service as the rivals do."""
        return _outcomes(cell, self._equal.of(cell, self.purpose, runs))[self._tuned(cell.with_fault(HEALTHY))]

    def clairvoyant(self, cell: Cell, runs: int) -> Outcome:
        """What is told the fault beforehand, as quiet as the others."""
        healthy = self._clairvoyant.of(cell.with_fault(HEALTHY), Purpose.TUNING, RUNS)
        name = clairvoyant.tuned(cell.fault.name, healthy)
        return _outcomes(cell, self._clairvoyant.of(cell, self.purpose, runs))[name]

    def _tuned(self, service: Cell) -> str:
        if service.name not in self._known:
            healthy = self._equal.of(service, Purpose.TUNING, RUNS)
            worse = [self._equal.of(service.with_fault(one), Purpose.TUNING, FASTER) for one in COMPARED]
            self._known[service.name] = equal.tuned(healthy, worse, float(service.schedule.total))
        return self._known[service.name]

    def suspected(self, cell: Cell, runs: int, name: str = OURS) -> float:
        """The part of rollouts that was ever held as suspicious."""
        return float(np.isfinite(self._ours.of(cell, self.purpose, runs)[f"{name} suspected"]).mean())

    def rivals(self, cell: Cell, runs: int) -> Mapping[str, Outcome]:
        """By name: as shipped, and as tuned where the service was tuned for ("usual FAMILY", "best FAMILY")."""
        return _outcomes(cell, self._rivals.of(cell, self.purpose, runs))


def _outcomes(cell: Cell, alarms: Alarms) -> dict[str, Outcome]:
    names = [name for name in alarms if f"{name} exposed" in alarms]
    return {name: Outcome(cell, name, alarms[name], alarms[f"{name} exposed"]) for name in names}


def _rivals(tuning: Tuning, cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Alarms:
    trace = simulate(cell, purpose, chunk, runs)
    alarms = {**_shipped(cell, trace), **_tuned(tuning, cell, trace)}
    exposed = {f"{name} exposed": trace.exposed_until(one) for name, one in alarms.items()}
    return {**alarms, **exposed}


def _shipped(cell: Cell, trace: Trace) -> dict[str, Numbers]:
    if cell.latency:
        return {name: one.alarms(trace, normal(cell), (knob,))[0] for name, (one, knob) in SHIPPED_LATENCY.items()}
    return {name: one.alarms(trace, 1.0, (knob,))[0] for name, (one, knob) in SHIPPED.items()}


def _tuned(tuning: Tuning, cell: Cell, trace: Trace) -> dict[str, Numbers]:
    found = {}
    for family, pair in tuning.chosen.get(service(cell), {}).items():
        for word, one in zip(("usual", "best"), pair, strict=True):
            shape = shape_named(one.rival)
            found[f"{word} {family}"] = shape.alarms(trace, normal(cell), (one.knob,))[0]
    return found


def service(cell: Cell) -> str:
    """The name of the healthy cell that a rival was tuned on for this one."""
    if cell.latency:
        return LATENCY_CELL.name if cell.nuisance == LATENCY_CELL.nuisance else ""
    return cell.name.removesuffix(f" {cell.fault.name}")
