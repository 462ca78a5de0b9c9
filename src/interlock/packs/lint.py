# SPDX-License-Identifier: Apache-2.0
"""What loads but would hurt: gates nobody can open, proofs that prove nothing, words nobody uses.

A lint finding is advice with a code; it refuses nothing. What must never be is refused by the loaders.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.change import ChangeKind
from interlock.domain.environment import Tier
from interlock.domain.moment import span_in_words
from interlock.domain.procedure import NOWHERE, Path, Procedure, Stage
from interlock.domain.requirement import ApprovalRequirement, PeopleRequirement, SaidRequirement, SignoffRequirement
from interlock.domain.separation import Slot, assign
from interlock.domain.strategy import NO_CAP, Ask, Measure
from interlock.packs.bindings import Bindings
from interlock.packs.staffing import Where, gates


@dataclass(frozen=True, slots=True)
class Advice:
    """Something a person should look at."""

    code: str
    where: str
    sentence: str
    next_step: str


def lint_pack(procedure: Procedure) -> tuple[Advice, ...]:
    """Advice about a pack by itself."""
    return (
        *_unused_roles(procedure),
        *_unreached_stages(procedure),
        *_unproven_stages(procedure),
        *_lonely_emergencies(procedure),
        *_unguarded_production(procedure),
        *_uncapped(procedure),
        *_unwatched_steps(procedure),
        *_untold_audiences(procedure),
        *_unsent_messages(procedure),
    )


def lint_bindings(bindings: Bindings, procedure: Procedure) -> tuple[Advice, ...]:
    """Advice about a pack as it is bound: chiefly gates that the people bound to roles cannot open."""
    return (*_unheld_roles(bindings, procedure), *_unfillable(bindings, procedure), *_ungoverned(bindings))


def _unused_roles(procedure: Procedure) -> Iterator[Advice]:
    asked = (one for stage in procedure.stages for one in stage.requires if isinstance(one, SaidRequirement))
    used = {role for one in asked for role in one.roles}
    used |= {
        *procedure.waivers.authority,
        *procedure.governors,
        *procedure.lifters,
        *procedure.handling.roles,
        *procedure.adopters.everybody,
    }
    for role in procedure.roles:
        if role not in used:
            yield Advice("lint.unused_role", role, "nothing asks for this role", "remove it, or ask for it")


def _unreached_stages(procedure: Procedure) -> Iterator[Advice]:
    reached = {name for path in procedure.paths for name in path.stages}
    for stage in procedure.stages:
        if stage.name not in reached:
            yield Advice(
                "lint.unreached_stage", stage.name, "no path comes through this stage", "add it to a path, or remove it"
            )


def _unproven_stages(procedure: Procedure) -> Iterator[Advice]:
    for stage in procedure.stages:
        if stage.environment != NOWHERE and not stage.verification.checks:
            yield Advice(
                "lint.unproven",
                stage.name,
                f"nothing proves a deployment to {stage.environment}: that it was deployed is taken for proof",
                "give it verify: {checks: [...]}",
            )


def _lonely_emergencies(procedure: Procedure) -> Iterator[Advice]:
    for path in procedure.paths:
        if ChangeKind.EMERGENCY not in path.kinds:
            continue
        approvals = [one for one in _people(_stages(procedure, path)) if isinstance(one, ApprovalRequirement)]
        if sum(one.count for one in approvals) < 2:  # noqa: PLR2004 - an emergency takes two people (I4)
            yield Advice(
                "lint.lonely_emergency",
                path.name,
                "an emergency needs two people into production, and this path asks for fewer",
                "ask for two approvals, or it will be held there",
            )


def _unguarded_production(procedure: Procedure) -> Iterator[Advice]:
    for environment in procedure.environments:
        for stage in procedure.stages:
            if (
                environment.tier is Tier.PRODUCTION
                and stage.environment == environment.name
                and not stage.bake.duration
            ):
                yield Advice(
                    "lint.no_bake",
                    stage.name,
                    f"a release is left alone in {environment.name} as soon as it is verified",
                    "give it bake: {for: 30m, checks: [...]}",
                )


def _uncapped(procedure: Procedure) -> Iterator[Advice]:
    """Rollouts that know no rate of errors as too high, whatever stable has."""
    for stage in procedure.stages:
        errors = [one for one in stage.rollout.analysis.guards if one.measure is Measure.ERRORS]
        if stage.rollout.steps and errors and all(one.cap >= NO_CAP for one in errors):
            yield Advice(
                "lint.uncapped",
                stage.name,
                "no rate of errors is too high by itself, so what breaks while it warms up is found late",
                "say the most that is ever right, such as errors: {tolerated: 5, at_most: 5}",
            )


def _unwatched_steps(procedure: Procedure) -> Iterator[Advice]:
    """Steps that are over sooner than somebody would think who wrote them."""
    for stage in procedure.stages:
        steps, every = stage.rollout.steps, stage.rollout.every
        for number, step in enumerate(steps):
            if isinstance(step, Ask):
                continue
            if step.hold and step.hold < every:
                held, pause = span_in_words(step.hold), span_in_words(every)
                yield Advice(
                    "lint.short_hold",
                    stage.name,
                    f"step {number + 1} holds for {held}, and nothing is measured before {pause} have passed",
                    "hold it longer, or measure more often",
                )
            is_asked_about = number + 1 < len(steps) and isinstance(steps[number + 1], Ask)
            if not (step.hold or step.least or is_asked_about):
                yield Advice(
                    "lint.unwatched_step",
                    stage.name,
                    f"step {number + 1} goes on as soon as nothing speaks against it, whatever time or requests show",
                    "give it a hold, a least number of requests, or both",
                )


def _untold_audiences(procedure: Procedure) -> Iterator[Advice]:
    told = {audience for message in procedure.messages for audience in message.to}
    told.update(audience for clock in procedure.handling.all_clocks for audience in clock.tells)
    for audience in procedure.audiences:
        if audience not in told:
            sentence = "no message goes to this audience"
            yield Advice("lint.untold_audience", audience, sentence, "remove it, or have it told something")


def _unsent_messages(procedure: Procedure) -> Iterator[Advice]:
    for message in procedure.messages:
        if message not in procedure.sent:
            sentence = "nothing has this message sent"
            yield Advice("lint.unsent_message", message.id, sentence, "name it under a notify or send, or remove it")


def _unheld_roles(bindings: Bindings, procedure: Procedure) -> Iterator[Advice]:
    for role in procedure.roles:
        if not bindings.who_holds((role,), *bindings.posts):
            yield Advice("lint.unheld_role", role, "nobody holds this role", "bind people to it in interlock.yaml")


def _unfillable(bindings: Bindings, procedure: Procedure) -> Iterator[Advice]:
    """Paths whose slots cannot all be filled even if everybody agreed, with one author kept apart."""
    for path in procedure.paths:
        for stages, where in gates(procedure, path, bindings):
            slots = [slot for asked in _people(stages) for slot in _slots(asked, bindings, where)]
            filled = assign(slots, bindings.solo)
            missing = [slot.requirement for slot in slots if slot not in filled]
            if missing:
                there = f" in {' or '.join(where)}" if where else ""
                yield Advice(
                    "lint.unfillable",
                    path.name,
                    f"even if everybody agreed, nobody is left{there} for: {', '.join(dict.fromkeys(missing))}",
                    "bind more people to these roles, or declare solo mode",
                )


def _slots(asked: PeopleRequirement, bindings: Bindings, where: Where) -> Iterator[Slot]:
    count = asked.count if isinstance(asked, ApprovalRequirement) else 1
    for ordinal in range(count):
        yield Slot(asked.id, ordinal, asked.apart, bindings.who_could_stand(asked.roles, *where))


def _ungoverned(bindings: Bindings) -> Iterator[Advice]:
    """Programs of the repository that bindings run and nothing governs: a candidate could bring its own."""
    commands: list[tuple[str, ...]] = []
    for spec in (
        *bindings.checks.values(),
        *(check for one in bindings.environments.values() for check in one.checks.values()),
    ):
        commands.extend(getattr(spec, attribute, ()) for attribute in ("command", "junit", "count", "sarif", "secrets"))
    for place in bindings.environments.values():
        commands.extend((getattr(place.deploy, "command", ()), getattr(place.deploy, "process", ())))
    if bindings.records:
        commands.append(bindings.records.pull_request)
    for word in dict.fromkeys(word for command in commands for word in command[:2]):
        path = word.removeprefix("./")
        if word.startswith("./") and path not in bindings.governed:
            yield Advice(
                "lint.ungoverned_file",
                word,
                "a release could bring its own version of this program",
                f"name {path} under governed",
            )


def _people(stages: tuple[Stage, ...]) -> Iterator[PeopleRequirement]:
    for stage in stages:
        for requirement in stage.requires:
            if isinstance(requirement, SignoffRequirement | ApprovalRequirement):
                yield requirement


def _stages(procedure: Procedure, path: Path) -> tuple[Stage, ...]:
    return tuple(procedure.stage(name) for name in path.stages)
