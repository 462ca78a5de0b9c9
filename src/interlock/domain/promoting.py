# SPDX-License-Identifier: Apache-2.0
"""Promotions: the gated movement of a release into one environment.

1. Asking evaluates the gate; so does the moment before deploying, and that decision is recorded before the effect it
   allows (I0, I1). A deployment whose fate is unknown is authorised anew before it is started again.
2. What was deployed is verified, then baked; bake time counts only what was observed, never a jump of the clock.
3. A failed check, a deployment that failed, checks that stay silent too long, an abort or a pre-emption end in a
   rollback; nobody has to agree to that. Silence is no verdict: what went back blindly may come again.
4. It completes only with every proof a PASS, and only then is its release good here (I7).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from interlock.domain.action import Action, AuthoriseDeployment, ObserveDeployment, StartRollback, WakeAt
from interlock.domain.actor import Actor, Person, Robot
from interlock.domain.approval import Answer
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted, refuse, refuse_by
from interlock.domain.environment import Tier
from interlock.domain.evidence import EvidenceBook
from interlock.domain.gate import Situation, evaluate
from interlock.domain.governance import GovernanceEvent, ReviewOpened, service_stream
from interlock.domain.ids import PersonId
from interlock.domain.moment import span_in_words
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.procedure import Stage
from interlock.domain.promotion import (
    AbortPromotion,
    BakeObserved,
    BeginDeployment,
    Cause,
    ConcludeDeployment,
    ConcludeProof,
    DeploymentBegun,
    DeploymentFinished,
    Outcome,
    Promotion,
    PromotionCommand,
    PromotionCompleted,
    PromotionEvent,
    PromotionFailed,
    PromotionPhase,
    PromotionRequested,
    PromotionTurnedAway,
    PromotionVerified,
    RequestPromotion,
    promotion_stream,
)
from interlock.domain.proof import Pace, Seen, Watch, has_failed, judge, next_looks, seen
from interlock.domain.release import ReleaseEvent, ReleasePhase, ReleaseReached, delisted, release_stream
from interlock.domain.slot import (
    LiveChanged,
    LiveVerified,
    OccupantKind,
    SlotEvent,
    SlotFreed,
    SlotLeft,
    SlotOccupied,
    SlotQueued,
    SlotState,
    slot_stream,
)
from interlock.domain.verdict import Verdict

Emits = PromotionEvent | SlotEvent | ReleaseEvent | GovernanceEvent | OutboxEvent

STARTS: Final = 5
"""How often a deployment whose fate is unknown is authorised before the promotion fails."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The situation before the gate, the slot, and who occupies it."""

    situation: Situation
    slot: SlotState
    occupant: Promotion = Promotion()

    @property
    def stage(self) -> Stage:
        """The stage that promotes into the environment."""
        return self.situation.stages()[-1]


