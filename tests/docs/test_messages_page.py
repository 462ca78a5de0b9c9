# SPDX-License-Identifier: Apache-2.0
"""What the page about messages shows loads as it stands there."""

import re
from pathlib import Path
from typing import Final

from interlock.domain.template import KNOWN, Setting
from interlock.packs.bindings import Bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind

PAGE: Final = (Path(__file__).parents[2] / "docs" / "how-to" / "messages.md").read_text()
BLOCKS: Final = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
REST: Final = """
pack: shown
version: 1.0.0
status: active
roles: [developer, stakeholder]
governors: [developer]
environments: [{name: production, tier: production}]
paths: {standard: {for: [normal], stages: [agreed, production]}}
waivers: {authority: [developer], longest: 1d}
"""
BOUND: Final = """
service: app
pack: shown
environments: {production: {deploy: {command: [deploy]}}}
roles: {developer: [ann], stakeholder: [ben]}
"""


def test_the_pack_and_its_bindings_load_as_they_are_shown() -> None:
    pack = load_pack("pack.yaml", (REST + BLOCKS[0]).encode())
    assert isinstance(pack, Pack), pack
    bindings = bind("interlock.yaml", (BOUND + BLOCKS[1]).encode(), pack.procedure)
    assert isinstance(bindings, Bindings), bindings
    assert set(pack.procedure.sent) == set(pack.procedure.messages)


def test_the_table_says_what_is_known() -> None:
    known = {
        line.split("|")[1]: set(re.findall(r"\w+", line.split("|")[2]))
        for line in PAGE.splitlines()
        if line.startswith("|")
    }
    for setting in (Setting.BEFORE, Setting.DECIDED):
        row = next(words for head, words in known.items() if f"`{setting}`" in head)
        assert row == {fact.value for fact in KNOWN[setting]}
