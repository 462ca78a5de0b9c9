# SPDX-License-Identifier: Apache-2.0
"""The shape of a protocol pack's file: what may be written, key by key.

The dataclasses are the grammar (`shape`); the reference page of the language is generated from them. What they mean
is the domain's: `load` turns them into a `Procedure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from interlock.domain.actor import Assurance
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Tier
from interlock.domain.ids import (
    AudienceName,
    CheckId,
    EnvironmentName,
    NoticeId,
    RoleName,
    StageName,
    parse_branch,
    parse_name,
    parse_version,
)
from interlock.domain.incident import Severity
from interlock.domain.procedure import NEVER, NOWHERE
from interlock.domain.strategy import Baseline, Pace
from interlock.packs.citing import CITES, CITES_OF_KEYS, CITES_OR_KEYS, ByKey, Cited
from interlock.packs.handling import IncidentShape, RollbackShape
from interlock.packs.messages import NOTHING_TOLD, ChaseShape, MessageShape, StageNotifyShape
from interlock.packs.requirements import RequirementShape
from interlock.packs.shape import key
from interlock.packs.wanted import DAY, NATURAL, YEAR, Span

Name = Annotated[str, parse_name]
Version = Annotated[str, parse_version]
_HUNDREDTHS: Final = 100
_PERCENT: Final = Span(0.01, 100)
_RISK: Final = Span(0.01, 20)
_LONGER: Final = Span(1, 1000)
_TOLERATED: Final = Span(0, 1000)


class PackPhase(StrEnum):
    """Only an active pack governs."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class Order(StrEnum):
    """Whether what a stage asks of people is said in order."""

    FREE = "free"
    SEQUENTIAL = "sequential"


@dataclass(frozen=True, slots=True)
class EnvironmentShape:
    name: EnvironmentName = field(metadata=key(doc="What the environment is called."))
    tier: Tier = field(metadata=key(doc="How much is at stake there."))
    after: tuple[EnvironmentName, ...] = field(
        default=(), metadata=key(doc="Environments in which the same artifacts must have been completed first.")
    )
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class WindowShape:
    schedule: str = field(metadata=key(doc="An RFC 5545 recurrence, such as RRULE:FREQ=WEEKLY;BYDAY=MO,TU."))
    zone: str = field(metadata=key("tz", doc="An IANA time zone, such as Europe/Berlin."))
    begins: str = field(metadata=key("from", doc="Local time of day it opens.", pattern=r"\d\d:\d\d"))
    ends: str = field(metadata=key("to", doc="Local time of day it closes.", pattern=r"\d\d:\d\d"))
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class VerifyShape:
    checks: tuple[CheckId, ...] = field(metadata=key(doc="What must pass after the deployment.", at_least=1))
    within: timedelta = field(
        default=timedelta(minutes=2),
        metadata=key(doc="How long they may stay inconclusive before it goes back.", span=YEAR),
    )
    every: timedelta = field(default=timedelta(seconds=2), metadata=key(doc="The pause between tries.", span=DAY))
    cites: tuple[str, ...] = field(default=(), metadata=CITES)

    def __post_init__(self) -> None:
        if self.every > self.within:
            raise ValueError("within is over before every comes round: give it more time, or try more often")


@dataclass(frozen=True, slots=True)
class BakeShape:
    duration: timedelta = field(
        metadata=key("for", doc="How long the release is watched, counted as observed.", span=YEAR)
    )
    checks: tuple[CheckId, ...] = field(metadata=key(doc="What must keep passing.", at_least=1))
    every: timedelta = field(default=timedelta(seconds=30), metadata=key(doc="How often they are run.", span=DAY))
    cites: tuple[str, ...] = field(default=(), metadata=CITES)


@dataclass(frozen=True, slots=True)
class WeightStep:
    """So much of the traffic."""

    weight: float = field(metadata=key(doc="The candidate's share of all requests, in percent.", span=_PERCENT))
    hold: timedelta = field(
        default=timedelta(0), metadata=key(doc="How long it is watched, counted as observed.", span=YEAR)
    )
    least: int = field(
        default=0, metadata=key(doc="How many candidate requests must have been seen meanwhile.", span=NATURAL)
    )

    def __post_init__(self) -> None:
        if self.weight * _HUNDREDTHS != int(self.weight * _HUNDREDTHS):
            raise ValueError("a weight has at most two decimals")


