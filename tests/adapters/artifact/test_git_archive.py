# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import stat
from pathlib import Path

import pytest
from tests.adapters.source.telling import commit_all, git, new_repository

from interlock.adapters.artifact.git_archive import GitArchives
from interlock.adapters.source.git import GitRepository
from interlock.domain.ids import Digest
from interlock.ports.failure import Rejected
from interlock.testing.contracts.artifact import OTHER, WANTED, ArtifactContract


class GitRig:
    """Every publication is a tag; content is the one file of its tree, at one time, so equal content is one digest."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.root = new_repository(place / "repository")

    def source(self) -> GitArchives:
        return GitArchives(GitRepository(self.root), self.place / "store")

    def publish(self, content: bytes) -> str:
        reference = f"v1.{len(git(self.root, 'tag').split())}.0"
        self.publish_again(reference, content)
        return reference

    def publish_again(self, reference: str, content: bytes) -> None:
        (self.root / "bin").mkdir(exist_ok=True)
        (self.root / "bin/app").write_bytes(content)
        (self.root / "bin/app").chmod(0o755)
        commit_all(self.root, reference)
        git(self.root, "tag", "--force", reference)

    def content(self, path: Path) -> bytes:
        return (path / "bin/app").read_bytes()

    def damage(self, path: Path) -> None:
        (path / "bin/app").chmod(0o755)
        (path / "bin/app").write_bytes(b"damaged")

    def interrupt(self, digest: Digest) -> None:
        name = digest.removeprefix("sha256:")
        half = self.place / "store/.incoming" / name
        half.mkdir(parents=True)
        (half / "half").touch()
        half.chmod(0o555)
        (self.place / "store/.incoming" / f"{name}.tar").write_bytes(b"half")
        (self.place / "store" / f"{name}.tar").unlink(missing_ok=True)


class TestGitArchives(ArtifactContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> GitRig:
        return GitRig(tmp_path)


@pytest.fixture
def archives(tmp_path: Path) -> GitRig:
    return GitRig(tmp_path)


def fetched(archives: GitRig, reference: str) -> Path:
    return archives.source().fetch(reference, archives.source().identify(reference))


def test_the_folder_is_read_only_and_executables_stay_so(archives: GitRig) -> None:
    folder = fetched(archives, archives.publish(WANTED))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "bin", folder / "bin/app")]
    assert modes == [0o555, 0o555, 0o555]


def test_the_archive_lies_beside_the_folder(archives: GitRig) -> None:
    folder = fetched(archives, archives.publish(WANTED))
    assert folder.with_name(f"{folder.name}.tar").is_file()


@pytest.mark.parametrize("change", ["added", "removed", "mode", "link", "pipe", "gone"])
def test_a_folder_that_was_changed_is_unpacked_again(archives: GitRig, change: str) -> None:
    reference = archives.publish(WANTED)
    folder = fetched(archives, reference)
    for path in (folder, folder / "bin", folder / "bin/app"):
        path.chmod(0o755)
    match change:
        case "added":
            (folder / "extra").touch()
        case "removed":
            (folder / "bin/app").unlink()
        case "mode":
            (folder / "bin/app").chmod(0o644)
        case "pipe":
            os.mkfifo(folder / "pipe")
        case "gone":
            shutil.rmtree(folder)
            folder.touch()
        case _:
            (folder / "bin/app").unlink()
            (folder / "bin/app").symlink_to("/etc/passwd")
    again = fetched(archives, reference)
    found = [path.relative_to(again).as_posix() for path in sorted(again.rglob("*"))]
    assert (found, archives.content(again), (again / "bin/app").is_symlink()) == (["bin", "bin/app"], WANTED, False)


def test_a_damaged_archive_is_made_again(archives: GitRig) -> None:
    reference = archives.publish(WANTED)
    folder = fetched(archives, reference)
    archive = folder.with_name(f"{folder.name}.tar")
    archive.chmod(0o644)
    archive.write_bytes(b"damaged")
    assert archives.content(fetched(archives, reference)) == WANTED


def test_a_moved_tag_does_not_bring_other_content(archives: GitRig, tmp_path: Path) -> None:
    reference = archives.publish(WANTED)
    digest = archives.source().identify(reference)
    archives.publish_again(reference, OTHER)
    elsewhere = GitArchives(GitRepository(archives.root), tmp_path / "fresh")
    with pytest.raises(Rejected) as refusal:
        elsewhere.fetch(reference, digest)
    assert refusal.value.code == "artifact.digest_mismatch"


def test_content_in_the_store_outlives_the_tag(archives: GitRig) -> None:
    reference = archives.publish(WANTED)
    digest = archives.source().identify(reference)
    git(archives.root, "tag", "--delete", reference)
    assert archives.content(archives.source().fetch(reference, digest)) == WANTED


def test_a_link_out_of_the_tree_is_refused(archives: GitRig) -> None:
    archives.publish(WANTED)
    (archives.root / "out").symlink_to("../../etc/passwd")
    commit_all(archives.root)
    with pytest.raises(Rejected) as refusal:
        fetched(archives, "HEAD")
    assert refusal.value.code == "tree.escaping_link"


def test_an_empty_tree_is_an_empty_folder(archives: GitRig) -> None:
    commit_all(archives.root)
    assert not list(fetched(archives, "HEAD").iterdir())
