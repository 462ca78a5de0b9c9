# SPDX-License-Identifier: Apache-2.0
"""Lengths of time in words: how many of what, `two full trading weeks`, `1h30`, `a quarter of an hour`."""

import re
from datetime import timedelta
from typing import Final

from interlock.packs.reading.seeking import sought

_ONES: Final = tuple("one two three four five six seven eight nine".split())
_TEENS: Final = tuple("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())
_TENS: Final = tuple("twenty thirty forty fifty sixty seventy eighty ninety".split())
WORDS: Final = {
    "a": 1, "an": 1, "another": 1, "a hundred": 100, "one hundred": 100,
    **{word: count for count, word in enumerate((*_ONES, *_TEENS), start=1)},
    **{word: 10 * count for count, word in enumerate(_TENS, start=2)},
    **{
        f"{ten}-{one}": 10 * tens + count
        for tens, ten in enumerate(_TENS, start=2)
        for count, one in enumerate(_ONES, start=1)
    },
}  # fmt: skip
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DAYS: Final = ("night", "evening")
NUMBER: Final = rf"(?:\d{{1,4}}(?:[.,]\d)?|half an?|half|{'|'.join(sorted(WORDS, key=len, reverse=True))})"
UNIT: Final = (
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|min|m|(?:business |working |office )?hours?|hrs?|hr|h"
    r"|(?:full |business |working |calendar |week)?days?|d|nights?|evenings?|(?:full |business |working "
    r"|calendar )?weeks?|wks?|w)"
)
_MANNER: Final = (
    r"(?:\s+\((?:\d{1,3}|[a-z-]{3,12})\))?"
    r"(?:\s+(?:full|more|consecutive|clear|entire|whole|quiet|calm|uneventful))?(?:(?<!an)(?<! a)"
    r"\s+(?!half\b|quarter\b|per\b|times\b|of\b|in\b|an?\b|the\b|each\b|every\b|and\b|or\b|to\b|for\b|at\b"
    r"|on\b|by\b|with\b)[a-z]{4,}"
    r"(?=\s(?:seconds?|minutes?|hours?|days?|nights?|evenings?|weeks?)\b))?"
)
"""What may stand between a number and its unit: `three (3)`, `two quiet days`, `two full trading weeks`."""
SPAN: Final = sought(
    rf"(?<![\w.#$/-])(?P<least>{NUMBER})(?:\s*(?:-|\u2013|—|to"
    rf"|or)\s*(?P<most>{NUMBER}))?{_MANNER}[\s-]?{UNIT}(?![\w%])",
)
IDIOMS: Final = (
    (re.compile(r"\b(?:an? (?:good |full )?hour and a half|one and a half hours|1h30)\b"), timedelta(minutes=90)),
    (re.compile(r"\b(?:a day and a half|one and a half days)\b"), timedelta(hours=36)),
    (re.compile(r"\bthree quarters of an hour\b"), timedelta(minutes=45)),
    (re.compile(r"\b(?:a )?quarter of an hour\b"), timedelta(minutes=15)),
    (re.compile(r"\b(?:a )?good half hour\b"), timedelta(minutes=30)),
    (re.compile(r"\ba couple of hours\b"), timedelta(hours=2)),
    (re.compile(r"\ba couple of days\b"), timedelta(days=2)),
    (re.compile(r"\ba fortnight\b"), timedelta(days=14)),
)
"""Lengths of time that are not a number and a unit."""
CLOCK: Final = sought(
    r"(?<![\w.:-])(?P<hours>\d{1,2}) ?h(?:ours?|rs?)?(?: and)? ?(?P<minutes>[0-5]?\d) ?(?:m|min|minutes?|mins)\b"
)
"""`1h30m`, `2 hours 15 minutes`."""
IN_IDIOMS: Final = ("half", "quarter", "couple", "fortnight", "1h30")
_STATUS_DIGITS: Final = 3


def is_no_length(match: re.Match[str]) -> bool:
    """`a weekday` is a day, `an s` a letter, `404s` a status, `a second` the next."""
    if match[0].endswith("s") and match["least"].isdigit() and len(match["least"]) > _STATUS_DIGITS - 1:
        return match[0][-2].isdigit()
    return not any(map(str.isdigit, match["least"])) and (
        match["unit"] in ("second", "sec") or match["unit"] in "smhdw" or match["unit"].startswith("weekd")
    )


def clock_of(match: re.Match[str]) -> timedelta:
    """Hours and minutes together."""
    return timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))


def length(number: str, unit: str) -> timedelta:
    count = 0.5 if number.startswith("half") else WORDS.get(number) or float(number.replace(",", "."))
    letter = (
        "d"
        if unit.startswith(_DAYS) or "day" in unit
        else "w"
        if "week" in unit
        else "h"
        if "hour" in unit
        else unit[0]
    )
    return timedelta(seconds=round(count * _UNITS[letter]))


def in_short(span: timedelta) -> str:
    """A length of time as a pack writes it: `30m`, `24h`, `7d`."""
    seconds = int(span.total_seconds())
    for letter in "dhm":
        if seconds % _UNITS[letter] == 0:
            return f"{seconds // _UNITS[letter]}{letter}"
    return f"{seconds}s"
