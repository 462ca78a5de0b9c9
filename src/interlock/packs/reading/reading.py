# SPDX-License-Identifier: Apache-2.0
"""A written procedure, read: what it asks for line by line, and what could not be placed.

1. Every passage ends in one of three heaps: a requirement, unmapped, or prose. The first two are told in full.
2. The reading is a function of the text alone: no clock, no network, no chance. The same lines give the same reading.
3. A requirement names the line that an author would point at, and all lines that belong to it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.agency import acting, called_shortly
from interlock.packs.reading.assenting import awaits_word
from interlock.packs.reading.binding import binds
from interlock.packs.reading.cells import in_cells, without
from interlock.packs.reading.columns import owned
from interlock.packs.reading.commanding import commanded
from interlock.packs.reading.deadlines import Deadline, deadlines
from interlock.packs.reading.fields import fields_of, is_field
from interlock.packs.reading.forbidding import forbids
from interlock.packs.reading.gleaning import gleaned
from interlock.packs.reading.glossing import glossed
from interlock.packs.reading.habits import PROCEDURAL
from interlock.packs.reading.handles import handles_of
from interlock.packs.reading.headed import of_heading
from interlock.packs.reading.initials import Initials, initials_of, spelled_out
from interlock.packs.reading.kinds import kind_of
from interlock.packs.reading.leading import theirs
from interlock.packs.reading.letters import without_answering
from interlock.packs.reading.lexicon import APPROVED
from interlock.packs.reading.objects import check_above
from interlock.packs.reading.owning import introduced, owner_of
from interlock.packs.reading.passages import BOLD_RANK, TOP, Form, Heading, Passage, passages
from interlock.packs.reading.people import actors, answers, inherited
from interlock.packs.reading.phases import Phase, phase_of
from interlock.packs.reading.pronouns import LastNamed
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.retaining import retained
from interlock.packs.reading.roles import slugs
from interlock.packs.reading.saying import Saying, saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.siblings import beside_each_other
from interlock.packs.reading.striking import Struck, without_struck
from interlock.packs.reading.swimlanes import parted
from interlock.packs.reading.tables import DOUBTED
from interlock.packs.reading.timing import further
from interlock.packs.reading.topics import Topic, topic_of
from interlock.packs.reading.trailing import behind
from interlock.packs.reading.weighing import ENOUGH, may_bind, weight
from interlock.packs.reading.written import Illegible, written


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the procedure asks for. `confidence` is in percent; `section` its titles, the widest first."""

    line: int
    lines: tuple[int, ...]
    text: str
    kind: Kind
    roles: tuple[str, ...]
    phase: Phase
    section: tuple[str, ...]
    deadline: Deadline | None
    prohibits: bool
    condition: str
    check: str
    confidence: int
    fields: tuple[str, ...] = ()
    is_named: bool = False
    """The roles stand in the passage itself, not above it."""
    is_joined: bool = False
    """A person said that whatever carries the statement before it carries it too."""
    is_attested: bool = False
    """A person said that somebody attests it by hand, of whatever kind it is."""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A passage that could ask for something and was not understood."""

    line: int
    text: str
    section: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as it was read. `lines` are its own, mended; `prose` are the lines that ask for nothing."""

    name: str
    lines: tuple[str, ...]
    asked: tuple[Asked, ...]
    unmapped: tuple[Unmapped, ...]
    titles: tuple[Heading, ...]
    withdrawn: tuple[Struck, ...] = ()
    """What its author struck out: it asks for nothing."""


def read_procedure(name: str, content: bytes) -> Reading | Illegible:
    """What the procedure in these bytes asks for; `name` is the document's in messages."""
    source = written(name, content)
    if isinstance(source, Illegible):
        return source
    lines, withdrawn = without_struck(source.lines)
    found = without_answering(passages(lines))
    doing = acting(found)
    initials = initials_of(found, doing)
    known = _introduced(found) | doing | handles_of(found) | {*slugs(initials.values())}
    found = parted(owned(found, known | {*slugs(initials)}), known)
    known |= _introduced(found)
    known |= called_shortly(known, found)
    heads = {**beside_each_other(found, known), **theirs(found, known)}
    reading = _Reader(known, initials, _charged(found), behind(found, known, initials), heads).of(name, lines, found)
    return replace(reading, lines=source.lines, withdrawn=withdrawn)


