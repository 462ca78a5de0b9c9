# SPDX-License-Identifier: Apache-2.0
"""What the controller decides with nobody there is recomputed from an export like everything else (I8)."""

from typing import Final

from tests.service.exported import PACK, History, recomputed

from interlock.adapters.check.memory import says
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.verdict import Verdict
from interlock.testing.trunk import ScriptedHead

APP, STAGING = ServiceName("app"), EnvironmentName("staging")
DELIVERING: Final = (
    PACK.replace(b"paths:\n", b"paths:\n  delivered:\n    for: [standard]\n    stages: [ready, staging]\n", 1).replace(
        b"for: [standard, normal]", b"for: [normal]", 1
    )
    + b"deliver: {branch: main, environment: staging}\n"
)


def test_i8_deliveries_and_drift_are_recomputed() -> None:
    history = History(pack=DELIVERING).opened().governed()
    world = history.world
    world.checks.otherwise = says(Verdict.PASS, "fine")
    for name in ("one", "two"):
        world.trunk.history.append(ScriptedHead(name))
        world.settle()
    view = world.desk().view()
    assert view.slot(APP, STAGING).live.release == view.deliveries(APP).release
    world.deploys.present.pop((APP, STAGING))
    world.settle()
    assert world.desk().view().drift(APP, STAGING).is_open
    assert recomputed(history.exported()).verdict is Verdict.PASS
