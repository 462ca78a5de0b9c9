# SPDX-License-Identifier: Apache-2.0
"""What is wrong with how a pack wants incidents handled: names that are not there, clocks that contradict each other.

A clock that could never stop, never start, or stops as it starts is refused here, not found out at night.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from interlock.domain.handling import DISAGREEMENT, ESCALATION, OUT_OF_REACH, Missed, Promising
from interlock.domain.ids import CheckId, ClockId, DutyId
from interlock.domain.moment import span_in_words
from interlock.domain.template import Setting
from interlock.packs.duties import AttestDuty, AwaitedDuty, DecideDuty, DutyShape, GapsDuty, ReportDuty, SentDuty
from interlock.packs.handling import (
    AuthorityShape,
    ClockShape,
    DoneOccasion,
    LabelledOccasion,
    MissedOccasion,
    OccasionShape,
    OccasionWord,
    SentOccasion,
)
from interlock.packs.messages import Use
from interlock.packs.model import PackFile
from interlock.packs.names import Names
from interlock.packs.nearest import advice
from interlock.packs.problem import Problem
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document, Step

_RESERVED: Final = (OUT_OF_REACH, DISAGREEMENT, ESCALATION)
At = tuple[Step, ...]


def incident_uses(shape: PackFile) -> Iterator[Use]:
    """The uses of messages in incidents."""
    yield Use(("incident", "send"), tuple(one.message for one in shape.incident.send), Setting.INCIDENT)


def incident_problems(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Everything that is wrong with how incidents are handled, and with who decides to go back."""
    names = _Known(document, shape)
    places = Names(document, "environment", tuple(one.name for one in shape.environments))
    yield from places.check(shape.incident.environments, ("incident", "in"))
    for name, label in shape.incident.labels.items():
        at: At = ("incident", "labels", name)
        yield from names.roles.check(label.goes_back_for, (*at, "goes_back_for"))
        yield from _finds(document, shape, label.found_by, (*at, "found_by"))
    yield from _sends(document, shape, names)
    for clock, one in shape.incident.clocks.items():
        yield from _clock(document, shape, names, clock, one)
    yield from _never_starts(document, shape)
    yield from _never_ends(document, shape)
    yield from _duties(document, shape, names)
    if shape.rollback.authority is not None:
        yield from _authority(document, shape, names, shape.rollback.authority)


class _Known:
    """The names that handling may speak of."""

    def __init__(self, document: Document, shape: PackFile) -> None:
        duties = (*shape.rollback.sequence, *shape.incident.closing)
        self.document = document
        self.roles = Names(document, "role", shape.roles)
        self.audiences = Names(document, "audience", shape.audiences)
        self.labels = Names(document, "label", tuple(shape.incident.labels))
        self.sent = Names(document, "message", tuple(one.message for one in shape.incident.send))
        self.clocks = Names(document, "clock", tuple(shape.incident.clocks))
        self.duties = Names(document, "duty", tuple(one.id for one in duties))

    def label(self, label: str, at: At) -> Iterator[Problem]:
        """A label that something is meant for."""
        if label:
            yield from self.one(self.labels, label, (*at, "label"))

    def one(self, names: Names, name: str, at: At) -> Iterator[Problem]:
        """A name that stands by itself."""
        if name not in names.known:
            sentence = f"there is no {names.kind} '{name}'"
            if names is self.sent:
                sentence = f"the message '{name}' is not among those sent in incidents"
            yield problem_at(self.document, at, f"pack.unknown_{names.kind}", sentence, advice(name, names.known))

    def occasion(self, shape: OccasionShape, at: At) -> Iterator[Problem]:
        """What an occasion speaks of."""
        match shape:
            case LabelledOccasion(name):
                yield from self.one(self.labels, name, (*at, "labelled"))
            case SentOccasion(name):
                yield from self.one(self.sent, name, (*at, "sent"))
            case DoneOccasion(name):
                yield from self.one(self.duties, name, (*at, "done"))
            case MissedOccasion(name):
                yield from self.one(self.clocks, name, (*at, "missed"))
            case _:
                return


def _finds(document: Document, shape: PackFile, checks: tuple[CheckId, ...], at: At) -> Iterator[Problem]:
    """Checks by which no deployment there is proven, so that they never open an incident."""
    there = shape.incident.environments
    stages = [stage for stage in shape.stages if not there or stage.environment in there]
    asked = [one.checks for stage in stages for one in (stage.verify, stage.bake) if one is not None]
    known = tuple(dict.fromkeys(check for one in asked for check in one))
    for number, check in enumerate(checks):
        if check not in known:
            sentence = f"no deployment there is proven by '{check}'"
            yield problem_at(document, (*at, number), "pack.proves_nothing", sentence, advice(check, known))


