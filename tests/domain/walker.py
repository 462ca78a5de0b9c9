# SPDX-License-Identifier: Apache-2.0
"""Random walks through a small world: everybody may try everything, at any time, also with the clock put back.

A walk is a list of moves, so that a failing one shrinks to the shortest story. Each move gives at most a few
commands; a walk yields one `Step` per command, refused ones too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from hypothesis import strategies as st
from tests.domain.shop import (
    ACCOMPANIED,
    ASKING,
    C2,
    D0,
    D1,
    D2,
    ERRORS,
    G1,
    G2,
    HOUR,
    ISSUES,
    NO_P0,
    OTHER_PLANS,
    PEOPLE,
    PLAN,
    PLANS,
    PRODUCTION,
    R0,
    R1,
    R2,
    ROUTED,
    SHOP,
    SMOKE,
    STAGING,
    TESTS,
    UNIT,
    WORDS,
    ann,
    artifact,
    creation,
    ref,
)
from tests.domain.tale import BAD, GOOD, NONE_NAMED, Luck, Seen, Tale, adopted
from tests.domain.world import Command, Event, World

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.approval import Answer
from interlock.domain.artifact import LiftRecall, RecallArtifact
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Decision, Emitted
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.governance import ApproveGovernance, CompleteReview, ProposeGovernance
from interlock.domain.ids import (
    EVERYWHERE,
    CheckId,
    EnvironmentName,
    FreezeId,
    PersonId,
    PromotionId,
    ReleaseId,
    WaiverId,
)
from interlock.domain.people import AddPerson
from interlock.domain.promotion import AbortPromotion, BeginDeployment, Outcome, Promotion, PromotionPhase
from interlock.domain.release import RepinGovernance, RevisePlans, WithdrawRelease
from interlock.domain.rollout import (
    AgreeToStep,
    Answered,
    AuthoriseExposure,
    BeginSettling,
    ConcludeExposure,
    ConcludeSettling,
    PauseRollout,
    ReportLoss,
    ReportProxies,
    ResumeRollout,
)
from interlock.domain.slot import OccupantKind
from interlock.domain.verdict import Verdict
from interlock.domain.waiver import GrantWaiver, RequestWaiver, RevokeWaiver

R3: Final = ReleaseId("shop@1.3")
RELEASES: Final = (R1, R2, R3)
ENVIRONMENTS: Final = (STAGING, PRODUCTION)
LUCKS: Final = (GOOD, GOOD, GOOD, BAD, Luck(Outcome.FAILED), Luck(verdict=Verdict.INCONCLUSIVE))
ROLLS: Final = (
    *(GOOD,) * 6,
    Luck(seen=Seen.WORSE),
    Luck(seen=Seen.UNREADY),
    Luck(seen=Seen.NOTHING),
    Luck(answered=Answered.UNCONFIRMED),
    Luck(answered=Answered.REFUSED),
    Luck(absent=("gone",)),
    Luck(beside=Outcome.FAILED),
)
HOLDERS: Final = ("first", "second", "third")
VERDICTS: Final = (Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR)
JUMPS: Final = (1, 30, 61, 200, 7200, 3 * 86400, -1, -3600, -86400)
EVE: Final = Person(PersonId("eve"), Assurance.SIGNED)
EVERYBODY: Final = (*PEOPLE, EVE)
"""Eve holds no role and wrote nothing: somebody must be left who may review an emergency."""
FREEZE: Final = (FreezeId("f0"), FreezeId("f1"), FreezeId("f2"))
WAIVERS: Final = (WaiverId("w0"), WaiverId("w1"))


@dataclass(frozen=True)
class Step:
    """One command, what was so before it, and what came of it."""

    before: World
    command: Command
    actor: Actor
    now: datetime
    decision: Decision[Event]
    after: World

    @property
    def events(self) -> tuple[Emitted[Event], ...]:
        """What was recorded; nothing when refused."""
        return self.decision.events if isinstance(self.decision, Accepted) else ()


@dataclass
class Walker(Tale):
    """A tale that remembers its steps and can be told by numbers."""

    steps: list[Step] = field(default_factory=list)

    def tell(self, command: Command, actor: Actor) -> Decision[Event]:
        """Give a command and remember the step."""
        before = self.world.copy()
        decision = super().tell(command, actor)
        self.steps.append(Step(before, command, actor, self.now, decision, self.world.copy()))
        return decision

    def clock(self, one: int, _: int) -> None:
        self.wait(JUMPS[one % len(JUMPS)])

    def ready(self, one: int, two: int) -> None:
        self.prepare(RELEASES[one % 3], ENVIRONMENTS[two % 2])

    def ask(self, one: int, two: int) -> None:
        self.orders += 1
        self.request(RELEASES[one % 3], ENVIRONMENTS[two % 2], f"p{self.orders}", PEOPLE[(one + two) % 4])

    def go(self, one: int, two: int) -> None:
        """Prepare, ask and drive some steps in good luck."""
        self.ready(one, two)
        self.ask(one, two)
        self.settle(ENVIRONMENTS[two % 2], steps=2 * one)

    def control(self, one: int, two: int) -> None:
        self.drive(ENVIRONMENTS[one % 2], LUCKS[two % len(LUCKS)])

    def resume(self, one: int, _: int) -> None:
        """The controller comes back in the middle of a deployment and asks the gate again."""
        where = self.world.slot(ENVIRONMENTS[one % 2])
        if where.kind is OccupantKind.PROMOTION:
            self.tell(BeginDeployment(PromotionId(where.occupant)), PEOPLE[0] if one > 5 else CONTROLLER)

    def many(self, one: int, two: int) -> None:
        self.settle(ENVIRONMENTS[one % 2], LUCKS[two % len(LUCKS)], steps=6)

    def read(self, one: int, two: int) -> None:
        check, where = self._check(one)
        self.record(RELEASES[two % 3], check, VERDICTS[(one + two) % 5], where, count=two % 2)

    def _check(self, one: int) -> tuple[CheckId, EnvironmentName]:
        places = [(TESTS, EVERYWHERE), (ISSUES, EVERYWHERE), (SMOKE, STAGING), (SMOKE, PRODUCTION)]
        return [*places, (ERRORS, PRODUCTION)][one % 5]

    def speak(self, one: int, two: int) -> None:
        who, release = PEOPLE[one % 4], RELEASES[two % 3]
        if one % 3 == 0:
            self.sign(release, ENVIRONMENTS[(one + two) % 2], who)
        else:
            answer = Answer.REJECTED if two > 6 else Answer.APPROVED
            self.approve(release, PRODUCTION, who, answer)

    def except_(self, one: int, two: int) -> None:
        waiver, release, who = WAIVERS[one % 2], RELEASES[two % 3], PEOPLE[(one + two) % 4]
        wanted = (UNIT, PLAN, NO_P0)[one % 3].id
        expires = self.now + HOUR * (1 + two)
        self.tell(RequestWaiver(waiver, release, ENVIRONMENTS[one % 2], wanted, WORDS, WORDS, expires), who)
        self.tell(GrantWaiver(waiver, release), PEOPLE[two % 4])
        if two > 6:
            self.tell(RevokeWaiver(waiver, release, WORDS), who)

    def freeze(self, one: int, two: int) -> None:
        name, who = FREEZE[one % 3], PEOPLE[two % 4]
        admits = (ChangeKind.EMERGENCY,) if two % 2 else ()
        begins = self.now - HOUR
        declare = DeclareFreeze(name, (), ENVIRONMENTS[: two % 3], begins, begins + HOUR * 3, WORDS, admits)
        self.tell(declare if one % 2 else LiftFreeze(name, WORDS), who)

    def recall(self, one: int, two: int) -> None:
        digest, who = (D0, D1, D2)[one % 3], PEOPLE[two % 4]
        self.tell(RecallArtifact(digest, WORDS) if two % 2 else LiftRecall(digest, WORDS), who)

    def abort(self, one: int, two: int) -> None:
        where = self.world.slot(ENVIRONMENTS[one % 2])
        moving = [where.occupant] if where.kind is OccupantKind.PROMOTION else []
        for name in [*moving, *(queued.promotion for queued in where.queue)][: 1 + two % 2]:
            self.tell(AbortPromotion(PromotionId(name)), PEOPLE[two % 4])

    def back(self, one: int, two: int) -> None:
        target = (NONE_NAMED, NONE_NAMED, R0, R1, R2)[two % 5]
        self.tell(self.order(ENVIRONMENTS[one % 2], f"b{self.orders}", target), PEOPLE[two % 4])

    def routed(self, one: int, _: int) -> None:
        """Production's traffic is split from the beginning; no walk does this in its middle."""
        self.world.governances = (ROUTED, ASKING, ACCOMPANIED)[one % 3]

    def roll(self, one: int, two: int) -> None:
        for _ in range(1 + one % 3):
            self.drive(PRODUCTION, ROLLS[(3 * one + two) % len(ROLLS)])

    def die(self, one: int, two: int) -> None:
        """The controller is killed, and another one goes on."""
        self.holder = HOLDERS[one % 3]
        self.wait(two)

    def steer(self, one: int, two: int) -> None:
        """People pause, resume, and answer what asks."""
        rolling, who = self.rolling(), PEOPLE[two % 4]
        if rolling.phase is PromotionPhase.ABSENT:
            return
        commands = (PauseRollout(rolling.id), ResumeRollout(rolling.id), AgreeToStep(rolling.id, self.step_of(rolling)))
        self.tell(commands[one % 3], who if two < 9 else CONTROLLER)

    def meddle(self, one: int, two: int) -> None:
        """What a controller might hand in at the wrong time: an old one, a stopped one, one that is wrong."""
        rolling, holder = self.rolling(), HOLDERS[two % 3]
        if rolling.phase is PromotionPhase.ABSENT:
            return
        step = max(self.step_of(rolling) + two % 3 - 1, 0)
        commands: tuple[Command, ...] = (
            AuthoriseExposure(rolling.id, step, holder),
            ConcludeExposure(rolling.id, step, Answered.CONFIRMED, ("proxy",), (), "", holder),
            ReportLoss(rolling.id, holder),
            BeginSettling(rolling.id, holder),
            ConcludeSettling(rolling.id, Answered.CONFIRMED, ""),
            ReportProxies(rolling.id, holder, ("proxy",), (("gone",), ())[two % 2]),
        )
        if one < len(commands):
            self.tell(commands[one], CONTROLLER if two else PEOPLE[one % 4])
        else:
            self.measure(rolling.id, list(Seen)[two % 4])

    def rolling(self) -> Promotion:
        """What moves in production; else the last promotion there was, which does not move any more."""
        where = self.world.slot(PRODUCTION)
        name = where.occupant if where.kind is OccupantKind.PROMOTION else f"p{self.orders}"
        return self.world.promotion(PromotionId(name))

    def step_of(self, moving: Promotion) -> int:
        return self.world.course(moving).rollout.step

    def revise(self, one: int, two: int) -> None:
        release, who = RELEASES[one % 3], PEOPLE[two % 4]
        plans = OTHER_PLANS if self.world.release(release).plans == PLANS else PLANS
        commands: tuple[Command, ...] = (RevisePlans(release, plans), RepinGovernance(release))
        self.tell(WithdrawRelease(release, WORDS) if two == 9 else commands[two % 2], who)

    def govern(self, one: int, two: int) -> None:
        other = G2 if self.world.service.in_force.digest == G1.digest else G1
        if one % 2:
            self.tell(CompleteReview(SHOP, C2, WORDS), EVERYBODY[two % 5])
            return
        self.tell(ProposeGovernance(SHOP, ref(other), WORDS), PEOPLE[two % 4])
        self.tell(ApproveGovernance(SHOP, other.digest), PEOPLE[(one + two) % 4])


