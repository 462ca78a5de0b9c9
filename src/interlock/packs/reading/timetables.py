# SPDX-License-Identifier: Apache-2.0
"""Lines that a moment makes items, as countdowns have them: `**T-24h** Load test`, `T-3d: findings closed`.

A day of the week does the same in a calendar: `**Tue.** Branch cut`. A moment makes an item only where a document
counts with it: several lines, each with its own. No line is added or removed.
"""

import re
from typing import Final

_MOMENT: Final = re.compile(
    r"^\s{0,3}(?P<bold>\*\*|__)?(?:T ?(?:[-+\u2013\u2212] ?)?\d{1,3}|D(?:ay)? ?[-+\u2013\u2212] ?\d{1,3})"
    r"(?: ?(?:d|h|m|w|min|days?|hours?|minutes?|weeks?))?(?![\w%])"
    r"(?(bold)[^*_]{0,30}(?:\*\*|__):?|(?::|,| [\u2013—-])?)\s+(?=\S)"
)
_DAY: Final = re.compile(
    r"^\s{0,3}(?P<bold>\*\*|__)?(?P<day>(?P<name>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"(?: ?[-\u2013] ?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)?)"
    r"(?(bold)(?:[.:]?(?:\*\*|__)[.:]?)|[.:])\s+(?=\S)",
    re.IGNORECASE,
)
_SERIES: Final = 3
"""So many lines with a moment of their own are a timetable; fewer may be the names of things."""


def as_items(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given; of a timetable each that begins with a moment is an item of a list."""
    found = [bool(_MOMENT.match(line)) if line[:1] in _BEGINS else False for line in lines]
    if sum(found) >= _SERIES:
        lines = tuple(f"- {line.lstrip()}" if is_item else line for is_item, line in zip(found, lines, strict=True))
    days = [_DAY.match(line) if line[:1] in _BEGINS_DAY else None for line in lines]
    if sum(map(bool, days)) < _SERIES:
        return lines
    return tuple(
        f"- {day['day']} \u2013 {line[day.end() :]}" if day else line for day, line in zip(days, lines, strict=True)
    )


_BEGINS: Final = frozenset(" *_TD")
_BEGINS_DAY: Final = frozenset(" *_MTWFSmtwfs")
