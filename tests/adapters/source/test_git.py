# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adapters.source.telling import blob, commit_all, commit_tree, git, new_repository, tell

from interlock.adapters import git_program
from interlock.adapters.source import git as git_adapter
from interlock.adapters.source.git import GitRepository
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.source import NoSuchFile, SourceRepository
from interlock.testing.contracts.source import SourceContract, Story

ALICE = "Alice <alice@outreach.example> 1772442000 +0000"


class GitRig:
    def __init__(self, place: Path) -> None:
        self.place = place

    def tell(self, story: Story) -> SourceRepository:
        return GitRepository(tell(story, self.place))


class TestGitRepository(SourceContract):
    @pytest.fixture
    def rig(self, tmp_path_factory: pytest.TempPathFactory) -> GitRig:
        return GitRig(tmp_path_factory.mktemp("repository") / "it")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "repository")


def refused(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(Rejected) as refusal:
        call(*arguments)
    return refusal.value.code


def test_an_empty_repository_has_no_head_and_no_tags(root: Path) -> None:
    repository = GitRepository(root)
    assert (refused(repository.resolve, "HEAD"), tuple(repository.tags())) == ("source.unknown_revision", ())


def test_an_empty_repository_lists_its_untracked_files(root: Path) -> None:
    (root / "new").touch()
    assert list(GitRepository(root).uncommitted()) == ["new"]


def test_a_folder_without_a_repository_is_rejected(tmp_path: Path) -> None:
    assert refused(GitRepository(tmp_path).tags) == "source.not_a_repository"


def test_a_folder_that_is_not_there_is_rejected(tmp_path: Path) -> None:
    assert refused(GitRepository(tmp_path / "nowhere").tags) == "source.not_a_repository"


def test_the_repository_around_a_folder_is_not_taken_for_it(root: Path) -> None:
    (root / "inner").mkdir()
    assert refused(GitRepository(root / "inner").tags) == "source.not_a_repository"


def test_a_detached_head_is_read_like_any_other(root: Path) -> None:
    first = commit_all(root, "First")
    commit_all(root, "Second")
    git(root, "checkout", "--quiet", "--detach", first)
    assert GitRepository(root).resolve("HEAD").subject == "First"


def test_a_branch_and_a_tag_of_one_name_are_ambiguous(root: Path) -> None:
    commit_all(root)
    git(root, "tag", "release")
    commit_all(root)
    git(root, "branch", "release")
    assert refused(GitRepository(root).resolve, "release") == "source.ambiguous_revision"


def test_an_ambiguous_name_is_clear_in_full(root: Path) -> None:
    first = commit_all(root)
    git(root, "tag", "release")
    commit_all(root)
    git(root, "branch", "release")
    assert GitRepository(root).resolve("refs/tags/release").sha == first


def test_a_branch_that_looks_like_another_object_name_is_ambiguous(root: Path) -> None:
    first = commit_all(root)
    second = commit_all(root)
    git(root, "branch", first[:8], second)
    assert refused(GitRepository(root).resolve, first[:8]) == "source.ambiguous_revision"


def test_a_tag_hidden_below_another_namespace_is_not_found(root: Path) -> None:
    commit_all(root)
    git(root, "update-ref", "refs/heads/refs/tags/v1.0.0", "HEAD")
    assert refused(GitRepository(root).resolve, "refs/tags/v1.0.0") == "source.unknown_revision"


def test_a_tag_of_a_file_names_no_commit(root: Path) -> None:
    git(root, "tag", "picture", blob(root, b"pixels"))
    assert refused(GitRepository(root).resolve, "picture") == "source.unknown_revision"


def test_a_merge_brings_in_the_commits_of_both_sides(root: Path) -> None:
    base = commit_all(root, "Base")
    git(root, "checkout", "--quiet", "-b", "side")
    commit_all(root, "Side")
    git(root, "checkout", "--quiet", "main")
    commit_all(root, "Main")
    git(root, "merge", "--quiet", "--no-ff", "--no-gpg-sign", "-m", "Merge", "side")
    assert {commit.subject for commit in GitRepository(root).commits(base, "HEAD")} == {"Side", "Main", "Merge"}


def test_a_shallow_clone_cannot_tell_what_lies_before_its_edge(root: Path, tmp_path: Path) -> None:
    commit_all(root, "One")
    git(root, "tag", "v1.0.0")
    for number in range(3):
        commit_all(root, str(number))
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{root}", "shallow")
    assert refused(GitRepository(tmp_path / "shallow").commits, "v1.0.0", "HEAD") == "source.shallow"


def test_two_ends_of_a_shallow_clone_are_not_taken_for_unrelated(root: Path, tmp_path: Path) -> None:
    commit_all(root, "One")
    git(root, "tag", "v1.0.0")
    commit_all(root, "Two")
    commit_all(root, "Three")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "shallow")
    git(tmp_path / "shallow", "fetch", "--quiet", "--depth=1", "origin", "tag", "v1.0.0")
    assert refused(GitRepository(tmp_path / "shallow").commits, "v1.0.0", "HEAD") == "source.shallow"


