# SPDX-License-Identifier: Apache-2.0
"""What the page about delivery shows loads as it stands there, put together."""

import re
from pathlib import Path
from typing import Final

from interlock.domain.trunk import UNDELIVERED
from interlock.packs.bindings import Bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "how-to" / "main-to-staging.md"
HEAD: Final = """\
pack: team
version: 1.0.0
status: active
roles: [developer, reviewer]
governors: [reviewer]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging]}
waivers: {authority: [reviewer], longest: 7d}
"""
STAGES: Final = """\
stages:
  - {name: ready, requires: [{id: on-main, gate: {check: from-main}}]}
  - {name: staging, environment: staging}
  - {name: agreed, requires: [{id: review, approval: {roles: [reviewer]}}]}
  - {name: production, environment: production}
  - {name: production-at-once, environment: production}
"""
BOUND: Final = """\
service: app
pack: team
roles: {developer: [ann], reviewer: [ben]}
environments:
  staging: {deploy: {command: [deploy]}}
  production: {deploy: {command: [deploy]}, compare: 5m}
deliver: {remote: origin, every: 15s}
"""


def test_the_pack_and_its_bindings_load_as_they_are_shown() -> None:
    checks, rules, reason = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    pack = load_pack("pack.yaml", (HEAD + rules + STAGES + reason).encode())
    assert isinstance(pack, Pack), pack
    assert pack.procedure.delivery != UNDELIVERED
    bound = bind("interlock.yaml", (BOUND + checks).encode(), pack.procedure)
    assert isinstance(bound, Bindings), bound


def test_every_code_that_is_named_is_on_the_page_of_codes() -> None:
    codes = (PAGE.parent.parent / "reference" / "refusals.md").read_text()
    named = re.findall(r"\(`([a-z]+\.[a-z_]+)`\)", PAGE.read_text())
    assert named
    assert [code for code in named if f"### {code}\n" not in codes] == []
