# SPDX-License-Identifier: Apache-2.0
"""A baseline: never live, never begun for nobody, and nothing is left of it wherever a walk ends."""

from hypothesis import given
from tests.domain.shop import PRODUCTION
from tests.domain.tale import GOOD
from tests.domain.walker import KINDS, Move, steps, walk, walks

from interlock.domain.baseline import BaselineBegun
from interlock.domain.change import ChangeKind
from interlock.domain.rollout import ExposureAuthorised
from interlock.domain.slot import LaneTaken, LiveChanged, OccupantKind
from interlock.domain.traffic import WHOLE, Lane


@given(KINDS, walks())
def test_a_baseline_is_of_what_is_live_and_never_takes_its_place(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, BaselineBegun):
                assert emitted.event.digest == step.before.slot(PRODUCTION).live.digest
                assert not step.before.baseline(PRODUCTION).held
            if isinstance(emitted.event, LiveChanged | LaneTaken):
                assert emitted.event.lane is not Lane.C


@given(KINDS, walks())
def test_stable_keeps_at_least_as_much_as_a_baseline_and_that_has_what_the_candidate_has(
    kind: ChangeKind, moves: list[Move]
) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, ExposureAuthorised):
                exposure = emitted.event.exposure
                assert exposure.baseline in {0, exposure.share}
                assert exposure.baseline <= WHOLE - exposure.share - exposure.baseline or not exposure.baseline


@given(KINDS, walks())
def test_wherever_a_walk_ends_nothing_is_left_of_a_baseline_once_nothing_moves(
    kind: ChangeKind, moves: list[Move]
) -> None:
    tale = walk(kind, moves)
    tale.settle(PRODUCTION, GOOD, steps=60)
    if tale.world.slot(PRODUCTION).kind is OccupantKind.FREE and not tale.world.slot(PRODUCTION).queue:
        assert not tale.world.baseline(PRODUCTION).held
