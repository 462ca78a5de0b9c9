# SPDX-License-Identifier: Apache-2.0
"""What happened to services, in the vocabulary of CDEvents 0.4.1 (cdevents.dev), for tools that listen to that.

1. An event is made from one record, whose index is its id, so that whoever asks again is told the same.
2. Nothing that people wrote is in one: words can be erased, and what was sent cannot.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from interlock.domain.ids import Digest, EnvironmentName, ReleaseId, ServiceName
from interlock.domain.incident import IncidentClosed, IncidentOpened
from interlock.domain.promotion import PromotionCompleted
from interlock.domain.rollback import RollbackCompleted
from interlock.domain.slot import RunningAdopted
from interlock.ledger.canonical import format_time
from interlock.ledger.codec import decode_event
from interlock.ledger.command import is_command
from interlock.ledger.record import Record
from interlock.service.view import View

SPEC: Final = "0.4.1"
_TYPES: Final = "dev.cdevents.{}.0.2.0"

CdEvent = Mapping[str, object]


def cdevents(records: Iterable[Record], view: View, origin: str) -> Iterator[CdEvent]:
    """The events these records amount to, in order; most amount to none."""
    for record in records:
        if is_command(record.event):
            continue
        match decode_event(record.event, record.version, record.payload):
            case PromotionCompleted(promotion):
                done = view.promotion(promotion)
                yield _service(record, origin, "upgraded", _Running(view, done.service, done.environment, done.release))
            case RollbackCompleted(rollback):
                back = view.rollback(rollback)
                target = _Running(view, back.service, back.environment, back.target)
                yield _service(record, origin, "rolledback", target)
            case RunningAdopted(service=service, environment=environment, release=release):
                yield _service(record, origin, "deployed", _Running(view, service, environment, release))
            case IncidentOpened(incident=incident, environment=environment, service=service):
                yield _incident(record, origin, "detected", (incident, service, environment))
            case IncidentClosed(incident=incident):
                known = view.incident(incident)
                yield _incident(record, origin, "resolved", (incident, known.service, known.environment))
            case _:
                continue


@dataclass(frozen=True, slots=True)
class _Running:
    """What runs where."""

    view: View
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId

    @property
    def artifact(self) -> str:
        """What it is, as a package URL."""
        found = self.view.release(self.release)
        return package_url(self.service, found.version, found.digest)


def package_url(service: ServiceName, version: str, digest: Digest) -> str:
    """What runs, as a package URL."""
    return f"pkg:generic/{quote(service)}@{quote(version, safe='')}?checksum={digest}"


def _service(record: Record, origin: str, predicate: str, running: _Running) -> CdEvent:
    content = {"environment": {"id": running.environment}, "artifactId": running.artifact}
    return _event(record, origin, ("service", predicate), (running.service, content))


def _incident(record: Record, origin: str, predicate: str, about: tuple[str, str, str]) -> CdEvent:
    incident, service, environment = about
    content = {"environment": {"id": environment}, "service": {"id": service}}
    return _event(record, origin, ("incident", predicate), (incident, content))


def _event(record: Record, origin: str, kind: tuple[str, str], subject: tuple[str, Mapping[str, object]]) -> CdEvent:
    source = f"/interlock/{quote(origin, safe='')}"
    name, content = subject
    return {
        "context": {
            "version": SPEC,
            "id": str(record.index),
            "source": source,
            "type": _TYPES.format(".".join(kind)),
            "timestamp": format_time(record.time),
        },
        "subject": {"id": name, "source": source, "type": kind[0], "content": content},
    }
