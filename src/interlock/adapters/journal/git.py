# SPDX-License-Identifier: Apache-2.0
"""A git repository that records are committed to, with git's plumbing (2.31 or newer) on its object database.

An entry is built in an index of its own (`GIT_INDEX_FILE`), committed with `commit-tree` and put on its branch with
`update-ref` and the value it was built on, so whoever is faster wins and the loser builds anew. No working tree, no
index of anybody's, no hook and no filter is touched. A branch that any worktree has checked out is left alone; one that
is a symbolic reference is refused, since moving it would move another.

What asks people to take a branch in is a program of the team's own: it runs in the repository's folder, without a shell
and without our environment, once per key.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from interlock.adapters.git_program import SETTINGS, environment_of, shown
from interlock.adapters.jobs import (
    Absent,
    Ended,
    Exited,
    InPlace,
    Jobs,
    JobSpec,
    Limits,
    Underway,
    Vanished,
    describe,
)
from interlock.adapters.journal_entry import require_writable
from interlock.adapters.wording import one_line
from interlock.domain.ids import EffectKey
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.journal import (
    TRAILER,
    Entry,
    NotProposed,
    ProposalFailed,
    ProposalProgress,
    Proposed,
    Proposing,
    Written,
)

RACES: Final = 20
"""How often an entry is built anew because somebody else was faster."""
_SETTINGS: Final = (
    *SETTINGS,
    ("core.splitIndex", "false"),
    ("core.sparseCheckout", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("commit.gpgSign", "false"),
)
_NOTHING_MORE: Final[Mapping[str, str]] = MappingProxyType({})
_NO: Final = 1
_UNWRITABLE: Final = ("Permission denied", "insufficient permission", "Read-only file", "Operation not permitted")
_UNMADE: Final = ("No space left", "File too large", "Disk quota exceeded")
_PLAIN_FILES: Final = frozenset({"100644", "100755"})
_FOLDER: Final = "040000"


@dataclass(frozen=True, slots=True)
class GitJournal:
    """Writes into the repository whose top (or bare) folder is `root`.

    `request` is the program that asks for a branch to be taken in, with `timeout` in seconds; its jobs are kept in
    `state`. `patience` bounds every call of git, in seconds.
    """

    root: Path
    state: Path
    request: tuple[str, ...] = ()
    timeout: float = 120
    patience: float = 60.0

    def write(self, entry: Entry) -> Written:
        require_writable(entry)
        self._require_base(entry.base)
        for branch in dict.fromkeys((entry.branch, entry.instead)):
            found = self._written(entry, branch)
            if found:
                return Written(branch, found)
        return self._put(entry, self._free_branch(entry))

    def propose(self, branch: str, key: EffectKey) -> None:
        if not self.request:
            raise Rejected("journal.no_request", "no program is bound that asks for it", "bind records.pull_request")
        environment = {"HOME": pwd.getpwuid(os.geteuid()).pw_dir}
        limits = Limits(self.timeout, output_bytes=100_000)
        argv = (*self.request, branch)
        self._jobs.start(JobSpec(branch, argv, environment, InPlace(self.root), limits), key)

    def proposal(self, key: EffectKey) -> ProposalProgress:
        match self._jobs.observe(key):
            case Absent():
                return NotProposed()
            case Underway():
                return Proposing()
            case Vanished(why):
                return ProposalFailed(f"the program was lost: {why}")
            case Ended(end=Exited(0)) as ended:
                return Proposed(one_line(ended.tail) or "the program ended well")
            case Ended() as ended:
                return ProposalFailed(one_line(f"{describe(ended.end, self._limits())}: {one_line(ended.tail)}"))

    @property
    def _jobs(self) -> Jobs:
        return Jobs(self.state / "jobs", self.state / "scratch")

    def _limits(self) -> Limits:
        return Limits(self.timeout)

    def _require_base(self, base: str) -> None:
        if self._run("cat-file", "-e", f"{base}^{{commit}}", also=(_NO, 128)).returncode:
            self._run("rev-parse", "--git-dir")  # says first what is wrong with the repository itself
            sentence = f"the repository has no commit {shown(base)}"
            raise Rejected("journal.no_base", sentence, "fetch the whole history with `git fetch --unshallow`")

    def _written(self, entry: Entry, branch: str) -> str:
        """The commit on the branch that is this effect; empty when there is none."""
        tip = self._tip(branch)
        if not tip:
            return ""
        wanted = f"{TRAILER}: {entry.key}"
        likely = self._text("rev-list", "--fixed-strings", f"--grep={wanted}", tip, f"^{entry.base}").split()
        for sha in likely:
            _, _, message = self._text("cat-file", "commit", sha).partition("\n\n")
            if wanted in message.rstrip("\n").rpartition("\n\n")[2].splitlines():
                return sha
        return ""

    def _free_branch(self, entry: Entry) -> str:
        """The branch, unless somebody works on it."""
        taken = self._checked_out()
        for branch in dict.fromkeys((entry.branch, entry.instead)):
            if branch not in taken:
                return branch
        sentence = f"branch {entry.instead} is checked out, so it is not moved"
        raise Unavailable("journal.checked_out", sentence, "check out another branch; it is tried again")

    def _checked_out(self) -> frozenset[str]:
        listed = self._text("worktree", "list", "--porcelain").splitlines()
        heads = (line.removeprefix("branch ") for line in listed if line.startswith("branch "))
        return frozenset(head.removeprefix("refs/heads/") for head in heads)

    def _put(self, entry: Entry, branch: str) -> Written:
        """Build it on the tip and move the branch there, as long as nobody else does."""
        reference = f"refs/heads/{branch}"
        if self._run("symbolic-ref", "--quiet", reference, also=(_NO, 128)).returncode == 0:
            sentence = f"branch {branch} stands for another branch"
            raise Rejected("journal.bad_branch", sentence, "name another under records.branch")
        for _ in range(RACES):
            tip = self._tip(branch)
            commit = self._built(entry, tip or entry.base)
            before = tip or "0" * len(commit)
            moved = self._run(
                "update-ref", "-m", f"interlock: {entry.key}", reference, commit, before,
                also=(_NO, 128), more=_identity(entry),
            )  # fmt: skip
            if moved.returncode == 0:
                return Written(branch, commit)
            if self._tip(branch) == tip:
                raise _fault(self.root, moved.stderr)
            found = self._written(entry, branch)
            if found:
                return Written(branch, found)
        sentence = f"branch {branch} was moved by others {RACES} times in a row"
        raise Unavailable("journal.contended", sentence, "it is tried again")

    def _tip(self, branch: str) -> str:
        answer = self._run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", also=(_NO,))
        return answer.stdout.decode("ascii").strip()

    def _built(self, entry: Entry, parent: str) -> str:
        """The commit of the entry on this parent."""
        self._require_room(entry, parent)
        blobs = {path: self._blob(content) for path, content in entry.files.items()}
        with tempfile.TemporaryDirectory(prefix="interlock-index-") as folder:
            index = {"GIT_INDEX_FILE": os.fspath(Path(folder) / "index")}
            self._run("read-tree", parent, more=index)
            listing = "".join(f"100644 {sha}\t{path}\0" for path, sha in blobs.items())
            self._run("update-index", "-z", "--index-info", feed=listing.encode(), more=index)
            tree = self._run("write-tree", more=index).stdout.decode("ascii").strip()
        message = entry.message.encode()
        made = self._run("commit-tree", tree, "-p", parent, "-F", "-", feed=message, more=_identity(entry))
        return made.stdout.decode("ascii").strip()

    def _blob(self, content: bytes) -> str:
        return self._run("hash-object", "-w", "--no-filters", "--stdin", feed=content).stdout.decode("ascii").strip()

    def _require_room(self, entry: Entry, parent: str) -> None:
        """Where a file is to stand there is nothing, or a file; on the way there, only folders."""
        for path in entry.files:
            above = list(_above(path))
            listed = self._run("ls-tree", "-z", "--full-tree", parent, "--", *above, path).stdout.split(b"\0")
            for row in filter(None, listed):
                meta, _, name = row.partition(b"\t")
                mode, found = meta.split()[0].decode("ascii"), os.fsdecode(name)
                if found in {*above, path} and mode not in (_PLAIN_FILES if found == path else {_FOLDER}):
                    sentence = f"'{shown(found)}' stands in the way of '{path}'"
                    raise Rejected("journal.blocked_path", sentence, "name another under records.paths")

    def _text(self, *arguments: str) -> str:
        return self._run(*arguments).stdout.decode("utf-8", "replace")

    def _run(
        self,
        *arguments: str,
        feed: bytes = b"",
        also: tuple[int, ...] = (),
        more: Mapping[str, str] = _NOTHING_MORE,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git on this repository and nowhere above it. Exit codes other than 0 and `also` are faults."""
        program = shutil.which("git")
        if program is None:
            raise Unavailable("journal.no_git", "git is not installed", "install git 2.31 or newer")
        environment = {**environment_of(self.root, _SETTINGS), **more}
        try:
            ended = subprocess.run(
                [program, "--no-pager", "-C", os.fspath(self.root), *arguments],
                env=environment,
                input=feed,
                capture_output=True,
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            sentence = f"git did not answer within {self.patience:g} s"
            raise Unavailable("journal.timeout", sentence, "look at the disk; it is tried again") from late
        if ended.returncode not in (0, *also):
            raise _fault(self.root, ended.stderr)
        return ended


def _above(path: str) -> Iterator[str]:
    """Every folder on the way to the file."""
    parts = path.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _identity(entry: Entry) -> Mapping[str, str]:
    when = f"{int(entry.at.timestamp())} +0000"
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", entry.author.name), ("EMAIL", entry.author.address), ("DATE", when))
    }


def _fault(root: Path, stderr: bytes) -> Rejected | Unavailable:
    words = stderr.decode("utf-8", "replace")
    said = shown(words.strip().partition("\n")[0])
    if "not a git repository" in words or "cannot change to" in words:
        sentence = f"'{root}' is not the top folder of a git repository"
        return Rejected("journal.not_a_repository", sentence, "name the folder that holds `.git`")
    if any(mark in words for mark in _UNWRITABLE):
        sentence = f"the repository cannot be written: {said}"
        return Unavailable("journal.read_only", sentence, "let the controller's account write into it")
    if any(mark in words for mark in _UNMADE):
        return Unavailable("journal.full", f"there is no room for it: {said}", "make room; it is tried again")
    if "File exists" in words:
        sentence = f"another git holds the branch: {said}"
        return Unavailable("journal.locked", sentence, "wait, or remove what a killed git left behind")
    if "cannot create" in words or "there is a non-empty directory" in words:
        return Rejected("journal.bad_branch", f"there can be no such branch: {said}", "name another one")
    return Unavailable("journal.git_failed", f"git failed: {said}", "run `git fsck` in the repository and look there")