def test_a_base_that_nobody_knows_is_unknown_in_a_whole_clone(root: Path) -> None:
    commit_all(root)
    assert refused(GitRepository(root).commits, "v1.0.0", "HEAD") == "source.unknown_revision"


def test_a_shallow_clone_with_a_cut_side_branch_is_not_taken_for_whole(root: Path, tmp_path: Path) -> None:
    base = commit_all(root, "Base")
    git(root, "checkout", "--quiet", "-b", "side")
    commit_all(root, "Side 1")
    commit_all(root, "Side 2")
    git(root, "checkout", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "--no-gpg-sign", "-m", "Merge", "side")
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{root}", "shallow")
    assert refused(GitRepository(tmp_path / "shallow").commits, base, "HEAD") == "source.shallow"


def test_a_shallow_clone_knows_what_it_holds_whole(root: Path, tmp_path: Path) -> None:
    commit_all(root, "One")
    base = commit_all(root, "Two")
    commit_all(root, "Three")
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{root}", "shallow")
    listed = GitRepository(tmp_path / "shallow").commits(base, "HEAD")
    assert [commit.subject for commit in listed] == ["Three"]


def test_a_bare_repository_has_nothing_uncommitted(root: Path, tmp_path: Path) -> None:
    commit_all(root)
    git(tmp_path, "clone", "--quiet", "--bare", f"file://{root}", "bare.git")
    assert not GitRepository(tmp_path / "bare.git").uncommitted()


def test_a_linked_worktree_is_a_repository(root: Path, tmp_path: Path) -> None:
    sha = commit_all(root)
    git(root, "worktree", "add", "--quiet", "--detach", tmp_path / "linked")
    assert GitRepository(tmp_path / "linked").resolve("HEAD").sha == sha


def test_deleted_and_staged_files_are_uncommitted(root: Path) -> None:
    (root / "old").touch()
    commit_all(root)
    (root / "old").unlink()
    (root / "staged\nname").touch()
    git(root, "add", "--", "staged\nname")
    assert list(GitRepository(root).uncommitted()) == ["old", "staged\nname"]


HOOK = "#!/bin/sh\ntouch {trace}\n"


def _traps(root: Path, trace: Path) -> Mapping[str, str]:
    script = root / ".git" / "trap"
    script.write_text(HOOK.format(trace=trace))
    script.chmod(0o755)
    names = ("post-index-change", "post-checkout", "fsmonitor-watchman", "reference-transaction")
    for name in names:
        (root / ".git/hooks").mkdir(exist_ok=True)
        (root / ".git/hooks" / name).write_text(HOOK.format(trace=trace))
        (root / ".git/hooks" / name).chmod(0o755)
    return {
        "core.fsmonitor": str(script),
        "core.pager": str(script),
        "core.sshCommand": str(script),
        "diff.external": str(script),
        "gpg.program": str(script),
        "log.showSignature": "true",
        "filter.trap.clean": str(script),
        "filter.trap.smudge": str(script),
        "filter.trap.process": str(script),
        "filter.a=b.clean": str(script),
        "diff.trap.textconv": str(script),
        "diff.trap.command": str(script),
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{script}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }


def test_3_nothing_of_the_repository_is_executed(root: Path, tmp_path: Path) -> None:
    (root / ".gitattributes").write_text("*.py filter=trap diff=trap\n*.txt filter=a=b\n")
    (root / "app.py").write_text("one")
    (root / "b.txt").write_text("one")
    base = commit_all(root)
    (root / "app.py").write_text("two")
    head = commit_all(root)
    (root / "app.py").write_text("six")
    (root / "b.txt").write_text("six")
    for key, value in _traps(root, tmp_path / "trace").items():
        git(root, "config", key, value)
    repository = GitRepository(root)
    repository.archive(head, tmp_path / "a.tar")
    repository.export(head, tmp_path / "out")
    asked = (
        repository.commits(base, head),
        repository.read(head, "app.py"),
        repository.tags(),
        repository.uncommitted(),
    )
    missing = refused(repository.resolve, "f" * 40)
    assert (asked[-1], missing, (tmp_path / "trace").exists()) == (
        ("app.py", "b.txt"),
        "source.unknown_revision",
        False,
    )


