# SPDX-License-Identifier: Apache-2.0
"""Whether the file one has open is still the one under its name.

Who puts a file in the place of another by renaming it leaves whoever has the old one open reading and writing what has
no name any more, and what is written there is gone with the last who holds it. The same is true of what SQLite writes
beside a file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_NOWHERE: Final = (-1, -1)


@dataclass(frozen=True, slots=True)
class SameFile:
    """A file by its name and its place on the disk, as device and inode."""

    name: Path
    place: tuple[int, int]

    @classmethod
    def at(cls, path: Path) -> Self:
        """The file that is there now. Asked before the file is opened: another that comes in between is noticed."""
        name = path.absolute()
        return cls(name, _place(name))

    def is_there(self) -> bool:
        """Whether the name still leads to it. It costs a microsecond or two."""
        return self.place == _place(self.name) != _NOWHERE


@dataclass(slots=True)
class OpenFile:
    """A SQLite file while one has it open: itself and, in WAL mode, its log and the index of that.

    Nobody removes the two while somebody has them open, nor puts others in their place; whoever empties the log leaves
    it where it is. So where one of them is gone, or is another, what is written from then on would be lost. What was
    gone once stays so, also where it comes back under its name: nobody knows what was done to it meanwhile.
    """

    itself: SameFile
    has_log: bool = True
    _beside: tuple[SameFile, ...] = ()
    _was_gone: bool = False

    @classmethod
    def at(cls, path: Path) -> Self:
        """The file that is there now, about to be opened."""
        return cls(SameFile.at(path))

    @classmethod
    def alone(cls, path: Path) -> Self:
        """The same of one that is open without a log: it is in another mode, or nobody can write to it."""
        return cls(SameFile.at(path), has_log=False)

    def was_read(self) -> None:
        """Something was read of it, so SQLite has the two open from now on, and has made them where there were none."""
        name, made = self.itself.name, ("-wal", "-shm") if self.has_log else ()
        self._beside = self._beside or tuple(SameFile.at(name.with_name(name.name + one)) for one in made)

    def is_there(self) -> bool:
        """Whether all of it is, and was whenever it was asked. It costs a microsecond or two for each."""
        self._was_gone = self._was_gone or not all(one.is_there() for one in (self.itself, *self._beside))
        return not self._was_gone


def _place(name: Path) -> tuple[int, int]:
    try:
        found = name.stat()
    except OSError:
        return _NOWHERE
    return found.st_dev, found.st_ino
