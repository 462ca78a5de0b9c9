# SPDX-License-Identifier: Apache-2.0
"""Checks that give no answer: who is told, when, and what their finding says."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest
from tests.domain.shop import D1, G1, R1, REPORT, SMOKE, STAGING, START, TESTS, UNIT, ann

from interlock.domain import evidence
from interlock.domain.actor import CONTROLLER, Actor, Assurance
from interlock.domain.decision import Accepted, Refused
from interlock.domain.evidence import Brought, EvidenceBook, RecordEvidence, RequestEvidence
from interlock.domain.ids import EVERYWHERE, CheckId
from interlock.domain.judging_evidence import Terms, judge_check
from interlock.domain.outbox import EVERYBODY, MessageDue, Tone
from interlock.domain.silence import heard
from interlock.domain.verdict import Verdict

BROKEN: Final = RecordEvidence(
    D1, TESTS, EVERYWHERE, Verdict.ERROR, "no such program", "controller", REPORT, G1.digest, START, release=R1
)
FOR_IT: Final = Brought(R1, D1, G1)
PASS, FAIL, ERROR, DOUBT = Verdict.PASS, Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE


def told(
    *verdicts: Verdict, of: RecordEvidence = BROKEN, actor: Actor = CONTROLLER, brought: Brought | None = FOR_IT
) -> Sequence[MessageDue]:
    """What is told with the last of these readings."""
    book, messages = EvidenceBook(), list[MessageDue]()
    for verdict in verdicts:
        decision = heard(book, replace(of, verdict=verdict), actor, START, brought)
        assert isinstance(decision, Accepted), decision
        events = [one.event for one in decision.events]
        messages = [event for event in events if isinstance(event, MessageDue)]
        for event in events:
            book = evidence.evolve(book, event) if isinstance(event, evidence.EvidenceEvent) else book
    return messages


@pytest.mark.parametrize("verdicts", [(ERROR, ERROR, ERROR), (DOUBT, ERROR, DOUBT), (PASS, ERROR, ERROR, DOUBT)])
def test_everybody_is_told_of_what_gave_no_answer_three_times(verdicts: tuple[Verdict, ...]) -> None:
    (message,) = told(*verdicts)
    assert (message.to, message.tone) == (EVERYBODY, Tone.FAILURE)
    assert f"interlock evidence refresh {R1} {TESTS}" in message.body


def test_of_what_nobody_made_it_is_told_that_it_is_tried_on() -> None:
    (message,) = told(ERROR, ERROR, ERROR, brought=replace(FOR_IT, branch="main"))
    assert "As the newest of main it is tried again by itself" in message.body


@pytest.mark.parametrize(
    "verdicts", [(ERROR, ERROR), (ERROR, ERROR, PASS), (FAIL, FAIL, FAIL), (ERROR, PASS, ERROR, ERROR), (ERROR,) * 4]
)
def test_nobody_is_told_of_an_answer_or_before_or_again(verdicts: tuple[Verdict, ...]) -> None:
    assert told(*verdicts) == []


def test_where_it_gave_none_is_told() -> None:
    smoked = replace(UNIT, check=SMOKE, environment=STAGING)
    stages = (replace(G1.procedure.stages[0], requires=(smoked,)), *G1.procedure.stages[1:])
    rules = replace(G1, procedure=replace(G1.procedure, stages=stages))
    there = replace(BROKEN, check=SMOKE, environment=STAGING)
    (message,) = told(ERROR, ERROR, ERROR, of=there, brought=Brought(R1, D1, rules))
    assert f"'{SMOKE}' in {STAGING} gives no answer" in message.title


def test_nobody_is_told_of_what_no_gate_waits_for() -> None:
    assert told(ERROR, ERROR, ERROR, of=replace(BROKEN, check=CheckId("nothing-asks-this"))) == []


def test_nobody_is_told_of_a_check_in_a_place_that_no_gate_asks_about() -> None:
    assert told(ERROR, ERROR, ERROR, of=replace(BROKEN, environment=STAGING)) == []


def test_nobody_is_told_of_what_somebody_brought_themselves() -> None:
    assert told(ERROR, ERROR, ERROR, actor=ann) == []


def test_nobody_is_told_of_readings_that_name_no_release() -> None:
    assert told(ERROR, ERROR, ERROR, brought=None) == []


def test_what_may_not_be_recorded_is_not_told() -> None:
    late = replace(BROKEN, verdict=Verdict.NOT_APPLICABLE)
    assert isinstance(heard(EvidenceBook(), late, CONTROLLER, START, FOR_IT), Refused)


def test_asking_for_a_check_tells_nobody() -> None:
    decision = heard(EvidenceBook(), RequestEvidence(D1, SMOKE, STAGING), CONTROLLER, START, FOR_IT)
    assert isinstance(decision, Accepted)
    assert len(decision.events) == 1


@pytest.mark.parametrize(("times", "says"), [(2, False), (3, True), (4, True)])
def test_the_finding_says_that_nobody_asks_again(times: int, *, says: bool) -> None:
    book = EvidenceBook()
    for _ in range(times):
        decision = evidence.decide(book, BROKEN, CONTROLLER, START)
        assert isinstance(decision, Accepted)
        book = evidence.evolve(book, decision.events[0].event)
    finding = judge_check(UNIT, book, Terms(G1.digest, Assurance.ASSERTED, START))
    assert ("is asked again by itself only" in finding.sentence) is says
    assert ("interlock evidence refresh" in finding.next_step) is says
