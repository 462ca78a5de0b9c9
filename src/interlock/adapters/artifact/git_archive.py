# SPDX-License-Identifier: Apache-2.0
"""A release that is its source: the deterministic archive of one commit.

The reference is a revision, the identity the digest of the commit's archive, the place `<store>/<hex>` with the tree
unpacked and read-only, beside `<store>/<hex>.tar`. The commit is needed only once: later the store has it.
"""

from dataclasses import dataclass
from pathlib import Path

from interlock.adapters.content import ContentStore
from interlock.domain.ids import Digest
from interlock.ports.source import SourceRepository


@dataclass(frozen=True, slots=True)
class GitArchives:
    """Archives of the commits of `source`, kept in the folder `store`."""

    source: SourceRepository
    store: Path

    def identify(self, reference: str) -> Digest:
        commit = self.source.resolve(reference)
        return ContentStore(self.store).adopt(commit.sha, ".tar", lambda into: self.source.archive(commit.sha, into))

    def fetch(self, reference: str, digest: Digest) -> Path:
        content = ContentStore(self.store)
        archive = content.file(digest, ".tar", lambda into: self.source.archive(reference, into))
        return content.folder(digest, archive)
