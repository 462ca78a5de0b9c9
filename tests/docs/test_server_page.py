# SPDX-License-Identifier: Apache-2.0
"""What the page about the server shows can be typed and read as it stands there."""

import re
from pathlib import Path
from typing import Final

import pytest

from interlock.cli.main import main
from interlock.identity.caller import Scope
from interlock.identity.trusting import read_trusted

PAGE: Final = (Path(__file__).parents[2] / "docs" / "how-to" / "server.md").read_text()
COMMANDS: Final = sorted(set(re.findall(r"interlock (serve|account [a-z]+|people [a-z-]+)", PAGE)))


def test_the_file_it_shows_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "server.toml"
    path.write_text(block)
    trusted = read_trusted(path, lambda name: f"value of {name}")
    assert trusted.oidc["company"].people == {"a.smith": "ann"}
    assert trusted.ci[0].fits("repo:acme/shop:ref:refs/heads/main")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_it_names_are_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_its_table_has_every_scope() -> None:
    assert set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)) == {scope.value for scope in Scope}