def test_replaced_objects_and_grafts_change_nothing(root: Path) -> None:
    first = commit_all(root, "First")
    second = commit_all(root, "Second")
    other = git(root, "commit-tree", f"{second}^{{tree}}", "-m", "Forged")
    git(root, "replace", second, other)
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/grafts").write_text(f"{second}\n")
    listed = GitRepository(root).commits(first, "HEAD")
    assert [commit.subject for commit in listed] == ["Second"]


def test_a_mailmap_does_not_change_who_wrote_it(root: Path) -> None:
    (root / ".mailmap").write_text("Eli <eli@outreach.example> <dana@outreach.example>\n")
    commit_all(root)
    assert GitRepository(root).resolve("HEAD").author_email == "dana@outreach.example"


def test_a_repository_of_another_user_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = commit_all(root)
    monkeypatch.setitem(git_program.ENVIRONMENT, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert GitRepository(root).resolve("HEAD").sha == sha


def test_a_git_that_does_not_read_it_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(git_program.ENVIRONMENT, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setattr(git_adapter, "_SETTINGS", ())
    assert refused(GitRepository(root).tags) == "source.not_trusted"


def test_a_repository_that_git_cannot_read_is_unavailable(root: Path) -> None:
    (root / ".git/config").write_text("[core\n")
    with pytest.raises(Unavailable, match="git failed: fatal: bad config") as failure:
        GitRepository(root).tags()
    assert failure.value.code == "source.git_failed"


def test_a_missing_object_is_not_taken_for_an_empty_file(root: Path) -> None:
    sha = commit_tree(root, b"100644 blob " + b"a" * 40 + b"\tx\0")
    assert refused(GitRepository(root).contents, sha, ["x"], 10) == "source.incomplete"


def test_a_submodule_holds_nothing_here(root: Path) -> None:
    sha = commit_tree(root, b"160000 commit " + b"a" * 40 + b"\tvendored\0")
    assert list(GitRepository(root).contents(sha, ["vendored"], 10)) == [NoSuchFile("vendored")]


def test_a_missing_object_is_rejected(root: Path, tmp_path: Path) -> None:
    (root / "app.py").write_text("lost")
    commit_all(root)
    sha = git(root, "rev-parse", "HEAD:app.py")
    (root / ".git/objects" / sha[:2] / sha[2:]).unlink()
    assert refused(GitRepository(root).archive, "HEAD", tmp_path / "a.tar") == "source.incomplete"


def test_a_failed_archive_leaves_no_file(root: Path, tmp_path: Path) -> None:
    (root / "app.py").write_text("lost")
    commit_all(root)
    sha = git(root, "rev-parse", "HEAD:app.py")
    (root / ".git/objects" / sha[:2] / sha[2:]).unlink()
    (tmp_path / "out").mkdir()
    refused(GitRepository(root).archive, "HEAD", tmp_path / "out/a.tar")
    assert not list((tmp_path / "out").iterdir())


def test_a_submodule_is_refused_by_name(root: Path, tmp_path: Path) -> None:
    sha = commit_tree(root, b"160000 commit " + b"a" * 40 + b"\tvendored\0")
    with pytest.raises(Rejected, match="'vendored' is a submodule") as refusal:
        GitRepository(root).archive(sha, tmp_path / "a.tar")
    assert refusal.value.code == "source.submodule"


def test_a_submodule_is_no_file(root: Path) -> None:
    sha = commit_tree(root, b"160000 commit " + b"a" * 40 + b"\tvendored\0")
    assert GitRepository(root).read(sha, "vendored") == NoSuchFile("vendored")


def test_names_with_newlines_and_without_utf8_survive(root: Path, tmp_path: Path) -> None:
    name = b"odd\n\xff name"
    sha = commit_tree(root, b"100644 blob " + blob(root, b"kept").encode() + b"\t" + name + b"\0")
    repository = GitRepository(root)
    repository.export(sha, tmp_path / "out")
    decoded = name.decode("utf-8", "surrogateescape")
    assert (list(repository.paths(sha)), (tmp_path / "out" / decoded).read_bytes()) == ([decoded], b"kept")


def test_a_pointer_to_large_content_stays_a_pointer(root: Path, tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
    (root / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (root / "big.bin").write_bytes(pointer)
    commit_all(root)
    GitRepository(root).export("HEAD", tmp_path / "out")
    assert (tmp_path / "out/big.bin").read_bytes() == pointer


def test_a_commit_in_another_encoding_is_understood(root: Path) -> None:
    tree = git(root, "write-tree")
    raw = f"tree {tree}\nauthor {ALICE}\ncommitter {ALICE}\nencoding ISO-8859-1\n\nGr\u00fc\u00dfe\n".encode("latin-1")
    sha = git(root, "hash-object", "-w", "-t", "commit", "--stdin", feed=raw)
    assert GitRepository(root).resolve(sha).subject == "Gr\u00fc\u00dfe"


def test_a_machine_without_git_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unavailable) as failure:
        GitRepository(root).tags()
    assert failure.value.code == "source.no_git"


@pytest.mark.parametrize("stamp", ["99999999999999999999 +0000", "-5 +0000", "soon"])
def test_a_commit_with_a_senseless_time_is_rejected(root: Path, stamp: str) -> None:
    who = f"Alice <alice@outreach.example> {stamp}"
    raw = f"tree {git(root, 'write-tree')}\nauthor {who}\ncommitter {who}\n\nOdd\n".encode()
    sha = git(root, "hash-object", "-w", "-t", "commit", "--stdin", "--literally", feed=raw)
    assert refused(GitRepository(root).resolve, sha) == "source.bad_commit"


def test_an_encoding_that_nobody_knows_is_read_as_it_can_be(root: Path) -> None:
    tree = git(root, "write-tree")
    raw = f"tree {tree}\nauthor {ALICE}\ncommitter {ALICE}\nencoding klingon\n\nHello\n".encode()
    sha = git(root, "hash-object", "-w", "-t", "commit", "--stdin", feed=raw)
    assert GitRepository(root).resolve(sha).subject == "Hello"


def test_git_that_does_not_answer_in_time_is_unavailable(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "hanging" / "git"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(hanging.parent), prepend=":")
    with pytest.raises(Unavailable) as failure:
        GitRepository(root, patience=0.2).tags()
    assert failure.value.code == "source.timeout"


CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        "core.autocrlf": st.sampled_from(["true", "input"]),
        "core.eol": st.sampled_from(["crlf", "lf"]),
        "core.fileMode": st.sampled_from(["false", "true"]),
        "core.symlinks": st.sampled_from(["false", "true"]),
        "core.quotePath": st.sampled_from(["false", "true"]),
        "core.abbrev": st.sampled_from(["4", "40"]),
        "tar.umask": st.sampled_from(["0077", "user"]),
        "i18n.logOutputEncoding": st.just("ISO-8859-1"),
        "log.showSignature": st.just("true"),
    },
)
ATTRIBUTES = st.lists(
    st.sampled_from(["export-ignore", "export-subst", "eol=crlf", "ident", "binary", "text"]), max_size=3
)
TREES = st.dictionaries(
    st.from_regex(r"[a-z]{1,3}(/[a-z]{4}){0,2}\.(py|txt)", fullmatch=True),
    st.sampled_from([b"", b"a\r\nb\n", b"$Format:%H$\n", b"$Id$\n", b"\x00\xff" * 300]),
    min_size=1,
    max_size=4,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=TREES, configuration=CONFIGURATIONS, attributes=ATTRIBUTES)
def test_2_a_clone_with_another_configuration_gives_the_same_digest(
    tmp_path_factory: pytest.TempPathFactory,
    files: dict[str, bytes],
    configuration: dict[str, str],
    attributes: list[str],
) -> None:
    place = tmp_path_factory.mktemp("clone")
    original = new_repository(place / "original")
    for path, content in files.items():
        (original / path).parent.mkdir(parents=True, exist_ok=True)
        (original / path).write_bytes(content)
    commit_all(original)
    git(place, "clone", "--quiet", "--no-local", f"file://{original}", "clone")
    for key, value in configuration.items():
        git(place / "clone", "config", key, value)
    (place / "clone/.git/info").mkdir(exist_ok=True)
    (place / "clone/.git/info/attributes").write_text("".join(f"* {word}\n" for word in attributes))
    digests = {GitRepository(place / name).archive("HEAD", place / f"{name}.tar") for name in ("original", "clone")}
    assert len(digests) == 1
