# SPDX-License-Identifier: Apache-2.0
"""A rollout as data: steps, exposure, all arms, the evidence against its threshold, what it waits for."""

import msgspec

from interlock.domain.rollout import RolloutPhase
from interlock.domain.traffic import UNEXPOSED
from interlock.service.portraits.findings import AwaitedShown, FindingShown, awaited, finding
from interlock.service.portraits.fleet import is_held
from interlock.service.portraits.judgements import JudgementShown, evidence
from interlock.service.portraits.judgements import judgement as account
from interlock.service.rollouts import Counted, Progress, step_in_words


class ExposureShown(msgspec.Struct, frozen=True):
    """How much of the traffic the candidate is given, and how much its baseline."""

    percent: float
    cohort: str
    baseline: float


class ArmShown(msgspec.Struct, frozen=True):
    """What was counted of one arm."""

    requests: int
    errors: int
    rate: float


class FreshShown(ArmShown, frozen=True):
    """The same of the candidate, or its baseline, and how many of its instances are ready."""

    ready: int
    members: int


class RolloutShown(msgspec.Struct, frozen=True):
    """A promotion that is, or was, rolled out."""

    promotion: str
    release: str
    service: str
    environment: str
    phase: str
    cause: str
    sentence: str
    paused: bool
    pace: str
    step: int
    steps: list[str]
    exposure: ExposureShown
    confirmed: list[str]
    absent: list[str]
    losses: int
    controller: bool
    held: bool
    stable: ArmShown
    candidate: FreshShown
    baseline: FreshShown
    standing: str
    evidence: float
    threshold: float
    judgement: FindingShown
    account: JudgementShown
    awaited: list[AwaitedShown]
    then: str
    looks_again: str


def rollout(seen: Progress, *, driven: bool) -> RolloutShown:
    """How it stands."""
    state, promotion, snapshot = seen.course.rollout, seen.promotion, seen.course.rollout.snapshot
    return RolloutShown(
        promotion=promotion.id,
        release=promotion.release,
        service=promotion.service,
        environment=promotion.environment,
        phase=promotion.phase.value,
        cause=promotion.cause.value if promotion.sentence else "",
        sentence=promotion.sentence,
        paused=state.phase is RolloutPhase.PAUSED,
        pace=seen.pace,
        step=state.step + 1,
        steps=[step_in_words(one) for one in seen.course.steps],
        exposure=_exposure(seen),
        confirmed=list(state.proxies),
        absent=list(state.absent),
        losses=state.losses,
        controller=driven,
        held=seen.exposure != UNEXPOSED and is_held(seen, driven=driven),
        stable=_arm(seen.tally.stable),
        candidate=_fresh(seen.tally.candidate, snapshot.ready, snapshot.members),
        baseline=_fresh(seen.tally.baseline, snapshot.baseline_ready, snapshot.baseline_members),
        standing=seen.judgement.standing.value,
        evidence=evidence(seen.account.log_evidence),
        threshold=evidence(seen.account.threshold),
        judgement=finding(seen.finding),
        account=account(seen.account),
        awaited=[awaited(wait) for wait in seen.awaited],
        then=seen.later,
        looks_again=seen.wakes_at.isoformat(),
    )


def _exposure(seen: Progress) -> ExposureShown:
    exposure = seen.exposure
    return ExposureShown(exposure.share / 100, exposure.cohort, exposure.baseline / 100)


def _fresh(arm: Counted, ready: int, members: int) -> FreshShown:
    return FreshShown(arm.requests, arm.errors, arm.rate, ready, members)


def _arm(arm: Counted) -> ArmShown:
    return ArmShown(arm.requests, arm.errors, arm.rate)
