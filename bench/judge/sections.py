# SPDX-License-Identifier: Apache-2.0
"""What is asked of the judge, section by section: how often it cries wolf, how soon it sees, how fast it lets go.

A ratio compares means, each rule as quiet as the others, over the same rollouts, cell by cell, and is the geometric
mean over the six services. "usual" is a rival's documented shape, "best" the fastest of its shapes that is quiet
enough; targets are held to the best. Beside ours stands what is told the fault beforehand (`clairvoyant`): where that
is no further from the rivals than asked, the services hold no more.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
from bench.judge import pace
from bench.judge.crowd import Crowd
from bench.judge.figures import Book, Figure, Row, at_least, at_most
from bench.judge.fleets import usual_noises
from bench.judge.measuring import Comparison, Outcome
from bench.judge.ours import OURS, UNTAUGHT
from bench.judge.pace import End, Paced
from bench.judge.scenes import LATE_CELLS, LATENCY_NULLS, NULLS, PACED, RATED, SHIFT_CELLS, TIMES, Cell, Fault
from bench.judge.tuning import COMPARED, SHAPES
from bench.judge.world import Purpose

from interlock.domain.judge.bounds import geometric, upper
from interlock.domain.judge.contest import USUAL_TERMS, Beat, begin, fold
from interlock.domain.judge.noise import USUAL, Count

EQUAL: Final = "ours as quiet"
CLAIRVOYANT: Final = "clairvoyant"
"""What is told the fault beforehand: how far any judge stays behind."""
MINE: Final = frozenset({OURS, UNTAUGHT})
"""At their defaults."""
BOUND: Final = 0.015
ENOUGH: Final = 5000
"""Rollouts of each null cell from which the bound is asked of it; with fewer it is shown."""
FASTER: Final[Mapping[str, Mapping[str, float]]] = {
    "kayenta 10m": {"x2": 2, "x5": 6, "x10": 12},
    "argo": {"x2": 2.5, "x5": 5, "x10": 6},
    "flagger": {"x2": 2.5, "x5": 5, "x10": 6},
    "kayenta 5m": {"x2": 1.7, "x5": 4, "x10": 8},
}
SPARED: Final = {"x2": 4, "x5": 13, "x10": 20}
"""Times fewer requests than Kayenta exposes."""
LATE: Final = "x5 at 25m"
LATE_SECONDS: Final = 45
SHIFT_SECONDS: Final = {"+25%": 300, "+50%": 120, "+100%": 20}
PACE: Final = 0.6
EARLY: Final = 0.05
SINGLE_MICROSECONDS: Final = 200
BATCHED_MICROSECONDS: Final = 25
_ROWS: Final = 1000
_HALF: Final = 0.5
_ENOUGH_ERRORS: Final = 0.005


def nulls(book: Book, rounds: Comparison, runs: int, cells: Iterable[Cell] = NULLS, title: str = "errors") -> None:
    """How often healthy rollouts are stopped: ours, taught and untaught, and the rivals as they are shipped."""
    rows: list[Row] = []
    figures = []
    for cell in cells:
        row: Row = {"cell": cell.name, "runs": runs}
        for name in (OURS,) if cell.latency else (OURS, UNTAUGHT):
            mine = rounds.ours(cell, runs, name)
            row = {**row, name: mine.stopped / mine.runs, f"{name} held": rounds.suspected(cell, runs, name)}
            figures.append(_bounded(cell, name, upper(mine.stopped, mine.runs), runs))
        others = {name: one.stopped / one.runs for name, one in rounds.rivals(cell, runs).items() if _shipped(name)}
        rows.append({**row, **others})
    book.add(f"False rollback, healthy rollouts ({title})", rows, sorted(figures, key=_by_value)[-5:])
    book.figures.extend(sorted(figures, key=_by_value)[:-5])


def speed(book: Book, rounds: Comparison, runs: int) -> None:
    """How soon a regression is seen, at equal false rollback, and how many requests it meets until then."""
    found = {(cell, fault): _rules(rounds, cell.with_fault(fault), runs) for cell in RATED for fault in TIMES}
    rows = [_speeds(cell.with_fault(fault), rules) for (cell, fault), rules in found.items()]
    quiet = [_quiet(rounds, cell, runs) for cell in RATED]
    book.add("False rollback of the tuned rules on the same services", quiet, ())
    figures = [figure for family in SHAPES for word in ("best", "usual") for figure in _ratios(found, word, family)]
    book.add("Mean seconds to stop a regression (a rollout that is never stopped counts 2400)", rows, figures)


def late(book: Book, rounds: Comparison, runs: int) -> None:
    """Defects that wake after 25 minutes."""
    rows: list[Row] = []
    figures: list[Figure] = []
    for cell in LATE_CELLS:
        mine, others = rounds.ours(cell, runs), rounds.rivals(cell, runs)
        seen = {name: one.found for name, one in others.items() if _shipped(name)}
        untaught = rounds.ours(cell, runs, UNTAUGHT)
        told = {"median": mine.median, "mean": mine.mean, OURS: mine.found, UNTAUGHT: untaught.found}
        rows.append({"cell": cell.name, **told, "untaught median": untaught.median, **seen})
        if cell.fault.name == LATE and cell.rate == _ROWS:
            figures = [
                at_least("late", f"{cell.name}: part found", mine.found + mine.early, 0.99),
                at_most("late", f"{cell.name}: part stopped before", mine.early, BOUND),
                at_most("late", f"{cell.name}: median seconds", mine.median, LATE_SECONDS),
            ]
    book.add("Late onsets: seconds from the onset, parts found", rows, figures)


def latency(book: Book, rounds: Comparison, runs: int) -> None:
    """Latency shifts at 1000 requests a second: by what is usually assumed, and by what the service's past teaches."""
    rows: list[Row] = []
    figures: list[Figure] = []
    for cell in SHIFT_CELLS:
        mine, others = rounds.ours(cell, runs), rounds.rivals(cell, runs)
        medians = {name: one.median if one.found > _HALF else np.inf for name, one in others.items()}
        known = rounds.taught(cell, runs)
        median, taught = (one.median if one.found > _HALF else np.inf for one in (mine, known))
        seen = {"found": mine.found, "mean": mine.mean, "ours": median, "ours, its past known": taught}
        rows.append({"shift": cell.fault.name, **seen, **medians})
        if cell.fault.name in SHIFT_SECONDS:
            most = SHIFT_SECONDS[cell.fault.name]
            figures.append(at_most("latency", f"{cell.fault.name}: median seconds", median, most))
            figures.append(at_most("latency", f"{cell.fault.name}: median seconds, its past known", taught, most))
    book.add("Latency shifts: median seconds (never: fewer than half)", rows, figures)


