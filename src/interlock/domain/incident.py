# SPDX-License-Identifier: Apache-2.0
"""Incidents: a problem in an environment, the release under suspicion, and how it ended.

1. A rollback that nobody asked for opens one by itself; a person may open one too.
2. Only a named, signed person closes it, saying what was found.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import EnvironmentName, IncidentId, PersonId, ReleaseId, ServiceName, StreamId, TextRef


class Severity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class IncidentPhase(StrEnum):
    ABSENT = "absent"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    incident: IncidentId
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    severity: Severity
    summary: TextRef


@dataclass(frozen=True, slots=True)
class CloseIncident:
    incident: IncidentId
    outcome: TextRef


IncidentCommand = OpenIncident | CloseIncident


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    incident: IncidentId
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    severity: Severity
    summary: str
    by: str


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    incident: IncidentId
    outcome: TextRef
    by: PersonId


IncidentEvent = IncidentOpened | IncidentClosed


@dataclass(frozen=True, slots=True)
class Incident:
    phase: IncidentPhase = IncidentPhase.ABSENT
    id: IncidentId = IncidentId("")
    service: ServiceName = ServiceName("")
    environment: EnvironmentName = EnvironmentName("")
    release: ReleaseId = ReleaseId("")
    severity: Severity = Severity.MAJOR
    summary: str = ""


def incident_stream(incident: IncidentId) -> StreamId:
    """The stream of one incident."""
    return StreamId(f"incident/{incident}")


def decide(state: Incident, command: IncidentCommand, actor: Actor) -> Decision[IncidentEvent]:
    """Whether the incident may be opened or closed."""
    match command:
        case OpenIncident(incident, service, environment, release, severity, summary):
            if state.phase is not IncidentPhase.ABSENT:
                return refuse("incident.exists", f"incident '{incident}' exists already", "choose another id")
            opened = IncidentOpened(incident, service, environment, release, severity, summary, str(actor))
            return Accepted((Emitted(incident_stream(incident), opened),))
        case CloseIncident(incident, outcome):
            if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
                return refuse("incident.unsigned", "an incident is closed by a signed person", "sign with a key")
            if state.phase is not IncidentPhase.OPEN:
                return refuse("incident.not_open", f"incident '{incident}' is not open", "see `interlock status`")
            return Accepted((Emitted(incident_stream(incident), IncidentClosed(incident, outcome, actor.id)),))
        case _:
            assert_never(command)


def evolve(state: Incident, event: IncidentEvent) -> Incident:
    """The incident after the event."""
    match event:
        case IncidentOpened(incident, service, environment, release, severity, summary, _):
            return Incident(IncidentPhase.OPEN, incident, service, environment, release, severity, summary)
        case IncidentClosed():
            return replace(state, phase=IncidentPhase.CLOSED)
        case _:
            assert_never(event)
