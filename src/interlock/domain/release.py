# SPDX-License-Identifier: Apache-2.0
"""Releases: the artifacts of one or more components moving as one, under one change and one pinned governance.

1. A version is used once: what it holds never changes.
2. `revision` counts what approvals are bound to beside the content: pinned governance and plans. It only grows, so
   what died stays dead, also when the old value comes back (I6).
3. Authors are the change's author, who made the release, and everyone who wrote or committed what is in it.
   Committers nobody can name are counted, and one is enough to hold production (I2).
4. A withdrawn or rolled-back release moves no further.
5. A person makes it, with their signature. Only the head of a delivered branch is made one by itself: `delivery`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Person, is_signed_person
from interlock.domain.artifact import Artifact, release_digest
from interlock.domain.change import Change, ChangePhase
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused, refuse
from interlock.domain.governance import GovernanceEvent, ReleaseDelisted, ReleaseListed, Service, service_stream
from interlock.domain.ids import ChangeId, Digest, EnvironmentName, PersonId, ReleaseId, ServiceName, StreamId, TextRef


class ReleasePhase(StrEnum):
    ABSENT = "absent"
    OPEN = "open"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Plans:
    """Digests of how it goes out and how it comes back; their texts are blobs."""

    rollout: Digest
    rollback: Digest


@dataclass(frozen=True, slots=True)
class CreateRelease:
    """`declared` is the governance found in the release's own source; it is compared, never used to judge it.

    `areas` names what of the source differs from `base`, as the bindings in force divide it.
    """

    release: ReleaseId
    service: ServiceName
    version: str
    change: ChangeId
    artifacts: tuple[Artifact, ...]
    commit: str
    base: str
    authors: tuple[PersonId, ...]
    unknown_authors: int
    declared: Digest
    plans: Plans
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepinGovernance:
    """Move an open release to the governance now in force."""

    release: ReleaseId


@dataclass(frozen=True, slots=True)
class RevisePlans:
    release: ReleaseId
    plans: Plans


@dataclass(frozen=True, slots=True)
class WithdrawRelease:
    release: ReleaseId
    reason: TextRef


ReleaseCommand = CreateRelease | RepinGovernance | RevisePlans | WithdrawRelease


@dataclass(frozen=True, slots=True)
class ReleaseCreated:
    release: ReleaseId
    service: ServiceName
    version: str
    change: ChangeId
    artifacts: tuple[Artifact, ...]
    commit: str
    base: str
    authors: tuple[PersonId, ...]
    unknown_authors: int
    governance: Digest
    declared: Digest
    plans: Plans
    areas: tuple[str, ...] = ()
    branch: str = ""
    """The branch whose head it was when it was delivered by itself; empty: a person made it."""


@dataclass(frozen=True, slots=True)
class ReleaseAdopted:
    """What ran before Interlock came, by the word of a person."""

    release: ReleaseId
    service: ServiceName
    version: str
    artifacts: tuple[Artifact, ...]
    commit: str
    by: PersonId


@dataclass(frozen=True, slots=True)
class GovernanceRepinned:
    release: ReleaseId
    governance: Digest


@dataclass(frozen=True, slots=True)
class PlansRevised:
    release: ReleaseId
    plans: Plans


@dataclass(frozen=True, slots=True)
class ReleaseWithdrawn:
    release: ReleaseId
    reason: TextRef


@dataclass(frozen=True, slots=True)
class ReleaseReached:
    """Promoted into the environment, verified and baked there. `last` says that the path ends here."""

    release: ReleaseId
    environment: EnvironmentName
    last: bool


@dataclass(frozen=True, slots=True)
class ReleaseRolledBack:
    release: ReleaseId
    environment: EnvironmentName


ReleaseEvent = (
    ReleaseCreated
    | ReleaseAdopted
    | GovernanceRepinned
    | PlansRevised
    | ReleaseWithdrawn
    | ReleaseReached
    | ReleaseRolledBack
)


@dataclass(frozen=True, slots=True)
class Release:
    phase: ReleasePhase = ReleasePhase.ABSENT
    id: ReleaseId = ReleaseId("")
    service: ServiceName = ServiceName("")
    version: str = ""
    change: ChangeId = ChangeId("")
    artifacts: tuple[Artifact, ...] = ()
    digest: Digest = Digest("")
    commit: str = ""
    base: str = ""
    authors: tuple[PersonId, ...] = ()
    unknown_authors: int = 0
    governance: Digest = Digest("")
    declared: Digest = Digest("")
    plans: Plans = Plans(Digest(""), Digest(""))
    areas: tuple[str, ...] = ()
    branch: str = ""
    """The branch it was delivered from by itself; empty: a person made it."""
    revision: int = 0
    reached: tuple[EnvironmentName, ...] = ()


def release_stream(release: ReleaseId) -> StreamId:
    """The stream of one release."""
    return StreamId(f"release/{release}")


def decide(
    state: Release, command: ReleaseCommand, change: Change, service: Service, actor: Actor
) -> Decision[ReleaseEvent | GovernanceEvent]:
    """Whether the release may be made or changed so. `change` is the one it names, `service` its service."""
    if isinstance(command, CreateRelease):
        return _create(state, command, change, service, actor)
    if state.phase is not ReleasePhase.OPEN:
        return refuse(
            "release.not_open", f"release '{command.release}' is {state.phase}, not open", "see `interlock status`"
        )
    if not isinstance(actor, Person):
        return refuse("release.needs_person", "a release is changed by a person", "name yourself")
    return _change(state, command, service)


def evolve(state: Release, event: ReleaseEvent) -> Release:
    """The release after the event."""
    match event:
        case ReleaseCreated():
            return _created(event)
        case ReleaseAdopted(release, service, version, artifacts, commit, by):
            return Release(
                ReleasePhase.ADOPTED,
                release,
                service,
                version,
                artifacts=artifacts,
                digest=release_digest(artifacts),
                commit=commit,
                authors=(by,),
            )
        case GovernanceRepinned(_, governance):
            return replace(state, governance=governance, revision=state.revision + 1)
        case PlansRevised(_, plans):
            return replace(state, plans=plans, revision=state.revision + 1)
        case ReleaseWithdrawn():
            return replace(state, phase=ReleasePhase.WITHDRAWN)
        case ReleaseReached(_, environment, last):
            phase = ReleasePhase.COMPLETED if last and state.phase is ReleasePhase.OPEN else state.phase
            return replace(state, phase=phase, reached=(*state.reached, environment))
        case ReleaseRolledBack():
            return replace(state, phase=ReleasePhase.ROLLED_BACK)
        case _:
            assert_never(event)


def delisted(release: Release) -> tuple[Emitted[GovernanceEvent], ...]:
    """What takes a release that has come to its end off its service's open list; nothing if it was not on it."""
    return (_delist(release),) if release.phase is ReleasePhase.OPEN else ()


