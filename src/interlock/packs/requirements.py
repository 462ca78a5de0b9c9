# SPDX-License-Identifier: Apache-2.0
"""Requirements in a pack's file: how they are written, what they name, and what they mean.

A requirement with both `gate` and `signoff` is two: the evidence, named `<id>.evidence`, and after it the signature.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, assert_never

from interlock.domain.actor import Assurance
from interlock.domain.ids import EVERYWHERE, CheckId, EnvironmentName, RequirementId, RoleName
from interlock.domain.procedure import NOWHERE
from interlock.domain.requirement import (
    FOREVER,
    NOT_ABOUT_LIVE,
    ApprovalRequirement,
    Authors,
    CheckRequirement,
    CountRequirement,
    EvidenceRequirement,
    HoldRequirement,
    RecordRequirement,
    Requirement,
    SaidRequirement,
    SignoffRequirement,
    Waivable,
    Who,
)
from interlock.packs.conditions import compile_condition
from interlock.packs.facts import CelType, Kind, ListOf, MapOf
from interlock.packs.names import Names
from interlock.packs.problem import Problem
from interlock.packs.shape import key, problem_at
from interlock.packs.wanted import FEW, NATURAL, YEAR
from interlock.packs.witness import is_possible
from interlock.packs.yaml_tree import Document, Step, find, path_text

OF_RELEASES: Final[Mapping[str, CelType]] = {
    "change_kind": Kind.STRING,
    "service": Kind.STRING,
    "version": Kind.STRING,
    "components": ListOf(Kind.STRING),
    "areas": ListOf(Kind.STRING),
    "labels": ListOf(Kind.STRING),
}
"""What the condition of a path may speak of."""
VARIABLES: Final[Mapping[str, CelType]] = {
    **OF_RELEASES,
    "environment": Kind.STRING,
    "changes": MapOf(Kind.STRING),
    "overdue": ListOf(Kind.STRING),
    "incidents": ListOf(Kind.STRING),
}
"""What the condition of a requirement may speak of. `overdue` names the emergencies of the service whose review is
overdue. `incidents` has the severity of every incident that is open in the environment. `changes` has, by check, what
its newest evidence says of how much of a change the release is: patch, minor, major. Before a check has said so there
is no answer, and that opens nothing.
"""
EVIDENCE: Final = ".evidence"
"""What ends the name of the evidence that a sign-off goes with."""


@dataclass(frozen=True, slots=True)
class GateShape:
    """Evidence decides."""

    check: CheckId = field(metadata=key(doc="The check whose newest evidence must be a pass."))
    in_: EnvironmentName = field(
        default=EVERYWHERE,
        metadata=key("in", doc="The environment the evidence is about, where the path has been by then; none: any."),
    )
    at_most: int | None = field(
        default=None, metadata=key(doc="For a check that counts: the largest count that passes.", span=NATURAL)
    )
    max_age: timedelta = field(default=FOREVER, metadata=key(doc="How old the evidence may be.", span=YEAR))
    assurance: Assurance = field(
        default=Assurance.AUTHENTICATED, metadata=key(doc="How surely it must be known who brought the evidence.")
    )
    live_in: EnvironmentName = field(
        default=NOT_ABOUT_LIVE,
        metadata=key(doc="It is about what is live in this environment as well; run anew once something else is."),
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
    live_in: EnvironmentName = field(
        default=NOT_ABOUT_LIVE,
        metadata=key(doc="It is about what is live in this environment as well, and ends when something else is."),
    )


@dataclass(frozen=True, slots=True)
class ApprovalShape:
    """People authorise."""

    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may approve.", at_least=1))
    count: int = field(default=1, metadata=key(doc="How many different people must.", span=FEW))
    who: Who = field(
        default=Who.ANY,
        metadata=key(doc="`each`: one of every role; `owners`: one owner of each touched area, else any of the roles."),
    )
    apart: str = field(
        default="approval", metadata=key(doc="Slots with the same label are filled by different people.")
    )
    authors: Authors = field(
        default=Authors.EXCLUDED, metadata=key(doc="Whether an author of the release may approve it.")
    )
    assurance: Assurance = field(default=Assurance.SIGNED, metadata=key(doc="The least assurance that counts."))

    def __post_init__(self) -> None:
        if self.count > 1 and self.who is not Who.ANY:
            raise ValueError("count is for who: any; the others count by themselves")


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A document is written."""

    roles: tuple[RoleName, ...] = field(metadata=key(doc="Any of these roles may write it.", at_least=1))
    sections: tuple[str, ...] = field(
        metadata=key(doc="The headings that must have something below them; capitals do not matter.", at_least=1)
    )
    assurance: Assurance = field(default=Assurance.SIGNED, metadata=key(doc="The least assurance that counts."))


