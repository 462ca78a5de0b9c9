# SPDX-License-Identifier: Apache-2.0
"""I3: a waiver changes the effect of its own requirement and of nothing else, whatever the order."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import BOB, CYD, D1, D2, G1, G2, GO, NO_P0, PLAN, PRODUCTION, R1, STAGING, START, UNIT, WORDS
from tests.domain.walker import KINDS, RELEASES, Move, walk, walks

from interlock.domain.change import ChangeKind
from interlock.domain.gate import Situation, evaluate
from interlock.domain.ids import EnvironmentName, ReleaseId, WaiverId
from interlock.domain.verdict import Finding, NotWaived
from interlock.domain.waiver import WaiverBook, WaiverRequested

ASKED = st.builds(
    WaiverRequested,
    waiver=st.sampled_from([WaiverId(f"v{number}") for number in range(4)]),
    release=st.just(R1),
    environment=st.sampled_from([STAGING, PRODUCTION]),
    requirement=st.sampled_from([UNIT.id, PLAN.id, NO_P0.id, GO.id]),
    digest=st.sampled_from([D1, D2]),
    governance=st.sampled_from([G1.digest, G2.digest]),
    reason=st.just(WORDS),
    mitigation=st.just(WORDS),
    expires=st.sampled_from([START - timedelta(days=9), START + timedelta(days=900)]),
    by=st.just(BOB),
)


def findings(gate: Finding) -> dict[str, Finding]:
    """The finding of every requirement."""
    asked = [child for child in gate.children if child.code == "gate.requirements"]
    return {finding.subject: finding for group in asked for finding in group.children}


def book(asked: list[WaiverRequested]) -> WaiverBook:
    """All of them granted."""
    return WaiverBook({one.waiver: one for one in asked}, {one.waiver: CYD for one in asked})


@given(
    KINDS,
    walks(12),
    st.lists(ASKED, max_size=4),
    st.sampled_from(RELEASES),
    st.sampled_from([STAGING, PRODUCTION]),
)
def test_with_and_without_waivers_everything_else_is_equal(
    kind: ChangeKind, moves: list[Move], asked: list[WaiverRequested], release: ReleaseId, environment: EnvironmentName
) -> None:
    walker = walk(kind, moves)
    situation = walker.world.situation(release, environment)
    waived = replace(situation, waivers=book(asked))
    without = findings(evaluate(replace(situation, waivers=WaiverBook()), walker.now))
    beside = findings(evaluate(waived, walker.now))
    standing = [one for one in waived.waivers.asked.values() if walker.now < one.expires]
    named = {one.requirement for one in standing if _counts(one, waived)}
    for subject, finding in beside.items():
        assert replace(finding, waiver=NotWaived()) == without[subject]
        if finding != without[subject]:
            assert subject in named - {NO_P0.id, GO.id}


def _counts(one: WaiverRequested, situation: Situation) -> bool:
    scope = (one.environment, one.digest, one.governance)
    release = situation.release
    return scope == (situation.environment.name, release.digest, release.governance)


@given(KINDS, walks(12), st.permutations([WaiverId("v0"), WaiverId("v1"), WaiverId("v2")]), st.lists(ASKED, max_size=3))
def test_no_order_of_waivers_makes_a_difference(
    kind: ChangeKind, moves: list[Move], order: list[WaiverId], asked: list[WaiverRequested]
) -> None:
    walker = walk(kind, moves)
    situation = walker.world.situation(R1, STAGING)
    whole = book(asked)
    turned = WaiverBook({name: whole.asked[name] for name in order if name in whole.asked}, whole.granted)
    rest = {name: one for name, one in whole.asked.items() if name not in turned.asked}
    other = replace(turned, asked={**turned.asked, **rest})
    one = evaluate(replace(situation, waivers=whole), walker.now)
    two = evaluate(replace(situation, waivers=other), walker.now)
    assert (one.effective, one.verdict) == (two.effective, two.verdict)
