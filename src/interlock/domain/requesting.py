# SPDX-License-Identifier: Apache-2.0
"""Asking people for what is the next in order: the messages that a stage has told when a requirement's turn has come.

Who met what comes before it is who hands on, so the message is from them.

1. A requirement's turn has come when everything it comes after is met, and it is not.
2. It is asked for once; when the release is moved to other rules or its plans are revised, once more, for what was
   agreed to before has died.
3. Asking is only telling: nothing waits for it, and whoever was not asked may say it all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from interlock.domain.action import Action, TellAsked
from interlock.domain.actor import Actor, Person
from interlock.domain.announcing import release_facts
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.gate import Situation
from interlock.domain.ids import EnvironmentName, ReleaseId, RequirementId, StreamId
from interlock.domain.outbox import OutboxEvent
from interlock.domain.procedure import NOWHERE, Stage
from interlock.domain.release import ReleasePhase
from interlock.domain.requirement import (
    ApprovalRequirement,
    RecordRequirement,
    SaidRequirement,
    SignoffRequirement,
    Who,
)
from interlock.domain.template import AskedFor, Fact, Setting, messages_due


@dataclass(frozen=True, slots=True)
class AskPeople:
    """Tell whoever the pack names that this requirement before the environment is the next in order."""

    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """`revision` is that of the release."""

    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    revision: int


RequestingEvent = PeopleAsked | OutboxEvent


@dataclass(frozen=True, slots=True)
class Asks:
    """What was asked of people about a release, each with the revision it was asked for."""

    made: frozenset[tuple[RequirementId, int]] = frozenset()


def asked_stream(release: ReleaseId) -> StreamId:
    """The stream of what was asked of people about one release."""
    return StreamId(f"asked/{release}")


def decide(
    state: Asks, command: AskPeople, situation: Situation, met: frozenset[RequirementId], actor: Actor
) -> Decision[RequestingEvent]:
    """Whether people are asked now. `met` is what of the gate is met."""
    if isinstance(actor, Person):
        return refuse("asked.robot_only", "the controller asks by itself", "run `interlock drive`")
    due = next((one for one in _due(state, situation, met) if one[0].requirement == command.requirement), None)
    if due is None:
        sentence = f"'{command.requirement}' is not what is asked for next"
        return refuse("asked.not_next", sentence, "see `interlock status`")
    asked, requirement = due
    release = situation.release
    facts = {
        **release_facts(situation),
        Fact.BY: _handed_on_by(requirement, situation),
        Fact.REQUIREMENT: requirement.id,
        Fact.ROLES: (", " if _is_of_each(requirement) else " or ").join(requirement.roles),
        Fact.ASKED: _sentence(requirement, situation),
    }
    key = f"{release.id}/{Setting.ASKED}/{requirement.id}/{release.revision}"
    event = PeopleAsked(release.id, situation.environment.name, requirement.id, release.revision)
    messages = messages_due(release.service, key, asked.messages, facts)
    return Accepted((Emitted(asked_stream(release.id), event), *messages))


def evolve(state: Asks, event: PeopleAsked) -> Asks:
    """What was asked after the event."""
    return Asks(state.made | {(event.requirement, event.revision)})


def next_actions(state: Asks, situation: Situation, met: frozenset[RequirementId]) -> tuple[Action, ...]:
    """What people are to be asked for now."""
    release, environment = situation.release.id, situation.environment.name
    return tuple(TellAsked(release, environment, one.id) for _, one in _due(state, situation, met))


def is_asking(state: Asks, situation: Situation) -> bool:
    """Whether anything is left to ask before the environment: what is met need not be looked at otherwise."""
    return any(True for _ in _unasked(state, situation))


def _due(
    state: Asks, situation: Situation, met: frozenset[RequirementId]
) -> Iterator[tuple[AskedFor, SaidRequirement]]:
    for asked, requirement in _unasked(state, situation):
        if requirement.id not in met and set(requirement.after) <= met:
            yield asked, requirement


def _unasked(state: Asks, situation: Situation) -> Iterator[tuple[AskedFor, SaidRequirement]]:
    release = situation.release
    for stage in _own(situation.stages()) if release.phase is ReleasePhase.OPEN else ():
        said = {one.id: one for one in stage.requires if isinstance(one, SaidRequirement)}
        for asked in stage.messages.asked:
            if (asked.requirement, release.revision) not in state.made:
                yield asked, said[asked.requirement]


def _handed_on_by(asked: SaidRequirement, situation: Situation) -> str:
    """Who said last what it comes after; where nobody had to say anything, who wrote the change."""
    said = [
        *((one.at, one.by) for one in situation.approvals.signoffs if one.requirement in asked.after),
        *((one.at, one.by) for one in situation.approvals.decisions if one.requirement in asked.after),
        *((one.at, one.by) for name, one in situation.records.written.items() if name in asked.after),
    ]
    return max(said)[1] if said else situation.change.author


def _own(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The last stage, and those before it that stand before no other environment."""
    before = [number for number, stage in enumerate(stages[:-1], 1) if stage.environment != NOWHERE]
    return stages[before[-1] :] if before else stages


def _is_of_each(asked: SaidRequirement) -> bool:
    return isinstance(asked, ApprovalRequirement) and asked.who is Who.EACH


def _sentence(asked: SaidRequirement, situation: Situation) -> str:
    match asked:
        case SignoffRequirement():
            return asked.statement
        case ApprovalRequirement():
            return f"approval of {situation.release.version} before {situation.environment.name}"
        case RecordRequirement():
            return f"a document with {', '.join(asked.sections)}"
        case _:
            assert_never(asked)