@dataclass(frozen=True, slots=True)
class HoldShape:
    """Time passes."""

    since: tuple[RequirementId, ...] = field(
        metadata=key(doc="The sign-offs and approvals from the last of which the time counts.", at_least=1)
    )
    at_least: timedelta = field(metadata=key(doc="How much time must have passed.", span=YEAR))


_ID: Final = key(doc="Its name, once in the pack.")
_CITES: Final = key(doc="Where the written procedure says so.")
_WHEN: Final = key(doc="A CEL condition; without one it always applies.")
_WAIVABLE: Final = key(doc="Whether a waiver may stand beside it.")
_AFTER: Final = key(doc="Requirements that are met first; before that it is refused.")


@dataclass(frozen=True, slots=True)
class GateRequirement:
    id: RequirementId = field(metadata=_ID)
    gate: GateShape = field(metadata=key(doc="The evidence that decides."))
    signoff: SignoffShape | None = field(default=None, metadata=key(doc="Who attests it as well, after the evidence."))
    cites: tuple[str, ...] = field(default=(), metadata=_CITES)
    when: str = field(default="", metadata=_WHEN)
    waivable: bool = field(default=True, metadata=_WAIVABLE)
    after: tuple[RequirementId, ...] = field(default=(), metadata=_AFTER)

    def __post_init__(self) -> None:
        if self.after and self.signoff is None:
            raise ValueError("after is for what people say: evidence comes when it comes")


@dataclass(frozen=True, slots=True)
class SignoffRequirementShape:
    id: RequirementId = field(metadata=_ID)
    signoff: SignoffShape = field(metadata=key(doc="Who attests what."))
    cites: tuple[str, ...] = field(default=(), metadata=_CITES)
    when: str = field(default="", metadata=_WHEN)
    waivable: bool = field(default=True, metadata=_WAIVABLE)
    after: tuple[RequirementId, ...] = field(default=(), metadata=_AFTER)


@dataclass(frozen=True, slots=True)
class ApprovalRequirementShape:
    id: RequirementId = field(metadata=_ID)
    approval: ApprovalShape = field(metadata=key(doc="Who authorises."))
    cites: tuple[str, ...] = field(default=(), metadata=_CITES)
    when: str = field(default="", metadata=_WHEN)
    after: tuple[RequirementId, ...] = field(default=(), metadata=_AFTER)


@dataclass(frozen=True, slots=True)
class RecordRequirementShape:
    id: RequirementId = field(metadata=_ID)
    record: RecordShape = field(metadata=key(doc="Who writes what."))
    cites: tuple[str, ...] = field(default=(), metadata=_CITES)
    when: str = field(default="", metadata=_WHEN)
    waivable: bool = field(default=True, metadata=_WAIVABLE)
    after: tuple[RequirementId, ...] = field(default=(), metadata=_AFTER)


@dataclass(frozen=True, slots=True)
class HoldRequirementShape:
    id: RequirementId = field(metadata=_ID)
    hold: HoldShape = field(metadata=key(doc="How long since what."))
    cites: tuple[str, ...] = field(default=(), metadata=_CITES)
    when: str = field(default="", metadata=_WHEN)


RequirementShape = (
    GateRequirement | SignoffRequirementShape | ApprovalRequirementShape | RecordRequirementShape | HoldRequirementShape
)


def loaded(shapes: Iterable[RequirementShape], *, sequential: bool) -> tuple[Requirement, ...]:
    """What these mean. In sequence, what people say comes after everything that stands before it."""
    found: list[Requirement] = []
    for shape in shapes:
        for one in _requirements(shape):
            if sequential and isinstance(one, SaidRequirement):
                before = tuple(other.id for other in found if not isinstance(other, HoldRequirement))
                found.append(replace(one, after=tuple(dict.fromkeys((*before, *one.after)))))
            else:
                found.append(one)
    return tuple(found)


def _requirements(shape: RequirementShape) -> Iterator[Requirement]:
    match shape:
        case GateRequirement(id, _, beside, cites, when, waivable, after):
            if beside is None:
                yield _evidence(shape, id)
            else:
                evidence = _evidence(shape, RequirementId(f"{id}{EVIDENCE}"))
                yield evidence
                yield _signoff(SignoffRequirementShape(id, beside, cites, when, waivable, (evidence.id, *after)))
        case SignoffRequirementShape():
            yield _signoff(shape)
        case ApprovalRequirementShape(id, asked, cites, when, after):
            roles, count, apart = asked.roles, asked.count, asked.apart
            yield ApprovalRequirement(
                id, roles, count, apart, asked.authors, asked.assurance, Waivable.NO, when, cites, after, asked.who
            )
        case RecordRequirementShape(id, asked, cites, when, waivable, after):
            yield RecordRequirement(
                id, asked.roles, asked.sections, asked.assurance, _waivable(waivable), when, cites, after
            )
        case HoldRequirementShape(id, asked, cites, when):
            yield HoldRequirement(id, asked.since, asked.at_least, condition=when, cites=cites)
        case _:
            assert_never(shape)


