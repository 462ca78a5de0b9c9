# SPDX-License-Identifier: Apache-2.0
"""What the arms did, as each Envoy counted it; no other server is needed.

What is counted, as seen with real traffic on Envoy 1.40. Each arm answers for itself: what the other did in its place
speaks neither for it nor against it.
1. Of stable, the requests that were meant for it, once each, by what the client got in the end (`upstream_rq_5xx` and
   its like, of the cluster that the route names). What a second instance answered after a first did not is no error:
   one instance that is down costs clients nothing, and must not make a bad candidate look like stable.
2. Of the candidate, what its endpoints were asked, by how that ended (`rq_success` and `rq_error` of `/clusters`). It
   is asked once for each request, as the next try is stable's; so a request that stable answered in its place is an
   error of the candidate. It is asked again, and counts again, only when stable gave no answer either. What both arms
   lose alike and a second try mends is therefore held against the candidate alone: a doubt speaks for stable.
3. What stable answered in the candidate's place, also because no member of it was ready, is no request of stable's.
   What a client gave up is in neither.
4. `slower` are answers only, by the whole time the proxy spent on the request (`upstream_rq_time`): for the candidate,
   those it gave itself (its endpoints are marked canary), for stable, those of requests meant for it. Times are exact
   at every edge (see `envoy_route.bound`), and were brought up to date after the requests were counted.
5. A candidate whose endpoints changed, and a proxy that was started anew, begin at zero: `between` drops what went
   back.
   A baseline is counted as the candidate is; of one without endpoints nothing is said.
6. A proxy that is silent, is another one, says nothing we can read, or has not both arms, is absent.
"""

import re
from dataclasses import dataclass, replace
from threading import Event
from typing import Final

from interlock.adapters import envoy_route
from interlock.adapters.envoy_admin import EnvoyAdmin, Member, NotRunning, ask_all
from interlock.adapters.envoy_route import EnvoyProxy
from interlock.adapters.http import HttpClient
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import ArmCounters, Snapshot, SourceCounters
from interlock.ports.failure import Rejected, Unavailable

_EDGES: Final = tuple(1000 * edge for edge in envoy_route.EDGES)
_BOUNDS: Final = (*(envoy_route.bound(edge) for edge in envoy_route.EDGES), envoy_route.EVERYTHING)
_TIMES: Final = "upstream_rq_time"
_ENDED: Final = "upstream_rq_[1-5]xx"
_FAILED: Final = "upstream_rq_5xx"
_FRESH: Final = 1.5 * envoy_route.STATS_SECONDS


@dataclass(frozen=True, slots=True)
class Seen:
    """One proxy's word."""

    counters: SourceCounters
    ready: int
    members: int
    baseline_ready: int
    baseline_members: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why a proxy is absent."""

    proxy: str
    reason: str


@dataclass(frozen=True, slots=True)
class EnvoyMetrics:
    """Reads the proxies of one service's route in one environment. `timeout` in seconds: half of it for a request.

    A proxy has a quarter of it to say who it is: while one hangs, every look at the others takes that long.
    """

    service: ServiceName
    environment: EnvironmentName
    proxies: tuple[EnvoyProxy, ...]
    timeout: float = 1.0

    def read(self) -> Snapshot:
        client = HttpClient(self.timeout / 2)
        cluster = envoy_route.node_cluster(self.service, self.environment)
        answers = ask_all((EnvoyAdmin(proxy, cluster, client) for proxy in self.proxies), self._seen)
        seen = [answer for answer in answers if isinstance(answer, Seen)]
        if not seen:
            reasons = "; ".join(answer.reason for answer in answers if isinstance(answer, Unseen))
            raise Unavailable(
                "metrics.silent", f"no proxy says what it counted: {reasons or 'none is named'}", "see to the proxies"
            )
        fewest = min(seen, key=lambda one: one.ready - one.members)
        beside = min(seen, key=lambda one: one.baseline_ready - one.baseline_members)
        counters = tuple(one.counters for one in seen)
        return Snapshot(counters, _EDGES, fewest.ready, fewest.members, beside.baseline_ready, beside.baseline_members)

    def _seen(self, admin: EnvoyAdmin) -> Seen | Unseen:
        name = admin.proxy.name
        try:
            replace(admin, client=HttpClient(self.timeout / 4)).identify()
            return self._counted(admin)
        except NotRunning:
            return Unseen(name, f"{name} does not run")
        except (Unavailable, Rejected) as fault:
            return Unseen(name, fault.sentence)

    def _counted(self, admin: EnvoyAdmin) -> Seen | Unseen:
        stable = envoy_route.stable_cluster(self.service, self.environment)
        candidate = envoy_route.candidate_cluster(self.service, self.environment)
        routed = f"cluster.{envoy_route.stat_name(stable)}."
        answered_stable = f"{routed}{_TIMES}"
        either = envoy_route.stat_name(envoy_route.either_cluster(self.service, self.environment))
        answered_candidate = f"cluster.{either}.canary.{_TIMES}"
        beside = envoy_route.stat_name(envoy_route.beside_cluster(self.service, self.environment))
        answered_baseline = f"cluster.{beside}.canary.{_TIMES}"
        members = admin.members()
        fresh = members.get(envoy_route.baseline_cluster(self.service, self.environment), ())
        if stable not in members or candidate not in members:
            return Unseen(admin.proxy.name, f"{admin.proxy.name} knows nothing of the route")
        ended = admin.counters(f"^{re.escape(routed)}{_ENDED}$")
        Event().wait(_FRESH)  # the proxy brings its times up to date by itself, and tells nobody
        names = (answered_stable, answered_candidate, answered_baseline)
        times = admin.histograms(f"^({'|'.join(map(re.escape, names))})$")
        counters = SourceCounters(
            admin.proxy.name,
            stable=ArmCounters(
                sum(ended.values()), ended.get(f"{routed}{_FAILED}", 0), slower(times.get(answered_stable, ()))
            ),
            candidate=_asked(members[candidate], slower(times.get(answered_candidate, ()))),
            baseline=_asked(fresh, slower(times.get(answered_baseline, ()))) if fresh else ArmCounters(),
        )
        ready, fresh_ready = (sum(member.is_ready for member in arm) for arm in (members[candidate], fresh))
        return Seen(counters, ready, len(members[candidate]), fresh_ready, len(fresh))


def _asked(members: tuple[Member, ...], late: tuple[int, ...]) -> ArmCounters:
    errors = sum(member.failed for member in members)
    return ArmCounters(sum(member.answered for member in members) + errors, errors, late)


def slower(buckets: tuple[tuple[float, int], ...]) -> tuple[int, ...]:
    """How many are slower than each edge; `Rejected` when these are not the buckets that were configured."""
    if not buckets:
        return (0,) * len(_EDGES)
    counts = [count for _, count in buckets]
    if tuple(bound for bound, _ in buckets) != _BOUNDS or counts != sorted(counts):
        raise Rejected(
            "metrics.other_edges",
            "the proxy counts times by other edges",
            "start it with the file that was written for it",
        )
    return tuple(counts[-1] - count for count in counts[:-1])
