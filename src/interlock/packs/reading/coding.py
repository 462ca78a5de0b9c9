# SPDX-License-Identifier: Apache-2.0
"""Lines that begin with a code and no mark, as sheets and policies number them: `A1  text`, `OPS-12 text`, `10  text`.

A code numbers only where a document counts with it: several lines, one letter, a number of its own each.
"""

import re
from typing import Final

_CODED: Final = re.compile(
    r"^(?P<indent>\s{0,8})(?P<letters>[A-Z]{1,4})[-.]?(?P<number>\d{1,3})(?:\.\d{1,2})?[.)]?\s+(?=\S)"
)
_BARE: Final = re.compile(r"^\s{0,8}(?P<number>\d{1,3})(?P<gap>\s+)(?=[A-Za-z\"'`(])")
_SERIES: Final = 3
"""So many lines with one letter count; fewer may be the names of things."""
_GAP: Final = 2
"""A number with so many blanks behind it stands in a column of its own."""


def coded(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given; those that a code numbers as items of a numbered list."""
    return _counted(_lettered(lines))


def _lettered(lines: tuple[str, ...]) -> tuple[str, ...]:
    numbers: dict[str, set[str]] = {}
    found = [_CODED.match(line) for line in lines]
    for one in filter(None, found):
        numbers.setdefault(one["letters"], set()).add(one[0].strip())
    series = {letters for letters, codes in numbers.items() if len(codes) >= _SERIES}
    if not series:
        return lines
    return tuple(
        f"{one['indent']}1. {line[one.end() :]}" if one and one["letters"] in series else line
        for one, line in zip(found, lines, strict=True)
    )


def _counted(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Bare numbers in a column that go up from line to line."""
    found = [_BARE.match(line) for line in lines]
    if sum(one is not None and len(one["gap"]) >= _GAP for one in found) < _SERIES:
        return lines
    made: list[str] = []
    last = -1
    for one, line in zip(found, lines, strict=True):
        is_next = one is not None and int(one["number"]) > last
        if one is not None and is_next:
            last = int(one["number"])
        made.append(f"1. {line[one.end() :]}" if one is not None and is_next else line)
    return tuple(made)
