# SPDX-License-Identifier: Apache-2.0
"""Text to `Procedure`: the strict loader of protocol packs.

1. Whatever is not understood, or names what does not exist, is refused with its place; all of it at once.
2. What loads can be evaluated: every name in it resolves, every condition type-checks, every id is there once.
3. A path that opens an environment without asking for anything is refused (nothing applicable is a denial).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from interlock.domain import strategy as rollout_strategy
from interlock.domain.actor import Assurance
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment
from interlock.domain.ids import EVERYWHERE, StageName
from interlock.domain.procedure import NOWHERE, Bake, Path, Procedure, Stage, Verification, WaiverRule
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    Requirement,
    SignoffRequirement,
    Waivable,
)
from interlock.domain.strategy import Analysis, Ask, Guard, Invite, Measure, Strategy, Weigh
from interlock.domain.traffic import WHOLE
from interlock.domain.window import Schedule
from interlock.packs.conditions import compile_condition
from interlock.packs.facts import CelType, Kind, ListOf
from interlock.packs.model import (
    ApprovalRequirementShape,
    AskStep,
    CohortStep,
    GateRequirement,
    GuardShape,
    PackFile,
    PackPhase,
    RequirementShape,
    RolloutShape,
    SignoffRequirementShape,
    StageShape,
    StepShape,
    WeightStep,
)
from interlock.packs.nearest import advice
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.shape import decode, problem_at
from interlock.packs.yaml_tree import Document, Step, find, path_text, read

VARIABLES: Final[Mapping[str, CelType]] = {
    "change_kind": Kind.STRING,
    "service": Kind.STRING,
    "environment": Kind.STRING,
    "version": Kind.STRING,
    "components": ListOf(Kind.STRING),
}
"""What a condition may speak of."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that loaded: its phase and its procedure."""

    phase: PackPhase
    about: str
    procedure: Procedure
    evidence: Assurance


def load_pack(source: str, content: bytes) -> Pack | Problems:
    """The pack in these bytes; `source` is its name in messages."""
    document = read(source, content)
    if isinstance(document, Problems):
        return document
    shape = decode(document, PackFile)
    if isinstance(shape, Problems):
        return shape
    found = tuple(_references(document, shape))
    if found:
        return problems_of(document.source, document.lines, found)
    return Pack(shape.phase, shape.about, _procedure(shape), shape.evidence)


def _procedure(shape: PackFile) -> Procedure:
    return Procedure(
        pack=shape.pack,
        version=shape.version,
        roles=shape.roles,
        environments=tuple(Environment(one.name, one.tier, one.after) for one in shape.environments),
        stages=tuple(_stage(one) for one in shape.stages),
        paths=tuple(Path(name, path.kinds, path.stages, path.review_within) for name, path in shape.paths.items()),
        waivers=WaiverRule(shape.waivers.authority, shape.waivers.longest),
        governors=shape.governors,
    )


def _stage(shape: StageShape) -> Stage:
    verify, bake = shape.verify, shape.bake
    return Stage(
        name=shape.name,
        environment=shape.environment,
        requires=tuple(_requirement(one) for one in shape.requires),
        windows=tuple(Schedule(one.schedule, one.zone, one.begins, one.ends) for one in shape.windows),
        verification=Verification(verify.checks, verify.within, verify.every) if verify else Verification(),
        rollout=_strategy(shape.rollout) if shape.rollout else Strategy(),
        bake=Bake(bake.duration, bake.every, bake.checks) if bake else Bake(),
    )


def _strategy(shape: RolloutShape) -> Strategy:
    steps = tuple(_step(one) for one in shape.steps)
    if steps and steps[-1] == Weigh(WHOLE):
        steps = steps[:-1]
    errors, latency = shape.analysis.errors, shape.analysis.latency
    slow = (_guard("latency", Measure.LATENCY, latency),) if isinstance(latency, GuardShape) else ()
    guards = (_guard("errors", Measure.ERRORS, errors), *slow)
    return Strategy(steps, shape.every, shape.blind_for, Analysis(guards, _basis_points(shape.analysis.risk)))


