# SPDX-License-Identifier: Apache-2.0
"""I9: one holder at a time; whoever comes after a loss waits until what was pushed before has run out."""

from hypothesis import given
from tests.domain.properties.test_i0_rollout import rollout_of
from tests.domain.shop import LEASE
from tests.domain.walker import KINDS, Move, steps, walks

from interlock.domain.change import ChangeKind
from interlock.domain.gate import evaluate
from interlock.domain.promotion import PromotionFailed, PromotionPhase, SettlingBegun
from interlock.domain.rollout import ExposureAuthorised, ExposureLost, Rollout, rollout_stream
from interlock.domain.traffic import UNEXPOSED


@given(KINDS, walks())
def test_nothing_is_authorised_under_a_holder_while_the_exposure_of_another_stands(
    kind: ChangeKind, moves: list[Move]
) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, ExposureAuthorised):
                rollout = rollout_of(step, emitted.event.promotion)
                assert rollout.exposure == UNEXPOSED or rollout.holder == emitted.event.holder


@given(KINDS, walks())
def test_after_a_loss_nothing_is_authorised_before_the_lease_has_run_out(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, ExposureAuthorised):
                rollout = rollout_of(step, emitted.event.promotion)
                assert not rollout.losses or step.now >= rollout.lost_at + LEASE


@given(KINDS, walks())
def test_what_was_lost_begins_anew_with_fresh_data(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, ExposureLost):
                name = emitted.event.promotion
                before, after = rollout_of(step, name), step.after.state(rollout_stream(name), Rollout)
                anew = Rollout(before.phase, name, before.service, before.environment, before.analysis)
                assert (after.step, after.exposure, after.evidence) == (anew.step, anew.exposure, anew.evidence)
                assert (after.confirmed, after.held, after.snapshot) == (anew.confirmed, anew.held, anew.snapshot)
                assert after.losses == before.losses + 1


@given(KINDS, walks())
def test_the_second_loss_goes_back_and_the_first_rolls_out_anew(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        lost = [emitted.event for emitted in step.events if isinstance(emitted.event, ExposureLost)]
        for event in lost:
            has_failed = any(isinstance(emitted.event, PromotionFailed) for emitted in step.events)
            assert has_failed == (rollout_of(step, event.promotion).losses == 1)
            phase = step.after.promotion(event.promotion).phase
            assert phase is (PromotionPhase.FAILED if has_failed else PromotionPhase.ROLLING)


@given(KINDS, walks())
def test_what_another_holder_lost_becomes_stable_only_by_a_gate(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, SettlingBegun):
                moving = step.before.promotion(emitted.event.promotion)
                is_held = emitted.event.holder in {rollout_of(step, moving.id).holder, moving.settled_by}
                assert is_held or evaluate(step.before.situation_under(moving), step.now).opens