def _change(
    state: Release, command: RepinGovernance | RevisePlans | WithdrawRelease, service: Service
) -> Decision[ReleaseEvent | GovernanceEvent]:
    match command:
        case RepinGovernance(release):
            if service.in_force.digest == state.governance:
                return refuse(
                    "release.already_pinned", "it is pinned to the governance in force", "nothing needs doing"
                )
            return _accept(release, GovernanceRepinned(release, service.in_force.digest))
        case RevisePlans(release, plans):
            if plans == state.plans:
                return refuse("release.same_plans", "these are its plans already", "nothing needs doing")
            return _accept(release, PlansRevised(release, plans))
        case WithdrawRelease(_, reason):
            return Accepted(withdrawn(state, reason))
        case _:
            assert_never(command)


def _delist(release: Release) -> Emitted[GovernanceEvent]:
    return Emitted(service_stream(release.service), ReleaseDelisted(release.service, release.id))


def _create(
    state: Release, command: CreateRelease, change: Change, service: Service, actor: Actor
) -> Decision[ReleaseEvent | GovernanceEvent]:
    if not isinstance(actor, Person) or not is_signed_person(actor):
        return refuse("release.unsigned", "a release is made by a signed person", "sign with a registered key")
    reasons = tuple(faults(state, command, change, service))
    if reasons:
        return Refused(reasons)
    authors = tuple(dict.fromkeys((*command.authors, change.author, actor.id)))
    return Accepted(created(command, service, authors))


def created(
    command: CreateRelease, service: Service, authors: tuple[PersonId, ...], branch: str = ""
) -> tuple[Emitted[ReleaseEvent | GovernanceEvent], ...]:
    """What makes it, pinned to the governance in force. `branch` is where it is delivered from, if it is."""
    made = ReleaseCreated(
        release=command.release,
        service=command.service,
        version=command.version,
        change=command.change,
        artifacts=command.artifacts,
        commit=command.commit,
        base=command.base,
        authors=authors,
        unknown_authors=command.unknown_authors,
        governance=service.in_force.digest,
        declared=command.declared,
        plans=command.plans,
        areas=command.areas,
        branch=branch,
    )
    listed = ReleaseListed(command.service, command.release)
    return (Emitted(release_stream(command.release), made), Emitted(service_stream(command.service), listed))


def withdrawn(release: Release, reason: TextRef) -> tuple[Emitted[ReleaseEvent | GovernanceEvent], ...]:
    """What takes an open release back."""
    return (Emitted(release_stream(release.id), ReleaseWithdrawn(release.id, reason)), _delist(release))


def faults(state: Release, command: CreateRelease, change: Change, service: Service) -> list[Reason]:
    """Why this release cannot be made, whoever asks."""
    found: list[Reason] = []
    if state.phase is not ReleasePhase.ABSENT:
        found.append(Reason("release.exists", f"release '{command.release}' exists already", "use a new version"))
    if not service.is_governed:
        found.append(Reason("governance.none", "this service is not governed yet", "run `interlock adopt` first"))
    if change.phase is not ChangePhase.OPEN or change.service != command.service:
        found.append(
            Reason(
                "release.no_change",
                f"there is no open change request '{command.change}' of this service",
                "open one with `interlock change open ID --title 'WHAT CHANGES'`",
            )
        )
    if not command.artifacts:
        found.append(Reason("release.no_artifact", "a release holds at least one artifact", "bind an artifact"))
    if len({artifact.component for artifact in command.artifacts}) < len(command.artifacts):
        found.append(Reason("release.component_twice", "a component stands in it twice", "name each component once"))
    return found


def _created(event: ReleaseCreated) -> Release:
    return Release(
        phase=ReleasePhase.OPEN,
        id=event.release,
        service=event.service,
        version=event.version,
        change=event.change,
        artifacts=event.artifacts,
        digest=release_digest(event.artifacts),
        commit=event.commit,
        base=event.base,
        authors=event.authors,
        unknown_authors=event.unknown_authors,
        governance=event.governance,
        declared=event.declared,
        plans=event.plans,
        areas=event.areas,
        branch=event.branch,
    )


def _accept(release: ReleaseId, event: ReleaseEvent) -> Accepted[ReleaseEvent | GovernanceEvent]:
    return Accepted((Emitted(release_stream(release), event),))
