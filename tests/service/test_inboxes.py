# SPDX-License-Identifier: Apache-2.0
"""What waits for somebody in an incident: not what is for anybody but them."""

import pytest

from interlock.domain.ids import PersonId
from interlock.packs.load import Pack, load_pack
from interlock.packs.shelf import PACK_FILE, Shelf
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer
from interlock.service.inboxes import inbox
from interlock.service.views import Viewer
from interlock.testing.scenario import Loaded, Passed, load_scenario, perform
from interlock.testing.stage import SERVICE
from interlock.testing.world import World

STORY = """
scenario: dan opens an incident about security, and eva answers for it, too
given: {people: {dan: [security], eva: [platform], fay: [module-owner, reviewer, operator, release-manager, developer]}}
steps:
  - {declare: leak, in: production, about: [security], by: dan}
"""


@pytest.mark.parametrize(("person", "expected"), [("dan", []), ("eva", ["security-looked"])])
def test_what_is_for_somebody_else_does_not_wait_for_whoever_opened_it(person: str, expected: list[str]) -> None:
    text = Shelf().pack("lsos")
    assert text is not None
    rules, loaded = load_pack(PACK_FILE, text), load_scenario("story.yaml", STORY.encode())
    assert isinstance(rules, Pack)
    assert isinstance(loaded, Loaded), loaded.render()
    world = World()
    outcome = perform(loaded, text, rules, world, world)
    assert isinstance(outcome, Passed), outcome.text
    desk = world.desk()
    gathered = Gathered(world.store.head().latest, desk.calendar)
    gatherer = Gatherer(desk.view(), desk.library, gathered, world.moments.now())
    viewer = Viewer(gatherer, world.store, world.library)
    assert [item.asked for item in inbox(viewer, (SERVICE,), PersonId(person))] == expected
