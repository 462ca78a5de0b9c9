# SPDX-License-Identifier: Apache-2.0
"""How a promotion gets its turn in an environment, and how it gives it up.

1. People ask, and the controller for what it delivered by itself (`unattended`). Asking evaluates the gate. Who finds
   the slot free takes it, others line up in order.
2. An emergency goes in front, and pre-empts what is under way; a newer release may name the one it supersedes.
3. Giving up asks nobody. What was exposed ends in a rollback, what was not leaves quietly.
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.domain.actor import Actor, Robot
from interlock.domain.announcing import announced
from interlock.domain.baseline import BaselineEvent
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted, refuse, refuse_by
from interlock.domain.gate import Situation, evaluate
from interlock.domain.governance import GovernanceEvent
from interlock.domain.ids import UNSAID, TextRef
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.procedure import Stage
from interlock.domain.promotion import (
    Cause,
    Promotion,
    PromotionEvent,
    PromotionFailed,
    PromotionPhase,
    PromotionRequested,
    PromotionTurnedAway,
    RequestPromotion,
    promotion_stream,
)
from interlock.domain.release import ReleaseEvent
from interlock.domain.rollout import RolloutEvent
from interlock.domain.slot import (
    OccupantKind,
    SlotEvent,
    SlotFreed,
    SlotLeft,
    SlotOccupied,
    SlotQueued,
    SlotState,
    slot_stream,
)
from interlock.domain.template import Setting
from interlock.domain.unattended import admits

Emits = PromotionEvent | RolloutEvent | BaselineEvent | SlotEvent | ReleaseEvent | GovernanceEvent | OutboxEvent


@dataclass(frozen=True, slots=True)
class Turn:
    """The situation before the gate, the slot, and who occupies it."""

    situation: Situation
    slot: SlotState
    occupant: Promotion = Promotion()
    displaced: tuple[Situation, ...] = ()
    """That of the occupant, where another promotion might take its turn and it was told of."""

    @property
    def stage(self) -> Stage:
        """The stage that promotes into the environment."""
        return self.situation.stages()[-1]


def request(state: Promotion, command: RequestPromotion, turn: Turn, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether a promotion may be asked for, and what that changes for those under way."""
    situation, slot = turn.situation, turn.slot
    if state.phase is not PromotionPhase.ABSENT:
        return refuse("promotion.exists", f"promotion '{command.promotion}' exists already", "see `interlock status`")
    if isinstance(actor, Robot) and not admits(situation):
        return refuse("promotion.needs_person", "a promotion is asked for by a person", "run `interlock promote`")
    if command.release in {slot.occupying, *(queued.release for queued in slot.queue)}:
        sentence = f"'{command.release}' is on its way there, or waits for its turn"
        step = "see `interlock status`; to have it go first, `interlock abort` it and promote it with --supersede"
        return refuse("promotion.under_way", sentence, step)
    if command.supersedes and (command.supersedes != turn.occupant.id or not _may_be_ended(turn.occupant)):
        sentence = f"'{command.supersedes}' is not under way there, or goes before everything else"
        return refuse("promotion.not_superseded", sentence, "see `interlock status`")
    if stands_already(turn):
        sentence = f"'{command.release}' is live there already; beside itself it has nothing to prove"
        return refuse("promotion.stands_already", sentence, "to restore it, order a rollback to it")
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
    told = announced(situation, Setting.BEFORE, command.promotion, requested.by, "")
    return Accepted(events + _line_up(command, turn) + told)


def stands_already(turn: Turn) -> bool:
    """Whether it would stand beside itself: what then goes wrong would take what is live along."""
    situation = turn.situation
    is_routed = situation.environment.name in situation.governance.routes
    return is_routed and turn.slot.live.release == situation.release.id


def _line_up(command: RequestPromotion, turn: Turn) -> tuple[Emitted[Emits], ...]:
    """Take the slot when it is free; else join the queue, an emergency in front, pre-empting what can be."""
    slot, situation = turn.slot, turn.situation
    stream = slot_stream(situation.release.service, command.environment)
    if slot.kind is OccupantKind.FREE and not slot.queue:
        return (Emitted(stream, SlotOccupied(OccupantKind.PROMOTION, command.promotion, command.release)),)
    if situation.change.kind is not ChangeKind.EMERGENCY:
        waits: Emitted[Emits] = Emitted(
            stream, SlotQueued(command.promotion, command.release, "", situation.change.kind)
        )
        sentence = f"superseded by {command.release}"
        return (waits, *(end(turn.occupant, turn, Cause.SUPERSEDED, sentence) if command.supersedes else ()))
    ordinary = (one.promotion for one in slot.queue if one.kind is not ChangeKind.EMERGENCY)
    joined = SlotQueued(command.promotion, command.release, next(ordinary, ""), ChangeKind.EMERGENCY)
    queued: Emitted[Emits] = Emitted(stream, joined)
    occupant = turn.occupant
    if slot.kind is not OccupantKind.PROMOTION or not _may_be_ended(occupant):
        return (queued,)
    sentence = f"pre-empted by the emergency release {command.release}"
    return (queued, *end(occupant, turn, Cause.PREEMPTED, sentence))


def _may_be_ended(occupant: Promotion) -> bool:
    """What has failed already goes back by itself; taking the slot from it would lose its rollback."""
    return occupant.kind is not ChangeKind.EMERGENCY and occupant.phase is not PromotionPhase.FAILED


def abort(state: Promotion, reason: TextRef, turn: Turn, actor: Actor) -> Decision[Emits]:
    """Whether it may be called off: by anybody, as long as it has not come to its end."""
    if isinstance(actor, Robot):
        return refuse("promotion.needs_person", "a promotion is aborted by a person", "run `interlock abort`")
    if state.phase is not PromotionPhase.WAITING and not state.is_exposed:
        return refuse("promotion.ended", f"'{state.id or 'it'}' is {state.phase}", "see `interlock status`")
    return Accepted(end(state, turn, Cause.ABORTED, f"aborted by {actor.name}", reason))


def end(
    state: Promotion, turn: Turn, cause: Cause, sentence: str, reason: TextRef = UNSAID
) -> tuple[Emitted[Emits], ...]:
    """End a promotion: quietly when nothing was exposed yet, by failing it (and so rolling back) when something was."""
    stream = promotion_stream(state.id)
    if state.is_exposed:
        return (Emitted(stream, PromotionFailed(state.id, cause, sentence, reason)),)
    slot = slot_stream(state.service, state.environment)
    leaves = SlotFreed(state.id) if turn.slot.occupant == state.id else SlotLeft(state.id)
    return (
        Emitted(stream, PromotionTurnedAway(state.id, cause, sentence)),
        Emitted(slot, leaves),
        due(
            state.service, state.id, Tone.WARNING, f"{state.release} was not promoted to {state.environment}", sentence
        ),
        *_called_off(state, turn, sentence),
    )


def _called_off(state: Promotion, turn: Turn, sentence: str) -> tuple[Emitted[OutboxEvent], ...]:
    """Whoever was told that it would take place is told that it will not."""
    known = {one.release.id: one for one in (*turn.displaced, turn.situation)}
    own = known.get(state.release)
    return announced(own, Setting.CALLED_OFF, state.id, state.by, sentence) if own is not None else ()
