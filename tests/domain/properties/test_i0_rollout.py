# SPDX-License-Identifier: Apache-2.0
"""I0 of traffic: a candidate gets more of it only by a gate that opens at that moment; nothing stands before less."""

from hypothesis import given
from tests.domain.properties.test_i0_exposure import frozen, without_people
from tests.domain.shop import PEOPLE, PRODUCTION, WEIGHED
from tests.domain.walker import KINDS, Move, Step, Walker, steps, walk, walks

from interlock.domain.actor import CONTROLLER
from interlock.domain.change import ChangeKind
from interlock.domain.course import absence
from interlock.domain.gate import evaluate
from interlock.domain.ids import PromotionId
from interlock.domain.measuring import objection
from interlock.domain.moment import NEVER
from interlock.domain.promotion import PromotionCompleted, PromotionPhase, SettlingBegun
from interlock.domain.rollout import (
    AgreeToStep,
    ConcludeExposure,
    ExposureAuthorised,
    ExposureConfirmed,
    Measured,
    RecordMeasurement,
    ReportLoss,
    Rollout,
    RolloutPhase,
    StepFinished,
    rollout_stream,
)
from interlock.domain.slot import LiveChanged, OccupantKind
from interlock.domain.traffic import UNEXPOSED, WHOLE, ArmCounters, Exposure, Snapshot, SourceCounters


def rollout_of(step: Step, promotion: PromotionId) -> Rollout:
    """The rollout before the step."""
    return step.before.state(rollout_stream(promotion), Rollout)


@given(KINDS, walks())
def test_every_exposure_is_authorised_by_a_gate_that_opens_at_that_moment(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, ExposureAuthorised):
                moving = step.before.promotion(emitted.event.promotion)
                assert evaluate(step.before.situation_under(moving), step.now).opens
                assert emitted.event.at == step.now


@given(KINDS, walks())
def test_an_exposure_is_in_the_ledger_before_it_is_confirmed(kind: ChangeKind, moves: list[Move]) -> None:
    allowed: dict[PromotionId, tuple[int, Exposure]] = {}
    for emitted in walk(kind, moves).world.log:
        match emitted.event:
            case ExposureAuthorised(promotion, step, exposure):
                allowed[promotion] = (step, exposure)
            case ExposureConfirmed(promotion, step):
                assert allowed[promotion][0] == step
            case _:
                continue


@given(KINDS, walks())
def test_nothing_is_exposed_further_while_something_speaks_against_it(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, ExposureAuthorised):
                rollout = rollout_of(step, emitted.event.promotion)
                assert rollout.phase is RolloutPhase.ADVANCING
                assert (objection(rollout, WEIGHED), absence(rollout)) == ("", "")


