# SPDX-License-Identifier: Apache-2.0
"""Where the content that is shipped comes from.

1. `identify` gives the digest of the content that the reference names *now*; the content, never the name, is identity.
2. `fetch` brings exactly the content of that digest into a content-addressed place and gives its path; content that
   no longer has that digest is `Rejected` (code `artifact.digest_mismatch`). A second fetch does no work twice.
   For a source archive the path is its unpacked folder; for a file the file; for an OCI reference a file that holds
   the pinned reference.
3. An interrupted fetch leaves nothing that a later one could mistake for the content.
"""

from pathlib import Path
from typing import Protocol

from interlock.domain.ids import Digest


class ArtifactSource(Protocol):
    """One way of naming and fetching artifacts."""

    def identify(self, reference: str) -> Digest: ...

    def fetch(self, reference: str, digest: Digest) -> Path: ...
