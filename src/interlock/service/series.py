# SPDX-License-Identifier: Apache-2.0
"""Measurements that somebody brings along: a table, or what a server of metrics kept. Read into what the judge hears.

1. A row tells what both arms did in the interval that ends at its time, and nothing else: no totals, no rates.
2. What is left out of a cell was not measured; a column that is not known, or a number that cannot be, is refused with
   its line. Nothing is guessed.
"""

import csv
import io
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from interlock.domain.judge.noise import LARGEST
from interlock.domain.judge.plan import UNTOLD, Arm, Interval
from interlock.domain.judge.pulse import LEAST_TICKS, USUAL
from interlock.ports.failure import Rejected

LONGEST: Final = 100_000
"""Rows of one table."""
MANY: Final = 5
"""Rises in a row, from which it is told from traffic that happens to grow."""
_PLAINLY: Final = 30
_AWAY: Final = USUAL.back_after
"""Seconds without a request after which one that has some again is another."""
_NEEDED: Final = ("time", "stable_requests", "stable_errors", "candidate_requests", "candidate_errors")
_OTHERS: Final = ("share", "step")
_SLOWER: Final = re.compile(r"(?:(\w+)_)?slower_(\d{1,10}(?:\.\d{1,9})?)(us|ms|s)")
_ARMS: Final = ("stable", "candidate")
_SLOWEST: Final = 3_600_000_000
_MICROSECONDS: Final = {"us": 1.0, "ms": 1000.0, "s": 1_000_000.0}
_STEP: Final = "see `interlock judge --help` for the columns"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands in a row. `edges` in microseconds, ascending."""

    places: Mapping[str, int]
    edges: tuple[int, ...]
    slower: Mapping[tuple[str, int], int]


def intervals_of(text: str) -> tuple[Interval, ...]:
    """The intervals of a table in CSV. Raises `Rejected` (codes `series.*`) with the line that cannot be read."""
    rows = csv.reader(io.StringIO(text))
    try:
        header = next(rows, [])
        columns = _columns([name.strip().lower() for name in header])
        read = tuple(_rows(rows, columns, len(header)))
    except csv.Error as fault:
        raise Rejected("series.not_csv", f"line {rows.line_num} is no CSV: {fault}", _STEP) from fault
    if not read:
        raise Rejected("series.empty", "there is no row below the names of the columns", _STEP)
    return since_the_first(read)


def rises(told: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """How often (requests, bad ones) rose, where they never fell but to begin anew, as totals do; 0 where they did."""
    found, begun = (0, 0), 0
    for (requests, bad), (later, worse) in itertools.pairwise([one for one in told if not math.isnan(one[0])]):
        is_anew = later < requests / 2 and not worse > bad
        if not is_anew and (later < requests or worse < bad):
            return 0, 0
        begun += is_anew
        if not is_anew:
            found = found[0] + (later > requests), found[1] + (worse > bad)
    return found if begun * MANY <= found[0] else (0, 0)


def _are_totals(intervals: Sequence[Interval]) -> bool:
    """Whether what is counted of both only grows, so often that no traffic does; or of one so often, errors and all."""
    stable, candidate = ([(arm.all, arm.bad[0]) for arm in arms] for arms in _arms(intervals))
    both = rises(stable), rises(candidate)
    is_plain = any(requests >= _PLAINLY and bad >= MANY for requests, bad in both)
    return is_plain or min(requests for requests, _ in both) >= MANY


def _arms(intervals: Sequence[Interval]) -> tuple[list[Arm], list[Arm]]:
    return [one.stable for one in intervals], [one.candidate for one in intervals]


def of_the_latest(intervals: Sequence[Interval], share: float) -> tuple[Interval, ...]:
    """The same, as of the candidate that is there now: what a name did before it was away for minutes was another's.

    `share`: what the router gives it from its first request on; before that nobody owed it any.
    """
    begins = _latest(intervals)
    nobody = Arm(0.0, (0.0,), (0.0,) * len(intervals[0].edges) if intervals else ())
    return tuple(
        replace(one, weight=share) if place >= begins else replace(one, candidate=nobody, weight=0.0)
        for place, one in enumerate(intervals)
    )


def _latest(intervals: Sequence[Interval]) -> int:
    """The place of the interval in which the candidate that is there now was asked first."""
    begins, away, last, before = len(intervals), LEAST_TICKS, -math.inf, 0.0
    for place, one in enumerate(intervals):
        if one.candidate.all > 0:
            if away >= LEAST_TICKS and before - last >= _AWAY:
                begins = place
            away, last = 0, one.at
        else:
            away += one.stable.all > 0
        before = one.at
    return begins


def since_the_first(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """The same, with times in seconds since the beginning of the first; they must ascend, and totals are refused."""
    times = [one.at for one in intervals]
    for at, (before, after) in enumerate(itertools.pairwise(times)):
        if after <= before:
            sentence = f"row {at + 2}: its time is not after that of the row before"
            raise Rejected("series.order", sentence, "put the rows in order, one for each interval")
    if _are_totals(intervals):
        sentence = f"requests and errors only ever grow, in {len(intervals)} rows: these are totals"
        raise Rejected("series.totals", sentence, "give what was counted in each interval, not since the beginning")
    every = times[1] - times[0] if len(times) > 1 else 1.0
    zero = times[0] - every
    return tuple(replace(one, at=one.at - zero) for one in intervals)


def _columns(names: list[str]) -> Columns:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        sentence = f"there is no column '{missing[0]}'"
        raise Rejected("series.no_column", sentence, f"name the columns in the first line: {', '.join(_NEEDED)}")
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise Rejected("series.column_twice", f"the column '{twice}' is there twice", "leave one of them")
    slower: dict[tuple[str, int], int] = {}
    for at, name in enumerate(names):
        whose, edge = edge_of(name)
        if edge and whose in _ARMS:
            if (whose, edge) in slower:
                raise Rejected("series.column_twice", f"'{name}' is an edge that is told twice", "leave one of them")
            slower[whose, edge] = at
        elif name not in (*_NEEDED, *_OTHERS):
            raise Rejected("series.unknown_column", f"'{name}' is no column", _STEP)
    edges = {edge for _, edge in slower}
    alone = next((edge for edge in sorted(edges) if not {("stable", edge), ("candidate", edge)} <= slower.keys()), 0)
    if alone:
        sentence = f"what is slower than {alone / 1000:g} ms is told of one arm only"
        raise Rejected("series.one_arm", sentence, "give the column for both arms")
    return Columns({name: at for at, name in enumerate(names)}, tuple(sorted(edges)), slower)


def _rows(rows: Iterator[list[str]], columns: Columns, width: int) -> Iterator[Interval]:
    told = (pair for pair in enumerate(rows, start=2) if any(cell.strip() for cell in pair[1]))
    for count, (number, cells) in enumerate(told, start=1):
        if count > LONGEST:
            raise Rejected("series.too_long", f"there are more than {LONGEST} rows", "judge one rollout at a time")
        if len(cells) != width:
            sentence = f"line {number} has {len(cells)} cells, its table {width} columns"
            raise Rejected("series.width", sentence, "give a cell for each column; empty: not measured")
        yield _interval(number, cells, columns)


def _interval(line: int, cells: list[str], columns: Columns) -> Interval:
    def number(name: str, otherwise: float = UNTOLD) -> float:
        at = columns.places.get(name)
        return otherwise if at is None else number_of(line, name, cells[at], otherwise)

    def arm(which: str) -> Arm:
        slower = tuple(
            number_of(line, f"{which}_slower", cells[columns.slower[which, edge]], UNTOLD) for edge in columns.edges
        )
        return _possible(line, which, Arm(number(f"{which}_requests"), (number(f"{which}_errors"),), slower))

    share = number("share", 0.0) / 100
    if not 0 <= share <= 1:
        raise Rejected("series.bad_share", f"line {line}: a share is 0 to 100 percent", "give percent")
    at = moment_of(line, cells[columns.places["time"]])
    return Interval(at, arm("stable"), arm("candidate"), share, int(number("step", 0.0)), columns.edges)


def _possible(line: int, which: str, arm: Arm) -> Arm:
    found = impossible(arm)
    if found:
        raise Rejected("series.impossible", f"line {line}: {which} has {found}", "count all of it in the same interval")
    return arm


def impossible(arm: Arm) -> str:
    """What nobody can have counted of an arm in one interval; empty where all of it may be."""
    told = [count for count in arm.slower if not math.isnan(count)]
    worst = max((*(count for count in arm.bad if not math.isnan(count)), *told), default=0.0)
    if worst > arm.all:
        return f"{worst:g} bad or slow requests of {arm.all:g}"
    rises = next(((fast, slow) for fast, slow in itertools.pairwise(told) if slow > fast), None)
    return f"{rises[1]:g} requests slower than an edge, and {rises[0]:g} slower than a faster one" if rises else ""


def edge_of(column: str) -> tuple[str, int]:
    """Of whom a column counts requests slower than so many microseconds; 0: of none, it is another column."""
    match = _SLOWER.fullmatch(column)
    edge = round(float(match[2]) * _MICROSECONDS[match[3]]) if match else 0
    return (match[1] or "", edge) if match and 0 < edge <= _SLOWEST else ("", 0)


def number_of(line: int, name: str, cell: str, otherwise: float) -> float:
    """A count; `otherwise` for an empty cell. Raises `Rejected` (code `series.no_number`) with the line."""
    if not cell.strip():
        return otherwise
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not 0 <= value <= LARGEST:
        sentence = f"line {line}: {name} is '{cell.strip()[:40]}', which is no count"
        raise Rejected("series.no_number", sentence, "give a number, or nothing where nothing was measured")
    return value


def moment_of(line: int, cell: str) -> float:
    """Seconds, or a date and time as in ISO 8601."""
    try:
        return _finite(float(cell))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(cell.strip()).timestamp()
    except ValueError:
        sentence = f"line {line}: '{cell.strip()[:40]}' is no time"
        raise Rejected("series.no_time", sentence, "give seconds, or a time such as 2026-05-04T10:00:00Z") from None


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(value)
    return value
