# SPDX-License-Identifier: Apache-2.0
"""The rich pack as a whole. That its statements are carried, `test_carried` says of any pack."""

from importlib.resources import files
from typing import Final

import pytest

from interlock.packs.coverage import REQUIREMENTS_FILE, load_requirements
from interlock.packs.lint import lint_pack
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.packs.shelf import PACK_FILE, Shelf
from interlock.testing.scenario import Loaded, load_scenario, scenario_files

OCTOACME: Final = files("interlock.packs").joinpath("library", "octoacme")
SCENARIOS: Final = {one.name: one for one in scenario_files(OCTOACME)}


def test_the_procedure_has_sixty_two_statements() -> None:
    statements = load_requirements(REQUIREMENTS_FILE, OCTOACME.joinpath(REQUIREMENTS_FILE).read_bytes())
    assert not isinstance(statements, Problems), statements.render()
    assert sorted(one.id for one in statements) == [f"OA-{number:02}" for number in range(1, 63)]


def test_the_pack_stands_in_the_library_and_gets_no_advice() -> None:
    assert "octoacme" in Shelf().names()
    pack = load_pack(PACK_FILE, OCTOACME.joinpath(PACK_FILE).read_bytes())
    assert isinstance(pack, Pack), pack
    assert lint_pack(pack.procedure) == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_about_what_its_name_says(name: str) -> None:
    loaded = load_scenario(name, SCENARIOS[name].read_bytes())
    assert isinstance(loaded, Loaded), loaded
    violates = loaded.scenario.violates
    assert violates or loaded.scenario.satisfies
    assert not violates or name.startswith(violates[0].lower())
