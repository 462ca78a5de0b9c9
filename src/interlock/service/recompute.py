# SPDX-License-Identifier: Apache-2.0
"""Making every decision of an exported ledger again, from its records alone, by somebody who does not trust us (I8).

1. Each command is decided over the state its record stands on, with the recorded time and facts, by the same `answer`
   that decided it live; its events or its reasons must come out as recorded.
2. Who spoke is worked out from the signature, never taken from the record. What the record claims of the world beside
   the ledger (where it stood in time, when windows are open) is compared with the ledger and a calendar of our own.
3. What cannot be made again is listed as such. Nothing is raised for bad content.

That the records are those the ledger signed is `ledger.verify`'s part; this one assumes it and adds to it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person, Robot
from interlock.domain.decision import Accepted, Reason, Refused, refuse
from interlock.domain.governance import AdoptGovernance, ProposeGovernance
from interlock.domain.moment import NEVER, span_in_words
from interlock.domain.verdict import Finding, Verdict, worst
from interlock.domain.window import Schedule, WorkedOut
from interlock.ledger.bundle import CHECKPOINT, RECORDS, BundleReader
from interlock.ledger.canonical import canonical, decode
from interlock.ledger.checkpoint import parse_note
from interlock.ledger.codec import Command, Event, Undecodable, decode_command, encode
from interlock.ledger.command import CommandBody, CommandRecord, is_command
from interlock.ledger.record import Record
from interlock.ports.calendar import Calendar
from interlock.ports.failure import PortFailure
from interlock.ports.signing import SignatureVerifier
from interlock.ports.store import Missing
from interlock.service.answer import answer
from interlock.service.doorkeeper import FROM_OUTSIDE, VOUCHED_OUTSIDE, Door, Doorkeeper, only_claimed
from interlock.service.engine import ENGINE
from interlock.service.facts import Facts, Recorded, decode_facts
from interlock.service.gather import Gatherer, Library
from interlock.service.rereading import Rereading
from interlock.service.view import View, nothing

LISTED_MOST: Final = 20
"""Findings of one kind that are told apart; the rest are counted."""
REREAD_MOST: Final = 50
"""Refusals over a state that had moved on, each of which costs another reading of the records."""
UNSEEN_MOST: Final = timedelta(minutes=1)
"""How long something may have been recorded that a refusal had not seen, because both were written at once."""
_DIFFERS: Final = "ask who keeps the ledger to explain it; until then, trust nothing that rests on it"
UNFIT: Final = "governance.unfit"
"""The one refusal that is about what came along with a command and was not kept."""
_UNFIT: Final = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What the rules may raise over a history that they cannot have made."""


class Again(StrEnum):
    """The numbered questions, after the twelve of verifying. The value is the finding's code."""

    SPEAKERS = "recompute.speakers"
    DECISIONS = "recompute.decisions"
    FACTS = "recompute.facts"
    ENGINE = "recompute.engine"


_FIRST_NUMBER: Final = 13


@dataclass(frozen=True, slots=True)
class Means:
    """What the outsider brings along; nothing of it comes from the ledger's owner. `library` must be a fresh one."""

    library: Library
    calendar: Calendar
    checks: SignatureVerifier


@dataclass(frozen=True, slots=True)
class Recomputation:
    """The findings in order, and how many commands were decided again."""

    findings: tuple[Finding, ...]
    accepted: int
    refused: int

    @property
    def verdict(self) -> Verdict:
        """PASS only when everything came out as recorded."""
        return worst(finding.verdict for finding in self.findings)


def recompute(bundle: BundleReader, means: Means) -> Recomputation:
    """Decide every command of the bundle again."""
    try:
        origin = parse_note(bundle.read(CHECKPOINT).decode()).checkpoint.origin
    except (KeyError, ValueError, PortFailure) as error:
        sentence = f"there is nothing to decide again: {error}"
        return Recomputation((Finding(Again.DECISIONS, "the bundle", Verdict.FAIL, sentence, _DIFFERS),), 0, 0)
    run = _Run(bundle, means, origin)
    for number, line in enumerate(bundle.lines(RECORDS)):
        run.take(number, line)
    return run.finish()


