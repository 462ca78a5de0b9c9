# SPDX-License-Identifier: Apache-2.0
"""What of a procedure is past, or never comes: rules that expired, windows that open no more.

A pack says nothing of the day on which it is read, so this is asked with one: by `interlock pack lint`, and when rules
are handed in, each with its place; and once more when they are taken into force.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.moment import in_words
from interlock.domain.procedure import Procedure
from interlock.domain.window import Schedule
from interlock.packs.model import PackFile, WindowShape
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.shape import decode, problem_at
from interlock.packs.yaml_tree import Document, Step, read
from interlock.ports.calendar import Calendar
from interlock.ports.failure import PortFailure

_AHEAD: Final = timedelta(days=366)
"""How far ahead a window must open at least once: no rule of a calendar is rarer and meant."""
_UNTIL: Final = re.compile(r"UNTIL=(\d{8})")


@dataclass(frozen=True, slots=True)
class Timely:
    """Nothing of it is past."""


def past(procedure: Procedure, now: datetime) -> str:
    """Why a procedure can no longer be taken into force, as a sentence; empty: nothing of it is past.

    Only what needs no calendar is looked at, so that the answer is the same wherever it is asked for again.
    """
    if now >= procedure.expires:
        return f"the pack expired {in_words(procedure.expires)}"
    for stage in procedure.stages:
        if stage.windows and all(_ended(one, now) for one in stage.windows):
            return f"no window of stage '{stage.name}' opens any more"
    return ""


def untimely(source: str, content: bytes, calendar: Calendar, now: datetime) -> Problems | Timely:
    """What of the pack in these bytes is past or never comes, each at its place; nothing where it does not load."""
    document = read(source, content)
    shape = document if isinstance(document, Problems) else decode(document, PackFile)
    if isinstance(document, Problems) or isinstance(shape, Problems):
        return Timely()
    found = tuple(_untimely(document, shape, calendar, now))
    return problems_of(source, document.lines, found) if found else Timely()


def _untimely(document: Document, shape: PackFile, calendar: Calendar, now: datetime) -> Iterator[Problem]:
    if now >= shape.expires:
        sentence = f"the pack expired {in_words(shape.expires)} and is no longer taken into force"
        yield problem_at(document, ("expires",), "pack.expired", sentence, "read it again, then give it a later date")
    for number, stage in enumerate(shape.stages):
        for place, window in enumerate(stage.windows):
            at: tuple[Step, ...] = ("stages", number, "windows", place)
            yield from _window(document, window, at, (calendar, now))


def _window(
    document: Document, window: WindowShape, at: tuple[Step, ...], today: tuple[Calendar, datetime]
) -> Iterator[Problem]:
    calendar, now = today
    schedule = Schedule(window.schedule, window.zone, window.begins, window.ends)
    try:
        worked_out = calendar.intervals(schedule, now, now + _AHEAD)
    except PortFailure as fault:
        yield problem_at(document, at, "pack.bad_window", fault.sentence, fault.next_step)
        return
    if not any(one.closes > now for one in worked_out.intervals):
        sentence = "the window does not open within a year from now"
        step = "give it days that still come, or remove it"
        yield problem_at(document, (*at, "schedule"), "pack.never_open", sentence, step)


def _ended(schedule: Schedule, now: datetime) -> bool:
    """Whether the rule ends on a day that is over everywhere on earth."""
    until = _UNTIL.search(schedule.recurrence)
    over = (now - timedelta(days=2)).strftime("%Y%m%d")
    return until is not None and until[1] < over
