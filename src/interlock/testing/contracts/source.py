# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the source port: one or more tests per numbered clause of `interlock.ports.source`.

Subclass `SourceContract` in your test suite and give it a fixture named `rig` that tells the `STORY` below in your kind
of repository. An adapter that passes can be used to release from.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import pytest

from interlock.ports.failure import Rejected
from interlock.ports.source import FileContent, NoSuchFile, SourceRepository, TooLarge


class Is(StrEnum):
    PLAIN = "plain"
    EXECUTABLE = "executable"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ToldFile:
    content: bytes
    kind: Is = Is.PLAIN


@dataclass(frozen=True, slots=True)
class ToldCommit:
    """One commit of the story. `parents` are names of earlier ones; `files` is the whole tree; `tags` point here."""

    name: str
    parents: tuple[str, ...]
    author: tuple[str, str]
    message: str
    committed_at: datetime
    files: Mapping[str, ToldFile]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """The last commit is checked out. `untracked` lies beside it, `edited` differs from it, `ignored` is ignored."""

    commits: tuple[ToldCommit, ...]
    untracked: Mapping[str, bytes] = field(default_factory=dict)
    edited: Mapping[str, bytes] = field(default_factory=dict)
    ignored: Mapping[str, bytes] = field(default_factory=dict)


DANA: Final = ("Dana Example", "dana@outreach.example")
ELI: Final = ("Eli Example", "eli@outreach.example")

_FIRST: Final = {
    ".gitignore": ToldFile(b"*.log\n"),
    "app.py": ToldFile(b"print('one')\n"),
    "bin/run": ToldFile(b"#!/bin/sh\nexec python3 app.py\n", Is.EXECUTABLE),
    "latest": ToldFile(b"docs/guide.md", Is.LINK),
    "docs/guide.md": ToldFile(b"line\r\nline\n"),
    "a-b/z": ToldFile(b"sorts after a-b in bytes\n"),
    "a/z": ToldFile(b"$Format:%H$ $Id$\n"),
}
_SECOND: Final = _FIRST | {"app.py": ToldFile(b"print('two')\n")}
_SIDE: Final = _FIRST | {"side.txt": ToldFile("grüße\n".encode())}
_MERGED: Final = _SECOND | _SIDE | {"app.py": _SECOND["app.py"]}

STORY: Final = Story(
    commits=(
        ToldCommit("first", (), DANA, "Begin\n", datetime(2026, 3, 2, 9, tzinfo=UTC), _FIRST, tags=("v1.0.0",)),
        ToldCommit("second", ("first",), DANA, "Say two\n", datetime(2026, 3, 3, 9, tzinfo=UTC), _SECOND),
        ToldCommit(
            "side",
            ("first",),
            ELI,
            "Greet\nthem\n\nBecause.\n\n"
            "Co-authored-by: Fran <fran@outreach.example>\nco-authored-by: gil@outreach.example\n",
            datetime(2026, 3, 4, 9, tzinfo=UTC),
            _SIDE,
            tags=("side",),
        ),
        ToldCommit(
            "merged",
            ("second", "side"),
            DANA,
            "Bring both together\n",
            datetime(2026, 3, 5, 9, tzinfo=UTC),
            _MERGED,
            tags=("v1.1.0",),
        ),
    ),
    untracked={"notes/todo.txt": b"later\n"},
    edited={"app.py": b"print('edited')\n"},
    ignored={"debug.log": b"noise\n"},
)


class SourceRig(Protocol):
    """What the kit needs of the adapter's world."""

    def tell(self, story: Story) -> SourceRepository:
        """A repository with exactly that story in it."""
        ...


