# SPDX-License-Identifier: Apache-2.0
"""Promotions: the gated movement of a release into one environment.

1. Asking evaluates the gate; so does the moment before deploying, and that decision is recorded before the effect it
   allows (I0, I1). A deployment whose fate is unknown is authorised anew before it is started again.
2. What was deployed is verified, then baked; bake time counts only what was observed, never a jump of the clock.
3. A failed check, a deployment that failed, checks that stay silent too long, an abort or a pre-emption end in a
   rollback; nobody has to agree to that. Silence is no verdict: what went back blindly may come again.
4. It completes only with every proof a PASS, and only then is its release good here (I7).
5. Where there is a router it stands beside what is stable until it has proven itself; how it is given traffic stands
   in `rolling`, how it gets its turn in `queueing`.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from interlock.domain.action import Action, AuthoriseDeployment, ObserveDeployment, StartRollback, WakeAt
from interlock.domain.actor import Actor, Person
from interlock.domain.announcing import announced
from interlock.domain.approval import Answer
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.environment import Tier
from interlock.domain.evidence import EvidenceBook
from interlock.domain.gate import Situation, evaluate
from interlock.domain.governance import ReviewOpened, service_stream
from interlock.domain.ids import PersonId
from interlock.domain.moment import span_in_words
from interlock.domain.outbox import Tone, due
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
    Manner,
    Outcome,
    Promotion,
    PromotionCommand,
    PromotionCompleted,
    PromotionFailed,
    PromotionPhase,
    PromotionProven,
    PromotionVerified,
    RequestPromotion,
    promotion_stream,
)
from interlock.domain.proof import Pace, Seen, Watch, has_failed, judge, next_looks, seen, those_that_failed
from interlock.domain.queueing import Emits, Turn, abort, end, request, stands_already
from interlock.domain.release import ReleasePhase, ReleaseReached, delisted, release_stream
from interlock.domain.rollout import RolloutBegun, rollout_stream
from interlock.domain.slot import (
    NOTHING,
    LaneTaken,
    LiveChanged,
    LiveVerified,
    OccupantKind,
    SlotFreed,
    SlotOccupied,
    slot_stream,
)
from interlock.domain.template import Setting
from interlock.domain.traffic import Lane
from interlock.domain.verdict import Verdict

STARTS: Final = 5
"""How often a deployment whose fate is unknown is authorised before the promotion fails."""


def decide(state: Promotion, command: PromotionCommand, turn: Turn, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the promotion may take this step."""
    if isinstance(command, RequestPromotion):
        return request(state, command, turn, actor, now)
    if isinstance(command, AbortPromotion):
        return abort(state, command.reason, turn, actor)
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


def _begin(state: Promotion, turn: Turn, now: datetime) -> Decision[Emits]:
    is_mine = turn.slot.kind is OccupantKind.PROMOTION and turn.slot.occupant == state.id
    is_next = turn.slot.kind is OccupantKind.FREE and bool(turn.slot.queue) and turn.slot.queue[0].promotion == state.id
    if state.phase not in {PromotionPhase.WAITING, PromotionPhase.DEPLOYING} or not (is_mine or is_next):
        return refuse("promotion.not_its_turn", f"it is not the turn of '{state.id}'", "see `interlock status`")
    if state.begun >= STARTS:
        return Accepted(end(state, turn, Cause.DEPLOYMENT, f"the deployment could not be started in {STARTS} tries"))
    if stands_already(turn):
        return Accepted(end(state, turn, Cause.GATE, f"'{state.release}' is live there already"))
    gate = evaluate(turn.situation, now)
    if not gate.opens:
        return Accepted(end(state, turn, Cause.GATE, gate.why()))
    release = turn.situation.release
    slot = slot_stream(state.service, state.environment)
    lane, manner = _place(turn)
    begun = DeploymentBegun(state.id, release.digest, release.governance, state.key, lane, manner)
    events: list[Emitted[Emits]] = []
    if is_next:
        events.append(Emitted(slot, SlotOccupied(OccupantKind.PROMOTION, state.id, state.release)))
    events.append(Emitted(promotion_stream(state.id), begun))
    if manner is Manner.BESIDE:
        events.append(Emitted(slot, LaneTaken(release.id, release.digest, lane)))
    elif turn.slot.live.digest != release.digest or turn.slot.live.release != release.id:
        events.append(Emitted(slot, LiveChanged(release.id, release.digest)))
    events.extend(_review(state, turn, now))
    return Accepted(tuple(events))


def _place(turn: Turn) -> tuple[Lane, Manner]:
    """Where it is deployed: with a router in the lane that is not live, without one in the place of what runs."""
    if turn.situation.environment.name not in turn.situation.governance.routes:
        return Lane.A, Manner.IN_PLACE
    return (turn.slot.live.lane.other if turn.slot.live != NOTHING else Lane.A), Manner.BESIDE


