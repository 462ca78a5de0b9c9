# SPDX-License-Identifier: Apache-2.0
"""What differs between two commits, line by line, as somebody reads it before they decide.

1. Every path that differs is named. What of it cannot be shown says why; nothing is left out in silence.
2. Whatever strangers wrote, working it out and showing it takes bounded time and room.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from interlock.ports.source import FileContent, NoSuchFile, SourceRepository, TooLarge

FILES: Final = 300
"""Files that are looked into."""
LARGEST: Final = 500_000
"""Bytes of a file that is looked into."""
LONGEST: Final = 3000
TOGETHER: Final = 12_000
"""Lines, before and after, from the first that differs to the last, that are compared: of one file, and of all."""
AROUND: Final = 3
"""Lines that stay the same, shown around those that do not."""

Held = FileContent | NoSuchFile | TooLarge


class Fate(StrEnum):
    """What became of a file."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


class Turn(StrEnum):
    """What became of a line."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `before` and `after` are its numbers there, 0 where it is not."""

    turn: Turn
    before: int
    after: int
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One file. `hunks` are stretches of lines; where there are none, `why` says why not."""

    path: str
    fate: Fate
    hunks: tuple[tuple[Line, ...], ...] = ()
    why: str = ""

    @property
    def added(self) -> int:
        """How many lines are new."""
        return self._so_many(Turn.NEW)

    @property
    def taken(self) -> int:
        """How many lines are gone."""
        return self._so_many(Turn.GONE)

    def _so_many(self, turn: Turn) -> int:
        return sum(line.turn is turn for hunk in self.hunks for line in hunk)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What of a file differs, with some lines around it: where it begins, and how it was and is."""

    begins: int
    old: list[str]
    new: list[str]

    @property
    def size(self) -> int:
        return len(self.old) + len(self.new)


def differences(repository: SourceRepository, base: str, commit: str) -> tuple[Changed, ...]:
    """What differs between both trees, by path. Raises what the repository raises."""
    paths = repository.differing(base, commit)
    before, after = (repository.contents(one, paths[:FILES], LARGEST) for one in (base, commit))
    too_many = (Changed(path, Fate.CHANGED, why=f"only {FILES} files are looked into") for path in paths[FILES:])
    return (*_compared(paths, before, after), *too_many)


def _compared(paths: Sequence[str], before: Sequence[Held], after: Sequence[Held]) -> Iterator[Changed]:
    left = TOGETHER
    for path, old, new in zip(paths, before, after, strict=False):
        why, fate = _closed(old, new), _fate(old, new)
        if why:
            yield Changed(path, fate, why=why)
            continue
        stretch = _stretch(_lines(old), _lines(new))
        if stretch.size > min(LONGEST, left):
            yield Changed(path, fate, why=f"{stretch.size} lines are concerned, more than is compared")
            continue
        left -= stretch.size
        yield Changed(path, fate, tuple(_hunks(stretch)), "" if stretch.size else "it is empty")


def _closed(before: Held, after: Held) -> str:
    """Why it is not compared; nothing where it is."""
    if isinstance(before, TooLarge) or isinstance(after, TooLarge):
        return f"it is larger than {LARGEST // 1000} kB"
    if isinstance(before, NoSuchFile) and isinstance(after, NoSuchFile):
        return "it is a repository of its own, whose content is not in this one"
    if before == after:
        return "its content stays; whether it can be run, or is a link, does not"
    return "" if _is_text(before) and _is_text(after) else "it is not text"


def _fate(before: Held, after: Held) -> Fate:
    if isinstance(before, NoSuchFile) and not isinstance(after, NoSuchFile):
        return Fate.NEW
    return Fate.GONE if isinstance(after, NoSuchFile) and not isinstance(before, NoSuchFile) else Fate.CHANGED


def _is_text(held: Held) -> bool:
    content = _content(held)
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _content(held: Held) -> bytes:
    return held.content if isinstance(held, FileContent) else b""


def _lines(held: Held) -> list[str]:
    """Its lines. A last line that is not ended differs from one that is."""
    *lines, last = _content(held).decode().split("\n")
    return [*lines, f"{last} (this line is not ended)"] if last else lines


def _stretch(old: list[str], new: list[str]) -> _Stretch:
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    begins, spared = max(head - AROUND, 0), max(tail - AROUND, 0)
    return _Stretch(begins, old[begins : len(old) - spared], new[begins : len(new) - spared])


def _hunks(stretch: _Stretch) -> Iterator[tuple[Line, ...]]:
    for group in SequenceMatcher(None, stretch.old, stretch.new).get_grouped_opcodes(AROUND):
        yield tuple(line for code in group for line in _turned(code, stretch))


def _turned(code: tuple[str, int, int, int, int], stretch: _Stretch) -> Iterator[Line]:
    word, first, last, begin, end = code
    beyond = stretch.begins + 1
    if word == "equal":
        for at in range(last - first):
            yield Line(Turn.SAME, first + at + beyond, begin + at + beyond, stretch.old[first + at])
        return
    for at in range(first, last):
        yield Line(Turn.GONE, at + beyond, 0, stretch.old[at])
    for at in range(begin, end):
        yield Line(Turn.NEW, 0, at + beyond, stretch.new[at])