@dataclass(slots=True)
class _Told:
    """What is to be said about each question: faults, and what is only listed."""

    faults: dict[Again, list[Finding]] = field(default_factory=dict)
    notes: dict[Again, list[Finding]] = field(default_factory=dict)

    def fault(self, about: Again, subject: str, sentence: str) -> None:
        self.faults.setdefault(about, []).append(Finding(about, subject, Verdict.FAIL, sentence, _DIFFERS))

    def note(self, about: Again, subject: str, sentence: str) -> None:
        self.notes.setdefault(about, []).append(Finding(about, subject, Verdict.PASS, sentence))

    def finding(self, about: Again, good: str, verdict: Verdict = Verdict.PASS) -> Finding:
        subject = f"{_FIRST_NUMBER + list(Again).index(about)} {about.removeprefix('recompute.')}"
        faults = self.faults.get(about, [])
        notes = tuple(self.notes.get(about, ())[:LISTED_MOST])
        if faults:
            sentence = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"
            return Finding(about, subject, Verdict.FAIL, sentence, _DIFFERS, children=tuple(faults[:LISTED_MOST]))
        return Finding(about, subject, verdict, good, children=notes if verdict is Verdict.PASS else ())


@dataclass(frozen=True, slots=True)
class _Made:
    """An event as the rules make it or the ledger holds it, in a form that can be compared."""

    stream: str
    name: str
    version: int
    payload: bytes


@dataclass(slots=True)
class _Compared:
    """The recorded facts, given to the rules as they are while each window asked for is worked out again."""

    facts: Facts
    calendar: Calendar
    differing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def latest(self) -> datetime:
        return self.facts.latest

    def windows(self, schedules: tuple[Schedule, ...], now: datetime) -> tuple[WorkedOut, ...]:
        given = Recorded(self.facts).windows(schedules, now)
        recorded = {fact.schedule: fact.occurrences for fact in given}
        for schedule in schedules:
            if schedule.key not in recorded:
                self.unknown.append(f"'{schedule.key}' was not worked out, which held the gate")
                continue
            was = recorded[schedule.key]
            try:
                found = self.calendar.intervals(schedule, was.since, was.until)
            except PortFailure as failure:
                self.unknown.append(f"'{schedule.key}': {failure.sentence}")
                continue
            if found.intervals == was.intervals:
                continue
            other = f"'{schedule.key}' is open at other times than recorded"
            if found.zone_data == was.zone_data:
                self.differing.append(other)
            else:
                self.unknown.append(f"{other} by zone data {found.zone_data}; recorded was {was.zone_data}")
        return given


