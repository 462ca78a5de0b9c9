# SPDX-License-Identifier: Apache-2.0
"""Text to `Procedure`: the strict loader of protocol packs.

1. Whatever is not understood, or names what does not exist, is refused with its place; all of it at once.
2. What loads can be evaluated: every name in it resolves, every condition type-checks, every id is there once.
3. A path that opens an environment without asking for anything is refused (nothing applicable is a denial).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, assert_never

from interlock.domain import strategy as rollout_strategy
from interlock.domain.actor import Assurance
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment
from interlock.domain.ids import RequirementId, StageName
from interlock.domain.procedure import NOWHERE, Adopters, Bake, Path, Procedure, Stage, Verification, WaiverRule
from interlock.domain.requirement import Requirement
from interlock.domain.strategy import Analysis, Ask, Guard, Invite, Measure, Strategy, Weigh
from interlock.domain.template import Template
from interlock.domain.traffic import WHOLE
from interlock.domain.window import Schedule
from interlock.packs.citing import citing_problems
from interlock.packs.contradictions import contradictions
from interlock.packs.delivering import delivery_problems, delivery_rule
from interlock.packs.handling import handling
from interlock.packs.incidents import incident_problems
from interlock.packs.messages import chases, rollback_messages, stage_messages, templates
from interlock.packs.model import (
    AskStep,
    CohortStep,
    DriftShape,
    GuardShape,
    LongerShape,
    Order,
    PackFile,
    PackPhase,
    PathShape,
    RolloutShape,
    StageShape,
    StepShape,
    WeightStep,
)
from interlock.packs.names import Names
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.requirements import (
    EVIDENCE,
    OF_RELEASES,
    condition_problem,
    loaded,
    order_problems,
    references,
)
from interlock.packs.rollouts import unsound
from interlock.packs.shape import decode, problem_at
from interlock.packs.telling import telling_problems
from interlock.packs.yaml_tree import Document, Step, read

_REMEMBERED: Final = 32
"""Packs kept: more than anybody has under way at a time."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that loaded: its phase and its procedure."""

    phase: PackPhase
    about: str
    procedure: Procedure
    evidence: Assurance


def load_pack(source: str, content: bytes) -> Pack | Problems:
    """The pack in these bytes; `source` is its name in messages."""
    found = _load(content)
    return replace(found, source=source) if isinstance(found, Problems) else found


@lru_cache(maxsize=_REMEMBERED)
def _load(content: bytes) -> Pack | Problems:
    """The same bytes are read once, whoever asks and whatever they call them."""
    document = read("", content)
    if isinstance(document, Problems):
        return document
    shape = decode(document, PackFile)
    if isinstance(shape, Problems):
        return shape
    found = tuple(dict.fromkeys(_references(document, shape)))
    if found:
        return problems_of(document.source, document.lines, found)
    return Pack(shape.phase, shape.about, _procedure(shape), shape.evidence)


def _procedure(shape: PackFile) -> Procedure:
    messages = templates(shape.messages)
    return Procedure(
        pack=shape.pack,
        version=shape.version,
        roles=shape.roles,
        environments=tuple(Environment(one.name, one.tier, one.after) for one in shape.environments),
        stages=tuple(_stage(one, messages) for one in shape.stages),
        paths=tuple(_path(name, one, messages) for name, one in shape.paths.items()),
        waivers=WaiverRule(shape.waivers.authority, shape.waivers.longest),
        governors=shape.governors,
        lifters=shape.lifters,
        audiences=shape.audiences,
        messages=messages,
        rollback_messages=rollback_messages(shape.rollback.notify, messages),
        handling=handling(shape.incident, shape.rollback, messages),
        expires=shape.expires,
        delivery=delivery_rule(shape),
        drift=shape.drift.severity,
        adopters=Adopters(shape.drift.adopted_by, shape.drift.agreed_by),
    )


def _path(name: str, shape: PathShape, messages: tuple[Template, ...]) -> Path:
    told = chases(shape.review_chased, messages)
    return Path(name, shape.kinds, shape.stages, shape.review_within, shape.when, told)


def _stage(shape: StageShape, messages: tuple[Template, ...]) -> Stage:
    verify, bake = shape.verify, shape.bake
    return Stage(
        name=shape.name,
        environment=shape.environment,
        requires=loaded(shape.requires, sequential=shape.order is Order.SEQUENTIAL),
        windows=tuple(Schedule(one.schedule, one.zone, one.begins, one.ends) for one in shape.windows),
        verification=Verification(verify.checks, verify.within, verify.every) if verify else Verification(),
        rollout=_strategy(shape.rollout) if shape.rollout else Strategy(),
        bake=Bake(bake.duration, bake.every, bake.checks) if bake else Bake(),
        messages=stage_messages(shape.notify, messages),
    )


def _strategy(shape: RolloutShape) -> Strategy:
    steps = tuple(_step(one) for one in shape.steps)
    if steps and steps[-1] == Weigh(WHOLE):
        steps = steps[:-1]
    errors, latency = shape.analysis.errors, shape.analysis.latency
    slow = () if latency == "unjudged" else (_guard("latency", Measure.LATENCY, latency),)
    guards = (_guard("errors", Measure.ERRORS, errors), *slow)
    analysis = Analysis(guards, _basis_points(shape.analysis.risk), baseline=shape.baseline)
    return Strategy(steps, shape.every, shape.blind_for, analysis, shape.pace)


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


def _guard(name: str, measure: Measure, shape: GuardShape | LongerShape) -> Guard:
    cap = _basis_points(shape.at_most)
    if isinstance(shape, LongerShape):
        return Guard(name, measure, cap=cap, longer=shape.longer)
    return Guard(name, measure, shape.tolerated, cap)


