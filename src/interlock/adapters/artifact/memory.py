# SPDX-License-Identifier: Apache-2.0
"""Artifacts that a test, a demo or a simulation wrote down: a mapping from references to bytes.

`contents` may be changed by whoever made it; that is how a reference comes to mean something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlock.adapters.content import ContentStore
from interlock.domain.ids import Digest, digest_of
from interlock.ports.failure import Rejected


@dataclass(frozen=True, slots=True)
class MemoryArtifacts:
    contents: Mapping[str, bytes]
    store: Path

    def identify(self, reference: str) -> Digest:
        return digest_of(self._content(reference))

    def fetch(self, reference: str, digest: Digest) -> Path:
        def bring(into: Path) -> Digest:
            content = self._content(reference)
            into.write_bytes(content)
            return digest_of(content)

        return ContentStore(self.store).file(digest, ".file", bring)

    def _content(self, reference: str) -> bytes:
        if reference not in self.contents:
            raise Rejected("artifact.unknown_reference", f"there is no artifact {reference!r}", "script its content")
        return self.contents[reference]
