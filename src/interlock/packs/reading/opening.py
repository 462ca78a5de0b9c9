# SPDX-License-Identifier: Apache-2.0
"""Calendar words made a window: on which days, at which hours and in which months production may be released to.

1. Only what a window says whole is taken: a rule about one service, or with an exception, stays a statement.
2. Where two rules name days, both hold.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from interlock.packs.coverage import Kind
from interlock.packs.reading.numbering import Numbered
from interlock.packs.reading.phases import Phase

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONTHS: Final = "january february march april may june july august september october november december".split()
_DAY: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?"
_RANGE: Final = re.compile(rf"\b({_DAY})\s*(?:-|\u2013|—|to|through|until)\s*({_DAY})\b")
_ONE: Final = re.compile(rf"\b({_DAY})\b")
_HOURS: Final = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?\s*(?:-|\u2013|—|to|and|until)"
    r"\s*(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
    r"(?![\d:.%]|\s*(?:%|min|hours|days|of|st\b|nd\b|rd\b|th\b))"
)
_OFFICE: Final = re.compile(r"\b(?:business|office|working) hours\b")
_WEEK: Final = re.compile(r"\b(?:weekdays|working days|business days)\b")
_END_OF_WEEK: Final = re.compile(r"\bweekends?\b")
_BARS: Final = re.compile(r"\b(?:no|not|never|nothing|don't|do not|closed|avoid|nobody)\b")
_EXCEPT: Final = re.compile(
    r"\b(?:unless|except|without|if|when|fix(?:es)?|before|after|outside|per|first|last|second|other|week of|weeks? of"
    r"|confirmed|approv\w*|agree\w*|needs?|twice|monthly|must be asked)\b"
)
_ABOUT_ALL: Final = re.compile(
    r"^(?:(?:please |production |all |our |the )*(?:deployments|releases|promotions|rollouts|changes|launches)\b"
    r"|(?:please )?(?:we |you (?:may |can )?)?(?:only )?(?:deploy|release"
    r"|ship)(?: to production)? (?:only )?(?:on|between|from"
    r"|during|mon|tue|wed|thu)"
    r"|(?:no|never|don't|do not|not|avoid|nothing)\b(?: \w+){0,2}? ?(?:deploy\w*|releas\w+|ship\w*|goes out"
    r"|promotions?"
    r"|rollouts?|changes|go-lives?|launch\w*)"
    r"|(?:maintenance |change |release |deployment |time )?windows?\b|not (?:on|in)\b|on \w+days?$"
    r"|on (?:a )?(?:fri|satur|sun|mon)days?$|(?:in|during) (?:january|december|july|august)$)"
)
_ZONES: Final = (
    (re.compile(r"\b(?:cet|cest)\b"), "Europe/Berlin"),
    (re.compile(r"\b(?:pacific|pst|pdt)\b"), "America/Los_Angeles"),
    (re.compile(r"\b(?:eastern|est|edt)\b"), "America/New_York"),
)
_NOON: Final = 12
_BEGINNING: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When stories begin: a Monday morning."""
_LATEST: Final = timedelta(minutes=30)
_QUARTER: Final = timedelta(minutes=15)
_STATED: Final = frozenset({Kind.RULE, Kind.STEP, Kind.GATE, Kind.ADVISORY, Kind.HOLD})
_ELSEWHERE: Final = frozenset({Phase.ROLLBACK, Phase.INCIDENT, Phase.EMERGENCY})


@dataclass(frozen=True, slots=True)
class Opening:
    """When production may be released to; `carries` is empty where the document says nothing of it: always."""

    days: tuple[str, ...] = _DAYS
    begins: str = "00:00"
    ends: str = "23:59"
    months: tuple[int, ...] = tuple(range(1, 13))
    zone: str = ""
    carries: tuple[Numbered, ...] = ()

    @property
    def recurrence(self) -> str:
        """The days as a rule of RFC 5545."""
        months = ""
        if len(self.months) < len(_MONTHS):
            months = f";BYMONTH={','.join(map(str, self.months))}"
        return f"RRULE:FREQ=WEEKLY;BYDAY={','.join(self.days)}{months}"

    def wait_after(self, elapsed: timedelta) -> timedelta:
        """How long a story waits until it is open with time to spare; zero: it is."""
        if not self.carries:
            return timedelta(0)
        now = (_BEGINNING + elapsed).astimezone(ZoneInfo(self.zone or "UTC"))
        for ahead in range(2 * 366):
            day = (now + timedelta(days=ahead)).date()
            if _DAYS[day.weekday()] not in self.days or day.month not in self.months:
                continue
            opens, closes = (
                datetime.combine(day, time.fromisoformat(at), now.tzinfo) for at in (self.begins, self.ends)
            )
            if now + _LATEST < closes:
                return timedelta(0) if ahead == 0 and opens <= now else opens - now + _QUARTER
        return timedelta(0)


