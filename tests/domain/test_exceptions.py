# SPDX-License-Identifier: Apache-2.0
"""Freezes, change windows and waivers: when the clock or a person says no, or an exception is made."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.domain.shop import (
    ANN,
    BOB,
    CYD,
    D1,
    D2,
    G1,
    G2,
    HOUR,
    NO_P0,
    PRODUCTION,
    R1,
    SECOND,
    SHOP,
    STAGING,
    START,
    UNIT,
    WORDS,
    ann,
    bob,
    cyd,
    dan,
)
from tests.domain.story import given

from interlock.domain import freeze, waiver
from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.change import ChangeKind
from interlock.domain.freeze import DeclareFreeze, FreezeDeclared, FreezeLifted, Freezes, LiftFreeze, judge_freezes
from interlock.domain.ids import EnvironmentName, FreezeId, RequirementId, ServiceName, WaiverId
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import Requirement, Waivable
from interlock.domain.verdict import Finding, NotWaived, Verdict, WaivedBy
from interlock.domain.waiver import (
    GrantWaiver,
    RequestWaiver,
    RevokeWaiver,
    Scope,
    Standing,
    WaiverBook,
    WaiverGranted,
    WaiverRequested,
    WaiverRevoked,
    with_waivers,
)
from interlock.domain.window import Interval, Occurrences, Schedule, WorkedOut, judge_window

F1, F2 = FreezeId("f1"), FreezeId("f2")
DECLARE = DeclareFreeze(F1, (), (), START, START + HOUR, WORDS, ())
DECLARED = FreezeDeclared(F1, (), (), START, START + HOUR, WORDS, (), "person:bob")
ASSERTED = Person(BOB, Assurance.ASSERTED)


@pytest.mark.parametrize("actor", [bob, ASSERTED, CONTROLLER])
def test_a_freeze_takes_exposure_away_so_anybody_named_declares_it(actor: Actor) -> None:
    given(Freezes(), freeze.evolve).when(lambda state: freeze.decide(state, DECLARE, actor)).then(
        replace(DECLARED, by=str(actor))
    )


@pytest.mark.parametrize("events", [(DECLARED,), (DECLARED, FreezeLifted(F1, WORDS, "person:bob"))])
def test_a_freeze_is_declared_once(events: tuple[FreezeDeclared, ...]) -> None:
    given(Freezes(), freeze.evolve, *events).when(lambda state: freeze.decide(state, DECLARE, bob)).refused(
        "freeze.exists"
    )


def test_a_freeze_ends_after_it_begins() -> None:
    given(Freezes(), freeze.evolve).when(lambda state: freeze.decide(state, replace(DECLARE, ends=START), bob)).refused(
        "freeze.empty"
    )


def test_a_freeze_is_lifted_by_a_signature() -> None:
    given(Freezes(), freeze.evolve, DECLARED).when(lambda state: freeze.decide(state, LiftFreeze(F1, WORDS), ann)).then(
        FreezeLifted(F1, WORDS, "person:ann")
    )


@pytest.mark.parametrize("actor", [ASSERTED, CONTROLLER])
def test_a_freeze_is_lifted_by_nothing_less(actor: Actor) -> None:
    given(Freezes(), freeze.evolve, DECLARED).when(
        lambda state: freeze.decide(state, LiftFreeze(F1, WORDS), actor)
    ).refused("freeze.lift_unsigned")


def test_a_freeze_that_is_not_in_force_is_not_lifted() -> None:
    given(Freezes(), freeze.evolve, DECLARED).when(
        lambda state: freeze.decide(state, LiftFreeze(F2, WORDS), ann)
    ).refused("freeze.unknown")


OTHER = ServiceName("other")


@pytest.mark.parametrize(
    ("declared", "now", "opens"),
    [
        (DECLARED, START - SECOND, True),
        (DECLARED, START, False),
        (DECLARED, START + HOUR - SECOND, False),
        (DECLARED, START + HOUR, True),
        (replace(DECLARED, services=(OTHER,)), START, True),
        (replace(DECLARED, services=(OTHER, SHOP)), START, False),
        (replace(DECLARED, environments=(STAGING,)), START, True),
        (replace(DECLARED, environments=(PRODUCTION,)), START, False),
        (replace(DECLARED, admits=(ChangeKind.NORMAL,)), START, True),
        (replace(DECLARED, admits=(ChangeKind.EMERGENCY,)), START, False),
    ],
)
def test_a_freeze_holds_where_and_when_it_says(declared: FreezeDeclared, now: datetime, *, opens: bool) -> None:
    state = given(Freezes(), freeze.evolve, declared).state
    assert judge_freezes(state, SHOP, PRODUCTION, ChangeKind.NORMAL, now).opens is opens


def test_a_freeze_names_who_declared_it_and_how_it_is_lifted() -> None:
    state = given(Freezes(), freeze.evolve, DECLARED).state
    (said,) = judge_freezes(state, SHOP, PRODUCTION, ChangeKind.NORMAL, START).children
    assert "declared by bob is in force" in said.sentence
    assert "`interlock freeze lift f1 --reason 'WHY'`" in said.next_step


def test_one_freeze_that_admits_does_not_open_another() -> None:
    admitting = replace(DECLARED, freeze=F2, admits=(ChangeKind.NORMAL,))
    state = given(Freezes(), freeze.evolve, admitting, DECLARED).state
    assert not judge_freezes(state, SHOP, PRODUCTION, ChangeKind.NORMAL, START).opens


def test_a_lifted_freeze_holds_nothing() -> None:
    state = given(Freezes(), freeze.evolve, DECLARED, FreezeLifted(F1, WORDS, "person:ann")).state
    assert judge_freezes(state, SHOP, PRODUCTION, ChangeKind.NORMAL, START).opens


SCHEDULE = Schedule("RRULE:FREQ=DAILY", "Europe/Berlin", "09:00", "16:00")
MORNING = Interval(START - HOUR, START + HOUR)
TOMORROW = Interval(START + 24 * HOUR, START + 25 * HOUR)


def worked_out(*intervals: Interval, schedule: str = SCHEDULE.key) -> tuple[WorkedOut, ...]:
    """The facts of one schedule, two days either way."""
    return (WorkedOut(schedule, Occurrences(START - 48 * HOUR, START + 48 * HOUR, intervals, "2026a")),)


@pytest.mark.parametrize(
    ("facts", "now", "code", "says"),
    [
        (worked_out(MORNING), START, "window.open", "open until 2026-03-02 11:00 UTC"),
        (worked_out(MORNING), START - HOUR, "window.open", "open until"),
        (worked_out(MORNING), START + HOUR, "window.closed", "does not open soon"),
        (worked_out(MORNING, TOMORROW), START + HOUR, "window.closed", "opens 2026-03-03 10:00 UTC"),
        (worked_out(), START, "window.closed", "does not open soon"),
        ((), START, "window.unknown", "could not be worked out"),
        (worked_out(MORNING, schedule="another"), START, "window.unknown", "could not be worked out"),
        (worked_out(MORNING), START + 49 * HOUR, "window.unknown", "could not be worked out"),
        (worked_out(MORNING), START - 49 * HOUR, "window.unknown", "could not be worked out"),
    ],
)
def test_a_window_is_open_only_where_it_was_worked_out_to_be(
    facts: tuple[WorkedOut, ...], now: datetime, code: str, says: str
) -> None:
    finding = judge_window(SCHEDULE, facts, now)
    assert finding.code == code
    assert says in finding.sentence


W1 = WaiverId("w1")
RELEASE = Release(ReleasePhase.OPEN, R1, SHOP, digest=D1, governance=G1.digest, authors=(ANN,))
SCOPE = Scope(RELEASE, G1, (UNIT, NO_P0))
REQUEST = RequestWaiver(W1, R1, STAGING, UNIT.id, WORDS, WORDS, START + HOUR)
ASKED = WaiverRequested(W1, R1, STAGING, UNIT.id, D1, G1.digest, WORDS, WORDS, START + HOUR, ANN)
GRANTED = WaiverGranted(W1, CYD)
REVOKED = WaiverRevoked(W1, WORDS, BOB)
SOLO = replace(SCOPE, governance=replace(G1, solo=(BOB,)))


def test_a_signed_person_asks_for_a_waiver_of_what_is_there() -> None:
    given(WaiverBook(), waiver.evolve).when(lambda state: waiver.decide(state, REQUEST, SCOPE, ann, START)).then(ASKED)


@pytest.mark.parametrize("actor", [ASSERTED, CONTROLLER])
def test_waivers_are_signed_by_people(actor: Actor) -> None:
    given(WaiverBook(), waiver.evolve).when(lambda state: waiver.decide(state, REQUEST, SCOPE, actor, START)).refused(
        "waiver.unsigned"
    )


@pytest.mark.parametrize(
    ("request_", "scope", "code"),
    [
        (replace(REQUEST, requirement=NO_P0.id), SCOPE, "waiver.not_waivable"),
        (replace(REQUEST, requirement=RequirementId("moon")), SCOPE, "waiver.unknown_requirement"),
        (replace(REQUEST, expires=START), SCOPE, "waiver.expiry"),
        (replace(REQUEST, expires=START + timedelta(days=2) + SECOND), SCOPE, "waiver.expiry"),
        (REQUEST, replace(SCOPE, release=replace(RELEASE, phase=ReleasePhase.WITHDRAWN)), "release.not_open"),
    ],
)
def test_a_waiver_that_reaches_too_far_is_declined(request_: RequestWaiver, scope: Scope, code: str) -> None:
    given(WaiverBook(), waiver.evolve).when(lambda state: waiver.decide(state, request_, scope, ann, START)).refused(
        code
    )


def test_a_waiver_is_asked_for_once() -> None:
    given(WaiverBook(), waiver.evolve, ASKED).when(
        lambda state: waiver.decide(state, REQUEST, SCOPE, ann, START)
    ).refused("waiver.exists")


def test_another_person_with_authority_grants_it() -> None:
    given(WaiverBook(), waiver.evolve, ASKED).when(
        lambda state: waiver.decide(state, GrantWaiver(W1, R1), SCOPE, cyd, START)
    ).then(GRANTED)


@pytest.mark.parametrize(
    ("asked", "scope", "actor", "now", "code"),
    [
        (replace(ASKED, by=CYD), SCOPE, cyd, START, "waiver.own_request"),
        (replace(ASKED, by=BOB), SCOPE, ann, START, "waiver.role"),
        (ASKED, replace(SCOPE, release=replace(RELEASE, authors=(CYD,))), cyd, START, "waiver.author"),
        (ASKED, SCOPE, cyd, START + HOUR, "waiver.unknown"),
    ],
)
def test_nobody_else_grants_it_and_not_too_late(
    asked: WaiverRequested, scope: Scope, actor: Person, now: datetime, code: str
) -> None:
    given(WaiverBook(), waiver.evolve, asked).when(
        lambda state: waiver.decide(state, GrantWaiver(W1, R1), scope, actor, now)
    ).refused(code)


def test_solo_mode_lets_the_same_person_ask_and_grant() -> None:
    scope = replace(SOLO, release=replace(RELEASE, authors=(BOB,)))
    given(WaiverBook(), waiver.evolve, replace(ASKED, by=BOB)).when(
        lambda state: waiver.decide(state, GrantWaiver(W1, R1), scope, bob, START)
    ).then(WaiverGranted(W1, BOB))


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ((), "waiver.unknown"),
        ((ASKED, GRANTED), "waiver.already_granted"),
        ((ASKED, GRANTED, REVOKED), "waiver.unknown"),
    ],
)
def test_only_a_waiver_that_waits_is_granted(events: tuple[WaiverRequested, ...], code: str) -> None:
    given(WaiverBook(), waiver.evolve, *events).when(
        lambda state: waiver.decide(state, GrantWaiver(W1, R1), SCOPE, dan, START)
    ).refused(code)


def test_any_signed_person_revokes_a_waiver() -> None:
    given(WaiverBook(), waiver.evolve, ASKED, GRANTED).when(
        lambda state: waiver.decide(state, RevokeWaiver(W1, R1, WORDS), SCOPE, bob, START)
    ).then(REVOKED)


@pytest.mark.parametrize("events", [(), (ASKED, REVOKED)])
def test_a_waiver_that_is_not_there_is_not_revoked(events: tuple[WaiverRequested, ...]) -> None:
    given(WaiverBook(), waiver.evolve, *events).when(
        lambda state: waiver.decide(state, RevokeWaiver(W1, R1, WORDS), SCOPE, bob, START)
    ).refused("waiver.unknown")


RED = Finding("evidence.fail", UNIT.id, Verdict.FAIL, "it failed")
BOOK = given(WaiverBook(), waiver.evolve, ASKED, GRANTED).state


def test_a_granted_waiver_stands_beside_its_finding() -> None:
    assert with_waivers(RED, UNIT, RELEASE, STAGING, Standing(BOOK, START)) == replace(RED, waiver=WaivedBy(W1))


@pytest.mark.parametrize(
    ("finding", "requirement", "release", "environment", "standing"),
    [
        (replace(RED, verdict=Verdict.PASS), UNIT, RELEASE, STAGING, Standing(BOOK, START)),
        (replace(RED, verdict=Verdict.NOT_APPLICABLE), UNIT, RELEASE, STAGING, Standing(BOOK, START)),
        (RED, replace(UNIT, waivable=Waivable.NO), RELEASE, STAGING, Standing(BOOK, START)),
        (RED, replace(UNIT, id=RequirementId("other")), RELEASE, STAGING, Standing(BOOK, START)),
        (RED, UNIT, replace(RELEASE, digest=D2), STAGING, Standing(BOOK, START)),
        (RED, UNIT, replace(RELEASE, governance=G2.digest), STAGING, Standing(BOOK, START)),
        (RED, UNIT, RELEASE, PRODUCTION, Standing(BOOK, START)),
        (RED, UNIT, RELEASE, STAGING, Standing(BOOK, START + HOUR)),
        (RED, UNIT, RELEASE, STAGING, Standing(WaiverBook({W1: ASKED}), START)),
        (RED, UNIT, RELEASE, STAGING, Standing(replace(BOOK, revoked=frozenset({W1})), START)),
    ],
)
def test_a_waiver_carries_over_to_nothing(
    finding: Finding, requirement: Requirement, release: Release, environment: EnvironmentName, standing: Standing
) -> None:
    assert with_waivers(finding, requirement, release, environment, standing).waiver == NotWaived()
