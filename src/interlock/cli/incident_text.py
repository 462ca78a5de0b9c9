# SPDX-License-Identifier: Apache-2.0
"""An incident as a person reads it: what was decided, which clocks run, what is owed."""

from collections.abc import Iterator
from datetime import datetime

from interlock.cli.output import Json
from interlock.cli.text import BLANK, Block, Line, Rows, bad, para, quiet, strong, warn
from interlock.cli.tree import finding_lines
from interlock.domain.answering import Stance
from interlock.domain.authority import who_decides
from interlock.domain.clocks import Running, running
from interlock.domain.handling import WHAT_IS_DONE, Handling
from interlock.domain.incident import Incident, IncidentPhase
from interlock.domain.moment import in_words, span_in_words
from interlock.domain.owing import closing


def blocks(state: Incident, handling: Handling, said: str, now: datetime) -> Iterator[Block]:
    """The page of an incident."""
    phase = bad("open") if state.phase is IncidentPhase.OPEN else quiet(state.phase.value)
    yield para(strong(state.id), "  ", phase, f"  {state.severity}, {state.environment}", quiet(f"  {state.release}"))
    yield para("  ", said)
    if state.labels:
        yield para("  about ", ", ".join(state.labels))
    yield para("  ", *_decision(state, handling))
    for person, word in state.words.items():
        yield para(quiet(f"    {person}: {word.answer} ({word.capacity})"))
    clocks = tuple(_clock(one, now) for one in running(handling, state))
    if clocks:
        yield BLANK
        yield para("clocks:")
        yield Rows(clocks, 2)
    if state.phase is IncidentPhase.OPEN:
        yield BLANK
        yield from finding_lines(closing(handling, state))


def data(state: Incident, handling: Handling, said: str) -> dict[str, Json]:
    """The same as an object."""
    from interlock.service.portraits import incidents
    from interlock.service.portraits.findings import plain

    return plain(incidents.incident(state, handling, said))


def _decision(state: Incident, handling: Handling) -> Line:
    if state.stuck:
        return (bad("it was to go back, and cannot: "), state.stuck)
    if state.stance is Stance.DECIDED:
        return ("decided: ", strong(WHAT_IS_DONE[state.settled.answer]), quiet(f"  {state.settled.capacity}"))
    who = f"; {who_decides(handling.authority)}" if handling.authority.is_declared else ""
    what = "nothing is decided yet" if state.stance is Stance.OPEN else "those who may decide disagree"
    return (warn(what), who)


def _clock(one: Running, now: datetime) -> Line:
    if one.is_over(now):
        return (bad("✗"), strong(one.clock.id), bad(f"ran out at {in_words(one.due)}"))
    return (warn("○"), strong(one.clock.id), f"{span_in_words(one.due - now)} left", quiet(in_words(one.due)))
