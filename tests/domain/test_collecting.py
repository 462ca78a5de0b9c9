# SPDX-License-Identifier: Apache-2.0
"""Which checks an open release still needs: missing ones, asked ones, and a few more tries of broken ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.shop import D1, G1, GO, NO_P0, PLAN, R1, REPORT, SECOND, SMOKE, STAGING, START, TESTS, UNIT
from tests.domain.story import given

from interlock.domain import evidence
from interlock.domain.action import Action, Deadline, RunCheck, WakeAt
from interlock.domain.actor import Assurance
from interlock.domain.collecting import MOST, SLOWEST, SLOWLY, Patience, next_actions
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded, EvidenceRequested
from interlock.domain.ids import EVERYWHERE, EffectKey
from interlock.domain.release import Release
from interlock.domain.verdict import Verdict

RELEASE = Release(id=R1, digest=D1)
READING = EvidenceRecorded(
    D1, TESTS, EVERYWHERE, 1, Verdict.PASS, "fine", "ci", Assurance.AUTHENTICATED, REPORT, G1.digest, START
)
ASKED = EvidenceRequested(D1, TESTS, EVERYWHERE)
LATER = START + 10 * SECOND


def run(number: int) -> RunCheck:
    """The run of the unit tests with this number."""
    return RunCheck(R1, TESTS, EVERYWHERE, EffectKey(f"{R1}/gather/anywhere/tests/{number}"))


@pytest.mark.parametrize(
    ("verdicts", "asked", "actions"),
    [
        ((), (), (run(1),)),
        ((Verdict.PASS,), (), ()),
        ((Verdict.FAIL,), (), ()),
        ((Verdict.FAIL,), (ASKED,), (run(2),)),
        ((Verdict.ERROR,), (), (run(2),)),
        ((Verdict.INCONCLUSIVE, Verdict.ERROR), (), (run(3),)),
        ((Verdict.ERROR, Verdict.ERROR, Verdict.ERROR), (), ()),
        ((Verdict.ERROR, Verdict.PASS, Verdict.ERROR), (), (run(4),)),
    ],
)
def test_a_check_is_run_when_it_is_missing_asked_for_or_gave_no_answer(
    verdicts: tuple[Verdict, ...], asked: tuple[EvidenceRequested, ...], actions: tuple[Action, ...]
) -> None:
    read = [replace(READING, number=at + 1, verdict=verdict) for at, verdict in enumerate(verdicts)]
    book = given(EvidenceBook(), evidence.evolve, *read, *asked).state
    assert next_actions(RELEASE, (UNIT, UNIT, PLAN, GO), book, (), Patience.SHORT, LATER) == actions


def test_another_try_waits_a_little() -> None:
    book = given(EvidenceBook(), evidence.evolve, replace(READING, verdict=Verdict.ERROR)).state
    assert next_actions(RELEASE, (UNIT,), book, (), Patience.SHORT, LATER - SECOND) == (WakeAt(LATER),)


def test_evidence_about_an_environment_is_gathered_only_where_the_release_is_live() -> None:
    smoked = replace(NO_P0, check=SMOKE, environment=STAGING)
    assert next_actions(RELEASE, (smoked,), EvidenceBook(), (), Patience.SHORT, START) == ()
    assert next_actions(RELEASE, (smoked,), EvidenceBook(), (STAGING,), Patience.SHORT, START) == (
        RunCheck(R1, SMOKE, STAGING, EffectKey(f"{R1}/gather/staging/smoke/1")),
    )


def silent(tries: int) -> EvidenceBook:
    """So many tries came to no answer, the last of them at the start."""
    read = [replace(READING, number=at + 1, verdict=Verdict.ERROR) for at in range(tries)]
    return given(EvidenceBook(), evidence.evolve, *read).state


@pytest.mark.parametrize(("tries", "pause"), [(3, SLOWLY), (4, 2 * SLOWLY), (5, 4 * SLOWLY), (MOST - 1, SLOWEST)])
def test_what_nobody_made_is_tried_on_ever_more_slowly(tries: int, pause: timedelta) -> None:
    before = next_actions(RELEASE, (UNIT,), silent(tries), (), Patience.LONG, START + pause - SECOND)
    assert before == (Deadline(START + pause),)
    assert next_actions(RELEASE, (UNIT,), silent(tries), (), Patience.LONG, START + pause) == (run(tries + 1),)


def test_what_nobody_made_is_not_tried_for_ever() -> None:
    assert next_actions(RELEASE, (UNIT,), silent(MOST), (), Patience.LONG, START + 1000 * SLOWEST) == ()


def test_what_somebody_made_is_not_tried_on() -> None:
    assert next_actions(RELEASE, (UNIT,), silent(3), (), Patience.SHORT, START + SLOWEST) == ()


def test_it_is_tried_on_over_a_weekend() -> None:
    pauses = (min(SLOWLY * 2**step, SLOWEST) for step in range(MOST - 3))
    assert sum(pauses, timedelta()) > timedelta(hours=62)
