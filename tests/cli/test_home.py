# SPDX-License-Identifier: Apache-2.0
"""One repository, one ledger: also from linked worktrees, beside bare repositories and in submodules."""

from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, codes

from interlock.config import Home, find_home
from interlock.workflows.driver import driving


@pytest.fixture
def worktree(place: Workplace, tmp_path: Path) -> Workplace:
    """A linked worktree of a governed repository."""
    place.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "feature"))
    return Workplace(tmp_path / "feature", place.keys)


def home_of(folder: Path) -> Home:
    return find_home(folder, {})


def test_a_worktree_uses_the_ledger_of_the_main_checkout(place: Workplace, worktree: Workplace) -> None:
    assert home_of(worktree.folder) == Home(place.folder / ".interlock", worktree.folder)


def test_a_folder_within_a_worktree_does_too(place: Workplace, worktree: Workplace) -> None:
    (worktree.folder / "docs").mkdir()
    assert home_of(worktree.folder / "docs") == Home(place.folder / ".interlock", worktree.folder)


def test_a_worktree_with_relative_pointers_does_too(place: Workplace, worktree: Workplace) -> None:
    (worktree.folder / ".git").write_text("gitdir: ../app/.git/worktrees/feature\n")
    assert home_of(worktree.folder).folder == place.folder / ".interlock"


def test_status_in_a_worktree_is_that_of_the_one_ledger(
    place: Workplace, worktree: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = place.done("dan", "status")["ledger"]
    monkeypatch.chdir(worktree.folder)
    assert worktree.done("dan", "status")["ledger"] == before


def test_no_second_ledger_is_founded_in_a_worktree(
    place: Workplace, worktree: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(worktree.folder)
    said = worktree.say("ann", "init", "--person", "ann", "--alone", "--json")
    assert (said.code, codes(said.object)) == (2, ["store.exists"])
    assert str(place.folder) in said.out
    assert not (worktree.folder / ".interlock").exists()


def test_a_second_driver_in_a_worktree_is_refused(
    place: Workplace, worktree: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(worktree.folder)
    with driving(home_of(place.folder).lock):
        said = worktree.say("ann", "drive", "--until-idle", "--json")
    assert codes(said.object) == ["driver.held"]


def test_what_is_not_committed_is_looked_for_where_one_stands(
    place: Workplace, worktree: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / "unfinished").write_text("elsewhere\n")
    monkeypatch.chdir(worktree.folder)
    worktree.commit("app.txt", "two\n", tag="v1.1.0")
    worktree.done("dan", "change", "open", "CR-1", "--title", "Two")
    worktree.done("dan", "release", "create", "v1.1.0")
    (worktree.folder / "here").write_text("unfinished\n")
    worktree.git("tag", "v1.2.0")
    assert codes(worktree.say("dan", "release", "create", "v1.2.0", "--json").object) == ["source.uncommitted"]


def test_a_bare_repository_keeps_the_ledger_of_its_worktrees_in_itself(place: Workplace, tmp_path: Path) -> None:
    bare, checkout = tmp_path / "app.git", tmp_path / "checkout"
    place.git("clone", "-q", "--bare", ".", str(bare))
    Workplace(bare, place.keys).git("worktree", "add", "-q", str(checkout), "HEAD")
    assert home_of(checkout) == Home(bare / ".interlock", checkout)
    assert home_of(bare) == home_of(bare / "objects") == Home(bare / ".interlock", bare)


def test_a_checkout_whose_git_lies_elsewhere_agrees_with_its_worktrees(place: Workplace, tmp_path: Path) -> None:
    main, other = tmp_path / "main", tmp_path / "other"
    place.git("clone", "-q", "--separate-git-dir", str(tmp_path / "store"), ".", str(main))
    Workplace(main, place.keys).git("worktree", "add", "-q", str(other), "HEAD")
    assert home_of(main).folder == home_of(other).folder == tmp_path / "store" / ".interlock"


def test_a_submodule_is_a_repository_of_its_own(place: Workplace, tmp_path: Path) -> None:
    outer = Workplace(tmp_path / "outer", place.keys)
    outer.folder.mkdir()
    outer.git("init", "-q")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(place.folder), "inner")
    inner = home_of(outer.folder / "inner")
    assert inner.repository == outer.folder / "inner"
    assert inner.folder == outer.folder / ".git" / "modules" / "inner" / ".interlock"


def test_a_name_in_the_environment_comes_first(worktree: Workplace, tmp_path: Path) -> None:
    named = find_home(worktree.folder, {"INTERLOCK_HOME": str(tmp_path / "elsewhere")})
    assert named == Home(tmp_path / "elsewhere", worktree.folder)


@pytest.mark.parametrize("pointer", [b"", b"gitdir: /nowhere/at/all\n", b"\0\xff\n", b"gitdir: \0"])
def test_a_pointer_that_leads_nowhere_founds_nothing(
    place: Workplace, tmp_path: Path, pointer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Workplace(tmp_path / "broken", place.keys)
    broken.folder.mkdir()
    (broken.folder / ".git").write_bytes(pointer)
    monkeypatch.chdir(broken.folder)
    said = broken.say("ann", "init", "--person", "ann", "--alone", "--json")
    assert set(codes(said.object)) < {"source.not_a_repository", "source.git_failed"}
    assert not (broken.folder / ".interlock").exists()


def test_where_there_is_no_ledger_the_two_ways_out_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    said = Workplace(tmp_path, tmp_path).say("ann", "status")
    assert ("interlock init" in said.err, "INTERLOCK_HOME" in said.err) == (True, True)
