# SPDX-License-Identifier: Apache-2.0
"""Freezes: spans of time in which promotions are refused, and what kinds of change may pass.

1. Declaring a freeze takes exposure away, so any named person may. Lifting one early needs a registered signature and
   a role in everything that it held (`letting_on`).
2. A freeze holds for its services and environments (none named: all) in [begins, ends).
3. It never stands before a decrease of exposure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from interlock.domain.actor import Actor, Assurance, Person, name_of
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import EnvironmentName, FreezeId, ServiceName, StreamId, TextRef
from interlock.domain.moment import in_words
from interlock.domain.verdict import Finding, Verdict, group

STREAM: Final = StreamId("freezes")


@dataclass(frozen=True, slots=True)
class DeclareFreeze:
    freeze: FreezeId
    services: tuple[ServiceName, ...]
    environments: tuple[EnvironmentName, ...]
    begins: datetime
    ends: datetime
    reason: TextRef
    admits: tuple[ChangeKind, ...]


@dataclass(frozen=True, slots=True)
class LiftFreeze:
    freeze: FreezeId
    reason: TextRef


FreezeCommand = DeclareFreeze | LiftFreeze


@dataclass(frozen=True, slots=True)
class FreezeDeclared:
    freeze: FreezeId
    services: tuple[ServiceName, ...]
    environments: tuple[EnvironmentName, ...]
    begins: datetime
    ends: datetime
    reason: TextRef
    admits: tuple[ChangeKind, ...]
    by: str


@dataclass(frozen=True, slots=True)
class FreezeLifted:
    freeze: FreezeId
    reason: TextRef
    by: str


FreezeEvent = FreezeDeclared | FreezeLifted


@dataclass(frozen=True, slots=True)
class Freezes:
    """Freezes in force by id; of lifted ones, whose ids cannot be used again, it is remembered what they were about."""

    declared: Mapping[FreezeId, FreezeDeclared] = field(default_factory=dict)
    lifted: Mapping[FreezeId, tuple[ServiceName, ...]] = field(default_factory=dict)

    def services_of(self, named: FreezeId) -> tuple[ServiceName, ...]:
        """What a freeze of that name is about, or was; nothing where there was none, or it is about everything."""
        declared = self.declared.get(named)
        return declared.services if declared else self.lifted.get(named, ())


def decide(state: Freezes, command: FreezeCommand, actor: Actor) -> Decision[FreezeEvent]:
    """Whether the freeze may be declared or lifted."""
    match command:
        case DeclareFreeze():
            return _declare(state, command, actor)
        case LiftFreeze(freeze, reason):
            if freeze not in state.declared:
                return refuse("freeze.unknown", f"no freeze '{freeze}' is in force", "see `interlock freeze list`")
            if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
                return refuse("freeze.lift_unsigned", "a freeze is lifted by a signature", "sign with a registered key")
            return Accepted((Emitted(STREAM, FreezeLifted(freeze, reason, str(actor))),))
        case _:
            assert_never(command)


def evolve(state: Freezes, event: FreezeEvent) -> Freezes:
    """The freezes after the event."""
    match event:
        case FreezeDeclared(freeze=freeze):
            return Freezes({**state.declared, freeze: event}, state.lifted)
        case FreezeLifted(freeze):
            left = {other: declared for other, declared in state.declared.items() if other != freeze}
            return Freezes(left, {**state.lifted, freeze: state.services_of(freeze)})
        case _:
            assert_never(event)


def in_force(
    state: Freezes, service: ServiceName, environment: EnvironmentName, now: datetime
) -> tuple[FreezeDeclared, ...]:
    """Every freeze that is about this place and not over, nor still to come."""
    return tuple(
        declared
        for declared in state.declared.values()
        if declared.begins <= now < declared.ends
        and (not declared.services or service in declared.services)
        and (not declared.environments or environment in declared.environments)
    )


def judge_freezes(
    state: Freezes, service: ServiceName, environment: EnvironmentName, kind: ChangeKind, now: datetime
) -> Finding:
    """Whether any freeze refuses a change of this kind there and now."""
    active = in_force(state, service, environment, now)
    if not active:
        return Finding("freeze.none", environment, Verdict.PASS, "no freeze is in force")
    leaves = tuple(_judge_one(declared, kind) for declared in active)
    return group("freeze", environment, "freezes in force", leaves)


def _judge_one(declared: FreezeDeclared, kind: ChangeKind) -> Finding:
    if kind in declared.admits:
        return Finding("freeze.admits", declared.freeze, Verdict.PASS, f"the freeze admits {kind} changes")
    return Finding(
        "freeze.active",
        declared.freeze,
        Verdict.FAIL,
        f"a freeze declared by {name_of(declared.by)} is in force until {in_words(declared.ends)}",
        f"wait until it ends; a person may lift it with `interlock freeze lift {declared.freeze} --reason 'WHY'`",
    )


def _declare(state: Freezes, command: DeclareFreeze, actor: Actor) -> Decision[FreezeEvent]:
    if command.freeze in state.declared or command.freeze in state.lifted:
        return refuse("freeze.exists", f"freeze '{command.freeze}' exists already", "choose another id")
    if command.ends <= command.begins:
        return refuse("freeze.empty", "a freeze ends after it begins", "give an end after the begin")
    event = FreezeDeclared(
        command.freeze,
        command.services,
        command.environments,
        command.begins,
        command.ends,
        command.reason,
        command.admits,
        str(actor),
    )
    return Accepted((Emitted(STREAM, event),))
