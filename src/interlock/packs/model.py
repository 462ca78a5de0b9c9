# SPDX-License-Identifier: Apache-2.0
"""The shape of a protocol pack's file: what may be written, key by key.

The dataclasses are the grammar (`shape`); the reference page of the language is generated from them. What they mean
is the domain's: `load` turns them into a `Procedure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Literal

from interlock.domain.actor import Assurance
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Tier
from interlock.domain.ids import (
    EVERYWHERE,
    CheckId,
    EnvironmentName,
    RequirementId,
    RoleName,
    StageName,
    parse_name,
    parse_version,
)
from interlock.domain.procedure import NOWHERE
from interlock.domain.requirement import FOREVER, Authors
from interlock.packs.shape import key

Name = Annotated[str, parse_name]
Version = Annotated[str, parse_version]
_PERCENT: Final = 100
_MOST_RISK: Final = 20


class PackPhase(StrEnum):
    """Only an active pack governs."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class EnvironmentShape:
    name: EnvironmentName = field(metadata=key(doc="What the environment is called."))
    tier: Tier = field(metadata=key(doc="How much is at stake there."))
    after: tuple[EnvironmentName, ...] = field(
        default=(), metadata=key(doc="Environments in which the same artifacts must have been completed first.")
    )


@dataclass(frozen=True, slots=True)
class GateShape:
    """Evidence decides."""

    check: CheckId = field(metadata=key(doc="The check whose newest evidence must be a pass."))
    in_: EnvironmentName = field(
        default=EVERYWHERE, metadata=key("in", doc="The environment the evidence is about; none: any.")
    )
    at_most: int | None = field(
        default=None, metadata=key(doc="For a check that counts: the largest count that passes.")
    )
    max_age: timedelta = field(default=FOREVER, metadata=key(doc="How old the evidence may be."))
    assurance: Assurance = field(
        default=Assurance.AUTHENTICATED, metadata=key(doc="How surely it must be known who brought the evidence.")
    )


@dataclass(frozen=True, slots=True)
class SignoffShape:
    """A role attests."""

    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may attest.", at_least=1))
    statement: str = field(metadata=key(doc="What is attested, as a sentence."))
    apart: str = field(default="", metadata=key(doc="Slots with the same label are filled by different people."))
    authors: Authors = field(
        default=Authors.ADMITTED, metadata=key(doc="Whether an author of the release may attest it.")
    )
    assurance: Assurance = field(default=Assurance.SIGNED, metadata=key(doc="The least assurance that counts."))


@dataclass(frozen=True, slots=True)
class ApprovalShape:
    """People authorise."""

    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may approve.", at_least=1))
    count: int = field(default=1, metadata=key(doc="How many different people must."))
    apart: str = field(
        default="approval", metadata=key(doc="Slots with the same label are filled by different people.")
    )
    authors: Authors = field(
        default=Authors.EXCLUDED, metadata=key(doc="Whether an author of the release may approve it.")
    )
    assurance: Assurance = field(default=Assurance.SIGNED, metadata=key(doc="The least assurance that counts."))

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("count is at least 1")


@dataclass(frozen=True, slots=True)
class GateRequirement:
    id: RequirementId = field(metadata=key(doc="Its name, once in the pack."))
    gate: GateShape = field(metadata=key(doc="The evidence that decides."))
    cites: tuple[str, ...] = field(default=(), metadata=key(doc="Where the written procedure says so."))
    when: str = field(default="", metadata=key(doc="A CEL condition; without one it always applies."))
    waivable: bool = field(default=True, metadata=key(doc="Whether a waiver may stand beside it."))


@dataclass(frozen=True, slots=True)
class SignoffRequirementShape:
    id: RequirementId = field(metadata=key(doc="Its name, once in the pack."))
    signoff: SignoffShape = field(metadata=key(doc="Who attests what."))
    cites: tuple[str, ...] = field(default=(), metadata=key(doc="Where the written procedure says so."))
    when: str = field(default="", metadata=key(doc="A CEL condition; without one it always applies."))
    waivable: bool = field(default=True, metadata=key(doc="Whether a waiver may stand beside it."))


