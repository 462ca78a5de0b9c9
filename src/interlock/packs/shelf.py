# SPDX-License-Identifier: Apache-2.0
"""The packs that come with Interlock, by name."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_LIBRARY: Final = "library"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Reads the library that is part of the package."""

    def names(self) -> tuple[str, ...]:
        """Every pack of the library."""
        folders = files("interlock.packs").joinpath(_LIBRARY).iterdir()
        return tuple(sorted(folder.name for folder in folders if folder.joinpath("pack.yaml").is_file()))

    def pack(self, name: str) -> bytes | None:
        """A pack's text; None when the library has none of that name."""
        return self._read(name) if name in self.names() else None

    def _read(self, name: str) -> bytes:
        return files("interlock.packs").joinpath(_LIBRARY, name, "pack.yaml").read_bytes()
