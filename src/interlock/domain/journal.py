# SPDX-License-Identifier: Apache-2.0
"""What is written into the service's own repository once a release or an incident has come to its end.

1. It falls due when a release is completed or rolled back, and when an incident is closed; nothing ever waits for it.
2. It is written once, under one key. When that fails it is tried a bounded number of times, each later than the one
   before, and then given up, visibly; a person may have it tried anew.
3. What was written is put before people: by the program that is bound for it, or by a message that names the branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain import outbox
from interlock.domain.action import Action, CommitRecords, ProposeRecords, WakeAt
from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import EffectKey, PersonId, ServiceName, StreamId
from interlock.domain.moment import NEVER
from interlock.domain.outbox import OutboxEvent, Tone

TRIES: Final = 5
"""How often it is tried before it is given up."""
PAUSE: Final = timedelta(seconds=30)
"""The pause after the first failed try; it doubles with each further one."""


class Ending(StrEnum):
    """What has come to its end."""

    RELEASE = "release"
    INCIDENT = "incident"


class Follow(StrEnum):
    """How what was written is put before people."""

    PROPOSE = "propose"
    """By the program that is bound for it."""
    TELL = "tell"


class JournalPhase(StrEnum):
    WAITING = "waiting"
    """It could not be written; it is tried again."""
    COMMITTED = "committed"
    """It is written, and to be put before people."""
    DONE = "done"
    GIVEN_UP = "given_up"


OVER: Final = frozenset({JournalPhase.DONE, JournalPhase.GIVEN_UP})
"""Phases in which nothing more happens by itself."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One release or incident that has come to its end."""

    ending: Ending
    of: str

    @property
    def key(self) -> EffectKey:
        """The key under which its records are written."""
        return EffectKey(f"{self.ending.value}/{self.of}/records")


@dataclass(frozen=True, slots=True)
class ReportCommitted:
    service: ServiceName
    key: EffectKey
    branch: str
    commit: str
    paths: tuple[str, ...]
    follow: Follow


@dataclass(frozen=True, slots=True)
class ReportProposed:
    service: ServiceName
    key: EffectKey
    detail: str


@dataclass(frozen=True, slots=True)
class ReportSetback:
    """It could not be written, or not be put before people."""

    service: ServiceName
    key: EffectKey
    detail: str


@dataclass(frozen=True, slots=True)
class RetryRecords:
    """Try it anew, at once."""

    service: ServiceName
    key: EffectKey


JournalCommand = ReportCommitted | ReportProposed | ReportSetback | RetryRecords


@dataclass(frozen=True, slots=True)
class RecordsCommitted:
    service: ServiceName
    key: EffectKey
    branch: str
    commit: str
    paths: tuple[str, ...]
    follow: Follow
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordsProposed:
    service: ServiceName
    key: EffectKey
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordsHeldUp:
    service: ServiceName
    key: EffectKey
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordsRetried:
    service: ServiceName
    key: EffectKey
    by: PersonId


JournalEvent = RecordsCommitted | RecordsProposed | RecordsHeldUp | RecordsRetried


@dataclass(frozen=True, slots=True)
class Leaf:
    """How the records of one end stand. `branch`, `commit` and `paths` are empty before they are written."""

    phase: JournalPhase = JournalPhase.WAITING
    tries: int = 0
    attempts: int = 0
    """How often anything failed, whoever had it tried anew: a program is never run twice under one key."""
    not_before: datetime = NEVER
    branch: str = ""
    commit: str = ""
    paths: tuple[str, ...] = ()
    detail: str = ""


UNTRIED: Final = Leaf()


@dataclass(frozen=True, slots=True)
class Journal:
    """How the records of every end stand that anything was done about."""

    leaves: Mapping[EffectKey, Leaf] = field(default_factory=dict)

    @property
    def held_up(self) -> Mapping[EffectKey, Leaf]:
        """Those that failed and have not been written, or not been put before people, since."""
        return {key: leaf for key, leaf in self.leaves.items() if leaf.detail}

    def leaf(self, key: EffectKey) -> Leaf:
        """How the records under this key stand."""
        return self.leaves.get(key, UNTRIED)


def journal_stream(service: ServiceName) -> StreamId:
    """The stream of what was written into a service's repository."""
    return StreamId(f"journal/{service}")


def decide(
    state: Journal, command: JournalCommand, actor: Actor, now: datetime
) -> Decision[JournalEvent | OutboxEvent]:
    """Whether an outcome may be recorded, or records be tried anew."""
    if isinstance(command, RetryRecords):
        return _retry(state, command, actor)
    if isinstance(actor, Person):
        return refuse("journal.robot_only", "the controller says itself what it wrote", "nothing needs doing")
    leaf = state.leaf(command.key)
    if leaf.phase in OVER:
        return refuse("journal.over", f"'{command.key}' is {_word(leaf.phase)}", "see `interlock record committed`")
    is_written = leaf.phase is JournalPhase.COMMITTED
    if isinstance(command, ReportProposed if not is_written else ReportCommitted):
        return refuse("journal.out_of_order", f"'{command.key}' is {_word(leaf.phase)}", "nothing needs doing")
    return Accepted(_outcome(leaf, command, now))


