# SPDX-License-Identifier: Apache-2.0
"""A label is anybody's word about their own change, so in no pack of the library does it alone make less be asked."""

from typing import Final

import pytest

from interlock.domain.procedure import Path, Procedure
from interlock.domain.requirement import RecordRequirement, Waivable
from interlock.packs.load import Pack, load_pack
from interlock.packs.shelf import PACK_FILE, Shelf

NAMES: Final = Shelf().names()
LABELS: Final = "labels"


def procedure(name: str) -> Procedure:
    pack = load_pack(PACK_FILE, Shelf().pack(name) or b"")
    assert isinstance(pack, Pack), pack
    return pack.procedure


def reasons(rules: Procedure, path: Path) -> set[str]:
    """The records on a path that nobody can do without, and that only those who may change the rules write."""
    asked = (one for stage in path.stages for one in rules.stage(stage).requires)
    needed = (one for one in asked if isinstance(one, RecordRequirement) and one.waivable is Waivable.NO)
    return {one.id for one in needed if set(one.roles) <= set(rules.governors)}


@pytest.mark.parametrize("name", NAMES)
def test_no_requirement_asks_for_a_label(name: str) -> None:
    asked = (one for stage in procedure(name).stages for one in stage.requires)
    assert [one.id for one in asked if LABELS in one.condition] == []


@pytest.mark.parametrize("name", NAMES)
def test_who_takes_a_path_by_a_label_needs_a_reason_from_those_who_may_change_the_rules(name: str) -> None:
    rules = procedure(name)
    believing = [path for path in rules.paths if LABELS in path.condition]
    usual = {reason for path in rules.paths if path not in believing for reason in reasons(rules, path)}
    assert [path.name for path in believing if not reasons(rules, path) - usual] == []


def test_one_pack_has_such_a_path() -> None:
    lsos = procedure("lsos")
    assert [path.name for path in lsos.paths if LABELS in path.condition] == ["direct"]
