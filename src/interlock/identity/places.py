# SPDX-License-Identifier: Apache-2.0
"""Which services and environments a command is about, as far as its names and the ledger tell."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interlock.domain.change import OpenChange
from interlock.domain.evidence import RecordEvidence, RequestEvidence, subject_by_name
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import ChangeId, Digest, EnvironmentName, IncidentId, RollbackId, ServiceName
from interlock.domain.incident import OpenIncident
from interlock.domain.waiver import GrantWaiver, RevokeWaiver
from interlock.ledger.codec import Command
from interlock.service.view import View


@dataclass(frozen=True, slots=True)
class Place:
    """Empty where nothing can be told; then it is within nobody's narrower reach.

    `everywhere`: it names no environment because it is about each of them.
    """

    services: frozenset[ServiceName] = frozenset()
    environments: frozenset[EnvironmentName] = frozenset()
    everywhere: bool = False


def place_of(command: Command, view: View, services: Iterable[ServiceName]) -> Place:
    """What the command is about. `view` is asked only for what its names do not say, of all `services` there are."""
    named = _named(command)
    if isinstance(command, DeclareFreeze):
        others = view.freezes().services_of(command.freeze) if named.services else ()
        return replace(named, services=named.services.union(others), everywhere=not command.environments)
    if isinstance(command, GrantWaiver | RevokeWaiver):
        return _waived(command, named, view)
    if isinstance(command, OpenChange | OpenIncident):
        return replace(named, services=named.services | _of_that_name(command, view))
    if named.services:
        return named
    if isinstance(command, RecordEvidence | RequestEvidence):
        return Place(frozenset(one for one in services if _releases(one, command.subject, view)), named.environments)
    service, environment = _looked_up(command, view)
    return Place(frozenset(filter(None, (service,))), named.environments | frozenset(filter(None, (environment,))))


def _waived(command: GrantWaiver | RevokeWaiver, named: Place, view: View) -> Place:
    """Before which environment the exception was asked for."""
    asked = view.waivers(command.release).asked.get(command.waiver)
    return named if asked is None else Place(named.services, frozenset((asked.environment,)))


def _of_that_name(command: OpenChange | OpenIncident, view: View) -> frozenset[ServiceName]:
    """The service of what is called so already: names are of the whole ledger, and nobody learns whose they are."""
    service, _ = _looked_up(command, view)
    return frozenset(filter(None, (service,)))


def _releases(service: ServiceName, subject: Digest, view: View) -> bool:
    """Whether evidence about this subject is about an open release of the service."""
    for name in view.service(service).open_releases:
        digest = view.release(name).digest
        if subject in {digest, subject_by_name(name, digest)}:
            return True
    return False


def _named(command: Command) -> Place:
    """What stands in the command itself: a promotion's name begins with its release's, and that with its service's."""
    services: tuple[ServiceName, ...] = getattr(command, "services", ())
    service: ServiceName = getattr(command, "service", ServiceName(""))
    release = getattr(command, "release", "")
    promotion = getattr(command, "promotion", "")
    environment: EnvironmentName = getattr(command, "environment", EnvironmentName(""))
    environments: tuple[EnvironmentName, ...] = getattr(command, "environments", ())
    if promotion:
        release, _, rest = str(promotion).partition("/")
        environment = environment or EnvironmentName(rest.partition("/")[0])
    if release and not service:
        service = ServiceName(str(release).partition(":")[0])
    return Place(frozenset(filter(None, (service, *services))), frozenset(filter(None, (environment, *environments))))


def _looked_up(command: Command, view: View) -> tuple[ServiceName, EnvironmentName]:
    """The service and the environment of a thing the ledger knows by an id of its own."""
    match command:
        case object(incident=str(incident)):
            found = view.incident(IncidentId(incident))
            return found.service, found.environment
        case object(change=str(change)):
            return view.change(ChangeId(change)).service, EnvironmentName("")
        case object(rollback=str(rollback)):
            going = view.rollback(RollbackId(rollback))
            return going.service, going.environment
        case _:
            return ServiceName(""), EnvironmentName("")
