# SPDX-License-Identifier: Apache-2.0
"""What HAProxy counted of both arms, read from the socket of each process.

1. Every counter here is a sum of counters that only grow. None is a difference: two rows are not read at one moment.
2. A request that the candidate failed to answer and stable answered in its place is one request of each, and an error
   of the candidate.
3. HAProxy keeps no latency histogram, so a snapshot has no edges.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from interlock.adapters.haproxy_files import CANDIDATE, ONCE, STABLE, HaproxyProxy
from interlock.adapters.haproxy_socket import Answered, ask_all
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import ArmCounters, Snapshot, SourceCounters
from interlock.ports.failure import Unavailable

_BACKENDS_AND_SERVERS: Final = "show stat -1 6 -1"
_ANSWERED: Final = ("hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx")
_FAILED: Final = "hrsp_5xx"
_TOTAL: Final = "BACKEND"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Told:
    """One proxy's counters, and how many of the candidate's endpoints it sees ready."""

    counters: SourceCounters
    ready: int
    members: int


@dataclass(frozen=True, slots=True)
class HaproxyMetrics:
    """Reads every proxy of one service in one environment. `patience`, in seconds, bounds a read.

    It is short, for while one of them hangs every look at the others takes that long; what it counted is not lost.
    """

    service: ServiceName
    environment: EnvironmentName
    proxies: tuple[HaproxyProxy, ...]
    patience: float = 0.5

    def read(self) -> Snapshot:
        sockets = {proxy.socket: _BACKENDS_AND_SERVERS for proxy in self.proxies}
        replies = ask_all(sockets, self.patience)
        told = [
            _told(proxy.name, rows)
            for proxy in self.proxies
            if isinstance(reply := replies[proxy.socket], Answered) and (rows := _rows(reply.text))
        ]
        if not told:
            raise Unavailable(
                "metrics.silent",
                f"no proxy of '{self.service}' in '{self.environment}' tells its counters",
                "see whether they run",
            )
        fewest = min(told, key=lambda one: (one.ready, -one.members))
        return Snapshot(tuple(one.counters for one in told), (), fewest.ready, fewest.members)


def _rows(answer: str) -> list[Row]:
    """The rows of our backends; none when the proxy has others, or answered something else."""
    table = answer.strip().removeprefix("# ").splitlines()
    ours = {f"{arm}{kind}" for arm in (STABLE, CANDIDATE) for kind in ("", ONCE)}
    return [row for row in csv.DictReader(table) if row.get("pxname") in ours and "hrsp_5xx" in row]


def _told(source: str, rows: Iterable[Row]) -> _Told:
    stable, candidate = ArmCounters(), ArmCounters()
    ready = members = 0
    for row in rows:
        kind, server = row["pxname"], row["svname"]
        if (server == _TOTAL and kind.startswith(STABLE)) or server.startswith("f"):
            stable = _plus(stable, _count(row, *_ANSWERED), _count(row, _FAILED))
        elif server.startswith("c"):
            unanswered = _count(row, "wredis", "econ", *(("eresp",) if kind.endswith(ONCE) else ()))
            candidate = _plus(candidate, _count(row, *_ANSWERED) + unanswered, _count(row, _FAILED) + unanswered)
            is_member = kind == CANDIDATE and not row["status"].startswith("MAINT")
            members += is_member
            ready += is_member and row["status"].startswith("UP")
    return _Told(SourceCounters(source, stable, candidate), ready, members)


def _count(row: Row, *columns: str) -> int:
    return sum(int(row[column] or 0) for column in columns)


def _plus(arm: ArmCounters, requests: int, errors: int) -> ArmCounters:
    return ArmCounters(arm.requests + requests, arm.errors + errors)
