# SPDX-License-Identifier: Apache-2.0
"""The past of a fleet as a table: a row for each instance and interval, in any order. Errors as in `series`."""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass

from interlock.domain.judge.noise import Count
from interlock.domain.judge.warming import Past
from interlock.ports.failure import Rejected
from interlock.service.series import LONGEST, moment_of, number_of

_COLUMNS = ("time", "instance", "requests", "errors")
_LEAST = 2
_STEP = "give time, instance, requests, errors: a row for each instance and interval"


@dataclass(frozen=True, slots=True)
class Fleet:
    """`every`: seconds from one interval to the next. `instances`: their names, in the order of the counts."""

    past: Past
    instances: tuple[str, ...]
    every: float


def fleet_of(text: str) -> Fleet:
    """Instances that are not there in an interval had no request in it. Raises `Rejected` (codes `series.*`)."""
    rows = csv.DictReader(io.StringIO(text))
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    missing = next((name for name in _COLUMNS if name not in names), "")
    if missing:
        raise Rejected("series.no_column", f"there is no column '{missing}'", _STEP)
    rows.fieldnames = names
    told: dict[float, dict[str, Count]] = defaultdict(dict)
    for row in rows:
        if rows.line_num > 10 * LONGEST:
            raise Rejected("series.too_long", f"there are more than {10 * LONGEST} rows", "judge a shorter past")
        _take(rows.line_num, {name: row.get(name) or "" for name in _COLUMNS}, told)
    instances = tuple(sorted({name for tick in told.values() for name in tick}))
    if len(told) < _LEAST or len(instances) < _LEAST:
        raise Rejected("series.too_few", f"{len(told)} intervals of {len(instances)} instances are no past", _STEP)
    times = sorted(told)
    past = tuple(tuple(told[at].get(name, Count(0, 0)) for name in instances) for at in times)
    return Fleet(past, instances, (times[-1] - times[0]) / (len(times) - 1))


def _take(line: int, row: dict[str, str], told: dict[float, dict[str, Count]]) -> None:
    at, name = moment_of(line, row["time"]), row["instance"].strip()
    if name in told[at]:
        raise Rejected("series.twice", f"line {line}: '{name}' is told twice of the same time", "leave one of them")
    requests, errors = (number_of(line, column, row[column], 0.0) for column in ("requests", "errors"))
    if errors > requests:
        sentence = f"line {line}: '{name}' has {errors:g} errors of {requests:g} requests"
        raise Rejected("series.impossible", sentence, "count both in the same interval")
    told[at][name] = Count(errors, requests)
