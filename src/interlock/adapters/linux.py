# SPDX-License-Identifier: Apache-2.0
"""What we ask of Linux: whole files, locks that die with their holder, and the tree of our processes.

1. Only the standard library's lightest modules are imported here: the detached processes start with it in milliseconds.
2. Liveness is a lock held by the kernel, never a process number in a file; a number is used only while the lock is.
3. Nothing here follows a link that somebody else may have laid.
"""

# pathlib would double the time that a detached process needs to start:
# ruff: noqa: PTH104, PTH108, PTH123, PTH208

import ctypes
import errno
import fcntl
import os
import signal
import stat
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Final, NoReturn

BARE: Final = ["-I", "-S"]
"""How the interpreter of a detached process starts: without our environment, and without looking for packages."""
_FLOCK: Final = "hhqqi4x"
_SET_PDEATHSIG: Final = 1
_SET_NO_NEW_PRIVS: Final = 38
_SET_CHILD_SUBREAPER: Final = 36
_BOOT: Final = "import sys; sys.path.append(sys.argv.pop(1)); import {module} as m; sys.exit(m.main(sys.argv[1]))"


class NotInside(Exception):
    """A path leaves the folder it was promised to stay in, by `..`, by a link, or by being something else."""


def write_whole(path: str, content: bytes) -> None:
    """Replace the file so that a reader, or a machine that lost power, sees all of it or what was there before."""
    beside = f"{path}.{os.getpid()}.new"
    _write(beside, content)
    os.rename(beside, path)


def write_first(path: str, content: bytes) -> bool:
    """Write the file unless it exists; the first writer wins, and the answer says whether that was us."""
    beside = f"{path}.{os.getpid()}.new"
    _write(beside, content)
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(beside)
    return True


def _write(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hold(path: str) -> int:
    """Lock the file until this process ends or closes the descriptor given; -1 when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(descriptor)
        if fault.errno in {errno.EACCES, errno.EAGAIN}:
            return -1
        raise
    return descriptor


def holder(path: str) -> int:
    """The process that holds the lock, asked of the kernel without touching it; 0 when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, process = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    return 0 if kind == fcntl.F_UNLCK else int(process)


def signal_holder(path: str, number: int) -> int:
    """Signal the holder of the lock, surely it; gives a descriptor that is readable once it ended, -1 for nobody."""
    process = holder(path)
    if not process:
        return -1
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return -1
    if holder(path) != process:
        os.close(descriptor)
        return -1
    signal.pidfd_send_signal(descriptor, number)
    return descriptor


def processes() -> Iterator[tuple[int, int]]:
    """Every live process with its parent, as far as the kernel shows them."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _stat(int(name))
            if fields and fields[0] != "Z":
                yield int(name), int(fields[1])


def descendants(ancestor: int) -> set[int]:
    """All live processes below `ancestor`."""
    children: dict[int, list[int]] = {}
    for process, parent in processes():
        children.setdefault(parent, []).append(process)
    found: set[int] = set()
    waiting = list(children.get(ancestor, ()))
    while waiting:
        process = waiting.pop()
        found.add(process)
        waiting.extend(children.get(process, ()))
    return found


def marked(marker: str) -> set[int]:
    """All live processes that were started with `marker` (`NAME=value`) in their environment, but not this one."""
    wanted = marker.encode()
    return {process for process, _ in processes() if process != os.getpid() and wanted in environment_of(process)}


def marked_below(prefix: str) -> set[int]:
    """As `marked`, for every marker that begins so."""
    wanted = prefix.encode()
    return {
        process
        for process, _ in processes()
        if process != os.getpid() and any(entry.startswith(wanted) for entry in environment_of(process))
    }


def environment_of(process: int) -> list[bytes]:
    """The environment the process was started with; empty when it is gone or not ours to read."""
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def born(process: int) -> int:
    """When the process started, in ticks since boot, so that a number used again is not taken for it; 0 when gone."""
    fields = _stat(process)
    return int(fields[19]) if fields and fields[0] != "Z" else 0


def _stat(process: int) -> list[str]:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def send(number: int, targets: Iterable[int]) -> None:
    """Signal them all; those that are gone or not ours are left, and numbers that mean whole groups never signalled."""
    for process in targets:
        if process <= 1:
            continue
        try:
            os.kill(process, number)
        except (ProcessLookupError, PermissionError):
            continue


def adopt_orphans() -> None:
    """From now on a descendant whose parent ends becomes our child, so none gets away from us."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends; to be called after the last change of user."""
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)


def gain_no_privileges() -> None:
    """No program run from here on gains rights by set-user-id bits."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, argument: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def open_inside(folder: str, relative: str) -> int:
    """Open a regular file below the folder for reading; no component may be a link, `.`, `..` or empty."""
    *parents, name = _parts(relative)
    place = _descend(folder, parents)
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    except OSError as fault:
        raise _translated(fault, relative) from fault
    finally:
        os.close(place)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotInside(f"'{relative}' is not a regular file")
    return descriptor


def remove_inside(folder: str, relative: str) -> None:
    """Remove a file below the folder, if it is there; the same rules as `open_inside`."""
    *parents, name = _parts(relative)
    try:
        place = _descend(folder, parents)
    except FileNotFoundError:
        return
    try:
        os.unlink(name, dir_fd=place)
    except FileNotFoundError:
        return
    except OSError as fault:
        raise NotInside(f"'{relative}' is not a file: {fault.strerror}") from fault
    finally:
        os.close(place)


def _parts(relative: str) -> list[str]:
    parts = relative.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise NotInside(f"'{relative}' is not a plain path below the folder")
    return parts


def _descend(folder: str, parents: list[str]) -> int:
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parents:
        try:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place)
        except OSError as fault:
            raise _translated(fault, part) from fault
        finally:
            os.close(place)
        place = deeper
    return place


def _translated(fault: OSError, path: str) -> Exception:
    if fault.errno in {errno.ELOOP, errno.ENOTDIR}:
        return NotInside(f"'{path}' is a link, or not a folder")
    return fault


def run_aside(argv: list[str]) -> int:
    """Run one of the system's own tools to its end; its exit code, or minus the signal that ended it."""
    child = os.posix_spawnp(argv[0], argv, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def boot(module: str) -> tuple[str, ...]:
    """The command line, but for its argument, of a bare interpreter that runs `main(argument)` of a module of ours."""
    source = __file__.removesuffix("/interlock/adapters/linux.py")
    return (sys.executable, *BARE, "-c", _BOOT.format(module=module), source)


def detach() -> int:
    """Go on as a process of its own that outlives the caller; the caller's `main` returns once `ready` was written.

    Gives the descriptor on which to say so, in the new process only.
    """
    heard, said = os.pipe()
    if os.fork():
        os.close(said)
        os.read(heard, 1)
        _leave()
    os.close(heard)
    os.setsid()
    return said


def _leave() -> NoReturn:
    os._exit(0)


def listen() -> int:
    """Hear of ended children, and of being told to stop or to look, as bytes on the descriptor that is given."""
    heard, said = os.pipe()
    for end in (heard, said):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(said, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, _noted)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return heard


def forget_signals() -> None:
    """In a child that becomes another program: as that program expects to find them."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def _noted(_number: int, _frame: object) -> None:
    """The descriptor carries the signal; here is nothing to do."""
