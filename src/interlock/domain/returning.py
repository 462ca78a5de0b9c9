# SPDX-License-Identifier: Apache-2.0
"""How a rollback moves: begin, return, prove. The rules are those of `rollback`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from interlock.domain.action import Action, ReturnTo
from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.artifact import ArtifactRecalled, RecallEvent, recall_stream
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.evidence import EvidenceBook
from interlock.domain.governance import GovernanceEvent
from interlock.domain.ids import Digest, EffectKey, IncidentId, PromotionId
from interlock.domain.incident import IncidentEvent, IncidentOpened, Severity, incident_stream
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.procedure import Verification
from interlock.domain.promotion import (
    Cause,
    Promotion,
    PromotionEvent,
    PromotionFailed,
    PromotionPhase,
    PromotionReturned,
    promotion_stream,
)
from interlock.domain.proof import Pace, Watch, has_failed, judge, next_looks, seen
from interlock.domain.release import Release, ReleaseEvent, ReleasePhase, ReleaseRolledBack, delisted, release_stream
from interlock.domain.rollback import (
    PATIENCE,
    TRIES,
    BeginRollback,
    ConcludeReturn,
    ConcludeRollbackProof,
    Returned,
    Rollback,
    RollbackBegun,
    RollbackCause,
    RollbackCommand,
    RollbackCompleted,
    RollbackEvent,
    RollbackPhase,
    RollbackReplaced,
    RollbackStranded,
    TargetDeployed,
    TryFailed,
    rollback_stream,
)
from interlock.domain.slot import (
    NOTHING,
    LiveChanged,
    LiveVerified,
    OccupantKind,
    Placed,
    SlotEvent,
    SlotFreed,
    SlotOccupied,
    SlotState,
    slot_stream,
)
from interlock.domain.traffic import Lane, Means
from interlock.domain.verdict import Verdict

Emits = (
    RollbackEvent
    | SlotEvent
    | PromotionEvent
    | ReleaseEvent
    | GovernanceEvent
    | RecallEvent
    | IncidentEvent
    | OutboxEvent
)


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

    @property
    def left(self) -> Placed:
        """What is being left: a candidate beside what is live, else what is live."""
        promotion = self.promotion
        if self.slot.kind is OccupantKind.PROMOTION and promotion.is_beside:
            return Placed(promotion.release, promotion.digest, promotion.lane)
        return self.slot.live


def decide(state: Rollback, command: RollbackCommand, ground: Ground, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the rollback may take this step."""
    if isinstance(command, BeginRollback):
        return _begin(state, command, ground, actor)
    if isinstance(actor, Person):
        return refuse("rollback.robot_only", "the controller takes this step by itself", "run `interlock drive`")
    match command:
        case ConcludeReturn():
            return _conclude_return(state, command, ground, now)
        case ConcludeRollbackProof():
            return _conclude_proof(state, ground, now)
        case _:
            assert_never(command)


def next_actions(
    state: Rollback, verification: Verification, evidence: EvidenceBook, now: datetime
) -> tuple[Action, ...]:
    """What the rollback that occupies its slot needs now."""
    match state.phase:
        case RollbackPhase.RETURNING:
            return (ReturnTo(state.id, state.target, state.key, state.instead_of, state.lane, state.means),)
        case RollbackPhase.PROVING:
            pace = Pace(state.deployed_at + PATIENCE, verification.every)
            return next_looks(_watch(state, verification), evidence, pace, now)
        case _:
            return ()


def target_of(command: BeginRollback, ground: Ground) -> Placed:
    """The release to return to: the named one, else the newest good one that is not live; NOTHING if there is none.

    Naming what is live restores it: it is deployed and proven again, as after a machine was lost. Not while a promotion
    is under way: what it brings is left, never restored. A stranded rollback may try its own target again.
    """
    live = ground.left
    good = [placed for placed in ground.slot.good if placed.digest not in ground.recalled]
    other = [placed for placed in good if placed.digest != live.digest]
    is_stranded = ground.rollback.phase is RollbackPhase.STRANDED
    if command.target:
        candidates = other if ground.slot.kind is OccupantKind.PROMOTION else [*other, live] if live in good else other
        fit = [placed for placed in candidates if placed.release == command.target]
    else:
        fit = good if is_stranded else other
    return fit[-1] if fit else NOTHING


def _begin(state: Rollback, command: BeginRollback, ground: Ground, actor: Actor) -> Decision[Emits]:
    if isinstance(actor, Person) and actor.assurance is not Assurance.SIGNED:
        return refuse("rollback.unsigned", "a rollback names its person by signature", "sign with a registered key")
    if state.phase is not RollbackPhase.ABSENT:
        return refuse("rollback.exists", f"rollback '{command.rollback}' exists already", "see `interlock status`")
    under_way = ground.rollback.phase in {RollbackPhase.RETURNING, RollbackPhase.PROVING}
    names_another = isinstance(actor, Person) and command.target not in {"", ground.rollback.target}
    if under_way and not names_another:
        return refuse(
            "rollback.under_way", f"rollback '{ground.rollback.id}' is under way", "watch it with `interlock status`"
        )
    if isinstance(actor, Robot) and ground.promotion.phase is not PromotionPhase.FAILED:
        return refuse("rollback.no_cause", "nothing has failed there", "a person may order a rollback")
    target = target_of(command, ground)
    if target == NOTHING:
        return _nothing_to_return_to(command, ground, actor)
    cause = _cause(ground, actor)
    begun = _begun(command, ground, target, cause, actor)
    if target.release == ground.left.release:
        title = f"{command.environment}: restoring {target.release}"
        told = due(command.service, command.rollback, Tone.WARNING, title, "ordered by a person")
        return Accepted((*begun, told))
    return Accepted(begun + _consequences(command, ground, cause, actor))


