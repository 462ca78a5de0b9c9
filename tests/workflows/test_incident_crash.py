# SPDX-License-Identifier: Apache-2.0
"""I10 for incidents: a controller killed at any point of going back, of what follows, of clocks changes nothing."""

from functools import cache
from typing import Final

import pytest
from tests.packs.ward import PACK

from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.testing.crash import Aftermath, Fragile, Fuse, aftermath, different
from interlock.testing.scenario import Failed, Outcome, Passed, load_scenario, perform
from interlock.testing.world import World

HEAD: Final = """\
scenario: told
given:
  people: {mia: [manager], oli: [on-call], dev: [developer], pat: [product-lead]}
steps:
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {promote: production, by: dev}
  - {wait: 1m}
  - {declare: i1, in: production, by: oli}
"""
STORIES: Final = {
    "answered": HEAD + "  - {answer: rollback, by: mia}\n  - {wait: 2m}\n",
    "silent": HEAD + "  - {check: disable-flags, in: production, of: v1, says: fail}\n  - {wait: 17m}\n",
}


def _play(name: str, fuse: Fuse) -> tuple[Outcome, Aftermath]:
    rules, loaded = load_pack("pack.yaml", PACK), load_scenario(name, STORIES[name].encode())
    assert not isinstance(rules, Problems)
    assert not isinstance(loaded, Problems), loaded.render()
    world = World()
    outcome = perform(loaded, PACK, rules, world, Fragile(world, fuse, Fuse(())))
    return outcome, aftermath(world)


@cache
def _undisturbed(name: str) -> tuple[Aftermath, int]:
    fuse = Fuse(())
    outcome, after = _play(name, fuse)
    assert isinstance(outcome, Passed), outcome.text
    return after, fuse.passed


@pytest.mark.parametrize("name", STORIES)
def test_i10_a_controller_killed_at_any_point_of_an_incident_changes_nothing(name: str) -> None:
    before, points = _undisturbed(name)
    assert points > 40
    found = {}
    for number in range(1, points + 1, 3):
        fuse = Fuse((number,))
        outcome, after = _play(name, fuse)
        text = (outcome.text,) if isinstance(outcome, Failed) else ()
        if faults := (*text, *different(before, after)):
            found[number, fuse.names[-1]] = faults
    assert found == {}
