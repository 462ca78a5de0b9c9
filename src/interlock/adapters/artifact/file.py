# SPDX-License-Identifier: Apache-2.0
"""A release that is one file: a wheel, a jar, a binary, a bundle.

The reference is a path, absolute or below `root`; links are followed. The place is `<store>/<hex>.file`, read-only and
without the right to execute: identity is the bytes, and a right is not part of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from interlock.adapters.content import ContentStore, copy_file, hash_file
from interlock.domain.ids import Digest
from interlock.ports.failure import Rejected, Unavailable


@dataclass(frozen=True, slots=True)
class FileArtifacts:
    """Files below `root`, kept in the folder `store`."""

    root: Path
    store: Path

    def identify(self, reference: str) -> Digest:
        return _read(self._origin(reference), hash_file)

    def fetch(self, reference: str, digest: Digest) -> Path:
        def bring(into: Path) -> Digest:
            return _read(self._origin(reference), lambda origin: copy_file(origin, into))

        return ContentStore(self.store).file(digest, ".file", bring)

    def _origin(self, reference: str) -> Path:
        origin = self.root / reference
        if reference and "\0" not in reference and origin.is_file():
            return origin
        raise Rejected(
            "artifact.unknown_reference",
            f"there is no file {reference!r} below '{self.root}'",
            "build it first, and name it by its path",
        )


def _read(origin: Path, act: Callable[[Path], Digest]) -> Digest:
    try:
        return act(origin)
    except OSError as fault:
        raise Unavailable(
            "artifact.unreadable",
            f"'{origin}' cannot be copied: {fault.strerror}",
            "look at its rights and at the disk",
        ) from fault
