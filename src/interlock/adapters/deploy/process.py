# SPDX-License-Identifier: Apache-2.0
"""A service as local processes: N of them per environment, each on its own port, from a copy of the release's content.

They are kept by one detached supervisor per service, environment and lane (`supervisor.py`), so they outlive the
controller, and go on when the supervisor is killed. What runs is read from its status and asked of the kernel. A
release that does not get ready is stopped: nothing of a failed deployment stays. A deployment whose supervisor was
killed in the middle is `Unknown`, and goes on when it is started again under its key.
"""

import json
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interlock.adapters import linux
from interlock.adapters.daemons import PLAIN_PATH, end_holder, launch
from interlock.adapters.placeholders import RELEASE_WORDS, fill, require_known
from interlock.adapters.wording import one_line, safe_name
from interlock.domain.ids import EffectKey, EnvironmentName, ServiceName, parse_digest
from interlock.ports.deploy import (
    CannotTell,
    Deployed,
    DeployFailed,
    DeployProgress,
    DeployRequest,
    InProgress,
    NothingRuns,
    PlacedArtifact,
    Presence,
    Running,
    Unknown,
)
from interlock.ports.failure import Deduplication, Rejected, Unavailable

WORDS: Final = (*RELEASE_WORDS, "artifact", "port", "instance", "data")
_SUPERVISOR: Final = "interlock.adapters.deploy.supervisor"
_ENDING_SECONDS: Final = 20.0
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class ReadyAt:
    """Ready when a GET of `path` on the instance's port on loopback answers with a success."""

    path: str


