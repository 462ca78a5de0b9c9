# SPDX-License-Identifier: Apache-2.0
"""A rollout as an onlooker sees it: how far it is, what was counted, what it waits for. The same for every face.

1. Nothing is decided here: the standing is the judge's, what keeps a gate shut is the gate's own finding.
2. What was counted is told since the candidate was first exposed; after a loss that begins anew, as the rollout does.
3. The exposure told is the one that the ledger allows. What the proxies serve is never more, and is asked of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, assert_never, cast

from interlock.domain.accompanying import waits_for_baseline
from interlock.domain.action import WakeAt
from interlock.domain.baseline import BaselinePhase
from interlock.domain.course import Course, account_of, finding_of, missing, standing_of
from interlock.domain.gate import evaluate
from interlock.domain.ids import EnvironmentName, PromotionId, ServiceName
from interlock.domain.judge.account import Account
from interlock.domain.judge.judging import Judgement, Standing
from interlock.domain.measuring import least_of, objection
from interlock.domain.moment import span_in_words
from interlock.domain.promotion import Manner, Promotion, PromotionPhase
from interlock.domain.rolling import hindrance, next_actions
from interlock.domain.rollout import NOBODY, ExposureLost, Measured, RolloutEvent, RolloutPhase, rollout_stream
from interlock.domain.slot import OccupantKind
from interlock.domain.strategy import Ask, Invite, Step, Weigh
from interlock.domain.traffic import UNEXPOSED, ArmCounters, Exposure, Snapshot, Tick, between
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger.codec import decode_event
from interlock.service.views import Awaited, Viewer, Whom

RECENT: Final = 60
"""How many of the latest measurements are kept apart."""
TIME: Final = Whom(other="time")
CONTROLLER: Final = Whom(other="the controller")
NOT_AWAITED: Final = Whom(other="nobody")
OVER: Final = frozenset({PromotionPhase.COMPLETED, PromotionPhase.RETURNED, PromotionPhase.TURNED_AWAY})
"""Phases in which a promotion moves no further."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one arm did."""

    requests: int = 0
    errors: int = 0

    def plus(self, arm: ArmCounters) -> "Counted":
        """Both together."""
        return Counted(self.requests + arm.requests, self.errors + arm.errors)

    @property
    def rate(self) -> float:
        """The share of bad answers; 0 where nothing was asked."""
        return self.errors / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What the arms did since the candidate was exposed, and in the latest intervals one by one."""

    last: Snapshot = Snapshot()
    stable: Counted = Counted()
    candidate: Counted = Counted()
    recent: tuple[Tick, ...] = ()
    baseline: Counted = Counted()

    @property
    def arms(self) -> Mapping[str, Counted]:
        """What was counted by the names of the arms; of a baseline, when there was one."""
        beside = {"baseline": self.baseline} if self.baseline.requests else {}
        return {"candidate": self.candidate, **beside, "stable": self.stable}


def tallied(tally: Tally, event: RolloutEvent) -> Tally:
    """The tally after the event."""
    match event:
        case Measured(snapshot=snapshot):
            tick = between(tally.last, snapshot)
            recent = (*tally.recent, tick)[-RECENT:]
            stable, candidate = tally.stable.plus(tick.stable), tally.candidate.plus(tick.candidate)
            return Tally(snapshot, stable, candidate, recent, tally.baseline.plus(tick.baseline))
        case ExposureLost():
            return Tally()
        case _:
            return tally


@dataclass(frozen=True, slots=True)
class Progress:
    """A promotion that is rolled out, at one moment."""

    promotion: Promotion
    course: Course
    tally: Tally
    judgement: Judgement
    account: Account
    """What the judge says, with its numbers."""
    finding: Finding
    """The same as a tree."""
    awaited: tuple[Awaited, ...]
    later: str
    """What comes next, in words; empty when nothing does."""
    wakes_at: datetime
    """When the controller looks again; the moment of looking where it is due already."""

    @property
    def exposure(self) -> Exposure:
        """What the ledger allows now."""
        return UNEXPOSED if self.promotion.phase not in _EXPOSING else self.course.rollout.exposure

    @property
    def is_over(self) -> bool:
        """Whether it moves no further."""
        return self.promotion.phase in OVER

    @property
    def pace(self) -> str:
        """How far it is, in a line."""
        is_held = self.promotion.phase in _EXPOSING and self.course.rollout.phase is RolloutPhase.PAUSED
        return _pace(self.promotion, self.course, self.exposure) + (", paused" if is_held else "")


@dataclass(frozen=True, slots=True)
class NoRollout:
    """Nothing is rolled out there."""

    environment: EnvironmentName


@dataclass(slots=True)
class Onlooker:
    """Looks at rollouts, and remembers what was tallied. Time passes: every look brings its own viewer."""

    tallies: dict[PromotionId, tuple[int, Tally]] = field(default_factory=dict)

    def there(self, viewer: Viewer, service: ServiceName, environment: EnvironmentName) -> Progress | NoRollout:
        """The rollout under way in an environment."""
        view = viewer.gatherer.view
        slot = view.slot(service, environment)
        if slot.kind is not OccupantKind.PROMOTION:
            return NoRollout(environment)
        promotion = PromotionId(slot.occupant)
        state = view.promotion(promotion)
        if state.manner is Manner.BESIDE or _will_be(viewer, state):
            return self.of(viewer, promotion)
        return NoRollout(environment)

    def of(self, viewer: Viewer, promotion: PromotionId) -> Progress:
        """The rollout of a promotion, also of one that has ended. Raises `Ungoverned` (code `promotion.unknown`)."""
        gatherer = viewer.gatherer
        state, course = gatherer.course_of(promotion)
        actions = next_actions(state, course, NOBODY, gatherer.now)
        wakes = [one.at if isinstance(one, WakeAt) else gatherer.now for one in actions]
        return Progress(
            state,
            course,
            self._tally(viewer, promotion),
            standing_of(course),
            account_of(course),
            finding_of(course),
            tuple(_awaited(viewer, state, course)),
            _later(state, course),
            min(wakes, default=gatherer.now),
        )

    def _tally(self, viewer: Viewer, promotion: PromotionId) -> Tally:
        position, tally = self.tallies.get(promotion, (0, Tally()))
        for record in viewer.store.stream(rollout_stream(promotion), after=position):
            event = cast("RolloutEvent", decode_event(record.event, record.version, record.payload))
            position, tally = record.position, tallied(tally, event)
        self.tallies[promotion] = (position, tally)
        return tally


def share_in_words(share: int) -> str:
    """Basis points as people say them."""
    return f"{share / 100:g} %"


def exposure_in_words(exposure: Exposure) -> str:
    """How much of the traffic: `10 %`, `cohort testers`, or both; and that there is a baseline beside it."""
    parts = [share_in_words(exposure.share)] if exposure.share or not exposure.cohort else []
    words = " and ".join((*parts, f"cohort {exposure.cohort}") if exposure.cohort else parts)
    return f"{words} beside a baseline of {share_in_words(exposure.baseline)}" if exposure.baseline else words


def step_in_words(step: Step) -> str:
    """What a step does, in two words."""
    match step:
        case Weigh(share):
            return share_in_words(share)
        case Invite(cohort):
            return f"cohort {cohort}"
        case Ask(roles):
            return f"ask {' or '.join(roles)}"
        case _:
            assert_never(step)


_EXPOSING: Final = frozenset({PromotionPhase.ROLLING, PromotionPhase.BAKING, PromotionPhase.SETTLING})


def _will_be(viewer: Viewer, state: Promotion) -> bool:
    """Whether what waits for its turn will be rolled out."""
    routes = viewer.gatherer.situation_under(state).governance.routes
    return state.phase is PromotionPhase.WAITING and state.environment in routes


def _pace(state: Promotion, course: Course, exposure: Exposure) -> str:
    match state.phase:
        case PromotionPhase.ROLLING:
            return _rolling_pace(course, exposure)
        case PromotionPhase.BAKING:
            bake = course.turn.stage.bake
            return f"at 100 %, baking: {span_in_words(state.baked)} of {span_in_words(bake.duration)} observed"
        case PromotionPhase.SETTLING:
            return "at 100 %, becoming stable"
        case _:
            return state.phase.replace("_", " ")


def _rolling_pace(course: Course, exposure: Exposure) -> str:
    rollout, step = course.rollout, course.steps[course.rollout.step]
    at = "nothing exposed yet" if exposure == UNEXPOSED else f"at {exposure_in_words(exposure)}"
    number = f"step {rollout.step + 1} of {len(course.steps)}"
    if isinstance(step, Ask):
        return f"{at} ({number} asks {' or '.join(step.roles)})"
    if rollout.confirmed != rollout.step:
        return f"{at} (before {number})"
    seen = f", {span_in_words(rollout.held)} of {span_in_words(step.hold)} observed" if step.hold else ""
    counted = f", {rollout.requests} of {step.least} requests" if step.least else ""
    return f"{at} ({number}){seen}{counted}"


def _awaited(viewer: Viewer, state: Promotion, course: Course) -> Iterator[Awaited]:
    match state.phase:
        case PromotionPhase.ROLLING:
            yield from _in_the_way(viewer, state, course)
            yield from _step_waits(viewer, state, course)
        case PromotionPhase.BAKING:
            yield from _in_the_way(viewer, state, course)
            left = max(course.turn.stage.bake.duration - state.baked, timedelta(0))
            sentence = f"baking goes on for {span_in_words(left)} more, as observed"
            yield _waits("rollout.baking", state, sentence, TIME)
        case PromotionPhase.COMPLETED | PromotionPhase.RETURNED | PromotionPhase.TURNED_AWAY:
            return
        case PromotionPhase.FAILED:
            yield _waits("rollout.going_back", state, "it goes back to what is stable", CONTROLLER)
        case PromotionPhase.SETTLING:
            yield from _in_the_way(viewer, state, course)
            yield _waits("rollout.becoming_stable", state, "its lane becomes what is stable", CONTROLLER)
        case _:
            sentence = "it is brought up beside what is stable; nothing is exposed yet"
            yield _waits("rollout.not_begun", state, sentence, CONTROLLER)


_UNTIL_BACK: Final = (
    "nothing more is exposed until that is mended, then it goes on by itself; "
    "to do without one for good, abort and take it out of the bindings"
)


def _in_the_way(viewer: Viewer, state: Promotion, course: Course) -> Iterator[Awaited]:
    """What holds it besides its own step."""
    rollout, patience = course.rollout, span_in_words(course.strategy.blind_for)
    if rollout.phase is RolloutPhase.PAUSED:
        sentence = "it is paused; what is exposed goes on being watched"
        command = f"interlock rollout resume {state.environment}"
        yield _waits("rollout.paused", state, sentence, Whom(other="a person"), command)
    against = objection(rollout, course.strategy)
    if rollout.is_blind:
        blind = int((viewer.gatherer.now - rollout.blind_since).total_seconds())
        sentence = f"nothing could be measured for {blind} s, after {patience} it goes back: {rollout.blind_why}"
        yield _waits("rollout.unseen", state, sentence, Whom(other="its metrics"))
    elif against and against == finding_of(course).why():
        sentence = "what was seen speaks against it, not yet enough to go back"
        yield _waits("rollout.suspicious", state, sentence, Whom(other="requests"))
    elif against:
        yield _waits("rollout.ill", state, f"{against}; after {patience} it goes back", Whom(other="the candidate"))
    yield from _without_baseline(state, course)
    if rollout.absent:
        yield _waits("rollout.absent", state, f"{missing(rollout)}; {_UNTIL_BACK}", Whom(other="its proxies"))


def _without_baseline(state: Promotion, course: Course) -> Iterator[Awaited]:
    """That it is compared with less than was asked for. Nothing waits for that, and it is said."""
    baseline, snapshot = course.baseline, course.rollout.snapshot
    instead = "it is compared with what is stable alone, which allows for its warm-up"
    if baseline.promotion == state.id and baseline.phase is BaselinePhase.MISSING:
        yield _waits("rollout.no_baseline", state, f"there is no baseline: {baseline.sentence}; {instead}", NOT_AWAITED)
    elif course.rollout.exposure.baseline and snapshot.baseline_ready < snapshot.baseline_members:
        ready = f"{snapshot.baseline_ready} of {snapshot.baseline_members} instances of the baseline are ready"
        yield _waits("rollout.baseline_ill", state, f"{ready}; until all are, {instead}", NOT_AWAITED)


def _step_waits(viewer: Viewer, state: Promotion, course: Course) -> Iterator[Awaited]:
    rollout, step = course.rollout, course.steps[course.rollout.step]
    if isinstance(step, Ask):
        governance = course.turn.situation.governance
        known = course.turn.situation.people
        people = tuple(one for one in governance.who_holds(*step.roles) if not known.has_left(one))
        sentence = f"{' or '.join(step.roles)} agrees that it goes on"
        command = f"interlock rollout agree {state.environment}"
        yield _waits("rollout.asked", state, sentence, Whom(step.roles, people), command)
    elif rollout.confirmed == rollout.step:
        yield from _observing(state, course, step)
    elif rollout.phase is RolloutPhase.ADVANCING and not hindrance(course):
        yield from _before_exposing(viewer, state, course)


def _observing(state: Promotion, course: Course, step: Weigh | Invite) -> Iterator[Awaited]:
    rollout, judgement = course.rollout, standing_of(course)
    if rollout.held < step.hold:
        sentence = f"{span_in_words(rollout.held)} of {span_in_words(step.hold)} observed"
        yield _waits("rollout.observing", state, sentence, TIME)
    if rollout.requests < least_of(step):
        sentence = f"{rollout.requests} of {least_of(step)} candidate requests seen in this step"
        yield _waits("rollout.too_few", state, sentence, Whom(other="requests"))
    elif judgement.standing is Standing.UNDECIDED and isinstance(step, Weigh):
        then = next((leaf.next_step for leaf in finding_of(course).blockers() if leaf.next_step), "wait for more")
        sentence = f"too little was seen to call it good: {then}"
        yield _waits("rollout.undecided", state, sentence, Whom(other="requests"))


def _before_exposing(viewer: Viewer, state: Promotion, course: Course) -> Iterator[Awaited]:
    rollout, now = course.rollout, viewer.gatherer.now
    wanted = exposure_in_words(course.exposure_at(rollout.step))
    free = rollout.lost_at + course.lease
    if waits_for_baseline(state, course, now):
        patience = span_in_words(course.strategy.blind_for)
        sentence = f"fresh instances of what is stable are brought up to compare it with, for {patience} at most"
        yield _waits("rollout.awaits_baseline", state, sentence, CONTROLLER)
        return
    if now < free:
        left = int((free - now).total_seconds()) + 1
        sentence = f"its exposure was lost; it begins anew in {left} s, when what was pushed before has run out"
        yield _waits("rollout.lost", state, sentence, TIME)
        return
    if rollout.authorised == rollout.step:
        yield _waits("rollout.confirming", state, f"the proxies have not confirmed {wanted} yet", CONTROLLER)
        return
    gate = evaluate(course.turn.situation, now)
    if gate.opens:
        yield _waits("rollout.due", state, f"{wanted} is exposed next", CONTROLLER)
    yield from viewer.awaited(course.turn.situation, gate)


def _waits(code: str, state: Promotion, sentence: str, whom: Whom, command: str = "") -> Awaited:
    return Awaited(Finding(code, state.id, Verdict.INCONCLUSIVE, sentence), whom, command)


def _later(state: Promotion, course: Course) -> str:
    match state.phase:
        case PromotionPhase.ROLLING if course.rollout.step + 1 < len(course.steps):
            return step_in_words(course.steps[course.rollout.step + 1])
        case PromotionPhase.ROLLING if course.turn.stage.bake.duration:
            return f"baking for {span_in_words(course.turn.stage.bake.duration)}"
        case PromotionPhase.ROLLING | PromotionPhase.BAKING:
            return "it becomes stable"
        case PromotionPhase.WAITING | PromotionPhase.DEPLOYING | PromotionPhase.VERIFYING:
            return step_in_words(course.steps[0])
        case _:
            return ""
