# SPDX-License-Identifier: Apache-2.0
"""What differs between two commits, as somebody reads it before they decide."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.adapters.source.telling import commit_tree, new_repository

from interlock.adapters.source.git import GitRepository
from interlock.adapters.source.memory import MemoryRepository, ScriptedCommit, ScriptedFile
from interlock.adapters.tree import Kind
from interlock.ports.source import Commit
from interlock.service import difference
from interlock.service.difference import Changed, Fate, Turn, differences

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OLD, NEW = "a" * 40, "b" * 40


def commit(sha: str, files: Mapping[str, ScriptedFile], *parents: str) -> ScriptedCommit:
    made = Commit(sha, "0" * 40, "change", "Dana", "d@example.com", "Dana", "d@example.com", NOW, ())
    return ScriptedCommit(made, parents, files)


def between(old: Mapping[str, bytes | ScriptedFile], new: Mapping[str, bytes | ScriptedFile]) -> tuple[Changed, ...]:
    trees = [
        {path: one if isinstance(one, ScriptedFile) else ScriptedFile(one) for path, one in tree.items()}
        for tree in (old, new)
    ]
    return differences(MemoryRepository((commit(OLD, trees[0]), commit(NEW, trees[1], OLD))), OLD, NEW)


def only(old: bytes | ScriptedFile, new: bytes | ScriptedFile) -> Changed:
    (found,) = between({"x": old, "same": b"1"}, {"x": new, "same": b"1"})
    return found


def drawn(one: Changed) -> list[str]:
    signs = {Turn.SAME: " ", Turn.NEW: "+", Turn.GONE: "-"}
    return [f"{line.before}:{line.after}{signs[line.turn]}{line.text}" for hunk in one.hunks for line in hunk]


def numbered(count: int, **instead: str) -> bytes:
    return "".join(f"{instead.get(f'at{at}', at)}\n" for at in range(1, count + 1)).encode()


def test_a_line_that_changed_stands_among_those_around_it() -> None:
    one = only(numbered(20), numbered(20, at10="ten"))
    assert drawn(one) == ["7:7 7", "8:8 8", "9:9 9", "10:0-10", "0:10+ten", "11:11 11", "12:12 12", "13:13 13"]
    assert (one.fate, one.added, one.taken, one.why) == (Fate.CHANGED, 1, 1, "")


def test_changes_far_from_each_other_are_stretches_of_their_own() -> None:
    one = only(numbered(40), numbered(40, at2="two", at38="x"))
    assert [len(hunk) for hunk in one.hunks] == [6, 7]
    assert drawn(one)[-1] == "40:40 40"


def test_lines_put_in_and_taken_out_shift_those_that_follow() -> None:
    assert drawn(only(b"a\nb\nc\n", b"a\nnew\nb\nc\n")) == ["1:1 a", "0:2+new", "2:3 b", "3:4 c"]
    assert drawn(only(b"a\na\n", b"a\n")) == ["1:1 a", "2:0-a"]


def test_a_file_that_is_new_and_one_that_is_gone_are_shown_whole() -> None:
    gone, new = between({"gone": b"1\n2\n"}, {"new": b"3\n"})
    assert (gone.fate, drawn(gone)) == (Fate.GONE, ["1:0-1", "2:0-2"])
    assert (new.fate, drawn(new)) == (Fate.NEW, ["0:1+3"])


def test_a_last_line_that_is_not_ended_is_told_from_one_that_is() -> None:
    assert drawn(only(b"1\n", b"1")) == ["1:0-1", "0:1+1 (this line is not ended)"]


def test_where_a_link_leads_is_what_it_holds() -> None:
    assert drawn(only(b"1\n", ScriptedFile(b"/etc/passwd", Kind.LINK)))[-1] == (
        "0:1+/etc/passwd (this line is not ended)"
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"1", ScriptedFile(b"1", Kind.EXECUTABLE), "its content stays; whether it can be run, or is a link, does not"),
        (b"1\0", b"2\0", "it is not text"),
        (b"\xff", b"1", "it is not text"),
        (b"1", b"x" * (difference.LARGEST + 1), "it is larger than 500 kB"),
        (b"", numbered(difference.LONGEST + 1), "3001 lines are concerned, more than is compared"),
    ],
    ids=["mode", "binary", "encoding", "large", "long"],
)
def test_what_cannot_be_shown_says_why(old: bytes, new: bytes | ScriptedFile, why: str) -> None:
    one = only(old, new)
    assert (one.path, one.hunks, one.why) == ("x", (), why)


def test_a_submodule_that_moved_is_named(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "repository")
    shas = [commit_tree(root, b"160000 commit " + at * 40 + b"\tvendored\0") for at in (b"a", b"b")]
    (one,) = differences(GitRepository(root), *shas)
    assert (one.path, one.why) == ("vendored", "it is a repository of its own, whose content is not in this one")


def test_a_new_file_with_nothing_in_it_is_named() -> None:
    (one,) = between({}, {"x": b""})
    assert (one.fate, one.hunks, one.why) == (Fate.NEW, (), "it is empty")


def test_one_line_of_a_long_file_is_shown() -> None:
    assert len(drawn(only(numbered(20_000), numbered(20_000, at19000="x")))) == 8


def test_once_much_was_compared_the_rest_is_named() -> None:
    many = difference.TOGETHER // difference.LONGEST + 1
    found = between({}, {f"f{at}": numbered(difference.LONGEST) for at in range(many)})
    assert [bool(one.hunks) for one in found] == [True] * (many - 1) + [False]
    assert found[-1].why == "3000 lines are concerned, more than is compared"


def test_of_too_many_files_every_one_is_named() -> None:
    found = between({}, {f"f{at:04}": b"1\n" for at in range(difference.FILES + 2)})
    assert len(found) == difference.FILES + 2
    assert {one.why for one in found[difference.FILES :]} == {"only 300 files are looked into"}


def test_nothing_differs_between_a_commit_and_itself() -> None:
    assert between({"x": b"1"}, {"x": b"1"}) == ()
