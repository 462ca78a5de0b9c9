# SPDX-License-Identifier: Apache-2.0
"""Rollouts: a candidate given traffic step by step beside what is stable, as facts.

What a rollout is, what can be asked of it, what can happen to it. How it moves stands in `rolling`. A rollout belongs
to one promotion and is named after it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.ids import EnvironmentName, PersonId, PromotionId, ServiceName, StreamId
from interlock.domain.judge.accompanied import Trials, hear_all
from interlock.domain.judge.judging import Moment
from interlock.domain.judge.trial import Trial
from interlock.domain.moment import NEVER
from interlock.domain.strategy import Analysis, Split
from interlock.domain.traffic import UNEXPOSED, WHOLE, Exposure, Snapshot, Tick, between, together

AT_LAST: Final = timedelta(seconds=60)
"""How long the judge waits for a request of the other arm."""
NOBODY = ""
"""The holder of an exposure that nobody holds, and the onlooker who asks what is due without holding anything."""


class RolloutPhase(StrEnum):
    ABSENT = "absent"
    ADVANCING = "advancing"
    PAUSED = "paused"


class Answered(StrEnum):
    """What became of an exposure that was asked of the proxies."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class AuthoriseExposure:
    """Ask the gate whether this step may expose the candidate; `holder` is who will hold the lease."""

    promotion: PromotionId
    step: int
    holder: str


@dataclass(frozen=True, slots=True)
class ConcludeExposure:
    """What the proxies said to the exposure of this step."""

    promotion: PromotionId
    step: int
    answered: Answered
    proxies: tuple[str, ...]
    absent: tuple[str, ...]
    detail: str
    holder: str = NOBODY
    """Who told the proxies. Nobody is never the holder of an exposure, so it may not be left out."""


@dataclass(frozen=True, slots=True)
class ReportProxies:
    """Which proxies confirmed `holder` when it held its exposure last, and which are not connected."""

    promotion: PromotionId
    holder: str
    proxies: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordMeasurement:
    promotion: PromotionId
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class ReportBlindness:
    """Nothing could be measured."""

    promotion: PromotionId
    sentence: str


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """Whoever held the exposure does not hold it any more; `holder` is who found out."""

    promotion: PromotionId
    holder: str


@dataclass(frozen=True, slots=True)
class PauseRollout:
    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class ResumeRollout:
    promotion: PromotionId


@dataclass(frozen=True, slots=True)
class AgreeToStep:
    """Answer the step that asks."""

    promotion: PromotionId
    step: int


@dataclass(frozen=True, slots=True)
class BeginSettling:
    """Make the proven candidate what is stable; `holder` is who holds its exposure meanwhile."""

    promotion: PromotionId
    holder: str


@dataclass(frozen=True, slots=True)
class ConcludeSettling:
    """What the proxies said to serving it as stable."""

    promotion: PromotionId
    answered: Answered
    detail: str


RolloutCommand = (
    AuthoriseExposure
    | ConcludeExposure
    | ReportProxies
    | RecordMeasurement
    | ReportBlindness
    | ReportLoss
    | PauseRollout
    | ResumeRollout
    | AgreeToStep
    | BeginSettling
    | ConcludeSettling
)


@dataclass(frozen=True, slots=True)
class RolloutBegun:
    promotion: PromotionId
    service: ServiceName
    environment: EnvironmentName
    analysis: Analysis
    """What all of it is judged by."""


@dataclass(frozen=True, slots=True)
class ExposureAuthorised:
    """The gate opened for this step; the proxies may be told, by this holder only."""

    promotion: PromotionId
    step: int
    exposure: Exposure
    holder: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExposureConfirmed:
    promotion: PromotionId
    step: int
    at: datetime
    proxies: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProxiesSeen:
    """Since then other proxies are connected than were before."""

    promotion: PromotionId
    at: datetime
    proxies: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted; `counted` is the time it adds to the step's hold."""

    promotion: PromotionId
    at: datetime
    snapshot: Snapshot
    counted: timedelta
    ill: timedelta
    """The time it adds to the candidate's illness; less than none: it heals."""
    calm: timedelta = timedelta(0)
    """How long, after it, nothing was added to a doubt about the candidate; nothing while there is none."""
    aged: timedelta = timedelta(0)
    """How much longer the candidate has been exposed than at the one before; never nothing, never the clock's jump."""


