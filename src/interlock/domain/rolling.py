# SPDX-License-Identifier: Apache-2.0
"""How a rollout moves: expose, watch, go on, settle. What it is stands in `rollout`.

1. Every step that exposes more asks the gate at that moment; anything but PASS holds where it is (I0).
2. An exposure is recorded before the proxies are told, and counts as done only when they have confirmed it.
3. Worse than what is stable at the same time, or not taking the requests it is given: it goes back. Nobody agrees to
   that, and nothing is asked first. Who cannot see holds, and goes back when that lasts.
4. An exposure that its holder lost was nothing for some time, nobody knows how long: the rollout begins anew with
   fresh data, once what the former holder pushed has run out (I9). The second loss goes back.
5. What has proven itself becomes stable before its exposure ends, so no request falls between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from interlock.domain.action import Action, Expose, Measure, NoticeLoss, Settle, WakeAt
from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse, refuse_by
from interlock.domain.gate import evaluate
from interlock.domain.judge.judging import Judgement, Standing, judge
from interlock.domain.measuring import guilt, illness, is_over, look, objection
from interlock.domain.moment import NEVER
from interlock.domain.promoting import complete, marked, obstacle
from interlock.domain.promotion import (
    Cause,
    Promotion,
    PromotionExposed,
    PromotionFailed,
    PromotionPhase,
    PromotionProven,
    PromotionSetBack,
    SettlingBegun,
    promotion_stream,
)
from interlock.domain.queueing import Emits, Turn
from interlock.domain.rollout import (
    NOBODY,
    AgreeToStep,
    Answered,
    AuthoriseExposure,
    BeginSettling,
    ConcludeExposure,
    ConcludeSettling,
    ExposureAuthorised,
    ExposureConfirmed,
    ExposureLost,
    PauseRollout,
    RecordMeasurement,
    ReportBlindness,
    ReportLoss,
    ResumeRollout,
    Rollout,
    RolloutCommand,
    RolloutPaused,
    RolloutPhase,
    RolloutResumed,
    SightLost,
    StepAgreed,
    StepFinished,
    rollout_stream,
)
from interlock.domain.slot import NOTHING, LiveChanged, slot_stream
from interlock.domain.strategy import Ask, Invite, Step, Strategy, Weigh
from interlock.domain.traffic import UNEXPOSED, WHOLE, Exposure

LOSSES: Final = 2
"""The loss of its exposure with which a rollout goes back."""

_WATCHED: Final = frozenset({PromotionPhase.ROLLING, PromotionPhase.BAKING})
WatchCommands = AuthoriseExposure | ConcludeExposure | RecordMeasurement | ReportBlindness | ReportLoss
PeoplesCommands = PauseRollout | ResumeRollout | AgreeToStep
_OF_PEOPLE: Final = (PauseRollout, ResumeRollout, AgreeToStep)
_OF_SIGHT: Final = (RecordMeasurement, ReportBlindness)


@dataclass(frozen=True, slots=True)
class Course:
    """A promotion's rollout, and the turn it is part of."""

    rollout: Rollout
    turn: Turn

    @property
    def strategy(self) -> Strategy:
        """How it is rolled out."""
        return self.turn.stage.rollout

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps; the last exposes everything, and is what bakes. Beside nothing there is nothing to compare."""
        first = () if self.turn.slot.live == NOTHING else self.strategy.steps
        return (*first, Weigh(WHOLE))

    @property
    def lease(self) -> timedelta:
        """How long an exposure lives after it was last held."""
        return self.turn.situation.governance.routes.get(self.rollout.environment, timedelta(0))


def exposure_at(steps: tuple[Step, ...], at: int) -> Exposure:
    """What is exposed in step `at`: its own share, or that of the last step that had one; a cohort only in its own."""
    share = 0
    for step in steps[: at + 1]:
        share = step.share if isinstance(step, Weigh) else share
    here = steps[at]
    return Exposure(share, here.cohort if isinstance(here, Invite) else "")


def next_actions(state: Promotion, course: Course, holder: str, now: datetime) -> tuple[Action, ...]:
    """What the rollout of a promotion needs now, of the one who would hold its exposure (an onlooker is `NOBODY`)."""
    rollout = course.rollout
    if state.phase is PromotionPhase.SETTLING:
        return _settling(state, course, holder, now)
    if state.phase not in _WATCHED:
        return ()
    if holder != NOBODY and _is_lost(rollout, holder):
        return (NoticeLoss(state.id),)
    return (*_exposing(state, course, now), *_measuring(state, course, now))


def decide(state: Promotion, command: RolloutCommand, course: Course, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the rollout may take this step."""
    if isinstance(command, _OF_PEOPLE):
        return _people(state, command, course, actor)
    if isinstance(actor, Person):
        return refuse("rollout.robot_only", "the controller takes this step by itself", "run `interlock drive`")
    if isinstance(command, BeginSettling | ConcludeSettling):
        return _settle(state, command, course, now)
    if not _is_moving(state, course) or (state.phase is PromotionPhase.SETTLING and not isinstance(command, _OF_SIGHT)):
        return refuse("rollout.not_rolling", f"'{state.id}' is {state.phase}", "nothing needs doing")
    return _watch(state, command, course, now)


