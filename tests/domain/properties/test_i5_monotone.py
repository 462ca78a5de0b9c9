# SPDX-License-Identifier: Apache-2.0
"""I5: taking positive evidence or consent away never opens a gate; a gap is an error; nothing applicable denies."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import D1, G1, ISSUES, NO_P0, PRODUCTION, REPORT, STAGING, START, TESTS, UNIT
from tests.domain.walker import KINDS, RELEASES, Move, walk, walks

from interlock.domain import evidence
from interlock.domain.actor import Assurance
from interlock.domain.approval import Answer, ApprovalBook
from interlock.domain.change import ChangeKind
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded
from interlock.domain.gate import Situation, evaluate
from interlock.domain.ids import EVERYWHERE, CheckId
from interlock.domain.judging_evidence import Terms, judge_check, judge_count
from interlock.domain.requirement import Held
from interlock.domain.verdict import Verdict
from interlock.domain.waiver import WaiverBook

READINGS = st.lists(st.tuples(st.sampled_from([TESTS, ISSUES]), st.sampled_from(list(Verdict)[:4])), max_size=8)


def book(readings: list[tuple[CheckId, Verdict]], gone: int = -1) -> EvidenceBook:
    """The numbered readings, with the one at `gone` missing from what is read."""
    state, numbers = EvidenceBook(), {TESTS: 0, ISSUES: 0}
    for at, (check, verdict) in enumerate(readings):
        numbers[check] += 1
        recorded = EvidenceRecorded(
            D1,
            check,
            EVERYWHERE,
            numbers[check],
            verdict,
            "",
            "ci",
            Assurance.AUTHENTICATED,
            REPORT,
            G1.digest,
            START,
            "open P0",
        )
        state = state if at == gone else evidence.evolve(state, recorded)
    return state


TERMS = Terms(G1.digest, Assurance.AUTHENTICATED, START)


@given(READINGS, st.integers(0, 7))
def test_a_reading_left_out_before_the_newest_is_an_error(readings: list[tuple[CheckId, Verdict]], gone: int) -> None:
    known = readings[gone][0] if gone < len(readings) else None
    if known in {check for check, _ in readings[gone + 1 :]}:
        holed = book(readings, gone)
        judged = judge_check(UNIT, holed, TERMS) if known == TESTS else judge_count(NO_P0, holed, TERMS)
        assert (judged.verdict, judged.code) == (Verdict.ERROR, "evidence.gap")


def reduced(situation: Situation) -> Iterator[Situation]:
    """Every situation with one positive thing less: a series, a person's sign-offs, their approvals, a waiver."""
    for key in situation.evidence.series:
        left = {other: series for other, series in situation.evidence.series.items() if other != key}
        yield replace(situation, evidence=replace(situation.evidence, series=left))
    said = situation.approvals
    for who in situation.people.names:
        yield replace(situation, approvals=ApprovalBook(tuple(s for s in said.signoffs if s.by != who), said.decisions))
        if all(decided.answer is Answer.APPROVED for decided in said.decisions if decided.by == who):
            kept = tuple(decided for decided in said.decisions if decided.by != who)
            yield replace(situation, approvals=ApprovalBook(said.signoffs, kept))
    for waiver in situation.waivers.granted:
        granted = {other: who for other, who in situation.waivers.granted.items() if other != waiver}
        yield replace(situation, waivers=replace(situation.waivers, granted=granted))


@given(KINDS, walks(20))
def test_taking_something_positive_away_never_turns_a_denial_into_a_permission(
    kind: ChangeKind, moves: list[Move]
) -> None:
    walker = walk(kind, moves)
    for release in RELEASES:
        for environment in (STAGING, PRODUCTION):
            situation = walker.world.situation(release, environment)
            if not evaluate(situation, walker.now).opens:
                assert not any(evaluate(less, walker.now).opens for less in reduced(situation))


@given(KINDS, walks(12))
def test_a_gate_in_which_nothing_applies_is_closed(kind: ChangeKind, moves: list[Move]) -> None:
    walker = walk(kind, moves)
    for release in RELEASES:
        situation = walker.world.situation(release, STAGING)
        pack = situation.governance.procedure
        stages = tuple(
            replace(stage, requires=tuple(replace(one, condition="never") for one in stage.requires))
            for stage in pack.stages
        )
        silent = replace(situation.governance, procedure=replace(pack, stages=stages))
        no = {one.id: Held.NO for stage in stages for one in stage.requires}
        assert not evaluate(replace(situation, governance=silent, conditions=no), walker.now).opens
        broken = replace(situation, governance=silent, conditions={}, waivers=WaiverBook())
        assert not evaluate(broken, walker.now).opens
