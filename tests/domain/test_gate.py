# SPDX-License-Identifier: Apache-2.0
"""The gate: everything that must be so at the moment exposure increases."""

from dataclasses import replace

import pytest
from tests.domain.shop import (
    ANN,
    BOB,
    C1,
    D1,
    G1,
    G2,
    HOUR,
    PRODUCTION,
    PRODUCTION_ENV,
    R1,
    R2,
    SECOND,
    SHOP,
    STAGING,
    START,
    TESTS,
    UNIT,
    WORDS,
    ann,
    cyd,
    procedure,
    ref,
)
from tests.domain.story import leaf_codes, leaves
from tests.domain.tale import Tale, adopted

from interlock.domain.change import ChangeKind
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.gate import Situation, evaluate, is_red
from interlock.domain.governance import ReviewOpened
from interlock.domain.ids import EnvironmentName, FreezeId, RequirementId
from interlock.domain.procedure import Stage
from interlock.domain.release import ReleasePhase
from interlock.domain.requirement import Held, Requirement
from interlock.domain.verdict import Verdict
from interlock.domain.window import Interval, Occurrences, Schedule, WorkedOut


def ready(kind: ChangeKind = ChangeKind.NORMAL) -> Tale:
    """1.2 may go to production."""
    tale = adopted(kind)
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    return tale


def open_situation(kind: ChangeKind = ChangeKind.NORMAL) -> tuple[Situation, Tale]:
    """A situation whose gate opens."""
    tale = ready(kind)
    return tale.world.situation(R2, PRODUCTION), tale


def blocked_by(situation: Situation, tale: Tale) -> list[str]:
    """The codes of what holds the gate."""
    gate = evaluate(situation, tale.now)
    assert not gate.opens
    return [leaf.code for leaf in gate.blockers()]


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_the_gate_opens_when_everything_is_there(kind: ChangeKind) -> None:
    situation, tale = open_situation(kind)
    assert evaluate(situation, tale.now).opens


def test_every_requirement_and_every_safety_finding_is_in_the_tree() -> None:
    situation, tale = open_situation(ChangeKind.EMERGENCY)
    told = leaves(evaluate(situation, tale.now))
    assert {"unit", "plan", "hot", "clock"} <= told.keys()
    assert "emergency.two_people" in told.values()


@pytest.mark.parametrize("phase", [phase for phase in ReleasePhase if phase is not ReleasePhase.OPEN])
def test_a_release_that_is_not_open_goes_nowhere(phase: ReleasePhase) -> None:
    situation, tale = open_situation()
    assert blocked_by(replace(situation, release=replace(situation.release, phase=phase)), tale) == ["release.not_open"]


def test_a_clock_behind_the_ledger_opens_nothing() -> None:
    situation, tale = open_situation()
    assert blocked_by(replace(situation, latest=tale.now + SECOND), tale) == ["clock.behind"]


def test_a_freeze_holds_the_gate() -> None:
    tale = ready()
    tale.well(DeclareFreeze(FreezeId("f"), (), (), tale.now, tale.now + HOUR, WORDS, ()), cyd)
    assert blocked_by(tale.world.situation(R2, PRODUCTION), tale) == ["freeze.active"]


def test_what_has_not_completed_staging_does_not_reach_production() -> None:
    situation, tale = open_situation()
    assert blocked_by(replace(situation, release=replace(situation.release, reached=())), tale) == ["order.not_reached"]


def test_what_is_recalled_gains_no_exposure() -> None:
    situation, tale = open_situation()
    assert blocked_by(replace(situation, recalled=(D1,)), tale) == ["recall.active"]


def test_one_unknown_author_holds_production_and_not_staging() -> None:
    situation, tale = open_situation()
    anonymous = replace(situation.release, unknown_authors=1)
    assert blocked_by(replace(situation, release=anonymous), tale) == ["authors.unknown"]
    staging = replace(tale.world.situation(R2, STAGING), release=anonymous)
    assert "authors.known" in leaf_codes(evaluate(staging, tale.now))


def test_a_release_that_brings_its_own_rules_is_held() -> None:
    situation, tale = open_situation()
    smuggling = replace(situation.release, declared=G2.digest)
    assert blocked_by(replace(situation, release=smuggling), tale) == ["governance.smuggled"]
    approved = replace(situation.service, in_force=ref(G2))
    assert evaluate(replace(situation, release=smuggling, service=approved), tale.now).opens


def test_a_release_that_was_moved_to_other_rules_is_not_judged_by_those_it_left() -> None:
    situation, tale = open_situation()
    repinned = replace(situation.release, governance=G2.digest)
    assert "governance.repinned" in blocked_by(replace(situation, release=repinned), tale)


def test_a_release_that_was_moved_is_judged_by_its_new_rules() -> None:
    situation, tale = open_situation()
    repinned = replace(situation, release=replace(situation.release, governance=G2.digest), governance=G2)
    assert "governance.repinned" not in blocked_by(repinned, tale)


def test_what_an_author_brings_opens_nothing_unless_solo_mode_is_declared() -> None:
    tale = ready()
    tale.record(R2, TESTS, Verdict.PASS, actor=ann)
    situation = tale.world.situation(R2, PRODUCTION)
    assert blocked_by(situation, tale) == ["evidence.by_author"]
    alone = replace(situation, governance=replace(G1, solo=(ANN,)))
    assert evaluate(alone, tale.now).opens


