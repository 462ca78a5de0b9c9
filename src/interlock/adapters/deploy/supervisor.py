# SPDX-License-Identifier: Apache-2.0
"""The process that keeps one service running in one environment; `process.py` starts it, and both may die apart.

1. It holds the place's lock while it lives: at most one supervisor has a place.
2. It makes true what `desired.json` says, whenever that changes: the old release is stopped, then the new one is
   started on its ports. A port that a stranger holds is found before the old release is touched, which then stays.
3. A release is deployed when all its instances are ready, and has failed when it is not so in time or keeps crashing;
   then its processes are stopped. The outcome is written once. After it, what crashes is started again, ever slower.
4. Its processes outlive it when it is killed; the next supervisor adopts those that are wanted and ends the others.
"""

# As light as linux.py; and it measures how long processes take, which nobody can tell it:
# ruff: noqa: PTH110, PTH123, PTH202, TID251

import json
import os
import select
import signal
import sys
import time
from typing import Any, Final

from interlock.adapters import linux, loopback

_TICK_SECONDS: Final = 0.1
_PORT_SECONDS: Final = 3.0
_SLOWEST_SECONDS: Final = 10.0
_KILLING_SECONDS: Final = 5.0
_TAIL: Final = 2000

Desired = dict[str, Any]
"""What is to run, as `process.py` wrote it down: JSON of the shape of `ProcessDeployer._desired`, not checked again."""


class Instance:
    """One of the processes a release consists of. `process` is 0 while it waits to be started (again)."""

    def __init__(self, index: int, wanted: Desired) -> None:
        self.index = index
        self.wanted = wanted
        self.process = 0
        self.born = 0
        self.crashes = 0
        self.due = 0.0
        self.since = 0.0
        self.is_ready = False

    def is_alive(self) -> bool:
        return self.born != 0 and linux.born(self.process) == self.born

    def adopt(self, process: int) -> None:
        self.process = process
        self.born = linux.born(process)
        self.since = time.monotonic()

    def mourn(self) -> None:
        """Wait before the next start, each time longer."""
        self.process = self.born = 0
        self.is_ready = False
        self.crashes += 1
        self.due = time.monotonic() + min(_SLOWEST_SECONDS, 0.05 * 2**self.crashes)

    def status(self) -> dict[str, object]:
        return {
            "process": self.process,
            "born": self.born,
            "port": self.wanted["port"],
            "crashes": self.crashes,
            "ready": self.is_ready,
        }


