# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from typing import Final

import pytest
from tests.packs.read_in import loaded, wrong

from interlock.domain.actor import Assurance
from interlock.domain.ids import RoleName, StageName
from interlock.domain.requirement import (
    ApprovalRequirement,
    Authors,
    CheckRequirement,
    CountRequirement,
    SignoffRequirement,
    Waivable,
)
from interlock.domain.strategy import Analysis, Ask, Baseline, Guard, Invite, Measure, Pace, Strategy, Weigh
from interlock.domain.traffic import WHOLE
from interlock.packs.load import Pack, load_pack
from interlock.packs.model import PackPhase
from interlock.packs.problem import Problems
from interlock.packs.shelf import Shelf

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa]
governors: [qa]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging]}
paths:
  normal: {for: [normal], stages: [ready, staging, production]}
  urgent: {for: [emergency], stages: [ready, staging, production], review_within: 2d}
stages:
  - name: ready
    requires:
      - {id: tests, cites: [S-1], gate: {check: tests, max_age: 1d}, waivable: false}
      - {id: blockers, gate: {check: issues, at_most: 0, in: staging}, when: "change_kind == 'normal'"}
      - {id: plan, signoff: {roles: [dev], statement: It is planned.}}
      - {id: agreed, approval: {roles: [qa], count: 2}}
  - {name: staging, environment: staging, verify: {checks: [smoke]}}
  - name: production
    environment: production
    windows: [{schedule: "RRULE:FREQ=DAILY", tz: Europe/Berlin, from: "09:00", to: "16:00"}]
    bake: {for: 10m, checks: [smoke]}
