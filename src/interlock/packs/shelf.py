# SPDX-License-Identifier: Apache-2.0
"""The packs that come with Interlock, by name."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

PACK_FILE: Final = "pack.yaml"
"""The file of a pack in its folder; its scenarios stand beside it."""
_LIBRARY: Final = files("interlock.packs").joinpath("library")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Reads the library that is part of the package."""

    def names(self) -> tuple[str, ...]:
        """Every pack of the library."""
        return tuple(sorted(one.name for one in _LIBRARY.iterdir() if one.joinpath(PACK_FILE).is_file()))

    def folder(self, name: str) -> Traversable | None:
        """A pack's folder; None when the library has none of that name."""
        return _LIBRARY.joinpath(name) if name in self.names() else None

    def pack(self, name: str) -> bytes | None:
        """A pack's text; None when the library has none of that name."""
        folder = self.folder(name)
        return folder.joinpath(PACK_FILE).read_bytes() if folder else None
