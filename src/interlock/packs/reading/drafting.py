# SPDX-License-Identifier: Apache-2.0
"""A layout written down: the text of a draft pack, its statements, and a first story that can be played at once.

1. Beside each element stands the line of the document that it carries, in its own words.
2. What the document does not say is marked `a guess`, with the question to ask.
3. The status is `draft`: nothing drafted governs anything before a person made it `active`.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.model import PackPhase
from interlock.packs.reading.assembling import COUNTED, bake_of, how_many, laid_out, sections
from interlock.packs.reading.incidents import handling_lines, message_lines, told
from interlock.packs.reading.layout import Element, Layout
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.notes import Dropped
from interlock.packs.reading.numbering import Numbered, name_of, numbered, stated
from interlock.packs.reading.reading import Reading
from interlock.packs.reading.story import good_release

_QUOTED: Final = 140
_HOW_MANY: Final = {0: "who: each, ", 1: "", 2: "count: 2, "}


@dataclass(frozen=True, slots=True)
class Drafted:
    """The files of a draft by their names, what was numbered, and how it was laid out."""

    name: str
    files: tuple[tuple[str, str], ...]
    statements: tuple[Numbered, ...]
    layout: Layout

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that an element asks for, and those that only a statement names: somebody holds each."""
        return tuple(dict.fromkeys((*self.layout.roles(), *_named(self.statements))))


def _named(statements: Iterable[Numbered]) -> Iterator[str]:
    yield from (role for one in statements for role in one.asked.roles)


def drafted(
    name: str, readings: Iterable[Reading], dropped: tuple[Dropped, ...] = (), phase: PackPhase = PackPhase.DRAFT
) -> Drafted:
    """The draft of a pack of this name from what was read; `dropped` is what a person left out of it."""
    known = tuple(readings)
    statements = numbered(known)
    layout = laid_out(statements)
    files = (
        ("pack.yaml", "\n".join(_pack(name, known, layout, phase, tuple(_named(statements)))) + "\n"),
        ("requirements.yaml", "\n".join(_statements(known, statements)) + "\n"),
        ("reading.yaml", "\n".join(_reading(known, dropped)) + "\n"),
        ("scenarios/good-release.yaml", "\n".join(good_release(layout)) + "\n"),
    )
    return Drafted(name, files, statements, layout)


def text_of(words: str) -> str:
    """Words as a scalar of a pack: always quoted, in one line."""
    return json.dumps(" ".join(words.split()), ensure_ascii=False)


def cites(carried: Iterable[Numbered]) -> str:
    """The listing of what is cited."""
    return "[" + ", ".join(dict.fromkeys(one.id for one in carried)) + "]"


def quoted(one: Numbered, indent: int = 0) -> str:
    """The comment that shows what a statement says in the document."""
    words = " ".join(one.asked.text.split())
    shown = words if len(words) <= _QUOTED else words[: _QUOTED - 1] + "…"
    clean = "".join(char for char in shown if char.isprintable())
    return f"{' ' * indent}# {one.at} “{clean}”"


def _pack(
    name: str, readings: tuple[Reading, ...], layout: Layout, phase: PackPhase, named: tuple[str, ...]
) -> Iterator[str]:
    sources = ", ".join(one.name for one in readings)
    roles = layout.roles()
    yield f"# Drafted from {sources}. Read it beside the document: what is marked as a guess is not written there."
    yield "# Nothing in it governs anything before its status is active."
    yield "#"
    yield "# Who holds these roles? Say it in interlock.yaml."
    yield from (f"#   {role}: ____" for role in roles)
    unused = [role for role in dict.fromkeys(named) if role not in roles]
    if unused:
        yield "# These the document names, too, and no element asks for them yet. Add them to the roles once one does."
        yield from (f"#   {role}" for role in unused)
    yield from (
        f"pack: {name}",
        "version: 0.1.0",
        f"status: {phase.value}",
        f"about: {text_of(f'Drafted from {sources}.')}",
        "",
    )
    yield f"roles: [{', '.join(roles)}]"
    yield f"governors: [{layout.usual}] # a guess: who may agree to a change of these rules?"
    if layout.engine:
        yield "enforced:"
        for one, codes in layout.engine:
            yield quoted(one, 2)
            yield f"  {one.id}: [{', '.join(codes)}]"
    yield from _environments(layout)
    yield from _paths(layout)
    yield from _stages(layout)
    yield "# a guess: who may make an exception, and for how long?"
    yield f"waivers: {{authority: [{layout.usual}], longest: 7d}}"
    yield from message_lines(layout)
    yield from handling_lines(layout)
    yield from _left(layout)


