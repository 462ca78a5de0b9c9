# SPDX-License-Identifier: Apache-2.0
"""Work of ours that somebody else's words can make long, done in a process that can be ended.

1. A question goes in as bytes and an answer comes out as bytes. There is no shell between, and nothing of our
   environment goes along.
2. A process has so many seconds of its own and so many of everybody's, so much memory, and no more; whoever asks for
   longer is `Rejected`.
3. So many work at once, and one for each who asks. Nobody waits for a place: who finds none is `Busy`.
4. `end` ends those that work, at once, and lets no other begin.
"""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from interlock.ports.failure import Busy, Rejected, Unavailable

MOST: Final = 2
"""Processes at once, whoever asks."""
SECONDS: Final = 8.0
"""From the question to the answer."""
OWN_SECONDS: Final = 5
"""Of a processor, so that it ends by itself where we were killed."""
MEMORY: Final = 1 << 30
NICENESS: Final = 5
"""It stands behind whoever only looks."""
AGAIN: Final = 5
"""Seconds after which it is worth asking again."""
_BOOT: Final = "import sys; sys.path.append(sys.argv[1]); from {module} import main; main()"
_SOURCE: Final = __file__.removesuffix("/interlock/adapters/apart.py")


@dataclass(slots=True)
class Apart:
    """Runs `main()` of a module, which reads the question from standard input and writes the answer to standard
    output.
    """

    module: str
    seconds: float = SECONDS
    own_seconds: int = OWN_SECONDS
    _at_work: "dict[str, subprocess.Popen[bytes] | None]" = field(default_factory=dict)
    """By who asks; none while it is being started."""
    _is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, who: str, question: bytes) -> bytes:
        """The answer to somebody's question. Raises `Busy`, `Rejected` (`procedure.too_long`), `Unavailable`."""
        with self._place(who), self._started(who) as process:
            try:
                answer, errors = process.communicate(question, self.seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise _too_long() from None
        if self._is_over:
            raise _ending()
        if process.returncode < 0 or b"MemoryError" in errors:
            raise _too_long()
        if process.returncode:
            raise RuntimeError(errors.decode(errors="replace"))
        return answer

    @property
    def at_work(self) -> int:
        """How many are being answered."""
        return len(self._at_work)

    def end(self) -> None:
        """End what is at work, and begin nothing more. It waits for nobody."""
        with self._lock:
            self._is_over = True
            for process in self._at_work.values():
                if process is not None:
                    process.kill()

    @contextmanager
    def _place(self, who: str) -> Iterator[None]:
        with self._lock:
            if who in self._at_work:
                raise _busy("a document of yours is being read")
            if len(self._at_work) >= MOST:
                raise _busy(f"{MOST} documents are being read, and no more are read at once")
            self._at_work[who] = None
        try:
            yield
        finally:
            with self._lock:
                del self._at_work[who]

    @contextmanager
    def _started(self, who: str) -> "Iterator[subprocess.Popen[bytes]]":
        """The process, bounded before it is told anything, and gone afterwards."""
        with self._lock:
            if self._is_over:
                raise _ending()
            self._at_work[who] = process = _start(self.module)
        with process:
            try:
                _bound(process.pid, self.own_seconds)
                yield process
            finally:
                process.kill()


def _start(module: str) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT.format(module=module), _SOURCE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
        )
    except OSError as fault:
        raise Unavailable("job.not_launched", f"a process cannot be started: {fault}", "try again") from fault


def _bound(process: int, own_seconds: int) -> None:
    resource.prlimit(process, resource.RLIMIT_CPU, (own_seconds, own_seconds))
    resource.prlimit(process, resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))
    os.setpriority(os.PRIO_PROCESS, process, NICENESS)


def _busy(sentence: str) -> Busy:
    return Busy("procedure.busy", sentence, "wait for its end, or trace it at a desk: `interlock pack trace`", AGAIN)


def _too_long() -> Rejected:
    sentence = "reading this document takes longer than a server reads for anybody"
    return Rejected("procedure.too_long", sentence, "trace it at a desk: `interlock pack trace PACK FILE`")


def _ending() -> Unavailable:
    return Unavailable("server.ending", "the server is about to end", "ask again when it is back")