@dataclass(frozen=True, slots=True)
class SightLost:
    """Nothing could be measured at this time."""

    promotion: PromotionId
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    promotion: PromotionId
    step: int


@dataclass(frozen=True, slots=True)
class StepAgreed:
    promotion: PromotionId
    step: int
    by: PersonId


@dataclass(frozen=True, slots=True)
class ExposureLost:
    """Nobody knows what was exposed since; it begins anew at the first step, with fresh data."""

    promotion: PromotionId
    at: datetime
    holder: str


@dataclass(frozen=True, slots=True)
class RolloutPaused:
    promotion: PromotionId
    by: str


@dataclass(frozen=True, slots=True)
class RolloutResumed:
    promotion: PromotionId
    by: str


RolloutEvent = (
    RolloutBegun
    | ExposureAuthorised
    | ExposureConfirmed
    | ProxiesSeen
    | Measured
    | SightLost
    | StepFinished
    | StepAgreed
    | ExposureLost
    | RolloutPaused
    | RolloutResumed
)


@dataclass(frozen=True, slots=True)
class Rollout:
    phase: RolloutPhase = RolloutPhase.ABSENT
    promotion: PromotionId = PromotionId("")
    service: ServiceName = ServiceName("")
    environment: EnvironmentName = EnvironmentName("")
    analysis: Analysis = Analysis()
    step: int = 0
    exposure: Exposure = UNEXPOSED
    """What was authorised last; never less than what is exposed."""
    authorised: int = -1
    """The step whose exposure was authorised last."""
    authorised_at: datetime = NEVER
    confirmed: int = -1
    """The step whose exposure the proxies confirmed last."""
    confirmed_at: datetime = NEVER
    proxies: tuple[str, ...] = ()
    """Which proxies confirmed the exposure when it was held last."""
    absent: tuple[str, ...] = ()
    """Which were not connected then."""
    holder: str = NOBODY
    looked_at: datetime = NEVER
    """When it was last tried to measure."""
    measured_at: datetime = NEVER
    """When it was last measured; `NEVER`: not since its exposure was confirmed."""
    snapshot: Snapshot = Snapshot()
    evidence: Trial = Trial()
    accompanied: Trial = Trial()
    """The candidate against its baseline, where it has one."""
    age: timedelta = timedelta(0)
    """How long the candidate has been exposed, as far as it was looked at."""
    pending: Tick = Tick()
    """What was counted since the judge was told, of arms of which one had no request yet."""
    pending_for: timedelta = timedelta(0)
    quiet: timedelta = timedelta(0)
    """How long the candidate has had no request, in the present exposure."""
    held: timedelta = timedelta(0)
    """How long the present step was observed."""
    requests: int = 0
    """Candidate requests seen in the present step."""
    unanswered: int = 0
    """Requests that stable had, in the present exposure, since the candidate had one."""
    calm: timedelta = timedelta(0)
    """How long nothing was added to the doubt about the candidate."""
    ill: timedelta = timedelta(0)
    """How long the candidate was seen not taking requests, less what of it has healed."""
    blind_since: datetime = NEVER
    blind_why: str = ""
    losses: int = 0
    lost_at: datetime = NEVER

    @property
    def is_blind(self) -> bool:
        """Whether the last attempt to measure failed."""
        return self.blind_since != NEVER


def rollout_stream(promotion: PromotionId) -> StreamId:
    """The stream of a promotion's rollout."""
    return StreamId(f"rollout/{promotion}")


