# SPDX-License-Identifier: Apache-2.0
"""The small process that watches over one job; it is started by `jobs` and outlives whoever asked for it.

1. It holds the job's lock from before the job begins until its result is written: no lock and no result means lost.
2. A job is begun at most once, whoever starts a runner for it.
3. When time is up, or it is told to stop, it asks every process of the job, waits the grace, and kills the rest, also
   those that left the session: they are its children, by the kernel's rule for orphans.
"""

# As light as linux.py; and it measures how long a job takes, which nobody can tell it:
# ruff: noqa: PTH102, PTH123, TID251

import json
import os
import pwd
import resource
import select
import signal
import sys
import time
from typing import Any, Final

from interlock.adapters import linux

TAIL: Final = 4096
_KILLING_SECONDS: Final = 5.0
_ROUND_SECONDS: Final = 0.05
_CHUNK: Final = 65536

Spec = dict[str, Any]
"""The job as `jobs` wrote it down; JSON, so its shape is `jobs.JobSpec` and nothing here checks it again."""


class Output:
    """Takes what the job prints, up to a limit; counts and drops the rest, but remembers the last of it."""

    def __init__(self, source: int, path: str, limit: int) -> None:
        os.set_blocking(source, False)
        self.source = source
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self.left = limit
        self.dropped = 0
        self.tail = b""
        self.is_open = True

    def take(self) -> None:
        """Read all there is now."""
        while self.is_open:
            try:
                chunk = os.read(self.source, _CHUNK)
            except BlockingIOError:
                return
            self.is_open = bool(chunk)
            os.write(self.file, chunk[: self.left])
            self.dropped += max(0, len(chunk) - self.left)
            self.left = max(0, self.left - len(chunk))
            self.tail = (self.tail + chunk)[-TAIL:]

    def drain(self) -> None:
        """Swallow what is still printed by processes that the job left behind, so that printing does not kill them."""
        os.set_blocking(self.source, True)
        while os.read(self.source, _CHUNK):
            pass


class Watch:
    """One job from fork to end."""

    def __init__(self, spec: Spec, child: int, outputs: list[Output], wake: int) -> None:
        self.spec = spec
        self.child = child
        self.outputs = outputs
        self.wake = wake
        self.status = -1
        self.has_children = True
        self.end = ""

    def to_the_end(self) -> None:
        """Return when the job has ended, `end` saying how; of a job that is swept nothing is left then."""
        self._until(time.monotonic() + float(self.spec["seconds"]))
        if not self.end:
            self.end = "timed_out"
        if self.end != "exited":
            linux.send(signal.SIGTERM, linux.descendants(os.getpid()))
            self._until_alone(time.monotonic() + float(self.spec["grace"]))
        if self.end != "exited" or self.spec["afterwards"] == "sweep":
            self._kill_all()
        self._take()

    def _until(self, deadline: float) -> None:
        while not self.end and time.monotonic() < deadline:
            if signal.SIGTERM in self._round(deadline):
                self.end = "cancelled"
            elif self.status >= 0:
                self.end = "exited"

    def _until_alone(self, deadline: float) -> None:
        while self.has_children and time.monotonic() < deadline:
            self._round(deadline)

    def _kill_all(self) -> None:
        deadline = time.monotonic() + _KILLING_SECONDS
        while self.has_children and time.monotonic() < deadline:
            linux.send(signal.SIGSTOP, linux.descendants(os.getpid()))
            linux.send(signal.SIGKILL, linux.descendants(os.getpid()))
            self._round(time.monotonic() + _ROUND_SECONDS)

    def _round(self, deadline: float) -> bytes:
        sources = [self.wake, *(output.source for output in self.outputs if output.is_open)]
        ready, _, _ = select.select(sources, [], [], max(0.0, deadline - time.monotonic()))
        heard = os.read(self.wake, 512) if self.wake in ready else b""
        self._take()
        self._reap()
        return heard

    def _take(self) -> None:
        for output in self.outputs:
            output.take()

    def _reap(self) -> None:
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.has_children = False
                return
            if process == 0:
                return
            if process == self.child:
                self.status = status


