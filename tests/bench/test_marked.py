# SPDX-License-Identifier: Apache-2.0
"""Marked procedures of one's own: how well they are read is printed with every miss."""

import json
from pathlib import Path

import pytest
from bench.reading import told_of


def test_a_folder_of_marked_procedures_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        "# Release",
        "",
        "1. The captain cuts the branch. ⟦step @captain⟧",
        "2. The mate signs it. ⟦timer @mate⟧",
        "",
    )
    (tmp_path / "own.md").write_text("\n".join(lines), encoding="utf-8")
    assert told_of(tmp_path) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["documents"], told["roles"], told["rates"]["roles"]) == (1, 2, 1.0)
    assert told["misses"] == ["own.md:4 kind signoff, not timer"]


def test_a_folder_without_any_is_an_error(tmp_path: Path) -> None:
    assert told_of(tmp_path) == 1
