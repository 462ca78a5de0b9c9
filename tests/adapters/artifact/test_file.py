# SPDX-License-Identifier: Apache-2.0
import stat
from pathlib import Path

import pytest

from interlock.adapters.artifact.file import FileArtifacts
from interlock.domain.ids import Digest, digest_of
from interlock.ports.failure import Rejected, Unavailable
from interlock.testing.contracts.artifact import OTHER, WANTED, ArtifactContract


class FileRig:
    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "dist").mkdir()

    def source(self) -> FileArtifacts:
        return FileArtifacts(self.place, self.place / "store")

    def publish(self, content: bytes) -> str:
        reference = f"dist/{len(list((self.place / 'dist').iterdir()))}.whl"
        (self.place / reference).write_bytes(content)
        return reference

    def publish_again(self, reference: str, content: bytes) -> None:
        (self.place / reference).write_bytes(content)

    def content(self, path: Path) -> bytes:
        return path.read_bytes()

    def damage(self, path: Path) -> None:
        path.chmod(0o644)
        path.write_bytes(b"damaged")

    def interrupt(self, digest: Digest) -> None:
        incoming = self.place / "store" / ".incoming"
        incoming.mkdir(parents=True)
        (incoming / f"{digest.removeprefix('sha256:')}.file").write_bytes(b"half")


class TestFileArtifacts(ArtifactContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FileRig:
        return FileRig(tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> FileRig:
    return FileRig(tmp_path)


def test_the_digest_is_that_of_the_bytes(files: FileRig) -> None:
    assert files.source().identify(files.publish(WANTED)) == digest_of(WANTED)


def test_content_in_the_store_outlives_its_origin(files: FileRig) -> None:
    reference = files.publish(WANTED)
    first = files.source().fetch(reference, digest_of(WANTED))
    files.publish_again(reference, OTHER)
    assert (files.source().fetch(reference, digest_of(WANTED)), first.read_bytes()) == (first, WANTED)


def test_damaged_content_whose_origin_changed_is_rejected(files: FileRig) -> None:
    reference = files.publish(WANTED)
    files.damage(files.source().fetch(reference, digest_of(WANTED)))
    files.publish_again(reference, OTHER)
    with pytest.raises(Rejected) as refusal:
        files.source().fetch(reference, digest_of(WANTED))
    assert refusal.value.code == "artifact.digest_mismatch"


def test_a_rejected_fetch_leaves_nothing(files: FileRig) -> None:
    reference = files.publish(WANTED)
    with pytest.raises(Rejected):
        files.source().fetch(reference, digest_of(OTHER))
    assert not [path for path in (files.place / "store").rglob("*") if path.is_file() and path.parent.name != ".locks"]


def test_stored_content_cannot_be_written(files: FileRig) -> None:
    path = files.source().fetch(files.publish(WANTED), digest_of(WANTED))
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_a_folder_is_no_file(files: FileRig) -> None:
    with pytest.raises(Rejected) as refusal:
        files.source().identify("dist")
    assert refusal.value.code == "artifact.unknown_reference"


def test_a_store_that_cannot_be_used_is_unavailable(files: FileRig) -> None:
    (files.place / "store").write_text("a file in the way")
    with pytest.raises(Unavailable) as failure:
        files.source().fetch(files.publish(WANTED), digest_of(WANTED))
    assert failure.value.code == "artifact.store_failed"


def test_a_file_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as failure:
        FileArtifacts(Path("/proc/self"), tmp_path).identify("mem")
    assert failure.value.code == "artifact.unreadable"
