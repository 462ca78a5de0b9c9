# SPDX-License-Identifier: Apache-2.0
"""The rivals at their best: each tuned on healthy rollouts of the very service it is then measured on, and frozen.

Of every shape of a rival the knob is turned until at most 1 % of healthy rollouts are stopped; of the shapes that can
be that quiet, the fastest over regressions of 2, 5 and 10 times is its *best*. No rollout it is measured on is seen.
That is more than a team can do, which knows neither its service's true rates nor 2,000 healthy rollouts of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from bench.judge.latencies import EDGES, exceeding
from bench.judge.rivals import Argo, Burn, Flagger, Kayenta, Rival, Sequence95, capped
from bench.judge.rounds import STORE, rules, simulator
from bench.judge.scenes import LATENCY_REAL, RATED, TIMES, Cell
from bench.judge.traces import Recorder, Trace
from bench.judge.world import Numbers, Purpose, World, chunks, seeded

FROZEN: Final = Path(__file__).with_name("tuning.json")
RUNS: Final = 2000
"""Healthy rollouts of each service that knobs are turned on."""
FASTER: Final = 500
"""Rollouts of each regression that shapes are compared on."""
QUIET: Final = 0.01
COMPARED: Final = tuple(fault for fault in TIMES if fault.name != "x1.5")
"""The regressions by which shapes are chosen, the rivals' and ours."""
_SLOWEST: Final = 0.01
"""The part of requests beyond the 99th percentile."""
KNOBS: Final = tuple(round(float(knob), 4) for knob in np.geomspace(1.0, 100.0, 231))
"""Each 2 % above the last."""

SHAPES: Final[Mapping[str, tuple[Rival, ...]]] = {
    "argo": (Argo(), *(Argo(60, limit) for limit in (0, 1, 2, 5, 8)), *(Argo(300, limit) for limit in (0, 1))),
    "flagger": (Flagger(), *(Flagger(threshold) for threshold in (1, 2, 3, 8))),
    "kayenta 10m": (Kayenta(10), Kayenta(10, 10), Kayenta(10, 20)),
    "kayenta 5m": (Kayenta(5), Kayenta(5, 10), Kayenta(5, 20)),
    "burn": (Burn(), Burn(30, 5), Burn(10, 2)),
    "A/B sequence": (Sequence95(),),
}
"""By family; the first is the usual one. Few points are no sample: a look-back of Kayenta is at least ten minutes."""
LATENCY_SHAPES: Final[tuple[Rival, ...]] = (Argo(), Flagger(), Kayenta(10))
LATENCY_CELL: Final = Cell(1000.0, 0.0, LATENCY_REAL, latency=True)


