# SPDX-License-Identifier: Apache-2.0
"""Arrows never point up: the contracts of pyproject.toml hold, and each of them fails on its breach."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

import pytest
from tests.architecture.house import PACKAGE, settings

_PROGRAM: Final = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"

Contract = dict[str, object]


def _contracts() -> list[Contract]:
    tools = cast("Mapping[str, Mapping[str, object]]", settings()["tool"])
    return cast("list[Contract]", tools["importlinter"]["contracts"])


def _is_there(source: Path, module: str) -> bool:
    place = source.joinpath(*module.split("."))
    return place.with_suffix(".py").exists() or place.is_dir()


def _fitted(contract: Contract, source: Path) -> Contract:
    """The contract without importers that do not exist (yet): allowing nobody is never weaker."""
    allowed = cast("list[str]", contract.get("allowed_importers", []))
    there = [name for name in allowed if _is_there(source, name)]
    return {**contract, "allowed_importers": there} if allowed else contract


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case _:
            return f'"{value}"'


def _lint(source: Path, config: Path) -> tuple[int, str]:
    """Every contract over the package below `source`: the exit code and what was said."""
    lines = ["[tool.importlinter]", 'root_package = "interlock"', "include_external_packages = true"]
    for contract in _contracts():
        lines += ["[[tool.importlinter.contracts]]"]
        lines += [f"{name} = {_toml(value)}" for name, value in _fitted(contract, source).items()]
    config.write_text("\n".join(lines))
    program = f"import sys; sys.path.insert(0, {str(source)!r}); {_PROGRAM}"
    arguments = ["--config", str(config), "--no-cache", "--no-logo"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(source), "PATH": "", "COLUMNS": "200"},
    )
    return done.returncode, done.stdout + done.stderr


SKELETON: Final = (
    "cli/main.py testing/world.py bootstrap/houses.py workflows/drive.py service/handle.py packs/load.py config.py "
    "ports/store.py ledger/record.py domain/ids.py adapters/store/sqlite.py adapters/store/memory.py adapters/http.py "
    "adapters/deploy/process.py"
).split()


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """An empty house of the same form."""
    source = tmp_path / "src"
    for name in SKELETON:
        place = source / "interlock" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("")
    for folder in (source / "interlock").rglob("*"):
        if folder.is_dir():
            (folder / "__init__.py").write_text("")
    (source / "interlock" / "__init__.py").write_text("")
    return source


def test_the_house_keeps_every_contract(tmp_path: Path) -> None:
    code, said = _lint(PACKAGE.parent, tmp_path / "contracts.toml")
    assert code == 0, said


def test_an_empty_house_keeps_every_contract(skeleton: Path, tmp_path: Path) -> None:
    code, said = _lint(skeleton, tmp_path / "contracts.toml")
    assert code == 0, said


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("domain/ids.py", "interlock.ledger.record", "an arrow never points up"),
        ("ledger/record.py", "interlock.ports.store", "an arrow never points up"),
        ("packs/load.py", "interlock.service.handle", "an arrow never points up"),
        ("service/handle.py", "interlock.workflows.drive", "an arrow never points up"),
        ("adapters/http.py", "interlock.service.handle", "an arrow never points up"),
        ("bootstrap/houses.py", "interlock.cli.main", "an arrow never points up"),
        ("newcomer.py", "interlock.domain.ids", "an arrow never points up"),
        ("domain/ids.py", "asyncio", "domain and ledger touch nothing outside"),
        ("ledger/record.py", "sqlite3", "domain and ledger touch nothing outside"),
        ("ledger/record.py", "os", "domain and ledger touch nothing outside"),
        ("workflows/drive.py", "interlock.adapters.http", "only bootstrap and the public test kit know adapters"),
        ("cli/main.py", "interlock.adapters.store.memory", "only bootstrap and the public test kit know adapters"),
        ("adapters/store/sqlite.py", "interlock.adapters.store.memory", "adapters do not know each other"),
        ("adapters/store/sqlite.py", "interlock.adapters.deploy.process", "adapters do not know each other"),
    ],
)
def test_a_breach_is_found(skeleton: Path, tmp_path: Path, importer: str, imported: str, contract: str) -> None:
    (skeleton / "interlock" / importer).write_text(f"import {imported}\n")
    code, said = _lint(skeleton, tmp_path / "contracts.toml")
    assert code == 1, said
    assert f"{contract} BROKEN" in said


def test_a_circle_between_folders_is_found(skeleton: Path, tmp_path: Path) -> None:
    (skeleton / "interlock/adapters/store/memory.py").write_text("import interlock.adapters.deploy\n")
    (skeleton / "interlock/adapters/deploy/__init__.py").write_text("import interlock.adapters.store\n")
    code, said = _lint(skeleton, tmp_path / "contracts.toml")
    assert code == 1, said
    assert "no cycles BROKEN" in said
