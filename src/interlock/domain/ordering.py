# SPDX-License-Identifier: Apache-2.0
"""A rollback that a person orders, as what it is: an answer in an incident, given by whoever may give it.

1. What is only on its way may be called back by any registered person, and so may a rollback that is stranded; nothing
   stands before either (I0). Leaving what completed is a choice, and `authority` says whose.
2. The order is an answer that counts: it is recorded in every open incident about what is left. Where the procedure
   handles incidents and none is open, it opens one, so that nothing that follows from it is forgotten.
"""

from collections.abc import Iterator
from datetime import datetime

from interlock.domain.actor import Actor, Person
from interlock.domain.answering import Answer, AnswerGiven, Capacity, IncidentDecided, RollbackJoined
from interlock.domain.authority import NO_INCIDENT, OPEN_TO_ALL, Lacking, capacity_of, who_decides
from interlock.domain.decision import Emitted, Refused, refuse
from interlock.domain.docket import DocketEvent, listed
from interlock.domain.ids import IncidentId
from interlock.domain.incident import Incident, IncidentEvent, IncidentOpened, Severity, incident_stream
from interlock.domain.leaving import Ground
from interlock.domain.rollback import BeginRollback
from interlock.domain.slot import OccupantKind


def is_choice(command: BeginRollback, ground: Ground) -> bool:
    """Whether it would leave what completed there, rather than call back what is on its way or restore what is live."""
    slot = ground.slot
    if slot.kind is OccupantKind.PROMOTION:
        ways = {"", slot.live.release} if ground.promotion.is_beside else {""}
        return command.target not in ways
    if slot.kind is OccupantKind.ROLLBACK:
        return command.target not in {"", ground.rollback.target}
    return command.target != slot.live.release


def capacity(command: BeginRollback, ground: Ground, actor: Person, now: datetime) -> Capacity | Refused:
    """By what right the person orders it, or why they may not."""
    if not is_choice(command, ground):
        return Capacity.ANYBODY
    authority, crew = ground.handling.authority, ground.crew
    for state in ground.suspected or (NO_INCIDENT,):
        found = capacity_of(actor.id, Answer.ROLLBACK, state, authority, crew, now)
        if not isinstance(found, Lacking) and found is not Capacity.HEARD:
            return found
    return refuse(
        "rollback.no_authority",
        who_decides(authority),
        "open an incident (`interlock incident open NAME --environment ENV --summary 'WHAT IS WRONG'`), which starts "
        f"the clocks of those who decide; {OPEN_TO_ALL}",
    )


def answered(
    command: BeginRollback, ground: Ground, right: Capacity, actor: Person, now: datetime
) -> Iterator[Emitted[IncidentEvent | DocketEvent]]:
    """What the order means for the incidents about what is left."""
    about = ground.suspected
    if not about and ground.handling.is_declared:
        opened = IncidentOpened(
            IncidentId(command.rollback),
            command.service,
            command.environment,
            ground.left.release,
            Severity.MAJOR,
            command.reason,
            str(actor),
            now,
        )
        yield from listed(opened)
        about = (Incident(id=opened.incident),)
    yield from _said_back(about, (command.reason, right), actor, now)
    yield from joined(command, about, now)


def _said_back(
    about: tuple[Incident, ...], ground: tuple[str, Capacity], actor: Person, now: datetime
) -> Iterator[Emitted[IncidentEvent | DocketEvent]]:
    """In each of them the person has said, for this reason and by this right, that it goes back; and so it does."""
    reason, right = ground
    for state in about:
        stream, back = incident_stream(state.id), Answer.ROLLBACK
        yield Emitted(stream, AnswerGiven(state.id, back, right, reason, actor.id, now))
        yield Emitted(stream, IncidentDecided(state.id, back, right, str(actor), now))


def joined(
    command: BeginRollback, about: tuple[Incident, ...], now: datetime
) -> Iterator[Emitted[IncidentEvent | DocketEvent]]:
    """The rollback answers these incidents."""
    for state in about:
        yield Emitted(incident_stream(state.id), RollbackJoined(state.id, command.rollback, now))


def taken_over(command: BeginRollback, ground: Ground, now: datetime) -> Iterator[Emitted[IncidentEvent | DocketEvent]]:
    """A rollback that tries again answers what the one before it answered."""
    before = ground.rollback.id
    yield from joined(command, tuple(one for one in ground.incidents if before and one.rollback == before), now)


def restored(
    command: BeginRollback, ground: Ground, right: Capacity, actor: Actor, now: datetime
) -> Iterator[Emitted[IncidentEvent | DocketEvent]]:
    """What is live comes back: that answers the incidents about what ran in its place."""
    if isinstance(actor, Person):
        yield from _said_back(ground.missing, (command.reason, right), actor, now)
    yield from joined(command, ground.missing, now)


def went_by_itself(
    command: BeginRollback, ground: Ground, actor: Actor, now: datetime
) -> Iterator[Emitted[IncidentEvent | DocketEvent]]:
    """A machine saw it go wrong: that answers the incidents open about it already."""
    for state in ground.suspected:
        if not state.is_going_back:
            decided = IncidentDecided(state.id, Answer.ROLLBACK, Capacity.MACHINE, str(actor), now)
            yield Emitted(incident_stream(state.id), decided)
    yield from joined(command, ground.suspected, now)
