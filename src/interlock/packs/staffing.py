# SPDX-License-Identifier: Apache-2.0
"""What a procedure asks of people, and nobody is bound to do: a gate that can never open, a decision nobody can take.

This is asked when rules are handed in. A role of several may be empty, as long as somebody holds another of them. Of
what is asked of several people only what is certain is refused: what is asked on a condition is looked at alone, and
who owns an area not at all. Whether authors leave enough others depends on the release.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.handling import AttestationAsked, GapsAsked, QuestionAsked, ReportAsked
from interlock.domain.ids import RequirementId, RoleName
from interlock.domain.procedure import Procedure
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
    for what, roles in dict.fromkeys(_asked(procedure)):
        if not any(bindings.roles.get(role) for role in roles):
            sentence = f"nobody holds {' or '.join(roles)}, which {what} asks for"
            yield problem_at(document, _place(document, roles), "bindings.unheld_role", sentence, "bind people to it")


def _too_few(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    """Where even the consent of everybody would not do: too few are bound, or too few who are kept apart."""
    told: set[RequirementId] = set()
    for together in _asked_together(procedure):
        slots = {asked: tuple(_slots(asked, bindings)) for asked in together}
        filled = assign([slot for some in slots.values() for slot in some])
        for asked, some in slots.items():
            missing = sum(1 for slot in some if slot.candidates and slot not in filled)
            if missing and asked.id not in told:
                told.add(asked.id)
                sentence = (
                    f"'{asked.id}' asks for {len(some)} of {' or '.join(asked.roles)}, and if everybody agreed who is "
                    f"bound, {missing} would still be missing"
                )
                step = "bind more people to it, or ask for fewer"
                yield problem_at(document, _place(document, asked.roles), "bindings.too_few", sentence, step)


def _asked_together(procedure: Procedure) -> Iterator[tuple[PeopleRequirement, ...]]:
    """What is asked whenever a path is taken, together; what is asked on a condition, each alone."""
    for path in procedure.paths:
        asked = [
            one
            for name in path.stages
            for one in procedure.stage(name).requires
            if isinstance(one, SignoffRequirement | ApprovalRequirement)
        ]
        yield tuple(one for one in asked if one.condition == UNCONDITIONAL)
        yield from ((one,) for one in asked if one.condition != UNCONDITIONAL)


def _slots(asked: PeopleRequirement, bindings: Bindings) -> Iterator[Slot]:
    who, count = (asked.who, asked.count) if isinstance(asked, ApprovalRequirement) else (Who.ANY, 1)
    if who is Who.OWNERS:
        return
    each = who is Who.EACH
    for number, roles in enumerate([(role,) for role in asked.roles] if each else [asked.roles] * count):
        people = dict.fromkeys(person for role in roles for person in bindings.roles.get(role, ()))
        yield Slot(asked.id, number, asked.apart, tuple(people))


def _place(document: Document, roles: tuple[RoleName, ...]) -> tuple[Step, ...]:
    """Where one of them is written, else where it would be."""
    table = find(document.root, "roles")
    written = [entry.key for entry in table.entries] if isinstance(table, Table) else []
    named = next((role for role in roles if role in written), "")
    return ("roles", named) if named else ("roles",)


def _asked(procedure: Procedure) -> Iterator[tuple[str, tuple[RoleName, ...]]]:
    """Everything asked of people, with the roles of which one is enough."""
    for stage in procedure.stages:
        for one in stage.requires:
            if isinstance(one, SaidRequirement):
                each = isinstance(one, ApprovalRequirement) and one.who is Who.EACH
                for roles in [(role,) for role in one.roles] if each else [one.roles]:
                    yield f"'{one.id}'", roles
    yield "the next change of these rules", procedure.governors
    handling = procedure.handling
    if handling.authority.is_declared:
        yield "a decision to go back", (handling.authority.primary,)
    for duty in handling.duties:
        asked = duty.asked
        if isinstance(asked, QuestionAsked | AttestationAsked | ReportAsked | GapsAsked):
            yield f"'{duty.id}'", asked.roles
