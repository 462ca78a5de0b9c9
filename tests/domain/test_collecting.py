# SPDX-License-Identifier: Apache-2.0
"""Which checks an open release still needs: missing ones, asked ones, and a few more tries of broken ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.shop import (
    D0,
    D1,
    D2,
    G1,
    GO,
    NO_P0,
    PLAN,
    PRODUCTION,
    R1,
    REPORT,
    SECOND,
    SMOKE,
    STAGING,
    START,
    TESTS,
    UNIT,
)
from tests.domain.story import given

from interlock.domain import evidence
from interlock.domain.action import Action, Deadline, RunCheck, WakeAt
from interlock.domain.actor import Assurance
from interlock.domain.collecting import MOST, NOWHERE_LIVE, SLOWEST, SLOWLY, Around, Patience, about_live, next_actions
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded, EvidenceRequested
from interlock.domain.ids import EVERYWHERE, EffectKey
from interlock.domain.in_place import InPlace
from interlock.domain.release import Release
from interlock.domain.verdict import Verdict

PATIENT = Around(patience=Patience.LONG)
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
    assert next_actions(RELEASE, (UNIT, UNIT, PLAN, GO), book, NOWHERE_LIVE, LATER) == actions


def test_another_try_waits_a_little() -> None:
    book = given(EvidenceBook(), evidence.evolve, replace(READING, verdict=Verdict.ERROR)).state
    assert next_actions(RELEASE, (UNIT,), book, NOWHERE_LIVE, LATER - SECOND) == (WakeAt(LATER),)


def test_evidence_about_an_environment_is_gathered_only_where_the_release_is_live() -> None:
    smoked = replace(NO_P0, check=SMOKE, environment=STAGING)
    assert next_actions(RELEASE, (smoked,), EvidenceBook(), NOWHERE_LIVE, START) == ()
    assert next_actions(RELEASE, (smoked,), EvidenceBook(), Around((STAGING,)), START) == (
        RunCheck(R1, SMOKE, STAGING, EffectKey(f"{R1}/gather/staging/smoke/1")),
    )


def silent(tries: int) -> EvidenceBook:
    """So many tries came to no answer, the last of them at the start."""
    read = [replace(READING, number=at + 1, verdict=Verdict.ERROR) for at in range(tries)]
    return given(EvidenceBook(), evidence.evolve, *read).state


@pytest.mark.parametrize(("tries", "pause"), [(3, SLOWLY), (4, 2 * SLOWLY), (5, 4 * SLOWLY), (MOST - 1, SLOWEST)])
def test_what_nobody_made_is_tried_on_ever_more_slowly(tries: int, pause: timedelta) -> None:
    before = next_actions(RELEASE, (UNIT,), silent(tries), PATIENT, START + pause - SECOND)
    assert before == (Deadline(START + pause),)
    assert next_actions(RELEASE, (UNIT,), silent(tries), PATIENT, START + pause) == (run(tries + 1),)


def test_what_nobody_made_is_not_tried_for_ever() -> None:
    assert next_actions(RELEASE, (UNIT,), silent(MOST), PATIENT, START + 1000 * SLOWEST) == ()


def test_what_somebody_made_is_not_tried_on() -> None:
    assert next_actions(RELEASE, (UNIT,), silent(3), NOWHERE_LIVE, START + SLOWEST) == ()


def test_it_is_tried_on_over_a_weekend() -> None:
    pauses = (min(SLOWLY * 2**step, SLOWEST) for step in range(MOST - 3))
    assert sum(pauses, timedelta()) > timedelta(hours=62)


DRILL = replace(UNIT, live_in=PRODUCTION)
OLD, NEW = InPlace(PRODUCTION, D0, 1), InPlace(PRODUCTION, D2, 2)
DRILLED = replace(READING, live=(OLD,))


def drill(number: int, live: InPlace) -> RunCheck:
    """The run with this number while that is live."""
    key = EffectKey(f"{R1}/gather/anywhere/tests/{number}/production-{live.changes}")
    return RunCheck(R1, TESTS, EVERYWHERE, key, (live,))


def test_a_check_of_what_is_live_says_what_that_is_as_it_begins() -> None:
    assert next_actions(RELEASE, (DRILL, UNIT), EvidenceBook(), Around(live=(OLD,)), START) == (drill(1, OLD),)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.FAIL])
def test_it_is_run_again_once_something_else_is_live(verdict: Verdict) -> None:
    book = given(EvidenceBook(), evidence.evolve, replace(DRILLED, verdict=verdict)).state
    assert next_actions(RELEASE, (DRILL,), book, Around(live=(OLD,)), START) == ()
    assert next_actions(RELEASE, (DRILL,), book, Around(live=(NEW,)), START) == (drill(2, NEW),)


def test_it_is_run_again_when_what_was_live_came_back() -> None:
    back = replace(OLD, changes=3)
    book = given(EvidenceBook(), evidence.evolve, DRILLED).state
    assert next_actions(RELEASE, (DRILL,), book, Around(live=(back,)), START) == (drill(2, back),)


def test_it_is_not_run_again_while_the_release_itself_is_live() -> None:
    book = given(EvidenceBook(), evidence.evolve, DRILLED).state
    own = InPlace(PRODUCTION, D1, 2)
    assert next_actions(RELEASE, (DRILL,), book, Around(live=(own,)), START) == ()


def test_a_change_of_what_is_live_is_answered_by_one_try_where_none_gives_an_answer() -> None:
    read = [replace(DRILLED, number=at + 1, verdict=Verdict.ERROR) for at in range(3)]
    book = given(EvidenceBook(), evidence.evolve, *read).state
    assert next_actions(RELEASE, (DRILL,), book, Around(live=(NEW,)), START) == (drill(4, NEW),)
    told = evidence.evolve(book, replace(DRILLED, number=4, verdict=Verdict.ERROR, live=(NEW,)))
    assert next_actions(RELEASE, (DRILL,), told, Around(live=(NEW,)), START) == ()


def test_what_requirements_are_about_beside_the_release_is_known() -> None:
    assert about_live((DRILL, replace(PLAN, live_in=STAGING), GO, UNIT)) == (PRODUCTION, STAGING)