def _environments(layout: Layout) -> Iterator[str]:
    yield from ("", "environments:")
    if layout.has_staging:
        yield "  - {name: staging, tier: staging}"
    yield from (quoted(one, 2) for one in layout.staging_first)
    cited = f", cites: {{after: {cites(layout.staging_first)}}}" if layout.staging_first else ""
    after = f", after: [staging]{cited}" if layout.has_staging else ""
    yield f"  - {{name: production, tier: production{after}}}"


def _paths(layout: Layout) -> Iterator[str]:
    staging = ["staging"] if layout.has_staging else []
    people = ["agreed"] if layout.people else []
    yield from ("", "paths:", "  standard:", "    for: [standard, normal]")
    yield f"    stages: [{', '.join(['prepared', *staging, *people, 'production'])}]"
    if layout.has_emergency:
        yield from ("  emergency:", "    for: [emergency]")
        yield f"    stages: [{', '.join(['prepared', *staging, 'urgent', 'production'])}]"
        yield "    review_within: 48h # a guess: by when is an emergency reviewed?"


def _stages(layout: Layout) -> Iterator[str]:
    yield from ("", "stages:", "  - name: prepared", "    requires:")
    if not layout.gates:
        yield "      # a guess: a path has to ask for something; which check shows that a release is fit?"
        yield f"      - {{id: {name_of('tests', layout.names, 'tests')}, gate: {{check: tests}}}}"
    yield from (line for one in layout.gates for line in _requirement(one))
    if layout.has_staging:
        yield from _promotion(layout, "staging", layout.in_staging)
    if layout.people:
        yield from (quoted(one, 2) for one in layout.order)
        yield "  - name: agreed"
        if layout.order:
            yield from ("    order: sequential", f"    cites: {{order: {cites(layout.order)}}}")
        yield "    requires:"
        yield from (line for one in layout.people for line in _requirement(one))
    if layout.has_emergency:
        yield from ("  - name: urgent", "    requires:")
        yield from (line for one in layout.urgent for line in _requirement(one))
        agree = name_of("two agree", layout.names, "two-agree")
        yield "      # a guess: an emergency takes two people; who are they?"
        yield f"      - {{id: {agree}, approval: {{roles: [{', '.join(layout.roles())}], count: 2, apart: {agree}}}}}"
    yield from _promotion(layout, "production", layout.in_production)


def _promotion(layout: Layout, place: str, proofs: list[Numbered]) -> Iterator[str]:
    yield from (quoted(one, 2) for one in layout.deployed[place])
    yield from (f"  - name: {place}", f"    environment: {place}")
    if layout.deployed[place]:
        yield f"    cites: {cites(layout.deployed[place])}"
    if place == "production":
        yield from _window(layout)
    checks = tuple(dict.fromkeys(_check(one, layout) for one in proofs)) or ("smoke",)
    yield from (quoted(one, 4) for one in proofs)
    if not proofs:
        yield "    # a guess: which check shows that a deployment works?"
    cited = f", cites: {cites(proofs)}" if proofs else ""
    yield f"    verify: {{checks: [{', '.join(checks)}], within: 5m, every: 5s{cited}}}"
    if place == "production" or layout.bakes[place]:
        yield from _bake(layout, place, checks)
    if place == "production":
        yield from told(layout)
    yield ""


def _window(layout: Layout) -> Iterator[str]:
    opening = layout.opening
    if not opening.carries:
        return
    yield from (quoted(one, 4) for one in opening.carries)
    if not opening.zone:
        yield "    # a guess: in which time zone?"
    yield f"    windows: [{{schedule: {text_of(opening.recurrence)}, tz: {opening.zone or 'UTC'},"
    yield f"      from: {text_of(opening.begins)}, to: {text_of(opening.ends)}, cites: {cites(opening.carries)}}}]"


