# SPDX-License-Identifier: Apache-2.0
"""Deploying by any program: the kit against real scripts, and what goes wrong with programs."""

import json
import os
import signal
from pathlib import Path
from threading import Event

import pytest

from interlock.adapters import linux
from interlock.adapters.deploy.command import CommandDeployer
from interlock.domain.ids import (
    ComponentName,
    EffectKey,
    EnvironmentName,
    ReleaseId,
    ServiceName,
    digest_of,
)
from interlock.ports.deploy import (
    CannotTell,
    Deployed,
    Deployer,
    DeployFailed,
    DeployRequest,
    NothingRuns,
    PlacedArtifact,
    Running,
)
from interlock.ports.failure import Rejected
from interlock.testing.contracts.deploy import KEY, DeployerContract, until_ended

SERVICE = ServiceName("outreach")
STAGING = EnvironmentName("staging")
SCRIPT = """#!/bin/sh
echo "$INTERLOCK_VERSION" >> {root}/acts
case "$INTERLOCK_VERSION" in
  bad) echo "the disk is full"; exit 3;;
  endless) trap '' TERM; sleep 60 & wait; sleep 60;;
esac
echo "$INTERLOCK_DIGEST" > {root}/running
"""


class CommandRig:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.script = root / "deploy.sh"
        self.script.write_text(SCRIPT.format(root=root))
        self.script.chmod(0o755)
        (root / "running").write_text("")

    def deployer(self) -> Deployer:
        return self.running(str(self.script))

    def running(self, *run: str, environment: dict[str, str] | None = None) -> CommandDeployer:
        return CommandDeployer(
            run,
            self.root / "state",
            timeout=30,
            grace=0.2,
            environment=environment or {},
            running_command=("head", "-1", str(self.root / "running")),
        )

    def request(self, version: str) -> DeployRequest:
        folder = self.root / "artifacts" / version
        folder.mkdir(parents=True, exist_ok=True)
        digest = digest_of(version.encode())
        artifact = PlacedArtifact(ComponentName("web"), digest, version, folder)
        return DeployRequest(SERVICE, STAGING, ReleaseId(f"release-{version}"), version, digest, (artifact,))

    def good(self, version: str) -> DeployRequest:
        return self.request(version)

    def bad(self) -> DeployRequest:
        return self.request("bad")

    def endless(self) -> DeployRequest:
        return self.request("endless")

    def impossible(self) -> Deployer:
        return self.running("/no/such/program")

    def acts(self, key: EffectKey) -> int:
        return len((self.root / "acts").read_text().splitlines())

    def remnants(self) -> int:
        return len(linux.marked_below(f"INTERLOCK_JOB={self.root}"))

    def wait(self) -> None:
        Event().wait(0.01)

    def run(self, deployer: Deployer, version: str = "1.0.0") -> object:
        deployer.start(self.request(version), KEY)
        return until_ended(self, deployer, KEY)


@pytest.fixture
def rig(tmp_path: Path) -> CommandRig:
    return CommandRig(tmp_path)


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> object:
    yield
    linux.send(signal.SIGKILL, linux.marked_below(f"INTERLOCK_JOB={tmp_path}"))