class Supervisor:
    """The state of one place. All files are below `folder`, but for outcomes, which are the deployment's."""

    def __init__(self, folder: str, wake: int) -> None:
        self.folder = folder
        self.wake = wake
        self.current: Desired = {}
        self.seen = ""
        self.instances: list[Instance] = []
        self.exits: dict[int, int] = {}
        self.deadline = 0.0
        self.is_settled = False
        self.is_ending = False
        self.written = ""

    def run(self) -> None:
        """Until told to stop, or nothing is desired any more; what is desired while the rest still ends is begun."""
        self._take_over()
        while self._desired() and not self.is_ending:
            self._keep()
            if self.current and not self.is_settled:
                self._conclude("failed", "it was stopped before it was ready")
            self._stop_all()
            self.seen = ""
            self._write_status()

    def _keep(self) -> None:
        while (desired := self._desired()) and not self.is_ending:
            if desired["deployment"] != self.seen:
                self._switch(desired)
            self._tend()
            self._write_status()
            self._listen()

    def _desired(self) -> Desired:
        try:
            with open(f"{self.folder}/desired.json", "rb") as file:
                desired: Desired = json.load(file)
        except FileNotFoundError:
            return {}
        return desired

    def _listen(self) -> None:
        """Let a moment pass, or less when something happened; remember being told to stop."""
        ready, _, _ = select.select([self.wake], [], [], _TICK_SECONDS)
        heard = os.read(self.wake, 512) if ready else b""
        self.is_ending = self.is_ending or signal.SIGTERM in heard
        self._reap()

    def _reap(self) -> None:
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            self.exits[process] = os.waitstatus_to_exitcode(status)

    def _take_over(self) -> None:
        """Adopt what a supervisor before us left, if it is still wanted; end the rest of it."""
        desired = self._desired()
        leaders = {process: _slot_of(process) for process in self._ours() if _is_leader(process)}
        wanted: dict[str, int] = {}
        if desired and _outcome(desired) != "failed":
            slots = {f"{desired['deployment']}#{index}": index for index in range(len(desired["instances"]))}
            wanted = {slot: slots[slot] for slot in leaders.values() if slot in slots}
        if wanted:
            self._begin(desired)
        for process, slot in leaders.items():
            if slot in wanted:
                self.instances[wanted[slot]].adopt(process)
        self._end(
            [process for process, slot in leaders.items() if slot not in wanted],
            float(desired.get("grace", 0)),
            frozenset(wanted),
        )

    def _begin(self, desired: Desired) -> None:
        self.current = desired
        self.seen = desired["deployment"]
        self.instances = [Instance(index, wanted) for index, wanted in enumerate(desired["instances"])]
        self.deadline = time.monotonic() + float(desired["patience"])
        self.is_settled = _outcome(desired) == "deployed"

    def _switch(self, desired: Desired) -> None:
        """Rule 2."""
        self.seen = desired["deployment"]
        if _outcome(desired) == "failed":
            return
        held = {instance.wanted["port"] for instance in self.instances if instance.is_alive()}
        usable = held | loopback.free_among(_ports(desired))
        taken = [port for port in _ports(desired) if port not in usable]
        if taken:
            _write_outcome(desired, "failed", _in_use(taken[0]), "")
            self._give_up(desired)
            return
        if self.current and not self.is_settled:
            self._conclude("failed", "another deployment took its place before it was ready")
        self._stop_all()
        self._begin(desired)
        taken = self._wait_for_ports()
        if taken:
            self._fail(_in_use(taken[0]))

    def _wait_for_ports(self) -> list[int]:
        """Ports of the stopped release may need a moment; those still taken after it."""
        deadline = time.monotonic() + _PORT_SECONDS
        ports = _ports(self.current)
        while (taken := sorted(set(ports) - loopback.free_among(ports))) and not self.is_ending:
            if time.monotonic() > deadline:
                break
            self._listen()
        return taken

    def _tend(self) -> None:
        """Bury the dead, start what is due, and see who is ready."""
        for instance in self.instances:
            if instance.process and not instance.is_alive() and self.current:
                self._lose(instance)
        for instance in self.instances:
            if not instance.process and instance.due <= time.monotonic():
                instance.adopt(self._spawn(instance))
            _limit_output(self._output(instance.index), int(self.current["output_bytes"]))
        if self.current and not self.is_settled:
            self._settle()

    def _lose(self, instance: Instance) -> None:
        code = self.exits.pop(instance.process, 0)
        self._kill(f"{self.current['deployment']}#{instance.index}")
        instance.mourn()
        if not self.is_settled and instance.crashes >= int(self.current["crashes"]):
            how = f"exit code {code}" if code >= 0 else f"signal {-code}"
            self._fail(
                f"deploy.crashes: instance {instance.index} ended {instance.crashes} times before all were ready, "
                f"the last time with {how}",
                instance.index,
            )

    def _settle(self) -> None:
        said = ""
        late = 0
        for instance in self.instances:
            if not instance.is_ready:
                said = self._ask(instance)
                instance.is_ready = not said
                late = instance.index
        if all(instance.is_ready for instance in self.instances):
            self._conclude("deployed", f"{len(self.instances)} of {len(self.instances)} instances are ready")
            self.is_settled = True
        elif time.monotonic() > self.deadline:
            patience = float(self.current["patience"])
            self._fail(f"deploy.not_ready: instance {late} was not ready within {patience:g} s: {said}", late)

    def _ask(self, instance: Instance) -> str:
        """Why it is not ready; empty when it is."""
        if not instance.is_alive():
            return "it does not run"
        if not self.current["ready_path"]:
            is_old_enough = time.monotonic() - instance.since >= float(self.current["ready_seconds"])
            return "" if is_old_enough else "it has not run for long"
        return loopback.probe(int(instance.wanted["port"]), str(self.current["ready_path"]))

    def _fail(self, why: str, index: int = -1) -> None:
        failed = self.current
        self._conclude("failed", why, _tail(self._output(index)) if index >= 0 else "")
        self._stop_all()
        self._give_up(failed)

    def _give_up(self, failed: Desired) -> None:
        """What failed is desired no more; what still runs is, else nothing."""
        if self._desired().get("deployment") != failed["deployment"]:
            return
        if self.current:
            linux.write_whole(f"{self.folder}/desired.json", json.dumps(self.current).encode())
            self.seen = self.current["deployment"]
        else:
            linux.remove_inside(self.folder, "desired.json")

    def _conclude(self, kind: str, detail: str, tail: str = "") -> None:
        _write_outcome(self.current, kind, detail, tail)

    def _spawn(self, instance: Instance) -> int:
        process = os.fork()
        if process == 0:
            _become(instance.wanted, self._output(instance.index))
        return process

    def _output(self, index: int) -> str:
        return f"{self.folder}/output/{index}.log"

    def _ours(self) -> set[int]:
        return linux.marked(f"INTERLOCK_PLACE={self.folder}") | linux.descendants(os.getpid())

    def _kill(self, slot: str) -> None:
        linux.send(signal.SIGKILL, linux.marked(f"INTERLOCK_SLOT={slot}"))

    def _stop_all(self) -> None:
        leaders = [instance.process for instance in self.instances if instance.is_alive()]
        self._end(leaders, float(self.current.get("grace", 0)))
        self.instances = []
        self.current = {}

    def _end(self, leaders: list[int], grace: float, wanted: frozenset[str] = frozenset()) -> None:
        """Ask those processes to end, wait, and kill whatever is left of the place but for the wanted slots."""
        linux.send(signal.SIGTERM, leaders)
        deadline = time.monotonic() + grace
        while any(linux.born(leader) for leader in leaders) and time.monotonic() < deadline:
            self._listen()
        deadline = time.monotonic() + _KILLING_SECONDS
        while left := {process for process in self._ours() if _slot_of(process) not in wanted}:
            if time.monotonic() > deadline:
                return
            linux.send(signal.SIGKILL, left)
            self._listen()

    def _write_status(self) -> None:
        names = ("deployment", "release", "version", "digest")
        status = {
            **{name: self.current.get(name, "") for name in names},
            "instances": [instance.status() for instance in self.instances],
        }
        text = json.dumps(status)
        if text != self.written:
            linux.write_whole(f"{self.folder}/status.json", text.encode())
            self.written = text


