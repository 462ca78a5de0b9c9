# SPDX-License-Identifier: Apache-2.0
"""What a candidate showed while nobody looked still speaks against it, until two leases after the last look."""

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

import pytest
from tests.workflows.rolled import rolled

from interlock.adapters.router.memory import TTL
from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.memory import MemoryStore
from interlock.domain.ids import EnvironmentName, PromotionId, ServiceName
from interlock.domain.promotion import Promotion, PromotionPhase
from interlock.domain.rollout import ExposureAuthorised, rollout_stream
from interlock.ledger.record import Batch
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.ports.failure import Unavailable
from interlock.ports.store import Appended, Conflict
from interlock.testing.scenario import Passed, load_scenario, perform
from interlock.testing.traffic import WELL
from interlock.testing.world import LOOK, ORIGIN, World

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


class Locked(MemoryStore):
    """A ledger that somebody else holds on to."""

    is_locked = False

    def append(self, batch: Batch) -> Appended | Conflict:
        if self.is_locked:
            raise Unavailable("store.locked", "another process writes", "try again")
        return MemoryStore.append(self, batch)


@pytest.fixture
def orphaned() -> Orphaned:
    world = _exposed(World())
    world.kill()
    return Orphaned(world)


def _exposed(world: World) -> World:
    """With the candidate at a tenth of the traffic."""
    rules, loaded = load_pack("pack.yaml", PACK), load_scenario("exposed", EXPOSED)
    assert not isinstance(rules, Problems), rules.render()
    assert not isinstance(loaded, Problems), loaded.render()
    assert isinstance(perform(loaded, PACK, rules, world, world), Passed)
    return world


@pytest.mark.parametrize("leases", [Fraction(1, 3), Fraction(1), Fraction(5, 3)])
def test_who_turned_bad_while_nobody_looked_is_not_exposed_again(orphaned: Orphaned, leases: Fraction) -> None:
    before = orphaned.exposures
    orphaned.world.traffic.natures["v2"] = BAD
    orphaned.pass_time(TTL * float(leases))
    orphaned.world.settle()
    assert (orphaned.promotion.phase, orphaned.exposures) == (PromotionPhase.RETURNED, before)


def test_a_loss_in_doubt_is_the_last_however_little_the_last_look_saw(orphaned: Orphaned) -> None:
    before = orphaned.exposures
    orphaned.world.traffic.natures["v2"] = replace(WELL, errors=Fraction(1, 200))
    orphaned.pass_time(timedelta(seconds=1))
    orphaned.world.settle()
    assert (orphaned.promotion.phase, orphaned.exposures) == (PromotionPhase.RETURNED, before)
    assert "lost while it was in doubt" in orphaned.promotion.sentence


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


def test_who_is_seen_to_be_bad_serves_nobody_any_more_before_the_ledger_is_written() -> None:
    world = _exposed(World(store=Locked(ORIGIN, MemorySigner(ORIGIN))))
    assert isinstance(world.store, Locked)
    here, before = Orphaned(world), Orphaned(world).exposures
    world.traffic.natures["v2"] = BAD
    world.store.is_locked = True
    world.work(timedelta(seconds=2))
    share = world.traffic.router((ServiceName("app"), EnvironmentName("production"))).exposure_now().share
    assert (share, here.promotion.phase) == (0, PromotionPhase.ROLLING)
    world.store.is_locked = False
    world.settle()
    assert (here.promotion.phase, here.exposures) == (PromotionPhase.RETURNED, before)
