# SPDX-License-Identifier: Apache-2.0
"""I7: a rollback returns to what was live and good there; what is recalled gains exposure nowhere."""

from hypothesis import given
from tests.domain.shop import SHOP
from tests.domain.walker import KINDS, Move, steps, walk, walks

from interlock.domain.artifact import ArtifactRecalled
from interlock.domain.change import ChangeKind
from interlock.domain.ids import ReleaseId, StreamId
from interlock.domain.incident import IncidentOpened
from interlock.domain.promotion import DeploymentBegun, PromotionCompleted
from interlock.domain.rollback import BeginRollback, RollbackBegun, RollbackCause, RollbackPhase
from interlock.domain.slot import LiveVerified, RunningAdopted, slot_stream


@given(KINDS, walks())
def test_a_target_was_live_and_verified_there_and_was_not_left_since(kind: ChangeKind, moves: list[Move]) -> None:
    good: set[tuple[StreamId, ReleaseId]] = set()
    for emitted in walk(kind, moves).world.log:
        match emitted.event:
            case RunningAdopted(release=release) | LiveVerified(release=release):
                good.add((emitted.stream, release))
            case RollbackBegun(environment=environment, target=target, leaving=leaving):
                stream = slot_stream(SHOP, environment)
                assert (stream, target) in good
                good -= {(stream, leaving)} - {(stream, target)}
            case _:
                continue


@given(KINDS, walks())
def test_what_is_recalled_gains_exposure_nowhere(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, DeploymentBegun | RollbackBegun):
                assert not step.before.is_recalled(emitted.event.digest)


@given(KINDS, walks())
def test_what_is_recalled_does_not_complete(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, PromotionCompleted):
                assert not step.before.is_recalled(step.before.promotion(emitted.event.promotion).digest)


@given(KINDS, walks())
def test_a_rollback_never_returns_to_what_it_recalls(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        begun = [emitted.event.digest for emitted in step.events if isinstance(emitted.event, RollbackBegun)]
        recalled = [emitted.event.digest for emitted in step.events if isinstance(emitted.event, ArtifactRecalled)]
        assert not set(begun) & set(recalled)


@given(KINDS, walks())
def test_a_rollback_nobody_asked_for_recalls_and_opens_an_incident_in_the_same_breath(
    kind: ChangeKind, moves: list[Move]
) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, RollbackBegun) and emitted.event.cause is RollbackCause.FAILED:
                assert step.after.is_recalled(step.before.release(emitted.event.leaving).digest)
                assert any(isinstance(other.event, IncidentOpened) for other in step.events)


@given(KINDS, walks())
def test_a_rollback_leaves_for_something_else_unless_it_was_stranded_or_restores(
    kind: ChangeKind, moves: list[Move]
) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, RollbackBegun):
                environment = emitted.event.environment
                stranded = step.before.returning(environment).phase is RollbackPhase.STRANDED
                restored = isinstance(step.command, BeginRollback) and step.command.target == emitted.event.target
                left = step.before.ground(environment).left
                assert stranded or restored or emitted.event.digest != left.digest
