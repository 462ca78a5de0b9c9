# SPDX-License-Identifier: Apache-2.0
"""The slot of one service in one environment: what is live there, what was good there, and whose turn it is.

1. One exposure at a time: a promotion or a rollback occupies the slot; further promotions queue in order.
2. An emergency goes before everything that is none; what it pre-empts is first returned to the last good release.
3. A release is good once it was live and verified here, under whatever governance was active then (I7).
4. What ran before Interlock came, or was found to run instead of what was released, is adopted (`adopting`, I1).
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from interlock.domain.artifact import Artifact
from interlock.domain.change import ChangeKind
from interlock.domain.ids import Digest, EnvironmentName, PersonId, ReleaseId, ServiceName, StreamId
from interlock.domain.once import Once
from interlock.domain.traffic import Lane

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
    lane: Lane = Lane.A


@dataclass(frozen=True, slots=True)
class LaneTaken:
    """From here on this stands, or is being made to stand, in the lane beside what is live."""

    release: ReleaseId
    digest: Digest
    lane: Lane


@dataclass(frozen=True, slots=True)
class LiveVerified:
    """What is live has proven itself here and may be rolled back to."""

    release: ReleaseId
    digest: Digest


@dataclass(frozen=True, slots=True)
class SlotFreed:
    occupant: str


SlotEvent = RunningAdopted | SlotQueued | SlotLeft | SlotOccupied | LiveChanged | LaneTaken | LiveVerified | SlotFreed


@dataclass(frozen=True, slots=True)
class Placed:
    """`lane` is where it stood last; two that differ in nothing else are the same."""

    release: ReleaseId
    digest: Digest
    lane: Lane = field(default=Lane.A, compare=False)


NOTHING = Placed(ReleaseId(""), Digest(""))
"""Nothing is known to be live."""


class LiveStanding(StrEnum):
    """What is known of what is live: nothing, that somebody said it ran before, or that it has proven itself here."""

    UNPROVEN = "unproven"
    ADOPTED = "adopted"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What was never proven here, and who said that it ran."""

    placed: Placed
    by: PersonId


NO_WORD = Vouched(NOTHING, PersonId(""))
"""Nothing is good here on somebody's word."""


@dataclass(frozen=True, slots=True)
class Queued:
    promotion: str
    release: ReleaseId
    kind: ChangeKind = ChangeKind.NORMAL


@dataclass(frozen=True, slots=True)
class SlotState:
    """`good` holds what was adopted, or was live and verified here, newest last, each release once."""

    live: Placed = NOTHING
    beside: Placed = NOTHING
    """What stands in the other lane, where there are two: a candidate, or what was live before."""
    candidate: Placed = NOTHING
    """What the occupant has put beside what is live, until that is live itself."""
    good: tuple[Placed, ...] = ()
    kind: OccupantKind = OccupantKind.FREE
    occupant: str = NOBODY
    occupying: ReleaseId = ReleaseId("")
    queue: tuple[Queued, ...] = ()
    vouched: Vouched = NO_WORD
    """What of `good` was adopted, until it is verified like everything else."""
    changes: int = 0
    """How often something else became live; it only grows, so what was said of what was live before stays over."""

    @property
    def standing(self) -> LiveStanding:
        """What is known of what is live."""
        if self.live not in self.good:
            return LiveStanding.UNPROVEN
        return LiveStanding.ADOPTED if self.live == self.vouched.placed else LiveStanding.VERIFIED


def slot_stream(service: ServiceName, environment: EnvironmentName) -> StreamId:
    """The stream of one service in one environment."""
    return StreamId(f"slot/{service}/{environment}")


def evolve(state: SlotState, event: SlotEvent) -> SlotState:
    """The slot after the event."""
    match event:
        case RunningAdopted(release=release, digest=digest, by=by):
            placed = Placed(release, digest, state.live.lane)
            good, vouched = _with(state.good, placed), Vouched(placed, by)
            return replace(state, live=placed, good=good, vouched=vouched, changes=_changes(state, digest))
        case SlotQueued():
            return replace(state, queue=_queued(state.queue, event))
        case SlotLeft(promotion):
            return replace(state, queue=_without(state.queue, promotion))
        case SlotOccupied(kind, occupant, release):
            before = _left(state, release) if kind is OccupantKind.ROLLBACK else state
            queue = _without(state.queue, occupant)
            return replace(before, kind=kind, occupant=occupant, occupying=release, queue=queue, candidate=NOTHING)
        case LiveChanged() | LaneTaken() | LiveVerified():
            return _placed(state, event)
        case SlotFreed():
            nobody = ReleaseId("")
            return replace(state, kind=OccupantKind.FREE, occupant=NOBODY, occupying=nobody, candidate=NOTHING)
        case _:
            assert_never(event)


def _placed(state: SlotState, event: LiveChanged | LaneTaken | LiveVerified) -> SlotState:
    match event:
        case LiveChanged(release, digest, lane):
            other = state.beside if lane is state.live.lane else state.live
            beside = NOTHING if other.lane is lane else other
            live, changes = Placed(release, digest, lane), _changes(state, digest)
            return replace(state, live=live, beside=beside, candidate=NOTHING, changes=changes)
        case LaneTaken(release, digest, lane):
            placed = Placed(release, digest, lane)
            return replace(state, beside=placed, candidate=placed)
        case LiveVerified(release, digest):
            placed = Placed(release, digest, state.live.lane)
            vouched = NO_WORD if placed == state.vouched.placed else state.vouched
            return replace(state, good=_with(state.good, placed), vouched=vouched)
        case _:
            assert_never(event)


def _changes(state: SlotState, digest: Digest) -> int:
    return state.changes if digest == state.live.digest else state.changes + 1


def _left(state: SlotState, target: ReleaseId) -> SlotState:
    """Without what a rollback to `target` leaves: it is not good any more, and nobody counts on it in its lane."""
    is_whole = state.candidate == NOTHING or target != state.live.release
    left = state.live if is_whole else state.candidate
    good = tuple(good for good in state.good if good.release == target or good.digest != left.digest)
    return replace(state, good=good, beside=state.beside if is_whole else NOTHING)


def _queued(queue: tuple[Queued, ...], event: SlotQueued) -> tuple[Queued, ...]:
    entry = Queued(event.promotion, event.release, event.kind)
    place = next((at for at, other in enumerate(queue) if other.promotion == event.ahead), len(queue))
    return (*queue[:place], entry, *queue[place:])


def _without(queue: tuple[Queued, ...], promotion: str) -> tuple[Queued, ...]:
    return tuple(other for other in queue if other.promotion != promotion)


def _with(good: tuple[Placed, ...], placed: Placed) -> tuple[Placed, ...]:
    return Once.of(good).and_last(placed)
