# SPDX-License-Identifier: Apache-2.0
"""Sign-offs and approvals: what people attest and authorise, bound to exactly what they saw.

1. A decision names the digest, the governance, the plans and the evidence it covers. When any of them changes it is
   dead, and stays dead when the old value comes back (I6).
2. Only who holds a role may decide; authors of the release only where the pack admits them (I2).
3. Of one person's decisions for one gate the last counts. A live rejection by a role holder holds the gate.
4. Robots decide nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused, refuse
from interlock.domain.evidence import EvidenceBook
from interlock.domain.ids import (
    CheckId,
    Digest,
    EnvironmentName,
    PersonId,
    ReleaseId,
    RequirementId,
    StreamId,
    TextRef,
)
from interlock.domain.procedure import Governance
from interlock.domain.release import Plans, Release, ReleasePhase
from interlock.domain.requirement import (
    ApprovalRequirement,
    Authors,
    CheckRequirement,
    CountRequirement,
    Requirement,
    SignoffRequirement,
)
from interlock.domain.verdict import Verdict


class Answer(StrEnum):
    """A decision in the words of the CDEvents approval vocabulary."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Covered:
    """One piece of evidence that lay before the person who decided."""

    check: CheckId
    environment: EnvironmentName
    number: int
    verdict: Verdict
    count: int = 0


@dataclass(frozen=True, slots=True)
class Bound:
    """Everything a decision is about."""

    digest: Digest
    governance: Digest
    revision: int
    plans: Plans
    covered: tuple[Covered, ...]


@dataclass(frozen=True, slots=True)
class SignOff:
    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    bound: Bound


@dataclass(frozen=True, slots=True)
class Approve:
    release: ReleaseId
    environment: EnvironmentName
    answer: Answer
    bound: Bound
    comment: TextRef


ApprovalCommand = SignOff | Approve


@dataclass(frozen=True, slots=True)
class SignedOff:
    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    statement: str
    by: PersonId
    assurance: Assurance
    bound: Bound


@dataclass(frozen=True, slots=True)
class Decided:
    release: ReleaseId
    environment: EnvironmentName
    answer: Answer
    by: PersonId
    assurance: Assurance
    bound: Bound
    comment: TextRef


ApprovalEvent = SignedOff | Decided


@dataclass(frozen=True, slots=True)
class ApprovalBook:
    """Every sign-off and decision about one release, oldest first."""

    signoffs: tuple[SignedOff, ...] = ()
    decisions: tuple[Decided, ...] = ()