class _Run:
    """One reading of one bundle, from its first record to its last."""

    def __init__(self, bundle: BundleReader, means: Means, origin: str) -> None:
        self._bundle = bundle
        self._means = means
        self._door = Doorkeeper(origin, means.checks)
        self._reader = Rereading.of(bundle)
        self._folded = nothing()
        self._told = _Told()
        self._moments = {NEVER}
        self._engines: Counter[str] = Counter()
        self._spoke: Counter[str] = Counter()
        self._accepted = self._refused = self._reread = 0
        self._last_signed = NEVER
        self._longest = timedelta()
        self._subject = "the beginning"
        self._due: list[_Made] = []
        self._found: list[_Made] = []

    def take(self, number: int, line: bytes) -> None:
        """The next record."""
        try:
            record = decode(line.removesuffix(b"\n"))
        except ValueError as error:
            self._told.fault(Again.DECISIONS, f"record {number}", f"it cannot be read: {error}")
            return
        if is_command(record.event):
            self._end_batch()
            self._subject = f"record {number}"
            try:
                self._take_command(CommandRecord.from_record(record), record)
            except _UNFIT as error:
                self._told.fault(Again.DECISIONS, self._subject, f"it cannot be decided again: {error}")
        else:
            self._found.append(_Made(record.stream, record.event, record.version, canonical(record.payload)))
        self._reader.add(record)
        self._moments.add(record.time)

    def finish(self) -> Recomputation:
        """All that is to be said."""
        self._end_batch()
        speakers = "commands: " + ", ".join(f"{count} {how}" for how, count in sorted(self._spoke.items()))
        if self._longest:
            speakers += f"; recorded at most {span_in_words(self._longest)} after they were signed"
        decisions = f"{self._accepted} accepted and {self._refused} refused commands decided again, all alike"
        others = {engine: count for engine, count in self._engines.items() if engine != ENGINE}
        engines = f"all decided by the rules of version {ENGINE}"
        if others:
            counts = ", ".join(f"{count} by version '{engine}'" for engine, count in sorted(others.items()))
            engines = f"decided live {counts}; decided again by version {ENGINE}"
        told = self._told
        findings = (
            told.finding(Again.SPEAKERS, speakers),
            told.finding(Again.DECISIONS, decisions),
            told.finding(Again.FACTS, "what was gathered beside the ledger agrees with it and with our calendar"),
            told.finding(Again.ENGINE, engines, Verdict.INCONCLUSIVE if others else Verdict.PASS),
        )
        return Recomputation(findings, self._accepted, self._refused)

    def _end_batch(self) -> None:
        """Compare what the rules made of the last command with what the ledger holds of it."""
        for made, found in zip(self._due, self._found, strict=False):
            if made != found:
                sentence = f"the ledger holds '{found.name}' on '{found.stream}', the rules make "
                sentence += _named(made) if _named(made) != _named(found) else "it with another content"
                self._told.fault(Again.DECISIONS, self._subject, sentence)
        for made in self._due[len(self._found) :]:
            self._told.fault(Again.DECISIONS, self._subject, f"the rules make {_named(made)}, the ledger lacks it")
        for found in self._found[len(self._due) :]:
            self._told.fault(Again.DECISIONS, self._subject, f"the rules do not make {_named(found)}")
        self._due, self._found = [], []

    def _take_command(self, command: CommandRecord, record: Record) -> None:
        self._engines[command.engine] += 1
        if command.reasons:
            self._refused += 1
        else:
            self._accepted += 1
        self._reader.keep(command.blobs)
        view = self._view(command, record)
        facts = _Compared(decode_facts(command.facts), self._means.calendar)
        actor = self._speaker(command, view, record.time)
        decision: Accepted[Event] | Refused
        if isinstance(actor, Refused):
            decision, actor = actor, only_claimed(command.body.actor)
        else:
            gatherer = Gatherer(view, self._means.library, facts, record.time, command.engine)
            decision = self._answer(command, actor, gatherer)
        if (record.actor, record.assurance) != (str(actor), actor.assurance):
            spoke = f"'{actor}' spoke, {actor.assurance}; recorded is '{record.actor}', {record.assurance}"
            self._told.fault(Again.SPEAKERS, self._subject, spoke)
        self._compare(command, decision)
        if dict(view.reads) != dict(command.reads):
            self._told.fault(Again.DECISIONS, self._subject, "it was decided over other streams than it names")
        self._check_facts(facts)

    def _view(self, command: CommandRecord, record: Record) -> View:
        """The state the command was decided over. A refusal may stand behind records it had not seen."""
        moved = [stream for stream, at in command.reads.items() if at != self._reader.position(stream)]
        if not moved or not command.reasons:
            return View(self._reader, folded=self._folded)
        self._reread += 1
        if self._reread > REREAD_MOST:
            raise Undecodable(f"more than {REREAD_MOST} refusals say that they had not seen the records before them")
        earlier = self._reader.as_it_stood(command.reads, record.index)
        if earlier.unseen_since < record.time - UNSEEN_MOST:
            sentence = f"it says it had not seen what stood on '{moved[0]}' long before"
            self._told.fault(Again.DECISIONS, self._subject, sentence)
        self._told.note(Again.DECISIONS, self._subject, f"refused over an earlier state of '{moved[0]}'")
        return View(earlier.reader)

    def _speaker(self, command: CommandRecord, view: View, now: datetime) -> Actor | Refused:
        """Who speaks, or why nobody is heard; what cannot be shown about it is listed."""
        body = command.body
        codes = [reason.code for reason in command.reasons]
        door = Door.INSIDE if {FROM_OUTSIDE, VOUCHED_OUTSIDE}.isdisjoint(codes) else Door.OUTSIDE
        match self._door.hear(body, command.signature, door, view.people, now):
            case Refused() as refused:
                self._spoke["turned away at the door"] += 1
                if door is Door.OUTSIDE:
                    self._told.note(Again.SPEAKERS, self._subject, "it came from outside, as far as can be told")
                return refused
            case Robot() as robot:
                self._spoke["of the controller"] += 1
                if robot != CONTROLLER:
                    self._told.fault(Again.SPEAKERS, self._subject, f"there is no '{robot}'")
                return robot
            case Person(assurance=Assurance.SIGNED) as person:
                self._spoke["signed"] += 1
                self._note_order(body, now)
                return person
            case Person(assurance=Assurance.AUTHENTICATED) as person:
                self._spoke["vouched for by the server"] += 1
                return person
            case person:
                self._spoke["only asserted"] += 1
                if not command.reasons:
                    sentence = f"'{body.command}' of '{person}' was accepted unsigned: anybody can have written it"
                    self._told.note(Again.SPEAKERS, self._subject, sentence)
                return person

    def _note_order(self, body: CommandBody, now: datetime) -> None:
        """The only trace of a record that was held back, or put elsewhere before anybody remembered a checkpoint."""
        if body.issued_at < self._last_signed:
            self._told.note(Again.SPEAKERS, self._subject, "it stands after a command that was signed later")
        self._last_signed = max(self._last_signed, body.issued_at)
        self._longest = max(self._longest, now - body.issued_at)

    def _answer(self, command: CommandRecord, actor: Actor, gatherer: Gatherer) -> Accepted[Event] | Refused:
        body = command.body
        try:
            decoded = decode_command(body.command, body.version, body.payload)
        except Undecodable as fault:
            return refuse("command.undecodable", str(fault), "use a client of the same version")
        decision = answer(decoded, actor, gatherer)
        if [reason.code for reason in command.reasons] == [UNFIT] and _parts_are_gone(decoded, gatherer.view):
            self._told.note(Again.DECISIONS, self._subject, "refused; the parts it was about were not kept")
            return Refused(command.reasons)
        return decision

    def _compare(self, command: CommandRecord, decision: Accepted[Event] | Refused) -> None:
        reasons: tuple[Reason, ...] = ()
        match decision:
            case Accepted(events):
                for emitted in events:
                    made = encode(emitted.event)
                    self._due.append(_Made(emitted.stream, made.name, made.version, canonical(made.payload)))
            case Refused(found):
                reasons = found
        if reasons != command.reasons:
            was, comes = _in_words(command.reasons), _in_words(reasons)
            sentence = f"'{command.body.command}' was {was}, decided again it is {comes}"
            self._told.fault(Again.DECISIONS, self._subject, sentence)

    def _check_facts(self, facts: _Compared) -> None:
        if facts.latest not in self._moments:
            self._told.fault(Again.FACTS, self._subject, "the ledger never stood at the time it was decided at")
        for sentence in facts.differing:
            self._told.fault(Again.FACTS, self._subject, sentence)
        for sentence in facts.unknown:
            self._told.note(Again.FACTS, self._subject, sentence)


def _parts_are_gone(command: Command, view: View) -> bool:
    """Whether it is about rules that came along with it and were not kept, because it was refused."""
    if not isinstance(command, AdoptGovernance | ProposeGovernance):
        return False
    parts = (command.governance.pack, command.governance.bindings)
    return any(isinstance(view.ledger.blob(part), Missing) for part in parts)


def _in_words(reasons: tuple[Reason, ...]) -> str:
    if not reasons:
        return "accepted"
    return "refused (" + ", ".join(f"{reason.code}: {reason.sentence}" for reason in reasons) + ")"


def _named(made: _Made) -> str:
    return f"'{made.name}' on '{made.stream}'"
