# SPDX-License-Identifier: Apache-2.0
"""Drift: what runs in an environment, compared with what was released there (I1).

1. Looked at only while nothing moves there. Content that was never released there, or nothing where a release was
   proven, is an unauthorised change: recorded with what was expected, what was found and when, and an incident.
2. It ends by itself when what runs is again what is recorded as live: a rollback has restored that, or a person of
   those whom the written procedure names has adopted what runs.
3. What cannot be seen is neither drift nor agreement: since when is recorded, and shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.docket import DocketEvent, listed
from interlock.domain.ids import (
    Digest,
    EffectKey,
    EnvironmentName,
    IncidentId,
    PersonId,
    ReleaseId,
    ServiceName,
    StreamId,
)
from interlock.domain.incident import IncidentEvent, IncidentOpened, Severity
from interlock.domain.moment import NEVER
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.slot import NOTHING, LiveStanding, OccupantKind, Placed, SlotState
from interlock.domain.suspect import Suspect


class Sight(StrEnum):
    """What there was to see."""

    RUNNING = "running"
    NOTHING = "nothing"
    HIDDEN = "hidden"
    """It could not be told."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: content by digest with its version, or nothing; or why it could not be told."""

    sight: Sight
    digest: Digest = Digest("")
    version: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """As a sentence names it."""
        match self.sight:
            case Sight.RUNNING:
                known = self.version if self.version not in {"", "unknown"} else "something"
                return f"{known} ({self.digest[:19]})"
            case Sight.NOTHING:
                return "nothing"
            case Sight.HIDDEN:
                return "what cannot be told"
            case _:
                assert_never(self.sight)


@dataclass(frozen=True, slots=True)
class ReportRunning:
    """This was seen where `release` is recorded as live (empty: nothing is)."""

    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    sight: Sight
    digest: Digest
    shown: str
    """The version of what runs, as it names itself."""
    why: str

    @property
    def seen(self) -> Seen:
        """What was seen."""
        return Seen(self.sight, self.digest, self.shown, self.why)


@dataclass(frozen=True, slots=True)
class DriftFound:
    """What runs is not what was released: an unauthorised change. An empty digest stands for nothing."""

    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    expected: Digest
    found: Digest
    shown: str
    incident: IncidentId
    at: datetime


@dataclass(frozen=True, slots=True)
class DriftEnded:
    """What runs is again what is recorded as live."""

    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    at: datetime


@dataclass(frozen=True, slots=True)
class SightOfRunningLost:
    service: ServiceName
    environment: EnvironmentName
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SightOfRunningRegained:
    service: ServiceName
    environment: EnvironmentName
    at: datetime


@dataclass(frozen=True, slots=True)
class AdoptionAgreed:
    """One of the people it takes has said that what was found is to be recorded as live, under this name."""

    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    digest: Digest
    by: PersonId


DriftEvent = DriftFound | DriftEnded | AdoptionAgreed | SightOfRunningLost | SightOfRunningRegained
Emits = DriftEvent | IncidentEvent | DocketEvent | OutboxEvent


class DriftPhase(StrEnum):
    NONE = "none"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Drift:
    """`found` (empty: nothing) ran at `found_at` where `expected` was released; unseen since `hidden_since`, if so."""

    phase: DriftPhase = DriftPhase.NONE
    release: ReleaseId = ReleaseId("")
    expected: Digest = Digest("")
    found: Digest = Digest("")
    shown: str = ""
    found_at: datetime = NEVER
    incident: IncidentId = IncidentId("")
    hidden_since: datetime = NEVER
    why: str = ""
    count: int = 0
    """How many there were."""
    agreed: Mapping[PersonId, ReleaseId] = field(default_factory=dict)
    """Who would adopt what was found, and under which name."""

    @property
    def is_open(self) -> bool:
        """Whether something else runs there than was released."""
        return self.phase is DriftPhase.OPEN

    @property
    def is_hidden(self) -> bool:
        """Whether what runs there cannot be told."""
        return self.hidden_since != NEVER

    @property
    def words(self) -> str:
        """What was found, as a sentence names it."""
        return Seen(Sight.RUNNING if self.found else Sight.NOTHING, self.found, self.shown).words


@dataclass(frozen=True, slots=True)
class Post:
    """Where it was seen: the slot, and how bad a difference is there."""

    slot: SlotState = field(default_factory=SlotState)
    severity: Severity = Severity.MAJOR