def main(folder: str) -> int:
    """Supervise the place; returns at once when another supervisor has it."""
    said = linux.detach()
    wake = linux.listen()
    lock = linux.hold(f"{folder}/lock")
    if lock < 0:
        return 0
    os.write(said, b".")
    os.close(said)
    linux.adopt_orphans()
    Supervisor(folder, wake).run()
    os.close(lock)  # who asks from now on is not told that somebody is here
    return 0


def _become(wanted: Desired, output: str) -> None:
    """In the child: become the instance. Never returns."""
    target = 2
    try:
        target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.setsid()
        linux.forget_signals()
        os.umask(0o022)
        os.chdir(wanted["cwd"])
        nothing = os.open("/dev/null", os.O_RDONLY)
        for number, descriptor in enumerate((nothing, target, target)):
            os.dup2(descriptor, number)
        os.execvpe(wanted["argv"][0], wanted["argv"], wanted["environment"])  # noqa: S606 - no shell is the point
    except (OSError, ValueError) as fault:
        os.write(target, f"'{wanted['argv'][0]}' cannot be run: {fault}\n".encode())
    finally:
        os._exit(127)


def _ports(desired: Desired) -> list[int]:
    return [int(wanted["port"]) for wanted in desired["instances"]]


def _in_use(port: int) -> str:
    return f"deploy.port_in_use: port {port} is used by another program"


def _outcome(desired: Desired) -> str:
    try:
        with open(f"{desired['deployment']}/outcome.json", "rb") as file:
            return str(json.load(file)["kind"])
    except FileNotFoundError:
        return ""


def _write_outcome(desired: Desired, kind: str, detail: str, tail: str) -> None:
    content = json.dumps({"kind": kind, "detail": detail, "tail": tail}).encode()
    linux.write_first(f"{desired['deployment']}/outcome.json", content)


def _slot_of(process: int) -> str:
    for entry in linux.environment_of(process):
        name, _, value = entry.partition(b"=")
        if name == b"INTERLOCK_SLOT":
            return value.decode(errors="replace")
    return ""


def _is_leader(process: int) -> bool:
    try:
        return os.getsid(process) == process
    except ProcessLookupError:
        return False


def _tail(path: str) -> str:
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - _TAIL))
        return file.read(_TAIL).decode(errors="replace")


def _limit_output(path: str, limit: int) -> None:
    """Keep one file of old output beside the current one, and neither above the limit by more than a moment's worth."""
    if os.path.exists(path) and os.path.getsize(path) > limit:
        with open(path, "rb") as file:
            linux.write_whole(f"{path}.1", file.read(limit))
        os.truncate(path, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
