# SPDX-License-Identifier: Apache-2.0
"""Going back: the effects of a rollback, in the order that saves.

1. First nothing is exposed any more; that needs no ledger and waits for nobody. Then what was left is ended, and only
   then is anything made present.
2. What still stands in its lane is given its traffic; the rest is deployed first.
3. That what is left cannot be ended is no reason not to return.
4. Who serves the target afterwards is recorded as the proxies themselves say it; that they cannot be asked, or are not
   up, is no reason not to return either. One that hangs is insisted on for a while, then named and left behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count
from typing import Final

from interlock.domain.action import ReturnTo
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import EffectKey, EnvironmentName, IncidentId, PromotionId, ReleaseId, RollbackId, ServiceName
from interlock.domain.incident import incident_stream
from interlock.domain.promotion import promotion_stream
from interlock.domain.rollback import BeginRollback, ConcludeReturn, Returned, Rollback, RollbackPhase, rollback_stream
from interlock.domain.traffic import LANES, UNEXPOSED, Lane, Means
from interlock.ledger.codec import Undecodable
from interlock.ports.deploy import Deployed, Deployer, DeployFailed, InProgress, Unknown
from interlock.ports.failure import PortFailure, Rejected
from interlock.ports.router import Endpoint, Held, Pools, ProxyState, TrafficRouter
from interlock.service.handle import Declined, Done
from interlock.service.view import View
from interlock.workflows.keeper import Keeper
from interlock.workflows.recording import Progress, Recorder
from interlock.workflows.workshop import Workshop

INSISTING: Final = timedelta(seconds=10)
"""How long after the beginning of a try a proxy that takes nothing over is waited for."""
NOBODY_SERVES: Final = Held(())
"""What is said of proxies where nothing was asked of any."""


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
        return self.recorder.moved(promotion_stream(promotion), command)

    def answer(self, incident: IncidentId) -> Done | Declined:
        """An incident has decided so: expose nothing, then record that it goes back."""
        view = self.recorder.desk.view()
        state = view.incident(incident)
        self._withdraw(view, state.service, state.environment)
        rollback = rollback_after(incident, lambda one: view.rollback(one).phase is not RollbackPhase.ABSENT)
        command = BeginRollback(rollback, state.service, state.environment, ReleaseId(""), f"incident {incident}")
        return self.recorder.record(incident_stream(incident), command)

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
        served = NOBODY_SERVES
        if self.workshop.routes(view, ref, state.environment):
            router = self.workshop.router(view, ref, state.environment)
            stable = self.workshop.endpoints(view, ref, state.environment, action.lane)
            try:
                router.arrange(Pools(stable))
            except PortFailure as fault:  # one proxy that refuses is no reason to leave the others as they are
                if not self.recorder.has_passed(rollback_stream(state.id), INSISTING):
                    return Progress.PENDING
                served = _served(router, stable)
                outcome = Returned.SUCCEEDED if served.confirmed else Returned.FAILED
                return self._ended(action, outcome, fault.sentence, served)
            served = _served(router, stable)
        return self._ended(action, Returned.SUCCEEDED, detail, served)

    def _end_candidate(self, view: View, ref: GovernanceRef, state: Rollback, action: ReturnTo) -> None:
        for lane in LANES if self.workshop.routes(view, ref, state.environment) else (Lane.A,):
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

    def _ended(self, action: ReturnTo, outcome: Returned, detail: str, served: Held = NOBODY_SERVES) -> Progress:
        command = ConcludeReturn(action.rollback, action.key, outcome, detail[:200], served.confirmed, served.absent)
        return self.recorder.moved(rollback_stream(action.rollback), command)


def rollback_after(whole: PromotionId | IncidentId, is_taken: Callable[[RollbackId], bool]) -> RollbackId:
    """The rollback a failed promotion or an incident ends in: it has at most one. A name that is taken is left."""
    names = chain((f"{whole}/back",), (f"{whole}/back-{number}" for number in count(2)))
    return next(RollbackId(name) for name in names if not is_taken(RollbackId(name)))


def _served(router: TrafficRouter, stable: tuple[Endpoint, ...]) -> Held:
    """Who serves these endpoints and nothing else, and who is not up, as they say themselves."""
    try:
        states = router.observe()
    except PortFailure:
        return NOBODY_SERVES
    serving = tuple(state.proxy for state in states if state.is_up and _serves_only(state, stable))
    return Held(serving, tuple(state.proxy for state in states if not state.is_up))


def _serves_only(state: ProxyState, stable: tuple[Endpoint, ...]) -> bool:
    return set(state.pools.stable) == set(stable) and state.exposure == UNEXPOSED


def _end_what_runs(deployer: Deployer, key: EffectKey) -> None:
    if not key:
        return
    try:
        deployer.cancel(key)
    except PortFailure:
        return
