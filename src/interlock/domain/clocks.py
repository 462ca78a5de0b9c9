# SPDX-License-Identifier: Apache-2.0
"""Which clocks of an incident run, and when each runs out: a pure function of what happened in it.

1. A clock runs from the first occasion that starts it and that nothing has answered since. Repeating what started it
   gains no time; only what is due at a time that somebody named (a promise, a meeting) is replaced by a newer one.
2. A disagreement takes a decision back: a clock that the decision stopped in time runs on as if it had never stopped.
3. A clock that has run out and comes again calls at its times until something stops it; of the times that passed
   while nobody was there only the last one counts.
4. What was recorded before incidents had times has no clocks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from interlock.domain.handling import Clock, Handling, Scope
from interlock.domain.incident import Incident, IncidentPhase
from interlock.domain.moment import NEVER, next_of
from interlock.domain.occasion import Happened, OccasionKind


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs, since when, and when it runs out. `calls` is when people are told of it next."""

    clock: Clock
    since: datetime
    due: datetime
    calls: datetime = NEVER

    @property
    def is_out(self) -> bool:
        """Whether people were told already that it ran out, and are to be told again."""
        return self.calls > self.due

    def is_over(self, now: datetime) -> bool:
        """Whether it has run out."""
        return now >= self.due


@dataclass(frozen=True, slots=True)
class _Hand:
    """Where one clock stands: what started it, and what it was stopped from."""

    since: datetime = NEVER
    due: datetime = NEVER
    stopped: "tuple[datetime, datetime] | tuple[()]" = ()


def concerns(scope: Scope, state: Incident) -> bool:
    """Whether something of this scope is meant for the incident."""
    return state.severity.reaches(scope.severity) and (not scope.label or scope.label in state.labels)


def running(handling: Handling, state: Incident) -> tuple[Running, ...]:
    """Every clock that runs, those that have run out too, the first due first."""
    if state.phase is not IncidentPhase.OPEN or state.opened_at == NEVER:
        return ()
    return tuple(sorted(_running(handling, state), key=lambda one: one.due))


def unmissed(handling: Handling, state: Incident) -> tuple[Running, ...]:
    """Of these, the ones of which it was not yet recorded that they have run out."""
    return tuple(one for one in running(handling, state) if state.missed.get(one.clock.id, NEVER) < one.due)


def calling(handling: Handling, state: Incident) -> tuple[Running, ...]:
    """Every clock of which people are still to be told, with when that is: as it runs out, or again."""
    called = (
        replace(one, calls=next_of(one.due, one.clock.again, state.missed.get(one.clock.id, NEVER)))
        for one in running(handling, state)
    )
    return tuple(one for one in called if one.calls != NEVER)


def _running(handling: Handling, state: Incident) -> Iterator[Running]:
    for clock in handling.all_clocks:
        if concerns(clock.scope, state):
            hand = _Hand()
            for happened in state.history:
                hand = _turned(clock, hand, happened)
            if hand.due != NEVER:
                yield Running(clock, hand.since, hand.due)


def _turned(clock: Clock, hand: _Hand, happened: Happened) -> _Hand:
    occasion = happened.occasion
    if occasion.kind is OccasionKind.DISAGREED and hand.stopped:
        since, due = hand.stopped
        hand = _Hand(since, due) if happened.at < due else hand
    if hand.due != NEVER and any(stop.covers(occasion) for stop in clock.stopped_by):
        taken_back = occasion.kind is OccasionKind.DECIDED
        hand = _Hand(stopped=(hand.since, hand.due) if taken_back else ())
    if not clock.starts.covers(occasion):
        return hand
    if happened.until != NEVER:
        return _Hand(happened.at, happened.until + clock.within)
    return hand if hand.due != NEVER else replace(hand, since=happened.at, due=happened.at + clock.within)
