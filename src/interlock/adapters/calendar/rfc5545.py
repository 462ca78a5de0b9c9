# SPDX-License-Identifier: Apache-2.0
"""Recurring windows by RFC 5545, with dateutil and the time zones of the PyPI package `tzdata`.

1. The zones never come from the operating system, so that the version recorded is the version that decided.
2. The recurrence gives days; the schedule's own times say when on them. `FREQ` is therefore DAILY or rarer, and
   BYHOUR, BYMINUTE and BYSECOND are refused.
3. Text: one line `RRULE:...`, any number of `EXDATE:...` lines, at most one `DTSTART:...`. Dates are local to the zone
   of the schedule; with `Z` they are turned into it; a TZID must be that zone. An EXDATE takes away the window that
   *begins* on its day, whatever time it names, because a holiday that missed by an hour would stay open.
4. Without DTSTART the rule counts from Monday 3 January 2000. That must not matter: COUNT, an INTERVAL other than 1,
   and a rule that would take its day of week, month or year from DTSTART are refused without one.
5. It ends. dateutil searches for the next day up to the year 9999; the rule is moved forward by whole cycles of 400
   years, after which the Gregorian calendar repeats to the day of the week, so the end is near whatever the rule.
"""

import functools
import importlib
import importlib.resources
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