def approval_stream(release: ReleaseId) -> StreamId:
    """The stream of all decisions by people about one release."""
    return StreamId(f"approval/{release}")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a person decides about: a release before the gate of one environment."""

    release: Release
    governance: Governance
    requirements: tuple[Requirement, ...]
    evidence: EvidenceBook


def decide(matter: Matter, command: ApprovalCommand, actor: Actor) -> Decision[ApprovalEvent]:
    """Whether this person may say so now, about just this."""
    if not isinstance(actor, Person):
        return refuse("approval.robot", "only people sign off and approve", "ask a person who holds the role")
    faults = _faults_of_matter(matter, command)
    match command:
        case SignOff():
            faults += _faults_of_signoff(matter, command, actor)
        case Approve():
            faults += _faults_of_approver(matter, command, actor)
        case _:
            assert_never(command)
    if faults:
        return Refused(tuple(faults))
    return Accepted((Emitted(approval_stream(command.release), _event(matter, command, actor)),))


def evolve(state: ApprovalBook, event: ApprovalEvent) -> ApprovalBook:
    """The book after the event."""
    match event:
        case SignedOff():
            return ApprovalBook((*state.signoffs, event), state.decisions)
        case Decided():
            return ApprovalBook(state.signoffs, (*state.decisions, event))
        case _:
            assert_never(event)


def bind(release: Release, requirements: Sequence[Requirement], evidence: EvidenceBook) -> Bound:
    """What a decision made now about this release and these requirements is about."""
    covered: list[Covered] = []
    for requirement in requirements:
        if isinstance(requirement, CheckRequirement | CountRequirement):
            series = evidence.series.get((requirement.check, requirement.environment))
            if series:
                latest = series.latest
                covered.append(
                    Covered(requirement.check, requirement.environment, series.count, latest.verdict, latest.count)
                )
    unique = tuple(dict.fromkeys(covered))
    return Bound(release.digest, release.governance, release.revision, release.plans, unique)


def cause_of_death(bound: Bound, release: Release, evidence: EvidenceBook) -> str:
    """What has changed since the decision was made, in one phrase; empty while it is alive."""
    if bound.digest != release.digest:
        return "the artifact is another one"
    if bound.governance != release.governance:
        return "the governance has changed"
    if bound.revision != release.revision or bound.plans != release.plans:
        return "the plans have changed"
    for covered in bound.covered:
        series = evidence.series.get((covered.check, covered.environment))
        if series is None or series.gap or series.changed_since(covered.number, covered.verdict, covered.count):
            return f"the evidence of '{covered.check}' has changed"
    return ""


def _faults_of_matter(matter: Matter, command: ApprovalCommand) -> list[Reason]:
    faults: list[Reason] = []
    if matter.release.phase is not ReleasePhase.OPEN:
        faults.append(
            Reason(
                "release.not_open", f"release '{command.release}' is {matter.release.phase}", "see `interlock status`"
            )
        )
    elif command.bound != bind(matter.release, matter.requirements, matter.evidence):
        faults.append(
            Reason(
                "approval.stale_view",
                "what was signed is not what is there now",
                "look again (`interlock explain`), then decide again",
            )
        )
    return faults


def _faults_of_signoff(matter: Matter, command: SignOff, actor: Person) -> list[Reason]:
    asked = _signoff_asked(matter, command)
    if asked is None:
        names = ", ".join(other.id for other in matter.requirements if isinstance(other, SignoffRequirement))
        return [
            Reason(
                "signoff.unknown",
                f"no sign-off '{command.requirement}' is asked before {command.environment}",
                f"the sign-offs asked are: {names or 'none'}",
            )
        ]
    return _faults_of_person(matter, actor, asked, "signoff")


def _faults_of_approver(matter: Matter, command: Approve, actor: Person) -> list[Reason]:
    asked = [other for other in matter.requirements if isinstance(other, ApprovalRequirement)]
    if not asked:
        return [
            Reason(
                "approval.none_asked",
                f"no approval is asked before {command.environment}",
                "promote it with `interlock promote`",
            )
        ]
    tried = [_faults_of_person(matter, actor, requirement, "approval") for requirement in asked]
    return min(tried, key=len)


def _faults_of_person(
    matter: Matter, actor: Person, asked: SignoffRequirement | ApprovalRequirement, kind: str
) -> list[Reason]:
    faults: list[Reason] = []
    governance = matter.governance
    if not governance.holds_any(actor.id, asked.roles):
        roles = ", ".join(asked.roles)
        faults.append(Reason(f"{kind}.role", f"'{actor.id}' holds none of: {roles}", f"ask a person who does: {roles}"))
    if not admits_author(asked, actor.id, matter.release, governance):
        faults.append(
            Reason(
                f"{kind}.author",
                f"'{actor.id}' is an author of this release, and '{asked.id}' keeps authors apart",
                "ask another person who holds the role",
            )
        )
    if not actor.assurance.reaches(asked.assurance):
        faults.append(
            Reason(
                f"{kind}.assurance",
                f"'{asked.id}' needs a decision that is {asked.assurance}, this one is {actor.assurance}",
                "sign it with a registered key",
            )
        )
    return faults


def admits_author(
    asked: SignoffRequirement | ApprovalRequirement, person: PersonId, release: Release, governance: Governance
) -> bool:
    """Whether separation of duties lets this person stand there as far as authorship goes."""
    return asked.authors is Authors.ADMITTED or person not in release.authors or person in governance.solo


def _signoff_asked(matter: Matter, command: SignOff) -> SignoffRequirement | None:
    for requirement in matter.requirements:
        if isinstance(requirement, SignoffRequirement) and requirement.id == command.requirement:
            return requirement
    return None


def _event(matter: Matter, command: ApprovalCommand, actor: Person) -> ApprovalEvent:
    match command:
        case SignOff(release, environment, requirement, bound):
            asked = _signoff_asked(matter, command)
            statement = asked.statement if asked else ""
            return SignedOff(release, environment, requirement, statement, actor.id, actor.assurance, bound)
        case Approve(release, environment, answer, bound, comment):
            return Decided(release, environment, answer, actor.id, actor.assurance, bound, comment)
        case _:
            assert_never(command)
