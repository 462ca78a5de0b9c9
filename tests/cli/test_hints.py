# SPDX-License-Identifier: Apache-2.0
"""What the program tells people to type is a command it has, with every option that the command cannot do without."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import interlock
from interlock.cli.main import build

HINT = re.compile(r"`interlock ([^`]*)`")
SOURCE = Path(interlock.__file__).parent


def hints() -> Iterator[tuple[str, str]]:
    """Every command in backticks in a string of the program, and where it stands; what is filled in reads as X."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in told:
                for found in HINT.findall(_text(node)):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", found


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)


def missing(hint: str) -> list[str]:
    """The options that the command needs and the hint does not name; a fault when there is no such command."""
    words = hint.split()
    if "--help" in hint:
        return []
    commands, apps, _ = build().parse_commands(words)
    assert commands, hint
    if any(not name.startswith("-") for name in apps[-1]):
        return []
    needed = [one for one in apps[-1].assemble_argument_collection() if one.required and one.index is None]
    return [one.name for one in needed if not set(one.names) & set(words)]


def test_every_hint_names_a_command_with_all_the_options_it_needs() -> None:
    faults = {f"{where}: interlock {hint}": names for where, hint in hints() if (names := missing(hint))}
    assert faults == {}


def test_every_hint_of_a_command_says_what_stands_after_its_options() -> None:
    """Three dots are no word that somebody can type, nor one that tells what is wanted."""
    assert [f"{where}: interlock {hint}" for where, hint in hints() if "..." in hint] == []


@pytest.mark.parametrize("hint", ["governance propose", "freeze lift X"])
def test_a_hint_without_a_needed_option_is_found(hint: str) -> None:
    assert missing(hint) == ["--reason"]
