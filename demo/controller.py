# SPDX-License-Identifier: Apache-2.0
"""The controller as a process of the demo's own: started, listened to, killed, stopped."""

import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import Final

from screen import Screen
from shell import DemoFailed, Person, Shell, read_some

STOPPING: Final = 10.0
"""Seconds it gets to finish the step it is in."""


@dataclass(slots=True)
class Controller:
    """`interlock drive`, run by one person. What it tells goes to the screen as it comes."""

    shell: Shell
    screen: Screen
    person: Person
    repository: str
    process: "subprocess.Popen[bytes] | None" = None
    listener: threading.Thread | None = None
    last: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Begin to drive."""
        folder = self.shell.root / self.repository
        self.process, reading = self.shell.start(["interlock", "drive"], folder, self.shell.environment(self.person))
        self.listener = threading.Thread(target=self._listen, args=(reading,), daemon=True)
        self.listener.start()

    def look(self) -> None:
        """Raise when it ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            raise DemoFailed(f"the controller ended with {self.process.returncode}: {' '.join(self.last[-3:])}")

    def kill(self) -> int:
        """Kill it as a machine that fails would; gives the number it had."""
        if self.process is None:
            return 0
        number = self.process.pid
        self.process.send_signal(signal.SIGKILL)
        self._join()
        return number

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._join()

    def _join(self) -> None:
        if self.process is not None:
            self.process.wait()
        if self.listener is not None:
            self.listener.join()
        self.process, self.listener = None, None

    def _listen(self, reading: int) -> None:
        """Line by line to the screen. Refusals were just read by whom they were for, so they are not told again."""
        waiting = b""
        with open(reading, "rb", buffering=0, closefd=True):
            while block := read_some(reading):
                *lines, waiting = (waiting + block).split(b"\n")
                for raw in lines:
                    line = raw.decode("utf-8", "replace").rstrip()
                    self.last.append(line)
                    if line and " refused " not in line:
                        self.screen.controller(line)
