# SPDX-License-Identifier: Apache-2.0
"""Typed states folded from the ledger, and a note of everything that was read to get them.

1. A state is the fold of its whole stream, from the first record.
2. `reads` names every stream looked at with the position seen; an append that is conditional on it cannot be raced.
3. A view as of a record index sees exactly what a decision at that index could see: that is what makes every
   decision recomputable from an export (I8).
4. Of a ledger that was asked what moved, only the streams that did are read again.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar, cast

from interlock.domain import (
    absence,
    approval,
    artifact,
    baseline,
    change,
    delivery,
    docket,
    drift,
    evidence,
    freeze,
    governance,
    groups,
    incident,
    journal,
    outbox,
    people,
    promotion,
    records,
    release,
    requesting,
    rollback,
    rollout,
    slot,
    waiver,
)
from interlock.domain.ids import (
    ChangeId,
    Digest,
    EnvironmentName,
    IncidentId,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    StreamId,
)
from interlock.domain.moment import NEVER
from interlock.ledger import keyring
from interlock.ledger.codec import decode_event
from interlock.ledger.record import Record
from interlock.ports.store import Head, Missing
from interlock.service.remembering import UNASKED, Folded, Growing, Part, Remembered, State

S = TypeVar("S")
E = TypeVar("E")
T = TypeVar("T")
ALWAYS: Final = datetime.max.replace(tzinfo=UTC)
"""Until when something holds that time alone does not change."""


class Reading(Protocol):
    """What a view needs of a ledger: one stream's records, the names of streams, and blobs."""

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]: ...

    def streams(self, prefix: str) -> Sequence[StreamId]: ...

    def blob(self, digest: Digest) -> bytes | Missing: ...


class Asked(Reading, Growing, Protocol):
    """A reading that can be asked what moved."""


def nothing() -> Folded:
    """Of a ledger that nobody looked at."""
    return Folded(Head(0, b"", datetime.min.replace(tzinfo=UTC)))


