# SPDX-License-Identifier: Apache-2.0
"""Every shipped adapter, by what a service's bindings can say.

A binding that names no adapter cannot be written (the unions in `packs.bindings` are closed), and one that has no
case here does not type-check: nothing is ever registered by being imported, and nothing falls back to another.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from interlock.adapters.artifact.file import FileArtifacts
from interlock.adapters.artifact.git_archive import GitArchives
from interlock.adapters.artifact.oci import OciImages
from interlock.adapters.check.command import CommandCheck, CountCheck
from interlock.adapters.check.http import AnyBody, FieldEquals, HttpCheck
from interlock.adapters.check.junit import JunitCheck
from interlock.adapters.check.promql import Comparison, PromqlCheck
from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.deploy.command import CommandDeployer
from interlock.adapters.deploy.process import ProcessDeployer, ReadyAt, ReadyWhenAlive
from interlock.adapters.http import HttpClient
from interlock.adapters.notify.apprise import AppriseNotifier
from interlock.domain.traffic import Lane
from interlock.packs.bindings import (
    AttachedSpec,
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
from interlock.ports.artifact import ArtifactSource
from interlock.ports.check import Checker
from interlock.ports.deploy import Deployer
from interlock.ports.failure import Rejected
from interlock.ports.notify import Notifier
from interlock.ports.source import SourceRepository


@dataclass(frozen=True, slots=True)
class Premises:
    """Where adapters may keep things. `scratch` can be entered by the account that checks run as."""

    jobs: Path
    deployments: Path
    content: Path
    scratch: Path


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
        case PromqlSpec():
            return _promql(spec)
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
    """The port of a lane's first process: lane b follows lane a."""
    return spec.port + (spec.instances if lane is Lane.B else 0)


def _in_lane(words: tuple[str, ...], lane: Lane) -> tuple[str, ...]:
    return tuple(word.replace("{lane}", lane) for word in words)


def notifier(addresses: tuple[str, ...]) -> Notifier:
    """The adapter that tells people at these addresses."""
    return AppriseNotifier(addresses)


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


def _command(run: tuple[str, ...], spec: CommandSpec | JunitSpec | CountSpec, premises: Premises) -> CheckCommand:
    return CheckCommand(
        run=run,
        state=premises.jobs,
        scratch=premises.scratch,
        timeout=spec.timeout.total_seconds(),
        environment=spec.environment,
    )


def _promql(spec: PromqlSpec) -> PromqlCheck:
    client = HttpClient(spec.timeout.total_seconds())
    if spec.at_most is not None:
        return PromqlCheck(spec.server, spec.promql, Comparison.AT_MOST, spec.at_most, client=client)
    bound = spec.at_least if spec.at_least is not None else float("nan")
    return PromqlCheck(spec.server, spec.promql, Comparison.AT_LEAST, bound, client=client)
