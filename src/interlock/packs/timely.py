# SPDX-License-Identifier: Apache-2.0
"""What of a procedure is past, or never comes: rules that expired, windows that open no more.

A pack says nothing of the day on which it is read, so this is asked with one: by `interlock pack lint`, and when rules
are taken into force.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.moment import in_words
from interlock.domain.procedure import Procedure, Stage
from interlock.domain.window import Schedule
from interlock.packs.lint import Advice
from interlock.ports.calendar import Calendar
from interlock.ports.failure import PortFailure

_AHEAD: Final = timedelta(days=366)
"""How far ahead a window must open at least once: no rule of a calendar is rarer and meant."""
_UNTIL: Final = re.compile(r"UNTIL=(\d{8})")


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


def lint_times(procedure: Procedure, calendar: Calendar, now: datetime) -> tuple[Advice, ...]:
    """Advice about what is past or never comes, by a calendar."""
    found: list[Advice] = []
    if now >= procedure.expires:
        sentence = f"it expired {in_words(procedure.expires)} and is no longer taken into force"
        found.append(Advice("lint.expired", procedure.pack, sentence, "read it again, then give it a later date"))
    for stage in procedure.stages:
        found.extend(_windows(stage, calendar, now))
    return tuple(found)


def _windows(stage: Stage, calendar: Calendar, now: datetime) -> Iterator[Advice]:
    for schedule in stage.windows:
        try:
            worked_out = calendar.intervals(schedule, now, now + _AHEAD)
        except PortFailure as fault:
            yield Advice("lint.bad_window", stage.name, fault.sentence, fault.next_step)
            continue
        if not any(one.closes > now for one in worked_out.intervals):
            sentence = f"its window {schedule.recurrence} does not open within a year"
            yield Advice("lint.never_open", stage.name, sentence, "give it days that still come, or remove it")


def _ended(schedule: Schedule, now: datetime) -> bool:
    """Whether the rule ends on a day that is over everywhere on earth."""
    until = _UNTIL.search(schedule.recurrence)
    over = (now - timedelta(days=2)).strftime("%Y%m%d")
    return until is not None and until[1] < over
