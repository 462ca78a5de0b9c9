# SPDX-License-Identifier: Apache-2.0
"""Waivers: a named, bounded, expiring exception to one requirement for one release in one environment.

1. One person asks, another who holds a waiver role grants; both sign (solo mode lets the same person do both).
2. A waiver counts for its requirement, its digest, its environment and its governance, before its expiry: I3.
3. It never changes a verdict; it stands beside it. A requirement that is not waivable cannot be waived.
4. Revoking takes an exception away, so any registered person may.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused, refuse
from interlock.domain.ids import (
    Digest,
    EnvironmentName,
    PersonId,
    ReleaseId,
    RequirementId,
    StreamId,
    TextRef,
    WaiverId,
)
from interlock.domain.procedure import Governance
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import Requirement, Waivable
from interlock.domain.verdict import Finding, Verdict, WaivedBy


@dataclass(frozen=True, slots=True)
class RequestWaiver:
    waiver: WaiverId
    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    reason: TextRef
    mitigation: TextRef
    expires: datetime


@dataclass(frozen=True, slots=True)
class GrantWaiver:
    waiver: WaiverId
    release: ReleaseId


@dataclass(frozen=True, slots=True)
class RevokeWaiver:
    waiver: WaiverId
    release: ReleaseId
    reason: TextRef


WaiverCommand = RequestWaiver | GrantWaiver | RevokeWaiver


@dataclass(frozen=True, slots=True)
class WaiverRequested:
    waiver: WaiverId
    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    digest: Digest
    governance: Digest
    reason: TextRef
    mitigation: TextRef
    expires: datetime
    by: PersonId


@dataclass(frozen=True, slots=True)
class WaiverGranted:
    waiver: WaiverId
    by: PersonId


@dataclass(frozen=True, slots=True)
class WaiverRevoked:
    waiver: WaiverId
    reason: TextRef
    by: PersonId


WaiverEvent = WaiverRequested | WaiverGranted | WaiverRevoked


@dataclass(frozen=True, slots=True)
class WaiverBook:
    """Every waiver of one release: asked for, granted, revoked."""

    asked: Mapping[WaiverId, WaiverRequested] = field(default_factory=dict)
    granted: Mapping[WaiverId, PersonId] = field(default_factory=dict)
    revoked: frozenset[WaiverId] = frozenset()


def waiver_stream(release: ReleaseId) -> StreamId:
    """The stream of all waivers of one release."""
    return StreamId(f"waiver/{release}")


@dataclass(frozen=True, slots=True)
class Scope:
    """The release and the requirements before the environment that a waiver is asked for."""

    release: Release
    governance: Governance
    requirements: tuple[Requirement, ...]


def decide(
    state: WaiverBook, command: WaiverCommand, scope: Scope, actor: Actor, now: datetime
) -> Decision[WaiverEvent]:
    """Whether a waiver may be asked for, granted or revoked."""
    if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
        return refuse("waiver.unsigned", "waivers are signed by people", "sign with a registered key")
    match command:
        case RequestWaiver():
            return _request(state, command, scope, actor, now)
        case GrantWaiver():
            return _grant(state, command, scope, actor, now)
        case RevokeWaiver(waiver, release, reason):
            if waiver not in state.asked or waiver in state.revoked:
                return refuse("waiver.unknown", f"there is no waiver '{waiver}' to revoke", "see `interlock explain`")
            return _accept(release, WaiverRevoked(waiver, reason, actor.id))
        case _:
            assert_never(command)


def evolve(state: WaiverBook, event: WaiverEvent) -> WaiverBook:
    """The book after the event."""
    match event:
        case WaiverRequested(waiver=waiver):
            return replace(state, asked={**state.asked, waiver: event})
        case WaiverGranted(waiver, by):
            return replace(state, granted={**state.granted, waiver: by})
        case WaiverRevoked(waiver, _, _):
            return replace(state, revoked=state.revoked | {waiver})
        case _:
            assert_never(event)


def with_waivers(
    finding: Finding, requirement: Requirement, release: Release, environment: EnvironmentName, waived: "Standing"
) -> Finding:
    """The finding of `requirement` with a valid waiver beside it, if there is one and it needs one."""
    if finding.opens or finding.verdict is Verdict.NOT_APPLICABLE or requirement.waivable is Waivable.NO:
        return finding
    for waiver, asked in waived.book.asked.items():
        if (
            waiver in waived.book.granted
            and waiver not in waived.book.revoked
            and asked.requirement == requirement.id
            and asked.environment == environment
            and asked.digest == release.digest
            and asked.governance == release.governance
            and waived.now < asked.expires
        ):
            return replace(finding, waiver=WaivedBy(waiver))
    return finding


@dataclass(frozen=True, slots=True)
class Standing:
    """The waivers of a release, looked at at one moment."""

    book: WaiverBook
    now: datetime


def _request(
    state: WaiverBook, command: RequestWaiver, scope: Scope, actor: Person, now: datetime
) -> Decision[WaiverEvent]:
    faults = tuple(_faults(state, command, scope, now))
    if faults:
        return Refused(faults)
    return _accept(
        command.release,
        WaiverRequested(
            command.waiver,
            command.release,
            command.environment,
            command.requirement,
            scope.release.digest,
            scope.release.governance,
            command.reason,
            command.mitigation,
            command.expires,
            actor.id,
        ),
    )


def _faults(state: WaiverBook, command: RequestWaiver, scope: Scope, now: datetime) -> list[Reason]:
    faults: list[Reason] = []
    asked = next((other for other in scope.requirements if other.id == command.requirement), None)
    longest = scope.governance.procedure.waivers.longest
    if command.waiver in state.asked:
        faults.append(Reason("waiver.exists", f"waiver '{command.waiver}' exists already", "choose another id"))
    if scope.release.phase is not ReleasePhase.OPEN:
        faults.append(Reason("release.not_open", f"release '{command.release}' is not open", "see `interlock status`"))
    if asked is None:
        faults.append(
            Reason(
                "waiver.unknown_requirement",
                f"'{command.requirement}' is not required before {command.environment}",
                "see `interlock explain`",
            )
        )
    elif asked.waivable is Waivable.NO:
        faults.append(
            Reason("waiver.not_waivable", f"'{command.requirement}' cannot be waived", "meet the requirement itself")
        )
    if not now < command.expires <= now + longest:
        faults.append(
            Reason(
                "waiver.expiry",
                f"a waiver expires after now and within {longest.days} d of it",
                "give an earlier expiry",
            )
        )
    return faults


def _grant(
    state: WaiverBook, command: GrantWaiver, scope: Scope, actor: Person, now: datetime
) -> Decision[WaiverEvent]:
    asked = state.asked.get(command.waiver)
    if asked is None or command.waiver in state.revoked or now >= asked.expires:
        return refuse("waiver.unknown", f"no waiver '{command.waiver}' waits for a grant", "see `interlock status`")
    if command.waiver in state.granted:
        return refuse("waiver.already_granted", f"waiver '{command.waiver}' is granted", "nothing needs doing")
    authority = scope.governance.procedure.waivers.authority
    if not scope.governance.holds_any(actor.id, authority):
        roles = ", ".join(authority)
        sentence = f"'{actor.id}' holds none of: {roles}{scope.governance.elsewhere(actor.id, authority)}"
        return refuse("waiver.role", sentence, f"ask a person who does: {roles}")
    if actor.id == asked.by and actor.id not in scope.governance.solo:
        return refuse("waiver.own_request", "who asks for a waiver does not grant it", "ask another person")
    if actor.id in scope.release.authors and actor.id not in scope.governance.solo:
        return refuse("waiver.author", "an author of the release does not grant its waivers", "ask another person")
    return _accept(command.release, WaiverGranted(command.waiver, actor.id))


def _accept(release: ReleaseId, event: WaiverEvent) -> Accepted[WaiverEvent]:
    return Accepted((Emitted(waiver_stream(release), event),))
