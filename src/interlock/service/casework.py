# SPDX-License-Identifier: Apache-2.0
"""Bring together what a step of an incident looks at, and what is told of a review that is owed.

Rules that cannot be read ask for nothing: an incident is opened all the same, and nothing stands before going back.
"""

from interlock.domain.attending import Room
from interlock.domain.chasing import UNSAID, OwedReview, chases_under
from interlock.domain.ids import ChangeId, ServiceName
from interlock.domain.incident import Incident, IncidentCommand, OpenIncident
from interlock.domain.outbox import Outbox
from interlock.service.gather import Gatherer, Ungoverned


def case_of(command: IncidentCommand, gatherer: Gatherer) -> tuple[Incident, Room]:
    """The incident a command is about, and what its step looks at."""
    state = gatherer.view.incident(command.incident)
    if isinstance(command, OpenIncident):
        return state, room(Incident(service=command.service, environment=command.environment), gatherer)
    return state, room(state, gatherer)


def room(state: Incident, gatherer: Gatherer) -> Room:
    """What a step of the incident looks at."""
    view, service = gatherer.view, gatherer.view.service(state.service)
    return Room(
        handling=gatherer.handling(state.service, state.environment),
        crew=gatherer.crew(state.service, state.environment),
        slot=view.slot(state.service, state.environment),
        rollback=view.rollback(state.rollback),
        drift=view.drift(state.service, state.environment),
        outbox=view.outbox(state.service) if state.on_its_way else Outbox(),
        proposals=frozenset((*service.proposals, *service.approved)),
    )


def review_of(service: ServiceName, change: ChangeId, gatherer: Gatherer) -> OwedReview:
    """A review that is owed, by the rules in force. Raises `Ungoverned` (code `review.none`)."""
    view, governance = gatherer.view, gatherer.in_force(service)
    opened = view.service(service).reviews.get(change)
    if opened is None:
        raise Ungoverned("review.none", f"no review of '{change}' is open", "see `interlock status`")
    chases = chases_under(governance.procedure, opened) if governance else UNSAID
    return OwedReview(opened, chases, view.change(change).title, view.release(opened.release).version)