def _cause(ground: Ground, actor: Actor) -> RollbackCause:
    promotion = ground.promotion
    if promotion.phase is PromotionPhase.FAILED and promotion.cause in _CONDEMNING:
        return RollbackCause.FAILED
    if isinstance(actor, Person):
        return RollbackCause.ORDERED
    return _QUIET.get(promotion.cause, RollbackCause.ABORTED)


_CONDEMNING: Final = frozenset({Cause.DEPLOYMENT, Cause.PROOF, Cause.ANALYSIS, Cause.LIVENESS})
"""Causes that lie with the release itself."""
_QUIET: Final = {
    Cause.PREEMPTED: RollbackCause.PREEMPTED,
    Cause.BLIND: RollbackCause.BLIND,
    Cause.EXPOSURE: RollbackCause.BLIND,
    Cause.LOST: RollbackCause.BLIND,
}
"""Causes that say nothing against the release. A gate that shut again is like an abort."""


def _begun(
    command: BeginRollback, ground: Ground, target: Placed, cause: RollbackCause, actor: Actor
) -> tuple[Emitted[Emits], ...]:
    slot = slot_stream(command.service, command.environment)
    lane, means = _way(ground, target)
    begun = RollbackBegun(
        command.rollback,
        command.service,
        command.environment,
        ground.left.release,
        target.release,
        target.digest,
        cause,
        command.reason,
        ground.promotion.id,
        _instead_of(ground),
        str(actor),
        lane,
        means,
    )
    return (
        Emitted(rollback_stream(command.rollback), begun),
        *_ended_occupant(command, ground, actor),
        Emitted(slot, SlotOccupied(OccupantKind.ROLLBACK, command.rollback, target.release)),
        Emitted(slot, LiveChanged(target.release, target.digest, lane)),
    )


def _way(ground: Ground, target: Placed) -> tuple[Lane, Means]:
    """Where the target comes to stand, and whether it stands there already."""
    if len(ground.lanes) == 1:
        return Lane.A, Means.DEPLOY
    live, beside = ground.slot.live, ground.slot.beside
    if target == ground.left:
        return ground.left.lane, Means.DEPLOY
    standing = next((placed for placed in (live, beside) if placed == target), None)
    return (live.lane.other, Means.DEPLOY) if standing is None else (standing.lane, Means.SWITCH)


def _instead_of(ground: Ground) -> EffectKey:
    if ground.slot.kind is OccupantKind.PROMOTION:
        return ground.promotion.key
    if ground.slot.kind is OccupantKind.ROLLBACK:
        return ground.rollback.key
    return EffectKey("")


def _ended_occupant(command: BeginRollback, ground: Ground, actor: Actor) -> tuple[Emitted[Emits], ...]:
    """What the rollback takes the slot from has come to its end."""
    promotion = ground.promotion
    if ground.slot.kind is OccupantKind.ROLLBACK:
        replaced = RollbackReplaced(ground.rollback.id, command.rollback)
        return (Emitted(rollback_stream(ground.rollback.id), replaced),)
    if ground.slot.kind is OccupantKind.FREE:
        return ()
    stream = promotion_stream(promotion.id)
    ended: tuple[Emitted[Emits], ...] = (Emitted(stream, PromotionReturned(promotion.id)),)
    if promotion.phase is PromotionPhase.FAILED:
        return ended
    return (Emitted(stream, PromotionFailed(promotion.id, Cause.ABORTED, f"rolled back by {actor.name}")), *ended)


def _consequences(
    command: BeginRollback, ground: Ground, cause: RollbackCause, actor: Actor
) -> tuple[Emitted[Emits], ...]:
    """What a rollback means for what it leaves. An abort, a pre-emption or silence says nothing against the release."""
    leaving = ground.leaving
    title = f"{command.environment}: returning from {ground.left.release}"
    told = due(command.service, command.rollback, Tone.WARNING, title, _sentence(ground, cause))
    if cause in {RollbackCause.ABORTED, RollbackCause.PREEMPTED}:
        return (told,)
    if cause is RollbackCause.BLIND:
        return (told, _incident(command, ground, Severity.MINOR, _sentence(ground, cause), actor))
    events: list[Emitted[Emits]] = [told]
    events.extend(_rolled_back(command, leaving))
    if cause is RollbackCause.FAILED:
        events.extend(_recalls(command, ground, actor))
        events.append(_incident(command, ground, Severity.MAJOR, _sentence(ground, cause), actor))
    return tuple(events)


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