def _is_moving(state: Promotion, course: Course) -> bool:
    """Whether its candidate has, or may get, traffic that can still be taken from it."""
    is_exposing = state.phase in _WATCHED or (state.phase is PromotionPhase.SETTLING and not state.settled_by)
    return is_exposing and course.rollout.phase is not RolloutPhase.ABSENT


def _watch(state: Promotion, command: WatchCommands, course: Course, now: datetime) -> Decision[Emits]:
    match command:
        case AuthoriseExposure():
            return _authorise(command, course, now)
        case ConcludeExposure():
            return _conclude_exposure(state, command, course, now)
        case RecordMeasurement():
            return _measure(state, command, course, now)
        case ReportBlindness():
            return _blind(state, command, course, now)
        case ReportLoss(_, holder):
            return _lose(state, holder, course, now)
        case _:
            assert_never(command)


def standing_of(course: Course) -> Judgement:
    """What the analysis says so far."""
    return judge(course.rollout.evidence, course.rollout.analysis)


def _is_lost(rollout: Rollout, holder: str) -> bool:
    return rollout.exposure != UNEXPOSED and rollout.holder != holder


def _exposing(state: Promotion, course: Course, now: datetime) -> tuple[Action, ...]:
    rollout = course.rollout
    is_waiting = state.phase is PromotionPhase.ROLLING and rollout.confirmed != rollout.step
    if not is_waiting or rollout.phase is RolloutPhase.PAUSED or objection(rollout, course.strategy):
        return ()
    if isinstance(course.steps[rollout.step], Ask):
        return ()
    free = rollout.lost_at + course.lease if rollout.losses else NEVER
    if now < free:
        return (WakeAt(free),)
    if evaluate(course.turn.situation, now).opens:
        return (Expose(state.id, rollout.step, exposure_at(course.steps, rollout.step)),)
    return (_later(course, now),)


def _measuring(state: Promotion, course: Course, now: datetime) -> tuple[Action, ...]:
    """When to look next: at once when it may not go on, or when the clock was put back behind the last look."""
    rollout = course.rollout
    if obstacle(course.turn):
        return (Measure(state.id),)
    if rollout.confirmed < 0:
        return ()
    due = rollout.looked_at + course.strategy.every
    return (WakeAt(due),) if rollout.looked_at <= now < due else (Measure(state.id),)


def _later(course: Course, now: datetime) -> WakeAt:
    return WakeAt(now + course.strategy.every)


def _authorise(command: AuthoriseExposure, course: Course, now: datetime) -> Decision[Emits]:
    rollout = course.rollout
    if command.step != rollout.step or rollout.phase is not RolloutPhase.ADVANCING:
        return refuse("rollout.other_step", f"it is at step {rollout.step + 1}", "see `interlock status`")
    if rollout.confirmed == rollout.step:
        return refuse("rollout.exposed", "the exposure of this step is confirmed", "nothing needs doing")
    if isinstance(course.steps[rollout.step], Ask):
        return refuse("rollout.asks", "this step waits for a person", "see `interlock status`")
    if _is_lost(rollout, command.holder):
        return refuse("rollout.held", "another holder's exposure stands in the ledger", "report its loss first")
    if rollout.losses and now < rollout.lost_at + course.lease:
        return refuse("rollout.lease", "what was pushed before may still be exposed", "wait until it has run out")
    if objection(rollout, course.strategy):
        return refuse("rollout.objection", objection(rollout, course.strategy), "the controller goes on looking")
    gate = evaluate(course.turn.situation, now)
    if not gate.opens:
        return refuse_by(gate)
    exposure = exposure_at(course.steps, rollout.step)
    authorised = ExposureAuthorised(rollout.promotion, rollout.step, exposure, command.holder, now)
    return Accepted((Emitted(rollout_stream(rollout.promotion), authorised),))


