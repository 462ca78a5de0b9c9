# SPDX-License-Identifier: Apache-2.0
"""Going back: the effects of a rollback, in the order that saves.

1. First nothing is exposed any more; that needs no ledger and waits for nobody. Then what was left is ended, and only
   then is anything made present.
2. What still stands in its lane is given its traffic; the rest is deployed first.
3. That what is left cannot be ended is no reason not to return.
"""

from collections.abc import Callable
from dataclasses import dataclass

from interlock.domain.action import ReturnTo
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import EffectKey, EnvironmentName, PromotionId, ReleaseId, RollbackId, ServiceName
from interlock.domain.promotion import promotion_stream
from interlock.domain.rollback import BeginRollback, ConcludeReturn, Returned, Rollback, RollbackPhase, rollback_stream
from interlock.domain.traffic import Lane, Means
from interlock.ledger.codec import Undecodable
from interlock.ports.deploy import Deployed, Deployer, DeployFailed, InProgress, Unknown
from interlock.ports.failure import PortFailure, Rejected
from interlock.ports.router import Pools
from interlock.service.handle import Done
from interlock.service.view import View
from interlock.workflows.keeper import Keeper
from interlock.workflows.recording import ASKED_ANEW, Progress, Recorder
from interlock.workflows.workshop import Workshop


@dataclass(frozen=True, slots=True)
class GoingBack:
    """Performs rollbacks for one controller."""

    recorder: Recorder
    workshop: Workshop
    keeper: Keeper

    def begin(self, promotion: PromotionId) -> Progress:
        """A promotion has failed or been called off: expose nothing of it, then record that it goes back."""
        view = self.recorder.desk.view()
        state = view.promotion(promotion)
        self._withdraw(view, state.service, state.environment)
        rollback = rollback_after(promotion, lambda one: view.rollback(one).phase is not RollbackPhase.ABSENT)
        command = BeginRollback(rollback, state.service, state.environment, ReleaseId(""), state.sentence)
        outcome = self.recorder.record(promotion_stream(promotion), command)
        return Progress.MOVED if isinstance(outcome, Done) else Progress.PENDING

    def perform(self, action: ReturnTo) -> Progress:
        """Make the target what is stable."""
        view = self.recorder.desk.view()
        state = view.rollback(action.rollback)
        ref = view.service(state.service).in_force
        self._withdraw(view, state.service, state.environment)
        try:
            if action.means is Means.SWITCH:
                self._end_candidate(view, ref, state, action)
                return self._switch(view, ref, state, action, "it still stood there")
            return self._deploy(view, ref, state, action)
        except Rejected as fault:
            return self._ended(action, Returned.FAILED, fault.sentence)

    def _deploy(self, view: View, ref: GovernanceRef, state: Rollback, action: ReturnTo) -> Progress:
        deployer = self.workshop.deployer(view, ref, state.environment, action.lane)
        match deployer.observe(action.key):
            case InProgress():
                return Progress.PENDING
            case Deployed(detail):
                return self._switch(view, ref, state, action, detail)
            case DeployFailed(detail):
                return self._ended(action, Returned.FAILED, detail)
            case Unknown():
                request = self.workshop.deploy_request(view, ref, view.release(action.release), state.environment)
                self._end_candidate(view, ref, state, action)
                deployer.start(request, action.key)
                return Progress.MOVED

    def _switch(self, view: View, ref: GovernanceRef, state: Rollback, action: ReturnTo, detail: str) -> Progress:
        """Give it the traffic, where something splits it."""
        if self.workshop.routes(view, ref, state.environment):
            router = self.workshop.router(view, ref, state.environment)
            router.arrange(Pools(self.workshop.endpoints(view, ref, state.environment, action.lane)))
        return self._ended(action, Returned.SUCCEEDED, detail)

    def _end_candidate(self, view: View, ref: GovernanceRef, state: Rollback, action: ReturnTo) -> None:
        for lane in Lane if self.workshop.routes(view, ref, state.environment) else (Lane.A,):
            _end_what_runs(self.workshop.deployer(view, ref, state.environment, lane), action.instead_of)

    def _withdraw(self, view: View, service: ServiceName, environment: EnvironmentName) -> None:
        """Nothing may stand before this, and nothing that fails here stands before the rest."""
        self.keeper.drop((service, environment))
        ref = view.service(service).in_force
        try:
            if self.workshop.routes(view, ref, environment):
                self.keeper.withdraw((service, environment), self.workshop.router(view, ref, environment))
        except (PortFailure, Undecodable):
            return

    def _ended(self, action: ReturnTo, outcome: Returned, detail: str) -> Progress:
        command = ConcludeReturn(action.rollback, action.key, outcome, detail[:200])
        self.recorder.record(rollback_stream(action.rollback), command)
        return Progress.MOVED


def rollback_after(promotion: PromotionId, is_taken: Callable[[RollbackId], bool]) -> RollbackId:
    """The rollback a failed promotion ends in: it has at most one. A name that somebody took for theirs is left."""
    names = (f"{promotion}/back", *(f"{promotion}/back-{number}" for number in range(2, ASKED_ANEW)))
    return next(RollbackId(name) for name in names if not is_taken(RollbackId(name)))


def _end_what_runs(deployer: Deployer, key: EffectKey) -> None:
    if not key:
        return
    try:
        deployer.cancel(key)
    except PortFailure:
        return