@dataclass(slots=True)
class View:
    """The states of a ledger at one moment. `known`: at which size it was asked what moved."""

    ledger: Reading
    reads: dict[StreamId, int] = field(default_factory=dict)
    folded: Folded = field(default_factory=nothing)
    known: int = UNASKED
    listed: dict[str, int] = field(default_factory=dict)
    """Of what kinds of streams it was looked which there are, and how many there were."""
    until: datetime = ALWAYS
    """How long what is made of this view holds, as far as time goes."""
    latest: datetime = datetime.min.replace(tzinfo=UTC)
    """When the ledger was last written to, where it was asked what moved."""
    _now: dict[StreamId, State] = field(default_factory=dict)

    def part(self, key: Hashable, make: Callable[["View"], T], now: datetime) -> T:
        """What `make` makes of this ledger: made anew when a stream that it looked at has moved, or its time is over.

        A view that did not ask what moved makes it anew.
        """
        part = self._kept(key, now)
        if part is None:
            with self.folded.making:
                part = self._kept(key, now) or self.folded.keep(key, self._made(make, now))
        self.reads.update(part.reads)
        self.hold_until(part.until)
        return cast("T", part.value)

    def _kept(self, key: Hashable, now: datetime) -> Part | None:
        part = self.folded.parts.get(key)
        return part if part and self.known != UNASKED and self.folded.holds(part, self.known, now) else None

    def _made(self, make: Callable[["View"], object], now: datetime) -> Part:
        within = View(self.ledger, folded=self.folded, known=self.known, latest=self.latest, _now=self._now)
        value = make(within)
        return Part(value, within.reads, self.known, now, within.until)

    def hold_until(self, moment: datetime) -> None:
        """What is made of this view does not hold any longer."""
        self.until = min(self.until, moment)

    def lean_on(self, kind: StreamId) -> None:
        """What is made of this view was made of the names of all streams that begin like this."""
        self.reads[kind] = 0

    def people(self) -> people.People:
        """The registry of people and keys."""
        return self._fold(people.STREAM, people.evolve, people.People)

    def keyring(self) -> keyring.Keyring:
        """The ledger's own name and key."""
        return self._fold(keyring.STREAM, keyring.evolve, keyring.Keyring)

    def service(self, service: ServiceName) -> governance.Service:
        """A service: its governance, open releases and reviews."""
        return self._fold(governance.service_stream(service), governance.evolve, governance.Service)

    def services(self) -> tuple[ServiceName, ...]:
        """Every service the ledger knows."""
        prefix = governance.service_stream(ServiceName(""))
        found = self.ledger.streams(prefix)
        self.listed[prefix] = len(found)
        return tuple(ServiceName(stream.removeprefix(prefix)) for stream in found)

    def change(self, one: ChangeId) -> change.Change:
        """A change request."""
        return self._fold(change.change_stream(one), change.evolve, change.Change)

    def release(self, one: ReleaseId) -> release.Release:
        """A release."""
        return self._fold(release.release_stream(one), release.evolve, release.Release)

    def approvals(self, one: ReleaseId) -> approval.ApprovalBook:
        """What people decided about a release."""
        return self._fold(approval.approval_stream(one), approval.evolve, approval.ApprovalBook)

    def records(self, one: ReleaseId) -> records.RecordBook:
        """The documents people wrote about a release."""
        return self._fold(records.record_stream(one), records.evolve, records.RecordBook)

    def waivers(self, one: ReleaseId) -> waiver.WaiverBook:
        """A release's waivers."""
        return self._fold(waiver.waiver_stream(one), waiver.evolve, waiver.WaiverBook)

    def evidence_of(self, release: ReleaseId, digest: Digest) -> evidence.EvidenceBook:
        """The evidence about a release of this content: about the content, and about the release by its name."""
        return evidence.joined(self.evidence(digest), self.evidence(evidence.subject_by_name(release, digest)))

    def evidence(self, subject: Digest) -> evidence.EvidenceBook:
        """The evidence about a digest."""
        return self._fold(evidence.evidence_stream(subject), evidence.evolve, evidence.EvidenceBook)

    def freezes(self) -> freeze.Freezes:
        """The freezes in force."""
        return self._fold(freeze.STREAM, freeze.evolve, freeze.Freezes)

    def recall(self, digest: Digest) -> artifact.RecallRecord:
        """Whether a digest is recalled."""
        return self._fold(artifact.recall_stream(digest), artifact.evolve, artifact.RecallRecord)

    def slot(self, service: ServiceName, environment: EnvironmentName) -> slot.SlotState:
        """A service's slot in an environment."""
        return self._fold(slot.slot_stream(service, environment), slot.evolve, slot.SlotState)

    def promotion(self, one: PromotionId) -> promotion.Promotion:
        """A promotion."""
        return self._fold(promotion.promotion_stream(one), promotion.evolve, promotion.Promotion)

    def rollout(self, one: PromotionId) -> rollout.Rollout:
        """A promotion's rollout."""
        return self._fold(rollout.rollout_stream(one), rollout.evolve, rollout.Rollout)

    def baseline(self, service: ServiceName, environment: EnvironmentName) -> baseline.Baseline:
        """What stands, or stood, in an environment to be compared with."""
        return self._fold(baseline.baseline_stream(service, environment), baseline.evolve, baseline.Baseline)

    def rollback(self, one: RollbackId) -> rollback.Rollback:
        """A rollback."""
        return self._fold(rollback.rollback_stream(one), rollback.evolve, rollback.Rollback)

    def incident(self, one: IncidentId) -> incident.Incident:
        """An incident."""
        return self._fold(incident.incident_stream(one), incident.evolve, incident.Incident)

    def docket(self, service: ServiceName) -> docket.Docket:
        """Which incidents of a service are open."""
        return self._fold(docket.docket_stream(service), docket.evolve, docket.Docket)

    def deliveries(self, service: ServiceName) -> delivery.Deliveries:
        """What is delivered of a service by itself."""
        return self._fold(delivery.delivery_stream(service), delivery.evolve, delivery.Deliveries)

    def drift(self, service: ServiceName, environment: EnvironmentName) -> drift.Drift:
        """Whether something else runs in an environment than was released."""
        return self._fold(drift.drift_stream(service, environment), drift.evolve, drift.Drift)

    def absences(self) -> absence.Absences:
        """Who is away."""
        return self._fold(absence.STREAM, absence.evolve, absence.Absences)

    def groups(self) -> groups.Groups:
        """Who is in the groups that hold roles."""
        return self._fold(groups.STREAM, groups.evolve, groups.Groups)

    def asks(self, one: ReleaseId) -> requesting.Asks:
        """What was asked of people about a release."""
        return self._fold(requesting.asked_stream(one), requesting.evolve, requesting.Asks)

    def journal(self, service: ServiceName) -> journal.Journal:
        """What was written into a service's repository."""
        return self._fold(journal.journal_stream(service), journal.evolve, journal.Journal)

    def outbox(self, service: ServiceName) -> outbox.Outbox:
        """A service's messages."""
        return self._fold(outbox.outbox_stream(service), outbox.evolve, outbox.Outbox)

    def began(self, stream: StreamId) -> datetime:
        """When the first record of a stream was written, of which this view has shown the state."""
        return self._now[stream].began

    def _fold(self, stream: StreamId, evolve: Callable[[S, E], S], initial: Callable[[], S]) -> S:
        """The stream's state now. A second look within one view gives the same state, whatever was appended since."""
        state = self._now.get(stream)
        if state is None:
            state = self.folded.states.get(stream, State(0, initial(), UNASKED))
            if self.known == UNASKED or not self.folded.is_still(stream, state.seen):
                state = self._further(stream, state, evolve)
            self._now[stream] = state
        self.reads[stream] = state.position
        return cast("S", state.value)

    def _further(self, stream: StreamId, state: State, evolve: Callable[[S, E], S]) -> State:
        """The same, with what was recorded in it since."""
        position, value, began = state.position, cast("S", state.value), state.began
        for record in self.ledger.stream(stream, after=position):
            value = evolve(value, cast("E", decode_event(record.event, record.version, record.payload)))
            position, began = record.position, record.time if began == NEVER else began
        further = self.folded.states[stream] = State(position, value, max(self.known, state.seen), began)
        return further


def view_of(ledger: Asked, remembered: Remembered, reading: Reading | None = None) -> View:
    """The ledger as it is now, seen through `reading` (the ledger itself, unless another is given)."""
    folded, head = remembered.of(ledger)
    return View(reading or ledger, folded=folded, known=head.size, latest=head.latest)
