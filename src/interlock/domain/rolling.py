# SPDX-License-Identifier: Apache-2.0
"""How a rollout moves: expose, watch, go on, settle. What it is stands in `rollout`.

1. Every step that exposes more asks the gate at that moment; anything but PASS holds where it is (I0).
2. An exposure is recorded before the proxies are told, and counts as done only when they have confirmed it, to the
   one who holds it. While a proxy is missing nothing more is exposed, and nothing goes back for that (`course`).
3. Worse than what is stable at the same time, or not taking the requests it is given: it goes back. Nobody agrees to
   that, and nothing is asked first. Who is in doubt is looked at twice as often; who cannot see holds, and goes back
   when that lasts.
4. An exposure that its holder lost was nothing for some time, nobody knows how long: the rollout begins anew with
   fresh data, once what the former holder pushed has run out (I9). The second loss goes back.
5. What has proven itself becomes stable before its exposure ends, so no request falls between.
"""

from datetime import datetime
from typing import Final, assert_never

from interlock.domain.accompanying import missed, waits_for_baseline
from interlock.domain.action import Action, Expose, Measure, NoticeLoss, Settle, WakeAt
from interlock.domain.actor import Actor, Person
from interlock.domain.course import WATCHED, Course, absence, is_moving
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse, refuse_by
from interlock.domain.gate import evaluate
from interlock.domain.judge.judging import Standing
from interlock.domain.measuring import guilt, illness, is_over, look, objection
from interlock.domain.moment import NEVER
from interlock.domain.opinion import opinion, said
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
from interlock.domain.queueing import Emits
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
    ProxiesSeen,
    RecordMeasurement,
    ReportBlindness,
    ReportLoss,
    ReportProxies,
    ResumeRollout,
    Rollout,
    RolloutCommand,
    RolloutPhase,
    SightLost,
    StepFinished,
    rollout_stream,
)
from interlock.domain.slot import LiveChanged, slot_stream
from interlock.domain.steering import steer
from interlock.domain.strategy import Ask, Strategy
from interlock.domain.traffic import UNEXPOSED

LOSSES: Final = 2
"""The loss of its exposure with which a rollout goes back."""
IN_DOUBT: Final = 2
"""How many times as often a candidate is looked at while something speaks against it."""

WatchCommands = AuthoriseExposure | ConcludeExposure | ReportProxies | RecordMeasurement | ReportBlindness | ReportLoss
_OF_PEOPLE: Final = (PauseRollout, ResumeRollout, AgreeToStep)
_OF_SIGHT: Final = (RecordMeasurement, ReportBlindness, ReportProxies)


def next_actions(state: Promotion, course: Course, holder: str, now: datetime) -> tuple[Action, ...]:
    """What the rollout of a promotion needs now, of the one who would hold its exposure (an onlooker is `NOBODY`)."""
    rollout = course.rollout
    if state.phase is PromotionPhase.SETTLING:
        return _settling(state, course, holder, now)
    if state.phase not in WATCHED:
        return ()
    if holder != NOBODY and _is_lost(rollout, holder):
        return (NoticeLoss(state.id),)
    return (*_exposing(state, course, now), *_measuring(state, course, now))


