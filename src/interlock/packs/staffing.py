# SPDX-License-Identifier: Apache-2.0
"""What a procedure asks of people, and nobody is bound to do: a gate that can never open, a decision nobody can take.

This is asked when rules are handed in. A role of several may be empty, as long as somebody holds another of them. Of
what is asked of several people only what is certain is refused: what is asked on a condition is looked at alone, and
who owns an area not at all. Whether authors leave enough others depends on the release. A role that is held in one
environment alone is held by nobody before the gate of another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from interlock.domain.handling import AttestationAsked, GapsAsked, QuestionAsked, ReportAsked
from interlock.domain.ids import EnvironmentName, RequirementId, RoleName
from interlock.domain.procedure import Path, Procedure, Stage
from interlock.domain.requirement import (
    UNCONDITIONAL,
    ApprovalRequirement,
    PeopleRequirement,
    SaidRequirement,
    SignoffRequirement,
    Who,
)
from interlock.domain.separation import Slot, assign
from interlock.packs.bindings import Bindings
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document, Step, Table, find, read

Where: TypeAlias = tuple[EnvironmentName, ...]
"""The environment before which something is asked; none: of who holds a role in every one."""


@dataclass(frozen=True, slots=True)
class Staffed:
    """Somebody is bound to everything that is asked for."""


def unstaffed(source: str, content: bytes, bindings: Bindings, procedure: Procedure) -> Problems | Staffed:
    """What nobody can do under these bindings, with its place in their bytes. Who works alone holds every role."""
    document = read(source, content)
    if isinstance(document, Problems) or bindings.solo:
        return Staffed()
    found = (*_unstaffed(document, bindings, procedure), *_too_few(document, bindings, procedure))
    return problems_of(source, document.lines, found) if found else Staffed()


def _unstaffed(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    told: set[tuple[str, tuple[RoleName, ...]]] = set()
    for what, roles, where in _asked(procedure):
        if not bindings.who_holds(roles, *where) and (what, roles) not in told:
            told.add((what, roles))
            sentence = f"nobody holds {' or '.join(roles)}{_there(bindings, where)}, which {what} asks for"
            yield problem_at(document, _place(document, roles), "bindings.unheld_role", sentence, "bind people to it")


def _too_few(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    """Where even the consent of everybody would not do: too few are bound, or too few who are kept apart."""
    told: set[RequirementId] = set()
    for together, where in _asked_together(procedure, bindings):
        slots = {asked: tuple(_slots(asked, bindings, where)) for asked in together}
        filled = assign([slot for some in slots.values() for slot in some])
        for asked, some in slots.items():
            missing = sum(1 for slot in some if slot.candidates and slot not in filled)
            if missing and asked.id not in told:
                told.add(asked.id)
                sentence = (
                    f"'{asked.id}' asks for {len(some)} of {' or '.join(asked.roles)}, and if everybody agreed who is "
                    f"bound{_there(bindings, where)}, {missing} would still be missing"
                )
                step = "bind more people to it, or ask for fewer"
                yield problem_at(document, _place(document, asked.roles), "bindings.too_few", sentence, step)


def gates(procedure: Procedure, path: Path, bindings: Bindings) -> Iterator[tuple[tuple[Stage, ...], Where]]:
    """What a path asks together: as a whole, or where roles are held in one environment, before each of its own."""
    if not bindings.posts:
        yield tuple(procedure.stage(name) for name in path.stages), ()
        return
    for name in procedure.environments_of(path):
        yield procedure.stages_into(path, name), (name,)


def _asked_together(procedure: Procedure, bindings: Bindings) -> Iterator[tuple[tuple[PeopleRequirement, ...], Where]]:
    """What is asked whenever a path is taken, together; what is asked on a condition, each alone."""
    for path in procedure.paths:
        for stages, where in gates(procedure, path, bindings):
            asked = [
                one
                for stage in stages
                for one in stage.requires
                if isinstance(one, SignoffRequirement | ApprovalRequirement)
            ]
            yield tuple(one for one in asked if one.condition == UNCONDITIONAL), where
            yield from (((one,), where) for one in asked if one.condition != UNCONDITIONAL)


def _slots(asked: PeopleRequirement, bindings: Bindings, where: Where) -> Iterator[Slot]:
    who, count = (asked.who, asked.count) if isinstance(asked, ApprovalRequirement) else (Who.ANY, 1)
    if who is Who.OWNERS:
        return
    each = who is Who.EACH
    for number, roles in enumerate([(role,) for role in asked.roles] if each else [asked.roles] * count):
        yield Slot(asked.id, number, asked.apart, bindings.who_could_stand(roles, *where))


def _place(document: Document, roles: tuple[RoleName, ...]) -> tuple[Step, ...]:
    """Where one of them is written, else where it would be."""
    table = find(document.root, "roles")
    written = [entry.key for entry in table.entries] if isinstance(table, Table) else []
    named = next((role for role in roles if role in written), "")
    return ("roles", named) if named else ("roles",)


def _there(bindings: Bindings, where: Where) -> str:
    """Where that is, in words; nothing where roles are held everywhere, so that it is the same in any."""
    return f" in {' or '.join(where)}" if where and bindings.posts else ""


def _asked(procedure: Procedure) -> Iterator[tuple[str, tuple[RoleName, ...], Where]]:
    """Everything asked of people, with the roles of which one is enough, and where."""
    for stage in procedure.stages:
        said = [one for one in stage.requires if isinstance(one, SaidRequirement)]
        for where in _before(procedure, stage) if said else ():
            yield from ((f"'{one.id}'", roles, where) for one in said for roles in _one_of(one))
    yield "the next change of these rules", procedure.governors, ()
    if procedure.lifters:
        yield from (("letting on what was stopped", procedure.lifters, (one.name,)) for one in procedure.environments)
    handling = procedure.handling
    for name in handling.environments or tuple(one.name for one in procedure.environments):
        if handling.authority.is_declared:
            yield "a decision to go back", (handling.authority.primary,), (name,)
        for duty in handling.duties:
            asked = duty.asked
            if isinstance(asked, QuestionAsked | AttestationAsked | ReportAsked | GapsAsked):
                yield f"'{duty.id}'", asked.roles, (name,)


def _one_of(asked: SaidRequirement) -> list[tuple[RoleName, ...]]:
    """The roles of which one is enough: any of them, or each alone."""
    is_each = isinstance(asked, ApprovalRequirement) and asked.who is Who.EACH
    return [(role,) for role in asked.roles] if is_each else [asked.roles]


def _before(procedure: Procedure, stage: Stage) -> Iterator[Where]:
    """The environments before which what a stage requires is asked; before none, somebody in any will do."""
    named: list[Where] = [
        (name,)
        for path in procedure.paths
        for name in procedure.environments_of(path)
        if stage in procedure.stages_into(path, name)
    ]
    yield from dict.fromkeys(named or [tuple(one.name for one in procedure.environments)])
