# SPDX-License-Identifier: Apache-2.0
"""What an incident needs of the world: that it goes back, the steps that follow, clocks that ran out, messages.

1. Going back withdraws what is exposed before anything is recorded, as every rollback does.
2. A step is run as a check is, under the key of its try; that it failed is recorded and told, and holds nothing up.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, assert_never

from interlock.domain.action import Announce, Attending, GoBack, NoteArrived, NoteMissed, NoteRestored, PerformStep
from interlock.domain.answering import ReportStuck
from interlock.domain.duty import ConcludeStep, StepOutcome
from interlock.domain.ids import EffectKey, IncidentId, digest_of
from interlock.domain.incident import IncidentCommand, MissClock, ReportRestored, incident_stream
from interlock.domain.telling import ReportArrived, SendNotice
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Lost, Pending, Reading
from interlock.ports.failure import Rejected
from interlock.service.handle import Done
from interlock.workflows.aside import Asking, AtOnce
from interlock.workflows.going_back import GoingBack
from interlock.workflows.keeper import Keeper
from interlock.workflows.recording import Progress, Recorder
from interlock.workflows.workshop import Workshop

_OUTCOMES: Final = {Verdict.PASS: StepOutcome.DONE, Verdict.FAIL: StepOutcome.FAILED}
"""What an answer of a step's program means; everything else is none."""


@dataclass(frozen=True, slots=True)
class Attendant:
    """Sees to incidents for one controller."""

    recorder: Recorder
    workshop: Workshop
    keeper: Keeper
    asking: Asking = AtOnce()

    def perform(self, action: Attending) -> Progress:
        """Do it, and record what came of it."""
        match action:
            case GoBack(incident):
                return self._go_back(incident)
            case PerformStep():
                return self._step(action)
            case NoteMissed(incident, clock):
                return self._record(MissClock(incident, clock))
            case NoteArrived(incident, notice, number):
                return self._record(ReportArrived(incident, notice, number))
            case NoteRestored(incident):
                return self._record(ReportRestored(incident))
            case Announce(incident, notice):
                return self._record(SendNotice(incident, notice, ()))
            case _:
                assert_never(action)

    def _go_back(self, incident: IncidentId) -> Progress:
        outcome = GoingBack(self.recorder, self.workshop, self.keeper).answer(incident)
        if isinstance(outcome, Done):
            return Progress.MOVED
        stuck = next((one for one in outcome.reasons if one.code == "rollback.no_target"), None)
        return self._record(ReportStuck(incident, stuck.sentence)) if stuck else Progress.PENDING

    def _step(self, action: PerformStep) -> Progress:
        if self.asking.is_waiting(action.key, action.key):
            return Progress.PENDING
        view = self.recorder.desk.view()
        state = view.incident(action.incident)
        release, ref = view.release(action.release), view.service(state.service).in_force
        lane = view.slot(state.service, state.environment).live.lane
        try:
            request = self.workshop.check_request(view, ref, release, state.environment, action.step, lane)
            program = self.workshop.checker(view, ref, state.environment, action.step)
            seen = self.asking.answer(action.key, action.key, partial(seen_of, program, request, action.key))
        except Rejected as fault:
            return self._stepped(action, StepOutcome.SILENT, f"{fault.code}: {fault.sentence}", b"")
        if not isinstance(seen, Reading):
            return Progress.PENDING
        return self._stepped(action, _OUTCOMES.get(seen.verdict, StepOutcome.SILENT), seen.summary, seen.report)

    def _stepped(self, action: PerformStep, outcome: StepOutcome, detail: str, report: bytes) -> Progress:
        command = ConcludeStep(action.incident, action.duty, action.key, outcome, detail[:200], digest_of(report))
        return self._record(command, (report,))

    def _record(self, command: IncidentCommand, blobs: tuple[bytes, ...] = ()) -> Progress:
        return self.recorder.moved(incident_stream(command.incident), command, blobs)


def seen_of(checker: Checker, request: CheckRequest, key: EffectKey) -> Pending | Reading | Lost:
    """How a check is doing that is started if nobody knows of it."""
    seen = checker.observe(request, key)
    if isinstance(seen, Lost):
        checker.start(request, key)
        seen = checker.observe(request, key)
    return seen
