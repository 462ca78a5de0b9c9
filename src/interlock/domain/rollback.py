# SPDX-License-Identifier: Apache-2.0
"""Rollbacks: returning an environment to the last good release, and the proof that it took.

1. A rollback decreases exposure: no gate, approval, window, freeze, message or metric stands before it (I0).
2. Its target was live and verified in this environment, and is not recalled (I7); the newest such one other than
   what is being left, unless a person names another.
3. One that nobody asked for opens an incident, and recalls what it left where that is at fault, in the same breath.
4. It ends only with the target proven here. After a try that failed it waits, longer each time. When tries are used up
   it is stranded, says so, and keeps the slot until a person orders another.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.ids import (
    Digest,
    EffectKey,
    EnvironmentName,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    StreamId,
)
from interlock.domain.moment import NEVER
from interlock.domain.proof import Seen
from interlock.domain.traffic import Lane, Means

TRIES: Final = 3
"""How often the target is deployed and proven before the rollback is stranded."""
PAUSES: Final = (timedelta(seconds=5), timedelta(seconds=20))
"""How long it waits after each try but the last: what keeps a proxy or a port for a moment shall not strand it."""
PATIENCE: Final = timedelta(minutes=2)
"""How long the proof of a rollback may stay inconclusive before the try counts as failed."""


class RollbackPhase(StrEnum):
    ABSENT = "absent"
    RETURNING = "returning"
    PROVING = "proving"
    STRANDED = "stranded"
    COMPLETED = "completed"
    REPLACED = "replaced"


class RollbackCause(StrEnum):
    """Who or what wanted it."""

    FAILED = "failed"
    ABORTED = "aborted"
    PREEMPTED = "preempted"
    UNDEPLOYED = "undeployed"
    """What was to stand beside what is live could not be deployed there: nobody was on it."""
    BLIND = "blind"
    ORDERED = "ordered"


class Returned(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BeginRollback:
    """Return to the last good release, or to `target` where one is named (empty: none is). `reason` may be personal."""

    rollback: RollbackId
    service: ServiceName
    environment: EnvironmentName
    target: ReleaseId
    reason: str


@dataclass(frozen=True, slots=True)
class ConcludeReturn:
    rollback: RollbackId
    key: EffectKey
    outcome: Returned
    detail: str
    proxies: tuple[str, ...] = ()
    """Which proxies serve it as stable now, by what they say themselves; none where nothing splits the traffic."""
    absent: tuple[str, ...] = ()
    """Which are not up: they serve it from their files once they start."""


@dataclass(frozen=True, slots=True)
class ConcludeRollbackProof:
    rollback: RollbackId


RollbackCommand = BeginRollback | ConcludeReturn | ConcludeRollbackProof


@dataclass(frozen=True, slots=True)
class RollbackBegun:
    rollback: RollbackId
    service: ServiceName
    environment: EnvironmentName
    leaving: ReleaseId
    target: ReleaseId
    digest: Digest
    cause: RollbackCause
    reason: str
    promotion: PromotionId
    instead_of: EffectKey
    by: str
    lane: Lane = Lane.A
    means: Means = Means.DEPLOY


@dataclass(frozen=True, slots=True)
class TargetDeployed:
    rollback: RollbackId
    at: datetime
    seen: Seen
    proxies: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TryFailed:
    rollback: RollbackId
    sentence: str
    at: datetime = NEVER
    means: Means = Means.DEPLOY
    """By which it is tried again: what a router refused says nothing against what stands and serves."""


@dataclass(frozen=True, slots=True)
class RollbackStranded:
    rollback: RollbackId
    sentence: str


@dataclass(frozen=True, slots=True)
class RollbackCompleted:
    rollback: RollbackId


@dataclass(frozen=True, slots=True)
class RollbackReplaced:
    rollback: RollbackId
    by: RollbackId


RollbackEvent = RollbackBegun | TargetDeployed | TryFailed | RollbackStranded | RollbackCompleted | RollbackReplaced


@dataclass(frozen=True, slots=True)
class Rollback:
    phase: RollbackPhase = RollbackPhase.ABSENT
    id: RollbackId = RollbackId("")
    service: ServiceName = ServiceName("")
    environment: EnvironmentName = EnvironmentName("")
    leaving: ReleaseId = ReleaseId("")
    target: ReleaseId = ReleaseId("")
    digest: Digest = Digest("")
    cause: RollbackCause = RollbackCause.ORDERED
    reason: str = ""
    promotion: PromotionId = PromotionId("")
    instead_of: EffectKey = EffectKey("")
    lane: Lane = Lane.A
    means: Means = Means.DEPLOY
    tries: int = 0
    waits_until: datetime = NEVER
    """When the present try may begin."""
    deployed_at: datetime = NEVER
    seen: Seen = ()
    proxies: tuple[str, ...] = ()
    """Which proxies said that they serve the target."""
    absent: tuple[str, ...] = ()
    """Which were not up then."""
    sentence: str = ""

    @property
    def key(self) -> EffectKey:
        """The key of the deployment of the present try."""
        return EffectKey(f"{self.id}/deploy/{self.tries + 1}")


def rollback_stream(rollback: RollbackId) -> StreamId:
    """The stream of one rollback."""
    return StreamId(f"rollback/{rollback}")


def evolve(state: Rollback, event: RollbackEvent) -> Rollback:
    """The rollback after the event."""
    match event:
        case RollbackBegun():
            return Rollback(
                phase=RollbackPhase.RETURNING,
                id=event.rollback,
                service=event.service,
                environment=event.environment,
                leaving=event.leaving,
                target=event.target,
                digest=event.digest,
                cause=event.cause,
                reason=event.reason,
                promotion=event.promotion,
                instead_of=event.instead_of,
                lane=event.lane,
                means=event.means,
            )
        case TargetDeployed(_, at, seen, proxies, absent):
            proving = replace(state, phase=RollbackPhase.PROVING, deployed_at=at, seen=seen)
            return replace(proving, proxies=proxies, absent=absent)
        case TryFailed(_, sentence, at, means):
            anew = replace(state, phase=RollbackPhase.RETURNING, means=means, sentence=sentence)
            return replace(anew, tries=state.tries + 1, waits_until=at + PAUSES[min(state.tries, len(PAUSES) - 1)])
        case RollbackStranded(_, sentence):
            return replace(state, phase=RollbackPhase.STRANDED, sentence=sentence)
        case RollbackCompleted():
            return replace(state, phase=RollbackPhase.COMPLETED)
        case RollbackReplaced():
            return replace(state, phase=RollbackPhase.REPLACED)
        case _:
            assert_never(event)