def _basis_points(percent: float) -> int:
    return round(percent * 100)


def _references(document: Document, shape: PackFile) -> Iterator[Problem]:
    roles = Names(document, "role", shape.roles)
    environments = Names(document, "environment", tuple(one.name for one in shape.environments))
    stages = Names(document, "stage", tuple(one.name for one in shape.stages))
    yield from _twice(document, shape.roles, ("roles",))
    yield from _twice(document, environments.known, ("environments",))
    yield from _twice(document, stages.known, ("stages",))
    yield from roles.check(shape.governors, ("governors",))
    yield from roles.check(shape.lifters, ("lifters",))
    yield from roles.check(shape.waivers.authority, ("waivers", "authority"))
    yield from _adopters(document, shape.drift, roles)
    for number, environment in enumerate(shape.environments):
        yield from environments.check(environment.after, ("environments", number, "after"))
    yield from _order(document, shape)
    for number, stage in enumerate(shape.stages):
        yield from _stage_references(document, (number, stage), roles, environments)
    yield from _requirement_ids(document, shape)
    yield from _paths(document, shape, stages)
    yield from telling_problems(document, shape)
    yield from delivery_problems(document, shape)
    yield from incident_problems(document, shape)
    yield from contradictions(document, shape)
    yield from citing_problems(document, shape)


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
    document: Document, stage: tuple[int, StageShape], roles: Names, environments: Names
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
    if shape.rollout is not None:
        yield from _rollout_references(document, shape.rollout, (*at, "rollout"), roles)
    for place, requirement in enumerate(shape.requires):
        yield from references(document, requirement, (*at, "requires", place), roles, environments)


def _rollout_references(
    document: Document, shape: RolloutShape, at: tuple[Step, ...], roles: Names
) -> Iterator[Problem]:
    for place, step in enumerate(shape.steps):
        if isinstance(step, AskStep):
            yield from roles.check(step.ask, (*at, "steps", place, "ask"))
    yield from unsound(document, shape, at)


def _requirement_ids(document: Document, shape: PackFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, stage in enumerate(shape.stages):
        for place, requirement in enumerate(stage.requires):
            at = ("stages", number, "requires", place, "id")
            if requirement.id in seen:
                sentence = f"requirement '{requirement.id}' stands in the pack twice"
                yield problem_at(document, at, "pack.duplicate_name", sentence, "give it a name of its own")
            seen.add(requirement.id)
            if requirement.id.endswith(EVIDENCE):
                sentence = f"names that end in '{EVIDENCE}' are those of evidence beside a sign-off"
                yield problem_at(document, at, "pack.reserved_name", sentence, "give it another name")


def _paths(document: Document, shape: PackFile, stages: Names) -> Iterator[Problem]:
    for name, path in shape.paths.items():
        yield from stages.check(path.stages, ("paths", name, "stages"))
        yield from _twice(document, path.stages, ("paths", name, "stages"))
        yield from condition_problem(document, path.when, ("paths", name, "when"), OF_RELEASES)
        yield from _review(document, name, path)
        yield from _asks_something(document, shape, name, path.stages)
        yield from _in_order(document, shape, path.stages)


def _adopters(document: Document, shape: DriftShape, roles: Names) -> Iterator[Problem]:
    yield from roles.check(shape.adopted_by, ("drift", "adopted_by"))
    yield from roles.check(shape.agreed_by, ("drift", "agreed_by"))
    if shape.agreed_by and not shape.adopted_by:
        sentence = "it is said who agrees to an adoption, and not who adopts"
        yield problem_at(document, ("drift", "agreed_by"), "pack.nobody_adopts", sentence, "add adopted_by beside it")


def _review(document: Document, name: str, path: PathShape) -> Iterator[Problem]:
    """An emergency owes a review with a deadline, and nothing else owes one."""
    if ChangeKind.EMERGENCY in path.kinds and not path.review_within:
        sentence = "an emergency owes a retroactive review, and no deadline is given for it"
        yield problem_at(
            document, ("paths", name), "pack.no_review", sentence, "add review_within, such as review_within: 48h"
        )
    yield from _unowed(document, name, path)
    told = [one.message for one in path.review_chased]
    for number, one in enumerate(told):
        if one in told[:number]:
            sentence = f"'{one}' stands here twice"
            at = ("paths", name, "review_chased", number)
            yield problem_at(document, at, "pack.duplicate_name", sentence, "keep one of them, with `again`")


def _unowed(document: Document, name: str, path: PathShape) -> Iterator[Problem]:
    written = (("review_within", bool(path.review_within)), ("review_chased", bool(path.review_chased)))
    for word, is_there in written if ChangeKind.EMERGENCY not in path.kinds else ():
        if is_there:
            sentence = "no emergency comes this way, so no review is ever owed"
            yield problem_at(document, ("paths", name, word), "pack.unowed_review", sentence, "leave it out")


def _in_order(document: Document, shape: PackFile, path: tuple[StageName, ...]) -> Iterator[Problem]:
    stages = {stage.name: (number, stage) for number, stage in enumerate(shape.stages)}
    walked: list[Requirement] = []
    places: dict[RequirementId, tuple[Step, ...]] = {}
    for stage_name in path:
        if stage_name in stages:
            number, stage = stages[stage_name]
            walked.extend(loaded(stage.requires, sequential=stage.order is Order.SEQUENTIAL))
            for place, requirement in enumerate(stage.requires):
                places[requirement.id] = ("stages", number, "requires", place)
    yield from order_problems(document, places, walked)


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