@dataclass(frozen=True, slots=True)
class ApprovalRequirementShape:
    id: RequirementId = field(metadata=key(doc="Its name, once in the pack."))
    approval: ApprovalShape = field(metadata=key(doc="Who authorises."))
    cites: tuple[str, ...] = field(default=(), metadata=key(doc="Where the written procedure says so."))
    when: str = field(default="", metadata=key(doc="A CEL condition; without one it always applies."))


RequirementShape = GateRequirement | SignoffRequirementShape | ApprovalRequirementShape


@dataclass(frozen=True, slots=True)
class WindowShape:
    schedule: str = field(metadata=key(doc="An RFC 5545 recurrence, such as RRULE:FREQ=WEEKLY;BYDAY=MO,TU."))
    zone: str = field(metadata=key("tz", doc="An IANA time zone, such as Europe/Berlin."))
    begins: str = field(metadata=key("from", doc="Local time of day it opens.", pattern=r"\d\d:\d\d"))
    ends: str = field(metadata=key("to", doc="Local time of day it closes.", pattern=r"\d\d:\d\d"))


@dataclass(frozen=True, slots=True)
class VerifyShape:
    checks: tuple[CheckId, ...] = field(metadata=key(doc="What must pass after the deployment.", at_least=1))
    within: timedelta = field(
        default=timedelta(minutes=2), metadata=key(doc="How long they may stay inconclusive before it goes back.")
    )
    every: timedelta = field(default=timedelta(seconds=2), metadata=key(doc="The pause between tries."))


@dataclass(frozen=True, slots=True)
class BakeShape:
    duration: timedelta = field(metadata=key("for", doc="How long the release is watched, counted as observed."))
    checks: tuple[CheckId, ...] = field(metadata=key(doc="What must keep passing.", at_least=1))
    every: timedelta = field(default=timedelta(seconds=30), metadata=key(doc="How often they are run."))

    def __post_init__(self) -> None:
        if self.every <= timedelta(0):
            raise ValueError("every is longer than nothing")


@dataclass(frozen=True, slots=True)
class WeightStep:
    """So much of the traffic."""

    weight: float = field(metadata=key(doc="The candidate's share of all requests, in percent."))
    hold: timedelta = field(default=timedelta(0), metadata=key(doc="How long it is watched, counted as observed."))
    least: int = field(default=0, metadata=key(doc="How many candidate requests must have been seen meanwhile."))

    def __post_init__(self) -> None:
        if not 0 < self.weight <= _PERCENT or self.weight * _PERCENT != int(self.weight * _PERCENT):
            raise ValueError("a weight is more than 0 and at most 100, with at most two decimals")


@dataclass(frozen=True, slots=True)
class CohortStep:
    """All of those who ask for the candidate by themselves, such as testers."""

    cohort: Name = field(metadata=key(doc="The name that such requests carry in the header x-interlock-cohort."))
    hold: timedelta = field(default=timedelta(0), metadata=key(doc="How long it is watched, counted as observed."))
    least: int = field(default=0, metadata=key(doc="How many candidate requests must have been seen meanwhile."))


@dataclass(frozen=True, slots=True)
class AskStep:
    """Somebody says: go on."""

    ask: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may agree to go on.", at_least=1))


StepShape = WeightStep | CohortStep | AskStep


@dataclass(frozen=True, slots=True)
class GuardShape:
    tolerated: int = field(metadata=key(doc="By how many percent stable's rate may be exceeded without reason to act."))
    at_most: float = field(
        default=100.0, metadata=key(doc="The rate of bad requests that is never exceeded in good order, in percent.")
    )

    def __post_init__(self) -> None:
        if self.tolerated < 0 or not 0 < self.at_most <= _PERCENT:
            raise ValueError("tolerated is at least 0, at_most more than 0 and at most 100")