def _step(shape: StepShape) -> rollout_strategy.Step:
    match shape:
        case WeightStep(weight, hold, least):
            return Weigh(_basis_points(weight), hold, least)
        case CohortStep(cohort, hold, least):
            return Invite(cohort, hold, least)
        case AskStep(roles):
            return Ask(roles)
        case _:
            assert_never(shape)


def _guard(name: str, measure: Measure, shape: GuardShape) -> Guard:
    return Guard(name, measure, shape.tolerated, _basis_points(shape.at_most))


def _basis_points(percent: float) -> int:
    return round(percent * 100)


def _requirement(shape: RequirementShape) -> Requirement:
    match shape:
        case GateRequirement(id, gate, cites, when, waivable):
            waiving = Waivable.YES if waivable else Waivable.NO
            if gate.at_most is None:
                return CheckRequirement(id, gate.check, gate.in_, gate.max_age, gate.assurance, waiving, when, cites)
            return CountRequirement(
                id, gate.check, gate.at_most, gate.in_, gate.max_age, gate.assurance, waiving, when, cites
            )
        case SignoffRequirementShape(id, asked, cites, when, waivable):
            waiving = Waivable.YES if waivable else Waivable.NO
            return SignoffRequirement(
                id, asked.roles, asked.statement, asked.apart, asked.authors, asked.assurance, waiving, when, cites
            )
        case ApprovalRequirementShape(id, asked, cites, when):
            return ApprovalRequirement(
                id,
                asked.roles,
                asked.count,
                asked.apart,
                asked.authors,
                asked.assurance,
                condition=when,
                cites=cites,
            )
        case _:
            assert_never(shape)


@dataclass(frozen=True, slots=True)
class _Names:
    """A kind of name, the names there are, and where in the file a wrong one is reported."""

    document: Document
    kind: str
    known: tuple[str, ...]

    def check(self, names: Iterable[str], at: tuple[Step, ...]) -> Iterator[Problem]:
        for number, name in enumerate(names):
            if name not in self.known:
                sentence = f"there is no {self.kind} '{name}'"
                yield problem_at(
                    self.document, (*at, number), f"pack.unknown_{self.kind}", sentence, advice(name, self.known)
                )


def _references(document: Document, shape: PackFile) -> Iterator[Problem]:
    roles = _Names(document, "role", shape.roles)
    environments = _Names(document, "environment", tuple(one.name for one in shape.environments))
    stages = _Names(document, "stage", tuple(one.name for one in shape.stages))
    yield from _twice(document, shape.roles, ("roles",))
    yield from _twice(document, environments.known, ("environments",))
    yield from _twice(document, stages.known, ("stages",))
    yield from roles.check(shape.governors, ("governors",))
    yield from roles.check(shape.waivers.authority, ("waivers", "authority"))
    for number, environment in enumerate(shape.environments):
        yield from environments.check(environment.after, ("environments", number, "after"))
    yield from _order(document, shape)
    for number, stage in enumerate(shape.stages):
        yield from _stage_references(document, (number, stage), roles, environments)
    yield from _requirement_ids(document, shape)
    yield from _paths(document, shape, stages)


def _twice(document: Document, names: tuple[str, ...], at: tuple[Step, ...]) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield problem_at(
                document, (*at, number), "pack.duplicate_name", f"'{name}' stands here twice", "keep one of them"
            )


def _order(document: Document, shape: PackFile) -> Iterator[Problem]:
    """An environment comes after earlier ones only: no circles."""
    seen: set[str] = set()
    known = {one.name for one in shape.environments}
    for number, environment in enumerate(shape.environments):
        for place, before in enumerate(environment.after):
            if before in known and before not in seen:
                sentence = f"'{environment.name}' comes after '{before}', which is listed later or is itself"
                at = ("environments", number, "after", place)
                yield problem_at(document, at, "pack.circle", sentence, "list environments in their order")
        seen.add(environment.name)


