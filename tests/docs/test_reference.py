# SPDX-License-Identifier: Apache-2.0
"""The generated reference pages say what the code does, and every code people can meet is on them."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "src" / "interlock" / "cli"


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


def test_codes_without_a_family_have_an_entry_too() -> None:
    source = "".join(path.read_text() for path in COMMANDS.glob("*.py"))
    alone = set(re.findall(r'\b(?:Fault|Trouble)\(\s*(?:"", )?"([a-z_]+)"', source))
    page = (ROOT / "docs" / "reference" / "refusals.md").read_text()
    assert alone >= {"usage", "bug"}
    assert [code for code in sorted(alone) if f"\n### {code}\n" not in page] == []