from interlock.ports.calendar import Interval, Occurrences, Schedule
from interlock.ports.failure import Rejected, Unavailable

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_Answer = TypeVar("_Answer")
_ANCHOR: Final = date(2000, 1, 3)
_FOREVER: Final = datetime.combine(date.max, time.max)
_CYCLE: Final = 400
_LAST_YEAR: Final = 9999
_EARLIEST, _LATEST = 1900, 9000
_LONGEST: Final = timedelta(days=366 * 20)
_LONGEST_TEXT: Final = 4000
_REMEMBERED: Final = 256
"""Answers kept: those of some days, for every schedule of a few services."""
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_STAMP: Final = re.compile(r"(?P<date>[0-9]{8})(?:T(?P<time>[0-9]{6})(?P<utc>Z?))?")
_LINE: Final = re.compile(r"(?P<name>RRULE|EXDATE|DTSTART)(?P<options>(?:;[A-Z]+=[A-Za-z0-9/_+-]+)*):(?P<value>\S+)")
_BY_DAY: Final = re.compile(r"(?:[+-]?(?P<nth>[1-9][0-9]?))?(?:MO|TU|WE|TH|FR|SA|SU)")
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "INTERVAL": (1, 1000),
    "COUNT": (1, 100_000),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
}
_ONCE: Final = frozenset({"INTERVAL", "COUNT"})
_WORDS: Final[Mapping[str, str]] = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "WKST": "MO|TU|WE|TH|FR|SA|SU",
    "UNTIL": _STAMP.pattern,
}
_DAYS_FROM: Final[Mapping[str, frozenset[str]]] = {
    "DAILY": frozenset(),
    "WEEKLY": frozenset({"BYDAY"}),
    "MONTHLY": frozenset({"BYDAY", "BYMONTHDAY"}),
    "YEARLY": frozenset({"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}),
}
_NEXT: Final = "write it like `RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH`, with `EXDATE:20261224` lines for exceptions"


@dataclass(frozen=True, slots=True)
class _Days:
    """The days on which a window begins: those of `rule` up to `until` (local), without `excluded`."""

    rule: str
    start: date
    until: datetime
    excluded: frozenset[date]


@dataclass(frozen=True, slots=True)
class Rfc5545Calendar:
    """Works out windows; needs nothing but the installed packages."""

    def intervals(self, schedule: Schedule, since: datetime, until: datetime) -> Occurrences:
        version, zone = _zone_data(), _zone(schedule.zone)
        begins, ends = _time_of_day(schedule.begins), _time_of_day(schedule.ends)
        days = _parse(schedule.recurrence, zone, begins)
        _check_range(since, until)
        first = since.astimezone(zone).date() - timedelta(days=2)
        last = until.astimezone(zone).date() + timedelta(days=1)
        found = _windows(days, first, last, begins, ends, zone)
        return Occurrences(
            since, until, tuple(item for item in found if item.closes > since and item.opens <= until), version
        )


@functools.lru_cache(maxsize=_REMEMBERED)
def _windows(days: _Days, first: date, last: date, begins: time, ends: time, zone: ZoneInfo) -> tuple[Interval, ...]:
    """Remembered: a rule is counted from its beginning, and is asked about the same days all day long."""
    found = (_window(day, begins, ends, zone) for day in _each_day(days, first, last, begins))
    return tuple(sorted((item for item in found if item.opens < item.closes), key=lambda item: item.opens))


def _each_day(days: _Days, first: date, last: date, begins: time) -> Iterator[date]:
    cycles = (_LAST_YEAR - max(last, days.start).year) // _CYCLE
    start = datetime.combine(_moved(days.start, cycles), time())
    for found in _rule(days.rule, start):
        day = _moved(found.date(), -cycles)
        if day > last or datetime.combine(day, begins) > days.until:
            return
        if day >= first and day not in days.excluded:
            yield day


def _moved(day: date, cycles: int) -> date:
    return day.replace(year=day.year + cycles * _CYCLE)


def _window(day: date, begins: time, ends: time, zone: ZoneInfo) -> Interval:
    closing = day if ends > begins else day + timedelta(days=1)
    return Interval(_instant(datetime.combine(day, begins), zone), _instant(datetime.combine(closing, ends), zone))


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks in the zone show `local` or, where they jump over it, anything later."""
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if late >= early:  # the only one, or the first of two
        return early
    before, after = int(late.timestamp()), int(early.timestamp())
    offset = datetime.fromtimestamp(after, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return datetime.fromtimestamp(after, UTC)


def _check_range(since: datetime, until: datetime) -> None:
    if since.tzinfo is None or until.tzinfo is None:
        raise Rejected("calendar.bad_range", "the range has no time zone", "ask with aware times")
    if until - since > _LONGEST or not (_EARLIEST < since.year <= _LATEST and _EARLIEST < until.year <= _LATEST):
        raise Rejected(
            "calendar.bad_range",
            f"windows are worked out for at most {_LONGEST.days} days between the years {_EARLIEST} and {_LATEST}",
            "ask for a shorter range",
        )


@functools.lru_cache(maxsize=_REMEMBERED)
def _time_of_day(words: str) -> time:
    found = _TIME.fullmatch(words)
    if found is None:
        raise Rejected("calendar.bad_time", f"'{words[:40]}' is no time of day", "write it as HH:MM, 00:00 to 23:59")
    return time(int(found[1]), int(found[2]))


@functools.lru_cache(maxsize=_REMEMBERED)
def _parse(recurrence: str, zone: ZoneInfo, begins: time) -> _Days:
    if len(recurrence) > _LONGEST_TEXT:
        raise _bad_rule("the recurrence is too long")
    rules: list[str] = []
    starts: list[datetime] = []
    excluded: set[date] = set()
    for line in recurrence.replace("\r\n", "\n").replace("\n ", "").strip().split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            raise _bad_rule(f"'{line[:80]}' is no RRULE, EXDATE or DTSTART line")
        if found["name"] == "RRULE":
            rules.append(found["value"])
            continue
        stamps = _stamps(found["options"], found["value"], zone, begins)
        if found["name"] == "EXDATE":
            excluded.update(stamp.date() for stamp in stamps)
        else:
            starts += stamps
    if len(rules) != 1 or len(starts) > 1:
        raise _bad_rule("there must be one RRULE and at most one DTSTART")
    parts = _parts(rules[0])
    if starts:
        _check_start(starts[0], begins)
    else:
        _check_needs_no_start(parts)
    return _Days(
        rule=";".join(f"{key}={value}" for key, value in parts.items() if key != "UNTIL"),
        start=starts[0].date() if starts else _ANCHOR,
        until=_until(parts, zone),
        excluded=frozenset(excluded),
    )


def _parts(rule: str) -> dict[str, str]:
    pairs = [(key, value) for key, _, value in (part.partition("=") for part in rule.split(";"))]
    parts = dict(pairs)
    if len(parts) != len(pairs):
        raise _bad_rule("a part of the RRULE is said twice")
    for key, value in pairs:
        if not _is_known(key, value, parts.get("FREQ", "")):
            raise _bad_rule(f"'{key[:40]}={value[:80]}' cannot be part of the RRULE")
    if "FREQ" not in parts or {"COUNT", "UNTIL"} <= parts.keys():
        raise _bad_rule("an RRULE needs FREQ, and takes COUNT or UNTIL but not both")
    if "BYSETPOS" in parts and not any(key.startswith("BY") and key != "BYSETPOS" for key in parts):
        raise _bad_rule("BYSETPOS needs another BY part to choose from")
    return parts


def _is_known(key: str, value: str, frequency: str) -> bool:
    if key in _WORDS:
        return re.fullmatch(_WORDS[key], value) is not None
    if key == "BYDAY":
        return all(_is_by_day(word, frequency) for word in value.split(","))
    if key in {"BYWEEKNO", "BYYEARDAY"} and frequency != "YEARLY":
        return False
    if key not in _NUMBERS:
        return False
    low, high = _NUMBERS[key]
    words = value.split(",")
    numbers = [int(word) for word in words if re.fullmatch(r"[+-]?[0-9]{1,6}", word)]
    plenty = len(words) > 1 and key in _ONCE
    return len(numbers) == len(words) and not plenty and all(number and low <= number <= high for number in numbers)


def _is_by_day(word: str, frequency: str) -> bool:
    found = _BY_DAY.fullmatch(word)
    return found is not None and (found["nth"] is None or frequency in {"MONTHLY", "YEARLY"})


def _check_start(start: datetime, begins: time) -> None:
    if not _EARLIEST < start.year <= _LATEST:
        raise _bad_rule(f"DTSTART lies outside the years {_EARLIEST} to {_LATEST}")
    if start.time() != begins:
        raise _bad_rule("DTSTART names another time of day than the schedule begins at")


def _check_needs_no_start(parts: Mapping[str, str]) -> None:
    if "COUNT" in parts or parts.get("INTERVAL", "1") != "1":
        raise _bad_rule("COUNT and INTERVAL need a DTSTART line to count from")
    wanted = _DAYS_FROM[parts["FREQ"]]
    if wanted and wanted.isdisjoint(parts):
        raise _bad_rule(f"FREQ={parts['FREQ']} needs {' or '.join(sorted(wanted))}, or a DTSTART line to take it from")


def _until(parts: Mapping[str, str], zone: ZoneInfo) -> datetime:
    if "UNTIL" not in parts:
        return _FOREVER
    return _stamp(parts["UNTIL"], zone, time.max)


def _stamps(options: str, value: str, zone: ZoneInfo, otherwise: time) -> list[datetime]:
    named = dict(option.split("=", 1) for option in options.split(";") if option)
    if not named.keys() <= {"TZID", "VALUE"} or named.get("TZID", zone.key) != zone.key:
        raise _bad_rule(f"'{options[:80]}' does not fit a schedule in {zone.key}")
    if named.get("VALUE", "DATE") not in {"DATE", "DATE-TIME"}:
        raise _bad_rule(f"'{options[:80]}' names no date")
    return [_stamp(word, zone, otherwise) for word in value.split(",")]


def _stamp(word: str, zone: ZoneInfo, otherwise: time) -> datetime:
    """The local, naive time that is meant; a date alone gets the time `otherwise`."""
    found = _STAMP.fullmatch(word)
    if found is None:
        raise _bad_rule(f"'{word[:40]}' is no date such as 20261224 or 20261224T090000Z")
    try:
        day = datetime.strptime(found["date"], "%Y%m%d").date()  # noqa: DTZ007 - a day, not a time
        if found["time"] is None:
            return datetime.combine(day, otherwise)
        moment = datetime.combine(day, datetime.strptime(found["time"], "%H%M%S").time())  # noqa: DTZ007 - as above
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if found["utc"] else moment
    except (ValueError, OverflowError) as senseless:
        raise _bad_rule(f"'{word[:40]}' is no day of the calendar") from senseless


def _rule(parts: str, start: datetime) -> "rrule":
    from dateutil.rrule import rrule, rrulestr

    try:
        rule = rrulestr(parts, dtstart=start)
    except (ValueError, KeyError, TypeError, IndexError) as senseless:
        raise _bad_rule(f"'{parts[:80]}' cannot be understood") from senseless
    if not isinstance(rule, rrule):
        raise _bad_rule(f"'{parts[:80]}' is more than one rule")
    return rule


def _bad_rule(sentence: str) -> Rejected:
    return Rejected("calendar.bad_rule", sentence, _NEXT)


def _zone_data() -> str:
    """The version of the zone data, such as `2026b`."""
    return str(_or_unavailable(lambda: importlib.import_module("tzdata").IANA_VERSION))


def _zone(name: str) -> ZoneInfo:
    if name not in _or_unavailable(_zone_names):
        raise Rejected("calendar.bad_zone", f"'{name[:80]}' is no time zone", "name one such as Europe/Berlin")
    return _read_zone(name)


def _or_unavailable(ask: Callable[[], _Answer]) -> _Answer:
    try:
        return ask()
    except (ImportError, OSError, AttributeError) as absent:
        raise Unavailable(
            "calendar.no_zone_data", "the time-zone data is not installed", "install the Python package `tzdata`"
        ) from absent


@functools.cache
def _zone_names() -> frozenset[str]:
    return frozenset((importlib.resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


@functools.cache
def _read_zone(name: str) -> ZoneInfo:
    place = importlib.resources.files("tzdata") / "zoneinfo"
    for step in name.split("/"):
        place /= step
    with place.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