def main(folder: str) -> int:
    """Run the job laid down in `folder`. Returns at once when another runner has it or had it."""
    said = linux.detach()
    wake = linux.listen()
    lock = linux.hold(f"{folder}/lock")
    if lock < 0 or not linux.write_first(f"{folder}/begun", str(os.getpid()).encode()):
        return 0
    with open(f"{folder}/spec.json", "rb") as file:
        spec: Spec = json.load(file)
    linux.adopt_orphans()
    heard, report = os.pipe()
    os.set_blocking(heard, False)
    names = ("output", "errors") if spec["errors"] == "apart" else ("output",)
    pipes = [os.pipe() for _ in names]
    limit = int(spec["output_bytes"])
    outputs = [Output(source, f"{folder}/{name}", limit) for name, (source, _) in zip(names, pipes, strict=True)]
    child = os.fork()
    if child == 0:
        _become(spec, [sink for _, sink in pipes], report)
    for descriptor in (*(sink for _, sink in pipes), report):
        os.close(descriptor)
    os.write(said, b".")
    os.close(said)
    watch = Watch(spec, child, outputs, wake)
    watch.to_the_end()
    _conclude(folder, watch, _all_of(heard))
    os.close(lock)
    for output in outputs:
        output.drain()
    return 0


def _all_of(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return b""


def _become(spec: Spec, sinks: list[int], report: int) -> None:
    """In the child: prepare the place, give up rights, and become the job. Never returns."""
    try:
        os.setsid()
        linux.forget_signals()
        os.umask(0o022)
        if spec["scratch"]:
            _prepare(spec)
        _lower(spec)
        os.chdir(f"{spec['scratch']}/work" if spec["scratch"] else spec["cwd"])
        nothing = os.open("/dev/null", os.O_RDONLY)
        for target, descriptor in enumerate((nothing, sinks[0], sinks[-1])):
            os.dup2(descriptor, target)
        argv = [str(word) for word in spec["argv"]]
        os.execvpe(argv[0], argv, spec["environment"])  # noqa: S606 - no shell is the point
    except (OSError, ValueError, linux.NotInside) as fault:
        os.write(report, _why(fault, spec).encode())
    finally:
        os._exit(127)


def _why(fault: Exception, spec: Spec) -> str:
    if isinstance(fault, OSError) and fault.strerror:
        return f"'{spec['argv'][0]}' cannot be run: {fault.strerror}"
    return str(fault)


def _prepare(spec: Spec) -> None:
    """Give the job its own copy: the original stays as it is, and nothing stale is taken for a result."""
    scratch = spec["scratch"]
    os.mkdir(scratch, 0o700)
    for name in ("work", "home", "tmp"):
        os.mkdir(f"{scratch}/{name}", 0o700)
    steps = [["cp", "-a", "--", f"{spec['cwd']}/.", f"{scratch}/work"], ["chmod", "-R", "u+rwX", "--", scratch]]
    for step in steps:
        if linux.run_aside(step):
            raise ValueError(f"the workspace '{spec['cwd']}' cannot be copied")
    if spec["collect"]:
        linux.remove_inside(f"{scratch}/work", spec["collect"])
    if spec["account"]:
        account = pwd.getpwnam(spec["account"])
        if linux.run_aside(["chown", "-hR", f"{account.pw_uid}:{account.pw_gid}", "--", scratch]):
            raise ValueError(f"the workspace cannot be given to '{spec['account']}'")


def _lower(spec: Spec) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if spec["account"]:
        account = pwd.getpwnam(spec["account"])
        resource.setrlimit(resource.RLIMIT_NPROC, (int(spec["processes"]), int(spec["processes"])))
        os.setgroups([])
        os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
        os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
        linux.gain_no_privileges()
    linux.die_with_parent()


def _conclude(folder: str, watch: Watch, why: bytes) -> None:
    result: dict[str, object] = {
        "end": "unstartable" if why else watch.end,
        "code": os.waitstatus_to_exitcode(watch.status) if watch.status >= 0 else 0,
        "why": why.decode(errors="replace"),
        "dropped": watch.outputs[0].dropped,
        "tail": watch.outputs[0].tail.decode(errors="replace"),
        "collected": _collect(folder, watch.spec),
    }
    if watch.spec["scratch"]:
        discard(watch.spec["scratch"])
    linux.write_whole(f"{folder}/result.json", json.dumps(result).encode())


def _collect(folder: str, spec: Spec) -> str:
    """Keep the file the job was to write; what became of it, in a word or a sentence."""
    if not spec["collect"]:
        return "not asked"
    try:
        source = linux.open_inside(f"{spec['scratch']}/work", spec["collect"])
    except linux.NotInside as fault:
        return str(fault)
    except OSError:
        return "missing"
    try:
        if os.fstat(source).st_size > spec["file_bytes"]:
            return "too big"
        with open(source, "rb", closefd=False) as file:
            linux.write_whole(f"{folder}/collected", file.read(int(spec["file_bytes"])))
    finally:
        os.close(source)
    return "taken"


def discard(scratch: str) -> None:
    """Remove a job's own copy; its processes have ended."""
    linux.run_aside(["chmod", "-R", "u+rwx", "--", scratch])
    linux.run_aside(["rm", "-rf", "--", scratch])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
