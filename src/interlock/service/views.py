# SPDX-License-Identifier: Apache-2.0
"""Read models: what runs where, what waits and for whom. Folds of the ledger, the same for every face.

1. Nothing is decided here; what waits is what the gate's own finding says.
2. Everything that waits names who can move it: the roles asked, the people who hold them and may act, or the
   controller.
3. What weakens a promise shows: solo mode, checks that were not kept apart from the controller.
4. What is told is never older than the ledger. Where time alone changes it, it is a moment old at most.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from interlock.domain.delivery import Deliveries
from interlock.domain.drift import Drift
from interlock.domain.evidence import SeriesKey
from interlock.domain.freeze import FreezeDeclared
from interlock.domain.gate import Situation, bench, evaluate
from interlock.domain.governance import GovernanceRef, Proposal, ReviewOpened, Service
from interlock.domain.ids import (
    EVERYWHERE,
    Digest,
    EnvironmentName,
    IncidentId,
    PersonId,
    PromotionId,
    ReleaseId,
    RoleName,
    RollbackId,
    ServiceName,
    StreamId,
)
from interlock.domain.incident import Incident
from interlock.domain.journal import Leaf, of_key
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance
from interlock.domain.quorum import who_may
from interlock.domain.release import Release
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    HoldRequirement,
    PeopleRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
)
from interlock.domain.slot import OccupantKind, SlotState, slot_stream
from interlock.domain.verdict import Finding
from interlock.domain.waiver import WaiverRequested
from interlock.packs.bindings import AttachedSpec
from interlock.ports.store import LedgerStore
from interlock.service.gather import Gatherer
from interlock.service.library import PackLibrary

T = TypeVar("T")
A_MOMENT: Final = timedelta(seconds=0.5)
"""For how long what waits is told again as it was, while nothing of it moves in the ledger."""
_LOOK_BACK: Final = 32
"""Records of a slot that are looked back at first."""
NOT_APART = "the controller's own user"
"""What a reading says about a check that was not kept apart from the controller."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Who can move something: people with a role, the controller, or whoever is named in words."""

    roles: tuple[RoleName, ...] = ()
    people: tuple[PersonId, ...] = ()
    other: str = ""


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing that keeps a gate shut, who can change that, and the command for it (empty: none)."""

    finding: Finding
    whom: Whom
    command: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What runs in an environment, since when, and what goes on there."""

    environment: EnvironmentName
    state: SlotState
    version: str
    since: datetime
    under_way: str
    """The phase of the promotion or rollback that occupies it; empty when it is free."""
    sentence: str


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """A release on its way: before which environment it stands, and what it waits for there."""

    release: Release
    environment: EnvironmentName
    gate: Finding
    awaited: tuple[Awaited, ...]
    moving_to: tuple[EnvironmentName, ...]
    """Where it is on its way already; empty when it stands still."""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service now."""

    service: Service
    governance: Governance
    slots: tuple[Slot, ...]
    releases: tuple[OpenRelease, ...]
    waivers: tuple[WaiverRequested, ...]
    given_up: tuple[str, ...]
    not_apart: tuple[str, ...]
    """Checks whose newest reading says that they ran without being kept apart."""
    unwritten: tuple[tuple[str, Leaf], ...] = ()
    """Of which release or incident the records could not be written into the repository, and how that stands."""
    drifts: Mapping[EnvironmentName, Drift] = field(default_factory=dict)
    """Where something else runs than was released, or where it cannot be told."""
    deliveries: Deliveries = Deliveries()
    """What goes to an environment by itself."""

    @property
    def proposals(self) -> tuple[tuple[Digest, Proposal], ...]:
        """Changes of governance that wait for approval."""
        return tuple(self.service.proposals.items())

    @property
    def reviews(self) -> tuple[ReviewOpened, ...]:
        """Retroactive reviews that are owed."""
        return tuple(self.service.reviews.values())


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that is worth knowing now."""

    services: tuple[ServiceStatus, ...]
    incidents: tuple[Incident, ...]
    freezes: tuple[FreezeDeclared, ...]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Reads one ledger at one moment."""

    gatherer: Gatherer
    store: LedgerStore
    library: PackLibrary

    def status(self, services: tuple[ServiceName, ...]) -> Status:
        """What these services do now."""
        now = self.gatherer.now
        freezes = tuple(one for one in self.gatherer.view.freezes().declared.values() if now < one.ends)
        return Status(tuple(self._services(services)), self.open_incidents(), freezes)

    def service(self, name: ServiceName) -> ServiceStatus | None:
        """What this service does now; None where nobody governs it."""
        return self.part(("status", name), partial(Viewer._service, name=name))

    def slots(self, service: ServiceName) -> tuple[Slot, ...]:
        """What runs of it in every environment, whatever the time is."""
        return self.part(("slots", service), partial(Viewer._slots, service=service))

    def drifts(self, service: ServiceName) -> Mapping[EnvironmentName, Drift]:
        """Where something else runs than was released, or where it cannot be told."""
        known = {one: self.gatherer.view.drift(service, one) for one in self._environments(service)}
        return {one: drift for one, drift in known.items() if drift.is_open or drift.is_hidden}

    def open_incidents(self) -> tuple[Incident, ...]:
        """Every incident nobody closed."""
        return self.part("open incidents", Viewer._open_incidents)

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident there ever was."""
        return self.part("incidents", Viewer._incidents)

    def names(self, kind: str) -> tuple[str, ...]:
        """What the names of all streams that begin like this end with, in order."""
        return self.part(("names", kind), partial(Viewer._names, kind=StreamId(kind)))

    def part(self, key: Hashable, make: Callable[["Viewer"], T]) -> T:
        """What is made of what a viewer looks at, made anew when something of it has moved."""
        gatherer = self.gatherer
        return gatherer.view.part(
            key, lambda view: make(replace(self, gatherer=replace(gatherer, view=view))), gatherer.now
        )

    def hold_for_a_moment(self) -> None:
        """Time alone changes what is made of this: at once where the clock stands before what was recorded."""
        now = self.gatherer.now
        self.gatherer.view.hold_until(now + A_MOMENT if now >= self.gatherer.facts.latest else now)

    def ahead(self, release: Release) -> tuple[EnvironmentName, ...]:
        """The environments the release's path still leads to, in order."""
        governance = self.gatherer.pinned(release)
        path = self.gatherer.path_of(release)
        names = governance.procedure.environments_of(path) if path else ()
        return tuple(name for name in names if name not in release.reached)

    def awaited(self, situation: Situation, gate: Finding) -> tuple[Awaited, ...]:
        """What keeps this gate shut, and for whom it waits."""
        asked = {str(one.id): one for one in situation.requirements()}
        return tuple(self._awaited(situation, leaf, asked.get(leaf.subject)) for leaf in gate.blockers())

    def _services(self, services: tuple[ServiceName, ...]) -> Iterator[ServiceStatus]:
        for name in services:
            found = self.service(name)
            if found is not None:
                yield found

    def _names(self, kind: StreamId) -> tuple[str, ...]:
        self.gatherer.view.lean_on(kind)
        return tuple(stream.removeprefix(kind) for stream in self.store.streams(kind))

    def _incidents(self) -> tuple[Incident, ...]:
        return tuple(self.gatherer.view.incident(IncidentId(one)) for one in self.names("incident/"))

    def _open_incidents(self) -> tuple[Incident, ...]:
        view = self.gatherer.view
        listed = {incident for service in self.names("docket/") for incident in view.docket(ServiceName(service)).open}
        return tuple(view.incident(one) for one in sorted(listed))

    def _service(self, name: ServiceName) -> ServiceStatus | None:
        governance = self.gatherer.in_force(name)
        return None if governance is None else self._status(self.gatherer.view.service(name), governance)

    def _status(self, service: Service, governance: Governance) -> ServiceStatus:
        releases = tuple(self._open_release(one) for one in service.open_releases)
        outbox = self.gatherer.view.outbox(service.name)
        return ServiceStatus(
            service,
            governance,
            self.slots(service.name),
            releases,
            tuple(waiver for one in service.open_releases for waiver in self._waiting_waivers(one)),
            tuple(outbox.given_up),
            tuple(dict.fromkeys(check for one in releases for check in self._not_apart(one.release))),
            tuple((of_key(key), leaf) for key, leaf in self.gatherer.view.journal(service.name).held_up.items()),
            drifts=self.drifts(service.name),
            deliveries=self.gatherer.view.deliveries(service.name),
        )

    def _environments(self, service: ServiceName) -> tuple[EnvironmentName, ...]:
        governance = self.gatherer.in_force(service)
        return tuple(one.name for one in governance.procedure.environments) if governance else ()

    def _slots(self, service: ServiceName) -> tuple[Slot, ...]:
        return tuple(self._slot(service, one) for one in self._environments(service))

    def _slot(self, service: ServiceName, environment: EnvironmentName) -> Slot:
        view = self.gatherer.view
        state = view.slot(service, environment)
        phase, sentence = "", ""
        if state.kind is OccupantKind.PROMOTION:
            promotion = view.promotion(PromotionId(state.occupant))
            phase, sentence = promotion.phase.value, promotion.sentence
        elif state.kind is OccupantKind.ROLLBACK:
            rollback = view.rollback(RollbackId(state.occupant))
            phase, sentence = rollback.phase.value, rollback.sentence
        version = view.release(state.live.release).version if state.live.release else ""
        return Slot(environment, state, version, self._live_since(service, environment), phase, sentence)

    def _live_since(self, service: ServiceName, environment: EnvironmentName) -> datetime:
        """Found from the end: a slot that served ten thousand releases has a long history."""
        stream = slot_stream(service, environment)
        after, length = self.gatherer.view.reads.get(stream, 0), _LOOK_BACK
        while after > 0:
            after = max(after - length, 0)
            for record in reversed(self.store.stream(stream, after=after)):
                if record.event in {"LiveChanged", "RunningAdopted"}:
                    return record.time
            length *= 2
        return NEVER

    def _open_release(self, release: ReleaseId) -> OpenRelease:
        return self.part(("open release", release), partial(Viewer._release, release=release))

    def _release(self, release: ReleaseId) -> OpenRelease:
        self.hold_for_a_moment()
        one = self.gatherer.release(release)
        ahead = self.ahead(one) or self._first_environment(one)
        environment = next((name for name in ahead if not self._is_moving(one, name)), ahead[0])
        situation = self.gatherer.situation(release, environment)
        gate = evaluate(situation, self.gatherer.now)
        moving_to = tuple(name for name in ahead if self._is_moving(one, name))
        return OpenRelease(one, environment, gate, self.awaited(situation, gate), moving_to)

    def _first_environment(self, release: Release) -> tuple[EnvironmentName, ...]:
        """Where a release stands whose kind of change no path takes anywhere: its gate says so."""
        return (self.gatherer.pinned(release).procedure.environments[0].name,)

    def _is_moving(self, release: Release, environment: EnvironmentName) -> bool:
        slot = self.gatherer.view.slot(release.service, environment)
        return release.id in {slot.occupying, *(queued.release for queued in slot.queue)}

    def _waiting_waivers(self, release: ReleaseId) -> Iterator[WaiverRequested]:
        book = self.gatherer.view.waivers(release)
        for waiver, asked in book.asked.items():
            if waiver not in book.granted and waiver not in book.revoked and self.gatherer.now < asked.expires:
                yield asked

    def _not_apart(self, release: Release) -> Iterator[str]:
        for (check, _), series in self.gatherer.view.evidence_of(release.id, release.digest).series.items():
            if dict(series.latest.measured).get("ran_as") == NOT_APART:
                yield check

    def _awaited(self, situation: Situation, leaf: Finding, asked: Requirement | None) -> Awaited:
        version = situation.release.version
        match asked:
            case SignoffRequirement():
                return Awaited(leaf, _people(situation, asked), f"interlock sign {version} {asked.id}")
            case ApprovalRequirement():
                named = f" --as {asked.id}" if asked.after else ""
                return Awaited(leaf, _people(situation, asked), f"interlock approve {version}{named}")
            case RecordRequirement():
                command = f"interlock record write {version} {asked.id} FILE"
                return Awaited(leaf, _writers(situation, asked), command)
            case HoldRequirement():
                return Awaited(leaf, Whom(other="time"), "")
            case (
                CheckRequirement(check=check, environment=environment)
                | CountRequirement(check=check, environment=environment)
            ):
                return self._evidence(situation, leaf, (check, environment))
            case None:
                return self._safety(situation, leaf)

    def _safety(self, situation: Situation, leaf: Finding) -> Awaited:
        match leaf.code.split(".")[0]:
            case "order":
                return Awaited(leaf, Whom(other="its promotion before"), "")
            case "window" | "clock":
                return Awaited(leaf, Whom(other="time"), "")
            case "freeze":
                return Awaited(leaf, Whom(other="its end, or a person"), "")
            case "governance":
                return self._rules(situation, leaf)
            case _:
                return Awaited(leaf, Whom(other="a person"), "")

    def _rules(self, situation: Situation, leaf: Finding) -> Awaited:
        """Who does something about the rules that a release brings: they are proposed, or approved."""
        release, service = situation.release, situation.service
        proposal = service.proposals.get(release.declared)
        if proposal is None:
            command = f"interlock governance propose --at {release.commit[:12]} --reason 'WHY'"
            return Awaited(leaf, Whom(other="a person"), command)
        governance = self.gatherer.in_force(service.name) or situation.governance
        governors = governance.procedure.governors
        holders = governance.there(EVERYWHERE).who_holds(*governors)
        able = (person for person in holders if not situation.people.has_left(person))
        free = tuple(person for person in able if person != proposal.by or person in governance.solo)
        digest = release.declared.removeprefix("sha256:")[:12]
        return Awaited(leaf, Whom(governors, free), f"interlock governance approve {digest}")

    def _evidence(self, situation: Situation, leaf: Finding, key: SeriesKey) -> Awaited:
        version = situation.release.version
        bindings = self.library.rules(self.gatherer.view, self._pinned(situation)).bindings
        spec = bindings.check(*key)
        if isinstance(spec, AttachedSpec):
            return Awaited(leaf, Whom(other=spec.attached), f"interlock evidence attach {version} {key[0]}")
        if leaf.code in {"evidence.missing", "proof.awaited"}:
            return Awaited(leaf, Whom(other="the controller"), "")
        return Awaited(leaf, Whom(other="whoever can mend it"), f"interlock evidence show {version} {key[0]}")

    def _pinned(self, situation: Situation) -> GovernanceRef:
        service = situation.service
        return service.approved.get(situation.release.governance, service.in_force)


def _people(situation: Situation, asked: PeopleRequirement) -> Whom:
    """Who may still say so."""
    return Whom(asked.roles, who_may(asked, bench(situation)))


def _writers(situation: Situation, asked: RecordRequirement) -> Whom:
    holders = situation.governance.who_holds(*asked.roles)
    return Whom(asked.roles, tuple(person for person in holders if not situation.people.has_left(person)))
