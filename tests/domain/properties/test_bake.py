# SPDX-License-Identifier: Apache-2.0
"""Bake time is what was observed: no jump of the clock, either way, adds to it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import BAKED, ERRORS, PRODUCTION, R1, STAGING
from tests.domain.tale import adopted
from tests.domain.walker import KINDS, Move, steps, walks

from interlock.domain.actor import CONTROLLER
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Accepted
from interlock.domain.ids import PromotionId
from interlock.domain.promotion import BakeObserved, ConcludeProof, PromotionCompleted, PromotionPhase
from interlock.domain.verdict import Verdict

JUMPS = st.lists(st.integers(-100_000, 100_000), min_size=1, max_size=8)


@given(JUMPS)
def test_no_observation_stands_for_more_than_twice_its_interval(jumps: list[int]) -> None:
    tale = adopted()
    tale.promote(R1, STAGING)
    tale.prepare(R1, PRODUCTION)
    tale.request(R1, PRODUCTION, "p")
    while tale.world.promotion(PromotionId("p")).phase is not PromotionPhase.BAKING:
        tale.drive(PRODUCTION)
    counted = []
    for jump in jumps:
        tale.wait(jump)
        tale.record(R1, ERRORS, Verdict.PASS, PRODUCTION)
        decision = tale.tell(ConcludeProof(PromotionId("p")), CONTROLLER)
        if isinstance(decision, Accepted):
            counted += [one.event.counted for one in decision.events if isinstance(one.event, BakeObserved)]
    forward = sum((timedelta(seconds=jump) for jump in jumps if jump > 0), timedelta(0))
    assert all(timedelta(0) <= one <= 2 * BAKED.every for one in counted)
    assert sum(counted, timedelta(0)) <= forward


@given(KINDS, walks())
def test_nothing_completes_before_its_bake_was_observed(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, PromotionCompleted):
                moving = step.after.promotion(emitted.event.promotion)
                assert moving.environment == STAGING or moving.baked >= BAKED.duration


@given(KINDS, walks())
def test_an_observation_needs_newer_evidence_than_the_one_before(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, BakeObserved):
                before = dict(step.before.promotion(emitted.event.promotion).seen)
                assert dict(emitted.event.seen)[ERRORS] > before.get(ERRORS, 0)
