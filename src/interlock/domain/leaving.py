# SPDX-License-Identifier: Apache-2.0
"""What an environment leaves when it goes back, and what that means for it: told, rolled back, recalled, an incident.

1. What goes back for a reason of its own (its proof, its requests, a deployment that took the place of what ran) is
   rolled back and recalled, so that nothing brings it in again before a named person says so.
2. What could not be deployed *beside* what is live had nobody on it, and why it could not often lies with the machine:
   that speaks against nothing. It is told, with a small incident, and may be asked for again by a person.
3. Neither does an abort, a pre-emption or silence speak against a release.
4. Whatever users met before it went back owes what the procedure asks after a rollback, whoever called it back and why:
   where the procedure handles incidents, an abort, a recall or a pre-emption of it opens a small one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from interlock.domain.actor import Actor, Person
from interlock.domain.artifact import ArtifactRecalled, RecallEvent, recall_stream
from interlock.domain.authority import Crew
from interlock.domain.decision import Emitted
from interlock.domain.docket import DocketEvent, listed
from interlock.domain.evidence import EvidenceBook
from interlock.domain.governance import GovernanceEvent
from interlock.domain.handling import UNHANDLED, Handling
from interlock.domain.ids import Digest, IncidentId, LabelName, RollbackId
from interlock.domain.incident import (
    NOBODY,
    Incident,
    IncidentEvent,
    IncidentLabelled,
    IncidentOpened,
    Severity,
    incident_stream,
)
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.procedure import Verification
from interlock.domain.promotion import Cause, Manner, Promotion, PromotionEvent, PromotionPhase
from interlock.domain.release import Release, ReleaseEvent, ReleasePhase, ReleaseRolledBack, delisted, release_stream
from interlock.domain.rollback import BeginRollback, Rollback, RollbackCause, RollbackEvent
from interlock.domain.rollout import Rollout
from interlock.domain.slot import OccupantKind, Placed, SlotEvent, SlotState
from interlock.domain.template import RollbackMessages
from interlock.domain.traffic import Lane

Emits = (
    RollbackEvent
    | SlotEvent
    | PromotionEvent
    | ReleaseEvent
    | GovernanceEvent
    | RecallEvent
    | IncidentEvent
    | DocketEvent
    | OutboxEvent
)

_CONDEMNING: Final = frozenset({Cause.DEPLOYMENT, Cause.PROOF, Cause.ANALYSIS, Cause.LIVENESS})
"""Causes that lie with the release itself."""
_QUIET: Final = {
    Cause.PREEMPTED: RollbackCause.PREEMPTED,
    Cause.DEPLOYMENT: RollbackCause.UNDEPLOYED,
    Cause.BLIND: RollbackCause.BLIND,
    Cause.EXPOSURE: RollbackCause.BLIND,
    Cause.LOST: RollbackCause.BLIND,
}
"""Causes that say nothing against the release. A gate that shut again is like an abort."""
_UNREMARKABLE: Final = frozenset({RollbackCause.ABORTED, RollbackCause.PREEMPTED})
"""Causes that are worth an incident only because somebody has met what goes back."""
NONE: Final = RollbackId("")
"""No rollback: there is nothing to return to."""
_MINOR: Final = frozenset({RollbackCause.BLIND, RollbackCause.UNDEPLOYED})


@dataclass(frozen=True, slots=True)
class Ground:
    """The slot, who occupies it, what is live there, what of it is recalled already, and how the target is proven."""

    slot: SlotState
    promotion: Promotion
    rollback: Rollback
    leaving: Release
    recalled: tuple[Digest, ...]
    verification: Verification
    evidence: EvidenceBook
    lanes: tuple[Lane, ...] = (Lane.A,)
    """Both where there is a router."""
    incidents: tuple[Incident, ...] = ()
    """Those open in the environment."""
    handling: Handling = UNHANDLED
    crew: Crew = field(default_factory=Crew)
    messages: RollbackMessages = RollbackMessages()
    """What the rules in force have told of a rollback."""
    rollout: Rollout = Rollout()
    """Of the promotion, where it stands beside what is live."""

    @property
    def had_users(self) -> bool:
        """Whether somebody may have met what the promotion brought."""
        is_in_place = self.promotion.manner is Manner.IN_PLACE and self.promotion.begun > 0
        return is_in_place or self.rollout.authorised >= 0 or self.rollout.losses > 0

    @property
    def left(self) -> Placed:
        """What is being left: a candidate beside what is live, else, or where an incident says so, what is live."""
        promotion, live = self.promotion, self.slot.live
        is_beside = self.slot.kind is OccupantKind.PROMOTION and promotion.is_beside
        if is_beside and not any(one.wants_back(live.release) for one in self.incidents):
            return Placed(promotion.release, promotion.digest, promotion.lane)
        return live

    @property
    def suspected(self) -> tuple[Incident, ...]:
        """The open incidents about what is left, or that the rollback under way answers."""
        going = self.rollback.id
        return tuple(
            one for one in self.incidents if one.release == self.left.release or (going and one.rollback == going)
        )

    @property
    def missing(self) -> tuple[Incident, ...]:
        """The open incidents about what came in the place of what is live, where nothing moves and nothing answers."""
        is_free = self.slot.kind is OccupantKind.FREE
        return tuple(one for one in self.incidents if is_free and one.misses(self.slot.live.release))

    @property
    def is_to_be_restored(self) -> bool:
        """Whether an incident has decided that what is live comes back."""
        is_left = any(one.wants_back(self.slot.live.release) for one in self.incidents)
        return not is_left and any(one.is_going_back for one in self.missing)

    @property
    def is_wanted_back(self) -> bool:
        """Whether an incident has decided so, and no rollback answers it yet."""
        return self.is_to_be_restored or any(one.wants_back(self.left.release) for one in self.incidents)


def cause_of(ground: Ground, actor: Actor) -> RollbackCause:
    """Who or what wants it back."""
    promotion = ground.promotion
    if promotion.phase is PromotionPhase.FAILED and _is_its_fault(promotion):
        return RollbackCause.FAILED
    if isinstance(actor, Person) or ground.is_wanted_back:
        return RollbackCause.ORDERED
    return _QUIET.get(promotion.cause, RollbackCause.ABORTED)


def _is_its_fault(promotion: Promotion) -> bool:
    """Whether what it failed of lies with its release. Beside what is live, nobody met what did not start."""
    is_beside_only = promotion.cause is Cause.DEPLOYMENT and promotion.manner is Manner.BESIDE
    return promotion.cause in _CONDEMNING and not is_beside_only


def consequences(
    command: BeginRollback, ground: Ground, cause: RollbackCause, actor: Actor, now: datetime
) -> tuple[Emitted[Emits], ...]:
    """What a rollback means for what it leaves."""
    title = f"{command.environment}: returning from {ground.left.release}"
    told = due(command.service, command.rollback, Tone.WARNING, title, _sentence(ground, cause))
    small = (Severity.MINOR, ground.promotion.reason or _sentence(ground, cause), command.rollback)
    if cause in _UNREMARKABLE:
        is_owed = ground.had_users and ground.handling.is_declared
        return (told, *incident(command, ground, small, actor, now)) if is_owed else (told,)
    if cause in _MINOR:
        return (told, *incident(command, ground, small, actor, now))
    if cause is RollbackCause.ORDERED:
        return (told, *_rolled_back(command, ground.leaving))
    return (
        told,
        *condemned(command, ground, actor),
        *incident(command, ground, (Severity.MAJOR, _sentence(ground, cause), command.rollback), actor, now),
    )


def condemned(command: BeginRollback, ground: Ground, actor: Actor) -> tuple[Emitted[Emits], ...]:
    """What was at fault is rolled back and recalled; nothing where nothing was."""
    if cause_of(ground, actor) is not RollbackCause.FAILED:
        return ()
    return (*_rolled_back(command, ground.leaving), *_recalls(command, ground, actor))


def incident(
    command: BeginRollback, ground: Ground, told: tuple[Severity, str, RollbackId], actor: Actor, now: datetime
) -> tuple[Emitted[Emits], ...]:
    """The incident that a rollback nobody asked for opens, under its own name, unless one is open about it already."""
    about = ground.handling.labels_of(ground.promotion.checks)
    if ground.suspected:
        return tuple(_labelled(ground, about, now))
    name, (severity, summary, rollback) = IncidentId(command.rollback), told
    opened = IncidentOpened(
        name,
        command.service,
        command.environment,
        ground.left.release,
        severity,
        summary,
        str(actor),
        now,
        about,
        rollback,
    )
    return listed(opened)


def _labelled(ground: Ground, about: tuple[LabelName, ...], now: datetime) -> Iterator[Emitted[Emits]]:
    """What was open about it already is about what was found as well."""
    for state in ground.suspected:
        for label in about:
            if label not in state.labels:
                yield Emitted(incident_stream(state.id), IncidentLabelled(state.id, label, NOBODY, now))


def _rolled_back(command: BeginRollback, leaving: Release) -> tuple[Emitted[Emits], ...]:
    if leaving.phase not in {ReleasePhase.OPEN, ReleasePhase.COMPLETED}:
        return ()
    rolled_back = ReleaseRolledBack(leaving.id, command.environment)
    return (Emitted(release_stream(leaving.id), rolled_back), *delisted(leaving))


def _recalls(command: BeginRollback, ground: Ground, actor: Actor) -> Iterator[Emitted[Emits]]:
    """The release's digest; with a single component its content too, so that another name does not bring it back."""
    contents = [artifact.digest for artifact in ground.leaving.artifacts]
    for digest in (ground.leaving.digest, *(contents if len(contents) == 1 else ())):
        if digest not in ground.recalled:
            yield Emitted(
                recall_stream(digest), ArtifactRecalled(digest, f"rolled back in {command.environment}", str(actor))
            )


def why(command: BeginRollback, ground: Ground, cause: RollbackCause) -> str:
    """Why it goes back, in the words of whoever ordered it where somebody did."""
    return command.reason if cause is RollbackCause.ORDERED and command.reason else _sentence(ground, cause)


def _sentence(ground: Ground, cause: RollbackCause) -> str:
    if cause is not RollbackCause.ORDERED:
        return ground.promotion.sentence
    going = (one for one in ground.incidents if one.wants_back(ground.left.release) or one in ground.missing)
    wanted = next((one.id for one in going if one.is_going_back), "")
    return f"decided in incident {wanted}" if wanted else "ordered by a person"
