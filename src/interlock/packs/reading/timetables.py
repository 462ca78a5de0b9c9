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


_CLOCK: Final = re.compile(
    r"^\s{0,8}(?P<hour>(?:[01]?\d|2[0-4])[:.][0-5]\d(?: ?(?:am|pm|h|utc|cet|cest|gmt))?)(?::| [\u2013-])?\s+"
    r"(?=[A-Za-z@])(?!(?:and|or|to|until|on|for|the next|at|by)\b)",
    re.IGNORECASE,
)
"""`22:00  Bakery IT stops the old shop`: an hour ahead of what is done then."""


def _by_the_clock(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, with an item for each that begins with its hour, where several in a row do."""
    hours = [_CLOCK.match(line) if line[:1] in _BEGINS_HOUR else None for line in lines]
    if sum(map(bool, hours)) < _SERIES:
        return lines
    found = list(lines)
    run: list[int] = []
    for number, line in enumerate((*lines, "end")):
        if number < len(lines) and hours[number]:
            run.append(number)
        elif line.strip() and not (run and line[:1].isspace()):
            for at in run if len(run) >= _SERIES else ():
                hour = hours[at]
                found[at] = f"- {hour['hour']} {lines[at][hour.end() :]}" if hour else lines[at]
            run = []
    return tuple(found)


def as_items(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given; of a timetable each that begins with a moment is an item of a list."""
    lines = _by_the_clock(lines)
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
_BEGINS_HOUR: Final = frozenset(" 0123456789")
_BEGINS_DAY: Final = frozenset(" *_MTWFSmtwfs")
