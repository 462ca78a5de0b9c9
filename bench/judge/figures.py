# SPDX-License-Identifier: Apache-2.0
"""Figures with their targets, as tables and as a file. What has no target is shown for what it is."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

OUTPUT: Final = Path("build/bench/judge.json")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `target` says in words what is asked of it; `is_met` is as good as no target where there is none."""

    section: str
    name: str
    value: float
    target: str = "-"
    is_met: bool = True

    @property
    def verdict(self) -> str:
        if self.target == "-":
            return ""
        return "met" if self.is_met else "MISSED"


def at_most(section: str, name: str, value: float, most: float) -> Figure:
    return Figure(section, name, value, f"<= {most:g}", value <= most)


def at_least(section: str, name: str, value: float, least: float) -> Figure:
    return Figure(section, name, value, f">= {least:g}", value >= least)


Row = Mapping[str, str | float]


@dataclass
class Book:
    """All that was measured: figures with targets, and the tables they come from."""

    figures: list[Figure] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, title: str, rows: Sequence[Row], figures: Iterable[Figure]) -> None:
        """One section: its table is printed at once."""
        found = list(figures)
        self.figures.extend(found)
        self.tables[title] = list(rows)
        print(f"\n{title}\n{table(rows)}\n", flush=True)
        print(table([row_of(figure) for figure in found]), flush=True)

    def missed(self) -> list[Figure]:
        return [figure for figure in self.figures if not figure.is_met]

    def write(self, path: Path, known: Mapping[str, object]) -> None:
        """As JSON; what never came is null."""
        document = {
            **known,
            "figures": [{**asdict(figure), "value": _plain(figure.value)} for figure in self.figures],
            "missed": [f"{figure.section}: {figure.name}" for figure in self.missed()],
            "tables": {
                title: [{name: _plain(value) for name, value in row.items()} for row in rows]
                for title, rows in self.tables.items()
            },
            "notes": self.notes,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1) + "\n")


def row_of(figure: Figure) -> Row:
    return {
        "figure": f"{figure.section}: {figure.name}",
        "value": figure.value,
        "target": figure.target,
        "": figure.verdict,
    }


def table(rows: Sequence[Row]) -> str:
    """Columns by the first row's names; a name that a row lacks is a dash."""
    if not rows:
        return "(nothing)"
    names = list(rows[0])
    texts = [names, *([_word(row.get(name, "-")) for name in names] for row in rows)]
    widths = [max(len(text[column]) for text in texts) for column in range(len(names))]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(text, widths, strict=True)) for text in texts)


def _word(value: str | float) -> str:
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "never"
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"  # noqa: PLR2004 - from here digits are grouped


def _plain(value: str | float) -> str | float | None:
    if isinstance(value, str):
        return value
    return value if math.isfinite(value) else None
