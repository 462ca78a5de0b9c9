# SPDX-License-Identifier: Apache-2.0
"""Promotions: the gated movement of a release into one environment, as facts.

What a promotion is, what can be asked of it, what can happen to it. How it moves stands in `promoting`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.change import ChangeKind
from interlock.domain.ids import (
    UNSAID,
    CheckId,
    Digest,
    EffectKey,
    EnvironmentName,
    PromotionId,
    ReleaseId,
    ServiceName,
    StreamId,
    TextRef,
)
from interlock.domain.moment import NEVER
from interlock.domain.proof import Seen
from interlock.domain.traffic import Lane


class PromotionPhase(StrEnum):
    ABSENT = "absent"
    WAITING = "waiting"
    DEPLOYING = "deploying"
    VERIFYING = "verifying"
    ROLLING = "rolling"
    """Beside what is stable, given traffic step by step."""
    BAKING = "baking"
    SETTLING = "settling"
    """Proven beside what was stable, and becoming stable itself."""
    FAILED = "failed"
    COMPLETED = "completed"
    TURNED_AWAY = "turned_away"
    RETURNED = "returned"


class Cause(StrEnum):
    """Why a promotion ends before its end."""

    GATE = "gate"
    DEPLOYMENT = "deployment"
    PROOF = "proof"
    ABORTED = "aborted"
    PREEMPTED = "preempted"
    SUPERSEDED = "superseded"
    ANALYSIS = "analysis"
    """Its requests went worse than those of what is stable."""
    LIVENESS = "liveness"
    """It did not take the requests it was given."""
    EXPOSURE = "exposure"
    """The proxies did not do what they were told."""
    LOST = "lost"
    """Whoever held its exposure lost it, and that for the second time."""
    BLIND = "blind"
    """Checks gave no answer for too long: nothing speaks against the release, and nothing for it."""


class Manner(StrEnum):
    """How it comes to its environment."""

    IN_PLACE = "in_place"
    """It takes the place of what ran."""
    BESIDE = "beside"
    """In a lane of its own, while what is stable goes on."""


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RequestPromotion:
    promotion: PromotionId
    release: ReleaseId
    environment: EnvironmentName
    supersedes: PromotionId = PromotionId("")
    """The promotion under way there that this one makes pointless; it is ended first (empty: none)."""


@dataclass(frozen=True, slots=True)
class BeginDeployment:
    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class ConcludeDeployment:
    promotion: PromotionId
    key: EffectKey
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class ConcludeProof:
    """Decide what the evidence since the last step amounts to."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class AbortPromotion:
    """`reason` may be left out: nothing stands before an abort, not even a sentence."""

    promotion: PromotionId
    reason: TextRef = UNSAID


PromotionCommand = RequestPromotion | BeginDeployment | ConcludeDeployment | ConcludeProof | AbortPromotion


@dataclass(frozen=True, slots=True)
class PromotionRequested:
    promotion: PromotionId
    service: ServiceName
    release: ReleaseId
    environment: EnvironmentName
    digest: Digest
    governance: Digest
    kind: ChangeKind
    by: str


@dataclass(frozen=True, slots=True)
class DeploymentBegun:
    """The gate opened for this digest, here, under this governance; the effect may be performed under `key`."""

    promotion: PromotionId
    digest: Digest
    governance: Digest
    key: EffectKey
    lane: Lane = Lane.A
    manner: Manner = Manner.IN_PLACE


@dataclass(frozen=True, slots=True)
class DeploymentFinished:
    """What must be proven is newer than `seen`."""

    promotion: PromotionId
    at: datetime
    detail: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class PromotionVerified:
    promotion: PromotionId
    at: datetime
    seen: Seen


@dataclass(frozen=True, slots=True)
class PromotionExposed:
    """All of the traffic reaches it, beside what is stable; what must be proven is newer than `seen`."""

    promotion: PromotionId
    at: datetime
    seen: Seen


@dataclass(frozen=True, slots=True)
class PromotionSetBack:
    """Its exposure was lost: it is rolled out anew, and baked anew after that."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class PromotionProven:
    """Beside what is stable it has proven itself: it becomes stable now."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class SettlingBegun:
    promotion: PromotionId
    holder: str


@dataclass(frozen=True, slots=True)
class BakeObserved:
    """All watched checks passed; `counted` is the time this observation stands for."""

    promotion: PromotionId
    at: datetime
    counted: timedelta
    seen: Seen


@dataclass(frozen=True, slots=True)
class PromotionFailed:
    promotion: PromotionId
    cause: Cause
    sentence: str
    reason: TextRef = UNSAID
    """In the words of whoever called it off."""
    checks: tuple[CheckId, ...] = ()
    """Those that said no."""


@dataclass(frozen=True, slots=True)
class PromotionTurnedAway:
    promotion: PromotionId
    cause: Cause
    sentence: str


@dataclass(frozen=True, slots=True)
class PromotionCompleted:
    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class PromotionReturned:
    """The rollback it ended in has begun, or there was nothing to return to."""

    promotion: PromotionId


