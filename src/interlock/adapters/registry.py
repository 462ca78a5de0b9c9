# SPDX-License-Identifier: Apache-2.0
"""Every shipped adapter, by what a service's bindings can say.

A binding that names no adapter cannot be written (the unions in `packs.bindings` are closed), and one that has no
case here does not type-check: nothing is ever registered by being imported, and nothing falls back to another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from interlock.adapters.addressees import Addressee, Addressees, Unaddressed
from interlock.adapters.artifact.file import FileArtifacts
from interlock.adapters.artifact.git_archive import GitArchives
from interlock.adapters.artifact.oci import OciImages
from interlock.adapters.check.branch import BranchCheck
from interlock.adapters.check.command import CommandCheck, CountCheck
from interlock.adapters.check.contract import ContractCheck, VersionCheck
from interlock.adapters.check.http import AnyBody, FieldEquals, HttpCheck
from interlock.adapters.check.junit import JunitCheck
from interlock.adapters.check.promql import Comparison, PromqlCheck
from interlock.adapters.check.sarif import SarifCheck
from interlock.adapters.check.secrets import SecretsCheck
from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.clock import SystemClock
from interlock.adapters.deploy.command import CommandDeployer
from interlock.adapters.deploy.process import ProcessDeployer, ReadyAt, ReadyWhenAlive
from interlock.adapters.http import HttpClient
from interlock.adapters.journal.git import GitJournal
from interlock.adapters.notify.apprise import AppriseNotifier
from interlock.adapters.notify.statuspage import SCHEME, page_at
from interlock.adapters.sarif_report import Bar
from interlock.adapters.scanner import Scanner
from interlock.adapters.source.git import GitRepository
from interlock.domain.traffic import Lane
from interlock.domain.trunk import branch_reference
from interlock.packs.bindings import (
    AttachedSpec,
    BranchSpec,
    CheckSpec,
    CommandDeploy,
    CommandSpec,
    CountSpec,
    DeploySpec,
    HttpSpec,
    JunitSpec,
    ProcessDeploy,
    PromqlSpec,
)
from interlock.packs.examining import ContractSpec, ExaminingSpec, SarifSpec, SecretsSpec, VersionSpec
from interlock.packs.keeping import RecordsSpec
from interlock.ports.artifact import ArtifactSource
from interlock.ports.check import Checker
from interlock.ports.deploy import Deployer
from interlock.ports.failure import Rejected
from interlock.ports.journal import Journal
from interlock.ports.notify import Notifier
from interlock.ports.source import SourceRepository

KEPT_APART: Final = "$"
"""Before the name of an address that is kept in the controller's environment."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Where adapters may keep things. `scratch` can be entered by the account that checks run as."""

    jobs: Path
    deployments: Path
    content: Path
    scratch: Path
    repository: Path = Path()
    """Where the service's own repository is."""


def checker(spec: CheckSpec, premises: Premises) -> Checker:
    """The adapter that performs a bound check. Raises `Rejected` for one that somebody else brings."""
    match spec:
        case CommandSpec():
            command = _command(spec.command, spec, premises)
            return CommandCheck(command, frozenset(spec.inconclusive_codes))
        case JunitSpec():
            return JunitCheck(_command(spec.junit, spec, premises), spec.report)
        case CountSpec():
            return CountCheck(_command(spec.count, spec, premises))
        case HttpSpec():
            body = FieldEquals(spec.field, spec.equals) if spec.field else AnyBody()
            return HttpCheck(spec.http, spec.expect, body, client=HttpClient(spec.timeout.total_seconds()))
        case PromqlSpec() | BranchSpec():
            return _looker(spec, premises)
        case SarifSpec() | SecretsSpec() | ContractSpec() | VersionSpec():
            return _examiner(spec, premises)
        case AttachedSpec(attached):
            raise Rejected("check.attached", f"this evidence is brought by {attached}", "attach it")
        case _:
            assert_never(spec)


def deployer(spec: DeploySpec, premises: Premises, lane: Lane = Lane.A) -> Deployer:
    """The adapter that performs a bound deployment into a lane. In a command's words `{lane}` is the lane."""
    match spec:
        case CommandDeploy():
            return CommandDeployer(
                run=_in_lane(spec.command, lane),
                state=premises.jobs,
                timeout=spec.timeout.total_seconds(),
                environment=spec.environment,
                running_command=_in_lane(spec.running, lane),
            )
        case ProcessDeploy():
            return ProcessDeployer(
                run=spec.process,
                state=premises.deployments,
                base_port=first_port(spec, lane),
                instances=spec.instances,
                ready=ReadyAt(spec.ready) if spec.ready else ReadyWhenAlive(),
                environment=spec.environment,
                patience=spec.within.total_seconds(),
                lane="" if lane is Lane.A else lane,
            )
        case _:
            assert_never(spec)