@given(KINDS, walks())
def test_an_exposure_is_confirmed_by_its_holder_only(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        if isinstance(step.command, ConcludeExposure) and step.events:
            assert step.command.holder == rollout_of(step, step.command.promotion).holder


@given(KINDS, walks())
def test_no_step_is_left_out(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            match emitted.event:
                case ExposureAuthorised(promotion, at):
                    assert at == rollout_of(step, promotion).step
                case StepFinished(promotion, at):
                    rollout = rollout_of(step, promotion)
                    assert at == rollout.step == rollout.confirmed
                case _:
                    continue


@given(KINDS, walks())
def test_a_finished_step_was_observed_for_its_hold_and_its_requests_since_it_was_confirmed(
    kind: ChangeKind, moves: list[Move]
) -> None:
    for step in steps(kind, moves):
        finished = [emitted.event for emitted in step.events if isinstance(emitted.event, StepFinished)]
        for event in finished:
            course = step.before.course(step.before.promotion(event.promotion))
            asked = course.steps[event.step]
            assert asked is not None
            last = next(emitted.event for emitted in step.events if isinstance(emitted.event, Measured))
            assert course.rollout.held + last.counted >= getattr(asked, "hold", last.counted)


@given(KINDS, walks())
def test_no_time_is_counted_twice_or_out_of_thin_air(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, Measured):
                rollout = rollout_of(step, emitted.event.promotion)
                strategy = step.before.course(step.before.promotion(emitted.event.promotion)).strategy
                counted = emitted.event.counted
                assert 2 * strategy.every >= counted
                since = rollout.confirmed_at if rollout.measured_at == NEVER else rollout.measured_at
                assert not counted or since + counted <= step.now
                assert not counted or rollout.confirmed == rollout.step
                assert rollout.ill + emitted.event.ill >= 0 * counted


@given(KINDS, walks())
def test_what_becomes_stable_was_all_exposed_and_baked(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, SettlingBegun):
                moving = step.before.promotion(emitted.event.promotion)
                rollout = rollout_of(step, moving.id)
                assert moving.phase is PromotionPhase.SETTLING
                assert moving.baked >= step.before.course(moving).turn.stage.bake.duration
                assert rollout.exposure == Exposure(WHOLE)
                assert moving.settled_by or rollout.phase is RolloutPhase.ADVANCING
                is_fit = not rollout.is_blind and not rollout.absent
                assert moving.settled_by or is_fit or rollout.holder != emitted.event.holder


@given(KINDS, walks())
def test_what_becomes_stable_is_what_was_exposed(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        if any(isinstance(emitted.event, SettlingBegun) for emitted in step.events):
            for emitted in step.events:
                if isinstance(emitted.event, LiveChanged):
                    candidate = step.before.slot(PRODUCTION).candidate
                    assert (emitted.event.release, emitted.event.digest) == (candidate.release, candidate.digest)
                    assert emitted.event.lane is candidate.lane


@given(KINDS, walks())
def test_a_candidate_stands_in_a_lane_of_its_own(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        where = step.after.slot(PRODUCTION)
        assert where.beside.release == "" or where.beside.lane is not where.live.lane


@given(KINDS, walks())
def test_who_agrees_holds_a_role_that_was_asked(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        if isinstance(step.command, AgreeToStep) and step.events:
            assert step.actor in PEOPLE[1:]


def failing(walker: Walker) -> list[tuple[object, object]]:
    """What the world and a hostile one answer to commands of the controller that decrease exposure."""
    moving, hostile = walker.rolling(), frozen(without_people(walker.world))
    snapshot = walker.world.course(moving).rollout.snapshot
    known = snapshot.sources or (SourceCounters("proxy", ArmCounters(), ArmCounters()),)
    worse = tuple(
        SourceCounters(
            one.source,
            ArmCounters(one.stable.requests + 50_000, one.stable.errors),
            ArmCounters(one.candidate.requests + 50_000, one.candidate.errors + 50_000),
        )
        for one in known
    )
    commands = (RecordMeasurement(moving.id, Snapshot(worse, (), 2, 2)), ReportLoss(moving.id, "another"))
    return [
        (walker.world.decide(one, CONTROLLER, walker.now), hostile.decide(one, CONTROLLER, walker.now))
        for one in commands
    ]


@given(KINDS, walks())
def test_neither_freeze_nor_missing_consent_changes_what_a_measurement_or_a_loss_comes_to(
    kind: ChangeKind, moves: list[Move]
) -> None:
    walker = walk(kind, moves)
    if walker.world.slot(PRODUCTION).kind is OccupantKind.PROMOTION:
        for calm, hostile in failing(walker):
            assert hostile == calm


@given(KINDS, walks())
def test_a_recall_ends_an_exposure_whether_or_not_anything_can_be_measured(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        moving = step.before.occupant(PRODUCTION)
        is_recalled = bool(moving.id) and step.before.is_recalled(moving.digest)
        is_exposed = is_recalled and rollout_of(step, moving.id).exposure != UNEXPOSED
        for emitted in step.events if is_exposed else ():
            match emitted.event:
                case ExposureAuthorised() | SettlingBegun() | PromotionCompleted() | Measured():
                    assert emitted.event.promotion != moving.id
                case _:
                    continue
