# SPDX-License-Identifier: Apache-2.0
"""Traffic in the simulated world: routers, counters, and requests that behave as the versions in both lanes do.

A lane is an endpoint here: its port tells which. What answers a request is what the deployments put into the lane, so
a rollout that serves the wrong version shows in its counters.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Final

from interlock.adapters.deploy.memory import DeployWorld
from interlock.adapters.metrics.memory import MemoryMetrics, MetricsWorld, Nature, SteadyTraffic
from interlock.adapters.router.memory import MemoryRouter, RouterWorld
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import Lane, Tick
from interlock.ports.router import Endpoint

Place = tuple[ServiceName, EnvironmentName]
PORTS: Final = {Lane.A: 1, Lane.B: 2, Lane.C: 3}
EDGES: Final = (100_000, 1_000_000)
"""Microseconds. One request in twenty is slower than the first, none than the second, unless told otherwise."""
WELL: Final = Nature(slower=(Fraction(1, 20), Fraction(0)))
RATE: Final = Fraction(5000)
"""Requests a second."""


def endpoints_of(lane: Lane) -> tuple[Endpoint, ...]:
    """Where the one instance of a lane listens."""
    return (Endpoint("127.0.0.1", PORTS[lane]),)


@dataclass(slots=True)
class TrafficWorld:
    """All proxies and all users. `natures` says how versions, or digests, answer that do not answer well."""

    clock: Callable[[], datetime]
    deploys: DeployWorld
    rate: Fraction = RATE
    natures: dict[str, Nature] = field(default_factory=dict)
    routers: dict[Place, RouterWorld] = field(default_factory=dict)
    counters: dict[Place, MetricsWorld] = field(default_factory=dict)

    def router(self, place: Place) -> MemoryRouter:
        """The router of a place, built anew; its proxies are the same."""
        return MemoryRouter(self.clock, world=self.routers.setdefault(place, RouterWorld()))

    def metrics(self, place: Place) -> MemoryMetrics:
        """The counters of a place, which begin to count when they are first asked for."""
        if place not in self.counters:
            router = self.router(place)
            steady = SteadyTraffic(self.clock, router.exposure_now, self.rate)
            world = MetricsWorld(edges=EDGES)
            world.feed = _Users(self, place, steady)
            self.counters[place] = world
        return MemoryMetrics(self.counters[place])

    def flow(self) -> None:
        """Count what was asked until now, as it is split now."""
        for counted in self.counters.values():
            counted.snapshot()

    def nature(self, place: Place, endpoints: tuple[Endpoint, ...]) -> Nature:
        """How what stands there answers; where nothing stands nothing is answered."""
        lane = next((lane for lane, port in PORTS.items() if endpoints and endpoints[0].port == port), None)
        running = None if lane is None else self.deploys.lanes[lane].get(place)
        if running is None:
            return Nature(Fraction(1))
        return self.natures.get(running.version, self.natures.get(running.digest, WELL))


@dataclass(frozen=True, slots=True)
class _Users:
    """A feed whose arms answer as what stands in their lanes does now."""

    world: TrafficWorld
    place: Place
    steady: SteadyTraffic

    def __call__(self) -> Tick:
        pools = self.world.routers[self.place].pools
        self.steady.stable = self.world.nature(self.place, pools.stable)
        self.steady.candidate = self.world.nature(self.place, pools.candidate)
        self.steady.baseline = self.world.nature(self.place, pools.baseline)
        counted = self.world.counters[self.place]
        counted.baseline_members = len(pools.baseline)
        counted.baseline_ready = len(pools.baseline) if self.place in self.world.deploys.lanes[Lane.C] else 0
        return self.steady()
