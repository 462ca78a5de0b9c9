# SPDX-License-Identifier: Apache-2.0
"""That somebody was told of an overdue review can be worked out again from an export alone."""

from typing import Final

from tests.packs.read_in import loaded
from tests.packs.test_chasing import PACK
from tests.service.exported import History, recomputed

from interlock.domain.verdict import Verdict
from interlock.testing.scenario import Loaded, Passed, load_scenario, perform
from interlock.testing.world import World

TWO: Final = "  - {name: two, requires: [{id: both, approval: {roles: [lead, owner], count: 2}}]}\n"
AGREED: Final = (
    PACK.replace("stages: [ready, production], review", "stages: [ready, two, production], review")
    .replace("  - name: production\n", f"{TWO}  - name: production\n")
    .replace("    environment: production\n", "    environment: production\n    verify: {checks: [smoke]}\n")
)
STORY: Final = """\
scenario: An emergency of which nobody makes the review for days
given: {people: {ann: [lead], ben: [owner, lead], cat: [lead], dan: [lead]}}
steps:
  - {release: v2, by: ann, kind: emergency}
  - {write: notes, before: production, by: ann, sections: {Summary: Faster., Known issues: None.}}
  - {wait: 1m}
  - {approve: production, by: ben}
  - {approve: production, by: cat}
  - {promote: production, by: ann}
  - {wait: 25h}
  - expect: {reviews: [v2], told: {staff: [CR-v2 of v2]}}
  - {wait: 3d}
  - {review: v2, by: dan}
  - {wait: 3d}
  - expect: {reviews: []}
"""


def told() -> World:
    """The world in which it happened."""
    story, world = load_scenario("story.yaml", STORY.encode()), World()
    assert isinstance(story, Loaded), story
    outcome = perform(story, AGREED.encode(), loaded(AGREED), world, world)
    assert isinstance(outcome, Passed), outcome.text
    return world


def test_a_review_is_chased_until_it_is_made() -> None:
    chased = [record.payload["notice"] for record in told().store.records() if record.event == "ReviewChased"]
    assert chased == ["owed", "late", "late", "late"]


def test_what_was_told_of_a_review_is_decided_again() -> None:
    again = recomputed(History(world=told()).exported())
    assert again.verdict is Verdict.PASS, [one for one in again.findings if one.verdict is not Verdict.PASS]
