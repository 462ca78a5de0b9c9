# SPDX-License-Identifier: Apache-2.0
"""The driver: the one process that acts on the world for a ledger, and the way to reach it.

1. It holds an exclusive lock for as long as it lives; a second driver is refused, a killed one leaves nothing to clean.
2. It only wakes: when something was written, when an effect may have ended, at the time something asked for. What to
   do is asked of the ledger every time, so a wake too many does no harm and a lost one is made up for.
3. Commands of people come in through a socket that only its owner can reach, and are decided like any others. A client
   that finds no driver appends by itself; nothing waits for a driver to be alive.
4. Asked to stop, it finishes the step it is in. Effects under way go on without it and are found again.
"""

import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from interlock.ports.clock import Clock
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.service.handle import Outcome, Submission
from interlock.workflows.controller import Controller, Moved, Rest, Step
from interlock.workflows.wire import (
    decode_outcome,
    decode_submission,
    encode_failure,
    encode_outcome,
    encode_submission,
)

POLL: Final = 0.1
"""Seconds before an effect under way is looked at again."""
IDLE: Final = 0.5
"""Seconds before the ledger is looked at for what other processes wrote."""
HANGS: Final = 60.0
"""Seconds after which a driver that has not come round hangs: it does every `IDLE`, or as soon as one step is done, and
no step waits that long for anything.
"""
TURN: Final = 0.05
"""Seconds after which who stands by tries again to be the driver."""
PATIENCE: Final = 30.0
"""Seconds a client waits for an answer, and the driver for a client's words."""
TRIES: Final = 5
"""How often a locked ledger is waited for again before a client is told."""
UNREADABLE: Final = -1
"""In place of the size of a ledger that cannot be read at this moment."""
_LOCKED: Final = "store.locked"
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of the largest submission taken."""


@dataclass(frozen=True, slots=True)
class NoDriver:
    """No driver is alive here."""


@contextmanager
def driving(lock: Path) -> Iterator[None]:
    """Be the driver while this lasts. Raises `Rejected` (code `driver.held`) when another process is."""
    with lock.open("a+") as file:
        if not _takes(file):
            raise _held_by(_holder(file))
        yield from _held(file)


@contextmanager
def standing_by(lock: Path, is_stopped: Callable[[Rejected], None]) -> Iterator[None]:
    """Be the driver while this lasts, from the moment on at which no other process is, however that one ends.

    `is_stopped` is told once of one that is stopped: it may go on at any moment, so nobody can drive in its place.
    """
    with lock.open("a+") as file:
        told = ""
        while not _takes(file):
            process = _holder(file)
            if told != process and _is_stopped(process):
                told = process
                is_stopped(_held_by(process))
            threading.Event().wait(TURN)  # nobody tells that a lock was let go
        yield from _held(file)


def has_stopped(lock: Path) -> bool:
    """Whether the process that last took the lock lives, and is stopped: it answers nobody, and may go on."""
    return lock.exists() and _is_stopped(lock.read_text().strip())


def _takes(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _held(file: IO[str]) -> Iterator[None]:
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    yield


@dataclass(slots=True)
class Driver:
    """Runs a controller until told to stop."""

    controller: Controller
    address: Path
    clock: Clock
    stopping: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)
    works: bool = True
    """Whether the last step came through."""
    _came_round: float = field(init=False)

    def __post_init__(self) -> None:
        self._comes_round()

    @property
    def hangs(self) -> bool:
        """Whether it has not come round for long. May be asked from any thread."""
        return self._seconds() - self._came_round > HANGS

    def _comes_round(self) -> None:
        self._came_round = self._seconds()

    def _seconds(self) -> float:
        """Of a clock that never jumps."""
        return self.controller.keeper.monotonic()

    def stop(self) -> None:
        """Finish the step under way, then end. May be called from a signal handler."""
        self.stopping.set()
        self.woken.set()

    def run(self, tell: Callable[[Step], None], *, until_idle: bool = False) -> None:
        """Work until stopped, or with `until_idle` until nothing is left to do. `tell` hears of every step."""
        with self._reachable(), self.controller.keeper.keeping():
            while not self.stopping.is_set():
                self._comes_round()
                seen = self._size()
                step = self._step()
                tell(step)
                if isinstance(step, Moved):
                    continue
                if until_idle and not step.pending and not step.wake_at:
                    return
                self._rest(step, seen)

    def _step(self) -> Step:
        """One step. A ledger that cannot be written now is tried again after a pause, and holds no exposure."""
        try:
            step = self.controller.step()
        except Unavailable:
            self.works = False
            return Rest(1, ())
        self.works = True
        self.controller.keeper.works()
        return step

    def _size(self) -> int:
        """How many records there are. Where that cannot be read, the next step says so."""
        try:
            return self.controller.desk.store.head().size
        except Unavailable:
            return UNREADABLE

    def _rest(self, rest: Rest, seen: int) -> None:
        """Wait until there is a reason to ask again."""
        while not self.stopping.is_set():
            wait = self._wait(rest)
            self._comes_round()
            if self.works:
                self.controller.keeper.works()
            if wait <= 0 or self.woken.wait(min(wait, IDLE)):
                break
            if wait <= IDLE or self._size() != seen:
                break
        self.woken.clear()

    def _wait(self, rest: Rest) -> float:
        if rest.pending:
            return POLL
        now: datetime = self.clock.now()
        waits = [(moment - now).total_seconds() for moment in (*rest.wake_at, *rest.look_at, *rest.deadlines)]
        return min(waits, default=IDLE * 2)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        """Answer clients on the socket while this lasts. Its address is there when it is listened on, and not before:
        whoever finds nobody behind it would take the driver for dead.
        """
        begun = self.address.with_name(f"{self.address.name}.new")
        begun.unlink(missing_ok=True)
        with _near(begun) as near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            before = os.umask(0o177)
            try:
                listener.bind(near)
            finally:
                os.umask(before)
            listener.listen()
            begun.replace(self.address)
            listener.settimeout(IDLE)
            done = threading.Event()
            thread = threading.Thread(target=self._answer_all, args=(listener, done), name="driver-socket", daemon=True)
            thread.start()
            try:
                yield
            finally:
                done.set()
                thread.join()
                self.address.unlink(missing_ok=True)

    def _answer_all(self, listener: socket.socket, done: threading.Event) -> None:
        """Each client in a thread of its own: who is silent keeps nobody else waiting."""
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._attend, args=(connection,), name="driver-client", daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE)
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            reply = encode_outcome(self._submitted(decode_submission(_receive(connection))))
        except ValueError as fault:
            reply = encode_failure("driver.unreadable", str(fault), "use a client of the same version")
        except PortFailure as fault:
            reply = encode_failure(fault.code, fault.sentence, fault.next_step)
        self.woken.set()
        connection.sendall(reply)

    def _submitted(self, submission: Submission) -> Outcome:
        """Decided, as soon as whoever holds the ledger lets go of it; the driver itself waits less long for that."""
        for _ in range(TRIES):
            try:
                return self.controller.desk.submit(submission, self.clock.now())
            except Unavailable as fault:
                if fault.code != _LOCKED:
                    raise
        return self.controller.desk.submit(submission, self.clock.now())


def hand_in(path: Path, submission: Submission) -> Outcome | NoDriver:
    """Hand a submission to the driver that listens on `path`, if one lives.

    Raises `Unavailable` when it took the submission and did not answer: the same submission may be handed in again.
    """
    if not path.exists():
        return NoDriver()
    with _near(path) as near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(near)
        except (ConnectionRefusedError, FileNotFoundError):
            return NoDriver()
        try:
            connection.sendall(encode_submission(submission))
            connection.shutdown(socket.SHUT_WR)
            return decode_outcome(_receive(connection))
        except (OSError, ValueError) as fault:
            raise Unavailable(
                "driver.no_answer", "the driver took the command and did not answer", "run the same command again"
            ) from fault


def _receive(connection: socket.socket) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := connection.recv(1 << 16):
        size += len(part)
        if size > LARGEST:
            raise ValueError(f"more than {LARGEST} bytes")
        parts.append(part)
    return b"".join(parts)


@contextmanager
def _near(path: Path) -> Iterator[str]:
    """A short name for the socket: its own may be longer than the 107 bytes an address can hold."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip() or "unknown"


def _held_by(process: str) -> Rejected:
    if _is_stopped(process):
        return Rejected(
            "driver.held",
            f"the driver here (process {process}) is stopped: nothing is done here, and it may go on any moment",
            f"let it go on (`kill -CONT {process}`), or end it (`kill -KILL {process}`) and try again",
        )
    return Rejected(
        "driver.held",
        f"another driver is at work here (process {process})",
        "let it do the work, or stand by for it (`interlock drive --standby`); two would act twice",
    )


def _is_stopped(process: str) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[:1] in (["T"], ["t"])