def _sends(document: Document, shape: PackFile, names: _Known) -> Iterator[Problem]:
    for number, one in enumerate(shape.incident.send):
        at: At = ("incident", "send", number)
        if one.message in names.sent.known[:number]:
            sentence = f"'{one.message}' stands here twice"
            yield problem_at(document, (*at, "message"), "pack.duplicate_name", sentence, "keep one of them")
        yield from names.label(one.label, at)
        for place, shape_ in enumerate(one.on):
            yield from names.occasion(shape_, (*at, "on", place))
        message = shape.messages.get(one.message)
        gives = bool(message and message.fields) or one.promises is Promising.NEXT
        if one.on and gives:
            sentence = f"'{one.message}' goes out by itself, and nobody is there to give its fields or a promise"
            step = "let a person send it (without on), or use a message without fields that promises nothing"
            yield problem_at(document, (*at, "on"), "pack.nobody_gives", sentence, step)


def _clock(document: Document, shape: PackFile, names: _Known, name: ClockId, one: ClockShape) -> Iterator[Problem]:
    at: At = ("incident", "clocks", name)
    if name in _RESERVED:
        sentence = f"'{name}' is the name of a clock that follows from the authority"
        yield problem_at(document, at, "pack.reserved_name", sentence, "give it another name")
    yield from names.audiences.check(one.tells, (*at, "tells"))
    yield from names.label(one.label, at)
    yield from names.occasion(one.starts, (*at, "from"))
    yield from _not_a_doing(document, shape, one.starts, (*at, "from"))
    for place, stop in enumerate(one.stops):
        yield from names.occasion(stop, (*at, "until", place))
        yield from _not_a_doing(document, shape, stop, (*at, "until", place))
        if stop == one.starts:
            sentence = f"the clock '{name}' would stop as it starts"
            yield problem_at(document, (*at, "until", place), "pack.clock_idle", sentence, "let something else stop it")
        if stop == MissedOccasion(name):
            sentence = f"the clock '{name}' would be stopped by running out itself"
            yield problem_at(document, (*at, "until", place), "pack.clock_idle", sentence, "let something else stop it")
        yield from _stopped_by_itself(document, shape, one, stop, (*at, "until", place))
    is_promise = one.starts is OccasionWord.PROMISED
    is_named = is_promise or one.starts is OccasionWord.SCHEDULED
    if not is_named and one.within == timedelta(0):
        sentence = f"the clock '{name}' runs out as it starts"
        yield problem_at(document, at, "pack.clock_zero", sentence, "say how long it runs, such as within: 15m")
    if is_promise and not any(sent.promises is Promising.NEXT for sent in shape.incident.send):
        sentence = f"no message promises anything, so the clock '{name}' never starts"
        step = "let a message promise when more is told (promises: next)"
        yield problem_at(document, (*at, "from"), "pack.clock_idle", sentence, step)


