# SPDX-License-Identifier: Apache-2.0
"""A world with a clock and people in it: the long stories (release, gate, promotion, rollback) in few words.

`drive` is the controller: it performs what `next_actions` asks for, with the outcomes it is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from tests.domain.shop import (
    A0,
    A1,
    A2,
    C1,
    C2,
    G1,
    GOVERNANCES,
    ISSUES,
    PEOPLE,
    PLAN,
    PRODUCTION,
    R0,
    R1,
    R2,
    REPORT,
    ROUTED,
    SHOP,
    STAGING,
    START,
    TESTS,
    WORDS,
    ann,
    bob,
    creation,
    cyd,
    dan,
    ref,
)
from tests.domain.world import Command, Event, World

from interlock.domain import accompanying, promoting, returning, rolling
from interlock.domain.action import (
    Accompanying,
    Action,
    AuthoriseDeployment,
    Conclude,
    DismissBaseline,
    Expose,
    Measure,
    NoticeLoss,
    ObserveBaseline,
    ObserveDeployment,
    ReturnTo,
    Rolling,
    RunCheck,
    Settle,
    StartBaseline,
    StartRollback,
    WakeAt,
)
from interlock.domain.actor import CONTROLLER, Actor, Person
from interlock.domain.approval import Answer, Approve, Bound, SignOff, bind
from interlock.domain.baseline import BeginBaseline, ConcludeBaseline, EndBaseline
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.decision import Accepted, Decision
from interlock.domain.evidence import RecordEvidence
from interlock.domain.gate import evaluate
from interlock.domain.governance import AdoptGovernance
from interlock.domain.ids import (
    EVERYWHERE,
    CheckId,
    Digest,
    EnvironmentName,
    PromotionId,
    ReleaseId,
    RequirementId,
    RollbackId,
)
from interlock.domain.people import AddPerson
from interlock.domain.procedure import Governance
from interlock.domain.promotion import (
    BeginDeployment,
    ConcludeDeployment,
    ConcludeProof,
    Manner,
    Outcome,
    PromotionPhase,
    RequestPromotion,
)
from interlock.domain.rollback import BeginRollback, ConcludeReturn, ConcludeRollbackProof, Returned
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
)
from interlock.domain.slot import AdoptRunning, OccupantKind
from interlock.domain.traffic import WHOLE, ArmCounters, Snapshot, SourceCounters
from interlock.domain.verdict import Finding, Verdict

NONE_NAMED: Final = ReleaseId("")
BEGUN: Final = START - timedelta(days=1)


class Seen(Enum):
    """What measuring a candidate comes to."""

    WELL = auto()
    WORSE = auto()
    """Every fifth of its answers is bad."""
    UNREADY = auto()
    NOTHING = auto()
    """The metrics are gone."""


@dataclass(frozen=True)
class Luck:
    """How the outside answers: what deployments come to and what checks say."""

    deployment: Outcome = Outcome.SUCCEEDED
    verdict: Verdict = Verdict.PASS
    answered: Answered = Answered.CONFIRMED
    seen: Seen = Seen.WELL
    beside: Outcome = Outcome.SUCCEEDED
    """What bringing up a baseline comes to."""
    absent: tuple[str, ...] = ()
    """The proxies that are not connected, besides the one that is."""


GOOD: Final = Luck()
BAD: Final = Luck(verdict=Verdict.FAIL)


@dataclass
class Tale:
    """A world and the time in it."""

    world: World
    now: datetime = START
    orders: int = 0
    holder: str = "first"
    """Under what name the controller holds exposures."""
    counted: int = 0
    """Requests of the candidate."""
    beside: int = 0
    """Requests of stable, as many as its share of the traffic has it."""
    """Requests of each arm since its source was started."""
    bad: int = 0
    """Bad answers of the candidate since then."""
    fresh: int = 0
    """Requests of a baseline."""

    def tell(self, command: Command, actor: Actor) -> Decision[Event]:
        """Give a command now."""
        return self.world.tell(command, actor, self.now)

    def well(self, command: Command, actor: Actor) -> tuple[Event, ...]:
        """Give a command that must be accepted; its events."""
        decision = self.tell(command, actor)
        assert isinstance(decision, Accepted), decision
        return tuple(emitted.event for emitted in decision.events)

    def wait(self, seconds: int) -> None:
        """Let the clock go on, or back."""
        self.now += timedelta(seconds=seconds)

    def gate(self, release: ReleaseId, environment: EnvironmentName) -> Finding:
        """What the gate says now."""
        return evaluate(self.world.situation(release, environment), self.now)

    def bound(self, release: ReleaseId, environment: EnvironmentName) -> Bound:
        """What a decision made now is about."""
        return bind(self.world.matter(release, environment))

    def record(
        self,
        release: ReleaseId,
        check: CheckId,
        verdict: Verdict,
        environment: EnvironmentName = EVERYWHERE,
        actor: Actor = CONTROLLER,
        count: int = 0,
    ) -> Decision[Event]:
        """Store a reading taken just now."""
        known = self.world.release(release)
        query = "priority in P0" if check == ISSUES else ""
        return self.tell(
            RecordEvidence(
                known.digest,
                check,
                environment,
                verdict,
                f"{check} says {verdict}",
                "ci",
                REPORT,
                known.governance,
                self.now,
                query,
                count,
                release=release,
            ),
            actor,
        )

    def sign(self, release: ReleaseId, environment: EnvironmentName, who: Person) -> Decision[Event]:
        """Sign off the plan."""
        return self.tell(SignOff(release, environment, PLAN.id, self.bound(release, environment)), who)

    def sign_off(self, release: ReleaseId, requirement: RequirementId, who: Person) -> Decision[Event]:
        """Sign off any requirement before production."""
        return self.tell(SignOff(release, PRODUCTION, requirement, self.bound(release, PRODUCTION)), who)

    def approve(
        self, release: ReleaseId, environment: EnvironmentName, who: Person, answer: Answer = Answer.APPROVED
    ) -> Decision[Event]:
        """Approve or reject."""
        return self.tell(Approve(release, environment, answer, self.bound(release, environment), WORDS), who)

    def prepare(self, release: ReleaseId, environment: EnvironmentName) -> None:
        """Everything the gate asks for."""
        self.record(release, TESTS, Verdict.PASS)
        self.record(release, ISSUES, Verdict.PASS)
        self.sign(release, environment, bob)
        if environment == PRODUCTION:
            self.approve(release, environment, cyd)
            self.approve(release, environment, dan)
            self.approve(release, environment, bob)

    def request(self, release: ReleaseId, environment: EnvironmentName, name: str, who: Actor = ann) -> Decision[Event]:
        """Ask for a promotion."""
        return self.tell(RequestPromotion(PromotionId(name), release, environment), who)

    def wants(self, environment: EnvironmentName) -> tuple[Action, ...]:
        """What the world needs now in this environment."""
        return (*self._moves(environment), *accompanying.leftovers(self.world.berth(environment)))

    def _moves(self, environment: EnvironmentName) -> tuple[Action, ...]:
        where = self.world.slot(environment)
        if where.kind is OccupantKind.ROLLBACK:
            going = self.world.returning(environment)
            book = self.world.evidence(going.digest)
            return returning.next_actions(going, self.world.verification(environment), book, self.now)
        name = where.occupant if where.kind is OccupantKind.PROMOTION else "".join(q.promotion for q in where.queue[:1])
        if not name:
            return ()
        moving = self.world.promotion(PromotionId(name))
        stage, book = self.world.turn_of(moving).stage, self.world.evidence(moving.digest)
        promoted = promoting.next_actions(moving, stage, book, self.now)
        if moving.manner is Manner.IN_PLACE:
            return promoted
        course = self.world.course(moving)
        beside = accompanying.next_actions(moving, course)
        wanted = (*rolling.next_actions(moving, course, self.holder, self.now), *beside, *promoted)
        wakes = [action for action in wanted if isinstance(action, WakeAt)]
        if len(wakes) < len(wanted) or not wakes:
            return tuple(action for action in wanted if not isinstance(action, WakeAt))
        return (min(wakes, key=lambda wake: wake.at),)

    def drive(self, environment: EnvironmentName, luck: Luck = GOOD) -> Sequence[Decision[Event]]:
        """Perform what is wanted now."""
        return [decision for action in self.wants(environment) for decision in self.perform(action, environment, luck)]

    def perform(self, action: Action, environment: EnvironmentName, luck: Luck) -> Sequence[Decision[Event]]:
        """Perform one action."""
        match action:
            case AuthoriseDeployment(promotion, _, _):
                return [self.tell(BeginDeployment(promotion), CONTROLLER)]
            case ObserveDeployment(promotion, _, key):
                return [self.tell(ConcludeDeployment(promotion, key, luck.deployment, "the script"), CONTROLLER)]
            case RunCheck(release, check, where, _):
                return [self.record(release, check, luck.verdict, where)]
            case Conclude(process):
                rolling = self.world.slot(environment).kind is OccupantKind.ROLLBACK
                proof = ConcludeRollbackProof(RollbackId(process)) if rolling else ConcludeProof(PromotionId(process))
                return [self.tell(proof, CONTROLLER)]
            case Expose() | Measure() | NoticeLoss() | Settle():
                return self._roll(action, luck)
            case StartBaseline() | ObserveBaseline() | DismissBaseline():
                return [self.tell(self._accompany(action, luck), CONTROLLER)]
            case _:
                return self._return(action, environment, luck)

    def _roll(self, action: Rolling, luck: Luck) -> Sequence[Decision[Event]]:
        name = action.promotion
        match action:
            case Expose(step=step):
                asked = self.tell(AuthoriseExposure(name, step, self.holder), CONTROLLER)
                held = ("proxy",), luck.absent, "said the proxy", self.holder
                answer = ConcludeExposure(name, step, luck.answered, *held)
                return [asked, *([self.tell(answer, CONTROLLER)] if isinstance(asked, Accepted) else [])]
            case Measure():
                return [*self._see(name, luck.absent), self.measure(name, luck.seen)]
            case NoticeLoss():
                return [self.tell(ReportLoss(name, self.holder), CONTROLLER)]
            case Settle():
                begun = []
                if self.world.promotion(name).settled_by != self.holder:
                    begun = [self.tell(BeginSettling(name, self.holder), CONTROLLER)]
                return [*begun, self.tell(ConcludeSettling(name, luck.answered, "said the proxy"), CONTROLLER)]

    def _accompany(self, action: Accompanying, luck: Luck) -> Command:
        match action:
            case StartBaseline(promotion):
                return BeginBaseline(promotion)
            case ObserveBaseline(promotion, key):
                return ConcludeBaseline(promotion, key, luck.beside, "the script")
            case DismissBaseline(service, environment):
                return EndBaseline(service, environment)

    def _see(self, name: PromotionId, absent: tuple[str, ...]) -> Sequence[Decision[Event]]:
        rollout = self.world.course(self.world.promotion(name)).rollout
        if rollout.confirmed < 0 or rollout.holder != self.holder or rollout.absent == absent:
            return []
        return [self.tell(ReportProxies(name, self.holder, ("proxy",), absent), CONTROLLER)]

    def measure(self, name: PromotionId, seen: Seen = Seen.WELL, requests: int = 4000) -> Decision[Event]:
        """Count what both arms did since the last time."""
        if seen is Seen.NOTHING:
            return self.tell(ReportBlindness(name, "no answer"), CONTROLLER)
        course = self.world.course(self.world.promotion(name))
        share, left = course.rollout.exposure.share, WHOLE - course.rollout.exposure.baseline
        self.counted += requests
        self.beside += requests * (left - share) // share if 0 < share < WHOLE else requests
        self.fresh += requests if course.rollout.exposure.baseline else 0
        members = 2 if course.baseline.stands_for(name) else 0
        self.bad += requests // 5 if seen is Seen.WORSE else 0
        arms = ArmCounters(self.beside, self.beside // 100), ArmCounters(self.counted, self.counted // 100 + self.bad)
        ready = 0 if seen is Seen.UNREADY else 2
        beside = ArmCounters(self.fresh, self.fresh // 100) if members else ArmCounters()
        snapshot = Snapshot((SourceCounters("proxy", *arms, beside),), (), ready, 2, members, members)
        return self.tell(RecordMeasurement(name, snapshot), CONTROLLER)

    def _return(self, action: Action, environment: EnvironmentName, luck: Luck) -> Sequence[Decision[Event]]:
        match action:
            case StartRollback(promotion):
                return [self.tell(self.order(environment, f"{promotion}-back-{self.orders}"), CONTROLLER)]
            case ReturnTo(rollback=rollback, key=key):
                returned = Returned(luck.deployment.value)
                return [self.tell(ConcludeReturn(rollback, key, returned, "the script"), CONTROLLER)]
            case WakeAt(at):
                self.now = max(self.now, at)
                return []
            case _:
                return []

    def settle(self, environment: EnvironmentName, luck: Luck = GOOD, steps: int = 25) -> None:
        """Drive until nothing is wanted any more."""
        for _ in range(steps):
            if not self.wants(environment):
                return
            self.drive(environment, luck)

    def order(self, environment: EnvironmentName, name: str, target: ReleaseId = NONE_NAMED) -> BeginRollback:
        """The command that begins a rollback."""
        self.orders += 1
        return BeginRollback(RollbackId(name), SHOP, environment, target, "it misbehaves")

    def promote(self, release: ReleaseId, environment: EnvironmentName, luck: Luck = GOOD) -> str:
        """Prepare, ask and drive to the end; the name of the promotion."""
        self.prepare(release, environment)
        self.orders += 1
        name = f"p{self.orders}"
        decision = self.request(release, environment, name)
        assert isinstance(decision, Accepted), decision
        self.settle(environment, luck)
        return name

    def failed(self, release: ReleaseId, environment: EnvironmentName) -> PromotionId:
        """Deployed, and its proof has failed; the controller has not yet begun the rollback."""
        self.prepare(release, environment)
        self.orders += 1
        name = PromotionId(f"p{self.orders}")
        self.well(RequestPromotion(name, release, environment), ann)
        for luck in (GOOD, GOOD, BAD, BAD):
            self.drive(environment, luck)
        assert self.world.promotion(name).phase is PromotionPhase.FAILED
        return name

    def released(self, release: ReleaseId) -> None:
        """Through staging and production, all well."""
        self.promote(release, STAGING)
        self.promote(release, PRODUCTION)


def beginning() -> Tale:
    """A governed service with four people and nothing running."""
    tale = Tale(World(GOVERNANCES, SHOP), BEGUN)
    for who in PEOPLE:
        tale.well(AddPerson(who.id, f"ssh-ed25519 {who.id:A<20}", WORDS, ()), ann)
    tale.well(AdoptGovernance(SHOP, ref(G1)), dan)
    tale.now = START
    return tale


def with_releases(kind: ChangeKind = ChangeKind.NORMAL) -> Tale:
    """1.1 and 1.2 exist; the second travels as `kind`."""
    tale = beginning()
    tale.well(OpenChange(C1, SHOP, ChangeKind.NORMAL, WORDS), ann)
    tale.well(OpenChange(C2, SHOP, kind, WORDS), ann)
    tale.well(creation(R1, C1, A1), ann)
    tale.well(creation(R2, C2, A2), ann)
    return tale


def split(kind: ChangeKind = ChangeKind.NORMAL, governances: Mapping[Digest, Governance] = ROUTED) -> Tale:
    """As `adopted`, with production's traffic split."""
    tale = adopted(kind)
    tale.world.governances = governances
    return tale


def adopted(kind: ChangeKind = ChangeKind.NORMAL) -> Tale:
    """As `with_releases`, and 1.0 has been running in both environments since before."""
    tale = with_releases(kind)
    for environment in (STAGING, PRODUCTION):
        tale.well(AdoptRunning(SHOP, environment, R0, "1.0", (A0,), "c0ffee", "confirmed"), dan)
    return tale
