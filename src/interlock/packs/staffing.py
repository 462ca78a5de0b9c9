# SPDX-License-Identifier: Apache-2.0
"""What a procedure asks of people, and nobody is bound to do: a gate that can never open, a decision nobody can take.

This is asked when rules are handed in. A role of several may be empty, as long as somebody holds another of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.handling import AttestationAsked, GapsAsked, QuestionAsked, ReportAsked
from interlock.domain.ids import RoleName
from interlock.domain.procedure import Procedure
from interlock.domain.requirement import ApprovalRequirement, SaidRequirement, Who
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
    found = tuple(_unstaffed(document, bindings, procedure))
    return problems_of(source, document.lines, found) if found else Staffed()


def _unstaffed(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    for what, roles in dict.fromkeys(_asked(procedure)):
        if not any(bindings.roles.get(role) for role in roles):
            sentence = f"nobody holds {' or '.join(roles)}, which {what} asks for"
            yield problem_at(document, _place(document, roles), "bindings.unheld_role", sentence, "bind people to it")


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
