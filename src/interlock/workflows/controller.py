# SPDX-License-Identifier: Apache-2.0
"""The controller: ask what the world needs now, do it, record what came of it, ask again.

1. Nothing is remembered between steps that does not follow from the ledger; killed at any point it goes on from there
   (I10).
2. Everything due is done in order of urgency, and what may take long is done beside the steps (`aside`), so that no
   message and no check ever stands before what saves.
3. It tells nobody that something is so; it only makes the ledger and the world agree.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from interlock.domain.action import Deadline, WakeAt
from interlock.domain.ids import ServiceName
from interlock.ports.clock import Clock
from interlock.ports.failure import Unavailable
from interlock.ports.store import LedgerStore
from interlock.service.agenda import Due, Lulls
from interlock.service.handle import Desk
from interlock.workflows.aside import Asking, AtOnce
from interlock.workflows.keeper import Keeper
from interlock.workflows.perform import Performer
from interlock.workflows.recording import Progress, Recorder
from interlock.workflows.rounds import Rounds
from interlock.workflows.workshop import Workshop

_SERVICES = "service/"


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing moved: look again when an effect may have ended (`pending`), or at `wake_at`, or when woken.

    At `look_at` the world is looked at again, though nothing is awaited then. People have until `deadlines`.
    """

    pending: int
    wake_at: tuple[datetime, ...]
    look_at: tuple[datetime, ...] = ()
    deadlines: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """Something was recorded or started: ask again at once."""

    due: tuple[Due, ...]


Step = Rest | Moved


@dataclass(frozen=True, slots=True)
class Controller:
    """Moves every service of one ledger."""

    desk: Desk
    workshop: Workshop
    clock: Clock
    keeper: Keeper
    lulls: Lulls = field(default_factory=Lulls)
    rounds: Rounds = field(default_factory=Rounds)
    asking: Asking = AtOnce()

    def step(self) -> Step:
        """Do everything that is due now, once. Raises `Unavailable` when the ledger did not take what came of it."""
        due = self.due()
        performer = Performer(Recorder(self.desk, self.clock), self.workshop, self.keeper, self.asking)
        progress = [(one, self._perform(performer, one)) for one in due]
        if any(came is Progress.UNRECORDED for _, came in progress):
            raise Unavailable("ledger.unwritten", "the ledger cannot be written", "see what the store says about it")
        self.keeper.comes_through()
        moved = tuple(one for one, came in progress if came is Progress.MOVED)
        if moved:
            return Moved(moved)
        pending = sum(1 for _, came in progress if came is Progress.PENDING)
        wakes = tuple(sorted(one.action.at for one, _ in progress if isinstance(one.action, WakeAt)))
        deadlines = tuple(sorted(one.action.at for one, _ in progress if isinstance(one.action, Deadline)))
        walked = self.rounds.walk(Recorder(self.desk, self.clock), self.workshop, services(self.desk.store))
        if walked.progress is Progress.MOVED:
            return Moved(())
        return Rest(pending, tuple(sorted((*wakes, *walked.again_at))), walked.next_at, deadlines)

    def _perform(self, performer: Performer, one: Due) -> Progress:
        came = performer.perform(one.service, one.action)
        if came is Progress.UNRECORDED:
            self.keeper.stumbles()
        self.keeper.works()
        return came

    def due(self) -> tuple[Due, ...]:
        """Everything due now, most urgent first."""
        store, now = self.desk.store, Recorder(self.desk, self.clock).gatherer()
        return self.lulls.agenda(
            store, lambda: replace(now, view=self.desk.view()), services(store), self.keeper.holder
        )


def services(store: LedgerStore) -> tuple[ServiceName, ...]:
    """Every service the ledger knows."""
    return tuple(ServiceName(stream.removeprefix(_SERVICES)) for stream in store.streams(_SERVICES))
