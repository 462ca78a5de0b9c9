# SPDX-License-Identifier: Apache-2.0
"""What was measured: every figure of every round, with the load of the machine, as a table and as a file."""

import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

OUTPUT: Final = Path("build/bench/rollout.json")

Figures = Mapping[str, float]
"""What one round measured."""


@dataclass(frozen=True, slots=True)
class Target:
    """The most a figure may be, in all rounds together (`of` them: the worst, or their sum)."""

    most: float
    words: str
    of: Callable[[list[float]], float] = max

    def is_met(self, values: list[float]) -> bool:
        return self.of(values) <= self.most


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of one round. `load` is what waited for a processor then, averaged over a minute."""

    seed: int
    value: float
    load: float


@dataclass
class Book:
    """Every figure, by router and name, and what could not be measured."""

    targets: Mapping[str, Target]
    values: dict[tuple[str, str], list[Value]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(self, router: str, seed: int, figures: Figures) -> None:
        load = round(os.getloadavg()[0], 1)
        for name, value in figures.items():
            self.values.setdefault((router, name), []).append(Value(seed, round(value, 3), load))
            print(f"  {router} {name}: {value:g}", flush=True)

    def fail(self, where: str, why: str) -> None:
        self.faults.append(f"{where}: {why}")
        print(f"  {where}: NOT MEASURED: {why}", flush=True)

    def total(self, router: str, name: str) -> float:
        return sum(one.value for one in self.values.get((router, name), ()))

    def missed(self) -> tuple[str, ...]:
        """Every target that was not reached."""
        return tuple(
            f"{router} {name}"
            for (router, name), values in self.values.items()
            if name in self.targets and not self.targets[name].is_met([one.value for one in values])
        )

    def table(self) -> str:
        rows = [("router", "figure", "rounds", "median", "worst", "sum", "target", "load")]
        for (router, name), values in sorted(self.values.items()):
            numbers = [one.value for one in values]
            loads = [one.load for one in values]
            target = self.targets.get(name)
            mark = "" if target is None or target.is_met(numbers) else "  MISSED"
            rows.append(
                (
                    router,
                    name,
                    str(len(numbers)),
                    f"{statistics.median(numbers):g}",
                    f"{max(numbers):g}",
                    f"{sum(numbers):g}",
                    (target.words if target else "-") + mark,
                    f"{min(loads):g} to {max(loads):g}",
                )
            )
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in rows)

    def write(self, path: Path) -> None:
        """As JSON."""
        document = {
            "seconds": round(time.monotonic() - self.began),
            "processors": os.cpu_count(),
            "figures": [self._row(router, name) for router, name in sorted(self.values)],
            "missed": list(self.missed()),
            "not_measured": self.faults,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n")

    def _row(self, router: str, name: str) -> dict[str, object]:
        values = self.values[router, name]
        numbers = [one.value for one in values]
        return {
            "router": router,
            "figure": name,
            "target": self.targets[name].words if name in self.targets else "",
            "median": round(statistics.median(numbers), 3),
            "worst": max(numbers),
            "sum": round(sum(numbers), 3),
            "rounds": [{"seed": one.seed, "value": one.value, "load": one.load} for one in values],
        }
