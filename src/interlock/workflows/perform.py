# SPDX-License-Identifier: Apache-2.0
"""Doing one action through its port, and recording what came of it as a command of the controller.

1. What allows an effect is recorded before the effect; what came of it, after (I1).
2. An effect is started only under the key its action carries, and looked at before it is started (I10).
3. `Unavailable` is tried again, or recorded as INCONCLUSIVE evidence; `Rejected` is recorded as a failure. Never a
   pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from interlock.domain.action import (
    Action,
    AuthoriseDeployment,
    Conclude,
    ObserveDeployment,
    ReturnTo,
    RunCheck,
    StartRollback,
    Tell,
    WakeAt,
)
from interlock.domain.actor import CONTROLLER
from interlock.domain.evidence import NO_QUERY, RecordEvidence, evidence_stream
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import (
    CommandId,
    EffectKey,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    StreamId,
    digest_of,
)
from interlock.domain.outbox import Delivery, RecordDelivery, outbox_stream
from interlock.domain.promotion import (
    BeginDeployment,
    ConcludeDeployment,
    ConcludeProof,
    DeploymentBegun,
    Outcome,
    PromotionPhase,
    promotion_stream,
)
from interlock.domain.release import Release
from interlock.domain.rollback import (
    BeginRollback,
    ConcludeReturn,
    ConcludeRollbackProof,
    Returned,
    RollbackPhase,
    rollback_stream,
)
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import Command
from interlock.ports.check import Checker, CheckRequest, Counted, Lost, Pending, Reading, Uncounted
from interlock.ports.clock import Clock
from interlock.ports.deploy import Deployed, Deployer, DeployFailed, DeployRequest, InProgress, Unknown
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.notify import Message, Urgency
from interlock.service.handle import Declined, Desk, Done
from interlock.service.view import View
from interlock.workflows.workshop import Workshop

Effect: TypeAlias = AuthoriseDeployment | ObserveDeployment | ReturnTo | RunCheck | Conclude | StartRollback | Tell
ASKED_ANEW: Final = 1000
"""How often a step may have been refused where it stands before it is left to people."""


class Progress(StrEnum):
    """What one action came to."""

    MOVED = "moved"
    """Something was recorded or started: ask again at once."""
    PENDING = "pending"
    """An effect is under way: look again soon."""
    IDLE = "idle"
    """Nothing to do about it now."""


@dataclass(frozen=True, slots=True)
class Performer:
    """Performs actions for one controller."""

    desk: Desk
    workshop: Workshop
    clock: Clock

    def perform(self, service: ServiceName, action: Action) -> Progress:
        """Do it. A failing port gives PENDING: the action will be due again."""
        if isinstance(action, WakeAt):
            return Progress.IDLE
        try:
            return self._perform(service, action)
        except Unavailable:
            return Progress.PENDING

    def _perform(self, service: ServiceName, action: Effect) -> Progress:
        match action:
            case AuthoriseDeployment():
                return self._authorise(action)
            case ObserveDeployment():
                return self._observe(action)
            case ReturnTo():
                return self._return(action)
            case RunCheck():
                return self._check(action)
            case Conclude(process):
                return self._conclude(process)
            case StartRollback(promotion):
                return self._start_rollback(promotion)
            case Tell():
                return self._tell(service, action)
            case _:
                assert_never(action)

    def _authorise(self, action: AuthoriseDeployment) -> Progress:
        view = self.desk.view()
        state = view.promotion(action.promotion)
        ref, release = _pinned(view, view.release(action.release))
        try:
            deployer = self.workshop.deployer(view, ref, state.environment)
            request = self.workshop.deploy_request(view, ref, release, state.environment)
        except Rejected as fault:
            return self._deployment_ended(action.promotion, action.key, Outcome.FAILED, fault.sentence)
        done = self._record(promotion_stream(action.promotion), BeginDeployment(action.promotion))
        if isinstance(done, Declined):
            return Progress.PENDING
        if not any(record.event == DeploymentBegun.__name__ for record in done.records):
            return Progress.MOVED
        return self._start(deployer, request, action)

    def _start(self, deployer: Deployer, request: DeployRequest, action: AuthoriseDeployment) -> Progress:
        try:
            deployer.start(request, action.key)
        except Rejected as fault:
            return self._deployment_ended(action.promotion, action.key, Outcome.FAILED, fault.sentence)
        return Progress.MOVED

    def _observe(self, action: ObserveDeployment) -> Progress:
        view = self.desk.view()
        state = view.promotion(action.promotion)
        ref, _ = _pinned(view, view.release(action.release))
        try:
            progress = self.workshop.deployer(view, ref, state.environment).observe(action.key)
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
        self._record(promotion_stream(promotion), ConcludeDeployment(promotion, key, outcome, detail[:200]))
        return Progress.MOVED

    def _return(self, action: ReturnTo) -> Progress:
        view = self.desk.view()
        state = view.rollback(action.rollback)
        target = view.release(action.release)
        ref = view.service(state.service).in_force
        try:
            deployer = self.workshop.deployer(view, ref, state.environment)
            match deployer.observe(action.key):
                case InProgress():
                    return Progress.PENDING
                case Deployed(detail):
                    return self._return_ended(action, Returned.SUCCEEDED, detail)
                case DeployFailed(detail):
                    return self._return_ended(action, Returned.FAILED, detail)
                case Unknown():
                    request = self.workshop.deploy_request(view, ref, target, state.environment)
                    _end_what_runs(deployer, action.instead_of)
                    deployer.start(request, action.key)
                    return Progress.MOVED
        except Rejected as fault:
            return self._return_ended(action, Returned.FAILED, fault.sentence)

    def _return_ended(self, action: ReturnTo, outcome: Returned, detail: str) -> Progress:
        command = ConcludeReturn(action.rollback, action.key, outcome, detail[:200])
        self._record(rollback_stream(action.rollback), command)
        return Progress.MOVED

    def _check(self, action: RunCheck) -> Progress:
        view = self.desk.view()
        ref, release = _pinned(view, view.release(action.release))
        if not self.workshop.runs(view, ref, action.check):
            return Progress.IDLE
        try:
            request = self.workshop.check_request(view, ref, release, action.environment, action.check)
            checker = self.workshop.checker(view, ref, action.environment, action.check)
            progress = _look(checker, request, action.key)
        except PortFailure as fault:
            progress = _failed_reading(fault)
        if isinstance(progress, Reading):
            self._evidence(action, release, ref, progress)
            return Progress.MOVED
        return Progress.PENDING

    def _evidence(self, action: RunCheck, release: Release, ref: GovernanceRef, reading: Reading) -> None:
        now = self.clock.now()
        counted = reading.counted
        command = RecordEvidence(
            subject=release.digest,
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
        )
        self._record(evidence_stream(release.digest), command, (reading.report,))

    def _conclude(self, process: PromotionId | RollbackId) -> Progress:
        """Decide what is to be proven. People name promotions and rollbacks, so two of them may have the same name."""
        view = self.desk.view()
        promotion, rollback = PromotionId(process), RollbackId(process)
        outcomes: list[Done | Declined] = []
        if view.promotion(promotion).phase in {PromotionPhase.VERIFYING, PromotionPhase.BAKING}:
            outcomes.append(self._record(promotion_stream(promotion), ConcludeProof(promotion)))
        if view.rollback(rollback).phase is RollbackPhase.PROVING:
            outcomes.append(self._record(rollback_stream(rollback), ConcludeRollbackProof(rollback)))
        return Progress.MOVED if any(isinstance(one, Done) for one in outcomes) else Progress.PENDING

    def _start_rollback(self, promotion: PromotionId) -> Progress:
        view = self.desk.view()
        state = view.promotion(promotion)
        rollback = rollback_after(promotion, lambda one: view.rollback(one).phase is not RollbackPhase.ABSENT)
        command = BeginRollback(rollback, state.service, state.environment, ReleaseId(""), state.sentence)
        outcome = self._record(promotion_stream(promotion), command)
        return Progress.MOVED if isinstance(outcome, Done) else Progress.PENDING

    def _tell(self, service: ServiceName, action: Tell) -> Progress:
        view = self.desk.view()
        ref = view.service(service).in_force
        outcome, detail = Delivery.NOBODY, "nobody is bound to be told"
        try:
            if self.workshop.tells(view, ref):
                notifier = self.workshop.notifier(view, ref)
                notifier.deliver(Message(action.title, action.body, Urgency(action.tone)), action.key)
                outcome, detail = Delivery.DELIVERED, ""
        except PortFailure as fault:
            outcome, detail = Delivery.FAILED, fault.sentence
        self._record(outbox_stream(service), RecordDelivery(service, action.key, outcome, detail))
        return Progress.MOVED

    def _record(self, stream: StreamId, command: Command, blobs: tuple[bytes, ...] = ()) -> Done | Declined:
        """Hand in a command named after the stream it moves and where that stands, so that a repeat is the same.

        What was refused there before was refused as things stood then; it is asked anew under the next name.
        """
        records = self.desk.store.stream(stream)
        name = f"{stream}/{len(records)}/{type(command).__name__}"
        now = self.clock.now()
        for again in range(ASKED_ANEW):
            known = CommandId(f"{name}/{again + 1}" if again else name)
            if not self.desk.has_refused(known):
                return self.desk.perform(command, known, now, blobs)
        return Declined(CommandId(name), ())


def rollback_after(promotion: PromotionId, is_taken: Callable[[RollbackId], bool]) -> RollbackId:
    """The rollback a failed promotion ends in: it has at most one. A name that somebody took for theirs is left."""
    names = (f"{promotion}/back", *(f"{promotion}/back-{number}" for number in range(2, ASKED_ANEW)))
    return next(RollbackId(name) for name in names if not is_taken(RollbackId(name)))


def _pinned(view: View, release: Release) -> tuple[GovernanceRef, Release]:
    """The governance whose bindings check and deploy the release, and the release."""
    service = view.service(release.service)
    return service.approved.get(release.governance, service.in_force), release


def _end_what_runs(deployer: Deployer, key: EffectKey) -> None:
    """End the deployment being left. That it cannot be ended is no reason not to return."""
    if not key:
        return
    try:
        deployer.cancel(key)
    except PortFailure:
        return


def _look(checker: Checker, request: CheckRequest, key: EffectKey) -> Pending | Reading | Lost:
    progress = checker.observe(request, key)
    if isinstance(progress, Lost):
        checker.start(request, key)
        progress = checker.observe(request, key)
    return progress


def _failed_reading(fault: PortFailure) -> Reading:
    """What a check that could not be performed says: nothing, or that it is bound wrongly. Never a pass."""
    verdict = Verdict.ERROR if isinstance(fault, Rejected) else Verdict.INCONCLUSIVE
    report = f"{fault.code}: {fault.sentence}\n{fault.next_step}\n".encode()
    return Reading(verdict, f"{fault.code}: {fault.sentence}"[:200], report, "text/plain", Uncounted(), {})