def _conclude_exposure(state: Promotion, command: ConcludeExposure, course: Course, now: datetime) -> Decision[Emits]:
    rollout = course.rollout
    if command.step != rollout.authorised or command.step == rollout.confirmed:
        return refuse("rollout.not_exposing", f"step {command.step + 1} is not being exposed", "nothing to do")
    match command.answered:
        case Answered.REFUSED:
            return Accepted((_fail(state, Cause.EXPOSURE, f"the proxies refused it: {command.detail}"),))
        case Answered.UNCONFIRMED:
            if rollout.authorised_at <= now <= rollout.authorised_at + course.strategy.blind_for:
                return refuse("rollout.unconfirmed", command.detail, "the controller goes on trying")
            return Accepted((_fail(state, Cause.EXPOSURE, f"the proxies did not confirm it: {command.detail}"),))
        case Answered.CONFIRMED:
            confirmed = ExposureConfirmed(state.id, command.step, now, command.proxies, command.absent)
            events: list[Emitted[Emits]] = [Emitted(rollout_stream(state.id), confirmed)]
            if command.step == len(course.steps) - 1:
                events.extend(_exposed(state, course, now))
            return Accepted(tuple(events))
        case _:
            assert_never(command.answered)


def _exposed(state: Promotion, course: Course, now: datetime) -> tuple[Emitted[Emits], ...]:
    """Everything reaches the candidate: it bakes, or without a bake has proven itself."""
    stream = promotion_stream(state.id)
    exposed: Emitted[Emits] = Emitted(stream, PromotionExposed(state.id, now, marked(course.turn)))
    if course.turn.stage.bake.duration:
        return (exposed,)
    return (exposed, Emitted(stream, PromotionProven(state.id)))


def _measure(state: Promotion, command: RecordMeasurement, course: Course, now: datetime) -> Decision[Emits]:
    refused = _unmeasurable(state, course)
    if refused is not None:
        return refused
    seen = look(course.rollout, command.snapshot, course.strategy, now)
    events: tuple[Emitted[Emits], ...] = (Emitted(rollout_stream(state.id), seen.measured),)
    if seen.judgement.standing is Standing.BAD:
        return Accepted((*events, _fail(state, Cause.ANALYSIS, guilt(seen.judgement))))
    if seen.seen.ill > course.strategy.blind_for:
        return Accepted((*events, _fail(state, Cause.LIVENESS, illness(seen.seen))))
    if state.phase is not PromotionPhase.ROLLING or not is_over(seen, course.steps[seen.seen.step]):
        return Accepted(events)
    return Accepted((*events, Emitted(rollout_stream(state.id), StepFinished(state.id, seen.seen.step))))


def _unmeasurable(state: Promotion, course: Course) -> Decision[Emits] | None:
    """What is said instead, whatever was measured. What may not complete needs no measurement to go back (I0)."""
    stands = obstacle(course.turn)
    if stands:
        return Accepted((_fail(state, Cause.GATE, stands),))
    if course.rollout.confirmed < 0:
        return refuse("rollout.unexposed", "nothing is exposed yet", "nothing needs doing")
    return None


def _blind(state: Promotion, command: ReportBlindness, course: Course, now: datetime) -> Decision[Emits]:
    refused = _unmeasurable(state, course)
    if refused is not None:
        return refused
    rollout = course.rollout
    lost: Emitted[Emits] = Emitted(rollout_stream(state.id), SightLost(state.id, now, command.sentence))
    if rollout.is_blind and now > rollout.blind_since + course.strategy.blind_for:
        return Accepted((lost, _fail(state, Cause.BLIND, f"nothing could be measured: {command.sentence}")))
    return Accepted((lost,))


def _lose(state: Promotion, holder: str, course: Course, now: datetime) -> Decision[Emits]:
    rollout = course.rollout
    if not _is_lost(rollout, holder):
        return refuse("rollout.not_lost", "its exposure is held", "nothing needs doing")
    lost: Emitted[Emits] = Emitted(rollout_stream(state.id), ExposureLost(state.id, now, holder))
    if rollout.losses + 1 >= LOSSES:
        return Accepted((lost, _fail(state, Cause.LOST, f"its exposure was lost {LOSSES} times")))
    back: Emitted[Emits] = Emitted(promotion_stream(state.id), PromotionSetBack(state.id))
    return Accepted((lost, back) if state.phase is PromotionPhase.BAKING else (lost,))


def _fail(state: Promotion, cause: Cause, sentence: str) -> Emitted[Emits]:
    return Emitted(promotion_stream(state.id), PromotionFailed(state.id, cause, sentence))


