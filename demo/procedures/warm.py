# SPDX-License-Identifier: Apache-2.0
"""`interlock` without the second that a Python takes to start: one process has read all its modules, and forks.

Every command is still a process of its own, with the arguments, folder, environment, input and terminal of whoever
typed it; only the reading of modules was done before. As a program this is the process that forks: it is given the
path of its socket.
"""

import json
import os
import pkgutil
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

COMMAND: Final = "interlock"
STARTS: Final = 60.0
"""Seconds it may take to read all modules."""
LONGEST: Final = 300.0
"""Seconds a command may take."""
LARGEST: Final = 1 << 20
_LEFT_OUT: Final = ("interlock.testing", "interlock.__main__")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as somebody typed it."""

    arguments: list[str]
    folder: Path
    environment: Mapping[str, str]
    source: Path

    def bytes(self) -> bytes:
        """As it is sent."""
        given = (self.arguments, str(self.folder), dict(self.environment))
        return json.dumps(given).encode()


def start(place: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Start the process that forks, and wait until it can. It is swept away with everything else."""
    with Path(os.devnull).open("r+b") as nothing:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), str(place)],
            cwd=folder,
            env=dict(environment),
            stdin=nothing,
            stdout=nothing,
            start_new_session=True,
        )
    deadline = time.monotonic() + STARTS
    while not place.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise OSError("the commands cannot be read ahead")
        time.sleep(0.02)


def run(place: Path, asked: Asked, *, on_terminal: bool) -> tuple[int, str]:
    """Run it to its end; gives its exit code and all it printed."""
    reading, writing = pty.openpty() if on_terminal else os.pipe()
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(LONGEST)
        line.connect(str(place))
        with asked.source.open("rb") as given:
            socket.send_fds(line, [asked.bytes()], [writing, given.fileno()])
        line.shutdown(socket.SHUT_WR)
        os.close(writing)
        text = _read(reading)
        os.close(reading)
        said = line.recv(16)
    return int(said or b"1"), text.decode("utf-8", "replace").replace("\r\n", "\n")


def _read(reading: int) -> bytes:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(reading, LARGEST)
        except OSError:  # how a terminal says that it is over
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def _serve(place: Path) -> None:
    """Read everything that commands read, then fork for each that is asked for."""
    _read_ahead()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    door = socket.socket(socket.AF_UNIX)
    draft = place.with_suffix(".new")
    door.bind(str(draft))
    door.listen()
    draft.rename(place)
    while True:
        line, _ = door.accept()
        if os.fork() == 0:
            try:
                door.close()
                _obey(line)
            finally:
                os._exit(1)  # whatever goes wrong in it, it never comes back here
        line.close()


def _read_ahead() -> None:
    package = import_module(COMMAND)
    for module in pkgutil.walk_packages(package.__path__, f"{COMMAND}."):
        if not module.name.startswith(_LEFT_OUT):
            import_module(module.name)
    import_module("cel_expr_python")


def _obey(line: socket.socket) -> None:
    """In the forked process: become what was asked for, do it, say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, descriptors, _, _ = socket.recv_fds(line, LARGEST, 2)
    while more := line.recv(LARGEST):
        text += more
    arguments, folder, environment = json.loads(text)
    for number, at in zip(descriptors, ((1, 2), (0,)), strict=True):
        for one in at:
            os.dup2(number, one)
        os.close(number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [COMMAND, *arguments]
    line.send(str(_outcome()).encode())
    os._exit(0)


def _outcome() -> int:
    try:
        code = import_module("interlock.cli.main").main()
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    for number in (1, 2):
        os.close(number)
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