def first_port(spec: ProcessDeploy, lane: Lane) -> int:
    """The port of a lane's first process: lane b follows lane a, and lane c follows lane b."""
    return spec.port + spec.instances * tuple(Lane).index(lane)


def _in_lane(words: tuple[str, ...], lane: Lane) -> tuple[str, ...]:
    return tuple(word.replace("{lane}", lane) for word in words)


def notifier(addresses: tuple[str, ...], root: Path, secrets: Callable[[str], str]) -> Notifier:
    """The adapter that tells people at these addresses; `$NAME` stands for one among the secrets.

    An address that cannot be told keeps no other from being told; it fails whenever it is told.
    """
    return Addressees(tuple(_addressee(number, one, root, secrets) for number, one in enumerate(addresses, 1)))


def address(written: str, root: Path) -> Notifier:
    """The adapter that tells people at one address. Raises `Rejected` for what is none."""
    if written.startswith(SCHEME):
        return page_at(written, root, SystemClock().now)
    return AppriseNotifier((written,))


def _addressee(number: int, written: str, root: Path, secrets: Callable[[str], str]) -> Addressee:
    """Of an address only its kind is ever told, and of a secret one its name."""
    kind = written if written.startswith(KEPT_APART) else written.partition(":")[0].strip().lower()
    try:
        known = _looked_up(written, secrets) if written.startswith(KEPT_APART) else written
        return Addressee(f"address {number} ({kind})", address(known, root))
    except Rejected as fault:
        return Addressee(f"address {number} ({kind})", Unaddressed(fault))


def _looked_up(name: str, secrets: Callable[[str], str]) -> str:
    value = secrets(name.removeprefix(KEPT_APART))
    if not value:
        sentence = f"the environment variable {name} is not set"
        raise Rejected("notify.no_address", sentence, f"set {name.removeprefix(KEPT_APART)} for the controller")
    return value


def journal(spec: RecordsSpec | None, root: Path, premises: Premises) -> Journal:
    """The adapter that writes records into the repository at `root`."""
    return GitJournal(root, premises.jobs, spec.pull_request if spec else ())


@dataclass(frozen=True, slots=True)
class Sources:
    """The three ways of naming and fetching artifacts."""

    git: ArtifactSource
    file: ArtifactSource
    oci: ArtifactSource


def sources(repository: SourceRepository, root: Path, premises: Premises) -> Sources:
    """Artifacts of a repository checked out at `root`."""
    content = premises.content
    return Sources(GitArchives(repository, content), FileArtifacts(root, content), OciImages(root, content))


def _examiner(spec: ExaminingSpec, premises: Premises) -> Checker:
    match spec:
        case SarifSpec():
            bar = Bar(spec.level, spec.severity, spec.tool)
            return SarifCheck(_scanner(spec.sarif, spec, premises), bar, spec.findings)
        case SecretsSpec():
            return SecretsCheck(_scanner(spec.secrets, spec, premises), spec.format, spec.findings)
        case ContractSpec():
            return ContractCheck(spec.contract, spec.kind, spec.flow, spec.plan)
        case VersionSpec():
            return VersionCheck()
        case _:
            assert_never(spec)


def _scanner(run: tuple[str, ...], spec: SarifSpec | SecretsSpec, premises: Premises) -> Scanner:
    return Scanner(_command(run, spec, premises), spec.report, frozenset(spec.found_codes))


def _command(
    run: tuple[str, ...], spec: CommandSpec | JunitSpec | CountSpec | SarifSpec | SecretsSpec, premises: Premises
) -> CheckCommand:
    return CheckCommand(
        run=run,
        state=premises.jobs,
        scratch=premises.scratch,
        timeout=spec.timeout.total_seconds(),
        environment=spec.environment,
    )


def _looker(spec: PromqlSpec | BranchSpec, premises: Premises) -> Checker:
    """What only looks at something that stands there already."""
    if isinstance(spec, BranchSpec):
        return BranchCheck(GitRepository(premises.repository), branch_reference(spec.branch, spec.remote))
    return _promql(spec)


def _promql(spec: PromqlSpec) -> PromqlCheck:
    client = HttpClient(spec.timeout.total_seconds())
    if spec.at_most is not None:
        return PromqlCheck(spec.server, spec.promql, Comparison.AT_MOST, spec.at_most, client=client)
    bound = spec.at_least if spec.at_least is not None else float("nan")
    return PromqlCheck(spec.server, spec.promql, Comparison.AT_LEAST, bound, client=client)
