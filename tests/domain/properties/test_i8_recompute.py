# SPDX-License-Identifier: Apache-2.0
"""I8: the same facts give the same decision, in whatever order they stand; events fold to the same state."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import PRODUCTION, STAGING
from tests.domain.story import leaf_codes
from tests.domain.walker import KINDS, RELEASES, Move, steps, walk, walks
from tests.domain.world import fold

from interlock.domain.approval import ApprovalBook, Decided
from interlock.domain.change import ChangeKind
from interlock.domain.gate import Situation, evaluate
from interlock.domain.ids import StreamId

K = TypeVar("K")
V = TypeVar("V")


@given(KINDS, walks())
def test_events_fold_to_the_state_they_left(kind: ChangeKind, moves: list[Move]) -> None:
    world = walk(kind, moves).world
    streams: dict[StreamId, object] = {}
    for emitted in world.log:
        streams = fold(streams, emitted)
    assert streams == world.streams


@given(KINDS, walks())
def test_the_same_command_on_the_same_facts_is_the_same_decision(kind: ChangeKind, moves: list[Move]) -> None:
    for step in steps(kind, moves):
        assert step.before.decide(step.command, step.actor, step.now) == step.decision


@given(KINDS, walks())
def test_a_walk_taken_twice_ends_in_the_same_place(kind: ChangeKind, moves: list[Move]) -> None:
    assert walk(kind, moves).world == walk(kind, moves).world


def turned(mapping: Mapping[K, V], chance: Random) -> dict[K, V]:
    """The same mapping in another order."""
    return dict(chance.sample(list(mapping.items()), len(mapping)))


def among_people(decisions: tuple[Decided, ...], chance: Random) -> tuple[Decided, ...]:
    """The same decisions with people in another order; what one person said stays in its order."""
    people = chance.sample(sorted({decided.by for decided in decisions}), len({decided.by for decided in decisions}))
    return tuple(decided for who in people for decided in decisions if decided.by == who)


def shuffled(situation: Situation, chance: Random) -> Situation:
    """The same facts in another order."""
    said = situation.approvals
    signoffs = tuple(chance.sample(said.signoffs, len(said.signoffs)))
    book = situation.waivers
    return replace(
        situation,
        evidence=replace(situation.evidence, series=turned(situation.evidence.series, chance)),
        approvals=ApprovalBook(signoffs, among_people(said.decisions, chance)),
        waivers=replace(book, asked=turned(book.asked, chance), granted=turned(book.granted, chance)),
        freezes=replace(situation.freezes, declared=turned(situation.freezes.declared, chance)),
        people=replace(situation.people, names=turned(situation.people.names, chance)),
        service=replace(situation.service, reviews=turned(situation.service.reviews, chance)),
        governance=replace(situation.governance, holders=turned(situation.governance.holders, chance)),
        recalled=tuple(reversed(situation.recalled)),
        windows=tuple(reversed(situation.windows)),
    )


@given(KINDS, walks(), st.randoms(use_true_random=False))
def test_the_order_of_facts_makes_no_difference(kind: ChangeKind, moves: list[Move], chance: Random) -> None:
    walker = walk(kind, moves)
    for release in RELEASES:
        for environment in (STAGING, PRODUCTION):
            situation = walker.world.situation(release, environment)
            one, two = evaluate(situation, walker.now), evaluate(shuffled(situation, chance), walker.now)
            assert (one.verdict, one.effective, leaf_codes(one)) == (two.verdict, two.effective, leaf_codes(two))
