# SPDX-License-Identifier: Apache-2.0
"""The page about asking the judge alone: its commands run in a shell and say what stands there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

PAGE: Final = (Path(__file__).parents[2] / "docs" / "how-to" / "judge.md").read_text()


def typed(number: int, folder: Path) -> str:
    """What the page's block of that number prints."""
    block = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[number]
    program = Path(sys.executable).with_name("interlock")
    command = ("bash", "-euc", f'interlock() {{ "{program}" "$@"; }}\n{block}')
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=120).stdout


def test_a_table_is_judged(tmp_path: Path) -> None:
    told = typed(0, tmp_path)
    assert told.startswith("✗ back")
    assert told.rstrip().endswith("it ended with 1")


def test_a_past_is_judged(tmp_path: Path) -> None:
    assert "3 instances, 120 intervals" in typed(1, tmp_path)
