# SPDX-License-Identifier: Apache-2.0
"""The generated reference pages say what the code does, and every code people can meet is on them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_pages_are_those_the_code_gives() -> None:
    checked = subprocess.run(
        [sys.executable, "scripts/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_every_entry_of_the_codes_says_something() -> None:
    lines = (ROOT / "docs" / "reference" / "refusals.md").read_text().splitlines()
    entries = [at for at, line in enumerate(lines) if line.startswith("### ")]
    assert len(entries) > 200
    assert [lines[at] for at in entries if len(lines[at + 2]) < 5] == []