def test_what_somebody_else_brings_signed_counts() -> None:
    tale = ready()
    tale.record(R2, TESTS, Verdict.PASS, actor=cyd)
    assert tale.gate(R2, PRODUCTION).opens


def test_an_overdue_review_holds_a_normal_release() -> None:
    situation, tale = open_situation()
    owing = replace(situation.service, reviews={C1: ReviewOpened(SHOP, C1, (ANN,), tale.now - SECOND)})
    assert blocked_by(replace(situation, service=owing), tale) == ["review.overdue"]


def test_an_emergency_with_one_approval_is_held_twice_over() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    tale.promote(R2, STAGING)
    tale.approve(R2, PRODUCTION, cyd)
    assert blocked_by(tale.world.situation(R2, PRODUCTION), tale) == ["emergency.one_person", "approval.missing"]


def test_solo_mode_stands_in_for_the_second_person_and_shows() -> None:
    tale = adopted(ChangeKind.EMERGENCY)
    tale.promote(R2, STAGING)
    tale.approve(R2, PRODUCTION, cyd)
    alone = replace(tale.world.situation(R2, PRODUCTION), governance=replace(G1, solo=(BOB,)))
    told = leaf_codes(evaluate(alone, tale.now))
    assert {"solo.declared", "emergency.two_people"} <= set(told)
    assert "emergency.one_person" not in told


def with_stages(situation: Situation, *stages: Stage) -> Situation:
    """The same situation under a pack with other stages of the same names."""
    others = {stage.name: stage for stage in stages}
    pack = procedure()
    changed = tuple(others.get(stage.name, stage) for stage in pack.stages)
    return replace(situation, governance=replace(G1, procedure=replace(pack, stages=changed)))


def only(situation: Situation, *requires: Requirement) -> Situation:
    """The same situation in which the pack asks for just this."""
    stages = [replace(stage, requires=()) for stage in procedure().stages]
    return with_stages(situation, replace(stages[0], requires=requires), *stages[1:])


def test_a_path_that_asks_for_nothing_opens_nothing() -> None:
    situation, tale = open_situation()
    assert blocked_by(only(situation), tale) == ["gate.empty"]


def test_an_environment_that_is_on_no_path_is_not_reached() -> None:
    situation, tale = open_situation()
    moon = replace(PRODUCTION_ENV, name=EnvironmentName("moon"))
    assert blocked_by(replace(situation, environment=moon), tale) == ["gate.no_path"]


def test_a_kind_of_change_without_a_path_goes_nowhere() -> None:
    situation, tale = open_situation()
    pathless = replace(G1, procedure=replace(procedure(), paths=()))
    assert blocked_by(replace(situation, governance=pathless), tale) == ["gate.no_path"]
    assert replace(situation, governance=pathless).requirements() == ()


CONDITIONAL = replace(UNIT, condition="touched('web')")


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ({}, "condition.broken"),
        ({CONDITIONAL.id: Held.BROKEN}, "condition.broken"),
        ({CONDITIONAL.id: Held.NO}, "condition.not_met"),
        ({CONDITIONAL.id: Held.YES}, "evidence.pass"),
    ],
)
def test_a_requirement_applies_when_its_condition_holds(conditions: dict[RequirementId, Held], code: str) -> None:
    situation, tale = open_situation()
    judged = replace(only(situation, CONDITIONAL), conditions=conditions)
    assert leaves(evaluate(judged, tale.now))["unit"] == code


DAILY = Schedule("RRULE:FREQ=DAILY", "Europe/Berlin", "09:00", "16:00")
NIGHTLY = replace(DAILY, begins="22:00", ends="23:00")


def windowed(situation: Situation, *schedules: Schedule) -> Situation:
    """The same situation with windows before production; only the daily one is open."""
    last = procedure().stages[2] if situation.change.kind is not ChangeKind.EMERGENCY else procedure().stages[3]
    facts = tuple(
        WorkedOut(
            schedule.key,
            Occurrences(
                START - 48 * HOUR,
                START + 48 * HOUR,
                (Interval(START - HOUR, START + HOUR),) if schedule is DAILY else (),
                "2026a",
            ),
        )
        for schedule in schedules
    )
    return replace(with_stages(situation, replace(last, windows=schedules)), windows=facts)


def test_one_open_window_is_enough() -> None:
    situation, tale = open_situation()
    assert evaluate(windowed(situation, NIGHTLY, DAILY), tale.now).opens


def test_outside_every_window_the_gate_is_held() -> None:
    situation, tale = open_situation()
    assert blocked_by(windowed(situation, NIGHTLY), tale) == ["window.closed"]


def test_an_emergency_waits_for_no_window() -> None:
    situation, tale = open_situation(ChangeKind.EMERGENCY)
    assert evaluate(windowed(situation, NIGHTLY), tale.now).opens


def test_nothing_about_another_release_opens_this_one() -> None:
    tale = ready()
    assert not tale.gate(R1, PRODUCTION).opens


def test_red_is_what_a_check_has_spoken_against() -> None:
    tale = adopted()
    assert not is_red(tale.world.situation(R2, STAGING), tale.now), "nothing was run about it"
    tale.record(R2, TESTS, Verdict.PASS)
    assert not is_red(tale.world.situation(R2, STAGING), tale.now)
    tale.record(R2, TESTS, Verdict.FAIL)
    assert is_red(tale.world.situation(R2, STAGING), tale.now)
