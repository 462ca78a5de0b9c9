# SPDX-License-Identifier: Apache-2.0
"""How checks that examine are bound, and what is strictest where nothing is said."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from interlock.domain.ids import CheckId
from interlock.packs.bindings import Bindings, load_bindings
from interlock.packs.examining import (
    ContractKind,
    ContractSpec,
    ExaminingSpec,
    Findings,
    Flow,
    LeakFormat,
    Level,
    SarifSpec,
    SecretsSpec,
    Severity,
    VersionRule,
    VersionSpec,
)
from interlock.packs.problem import Problems

PAGE: Final = Path(__file__).parents[2] / "docs" / "how-to" / "contracts-and-scans.md"
BINDINGS: Final = """\
service: app
pack: starter
environments: {{staging: {{deploy: {{command: [deploy]}}}}}}
roles: {{}}
checks:
  it: {}
"""


MORE: Final = " findings: counted, timeout: 2m, environment: {A: b}}"


def bound(check: str) -> Bindings | Problems:
    return load_bindings("interlock.yaml", BINDINGS.format(check).encode())


@pytest.mark.parametrize(
    ("check", "spec"),
    [
        ("{sarif: [bandit, -f, sarif], report: b.sarif}", SarifSpec(("bandit", "-f", "sarif"), "b.sarif")),
        (
            "{sarif: [s], report: s.sarif, tool: Bandit, level: error, severity: high, found_codes: [1, 3]," + MORE,
            SarifSpec(
                ("s",), "s.sarif", "Bandit", Level.ERROR, Severity.HIGH, Findings.COUNTED, (1, 3),
                timedelta(minutes=2), {"A": "b"},
            ),
        ),
        ("{secrets: [gitleaks, dir], report: l.json}", SecretsSpec(("gitleaks", "dir"), "l.json")),
        ("{secrets: [s], report: l, format: sarif}", SecretsSpec(("s",), "l", LeakFormat.SARIF)),
        ("{contract: [contract/openapi.yaml]}", ContractSpec(("contract/openapi.yaml",))),
        (
            "{contract: ['tasks/*.json'], kind: jsonschema, flow: taken, plan: 'p/{version}.md'}",
            ContractSpec(("tasks/*.json",), ContractKind.JSONSCHEMA, Flow.TAKEN, "p/{version}.md"),
        ),
        ("{version: semver}", VersionSpec(VersionRule.SEMVER)),
    ],
)  # fmt: skip
def test_a_check_is_bound_by_its_own_word(check: str, spec: ExaminingSpec) -> None:
    bindings = bound(check)
    assert isinstance(bindings, Bindings), bindings.render()
    assert bindings.checks == {CheckId("it"): spec}


def test_what_is_left_unsaid_is_the_strictest() -> None:
    sarif, secrets, contract = SarifSpec((), ""), SecretsSpec((), ""), ContractSpec(())
    assert (sarif.level, sarif.severity, sarif.findings, sarif.found_codes) == ("note", "low", "forbidden", ())
    assert (secrets.findings, secrets.found_codes) == ("forbidden", (1,))
    assert (contract.kind, contract.flow, contract.plan) == ("openapi", "both", "docs/migrations/{version}.md")


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ("{sarif: [], report: r}", "pack.empty_value"),
        ("{sarif: [s]}", "pack.missing_key"),
        ("{sarif: [s], report: ''}", "pack.empty_value"),
        ("{sarif: [s], report: r, level: none}", "pack.unknown_word"),
        ("{sarif: [s], report: r, severity: none}", "pack.unknown_word"),
        ("{sarif: [s], report: r, found_codes: [0]}", "pack.out_of_range"),
        ("{sarif: [s], report: r, found_codes: [256]}", "pack.out_of_range"),
        ("{secrets: [s], report: r, findings: ignored}", "pack.unknown_word"),
        ("{secrets: [s], report: r, level: error}", "pack.exclusive_keys"),
        ("{contract: []}", "pack.empty_value"),
        ("{contract: [c], kind: raml}", "pack.unknown_word"),
        ("{contract: [c], plan: ''}", "pack.empty_value"),
        ("{version: calver}", "pack.unknown_word"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(check: str, code: str) -> None:
    told = bound(check)
    assert isinstance(told, Problems)
    assert [(one.code, one.place.line) for one in told.found] == [(code, 6)]


def test_the_page_says_what_can_be_written() -> None:
    written = re.search("```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert written is not None
    bindings = load_bindings("page", BINDINGS.partition("checks:")[0].format().encode() + written[1].encode())
    assert isinstance(bindings, Bindings), bindings.render()
    assert len(bindings.checks) == 5
