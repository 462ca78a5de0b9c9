# SPDX-License-Identifier: Apache-2.0
"""Who listens where, as bindings say it: no address is given to two, and no proxy's name.

Processes of ours, proxies and their administration listen on this machine's own address. The port where proxies ask
for the share may be that of several routes: one server answers all of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, assert_never

from interlock.domain.ids import EnvironmentName
from interlock.domain.procedure import Procedure
from interlock.domain.strategy import Baseline
from interlock.domain.traffic import LANES
from interlock.packs.bindings import Bindings, EnvironmentBinding, ProcessDeploy
from interlock.packs.problem import Problem
from interlock.packs.routing import EnvoyRoute, HaproxyRoute, RouteSpec
from interlock.packs.shape import problem_at
from interlock.packs.wanted import PORTS
from interlock.packs.yaml_tree import Document, Step, path_text

HERE: Final = "127.0.0.1"
_ANY_OF_OURS: Final = "0.0.0.0"  # noqa: S104 - nothing is bound: as an endpoint it leads here


@dataclass(frozen=True, slots=True)
class Claim:
    """Ports in a row at one host, and the key that asks for them. Who shares a line may share a port with its like."""

    host: str
    first: int
    count: int
    at: tuple[Step, ...]
    shares: str = ""

    @property
    def last(self) -> int:
        """The last of its ports."""
        return self.first + self.count - 1

    def clashes(self, other: "Claim") -> bool:
        """Whether both ask for one address."""
        is_line = bool(self.shares) and self.shares == other.shares
        return self.host == other.host and self.first <= other.last and other.first <= self.last and not is_line


def clashes(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    """Every address that is asked for twice, at the later of both, and what has no address."""
    claims: list[Claim] = []
    for claim in _claims(bindings, procedure):
        if claim.last > PORTS.most:
            sentence = f"{claim.count} ports from {claim.first} on do not exist"
            yield problem_at(document, claim.at, "bindings.no_port", sentence, "begin at a lower port")
        taken = next((one for one in claims if one.clashes(claim)), None)
        if taken is not None:
            port = max(taken.first, claim.first)
            sentence = f"{claim.host}:{port} belongs to {path_text(taken.at)} already{_row(taken)}"
            yield problem_at(
                document,
                claim.at,
                "bindings.port_taken",
                f"{sentence}{_needs(claim)}",
                "give each an address of its own",
            )
        claims.append(claim)


def doubled_proxies(document: Document, bindings: Bindings) -> Iterator[Problem]:
    """Every proxy of a route whose name another one of it has: both would read one file."""
    for name, place in bindings.environments.items():
        if place.route is None:
            continue
        kind, names = _proxies(place.route)
        for number, proxy in enumerate(names):
            if proxy in names[:number]:
                at = ("environments", name, "route", kind, number)
                sentence = f"two proxies are called '{proxy}'"
                yield problem_at(document, at, "bindings.proxy_twice", sentence, "give each a name of its own")


def _row(claim: Claim) -> str:
    return f" ({claim.first} to {claim.last})" if claim.count > 1 else ""


def _needs(claim: Claim) -> str:
    return f"; this one takes {claim.first} to {claim.last}" if claim.count > 1 else ""


def brings_up_baseline(procedure: Procedure, environment: EnvironmentName) -> bool:
    """Whether a rollout there has instances of its own for what is stable."""
    rollouts = [stage.rollout for stage in procedure.stages if stage.environment == environment]
    return any(rollout.steps and rollout.analysis.baseline is Baseline.FRESH for rollout in rollouts)


def _claims(bindings: Bindings, procedure: Procedure) -> Iterator[Claim]:
    for name, place in bindings.environments.items():
        lanes = 1 if place.route is None else len(LANES)
        yield from _of_environment(name, place, lanes + brings_up_baseline(procedure, name))


def _of_environment(name: EnvironmentName, place: EnvironmentBinding, lanes: int) -> Iterator[Claim]:
    at: tuple[Step, ...] = ("environments", name)
    if isinstance(place.deploy, ProcessDeploy):
        yield Claim(HERE, place.deploy.port, place.deploy.instances * lanes, (*at, "deploy", "port"))
    if place.route is not None:
        yield from _of_route(place.route, (*at, "route"))


def _of_route(route: RouteSpec, at: tuple[Step, ...]) -> Iterator[Claim]:
    yield Claim(HERE, route.listen, len(_proxies(route)[1]), (*at, "listen"))
    if isinstance(route, EnvoyRoute):
        yield Claim(HERE, route.admin, len(route.envoy), (*at, "admin"))
        yield Claim(HERE, route.control, 1, (*at, "control"), shares="control")
    lanes: Mapping[str, tuple[str, ...]] = {str(lane): endpoints for lane, endpoints in route.lanes.items()}
    for lane, endpoints in lanes.items():
        for number, endpoint in enumerate(endpoints):
            host, _, port = endpoint.rpartition(":")
            yield Claim(_normal(host), int(port), 1, (*at, "lanes", lane, number))


def _proxies(route: RouteSpec) -> tuple[str, tuple[str, ...]]:
    match route:
        case EnvoyRoute(envoy=names):
            return "envoy", names
        case HaproxyRoute(haproxy=names):
            return "haproxy", names
        case _:
            assert_never(route)


def _normal(host: str) -> str:
    """One spelling of an address."""
    written = str(ip_address(host.strip("[]")))
    return HERE if written == _ANY_OF_OURS else written