def _sentence(ground: Ground, cause: RollbackCause) -> str:
    return "ordered by a person" if cause is RollbackCause.ORDERED else ground.promotion.sentence


def _incident(
    command: BeginRollback, ground: Ground, severity: Severity, summary: str, actor: Actor
) -> Emitted[IncidentEvent]:
    incident = IncidentId(command.rollback)
    opened = IncidentOpened(
        incident,
        command.service,
        command.environment,
        ground.left.release,
        severity,
        summary,
        str(actor),
    )
    return Emitted(incident_stream(incident), opened)


def _nothing_to_return_to(command: BeginRollback, ground: Ground, actor: Actor) -> Decision[Emits]:
    if isinstance(actor, Person) and ground.rollback.phase is not RollbackPhase.STRANDED:
        known = ", ".join(good.release for good in ground.slot.good if good.release != ground.left.release)
        return refuse(
            "rollback.no_target",
            f"no release that was good in {command.environment} fits",
            f"good there were: {known or 'none'}; roll forward with a new release",
        )
    if ground.rollback.phase is RollbackPhase.STRANDED:
        stranded = ground.rollback
        title = f"{command.environment}: nothing to return to, roll forward"
        return Accepted(
            (
                Emitted(rollback_stream(stranded.id), RollbackReplaced(stranded.id, command.rollback)),
                Emitted(slot_stream(command.service, command.environment), SlotFreed(stranded.id)),
                due(command.service, command.rollback, Tone.FAILURE, title, f"given up by {actor.name}"),
            )
        )
    promotion = ground.promotion
    summary = f"{promotion.sentence}; there is no good release to return to"
    title = f"{command.environment}: {promotion.release} failed and there is nothing to return to"
    return Accepted(
        (
            Emitted(promotion_stream(promotion.id), PromotionReturned(promotion.id)),
            Emitted(slot_stream(command.service, command.environment), SlotFreed(promotion.id)),
            *_condemned(command, ground, actor),
            _incident(command, ground, Severity.CRITICAL, summary, actor),
            due(command.service, PromotionId(command.rollback), Tone.FAILURE, title, summary),
        )
    )


def _condemned(command: BeginRollback, ground: Ground, actor: Actor) -> tuple[Emitted[Emits], ...]:
    if _cause(ground, actor) is not RollbackCause.FAILED:
        return ()
    return (*_rolled_back(command, ground.leaving), *_recalls(command, ground, actor))


def _conclude_return(state: Rollback, command: ConcludeReturn, ground: Ground, now: datetime) -> Decision[Emits]:
    if state.phase is not RollbackPhase.RETURNING or command.key != state.key:
        return refuse("rollback.not_returning", f"'{state.id}' is not returning under that key", "nothing to do")
    if command.outcome is Returned.SUCCEEDED:
        mark = seen(ground.verification.checks, state.environment, ground.evidence)
        return Accepted((Emitted(rollback_stream(state.id), TargetDeployed(state.id, now, mark)),))
    return Accepted(_failed_try(state, ground, f"the deployment failed: {command.detail}"))


def _conclude_proof(state: Rollback, ground: Ground, now: datetime) -> Decision[Emits]:
    if state.phase is not RollbackPhase.PROVING:
        return refuse("rollback.nothing_to_prove", f"'{state.id}' is {state.phase}", "nothing needs doing")
    finding = judge(_watch(state, ground.verification), ground.evidence)
    if finding.verdict is Verdict.PASS:
        slot = slot_stream(state.service, state.environment)
        title = f"{state.environment}: back on {state.target}"
        return Accepted(
            (
                Emitted(rollback_stream(state.id), RollbackCompleted(state.id)),
                Emitted(slot, LiveVerified(state.target, state.digest)),
                Emitted(slot, SlotFreed(state.id)),
                due(state.service, f"{state.id}/done", Tone.SUCCESS, title, "the rollback is proven"),
            )
        )
    if has_failed(finding) or now > state.deployed_at + PATIENCE:
        return Accepted(_failed_try(state, ground, finding.why()))
    return refuse("rollback.not_proven_yet", finding.why(), "the controller goes on checking")


def _failed_try(state: Rollback, ground: Ground, sentence: str) -> tuple[Emitted[Emits], ...]:
    stream = rollback_stream(state.id)
    failed: Emitted[Emits] = Emitted(stream, TryFailed(state.id, sentence))
    if state.tries + 1 < TRIES and state.digest not in ground.recalled:
        return (failed,)
    title = f"{state.environment}: the rollback to {state.target} is stranded"
    return (
        failed,
        Emitted(stream, RollbackStranded(state.id, sentence)),
        due(state.service, f"{state.id}/stranded", Tone.FAILURE, title, sentence),
    )


def _watch(state: Rollback, verification: Verification) -> Watch:
    return Watch(
        state.id,
        f"proving/{state.tries}",
        state.target,
        state.environment,
        verification.checks,
        state.seen,
        state.deployed_at,
    )
