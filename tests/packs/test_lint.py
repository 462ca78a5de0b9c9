# SPDX-License-Identifier: Apache-2.0
from typing import Final

import pytest

from interlock.domain.procedure import Procedure
from interlock.packs.bindings import Bindings
from interlock.packs.lint import lint_bindings, lint_pack
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa, lead, boss]
governors: [boss]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging]}
paths:
  normal: {for: [normal], stages: [ready, staging, production]}
  urgent: {for: [emergency], stages: [urgent, staging, production], review_within: 2d}
stages:
  - name: ready
    requires:
      - {id: tests, gate: {check: tests}}
      - {id: plan, signoff: {roles: [dev], statement: It is planned., apart: work}}
      - {id: agreed, approval: {roles: [qa], apart: work}}
  - {name: urgent, requires: [{id: two, approval: {roles: [qa, dev], count: 2}}]}
  - {name: staging, environment: staging, verify: {checks: [smoke]}}
  - name: production
    environment: production
    verify: {checks: [smoke]}
    bake: {for: 10m, checks: [smoke]}
waivers: {authority: [lead], longest: 7d}
"""
BINDINGS: Final = """\
service: app
pack: packs/team.yaml
environments:
  staging: {deploy: {command: [deploy]}}
  production: {deploy: {process: [serve, "{port}"], port: 8000}}
checks:
  tests: {command: [make, test]}
  smoke: {http: ["http://127.0.0.1/health"]}
