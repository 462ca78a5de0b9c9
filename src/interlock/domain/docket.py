# SPDX-License-Identifier: Apache-2.0
"""The docket of a service: which of its incidents are open, and where. An incident enters it when it opens.

What is decided in an environment looks at its open incidents; without a docket it would have to look at all there
ever were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from interlock.domain.decision import Emitted
from interlock.domain.ids import EnvironmentName, IncidentId, ServiceName, StreamId
from interlock.domain.incident import IncidentEvent, IncidentOpened, incident_stream


@dataclass(frozen=True, slots=True)
class IncidentListed:
    service: ServiceName
    environment: EnvironmentName
    incident: IncidentId


@dataclass(frozen=True, slots=True)
class IncidentDelisted:
    service: ServiceName
    incident: IncidentId


DocketEvent = IncidentListed | IncidentDelisted


@dataclass(frozen=True, slots=True)
class Docket:
    """Where each open incident is."""

    open: Mapping[IncidentId, EnvironmentName] = field(default_factory=dict)
    closed: tuple[IncidentId, ...] = ()
    """Those that were closed, oldest first."""

    def there(self, environment: EnvironmentName) -> tuple[IncidentId, ...]:
        """Those open in the environment, oldest first."""
        return tuple(incident for incident, place in self.open.items() if place == environment)


def docket_stream(service: ServiceName) -> StreamId:
    """The stream of a service's docket."""
    return StreamId(f"docket/{service}")


def listed(opened: IncidentOpened) -> tuple[Emitted[IncidentEvent | DocketEvent], ...]:
    """What opens an incident, and enters it."""
    entry = IncidentListed(opened.service, opened.environment, opened.incident)
    return (
        Emitted(incident_stream(opened.incident), opened),
        Emitted(docket_stream(opened.service), entry),
    )


def evolve(state: Docket, event: DocketEvent) -> Docket:
    """The docket after the event."""
    match event:
        case IncidentListed(_, environment, incident):
            return Docket({**state.open, incident: environment}, state.closed)
        case IncidentDelisted(_, incident):
            left = {other: place for other, place in state.open.items() if other != incident}
            return Docket(left, (*state.closed, incident))
        case _:
            assert_never(event)
