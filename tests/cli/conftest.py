# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, open_workplace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where we are: nothing of ours is around."""
    folder = tmp_path / "app"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    return folder


@pytest.fixture
def place(folder: Path, tmp_path: Path) -> Workplace:
    return open_workplace(folder, tmp_path / "keys")


@pytest.fixture
def released(place: Workplace) -> Workplace:
    """A change is open and v1.1.0 is made from a tagged commit."""
    place.commit("app.txt", "two\n", tag="v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Say two")
    place.done("dan", "release", "create", "v1.1.0")
    return place