def latency_nulls(book: Book, rounds: Comparison, runs: int) -> None:
    """False rollback by latency."""
    nulls(book, rounds, runs, LATENCY_NULLS, "latency")
    rows: list[Row] = []
    for cell in LATENCY_NULLS:
        known = rounds.taught(cell, runs)
        rows.append({"cell": cell.name, "runs": runs, "ours": known.stopped / known.runs})
        bound = upper(known.stopped, known.runs)
        book.figures.append(
            Figure("false rollback", f"{cell.name}, its past known: upper bound (99 %) of {runs}", bound)
        )
    book.add("False rollback, healthy rollouts (latency, its past known)", rows, ())


def paced(book: Book, runs: int, purpose: Purpose = Purpose.MEASURING) -> None:
    """How long healthy rollouts take, as a part of the fixed schedule, and how many bad ones are let go early."""
    rows: list[Row] = []
    figures = []
    for cell, judge in itertools.product(PACED, (OURS, UNTAUGHT)):
        healthy = pace.run(cell, purpose, runs, judge)
        twice = pace.run(cell.with_fault(Fault("x2", errors=2.0)), purpose, runs, judge)
        name = f"{cell.name}, {judge}"
        took = statistics.fmean(one.seconds or pace.LONGEST * cell.schedule.total for one in healthy)
        part = took / cell.schedule.total
        wrong = _part(twice, End.PROMOTED)
        rows.append(
            {
                "cell": name,
                "part of the time": part,
                "promoted": _part(healthy, End.PROMOTED),
                "rolled back": _part(healthy, End.BACK),
                "x2 promoted": wrong,
                "x2 exposed": statistics.fmean(one.exposed for one in twice),
            }
        )
        if cell.rate_of_bad >= _ENOUGH_ERRORS:
            figures.append(at_most("pace", f"{name}: part of the fixed schedule's time", part, PACE))
        figures.append(at_most("pace", f"{name}: x2 promoted", wrong, EARLY))
    book.add("Pace of rollouts that the judge decides on", rows, figures)


