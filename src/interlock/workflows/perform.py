# SPDX-License-Identifier: Apache-2.0
"""Doing one action through its port, and recording what came of it as a command of the controller.

1. What allows an effect is recorded before the effect; what came of it, after (I1).
2. An effect is started only under the key its action carries, and looked at before it is started (I10).
3. `Unavailable` is tried again, or recorded as INCONCLUSIVE evidence; `Rejected` is recorded as a failure. Never a
   pass.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, assert_never

from interlock.domain.action import (
    Accompanying,
    Action,
    Announce,
    AskFor,
    Attending,
    AuthoriseDeployment,
    CommitRecords,
    Conclude,
    Deadline,
    DismissBaseline,
    Expose,
    GoBack,
    Keeping,
    Measure,
    NoteArrived,
    NoteMissed,
    NoteRestored,
    NoticeLoss,
    ObserveBaseline,
    ObserveDeployment,
    PerformStep,
    ProposeRecords,
    ReturnTo,
    Rolling,
    RunCheck,
    Settle,
    StartBaseline,
    StartRollback,
    Tell,
    TellAsked,
    TellOwed,
    WakeAt,
)
from interlock.domain.actor import CONTROLLER
from interlock.domain.chasing import ChaseReview
from interlock.domain.delivery import PromoteHead, delivery_stream
from interlock.domain.evidence import NO_QUERY, RecordEvidence, evidence_stream, subject_by_name
from interlock.domain.governance import GovernanceRef, service_stream
from interlock.domain.ids import (
    EffectKey,
    PromotionId,
    RollbackId,
    ServiceName,
    digest_of,
)
from interlock.domain.outbox import EVERYBODY, Delivery, RecordDelivery, outbox_stream
from interlock.domain.promotion import (
    BeginDeployment,
    ConcludeDeployment,
    ConcludeProof,
    DeploymentBegun,
    Outcome,
    PromotionPhase,
    RequestPromotion,
    promotion_stream,
)
from interlock.domain.release import Release
from interlock.domain.requesting import AskPeople, asked_stream
from interlock.domain.rollback import (
    ConcludeRollbackProof,
    RollbackPhase,
    rollback_stream,
)
from interlock.domain.verdict import Verdict
from interlock.ports.check import Counted, Reading, Uncounted
from interlock.ports.deploy import Deployed, DeployFailed, DeployRequest, InProgress, Unknown
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.notify import Undelivered
from interlock.service.handle import Declined, Done
from interlock.service.letters import letter, places_of
from interlock.workflows.accompanying import Companion
from interlock.workflows.aside import Asking, AtOnce, NotYet
from interlock.workflows.attendant import Attendant, seen_of
from interlock.workflows.clerk import Clerk
from interlock.workflows.exposing import Exposer
from interlock.workflows.going_back import GoingBack
from interlock.workflows.keeper import Keeper
from interlock.workflows.recording import Progress, Recorder, Unrecorded, lane_of, pinned
from interlock.workflows.workshop import Workshop

Effect: TypeAlias = (
    AuthoriseDeployment
    | ObserveDeployment
    | ReturnTo
    | RunCheck
    | Conclude
    | StartRollback
    | Rolling
    | Accompanying
    | Attending
    | AskFor
    | Keeping
    | Tell
    | TellAsked
    | TellOwed
)


_DETAIL: Final = 200
"""How much of why a message was not delivered is recorded."""


@dataclass(frozen=True, slots=True)
class Performer:
    """Performs actions for one controller."""

    recorder: Recorder
    workshop: Workshop
    keeper: Keeper
    asking: Asking = AtOnce()

    def perform(self, service: ServiceName, action: Action) -> Progress:
        """Do it. A failing port gives PENDING, a failing ledger UNRECORDED: the action will be due again."""
        if isinstance(action, WakeAt | Deadline):
            return Progress.IDLE
        try:
            return self._perform(service, action)
        except Unrecorded:
            return Progress.UNRECORDED
        except Unavailable:
            return Progress.PENDING

    def _perform(self, service: ServiceName, action: Effect) -> Progress:
        match action:
            case ReturnTo():
                return GoingBack(self.recorder, self.workshop, self.keeper).perform(action)
            case StartRollback(promotion):
                return GoingBack(self.recorder, self.workshop, self.keeper).begin(promotion)
            case Expose() | Measure() | NoticeLoss() | Settle():
                return Exposer(self.recorder, self.workshop, self.keeper).perform(action)
            case GoBack() | PerformStep() | NoteMissed() | NoteArrived() | NoteRestored() | Announce():
                return Attendant(self.recorder, self.workshop, self.keeper, self.asking).perform(action)
            case Tell():
                return self._tell(service, action)
            case CommitRecords() | ProposeRecords():
                return Clerk(self.recorder, self.workshop, self.asking).perform(service, action)
            case AskFor() | TellAsked() | TellOwed():
                return self._ask(service, action)
            case _:
                return self._go_on(action)

    def _ask(self, service: ServiceName, action: AskFor | TellAsked | TellOwed) -> Progress:
        match action:
            case AskFor(promotion, release, environment):
                request = PromoteHead(service, RequestPromotion(promotion, release, environment))
                return self.recorder.moved(delivery_stream(service), request)
            case TellAsked(release, environment, requirement):
                return self.recorder.moved(asked_stream(release), AskPeople(release, environment, requirement))
            case TellOwed(change, notice):
                return self.recorder.moved(service_stream(service), ChaseReview(service, change, notice))
            case _:
                assert_never(action)

    def _go_on(self, action: AuthoriseDeployment | ObserveDeployment | RunCheck | Conclude | Accompanying) -> Progress:
        match action:
            case StartBaseline() | ObserveBaseline() | DismissBaseline():
                return Companion(self.recorder, self.workshop).perform(action)
            case AuthoriseDeployment():
                return self._authorise(action)
            case ObserveDeployment():
                return self._observe(action)
            case RunCheck():
                return self._check(action)
            case Conclude(process):
                return self._conclude(process)
            case _:
                assert_never(action)

    def _authorise(self, action: AuthoriseDeployment) -> Progress:
        view = self.recorder.desk.view()
        state = view.promotion(action.promotion)
        ref, release = pinned(view, view.release(action.release))
        try:
            request = self.workshop.deploy_request(view, ref, release, state.environment)
            self.workshop.deployer(view, ref, state.environment, state.lane)
        except Rejected as fault:
            return self._deployment_ended(action.promotion, action.key, Outcome.FAILED, fault.sentence)
        done = self.recorder.record(promotion_stream(action.promotion), BeginDeployment(action.promotion))
        if isinstance(done, Declined):
            return Progress.PENDING
        if not any(record.event == DeploymentBegun.__name__ for record in done.records):
            return Progress.MOVED
        return self._start(request, action)

    def _start(self, request: DeployRequest, action: AuthoriseDeployment) -> Progress:
        """Begin it in the lane that was decided."""
        view = self.recorder.desk.view()
        state = view.promotion(action.promotion)
        ref, _ = pinned(view, view.release(action.release))
        try:
            self.workshop.deployer(view, ref, state.environment, state.lane).start(request, action.key)
        except Rejected as fault:
            return self._deployment_ended(action.promotion, action.key, Outcome.FAILED, fault.sentence)
        return Progress.MOVED

    def _observe(self, action: ObserveDeployment) -> Progress:
        view = self.recorder.desk.view()
        state = view.promotion(action.promotion)
        ref, _ = pinned(view, view.release(action.release))
        try:
            progress = self.workshop.deployer(view, ref, state.environment, state.lane).observe(action.key)
        except Rejected as fault:
            return self._deployment_ended(action.promotion, action.key, Outcome.FAILED, fault.sentence)
        match progress:
            case InProgress():
                return Progress.PENDING
            case Deployed(detail):
                return self._deployment_ended(action.promotion, action.key, Outcome.SUCCEEDED, detail)
            case DeployFailed(detail):
                return self._deployment_ended(action.promotion, action.key, Outcome.FAILED, detail)
            case Unknown():
                return self._authorise(AuthoriseDeployment(action.promotion, action.release, action.key))

    def _deployment_ended(self, promotion: PromotionId, key: EffectKey, outcome: Outcome, detail: str) -> Progress:
        command = ConcludeDeployment(promotion, key, outcome, detail[:200])
        return self.recorder.moved(promotion_stream(promotion), command)

    def _check(self, action: RunCheck) -> Progress:
        if self.asking.is_waiting(action.key, action.key):
            return Progress.PENDING
        view = self.recorder.desk.view()
        ref, release = pinned(view, view.release(action.release))
        if not self.workshop.runs(view, ref, action.check):
            return Progress.IDLE
        try:
            lane = lane_of(view, release, action.environment)
            request = self.workshop.check_request(view, ref, release, action.environment, action.check, lane)
            checker = self.workshop.checker(view, ref, action.environment, action.check)
            progress = self.asking.answer(action.key, action.key, partial(seen_of, checker, request, action.key))
        except PortFailure as fault:
            progress = _failed_reading(fault)
        if isinstance(progress, Reading):
            return self._evidence(action, release, ref, progress)
        return Progress.PENDING

    def _evidence(self, action: RunCheck, release: Release, ref: GovernanceRef, reading: Reading) -> Progress:
        now = self.recorder.clock.now()
        counted, subject = reading.counted, release.digest
        if self.workshop.goes_by_name(self.recorder.desk.view(), ref, action.check, action.environment):
            subject = subject_by_name(release.id, release.digest)
        command = RecordEvidence(
            subject=subject,
            check=action.check,
            environment=action.environment,
            verdict=reading.verdict,
            summary=reading.summary[:200],
            source=str(CONTROLLER),
            report=digest_of(reading.report),
            governance=ref.digest,
            taken_at=now,
            query=counted.query if isinstance(counted, Counted) else NO_QUERY,
            count=counted.count if isinstance(counted, Counted) else 0,
            measured=tuple(sorted(reading.measured.items())),
            release=release.id,
            live=action.live,
        )
        return self.recorder.moved(evidence_stream(subject), command, (reading.report,))

    def _conclude(self, process: PromotionId | RollbackId) -> Progress:
        """Decide what is to be proven. People name promotions and rollbacks, so two of them may have the same name."""
        view = self.recorder.desk.view()
        promotion, rollback = PromotionId(process), RollbackId(process)
        outcomes: list[Done | Declined] = []
        if view.promotion(promotion).phase in {PromotionPhase.VERIFYING, PromotionPhase.BAKING}:
            outcomes.append(self.recorder.record(promotion_stream(promotion), ConcludeProof(promotion)))
        if view.rollback(rollback).phase is RollbackPhase.PROVING:
            outcomes.append(self.recorder.record(rollback_stream(rollback), ConcludeRollbackProof(rollback)))
        return Progress.MOVED if any(isinstance(one, Done) for one in outcomes) else Progress.PENDING

    def _tell(self, service: ServiceName, action: Tell) -> Progress:
        line = f"{service} tells {action.to}"
        if self.asking.is_waiting(line, action.key):
            return Progress.PENDING
        try:
            tried = self._delivered(service, action, line)
        except Undelivered as fault:
            tried = RecordDelivery(service, action.key, Delivery.FAILED, fault.sentence[:_DETAIL], fault.lost)
        except PortFailure as fault:
            tried = RecordDelivery(service, action.key, Delivery.FAILED, fault.sentence[:_DETAIL])
        return Progress.PENDING if tried is None else self.recorder.moved(outbox_stream(service), tried)

    def _delivered(self, service: ServiceName, action: Tell, line: str) -> RecordDelivery | None:
        """Deliver it by the rules in force; none while it is under way.

        That nobody is told is right only where no procedure names anybody.
        """
        view = self.recorder.desk.view()
        ref = view.service(service).in_force
        if not self.workshop.tells(view, ref, action.to):
            if action.to == EVERYBODY:
                return RecordDelivery(service, action.key, Delivery.NOBODY, "nobody is bound to be told")
            sentence = f"no address of '{action.to}' is bound under the rules in force"
            raise Rejected("notify.no_address", sentence, "bind one under audiences")
        places = places_of(view, self.recorder.desk.library.governance(view, ref))
        message = letter(self.recorder.desk.store, action, service, places)
        deliver = partial(self.workshop.notifier(view, ref, action.to).deliver, message, action.key, action.lost)
        if isinstance(self.asking.answer(line, action.key, deliver), NotYet):
            return None
        return RecordDelivery(service, action.key, Delivery.DELIVERED, "")


def _failed_reading(fault: PortFailure) -> Reading:
    """What a check that could not be performed says: nothing, or that it is bound wrongly. Never a pass."""
    verdict = Verdict.ERROR if isinstance(fault, Rejected) else Verdict.INCONCLUSIVE
    report = f"{fault.code}: {fault.sentence}\n{fault.next_step}\n".encode()
    return Reading(verdict, f"{fault.code}: {fault.sentence}"[:200], report, "text/plain", Uncounted(), {})