@dataclass(frozen=True, slots=True)
class CohortStep:
    """All of those who ask for the candidate by themselves, such as testers."""

    cohort: Name = field(metadata=key(doc="The name that such requests carry in the header x-interlock-cohort."))
    hold: timedelta = field(
        default=timedelta(0), metadata=key(doc="How long it is watched, counted as observed.", span=YEAR)
    )
    least: int = field(
        default=0, metadata=key(doc="How many candidate requests must have been seen meanwhile.", span=NATURAL)
    )


@dataclass(frozen=True, slots=True)
class AskStep:
    """Somebody says: go on."""

    ask: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may agree to go on.", at_least=1))


StepShape = WeightStep | CohortStep | AskStep


@dataclass(frozen=True, slots=True)
class GuardShape:
    tolerated: int = field(
        metadata=key(doc="By how many percent stable's rate may be exceeded without reason to act.", span=_TOLERATED)
    )
    at_most: float = field(
        default=100.0,
        metadata=key(doc="The rate of bad requests that is never exceeded in good order, in percent.", span=_PERCENT),
    )


@dataclass(frozen=True, slots=True)
class LongerShape:
    """What is tolerated is a longer time, not a rate of slow answers."""

    longer: int = field(
        metadata=key(doc="By how many percent answers may take longer; any may take 5 ms longer.", span=_LONGER)
    )
    at_most: float = field(
        default=100.0,
        metadata=key(
            doc="The rate of answers slower than the slowest edge that is never exceeded, in percent.", span=_PERCENT
        ),
    )


@dataclass(frozen=True, slots=True)
class AnalysisShape:
    errors: GuardShape = field(default=GuardShape(5), metadata=key(doc="Bad answers, compared with stable's."))
    latency: GuardShape | LongerShape | Literal["unjudged"] = field(
        default=LongerShape(3),
        metadata=key(doc="Slow answers, compared with stable's; `unjudged` where nothing counts them."),
    )
    risk: float = field(
        default=1.0,
        metadata=key(
            doc="The chance, in percent and over the whole rollout, that an equal candidate is rolled back.", span=_RISK
        ),
    )


