# SPDX-License-Identifier: Apache-2.0
"""What an Envoy says of itself, asked at its admin interface: bounded in time and size, and read strictly.

Whoever answers there under another node's name is not our proxy, whatever it says.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from urllib3.exceptions import NewConnectionError

from interlock.adapters.envoy_route import EnvoyProxy
from interlock.adapters.http import HttpClient
from interlock.adapters.wording import one_line
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import NOBODY, Endpoint

_OK: Final = 200
_T = TypeVar("_T")


class _SocketAddress(msgspec.Struct, frozen=True):
    address: str
    port_value: int


class _Address(msgspec.Struct, frozen=True):
    socket_address: _SocketAddress


class _Statistic(msgspec.Struct, frozen=True):
    name: str = ""
    value: str = "0"


class _Health(msgspec.Struct, frozen=True):
    failed_active_health_check: bool = False
    failed_outlier_check: bool = False
    failed_active_degraded_check: bool = False
    pending_dynamic_removal: bool = False
    pending_active_hc: bool = False


class _Host(msgspec.Struct, frozen=True):
    address: _Address
    stats: list[_Statistic] = []
    health_status: _Health = _Health()


class _Cluster(msgspec.Struct, frozen=True):
    name: str
    host_statuses: list[_Host] = []


class _Clusters(msgspec.Struct, frozen=True):
    cluster_statuses: list[_Cluster] = []


class _Marks(msgspec.Struct, frozen=True):
    users: str = str(NOBODY)


class _Node(msgspec.Struct, frozen=True):
    id: str = ""
    cluster: str = ""
    metadata: _Marks = _Marks()


class _Server(msgspec.Struct, frozen=True):
    node: _Node = _Node()


class _Entry(msgspec.Struct, frozen=True):
    final_value: str = ""


class _Runtime(msgspec.Struct, frozen=True):
    entries: dict[str, _Entry] = {}


class _Bucket(msgspec.Struct, frozen=True):
    upper_bound: float
    cumulative: int


class _Histogram(msgspec.Struct, frozen=True):
    name: str
    buckets: list[_Bucket] = []


class _Histograms(msgspec.Struct, frozen=True):
    histograms: list[_Histogram] = []


class _Stats(msgspec.Struct, frozen=True):
    stats: list[_Histograms] = []


class _Counter(msgspec.Struct, frozen=True):
    name: str = ""
    value: int = 0


class _Counters(msgspec.Struct, frozen=True):
    stats: list[_Counter] = []


class _RouteTable(msgspec.Struct, frozen=True):
    version_info: str = ""


class _Dump(msgspec.Struct, frozen=True):
    configs: list[_RouteTable] = []


class NotRunning(Exception):
    """Nobody listens at the admin address."""


@dataclass(frozen=True, slots=True)
class Member:
    """One endpoint as the proxy sees it. Every attempt that reached it, or tried to, ended as one of the two counts."""

    endpoint: Endpoint
    is_ready: bool
    answered: int
    failed: int
    """Answers of 500 and more, and attempts without an answer."""


@dataclass(frozen=True, slots=True)
class EnvoyAdmin:
    """Asks one proxy of the route that `cluster` names. Methods raise `NotRunning`, `Unavailable` or `Rejected`."""

    proxy: EnvoyProxy
    cluster: str
    client: HttpClient

    def identify(self) -> None:
        """`Rejected` when it is not the proxy that was configured."""
        node = self._ask("/server_info", {}, _Server).node
        if (node.id, node.cluster) != (self.proxy.name, self.cluster):
            raise Rejected(
                "router.another_proxy",
                f"at the admin address of {self.proxy.name} answers the proxy '{node.id}' of '{node.cluster}'",
                "correct the admin address, or start the proxy with the file that was written for it",
            )

    def users(self) -> str:
        """How it was told to know users when it was started."""
        return self._ask("/server_info", {}, _Server).node.metadata.users

    def members(self) -> Mapping[str, tuple[Member, ...]]:
        """The endpoints of every cluster."""
        asked = self._ask("/clusters", {"format": "json"}, _Clusters)
        return {one.name: tuple(self._member(host) for host in one.host_statuses) for one in asked.cluster_statuses}

    def runtime(self) -> Mapping[str, str]:
        """The values in effect."""
        entries = self._ask("/runtime", {}, _Runtime).entries
        return {key: entry.final_value for key, entry in entries.items()}

    def routes_version(self) -> str:
        """The version of the route table in use; empty when there is none."""
        tables = self._ask("/config_dump", {"resource": "dynamic_route_configs"}, _Dump).configs
        return "".join(table.version_info for table in tables[:1])

    def counters(self, pattern: str) -> Mapping[str, int]:
        """The counters whose names match; one that never counted may be missing."""
        found = self._ask("/stats", {"format": "json", "type": "Counters", "filter": pattern}, _Counters).stats
        return {one.name: one.value for one in found}

    def histograms(self, pattern: str) -> Mapping[str, tuple[tuple[float, int], ...]]:
        """The cumulative buckets of the histograms whose names match; one without samples may be missing."""
        parameters = {"format": "json", "histogram_buckets": "cumulative", "filter": pattern}
        found = self._ask("/stats", parameters, _Stats).stats
        return {
            one.name: tuple((bucket.upper_bound, bucket.cumulative) for bucket in one.buckets)
            for group in found
            for one in group.histograms
        }

    def _ask(self, path: str, parameters: Mapping[str, str], kind: type[_T]) -> _T:
        host = f"[{self.proxy.admin.host}]" if ":" in self.proxy.admin.host else self.proxy.admin.host
        try:
            answer = self.client.get(f"http://{host}:{self.proxy.admin.port}{path}", parameters)
        except Unavailable as fault:
            if isinstance(fault.__cause__, NewConnectionError):
                raise NotRunning from fault
            raise
        try:
            if answer.status != _OK:
                raise self._garbage(f"status {answer.status} to {path}")
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise self._garbage(f"{path}: {fault}") from fault

    def _member(self, host: _Host) -> Member:
        at, health = host.address.socket_address, host.health_status
        counts = {one.name: one.value for one in host.stats}
        is_ready = not (health.failed_active_health_check or health.failed_outlier_check or health.pending_active_hc)
        try:
            answered, failed = int(counts.get("rq_success", "0")), int(counts.get("rq_error", "0"))
        except ValueError as fault:
            raise self._garbage(f"/clusters: {fault}") from fault
        return Member(Endpoint(at.address, at.port_value), is_ready, answered, failed)

    def _garbage(self, reason: str) -> Rejected:
        return Rejected(
            "router.not_envoy",
            one_line(f"what answers at the admin address of {self.proxy.name} is no Envoy we know: {reason}"),
            "correct the admin address, or see which version of Envoy runs there",
        )


def ask_all(admins: Iterable[EnvoyAdmin], question: Callable[[EnvoyAdmin], _T]) -> tuple[_T, ...]:
    """The answers of all, asked at the same time, in the order of the proxies."""
    asked = tuple(admins)
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        return tuple(pool.map(question, asked))
