# SPDX-License-Identifier: Apache-2.0
"""Looking at what nobody reports: what runs in each environment, and the head of a branch that is delivered by itself.

1. Everything else comes first: a round is walked when nothing is due.
2. When something was looked at last is remembered here and nowhere else; whoever has forgotten it looks again.
3. What speaks against an environment is looked at twice before it is recorded: a process that is just being started
   again is no unauthorised change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.drift import Seen, is_at_rest
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance
from interlock.domain.trunk import UNDELIVERED
from interlock.ledger.codec import Undecodable
from interlock.service.gather import Gatherer, Ungoverned
from interlock.workflows.aside import Asking, AtOnce, NotYet
from interlock.workflows.comparing import Comparer, Noted, Suspected
from interlock.workflows.delivering import Deliverer
from interlock.workflows.recording import Progress, Recorder
from interlock.workflows.workshop import Workshop

AGAIN: Final = timedelta(seconds=2)
"""After how long what speaks against an environment is looked at a second time."""
SOON: Final = timedelta(seconds=0.25)
"""After how long an answer that was not there yet is looked for again."""
NAP: Final = timedelta(seconds=1)
"""How long nobody asks what there is to look at: it would mean to go through every environment at every step."""
TRUNK: Final = EnvironmentName("")
"""In place of an environment: the branch that is delivered."""

Place = tuple[ServiceName, EnvironmentName]


@dataclass(frozen=True, slots=True)
class Walked:
    """What a round came to, when a second look is due, and when the next round is."""

    progress: Progress
    again_at: tuple[datetime, ...] = ()
    next_at: tuple[datetime, ...] = ()


@dataclass(slots=True)
class Rounds:
    """When each place is looked at next, and what was seen there once."""

    next: dict[Place, datetime] = field(default_factory=dict)
    suspected: dict[Place, Seen] = field(default_factory=dict)
    asleep_until: datetime = NEVER
    last: Walked = Walked(Progress.IDLE)
    asking: Asking = AtOnce()

    def walk(self, recorder: Recorder, workshop: Workshop, services: tuple[ServiceName, ...]) -> Walked:
        """Look at everything whose time has come. Raises `Unavailable` when the ledger cannot be written."""
        now = recorder.clock.now()
        if now < self.asleep_until <= now + NAP:
            return self.last
        gatherer = recorder.gatherer()
        places = tuple(found for service in services for found in _places(gatherer, service))
        came = [
            self._look(place, every, recorder, workshop)
            for place, every in places
            if not now < self.next.get(place, now) <= now + every
        ]
        again = tuple(self.next[place] for place, _ in places if place in self.suspected)
        later = tuple(self.next[place] for place, _ in places if place not in self.suspected)
        self.last = Walked(Progress.IDLE, again, later)
        self.asleep_until = min((*again, *later, now + NAP))
        return replace(self.last, progress=Progress.MOVED) if Progress.MOVED in came else self.last

    def _look(self, place: Place, every: timedelta, recorder: Recorder, workshop: Workshop) -> Progress:
        service, environment = place
        pause, progress = every, Progress.IDLE
        if environment == TRUNK:
            progress = Deliverer(recorder, workshop).look(service)
        else:
            match Comparer(recorder, workshop, self.asking).look(service, environment, self.suspected.get(place)):
                case Suspected(seen):
                    self.suspected[place] = seen
                    pause = min(AGAIN, every)
                case NotYet():
                    pause = min(SOON, every)
                case came:
                    self.suspected.pop(place, None)
                    progress = Progress.MOVED if isinstance(came, Noted) else Progress.IDLE
        self.next[place] = recorder.clock.now() + pause
        return progress


def _places(gatherer: Gatherer, service: ServiceName) -> Iterator[tuple[Place, timedelta]]:
    """What there is to look at, and how often; nothing where rules cannot be read or something moves."""
    try:
        governance = gatherer.in_force(service)
    except (Ungoverned, Undecodable):
        return
    if governance is None:
        return
    yield from _trunk(service, governance)
    for one in governance.procedure.environments:
        if is_at_rest(gatherer.view.slot(service, one.name)):
            yield (service, one.name), governance.looks.at_running(one.name)


def _trunk(service: ServiceName, governance: Governance) -> Iterator[tuple[Place, timedelta]]:
    if governance.procedure.delivery != UNDELIVERED:
        yield (service, TRUNK), governance.looks.head