MOVES: Final[dict[str, Callable[[Walker, int, int], None]]] = {
    "clock": Walker.clock,
    "ready": Walker.ready,
    "ask": Walker.ask,
    "go": Walker.go,
    "go again": Walker.go,
    "control": Walker.control,
    "control again": Walker.control,
    "resume": Walker.resume,
    "many": Walker.many,
    "read": Walker.read,
    "speak": Walker.speak,
    "except": Walker.except_,
    "freeze": Walker.freeze,
    "recall": Walker.recall,
    "abort": Walker.abort,
    "back": Walker.back,
    "revise": Walker.revise,
    "govern": Walker.govern,
    "roll": Walker.roll,
    "roll again": Walker.roll,
    "die": Walker.die,
    "steer": Walker.steer,
    "meddle": Walker.meddle,
}
BEFORE: Final = {**MOVES, "routed": Walker.routed}
"""What a prologue may do."""
Move = tuple[str, int, int]
NUMBERS: Final = st.integers(0, 9)
KINDS: Final = st.sampled_from([ChangeKind.NORMAL, ChangeKind.EMERGENCY])


STAGED: Final[list[Move]] = [("go", 9, 0), ("go", 7, 0), ("go", 8, 0)]
"""All three releases have completed staging."""
SPLIT: Final[list[Move]] = [("routed", 0, 0), *STAGED]
"""The same, and production's traffic is split."""
BESIDE: Final[list[Move]] = [("routed", 2, 0), *STAGED]
"""The same, and every candidate is compared with a baseline."""
PROLOGUES: Final[list[list[Move]]] = [
    [],
    [("go", 9, 0)],
    STAGED,
    [*STAGED, ("go", 3, 1)],
    [*STAGED, ("go", 9, 1)],
    [*STAGED, ("go", 3, 1), ("go", 1, 1), ("go", 2, 1)],
    [*STAGED, ("go", 9, 1), ("go", 4, 1)],
    [*STAGED, ("go", 9, 1), ("go", 2, 1), ("control", 1, 3), ("control", 1, 3), ("control", 1, 3)],
    [*STAGED, ("go", 9, 1), ("back", 1, 0)],
    [*STAGED, ("go", 9, 1), ("go", 7, 1), ("back", 1, 0), ("many", 1, 4)],
    [*STAGED, ("go", 3, 1), ("govern", 2, 0), ("revise", 0, 1)],
    [*STAGED, ("go", 7, 1), ("clock", 5, 0)],
    [*SPLIT, ("go", 3, 1), ("steer", 0, 0), ("steer", 1, 0)],
    [*BESIDE, ("go", 1, 1)],
    [*BESIDE, ("go", 3, 1), ("roll", 0, 0)],
    [*BESIDE, ("go", 9, 1), ("go", 3, 1)],
    [*BESIDE, ("go", 0, 1), ("roll", 4, 0), ("roll", 4, 0)],
    [*SPLIT, ("go", 6, 1)],
    [*SPLIT, ("go", 6, 1), ("control", 1, 0), ("control", 1, 0), ("control", 1, 0)],
    [*SPLIT, ("go", 9, 1), ("go", 4, 1)],
    [*SPLIT, ("go", 9, 1), ("go", 4, 1), ("roll", 1, 0), ("back", 1, 0)],
    [("routed", 1, 0), *STAGED, ("go", 6, 1), ("steer", 2, 1)],
    [*SPLIT, ("go", 6, 1), ("die", 1, 4), ("roll", 0, 0), ("clock", 0, 0)],
]
"""Where walks begin: at nothing; with releases in staging, in production, on their way there, queued behind one
another, failed, being rolled back, stranded, repinned on the way, or with a review owed for days. Where traffic is
split: with a candidate paused and resumed, all exposed, becoming stable, on its way after another one, gone back from,
agreed to go on, set back by a loss, or beside a baseline that stands, is missing, or has ended."""


