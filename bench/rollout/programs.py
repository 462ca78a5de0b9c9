# SPDX-License-Identifier: Apache-2.0
"""Processes of ours that can be killed and started again, and ports for them."""

import random
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATIENCE: Final = 60.0
LOOK: Final = 0.03
PORTS: Final = range(10_000, 32_000)


class Unmeasured(Exception):
    """Something did not go as it must for a measurement to mean anything."""


@dataclass
class Program:
    """A process of ours that can be killed and started again."""

    command: tuple[str, ...]
    log: Path
    folder: Path
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def number(self) -> int:
        return self.process.pid if self.process else 0

    def start(self) -> None:
        """Begin; what it prints goes to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> float:
        """Send it a signal; gives when that was."""
        assert self.process is not None
        self.process.send_signal(number)
        return time.time()

    def kill(self) -> float:
        """End it as a machine that fails would; gives when that was."""
        if self.process is None:
            return time.time()
        self.process.send_signal(signal.SIGCONT)
        at = self.send(signal.SIGKILL)
        self.process.wait()
        self.process = None
        return at

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""


def until_listening(program: Program, port: int) -> None:
    """Return when somebody listens there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(LOOK)
    raise Unmeasured(f"nobody listens at {port}: {program.tail()}")


def free_row(held: ExitStack, length: int) -> int:
    """The first of so many ports in a row that nobody uses; kept from others while `held` lasts.

    They lie below those that the kernel gives to connections, as a proxy that was killed must get its own back.
    """
    for first in random.Random().sample(PORTS, 50):  # noqa: S311 - several may look for ports at once
        with ExitStack() as trial:
            try:
                for port in range(first, first + length):
                    trial.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            held.enter_context(trial.pop_all())
            return first
    raise Unmeasured(f"there are no {length} free ports in a row")
