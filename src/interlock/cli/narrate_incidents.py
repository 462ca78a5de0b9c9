# SPDX-License-Identifier: Apache-2.0
"""Incidents as they happen, told one line each. How one began is told with what it began with."""

from interlock.cli.text import Span, bad, good, quiet, warn
from interlock.domain import incident
from interlock.domain.answering import DisagreementArose, IncidentDecided, RollbackStuck
from interlock.domain.duty import StepConcluded, StepOutcome
from interlock.ledger.codec import Event
from interlock.service.timeline import in_an_incident


def about_incidents(event: Event) -> tuple[tuple[Span, str], ...]:
    """What an event of an incident tells; nothing for every other."""
    words = "" if isinstance(event, incident.IncidentOpened) else in_an_incident(event)
    return ((_mark(event), f"{getattr(event, 'incident', '')}: {words}"),) if words else ()


def _mark(event: Event) -> Span:
    match event:
        case incident.ClockMissed() | RollbackStuck() | StepConcluded(outcome=StepOutcome.FAILED | StepOutcome.SILENT):
            return bad("✗ ")
        case incident.EnvironmentRestored() | incident.IncidentClosed() | StepConcluded():
            return good("✓ ")
        case IncidentDecided() | DisagreementArose():
            return warn("● ")
        case _:
            return quiet("· ")