def _settling(state: Promotion, course: Course, holder: str, now: datetime) -> tuple[Action, ...]:
    """What may settle does; what is held up goes on being watched, by whoever exposes it."""
    if obstacle(course.turn) or _held_up(state, course, holder, now) is None:
        return (Settle(state.id, state.lane),)
    return _measuring(state, course, now) if holder in {NOBODY, course.rollout.holder} else (_later(course, now),)


def _held_up(state: Promotion, course: Course, holder: str, now: datetime) -> Refused | None:
    """Why it may not settle now. What was lost meanwhile would be exposed anew, which asks the gate."""
    rollout = course.rollout
    if rollout.phase is RolloutPhase.PAUSED and not state.settled_by:
        return refuse("rollout.paused", "it is paused", "run `interlock rollout resume`, or call it off")
    if holder in {NOBODY, rollout.holder}:
        is_unseen = rollout.is_blind and not state.settled_by
        sentence = f"nothing can be measured: {rollout.blind_why}"
        return refuse("rollout.unseen", sentence, "the controller goes on looking") if is_unseen else None
    gate = evaluate(course.turn.situation, now)
    return None if gate.opens or holder == state.settled_by else refuse_by(gate)


def _settle(
    state: Promotion, command: BeginSettling | ConcludeSettling, course: Course, now: datetime
) -> Decision[Emits]:
    if state.phase is not PromotionPhase.SETTLING:
        return refuse("rollout.not_settling", f"'{state.id}' is {state.phase}", "nothing needs doing")
    stands = obstacle(course.turn)
    if stands:
        return Accepted((_fail(state, Cause.GATE, stands),))
    if isinstance(command, ConcludeSettling):
        return _conclude_settling(state, command, course)
    held_up = _held_up(state, course, command.holder, now)
    if held_up is not None:
        return held_up
    begun: Emitted[Emits] = Emitted(promotion_stream(state.id), SettlingBegun(state.id, command.holder))
    live = LiveChanged(state.release, state.digest, state.lane)
    if state.settled_by:
        return Accepted((begun,))
    return Accepted((begun, Emitted(slot_stream(state.service, state.environment), live)))


def _conclude_settling(state: Promotion, command: ConcludeSettling, course: Course) -> Decision[Emits]:
    if not state.settled_by:
        return refuse("rollout.not_settling", f"'{state.id}' has not begun to settle", "begin it first")
    if command.answered is not Answered.CONFIRMED:
        return Accepted((_fail(state, Cause.EXPOSURE, f"the proxies refused it as stable: {command.detail}"),))
    return Accepted(complete(state, course.turn))


def _people(state: Promotion, command: PeoplesCommands, course: Course, actor: Actor) -> Decision[Emits]:
    if not isinstance(actor, Person):
        return refuse("rollout.needs_person", "this is for people", "run `interlock rollout`")
    refused = _unfit(state, command, course, actor)
    if refused is not None:
        return refused
    stream = rollout_stream(state.id)
    match command:
        case PauseRollout():
            return Accepted((Emitted(stream, RolloutPaused(state.id, str(actor))),))
        case ResumeRollout():
            return Accepted((Emitted(stream, RolloutResumed(state.id, str(actor))),))
        case AgreeToStep():
            return _agree(command, course, actor)
        case _:
            assert_never(command)


def _unfit(state: Promotion, command: PeoplesCommands, course: Course, actor: Person) -> Refused | None:
    if actor.assurance is not Assurance.SIGNED and not isinstance(command, PauseRollout):
        return refuse("rollout.unsigned", "what lets a rollout go on is signed", "sign with a registered key")
    if not _is_moving(state, course):
        return refuse("rollout.not_rolling", f"'{state.id}' is not being rolled out", "see `interlock status`")
    wanted = {PauseRollout: RolloutPhase.ADVANCING, ResumeRollout: RolloutPhase.PAUSED}
    phase = course.rollout.phase
    if phase is not wanted.get(type(command), phase):
        return refuse("rollout.already", f"it is {phase} already", "nothing needs doing")
    return None


def _agree(command: AgreeToStep, course: Course, actor: Person) -> Decision[Emits]:
    rollout = course.rollout
    step = course.steps[rollout.step]
    if command.step != rollout.step or not isinstance(step, Ask):
        return refuse("rollout.asks_nothing", "this step asks nobody", "see `interlock status`")
    if not course.turn.situation.governance.holds_any(actor.id, step.roles):
        return refuse("rollout.not_asked", f"this step asks {', '.join(step.roles)}", "ask one of them to agree")
    agreed: Emitted[Emits] = Emitted(
        rollout_stream(rollout.promotion), StepAgreed(rollout.promotion, rollout.step, actor.id)
    )
    return Accepted((agreed,))