@dataclass(frozen=True, slots=True)
class AnalysisShape:
    errors: GuardShape = field(default=GuardShape(5), metadata=key(doc="Bad answers, compared with stable's."))
    latency: GuardShape | Literal["unjudged"] = field(
        default=GuardShape(25),
        metadata=key(doc="Slow answers, compared with stable's; `unjudged` where nothing counts them."),
    )
    risk: float = field(
        default=1.0,
        metadata=key(doc="The chance, in percent and over the whole rollout, that an equal candidate is rolled back."),
    )

    def __post_init__(self) -> None:
        if not 0 < self.risk <= _MOST_RISK:
            raise ValueError("risk is more than 0 and at most 20")


@dataclass(frozen=True, slots=True)
class RolloutShape:
    steps: tuple[StepShape, ...] = field(metadata=key(doc="How the candidate is given traffic; all of it comes last."))
    every: timedelta = field(default=timedelta(seconds=5), metadata=key(doc="The pause between measurements."))
    blind_for: timedelta = field(
        default=timedelta(seconds=30),
        metadata=key(doc="How long nothing may be measured, or the candidate be unready, before it goes back."),
    )
    analysis: AnalysisShape = field(default=AnalysisShape(), metadata=key(doc="What is compared."))

    def __post_init__(self) -> None:
        if self.every <= timedelta(0) or self.blind_for < self.every:
            raise ValueError("every is longer than nothing, and blind_for at least as long")
        weights = [step.weight for step in self.steps if isinstance(step, WeightStep)]
        if any(later <= earlier for earlier, later in pairwise(weights)):
            raise ValueError("each weight is larger than the one before it")


@dataclass(frozen=True, slots=True)
class StageShape:
    name: StageName = field(metadata=key(doc="What the stage is called."))
    environment: EnvironmentName = field(
        default=NOWHERE, metadata=key(doc="The environment it promotes into; none: it only gathers requirements.")
    )
    requires: tuple[RequirementShape, ...] = field(default=(), metadata=key(doc="What must be so."))
    windows: tuple[WindowShape, ...] = field(
        default=(), metadata=key(doc="When the promotion may begin; any open one will do.")
    )
    verify: VerifyShape | None = field(default=None, metadata=key(doc="What proves the deployment."))
    rollout: RolloutShape | None = field(
        default=None, metadata=key(doc="How a candidate is given traffic step by step; it needs a route.")
    )
    bake: BakeShape | None = field(default=None, metadata=key(doc="How it is watched afterwards."))


@dataclass(frozen=True, slots=True)
class PathShape:
    kinds: tuple[ChangeKind, ...] = field(metadata=key("for", doc="The kinds of change that travel so.", at_least=1))
    stages: tuple[StageName, ...] = field(metadata=key(doc="The stages, in order.", at_least=1))
    review_within: timedelta = field(
        default=timedelta(0), metadata=key(doc="The deadline of the retroactive review of an emergency.")
    )


@dataclass(frozen=True, slots=True)
class WaiversShape:
    authority: tuple[RoleName, ...] = field(metadata=key(doc="Roles that may grant a waiver.", at_least=1))
    longest: timedelta = field(metadata=key(doc="How far away its expiry may lie."))


@dataclass(frozen=True, slots=True)
class PackFile:
    """A protocol pack."""

    pack: Name = field(metadata=key(doc="The pack's name."))
    version: Version = field(metadata=key(doc="The pack's version."))
    phase: PackPhase = field(metadata=key("status", doc="Only an active pack governs."))
    roles: tuple[RoleName, ...] = field(metadata=key(doc="Every role it speaks of.", at_least=1))
    governors: tuple[RoleName, ...] = field(
        metadata=key(doc="Roles that may approve a change of these rules.", at_least=1)
    )
    environments: tuple[EnvironmentShape, ...] = field(metadata=key(doc="Where releases run.", at_least=1))
    paths: Mapping[Name, PathShape] = field(metadata=key(doc="How changes travel.", at_least=1))
    stages: tuple[StageShape, ...] = field(metadata=key(doc="The points on the way.", at_least=1))
    waivers: WaiversShape = field(metadata=key(doc="Who may make an exception, and for how long."))
    about: str = field(default="", metadata=key(doc="What it is for, in a sentence."))
    evidence: Assurance = field(
        default=Assurance.AUTHENTICATED, metadata=key(doc="The least assurance of any evidence.")
    )
