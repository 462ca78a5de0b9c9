# SPDX-License-Identifier: Apache-2.0
"""What the page about incidents shows loads as it stands there, and its commands are those there are."""

import re
from pathlib import Path
from typing import Final

from interlock.cli.incident import app
from interlock.domain.occasion import OccasionKind
from interlock.packs.lint import lint_pack
from interlock.packs.load import Pack, load_pack

PAGE: Final = (Path(__file__).parents[2] / "docs" / "how-to" / "incidents.md").read_text()
SHOWN: Final = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
REST: Final = """
pack: shown
version: 1.0.0
status: active
roles: [developer, release-manager, security-lead, on-call, product-lead, qa-lead]
governors: [release-manager]
environments: [{name: production, tier: production}]
paths: {standard: {for: [normal], stages: [agreed, production]}}
stages:
  - {name: agreed, requires: [{id: agreed, approval: {roles: [developer]}}]}
  - {name: production, environment: production, verify: {checks: [smoke, intrusions]}, bake: {for: 1m, checks: [smoke]}}
waivers: {authority: [release-manager], longest: 1d}
"""


def test_the_pack_loads_as_it_is_shown_and_nothing_in_it_is_idle() -> None:
    pack = load_pack("pack.yaml", (REST + SHOWN).encode())
    assert isinstance(pack, Pack), pack.render()
    assert lint_pack(pack.procedure) == ()


def test_every_occasion_is_named() -> None:
    occasions = {kind.value for kind in OccasionKind}
    assert occasions - set(re.findall(r"\w+", PAGE)) == set()


def test_every_command_that_is_shown_is_one() -> None:
    shown = set(re.findall(r"^\$ interlock incident (\w+)", PAGE, re.MULTILINE))
    known = {name for name in app if not name.startswith("-")}
    assert shown <= known
    assert len(shown) > 8
