# SPDX-License-Identifier: Apache-2.0
"""I0: every increase of exposure passes its gate at that moment; nothing stands before a decrease."""

from hypothesis import given
from tests.domain.shop import HOUR, PEOPLE, PRODUCTION, SHOP, STAGING, START, WORDS, cyd
from tests.domain.tale import NONE_NAMED
from tests.domain.walker import KINDS, Move, long_ago, steps, walk, walks
from tests.domain.world import World

from interlock.domain.action import Tell
from interlock.domain.artifact import RecallArtifact
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted, Refused
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.gate import evaluate
from interlock.domain.ids import FreezeId, PromotionId, RollbackId
from interlock.domain.promotion import (
    AbortPromotion,
    BeginDeployment,
    DeploymentBegun,
    Promotion,
    PromotionPhase,
)
from interlock.domain.rollback import BeginRollback, RollbackPhase
from interlock.domain.rollout import BeginSettling, RolloutPhase
from interlock.domain.slot import NOTHING, LiveChanged, OccupantKind
from interlock.domain.strategy import Ask
from interlock.domain.traffic import UNEXPOSED
from interlock.domain.verdict import Verdict


@given(KINDS, walks())
def test_no_deployment_begins_unless_the_gate_passes_at_that_moment(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, DeploymentBegun):
                moving = step.before.promotion(emitted.event.promotion)
                situation = step.before.situation_under(moving)
                assert evaluate(situation, step.now).effective is Verdict.PASS
                assert emitted.event.digest == situation.release.digest
                assert emitted.event.governance == situation.release.governance


@given(KINDS, walks())
def test_what_runs_changes_only_by_a_gate_or_by_a_rollback(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        if any(isinstance(emitted.event, LiveChanged) for emitted in step.events):
            assert isinstance(step.command, BeginDeployment | BeginRollback | BeginSettling)


@given(KINDS, walks())
def test_the_decision_stands_before_the_effect_it_allows(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        kinds = [type(emitted.event) for emitted in step.events]
        if LiveChanged in kinds and isinstance(step.command, BeginDeployment):
            assert kinds.index(DeploymentBegun) < kinds.index(LiveChanged)


def frozen(world: World) -> World:
    """The same world in the deepest freeze, with the ledger far ahead of the clock."""
    other = world.copy()
    begins = long_ago(START)
    other.tell(DeclareFreeze(FreezeId("deep"), (), (), begins, START + 9999 * HOUR, WORDS, ()), cyd, START)
    other.latest = START + 9999 * HOUR
    return other


def without_people(world: World) -> World:
    """The same world with every approval, sign-off, waiver and piece of evidence gone."""
    other = world.copy()
    gone = ("approval/", "waiver/", "evidence/")
    other.streams = {stream: state for stream, state in world.streams.items() if not stream.startswith(gone)}
    return other


@given(KINDS, walks())
def test_neither_freeze_nor_clock_nor_missing_consent_changes_the_answer_to_a_decrease(
    kind: ChangeKind, moves: list[Move]
) -> None:
    walker = walk(kind, moves)
    world, now = walker.world, walker.now
    hostile = frozen(without_people(world))
    for environment in (STAGING, PRODUCTION):
        where = world.slot(environment)
        order = BeginRollback(RollbackId("now"), SHOP, environment, NONE_NAMED, "it misbehaves")
        calm = world.decide(order, cyd, now)
        assert hostile.decide(order, cyd, long_ago(now)) == calm
        if where.kind is OccupantKind.PROMOTION:
            abort = AbortPromotion(world.occupant(environment).id)
            assert hostile.decide(abort, cyd, long_ago(now)) == world.decide(abort, cyd, now)
    recall = RecallArtifact(walker.world.slot(PRODUCTION).live.digest, WORDS)
    assert hostile.decide(recall, cyd, long_ago(now)) == world.decide(recall, cyd, now)


@given(KINDS, walks())
def test_a_signed_person_always_gets_back_to_a_good_release_where_there_is_one(
    kind: ChangeKind, moves: list[Move]
) -> None:
    walker = walk(kind, moves)
    for environment in (STAGING, PRODUCTION):
        where, going = walker.world.slot(environment), walker.world.returning(environment)
        if going.phase in {RollbackPhase.RETURNING, RollbackPhase.PROVING}:
            continue
        fit = [good for good in where.good if not walker.world.is_recalled(good.digest)]
        left = walker.world.ground(environment).left
        elsewhere = [good for good in fit if good.digest != left.digest]
        stuck = going.phase is RollbackPhase.STRANDED
        order = BeginRollback(RollbackId("now"), SHOP, environment, NONE_NAMED, "it misbehaves")
        answer = walker.world.decide(order, PEOPLE[0], walker.now)
        assert isinstance(answer, Accepted if elsewhere or stuck else Refused), answer


@given(KINDS, walks())
def test_an_exposed_promotion_never_stops_being_anybodys_business(kind: ChangeKind, moves: list[Move]) -> None:
    walker = walk(kind, moves)
    for stream in walker.world.streams:
        if stream.startswith("promotion/"):
            promotion = walker.world.promotion(PromotionId(stream.removeprefix("promotion/")))
            if promotion.is_exposed or promotion.phase is PromotionPhase.FAILED:
                assert walker.world.slot(promotion.environment).occupant == promotion.id
                assert walker.wants(promotion.environment) or waits_for_people(walker.world, promotion)


def waits_for_people(world: World, promotion: Promotion) -> bool:
    """Nothing is exposed yet, and somebody paused it, or its first step asks."""
    course = world.course(promotion)
    is_asking = isinstance(course.steps[course.rollout.step], Ask)
    return course.rollout.exposure == UNEXPOSED and (course.rollout.phase is RolloutPhase.PAUSED or is_asking)


@given(KINDS, walks())
def test_no_message_stands_in_front_of_an_action(kind: ChangeKind, moves: list[Move]) -> None:
    walker = walk(kind, moves)
    for environment in (STAGING, PRODUCTION):
        assert not any(isinstance(action, Tell) for action in walker.wants(environment))
        assert walker.world.slot(environment).live != NOTHING
