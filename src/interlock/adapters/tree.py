# SPDX-License-Identifier: Apache-2.0
"""A commit's tree as bytes: one deterministic tar, and the folder it unpacks into.

1. The tar is a function of the entries and the commit's time alone: entries sorted by the bytes of their path, no
   folders, owner 0, modes 0644, 0755 and 0777 (links), every time the commit's. It is written here and not by a
   library, because its digest is an identity that has to hold over many years and versions of libraries.
2. The format is POSIX ustar; what does not fit there (long or non-ASCII names, large numbers) is said in a pax header.
3. A folder is written only when no path leaves it, no path lies below another entry, and no link leads out of it.
"""

import hashlib
import os
import posixpath
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from interlock.domain.ids import Digest
from interlock.ports.failure import Rejected

_BLOCK: Final = 512
_NAME_BYTES: Final = 100
_LARGEST_OCTAL: Final = 8**11 - 1
_END: Final = b"\0" * (2 * _BLOCK)
_LINK_HOPS: Final = 40
_NEXT: Final = "change the commit: Interlock ships only trees that unpack the same way everywhere"


class Kind(StrEnum):
    """What stands at a path. Git knows no others, but for submodules, which have no content of their own."""

    PLAIN = "plain"
    EXECUTABLE = "executable"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree. `path` is relative, with `/`; the content of a LINK is where it points."""

    path: bytes
    kind: Kind
    content: bytes


_MODES: Final[Mapping[Kind, int]] = {Kind.PLAIN: 0o644, Kind.EXECUTABLE: 0o755, Kind.LINK: 0o777}


def write_tar(entries: Iterable[Entry], mtime: int, into: IO[bytes]) -> Digest:
    """Write the tar of `entries`, which come sorted by path; gives the digest of the bytes. `mtime` is Unix seconds."""
    hashed = hashlib.sha256()
    for entry in entries:
        for piece in _member(entry, mtime):
            hashed.update(piece)
            into.write(piece)
    hashed.update(_END)
    into.write(_END)
    return Digest("sha256:" + hashed.hexdigest())


def read_tar(path: Path) -> Iterator[Entry]:
    """The entries of a tar that `write_tar` wrote, in order, one at a time."""
    with tarfile.open(path, "r:", encoding="utf-8", errors="surrogateescape") as tar:
        for member in tar:
            name = member.name.encode("utf-8", "surrogateescape")
            if member.issym():
                yield Entry(name, Kind.LINK, member.linkname.encode("utf-8", "surrogateescape"))
                continue
            opened = tar.extractfile(member)
            if opened is None:
                raise Rejected("tree.not_a_tree", "the archive holds something that is no file and no link", _NEXT)
            kind = Kind.EXECUTABLE if member.mode & stat.S_IXUSR else Kind.PLAIN
            yield Entry(name, kind, opened.read())


def tar_time(path: Path) -> int:
    """The commit time, in Unix seconds, of a tar that `write_tar` wrote; 0 for an empty tree."""
    with tarfile.open(path, "r:", encoding="utf-8", errors="surrogateescape") as tar:
        first = tar.next()
        return 0 if first is None else int(first.mtime)


def write_folder(entries: Iterable[Entry], into: Path) -> None:
    """Write `entries`, sorted by path, into the empty or absent folder `into`.

    `Rejected` (`tree.not_empty`, `tree.unsafe_path`, `tree.escaping_link`); the folder may then hold part of the tree.
    """
    _make_empty(into)
    links: dict[bytes, bytes] = {}
    seen: set[bytes] = set()
    for entry in entries:
        _check_path(entry.path, seen)
        seen.add(entry.path)
        _write_entry(entry, into)
        if entry.kind is Kind.LINK:
            links[entry.path] = entry.content
    for path, target in links.items():
        if not _stays_inside(path, target, links):
            raise Rejected(
                "tree.escaping_link",
                f"the link '{_shown(path)}' points out of the tree, to '{_shown(target)}'",
                _NEXT,
            )


def read_folder(folder: Path) -> Iterator[Entry]:
    """The entries of a folder on disk, sorted by path as `write_tar` wants them. Other kinds of file are `Rejected`."""
    root = os.fsencode(folder)
    for path in sorted(_files_below(root, b"")):
        where = os.path.join(root, path)  # noqa: PTH118 - bytes paths, which pathlib does not know
        mode = os.lstat(where).st_mode
        if stat.S_ISLNK(mode):
            yield Entry(path, Kind.LINK, os.readlink(where))  # noqa: PTH115 - as above
        elif stat.S_ISREG(mode):
            kind = Kind.EXECUTABLE if mode & stat.S_IXUSR else Kind.PLAIN
            yield Entry(path, kind, Path(os.fsdecode(where)).read_bytes())
        else:
            raise Rejected("tree.not_a_tree", f"'{_shown(path)}' is no file and no link", _NEXT)


def make_read_only(folder: Path) -> None:
    """Take the right to write from everything below `folder`, so that nothing changes it by accident."""
    _for_each_folder(folder, _deny_writing)


def make_removable(folder: Path) -> None:
    """Undo `make_read_only` as far as removing the folder needs it."""
    _for_each_folder(folder, lambda place: place.chmod(0o755))


def _member(entry: Entry, mtime: int) -> Iterator[bytes]:
    content = b"" if entry.kind is Kind.LINK else entry.content
    target = entry.content if entry.kind is Kind.LINK else b""
    extended = b"".join(_pax_records(entry.path, target, len(content), mtime))
    if extended:
        yield _header(b"./PaxHeaders/entry", b"x", 0o644, len(extended), mtime)
        yield _padded(extended)
    typeflag = b"2" if entry.kind is Kind.LINK else b"0"
    yield _header(entry.path, typeflag, _MODES[entry.kind], len(content), mtime, target=target)
    yield _padded(content)


def _pax_records(path: bytes, target: bytes, size: int, mtime: int) -> Iterator[bytes]:
    words = {b"path": path, b"linkpath": target}
    unfit = {key: word for key, word in words.items() if len(word) > _NAME_BYTES or not word.isascii()}
    if not all(_is_utf8(word) for word in unfit.values()):
        yield _pax_record(b"hdrcharset", b"BINARY")
    for key, word in unfit.items():
        yield _pax_record(key, word)
    for key, number in ((b"size", size), (b"mtime", mtime)):
        if number > _LARGEST_OCTAL:
            yield _pax_record(key, b"%d" % number)


def _pax_record(key: bytes, value: bytes) -> bytes:
    """`LENGTH key=value`, where LENGTH counts its own digits (POSIX.1-2017, pax, extended header)."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return b"%d" % length + rest


