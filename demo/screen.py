# SPDX-License-Identifier: Apache-2.0
"""What the viewer sees: chapters, what is said, commands as they are typed, their output, what the controller tells.

1. Lines of the controller come at any time, from a thread of their own; they never cut into a line of somebody else.
2. A reader that goes away ends the demo: whoever writes next hears of it, but not the controller's thread.
3. Only a terminal gets colour and a human pace. To a pipe everything is written at once, as plain lines.
"""

import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from interlock.config import wants_colour

WIDEST: Final = 104
INDENT: Final = "  "
KEYSTROKE: Final = 0.004
"""Seconds between two characters of a command."""
LONG_COMMAND: Final = 60
"""Characters after which a command is typed twice as fast, so that nobody waits for it."""

STRONG, QUIET, GOOD, WARN, BAD, TYPED = "1", "2", "32", "33", "31", "36"


@dataclass(slots=True)
class Screen:
    """Where it is written. `is_terminal` decides on colour and pace, `unicode` on the marks."""

    is_terminal: bool
    coloured: bool
    unicode: bool
    width: int
    lock: threading.RLock = field(default_factory=threading.RLock)
    is_lent: bool = False

    @classmethod
    def of_stdout(cls) -> "Screen":
        """The screen standard output leads to."""
        is_terminal = sys.stdout.isatty()
        columns = shutil.get_terminal_size((100, 24)).columns if is_terminal else 100
        is_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
        return cls(is_terminal, is_terminal and wants_colour(), is_unicode, min(columns, WIDEST))

    def chapter(self, number: int, title: str) -> None:
        """Begin a chapter."""
        with self.lock:
            self.line()
            self.line(self._toned(f"{number}  {title}", STRONG))
            self.line(self._toned(("─" if self.unicode else "-") * (self.width - 2), QUIET))
        self.pause(0.4)

    def say(self, words: str) -> None:
        """A word of the narrator."""
        with self.lock:
            for line in textwrap.wrap(words, self.width - 2):
                self.line(line)
        self.pause(0.3)

    def typed(self, who: str, command: str) -> None:
        """A command as somebody types it."""
        with self.lock:
            self.line()
            self._write(INDENT + self._toned(f"{who} $ ", QUIET))
            pace = KEYSTROKE if len(command) < LONG_COMMAND else KEYSTROKE / 2
            for letter in command if self.is_terminal else (command,):
                self._write(self._toned(letter, TYPED))
                self.pause(pace)
            self._write("\n")

    def output(self, text: str) -> None:
        """What a command printed."""
        with self.lock:
            for line in text.splitlines():
                self.line(f"{INDENT}{line}" if line.strip() else "")
        self.pause(0.15)

    def controller(self, line: str) -> None:
        """A line of the controller's own."""
        with self.lock, suppress(BrokenPipeError):
            if self.is_lent:
                return
            self.line(self._toned(f"{INDENT}{'│' if self.unicode else '|'} ", QUIET) + line)

    @contextmanager
    def left_to_others(self) -> Iterator[None]:
        """Somebody else draws here meanwhile; what the controller tells is in their picture, too."""
        with self.lock:
            self.is_lent = True
        try:
            yield
        finally:
            with self.lock:
                self.is_lent = False

    def fact(self, words: str, *, is_good: bool = True) -> None:
        """Something that was found to be so."""
        mark = ("✓" if is_good else "✗") if self.unicode else ("ok" if is_good else "x")
        with self.lock:
            body = textwrap.wrap(words, self.width - 6) or [""]
            self.line(f"{INDENT}{self._toned(mark, GOOD if is_good else BAD)} {body[0]}")
            for line in body[1:]:
                self.line(f"{INDENT}  {line}")

    def line(self, text: str = "") -> None:
        """One whole line."""
        with self.lock:
            self._write(f"{text}\n")

    def pause(self, seconds: float) -> None:
        """Time to read, where somebody reads."""
        if self.is_terminal:
            time.sleep(seconds)

    def fall_silent(self) -> None:
        """Write for nobody from here on, because nobody reads any more."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _toned(self, words: str, code: str) -> str:
        return f"\033[{code}m{words}\033[0m" if self.coloured else words

    def _write(self, text: str) -> None:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
