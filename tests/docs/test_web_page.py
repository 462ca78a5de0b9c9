# SPDX-License-Identifier: Apache-2.0
"""What the page about the browser shows is there: its pictures, its rules, and a word for every part of the site."""

import re
from pathlib import Path
from typing import Final

import pytest

from interlock.packs.load import Pack, load_pack
from interlock.web.page import NAVIGATION

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "how-to" / "web.md").read_text()
REST: Final = """
pack: shown
version: 1.0.0
status: active
roles: [developer, reviewer, release-manager]
governors: [release-manager]
environments: [{name: production, tier: production}]
paths: {standard: {for: [normal], stages: [agreed, production]}}
stages:
  - {name: production, environment: production, verify: {checks: [smoke]}}
  - name: agreed
    requires:
"""


def test_the_rule_loads_as_it_is_shown() -> None:
    rule = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
    indented = "".join(f"      {line}\n" for line in rule.splitlines())
    rest = "waivers: {authority: [reviewer], longest: 1d}\n"
    pack = load_pack("pack.yaml", (REST + indented + rest).encode())
    assert isinstance(pack, Pack), pack.render()


def test_every_part_of_the_navigation_is_named() -> None:
    assert [name for _, name in NAVIGATION if f"| {name} |" not in PAGE] == []


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/web.md"])
def test_every_picture_that_is_shown_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", text)
    assert pictures
    assert [one for one in pictures if not ((ROOT / page).parent / one).is_file()] == []
