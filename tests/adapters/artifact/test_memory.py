# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from interlock.adapters.artifact.memory import MemoryArtifacts
from interlock.domain.ids import Digest
from interlock.testing.contracts.artifact import ArtifactContract


class MemoryRig:
    def __init__(self, place: Path) -> None:
        self.store = place / "store"
        self.contents: dict[str, bytes] = {}

    def source(self) -> MemoryArtifacts:
        return MemoryArtifacts(self.contents, self.store)

    def publish(self, content: bytes) -> str:
        reference = f"thing-{len(self.contents)}"
        self.contents[reference] = content
        return reference

    def publish_again(self, reference: str, content: bytes) -> None:
        self.contents[reference] = content

    def content(self, path: Path) -> bytes:
        return path.read_bytes()

    def damage(self, path: Path) -> None:
        path.chmod(0o644)
        path.write_bytes(b"damaged")

    def interrupt(self, digest: Digest) -> None:
        (self.store / ".incoming").mkdir(parents=True)
        (self.store / ".incoming" / f"{digest.removeprefix('sha256:')}.file").write_bytes(b"half")


class TestMemoryArtifacts(ArtifactContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> MemoryRig:
        return MemoryRig(tmp_path)