def decide(state: Promotion, command: PromotionCommand, turn: Turn, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the promotion may take this step."""
    if isinstance(command, RequestPromotion):
        return _request(state, command, turn, actor, now)
    if isinstance(command, AbortPromotion):
        return _abort(state, turn, actor)
    if isinstance(actor, Person):
        return refuse("promotion.robot_only", "the controller takes this step by itself", "run `interlock drive`")
    match command:
        case BeginDeployment():
            return _begin(state, turn, now)
        case ConcludeDeployment():
            return _conclude_deployment(state, command, turn, now)
        case ConcludeProof():
            return _conclude_proof(state, turn, now)
        case _:
            assert_never(command)


def next_actions(state: Promotion, stage: Stage, evidence: EvidenceBook, now: datetime) -> tuple[Action, ...]:
    """What the promotion that occupies its slot (or is next in line for it) needs now."""
    match state.phase:
        case PromotionPhase.WAITING:
            return (AuthoriseDeployment(state.id, state.release, state.key),)
        case PromotionPhase.DEPLOYING:
            return (ObserveDeployment(state.id, state.release, state.key),)
        case PromotionPhase.VERIFYING:
            return _prove(state, stage, evidence, now)
        case PromotionPhase.BAKING:
            next_look = state.stepped_at + min(stage.bake.every, stage.bake.duration - state.baked)
            return (WakeAt(next_look),) if now < next_look else _prove(state, stage, evidence, now)
        case PromotionPhase.FAILED:
            return (StartRollback(state.id),)
        case _:
            return ()


def is_going_back(state: Promotion) -> bool:
    """Whether what it needs now is a decrease of exposure."""
    return state.phase is PromotionPhase.FAILED


def _prove(state: Promotion, stage: Stage, evidence: EvidenceBook, now: datetime) -> tuple[Action, ...]:
    pace = Pace(_deadline(state, stage), stage.verification.every)
    return next_looks(_watch(state, stage), evidence, pace, now)


def _watch(state: Promotion, stage: Stage) -> Watch:
    """What has to be proven since the last step: the deployment, or the last observation of the bake."""
    checks = stage.bake.checks if state.phase is PromotionPhase.BAKING else stage.verification.checks
    return Watch(state.id, state.phase, state.release, state.environment, checks, state.seen, state.stepped_at)


def _deadline(state: Promotion, stage: Stage) -> datetime:
    """Until when checks may stay inconclusive; past it the promotion cannot see and goes back."""
    pause = stage.bake.every if state.phase is PromotionPhase.BAKING else timedelta(0)
    return state.stepped_at + pause + stage.verification.within


def _request(state: Promotion, command: RequestPromotion, turn: Turn, actor: Actor, now: datetime) -> Decision[Emits]:
    situation, slot = turn.situation, turn.slot
    if state.phase is not PromotionPhase.ABSENT:
        return refuse("promotion.exists", f"promotion '{command.promotion}' exists already", "see `interlock status`")
    if isinstance(actor, Robot):
        return refuse("promotion.needs_person", "a promotion is asked for by a person", "run `interlock promote`")
    if command.release in {slot.occupying, *(queued.release for queued in slot.queue)}:
        return refuse("promotion.under_way", f"'{command.release}' is on its way there", "see `interlock status`")
    gate = evaluate(situation, now)
    if not gate.opens:
        return refuse_by(gate)
    requested = PromotionRequested(
        command.promotion,
        situation.release.service,
        command.release,
        command.environment,
        situation.release.digest,
        situation.release.governance,
        situation.change.kind,
        str(actor),
    )
    events: tuple[Emitted[Emits], ...] = (Emitted(promotion_stream(command.promotion), requested),)
    return Accepted(events + _line_up(command, turn))


def _line_up(command: RequestPromotion, turn: Turn) -> tuple[Emitted[Emits], ...]:
    """Take the slot when it is free; else join the queue, an emergency in front, pre-empting what can be."""
    slot, situation = turn.slot, turn.situation
    stream = slot_stream(situation.release.service, command.environment)
    if slot.kind is OccupantKind.FREE and not slot.queue:
        return (Emitted(stream, SlotOccupied(OccupantKind.PROMOTION, command.promotion, command.release)),)
    if situation.change.kind is not ChangeKind.EMERGENCY:
        return (Emitted(stream, SlotQueued(command.promotion, command.release, "", situation.change.kind)),)
    ordinary = (one.promotion for one in slot.queue if one.kind is not ChangeKind.EMERGENCY)
    joined = SlotQueued(command.promotion, command.release, next(ordinary, ""), ChangeKind.EMERGENCY)
    queued: Emitted[Emits] = Emitted(stream, joined)
    occupant = turn.occupant
    if slot.kind is not OccupantKind.PROMOTION or not _may_be_preempted(occupant):
        return (queued,)
    sentence = f"pre-empted by the emergency release {command.release}"
    return (queued, *_end(occupant, turn, Cause.PREEMPTED, sentence))


def _may_be_preempted(occupant: Promotion) -> bool:
    """What has failed already goes back by itself; taking the slot from it would lose its rollback."""
    return occupant.kind is not ChangeKind.EMERGENCY and occupant.phase is not PromotionPhase.FAILED


def _begin(state: Promotion, turn: Turn, now: datetime) -> Decision[Emits]:
    is_mine = turn.slot.kind is OccupantKind.PROMOTION and turn.slot.occupant == state.id
    is_next = turn.slot.kind is OccupantKind.FREE and bool(turn.slot.queue) and turn.slot.queue[0].promotion == state.id
    if state.phase not in {PromotionPhase.WAITING, PromotionPhase.DEPLOYING} or not (is_mine or is_next):
        return refuse("promotion.not_its_turn", f"it is not the turn of '{state.id}'", "see `interlock status`")
    if state.begun >= STARTS:
        return Accepted(_end(state, turn, Cause.DEPLOYMENT, f"the deployment could not be started in {STARTS} tries"))
    gate = evaluate(turn.situation, now)
    if not gate.opens:
        return Accepted(_end(state, turn, Cause.GATE, gate.why()))
    release = turn.situation.release
    slot = slot_stream(state.service, state.environment)
    begun = DeploymentBegun(state.id, release.digest, release.governance, state.key)
    events: list[Emitted[Emits]] = []
    if is_next:
        events.append(Emitted(slot, SlotOccupied(OccupantKind.PROMOTION, state.id, state.release)))
    events.append(Emitted(promotion_stream(state.id), begun))
    if turn.slot.live.digest != release.digest or turn.slot.live.release != release.id:
        events.append(Emitted(slot, LiveChanged(release.id, release.digest)))
    events.extend(_review(state, turn, now))
    return Accepted(tuple(events))


def _review(state: Promotion, turn: Turn, now: datetime) -> tuple[Emitted[Emits], ...]:
    """An emergency into production opens its retroactive review, once (I4)."""
    situation = turn.situation
    path = situation.governance.procedure.path_for(situation.change.kind)
    if (
        situation.change.kind is not ChangeKind.EMERGENCY
        or situation.environment.tier is not Tier.PRODUCTION
        or path is None
        or state.phase is PromotionPhase.DEPLOYING
    ):
        return ()
    owed = situation.service.reviews.get(situation.change.id)
    parties = tuple(dict.fromkeys((*(owed.parties if owed else ()), *_parties(situation))))
    if owed and owed.parties == parties:
        return ()
    deadline = owed.due if owed else now + path.review_within
    return (
        Emitted(service_stream(state.service), ReviewOpened(state.service, situation.change.id, parties, deadline)),
    )


def _parties(situation: Situation) -> tuple[PersonId, ...]:
    """Everyone who wrote the release or said yes to it, in that order."""
    agreed = (decided.by for decided in situation.approvals.decisions if decided.answer is Answer.APPROVED)
    return tuple(dict.fromkeys((*situation.release.authors, situation.change.author, *agreed)))


def _conclude_deployment(state: Promotion, command: ConcludeDeployment, turn: Turn, now: datetime) -> Decision[Emits]:
    if state.phase is not PromotionPhase.DEPLOYING or command.key != state.key:
        return refuse("promotion.not_deploying", f"'{state.id}' is not deploying under that key", "nothing to do")
    if command.outcome is Outcome.SUCCEEDED:
        finished = DeploymentFinished(state.id, now, command.detail, _seen(turn))
        return Accepted((Emitted(promotion_stream(state.id), finished),))
    failed = PromotionFailed(state.id, Cause.DEPLOYMENT, f"the deployment failed: {command.detail}")
    return Accepted((Emitted(promotion_stream(state.id), failed),))


def _conclude_proof(state: Promotion, turn: Turn, now: datetime) -> Decision[Emits]:
    if state.phase not in {PromotionPhase.VERIFYING, PromotionPhase.BAKING}:
        return refuse("promotion.nothing_to_prove", f"'{state.id}' is {state.phase}", "nothing needs doing")
    standing = _standing(turn)
    if standing:
        return Accepted((Emitted(promotion_stream(state.id), PromotionFailed(state.id, Cause.GATE, standing)),))
    finding = judge(_watch(state, turn.stage), turn.situation.evidence)
    if finding.verdict is Verdict.PASS:
        return Accepted(_proven(state, turn, now))
    if has_failed(finding) or now > _deadline(state, turn.stage):
        cause = Cause.PROOF if has_failed(finding) else Cause.BLIND
        failed = PromotionFailed(state.id, cause, finding.why())
        return Accepted((Emitted(promotion_stream(state.id), failed),))
    return refuse("promotion.not_proven_yet", finding.why(), "the controller goes on checking")


def _standing(turn: Turn) -> str:
    """Why the release may not complete any more, whatever its proof says; empty while it may."""
    release = turn.situation.release
    if turn.situation.recalled:
        return "it was recalled on the way"
    may_go_on = release.phase in {ReleasePhase.OPEN, ReleasePhase.COMPLETED}
    return "" if may_go_on else f"the release is {release.phase.replace('_', ' ')}"


def _proven(state: Promotion, turn: Turn, now: datetime) -> tuple[Emitted[Emits], ...]:
    bake = turn.stage.bake
    stream = promotion_stream(state.id)
    if state.phase is PromotionPhase.VERIFYING:
        verified: Emitted[Emits] = Emitted(stream, PromotionVerified(state.id, now, _seen(turn)))
        return (verified, *_complete(state, turn)) if not bake.duration else (verified,)
    counted = min(max(now - state.stepped_at, timedelta(0)), 2 * bake.every)
    observed: Emitted[Emits] = Emitted(stream, BakeObserved(state.id, now, counted, _seen(turn)))
    baked = replace(state, baked=state.baked + counted)
    return (observed, *_complete(baked, turn)) if baked.baked >= bake.duration else (observed,)


def _seen(turn: Turn) -> Seen:
    checks = turn.stage.verification.checks + turn.stage.bake.checks
    return seen(checks, turn.situation.environment.name, turn.situation.evidence)


def _complete(state: Promotion, turn: Turn) -> tuple[Emitted[Emits], ...]:
    release, situation = turn.situation.release, turn.situation
    slot = slot_stream(state.service, state.environment)
    path = situation.governance.procedure.path_for(situation.change.kind)
    is_last = path is not None and situation.governance.procedure.environments_of(path)[-1:] == (state.environment,)
    title = f"{state.release} is live in {state.environment}"
    return (
        Emitted(promotion_stream(state.id), PromotionCompleted(state.id)),
        Emitted(release_stream(state.release), ReleaseReached(state.release, state.environment, is_last)),
        *(delisted(release) if is_last else ()),
        Emitted(slot, LiveVerified(state.release, state.digest)),
        Emitted(slot, SlotFreed(state.id)),
        due(state.service, state.id, Tone.SUCCESS, title, f"verified, then baked for {span_in_words(state.baked)}"),
    )


def _abort(state: Promotion, turn: Turn, actor: Actor) -> Decision[Emits]:
    if isinstance(actor, Robot):
        return refuse("promotion.needs_person", "a promotion is aborted by a person", "run `interlock abort`")
    if state.phase is not PromotionPhase.WAITING and not state.is_exposed:
        return refuse("promotion.ended", f"'{state.id or 'it'}' is {state.phase}", "see `interlock status`")
    return Accepted(_end(state, turn, Cause.ABORTED, f"aborted by {actor}"))


def _end(state: Promotion, turn: Turn, cause: Cause, sentence: str) -> tuple[Emitted[Emits], ...]:
    """End a promotion: quietly when nothing was exposed yet, by failing it (and so rolling back) when something was."""
    stream = promotion_stream(state.id)
    if state.is_exposed:
        return (Emitted(stream, PromotionFailed(state.id, cause, sentence)),)
    slot = slot_stream(state.service, state.environment)
    leaves = SlotFreed(state.id) if turn.slot.occupant == state.id else SlotLeft(state.id)
    return (
        Emitted(stream, PromotionTurnedAway(state.id, cause, sentence)),
        Emitted(slot, leaves),
        due(
            state.service, state.id, Tone.WARNING, f"{state.release} was not promoted to {state.environment}", sentence
        ),
    )
