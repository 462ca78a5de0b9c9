# SPDX-License-Identifier: Apache-2.0
"""A git repository on disk, read with git's own plumbing (2.31 or newer) and never with its porcelain.

What decides about a release must not depend on who looks, so nothing of the user's or the repository's configuration
is believed: no system or user configuration, no hooks, no fsmonitor, no filters, no replaced objects or grafts, no
transport, no prompt, no attributes (`export-ignore`, `export-subst`, line endings), no mailmap. Commits are parsed from
their raw objects and archives written from raw blobs. Git LFS pointers stay pointers. A tree with submodules cannot be
archived: what they hold is not in this repository. A repository of another user is read like any other, because
nothing in it can run.

A revision is `HEAD`, a full reference name, a tag, a branch, a remote branch or an object name of at least 4 hex
digits, followed by any number of `~N` and `^N`. What git would guess from beyond that (`:/text`, `v1-3-gabc`,
`@{yesterday}`) is unknown, and a name that means two commits is `Rejected` (`source.ambiguous_revision`). Names that
are not UTF-8 are carried in `str` with surrogate escapes.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from interlock.adapters import tree
from interlock.adapters.commit_object import parse_commit
from interlock.adapters.git_program import SETTINGS as _SETTINGS
from interlock.adapters.git_program import environment_of
from interlock.adapters.git_program import shown as _shown
from interlock.adapters.tree import Entry, Kind
from interlock.domain.ids import Digest
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.source import Commit, FileContent, NoSuchFile, TooLarge, Trunk

_REVISION: Final = re.compile(r"(?P<name>[^~^]+)(?P<walk>(?:[~^][0-9]{0,9})*)")
_REFERENCE_NAME: Final = re.compile(r"(?![-/.])(?!.*(?:\.\.|//|@\{|/\.))[^\x00-\x20\x7f~^:?*\[\\]+(?<![/.])")
_PLACES: Final = ("refs/tags/", "refs/heads/", "refs/remotes/")
_OBJECT_NAME: Final = re.compile(r"[0-9a-f]{4,64}")
_NEXT: Final = "list what there is with `git tag` and `git log`, and name one of those"
_GIT_ANSWERED_NO: Final = 1


@dataclass(frozen=True, slots=True)
class _Listed:
    """One line of `ls-tree`."""

    mode: str
    sha: str
    path: bytes


@dataclass(frozen=True, slots=True)
class GitRepository:
    """Reads the repository whose top (or bare) folder is `root`. `patience` bounds every call of git, in seconds."""

    root: Path
    patience: float = 120.0

    def resolve(self, revision: str) -> Commit:
        return self._commit(self._meaning(revision))

    def tagged(self, tag: str) -> Commit:
        named = self._references([f"refs/tags/{tag}"]) if _REFERENCE_NAME.fullmatch(tag) else {}
        if named:
            return self._commit(self._peeled(named[f"refs/tags/{tag}"], "", tag))
        raise Rejected(
            "source.missing_tag", f"there is no tag '{_shown(tag)}'", f"make it with `git tag {_shown(tag)}`"
        )

    def tags(self) -> Sequence[str]:
        listed = self._git("for-each-ref", "--format=%(refname)", "refs/tags/")
        return tuple(sorted(_text(line).removeprefix("refs/tags/") for line in listed.splitlines()))

    def commits(self, base: str, head: str) -> Sequence[Commit]:
        newest = self._meaning(head)
        oldest = self._base(base)
        cut = self._shallow_boundary()
        if self._run("merge-base", "--is-ancestor", oldest, newest, also=(_GIT_ANSWERED_NO,)).returncode:
            if cut:
                raise _shallow(base)
            raise Rejected(
                "source.not_ancestor",
                f"'{_shown(base)}' is not an ancestor of '{_shown(head)}'",
                f"merge or rebase, so that '{_shown(base)}' is part of the history of '{_shown(head)}'",
            )
        listed = self._git("rev-list", "--date-order", newest, f"^{oldest}").decode("ascii").split()
        if not cut.isdisjoint(listed):
            raise _shallow(base)
        return tuple(parse_commit(sha, raw) for sha, raw in zip(listed, self._objects(listed), strict=True))

    def trunk(self, revision: str) -> Trunk:
        listed = self._git("rev-list", "--first-parent", self._meaning(revision)).decode("ascii").split()
        return Trunk(tuple(listed), listed[-1] in self._shallow_boundary())

    def uncommitted(self) -> Sequence[str]:
        if self._git("rev-parse", "--is-bare-repository").strip() == b"true":
            return ()
        status = self._run(
            "status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=dirty", "--no-renames",
            settings=self._without_filters(),
        ).stdout  # fmt: skip
        return tuple(sorted(_text(line[3:]) for line in status.split(b"\0") if line))

    def read(self, revision: str, path: str) -> FileContent | NoSuchFile:
        """Links are not followed: a link, like a folder or a submodule, is no such file."""
        commit = self.resolve(revision)
        wanted = path.encode("utf-8", "surrogateescape")
        if b"\0" in wanted or any(step in {b"", b".", b".."} for step in wanted.split(b"/")):
            return NoSuchFile(path)
        for listed in self._list(commit.sha, wanted):
            if listed.path == wanted and _kind(listed) in {Kind.PLAIN, Kind.EXECUTABLE}:
                (content,) = self._objects([listed.sha])
                return FileContent(content)
        return NoSuchFile(path)

    def paths(self, revision: str) -> Sequence[str]:
        commit = self.resolve(revision)
        return tuple(_text(listed.path) for listed in self._list(commit.sha) if _kind(listed) is not None)

    def differing(self, base: str, head: str) -> Sequence[str]:
        before, after = (set(self._list(self.resolve(revision).sha)) for revision in (base, head))
        return tuple(_text(path) for path in sorted({listed.path for listed in before ^ after}))

    def contents(self, revision: str, paths: Sequence[str], most: int) -> Sequence[FileContent | NoSuchFile | TooLarge]:
        wanted = [path.encode("utf-8", "surrogateescape") for path in paths]
        there = {one.path: one.sha for one in self._list(self.resolve(revision).sha) if _kind(one) is not None}
        shas = [there[path] for path in wanted if path in there]
        sizes = dict(zip(shas, self._sizes(shas), strict=True))
        read = [sha for sha in dict.fromkeys(shas) if sizes[sha] <= most]
        found = dict(zip(read, self._objects(read), strict=True))
        return tuple(
            NoSuchFile(path)
            if raw not in there
            else FileContent(found[there[raw]])
            if there[raw] in found
            else TooLarge(sizes[there[raw]])
            for path, raw in zip(paths, wanted, strict=True)
        )

    def archive(self, revision: str, into: Path) -> Digest:
        """`into` appears whole or not at all."""
        commit = self.resolve(revision)
        with tempfile.NamedTemporaryFile(dir=into.parent, prefix=f".{into.name}.", delete=False) as file:
            unfinished = Path(file.name)
            try:
                digest = tree.write_tar(self._entries(commit), int(commit.committed_at.timestamp()), file.file)
                file.flush()
                os.fsync(file.fileno())
                unfinished.chmod(0o644)
                unfinished.replace(into)
            finally:
                unfinished.unlink(missing_ok=True)
        return digest

    def export(self, revision: str, into: Path) -> None:
        tree.write_folder(self._entries(self.resolve(revision)), into)

    def _meaning(self, revision: str) -> str:
        """The full name of the one commit that `revision` means."""
        found = _REVISION.fullmatch(revision)
        if found is None or _REFERENCE_NAME.fullmatch(found["name"]) is None:
            raise _unknown(revision)
        name, walk = found["name"], found["walk"]
        places = [name] if name == "HEAD" or name.startswith("refs/") else [f"{place}{name}" for place in _PLACES]
        objects = set(self._references(places).values())
        if _OBJECT_NAME.fullmatch(name):
            objects |= self._objects_named(name)
        commits = {self._peeled(sha, walk, revision) for sha in objects}
        if len(commits) > 1:
            raise Rejected(
                "source.ambiguous_revision",
                f"'{_shown(revision)}' means {len(commits)} different commits",
                "name it in full: `refs/tags/...`, `refs/heads/...` or the whole object name",
            )
        if not commits:
            raise _unknown(revision)
        return commits.pop()

    def _base(self, base: str) -> str:
        try:
            return self._meaning(base)
        except Rejected as unknown:
            if unknown.code == "source.unknown_revision" and self._shallow_boundary():
                raise _shallow(base) from unknown
            raise

    def _references(self, names: Sequence[str]) -> dict[str, str]:
        """What each of these full reference names points at; those that do not exist are left out."""
        found: dict[str, str] = {}
        if "HEAD" in names:
            answer = self._run("rev-parse", "--verify", "--quiet", "HEAD", also=(_GIT_ANSWERED_NO,))
            return {"HEAD": answer.stdout.decode("ascii").strip()} if answer.returncode == 0 else {}
        for line in self._git("for-each-ref", "--format=%(objectname) %(refname)", *names).splitlines():
            sha, name = line.split(b" ", 1)
            if _text(name) in names:
                found[_text(name)] = sha.decode("ascii")
        return found

    def _objects_named(self, name: str) -> set[str]:
        """Commits and tags whose object name begins with `name`."""
        listed = self._git("rev-parse", f"--disambiguate={name}").decode("ascii").split()
        pairs = (line.split() for line in self._kinds(listed).splitlines())
        return {sha for sha, kind in pairs if kind in {"commit", "tag"}}

    def _peeled(self, sha: str, walk: str, revision: str) -> str:
        words = self._kinds([f"{sha}^{{commit}}{walk}"]).split()
        if words[1:] != ["commit"]:
            raise _unknown(revision)
        return words[0]

    def _commit(self, sha: str) -> Commit:
        (raw,) = self._objects([sha])
        return parse_commit(sha, raw)

    def _list(self, sha: str, *below: bytes) -> Sequence[_Listed]:
        listed = self._git("ls-tree", *(() if below else ("-r",)), "-z", "--full-tree", sha, "--", *below)
        rows = (row.split(b"\t", 1) for row in listed.split(b"\0") if row)
        parsed = ((meta.decode("ascii").split(), path) for meta, path in rows)
        return sorted((_Listed(meta[0], meta[2], path) for meta, path in parsed), key=lambda row: row.path)

    def _entries(self, commit: Commit) -> Iterator[Entry]:
        listed = self._list(commit.sha)
        for row in listed:
            if _kind(row) is None:
                raise Rejected(
                    "source.submodule",
                    f"'{_shown(_text(row.path))}' is a submodule, whose content is not in this repository",
                    "copy its content into the repository, or ship a built artifact by its digest",
                )
        for row, content in zip(listed, self._objects([row.sha for row in listed]), strict=True):
            yield Entry(row.path, _kind(row) or Kind.PLAIN, content)

    def _objects(self, shas: Sequence[str]) -> Iterator[bytes]:
        """The raw content of each object, one in memory at a time; git writes them to a file so that it cannot hang."""
        with tempfile.TemporaryFile() as answers:
            self._run("cat-file", "--batch", feed="".join(f"{sha}\n" for sha in shas).encode(), answers=answers)
            answers.seek(0)
            for sha in shas:
                words = answers.readline().split()
                if words[-1:] == [b"missing"] or len(words) != len(("sha", "type", "size")):
                    raise Rejected(
                        "source.incomplete",
                        f"the repository lacks the object {sha}",
                        "fetch the whole repository (a partial clone is not enough), and run `git fsck`",
                    )
                yield answers.read(int(words[2]))
                answers.read(1)

    def _sizes(self, shas: Sequence[str]) -> Sequence[int]:
        """Bytes of each object; of one that is missing 0, so that reading it says what is wrong."""
        feed = "".join(f"{sha}\n" for sha in shas).encode()
        told = self._run("cat-file", "--batch-check=%(objectsize)", feed=feed).stdout.decode("ascii")
        return tuple(int(line) if line.isdecimal() else 0 for line in told.splitlines())

    def _kinds(self, names: Iterable[str]) -> str:
        feed = "".join(f"{name}\n" for name in names).encode()
        return self._run("cat-file", "--batch-check=%(objectname) %(objecttype)", feed=feed).stdout.decode("ascii")

    def _shallow_boundary(self) -> frozenset[str]:
        where = Path(os.fsdecode(self._git("rev-parse", "--git-path", "shallow").rstrip(b"\n")))
        try:
            return frozenset((self.root / where).read_text(encoding="ascii").split())
        except FileNotFoundError:
            return frozenset()

    def _without_filters(self) -> Sequence[tuple[str, str]]:
        """Settings that turn every configured filter into none: `git status` would run them on changed files.

        A file that only differs by its filter then counts as changed, which errs on the careful side.
        """
        listed = self._run("config", "--name-only", "-z", "--get-regexp", r"^filter\.", also=(_GIT_ANSWERED_NO,)).stdout
        drivers = {_text(name).rpartition(".")[0] for name in listed.split(b"\0") if name}
        words = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
        return [(f"{driver}.{word}", value) for driver in sorted(drivers) for word, value in words]

    def _git(self, *arguments: str | bytes) -> bytes:
        return self._run(*arguments).stdout

    def _run(
        self,
        *arguments: str | bytes,
        feed: bytes = b"",
        answers: BinaryIO | int = subprocess.PIPE,
        settings: Sequence[tuple[str, str]] = (),
        also: tuple[int, ...] = (),
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git on this repository and nowhere above it. Exit codes other than 0 and `also` are faults."""
        environment = environment_of(self.root, [*_SETTINGS, *settings])
        program = shutil.which("git")
        if program is None:
            raise Unavailable("source.no_git", "git is not installed", "install git 2.31 or newer")
        try:
            ended = subprocess.run(
                [program, "--no-pager", "-C", os.fspath(self.root), *arguments],
                env=environment,
                input=feed,
                stdout=answers,
                stderr=subprocess.PIPE,
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise Unavailable(
                "source.timeout", f"git did not answer within {self.patience:g} s", "try again, or look at the disk"
            ) from late
        if ended.returncode not in (0, *also):
            raise _fault(self.root, ended.stderr)
        return ended


def _kind(listed: _Listed) -> Kind | None:
    match listed.mode:
        case "120000":
            return Kind.LINK
        case "160000" | "040000":
            return None
        case mode:
            return Kind.EXECUTABLE if int(mode, 8) & 0o100 else Kind.PLAIN


def _fault(root: Path, stderr: bytes) -> Rejected | Unavailable:
    words = _text(stderr)
    if "not a git repository" in words or "cannot change to" in words:
        return Rejected(
            "source.not_a_repository",
            f"'{root}' is not the top folder of a git repository",
            "name the folder that holds `.git`, or make one with `git init`",
        )
    if "dubious ownership" in words:
        return Rejected(
            "source.not_trusted",
            f"'{root}' belongs to another user, and this version of git does not read it",
            "use git 2.38 or newer, or run as the owner of the repository",
        )
    said = _shown(words.strip().partition("\n")[0])
    return Unavailable("source.git_failed", f"git failed: {said}", "run `git fsck` in the repository and look there")


def _unknown(revision: str) -> Rejected:
    return Rejected("source.unknown_revision", f"there is no commit '{_shown(revision)}' in the repository", _NEXT)


def _shallow(base: str) -> Rejected:
    return Rejected(
        "source.shallow",
        f"the clone is shallow: its history ends before all of what follows '{_shown(base)}' is known",
        "fetch the whole history with `git fetch --unshallow`",
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
