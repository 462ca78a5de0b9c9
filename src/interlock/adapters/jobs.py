# SPDX-License-Identifier: Apache-2.0
"""Programs that we start and that go on when we die: started, observed and cancelled by key.

1. The same key is the same job, for ever; for another purpose it is `Rejected` (`job.key_reused`).
2. A job gets the environment it is given and nothing of ours. No shell reads its arguments.
3. What is known of a job is in its folder and its lock: any process with the same folder sees the same.
4. A job whose runner was killed is `Vanished`. It is never begun a second time: nobody knows what it did.
5. A job with a private copy runs in a copy of its workspace, as another user where we are root; the copy is gone when
   the job has ended, but for the one file it was to write.
"""

import json
import os
import pwd
import shutil
import signal
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from interlock.adapters import linux
from interlock.adapters.daemons import PLAIN_PATH, end_holder, has_begun, launch
from interlock.adapters.wording import one_line, safe_name
from interlock.domain.ids import EffectKey
from interlock.ports.failure import Rejected, Unavailable

_RUNNER: Final = "interlock.adapters.runner"
_CANCEL_MARGIN_SECONDS: Final = 15.0


class Afterwards(StrEnum):
    """What becomes of processes that the job leaves when it ends by itself. Cancelled and late jobs are swept."""

    SWEEP = "sweep"
    LEAVE = "leave"


class Errors(StrEnum):
    """Where the job's standard error goes."""

    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """As ourselves."""


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """As that user, without a way back to ours."""

    name: str


Account = OwnAccount | OtherAccount


@dataclass(frozen=True, slots=True)
class InPlace:
    """Runs in that folder itself."""

    folder: Path


@dataclass(frozen=True, slots=True)
class PrivateCopy:
    """Runs in a copy of the folder; of what it writes there only the file `keep` (relative, empty: none) is kept."""

    folder: Path
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """`grace_seconds` lie between the request to end and the kill; `processes` bounds those of another account.

    `output_bytes` bounds what is kept of its output, `file_bytes` the file that a private copy keeps.
    """

    seconds: float
    output_bytes: int = 1_000_000
    grace_seconds: float = 5.0
    file_bytes: int = 16_000_000
    processes: int = 512


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What to run. `purpose` is what the key stands for; the rest may differ from one start to the next."""

    purpose: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    place: InPlace | PrivateCopy
    limits: Limits
    account: Account = field(default_factory=OwnAccount)
    afterwards: Afterwards = Afterwards.SWEEP
    errors: Errors = Errors.TOGETHER


@dataclass(frozen=True, slots=True)
class Exited:
    code: int


@dataclass(frozen=True, slots=True)
class Signalled:
    number: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    pass


@dataclass(frozen=True, slots=True)
class Cancelled:
    pass


@dataclass(frozen=True, slots=True)
class Unstartable:
    why: str


JobEnd = Exited | Signalled | TimedOut | Cancelled | Unstartable


@dataclass(frozen=True, slots=True)
class Kept:
    """The file the job was to write."""

    content: bytes


@dataclass(frozen=True, slots=True)
class NotKept:
    """`missing`, `too big`, `not asked`, or a sentence about a path that leads out of the copy."""

    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """`output` is what it printed up to the limit, `dropped` counts the bytes beyond, `tail` is the last of them all.

    `errors` is what it said apart (standard error), when that was asked for; `began` is when it began; `account` the
    other user it ran as, empty when it ran as ourselves.
    """

    end: JobEnd
    output: bytes
    dropped: int
    tail: str
    errors: bytes
    file: Kept | NotKept
    began: datetime
    account: str


@dataclass(frozen=True, slots=True)
class Absent:
    """No such job began."""


@dataclass(frozen=True, slots=True)
class Underway:
    pass


@dataclass(frozen=True, slots=True)
class Vanished:
    why: str


JobProgress = Absent | Underway | Ended | Vanished


@dataclass(frozen=True, slots=True)
class Isolated:
    """The job runs as that user."""

    account: str


@dataclass(frozen=True, slots=True)
class NotIsolated:
    """The job runs as ourselves, and so may read what we may read."""

    why: str


Isolation = Isolated | NotIsolated


@dataclass(frozen=True, slots=True)
class Jobs:
    """All jobs of one state folder. `scratch` holds the private copies while jobs run; their users must get there."""

    folder: Path
    scratch: Path

    def start(self, spec: JobSpec, key: EffectKey) -> None:
        """Begin the job, or find that it was begun."""
        place = self._place(key)
        if not place.exists():
            self._lay_down(spec, key, place)
        laid = json.loads((place / "spec.json").read_bytes())
        if laid["purpose"] != spec.purpose:
            raise Rejected("job.key_reused", f"'{key}' was another job", "start this one under a key of its own")
        if not (place / "begun").exists():
            launch(_RUNNER, place)
            if not has_begun(place / "begun", place / "lock"):
                last = one_line((place / "launch.log").read_text("utf-8", "replace"))
                raise Unavailable("job.not_begun", f"the job's runner did not start: {last}", "try again")

    def observe(self, key: EffectKey) -> JobProgress:
        """How the job stands, as its folder and the kernel say."""
        place = self._place(key)
        if not (place / "begun").exists():
            return Absent()
        is_alive = linux.holder(str(place / "lock")) != 0
        if (place / "result.json").exists():
            return _read_result(place)
        return Underway() if is_alive else Vanished("its runner was killed, so what it did is not known")

    def cancel(self, key: EffectKey) -> None:
        """End the job and return when it has ended; what ended before, or never began, is left as it is."""
        place = self._place(key)
        if isinstance(self.observe(key), Absent | Ended):
            return
        end_holder(place / "lock", self._patience(place))
        for _ in range(3):
            linux.send(signal.SIGKILL, linux.marked(_marker(place)))
        shutil.rmtree(self.scratch / place.name, ignore_errors=True)

    def isolation(self, account: Account) -> Isolation:
        """Whether a job with that account would be kept from our files, and if not why."""
        if isinstance(account, OwnAccount):
            return NotIsolated("it is configured to run as the same user")
        if os.geteuid() != 0:
            return NotIsolated("only root can start a program as another user")
        try:
            entry = pwd.getpwnam(account.name)
        except KeyError:
            return NotIsolated(f"this machine has no user '{account.name}'")
        return Isolated(account.name) if entry.pw_uid != 0 else NotIsolated(f"'{account.name}' is root")

    def _place(self, key: EffectKey) -> Path:
        return self.folder / safe_name(key)

    def _lay_down(self, spec: JobSpec, key: EffectKey, place: Path) -> None:
        """Make the whole folder at once: whoever renames first has laid the job down."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        account = self._account(spec)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
        scratch = self.scratch / place.name
        linux.write_whole(str(draft / "spec.json"), json.dumps(_written(spec, account, scratch, place)).encode())
        linux.write_whole(str(draft / "key"), key.encode())
        try:
            draft.rename(place)
        except OSError:
            shutil.rmtree(draft)
            if not place.exists():
                raise

    def _account(self, spec: JobSpec) -> str:
        isolation = self.isolation(spec.account)
        if isinstance(isolation, NotIsolated):
            return ""
        if isinstance(spec.place, PrivateCopy):
            _require_open(self.scratch, isolation.account)
        return isolation.account

    def _patience(self, place: Path) -> float:
        laid = json.loads((place / "spec.json").read_bytes())
        return float(laid["grace"]) + _CANCEL_MARGIN_SECONDS