def _never_starts(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Clocks that wait for each other to run out: none of them ever starts."""
    after = {
        name: one.starts.missed for name, one in shape.incident.clocks.items() if isinstance(one.starts, MissedOccasion)
    }
    for name, first in after.items():
        seen, one = [name], first
        while one in after and one not in seen:
            seen.append(one)
            one = after[one]
        if one == name:
            sentence = f"the clock '{name}' starts only once it has run out itself ({', '.join(seen)})"
            at: At = ("incident", "clocks", name, "from")
            yield problem_at(document, at, "pack.circle", sentence, "let something else start one of them")


def _never_ends(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Messages that send each other at once: once one of them went out, they would go out without end."""
    follows = {one.message: {on.sent for on in one.on if isinstance(on, SentOccasion)} for one in shape.incident.send}
    for place, one in enumerate(shape.incident.send):
        behind, reached = list(follows[one.message]), set[str]()
        while behind:
            before = behind.pop()
            if before not in reached:
                reached.add(before)
                behind.extend(follows.get(before, ()))
        if one.message in reached:
            sentence = f"the message '{one.message}' goes out because it went out itself, without end"
            at: At = ("incident", "send", place, "on")
            yield problem_at(document, at, "pack.circle", sentence, "let a clock or a person send one of them")


def _not_a_doing(document: Document, shape: PackFile, occasion: OccasionShape, at: At) -> Iterator[Problem]:
    """A duty that comes about by itself is nobody's doing; what it waits for is an occasion of its own."""
    duties = {one.id: one for one in (*shape.rollback.sequence, *shape.incident.closing)}
    duty = duties.get(occasion.done) if isinstance(occasion, DoneOccasion) else None
    if isinstance(duty, AwaitedDuty | SentDuty):
        word = duty.is_.value if isinstance(duty, AwaitedDuty) else f"{{sent: {duty.sent}}}"
        sentence = f"'{duty.id}' comes about by itself, so nobody ever does it"
        yield problem_at(document, at, "pack.clock_idle", sentence, f"name what it waits for: {word}")


def _stopped_by_itself(
    document: Document, shape: PackFile, clock: ClockShape, stop: OccasionShape, at: At
) -> Iterator[Problem]:
    """A message that goes out by itself when the clock starts says nothing about anybody."""
    if not isinstance(stop, SentOccasion):
        return
    for sent in shape.incident.send:
        if sent.message == stop.sent and clock.starts in sent.on:
            sentence = f"'{sent.message}' goes out by itself when the clock starts, so the clock never runs"
            yield problem_at(document, at, "pack.clock_idle", sentence, "let a person send it, or drop the clock")


def _duties(document: Document, shape: PackFile, names: _Known) -> Iterator[Problem]:
    seen: list[DutyId] = []
    parts: tuple[tuple[At, tuple[DutyShape, ...]], ...] = (
        (("rollback", "sequence"), shape.rollback.sequence),
        (("incident", "closing"), shape.incident.closing),
    )
    for part, duties in parts:
        for number, one in enumerate(duties):
            at: At = (*part, number)
            if one.id in seen:
                sentence = f"'{one.id}' stands in the pack twice"
                yield problem_at(document, (*at, "id"), "pack.duplicate_name", sentence, "give it a name of its own")
            yield from _duty(document, one, at, names, tuple(seen))
            seen.append(one.id)


def _duty(document: Document, one: DutyShape, at: At, names: _Known, seen: tuple[DutyId, ...]) -> Iterator[Problem]:
    yield from names.label(one.label, at)
    for place, before in enumerate(one.after):
        if before in names.duties.known and before not in seen:
            sentence = f"'{one.id}' comes after '{before}', which is listed later or is itself"
            step = "list what comes first before it"
            yield problem_at(document, (*at, "after", place), "pack.circle", sentence, step)
    yield from names.duties.check(one.after, (*at, "after"))
    match one:
        case DecideDuty(decide=asked):
            yield from names.roles.check(asked.roles, (*at, "decide", "roles"))
        case AttestDuty(signoff=told):
            yield from names.roles.check(told.roles, (*at, "signoff", "roles"))
        case ReportDuty(record=report):
            yield from names.roles.check(report.roles, (*at, "record", "roles"))
        case GapsDuty(gaps=gaps):
            yield from names.roles.check(gaps.roles, (*at, "gaps", "roles"))
        case SentDuty(sent=sent):
            yield from names.one(names.sent, sent, (*at, "sent"))
        case _:
            return


def _authority(document: Document, shape: PackFile, names: _Known, one: AuthorityShape) -> Iterator[Problem]:
    at: At = ("rollback", "authority")
    yield from names.one(names.roles, one.primary, (*at, "primary"))
    for role, labels in one.mandate.items():
        yield from names.one(names.roles, role, (*at, "mandate", role))
        for place, label in enumerate(labels):
            yield from names.one(names.labels, label, (*at, "mandate", role, place))
    taken = [one.primary]
    for part, other in (("fallback", one.fallback), ("escalate", one.escalate)):
        if other is None:
            continue
        here: At = (*at, part, "to")
        yield from names.one(names.roles, other.to, here)
        yield from names.one(names.audiences, other.to, here)
        if other.to in taken:
            sentence = f"'{other.to}' would stand in for itself, or settle what it disagrees about"
            yield problem_at(document, here, "pack.same_role", sentence, "name another role")
        taken.append(other.to)
    yield from _heard_too_late(document, shape, one)


def _heard_too_late(document: Document, shape: PackFile, one: AuthorityShape) -> Iterator[Problem]:
    """Whoever stands in, or settles a disagreement, must be heard before silence has decided."""
    ends = [
        clock.within
        for clock in shape.incident.clocks.values()
        if clock.then is Missed.ROLLBACK and clock.starts is OccasionWord.OPENED
    ]
    for part, other in (("fallback", one.fallback), ("escalate", one.escalate)):
        if other and ends and other.after >= min(ends):
            sentence = f"silence has decided after {span_in_words(min(ends))}, before {other.to} would be heard"
            at: At = ("rollback", "authority", part, "after")
            yield problem_at(document, at, "pack.clock_order", sentence, "let it be shorter")
