# SPDX-License-Identifier: Apache-2.0
"""What the page about the server shows can be typed and read as it stands there."""

import re
from pathlib import Path
from typing import Final

import pytest

from interlock.cli.main import main
from interlock.domain.ids import EnvironmentName, RoleName
from interlock.identity.caller import Scope
from interlock.identity.trusting import read_trusted
from interlock.packs.bindings import Bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.shelf import Shelf
from interlock.packs.staffing import Staffed, unstaffed

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


def _bound(block: str) -> Bindings:
    """The service that is bound as a block says; nothing that its pack asks for goes without people."""
    whole = f"service: app\npack: starter\nchecks: {{tests: {{command: [a]}}, smoke: {{command: [b]}}}}\n{block}"
    pack = load_pack("pack.yaml", Shelf().pack("starter") or b"")
    assert isinstance(pack, Pack)
    bound = bind("interlock.yaml", whole.encode(), pack.procedure)
    assert isinstance(bound, Bindings), bound
    assert isinstance(unstaffed("interlock.yaml", whole.encode(), bound, pack.procedure), Staffed)
    return bound


def test_the_roles_it_shows_are_those_of_one_environment_and_of_every_one() -> None:
    block, _ = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    held = [
        _bound(block).who_holds((RoleName("reviewer"),), EnvironmentName(name)) for name in ("staging", "production")
    ]
    assert held == [("ben", "eve"), ("ben",)]


def test_the_groups_it_shows_hold_roles() -> None:
    places = "".join(f"  {name}: {{deploy: {{command: [a]}}}}\n" for name in ("staging", "production"))
    _, block = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    bound = _bound(f"environments:\n{places}{block}")
    assert bound.who_holds((RoleName("release-manager"),)) == ("group:release managers",)
