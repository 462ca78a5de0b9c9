# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from typing import Final

import pytest
from tests.packs.read_in import loaded, wrong

from interlock.domain.change import ChangeKind
from interlock.domain.ids import EnvironmentName, RoleName
from interlock.domain.incident import Severity
from interlock.domain.procedure import Adopters
from interlock.domain.trunk import UNDELIVERED, DeliveryRule
from interlock.packs.bindings import BranchSpec, load_bindings
from interlock.packs.problem import Problems

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa]
governors: [qa]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging]}
deliver: {branch: main, environment: staging, kind: standard, cites: [S-2]}
paths:
  delivered: {for: [standard], stages: [ready, staging]}
  normal: {for: [normal], when: "'direct' in labels", stages: [ready, staging, production]}
stages:
  - name: ready
    requires: [{id: tests, gate: {check: tests}, when: "!('docs' in labels)"}]
  - {name: staging, environment: staging}
  - {name: production, environment: production}
waivers: {authority: [qa], longest: 7d}
"""


def test_what_is_delivered_becomes_a_rule_of_the_procedure() -> None:
    assert loaded(PACK).procedure.delivery == DeliveryRule(
        "main", EnvironmentName("staging"), ChangeKind.STANDARD, ("S-2",)
    )


def test_a_pack_that_says_nothing_delivers_nothing() -> None:
    text = "".join(line for line in PACK.splitlines(keepends=True) if not line.startswith("deliver"))
    assert loaded(text).procedure.delivery == UNDELIVERED


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (
            "environment: staging, kind",
            "environment: stagin, kind",
            ("pack.unknown_environment", "deliver.environment[0]"),
        ),
        ("kind: standard", "kind: normal", ("pack.delivers_production", "deliver.kind")),
        ("for: [normal]", "for: [normal, standard]", ("pack.delivers_production", "deliver.kind")),
        (
            "for: [standard], stages: [ready, staging]",
            "for: [standard], stages: [ready]",
            ("pack.delivers_nowhere", "deliver"),
        ),
        ("branch: main", "branch: ../main", ("pack.wrong_value", "deliver.branch")),
    ],
)
def test_what_could_come_near_production_or_nowhere_is_refused_with_its_place(
    before: str, after: str, problem: tuple[str, str]
) -> None:
    assert problem in wrong(PACK.replace(before, after, 1))


def test_an_emergency_is_never_delivered_by_itself() -> None:
    text = PACK.replace("kind: standard", "kind: emergency").replace(
        "for: [standard], stages: [ready, staging]", "for: [emergency], stages: [ready, staging], review_within: 2d"
    )
    assert ("pack.delivers_production", "deliver.kind") in wrong(text)


def test_how_bad_drift_is_stands_in_the_pack() -> None:
    assert loaded(f"{PACK}drift: {{severity: minor, cites: [S-3]}}\n").procedure.drift is Severity.MINOR
    assert loaded(PACK).procedure.drift is Severity.MAJOR


def test_who_adopts_what_runs_instead_stands_in_the_pack() -> None:
    assert loaded(f"{PACK}drift: {{adopted_by: [qa]}}\n").procedure.adopters == Adopters((RoleName("qa"),))
    assert loaded(PACK).procedure.adopters == Adopters()


def test_who_agrees_to_an_adoption_stands_in_the_pack() -> None:
    both = loaded(f"{PACK}drift: {{adopted_by: [qa], agreed_by: [dev]}}\n").procedure.adopters
    assert (both.roles, both.beside, both.everybody) == (("qa",), ("dev",), ("qa", "dev"))


def test_nobody_agrees_where_nobody_adopts() -> None:
    assert ("pack.nobody_adopts", "drift.agreed_by") in wrong(f"{PACK}drift: {{agreed_by: [dev]}}\n")


def test_nobody_adopts_it_in_a_role_that_there_is_not() -> None:
    assert ("pack.unknown_role", "drift.adopted_by[0]") in wrong(f"{PACK}drift: {{adopted_by: [boss]}}\n")


BINDINGS: Final = """\
service: app
pack: team
environments:
  staging: {deploy: {command: [deploy]}, compare: 30s}
  production: {deploy: {command: [deploy]}}
roles: {dev: [ann], qa: [ben]}
checks: {tests: {command: [check]}, from-main: {branch: main, remote: origin}}
deliver: {remote: origin, every: 1m}
"""


def test_how_often_is_looked_is_bound() -> None:
    bound = load_bindings("interlock.yaml", BINDINGS.encode())
    assert not isinstance(bound, Problems)
    assert (bound.deliver.remote, bound.deliver.every) == ("origin", timedelta(minutes=1))
    every = {name: one.compare for name, one in bound.environments.items()}
    assert every == {"staging": timedelta(seconds=30), "production": timedelta(minutes=1)}


def test_a_branch_is_bound_like_any_check() -> None:
    bound = load_bindings("interlock.yaml", BINDINGS.encode())
    assert not isinstance(bound, Problems)
    assert list(bound.checks.values())[1] == BranchSpec("main", "origin")


@pytest.mark.parametrize("branch", ["refs heads", "-x", "a..b", "main/"])
def test_what_is_no_branch_is_refused(branch: str) -> None:
    problems = load_bindings("interlock.yaml", BINDINGS.replace("branch: main", f"branch: {branch}").encode())
    assert isinstance(problems, Problems)
    assert any("checks.from-main" in one.path for one in problems.found)