@dataclass(frozen=True, slots=True)
class ReadyWhenAlive:
    """Ready when it has run for so many seconds."""

    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class ProcessDeployer:
    """Runs `run` `instances` times, on `base_port` and the ports after it.

    Words in braces (`WORDS`, and `{artifact.<component>}`) are filled into arguments and environment values; the same
    come as `INTERLOCK_*`. `{data}` is a folder that stays from release to release. `patience`: seconds until all must
    be ready; `grace`: seconds an old release may take to end.
    """

    run: tuple[str, ...]
    state: Path
    base_port: int
    instances: int = 1
    ready: ReadyAt | ReadyWhenAlive = ReadyWhenAlive()
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 60
    grace: float = 10
    crashes: int = 3
    output_bytes: int = 10_000_000
    lane: str = ""
    """Apart from the processes of other lanes in the same environment; their data is the same."""

    def __post_init__(self) -> None:
        if not self.run:
            raise Rejected("deploy.no_command", "the service has no command", "write the program and its arguments")
        if self.instances < 1 or not 0 < self.base_port <= _LAST_PORT + 1 - self.instances:
            raise Rejected(
                "deploy.bad_ports",
                f"{self.instances} instances do not fit on ports from {self.base_port} up",
                "write at least one instance and a port below 65536",
            )
        require_known((*self.run, *self.environment.values()), WORDS, families=("artifact",))

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def start(self, request: DeployRequest, key: EffectKey) -> None:
        deployment = self._deployment(key)
        self._lay_down(request, deployment, key)
        place = self._place(request.service, request.environment)
        has_ended = (deployment / "outcome.json").exists()
        is_lost = not has_ended and not (place / "desired.json").exists()
        if is_lost or not (deployment / "asked").exists():
            _copy(request, deployment)
            desired = self._desired(request, deployment, place)
            linux.write_whole(str(place / "desired.json"), json.dumps(desired).encode())
            linux.write_whole(str(deployment / "asked"), b"")
            self._prune(place, deployment)
        self.revive(request.service, request.environment)

    def observe(self, key: EffectKey) -> DeployProgress:
        deployment = self._deployment(key)
        if not (deployment / "asked").exists():
            return Unknown(f"no deployment was begun under '{key}'")
        place = self._place_of(deployment)
        is_kept = linux.holder(str(place / "lock")) != 0
        if (deployment / "outcome.json").exists():
            return self._outcome(deployment)
        wanted = _deployment_in(place / "desired.json")
        if wanted and wanted != str(deployment):
            return DeployFailed("another deployment took its place before it ended")
        if not wanted or not is_kept:
            return Unknown("its supervisor was killed; started again under its key it goes on")
        return InProgress(_progress(place))

    def cancel(self, key: EffectKey) -> None:
        """End the deployment, with the whole place: what ran before it was stopped when it began."""
        deployment = self._deployment(key)
        if not (deployment / "asked").exists() or (deployment / "outcome.json").exists():
            return
        place = self._place_of(deployment)
        if _deployment_in(place / "desired.json") == str(deployment):
            self._clear(place)
        content = json.dumps({"kind": "failed", "detail": "it was cancelled", "tail": ""}).encode()
        linux.write_first(str(deployment / "outcome.json"), content)

    def running(self, service: ServiceName, environment: EnvironmentName) -> Presence:
        try:
            status = json.loads((self._place(service, environment) / "status.json").read_bytes())
            is_alive = any(linux.born(int(entry["process"])) == entry["born"] > 0 for entry in status["instances"])
            return Running(parse_digest(status["digest"]), str(status["version"])) if is_alive else NothingRuns()
        except FileNotFoundError:
            return NothingRuns()
        except (OSError, ValueError, KeyError, TypeError) as fault:
            return CannotTell(one_line(f"the supervisor's status cannot be read: {fault}"))

    def revive(self, service: ServiceName, environment: EnvironmentName) -> None:
        """Start the supervisor again when it was killed; where nothing is desired, nothing happens."""
        place = self._place(service, environment)
        if (place / "desired.json").exists():
            self._wake(place)

    def retire(self, service: ServiceName, environment: EnvironmentName) -> None:
        """Its supervisor ends what it keeps, and then itself; what nobody keeps any more is ended at once."""
        place = self._place(service, environment)
        (place / "desired.json").unlink(missing_ok=True)
        descriptor = linux.signal_holder(str(place / "lock"), signal.SIGHUP)
        if descriptor >= 0:
            os.close(descriptor)
        else:
            linux.send(signal.SIGKILL, linux.marked(f"INTERLOCK_PLACE={place}"))

    def stop(self, service: ServiceName, environment: EnvironmentName) -> None:
        """End every process of the service in that environment; its data stays."""
        self._clear(self._place(service, environment))

    def _deployment(self, key: EffectKey) -> Path:
        return self.state.resolve() / "deployments" / safe_name(key)

    def _place(self, service: str, environment: str) -> Path:
        return self._of(service, _in_lane(environment, self.lane))

    def _data(self, service: str, environment: str) -> Path:
        return self._of(service, environment) / "data"

    def _of(self, service: str, folder: str) -> Path:
        return self.state.resolve() / "places" / service / folder

    def _place_of(self, deployment: Path) -> Path:
        """Where it was started, whichever lane is asked about it."""
        request = json.loads((deployment / "request.json").read_bytes())
        return self._of(request["service"], _in_lane(request["environment"], request.get("lane", "")))

    def _lay_down(self, request: DeployRequest, deployment: Path, key: EffectKey) -> None:
        """Record what the key stands for, at once and for ever, and make the folders it needs."""
        content = _written(request, self.lane)
        if not deployment.exists():
            deployment.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = Path(tempfile.mkdtemp(prefix=".new-", dir=deployment.parent))
            (draft / "request.json").write_bytes(content)
            try:
                draft.rename(deployment)
            except OSError:
                shutil.rmtree(draft)
        if (deployment / "request.json").read_bytes() != content:
            raise Rejected(
                "deploy.key_reused", f"'{key}' was another deployment", "start this one under a key of its own"
            )
        place = self._place(request.service, request.environment)
        for folder in (place / "output", self._data(request.service, request.environment)):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _desired(self, request: DeployRequest, deployment: Path, place: Path) -> Mapping[str, object]:
        """What the supervisor is to make true; its `Desired`."""
        path, seconds = ("", self.ready.seconds) if isinstance(self.ready, ReadyWhenAlive) else (self.ready.path, 0.0)
        return {
            "deployment": str(deployment),
            "release": request.release,
            "version": request.version,
            "digest": request.digest,
            "ready_path": path,
            "ready_seconds": seconds,
            "patience": self.patience,
            "grace": self.grace,
            "crashes": self.crashes,
            "output_bytes": self.output_bytes,
            "instances": [self._instance(index, request, deployment, place) for index in range(self.instances)],
        }

    def _instance(self, index: int, request: DeployRequest, deployment: Path, place: Path) -> Mapping[str, object]:
        port = self.base_port + index
        words = {
            "service": request.service,
            "environment": request.environment,
            "release": request.release,
            "version": request.version,
            "digest": request.digest,
            "port": str(port),
            "instance": str(index),
            "data": str(self._data(request.service, request.environment)),
            **_artifact_words(request, deployment),
        }
        environment = {
            "PATH": PLAIN_PATH,
            "LANG": "C.UTF-8",
            "HOME": pwd.getpwuid(os.geteuid()).pw_dir,
            **{f"INTERLOCK_{name.upper()}": words[name] for name in WORDS if name in words},
            **{name: fill(value, words) for name, value in self.environment.items()},
            "INTERLOCK_PLACE": str(place),
            "INTERLOCK_SLOT": f"{deployment}#{index}",
        }
        argv = [fill(word, words) for word in self.run]
        return {"argv": argv, "environment": environment, "port": port, "cwd": str(deployment / "app")}

    def _wake(self, place: Path) -> None:
        descriptor = linux.signal_holder(str(place / "lock"), signal.SIGHUP)
        if descriptor >= 0:
            os.close(descriptor)
        else:
            launch(_SUPERVISOR, place)

    def _prune(self, place: Path, asked: Path) -> None:
        """Remove the copies of this place's releases that neither run nor are asked for; they are made anew."""
        kept = {str(asked), _deployment_in(place / "status.json")}
        for other in asked.parent.glob("*/app"):
            if str(other.parent) not in kept and self._place_of(other.parent) == place:
                shutil.rmtree(other, ignore_errors=True)

    def _clear(self, place: Path) -> None:
        end_holder(place / "lock", self.grace + _ENDING_SECONDS)
        linux.send(signal.SIGKILL, linux.marked(f"INTERLOCK_PLACE={place}"))
        (place / "desired.json").unlink(missing_ok=True)

    def _outcome(self, deployment: Path) -> Deployed | DeployFailed:
        outcome = json.loads((deployment / "outcome.json").read_bytes())
        if outcome["kind"] == "deployed":
            return Deployed(str(outcome["detail"]))
        secrets = tuple(self.environment.values())
        said = one_line(str(outcome["tail"]), secrets, limit=80)
        return DeployFailed(one_line(f"{outcome['detail']}; {said}" if said else str(outcome["detail"]), secrets))