@dataclass(frozen=True, slots=True)
class RolloutShape:
    steps: tuple[StepShape, ...] = field(metadata=key(doc="How the candidate is given traffic; all of it comes last."))
    every: timedelta = field(
        default=timedelta(seconds=5), metadata=key(doc="The pause between measurements.", span=DAY)
    )
    blind_for: timedelta = field(
        default=timedelta(seconds=30),
        metadata=key(
            doc="How long nothing may be measured, or the candidate be unready, before it goes back.", span=DAY
        ),
    )
    analysis: AnalysisShape = field(default=AnalysisShape(), metadata=key(doc="What is compared."))
    pace: Pace = field(
        default=Pace.STEADY,
        metadata=key(
            doc="`steady`: a step takes all of its time. `proven`: it is over as soon as the candidate is proven to be "
            "no worse, at what its share puts at stake."
        ),
    )
    baseline: Baseline = field(
        default=Baseline.NONE,
        metadata=key(
            doc="`fresh`: the candidate is compared, too, with as many fresh instances of what is stable, started with "
            "its own and given the same share, so that both warm up alike. `none`: with what is stable alone."
        ),
    )
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class StageShape:
    name: StageName = field(metadata=key(doc="What the stage is called."))
    environment: EnvironmentName = field(
        default=NOWHERE, metadata=key(doc="The environment it promotes into; none: it only gathers requirements.")
    )
    requires: tuple[RequirementShape, ...] = field(default=(), metadata=key(doc="What must be so."))
    order: Order = field(
        default=Order.FREE, metadata=key(doc="`sequential`: what people say, they say in the order it stands here.")
    )
    windows: tuple[WindowShape, ...] = field(
        default=(), metadata=key(doc="When the promotion may begin; any open one will do.")
    )
    verify: VerifyShape | None = field(default=None, metadata=key(doc="What proves the deployment."))
    rollout: RolloutShape | None = field(
        default=None, metadata=key(doc="How a candidate is given traffic step by step; it needs a route.")
    )
    bake: BakeShape | None = field(default=None, metadata=key(doc="How it is watched afterwards."))
    notify: StageNotifyShape = field(default=NOTHING_TOLD, metadata=key(doc="Which messages fall due in its course."))
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class PathShape:
    kinds: tuple[ChangeKind, ...] = field(metadata=key("for", doc="The kinds of change that travel so.", at_least=1))
    stages: tuple[StageName, ...] = field(metadata=key(doc="The stages, in order.", at_least=1))
    review_within: timedelta = field(
        default=timedelta(0), metadata=key(doc="The deadline of the retroactive review of an emergency.", span=YEAR)
    )
    when: str = field(
        default="", metadata=key(doc="A CEL condition on the release; of paths for one kind the first that holds.")
    )
    review_chased: tuple[ChaseShape, ...] = field(
        default=(),
        metadata=key(doc="What is told of the review while it is owed; none: everybody, once it is overdue."),
    )
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class WaiversShape:
    authority: tuple[RoleName, ...] = field(metadata=key(doc="Roles that may grant a waiver.", at_least=1))
    longest: timedelta = field(metadata=key(doc="How far away its expiry may lie.", span=YEAR))
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class DeliverShape:
    """Every new head of a branch becomes a release by itself, and is promoted when its gate opens."""

    branch: Annotated[str, parse_branch] = field(metadata=key(doc="The branch, such as main."))
    environment: EnvironmentName = field(metadata=key(doc="Where it goes; no production environment."))
    kind: ChangeKind = field(
        default=ChangeKind.STANDARD,
        metadata=key(doc="The kind of change it is; none of its paths reaches a production environment."),
    )
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


@dataclass(frozen=True, slots=True)
class DriftShape:
    """Something else runs than was released."""

    severity: Severity = field(default=Severity.MAJOR, metadata=key(doc="How bad an incident that is."))
    adopted_by: tuple[RoleName, ...] = field(
        default=(), metadata=key(doc="Roles that may adopt what runs instead; none named: every registered person.")
    )
    agreed_by: tuple[RoleName, ...] = field(
        default=(),
        metadata=key(doc="Roles of which somebody else has to agree before it is adopted; none named: nobody."),
    )
    cites: Cited = field(default=(), metadata=CITES_OR_KEYS)


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
    lifters: tuple[RoleName, ...] = field(
        default=(),
        metadata=key(
            doc="Roles that may lift a freeze or a recall, and have a paused rollout go on; none named: those that "
            "approve before production."
        ),
    )
    about: str = field(default="", metadata=key(doc="What it is for, in a sentence."))
    evidence: Assurance = field(
        default=Assurance.AUTHENTICATED, metadata=key(doc="The least assurance of any evidence.")
    )
    audiences: tuple[AudienceName, ...] = field(
        default=(), metadata=key(doc="Everybody whom it has told something; who they are, the bindings say.")
    )
    messages: Mapping[NoticeId, MessageShape] = field(
        default_factory=dict, metadata=key(doc="What it has told to whom, by name.")
    )
    rollback: RollbackShape = field(
        default=RollbackShape(), metadata=key(doc="Who decides a rollback, what stands beside it, and what follows it.")
    )
    deliver: DeliverShape | None = field(default=None, metadata=key(doc="What goes to an environment by itself."))
    drift: DriftShape = field(
        default=DriftShape(), metadata=key(doc="What it means that something else runs than was released.")
    )
    incident: IncidentShape = field(default=IncidentShape(), metadata=key(doc="How incidents are handled."))
    cites: ByKey = field(default_factory=dict, metadata=CITES_OF_KEYS)
    enforced: ByKey = field(
        default_factory=dict,
        metadata=key(doc="What the engine enforces in every pack: the statement, and the codes it refuses with."),
    )
    expires: datetime = field(default=NEVER, metadata=key(doc="From when on it is no longer taken into force."))