waivers: {authority: [qa], longest: 7d}
"""


def test_requirements_become_what_the_domain_judges() -> None:
    ready = loaded(PACK).procedure.stage(StageName("ready")).requires
    assert [type(one) for one in ready] == [
        CheckRequirement,
        CountRequirement,
        SignoffRequirement,
        ApprovalRequirement,
    ]


def test_a_gate_keeps_what_was_written() -> None:
    tests, blockers = loaded(PACK).procedure.stage(StageName("ready")).requires[:2]
    assert isinstance(tests, CheckRequirement)
    assert isinstance(blockers, CountRequirement)
    assert (tests.max_age, tests.waivable, tests.cites) == (timedelta(days=1), Waivable.NO, ("S-1",))
    assert (blockers.at_most, blockers.environment, blockers.waivable) == (0, "staging", Waivable.YES)
    assert blockers.condition == "change_kind == 'normal'"


def test_people_are_asked_for_by_signature_and_authors_do_not_approve() -> None:
    plan, agreed = loaded(PACK).procedure.stage(StageName("ready")).requires[2:]
    assert isinstance(plan, SignoffRequirement)
    assert isinstance(agreed, ApprovalRequirement)
    assert (plan.authors, plan.assurance) == (Authors.ADMITTED, Assurance.SIGNED)
    assert (agreed.authors, agreed.count, agreed.waivable) == (Authors.EXCLUDED, 2, Waivable.NO)


def test_a_signoff_that_cannot_be_waived_says_so() -> None:
    text = PACK.replace("statement: It is planned.}}", "statement: It is planned.}, waivable: false}")
    plan = loaded(text).procedure.stage(StageName("ready")).requires[2]
    assert plan.waivable is Waivable.NO


def test_stages_keep_their_proof_windows_and_bake() -> None:
    procedure = loaded(PACK).procedure
    staging, production = procedure.stage(StageName("staging")), procedure.stage(StageName("production"))
    assert (staging.verification.checks, staging.bake.duration) == (("smoke",), timedelta(0))
    assert (production.verification.checks, production.bake.duration) == ((), timedelta(minutes=10))
    assert [window.zone for window in production.windows] == ["Europe/Berlin"]


def test_the_phase_and_the_assurance_of_evidence_are_kept() -> None:
    pack = loaded(PACK.replace("status: active", "status: draft\nevidence: signed"))
    assert (pack.phase, pack.evidence) == (PackPhase.DRAFT, Assurance.SIGNED)


ROLLOUT: Final = """\
    rollout:
      steps: [{cohort: beta, hold: 1m}, {weight: 0.5, hold: 5m, least: 100}, {ask: [qa]}, {weight: 25}, {weight: 100}]
      every: 10s
      blind_for: 1m
      analysis: {errors: {tolerated: 10, at_most: 2.5}, latency: unjudged, risk: 2}
    bake:"""
ROLLED: Final = PACK.replace("    bake:", ROLLOUT)


def _strategy(text: str = ROLLED) -> Strategy:
    return loaded(text).procedure.stage(StageName("production")).rollout


def test_a_stage_without_a_rollout_has_no_steps() -> None:
    assert _strategy(PACK) == Strategy()


def test_steps_become_what_the_domain_walks_through_and_all_of_the_traffic_comes_by_itself() -> None:
    assert _strategy().steps == (
        Invite("beta", timedelta(minutes=1)),
        Weigh(50, timedelta(minutes=5), 100),
        Ask((RoleName("qa"),)),
        Weigh(2500),
    )


def test_all_of_the_traffic_with_a_hold_is_a_step_of_its_own() -> None:
    steps = _strategy(ROLLED.replace("{weight: 100}", "{weight: 100, hold: 1m}")).steps
    assert steps[-1] == Weigh(WHOLE, timedelta(minutes=1))


def test_a_rollout_of_no_steps_is_one_without_steps() -> None:
    before = ROLLOUT.splitlines()[1]
    assert _strategy(ROLLED.replace(before, "      steps: []")).steps == ()


def test_a_rollout_keeps_its_pace_and_what_it_is_judged_by() -> None:
    strategy = _strategy()
    assert (strategy.every, strategy.blind_for) == (timedelta(seconds=10), timedelta(minutes=1))
    assert strategy.analysis == Analysis((Guard("errors", Measure.ERRORS, 10, 250),), 200)


def test_a_step_may_be_over_as_soon_as_the_candidate_is_proven() -> None:
    assert _strategy().pace is Pace.STEADY
    assert (
        _strategy(ROLLED.replace("latency: unjudged, risk: 2}", "latency: unjudged, risk: 2}\n      pace: proven")).pace
        is Pace.PROVEN
    )


ACCOMPANIED: Final = ROLLED.replace("      every: 10s", "      baseline: fresh\n      every: 10s")


def test_a_rollout_has_a_baseline_where_it_is_asked_for() -> None:
    assert _strategy().analysis.baseline is Baseline.NONE
    assert _strategy(ACCOMPANIED).analysis.baseline is Baseline.FRESH


@pytest.mark.parametrize("steps", ["{weight: 33.33}", "{ask: [qa]}, {weight: 50}, {weight: 60}", "{cohort: beta}"])
def test_a_baseline_that_no_step_would_give_anything_is_refused(steps: str) -> None:
    text = ACCOMPANIED.replace(ROLLOUT.splitlines()[1], f"      steps: [{steps}]")
    is_used = "33.33" in steps
    assert (wrong(text) if not is_used else _strategy(text).analysis.baseline) == (
        Baseline.FRESH if is_used else [("pack.baseline_unused", "stages[2].rollout.baseline")]
    )


def test_latency_is_judged_unless_it_is_said_not_to_be() -> None:
    guards = _strategy(ROLLED.replace("latency: unjudged", "latency: {tolerated: 50}")).analysis.guards
    assert guards[1:] == (Guard("latency", Measure.LATENCY, 50),)
    longer = _strategy(ROLLED.replace("latency: unjudged", "latency: {longer: 10, at_most: 1}")).analysis.guards
    assert longer[1:] == (Guard("latency", Measure.LATENCY, cap=100, longer=10),)
    assert _strategy(
        ROLLED.replace(ROLLED[ROLLED.index("      analysis") : ROLLED.index("    bake:")], "")
    ).analysis == (Analysis())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("weight: 0.5", "weight: 0"),
        ("weight: 0.5", "weight: 100.5"),
        ("weight: 0.5", "weight: 0.125"),
        ("{weight: 25}", "{weight: 0.5}"),
        ("{weight: 25}", "{weight: 25, at: 9}"),
        ("{ask: [qa]}", "{ask: []}"),
        ("every: 10s", "every: 0s"),
        ("every: 10s", "every: 61s"),
        ("tolerated: 10", "tolerated: -1"),
        ("at_most: 2.5", "at_most: 0"),
        ("at_most: 2.5", "at_most: 101"),
        ("latency: unjudged", "latency: unwatched"),
        ("risk: 2", "risk: 0"),
        ("risk: 2", "risk: 21"),
    ],
)
def test_what_is_no_rollout_is_refused(before: str, after: str) -> None:
    assert before in ROLLED
    assert wrong(ROLLED.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("least: 100", "least: -1", ("pack.out_of_range", "stages[2].rollout.steps[1].least")),
        ("weight: 0.5", "weight: -0.5", ("pack.out_of_range", "stages[2].rollout.steps[1].weight")),
        ("hold: 5m", "hold: 0s", ("pack.out_of_range", "stages[2].rollout.steps[1].hold")),
        ("hold: 5m", "hold: -5m", ("pack.wrong_value", "stages[2].rollout.steps[1].hold")),
        ("weight: 25", "weight: 0.5", ("pack.weight_order", "stages[2].rollout.steps[3].weight")),
        ("weight: 25", "weight: 0.25", ("pack.weight_order", "stages[2].rollout.steps[3].weight")),
        (
            "{weight: 25}, {weight: 100}]",
            "{weight: 100}, {ask: [dev]}]",
            ("pack.whole_too_soon", "stages[2].rollout.steps[3].weight"),
        ),
        ("every: 10s", "every: 0s", ("pack.out_of_range", "stages[2].rollout.every")),
        ("every: 10s", "every: 61s", ("pack.blind_too_soon", "stages[2].rollout.blind_for")),
        ("blind_for: 1m", "blind_for: 9s", ("pack.blind_too_soon", "stages[2].rollout.blind_for")),
        ("tolerated: 10", "tolerated: -1", ("pack.out_of_range", "stages[2].rollout.analysis.errors.tolerated")),
        ("risk: 2", "risk: 0.001", ("pack.out_of_range", "stages[2].rollout.analysis.risk")),
        ("bake: {for: 10m", "bake: {for: 0s", ("pack.out_of_range", "stages[2].bake.for")),
        ("count: 2", "count: 0", ("pack.out_of_range", "stages[0].requires[3].approval.count")),
        ("at_most: 0", "at_most: -1", ("pack.out_of_range", "stages[0].requires[1].gate.at_most")),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_where_it_stands(
    before: str, after: str, expected: tuple[str, str]
) -> None:
    assert before in ROLLED
    problems = load_pack("pack.yaml", ROLLED.replace(before, after, 1).encode())
    assert isinstance(problems, Problems)
    (found,) = problems.found
    assert (found.code, found.path) == expected
    key = f"{expected[1].rpartition('.')[2]}: "
    written = problems.lines[found.place.line - 1][: found.place.column - 1]
    assert written.endswith(key)


@pytest.mark.parametrize("steps", ["{ask: [qa]}", "{ask: [qa]}, {ask: [dev]}", "{ask: [qa]}, {weight: 100}"])
def test_a_rollout_that_only_asks_exposes_nothing(steps: str) -> None:
    before = ROLLOUT.splitlines()[1]
    text = ROLLED.replace(before, f"      steps: [{steps}]")
    assert wrong(text) == [("pack.exposes_nothing", "stages[2].rollout.steps")]


def test_a_step_asks_roles_that_there_are() -> None:
    expected = ("pack.unknown_role", "stages[2].rollout.steps[2].ask[0]")
    assert expected in wrong(ROLLED.replace("{ask: [qa]}", "{ask: [qb]}"))


def test_a_stage_that_promotes_into_no_environment_rolls_nothing_out() -> None:
    text = ROLLED.replace("    environment: production\n", "").replace('    windows: [{schedule: "RRULE', "    #")
    assert ("pack.no_environment", "stages[2]") in wrong(text)


WRONG: Final = {
    "a governor of no role": ("governors: [qa]", "governors: [qb]", ("pack.unknown_role", "governors[0]")),
    "a waiver authority of no role": (
        "authority: [qa]",
        "authority: [dev, qb]",
        ("pack.unknown_role", "waivers.authority[1]"),
    ),
    "a sign-off by no role": (
        "signoff: {roles: [dev]",
        "signoff: {roles: [def]",
        ("pack.unknown_role", "stages[0].requires[2].signoff.roles[0]"),
    ),
    "an approval by no role": (
        "approval: {roles: [qa]",
        "approval: {roles: [qb]",
        ("pack.unknown_role", "stages[0].requires[3].approval.roles[0]"),
    ),
    "a gate in no environment": (
        "in: staging",
        "in: stging",
        ("pack.unknown_environment", "stages[0].requires[1].gate.in[0]"),
    ),
    "a stage into no environment": (
        "environment: production",
        "environment: prod",
        ("pack.unknown_environment", "stages[2].environment[0]"),
    ),
    "an environment after none": (
        "after: [staging]",
        "after: [stage]",
        ("pack.unknown_environment", "environments[1].after[0]"),
    ),
    "an environment after itself": (
        "after: [staging]",
        "after: [production]",
        ("pack.circle", "environments[1].after[0]"),
    ),
    "an environment after a later one": (
        "{name: staging, tier: staging}",
        "{name: staging, tier: staging, after: [production]}",
        ("pack.circle", "environments[0].after[0]"),
    ),
    "a role twice": ("roles: [dev, qa]", "roles: [dev, qa, dev]", ("pack.duplicate_name", "roles[2]")),
    "a requirement twice": ("id: blockers", "id: tests", ("pack.duplicate_name", "stages[0].requires[1].id")),
    "a stage twice on a path": (
        "stages: [ready, staging, production], review",
        "stages: [ready, staging, production, ready], review",
        ("pack.duplicate_name", "paths.urgent.stages[3]"),
    ),
    "a path over no stage": (
        "stages: [ready, staging, production], review",
        "stages: [ready, staging, prodution], review",
        ("pack.unknown_stage", "paths.urgent.stages[2]"),
    ),
    "a kind of change on two paths": (
        "for: [emergency]",
        "for: [emergency, normal]",
        ("pack.kind_taken", "paths.urgent.for[1]"),
    ),
    "an emergency without a review": (", review_within: 2d", "", ("pack.no_review", "paths.urgent")),
    "a path that asks for nothing": (
        "stages: [ready, staging, production], review",
        "stages: [staging, production], review",
        ("pack.asks_nothing", "paths.urgent.stages[0]"),
    ),
    "a condition that does not compile": (
        "change_kind == 'normal'",
        "change_kin == 'normal'",
        ("pack.condition_name", "stages[0].requires[1].when"),
    ),
    "a proof of nothing": (
        "environment: staging, verify",
        "verify",
        ("pack.no_environment", "stages[1]"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_with_its_place(name: str) -> None:
    before, after, expected = WRONG[name]
    assert before in PACK
    assert expected in wrong(PACK.replace(before, after, 1))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = PACK.replace("governors: [qa]", "governors: [qb]").replace("id: blockers", "id: tests")
    assert len(wrong(text)) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("count: 2", "count: 0"),
        ("bake: {for: 10m", "bake: {for: 10m, every: 0s"),
        ("pack: team", "pak: team"),
        (PACK, "["),
    ],
)
def test_what_is_no_pack_is_refused(before: str, after: str) -> None:
    assert wrong(PACK.replace(before, after, 1))


def test_every_pack_of_the_library_loads() -> None:
    shelf = Shelf()
    assert "starter" in shelf.names()
    for name in shelf.names():
        assert isinstance(load_pack(name, shelf.pack(name) or b""), Pack)


def test_the_library_has_only_what_it_has() -> None:
    assert Shelf().pack("none-of-that-name") is None
    assert Shelf().folder("none-of-that-name") is None