def open_scratch(base: Path) -> Path:
    """A folder of ours below `base` (such as /var/tmp) that others may enter but not list, made when missing."""
    folder = base / f"interlock-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise Rejected(
                "job.scratch_not_ours",
                f"'{folder}' is not a folder that only we may write",
                "remove it, or configure another scratch folder",
            ) from None
    return folder


def describe(end: JobEnd, limits: Limits) -> str:
    """How it ended, in a few words."""
    match end:
        case Exited(code):
            return f"ended with exit code {code}"
        case Signalled(number):
            return f"was killed by signal {number}"
        case TimedOut():
            return f"was ended after its limit of {limits.seconds:g} s"
        case Cancelled():
            return "was cancelled"
        case Unstartable(why):
            return why


def _marker(place: Path) -> str:
    return f"INTERLOCK_JOB={place}"


def _written(spec: JobSpec, account: str, scratch: Path, place: Path) -> dict[str, object]:
    environment = {"PATH": PLAIN_PATH, "LANG": "C.UTF-8", **spec.environment}
    name, _, value = _marker(place).partition("=")
    environment[name] = value
    is_copy = isinstance(spec.place, PrivateCopy)
    if is_copy:
        environment |= {"HOME": str(scratch / "home"), "TMPDIR": str(scratch / "tmp")}
    return {
        "purpose": spec.purpose,
        "argv": spec.argv,
        "environment": environment,
        "cwd": str(spec.place.folder),
        "scratch": str(scratch) if is_copy else "",
        "collect": spec.place.keep if isinstance(spec.place, PrivateCopy) else "",
        "account": account,
        "seconds": spec.limits.seconds,
        "grace": spec.limits.grace_seconds,
        "output_bytes": spec.limits.output_bytes,
        "file_bytes": spec.limits.file_bytes,
        "processes": spec.limits.processes,
        "afterwards": spec.afterwards.value,
        "errors": spec.errors.value,
    }


def _require_open(scratch: Path, account: str) -> None:
    """The other user must be able to walk down to the copies."""
    scratch.mkdir(parents=True, exist_ok=True, mode=0o711)
    for folder in (scratch, *scratch.resolve().parents):
        if not folder.stat().st_mode & 0o001:
            raise Rejected(
                "job.scratch_closed",
                f"the user '{account}' cannot enter '{folder}', so it cannot run a check in '{scratch}'",
                f"allow it with 'chmod o+x {folder}', or configure a scratch folder elsewhere",
            )


def _read_result(place: Path) -> Ended:
    result = json.loads((place / "result.json").read_bytes())
    laid = json.loads((place / "spec.json").read_bytes())
    taken = result["collected"] == "taken"
    return Ended(
        _end(str(result["end"]), int(result["code"]), str(result["why"])),
        (place / "output").read_bytes(),
        int(result["dropped"]),
        str(result["tail"]),
        (place / "errors").read_bytes() if (place / "errors").exists() else b"",
        Kept((place / "collected").read_bytes()) if taken else NotKept(str(result["collected"])),
        datetime.fromtimestamp((place / "begun").stat().st_mtime, UTC),
        str(laid["account"]),
    )


def _end(word: str, code: int, why: str) -> JobEnd:
    match word:
        case "exited":
            return Exited(code) if code >= 0 else Signalled(-code)
        case "timed_out":
            return TimedOut()
        case "cancelled":
            return Cancelled()
        case _:
            return Unstartable(why)
