# SPDX-License-Identifier: Apache-2.0
"""The baseline of a rollout: fresh instances of what is stable, beside the candidate's, as facts.

An environment has one place for it, a lane of its own, so one stream. What is there is never live and never becomes
stable: it is there to be compared with, for one promotion, and ends with it. When it begins and ends stands in
`accompanying`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.ids import Digest, EffectKey, EnvironmentName, PromotionId, ReleaseId, ServiceName, StreamId
from interlock.domain.promotion import Outcome

NOBODYS: Final = PromotionId("")
"""Whose baseline stands there where none does."""


class BaselinePhase(StrEnum):
    ABSENT = "absent"
    STARTING = "starting"
    STANDING = "standing"
    MISSING = "missing"
    """It did not come up, or not in time: the rollout goes on without it."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class BeginBaseline:
    """Bring up the baseline of a promotion."""

    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class ConcludeBaseline:
    """What bringing it up came to."""

    promotion: PromotionId
    key: EffectKey
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class EndBaseline:
    """Nothing stands in its place any more."""

    service: ServiceName
    environment: EnvironmentName


BaselineCommand = BeginBaseline | ConcludeBaseline | EndBaseline


@dataclass(frozen=True, slots=True)
class BaselineBegun:
    """Instances of this release, which is live there, may be brought up under `key`."""

    promotion: PromotionId
    release: ReleaseId
    digest: Digest
    key: EffectKey


@dataclass(frozen=True, slots=True)
class BaselineStands:
    promotion: PromotionId
    detail: str


@dataclass(frozen=True, slots=True)
class BaselineMissed:
    """From here on the rollout of this promotion goes without."""

    promotion: PromotionId
    sentence: str


@dataclass(frozen=True, slots=True)
class BaselineEnded:
    """Of what was brought up for this promotion nothing is left."""

    promotion: PromotionId


BaselineEvent = BaselineBegun | BaselineStands | BaselineMissed | BaselineEnded


@dataclass(frozen=True, slots=True)
class Baseline:
    """`promotion`: whose rollout it is of. `held`: for whose something was brought up that has not ended."""

    phase: BaselinePhase = BaselinePhase.ABSENT
    promotion: PromotionId = NOBODYS
    release: ReleaseId = ReleaseId("")
    digest: Digest = Digest("")
    held: PromotionId = NOBODYS
    sentence: str = ""
    """Why it is missing."""

    def stands_for(self, promotion: PromotionId) -> bool:
        """Whether the rollout of this promotion is compared with it."""
        return self.promotion == promotion and self.phase is BaselinePhase.STANDING

    def is_settled_for(self, promotion: PromotionId) -> bool:
        """Whether it is known if that rollout has one."""
        return self.promotion == promotion and self.phase is not BaselinePhase.STARTING


def baseline_stream(service: ServiceName, environment: EnvironmentName) -> StreamId:
    """The stream of the baselines of one service in one environment."""
    return StreamId(f"baseline/{service}/{environment}")


def baseline_key(promotion: PromotionId) -> EffectKey:
    """The key of the one deployment of a promotion's baseline."""
    return EffectKey(f"{promotion}/baseline")


def evolve(state: Baseline, event: BaselineEvent) -> Baseline:
    """The baseline after the event."""
    match event:
        case BaselineBegun(promotion, release, digest):
            return Baseline(BaselinePhase.STARTING, promotion, release, digest, held=promotion)
        case BaselineStands():
            return replace(state, phase=BaselinePhase.STANDING)
        case BaselineMissed(promotion, sentence):
            return replace(state, phase=BaselinePhase.MISSING, promotion=promotion, sentence=sentence)
        case BaselineEnded():
            phase = state.phase if state.phase is BaselinePhase.MISSING else BaselinePhase.ENDED
            return replace(state, phase=phase, held=NOBODYS)
        case _:
            assert_never(event)