def cost(book: Book) -> None:
    """Processor time of one metric in one tick."""
    chance = np.random.default_rng(7)
    bad = chance.poisson(5, (2, 240)).tolist()
    single = _best(lambda: _alone(bad), 240)
    batched = _best(_together, 240 * _ROWS)
    rows: list[Row] = [{"form": "single", "us": single}, {"form": f"{_ROWS} at once", "us": batched}]
    book.add(
        "Processor time of one metric in one tick, microseconds",
        rows,
        [
            at_most("cost", "single", single, SINGLE_MICROSECONDS),
            at_most("cost", "batched", batched, BATCHED_MICROSECONDS),
        ],
    )


def _shipped(name: str) -> bool:
    return not name.startswith(("usual ", "best ", EQUAL))


def _by_value(figure: Figure) -> float:
    return figure.value


def _bounded(cell: Cell, who: str, bound: float, runs: int) -> Figure:
    name = f"{cell.name}, {who}: upper bound (99 %) of {runs}"
    return at_most("false rollback", name, bound, BOUND) if runs >= ENOUGH else Figure("false rollback", name, bound)


def _rules(rounds: Comparison, cell: Cell, runs: int) -> dict[str, Outcome]:
    mine = {name: rounds.ours(cell, runs, name) for name in (OURS, UNTAUGHT)}
    told = {CLAIRVOYANT: rounds.clairvoyant(cell, runs)} if cell.fault in COMPARED else {}
    return {**mine, EQUAL: rounds.equal(cell, runs), **told, **rounds.rivals(cell, runs)}


def _speeds(cell: Cell, rules: Mapping[str, Outcome]) -> Row:
    tuned = {name: one.mean for name, one in rules.items() if name == CLAIRVOYANT or not _shipped(name)}
    mine = rules[OURS]
    return {"cell": cell.name, "found": mine.found, OURS: mine.mean, UNTAUGHT: rules[UNTAUGHT].mean, **tuned}


def _quiet(rounds: Comparison, cell: Cell, runs: int) -> Row:
    rules = _rules(rounds, cell, runs)
    return {
        "cell": cell.name,
        **{name: one.stopped / one.runs for name, one in rules.items() if name in MINE or not _shipped(name)},
    }


def _ratios(found: Mapping[tuple[Cell, Fault], Mapping[str, Outcome]], word: str, family: str) -> Iterable[Figure]:
    rival = f"{word} {family}"
    for fault in TIMES:
        rules = [found[cell, fault] for cell in RATED]
        asked = FASTER.get(family, {}).get(fault.name, 0.0) if word == "best" else 0.0
        less = SPARED.get(fault.name, 0.0) if rival == "best kayenta 10m" else 0.0
        for mine in (EQUAL, OURS, UNTAUGHT, *([CLAIRVOYANT] if fault in COMPARED else [])):
            is_held = mine == EQUAL
            times = geometric(one[rival].mean / one[mine].mean for one in rules)
            spared = geometric(one[rival].mean_exposed / one[mine].mean_exposed for one in rules)
            name = f"than {rival}, {fault.name}" + ("" if is_held else f", {mine}")
            yield _asked("times sooner", name, times, asked if is_held else 0.0)
            yield _asked("times fewer requests", name, spared, less if is_held else 0.0)


def _asked(section: str, name: str, value: float, least: float) -> Figure:
    return at_least(section, name, value, least) if least else Figure(section, name, value)


def _part(runs: list[Paced], end: End) -> float:
    return sum(one.end is end for one in runs) / len(runs)


def _best(work: Callable[[], None], ticks: int) -> float:
    """Microseconds of processor time a tick, in the best of three rounds."""
    rounds = []
    for _ in range(3):
        began = time.process_time()
        work()
        rounds.append(time.process_time() - began)
    return min(rounds) / ticks * 1e6


def _alone(bad: list[list[int]]) -> None:
    contest = begin()
    for at, (own, beside) in enumerate(zip(*bad, strict=True)):
        age = at * 10.0
        beat = Beat(age + 10, Count(beside, 5000), Count(own, 5000), at // 60, (age,) * 10, 20)
        contest = fold(contest, beat, USUAL_TERMS)


def _together() -> None:
    chance = np.random.default_rng(7)
    crowd, full = Crowd(USUAL_TERMS, usual_noises(USUAL, _ROWS)), np.full(_ROWS, 5000.0)
    for at in range(240):
        age = at * 10.0
        beat = Beat(age + 10, Count(0, 1), Count(0, 1), at // 60, (age,) * 10, 20)
        bad = chance.poisson(5, (2, _ROWS)).astype(np.float64)
        crowd.fold(beat, (bad[0], full), (bad[1], full))
