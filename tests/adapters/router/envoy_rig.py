# SPDX-License-Identifier: Apache-2.0
"""What the router's kit asks of the world, over a fleet of real Envoys."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.adapters.envoy_world import FleetRig, SpoilingPlanes, eventually, from_user

from interlock.adapters.router.envoy import EnvoyRouter
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.router import Endpoint, Pools
from interlock.testing.contracts.router_rig import NO_HEADERS, Served


@dataclass
class EnvoyRig(FleetRig):
    """The kit's world. The holder dies by losing its server: nothing is withdrawn, every connection breaks."""

    proxies: tuple[str, ...] = ("north", "south")
    pools: Pools = field(init=False)
    baseline: tuple[Endpoint, ...] = ()
    alive: tuple[EnvoyRouter, ...] = ()

    def __post_init__(self) -> None:
        FleetRig.__post_init__(self)
        self.pools, self.baseline = self.fleet.pools, (self.fleet.baseline,)

    def router(self) -> EnvoyRouter:
        self.crash()
        self.alive = (self.fleet.connected(),)
        return self.alive[0]

    def crash(self) -> None:
        self.alive = ()
        self.fleet.crash()

    def refused(self) -> EnvoyRouter:
        self.fleet.crash()
        self.fleet.planes = SpoilingPlanes(self.fleet.planes.elapsed)
        return self.fleet.connected()

    def unconfirmed(self, held: Exposure = UNEXPOSED) -> EnvoyRouter:
        router = self.router()
        if held != UNEXPOSED:
            router.hold(held)
        self.fleet.running["north"].freeze()
        return router

    def serve(self, requests: int, headers: Mapping[str, str] = NO_HEADERS) -> Served:
        return self.fleet.serve(requests, headers)

    def user(self, name: str) -> Mapping[str, str]:
        return from_user(self.fleet.users, name)

    def stop_proxy(self, proxy: str) -> None:
        self.fleet.running[proxy].kill()
        for router in self.alive:
            eventually(lambda: proxy not in router.line.connected(), "the proxy is missed")  # noqa: B023 - used at once

    def start_proxy(self, proxy: str) -> None:
        self.fleet.running[proxy].start()
