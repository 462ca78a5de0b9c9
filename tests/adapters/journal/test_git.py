# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.source.telling import commit_all, git, new_repository

from interlock.adapters.journal import git as git_adapter
from interlock.adapters.journal.git import GitJournal
from interlock.domain.ids import EffectKey
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.journal import Entry, Journal, Written
from interlock.testing.contracts.journal import BRANCH, INSTEAD, NOTES, STOCK, JournalContract, an_entry

NOBODY = 65534
REQUEST = '#!/bin/sh\ntest ! -e "{refused}/$(echo "$1" | tr / _)" && echo "asked for $1"\n'
HOOKS = ("reference-transaction", "post-index-change", "pre-commit", "commit-msg", "post-commit", "update")


def repository(root: Path) -> str:
    """A repository with the kit's files on `main`; gives its commit."""
    new_repository(root)
    for path, content in STOCK.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content)
    return commit_all(root, "Begin")


class GitRig:
    def __init__(self, place: Path) -> None:
        self.place = place
        self.root = place / "it"
        self.base = repository(self.root)
        git(self.root, "checkout", "--quiet", "--detach")
        (place / "refused").mkdir()
        self.request = place / "request"
        self.request.write_text(REQUEST.format(refused=place / "refused"))
        self.request.chmod(0o755)
        self.user = os.geteuid()

    def journal(self) -> Journal:
        return GitJournal(self.root, self.place / "jobs", (str(self.request),))

    def another(self) -> "GitRig":
        return GitRig(self.place / "another")

    def files(self, branch: str) -> Mapping[str, bytes]:
        paths = self._git("ls-tree", "-r", "--name-only", branch).splitlines()
        return {path: f"{self._git('show', f'{branch}:{path}')}\n".encode() for path in paths}

    def history(self, branch: str) -> Sequence[str]:
        known = self._git("for-each-ref", "--format=%(refname)", f"refs/heads/{branch}")
        return self._git("rev-list", f"refs/heads/{branch}").split() if known else ()

    def check_out(self, branch: str) -> None:
        git(self.root, "worktree", "add", "--quiet", "-B", branch, self.place / "worktree", "main")

    def make_link(self, branch: str) -> None:
        git(self.root, "symbolic-ref", f"refs/heads/{branch}", "refs/heads/main")

    def make_read_only(self) -> None:
        for folder, _, _ in os.walk(self.root):
            Path(folder).chmod(0o555)
        os.seteuid(self.user or NOBODY)

    def refuse(self, branch: str) -> None:
        (self.place / "refused" / branch.replace("/", "_")).touch()

    def wait(self) -> None:
        threading.Event().wait(0.01)

    def close(self) -> None:
        os.seteuid(self.user)
        for folder, _, _ in os.walk(self.root):
            Path(folder).chmod(0o755)

    def _git(self, *words: str) -> str:
        return git(self.root, "-c", "safe.directory=*", *words)


