# SPDX-License-Identifier: Apache-2.0
"""Accompanying: the effects of a baseline, each between the record that allows it and the record of what came of it.

1. It is brought up by the bindings that the candidate pinned, like the candidate: what is compared is the release.
2. That it cannot be brought up is recorded, and nothing else follows from it.
3. What is ended is looked at until nothing of it is left, and only then that is recorded.
"""

from dataclasses import dataclass
from typing import Final, assert_never

from interlock.domain.action import Accompanying, DismissBaseline, ObserveBaseline, StartBaseline
from interlock.domain.baseline import BeginBaseline, ConcludeBaseline, EndBaseline, baseline_key, baseline_stream
from interlock.domain.ids import EffectKey, PromotionId, StreamId
from interlock.domain.promotion import Outcome, Promotion
from interlock.domain.traffic import Lane
from interlock.ports.deploy import Deployed, Deployer, DeployFailed, DeployRequest, InProgress, NothingRuns, Unknown
from interlock.ports.failure import Rejected
from interlock.service.handle import Declined
from interlock.workflows.recording import Progress, Recorder, pinned
from interlock.workflows.workshop import Workshop

_DETAIL: Final = 200
"""How much of what was said of it is recorded."""


@dataclass(frozen=True, slots=True)
class Companion:
    """Performs what baselines need, for one controller."""

    recorder: Recorder
    workshop: Workshop

    def perform(self, action: Accompanying) -> Progress:
        """Do it. Raises `Unavailable` when it is to be tried again."""
        match action:
            case StartBaseline(promotion):
                done = self.recorder.record(self._stream(promotion), BeginBaseline(promotion))
                return Progress.PENDING if isinstance(done, Declined) else self._start(promotion, Progress.MOVED)
            case ObserveBaseline(promotion, key):
                return self._observe(promotion, key)
            case DismissBaseline():
                return self._dismiss(action)
            case _:
                assert_never(action)

    def _start(self, promotion: PromotionId, came: Progress) -> Progress:
        try:
            self._deployer(self._state(promotion)).start(self._request(promotion), baseline_key(promotion))
        except Rejected as fault:
            return self._ended(promotion, Outcome.FAILED, fault.sentence)
        return came

    def _observe(self, promotion: PromotionId, key: EffectKey) -> Progress:
        try:
            progress = self._deployer(self._state(promotion)).observe(key)
        except Rejected as fault:
            return self._ended(promotion, Outcome.FAILED, fault.sentence)
        match progress:
            case InProgress():
                return Progress.PENDING
            case Deployed(detail):
                return self._ended(promotion, Outcome.SUCCEEDED, detail)
            case DeployFailed(detail):
                return self._ended(promotion, Outcome.FAILED, detail)
            case Unknown():
                return self._start(promotion, Progress.PENDING)
            case _:
                assert_never(progress)

    def _dismiss(self, action: DismissBaseline) -> Progress:
        try:
            deployer = self._deployer(self._state(action.promotion))
            deployer.retire(action.service, action.environment)
            left = deployer.running(action.service, action.environment)
        except Rejected:
            return Progress.PENDING
        if not isinstance(left, NothingRuns):
            return Progress.PENDING
        stream = baseline_stream(action.service, action.environment)
        return self.recorder.moved(stream, EndBaseline(action.service, action.environment))

    def _request(self, promotion: PromotionId) -> DeployRequest:
        view, state = self.recorder.desk.view(), self._state(promotion)
        ref, _ = pinned(view, view.release(state.release))
        release = view.release(view.baseline(state.service, state.environment).release)
        return self.workshop.deploy_request(view, ref, release, state.environment)

    def _deployer(self, state: Promotion) -> Deployer:
        view = self.recorder.desk.view()
        ref, _ = pinned(view, view.release(state.release))
        return self.workshop.deployer(view, ref, state.environment, Lane.C)

    def _state(self, promotion: PromotionId) -> Promotion:
        return self.recorder.desk.view().promotion(promotion)

    def _stream(self, promotion: PromotionId) -> StreamId:
        state = self._state(promotion)
        return baseline_stream(state.service, state.environment)

    def _ended(self, promotion: PromotionId, outcome: Outcome, detail: str) -> Progress:
        command = ConcludeBaseline(promotion, baseline_key(promotion), outcome, detail[:_DETAIL])
        return self.recorder.moved(self._stream(promotion), command)
