# SPDX-License-Identifier: Apache-2.0
"""How the controller records: a command named after the stream it moves and where that stands.

A repeat after a crash is therefore the same command. What was refused there before was refused as things stood then;
it is asked anew under the next name.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import count

from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import CommandId, EnvironmentName, PromotionId, StreamId
from interlock.domain.release import Release
from interlock.domain.slot import OccupantKind
from interlock.domain.traffic import Lane
from interlock.ledger.codec import Command
from interlock.ports.clock import Clock
from interlock.ports.failure import Unavailable
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer
from interlock.service.handle import Declined, Desk, Done
from interlock.service.view import View


class Progress(StrEnum):
    """What one action came to."""

    MOVED = "moved"
    """Something was recorded or started: ask again at once."""
    PENDING = "pending"
    """An effect is under way: look again soon."""
    IDLE = "idle"
    """Nothing to do about it now."""
    UNRECORDED = "unrecorded"
    """The ledger could not be written, so nothing came of it."""


class Unrecorded(Unavailable):
    """The ledger itself did not answer. Who exposes something must not go on for long without it."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Hands in the controller's own commands."""

    desk: Desk
    clock: Clock

    def record(self, stream: StreamId, command: Command, blobs: tuple[bytes, ...] = ()) -> Done | Declined:
        """Decide and record it now. Raises `Unrecorded`."""
        try:
            return self._record(stream, command, blobs)
        except Unavailable as fault:
            raise Unrecorded(fault.code, fault.sentence, fault.next_step) from fault

    def moved(self, stream: StreamId, command: Command, blobs: tuple[bytes, ...] = ()) -> Progress:
        """Decide and record it. What is refused is looked at again, and not at once: PENDING. Raises `Unrecorded`."""
        return Progress.MOVED if isinstance(self.record(stream, command, blobs), Done) else Progress.PENDING

    def _record(self, stream: StreamId, command: Command, blobs: tuple[bytes, ...]) -> Done | Declined:
        """Each refusal for a new reason has its own id; one for reasons that were given before leaves no record."""
        read = self.desk.remembered.position(stream)
        position = read + len(self.desk.store.stream(stream, after=read))
        name = f"{stream}/{position}/{type(command).__name__}"
        one, known = CommandId(name), frozenset[str]()
        for again in count(2):
            refused = self.desk.refusal_of(one)
            if not refused:
                break
            one, known = CommandId(f"{name}/{again}"), known | {reason.code for reason in refused}
        return self.desk.perform(command, one, self.clock.now(), blobs, known=known)

    def has_passed(self, stream: StreamId, span: timedelta) -> bool:
        """Whether what was recorded last in a stream, which has a record, is at least so long ago."""
        *_, last = self.desk.store.stream(stream)
        return self.clock.now() >= last.time + span

    def gatherer(self) -> Gatherer:
        """Everything as it stands now."""
        facts = Gathered(self.desk.store.head().latest, self.desk.calendar)
        return Gatherer(self.desk.view(), self.desk.library, facts, self.clock.now())


def pinned(view: View, release: Release) -> tuple[GovernanceRef, Release]:
    """The governance whose bindings check and deploy the release, and the release."""
    service = view.service(release.service)
    return service.approved.get(release.governance, service.in_force), release


def lane_of(view: View, release: Release, environment: EnvironmentName) -> Lane:
    """Where the release stands in an environment: beside what is live while it is promoted, else where that is."""
    slot = view.slot(release.service, environment)
    if slot.kind is OccupantKind.PROMOTION and slot.occupying == release.id:
        return view.promotion(PromotionId(slot.occupant)).lane
    return slot.live.lane