def evolve(state: Rollout, event: RolloutEvent) -> Rollout:
    """The rollout after the event."""
    match event:
        case RolloutBegun(promotion, service, environment, analysis):
            return Rollout(RolloutPhase.ADVANCING, promotion, service, environment, analysis)
        case ExposureAuthorised(_, step, exposure, holder, at):
            return replace(state, authorised=step, exposure=exposure, holder=holder, authorised_at=at)
        case ExposureConfirmed(_, step, at, proxies, absent):
            confirmed = replace(state, confirmed=step, confirmed_at=at, proxies=proxies, absent=absent)
            return replace(
                confirmed, measured_at=NEVER, held=timedelta(0), requests=0, unanswered=0, quiet=timedelta(0)
            )
        case ProxiesSeen(_, _, proxies, absent):
            return replace(state, proxies=proxies, absent=absent)
        case Measured():
            return _measured(state, event)
        case SightLost(_, at, sentence):
            since = state.blind_since if state.is_blind and state.blind_since <= at else at
            return replace(state, looked_at=at, blind_since=since, blind_why=sentence)
        case _:
            return _moved(state, event)


def _moved(state: Rollout, event: StepFinished | StepAgreed | ExposureLost | RolloutPaused | RolloutResumed) -> Rollout:
    match event:
        case StepFinished(_, step) | StepAgreed(_, step):
            return replace(state, step=step + 1, held=timedelta(0), requests=0)
        case ExposureLost(_, at, holder):
            began = Rollout(state.phase, state.promotion, state.service, state.environment, state.analysis)
            known = replace(began, proxies=state.proxies, absent=state.absent)
            return replace(known, losses=state.losses + 1, lost_at=at, holder=holder)
        case RolloutPaused():
            return replace(state, phase=RolloutPhase.PAUSED)
        case RolloutResumed():
            return replace(state, phase=RolloutPhase.ADVANCING)
        case _:
            assert_never(event)


def _measured(state: Rollout, event: Measured) -> Rollout:
    """Requests since the measurement before count for the step when all of them came in its own exposure."""
    tick = between(state.snapshot, event.snapshot)
    own = Tick() if state.measured_at == NEVER else tick
    heard = _heard(state, event, tick)
    return replace(
        heard,
        looked_at=event.at,
        measured_at=event.at,
        snapshot=event.snapshot,
        held=state.held + event.counted,
        requests=state.requests + own.candidate.requests,
        unanswered=0 if tick.candidate.requests else state.unanswered + own.stable.requests,
        quiet=timedelta(0) if tick.candidate.requests else state.quiet + event.aged,
        ill=state.ill + event.ill,
        calm=event.calm,
        blind_since=NEVER,
        blind_why="",
    )


def _heard(state: Rollout, event: Measured, tick: Tick) -> Rollout:
    """The judge is told once both arms had a request, or when that takes long: where few come, a tick has but one."""
    told, lasted, age = together(state.pending, tick), state.pending_for + event.aged, state.age + event.aged
    is_half = not (told.stable.requests and told.candidate.requests)
    if is_half and lasted < AT_LAST and state.exposure.share < WHOLE:
        return replace(state, pending=told, pending_for=lasted, age=age)
    seen, spans = event.snapshot, (age.total_seconds(), lasted.total_seconds())
    moment = Moment(*spans, _share(state), state.confirmed, seen.members, seen.baseline_members)
    trials = hear_all(Trials(state.evidence, state.accompanied), told, seen, moment, state.analysis)
    heard = replace(state, evidence=trials.stable, accompanied=trials.baseline, age=age)
    return replace(heard, pending=Tick(), pending_for=timedelta(0))


def _share(state: Rollout) -> float:
    """The candidate's part of its own and stable's requests; 0 where unknown: just changed, of users, with a cohort."""
    is_told = state.confirmed == state.authorised and state.measured_at != NEVER
    is_of_all = state.analysis.split is Split.REQUESTS and not state.exposure.cohort
    return state.exposure.share / (WHOLE - state.exposure.baseline) if is_told and is_of_all else 0.0
