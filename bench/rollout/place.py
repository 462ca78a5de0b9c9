# SPDX-License-Identifier: Apache-2.0
"""The place a measurement happens in: a repository, its rules, its ledger, a person, proxies, and the controller.

All of it is the product as a team would run it: `interlock` commands, one `interlock drive`, proxies started by hand.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.rollout import rules
from bench.rollout.programs import LOOK, PATIENCE, Program, Unmeasured, free_row, until_listening
from bench.rollout.rules import PLACE, SERVICE, Ports, Rules

from interlock.adapters import linux
from interlock.adapters.daemons import PLAIN_PATH
from interlock.adapters.deploy.process import ProcessDeployer
from interlock.bootstrap.houses import read_house
from interlock.config import find_home
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import Lane
from interlock.ledger.record import Record
from interlock.ports.failure import Unavailable

ENDED: Final = ("PromotionCompleted", "RollbackCompleted", "RollbackStranded", "PromotionTurnedAway")
UNDECIDED: Final = "Undecided"
_PERSON: Final = "ann"


@dataclass
class Place:
    """One service in one environment, governed by `rules`."""

    root: Path
    rules: Rules
    ports: Ports
    programs: dict[str, Program] = field(default_factory=dict)
    versions: int = 0
    ready: list[str] = field(default_factory=list)
    """Releases that were made ahead."""

    @property
    def repository(self) -> Path:
        return self.root / SERVICE

    @property
    def switches(self) -> Path:
        return self.root / "switches"

    @property
    def controller(self) -> Program:
        return self.programs["controller"]

    @property
    def proxies(self) -> dict[str, int]:
        """The port of every proxy, by name."""
        return {name: self.ports.listen + at for at, name in enumerate(self.rules.proxies)}

    def build(self) -> None:
        """Everything up to version 1 serving through every proxy."""
        for folder in (self.repository, self.switches, self.root / "home"):
            folder.mkdir(parents=True)
        key = str(self.root / "key")
        self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", _PERSON, "-f", key)
        self._run("git", "init", "--quiet", "--initial-branch", "main")
        self._run("git", "config", "user.name", "Ann Example")
        self._run("git", "config", "user.email", "ann@bench.example")
        shutil.copy(Path(__file__).with_name("backend.py"), self.repository)
        (self.repository / "interlock.yaml").write_text(rules.bindings(self.rules, self.ports, self.switches))
        (self.repository / "pack.yaml").write_text(rules.pack(self.rules))
        first = self.commit()
        self._run("interlock", "init", "--person", _PERSON)
        self._run("interlock", "adopt", first)
        self._start_proxies()
        if self.rules.prometheus:
            self.start_prometheus()
        self._make("controller", ("interlock", "drive"), self.repository).start()
        self._run("interlock", "rollback", PLACE, "--to", first, "--reason", "bring it up")
        self.wait("RollbackCompleted", 0, unless=("RollbackStranded",))
        self._run("interlock", "change", "open", "CR-1", "--title", "Measure")

    def stand_by(self) -> None:
        """Have a second controller ready to go on where the first one ends."""
        spare = self._make("standby", ("interlock", "drive", "--standby"), self.repository)
        spare.log.unlink(missing_ok=True)
        spare.start()
        ends = time.monotonic() + PATIENCE
        while b"standing by" not in spare.log.read_bytes():
            if time.monotonic() > ends:
                raise Unmeasured(f"no second controller stands by; {spare.tail()}")
            time.sleep(LOOK)

    def take_over(self) -> None:
        """Kill the controller; the one that stands by goes on."""
        self.controller.kill()
        self.programs["controller"] = self.programs.pop("standby")

    def commit(self) -> str:
        """A new version of the same code; gives its name."""
        self.versions += 1
        version = f"v1.0.{self.versions}"
        (self.repository / "VERSION").write_text(version + "\n")
        self._run("git", "add", "--all")
        self._run("git", "commit", "--quiet", "--message", f"Release {version}")
        self._run("git", "tag", version)
        return version

    def release(self) -> str:
        """A new version as a release, ready to be promoted; gives its name."""
        return self.ready.pop() if self.ready else self._release()

    def prepare(self) -> None:
        """Make the next release ahead of its time."""
        self.ready.append(self._release())

    def _release(self) -> str:
        version, since = self.commit(), self.size()
        self._run("interlock", "release", "create", version)
        self.wait("EvidenceRecorded", since)
        return version

    def promote(self, version: str) -> int:
        """Ask for it; gives where the record ended before."""
        since = self.size()
        self._run("interlock", "promote", version, PLACE)
        return since

    def spoil(self, version: str, fault: str) -> float:
        """Make that version bad from now on; gives when that was."""
        draft = self.switches / f"{version}.draft"
        draft.write_text(fault)
        draft.replace(self.switches / f"{version}.fault")
        return time.time()

    def process_of(self, version: str) -> int:
        """The process that serves that version."""
        return int((self.switches / f"{version}.process").read_text())

    def size(self) -> int:
        """Where the record ends."""
        with closing(read_house(find_home(self.repository, {})).store) as store:
            return store.head().size

    def records(self, since: int) -> tuple[Record, ...]:
        """What was recorded from there on."""
        with closing(read_house(find_home(self.repository, {})).store) as store:
            return tuple(store.records(since=since))

    def wait(self, event: str, since: int, *, unless: tuple[str, ...] = (), within: float = PATIENCE) -> Record:
        """The first record of that event from there on."""
        return self.wait_for_any((event,), since, unless=unless, within=within)

    def wait_for_any(
        self, events: tuple[str, ...], since: int, *, unless: tuple[str, ...] = (), within: float = PATIENCE
    ) -> Record:
        """The first record of one of these events from there on."""
        end = time.monotonic() + within
        with closing(read_house(find_home(self.repository, {})).store) as store:
            while time.monotonic() < end:
                for record in store.records(since=since):
                    since = record.index + 1
                    if record.event in events:
                        return record
                    if record.event in unless:
                        raise Unmeasured(f"waiting for {events}: {record.event} {record.payload}")
                time.sleep(LOOK)
        raise Unmeasured(f"{events} did not happen within {within:g} s; {self.controller.tail()}")

    def settle(self, since: int) -> str:
        """Wait until the promotion begun there has ended; gives how."""
        return self.wait_for_any(ENDED, since, within=2 * PATIENCE).event

    def settle_or_abort(self, version: str, since: int, within: float) -> str:
        """The same, but what has not ended by itself in that time is called off; then the event is `Undecided`."""
        try:
            return self.wait_for_any(ENDED, since, within=within).event
        except Unmeasured:
            self._run("interlock", "abort", version, PLACE)
            self.settle(since)
            return UNDECIDED

    def close(self) -> None:
        """End every process."""
        for program in self.programs.values():
            program.kill()
        state = find_home(self.repository, {}).deployments
        for lane in ("", Lane.B.value):
            try:
                deployer = ProcessDeployer(run=("true",), state=state, base_port=1, lane=lane)
                deployer.stop(ServiceName(SERVICE), EnvironmentName(PLACE))
            except (Unavailable, FileNotFoundError):
                continue
        linux.send(signal.SIGKILL, _left(self.root))

    def _start_proxies(self) -> None:
        """As the product says."""
        told = json.loads(self._run("interlock", "rollout", "proxies", PLACE, "--json"))
        for start in told["proxies"]:
            more = ("--concurrency", "1", "-l", "warn") if self.rules.router == "envoy" else ()
            self._make(start["proxy"], (*start["command"], *more), self.root).start()
        for name, port in self.proxies.items():
            until_listening(self.programs[name], port)

    def renew(self, name: str) -> tuple[float, float]:
        """Kill a proxy and start it again; gives when it was gone, and when it listened again."""
        gone = self.programs[name].kill()
        self.programs[name].start()
        until_listening(self.programs[name], self.proxies[name])
        return gone, time.time()

    def reload(self, name: str) -> None:
        """Let a proxy's successor take over; there is none but for HAProxy."""
        program = self.programs[name]
        former, command = program.process, program.command
        assert former is not None
        path = next(iter(self.root.rglob(f"{name}.sock")))
        program.command = (*command, "-x", str(path), "-sf", str(former.pid))
        program.start()
        program.command = command
        former.wait(PATIENCE)

    def start_prometheus(self) -> None:
        """On what it stored, if there is any; returns when it has scraped the proxies."""
        (self.root / "prometheus.yml").write_text(rules.scraping(self.ports, len(self.rules.proxies)))
        command = (
            "prometheus",
            f"--config.file={self.root}/prometheus.yml",
            f"--storage.tsdb.path={self.root}/tsdb",
            f"--web.listen-address=127.0.0.1:{self.ports.metrics}",
            "--log.level=error",
        )
        self._make("prometheus", command, self.root).start()
        until_listening(self.programs["prometheus"], self.ports.metrics)
        time.sleep(1.0)

    def _make(self, name: str, command: tuple[str, ...], folder: Path) -> Program:
        log = self.root / f"{name}.log"
        self.programs[name] = Program(command, log, folder, self._environment())
        return self.programs[name]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{PLAIN_PATH}",
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "INTERLOCK_KEY": str(self.root / "key"),
            "NO_COLOR": "1",
        }

    def _run(self, *argv: str) -> str:
        environment = self._environment()
        program = shutil.which(argv[0], path=environment["PATH"]) or argv[0]
        done = subprocess.run(
            (program, *argv[1:]),
            cwd=self.repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise Unmeasured(f"`{' '.join(argv)}` ended with {done.returncode}: {said}")
        return done.stdout.decode()


def free_ports(proxies: int) -> Ports:
    """Ports nobody uses now, each the first of as many in a row as are needed."""
    with ExitStack() as held:
        return Ports(
            service=free_row(held, 2),
            listen=free_row(held, proxies),
            admin=free_row(held, proxies),
            control=free_row(held, 1),
            metrics=free_row(held, 1),
        )


def _left(root: Path) -> set[int]:
    """What the product started there and is still alive."""
    names = ("INTERLOCK_PLACE", "INTERLOCK_JOB", "INTERLOCK_SLOT")
    markers = tuple(f"{name}={root}/".encode() for name in names)
    return {
        process
        for process, _ in linux.processes()
        if process != os.getpid() and any(entry.startswith(markers) for entry in linux.environment_of(process))
    }