def _evidence(shape: GateRequirement, name: RequirementId) -> EvidenceRequirement:
    gate, may, when, cites = shape.gate, _waivable(shape.waivable), shape.when, shape.cites
    least, oldest, live_in = gate.assurance, gate.max_age, gate.live_in
    if gate.at_most is None:
        return CheckRequirement(name, gate.check, gate.in_, oldest, least, may, when, cites, live_in)
    return CountRequirement(name, gate.check, gate.at_most, gate.in_, oldest, least, may, when, cites, live_in)


def _signoff(shape: SignoffRequirementShape) -> SignoffRequirement:
    asked = shape.signoff
    return SignoffRequirement(
        shape.id,
        asked.roles,
        asked.statement,
        asked.apart,
        asked.authors,
        asked.assurance,
        _waivable(shape.waivable),
        shape.when,
        shape.cites,
        shape.after,
        asked.live_in,
    )


def _waivable(waivable: bool) -> Waivable:  # noqa: FBT001  # a key of the file, true or false there
    return Waivable.YES if waivable else Waivable.NO


def references(
    document: Document, requirement: RequirementShape, here: tuple[Step, ...], roles: Names, environments: Names
) -> Iterator[Problem]:
    """What a requirement names that is not there."""
    yield from condition_problem(document, requirement.when, (*here, "when"), VARIABLES, environments.known)
    match requirement:
        case SignoffRequirementShape(signoff=asked):
            yield from _of_signoff(asked, here, roles, environments)
        case ApprovalRequirementShape(approval=approval):
            yield from roles.check(approval.roles, (*here, "approval", "roles"))
        case RecordRequirementShape(record=record):
            yield from roles.check(record.roles, (*here, "record", "roles"))
        case GateRequirement(gate=gate, signoff=beside):
            named = () if gate.in_ == EVERYWHERE else (gate.in_,)
            yield from environments.check(named, (*here, "gate", "in"))
            yield from _live_in(gate.live_in, (*here, "gate"), environments)
            yield from _of_signoff(beside, here, roles, environments) if beside else ()
        case HoldRequirementShape():
            return
        case _:
            assert_never(requirement)


def _of_signoff(asked: SignoffShape, here: tuple[Step, ...], roles: Names, environments: Names) -> Iterator[Problem]:
    yield from roles.check(asked.roles, (*here, "signoff", "roles"))
    yield from _live_in(asked.live_in, (*here, "signoff"), environments)


def _live_in(name: EnvironmentName, here: tuple[Step, ...], environments: Names) -> Iterator[Problem]:
    named = () if name == NOT_ABOUT_LIVE else (name,)
    yield from environments.check(named, (*here, "live_in"))


def condition_problem(
    document: Document,
    when: str,
    at: tuple[Step, ...],
    variables: Mapping[str, CelType],
    environments: tuple[str, ...] = (),
) -> Iterator[Problem]:
    """What is wrong with a condition, if there is one."""
    if not when:
        return
    place = find(document.root, *at).place
    compiled = compile_condition(when, variables, place=place, path=path_text(at))
    if isinstance(compiled, Problem):
        yield compiled
    elif not is_possible(compiled, {"environment": (NOWHERE, *environments)}):
        sentence = "nothing can make the condition true"
        yield problem_at(document, at, "pack.condition_never", sentence, "correct what it compares, or leave it out")


def order_problems(
    document: Document, places: Mapping[RequirementId, tuple[Step, ...]], path: Iterable[Requirement]
) -> Iterator[Problem]:
    """What comes after, or counts from, something that the path does not ask for before it."""
    before: dict[RequirementId, Requirement] = {}
    for one in path:
        at = places.get(one.id, ())
        named, word = (one.since, "hold") if isinstance(one, HoldRequirement) else (_after(one), "after")
        for other in named:
            known = before.get(other)
            if known is None:
                sentence = f"'{one.id}' follows '{other}', which is not asked for before it on every path"
                step = f"let '{other}' stand before it in every path, or name another requirement"
                yield problem_at(document, (*at, word) if at else (), "pack.order", sentence, step)
            elif word == "hold" and not isinstance(known, SignoffRequirement | ApprovalRequirement):
                sentence = f"'{one.id}' counts from '{other}', which nobody signs or approves"
                yield problem_at(document, (*at, word), "pack.hold", sentence, "count from a sign-off or an approval")
        before[one.id] = one


def _after(one: Requirement) -> tuple[RequirementId, ...]:
    return one.after if isinstance(one, SaidRequirement) else ()