@pytest.fixture
def rig() -> Iterator[GitRig]:
    """In a folder that other users can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        one = GitRig(Path(name))
        try:
            yield one
        finally:
            one.close()


class TestGitJournal(JournalContract):
    pass


@pytest.fixture
def root(tmp_path: Path) -> Path:
    repository(tmp_path / "it")
    return tmp_path / "it"


def entry_in(root: Path, branch: str = BRANCH) -> Entry:
    return an_entry(git(root, "rev-parse", "main"), branch=branch)


def journal(root: Path) -> GitJournal:
    return GitJournal(root, root.parent / "jobs")


def fault_of(root: Path, entry: Entry) -> str:
    with pytest.raises(PortFailure) as failure:
        journal(root).write(entry)
    return failure.value.code


def tip(root: Path, branch: str) -> str:
    return git(root, "rev-parse", f"refs/heads/{branch}")


def test_what_people_are_doing_is_left_as_it_is(root: Path) -> None:
    (root / "app.py").write_text("print('half')\n")
    (root / "new.py").touch()
    git(root, "add", "new.py")
    before = (git(root, "status", "--porcelain"), (root / ".git/index").read_bytes(), git(root, "rev-parse", "HEAD"))
    journal(root).write(entry_in(root))
    assert before == (
        git(root, "status", "--porcelain"),
        (root / ".git/index").read_bytes(),
        git(root, "rev-parse", "HEAD"),
    )


def test_the_branch_that_is_checked_out_is_not_moved(root: Path) -> None:
    before = tip(root, "main")
    written = journal(root).write(entry_in(root, "main"))
    assert (written.branch, tip(root, "main")) == (INSTEAD, before)


def test_a_branch_on_which_a_repository_has_no_commit_yet_is_checked_out_all_the_same(root: Path) -> None:
    git(root, "checkout", "--quiet", "--orphan", BRANCH)
    assert journal(root).write(entry_in(root)).branch == INSTEAD


def test_a_repository_with_a_detached_head_is_written(root: Path) -> None:
    git(root, "checkout", "--quiet", "--detach")
    assert journal(root).write(entry_in(root, "main")).branch == "main"


def test_a_worktree_is_written_through(root: Path, tmp_path: Path) -> None:
    git(root, "worktree", "add", "--quiet", "-b", "side", tmp_path / "side")
    written = journal(tmp_path / "side").write(entry_in(root))
    assert tip(root, BRANCH) == written.commit


def test_a_bare_repository_is_written(root: Path, tmp_path: Path) -> None:
    git(root, "clone", "--quiet", "--bare", root, tmp_path / "bare")
    written = journal(tmp_path / "bare").write(entry_in(root, "main"))
    assert tip(tmp_path / "bare", "main") == written.commit


def test_a_repository_with_long_names_is_written(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "--object-format=sha256", "long")
    commit_all(tmp_path / "long")
    written = journal(tmp_path / "long").write(entry_in(tmp_path / "long"))
    assert tip(tmp_path / "long", BRANCH) == written.commit


def test_author_committer_and_time_are_those_of_the_entry(root: Path) -> None:
    git(root, "config", "user.name", "Somebody")
    journal(root).write(entry_in(root))
    told = git(root, "log", "-1", "--format=%an <%ae> %at, %cn <%ce> %ct, %s", BRANCH)
    who = "Interlock <interlock@outreach.example> 1772442120"
    assert told == f"{who}, {who}, Record release v2"


def test_nothing_of_the_repository_is_executed(root: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (root / ".git/hooks").mkdir(exist_ok=True)
    for name in HOOKS:
        (root / ".git/hooks" / name).write_text(f"#!/bin/sh\necho {name} >> {trace}\n")
        (root / ".git/hooks" / name).chmod(0o755)
    (root / ".gitattributes").write_text("*.md filter=trap\n")
    entry = an_entry(commit_all(root))
    git(root, "config", "filter.trap.clean", f"echo filter >> {trace}; cat")
    git(root, "config", "commit.gpgSign", "true")
    trace.unlink()
    journal(root).write(entry)
    assert not trace.exists()


def test_content_is_kept_byte_for_byte(root: Path) -> None:
    git(root, "config", "core.autocrlf", "input")
    journal(root).write(replace(entry_in(root), files={NOTES: b"one\r\ntwo\r\n"}))
    assert git(root, "cat-file", "-s", f"{BRANCH}:{NOTES}") == "10"


def overtaken(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Somebody else commits to the branch right before each of so many of the journal's own attempts to move it."""
    real, faster = shutil.which("git"), tmp_path / "faster" / "git"
    faster.parent.mkdir()
    faster.write_text(
        f"""#!/bin/sh
case "$*" in *update-ref*)
  count=$(cat {tmp_path}/count 2>/dev/null || echo 0)
  if [ $count -lt {times} ]; then
    echo $((count + 1)) > {tmp_path}/count
    cd {root}
    parent=$({real} rev-parse -q --verify refs/heads/{BRANCH} || {real} rev-parse main)
    GIT_AUTHOR_NAME=Dana GIT_AUTHOR_EMAIL=d@x GIT_COMMITTER_NAME=Dana GIT_COMMITTER_EMAIL=d@x
    export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
    {real} update-ref refs/heads/{BRANCH} $({real} commit-tree "$parent^{{tree}}" -p $parent -m "$count")
  fi;;
esac
exec {real} "$@"
"""
    )
    faster.chmod(0o755)
    monkeypatch.setenv("PATH", str(faster.parent), prepend=":")


