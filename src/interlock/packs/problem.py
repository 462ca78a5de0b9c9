# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a file that people wrote, and where: the one form in which the loaders complain.

1. A problem names its place (line and column, from 1), a stable code, one sentence and what to do next.
2. All problems of a file are told at once, in the order of the file.
3. Text from the file is shown shortened and without control characters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SHOWN: Final = 60
_LINE_SHOWN: Final = 160
_SENTENCE: Final = 240


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` leads to the value from the top of the file, as `stages[1].requires`; empty for the file itself."""

    place: Place
    path: str
    code: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Problems:
    """Why a file is refused. `lines` are the file's own, for showing what was written."""

    source: str
    lines: tuple[str, ...]
    found: tuple[Problem, ...]

    def render(self) -> str:
        """For a terminal: each problem on a line, below it the line of the file and a caret."""
        return "\n".join(self._render(problem) for problem in self.found)

    def _render(self, problem: Problem) -> str:
        place = problem.place
        where = f" (at {problem.path})" if problem.path else ""
        head = (
            f"{self.source}:{place.line}:{place.column}: {problem.code}: {problem.sentence}{where}; {problem.next_step}"
        )
        if place.line > len(self.lines):
            return head
        start = max(0, place.column - _LINE_SHOWN // 2)
        line = _printable(self.lines[place.line - 1][start : start + _LINE_SHOWN])
        margin = f"{place.line:>5} | "
        return f"{head}\n{margin}{line}\n{' ' * (len(margin) + place.column - 1 - start)}^"


def problems_of(source: str, lines: tuple[str, ...], found: Iterable[Problem]) -> Problems:
    """The problems in the order of the file."""
    return Problems(source, lines, tuple(sorted(found, key=lambda problem: problem.place)))


def shown(text: str) -> str:
    """`text` fit for a sentence: quoted, at most 60 characters, nothing a terminal would act on."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f"'{_printable(cut)}'"


def clean(sentence: str) -> str:
    """A sentence made elsewhere about text from the file: one line, shortened, nothing a terminal would act on."""
    return _printable(sentence[:_SENTENCE])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
