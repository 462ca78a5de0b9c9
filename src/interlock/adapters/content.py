# SPDX-License-Identifier: Apache-2.0
"""A folder in which content is kept under its digest, read-only, and believed only after it was read again.

1. Content is written beside its place and renamed into it; an interrupted write is never taken for content, and the
   next one removes it.
2. Whoever fills a place holds that place's lock, so two processes that want the same content do the work once. The
   lock is the kernel's: it ends with the process that held it.
3. Nothing found here is trusted by its name: it is hashed at every fetch, and what is damaged is made again. That also
   covers what a power failure may have lost, so unpacked folders are not flushed file by file.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from interlock.adapters import tree
from interlock.domain.ids import Digest, parse_digest
from interlock.ports.failure import Rejected, Unavailable

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ContentStore:
    """The folder `root`, made when it is first needed. Several processes may use it at once."""

    root: Path

    def file(self, digest: Digest, suffix: str, write: Callable[[Path], Digest]) -> Path:
        """The file of that digest, written by `write` (which gives the digest of what it wrote) unless it is whole.

        `Rejected` (`artifact.digest_mismatch`) when what `write` brings is something else.
        """
        place = self._place(digest, suffix)
        with self._alone(place.name):
            if is_whole(place, digest):
                return place
            unfinished = self._unfinished(place.name)
            found = write(unfinished)
            if found != digest:
                unfinished.unlink()
                raise mismatch(digest, found)
            _settle(unfinished, place)
        return place

    def adopt(self, name: str, suffix: str, write: Callable[[Path], Digest]) -> Digest:
        """Write content whose digest is not known yet and keep it; `name` keeps two writers of the same thing apart."""
        with self._alone(f"{name}.new"):
            unfinished = self._unfinished(f"{name}.new")
            digest = write(unfinished)
            place = self._place(digest, suffix)
            with self._alone(place.name):
                if is_whole(place, digest):
                    unfinished.unlink()
                else:
                    _settle(unfinished, place)
        return digest

    def folder(self, digest: Digest, archive: Path) -> Path:
        """The unpacked folder of `archive`, which is whole and has that digest."""
        place = self._place(digest, "")
        with self._alone(place.name):
            if _is_unpacked(place, digest, archive):
                return place
            _remove(place)
            unfinished = self._unfinished(place.name)
            tree.write_folder(tree.read_tar(archive), unfinished)
            tree.make_read_only(unfinished)
            unfinished.chmod(0o755)  # a folder that cannot be written cannot be moved by another user than root
            unfinished.rename(place)
            place.chmod(0o555)
        return place

    def _place(self, digest: Digest, suffix: str) -> Path:
        return self.root / f"{parse_digest(digest).removeprefix('sha256:')}{suffix}"

    def _unfinished(self, name: str) -> Path:
        """Where to write before renaming; call it under the lock, which is what makes a leftover ours to remove."""
        unfinished = self.root / ".incoming" / name
        unfinished.parent.mkdir(exist_ok=True)
        _remove(unfinished)
        return unfinished

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        locks = self.root / ".locks"
        try:
            locks.mkdir(parents=True, exist_ok=True)
            with (locks / name).open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as fault:
            raise Unavailable(
                "artifact.store_failed",
                f"the content store '{self.root}' cannot be used: {fault.strerror}",
                "look at the disk space and the rights of that folder",
            ) from fault


def is_whole(place: Path, digest: Digest) -> bool:
    """Whether the file is there and its bytes have that digest."""
    return place.is_file() and hash_file(place) == digest


def hash_file(place: Path) -> Digest:
    """The digest of a file's bytes."""
    with place.open("rb") as file:
        return Digest("sha256:" + hashlib.file_digest(file, "sha256").hexdigest())


def copy_file(origin: Path, into: Path) -> Digest:
    """Copy a file; the digest is of the bytes that were copied, whatever happens to the origin meanwhile."""
    hashed = hashlib.sha256()
    with origin.open("rb") as source, into.open("wb") as target:
        while piece := source.read(_PIECE):
            hashed.update(piece)
            target.write(piece)
    return Digest("sha256:" + hashed.hexdigest())


def mismatch(wanted: Digest, found: Digest) -> Rejected:
    """The refusal of content that is not what was decided about."""
    return Rejected(
        "artifact.digest_mismatch",
        f"the content is {found}, but {wanted} was decided about",
        "make a new release of what is there now, or restore what was decided about",
    )


def _settle(unfinished: Path, place: Path) -> None:
    unfinished.chmod(0o444)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(place)
    _flush_folder(place.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_unpacked(place: Path, digest: Digest, archive: Path) -> bool:
    """Packing the folder again gives the same digest only if nothing in it was changed, added or removed."""
    if not place.is_dir():
        return False
    with Path(os.devnull).open("wb") as nowhere:
        try:
            return tree.write_tar(tree.read_folder(place), tree.tar_time(archive), nowhere) == digest
        except Rejected:
            return False


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        tree.make_removable(place)
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