def _in_lane(environment: str, lane: str) -> str:
    return f"{environment}+{lane}" if lane else environment


def _written(request: DeployRequest, lane: str) -> bytes:
    words = {
        "service": request.service,
        "environment": request.environment,
        "release": request.release,
        "version": request.version,
        "digest": request.digest,
        "artifacts": {artifact.component: artifact.digest for artifact in request.artifacts},
        **({"lane": lane} if lane else {}),
    }
    return json.dumps(words, sort_keys=True).encode()


def _artifact_words(request: DeployRequest, deployment: Path) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for artifact in request.artifacts:
        path = str(_copied_to(artifact, request, deployment / "app"))
        words.setdefault("artifact", path)
        words[f"artifact.{artifact.component}"] = path
    return words


def _copied_to(artifact: PlacedArtifact, request: DeployRequest, app: Path) -> Path:
    """A release of one component is the working folder itself; of several, each has a folder in it."""
    place = app if len(request.artifacts) == 1 else app / artifact.component
    return place if artifact.path.is_dir() else place / artifact.path.name


def _copy(request: DeployRequest, deployment: Path) -> None:
    """A copy of its own for each deployment, so that what a running release writes is in no later one."""
    draft = deployment / "app.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for artifact in request.artifacts:
        target = _copied_to(artifact, request, draft)
        (target if artifact.path.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
        source = f"{artifact.path}/." if artifact.path.is_dir() else str(artifact.path)
        if linux.run_aside(["cp", "-a", "--", source, str(target)]):
            raise Unavailable("deploy.not_copied", f"'{artifact.path}' cannot be copied", "see whether it is there")
    linux.run_aside(["chmod", "-R", "u+rwX", "--", str(draft)])
    shutil.rmtree(deployment / "app", ignore_errors=True)
    draft.rename(deployment / "app")


def _deployment_in(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["deployment"])
    except FileNotFoundError:
        return ""


def _progress(place: Path) -> str:
    try:
        instances = json.loads((place / "status.json").read_bytes())["instances"]
    except FileNotFoundError:
        return "the supervisor is starting"
    ready = sum(bool(entry["ready"]) for entry in instances)
    return f"{ready} of {len(instances)} instances are ready" if instances else "the former release is ending"
