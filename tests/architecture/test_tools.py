# SPDX-License-Identifier: Apache-2.0
"""What the tools enforce: nothing in the tree offends them, and they are set to see what we forbid."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architecture.house import ROOT, settings

_HEAD = '# SPDX-License-Identifier: Apache-2.0\n"""What lives here."""\n\n'


def _run(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, input=said, capture_output=True, text=True, check=False)


def _codes(path: str, text: str) -> set[str]:
    """What ruff says about a file of that name and content."""
    done = _run(
        "ruff", "check", "--no-cache", "--output-format=concise", "--stdin-filename", path, "-", said=_HEAD + text
    )
    return {line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith(path)}


def test_ruff_has_nothing_to_say() -> None:
    done = _run("ruff", "check", "--output-format=concise")
    assert done.returncode == 0, "\n" + done.stdout


def test_every_file_is_formatted() -> None:
    done = _run("ruff", "format", "--check")
    assert done.returncode == 0, "\n" + done.stdout


def test_every_type_holds() -> None:
    done = _run("mypy", "--no-color-output")
    assert done.returncode == 0, "\n" + done.stdout


_BRANCHES = "\n".join(f"    if number == {case}:\n        return {case}" for case in range(8))

FORBIDDEN = (
    ("from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n", "TID251"),
    ("from datetime import datetime\n\nNOW = datetime.now()\n", "DTZ005"),
    ("import time\n\nNOW = time.time()\n", "TID251"),
    ("import uuid\n\nNAME = uuid.uuid4()\n", "TID251"),
    ("import random\n\nCHANCE = random.random()\n", "TID251"),
    ("import secrets\n\nSALT = secrets.token_bytes(16)\n", "TID251"),
    ('import os\n\nHOME = os.environ["HOME"]\n', "TID251"),
    ("import pickle\n\nLOADS = pickle.loads\n", "TID251"),
    ('print("hello")\n', "T201"),
    ("try:\n    x = 1\nexcept Exception:\n    x = 2\n", "BLE001"),
    ("import subprocess\n\nsubprocess.run('ls | wc', shell=True, check=True)\n", "S602"),
    ("from . import ids\n", "TID252"),
    ("def promote(*, x: int) -> int:\n    # noqa\n    return eval('x')\n", "S307"),
    ("def promote(urgent: bool) -> None: ...\n", "FBT001"),
    (f"def case(number: int) -> int:\n{_BRANCHES}\n    return 9\n", "C901"),
    ("def take(a: int, b: int, c: int, d: int, *, e: int, f: int, g: int) -> None: ...\n", "PLR0913"),
    ("x = 1  # noqa\n", "PGH004"),
)


@pytest.mark.parametrize(("text", "code"), FORBIDDEN)
def test_ruff_sees_what_is_forbidden(text: str, code: str) -> None:
    assert code in _codes("src/interlock/service/example.py", text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/interlock/adapters/clock.py", "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n"),
        ("src/interlock/config.py", 'import os\n\nHOME = os.environ["HOME"]\n'),
        ("src/interlock/cli/output.py", 'print("hello")\n'),
    ],
)
def test_each_impurity_has_its_one_place(path: str, text: str) -> None:
    assert not _codes(path, text)


def test_a_branch_less_is_simple_enough() -> None:
    branches = "\n".join(f"    if number == {case}:\n        return {case}" for case in range(7))
    assert "C901" not in _codes(
        "src/interlock/service/example.py", f"def case(number: int) -> int:\n{branches}\n    return 9\n"
    )


def test_mypy_sees_an_untyped_function(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f(x):\n    return x\n")
    assert "no-untyped-def" in _run("mypy", "--config-file", "pyproject.toml", "--no-incremental", str(bad)).stdout


def _wanted() -> list[Requirement]:
    file = settings()
    project, groups = file["project"], file["dependency-groups"]
    assert isinstance(project, dict)
    assert isinstance(groups, dict)
    return [
        Requirement(text) for text in [*project["dependencies"], *(one for group in groups.values() for one in group)]
    ]


def _locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = (line.removesuffix(" \\").split("==") for line in lines if "==" in line)
    return {canonicalize_name(name): version for name, version in pins}


def test_the_lock_holds_what_the_project_asks_for() -> None:
    locked = _locked()
    missing = [
        str(wanted)
        for wanted in _wanted()
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"), prereleases=True)
        or canonicalize_name(wanted.name) not in locked
    ]
    assert not missing, f"run make lock: {missing}"


@pytest.mark.parametrize("name", ["requirements.lock", "scripts/uv.txt"])
def test_every_locked_version_has_its_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert text.count("==") == text.count("== \\") + sum(
        1 for line in text.splitlines() if line.endswith("\\") and "==" in line
    )
    assert "://" not in text


def test_scripts_are_short_and_stop_at_the_first_error() -> None:
    scripts = [path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix]
    assert scripts
    for script in scripts:
        lines = script.read_text().splitlines()
        assert len(lines) <= 20, script.name
        assert lines[0] == "#!/bin/sh", script.name
        assert "set -eu" in lines, script.name