roles: {dev: [ann], qa: [ben], lead: [ann], boss: [ben]}
"""


def _procedure(text: str) -> Procedure:
    pack = load_pack("pack.yaml", text.encode())
    assert isinstance(pack, Pack), pack
    return pack.procedure


def _on_pack(text: str) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in lint_pack(_procedure(text))]


def _on_bindings(text: str, pack: str = PACK) -> list[tuple[str, str]]:
    procedure = _procedure(pack)
    bindings = bind("interlock.yaml", text.encode(), procedure)
    assert isinstance(bindings, Bindings), bindings
    return [(one.code, one.where) for one in lint_bindings(bindings, procedure)]


def _instead(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after, 1)


def test_a_pack_without_holes_gets_no_advice() -> None:
    assert _on_pack(PACK) == []


def test_bindings_without_holes_get_no_advice() -> None:
    assert _on_bindings(BINDINGS) == []


def test_a_role_that_only_decides_exceptions_or_rules_is_in_use() -> None:
    text = _instead(PACK, "authority: [lead]", "authority: [qa]")
    assert _on_pack(text) == [("lint.unused_role", "lead")]
    assert _on_pack(_instead(text, "governors: [boss]", "governors: [dev]")) == [
        ("lint.unused_role", "lead"),
        ("lint.unused_role", "boss"),
    ]


def test_a_role_that_only_writes_records_is_in_use() -> None:
    text = _instead(PACK, "authority: [lead]", "authority: [qa]")
    record = "      - {id: notes, record: {roles: [lead], sections: [Summary]}}\n"
    assert _on_pack(_instead(text, "    requires:\n", f"    requires:\n{record}")) == []


def test_a_stage_that_no_path_comes_through_is_named() -> None:
    text = _instead(PACK, "  - {name: staging, env", "  - {name: aside}\n  - {name: staging, env")
    assert _on_pack(text) == [("lint.unreached_stage", "aside")]


def test_a_deployment_that_nothing_proves_is_named() -> None:
    text = _instead(PACK, "environment: staging, verify: {checks: [smoke]}}", "environment: staging}")
    (advice,) = lint_pack(_procedure(text))
    assert (advice.code, advice.where) == ("lint.unproven", "staging")
    assert "to staging" in advice.sentence


def test_an_emergency_that_one_person_can_approve_is_lonely() -> None:
    assert _on_pack(_instead(PACK, ", count: 2", "")) == [("lint.lonely_emergency", "urgent")]


def test_a_signoff_is_no_second_approval_of_an_emergency() -> None:
    text = _instead(PACK, "approval: {roles: [qa, dev], count: 2}", "signoff: {roles: [qa, dev], statement: Fine.}")
    assert _on_pack(text) == [("lint.lonely_emergency", "urgent")]


def test_two_approvals_of_one_person_each_make_an_emergency_of_two() -> None:
    text = _instead(PACK, ", count: 2}}]", "}}, {id: three, approval: {roles: [lead]}}]")
    assert _on_pack(text) == []


def test_production_that_is_not_watched_afterwards_is_named() -> None:
    assert _on_pack(_instead(PACK, "    bake: {for: 10m, checks: [smoke]}\n", "")) == [("lint.no_bake", "production")]


def _rolling(steps: str, errors: str = "tolerated: 5, at_most: 5") -> list[tuple[str, str]]:
    rollout = f"    rollout: {{steps: [{steps}], every: 10s, analysis: {{errors: {{{errors}}}}}}}\n"
    return _on_pack(_instead(PACK, "    bake:", f"{rollout}    bake:"))


def test_a_hold_that_is_over_before_anything_is_measured_is_named() -> None:
    assert _rolling("{weight: 1, hold: 10s}, {weight: 2, hold: 9s}") == [("lint.short_hold", "production")]


def test_a_rollout_that_knows_no_rate_of_errors_as_too_high_is_named() -> None:
    assert _rolling("{weight: 1, hold: 10s}", "tolerated: 5") == [("lint.uncapped", "production")]


@pytest.mark.parametrize("step", ["{weight: 10}", "{cohort: testers}"])
def test_a_step_that_neither_time_nor_requests_end_is_named_unless_somebody_is_asked_after_it(step: str) -> None:
    assert _rolling(step) == [("lint.unwatched_step", "production")]
    assert _rolling(f"{step}, {{ask: [qa]}}, {{weight: 50, least: 5}}") == []


@pytest.mark.parametrize("held", ["", "lead: [], "])
def test_a_role_that_nobody_holds_is_named(held: str) -> None:
    text = _instead(BINDINGS, "lead: [ann], ", held)
    assert _on_bindings(text) == [("lint.unheld_role", "lead")]


def test_a_path_on_which_nobody_is_left_for_an_approval_is_named_with_it() -> None:
    procedure = _procedure(PACK)
    bindings = bind("interlock.yaml", _instead(BINDINGS, "qa: [ben]", "qa: [ann]").encode(), procedure)
    assert isinstance(bindings, Bindings), bindings
    advice = lint_bindings(bindings, procedure)
    assert [(one.code, one.where) for one in advice] == [("lint.unfillable", "normal"), ("lint.unfillable", "urgent")]
    assert [one.sentence.rpartition(": ")[2] for one in advice] == ["agreed", "two"]


def test_slots_that_need_no_different_people_are_filled_by_one() -> None:
    together = _instead(PACK, "planned., apart: work", "planned.")
    assert _on_bindings(_instead(BINDINGS, "qa: [ben]", "qa: [ann]"), together) == [("lint.unfillable", "urgent")]


def test_a_group_fills_slots_that_need_different_people() -> None:
    assert _on_bindings(_instead(BINDINGS, "qa: [ben]", "qa: [group:testers]")) == []


def test_who_declares_to_work_alone_fills_every_slot() -> None:
    assert _on_bindings(_instead(BINDINGS, "qa: [ben]", "qa: [ann]") + "solo: [ann]\n") == []


@pytest.mark.parametrize(
    ("before", "after", "program"),
    [
        ("{command: [make, test]}", "{command: [./test.sh]}", "./test.sh"),
        ("{command: [make, test]}", "{command: [sh, ./test.sh]}", "./test.sh"),
        ("{command: [make, test]}", "{junit: [./test.sh], report: report.xml}", "./test.sh"),
        ("{command: [make, test]}", "{sarif: [./scan.py], report: s.json}", "./scan.py"),
        ("{command: [deploy]}", "{command: [./deploy.sh]}", "./deploy.sh"),
        ('{process: [serve, "{port}"]', "{process: [./serve.py]", "./serve.py"),
        (
            "{deploy: {command: [deploy]}}",
            "{deploy: {command: [deploy]}, checks: {smoke: {command: [./smoke.sh]}}}",
            "./smoke.sh",
        ),
        ("checks:", "records: {pull_request: [./propose.sh]}\nchecks:", "./propose.sh"),
    ],
)
def test_a_program_of_the_repository_that_is_run_is_governed(before: str, after: str, program: str) -> None:
    text = _instead(BINDINGS, before, after)
    assert _on_bindings(text) == [("lint.ungoverned_file", program)]
    assert _on_bindings(f"{text}governed: [{program.removeprefix('./')}]\n") == []


def test_a_program_that_is_run_twice_is_named_once() -> None:
    text = BINDINGS.replace("[deploy]", "[./run.sh]").replace("[make, test]", "[./run.sh, test]")
    assert _on_bindings(text) == [("lint.ungoverned_file", "./run.sh")]


def test_what_stands_later_in_a_command_is_an_argument_and_no_program() -> None:
    assert _on_bindings(_instead(BINDINGS, "[make, test]", "[make, test, ./report]")) == []