ALWAYS: Final = Opening()


def opening_of(statements: Iterable[Numbered]) -> Opening:
    """What the calendar rules among these statements leave open."""
    found = ALWAYS
    for one in statements:
        if one.asked.kind in _STATED and one.asked.phase not in _ELSEWHERE:
            found = _narrowed(found, one)
    return found


def _narrowed(before: Opening, one: Numbered) -> Opening:
    low = " ".join(one.asked.text.lower().replace("\u2019", "'").rstrip(".!").split())
    title = one.asked.section[-1].lower() if one.asked.section else ""
    is_told_so = one.asked.prohibits and "only" not in low
    is_listed_bar = (is_told_so or bool(_BARS.search(title))) and not _BARS.search(low)
    if _EXCEPT.search(low) or not (_ABOUT_ALL.match(low) or (is_listed_bar and _ABOUT_ALL.match(f"never {low}"))):
        return before
    after = _barring(before, low) if is_listed_bar or _BARS.search(low) else _allowing(before, low)
    if after == before or not after.days or not after.months:
        return before
    zone = next((name for pattern, name in _ZONES if pattern.search(low)), "UTC" if "utc" in low else "")
    return replace(after, zone=zone or before.zone, carries=(*before.carries, one))


def _barring(before: Opening, low: str) -> Opening:
    if _HOURS.search(low) or any(char.isdigit() for char in low):
        return before
    barred = _days(low)
    months = {number for number, name in enumerate(_MONTHS, start=1) if re.search(rf"\bin {name}\b", low)}
    return replace(
        before,
        days=tuple(day for day in before.days if day not in barred),
        months=tuple(month for month in before.months if month not in months),
    )


def _allowing(before: Opening, low: str) -> Opening:
    named, hours = _days(low), _hours(low)
    if not named and not hours:
        return before
    begins, ends = hours or (before.begins, before.ends)
    return replace(
        before, days=tuple(day for day in before.days if not named or day in named), begins=begins, ends=ends
    )


def _days(low: str) -> frozenset[str]:
    spans = [_between(_place(found[1]), _place(found[2])) for found in _RANGE.finditer(low)]
    if spans:
        return frozenset(day for span in spans for day in span)
    named = {_DAYS[_place(found[1])] for found in _ONE.finditer(low)}
    if _WEEK.search(low) or (_OFFICE.search(low) and not named):
        named |= {*_DAYS[:5]}
    return frozenset(named | ({*_DAYS[5:]} if _END_OF_WEEK.search(low) else set()))


def _place(word: str) -> int:
    return next(place for place, day in enumerate(_DAYS) if word.upper().startswith(day))


def _between(first: int, last: int) -> tuple[str, ...]:
    return _DAYS[first : last + 1] if first <= last else _DAYS[first:] + _DAYS[: last + 1]


def _hours(low: str) -> tuple[str, str] | tuple[()]:
    found = _HOURS.search(low)
    if not found:
        return ("09:00", "17:00") if _OFFICE.search(low) else ()
    begins, ends = _clock(found[1], found[2], found[3] or ""), _clock(found[4], found[5], found[6] or "")
    if ends <= begins and not found[6] and int(found[4]) < _NOON:
        ends += _NOON * 60
    return (_written(begins), _written(ends)) if begins < ends < 24 * 60 else ()


def _clock(hour: str, minute: str | None, half: str) -> int:
    """Minutes since midnight."""
    hours = int(hour) % _NOON + _NOON * (half == "pm") if half else int(hour)
    return hours * 60 + int(minute or 0)


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
