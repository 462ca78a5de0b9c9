# SPDX-License-Identifier: Apache-2.0
"""Messages in a pack's file: how they are written, where they are used, and what is wrong with them.

1. A message speaks only of what is known where it is used: of facts of that setting, of its own fields, of sections of
   records that are written by then. Everything else in braces is refused with its place.
2. A field is asked of somebody and is read by somebody: it stands in the message, and the message is one that people
   send.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from interlock.domain.ids import AudienceName, NoticeId, RequirementId, StageName
from interlock.domain.outbox import Tone
from interlock.domain.requirement import RecordRequirement, Requirement, SaidRequirement
from interlock.domain.template import (
    FIELD,
    KNOWN,
    SENT_BY_SOMEBODY,
    AskedFor,
    Chase,
    Fact,
    Field,
    RollbackMessages,
    Setting,
    Since,
    StageMessages,
    Template,
    plain,
)
from interlock.packs.names import Names
from interlock.packs.nearest import advice
from interlock.packs.problem import Problem
from interlock.packs.shape import key, problem_at
from interlock.packs.wanted import YEAR, Span
from interlock.packs.yaml_tree import Document, Step

Sections = frozenset[str]
"""What of records may be quoted, as `record.section` in its one spelling."""


@dataclass(frozen=True, slots=True)
class MessageShape:
    """What is told to whom. In braces: facts, as {version}; fields, as {fields.NAME}; records, as {ID.SECTION}."""

    to: tuple[AudienceName, ...] = field(metadata=key(doc="The audiences; each gets a message of its own.", at_least=1))
    title: str = field(metadata=key(doc="One line."))
    body: str = field(metadata=key(doc="The text."))
    tone: Tone = field(default=Tone.INFO, metadata=key(doc="How it is meant."))
    fields: Mapping[NoticeId, str] = field(
        default_factory=dict,
        metadata=key(doc="What whoever sends it must give, by name, each with what it says; none may be empty."),
    )
    cites: tuple[str, ...] = field(default=(), metadata=key(doc="Where the written procedure says so."))


@dataclass(frozen=True, slots=True)
class StageNotifyShape:
    """What is told in the course of a stage."""

    before: tuple[NoticeId, ...] = field(
        default=(), metadata=key(doc="When the promotion is accepted, before anything is deployed.")
    )
    after: tuple[NoticeId, ...] = field(default=(), metadata=key(doc="When it has completed."))
    called_off: tuple[NoticeId, ...] = field(
        default=(), metadata=key(doc="When it was told before and will not take place.")
    )
    asked: Mapping[RequirementId, tuple[NoticeId, ...]] = field(
        default_factory=dict,
        metadata=key(doc="By requirement of the stage: when everything it comes after is met, and it is not."),
    )


@dataclass(frozen=True, slots=True)
class RollbackNotifyShape:
    """What is told in the course of a rollback; it never stands before one."""

    decided: tuple[NoticeId, ...] = field(default=(), metadata=key(doc="When it was decided."))
    returned: tuple[NoticeId, ...] = field(default=(), metadata=key(doc="When it is proven."))
    stranded: tuple[NoticeId, ...] = field(default=(), metadata=key(doc="When its tries are used up."))


@dataclass(frozen=True, slots=True)
class ChaseShape:
    """A message about a review as long as it is owed."""

    message: NoticeId = field(metadata=key(doc="What is told."))
    since: Since = field(
        default=Since.OVERDUE, metadata=key(doc="`opened`: from when it is owed; `overdue`: from its deadline.")
    )
    after: timedelta = field(
        default=timedelta(0), metadata=key(doc="How long after that it is told first.", span=Span(0, YEAR.most))
    )
    again: timedelta = field(
        default=timedelta(0),
        metadata=key(doc="The pause after which it is told again; none: just once.", span=YEAR),
    )
    cites: tuple[str, ...] = field(default=(), metadata=key(doc="Where the written procedure says so."))


NOTHING_TOLD: Final = StageNotifyShape()
_FACTS: Final = frozenset(fact.value for fact in Fact)


def templates(shapes: Mapping[NoticeId, MessageShape]) -> tuple[Template, ...]:
    """What these messages mean."""
    return tuple(
        Template(
            name,
            shape.to,
            shape.title,
            shape.body.rstrip("\n"),
            shape.tone,
            shape.cites,
            tuple(Field(str(one), says) for one, says in shape.fields.items()),
        )
        for name, shape in shapes.items()
    )


def stage_messages(shape: StageNotifyShape, known: Iterable[Template]) -> StageMessages:
    """What a stage tells."""
    by_name = {template.id: template for template in known}
    return StageMessages(
        _named(shape.before, by_name),
        _named(shape.after, by_name),
        _named(shape.called_off, by_name),
        tuple(AskedFor(requirement, _named(names, by_name)) for requirement, names in shape.asked.items()),
    )


def rollback_messages(shape: RollbackNotifyShape, known: Iterable[Template]) -> RollbackMessages:
    """What a rollback tells."""
    by_name = {template.id: template for template in known}
    return RollbackMessages(
        _named(shape.decided, by_name), _named(shape.returned, by_name), _named(shape.stranded, by_name)
    )


def chases(shapes: Iterable[ChaseShape], known: Iterable[Template]) -> tuple[Chase, ...]:
    """What is told of a review."""
    by_name = {template.id: template for template in known}
    return tuple(Chase(by_name[one.message], one.since, one.after, one.again) for one in shapes)


def _named(names: tuple[NoticeId, ...], known: Mapping[NoticeId, Template]) -> tuple[Template, ...]:
    return tuple(known[name] for name in names)


@dataclass(frozen=True, slots=True)
class Use:
    """Messages named at a place of the file, and what there is to speak of there."""

    at: tuple[Step, ...]
    names: tuple[NoticeId, ...]
    setting: Setting
    sections: Sections = frozenset()


def stage_uses(
    at: tuple[Step, ...], shape: StageNotifyShape, asks: Iterable[Requirement], before: Iterable[Requirement]
) -> Iterator[Use]:
    """The uses of messages in a stage. `asks` is what it asks itself, `before` what every way to it asked before."""
    here = tuple(asks)
    written = quotable((*before, *here))
    yield Use((*at, "before"), shape.before, Setting.BEFORE, written)
    yield Use((*at, "after"), shape.after, Setting.AFTER, written)
    yield Use((*at, "called_off"), shape.called_off, Setting.CALLED_OFF, written)
    for name, names in shape.asked.items():
        one = next((other for other in here if other.id == name), None)
        comes_after = one.after if isinstance(one, SaidRequirement) else ()
        by_then = quotable(other for other in (*before, *here) if other.id in comes_after)
        yield Use((*at, "asked", name), names, Setting.ASKED, by_then)


def rollback_uses(at: tuple[Step, ...], shape: RollbackNotifyShape) -> Iterator[Use]:
    """The uses of messages in a rollback."""
    yield Use((*at, "decided"), shape.decided, Setting.DECIDED)
    yield Use((*at, "returned"), shape.returned, Setting.RETURNED)
    yield Use((*at, "stranded"), shape.stranded, Setting.STRANDED)


def chase_uses(at: tuple[Step, ...], shapes: Iterable[ChaseShape]) -> Iterator[Use]:
    """The uses of messages about reviews that are owed."""
    yield Use(at, tuple(one.message for one in shapes), Setting.REVIEW)


def asked_problems(
    document: Document, at: tuple[Step, ...], shape: StageNotifyShape, asks: Iterable[Requirement]
) -> Iterator[Problem]:
    """Requirements that somebody is told to meet, and that the stage does not ask of people."""
    people = tuple(one.id for one in asks if isinstance(one, SaidRequirement))
    for name in shape.asked:
        if name not in people:
            sentence = f"the stage asks nothing of people under the name '{name}'"
            yield problem_at(document, (*at, "asked", name), "pack.not_asked", sentence, advice(name, people))


def quotable(requirements: Iterable[Requirement]) -> Sections:
    """What may be quoted of the records among these."""
    records = (one for one in requirements if isinstance(one, RecordRequirement))
    return frozenset(plain(f"{one.id}.{section}") for one in records for section in one.sections)


def always_before(
    stage: StageName, ways: Iterable[tuple[StageName, ...]], asks: Mapping[StageName, tuple[Requirement, ...]]
) -> tuple[Requirement, ...]:
    """What every path that comes through the stage has asked before it."""
    walked = [way[: way.index(stage)] for way in ways if stage in way]
    common = set(walked[0]).intersection(*walked[1:]) if walked else set()
    return tuple(one for name in asks if name in common for one in asks[name])


def message_problems(
    document: Document,
    audiences: tuple[AudienceName, ...],
    messages: Mapping[NoticeId, MessageShape],
    uses: Iterable[Use],
) -> Iterator[Problem]:
    """Everything that is wrong with the messages of a pack and with where they are used."""
    for number, audience in enumerate(audiences):
        if audience in audiences[:number]:
            sentence = f"'{audience}' stands here twice"
            yield problem_at(document, ("audiences", number), "pack.duplicate_name", sentence, "keep one of them")
    known = Names(document, "audience", audiences)
    for name, shape in messages.items():
        yield from known.check(shape.to, ("messages", name, "to"))
        yield from _own_problems(document, name, shape)
    named = Names(document, "message", tuple(messages))
    for use in uses:
        yield from named.check(use.names, use.at)
        for number, one in enumerate(use.names):
            if one in messages:
                yield from _use_problems(document, use, number, messages[one])


def _own_problems(document: Document, name: NoticeId, shape: MessageShape) -> Iterator[Problem]:
    at = ("messages", name)
    template = templates({name: shape})[0]
    fields = tuple(f"{FIELD}{one}" for one in shape.fields)
    for part, text in (("title", shape.title), ("body", shape.body)):
        for word in Template(name, (), text, "").words:
            is_section = "." in word and not word.startswith(FIELD)
            if word not in _FACTS and word not in fields and not is_section:
                sentence = f"'{{{word}}}' is nothing that a message can speak of"
                step = advice(word, (*sorted(_FACTS), *fields))
                yield problem_at(document, (*at, part), "pack.unknown_fact", sentence, step)
    for one in shape.fields:
        if f"{FIELD}{one}" not in template.words:
            sentence = f"'{one}' is asked of whoever sends the message, and the message does not say it"
            step = f"write {{{FIELD}{one}}} in the body, or drop the field"
            yield problem_at(document, (*at, "fields", one), "pack.unread_field", sentence, step)


def _use_problems(document: Document, use: Use, number: int, shape: MessageShape) -> Iterator[Problem]:
    at, name = (*use.at, number), use.names[number]
    if shape.fields and use.setting not in SENT_BY_SOMEBODY:
        sentence = f"'{name}' asks for {', '.join(shape.fields)}, and here it is sent by itself"
        yield problem_at(document, at, "pack.nobody_gives", sentence, "use a message without fields here")
    facts = KNOWN[use.setting]
    for word in templates({name: shape})[0].words:
        if word in _FACTS and Fact(word) not in facts:
            sentence = f"'{name}' speaks of {{{word}}}, of which nothing is known here"
            step = f"known here are: {', '.join(sorted(facts))}"
            yield problem_at(document, at, "pack.fact_out_of_place", sentence, step)
        elif "." in word and not word.startswith(FIELD) and word not in use.sections:
            sentence = f"'{name}' quotes {{{word}}}, and no record with that section is written by then"
            step = f"quote one of: {', '.join(sorted(use.sections)) or 'nothing, no record is asked before this'}"
            yield problem_at(document, at, "pack.not_written_yet", sentence, step)
