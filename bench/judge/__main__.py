# SPDX-License-Identifier: Apache-2.0
"""How often the judge cries wolf, how soon it sees a bad release, and how fast it lets a good one go.

`tune` turns the rivals' knobs on healthy rollouts and freezes them (bench/judge/tuning.json); it is run before ours is
measured and runs nothing of ours. Without it everything is measured, or the sections that are named. Rounds are kept in
build/bench/judge: what is there is not measured again, so a long run may be broken off and go on later.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench.judge import sections, tuning
from bench.judge.figures import OUTPUT, Book, row_of, table
from bench.judge.measuring import Comparison
from bench.judge.scenes import NULLS, Cell

Section = Callable[[Book, Comparison, argparse.Namespace], None]
SECTIONS: Final[Mapping[str, Section]] = {
    "speed": lambda book, rounds, asked: sections.speed(book, rounds, asked.faster),
    "late": lambda book, rounds, asked: sections.late(book, rounds, asked.faster),
    "latency": lambda book, rounds, asked: sections.latency(book, rounds, asked.shifts),
    "pace": lambda book, _, asked: sections.paced(book, asked.paced),
    "cost": lambda book, *_: sections.cost(book),
    "nulls": lambda book, rounds, asked: sections.nulls(book, rounds, asked.runs, _chosen(asked.cells)),
    "latency-nulls": lambda book, rounds, asked: sections.latency_nulls(book, rounds, asked.shifts),
}


def main(arguments: list[str]) -> int:
    """Measure, print, write; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="bench.judge", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*SECTIONS, "tune", []], help="sections; none: all of them")
    parser.add_argument("--runs", type=int, default=5000, help="rollouts of each null cell")
    parser.add_argument("--faster", type=int, default=1000, help="rollouts of each regression")
    parser.add_argument("--shifts", type=int, default=500, help="rollouts of each cell of latencies")
    parser.add_argument("--paced", type=int, default=200, help="rollouts of each cell at the judge's own pace")
    parser.add_argument("--cells", default="", help="only null cells whose name has this in it")
    parser.add_argument("--into", type=Path, default=OUTPUT, help="the file it is written to")
    asked = parser.parse_args(arguments)
    if "tune" in asked.what:
        tuning.freeze(tuning.tune())
        return 0
    return _measure(asked)


def _measure(asked: argparse.Namespace) -> int:
    began, book, rounds = time.monotonic(), Book(), Comparison()
    if not rounds.is_current:
        book.notes.append(
            "the rivals were tuned on another simulator or with other rules: run `python -m bench.judge tune`"
        )
    for name in asked.what or SECTIONS:
        SECTIONS[name](book, rounds, asked)
        book.write(asked.into, _known(asked, began))
    missed = book.missed()
    print(f"\nMissed\n{table([row_of(figure) for figure in missed])}\n")
    for note in book.notes:
        print(f"note: {note}")
    return 1 if missed or book.notes else 0


def _known(asked: argparse.Namespace, began: float) -> dict[str, object]:
    numbers = {name: getattr(asked, name) for name in ("runs", "faster", "shifts", "paced", "cells")}
    return {**numbers, "seconds": round(time.monotonic() - began), "load": os.getloadavg()[0]}


def _chosen(part: str) -> list[Cell]:
    return [cell for cell in NULLS if part in cell.name]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
