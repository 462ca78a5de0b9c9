# SPDX-License-Identifier: Apache-2.0
"""Making a release of every new head of a branch, where the procedure says so.

Whatever is in the way is recorded once, so that people see why nothing comes; it is tried again at the next look.
"""

from dataclasses import dataclass

from interlock.domain.delivery import DeliverHead, Deliveries, ReportObstacle, SeeHead, delivery_stream
from interlock.domain.ids import ServiceName
from interlock.ports.failure import PortFailure
from interlock.service.compose import Unfit
from interlock.service.handle import Declined
from interlock.workflows.recording import Progress, Recorder
from interlock.workflows.workshop import Workshop

_SENTENCE = 200
"""How much of what is in the way is recorded."""
NO_OBSTACLE = ""


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Delivers for one controller."""

    recorder: Recorder
    workshop: Workshop

    def look(self, service: ServiceName) -> Progress:
        """Read the head of the branch; if it is new, make a release of it."""
        gatherer = self.recorder.gatherer()
        governance = gatherer.in_force(service)
        if governance is None:
            return Progress.IDLE
        view, branch = gatherer.view, governance.procedure.delivery.branch
        state = view.deliveries(service)
        try:
            head = self.workshop.head(view, view.service(service).in_force, branch)
        except PortFailure as fault:
            return self._report(service, state, fault.sentence)
        if (branch, head) != (state.head.branch, state.head.commit):
            seen = self.recorder.record(delivery_stream(service), SeeHead(service, branch, head))
            return Progress.IDLE if isinstance(seen, Declined) else self._deliver(service)
        if not state.release:
            return self._deliver(service)
        return self._report(service, state, NO_OBSTACLE)

    def _deliver(self, service: ServiceName) -> Progress:
        """Make it from the repository as it is at that commit. It is named after it, so a repeat is the same."""
        gatherer = self.recorder.gatherer()
        state = gatherer.view.deliveries(service)
        try:
            draft = self.workshop.draft(gatherer, self.recorder.desk.store, service, state.head)
        except Unfit as fault:
            return self._report(service, state, fault.text.partition("\n")[0])
        except PortFailure as fault:
            return self._report(service, state, fault.sentence)
        command = DeliverHead(service, draft.command)
        outcome = self.recorder.record(delivery_stream(service), command, (draft.rollback_plan,))
        if isinstance(outcome, Declined):
            reason = next((one.sentence for one in outcome.reasons), "the ledger refuses it again and again")
            return self._report(service, state, reason)
        return Progress.MOVED

    def _report(self, service: ServiceName, state: Deliveries, sentence: str) -> Progress:
        if sentence[:_SENTENCE] == state.obstacle:
            return Progress.IDLE
        return self.recorder.moved(delivery_stream(service), ReportObstacle(service, sentence[:_SENTENCE]))
