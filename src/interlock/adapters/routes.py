# SPDX-License-Identifier: Apache-2.0
"""Every shipped router and source of counters, by what a service's bindings can say, and where its lanes are.

What must outlive a single call (a control plane's port, a lease's) is kept in `Lines`, once a process. A product is
imported when it is bound: Envoy's protocol alone costs more to import than most commands to run.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from interlock.adapters.clock import monotonic
from interlock.adapters.registry import first_port
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import Lane
from interlock.packs.bindings import CommandDeploy, DeploySpec, EnvironmentBinding, ProcessDeploy
from interlock.packs.routing import EnvoyRoute, HaproxyRoute, PrometheusMetrics, RouteSpec, StickyCookie, StickyHeader
from interlock.packs.scalars import parse_duration
from interlock.ports.failure import Rejected
from interlock.ports.metrics import TrafficMetrics
from interlock.ports.router import NOBODY, Carrier, Endpoint, ProxyCommand, ProxyState, TrafficRouter, UserKey

if TYPE_CHECKING:
    from interlock.adapters.control_plane import ControlPlanes
    from interlock.adapters.envoy_route import EnvoyProxy
    from interlock.adapters.haproxy_files import HaproxyProxy
    from interlock.adapters.router.envoy import EnvoyRouter
    from interlock.adapters.router.haproxy import HaproxyRouter

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Site:
    """One routed environment of one service, and the folder of its proxies' files."""

    service: ServiceName
    environment: EnvironmentName
    folder: Path


class Lines:
    """What this process keeps open towards proxies, made when it is first needed."""

    def __init__(self) -> None:
        self._made: list[tuple[Site, RouteSpec, TrafficRouter]] = []

    @cached_property
    def planes(self) -> "ControlPlanes":
        """Where Envoys ask what is exposed."""
        from interlock.adapters.control_plane import ControlPlanes

        return ControlPlanes(monotonic)

    def router(self, bound: EnvironmentBinding, site: Site) -> TrafficRouter:
        """What splits the traffic: one object for one binding, as it holds a port open.

        Raises `Rejected` (`bindings.unbound_route`) where nothing does.
        """
        spec = _spec(bound, site)
        for place, known, one in self._made:
            if (place, known) == (site, spec):
                return one
        made = self._router(spec, site, _probe(bound))
        self._made.append((site, spec, made))
        return made

    def proxies(
        self, bound: EnvironmentBinding, site: Site, stable: tuple[Endpoint, ...]
    ) -> tuple[tuple[ProxyCommand, ProxyState], ...]:
        """Write what the proxies start with; how each is started, and what it serves now.

        They serve `stable` from now on; without any, what was arranged stays. No port is opened. Raises what `router`
        raises.
        """
        one = self._router(_spec(bound, site), site, _probe(bound))
        starts = one.prepare(stable)
        states = {state.proxy: state for state in one.observe()}
        return tuple((start, states[start.proxy]) for start in starts)

    def close(self) -> None:
        """Give it back."""
        for _, _, one in self._made:
            one.close()

    def _router(self, spec: RouteSpec, site: Site, probe: str) -> "EnvoyRouter | HaproxyRouter":
        match spec:
            case EnvoyRoute():
                return _envoy(spec, site, self.planes, probe)
            case HaproxyRoute():
                return _haproxy(spec, site, probe)
            case _:
                assert_never(spec)


def endpoints(bound: EnvironmentBinding, lane: Lane) -> tuple[Endpoint, ...]:
    """Where the instances of a lane listen. Raises `Rejected` where the bindings do not say."""
    deploy: DeploySpec = bound.deploy
    match deploy:
        case ProcessDeploy():
            first = first_port(deploy, lane)
            return tuple(Endpoint(LOOPBACK, first + number) for number in range(deploy.instances))
        case CommandDeploy():
            listed: Mapping[Lane, tuple[str, ...]] = bound.route.lanes if bound.route is not None else {}
            return tuple(_endpoint(text) for text in listed.get(lane, ()))
        case _:
            assert_never(deploy)


