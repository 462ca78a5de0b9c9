# SPDX-License-Identifier: Apache-2.0
"""Simulated rounds, kept in files: what was once measured of a chunk of rollouts is not measured again.

A file is named by what it follows from: the simulator's own text (and the engine's, for what it decided), the cell, the
purpose and the chunk. A round that was broken off goes on where it stopped; more rollouts only add chunks.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from bench.judge.scenes import Cell
from bench.judge.world import Numbers, Purpose, chunks

STORE: Final = Path("build/bench/judge")
_HERE: Final = Path(__file__).parent
_SIMULATOR: Final = ("scenes", "world", "latencies", "traces")
_RIVALS: Final = ("rivals", "kayenta")

Alarms = Mapping[str, Numbers]
"""By the name of a rule: seconds of its alarm in each rollout. By the name and " exposed": requests until then."""
Measure = Callable[[Cell, Purpose, int, int], Alarms]
"""Of a cell for a purpose: the chunk of this number and size."""


def digest(*paths: Path) -> str:
    """Of what these Python files do; their form and words are of no matter."""
    return hashlib.sha256("\n".join(map(_meaning, sorted(paths))).encode()).hexdigest()[:12]


def simulator() -> str:
    """What the simulated rollouts follow from."""
    return digest(*(_HERE / f"{name}.py" for name in _SIMULATOR))


def rules() -> str:
    """What the rivals' decisions follow from, apart from their tuning."""
    return digest(*(_HERE / f"{name}.py" for name in (*_SIMULATOR, *_RIVALS)))


class Rounds:
    """The rounds of one measurer. `key`: what they follow from."""

    def __init__(self, name: str, key: str, measure: Measure, root: Path = STORE) -> None:
        self._folder, self._measure = root / f"{name}-{key}", measure

    def of(self, cell: Cell, purpose: Purpose, runs: int) -> Alarms:
        """Of the first so many rollouts of a cell; those that are not in files are simulated now."""
        parts = [self._chunk(cell, purpose, number, size) for number, size in chunks(runs)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _chunk(self, cell: Cell, purpose: Purpose, number: int, size: int) -> Alarms:
        path = self._path(cell, purpose, number, size)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            measured = self._measure(cell, purpose, number, size)
            part = path.with_suffix(".part.npz")
            np.savez_compressed(part, **measured)  # type: ignore[arg-type]  # a keyword of it is a flag; no rule is named so
            part.replace(path)
        with np.load(path) as kept:
            return {name: kept[name] for name in kept.files}

    def _path(self, cell: Cell, purpose: Purpose, number: int, size: int) -> Path:
        name = re.sub(r"[^a-z0-9.]+", "-", cell.name.lower().replace("%", "pc").replace("+", "plus"))
        return self._folder / f"{name}-{purpose.name.lower()}-{number:03}-{size}.npz"


def _meaning(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not _is_words(part)] or [ast.Pass()]
    return ast.dump(tree)


def _is_words(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)