@dataclass(frozen=True, slots=True)
class Tuned:
    """One shape on one service: its knob, the part of healthy rollouts it stops, mean seconds to stop a regression."""

    rival: str
    knob: float
    false: float
    seconds: Mapping[str, float]

    @property
    def is_quiet(self) -> bool:
        return self.false <= QUIET


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is frozen: by service and family, the usual shape first and the best one last (they may be the same)."""

    simulator: str
    rules: str
    runs: int
    chosen: Mapping[str, Mapping[str, tuple[Tuned, Tuned]]]


def normal(cell: Cell) -> float:
    """What the level of a healthy candidate is, known from outside: its rate of errors, or its 99th percentile."""
    if not cell.latency:
        return cell.rate_of_bad
    fine = np.geomspace(EDGES[0], EDGES[-1], 4000)
    return float(next(second for second in fine if exceeding(float(second)) <= _SLOWEST))


def simulate(cell: Cell, purpose: Purpose, chunk: int, runs: int) -> Trace:
    """A chunk of rollouts on the fixed schedule, as the rivals see them."""
    world, recorder = World(cell, runs, seeded(cell, purpose, chunk)), Recorder(cell.tick)
    for number in range(cell.ticks):
        recorder.note(world.tick(np.full(runs, cell.schedule.share_at(number * cell.tick))))
    return recorder.trace()


def tune(runs: int = RUNS, faster: int = FASTER, store: Path = STORE) -> Tuning:
    """Turn every knob. Nothing of ours is run. A service that is done stays done: it is kept in `store`."""
    chosen = {cell.name: _once(cell, runs, faster, store) for cell in RATED}
    traces = _traces(LATENCY_CELL, runs // 4)
    of_latency = {one.name: _tuned(LATENCY_CELL, (one,), traces, {})[0] for one in LATENCY_SHAPES}
    chosen[LATENCY_CELL.name] = {name: (found, found) for name, found in of_latency.items()}
    return Tuning(simulator(), rules(), runs, chosen)


def _once(cell: Cell, runs: int, faster: int, store: Path) -> dict[str, tuple[Tuned, Tuned]]:
    path = store / f"tuning-{simulator()}-{rules()}-{runs}-{faster}" / f"{cell.rate:g}-{cell.rate_of_bad:g}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _families(cell, runs, faster)
        path.write_text(json.dumps({name: [asdict(one) for one in pair] for name, pair in found.items()}))
    return _pairs(json.loads(path.read_text()))


def freeze(tuning: Tuning, path: Path = FROZEN) -> None:
    """Write it."""
    seeds = {"purpose": Purpose.TUNING.name.lower(), "healthy": tuning.runs, "each regression": FASTER}
    path.write_text(json.dumps({"seeds": seeds, **asdict(tuning)}, indent=1) + "\n")


def frozen(path: Path = FROZEN) -> Tuning:
    """What was written."""
    kept = json.loads(path.read_text())
    chosen = {cell: _pairs(families) for cell, families in kept["chosen"].items()}
    return Tuning(kept["simulator"], kept["rules"], kept["runs"], chosen)


def shape_named(name: str) -> Rival:
    """The shape of this name."""
    every = [shape for shapes in SHAPES.values() for shape in shapes]
    return next(shape for shape in (*every, *LATENCY_SHAPES) if shape.name == name)


def _families(cell: Cell, runs: int, faster: int) -> dict[str, tuple[Tuned, Tuned]]:
    healthy = _traces(cell, runs)
    worse = {fault.name: _traces(cell.with_fault(fault), faster) for fault in TIMES}
    found = {}
    for family, shapes in SHAPES.items():
        tuned = _tuned(cell, shapes, healthy, worse)
        quiet = [one for one in tuned if one.is_quiet] or tuned
        found[family] = (tuned[0], min(quiet, key=_slowness))
        print(f"{cell.name}: {family}: {found[family]}", flush=True)
    return found


def _pairs(kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, tuple[Tuned, Tuned]]:
    return {family: (Tuned(**pair[0]), Tuned(**pair[1])) for family, pair in kept.items()}


def _slowness(tuned: Tuned) -> float:
    """The geometric mean over the regressions that are compared."""
    return float(np.exp(np.mean(np.log([tuned.seconds[one.name] for one in COMPARED]))))


def _traces(cell: Cell, runs: int) -> list[Trace]:
    return [simulate(cell, Purpose.TUNING, number, size) for number, size in chunks(runs)]


def _tuned(cell: Cell, shapes: Sequence[Rival], healthy: list[Trace], worse: Mapping[str, list[Trace]]) -> list[Tuned]:
    found = []
    for shape in shapes:
        false = (_alarms(shape, healthy, cell, KNOBS) < np.inf).mean(axis=1)
        place = int(np.argmax(false <= QUIET)) if (false <= QUIET).any() else len(KNOBS) - 1
        knob = KNOBS[place]
        seconds = {
            name: float(capped(_alarms(shape, traces, cell, (knob,)), cell.schedule.total).mean())
            for name, traces in worse.items()
        }
        found.append(Tuned(shape.name, knob, float(false[place]), seconds))
    return found


def _alarms(shape: Rival, traces: list[Trace], cell: Cell, knobs: Sequence[float]) -> Numbers:
    return np.concatenate([shape.alarms(trace, normal(cell), knobs) for trace in traces], axis=1)