def metrics(bound: EnvironmentBinding, site: Site) -> TrafficMetrics:
    """Where both arms are counted. Raises `Rejected` where nothing splits the traffic."""
    if bound.metrics is not None:
        return _prometheus(bound.metrics)
    spec = _spec(bound, site)
    match spec:
        case EnvoyRoute():
            from interlock.adapters.metrics.envoy import EnvoyMetrics

            return EnvoyMetrics(site.service, site.environment, _envoys(spec))
        case HaproxyRoute():
            from interlock.adapters.metrics.haproxy import HaproxyMetrics

            return HaproxyMetrics(site.service, site.environment, _haproxies(spec, site))
        case _:
            assert_never(spec)


def _spec(bound: EnvironmentBinding, site: Site) -> RouteSpec:
    if bound.route is None:
        raise Rejected("bindings.unbound_route", f"nothing splits the traffic of '{site.environment}'", "add a route")
    return bound.route


def _users(spec: RouteSpec) -> UserKey:
    """How requests tell which user they are from."""
    match spec.sticky:
        case StickyCookie(name):
            return UserKey(Carrier.COOKIE, name)
        case StickyHeader(name):
            return UserKey(Carrier.HEADER, name)
        case None:
            return NOBODY
        case _:
            assert_never(spec.sticky)


def _probe(bound: EnvironmentBinding) -> str:
    """A path that answers 200 when an instance is ready; empty: who accepts a connection is."""
    return bound.deploy.ready if isinstance(bound.deploy, ProcessDeploy) else ""


def _envoy(spec: EnvoyRoute, site: Site, planes: "ControlPlanes", probe: str) -> "EnvoyRouter":
    from interlock.adapters.router.envoy import EnvoyRouter

    control = Endpoint(LOOPBACK, spec.control)
    proxies, users = _envoys(spec), _users(spec)
    return EnvoyRouter(
        site.service, site.environment, site.folder, proxies, control, planes, spec.ttl, probe=probe, users=users
    )


def _envoys(spec: EnvoyRoute) -> "tuple[EnvoyProxy, ...]":
    from interlock.adapters.envoy_route import EnvoyProxy

    return tuple(
        EnvoyProxy(name, Endpoint(LOOPBACK, spec.listen + number), Endpoint(LOOPBACK, spec.admin + number))
        for number, name in enumerate(spec.envoy)
    )


def _haproxy(spec: HaproxyRoute, site: Site, probe: str) -> "HaproxyRouter":
    from interlock.adapters.router.haproxy import HaproxyRouter

    proxies = _haproxies(spec, site)
    users = _users(spec)
    return HaproxyRouter(site.service, site.environment, site.folder, proxies, ttl=spec.ttl, probe=probe, users=users)


def _haproxies(spec: HaproxyRoute, site: Site) -> "tuple[HaproxyProxy, ...]":
    from interlock.adapters.haproxy_files import HaproxyProxy

    return tuple(
        HaproxyProxy(name, Endpoint(LOOPBACK, spec.listen + number), site.folder / f"{name}.sock")
        for number, name in enumerate(spec.haproxy)
    )


def _prometheus(spec: PrometheusMetrics) -> TrafficMetrics:
    from interlock.adapters.metrics.prometheus import PrometheusCounters

    slower = {_microseconds(edge): query for edge, query in spec.slower.items()}
    return PrometheusCounters(
        server=spec.prometheus,
        requests=spec.requests,
        errors=spec.errors,
        slower=slower,
        source=spec.source,
        timeout=spec.timeout.total_seconds(),
        fresh_for=spec.fresh_for.total_seconds(),
        ready=spec.ready,
        members=spec.members,
    )


def _microseconds(edge: str) -> int:
    if edge.endswith("ms") and edge.removesuffix("ms").isdecimal():
        return int(edge.removesuffix("ms")) * 1000
    try:
        return int(parse_duration(edge).total_seconds() * 1_000_000)
    except ValueError as fault:
        raise Rejected("metrics.bad_edge", f"'{edge}' is no latency", "write it like 250ms or 2s") from fault


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.rpartition(":")
    try:
        return Endpoint(str(ipaddress.ip_address(host.strip("[]"))), int(port))
    except ValueError as fault:
        sentence = f"'{text}' is not where an instance listens"
        raise Rejected(
            "route.bad_endpoint", sentence, "write an IP address and a port, such as 10.0.0.1:8080"
        ) from fault