def _bake(layout: Layout, place: str, checks: tuple[str, ...]) -> Iterator[str]:
    carried = layout.bakes[place]
    yield from (quoted(one, 4) for one in carried)
    if not carried:
        yield "    # a guess: how long is production watched before a release counts as done?"
    span = bake_of(layout, place)
    cited = f", cites: {cites(carried)}" if carried else ""
    yield f"    bake: {{for: {in_short(span)}, every: {_pause(span)}, checks: [{', '.join(checks)}]{cited}}}"


def _pause(span: timedelta) -> str:
    """How often a bake looks: often enough to notice, seldom enough to be affordable for days."""
    return "1m" if span <= timedelta(hours=2) else "10m" if span <= timedelta(days=1) else "1h"


def _check(one: Numbered, layout: Layout) -> str:
    return one.asked.check or name_of(one.asked.text, layout.names, "check")


def _requirement(one: Element) -> Iterator[str]:
    yield from (quoted(carried, 6) for carried in one.carries)
    yield f"      - id: {one.name}"
    yield f"        cites: {cites(one.carries)}"
    roles = ", ".join(one.roles)
    match one.kind:
        case Kind.GATE | Kind.BOTH:
            most = ", at_most: 0" if one.check in COUNTED else ""
            yield f"        gate: {{check: {one.check or one.name}{most}}}"
            if one.kind is Kind.BOTH:
                yield f"        signoff: {{roles: [{roles}], statement: {text_of(one.first.asked.text)}}}"
        case Kind.APPROVAL:
            yield f"        approval: {{roles: [{roles}], {_HOW_MANY[how_many(one)]}apart: {one.name}}}"
        case Kind.RECORD:
            titles = ", ".join(map(text_of, sections(one)))
            yield f"        record: {{roles: [{roles}], sections: [{titles}]}}"
        case Kind.HOLD:
            yield f"        hold: {{since: [{', '.join(one.since)}], at_least: {in_short(one.span)}}}"
        case _:
            said = "; ".join(stated(carried.asked) for carried in one.carries)
            yield f"        signoff: {{roles: [{roles}], statement: {text_of(said)}}}"


def _left(layout: Layout) -> Iterator[str]:
    if layout.left:
        yield ""
        yield "# Nothing above carries these yet. Add what does, or say in reading.yaml why it is dropped."
        yield from (f"{quoted(one)} [{one.id}, {one.asked.kind.value}]" for one in layout.left)


def _statements(readings: tuple[Reading, ...], statements: tuple[Numbered, ...]) -> Iterator[str]:
    yield f"source: {text_of(', '.join(one.name for one in readings))}"
    yield "requirements:"
    for one in statements:
        where = f"{one.at} {' / '.join(one.asked.section[-1:])}".strip()
        kind, text = one.asked.kind.value, text_of(one.asked.text)
        yield f"  - {{id: {one.id}, at: {text_of(where)}, kind: {kind}, text: {text}}}"


def _dropped(one: Dropped) -> str:
    section = f", section: {text_of(one.section)}" if one.section else ""
    return f"  - {{text: {text_of(one.text)}, reason: {text_of(one.reason)}{section}}}"


def _reading(readings: tuple[Reading, ...], dropped: tuple[Dropped, ...]) -> Iterator[str]:
    yield "# What was read, and what of it is left out on purpose. `interlock pack trace` compares it with the text."
    yield f"sources: [{', '.join(text_of(one.name) for one in readings)}]"
    if dropped:
        yield "dropped:"
        yield from map(_dropped, dropped)
    else:
        yield "# dropped:"
        yield "#   - {text: WHAT THE DOCUMENT SAYS, reason: WHY IT IS NOT CARRIED}"
    unread = [(one.name, line.line, line.text) for one in readings for line in one.unmapped]
    struck = [(one.name, line.line, line.text) for one in readings for line in one.withdrawn]
    yield from _listed("# Not understood, and so neither carried nor dropped:", unread)
    yield from _listed("# Struck out by its author, and so no statement:", struck)


def _listed(title: str, lines: list[tuple[str, int, str]]) -> Iterator[str]:
    if lines:
        yield title
    for name, line, text in lines:
        clean = "".join(char for char in text[:_QUOTED] if char.isprintable())
        yield f"#   {name}:{line} “{clean}”"
