# SPDX-License-Identifier: Apache-2.0
"""What a candidate showed while nobody looked still speaks against it, until two leases after the last look."""

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

import pytest
from tests.workflows.rolled import rolled

from interlock.adapters.router.memory import TTL
from interlock.domain.ids import PromotionId
from interlock.domain.promotion import Promotion, PromotionPhase
from interlock.domain.rollout import ExposureAuthorised, rollout_stream
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.testing.scenario import Passed, load_scenario, perform
from interlock.testing.traffic import WELL
from interlock.testing.world import LOOK, World

PACK: Final = rolled("rolled", hold=10, bake=3)
EXPOSED: Final = b"""
scenario: a candidate that serves a tenth of the traffic
given: {people: {ann: [developer], cat: [release-manager]}}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: production, by: ann}
  - {wait: 3s}
"""
BAD: Final = replace(WELL, errors=Fraction(1, 5))


@dataclass(frozen=True, slots=True)
class Orphaned:
    """A candidate whose controller has just died, in a world of its own."""

    world: World

    @property
    def promotion(self) -> Promotion:
        (stream,) = self.world.store.streams("promotion/")
        return self.world.desk().view().promotion(PromotionId(stream.removeprefix("promotion/")))

    @property
    def exposures(self) -> int:
        """How often a share of the traffic was authorised."""
        records = self.world.store.stream(rollout_stream(self.promotion.id))
        return sum(record.event == ExposureAuthorised.__name__ for record in records)

    def pass_time(self, span: timedelta) -> None:
        """Nobody controls; users go on asking and proxies go on counting."""
        until = self.world.moments.now() + span
        while self.world.moments.now() < until:
            self.world.moments.advance(min(LOOK, until - self.world.moments.now()))
            self.world.traffic.flow()


@pytest.fixture
def orphaned() -> Orphaned:
    rules, loaded, world = load_pack("pack.yaml", PACK), load_scenario("exposed", EXPOSED), World()
    assert not isinstance(rules, Problems), rules.render()
    assert not isinstance(loaded, Problems), loaded.render()
    assert isinstance(perform(loaded, PACK, rules, world, world), Passed)
    world.kill()
    return Orphaned(world)


@pytest.mark.parametrize("leases", [Fraction(1, 3), Fraction(1), Fraction(5, 3)])
def test_who_turned_bad_while_nobody_looked_is_not_exposed_again(orphaned: Orphaned, leases: Fraction) -> None:
    before = orphaned.exposures
    orphaned.world.traffic.natures["v2"] = BAD
    orphaned.pass_time(TTL * float(leases))
    orphaned.world.settle()
    assert (orphaned.promotion.phase, orphaned.exposures) == (PromotionPhase.RETURNED, before)


def test_what_was_counted_longer_ago_is_not_held_against_it(orphaned: Orphaned) -> None:
    before = orphaned.exposures
    orphaned.world.traffic.natures["v2"] = BAD
    orphaned.pass_time(3 * TTL)
    orphaned.world.traffic.natures["v2"] = WELL
    orphaned.world.settle()
    assert orphaned.promotion.phase is PromotionPhase.COMPLETED
    assert orphaned.exposures > before


def test_who_goes_on_well_is_exposed_again_and_completes(orphaned: Orphaned) -> None:
    before = orphaned.exposures
    orphaned.pass_time(TTL)
    orphaned.world.settle()
    assert orphaned.promotion.phase is PromotionPhase.COMPLETED
    assert orphaned.exposures > before
