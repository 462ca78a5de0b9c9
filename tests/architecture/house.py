# SPDX-License-Identifier: Apache-2.0
"""The project's own files as the architecture tests see them."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "src" / "interlock"
PROGRAMS: Final = ("src", "tests", "bench", "demo")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file. `path` is relative to the project, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and file below `src/interlock`; empty for other files."""
        return tuple(self.path.removeprefix("src/interlock/").split("/")) if self.is_product else ()

    @property
    def is_product(self) -> bool:
        return self.path.startswith("src/interlock/")

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def imported(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported, also inside functions."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or "."


def module(path: str, text: str) -> Module:
    """A module from text: the rules are tried on small bad ones."""
    return Module(path, text, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the project."""
    found = sorted(path for top in PROGRAMS for path in (ROOT / top).rglob("*.py"))
    return tuple(module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in found)


def names_in(folder: Path) -> tuple[str, ...]:
    """The modules of a folder by name, without `__init__`."""
    return tuple(sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__"))


@cache
def settings() -> dict[str, object]:
    """`pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
