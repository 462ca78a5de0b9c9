# SPDX-License-Identifier: Apache-2.0
"""The controller: ask what the world needs now, do it, record what came of it, ask again.

1. Nothing is remembered between steps that is not in the ledger; killed at any point it goes on from there (I10).
2. Everything due is done in order of urgency, so a message never stands before what saves.
3. It tells nobody that something is so; it only makes the ledger and the world agree.
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.domain.action import WakeAt
from interlock.domain.ids import ServiceName
from interlock.ports.clock import Clock
from interlock.ports.store import LedgerStore
from interlock.service.agenda import Due, agenda
from interlock.service.facts import Facts, Recorded
from interlock.service.gather import Gatherer
from interlock.service.handle import Desk
from interlock.workflows.perform import Performer, Progress
from interlock.workflows.workshop import Workshop

_SERVICES = "service/"


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing moved: look again when an effect may have ended (`pending`), or at `wake_at`, or when woken."""

    pending: int
    wake_at: tuple[datetime, ...]


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

    def step(self) -> Step:
        """Do everything that is due now, once."""
        due = self.due()
        performer = Performer(self.desk, self.workshop, self.clock)
        progress = [(one, performer.perform(one.service, one.action)) for one in due]
        moved = tuple(one for one, came in progress if came is Progress.MOVED)
        if moved:
            return Moved(moved)
        pending = sum(1 for _, came in progress if came is Progress.PENDING)
        wakes = tuple(sorted(one.action.at for one, _ in progress if isinstance(one.action, WakeAt)))
        return Rest(pending, wakes)

    def due(self) -> tuple[Due, ...]:
        """Everything due now, most urgent first."""
        now = self.clock.now()
        facts = Recorded(Facts(self.desk.store.head().latest))
        gatherer = Gatherer(self.desk.view(), self.desk.library, facts, now)
        return agenda(gatherer, services(self.desk.store))


def services(store: LedgerStore) -> tuple[ServiceName, ...]:
    """Every service the ledger knows."""
    return tuple(ServiceName(stream.removeprefix(_SERVICES)) for stream in store.streams(_SERVICES))
