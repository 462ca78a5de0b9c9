# SPDX-License-Identifier: Apache-2.0
"""Writing the records of what has ended into the service's repository, and putting them before people.

Nothing waits for it. What fails is recorded, tried again a bounded number of times, and then left to people.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from interlock.domain.action import CommitRecords, Keeping, ProposeRecords
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import EffectKey, ServiceName
from interlock.domain.journal import (
    Ended,
    Ending,
    Follow,
    JournalCommand,
    ReportCommitted,
    ReportProposed,
    ReportSetback,
    journal_stream,
)
from interlock.ledger.codec import Undecodable
from interlock.packs.keeping import RecordsSpec
from interlock.ports.failure import PortFailure, Rejected
from interlock.ports.journal import NotProposed, ProposalFailed, Proposed, Proposing
from interlock.service.filing import Office
from interlock.service.gather import Ungoverned
from interlock.service.handle import Done
from interlock.service.view import View
from interlock.workflows.aside import Asking, AtOnce, NotYet
from interlock.workflows.recording import Progress, Recorder
from interlock.workflows.workshop import Workshop

_DETAIL: Final = 200
"""How much of why it failed is recorded."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Keeps the records of one service after another."""

    recorder: Recorder
    workshop: Workshop
    asking: Asking = AtOnce()

    def perform(self, service: ServiceName, action: Keeping) -> Progress:
        """Do it, and record what came of it; PENDING while a program is still asking, or it is being pushed."""
        if self.asking.is_waiting(_line(service), action.key):
            return Progress.PENDING
        outcome = self._outcome(service, action)
        if isinstance(outcome, Progress):
            return outcome
        came = self.recorder.record(journal_stream(service), outcome)
        if isinstance(came, Done):
            return Progress.MOVED
        reason = next((one.sentence for one in came.reasons), "the ledger refuses it")
        return self.recorder.moved(journal_stream(service), _setback(service, action.key, reason))

    def _outcome(self, service: ServiceName, action: Keeping) -> JournalCommand | Progress:
        view = self.recorder.desk.view()
        ref = view.service(service).in_force
        try:
            if isinstance(action, CommitRecords):
                return self._committed(service, action, view, ref)
            return self._proposed(service, action, view, ref)
        except PortFailure as fault:
            return _setback(service, action.key, f"{fault.code}: {fault.sentence}")
        except (Ungoverned, Undecodable) as fault:
            return _setback(service, action.key, f"its rules cannot be read: {fault}")

    def _committed(
        self, service: ServiceName, action: CommitRecords, view: View, ref: GovernanceRef
    ) -> ReportCommitted | Progress:
        spec = self._spec(view, ref)
        bindings = self.workshop.bindings(view, ref)
        office = Office(self.recorder.gatherer(), self.recorder.desk.store, bindings, spec, self.workshop.commits)
        entry = office.entry(Ended(Ending(action.ending), action.of))
        journal = self.workshop.journal(view, ref)
        written = self.asking.answer(_line(service), action.key, partial(journal.write, entry))
        if isinstance(written, NotYet):
            return Progress.PENDING
        follow = Follow.PROPOSE if spec.pull_request else Follow.TELL
        return ReportCommitted(service, action.key, written.branch, written.commit, tuple(entry.files), follow)

    def _proposed(
        self, service: ServiceName, action: ProposeRecords, view: View, ref: GovernanceRef
    ) -> JournalCommand | Progress:
        journal = self.workshop.journal(view, ref)
        match journal.proposal(action.effect):
            case NotProposed():
                journal.propose(action.branch, action.effect)
                return Progress.PENDING
            case Proposing():
                return Progress.PENDING
            case Proposed(detail):
                return ReportProposed(service, action.key, detail[:_DETAIL])
            case ProposalFailed(detail):
                return _setback(service, action.key, f"the pull request failed: {detail}")

    def _spec(self, view: View, ref: GovernanceRef) -> RecordsSpec:
        spec = self.workshop.bindings(view, ref).records
        if spec is None:
            raise Rejected("journal.unbound", "no records are bound under the rules in force", "bind them")
        return spec


def _line(service: ServiceName) -> str:
    return f"{service} keeps records"


def _setback(service: ServiceName, key: EffectKey, detail: str) -> ReportSetback:
    return ReportSetback(service, key, " ".join(detail.split())[:_DETAIL])
