# SPDX-License-Identifier: Apache-2.0
"""Exposing: the effects of a rollout, each between the record that allows it and the record of what came of it.

1. An exposure is authorised, then held, then recorded as confirmed. Only the keeper speaks to a router about it.
2. What a measurement decides is done in the same breath: a candidate that failed is not exposed a moment longer.
3. A loss is made sure of (nothing is exposed) before it is recorded.
4. What not every proxy takes over as stable goes back: one that hangs would serve, once it wakes, what stands in the
   lane of what was stable before.
5. Which proxies are connected is recorded when it changes, before anything is decided that it bears on.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, assert_never

from interlock.domain.action import Expose, Measure, NoticeLoss, Rolling, Settle
from interlock.domain.governance import GovernanceRef
from interlock.domain.judge.judging import Standing
from interlock.domain.measuring import look
from interlock.domain.promotion import Promotion, PromotionFailed, promotion_stream
from interlock.domain.rollout import (
    Answered,
    AuthoriseExposure,
    BeginSettling,
    ConcludeExposure,
    ConcludeSettling,
    RecordMeasurement,
    ReportBlindness,
    ReportLoss,
    ReportProxies,
    RolloutCommand,
    rollout_stream,
)
from interlock.domain.slot import NOTHING
from interlock.domain.traffic import Lane, Snapshot
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.router import Pools, TrafficRouter
from interlock.service.handle import Declined, Done
from interlock.service.view import View
from interlock.workflows.keeper import NO_PROXY, Keeper, Place, Sighting
from interlock.workflows.recording import Progress, Recorder, pinned
from interlock.workflows.workshop import Workshop

SETTLES_WITHIN: Final = timedelta(seconds=5)
"""How long the proxies are asked to take over what is stable; nobody watches the candidate meanwhile."""
LAST_LOOK: Final = 2
"""Leases since the last look within which one more may decide, when an exposure is found to be held by nobody."""


@dataclass(frozen=True, slots=True)
class Exposer:
    """Performs rollouts for one controller."""

    recorder: Recorder
    workshop: Workshop
    keeper: Keeper

    def perform(self, action: Rolling) -> Progress:
        """Do it. Raises `Unavailable` when it is to be tried again."""
        view = self.recorder.desk.view()
        state = view.promotion(action.promotion)
        ref, _ = pinned(view, view.release(state.release))
        bound = _Bound(view, state, ref, (state.service, state.environment))
        match action:
            case Expose():
                return self._expose(bound, action)
            case Measure():
                return self._measure(bound)
            case NoticeLoss():
                return self._notice(bound)
            case Settle():
                return self._settle(bound)
            case _:
                assert_never(action)

    def _expose(self, bound: "_Bound", action: Expose) -> Progress:
        router = self._router(bound)
        holder = self.keeper.holder(bound.place)
        rollout = bound.view.rollout(bound.state.id)
        if self._sees_others(bound, self.keeper.sighting(bound.place)):
            return Progress.MOVED
        if rollout.authorised != action.step or rollout.holder != holder:
            done = self._record(bound, AuthoriseExposure(bound.state.id, action.step, holder))
            if isinstance(done, Declined):
                return Progress.PENDING
        try:
            if rollout.confirmed < 0:
                router.arrange(self._pools(bound))
            held = self.keeper.hold(bound.place, router, action.exposure, holder)
        except Rejected as fault:
            return self._answered(bound, action, Answered.REFUSED, fault.sentence, holder)
        except Unavailable as fault:
            if fault.code == NO_PROXY:
                return self._wait_for_proxies(bound, router, holder)
            return self._unconfirmed(bound, action, fault, holder)
        command = ConcludeExposure(
            bound.state.id, action.step, Answered.CONFIRMED, held.confirmed, held.absent, "", holder
        )
        return self._exposed(bound, command)

    def _wait_for_proxies(self, bound: "_Bound", router: TrafficRouter, holder: str) -> Progress:
        """No proxy is connected, so no traffic flows that could be split: that is waited for, however long it takes."""
        absent = tuple(state.proxy for state in router.observe())
        return Progress.MOVED if self._sees_others(bound, Sighting(holder, (), absent)) else Progress.IDLE

    def _sees_others(self, bound: "_Bound", seen: Sighting) -> bool:
        """Record which proxies its holder reached, when others are connected than were."""
        rollout = self.recorder.desk.view().rollout(bound.state.id)
        if seen.holder != rollout.holder or (seen.proxies, seen.absent) == (rollout.proxies, rollout.absent):
            return False
        report = ReportProxies(bound.state.id, seen.holder, seen.proxies, seen.absent)
        return isinstance(self._record(bound, report), Done)

    def _unconfirmed(self, bound: "_Bound", action: Expose, fault: Unavailable, holder: str) -> Progress:
        """Said to the ledger only when it lasts; until then it is tried again."""
        _, course = self.recorder.gatherer().course_of(bound.state.id)
        since = course.rollout.authorised_at
        if since <= self.recorder.clock.now() <= since + course.strategy.blind_for:
            return Progress.PENDING
        return self._answered(bound, action, Answered.UNCONFIRMED, fault.sentence, holder)

    def _answered(self, bound: "_Bound", action: Expose, answered: Answered, why: str, holder: str) -> Progress:
        return self._exposed(bound, ConcludeExposure(bound.state.id, action.step, answered, (), (), why, holder))

    def _exposed(self, bound: "_Bound", command: ConcludeExposure) -> Progress:
        done = self._record(bound, command)
        if isinstance(done, Declined) or command.answered is not Answered.CONFIRMED:
            self.keeper.withdraw(bound.place, self._router(bound))
        return Progress.MOVED if isinstance(done, Done) else Progress.PENDING

    def _measure(self, bound: "_Bound") -> Progress:
        self._sees_others(bound, self.keeper.sighting(bound.place))
        try:
            snapshot = self.workshop.metrics(bound.view, bound.ref, bound.state.environment).read()
        except PortFailure as fault:
            done = self._record(bound, ReportBlindness(bound.state.id, fault.sentence[:200]))
        else:
            self._let_go_of_the_worse(bound, snapshot)
            done = self._record(bound, RecordMeasurement(bound.state.id, snapshot))
        if _has_failed(done):
            self.keeper.withdraw(bound.place, self._router(bound))
        return Progress.MOVED if isinstance(done, Done) else Progress.PENDING

    def _let_go_of_the_worse(self, bound: "_Bound", snapshot: Snapshot) -> None:
        """A candidate that this shows to be bad serves nobody any more, however long the ledger takes to write it."""
        _, course = self.recorder.gatherer().course_of(bound.state.id)
        if course.rollout.confirmed < 0:
            return
        seen = look(course.rollout, snapshot, course.strategy, self.recorder.clock.now())
        if seen.judgement.standing is Standing.BAD:
            self.keeper.withdraw(bound.place, self._router(bound))

    def _notice(self, bound: "_Bound") -> Progress:
        """What was counted until now may still speak against the candidate. For it, only what is counted anew does."""
        self.keeper.withdraw(bound.place, self._router(bound))
        self._sees_others(bound, self.keeper.sighting(bound.place))
        if self._has_gone_bad(bound):
            return Progress.MOVED
        done = self._record(bound, ReportLoss(bound.state.id, self.keeper.holder(bound.place)))
        return Progress.MOVED if isinstance(done, Done) else Progress.PENDING

    def _has_gone_bad(self, bound: "_Bound") -> bool:
        """Whether a last look says so. Long after the one before, the arms no longer served at the same times.

        The candidate was asked for a lease at most; stable, until somebody took over, for as long again.
        """
        _, course = self.recorder.gatherer().course_of(bound.state.id)
        if self.recorder.clock.now() > course.rollout.looked_at + LAST_LOOK * course.lease:
            return False
        try:
            snapshot = self.workshop.metrics(bound.view, bound.ref, bound.state.environment).read()
        except PortFailure:
            return False
        return _has_failed(self._record(bound, RecordMeasurement(bound.state.id, snapshot)))

    def _settle(self, bound: "_Bound") -> Progress:
        router, state = self._router(bound), bound.state
        holder = self.keeper.holder(bound.place)
        if state.settled_by != holder:
            if self._sees_others(bound, self.keeper.sighting(bound.place)):
                return Progress.MOVED
            begun = self.recorder.record(promotion_stream(state.id), BeginSettling(state.id, holder))
            if isinstance(begun, Declined):
                return Progress.PENDING
            if _has_failed(begun):
                self.keeper.withdraw(bound.place, router)
                return Progress.MOVED
        stable = self.workshop.endpoints(bound.view, bound.ref, state.environment, state.lane)
        command = ConcludeSettling(state.id, Answered.CONFIRMED, "")
        try:
            router.arrange(Pools(stable, stable))
        except Rejected as fault:
            command = ConcludeSettling(state.id, Answered.REFUSED, fault.sentence)
        except Unavailable as fault:
            if not self.recorder.has_passed(promotion_stream(state.id), SETTLES_WITHIN):
                return Progress.PENDING
            command = ConcludeSettling(state.id, Answered.UNCONFIRMED, fault.sentence)
        self.keeper.withdraw(bound.place, router)
        return self.recorder.moved(promotion_stream(state.id), command)

    def _router(self, bound: "_Bound") -> TrafficRouter:
        return self.workshop.router(bound.view, bound.ref, bound.state.environment)

    def _pools(self, bound: "_Bound") -> Pools:
        view, ref, environment = bound.view, bound.ref, bound.state.environment
        live = view.slot(*bound.place).live
        stable = () if live == NOTHING else self.workshop.endpoints(view, ref, environment, live.lane)
        candidate = self.workshop.endpoints(view, ref, environment, bound.state.lane)
        if not view.baseline(*bound.place).stands_for(bound.state.id):
            return Pools(stable, candidate)
        return Pools(stable, candidate, self.workshop.endpoints(view, ref, environment, Lane.C))

    def _record(self, bound: "_Bound", command: RolloutCommand) -> Done | Declined:
        return self.recorder.record(rollout_stream(bound.state.id), command)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A promotion, and the governance whose bindings say how it is routed and measured."""

    view: View
    state: Promotion
    ref: GovernanceRef
    place: Place


def _has_failed(done: Done | Declined) -> bool:
    return isinstance(done, Done) and any(record.event == PromotionFailed.__name__ for record in done.records)
