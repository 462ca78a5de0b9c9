# SPDX-License-Identifier: Apache-2.0
"""The place where the story happens: its folder, its people, its ports, and what was measured so far."""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from controller import Controller
from crowd import Crowd
from ledger import Chronicle, Wanted
from rules import SERVICE, Ports
from screen import INDENT, Screen
from shell import DemoFailed, Ended, Person, Shell
from watch import get

from interlock.ledger.record import Record

ANN: Final = Person("ann", "Ann Example", "ann@outreach.example")
BEN: Final = Person("ben", "Ben Example", "ben@outreach.example")
DANA: Final = Person("dana", "Dana Example", "dana@outreach.example")
ELI: Final = Person("eli", "Eli Example", "eli@outreach.example")
EVERYBODY: Final = (ANN, BEN, DANA, ELI)

PATIENCE: Final = 5.0
"""Seconds a watcher may take to see that it is over."""
REFUSED: Final = 1
"""The exit code of `interlock` for what a rule declined."""
MOVED: Final = "approval.stale_view"
"""What was shown had changed by the time it was signed: evidence arrives when it does, and people look again."""
AGAIN: Final = 5
"""How often they do."""
_CODE: Final = re.compile(r"\[([a-z][a-z_]*(?:\.[a-z_]+)+)\]")
_TONE: Final = re.compile(r"\033\[[0-9;]*m")


@dataclass(slots=True)
class Measured:
    """What goes into the report."""

    chapters: dict[str, float] = field(default_factory=dict)
    refusals: list[dict[str, object]] = field(default_factory=list)
    tampering: list[dict[str, object]] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Scene:
    """Everything the chapters share."""

    root: Path
    screen: Screen
    shell: Shell
    ports: Ports
    controller: Controller
    chronicle: Chronicle
    crowd: Crowd
    measured: Measured = field(default_factory=Measured)

    @property
    def repository(self) -> Path:
        """Where everybody works."""
        return self.root / SERVICE

    def say(self, words: str) -> None:
        """A word of the narrator."""
        self.screen.say(words)

    def do(self, who: Person, command: str, *, folder: Path | None = None, reads: str = "") -> Ended:
        """Type a command, show what it prints; it has to succeed. `reads` is the file it gets as standard input."""
        ended = _seen_again(lambda: self._run(who, command, folder or self.repository, reads))
        if ended.code:
            raise DemoFailed(f"`{command}` ended with {ended.code}")
        return ended

    def refused(self, who: Person, command: str, code: str) -> None:
        """Type a command that has to be refused with that code, perhaps among others."""
        ended = self._run(who, command, self.repository)
        codes = _codes_in(ended)
        if ended.code != REFUSED or code not in codes:
            raise DemoFailed(f"`{command}` was to be refused with {code}: it ended with {ended.code}, {codes}")
        self.measured.refusals.append({"who": who.handle, "command": command, "expected": code, "codes": codes})

    def quietly(self, who: Person, *argv: str, folder: Path | None = None) -> str:
        """Run a command nobody has to see; gives what it prints."""
        where, known = folder or self.repository, self.shell.environment(who)
        ended = _seen_again(lambda: self.shell.run(list(argv), where, known))
        if ended.code:
            raise DemoFailed(f"`{shlex.join(argv)}` ended with {ended.code}: {ended.text}")
        return ended.text

    def wait(
        self, event: str, *, since: int, unless: tuple[str, ...] = (), within: float = 240, **words: str | int
    ) -> Record:
        """Wait until that is recorded."""
        wanted = Wanted(event, words, unless)
        return self.chronicle.wait(wanted, since, within, self.controller.look)

    @contextmanager
    def watching(self, who: Person, environment: str) -> Iterator[None]:
        """Let it be watched live meanwhile, where we are on a terminal; else the rollout is shown as it is now."""
        if not self.screen.is_terminal:
            # Only looked at: on a busy machine it may have ended before it is shown.
            self._run(who, f"interlock rollout show {environment}", self.repository)
            yield
            return
        self.screen.typed(who.handle, f"interlock rollout watch {environment}")
        argv = ["interlock", "rollout", "watch", environment]
        watch = self.shell.show(argv, self.repository, self.shell.environment(who))
        try:
            with self.screen.left_to_others():
                yield
                watch.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return  # it is only looked at; whoever does not stop looking is stopped
        finally:
            watch.kill()
            watch.wait()

    def now(self) -> int:
        """Where the record ends now."""
        return self.chronicle.size()

    def ask(self, port: int, path: str) -> str:
        """Ask the service and show what it answers."""
        _, body = get(port, path)
        self.screen.typed("visitor", f"curl http://127.0.0.1:{port}{path}")
        self.screen.output(body)
        return body

    def must(self, holds: object, words: str) -> None:
        """Say what was found to be so; what is not ends the demo."""
        if not holds:
            raise DemoFailed(f"it is not so: {words}")
        self.screen.fact(words)

    def report(self, ended: str, seconds: float, processes_left: int) -> Path:
        """Write what was measured."""
        path = self.root / "report.json"
        content = {
            "ended": ended,
            "seconds": round(seconds, 2),
            "chapters": {name: round(took, 2) for name, took in self.measured.chapters.items()},
            "refusals": self.measured.refusals,
            "tampering": self.measured.tampering,
            **self.measured.values,
            "processes_left": processes_left,
        }
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def _run(self, who: Person, command: str, folder: Path, reads: str = "") -> Ended:
        self.screen.typed(who.handle, f"{command} < {reads}" if reads else command)
        source = folder / reads if reads else Path(os.devnull)
        ended = self.shell.run(shlex.split(command), folder, self.shell.environment(who), source)
        self.screen.output(ended.text)
        return ended


def shown_width(screen: Screen) -> int:
    """Columns for what commands print; 0 when they do not print to a terminal."""
    return screen.width - len(INDENT) if screen.is_terminal else 0


def seconds_since(begin: float) -> float:
    """Seconds since that reading of the clock."""
    return time.monotonic() - begin


def _codes_in(ended: Ended) -> list[str]:
    return list(dict.fromkeys(_CODE.findall(_TONE.sub("", ended.text))))


def _seen_again(run: Callable[[], Ended]) -> Ended:
    """Do it, and again as long as something else arrived between seeing and signing."""
    for _ in range(AGAIN):
        ended = run()
        if MOVED not in _codes_in(ended):
            return ended
    return ended
