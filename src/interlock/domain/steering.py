# SPDX-License-Identifier: Apache-2.0
"""What people decide about a rollout: to pause it, to let it go on, and to answer a step that asks.

1. To pause needs no signature. To let it go on needs one, and a role there (`letting_on`).
2. A step that asks is answered by one of those it asks.
"""

from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.course import Course, is_moving
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse
from interlock.domain.promotion import Promotion
from interlock.domain.queueing import Emits
from interlock.domain.rollout import (
    AgreeToStep,
    PauseRollout,
    ResumeRollout,
    RolloutPaused,
    RolloutPhase,
    RolloutResumed,
    StepAgreed,
    rollout_stream,
)
from interlock.domain.strategy import Ask

PeoplesCommands = PauseRollout | ResumeRollout | AgreeToStep


def steer(state: Promotion, command: PeoplesCommands, course: Course, actor: Actor) -> Decision[Emits]:
    """Whether a person may decide this now."""
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
    if not is_moving(state, course):
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
    governance = course.turn.situation.governance
    if not governance.holds_any(actor.id, step.roles):
        roles = ", ".join(step.roles)
        sentence = f"this step asks {roles}; '{actor.id}' is none of them{governance.elsewhere(actor.id, step.roles)}"
        return refuse("rollout.not_asked", sentence, "ask one of them to agree")
    agreed: Emitted[Emits] = Emitted(
        rollout_stream(rollout.promotion), StepAgreed(rollout.promotion, rollout.step, actor.id)
    )
    return Accepted((agreed,))
