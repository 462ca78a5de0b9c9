# SPDX-License-Identifier: Apache-2.0
from importlib.resources import files
from typing import Final

import pytest

from interlock.testing.scenario import Passed, run_scenario, scenario_files

STARTER: Final = files("interlock.packs").joinpath("library", "starter")
SCENARIOS: Final = {one.name: one for one in scenario_files(STARTER)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_starter_pack_does_as_its_scenario_tells(name: str) -> None:
    outcome = run_scenario(name, SCENARIOS[name].read_bytes(), STARTER.joinpath("pack.yaml").read_bytes())
    assert isinstance(outcome, Passed), outcome


def test_the_starter_pack_tells_at_least_twelve_scenarios() -> None:
    assert len(SCENARIOS) >= 12