class SourceContract:
    """The clauses of `SourceRepository`, as tests."""

    @pytest.fixture
    def repository(self, rig: SourceRig) -> SourceRepository:
        return rig.tell(STORY)

    @pytest.mark.parametrize(
        "revision",
        ["v9.9.9", "-v1.0.0", "--help", "--output=stolen", "", "v1.0.0..v1.1.0", ":/Begin", "v1.0.0\nHEAD", "HEAD~99"],
    )
    def test_1_an_unknown_revision_is_rejected(self, repository: SourceRepository, revision: str) -> None:
        with pytest.raises(Rejected) as refusal:
            repository.resolve(revision)
        assert refusal.value.code == "source.unknown_revision"

    def test_1_nothing_near_a_revision_is_taken_for_it(self, repository: SourceRepository) -> None:
        described = f"v0.9-3-g{repository.resolve('v1.0.0').sha[:12]}"
        with pytest.raises(Rejected) as refusal:
            repository.resolve(described)
        assert refusal.value.code == "source.unknown_revision"

    @pytest.mark.parametrize("tag", ["v9.9.9", "-d", "", "v1", "HEAD"])
    def test_1_a_missing_tag_is_rejected(self, repository: SourceRepository, tag: str) -> None:
        with pytest.raises(Rejected) as refusal:
            repository.tagged(tag)
        assert refusal.value.code == "source.missing_tag"

    def test_1_a_tag_an_object_name_and_head_mean_their_commit(self, repository: SourceRepository) -> None:
        commit = repository.tagged("v1.1.0")
        meant = [repository.resolve(name) for name in ("v1.1.0", "HEAD", commit.sha, commit.sha[:12])]
        assert meant == [commit] * 4

    def test_1_a_walk_from_a_revision_leads_to_the_first_parent(self, repository: SourceRepository) -> None:
        assert repository.resolve("v1.1.0~2") == repository.tagged("v1.0.0")

    def test_1_tags_are_listed_by_name(self, repository: SourceRepository) -> None:
        assert list(repository.tags()) == ["side", "v1.0.0", "v1.1.0"]

    def test_1_a_commit_tells_who_made_it_and_when(self, repository: SourceRepository) -> None:
        commit = repository.tagged("side")
        assert (commit.author_name, commit.author_email) == ELI
        assert (commit.subject, commit.committed_at) == ("Greet them", datetime(2026, 3, 4, 9, tzinfo=UTC))

    def test_1_co_authors_are_found(self, repository: SourceRepository) -> None:
        assert repository.tagged("side").co_author_emails == ("fran@outreach.example", "gil@outreach.example")

    def test_1_every_commit_between_is_listed_newest_first(self, repository: SourceRepository) -> None:
        listed = [commit.subject for commit in repository.commits("v1.0.0", "v1.1.0")]
        assert listed == ["Bring both together", "Greet them", "Say two"]

    def test_1_a_trunk_is_what_was_merged_into_a_branch_not_what_was_merged(self, repository: SourceRepository) -> None:
        trunk = repository.trunk("v1.1.0")
        subjects = [repository.resolve(commit).subject for commit in trunk.commits]
        assert (subjects, trunk.is_cut) == (["Bring both together", "Say two", "Begin"], False)

    def test_1_the_trunk_of_an_unknown_revision_is_rejected(self, repository: SourceRepository) -> None:
        with pytest.raises(Rejected) as refusal:
            repository.trunk("refs/heads/nobody")
        assert refusal.value.code == "source.unknown_revision"

    def test_1_nothing_lies_between_a_commit_and_itself(self, repository: SourceRepository) -> None:
        assert not repository.commits("v1.1.0", "v1.1.0")

    def test_1_a_base_that_is_no_ancestor_is_rejected(self, repository: SourceRepository) -> None:
        with pytest.raises(Rejected) as refusal:
            repository.commits("v1.1.0", "v1.0.0")
        assert refusal.value.code == "source.not_ancestor"

    def test_1_a_file_is_read_as_it_was(self, repository: SourceRepository) -> None:
        assert repository.read("v1.0.0", "app.py") == FileContent(b"print('one')\n")

    @pytest.mark.parametrize(
        "path", ["nothing.txt", "docs", "docs/", "latest", "", "/app.py", "./app.py", "../app.py", "*.py"]
    )
    def test_1_what_is_no_file_of_the_tree_is_no_such_file(self, repository: SourceRepository, path: str) -> None:
        assert repository.read("v1.0.0", path) == NoSuchFile(path)

    def test_1_paths_are_listed_in_the_order_of_their_bytes(self, repository: SourceRepository) -> None:
        wanted = [".gitignore", "a-b/z", "a/z", "app.py", "bin/run", "docs/guide.md", "latest"]
        assert list(repository.paths("v1.0.0")) == wanted

    def test_1_what_differs_between_two_trees_is_listed_whatever_became_of_it(
        self, repository: SourceRepository
    ) -> None:
        assert list(repository.differing("v1.0.0", "v1.0.0")) == []
        there = list(repository.differing("v1.0.0", "v1.1.0"))
        assert there == list(repository.differing("v1.1.0", "v1.0.0"))
        before, after = (set(repository.paths(one)) for one in ("v1.0.0", "v1.1.0"))
        assert (before ^ after) <= set(there)
        assert there == sorted(there)
        same = (before & after) - set(there)
        assert same
        assert all(repository.read("v1.0.0", one) == repository.read("v1.1.0", one) for one in same)
        assert all(
            repository.read("v1.0.0", one) != repository.read("v1.1.0", one) for one in {*there} & before & after
        )

    def test_1_what_paths_hold_is_read_together_in_the_order_asked_for(self, repository: SourceRepository) -> None:
        asked = ["latest", "side.txt", "app.py", "docs", "a/z", "app.py"]
        link, none, *there = repository.contents("v1.0.0", asked, 1000)
        assert (link, none) == (FileContent(b"docs/guide.md"), NoSuchFile("side.txt"))
        one, folder, other = FileContent(_FIRST["app.py"].content), NoSuchFile("docs"), _FIRST["a/z"].content
        assert there == [one, folder, FileContent(other), one]

    def test_1_nothing_is_read_of_what_is_larger_than_asked_for(self, repository: SourceRepository) -> None:
        size = len(_FIRST["app.py"].content)
        assert list(repository.contents("v1.0.0", ["app.py"], size - 1)) == [TooLarge(size)]
        assert list(repository.contents("v1.0.0", ["app.py"], size)) == [FileContent(_FIRST["app.py"].content)]

    def test_1_what_no_paths_hold_is_nothing(self, repository: SourceRepository) -> None:
        assert list(repository.contents("v1.0.0", [], 1000)) == []

    def test_2_export_writes_the_tree_and_nothing_else(self, repository: SourceRepository, tmp_path: Path) -> None:
        repository.export("v1.0.0", tmp_path / "out")
        found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")}
        assert found - {"a", "a-b", "bin", "docs"} == set(_FIRST)

    def test_2_exported_content_is_not_converted(self, repository: SourceRepository, tmp_path: Path) -> None:
        repository.export("v1.0.0", tmp_path / "out")
        names = ("docs/guide.md", "a/z")
        assert [(tmp_path / "out" / name).read_bytes() for name in names] == [_FIRST[name].content for name in names]

    def test_2_executable_files_and_links_stay_so(self, repository: SourceRepository, tmp_path: Path) -> None:
        repository.export("v1.0.0", tmp_path / "out")
        modes = [(tmp_path / "out" / name).stat().st_mode & 0o111 for name in ("bin/run", "app.py")]
        assert (modes, (tmp_path / "out" / "latest").readlink()) == ([0o111, 0], Path("docs/guide.md"))

    def test_2_export_refuses_a_folder_that_is_not_empty(self, repository: SourceRepository, tmp_path: Path) -> None:
        (tmp_path / "mine").touch()
        with pytest.raises(Rejected) as refusal:
            repository.export("v1.0.0", tmp_path)
        assert refusal.value.code == "tree.not_empty"

    def test_2_the_digest_is_that_of_the_archive(self, repository: SourceRepository, tmp_path: Path) -> None:
        digest = repository.archive("v1.0.0", tmp_path / "a.tar")
        assert digest == "sha256:" + hashlib.sha256((tmp_path / "a.tar").read_bytes()).hexdigest()

    def test_2_the_same_commit_gives_the_same_digest(self, repository: SourceRepository, tmp_path: Path) -> None:
        assert repository.archive("v1.0.0", tmp_path / "a") == repository.archive("v1.0.0", tmp_path / "b")

    def test_2_the_digest_is_the_same_everywhere(self, repository: SourceRepository, tmp_path: Path) -> None:
        assert repository.archive("v1.0.0", tmp_path / "a.tar") == FIRST_DIGEST

    def test_2_another_commit_gives_another_digest(self, repository: SourceRepository, tmp_path: Path) -> None:
        assert repository.archive("v1.0.0", tmp_path / "a") != repository.archive("v1.1.0", tmp_path / "b")

    def test_2_an_archive_of_an_unknown_revision_leaves_nothing(
        self, repository: SourceRepository, tmp_path: Path
    ) -> None:
        with pytest.raises(Rejected):
            repository.archive("v9.9.9", tmp_path / "out" / "a.tar")
        assert not list(tmp_path.glob("out/*"))

    def test_4_what_is_edited_or_untracked_is_uncommitted(self, repository: SourceRepository) -> None:
        assert list(repository.uncommitted()) == ["app.py", "notes/todo.txt"]

    def test_4_a_clean_checkout_has_nothing_uncommitted(self, rig: SourceRig) -> None:
        assert not rig.tell(Story(STORY.commits)).uncommitted()


FIRST_DIGEST: Final = "sha256:326867781693822c68908ce3942f96d631fa31d5da5f5929814565ec76c1d02e"
"""What the archive of the story's first commit has to be, for every adapter and for ever."""
