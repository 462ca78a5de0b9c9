# SPDX-License-Identifier: Apache-2.0
"""The calendar: when windows are open, what is frozen, what falls due, and which releases wait for a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.freeze import FreezeDeclared
from interlock.domain.incident import IncidentPhase
from interlock.domain.moment import NEVER
from interlock.domain.verdict import Finding
from interlock.ports.failure import PortFailure
from interlock.service.views import Status
from interlock.web.look import Look
from interlock.web.page import Page, Place

DAYS: Final = 28
"""How many days are shown, from the Monday of this week on."""


class Kind(StrEnum):
    """What stands in a day."""

    WINDOW = "window"
    FREEZE = "freeze"
    DUE = "due"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing in a day."""

    kind: Kind
    words: str
    href: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day, in UTC."""

    day: date
    is_today: bool
    is_over: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A release that waits, and whether it is for time that it waits."""

    release: str
    version: str
    environment: str
    waits: str


@dataclass(frozen=True, slots=True)
class FreezeShown:
    """One freeze, now or to come."""

    freeze: FreezeDeclared
    about: str
    reason: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class CalendarShown:
    """The page."""

    days: tuple[Day, ...]
    freezes: tuple[FreezeShown, ...]
    planned: tuple[Planned, ...]
    places: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def has_plans(self) -> bool:
        """Whether there is anything to show but the days."""
        return bool(self.freezes) or any(day.marks for day in self.days)


def page(look: Look) -> Page:
    """The next weeks."""
    found = look.viewer.status(look.services)
    today = look.now.astimezone(UTC).date()
    first = today - timedelta(days=today.weekday())
    marks = tuple(_marks(look, found, first))
    days = tuple(_day(first + timedelta(days=number), today, marks) for number in range(DAYS))
    freezes = tuple(
        FreezeShown(one, look.about(one), look.words(one.reason), one.begins <= look.now)
        for one in found.freezes
        if look.touches(one.services)
    )
    names = tuple(
        (one.service.name, tuple(place.name for place in one.governance.procedure.environments))
        for one in found.services
    )
    one = CalendarShown(days, freezes, tuple(_planned(found)), names)
    return Page("calendar.html", "Calendar", Place.CALENDAR, {"one": one, "now": look.now})


@dataclass(frozen=True, slots=True)
class _Spread:
    """Something from a moment until another; of one moment both are the same."""

    opens: datetime
    closes: datetime
    mark: Mark

    def touches(self, day: date) -> bool:
        """Whether it is on that day."""
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        end = begin + timedelta(days=1)
        return self.opens < end and (self.closes > begin or begin <= self.opens)


def _day(day: date, today: date, marks: tuple[_Spread, ...]) -> Day:
    return Day(day, day == today, day < today, tuple(one.mark for one in marks if one.touches(day)))


def _marks(look: Look, found: Status, first: date) -> Iterator[_Spread]:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    yield from _windows(look, found, begin, begin + timedelta(days=DAYS))
    for freeze in (one for one in found.freezes if look.touches(one.services)):
        words = f"{look.about(freeze)} frozen ({freeze.freeze})"
        yield _Spread(freeze.begins, freeze.ends, Mark(Kind.FREEZE, words))
    for one in found.services:
        for review in one.reviews:
            mark = Mark(Kind.DUE, f"review of {review.change} is due", ("services", one.service.name, "pack"))
            yield _Spread(review.due, review.due, mark)
        for waiver in one.waivers:
            mark = Mark(Kind.DUE, f"exception to {waiver.requirement} expires", ("releases", waiver.release))
            yield _Spread(waiver.expires, waiver.expires, mark)
    for incident in look.viewer.incidents():
        if look.sees(incident.service) and incident.review_at != NEVER and incident.phase is not IncidentPhase.ABSENT:
            at = incident.review_at
            words = f"{at.astimezone(UTC):%H:%M} review of {incident.id}"
            yield _Spread(at, at, Mark(Kind.REVIEW, words, ("incidents", incident.id)))


def _windows(look: Look, found: Status, begin: datetime, end: datetime) -> Iterator[_Spread]:
    for one in found.services:
        for stage in one.governance.procedure.stages:
            for schedule in stage.windows:
                try:
                    known = look.house.calendar.intervals(schedule, begin, end).intervals
                except PortFailure:
                    continue
                for interval in known:
                    hours = f"{interval.opens.astimezone(UTC):%H:%M} to {interval.closes.astimezone(UTC):%H:%M}"
                    words = f"{hours} {one.service.name} {stage.environment or stage.name}"
                    yield _Spread(interval.opens, interval.closes, Mark(Kind.WINDOW, words))


def _planned(found: Status) -> Iterator[Planned]:
    for one in found.services:
        for release in one.releases:
            blockers = tuple(wait.finding for wait in release.awaited)
            waits = _for_time(blockers) or (f"waits for {len(blockers)} more" if blockers else "may go now")
            yield Planned(release.release.id, release.release.version, release.environment, waits)


def _for_time(blockers: tuple[Finding, ...]) -> str:
    """What of it is only time, in words; nothing where none of it is."""
    return next((one.sentence for one in blockers if one.code.startswith(("window.", "freeze."))), "")