def test_who_is_overtaken_builds_anew_on_what_the_other_wrote(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(root, tmp_path, monkeypatch, 2)
    written = journal(root).write(entry_in(root))
    assert git(root, "log", "--format=%s", written.commit).splitlines() == ["Record release v2", "1", "0", "Begin"]


def test_who_is_overtaken_again_and_again_gives_up_for_now(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_adapter, "RACES", 2)
    overtaken(root, tmp_path, monkeypatch, 9)
    assert fault_of(root, entry_in(root)) == "journal.contended"


def test_a_branch_that_another_git_holds_is_waited_for(root: Path) -> None:
    lock = root / ".git/refs/heads" / f"{BRANCH}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    assert fault_of(root, entry_in(root)) == "journal.locked"


def test_a_branch_below_another_branch_cannot_be(root: Path) -> None:
    git(root, "branch", "interlock")
    assert fault_of(root, entry_in(root)) == "journal.bad_branch"


def test_a_link_in_the_way_is_not_followed(root: Path) -> None:
    (root / "docs/releases").symlink_to("..")
    assert fault_of(root, an_entry(commit_all(root))) == "journal.blocked_path"


def test_a_commit_that_was_not_fetched_is_no_base(root: Path) -> None:
    assert fault_of(root, replace(entry_in(root), base="0" * 39 + "1")) == "journal.no_base"


def test_a_folder_that_is_no_repository_is_rejected(root: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert fault_of(tmp_path / "plain", entry_in(root)) == "journal.not_a_repository"


def test_the_repository_around_a_folder_is_not_taken_for_it(root: Path) -> None:
    assert fault_of(root / "docs", entry_in(root)) == "journal.not_a_repository"


def test_a_repository_that_git_cannot_read_is_unavailable(root: Path) -> None:
    entry = entry_in(root)
    (root / ".git/config").write_text("[core\n")
    assert fault_of(root, entry) == "journal.git_failed"


def test_a_machine_without_git_says_so(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_in(root)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fault_of(root, entry) == "journal.no_git"


def test_git_that_does_not_answer_in_time_is_unavailable(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_in(root)
    hanging = tmp_path / "hanging" / "git"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(hanging.parent), prepend=":")
    with pytest.raises(Unavailable) as failure:
        replace(journal(root), patience=0.3).write(entry)
    assert failure.value.code == "journal.timeout"


def test_a_full_disk_is_said_so() -> None:
    fault = git_adapter._fault(Path("/r"), b"error: unable to write file: No space left on device\n")  # noqa: SLF001
    assert fault.code == "journal.full"


def test_a_trailer_in_the_middle_of_a_message_is_none(root: Path) -> None:
    entry = entry_in(root)
    git(root, "checkout", "--quiet", "-b", BRANCH)
    commit_all(root, f"Quote\n\nInterlock-Effect: {entry.key}\n\nand more words")
    git(root, "checkout", "--quiet", "main")
    assert journal(root).write(entry) != Written(BRANCH, git(root, "rev-parse", f"{BRANCH}~1"))


def test_where_no_program_is_bound_nobody_is_asked(root: Path) -> None:
    with pytest.raises(Rejected) as refusal:
        journal(root).propose(BRANCH, EffectKey("request/1"))
    assert refusal.value.code == "journal.no_request"


def test_the_program_gets_the_branch_as_one_argument_and_no_shell(rig: GitRig) -> None:
    branch = "x;touch owned"
    asking = GitJournal(rig.root, rig.place / "jobs", (str(rig.request),))
    asking.propose(branch, EffectKey("request/1"))
    while type(progress := asking.proposal(EffectKey("request/1"))).__name__ == "Proposing":
        rig.wait()
    assert (getattr(progress, "detail", ""), (rig.root / "owned").exists()) == (f"asked for {branch}", False)
