# SPDX-License-Identifier: Apache-2.0
"""How a rollback moves: begin, return, prove. The rules are those of `rollback`, what it leaves stands in `leaving`."""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from interlock.domain import ordering
from interlock.domain.action import Action, ReturnTo, WakeAt
from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.announcing import Return, return_told
from interlock.domain.answering import Capacity
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse
from interlock.domain.evidence import EvidenceBook
from interlock.domain.ids import EffectKey, PromotionId, ReleaseId
from interlock.domain.incident import Severity
from interlock.domain.leaving import NONE, Emits, Ground, cause_of, condemned, consequences, incident, why
from interlock.domain.outbox import Tone, due
from interlock.domain.procedure import Verification
from interlock.domain.promotion import (
    Cause,
    PromotionFailed,
    PromotionPhase,
    PromotionReturned,
    promotion_stream,
)
from interlock.domain.proof import Pace, Watch, has_failed, judge, next_looks, seen
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
    SlotFreed,
    SlotOccupied,
    slot_stream,
)
from interlock.domain.template import Setting
from interlock.domain.traffic import Lane, Means
from interlock.domain.verdict import Verdict


def decide(state: Rollback, command: RollbackCommand, ground: Ground, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the rollback may take this step."""
    if isinstance(command, BeginRollback):
        return _begin(state, command, ground, actor, now)
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
        case RollbackPhase.RETURNING if now < state.waits_until:
            return (WakeAt(state.waits_until),)
        case RollbackPhase.RETURNING:
            return (ReturnTo(state.id, state.target, state.key, state.instead_of, state.lane, state.means),)
        case RollbackPhase.PROVING:
            pace = Pace(state.deployed_at + PATIENCE, verification.every)
            return next_looks(_watch(state, verification), evidence, pace, now)
        case _:
            return ()


def target_of(command: BeginRollback, ground: Ground) -> Placed:
    """The release to return to: the named one, else the newest good one that is not live; NOTHING if there is none.

    Where an incident has decided against what came in the place of what is live, that is named.

    Naming what is live restores it: it is deployed and proven again, as after a machine was lost. Not while a promotion
    is under way: what it brings is left, never restored. A stranded rollback may try its own target again.
    """
    live = ground.left
    good = [placed for placed in ground.slot.good if placed.digest not in ground.recalled]
    other = [placed for placed in good if placed.digest != live.digest]
    is_stranded = ground.rollback.phase is RollbackPhase.STRANDED
    named = command.target or (live.release if ground.is_to_be_restored else "")
    if named:
        candidates = other if ground.slot.kind is OccupantKind.PROMOTION else [*other, live] if live in good else other
        fit = [placed for placed in candidates if placed.release == named]
    else:
        fit = good if is_stranded else other
    return fit[-1] if fit else NOTHING


def _begin(state: Rollback, command: BeginRollback, ground: Ground, actor: Actor, now: datetime) -> Decision[Emits]:
    refused = _turned_away(state, command, ground, actor)
    if refused is not None:
        return refused
    right = ordering.capacity(command, ground, actor, now) if isinstance(actor, Person) else Capacity.MACHINE
    if isinstance(right, Refused):
        return right
    target = target_of(command, ground)
    if target == NOTHING:
        return _nothing_to_return_to(command, ground, actor, now)
    cause = cause_of(ground, actor)
    begun = _begun(command, ground, target, cause, actor)
    going = Return(command.rollback, command.service, command.environment, ground.left.release, target.release)
    notices = return_told(ground.messages, Setting.DECIDED, going, actor.name, why(command, ground, cause))
    if target.release == ground.left.release:
        title = f"{command.environment}: restoring {target.release}"
        told = due(command.service, command.rollback, Tone.WARNING, title, why(command, ground, cause))
        answered = (*ordering.taken_over(command, ground, now), *ordering.restored(command, ground, right, actor, now))
        return Accepted((*begun, told, *answered, *notices))
    follows = consequences(command, ground, cause, actor, now)
    return Accepted((*begun, *follows, *_answered(command, ground, right, actor, now), *notices))


def _answered(
    command: BeginRollback, ground: Ground, right: Capacity, actor: Actor, now: datetime
) -> Iterator[Emitted[Emits]]:
    """What it means for incidents: an order is an answer, and so is what a machine saw."""
    if isinstance(actor, Person):
        yield from ordering.answered(command, ground, right, actor, now)
    else:
        yield from ordering.went_by_itself(command, ground, actor, now)


def _turned_away(state: Rollback, command: BeginRollback, ground: Ground, actor: Actor) -> Refused | None:
    if isinstance(actor, Person) and actor.assurance is Assurance.ASSERTED:
        step = "sign in at the server, or sign with a registered key"
        return refuse("rollback.unsigned", "a rollback is ordered by somebody who is known", step)
    if state.phase is not RollbackPhase.ABSENT:
        return refuse("rollback.exists", f"rollback '{command.rollback}' exists already", "see `interlock status`")
    under_way = ground.rollback.phase in {RollbackPhase.RETURNING, RollbackPhase.PROVING}
    names_another = isinstance(actor, Person) and command.target not in {"", ground.rollback.target}
    if under_way and not names_another:
        return refuse(
            "rollback.under_way", f"rollback '{ground.rollback.id}' is under way", "watch it with `interlock status`"
        )
    has_failed_there = ground.promotion.phase is PromotionPhase.FAILED or ground.is_wanted_back
    if isinstance(actor, Robot) and not has_failed_there:
        return refuse("rollback.no_cause", "nothing has failed there", "a person may order a rollback")
    return None


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


def _nothing_to_return_to(command: BeginRollback, ground: Ground, actor: Actor, now: datetime) -> Decision[Emits]:
    is_asked_for = isinstance(actor, Person) or ground.promotion.phase is not PromotionPhase.FAILED
    if is_asked_for and ground.rollback.phase is not RollbackPhase.STRANDED:
        known = ", ".join(good.release for good in ground.slot.good if good.release != ground.left.release)
        return refuse(
            "rollback.no_target",
            f"no release that was good in {command.environment} fits",
            f"good there were: {known or 'none'}; roll forward with a new release",
        )
    going = Return(command.rollback, command.service, command.environment, ground.left.release, ReleaseId(""))
    if ground.rollback.phase is RollbackPhase.STRANDED:
        stranded = ground.rollback
        title = f"{command.environment}: nothing to return to, roll forward"
        return Accepted(
            (
                Emitted(rollback_stream(stranded.id), RollbackReplaced(stranded.id, command.rollback)),
                Emitted(slot_stream(command.service, command.environment), SlotFreed(stranded.id)),
                due(command.service, command.rollback, Tone.FAILURE, title, f"given up by {actor.name}"),
                *return_told(ground.messages, Setting.STRANDED, going, actor.name, title),
            )
        )
    promotion = ground.promotion
    summary = f"{promotion.sentence}; there is no good release to return to"
    title = f"{command.environment}: {promotion.release} failed and there is nothing to return to"
    return Accepted(
        (
            Emitted(promotion_stream(promotion.id), PromotionReturned(promotion.id)),
            Emitted(slot_stream(command.service, command.environment), SlotFreed(promotion.id)),
            *condemned(command, ground, actor),
            *incident(command, ground, (Severity.CRITICAL, summary, NONE), actor, now),
            due(command.service, PromotionId(command.rollback), Tone.FAILURE, title, summary),
            *return_told(ground.messages, Setting.STRANDED, going, actor.name, summary),
        )
    )


def _conclude_return(state: Rollback, command: ConcludeReturn, ground: Ground, now: datetime) -> Decision[Emits]:
    if state.phase is not RollbackPhase.RETURNING or command.key != state.key:
        return refuse("rollback.not_returning", f"'{state.id}' is not returning under that key", "nothing to do")
    if command.outcome is Returned.SUCCEEDED:
        mark = seen(ground.verification.checks, state.environment, ground.evidence)
        deployed = TargetDeployed(state.id, now, mark, command.proxies, command.absent)
        return Accepted((Emitted(rollback_stream(state.id), deployed),))
    what = "the switch" if state.means is Means.SWITCH else "the deployment"
    return Accepted(_failed_try(state, ground, f"{what} failed: {command.detail}", now, state.means))


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
                due(state.service, f"{state.id}/done", Tone.SUCCESS, title, _proven(state)),
                *return_told(ground.messages, Setting.RETURNED, _going(state), "", _proven(state)),
            )
        )
    if has_failed(finding) or now > state.deployed_at + PATIENCE:
        return Accepted(_failed_try(state, ground, finding.why(), now))
    return refuse("rollback.not_proven_yet", finding.why(), "the controller goes on checking")


def _proven(state: Rollback) -> str:
    """What is said of it at the end; a proof says nothing of proxies that were not there."""
    if not state.absent:
        return "the rollback is proven"
    who = "no proxy answers" if not state.proxies else f"not answering: {', '.join(state.absent)}"
    return f"the rollback is proven; {who}: started anew they serve it from their files"


def _failed_try(
    state: Rollback, ground: Ground, sentence: str, now: datetime, means: Means = Means.DEPLOY
) -> tuple[Emitted[Emits], ...]:
    stream = rollback_stream(state.id)
    failed: Emitted[Emits] = Emitted(stream, TryFailed(state.id, sentence, now, means))
    if state.tries + 1 < TRIES and state.digest not in ground.recalled:
        return (failed,)
    title = f"{state.environment}: the rollback to {state.target} is stranded"
    return (
        failed,
        Emitted(stream, RollbackStranded(state.id, sentence)),
        due(state.service, f"{state.id}/stranded", Tone.FAILURE, title, sentence),
        *return_told(ground.messages, Setting.STRANDED, _going(state), "", sentence),
    )


def _going(state: Rollback) -> Return:
    return Return(state.id, state.service, state.environment, state.leaving, state.target)


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