def drift_stream(service: ServiceName, environment: EnvironmentName) -> StreamId:
    """The stream of what was seen to run in one environment."""
    return StreamId(f"drift/{service}/{environment}")


def is_at_rest(slot: SlotState) -> bool:
    """Whether nothing moves there, so that what runs can be compared."""
    return slot.kind is OccupantKind.FREE and not slot.queue


def understood(seen: Seen, slot: SlotState) -> Seen:
    """What a sight is worth there: where nothing was ever brought from here, nothing is seen of what others brought."""
    if seen.sight is not Sight.NOTHING:
        return seen
    if slot.live == NOTHING:
        return Seen(Sight.RUNNING, slot.live.digest)
    if slot.standing is LiveStanding.ADOPTED:
        why = "it was adopted, and what was not brought from here cannot be seen"
        return Seen(Sight.HIDDEN, why=why)
    return seen


def says_something_new(state: Drift, seen: Seen, live: Placed) -> bool:
    """Whether this changes what is known."""
    if seen.sight is Sight.HIDDEN:
        return not state.is_hidden
    if state.is_hidden:
        return True
    return state.is_open if _agrees(seen, live) else not (state.is_open and _is_same(state, seen, live))


def decide(state: Drift, command: ReportRunning, post: Post, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether what was seen there is news, and what it amounts to."""
    if isinstance(actor, Person):
        sentence = "only the controller compares what runs with what was released"
        return refuse("drift.robot_only", sentence, "run `interlock drive`")
    live = post.slot.live
    if not is_at_rest(post.slot) or live.release != command.release:
        return refuse("drift.moved", "something moved there meanwhile", "nothing needs doing: it is looked at again")
    seen = understood(command.seen, post.slot)
    if not says_something_new(state, seen, live):
        return refuse("drift.no_news", "that is known already", "nothing needs doing")
    return Accepted(tuple(_events(state, command, seen, post, now)))


def evolve(state: Drift, event: DriftEvent) -> Drift:
    """What is known after the event."""
    match event:
        case DriftFound():
            count = state.count if state.is_open else state.count + 1
            return replace(
                state,
                phase=DriftPhase.OPEN,
                release=event.release,
                expected=event.expected,
                found=event.found,
                shown=event.shown,
                found_at=event.at,
                incident=event.incident,
                count=count,
                agreed={},
            )
        case DriftEnded():
            return Drift(hidden_since=state.hidden_since, why=state.why, count=state.count)
        case AdoptionAgreed(release=release, by=by):
            return replace(state, agreed={**state.agreed, by: release})
        case SightOfRunningLost(_, _, why, at):
            return replace(state, hidden_since=at, why=why)
        case SightOfRunningRegained():
            return replace(state, hidden_since=NEVER, why="")
        case _:
            assert_never(event)


def _agrees(seen: Seen, live: Placed) -> bool:
    return seen.sight is Sight.RUNNING and seen.digest == live.digest


def _is_same(state: Drift, seen: Seen, live: Placed) -> bool:
    return (state.found, state.expected) == (seen.digest, live.digest)


def _events(state: Drift, command: ReportRunning, seen: Seen, post: Post, now: datetime) -> Iterator[Emitted[Emits]]:
    service, place, live = command.service, command.environment, post.slot.live
    stream = drift_stream(service, place)
    if seen.sight is Sight.HIDDEN:
        yield Emitted(stream, SightOfRunningLost(service, place, seen.why, now))
        return
    if state.is_hidden:
        yield Emitted(stream, SightOfRunningRegained(service, place, now))
    if _agrees(seen, live):
        if state.is_open:
            yield Emitted(stream, DriftEnded(service, place, live.release, now))
        return
    if state.is_open and _is_same(state, seen, live):
        return
    number = state.count if state.is_open else state.count + 1
    incident = state.incident if state.is_open else IncidentId(f"{service}/{place}/drift-{number}")
    yield Emitted(
        stream,
        DriftFound(service, place, live.release, live.digest, seen.digest, seen.version, incident, now),
    )
    what = live.release or "nothing"
    summary = f"an unauthorised change: {seen.words} runs in {place}, where {what} was released"
    if not state.is_open:
        by, suspect = "robot:controller", Suspect.STRANGER
        opened = IncidentOpened(
            incident, service, place, live.release, post.severity, summary, by, now, suspect=suspect
        )
        yield from listed(opened)
    key = EffectKey(f"{incident}/{seen.digest[-12:] or 'nothing'}")
    title = f"{place}: what runs was not released"
    yield due(service, key, Tone.FAILURE, title, summary)
