# SPDX-License-Identifier: Apache-2.0
"""A workplace whose production is routed, with the real ledger moved on by a controller among simulated proxies."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.cli.workplace import Workplace, open_workplace
from tests.ports import free_port

from interlock.adapters.check.memory import says
from interlock.adapters.clock import MemoryClock, SystemClock
from interlock.bootstrap.houses import open_house
from interlock.config import find_home
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.verdict import Verdict
from interlock.testing.world import World

BINDINGS: Final = """
service: app
pack: rules.yaml
environments:
  staging: {deploy: {command: [/bin/true]}}
  production:
    deploy: {command: [/bin/true]}
    route: {envoy: [edge-1, edge-2], listen: LISTEN, admin: ADMIN, control: CONTROL, lanes: LANES}
checks:
  tests: {command: ["true"]}
  smoke: {command: ["true"]}
roles: {developer: [ann, dan], reviewer: [ben], release-manager: [cat]}
"""
LANES: Final = '{a: ["127.0.0.1:8001"], b: ["127.0.0.1:8002"]}'
STEPS: Final = """    rollout:
      steps: [{weight: 10, hold: 30s}, {ask: [release-manager]}, {weight: 50, hold: 30s}]
      every: 1s
"""
ASKING: Final = """    rollout: {steps: [{ask: [release-manager]}, {weight: 50, hold: 30s}], every: 1s}
"""
PLACE: Final = (ServiceName("app"), EnvironmentName("production"))
PORTS: Final = ("LISTEN", "ADMIN", "CONTROL")
GONE_ON: Final = timedelta(seconds=3)
"""So little that people who speak right after it are not taken for having turned back their clocks."""


@dataclass
class Routed:
    """The workplace, and the world in which its controller works."""

    place: Workplace
    world: World

    def go_on(self, span: timedelta = GONE_ON) -> None:
        """Let the controller work for this long."""
        self.world.moments.set(max(self.world.moments.now(), SystemClock().now()))
        self.world.work(span)

    def release(self, version: str = "v1.1.0", change: str = "CR-1") -> None:
        """Make a release and bring it before production, where everybody agrees."""
        place = self.place
        place.commit("app.txt", f"{version}\n", tag=version)
        place.done("dan", "change", "open", change, "--title", "Say more")
        place.done("dan", "release", "create", version, "--change", change)
        place.drive()
        place.done("dan", "promote", version, "staging")
        place.drive()
        place.done("dan", "sign", version, "rollback-plan", "--yes")
        place.done("ben", "approve", version, "--yes")

    def promote(self) -> None:
        """Bring v1.1.0 into production, so far that its first step is watched."""
        self.release()
        self.place.done("dan", "promote", "v1.1.0", "production")
        self.go_on()


def open_routed(folder: Path, keys: Path, steps: str = STEPS) -> Routed:
    """A workplace as it is, but with these steps before production, and a route there."""
    bindings = BINDINGS.replace("LANES", LANES)
    first = free_port(2 * len(PORTS))
    for at, name in enumerate(PORTS):
        bindings = bindings.replace(name, str(first + 2 * at))
    production = "    environment: production\n    verify: {checks: [smoke], within: 1m, every: 2s, cites: [ST-3]}\n"
    place = open_workplace(folder, keys, bindings, lambda pack: pack.replace(production, production + steps))
    house = open_house(find_home(place.folder))
    world = World(moments=MemoryClock(house.clock.now()), store=house.store)
    world.checks.otherwise = says(Verdict.PASS, "as written")
    world.deploys.adopt(*PLACE, house.view().slot(*PLACE).live.digest, "v1.0.0")
    return Routed(place, world)
