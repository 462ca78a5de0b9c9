# SPDX-License-Identifier: Apache-2.0
"""I6: a decision dies with what it was about, and stays dead when the old value comes back."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import PLANS, PRODUCTION, REPORT, STAGING
from tests.domain.tale import Tale
from tests.domain.walker import KINDS, RELEASES, Move, steps, walk, walks
from tests.domain.world import World

from interlock.domain.approval import Decided, SignedOff, bind, cause_of_death
from interlock.domain.change import ChangeKind
from interlock.domain.ids import ReleaseId
from interlock.domain.release import Plans, Release


def graves(world: World, release: ReleaseId) -> set[SignedOff | Decided]:
    """The decisions about the release that are dead."""
    situation = world.situation(release, PRODUCTION)
    said: tuple[SignedOff | Decided, ...] = (*situation.approvals.signoffs, *situation.approvals.decisions)
    return {one for one in said if cause_of_death(one.bound, situation.release, situation.evidence, situation.records)}


@given(KINDS, walks())
def test_what_is_dead_stays_dead_whatever_comes_back(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for release in RELEASES:
            assert graves(step.before, release) <= graves(step.after, release)


@given(KINDS, walks())
def test_a_decision_is_alive_when_it_is_made(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, SignedOff | Decided):
                assert emitted.event not in graves(step.after, emitted.event.release)


Change = Callable[[Release], Release]
CHANGES: st.SearchStrategy[Change] = st.sampled_from(
    [
        lambda release: replace(release, digest=REPORT),
        lambda release: replace(release, governance=REPORT),
        lambda release: replace(release, revision=99),
        lambda release: replace(release, plans=Plans(PLANS.rollout, REPORT)),
        lambda release: replace(release, plans=Plans(REPORT, PLANS.rollback)),
    ]
)


@given(KINDS, walks(12), CHANGES)
def test_any_change_of_what_a_decision_names_kills_it(kind: ChangeKind, moves: list[Move], change: Change) -> None:
    tale: Tale = walk(kind, moves)
    for release in RELEASES:
        matter = tale.world.matter(release, STAGING)
        bound = bind(matter)
        assert not cause_of_death(bound, matter.release, matter.evidence, matter.records)
        assert cause_of_death(bound, change(matter.release), matter.evidence, matter.records)