def walks(length: int = 25) -> st.SearchStrategy[list[Move]]:
    """Lists of moves after a prologue."""
    moves = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), NUMBERS, NUMBERS), min_size=length // 3, max_size=length)
    return st.builds(lambda prologue, rest: prologue + rest, st.sampled_from(PROLOGUES), moves)


def walk(kind: ChangeKind, moves: Sequence[Move]) -> Walker:
    """Take the walk. The second and the third release travel as `kind`."""
    prologue = max((one for one in PROLOGUES if moves[: len(one)] == one), key=len)
    begun = _begun(kind, tuple(prologue))
    walker = replace(begun, world=begun.world.copy(), steps=list(begun.steps))
    for name, one, two in moves[len(prologue) :]:
        MOVES[name](walker, one, two)
    return walker


@cache
def _begun(kind: ChangeKind, prologue: tuple[Move, ...]) -> Walker:
    """A prologue, walked once."""
    tale = adopted(kind)
    tale.well(creation(R3, C2, artifact(b"three")), ann)
    tale.well(AddPerson(EVE.id, f"ssh-ed25519 {EVE.id:A<20}", WORDS, ()), ann)
    walker = Walker(tale.world, tale.now)
    for name, one, two in prologue:
        BEFORE[name](walker, one, two)
    return walker


def steps(kind: ChangeKind, moves: Sequence[Move]) -> Iterator[Step]:
    """The steps of a walk, from its beginning."""
    yield from walk(kind, moves).steps


def long_ago(now: datetime) -> datetime:
    """A time the clock may have been put back to."""
    return now - timedelta(days=30)


def release_of(step: Step, promotion: PromotionId) -> ReleaseId:
    """The release a promotion moves."""
    return step.before.promotion(promotion).release
