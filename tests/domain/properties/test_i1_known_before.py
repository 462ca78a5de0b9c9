# SPDX-License-Identifier: Apache-2.0
"""I1: what runs somewhere was decided there before, was adopted by a person, or was returned to."""

from hypothesis import given
from tests.domain.shop import PRODUCTION, SHOP, STAGING
from tests.domain.walker import KINDS, Move, steps, walk, walks

from interlock.domain.change import ChangeKind
from interlock.domain.ids import Digest, StreamId
from interlock.domain.promotion import DeploymentBegun
from interlock.domain.rollback import RollbackBegun
from interlock.domain.slot import LiveChanged, RunningAdopted, slot_stream


@given(KINDS, walks())
def test_everything_that_runs_was_decided_adopted_or_returned_to(kind: ChangeKind, moves: list[Move]) -> None:
    world = walk(kind, moves).world
    known: set[tuple[StreamId, Digest]] = set()
    for emitted in world.log:
        match emitted.event:
            case RunningAdopted(digest=digest):
                known.add((emitted.stream, digest))
            case DeploymentBegun(promotion=promotion, digest=digest):
                known.add((slot_stream(SHOP, world.promotion(promotion).environment), digest))
            case RollbackBegun(environment=environment, digest=digest):
                assert (slot_stream(SHOP, environment), digest) in known
            case LiveChanged(digest=digest):
                assert (emitted.stream, digest) in known
            case _:
                continue


@given(KINDS, walks())
def test_production_sees_only_what_completed_staging(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, DeploymentBegun):
                moving = step.before.promotion(emitted.event.promotion)
                if moving.environment == PRODUCTION:
                    assert STAGING in step.before.release(moving.release).reached
