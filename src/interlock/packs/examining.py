# SPDX-License-Identifier: Apache-2.0
"""Bindings of checks that examine: what scanners report, what a contract promises, what a version says.

Whatever is left unsaid is the strictest there is: every finding counts, and a contract is read from both sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from interlock.packs.shape import key
from interlock.packs.wanted import DAY, Span

_EXIT_CODES: Final = Span(1, 255)
_TIMEOUT: Final = key(doc="After which it is ended.", span=DAY)
_REPORT: Final = key(doc="Where it writes the report, from the source folder.", at_least=1)
_FOUND: Final = key(
    doc="Exit codes that mean: something was found. The report decides then; every other one is an error.",
    span=_EXIT_CODES,
)
_ENVIRONMENT: Final = key(doc="Its environment variables; nothing else is passed on.")


class Level(StrEnum):
    """How bad a scanner says a finding is, in the words of SARIF, the least first."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Severity(StrEnum):
    """How bad a rule says its findings are for security: bands of `security-severity`, 0 to 10, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Findings(StrEnum):
    """What becomes of findings that count."""

    FORBIDDEN = "forbidden"
    """One is enough to fail."""
    COUNTED = "counted"
    """They are counted, and a gate with `at_most` judges the number."""


class LeakFormat(StrEnum):
    """The form of a secret scanner's report."""

    GITLEAKS = "gitleaks"
    SARIF = "sarif"


class ContractKind(StrEnum):
    """What the documents of a contract are."""

    OPENAPI = "openapi"
    JSONSCHEMA = "jsonschema"


class Flow(StrEnum):
    """Which way what a JSON Schema describes goes, seen from the service."""

    TAKEN = "taken"
    """Others write it and the service reads it, such as a task from a queue: to refuse more breaks it."""
    GIVEN = "given"
    """The service writes it and others read it, such as a report: to write more breaks it."""
    BOTH = "both"
    """As tasks that a service queues for itself: old and new ones stand beside each other."""


class VersionRule(StrEnum):
    """What a release's version must be."""

    SEMVER = "semver"
    """A semantic version, and greater than that of the release it follows."""


@dataclass(frozen=True, slots=True)
class SarifSpec:
    """A scanner that writes a SARIF 2.1.0 report."""

    sarif: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    report: str = field(metadata=_REPORT)
    tool: str = field(default="", metadata=key(doc="Whose report it must be, as the report names its tool."))
    level: Level = field(default=Level.NOTE, metadata=key(doc="From which level on findings count."))
    severity: Severity = field(
        default=Severity.LOW,
        metadata=key(doc="From which security severity on findings count as well, where their rule has one."),
    )
    findings: Findings = field(default=Findings.FORBIDDEN, metadata=key(doc="What becomes of those that count."))
    found_codes: tuple[int, ...] = field(default=(), metadata=_FOUND)
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=_TIMEOUT)
    environment: Mapping[str, str] = field(default_factory=dict, metadata=_ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class SecretsSpec:
    """A scanner for secrets. What it finds is kept by rule, file and line, never by its text."""

    secrets: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    report: str = field(metadata=_REPORT)
    format: LeakFormat = field(default=LeakFormat.GITLEAKS, metadata=key(doc="The form of the report."))
    findings: Findings = field(default=Findings.FORBIDDEN, metadata=key(doc="What becomes of secrets found."))
    found_codes: tuple[int, ...] = field(default=(1,), metadata=_FOUND)
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=_TIMEOUT)
    environment: Mapping[str, str] = field(default_factory=dict, metadata=_ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class ContractSpec:
    """Contracts compared with those of the release before: the version must say at least what the change is."""

    contract: tuple[str, ...] = field(
        metadata=key(doc="The documents (YAML or JSON), from the source folder.", at_least=1)
    )
    kind: ContractKind = field(default=ContractKind.OPENAPI, metadata=key(doc="What the documents are."))
    flow: Flow = field(
        default=Flow.BOTH, metadata=key(doc="Which way what a JSON Schema describes goes; OpenAPI says it itself.")
    )
    plan: str = field(
        default="docs/migrations/{version}.md",
        metadata=key(doc="Where the migration plan of a release that breaks the contract stands.", at_least=1),
    )


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """The release's own version."""

    version: VersionRule = field(metadata=key(doc="What it must be."))


ExaminingSpec = SarifSpec | SecretsSpec | ContractSpec | VersionSpec