PromotionEvent = (
    PromotionRequested
    | DeploymentBegun
    | DeploymentFinished
    | PromotionVerified
    | PromotionExposed
    | PromotionSetBack
    | PromotionProven
    | SettlingBegun
    | BakeObserved
    | PromotionFailed
    | PromotionTurnedAway
    | PromotionCompleted
    | PromotionReturned
)


_EXPOSED: Final = frozenset(
    {
        PromotionPhase.DEPLOYING,
        PromotionPhase.VERIFYING,
        PromotionPhase.ROLLING,
        PromotionPhase.BAKING,
        PromotionPhase.SETTLING,
    }
)


@dataclass(frozen=True, slots=True)
class Promotion:
    phase: PromotionPhase = PromotionPhase.ABSENT
    id: PromotionId = PromotionId("")
    service: ServiceName = ServiceName("")
    release: ReleaseId = ReleaseId("")
    environment: EnvironmentName = EnvironmentName("")
    digest: Digest = Digest("")
    governance: Digest = Digest("")
    kind: ChangeKind = ChangeKind.NORMAL
    stepped_at: datetime = NEVER
    """When it was deployed, verified or last observed, whichever came last."""
    seen: Seen = ()
    baked: timedelta = timedelta(0)
    begun: int = 0
    """How often its deployment was authorised."""
    lane: Lane = Lane.A
    manner: Manner = Manner.IN_PLACE
    settled_by: str = ""
    """Who holds its exposure while it becomes stable; empty before."""
    cause: Cause = Cause.GATE
    sentence: str = ""
    reason: TextRef = UNSAID
    checks: tuple[CheckId, ...] = ()
    """Those that it failed."""
    by: str = ""
    """Who asked for it."""

    @property
    def key(self) -> EffectKey:
        """The key of its one deployment."""
        return EffectKey(f"{self.id}/deploy")

    @property
    def is_exposed(self) -> bool:
        """Whether the environment may already run its release."""
        return self.phase in _EXPOSED

    @property
    def is_beside(self) -> bool:
        """Whether what it found is still stable, in a lane of its own."""
        return self.manner is Manner.BESIDE and not self.settled_by


def promotion_stream(promotion: PromotionId) -> StreamId:
    """The stream of one promotion."""
    return StreamId(f"promotion/{promotion}")


def evolve(state: Promotion, event: PromotionEvent) -> Promotion:
    """The promotion after the event."""
    match event:
        case PromotionRequested(promotion, service, release, environment, digest, governance, kind, by):
            waiting = PromotionPhase.WAITING
            return Promotion(waiting, promotion, service, release, environment, digest, governance, kind, by=by)
        case DeploymentBegun(_, digest, governance, _, lane, manner):
            begun = replace(state, phase=PromotionPhase.DEPLOYING, begun=state.begun + 1, lane=lane, manner=manner)
            return replace(begun, digest=digest, governance=governance)
        case DeploymentFinished(_, at, _, seen):
            return replace(state, phase=PromotionPhase.VERIFYING, stepped_at=at, seen=seen)
        case PromotionVerified(_, at, seen):
            following = PromotionPhase.ROLLING if state.manner is Manner.BESIDE else PromotionPhase.BAKING
            return replace(state, phase=following, stepped_at=at, seen=seen)
        case BakeObserved(_, at, counted, seen):
            return replace(state, stepped_at=at, baked=state.baked + counted, seen=seen)
        case PromotionExposed() | PromotionSetBack() | PromotionProven() | SettlingBegun():
            return _beside(state, event)
        case _:
            return _ended(state, event)


def _beside(
    state: Promotion, event: PromotionExposed | PromotionSetBack | PromotionProven | SettlingBegun
) -> Promotion:
    match event:
        case PromotionExposed(_, at, seen):
            return replace(state, phase=PromotionPhase.BAKING, stepped_at=at, seen=seen)
        case PromotionSetBack():
            return replace(state, phase=PromotionPhase.ROLLING, baked=timedelta(0))
        case PromotionProven():
            return replace(state, phase=PromotionPhase.SETTLING)
        case SettlingBegun(_, holder):
            return replace(state, settled_by=holder)
        case _:
            assert_never(event)


def _ended(
    state: Promotion, event: PromotionFailed | PromotionTurnedAway | PromotionCompleted | PromotionReturned
) -> Promotion:
    match event:
        case PromotionFailed(_, cause, sentence, reason, checks):
            failed = replace(state, phase=PromotionPhase.FAILED, cause=cause, sentence=sentence)
            return replace(failed, reason=reason, checks=checks)
        case PromotionTurnedAway(_, cause, sentence):
            return replace(state, phase=PromotionPhase.TURNED_AWAY, cause=cause, sentence=sentence)
        case PromotionCompleted():
            return replace(state, phase=PromotionPhase.COMPLETED)
        case PromotionReturned():
            return replace(state, phase=PromotionPhase.RETURNED)
        case _:
            assert_never(event)