def _header(name: bytes, typeflag: bytes, mode: int, size: int, mtime: int, *, target: bytes = b"") -> bytes:
    fields = (
        name[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0"),
        b"%07o\0" % mode,
        b"0000000\0" * 2,
        b"%011o\0" % (size if size <= _LARGEST_OCTAL else 0),
        b"%011o\0" % (mtime if mtime <= _LARGEST_OCTAL else 0),
        b" " * 8,
        typeflag,
        target[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0"),
        b"ustar\00000",
    )
    block = b"".join(fields).ljust(_BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % _BLOCK)


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _make_empty(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise Rejected("tree.not_empty", f"the folder '{into}' is not empty", "name a folder that does not exist yet")


def _check_path(path: bytes, seen: set[bytes]) -> None:
    """A tree made by hand may hold `..`, `.git` or a file below a link; a checkout of it would write elsewhere."""
    parts = path.split(b"/")
    if b"\0" in path or any(part in {b"", b".", b".."} or part.lower() == b".git" for part in parts):
        raise Rejected("tree.unsafe_path", f"the tree holds the unsafe path '{_shown(path)}'", _NEXT)
    above = (b"/".join(parts[:depth]) for depth in range(1, len(parts)))
    if path in seen or any(parent in seen for parent in above):
        raise Rejected("tree.unsafe_path", f"the tree holds '{_shown(path)}' and a file in its place", _NEXT)


def _write_entry(entry: Entry, into: Path) -> None:
    where = into / os.fsdecode(entry.path)
    where.parent.mkdir(parents=True, exist_ok=True)
    if entry.kind is Kind.LINK:
        where.symlink_to(os.fsdecode(entry.content))
        return
    descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(entry.content)
        os.fchmod(file.fileno(), _MODES[entry.kind])


def _stays_inside(path: bytes, target: bytes, links: Mapping[bytes, bytes]) -> bool:
    """Walk `target` as the system would, through the other links of the tree; a loop counts as leading out."""
    place: list[bytes] = posixpath.dirname(path).split(b"/") if b"/" in path else []
    pending = _steps(target)
    hops = 0
    while pending:
        step = pending.pop()
        if step is None or (step == b".." and not place):
            return False
        if step == b"..":
            place.pop()
            continue
        place.append(step)
        further = links.get(b"/".join(place))
        if further is not None:
            place.pop()
            pending += _steps(further)
            hops += 1
            if hops > _LINK_HOPS:
                return False
    return True


def _steps(target: bytes) -> list[bytes | None]:
    """The steps of a link's target, last first; an absolute one begins with a step that leads out."""
    steps: list[bytes | None] = [step for step in reversed(target.split(b"/")) if step not in {b"", b"."}]
    return [*steps, None] if target.startswith(b"/") else steps


def _files_below(root: bytes, below: bytes) -> Iterator[bytes]:
    with os.scandir(os.path.join(root, below)) as found:  # noqa: PTH118 - bytes paths, which pathlib does not know
        entries = list(found)
    for item in entries:
        path = item.name if not below else below + b"/" + item.name
        if item.is_dir(follow_symlinks=False):
            yield from _files_below(root, path)
        else:
            yield path


def _for_each_folder(folder: Path, act: Callable[[Path], None]) -> None:
    act(folder)
    for item in folder.iterdir():
        if item.is_dir() and not item.is_symlink():
            _for_each_folder(item, act)


def _deny_writing(folder: Path) -> None:
    for item in folder.iterdir():
        if item.is_file() and not item.is_symlink():
            item.chmod(stat.S_IMODE(item.stat().st_mode) & 0o555)
    folder.chmod(0o555)


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace").encode("unicode_escape").decode("ascii")
