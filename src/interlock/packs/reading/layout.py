# SPDX-License-Identifier: Apache-2.0
"""The parts of a pack to be written: its elements, and the statements that each of them carries."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.numbering import Numbered
from interlock.packs.reading.opening import ALWAYS, Opening

USUAL_ROLE: Final = "release-manager"
"""Who is asked where the document names nobody."""


@dataclass(frozen=True, slots=True)
class Element:
    """A requirement of a stage: what it is, its name, who is asked, and the statements it carries."""

    kind: Kind
    name: str
    roles: tuple[str, ...]
    carries: tuple[Numbered, ...]
    check: str = ""
    place: str = ""
    since: tuple[str, ...] = ()
    span: timedelta = timedelta(0)

    @property
    def ids(self) -> str:
        """The statements it carries, as a listing."""
        return ", ".join(dict.fromkeys(one.id for one in self.carries))

    @property
    def first(self) -> Numbered:
        """The statement it is named after."""
        return self.carries[0]


_ATTESTED: Final = frozenset({Kind.RECORD, Kind.SIGNOFF, Kind.APPROVAL, Kind.BOTH})
"""What somebody in a role says in a sequence: a step of it names nobody."""


@dataclass(slots=True)
class Layout:
    """The parts of a pack to be written."""

    gates: list[Element] = field(default_factory=list)
    people: list[Element] = field(default_factory=list)
    urgent: list[Element] = field(default_factory=list)
    in_staging: list[Numbered] = field(default_factory=list)
    in_production: list[Numbered] = field(default_factory=list)
    bakes: dict[str, list[Numbered]] = field(default_factory=lambda: {"staging": [], "production": []})
    opening: Opening = ALWAYS
    told_before: list[Element] = field(default_factory=list)
    told_after: list[Element] = field(default_factory=list)
    told_back: list[Element] = field(default_factory=list)
    triggers: list[Element] = field(default_factory=list)
    clocks: list[Element] = field(default_factory=list)
    sequence: list[Element] = field(default_factory=list)
    closing: list[Element] = field(default_factory=list)
    authority: list[Numbered] = field(default_factory=list)
    standing_in: list[Numbered] = field(default_factory=list)
    """Who decides while somebody cannot be reached; the first is carried."""
    settling: list[Numbered] = field(default_factory=list)
    """Who decides where people disagree; the first is carried."""
    deployed: dict[str, list[Numbered]] = field(default_factory=lambda: {"staging": [], "production": []})
    engine: list[tuple[Numbered, tuple[str, ...]]] = field(default_factory=list)
    order: list[Numbered] = field(default_factory=list)
    """Statements that what people say is said in its order."""
    back_in_order: list[Numbered] = field(default_factory=list)
    staging_first: list[Numbered] = field(default_factory=list)
    left: list[Numbered] = field(default_factory=list)
    """What no element carries yet."""
    has_staging: bool = False
    has_emergency: bool = False
    names: set[str] = field(default_factory=set)
    usual: str = USUAL_ROLE
    primary: str = ""
    """Who decides a rollback; empty: the document says nothing of it."""

    def carry(self, one: Numbered, head: Numbered) -> None:
        """Let whatever carries `head` carry this too."""
        for elements in (
            self.gates, self.people, self.urgent, self.told_before, self.told_after, self.told_back, self.triggers,
            self.clocks, self.sequence, self.closing,
        ):  # fmt: skip
            for place, element in enumerate(elements):
                if head in element.carries:
                    elements[place] = replace(element, carries=(*element.carries, one))
        for group in (
            self.in_staging, self.in_production, *self.bakes.values(), self.authority, self.standing_in, self.settling,
            self.order, self.back_in_order, self.staging_first, self.left, *self.deployed.values(),
        ):  # fmt: skip
            if head in group:
                group.insert(group.index(head) + 1, one)
        self.engine += [(one, codes) for known, codes in self.engine if known is head]
        if head in self.opening.carries:
            self.opening = replace(self.opening, carries=(*self.opening.carries, one))

    def roles(self) -> tuple[str, ...]:
        """Every role that an element asks for, and who decides where nobody is named."""
        attested = [one for one in self.sequence if one.kind in _ATTESTED]
        asked = [
            role
            for group in (self.people, self.urgent, attested, self.closing, self.triggers)
            for one in group
            for role in one.roles
        ]
        first = [one for one in self.authority if one.asked.roles][:1]
        deciding = [one.asked.roles[0] for one in (*first, *self.standing_in, *self.settling)]
        return tuple(dict.fromkeys((*asked, *deciding, self.usual)))
