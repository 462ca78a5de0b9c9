# SPDX-License-Identifier: Apache-2.0
"""A deployment that is any program of the team's own.

It runs as ourselves, in the artifact's folder, without a shell and without our environment: it gets what is configured
and `INTERLOCK_*`. What it leaves running when it ends by itself is its business and stays; what is cancelled or late is
ended with all its processes. A deployment whose runner was killed has failed: what it did is not known, and it is never
run a second time under its key.
"""

import json
import os
import pwd
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interlock.adapters import linux
from interlock.adapters.daemons import PLAIN_PATH
from interlock.adapters.jobs import (
    Absent,
    Afterwards,
    Ended,
    Exited,
    InPlace,
    Jobs,
    JobSpec,
    Limits,
    Underway,
    Vanished,
    describe,
)
from interlock.adapters.placeholders import RELEASE_WORDS, fill, require_known
from interlock.adapters.wording import one_line, safe_name
from interlock.domain.ids import Digest, EffectKey, EnvironmentName, ServiceName, parse_digest, parse_version
from interlock.ports.deploy import (
    CannotTell,
    Deployed,
    DeployFailed,
    DeployProgress,
    DeployRequest,
    InProgress,
    NothingRuns,
    Presence,
    Running,
    Unknown,
)
from interlock.ports.failure import Deduplication, Rejected

WORDS: Final = (*RELEASE_WORDS, "artifact")
_PRESENCE_WORDS: Final = ("service", "environment")
_PRESENCE_SECONDS: Final = 20.0
_LINE_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class CommandDeployer:
    """Runs `run` to deploy; `timeout` and `grace` in seconds.

    Words in braces (`WORDS`, and `{artifact.<component>}` for one of several) are filled in. `running_command`, when
    there is one, prints on its first line the digest or the version that runs now, or nothing when nothing does.
    """

    run: tuple[str, ...]
    state: Path
    timeout: float = 900
    environment: Mapping[str, str] = field(default_factory=dict)
    running_command: tuple[str, ...] = ()
    grace: float = 10
    output_bytes: int = 1_000_000

    def __post_init__(self) -> None:
        if not self.run:
            raise Rejected("deploy.no_command", "the deployment has no command", "write the program and its arguments")
        require_known(self.run, WORDS, families=("artifact",))
        require_known(self.running_command, _PRESENCE_WORDS)

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def start(self, request: DeployRequest, key: EffectKey) -> None:
        spec = self._spec(request)
        try:
            self._jobs.start(spec, key)
        except Rejected as refused:
            if refused.code != "job.key_reused":
                raise
            raise Rejected("deploy.key_reused", f"'{key}' was another deployment", refused.next_step) from refused
        self._remember(request)

    def observe(self, key: EffectKey) -> DeployProgress:
        match self._jobs.observe(key):
            case Absent():
                return Unknown(f"no deployment was started under '{key}'")
            case Underway():
                return InProgress("the command is running")
            case Vanished(why):
                return DeployFailed(f"the command was lost: {why}")
            case Ended(end=Exited(0)) as ended:
                return Deployed(one_line(ended.tail, self._secrets()) or "the command ended well")
            case Ended() as ended:
                said = one_line(ended.tail, self._secrets(), limit=140)
                how = describe(ended.end, self._limits())
                return DeployFailed(one_line(f"{how}: {said}" if said else how, self._secrets()))

    def cancel(self, key: EffectKey) -> None:
        self._jobs.cancel(key)

    def running(self, service: ServiceName, environment: EnvironmentName) -> Presence:
        if not self.running_command:
            return CannotTell("no command is configured that says what runs")
        words = {"service": service, "environment": environment}
        try:
            line = self._ask(tuple(fill(word, words) for word in self.running_command))
        except (OSError, subprocess.SubprocessError, ValueError) as fault:
            return CannotTell(one_line(f"the command that says what runs failed: {fault}", self._secrets()))
        return self._recognise(line, service, environment) if line else NothingRuns()

    def retire(self, service: ServiceName, environment: EnvironmentName) -> None:
        sentence = f"nothing says how what runs in {environment} is ended"
        raise Rejected(
            "deploy.stays", sentence, "end it yourself; of a program of your own only that is known that it ran"
        )

    @property
    def _jobs(self) -> Jobs:
        return Jobs(self.state / "jobs", self.state / "scratch")

    def _limits(self) -> Limits:
        return Limits(self.timeout, self.output_bytes, self.grace)

    def _secrets(self) -> tuple[str, ...]:
        return tuple(self.environment.values())

    def _spec(self, request: DeployRequest) -> JobSpec:
        words = _words(request)
        return JobSpec(
            _purpose(request),
            tuple(fill(word, words) for word in self.run),
            self._environment(words),
            InPlace(self._folder(request)),
            self._limits(),
            afterwards=Afterwards.LEAVE,
        )

    def _environment(self, words: Mapping[str, str]) -> Mapping[str, str]:
        ours = {f"INTERLOCK_{name.upper()}": words[name] for name in WORDS if name in words}
        return {"HOME": pwd.getpwuid(os.geteuid()).pw_dir, **ours, **self.environment}

    def _folder(self, request: DeployRequest) -> Path:
        if request.artifacts and request.artifacts[0].path.is_dir():
            return request.artifacts[0].path
        folder = self.state / "work"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _ask(self, argv: tuple[str, ...]) -> str:
        """The first line that the command prints. Printing goes to a file, so that no amount of it fills our memory."""
        with tempfile.TemporaryFile() as output:
            environment = {"PATH": PLAIN_PATH, "LANG": "C.UTF-8", **self._environment({})}
            subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=_PRESENCE_SECONDS,
                check=True,
            )
            output.seek(0)
            return output.readline(_LINE_BYTES).decode("utf-8", "strict").strip()

    def _remember(self, request: DeployRequest) -> None:
        """Which version is which digest, so that a command may answer with either."""
        folder = self._known(request.service, request.environment)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = json.dumps({"version": request.version, "digest": request.digest}).encode()
        for name in (request.version, request.digest):
            linux.write_whole(str(folder / safe_name(name)), content)

    def _known(self, service: ServiceName, environment: EnvironmentName) -> Path:
        return self.state / "known" / service / environment

    def _recognise(self, line: str, service: ServiceName, environment: EnvironmentName) -> Presence:
        entry = self._known(service, environment) / safe_name(line)
        if entry.exists():
            known = json.loads(entry.read_bytes())
            return Running(Digest(known["digest"]), known["version"])
        try:
            return Running(parse_digest(line), "unknown")
        except ValueError:
            pass
        try:
            return CannotTell(f"'{parse_version(line)}' runs and was never deployed from here: its digest is not known")
        except ValueError:
            return CannotTell(one_line(f"neither a digest nor a version: {line}", self._secrets()))


def _purpose(request: DeployRequest) -> str:
    artifacts = {artifact.component: artifact.digest for artifact in request.artifacts}
    words = {
        "service": request.service,
        "environment": request.environment,
        "release": request.release,
        "version": request.version,
        "digest": request.digest,
        "artifacts": artifacts,
    }
    return json.dumps(words, sort_keys=True)


def _words(request: DeployRequest) -> Mapping[str, str]:
    words: dict[str, str] = {
        "service": request.service,
        "environment": request.environment,
        "release": request.release,
        "version": request.version,
        "digest": request.digest,
    }
    for artifact in request.artifacts:
        words.setdefault("artifact", str(artifact.path))
        words[f"artifact.{artifact.component}"] = str(artifact.path)
    return words
