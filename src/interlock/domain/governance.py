# SPDX-License-Identifier: Apache-2.0
"""Which governance is in force for a service, the releases it has open, and the reviews it owes.

1. The first governance is adopted by a signed person; every later one is proposed by one and approved by another
   who holds a governing role under the governance *in force* (solo mode, itself governed, allows the same person).
2. What judges a release is the version in force, never what the release brings along (threat: judging oneself).
3. An emergency promotion into production opens a retroactive review with a deadline; somebody who had no part in
   it (`partaking`) completes it. While one is overdue, normal production promotions are refused (I4).
   An emergency is not: it may be what ends an outage. What else it takes then, the pack says in conditions. Who is
   told of what is owed, and when, stands in `chasing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse
from interlock.domain.environment import Environment, Tier
from interlock.domain.ids import (
    ChangeId,
    Digest,
    EnvironmentName,
    NoticeId,
    PersonId,
    ReleaseId,
    ServiceName,
    StreamId,
    TextRef,
)
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance
from interlock.domain.verdict import Finding, Verdict

NO_GOVERNANCE = Digest("")
"""In place of a governance digest before the first one is adopted."""


@dataclass(frozen=True, slots=True)
class GovernedFile:
    """A file of the repository that bindings rely on, under the governance digest."""

    path: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class GovernanceRef:
    """Where the parts of a governance are: blobs of pack and bindings, and the files governed with them."""

    digest: Digest
    pack: Digest
    bindings: Digest
    files: tuple[GovernedFile, ...]


@dataclass(frozen=True, slots=True)
class AdoptGovernance:
    service: ServiceName
    governance: GovernanceRef


@dataclass(frozen=True, slots=True)
class ProposeGovernance:
    service: ServiceName
    governance: GovernanceRef
    reason: TextRef


@dataclass(frozen=True, slots=True)
class ApproveGovernance:
    service: ServiceName
    digest: Digest


@dataclass(frozen=True, slots=True)
class CompleteReview:
    service: ServiceName
    change: ChangeId
    outcome: TextRef


GovernanceCommand = AdoptGovernance | ProposeGovernance | ApproveGovernance | CompleteReview


@dataclass(frozen=True, slots=True)
class GovernanceAdopted:
    service: ServiceName
    governance: GovernanceRef
    by: PersonId


@dataclass(frozen=True, slots=True)
class GovernanceProposed:
    service: ServiceName
    governance: GovernanceRef
    reason: TextRef
    by: PersonId


@dataclass(frozen=True, slots=True)
class GovernanceApproved:
    service: ServiceName
    governance: GovernanceRef
    by: PersonId


@dataclass(frozen=True, slots=True)
class ReleaseListed:
    service: ServiceName
    release: ReleaseId


@dataclass(frozen=True, slots=True)
class ReleaseDelisted:
    service: ServiceName
    release: ReleaseId


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """`parties` had a part in the change; somebody else reviews it.

    `at` is when it was opened, first of all; `path` the one it came on. Both are unknown of the oldest reviews.
    """

    service: ServiceName
    change: ChangeId
    parties: tuple[PersonId, ...]
    due: datetime
    at: datetime = NEVER
    path: str = ""
    release: ReleaseId = ReleaseId("")
    environment: EnvironmentName = EnvironmentName("")


@dataclass(frozen=True, slots=True)
class ReviewWidened:
    """Somebody took a part in the change after its review was opened, and so does not make it."""

    service: ServiceName
    change: ChangeId
    by: PersonId


@dataclass(frozen=True, slots=True)
class ReviewChased:
    """Somebody was told of a review that is owed: by this message, for this moment."""

    service: ServiceName
    change: ChangeId
    notice: NoticeId
    moment: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewCompleted:
    service: ServiceName
    change: ChangeId
    outcome: TextRef
    by: PersonId


GovernanceEvent = (
    GovernanceAdopted
    | GovernanceProposed
    | GovernanceApproved
    | ReleaseListed
    | ReleaseDelisted
    | ReviewOpened
    | ReviewWidened
    | ReviewChased
    | ReviewCompleted
)


@dataclass(frozen=True, slots=True)
class Proposal:
    governance: GovernanceRef
    by: PersonId


@dataclass(frozen=True, slots=True)
class Service:
    """A service under governance. `approved` holds every version that ever was in force, by its digest."""

    name: ServiceName = ServiceName("")
    in_force: GovernanceRef = GovernanceRef(NO_GOVERNANCE, NO_GOVERNANCE, NO_GOVERNANCE, ())
    approved: Mapping[Digest, GovernanceRef] = field(default_factory=dict)
    proposals: Mapping[Digest, Proposal] = field(default_factory=dict)
    open_releases: tuple[ReleaseId, ...] = ()
    reviews: Mapping[ChangeId, ReviewOpened] = field(default_factory=dict)
    chased: Mapping[tuple[ChangeId, NoticeId], datetime] = field(default_factory=dict)
    """For which moment each message about an owed review was told last."""
    ended: tuple[ReleaseId, ...] = ()
    """Every release that came to its end, oldest first."""

    @property
    def is_governed(self) -> bool:
        """Whether any governance is in force."""
        return self.in_force.digest != NO_GOVERNANCE


def service_stream(service: ServiceName) -> StreamId:
    """The stream of one service."""
    return StreamId(f"service/{service}")


def decide(
    state: Service, command: GovernanceCommand, governance: Governance | None, actor: Actor
) -> Decision[GovernanceEvent]:
    """Whether governance may change so. `governance` is the one in force, None before the first."""
    if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
        return refuse(
            "governance.unsigned", "governance changes by signatures of people only", "sign with a registered key"
        )
    match command:
        case AdoptGovernance():
            return _adopt(state, command, actor)
        case ProposeGovernance():
            return _propose(state, command, actor)
        case ApproveGovernance():
            return _approve(state, command, governance, actor)
        case CompleteReview():
            return _complete_review(state, command, governance, actor)
        case _:
            assert_never(command)


def evolve(state: Service, event: GovernanceEvent) -> Service:
    """The service after the event."""
    match event:
        case GovernanceAdopted(service, governance, _):
            approved = {**state.approved, governance.digest: governance}
            return replace(state, name=service, in_force=governance, approved=approved)
        case GovernanceProposed(_, governance, _, by):
            return replace(state, proposals={**state.proposals, governance.digest: Proposal(governance, by)})
        case GovernanceApproved(_, governance, _):
            approved = {**state.approved, governance.digest: governance}
            return replace(state, in_force=governance, approved=approved, proposals={})
        case ReleaseListed(_, release):
            return replace(state, open_releases=(*state.open_releases, release))
        case ReleaseDelisted(_, release):
            left = tuple(other for other in state.open_releases if other != release)
            return replace(state, open_releases=left, ended=(*state.ended, release))
        case ReviewOpened() | ReviewWidened() | ReviewChased() | ReviewCompleted():
            return _with_review(state, event)
        case _:
            assert_never(event)


def _with_review(state: Service, event: ReviewOpened | ReviewWidened | ReviewChased | ReviewCompleted) -> Service:
    match event:
        case ReviewOpened(change=change):
            return replace(state, reviews={**state.reviews, change: event})
        case ReviewWidened(_, change, by):
            wider = {
                one: replace(owed, parties=(*owed.parties, by)) for one, owed in state.reviews.items() if one == change
            }
            return replace(state, reviews={**state.reviews, **wider})
        case ReviewChased(_, change, notice, moment, _):
            return replace(state, chased={**state.chased, (change, notice): moment})
        case ReviewCompleted(_, change, _, _):
            left = {other: due for other, due in state.reviews.items() if other != change}
            chased = {known: moment for known, moment in state.chased.items() if known[0] != change}
            return replace(state, reviews=left, chased=chased)
        case _:
            assert_never(event)


def overdue_reviews(state: Service, now: datetime) -> tuple[ChangeId, ...]:
    """The emergencies whose retroactive review is overdue."""
    return tuple(review.change for review in state.reviews.values() if review.due < now)


def judge_reviews(state: Service, environment: Environment, kind: ChangeKind, now: datetime) -> Finding:
    """Whether an overdue retroactive review stands in the way of a normal production promotion (I4)."""
    overdue = overdue_reviews(state, now)
    if environment.tier is not Tier.PRODUCTION or not overdue:
        return Finding("review.none_overdue", environment.name, Verdict.PASS, "no retroactive review is overdue here")
    if kind is ChangeKind.EMERGENCY:
        sentence = "the retroactive review of an emergency is overdue; it does not hold an emergency by itself"
        return Finding("review.overdue_beside", ", ".join(overdue), Verdict.PASS, sentence)
    return Finding(
        "review.overdue",
        ", ".join(overdue),
        Verdict.FAIL,
        "the retroactive review of an emergency change is overdue",
        "complete it with `interlock change review CHANGE --outcome 'WHAT WAS FOUND'`",
    )


def _adopt(state: Service, command: AdoptGovernance, actor: Person) -> Decision[GovernanceEvent]:
    if state.is_governed:
        return refuse(
            "governance.already_adopted",
            "this service is governed already",
            "propose the new version with `interlock governance propose --reason 'WHY'`",
        )
    return _accept(command.service, GovernanceAdopted(command.service, command.governance, actor.id))


def _propose(state: Service, command: ProposeGovernance, actor: Person) -> Decision[GovernanceEvent]:
    ref = command.governance
    if not state.is_governed:
        return _ungoverned()
    if ref.digest == state.in_force.digest:
        return refuse("governance.no_change", "this governance is in force already", "nothing needs doing")
    known = state.proposals.get(ref.digest)
    if known is not None and known.governance != ref:
        return refuse(
            "governance.other_content",
            "other content is proposed under this digest",
            "propose what stands in the repository with `interlock governance propose --reason 'WHY'`",
        )
    return _accept(command.service, GovernanceProposed(command.service, ref, command.reason, actor.id))


def _approve(
    state: Service, command: ApproveGovernance, governance: Governance | None, actor: Person
) -> Decision[GovernanceEvent]:
    proposal = state.proposals.get(command.digest)
    if governance is None:
        return _ungoverned()
    if proposal is None:
        return refuse(
            "governance.not_proposed",
            "no such governance is proposed",
            "propose it with `interlock governance propose --reason 'WHY'`",
        )
    if not governance.holds_any(actor.id, governance.procedure.governors):
        governors = governance.procedure.governors
        roles = ", ".join(governors)
        sentence = f"'{actor.id}' holds none of: {roles}{governance.elsewhere(actor.id, governors)}"
        return refuse("governance.role", sentence, f"ask a person who does: {roles}")
    if proposal.by == actor.id and actor.id not in governance.solo:
        return refuse(
            "governance.own_proposal",
            "the person who proposed a governance does not approve it",
            "ask another person who holds a governing role",
        )
    return _accept(state.name, GovernanceApproved(state.name, proposal.governance, actor.id))


def _complete_review(
    state: Service, command: CompleteReview, governance: Governance | None, actor: Person
) -> Decision[GovernanceEvent]:
    review = state.reviews.get(command.change)
    if review is None:
        return refuse("review.none", f"no review of '{command.change}' is open", "see `interlock status`")
    solo = governance.solo if governance else ()
    if actor.id in review.parties and actor.id not in solo:
        return refuse(
            "review.own_change",
            "who had a part in an emergency change does not review it",
            "ask another registered person",
        )
    return _accept(state.name, ReviewCompleted(state.name, command.change, command.outcome, actor.id))


def _ungoverned() -> Refused:
    return refuse("governance.none", "this service is not governed yet", "run `interlock adopt` first")


def _accept(service: ServiceName, event: GovernanceEvent) -> Accepted[GovernanceEvent]:
    return Accepted((Emitted(service_stream(service), event),))
