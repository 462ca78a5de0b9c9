# SPDX-License-Identifier: Apache-2.0
"""Where a rollout is on its way: its steps, what each of them exposes, how it stands, and what holds it up.

A proxy that was to expose the candidate and is not connected carries no traffic that anybody sees, and would come back
to a share that was never tried with it: nothing more is exposed while one is missing. That ends by itself when it is
back, however long it takes; what is exposed elsewhere goes on being watched.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from interlock.domain.baseline import Baseline
from interlock.domain.judge.account import Account
from interlock.domain.judge.judging import Judgement, accounted
from interlock.domain.opinion import opinion, said
from interlock.domain.promotion import Manner, Promotion, PromotionPhase
from interlock.domain.queueing import Turn
from interlock.domain.rollout import Rollout, RolloutPhase
from interlock.domain.slot import NOTHING
from interlock.domain.strategy import Baseline as Asked
from interlock.domain.strategy import Invite, Step, Strategy, Weigh
from interlock.domain.traffic import WHOLE, Exposure, share_beside
from interlock.domain.verdict import Finding

WATCHED: Final = frozenset({PromotionPhase.ROLLING, PromotionPhase.BAKING})


@dataclass(frozen=True, slots=True)
class Course:
    """A promotion's rollout, the turn it is part of, and the baseline there, which some strategies ask for."""

    rollout: Rollout
    turn: Turn
    baseline: Baseline = Baseline()

    @property
    def strategy(self) -> Strategy:
        """How it is rolled out."""
        return self.turn.stage.rollout

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps; the last exposes everything, and is what bakes. Beside nothing there is nothing to compare."""
        first = () if self.turn.slot.live == NOTHING else self.strategy.steps
        return (*first, Weigh(WHOLE))

    @property
    def lease(self) -> timedelta:
        """How long an exposure lives after it was last held."""
        route = self.turn.situation.governance.routes.get(self.rollout.environment)
        return route.lease if route else timedelta(0)

    def awaits_baseline(self, state: Promotion) -> bool:
        """Whether it is to have one, and it is not known yet if it has."""
        asks = self.strategy.analysis.baseline is Asked.FRESH and self.turn.slot.live != NOTHING
        is_moving_beside = state.manner is Manner.BESIDE and state.phase in _BEFORE_EXPOSURE
        return asks and is_moving_beside and not self.baseline.is_settled_for(state.id)

    def exposure_at(self, at: int) -> Exposure:
        """What its step `at` exposes, with the baseline's share where one stands."""
        exposure = exposure_at(self.steps, at)
        if not self.baseline.stands_for(self.rollout.promotion):
            return exposure
        return replace(exposure, baseline=share_beside(exposure.share))


_BEFORE_EXPOSURE: Final = frozenset({PromotionPhase.DEPLOYING, PromotionPhase.VERIFYING, PromotionPhase.ROLLING})


def exposure_at(steps: tuple[Step, ...], at: int) -> Exposure:
    """What is exposed in step `at`: its own share, or that of the last step that had one; a cohort only in its own."""
    share = 0
    for step in steps[: at + 1]:
        share = step.share if isinstance(step, Weigh) else share
    here = steps[at]
    return Exposure(share, here.cohort if isinstance(here, Invite) else "")


def standing_of(course: Course) -> Judgement:
    """What the analysis says so far."""
    return opinion(course.rollout)


def account_of(course: Course) -> Account:
    """All that it says of the comparison with stable, with its numbers."""
    return accounted(course.rollout.evidence, course.rollout.analysis)


def finding_of(course: Course) -> Finding:
    """The same as a finding."""
    return said(course.rollout)


def absence(rollout: Rollout) -> str:
    """What `missing` says, where something is exposed. The first exposure is what finds out who is connected."""
    return missing(rollout) if rollout.confirmed >= 0 else ""


def missing(rollout: Rollout) -> str:
    """Which proxies were not connected when they were asked last; empty when all were, or none was asked yet."""
    gone, known = rollout.absent, len(rollout.proxies) + len(rollout.absent)
    verb = "is" if len(gone) == 1 else "are"
    return f"{len(gone)} of {known} proxies {verb} not answering: {', '.join(gone)}" if gone else ""


def is_moving(state: Promotion, course: Course) -> bool:
    """Whether its candidate has, or may get, traffic that can still be taken from it."""
    is_exposing = state.phase in WATCHED or (state.phase is PromotionPhase.SETTLING and not state.settled_by)
    return is_exposing and course.rollout.phase is not RolloutPhase.ABSENT