def _stage_references(
    document: Document, stage: tuple[int, StageShape], roles: _Names, environments: _Names
) -> Iterator[Problem]:
    number, shape = stage
    at: tuple[Step, ...] = ("stages", number)
    if shape.environment != NOWHERE:
        yield from environments.check((shape.environment,), (*at, "environment"))
    elif shape.verify or shape.bake or shape.windows or shape.rollout:
        sentence = (
            f"stage '{shape.name}' promotes into no environment, so there is nothing to verify, roll out, bake or time"
        )
        yield problem_at(document, at, "pack.no_environment", sentence, "name its environment")
    for place, step in enumerate(shape.rollout.steps if shape.rollout else ()):
        if isinstance(step, AskStep):
            yield from roles.check(step.ask, (*at, "rollout", "steps", place, "ask"))
    for place, requirement in enumerate(shape.requires):
        yield from _requirement_references(document, requirement, (*at, "requires", place), roles, environments)


def _requirement_references(
    document: Document, requirement: RequirementShape, here: tuple[Step, ...], roles: _Names, environments: _Names
) -> Iterator[Problem]:
    yield from _condition(document, requirement, here)
    match requirement:
        case SignoffRequirementShape(signoff=asked):
            yield from roles.check(asked.roles, (*here, "signoff", "roles"))
        case ApprovalRequirementShape(approval=approval):
            yield from roles.check(approval.roles, (*here, "approval", "roles"))
        case GateRequirement(gate=gate):
            named = () if gate.in_ == EVERYWHERE else (gate.in_,)
            yield from environments.check(named, (*here, "gate", "in"))
        case _:
            assert_never(requirement)


def _condition(document: Document, requirement: RequirementShape, at: tuple[Step, ...]) -> Iterator[Problem]:
    if not requirement.when:
        return
    here = (*at, "when")
    compiled = compile_condition(
        requirement.when, VARIABLES, place=find(document.root, *here).place, path=path_text(here)
    )
    if isinstance(compiled, Problem):
        yield compiled


def _requirement_ids(document: Document, shape: PackFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, stage in enumerate(shape.stages):
        for place, requirement in enumerate(stage.requires):
            if requirement.id in seen:
                sentence = f"requirement '{requirement.id}' stands in the pack twice"
                at = ("stages", number, "requires", place, "id")
                yield problem_at(document, at, "pack.duplicate_name", sentence, "give it a name of its own")
            seen.add(requirement.id)


def _paths(document: Document, shape: PackFile, stages: _Names) -> Iterator[Problem]:
    taken: dict[ChangeKind, str] = {}
    for name, path in shape.paths.items():
        yield from stages.check(path.stages, ("paths", name, "stages"))
        yield from _twice(document, path.stages, ("paths", name, "stages"))
        for place, kind in enumerate(path.kinds):
            if kind in taken:
                sentence = f"{kind} changes take path '{taken[kind]}' already"
                at = ("paths", name, "for", place)
                yield problem_at(document, at, "pack.kind_taken", sentence, "let each kind of change take one path")
            taken[kind] = name
        if ChangeKind.EMERGENCY in path.kinds and not path.review_within:
            sentence = "an emergency owes a retroactive review, and no deadline is given for it"
            yield problem_at(
                document, ("paths", name), "pack.no_review", sentence, "add review_within, such as review_within: 48h"
            )
        yield from _asks_something(document, shape, name, path.stages)


def _asks_something(document: Document, shape: PackFile, name: str, path: tuple[StageName, ...]) -> Iterator[Problem]:
    stages = {stage.name: stage for stage in shape.stages}
    asked = 0
    for place, stage_name in enumerate(path):
        stage = stages.get(stage_name)
        if stage is None:
            return
        asked += len(stage.requires)
        if stage.environment != NOWHERE and not asked:
            sentence = f"the path opens '{stage.environment}' without asking for anything"
            at = ("paths", name, "stages", place)
            yield problem_at(document, at, "pack.asks_nothing", sentence, "give a stage before it a requirement")
