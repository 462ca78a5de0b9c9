# SPDX-License-Identifier: Apache-2.0
"""How one route of ours is called in Envoy: its proxies, files, clusters, runtime keys, and the edges of its times.

Who writes the files and who reads what the proxies say use these names, and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.ports.router import NOBODY, Endpoint, UserKey

Json = Mapping[str, object]

API: Final = "type.googleapis.com/envoy."
EXTENSIONS: Final = f"{API}extensions."
"""What the types of Envoy's own extensions begin with."""
STATS_SECONDS: Final = 0.05
"""How often the proxy brings its histograms up to date."""
_UP_TO_100_MS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
_BEYOND: Final = (120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000, 5000, 10_000, 20_000, 30_000)
EDGES: Final = (*_UP_TO_100_MS, *_BEYOND)
"""In milliseconds, with two significant digits at most: there Envoy's histograms are exact (see `bound`)."""
EVERYTHING: Final = 100_000_000.0
"""The bound below which every request is: what is counted there is all."""


@dataclass(frozen=True, slots=True)
class EnvoyProxy:
    """One Envoy. Its name is its node id; `admin` may change the proxy and must be reachable for us alone."""

    name: str
    listen: Endpoint
    admin: Endpoint


@dataclass(frozen=True, slots=True)
class EnvoySite:
    """The route of one service in one environment, and the folder its files are in.

    `probe` is the path the candidate answers with 2xx when it is ready; empty: ready is who accepts a connection.
    `users` is how requests tell which user they are from.
    """

    service: ServiceName
    environment: EnvironmentName
    folder: Path
    control: Endpoint
    probe: str = ""
    users: UserKey = NOBODY

    @property
    def routes(self) -> Path:
        return self.folder / "routes.json"

    @property
    def stable(self) -> Path:
        return self.folder / "stable.json"

    @property
    def candidate(self) -> Path:
        return self.folder / "candidate.json"

    @property
    def baseline(self) -> Path:
        return self.folder / "baseline.json"

    def bootstrap(self, proxy: EnvoyProxy) -> Path:
        return self.folder / f"{proxy.name}.yaml"


def node_cluster(service: ServiceName, environment: EnvironmentName) -> str:
    """What every proxy of the route says it belongs to, and the name of the RTDS resource it asks for."""
    return f"{service}/{environment}"


def stable_cluster(service: ServiceName, environment: EnvironmentName) -> str:
    return f"{node_cluster(service, environment)}/stable"


def candidate_cluster(service: ServiceName, environment: EnvironmentName) -> str:
    return f"{node_cluster(service, environment)}/candidate"


def either_cluster(service: ServiceName, environment: EnvironmentName) -> str:
    """The candidate, backed by stable. Envoy counts answers for the cluster a route names, which is this one."""
    return f"{node_cluster(service, environment)}/either"


def baseline_cluster(service: ServiceName, environment: EnvironmentName) -> str:
    return f"{node_cluster(service, environment)}/baseline"


def beside_cluster(service: ServiceName, environment: EnvironmentName) -> str:
    """The baseline, backed by stable; counted like `either_cluster`."""
    return f"{node_cluster(service, environment)}/beside"


def stat_name(cluster: str) -> str:
    """As the cluster is called in statistics, where a dot ends a name."""
    return cluster.replace(".", "_")


def share_key(service: ServiceName, environment: EnvironmentName) -> str:
    """The runtime key of the candidate's share."""
    return f"interlock.{service}.{environment}.candidate"


def share_gate(site: EnvoySite) -> Json:
    """Who is let through by the share: nobody while the runtime says nothing."""
    return gate(share_key(site.service, site.environment))


def baseline_key(service: ServiceName, environment: EnvironmentName) -> str:
    """The runtime key of the candidate's share and the baseline's together."""
    return f"interlock.{service}.{environment}.baseline"


def baseline_gate(site: EnvoySite) -> Json:
    """Who is let through to either: one draw, or turn, decides at both gates, and the candidate's are gone first."""
    return gate(baseline_key(site.service, site.environment))


def gate(key: str) -> Json:
    """So many of ten thousand as the runtime says under the key; none by default."""
    return {"runtime_key": key, "default_value": {"numerator": 0, "denominator": "TEN_THOUSAND"}}


def cohort_key(service: ServiceName, environment: EnvironmentName, cohort: str) -> str:
    """The runtime key that lets one cohort through: a route left in the file lets nobody through without it."""
    return f"interlock.{service}.{environment}.cohort.{cohort}"


def bound(edge: int) -> float:
    """The bucket bound to give to Envoy so that it counts what took less than `edge` milliseconds, exactly.

    Envoy cuts times down to whole milliseconds, keeps two significant digits, and counts the whole bin that a bound
    falls into: so the bound stands in the middle of the last bin below the edge.
    """
    width = 1
    while edge > 100 * width:
        width *= 10
    return edge - width / 2
