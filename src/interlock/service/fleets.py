# SPDX-License-Identifier: Apache-2.0
"""The past of a fleet as a table: a row for each instance and interval, in any order. Errors as in `series`."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from interlock.domain.judge.noise import Count
from interlock.domain.judge.replay import History
from interlock.domain.judge.warming import Past
from interlock.ports.failure import Rejected
from interlock.service.series import LONGEST, MANY, edge_of, moment_of, number_of, rises

_COLUMNS: Final = ("time", "instance", "requests", "errors")
_LEAST: Final = 2
_STEP: Final = "give time, instance, requests, errors: a row for each instance and interval"
_NOBODY: Final = Count(0, 0)

Told = Mapping[float, Mapping[str, tuple[Count, ...]]]
"""By time and instance: errors, and what was slower than each edge."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """`every`: seconds from one interval to the next. `instances`: their names, in the order of the counts."""

    history: History
    instances: tuple[str, ...]
    every: float


def fleet_of(text: str) -> Fleet:
    """Instances that are not there in an interval had no request in it. Raises `Rejected` (codes `series.*`)."""
    rows = csv.DictReader(io.StringIO(text))
    try:
        return _read(rows)
    except csv.Error as fault:
        raise Rejected("series.not_csv", f"line {rows.line_num} is no CSV: {fault}", _STEP) from fault


def _read(rows: "csv.DictReader[str]") -> Fleet:
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    edges = _edges(names)
    rows.fieldnames = names
    counted = ("errors", *(edges[edge] for edge in sorted(edges)))
    told: dict[float, dict[str, tuple[Count, ...]]] = defaultdict(dict)
    for row in rows:
        if rows.line_num > 10 * LONGEST:
            raise Rejected("series.too_long", f"there are more than {10 * LONGEST} rows", "judge a shorter past")
        _take(rows.line_num, {name: row.get(name) or "" for name in (*_COLUMNS, *counted)}, counted, told)
    instances = tuple(sorted({name for tick in told.values() for name in tick}))
    if len(told) < _LEAST or len(instances) < _LEAST:
        raise Rejected("series.too_few", f"{len(told)} intervals of {len(instances)} instances are no past", _STEP)
    times = sorted(told)
    if not any(_is_compared(tick) for tick in told.values()):
        sentence = "in no interval two instances had requests, so nothing of it can be compared"
        raise Rejected("series.nothing_together", sentence, "give all of them the same times, and counts per interval")
    if _are_totals(told, instances):
        sentence = "the requests of every instance only ever grow: these are totals"
        raise Rejected("series.totals", sentence, "give what was counted in each interval, not since the beginning")
    errors, *slower = (_past(told, instances, place, len(counted)) for place in range(len(counted)))
    every = (times[-1] - times[0]) / (len(times) - 1)
    return Fleet(History(errors, tuple(sorted(edges)), tuple(slower)), instances, every)


def _are_totals(told: Told, instances: tuple[str, ...]) -> bool:
    rows = ([told[at][name][0] for at in sorted(told) if name in told[at]] for name in instances)
    return all(rises([(one.all, one.bad) for one in row])[0] >= MANY for row in rows)


def _edges(names: list[str]) -> dict[int, str]:
    """The edges (microseconds) with their columns, where all of them are columns of a past."""
    missing = next((name for name in _COLUMNS if name not in names), "")
    if missing:
        raise Rejected("series.no_column", f"there is no column '{missing}'", _STEP)
    others = [name for name in names if name not in _COLUMNS]
    unknown = next((name for name in others if not _edge(name)), "")
    if unknown:
        raise Rejected("series.unknown_column", f"'{unknown[:40]}' is no column", _STEP)
    edges = {_edge(name): name for name in others}
    if len(edges) < len(others) or len(set(names)) < len(names):
        raise Rejected("series.column_twice", "a column is there twice", "leave one of them")
    return edges


def _is_compared(tick: Mapping[str, tuple[Count, ...]]) -> bool:
    return sum(counts[0].is_usable for counts in tick.values()) >= _LEAST


def _edge(column: str) -> int:
    whose, edge = edge_of(column)
    return 0 if whose else edge


def _past(told: Told, instances: tuple[str, ...], place: int, width: int) -> Past:
    nobody = (_NOBODY,) * width
    return tuple(tuple(told[at].get(name, nobody)[place] for name in instances) for at in sorted(told))


def _take(
    line: int, row: Mapping[str, str], counted: tuple[str, ...], told: dict[float, dict[str, tuple[Count, ...]]]
) -> None:
    at, name = moment_of(line, row["time"]), row["instance"].strip()
    if name in told[at]:
        raise Rejected("series.twice", f"line {line}: '{name}' is told twice of the same time", "leave one of them")
    requests = number_of(line, "requests", row["requests"], 0.0)
    told[at][name] = tuple(_count(line, name, row, (one, requests)) for one in counted)


def _count(line: int, name: str, row: Mapping[str, str], among: tuple[str, float]) -> Count:
    """What a column counts among so many requests; an empty cell was not measured, and is nobody's."""
    column, requests = among
    if not row[column].strip():
        return _NOBODY
    found = number_of(line, column, row[column], 0.0)
    if found > requests:
        what = "errors" if column == "errors" else "slow ones"
        sentence = f"line {line}: '{name}' has {found:g} {what} of {requests:g} requests"
        raise Rejected("series.impossible", sentence, "count both in the same interval")
    return Count(found, requests)
