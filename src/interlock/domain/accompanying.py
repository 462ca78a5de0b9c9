# SPDX-License-Identifier: Apache-2.0
"""When a rollout's baseline begins and ends. What it is stands in `baseline`.

1. It begins with the candidate's deployment, of what is live there, and is asked of nobody: it is what serves already.
   It is recorded before its effect, and brought up in a lane of its own, under a key of its own.
2. A rollout waits for it before its first exposure, and not for ever: one that did not come up, or not until the
   candidate had been proven for `blind_for`, is missing. The rollout then goes without, as any other does, and says so:
   a thing to measure with keeps no release from users, and without it the judge allows for the warm-up instead.
3. What was brought up is ended when its promotion is over, however that ended; when it came up too late; and before
   another one begins. Nothing of that stands before going back: a rollback switches first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from interlock.domain.action import Action, DismissBaseline, ObserveBaseline, StartBaseline
from interlock.domain.actor import Actor, Person
from interlock.domain.baseline import (
    NOBODYS,
    Baseline,
    BaselineBegun,
    BaselineEnded,
    BaselineEvent,
    BaselineMissed,
    BaselinePhase,
    BaselineStands,
    BeginBaseline,
    ConcludeBaseline,
    EndBaseline,
    baseline_key,
    baseline_stream,
)
from interlock.domain.course import Course
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.promotion import Outcome, Promotion, PromotionPhase
from interlock.domain.rollback import Rollback, RollbackPhase
from interlock.domain.slot import OccupantKind, SlotState

LATE: Final = "it was not there in time"
_ACCOMPANIED: Final = frozenset(
    {
        PromotionPhase.DEPLOYING,
        PromotionPhase.VERIFYING,
        PromotionPhase.ROLLING,
        PromotionPhase.BAKING,
        PromotionPhase.SETTLING,
        PromotionPhase.FAILED,
    }
)
"""Phases in which its instances may still be asked; what has failed is switched back first."""


@dataclass(frozen=True, slots=True)
class Berth:
    """The place of a baseline, and who moves beside it: a promotion, or a rollback."""

    service: ServiceName
    environment: EnvironmentName
    baseline: Baseline
    slot: SlotState
    promotion: Promotion = Promotion()
    rollback: Rollback = Rollback()


def next_actions(state: Promotion, course: Course) -> tuple[Action, ...]:
    """What the baseline of a rollout needs now, while its promotion occupies the slot."""
    baseline = course.baseline
    if course.awaits_baseline(state) and baseline.promotion == state.id:
        return (ObserveBaseline(state.id, baseline_key(state.id)),)
    if course.awaits_baseline(state) and baseline.held == NOBODYS:
        return (StartBaseline(state.id),)
    return ()


def leftovers(berth: Berth) -> tuple[Action, ...]:
    """What stands in its place and is of no more use."""
    if berth.baseline.held == NOBODYS or _is_kept(berth):
        return ()
    return (DismissBaseline(berth.service, berth.environment, berth.baseline.held),)


def decide(
    command: BeginBaseline | ConcludeBaseline, state: Promotion, course: Course, actor: Actor
) -> Decision[BaselineEvent]:
    """Whether a baseline may take this step."""
    if isinstance(actor, Person):
        return _robots_only()
    if not course.awaits_baseline(state):
        return refuse("baseline.unwanted", f"'{state.id}' waits for no baseline", "nothing needs doing")
    stream, baseline = baseline_stream(state.service, state.environment), course.baseline
    match command:
        case BeginBaseline():
            if baseline.held != NOBODYS:
                return refuse("baseline.taken", "something stands in its place", "the controller ends it first")
            live = course.turn.slot.live
            begun = BaselineBegun(state.id, live.release, live.digest, baseline_key(state.id))
            return Accepted((Emitted(stream, begun),))
        case ConcludeBaseline(_, key, outcome, detail):
            if baseline.promotion != state.id or key != baseline_key(state.id):
                return refuse("baseline.not_starting", "it is not being brought up", "nothing needs doing")
            missed = BaselineMissed(state.id, f"it could not be brought up: {detail}")
            stands = BaselineStands(state.id, detail)
            return Accepted((Emitted(stream, stands if outcome is Outcome.SUCCEEDED else missed),))
        case _:
            assert_never(command)


def dismiss(command: EndBaseline, berth: Berth, actor: Actor) -> Decision[BaselineEvent]:
    """Whether it may be said that nothing stands there any more."""
    if isinstance(actor, Person):
        return _robots_only()
    if not leftovers(berth):
        return refuse("baseline.not_over", "nothing stands there that is of no more use", "nothing needs doing")
    ended = BaselineEnded(berth.baseline.held)
    return Accepted((Emitted(baseline_stream(command.service, command.environment), ended),))


def missed(state: Promotion, course: Course, now: datetime) -> tuple[Emitted[BaselineEvent], ...]:
    """Said with the first exposure: from then on the rollout goes as it began."""
    if not course.awaits_baseline(state) or waits_for_baseline(state, course, now):
        return ()
    stream = baseline_stream(state.service, state.environment)
    return (Emitted(stream, BaselineMissed(state.id, LATE)),)


def waits_for_baseline(state: Promotion, course: Course, now: datetime) -> bool:
    """Whether the first exposure still waits for it."""
    return course.awaits_baseline(state) and now <= state.stepped_at + course.strategy.blind_for


def _is_kept(berth: Berth) -> bool:
    match berth.slot.kind:
        case OccupantKind.FREE:
            return False
        case OccupantKind.ROLLBACK:
            return berth.rollback.phase is RollbackPhase.RETURNING
        case OccupantKind.PROMOTION:
            is_its_own = berth.promotion.id == berth.baseline.held == berth.baseline.promotion
            is_of_use = berth.baseline.phase is not BaselinePhase.MISSING
            return is_its_own and is_of_use and berth.promotion.phase in _ACCOMPANIED
        case _:
            assert_never(berth.slot.kind)


def _robots_only() -> Decision[BaselineEvent]:
    return refuse("baseline.robot_only", "the controller takes this step by itself", "run `interlock drive`")
