# SPDX-License-Identifier: Apache-2.0
"""The page about drafting: its document is read as it stands there, its commands run, its notes are notes."""

import re
from pathlib import Path
from typing import Final

import pytest

from interlock.cli.main import main
from interlock.packs.reading.notes import NotesFile, load_notes

PAGE: Final = (Path(__file__).parents[2] / "docs" / "how-to" / "from-release-md.md").read_text()


def blocks(language: str) -> list[str]:
    """The blocks of the page in this language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def notes() -> str:
    """The page's `reading.yaml`."""
    return next(text for text in blocks("yaml") if text.startswith("sources:"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's document."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "RELEASE.md").write_text(blocks("markdown")[0])
    return tmp_path


def commands(text: str) -> list[list[str]]:
    return [line.split()[1:] for line in text.splitlines() if line.startswith("interlock ")]


def test_its_commands_do_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = [words for block in blocks("sh") for words in commands(block)]
    assert [main(words) for words in typed] == [0] * 4
    assert "as told" in capsys.readouterr().out
    assert {file.name for file in (folder / "packs" / "release").iterdir()} == {
        "pack.yaml",
        "requirements.yaml",
        "reading.yaml",
        "scenarios",
    }


def test_a_reason_closes_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["pack", "draft", "RELEASE.md"])
    (trace,) = [words for block in blocks("") for words in commands(block) if words[1] == "trace"]
    assert main(trace) == 1
    (folder / "packs" / "release" / "reading.yaml").write_text(notes())
    assert main(trace) == 0
    assert (folder / "trace.html").is_file()
    assert "dropped" in capsys.readouterr().out


def test_its_notes_are_read() -> None:
    assert isinstance(load_notes("reading.yaml", notes().encode()), NotesFile)


def test_its_answers_decide_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = next(text for text in blocks("yaml") if text.startswith("answers:"))
    (folder / "answers.yaml").write_text(answers)
    (review,) = [words for block in blocks("") for words in commands(block) if "--answers" in words]
    assert main(review) == 0
    assert "it is active" in capsys.readouterr().out
