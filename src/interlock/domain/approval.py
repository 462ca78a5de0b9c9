# SPDX-License-Identifier: Apache-2.0
"""Sign-offs and approvals: what people attest and authorise, bound to exactly what they saw.

1. A decision names the digest, the governance, the plans and the evidence it covers. When any of them changes it is
   dead, and stays dead when the old value comes back (I6). A sign-off about what is live somewhere names that too.
2. Only who holds a role may decide; authors of the release only where the pack admits them (I2).
3. Of one person's decisions for one gate the last counts. A live rejection by a role holder holds the gate.
4. Robots decide nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

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
from interlock.domain.in_place import InPlace, was_replaced
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance
from interlock.domain.records import RecordBook, too_early
from interlock.domain.release import Plans, Release, ReleasePhase
from interlock.domain.requirement import (
    NOT_ABOUT_LIVE,
    ApprovalRequirement,
    Authors,
    CheckRequirement,
    CountRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
    Who,
)
from interlock.domain.verdict import Verdict

EVERY: Final = RequirementId("*")
"""In place of a requirement: every approval that is not asked for after something else."""


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
class Read:
    """One record that lay before the person who decided."""

    requirement: RequirementId
    document: Digest


@dataclass(frozen=True, slots=True)
class Bound:
    """Everything a decision is about."""

    digest: Digest
    governance: Digest
    revision: int
    plans: Plans
    covered: tuple[Covered, ...]
    read: tuple[Read, ...] = ()
    live: tuple[InPlace, ...] = ()
    """Where something is asked for that is about what is live."""


@dataclass(frozen=True, slots=True)
class SignOff:
    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    bound: Bound


@dataclass(frozen=True, slots=True)
class Approve:
    """Addressed to one requirement, or to every approval that waits for nothing else."""

    release: ReleaseId
    environment: EnvironmentName
    answer: Answer
    bound: Bound
    comment: TextRef
    requirement: RequirementId = EVERY


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
    at: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Decided:
    release: ReleaseId
    environment: EnvironmentName
    answer: Answer
    by: PersonId
    assurance: Assurance
    bound: Bound
    comment: TextRef
    requirement: RequirementId = EVERY
    at: datetime = NEVER


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
    """What a person decides about: a release before the gate of one environment, and what of that gate is met."""

    release: Release
    governance: Governance
    requirements: tuple[Requirement, ...]
    evidence: EvidenceBook
    records: RecordBook = RecordBook()
    met: frozenset[RequirementId] = frozenset()
    live: tuple[InPlace, ...] = ()


def decide(matter: Matter, command: ApprovalCommand, actor: Actor, now: datetime) -> Decision[ApprovalEvent]:
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
    return Accepted((Emitted(approval_stream(command.release), _event(matter, command, actor, now)),))


def evolve(state: ApprovalBook, event: ApprovalEvent) -> ApprovalBook:
    """The book after the event."""
    match event:
        case SignedOff():
            return ApprovalBook((*state.signoffs, event), state.decisions)
        case Decided():
            return ApprovalBook(state.signoffs, (*state.decisions, event))
        case _:
            assert_never(event)


def bind(matter: Matter) -> Bound:
    """What a decision made now about this matter is about."""
    covered: list[Covered] = []
    read: list[Read] = []
    for requirement in matter.requirements:
        if isinstance(requirement, RecordRequirement) and requirement.id in matter.records.written:
            read.append(Read(requirement.id, matter.records.written[requirement.id].document))
        if isinstance(requirement, CheckRequirement | CountRequirement):
            series = matter.evidence.series.get((requirement.check, requirement.environment))
            if series:
                latest = series.latest
                covered.append(
                    Covered(requirement.check, requirement.environment, series.count, latest.verdict, latest.count)
                )
    release, unique = matter.release, tuple(dict.fromkeys(covered))
    return Bound(release.digest, release.governance, release.revision, release.plans, unique, tuple(read), matter.live)


def cause_of_death(bound: Bound, release: Release, evidence: EvidenceBook, records: RecordBook) -> str:
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
    for read in bound.read:
        if records.written[read.requirement].document != read.document:
            return f"the record '{read.requirement}' was written anew"
    return ""


def cause_of_end(asked: Requirement, bound: Bound, release: Release, live: tuple[InPlace, ...]) -> str:
    """What else ends a sign-off: what it is about is live no more. While the release itself is, that is no change."""
    where = asked.live_in if isinstance(asked, SignoffRequirement) else NOT_ABOUT_LIVE
    is_over = was_replaced(where, bound.live, live, release.digest)
    return f"something else is live in {where} since" if is_over else ""


def _faults_of_matter(matter: Matter, command: ApprovalCommand) -> list[Reason]:
    faults: list[Reason] = []
    if matter.release.phase is not ReleasePhase.OPEN:
        faults.append(
            Reason(
                "release.not_open", f"release '{command.release}' is {matter.release.phase}", "see `interlock status`"
            )
        )
    elif command.bound != bind(matter):
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
    return too_early(asked.after, matter.met, "signoff") + _faults_of_person(matter, actor, asked, "signoff")


def _faults_of_approver(matter: Matter, command: Approve, actor: Person) -> list[Reason]:
    known = [other for other in matter.requirements if isinstance(other, ApprovalRequirement)]
    asked = [other for other in known if answers(command.requirement, other)]
    if not asked:
        return [_nothing_asked(command, known)]
    is_no = command.answer is Answer.REJECTED
    tried = [
        ([] if is_no else too_early(one.after, matter.met, "approval"))
        + _faults_of_person(matter, actor, one, "approval")
        for one in asked
    ]
    return min(tried, key=len)


def answers(addressed: RequirementId, asked: ApprovalRequirement) -> bool:
    """Whether a decision addressed so is about this requirement."""
    return addressed == asked.id or (addressed == EVERY and not asked.after)


def _nothing_asked(command: Approve, known: list[ApprovalRequirement]) -> Reason:
    if not known:
        sentence = f"no approval is asked before {command.environment}"
        return Reason("approval.none_asked", sentence, "promote it with `interlock promote`")
    names = ", ".join(one.id for one in known)
    if command.requirement == EVERY:
        sentence = f"every approval before {command.environment} waits for something else and is given by name"
        return Reason("approval.unaddressed", sentence, f"name one with --as: {names}")
    sentence = f"no approval '{command.requirement}' is asked before {command.environment}"
    return Reason("approval.unknown", sentence, f"the approvals asked are: {names}")


def _faults_of_person(
    matter: Matter, actor: Person, asked: SignoffRequirement | ApprovalRequirement, kind: str
) -> list[Reason]:
    faults: list[Reason] = []
    governance = matter.governance
    if not may_stand(asked, actor.id, matter.release, governance):
        roles = ", ".join(asked.roles)
        sentence = f"'{actor.id}' holds none of: {roles}{governance.elsewhere(actor.id, asked.roles)}"
        faults.append(Reason(f"{kind}.role", sentence, f"ask a person who does: {roles}"))
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


def may_stand(
    asked: SignoffRequirement | ApprovalRequirement, person: PersonId, release: Release, governance: Governance
) -> bool:
    """Whether the person holds one of the roles, or owns something touched where owners are asked."""
    if governance.holds_any(person, asked.roles):
        return True
    if isinstance(asked, SignoffRequirement) or asked.who is not Who.OWNERS:
        return False
    return any(person in governance.owners.get(area, ()) for area in release.areas)


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


def _event(matter: Matter, command: ApprovalCommand, actor: Person, now: datetime) -> ApprovalEvent:
    match command:
        case SignOff(release, environment, requirement, bound):
            asked = _signoff_asked(matter, command)
            statement = asked.statement if asked else ""
            return SignedOff(release, environment, requirement, statement, actor.id, actor.assurance, bound, now)
        case Approve(release, environment, answer, bound, comment, requirement):
            return Decided(release, environment, answer, actor.id, actor.assurance, bound, comment, requirement, now)
        case _:
            assert_never(command)