def _review(state: Promotion, turn: Turn, now: datetime) -> tuple[Emitted[Emits], ...]:
    """An emergency into production opens its retroactive review, once (I4)."""
    situation = turn.situation
    path = situation.path()
    if (
        situation.change.kind is not ChangeKind.EMERGENCY
        or situation.environment.tier is not Tier.PRODUCTION
        or path is None
        or state.phase is PromotionPhase.DEPLOYING
    ):
        return ()
    owed = situation.service.reviews.get(situation.change.id)
    parties = tuple(dict.fromkeys((*(owed.parties if owed else ()), *_parties(state, situation))))
    if owed and owed.parties == parties:
        return ()
    since, deadline = (owed.at, owed.due) if owed else (now, now + path.review_within)
    opened = ReviewOpened(
        state.service, situation.change.id, parties, deadline, since, path.name, state.release, state.environment
    )
    return (Emitted(service_stream(state.service), opened),)


def _parties(state: Promotion, situation: Situation) -> tuple[PersonId, ...]:
    """Who wrote it, or did anything for it; also by what is older than telling who did."""
    said = [decided.by for decided in situation.approvals.decisions if decided.answer is Answer.APPROVED]
    said += [signed.by for signed in situation.approvals.signoffs]
    said += [written.by for written in situation.records.written.values()]
    said += [*(one.by for one in situation.waivers.asked.values()), *situation.waivers.granted.values()]
    asked = [person for person in situation.people.names if state.by == f"person:{person}"]
    named = (*situation.release.authors, situation.change.author, *said, *asked, *situation.change.hands)
    return tuple(dict.fromkeys(named))


def _conclude_deployment(state: Promotion, command: ConcludeDeployment, turn: Turn, now: datetime) -> Decision[Emits]:
    if state.phase is not PromotionPhase.DEPLOYING or command.key != state.key:
        return refuse("promotion.not_deploying", f"'{state.id}' is not deploying under that key", "nothing to do")
    if command.outcome is Outcome.SUCCEEDED:
        finished = DeploymentFinished(state.id, now, command.detail, marked(turn))
        return Accepted((Emitted(promotion_stream(state.id), finished),))
    failed = PromotionFailed(state.id, Cause.DEPLOYMENT, f"the deployment failed: {command.detail}")
    return Accepted((Emitted(promotion_stream(state.id), failed),))


def _conclude_proof(state: Promotion, turn: Turn, now: datetime) -> Decision[Emits]:
    if state.phase not in {PromotionPhase.VERIFYING, PromotionPhase.BAKING}:
        return refuse("promotion.nothing_to_prove", f"'{state.id}' is {state.phase}", "nothing needs doing")
    standing = obstacle(turn)
    if standing:
        return Accepted((Emitted(promotion_stream(state.id), PromotionFailed(state.id, Cause.GATE, standing)),))
    finding = judge(_watch(state, turn.stage), turn.situation.evidence)
    if finding.verdict is Verdict.PASS:
        return Accepted(_proven(state, turn, now))
    if has_failed(finding) or now > _deadline(state, turn.stage):
        cause = Cause.PROOF if has_failed(finding) else Cause.BLIND
        failed = PromotionFailed(state.id, cause, finding.why(), checks=those_that_failed(finding))
        return Accepted((Emitted(promotion_stream(state.id), failed),))
    return refuse("promotion.not_proven_yet", finding.why(), "the controller goes on checking")


def obstacle(turn: Turn) -> str:
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
        verified: Emitted[Emits] = Emitted(stream, PromotionVerified(state.id, now, marked(turn)))
        if state.manner is Manner.BESIDE:
            route = turn.situation.governance.routes[state.environment]
            analysis = replace(turn.stage.rollout.analysis, split=route.split, habit=route.habit)
            begun = RolloutBegun(state.id, state.service, state.environment, analysis)
            return (verified, Emitted(rollout_stream(state.id), begun))
        return (verified, *complete(state, turn)) if not bake.duration else (verified,)
    counted = min(max(now - state.stepped_at, timedelta(0)), 2 * bake.every)
    observed: Emitted[Emits] = Emitted(stream, BakeObserved(state.id, now, counted, marked(turn)))
    baked = replace(state, baked=state.baked + counted)
    if baked.baked < bake.duration:
        return (observed,)
    if state.manner is Manner.BESIDE:
        return (observed, Emitted(stream, PromotionProven(state.id)))
    return (observed, *complete(baked, turn))


def marked(turn: Turn) -> Seen:
    """Where the evidence of everything that proves it stands now."""
    checks = turn.stage.verification.checks + turn.stage.bake.checks
    return seen(checks, turn.situation.environment.name, turn.situation.evidence)


def complete(state: Promotion, turn: Turn) -> tuple[Emitted[Emits], ...]:
    """It is good here from now on."""
    release, situation = turn.situation.release, turn.situation
    slot = slot_stream(state.service, state.environment)
    path = situation.path()
    is_last = path is not None and situation.governance.procedure.environments_of(path)[-1:] == (state.environment,)
    title, proof = f"{state.release} is live in {state.environment}", _proof(state)
    return (
        Emitted(promotion_stream(state.id), PromotionCompleted(state.id)),
        Emitted(release_stream(state.release), ReleaseReached(state.release, state.environment, is_last)),
        *(delisted(release) if is_last else ()),
        Emitted(slot, LiveVerified(state.release, state.digest)),
        Emitted(slot, SlotFreed(state.id)),
        due(state.service, state.id, Tone.SUCCESS, title, proof),
        *announced(situation, Setting.AFTER, state.id, state.by, proof),
    )


def _proof(state: Promotion) -> str:
    return f"verified, then baked for {span_in_words(state.baked)}" if state.baked else "verified"
