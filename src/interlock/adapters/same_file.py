# SPDX-License-Identifier: Apache-2.0
"""Whether the file one has open is still the one under its name.

Who puts a file in the place of another by renaming it leaves whoever has the old one open reading and writing what has
no name any more, and what is written there is gone with the last who holds it.
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


def _place(name: Path) -> tuple[int, int]:
    try:
        found = name.stat()
    except OSError:
        return _NOWHERE
    return found.st_dev, found.st_ino