def decide(state: Promotion, command: RolloutCommand, course: Course, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the rollout may take this step."""
    if isinstance(command, _OF_PEOPLE):
        return steer(state, command, course, actor)
    if isinstance(actor, Person):
        return refuse("rollout.robot_only", "the controller takes this step by itself", "run `interlock drive`")
    if isinstance(command, BeginSettling | ConcludeSettling):
        return _settle(state, command, course, now)
    if not is_moving(state, course) or (state.phase is PromotionPhase.SETTLING and not isinstance(command, _OF_SIGHT)):
        return refuse("rollout.not_rolling", f"'{state.id}' is {state.phase}", "nothing needs doing")
    return _watch(state, command, course, now)


def _watch(state: Promotion, command: WatchCommands, course: Course, now: datetime) -> Decision[Emits]:
    match command:
        case AuthoriseExposure():
            return _authorise(state, command, course, now)
        case ConcludeExposure():
            return _conclude_exposure(state, command, course, now)
        case ReportProxies():
            return _see_proxies(command, course, now)
        case RecordMeasurement():
            return _measure(state, command, course, now)
        case ReportBlindness():
            return _blind(state, command, course, now)
        case ReportLoss(_, holder):
            return _lose(state, holder, course, now)
        case _:
            assert_never(command)


def hindrance(course: Course) -> str:
    """Why its candidate may not be exposed further just now, by what was seen last; empty when it may."""
    return objection(course.rollout, course.strategy) or absence(course.rollout)


def _is_lost(rollout: Rollout, holder: str) -> bool:
    return rollout.exposure != UNEXPOSED and rollout.holder != holder


def _exposing(state: Promotion, course: Course, now: datetime) -> tuple[Action, ...]:
    rollout = course.rollout
    is_waiting = state.phase is PromotionPhase.ROLLING and rollout.confirmed != rollout.step
    if not is_waiting or rollout.phase is RolloutPhase.PAUSED or hindrance(course):
        return ()
    if isinstance(course.steps[rollout.step], Ask):
        return ()
    free = rollout.lost_at + course.lease
    if now < free:
        return (WakeAt(free),)
    if waits_for_baseline(state, course, now):
        return (WakeAt(state.stepped_at + course.strategy.blind_for),)
    if evaluate(course.turn.situation, now).opens:
        return (Expose(state.id, rollout.step, course.exposure_at(rollout.step)),)
    return (_later(course, now),)


def _measuring(state: Promotion, course: Course, now: datetime) -> tuple[Action, ...]:
    """When to look next: at once when it may not go on, or when the clock was put back behind the last look."""
    rollout = course.rollout
    if obstacle(course.turn):
        return (Measure(state.id),)
    if rollout.confirmed < 0:
        return ()
    due = rollout.looked_at + course.strategy.every / (IN_DOUBT if _is_in_doubt(rollout) else 1)
    return (WakeAt(due),) if rollout.looked_at <= now < due else (Measure(state.id),)


def _is_in_doubt(rollout: Rollout) -> bool:
    return rollout.measured_at != NEVER and opinion(rollout).standing is Standing.SUSPICIOUS


def _later(course: Course, now: datetime) -> WakeAt:
    return WakeAt(now + course.strategy.every)


def _authorise(state: Promotion, command: AuthoriseExposure, course: Course, now: datetime) -> Decision[Emits]:
    rollout = course.rollout
    untimely = _untimely(state, command, course, now)
    if untimely is not None:
        return untimely
    gate = evaluate(course.turn.situation, now)
    if not gate.opens:
        return refuse_by(gate)
    exposure = course.exposure_at(rollout.step)
    authorised = ExposureAuthorised(rollout.promotion, rollout.step, exposure, command.holder, now)
    return Accepted((*missed(state, course, now), Emitted(rollout_stream(rollout.promotion), authorised)))


def _untimely(state: Promotion, command: AuthoriseExposure, course: Course, now: datetime) -> Refused | None:
    """Why this step is not exposed now, whatever its gate says."""
    rollout = course.rollout
    if command.step != rollout.step or rollout.phase is not RolloutPhase.ADVANCING:
        return refuse("rollout.other_step", f"it is at step {rollout.step + 1}", "see `interlock status`")
    if rollout.confirmed == rollout.step:
        return refuse("rollout.exposed", "the exposure of this step is confirmed", "nothing needs doing")
    if isinstance(course.steps[rollout.step], Ask):
        return refuse("rollout.asks", "this step waits for a person", "see `interlock status`")
    if _is_lost(rollout, command.holder):
        return refuse("rollout.held", "another holder's exposure stands in the ledger", "report its loss first")
    if now < rollout.lost_at + course.lease:
        return refuse("rollout.lease", "what was pushed before may still be exposed", "wait until it has run out")
    if hindrance(course):
        return refuse("rollout.objection", hindrance(course), "the controller goes on looking")
    if waits_for_baseline(state, course, now):
        return refuse("rollout.awaits_baseline", "its baseline is being brought up", "wait: it is not waited for long")
    return None


def _conclude_exposure(state: Promotion, command: ConcludeExposure, course: Course, now: datetime) -> Decision[Emits]:
    rollout = course.rollout
    if command.step != rollout.authorised or command.step == rollout.confirmed:
        return refuse("rollout.not_exposing", f"step {command.step + 1} is not being exposed", "nothing to do")
    if command.holder != rollout.holder:
        return _held_by_another()
    match command.answered:
        case Answered.REFUSED:
            return Accepted((_fail(state, Cause.EXPOSURE, f"it was refused: {command.detail}"),))
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


def _held_by_another() -> Refused:
    return refuse("rollout.held", "another holder exposes it now", "let go of it; what is exposed is not yours")


def _see_proxies(command: ReportProxies, course: Course, now: datetime) -> Decision[Emits]:
    rollout = course.rollout
    if command.holder != rollout.holder:
        return _held_by_another()
    if (command.proxies, command.absent) == (rollout.proxies, rollout.absent):
        return refuse("rollout.seen", "the same proxies were connected before", "nothing needs doing")
    seen = ProxiesSeen(rollout.promotion, now, command.proxies, command.absent)
    return Accepted((Emitted(rollout_stream(rollout.promotion), seen),))


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
        return Accepted((*events, _fail(state, Cause.ANALYSIS, guilt(seen.seen))))
    if seen.seen.ill > course.strategy.blind_for:
        return Accepted((*events, _fail(state, Cause.LIVENESS, illness(seen.seen))))
    if state.phase is not PromotionPhase.ROLLING or not is_over(
        seen, course.steps[seen.seen.step], course.strategy.pace
    ):
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
    if opinion(rollout).standing is Standing.SUSPICIOUS:
        spoke = said(rollout).why()
        return Accepted((lost, _fail(state, Cause.LOST, f"its exposure was lost while it was in doubt: {spoke}")))
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
        return _unsettled(rollout, course.turn.stage.rollout) if not state.settled_by else None
    gate = evaluate(course.turn.situation, now)
    return None if gate.opens or holder == state.settled_by else refuse_by(gate)


def _unsettled(rollout: Rollout, strategy: Strategy) -> Refused | None:
    """What its own holder cannot see, or does not like. What it serves as stable it serves everywhere, tried or not."""
    if rollout.is_blind:
        sentence = f"nothing can be measured: {rollout.blind_why}"
        return refuse("rollout.unseen", sentence, "the controller goes on looking")
    if absence(rollout):
        return refuse("rollout.absent", absence(rollout), "start them again; the rollout then goes on by itself")
    against = objection(rollout, strategy)
    if against:
        return refuse(
            "rollout.objected", f"it does not become stable: {against}", "see `interlock rollout show ENVIRONMENT`"
        )
    return None


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
        how = "refused" if command.answered is Answered.REFUSED else "not taken over everywhere"
        return Accepted((_fail(state, Cause.EXPOSURE, f"it was {how} as stable: {command.detail}"),))
    return Accepted(complete(state, course.turn))
