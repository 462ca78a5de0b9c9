# SPDX-License-Identifier: Apache-2.0
"""The slot of one service in one environment: what is live there, what was good there, and whose turn it is.

1. One exposure at a time: a promotion or a rollback occupies the slot; further promotions queue in order.
2. An emergency goes before everything that is none; what it pre-empts is first returned to the last good release.
3. A release is good once it was live and verified here, under whatever governance was active then (I7).
4. Adopting records what ran before Interlock came. It is possible once, on an empty slot, by a signed person (I1).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.artifact import Artifact, release_digest
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import Digest, EnvironmentName, PersonId, ReleaseId, ServiceName, StreamId
from interlock.domain.release import Release, ReleaseAdopted, ReleasePhase, release_stream

NOBODY = ""
"""The occupant of a free slot."""


class OccupantKind(StrEnum):
    FREE = "free"
    PROMOTION = "promotion"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class AdoptRunning:
    """Record that this runs here since before Interlock; `observed` says what the deployer could confirm of it."""

    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    version: str
    artifacts: tuple[Artifact, ...]
    commit: str
    observed: str


@dataclass(frozen=True, slots=True)
class RunningAdopted:
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    digest: Digest
    observed: str
    by: PersonId


@dataclass(frozen=True, slots=True)
class SlotQueued:
    promotion: str
    release: ReleaseId
    ahead: str
    """`""` to join at the end, else the promotion to stand in front of."""
    kind: ChangeKind = ChangeKind.NORMAL


@dataclass(frozen=True, slots=True)
class SlotLeft:
    """A queued promotion gave up its place."""

    promotion: str


@dataclass(frozen=True, slots=True)
class SlotOccupied:
    kind: OccupantKind
    occupant: str
    release: ReleaseId


@dataclass(frozen=True, slots=True)
class LiveChanged:
    """From here on this is what runs, or is being made to run; not yet good."""

    release: ReleaseId
    digest: Digest


@dataclass(frozen=True, slots=True)
class LiveVerified:
    """What is live has proven itself here and may be rolled back to."""

    release: ReleaseId
    digest: Digest


@dataclass(frozen=True, slots=True)
class SlotFreed:
    occupant: str


SlotEvent = RunningAdopted | SlotQueued | SlotLeft | SlotOccupied | LiveChanged | LiveVerified | SlotFreed


@dataclass(frozen=True, slots=True)
class Placed:
    release: ReleaseId
    digest: Digest


NOTHING = Placed(ReleaseId(""), Digest(""))
"""Nothing is known to be live."""


@dataclass(frozen=True, slots=True)
class Queued:
    promotion: str
    release: ReleaseId
    kind: ChangeKind = ChangeKind.NORMAL


@dataclass(frozen=True, slots=True)
class SlotState:
    """`good` holds what was live and verified here, newest last, each release once."""

    live: Placed = NOTHING
    good: tuple[Placed, ...] = ()
    kind: OccupantKind = OccupantKind.FREE
    occupant: str = NOBODY
    occupying: ReleaseId = ReleaseId("")
    queue: tuple[Queued, ...] = ()
    turns: int = 0
    """How many promotions and rollbacks ever asked for the slot; the next one's number is one more."""


def slot_stream(service: ServiceName, environment: EnvironmentName) -> StreamId:
    """The stream of one service in one environment."""
    return StreamId(f"slot/{service}/{environment}")


def decide(
    state: SlotState, command: AdoptRunning, release: Release, actor: Actor
) -> Decision[SlotEvent | ReleaseAdopted]:
    """Whether what runs may be adopted. `release` is the state of the release id it would get."""
    if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
        return refuse("adopt.unsigned", "what runs is adopted by a signed person", "sign with a registered key")
    if state.live != NOTHING or state.kind is not OccupantKind.FREE:
        return refuse(
            "adopt.not_empty",
            f"{command.environment} is governed already: '{state.live.release or state.occupying}' is recorded there",
            "what comes next is promoted, not adopted",
        )
    digest = release_digest(command.artifacts)
    if release.phase not in {ReleasePhase.ABSENT, ReleasePhase.ADOPTED} or release.digest not in {Digest(""), digest}:
        return refuse(
            "adopt.version_taken",
            f"release '{command.release}' exists with other content",
            "adopt it under another version",
        )
    events: list[Emitted[SlotEvent | ReleaseAdopted]] = []
    if release.phase is ReleasePhase.ABSENT:
        adopted = ReleaseAdopted(
            command.release, command.service, command.version, command.artifacts, command.commit, actor.id
        )
        events.append(Emitted(release_stream(command.release), adopted))
    running = RunningAdopted(command.service, command.environment, command.release, digest, command.observed, actor.id)
    events.append(Emitted(slot_stream(command.service, command.environment), running))
    return Accepted(tuple(events))


def evolve(state: SlotState, event: SlotEvent) -> SlotState:
    """The slot after the event."""
    match event:
        case RunningAdopted(release=release, digest=digest):
            placed = Placed(release, digest)
            return replace(state, live=placed, good=_with(state.good, placed))
        case SlotQueued():
            return replace(state, queue=_queued(state.queue, event), turns=state.turns + 1)
        case SlotLeft(promotion):
            return replace(state, queue=_without(state.queue, promotion))
        case SlotOccupied(kind, occupant, release):
            queue = _without(state.queue, occupant)
            turns = state.turns + (1 if queue == state.queue else 0)
            good = _left(state, release) if kind is OccupantKind.ROLLBACK else state.good
            return replace(state, good=good, kind=kind, occupant=occupant, occupying=release, queue=queue, turns=turns)
        case LiveChanged(release, digest):
            return replace(state, live=Placed(release, digest))
        case LiveVerified(release, digest):
            return replace(state, good=_with(state.good, Placed(release, digest)))
        case SlotFreed():
            return replace(state, kind=OccupantKind.FREE, occupant=NOBODY, occupying=ReleaseId(""))
        case _:
            assert_never(event)


def _left(state: SlotState, target: ReleaseId) -> tuple[Placed, ...]:
    """What was good, without what a rollback to `target` leaves."""
    return tuple(good for good in state.good if good.release == target or good.digest != state.live.digest)


def _queued(queue: tuple[Queued, ...], event: SlotQueued) -> tuple[Queued, ...]:
    entry = Queued(event.promotion, event.release, event.kind)
    place = next((at for at, other in enumerate(queue) if other.promotion == event.ahead), len(queue))
    return (*queue[:place], entry, *queue[place:])


def _without(queue: tuple[Queued, ...], promotion: str) -> tuple[Queued, ...]:
    return tuple(other for other in queue if other.promotion != promotion)


def _with(good: tuple[Placed, ...], placed: Placed) -> tuple[Placed, ...]:
    return (*(other for other in good if other != placed), placed)