def _charged(found: tuple[Passage, ...]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Whom the last sentence of an item charges with it: `Stop the jobs. Owner: DBA`."""
    ends = [one for one in found if one.form is Form.SENTENCE and one.above and one.above[-1].form in _ITEMS]
    return {(one.above[-1].line, one.above[-1].text): owner for one in ends if (owner := owner_of(one.text))}


_ITEMS: Final = (Form.BOX, Form.ITEM, Form.NUMBER)


def _introduced(found: tuple[Passage, ...]) -> frozenset[str]:
    """The roles that the document lists by name."""
    return frozenset(role for one in found for role in introduced(one, among_roles=_is_among_roles(one)))


def _is_among_roles(one: Passage) -> bool:
    """Whether it stands in a list of roles; below one of them, `Responsibilities` are theirs."""
    leads = (lead.text for lead in one.above[:1] if not owner_of(lead.text) and ": " not in lead.text)
    nearest = (*(heading.text for heading in one.headings[-1:]), *leads)
    is_of_one = any(map(of_heading, one.headings))
    return not is_of_one and any(topic_of(text) is Topic.ROLES for text in nearest)


@dataclass(slots=True)
class _Reader:
    """Reads the passages of one document, in order; `owned` is who a section's own line says owns it."""

    known: frozenset[str]
    initials: Initials
    charged: Mapping[tuple[int, str], tuple[str, ...]]
    behind: Mapping[tuple[int, str], tuple[str, ...]]
    heads: Mapping[tuple[int, str], tuple[str, ...]]
    owned: tuple[str, ...] = ()
    owned_under: Heading | None = None
    last: LastNamed = field(default_factory=LastNamed)

    def of(self, name: str, lines: tuple[str, ...], found: tuple[Passage, ...]) -> Reading:
        """The whole reading."""
        asked: list[Asked] = []
        unmapped: list[Unmapped] = []
        groups, rest = fields_of(found)
        heads = {group[0].above[-1].line for group in groups if group[0].above}
        for group in groups:
            asked.extend(_of_fields(group))
        for passage in rest:
            if passage.form is Form.LEAD and passage.line in heads:
                continue
            if self._is_signature(passage):
                continue
            one = self.said(passage)
            worth = weight(one)
            if worth >= ENOUGH:
                asked.extend(self._told(one))
            elif may_bind(one):
                binding = [at for at in range(passage.line, passage.last + 1) if binds(lines[at - 1])]
                unmapped.extend(replace(_unread(passage), line=at) for at in binding or [passage.line])
            elif worth == DOUBTED:
                unmapped.append(_unread(passage))
        unmapped.extend(_unread(one) for one in gleaned(lines, found))
        titles = tuple(dict.fromkeys(heading for passage in found for heading in passage.headings))
        asked.extend(_orders(asked, rest))
        asked.sort(key=lambda one: one.line)
        unmapped.sort(key=lambda one: one.line)
        return Reading(name, lines, tuple(asked), tuple(unmapped), titles)

    def _told(self, one: Saying) -> Iterator[Asked]:
        """What a passage asks for; of a row also what its cells ask for by themselves, each told once."""
        said = tuple(_asked(one))
        apart = [cell for cell in in_cells(one) if cell.kind is not said[-1].kind]
        rest = without(one.passage, apart)
        yield from (replace(asked, text=rest) for asked in said) if apart else said
        for cell in apart:
            is_word = cell.kind is not Kind.RULE
            own = actors(spelled_out(cell.bare, self.initials), self.known) if is_word else ()
            yield _made(saying(cell.whole, one.topic, own, own or one.given), cell.kind, 70)

    def _is_signature(self, passage: Passage) -> bool:
        """Whether nothing but a name stands there, as below a letter."""
        is_name = passage.form is Form.SENTENCE and passage.text.isalpha()
        is_name = is_name and not self.known.isdisjoint(slugs((passage.text,)))
        return is_name and not answers(passage)

    def said(self, passage: Passage) -> Saying:
        """A passage, looked at with what stands above it."""
        here = passage.headings[-1] if passage.headings else None
        if here != self.owned_under:
            self.owned, self.owned_under = (), here
        owner = owner_of(passage.text) if passage.form is not Form.ROW else ()
        if owner and not passage.above and passage.form is not Form.NUMBER:
            self.owned = owner
        plain = glossed(passage)
        named = spelled_out(plain, self.initials)
        place = (passage.line, passage.text)
        own = self.behind.get(place) or self.last.of(named) or actors(named, self.known) or answers(named)
        own = own or self.charged.get(place, ())
        self.last.note(named, own)
        given = own or inherited(named, self.owned, self.known, self.heads)
        told = commanded(named) if given and not own else named
        one = saying(told, topics(plain), own, given)
        return replace(one, passage=named if plain is passage else passage)


def _unread(passage: Passage) -> Unmapped:
    return Unmapped(passage.line, passage.text, _section(passage))


def _is_title(lead: Passage) -> bool:
    """`before`, above a list and without a colon: a title that nobody marked as one."""
    return not lead.text.endswith(":") and len(lead.text.split()) <= _TITLE_WORDS


_OF_QUESTIONS: Final = re.compile(r"(?:faqs?|q ?& ?a|(?:frequently asked |common )?questions\b)", re.IGNORECASE)
"""Below `FAQ` the titles are questions, and what answers them asks for something like any other part."""
_TITLE_WORDS: Final = 3
_OVERRULING: Final = (Topic.TRIGGER, Topic.PROHIBITED, Topic.ROLLBACK, Topic.INCIDENT)


def topics(passage: Passage) -> Topic:
    """The topic a passage stands under: of the leads above it, else of its titles, the nearest first."""
    for lead in reversed(passage.above):
        found = topic_of(lead.text) if lead.form is Form.LEAD else Topic.OTHER
        if found in _OVERRULING:
            is_trigger = found is Topic.ROLLBACK and topic_of(passage.headings[-1].text if passage.headings else "")
            return Topic.TRIGGER if is_trigger is Topic.TRIGGER else found
        if found in PROCEDURAL and _is_title(lead):
            return found
    is_asked = bool(passage.headings) and passage.headings[-1].text.rstrip().endswith("?")
    for heading in reversed(passage.headings[-3:]):
        found = topic_of(heading.text)
        if is_asked and heading is not passage.headings[-1] and _OF_QUESTIONS.match(heading.text):
            continue
        is_masthead = heading.ahead == 0 or (heading.ahead < TOP and len(passage.headings) > 1)
        is_aside = is_masthead and found not in PROCEDURAL and heading is not passage.headings[-1]
        if found is not Topic.OTHER and not is_aside and not (is_masthead and found is Topic.ROLES):
            return found
    return Topic.OTHER


def _asked(one: Saying) -> Iterator[Asked]:
    kind, sure = kind_of(one)
    made = _made(one, kind, sure)
    beside = (replace(made, kind=is_, deadline=at, text=of) for is_, at, of in further(one, made.deadline, kind))
    yield from (made, *beside) if kind is Kind.HOLD else (*beside, made)
    if kind is Kind.APPROVAL and one.in_relation(Relation.BEFORE):
        yield replace(made, kind=Kind.HOLD, confidence=85)
    if kind is Kind.TIMER and one.words.has(APPROVED) and one.own:
        yield replace(made, kind=Kind.APPROVAL, deadline=None)
    if kind is Kind.APPROVAL and one.in_relation(Relation.WITHIN) and one.words.has(APPROVED):
        yield replace(made, kind=Kind.TIMER, confidence=80)


def _made(one: Saying, kind: Kind, sure: int) -> Asked:
    context = f"{one.title} {one.lead} {one.words.low}"
    return Asked(
        line=one.passage.line,
        lines=tuple(range(one.passage.line, one.passage.last + 1)),
        text=one.passage.text,
        kind=kind,
        roles=one.given,
        phase=phase_of(one.passage),
        section=_section(one.passage),
        deadline=_deadline(one, kind) or _kept(one, kind),
        prohibits=(kind is Kind.RULE and (forbids(one) or one.words.has(_ONLY)))
        or one.topic is Topic.PROHIBITED
        or awaits_word(one, kind),
        condition=one.condition,
        check=one.check or (check_above(context) if kind in (Kind.GATE, Kind.BOTH) else ""),
        confidence=sure,
        is_named=bool(one.own),
    )


_ONLY: Final = frozenset("only exclusively forbidden prohibited".split())
_PREFERRED: Final = (Relation.WITHIN, Relation.BEFORE, Relation.FOR, Relation.EVERY, Relation.AFTER)


def _deadline(one: Saying, kind: Kind) -> Deadline | None:
    low = one.words.low
    demands = _DEMANDS.search(low)
    later = [time for time in one.times if demands and low.find(time.words) > demands.start()]
    is_aside = bool(demands) and bool(_RELATIVE.search(low[: demands.start()])) if demands else False
    found = (later if is_aside else ()) or one.times
    again = [time for time in found if time.relation is Relation.EVERY]
    is_over = (
        bool(again) and kind is not Kind.HOLD and all(time.relation in (Relation.EVERY, Relation.FOR) for time in found)
    )
    return min(again if is_over else found, key=lambda time: _PREFERRED.index(time.relation), default=None)


def _kept(one: Saying, kind: Kind) -> Deadline | None:
    """How long it is kept on file; nothing waits for that."""
    return None if kind in (Kind.HOLD, Kind.TIMER) else retained(one.words.low)


_DEMANDS: Final = sought(r"\b(?:must|shall|has to|have to)\b")
_RELATIVE: Final = sought(r"\b(?:that|who|which)\b")


def _section(passage: Passage) -> tuple[str, ...]:
    return tuple(heading.text for heading in passage.headings)


def _of_fields(group: tuple[Passage, ...]) -> Iterator[Asked]:
    """One requirement for a template's fields: they are written together, or told together."""
    first = group[0]
    lead = first.above[-1] if first.above else None
    title = first.headings[-1] if first.headings else None
    head = lead.text if lead else title.text if title else ""
    begins = lead.line if lead else title.line if title and title.rank == BOLD_RANK else first.line
    names = tuple(is_field(one) for one in group)
    times = deadlines(head)
    kind = Kind.TIMER if times else _kind_of_template(" ".join((head, *_section(first)[-2:])).lower())
    text = f"{head.rstrip(':')}: {', '.join(names)}" if head else ", ".join(names)
    made = Asked(
        line=begins, lines=tuple(sorted({begins, *(one.line for one in group)})), text=text, kind=kind, roles=(),
        phase=phase_of(first), section=_section(first), deadline=times[0] if times else None, prohibits=False,
        condition="", check="", confidence=55, fields=names,
    )  # fmt: skip
    yield made
    for one in group:
        if "next update" in one.text.lower():
            yield replace(
                made, line=one.line, lines=(one.line,), text=one.text, kind=Kind.TIMER, deadline=None, fields=()
            )


def _kind_of_template(low: str) -> Kind:
    if any(
        word in low
        for word in ("communicat", "alert", "notice", "announce", "message", "email", "update", "notif", "clear")
    ):
        return Kind.NOTIFY
    if any(
        word in low
        for word in ("notes", "report", "record", "mortem", "log", "checklist", "plan", "retro", "ticket", "rca")
    ):
        return Kind.RECORD
    return Kind.RULE


def _orders(asked: list[Asked], rest: tuple[Passage, ...]) -> Iterator[Asked]:
    """For each numbered list of a section about order: that it is kept."""
    firsts: dict[int, list[int]] = {}
    for passage in rest:
        if (
            passage.form is Form.NUMBER
            and passage.list_at
            and not any(one.form is Form.NUMBER for one in passage.above)
        ):
            firsts.setdefault(passage.list_at, []).append(passage.line)
    by_line = {one.line: one for one in reversed(asked)}
    for lines in firsts.values():
        known = [by_line[line] for line in lines if line in by_line]
        if len(known) > _UNORDERED and any(topic_of(title) in _ORDERED for title in known[0].section[-1:]):
            yield replace(
                known[0], kind=Kind.RULE, text=f"{IN_ORDER} {'; '.join(one.text for one in known)}",
                lines=tuple(one.line for one in known), deadline=None, check="", confidence=50, roles=(),
                prohibits=False,
            )  # fmt: skip


_UNORDERED: Final = 2
"""So few steps make no order worth a statement."""
IN_ORDER: Final = "In this order:"
"""How a statement begins that a numbered list makes by being one."""
_ORDERED: Final = frozenset({Topic.STEPS, Topic.HANDOFF, Topic.ROLLBACK, Topic.PRODUCTION, Topic.HOTFIX})
