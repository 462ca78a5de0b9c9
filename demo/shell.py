# SPDX-License-Identifier: Apache-2.0
"""Running the real commands as the people of the story, without touching anybody's own keys, settings or home.

What runs is marked in its environment, so that whatever is left of a demo can be found again, also by the next one.
"""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from interlock.adapters.daemons import PLAIN_PATH

MARK: Final = "INTERLOCK_DEMO"
PATIENCE: Final = 60.0
"""Seconds a command may take."""
NOTHING: Final = Path(os.devnull)
_BLOCK: Final = 65536


class DemoFailed(Exception):
    """Something in the demo is not as it should be."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the story, with a home and a key of their own."""

    handle: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and all it printed."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands in the demo's folder. `columns` 0: not on a terminal."""

    root: Path
    columns: int
    coloured: bool

    def key(self, person: Person) -> Path:
        """The person's SSH key."""
        return self.root / "keys" / person.handle

    def home(self, handle: str) -> Path:
        """The person's home folder."""
        return self.root / "home" / handle

    def environment(self, person: Person) -> dict[str, str]:
        """Everything a command of that person sees."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{PLAIN_PATH}",
            "HOME": str(self.home(person.handle)),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "INTERLOCK_KEY": str(self.key(person)),
            MARK: str(self.root),
            **({"COLUMNS": str(self.columns), "TERM": os.environ.get("TERM", "dumb")} if self.columns else {}),
            **({} if self.coloured else {"NO_COLOR": "1"}),
        }

    def run(self, argv: list[str], folder: Path, environment: Mapping[str, str], source: Path = NOTHING) -> Ended:
        """Run it to its end and give all it printed, in the order it was printed. `source` is what it may read."""
        process, reading = self.start(argv, folder, environment, source)
        try:
            text = _all(reading)
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired as fault:
            raise DemoFailed(f"`{' '.join(argv)}` did not end within {PATIENCE:g} s") from fault
        finally:
            os.close(reading)
            if process.poll() is None:
                process.kill()
                process.wait()
        return Ended(code, text)

    def leave_running(self, argv: list[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        """Start what goes on by itself, until it is swept away with everything else."""
        with log.open("wb") as told, NOTHING.open("rb") as given:
            subprocess.Popen(
                argv,
                cwd=folder,
                env=dict(environment),
                stdin=given,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )

    def show(self, argv: list[str], folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start what draws on our own terminal by itself."""
        with NOTHING.open("rb") as given:
            return subprocess.Popen(argv, cwd=folder, env=dict(environment), stdin=given, start_new_session=True)

    def start(
        self, argv: list[str], folder: Path, environment: Mapping[str, str], source: Path = NOTHING
    ) -> tuple["subprocess.Popen[bytes]", int]:
        """Start it; the descriptor gives what it prints. A terminal where we have one, so that it may use colour."""
        reading, writing = pty.openpty() if self.columns else os.pipe()
        try:
            with source.open("rb") as given:
                process = subprocess.Popen(
                    argv,
                    cwd=folder,
                    env=dict(environment),
                    stdin=given,
                    stdout=writing,
                    stderr=writing,
                    start_new_session=True,
                )
        finally:
            os.close(writing)
        return process, reading


def _all(reading: int) -> str:
    parts: list[bytes] = []
    while block := read_some(reading):
        parts.append(block)
    return b"".join(parts).decode("utf-8", "replace").replace("\r\n", "\n")


def read_some(reading: int) -> bytes:
    """What is there to read; empty at the end, which a terminal tells by an error."""
    try:
        return os.read(reading, _BLOCK)
    except OSError:
        return b""
