# SPDX-License-Identifier: Apache-2.0
"""Asking a deployer what runs, and recording it where it is not what was released.

That it cannot be told is recorded as just that: nothing is taken for agreement.
"""

from dataclasses import dataclass
from functools import partial
from typing import assert_never

from interlock.domain.drift import ReportRunning, Seen, Sight, drift_stream, is_at_rest, says_something_new, understood
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.slot import SlotState
from interlock.ports.deploy import CannotTell, NothingRuns, Presence, Running
from interlock.ports.failure import PortFailure
from interlock.service.handle import Declined
from interlock.service.view import View
from interlock.workflows.aside import Asking, NotYet
from interlock.workflows.recording import Recorder
from interlock.workflows.workshop import Workshop

_WHY = 200
"""How much of why it cannot be told is recorded."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Nothing new."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """This is news if it is seen a second time."""

    seen: Seen


@dataclass(frozen=True, slots=True)
class Noted:
    """It is recorded."""


@dataclass(frozen=True, slots=True)
class Comparer:
    """Looks for one controller."""

    recorder: Recorder
    workshop: Workshop
    asking: Asking

    def look(
        self, service: ServiceName, environment: EnvironmentName, before: Seen | None = None
    ) -> Agreed | Suspected | Noted | NotYet:
        """Compare what runs there. `before` is what was seen at the first look, if this is the second."""
        view = self.recorder.desk.view()
        slot, known = view.slot(service, environment), view.drift(service, environment)
        if not is_at_rest(slot):
            return Agreed()
        there = self._seen(view, service, environment, slot)
        if isinstance(there, NotYet):
            return there
        seen = understood(there, slot)
        if not says_something_new(known, seen, slot.live):
            return Agreed()
        is_good_news = seen.sight is Sight.RUNNING and seen.digest == slot.live.digest
        if not is_good_news and seen != before:
            return Suspected(seen)
        command = ReportRunning(
            service, environment, slot.live.release, seen.sight, seen.digest, seen.version, seen.why[:_WHY]
        )
        outcome = self.recorder.record(drift_stream(service, environment), command)
        return Agreed() if isinstance(outcome, Declined) else Noted()

    def _seen(self, view: View, service: ServiceName, environment: EnvironmentName, slot: SlotState) -> Seen | NotYet:
        ref = view.service(service).in_force
        try:
            deployer = self.workshop.deployer(view, ref, environment, slot.live.lane)
            place = f"{service}/{environment}"
            there = self.asking.answer(place, place, partial(deployer.running, service, environment))
        except PortFailure as fault:
            return Seen(Sight.HIDDEN, why=fault.sentence[:_WHY])
        return there if isinstance(there, NotYet) else _as_seen(there)


def _as_seen(there: Presence) -> Seen:
    match there:
        case Running(digest, version):
            return Seen(Sight.RUNNING, digest, version)
        case NothingRuns():
            return Seen(Sight.NOTHING)
        case CannotTell(why):
            return Seen(Sight.HIDDEN, why=why[:_WHY])
        case _:
            assert_never(there)
