# SPDX-License-Identifier: Apache-2.0
"""`interlock init` says that a repository has a written procedure, and makes nothing of it unasked."""

import io
import sys
from pathlib import Path

import pytest
from tests.cli.test_review import DOCUMENT
from tests.cli.workplace import Workplace, make_key

from interlock.cli import setup
from interlock.cli.procedures import written_procedures

TOLD = ("--tests", "make test", "--smoke", "http://127.0.0.1:8000/", "--deploy", "./deploy {environment} {version}")
BEGIN = ("init", "--person", "ann", "--alone", *TOLD)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A repository with one tagged commit and a written procedure, and nothing of ours."""
    folder, keys = tmp_path / "shop", tmp_path / "keys"
    folder.mkdir()
    keys.mkdir()
    make_key(keys / "ann")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    place = Workplace(folder, keys)
    place.git("init", "-q")
    place.git("config", "user.name", "Ann Example")
    place.git("config", "user.email", "ann@example.com")
    place.commit("deploy", "#!/bin/sh\n", tag="v1")
    place.commit("RELEASE.md", DOCUMENT)
    return place


@pytest.mark.parametrize(
    "path",
    ["RELEASE.md", "RELEASING.md", "docs/release-process.md", "docs/RELEASING.rst", ".github/release_checklist.md"],
)
def test_a_procedure_is_found_where_teams_keep_it(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(DOCUMENT)
    assert written_procedures(tmp_path) == (path,)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("RELEASE_NOTES.md", DOCUMENT),
        ("RELEASES.md", "# Releases\n\n## 1.2\n\nFaster.\n"),
        ("RELEASE.md", "\x00"),
        ("RELEASE.md", "word " * 900_000),
        ("src/RELEASE.md", DOCUMENT),
    ],
    ids=["notes", "history", "binary", "big", "elsewhere"],
)
def test_what_is_no_procedure_is_not_offered(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text)
    assert written_procedures(tmp_path) == ()


def test_without_a_terminal_it_is_said_and_nothing_is_made(bare: Workplace) -> None:
    assert bare.done("ann", *BEGIN)["procedures"] == ["RELEASE.md"]
    assert not (bare.folder / "packs").exists()


def test_it_is_said_in_words_too(bare: Workplace) -> None:
    assert "interlock pack draft RELEASE.md" in bare.say("ann", *BEGIN).out


@pytest.mark.parametrize(("line", "packs"), [("y", ["release"]), ("", []), ("no", [])], ids=["yes", "enter", "no"])
def test_a_person_is_asked_and_no_is_what_enter_says(
    bare: Workplace, monkeypatch: pytest.MonkeyPatch, line: str, packs: list[str]
) -> None:
    monkeypatch.setattr(setup, "somebody_is_there", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{line}\n"))
    bare.done("ann", *BEGIN)
    assert [one.parent.name for one in bare.folder.glob("packs/*/pack.yaml")] == packs


def test_a_pack_that_is_there_is_not_drafted_again(bare: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare.folder / "packs/release").mkdir(parents=True)
    (bare.folder / "packs/release/pack.yaml").write_text("# mine\n")
    monkeypatch.setattr(setup, "somebody_is_there", lambda: True)
    assert bare.done("ann", *BEGIN)["procedures"] == ["RELEASE.md"]
    assert (bare.folder / "packs/release/pack.yaml").read_text() == "# mine\n"