def _outcome(
    leaf: Leaf, command: ReportCommitted | ReportProposed | ReportSetback, now: datetime
) -> tuple[Emitted[JournalEvent | OutboxEvent], ...]:
    stream, key, service = journal_stream(command.service), command.key, command.service
    match command:
        case ReportCommitted(_, _, branch, commit, paths, follow):
            written = Emitted(stream, RecordsCommitted(service, key, branch, commit, paths, follow, now))
            if follow is Follow.PROPOSE:
                return (written,)
            body = f"commit {commit[:12]} holds {', '.join(paths)}; merge the branch where it belongs"
            return (written, outbox.due(service, key, Tone.INFO, f"{_subject(key)} is on branch {branch}", body))
        case ReportProposed(_, _, detail):
            return (Emitted(stream, RecordsProposed(service, key, detail, now)),)
        case ReportSetback(_, _, detail):
            held = Emitted(stream, RecordsHeldUp(service, key, detail, now))
            if leaf.tries + 1 < TRIES:
                return (held,)
            title = f"{_subject(key)} could not be written into the repository"
            told = f"{detail}; once that is mended: interlock record retry {of_key(key)}"
            return (held, outbox.due(service, f"{key}/{leaf.attempts + 1}", Tone.WARNING, title, told))
        case _:
            assert_never(command)


def _retry(state: Journal, command: RetryRecords, actor: Actor) -> Decision[JournalEvent | OutboxEvent]:
    if not isinstance(actor, Person):
        return refuse("journal.needs_person", "a person has records tried anew", "run `interlock record retry`")
    leaf = state.leaves.get(command.key)
    if leaf is None or not leaf.detail:
        sentence = f"'{command.key}' neither waits nor was it given up"
        return refuse("journal.not_held_up", sentence, "see `interlock record committed`")
    return Accepted((Emitted(journal_stream(command.service), RecordsRetried(command.service, command.key, actor.id)),))


def evolve(state: Journal, event: JournalEvent) -> Journal:
    """The journal after the event."""
    leaf = state.leaf(event.key)
    match event:
        case RecordsCommitted(_, _, branch, commit, paths, follow, _):
            phase = JournalPhase.COMMITTED if follow is Follow.PROPOSE else JournalPhase.DONE
            after = Leaf(phase, attempts=leaf.attempts, branch=branch, commit=commit, paths=paths)
        case RecordsProposed():
            after = replace(leaf, phase=JournalPhase.DONE, detail="")
        case RecordsHeldUp(_, _, detail, at):
            after = _held_up(leaf, detail, at)
        case RecordsRetried():
            phase = JournalPhase.COMMITTED if leaf.commit else JournalPhase.WAITING
            after = replace(leaf, phase=phase, tries=0, not_before=NEVER, detail="")
        case _:
            assert_never(event)
    return Journal({**state.leaves, event.key: after})


def _held_up(leaf: Leaf, detail: str, at: datetime) -> Leaf:
    tries = leaf.tries + 1
    phase = JournalPhase.GIVEN_UP if tries >= TRIES else leaf.phase
    later = at + PAUSE * 2 ** (tries - 1)
    return replace(leaf, phase=phase, tries=tries, attempts=leaf.attempts + 1, not_before=later, detail=detail)


def next_actions(state: Journal, ended: tuple[Ended, ...], now: datetime) -> tuple[Action, ...]:
    """What to write or put before people now, oldest first, and when to look again."""
    actions: list[Action] = []
    for one in ended:
        leaf = state.leaf(one.key)
        if leaf.phase in OVER:
            continue
        if now < leaf.not_before:
            actions.append(WakeAt(leaf.not_before))
        elif leaf.phase is JournalPhase.COMMITTED:
            effect = EffectKey(f"{one.key}/propose/{leaf.attempts + 1}")
            actions.append(ProposeRecords(one.key, leaf.branch, effect))
        else:
            actions.append(CommitRecords(one.key, one.ending.value, one.of))
    return tuple(actions)


def _word(phase: JournalPhase) -> str:
    return phase.value.replace("_", " ")


def of_key(key: EffectKey) -> str:
    """The release or incident that the records under a key are about."""
    return key.partition("/")[2].removesuffix("/records")


def _subject(key: EffectKey) -> str:
    return f"the record of {key.partition('/')[0]} {of_key(key)}"
