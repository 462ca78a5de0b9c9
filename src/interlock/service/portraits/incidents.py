# SPDX-License-Identifier: Apache-2.0
"""Incidents as data: what was decided, which clocks run, what is owed, what happened."""

import msgspec

from interlock.domain.clocks import running
from interlock.domain.handling import Handling
from interlock.domain.ids import TextRef
from interlock.domain.incident import Incident
from interlock.domain.owing import closing
from interlock.ports.store import LedgerStore
from interlock.service.portraits.findings import FindingShown, finding
from interlock.service.portraits.releases import words_of
from interlock.service.timeline import Entry


class IncidentListed(msgspec.Struct, frozen=True):
    """An incident in a list."""

    incident: str
    phase: str
    severity: str
    environment: str
    release: str
    summary: str


class ClockShown(msgspec.Struct, frozen=True):
    """A clock that runs. `missed`: it ran out, and what follows from that was done."""

    clock: str
    since: str
    due: str
    missed: bool


class IncidentShown(IncidentListed, frozen=True):
    """How an incident stands."""

    labels: list[str]
    stance: str
    decision: str
    capacity: str
    rollback: str
    clocks: list[ClockShown]
    closing: FindingShown


class EntryShown(msgspec.Struct, frozen=True):
    """One thing that happened."""

    at: str
    sentence: str


def listed(store: LedgerStore, one: Incident) -> IncidentListed:
    """An incident in a list."""
    return IncidentListed(
        one.id, one.phase.value, one.severity.value, one.environment, one.release, summary_of(store, one.summary)
    )


def incident(one: Incident, handling: Handling, said: str) -> IncidentShown:
    """How it stands. `said` are the words of its summary."""
    clocks = [
        ClockShown(run.clock.id, run.since.isoformat(), run.due.isoformat(), one.missed.get(run.clock.id) == run.due)
        for run in running(handling, one)
    ]
    return IncidentShown(
        incident=one.id,
        phase=one.phase.value,
        severity=one.severity.value,
        environment=one.environment,
        release=one.release,
        summary=said,
        labels=list(one.labels),
        stance=one.stance.value,
        decision=one.settled.answer.value if one.settled.by else "",
        capacity=one.settled.capacity.value if one.settled.by else "",
        rollback=one.rollback,
        clocks=clocks,
        closing=finding(closing(handling, one)),
    )


def entry(one: Entry) -> EntryShown:
    """One thing that happened."""
    return EntryShown(one.at.isoformat(), one.sentence)


def summary_of(store: LedgerStore, summary: str) -> str:
    """The words of a summary, which a person's incident keeps beside the ledger and ours does not."""
    return words_of(store, TextRef(summary)) if summary.startswith("text:") else summary