class TestCommandDeployer(DeployerContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> CommandRig:
        return CommandRig(tmp_path)


def test_placeholders_are_filled_inside_their_own_argument(rig: CommandRig) -> None:
    words = "{service} {environment} {release} {version} {digest} {artifact} {artifact.web} {{version}} {'a': 1}"
    rig.run(rig.running("sh", "-c", f'printf "%s" "$1" > {rig.root}/seen', "sh", words))
    digest = digest_of(b"1.0.0")
    path = rig.root / "artifacts" / "1.0.0"
    expected = f"outreach staging release-1.0.0 1.0.0 {digest} {path} {path} {{1.0.0}} {{'a': 1}}"
    assert (rig.root / "seen").read_text() == expected


@pytest.mark.parametrize("run", [("deploy", "{versoin}"), ("deploy", "{HOME}")])
def test_an_unknown_placeholder_is_refused_when_it_is_built(tmp_path: Path, run: tuple[str, ...]) -> None:
    with pytest.raises(Rejected) as refused:
        CommandDeployer(run, tmp_path)
    assert refused.value.code == "placeholder.unknown"
    assert "{version}" in refused.value.next_step


def test_a_component_that_is_not_in_the_release_is_refused_at_the_start(rig: CommandRig) -> None:
    with pytest.raises(Rejected) as refused:
        rig.running("deploy", "{artifact.worker}").start(rig.request("1.0.0"), KEY)
    assert refused.value.code == "placeholder.no_value"


def test_a_deployment_without_a_command_is_refused_when_it_is_built(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        CommandDeployer((), tmp_path)
    assert refused.value.code == "deploy.no_command"


def test_the_command_runs_in_the_folder_of_the_artifact(rig: CommandRig) -> None:
    rig.run(rig.running("touch", "here"))
    assert (rig.root / "artifacts" / "1.0.0" / "here").exists()


def test_the_command_sees_its_release_and_what_is_configured_and_nothing_else(
    rig: CommandRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_TOKEN", "hidden")
    rig.run(rig.running("sh", "-c", f"env > {rig.root}/seen", environment={"REGION": "north"}))
    seen = dict(line.split("=", 1) for line in (rig.root / "seen").read_text().splitlines())
    names = {"SERVICE", "ENVIRONMENT", "RELEASE", "VERSION", "DIGEST", "ARTIFACT", "JOB"}
    assert seen.keys() - {"PWD", "OLDPWD", "SHLVL", "_"} == {
        *(f"INTERLOCK_{name}" for name in names), "PATH", "LANG", "HOME", "REGION",
    }  # fmt: skip
    assert seen["REGION"] == "north"


@pytest.mark.parametrize("program", ["no-such-program", "/etc/passwd", "/"])
def test_a_program_that_cannot_run_fails_by_its_name(rig: CommandRig, program: str) -> None:
    ended = rig.run(rig.running(program))
    assert isinstance(ended, DeployFailed)
    assert program in ended.detail


def test_a_failure_tells_the_last_lines_in_one_short_line_without_secrets(rig: CommandRig) -> None:
    source = "seq 1 5000; echo token is $TOKEN; echo; printf '\\033[31mno room\\n'; exit 4"
    ended = rig.run(rig.running("sh", "-c", source, environment={"TOKEN": "s3cr3t-value"}))
    assert isinstance(ended, DeployFailed)
    assert ended.detail.startswith("ended with exit code 4")
    assert ended.detail.endswith("/ token is [...] / [31mno room")
    assert len(ended.detail) <= 200


def test_a_deployment_that_takes_too_long_has_failed(rig: CommandRig) -> None:
    ended = rig.run(CommandDeployer(("sleep", "60"), rig.root / "state", timeout=0.2, grace=0.1))
    assert ended == DeployFailed("was ended after its limit of 0.2 s")


def test_a_deployment_whose_runner_was_killed_has_failed_and_is_not_repeated(rig: CommandRig) -> None:
    deployer = rig.deployer()
    deployer.start(rig.endless(), KEY)
    for job in (rig.root / "state" / "jobs").iterdir():
        os.close(linux.signal_holder(str(job / "lock"), signal.SIGKILL))
    ended = until_ended(rig, deployer, KEY)
    deployer.start(rig.endless(), KEY)
    assert isinstance(ended, DeployFailed)
    assert deployer.observe(KEY) == ended


def test_what_the_command_leaves_running_stays(rig: CommandRig) -> None:
    ended = rig.run(rig.running("sh", "-c", "sleep 60 & echo started"))
    assert isinstance(ended, Deployed)
    assert rig.remnants() == 1


def test_a_deployer_without_a_way_to_ask_says_that_it_cannot_tell(tmp_path: Path) -> None:
    presence = CommandDeployer(("true",), tmp_path).running(SERVICE, STAGING)
    assert isinstance(presence, CannotTell)


def test_running_may_be_told_by_version(rig: CommandRig) -> None:
    rig.run(rig.deployer())
    (rig.root / "running").write_text("1.0.0\nmore\n")
    assert rig.deployer().running(SERVICE, STAGING) == Running(digest_of(b"1.0.0"), "1.0.0")


def test_a_digest_from_elsewhere_is_told_as_it_is(rig: CommandRig) -> None:
    foreign = digest_of(b"foreign")
    (rig.root / "running").write_text(foreign)
    assert rig.deployer().running(SERVICE, STAGING) == Running(foreign, "unknown")


@pytest.mark.parametrize("line", ["v9.9.9", "what is this?", "\x1b[31m"])
def test_a_version_of_which_no_digest_is_known_cannot_be_told(rig: CommandRig, line: str) -> None:
    (rig.root / "running").write_text(line)
    assert isinstance(rig.deployer().running(SERVICE, STAGING), CannotTell)


def test_an_empty_answer_is_that_nothing_runs(rig: CommandRig) -> None:
    assert rig.deployer().running(SERVICE, STAGING) == NothingRuns()


@pytest.mark.parametrize("command", [("false",), ("no-such-program",), ("printf", "\\377")])
def test_a_command_that_fails_to_tell_cannot_tell(tmp_path: Path, command: tuple[str, ...]) -> None:
    presence = CommandDeployer(("true",), tmp_path, running_command=command).running(SERVICE, STAGING)
    assert isinstance(presence, CannotTell)


def test_the_state_folder_is_readable_by_ourselves_alone(rig: CommandRig) -> None:
    rig.run(rig.deployer())
    assert (rig.root / "state" / "jobs").stat().st_mode & 0o077 == 0
    assert json.loads(next((rig.root / "state" / "jobs").iterdir()).joinpath("spec.json").read_text())
