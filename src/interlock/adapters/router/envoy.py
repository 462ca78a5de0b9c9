# SPDX-License-Identifier: Apache-2.0
"""Envoy as the router: stable from files, the candidate's share as a lease (see `envoy_files` and `control_plane`).

1. A share is a random draw per request in basis points, and a fixed turn of each user where it was said how users are
   known; a cohort is the requests that name it, by header or cookie.
2. The candidate gets a request only while a proxy's runtime says so, and only the lease writes the runtime.
3. A request is asked of stable when the candidate gives no answer, and it has not been processed (or is a GET, HEAD or
   OPTIONS). Answers of the candidate are never asked again, whatever their status.
4. A member of the candidate takes requests when it was probed (every 0.25 s); members of stable always do.
5. A new cohort is a new route table: every proxy that runs has it before the lease mentions it. Where users are told
   apart, every proxy must have been started with a file that says how; one with an older file is refused. So it is with
   a baseline, of which a file from before there was one says nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from interlock.adapters import envoy_files as files
from interlock.adapters import envoy_route
from interlock.adapters.control_plane import ControlLine, ControlPlanes, Route
from interlock.adapters.discovery import Layer
from interlock.adapters.envoy_admin import EnvoyAdmin, Member, NotRunning, ask_all
from interlock.adapters.envoy_route import EnvoyProxy, EnvoySite
from interlock.adapters.http import HttpClient
from interlock.domain.ids import EnvironmentName, ServiceName, parse_name
from interlock.domain.traffic import WHOLE, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import NOBODY, Capability, Endpoint, Held, Pools, ProxyCommand, ProxyState, UserKey

TTL: Final = timedelta(seconds=3)
_PAUSE: Final = 0.02
_OPTIONS: Final = ("--disable-hot-restart", "--component-log-level", "config:error")
"""Without the level, a proxy that nobody controls says so four times a second. What it refuses it tells us anyway."""
_REFUSED_FILES: Final = "update_rejected$"
_WAITS: Final = 4
"""How many waits of an admin request fit into the patience of a call."""


@dataclass(frozen=True, slots=True)
class EnvoyRouter:
    """Routes one service in one environment through these proxies, which ask for their share at `control`.

    `folder` belongs to this route alone. `probe` is the path that tells whether the candidate is ready (empty: ready is
    who accepts a connection). `patience` in seconds bounds every call. `users` tells users apart.
    """

    service: ServiceName
    environment: EnvironmentName
    folder: Path
    proxies: tuple[EnvoyProxy, ...]
    control: Endpoint
    planes: ControlPlanes
    ttl: timedelta = TTL
    patience: float = 2.0
    probe: str = ""
    users: UserKey = NOBODY
    line: ControlLine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        resting: Layer = {self._share_key: {"numerator": 0, "denominator": "TEN_THOUSAND"}, self._share_seen: 0}
        names = tuple(proxy.name for proxy in self.proxies)
        route = Route(self.control, self._resource, names, resting, self.ttl.total_seconds())
        object.__setattr__(self, "line", ControlLine(self.planes, route))

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability) - ({Capability.STICKY} if self.users == NOBODY else set())

    def prepare(self, stable: tuple[Endpoint, ...] = ()) -> tuple[ProxyCommand, ...]:
        """Write what the proxies are started with, and how to start each. No port is opened, nor has one to be free.

        They serve `stable` from now on. Without any, what was arranged before stays; until something is they answer
        503.
        """
        try:
            with self.line.writing:
                self._write_missing()
                for proxy in self.proxies:
                    files.put(self._site.bootstrap(proxy), files.bootstrap(self._site, proxy))
        except OSError as fault:
            raise _unwritable(self.folder, fault) from fault
        if stable:
            self._place(Pools(stable))
        return tuple(
            ProxyCommand(proxy.name, ("envoy", "-c", str(self._site.bootstrap(proxy)), *_OPTIONS))
            for proxy in self.proxies
        )

    def arrange(self, pools: Pools) -> None:
        """A candidate is not arranged where it could not be exposed: a control port in use is `router.port_in_use`.

        What only stable serves needs no port: nothing stands in the way back.
        """
        if set(pools.candidate) - set(pools.stable):
            self.line.require_address()
        self._place(pools)

    def _place(self, pools: Pools) -> None:
        self._write(
            (self._site.stable, files.stable_endpoints(self._site, pools.stable)),
            (self._site.candidate, files.candidate_endpoints(self._site, pools.candidate)),
            (self._site.baseline, files.baseline_endpoints(self._site, pools.baseline)),
        )
        wanted = Pools(_sorted(pools.stable), _sorted(pools.candidate), _sorted(pools.baseline))
        self._until(lambda admin: self._has(wanted, admin))

    def hold(self, exposure: Exposure) -> Held:
        _require_possible(exposure)
        layer: dict[str, object] = {
            self._share_key: {"numerator": exposure.share, "denominator": "TEN_THOUSAND"},
            self._share_seen: exposure.share,
        }
        began, rests = self.planes.elapsed(), self.line.rests
        if exposure.cohort:
            layer[envoy_route.cohort_key(self.service, self.environment, exposure.cohort)] = 100
        if exposure.baseline:
            both = exposure.share + exposure.baseline
            layer[self._baseline_key] = {"numerator": both, "denominator": "TEN_THOUSAND"}
            layer[f"{self._baseline_key}.basis_points"] = exposure.baseline
        if exposure.cohort or exposure.baseline or self._goes_by_user():
            self._admit(exposure, layer)
        return self.line.hold(layer, max(0.0, self.patience - (self.planes.elapsed() - began)), rests)

    def withdraw(self) -> Held:
        try:
            return self.line.rest(self.patience)
        except (Rejected, Unavailable):
            return Held((), tuple(proxy.name for proxy in self.proxies))

    def observe(self) -> tuple[ProxyState, ...]:
        return ask_all(self._admins(), self._state)

    def close(self) -> None:
        if self.planes.is_open(self.line):
            self.withdraw()
        self.line.close()

    @property
    def _site(self) -> EnvoySite:
        return EnvoySite(self.service, self.environment, self.folder.absolute(), self.control, self.probe, self.users)

    @property
    def _resource(self) -> str:
        return envoy_route.node_cluster(self.service, self.environment)

    @property
    def _share_key(self) -> str:
        return envoy_route.share_key(self.service, self.environment)

    @property
    def _share_seen(self) -> str:
        """The share once more, as a plain number: a fraction is shown in a form that must not be read."""
        return f"{self._share_key}.basis_points"

    @property
    def _baseline_key(self) -> str:
        return envoy_route.baseline_key(self.service, self.environment)

    def _admins(self) -> tuple[EnvoyAdmin, ...]:
        client = HttpClient(self.patience / _WAITS)
        return tuple(EnvoyAdmin(proxy, self._resource, client) for proxy in self.proxies)

    def _write_missing(self) -> None:
        site, routes = self._site, files.routes(self._site, "")
        first = (
            (site.stable, files.stable_endpoints(site, ())),
            (site.candidate, files.candidate_endpoints(site, ())),
            (site.baseline, files.baseline_endpoints(site, ())),
            (site.routes, routes),
        )
        for path, document in first:
            if not path.exists():
                files.put(path, document)

    def _goes_by_user(self) -> bool:
        """Whether it does, or would go on doing so."""
        try:
            return self.users != NOBODY or files.tells_users_apart(self._site.routes)
        except OSError as fault:
            raise _unwritable(self.folder, fault) from fault

    def _write(self, *documents: tuple[Path, envoy_route.Json]) -> None:
        try:
            with self.line.writing:
                self._write_missing()
                for path, document in documents:
                    files.put(path, document)
        except OSError as fault:
            raise _unwritable(self.folder, fault) from fault

    def _admit(self, exposure: Exposure, layer: Layer) -> None:
        """Rule 5. Who is silent while it is held on is no reason to let go of it."""
        if self.line.renews(layer):
            ask_all(self._admins(), partial(_holds, is_so=self._knows_users))
            return
        table = files.routes(self._site, exposure.cohort, exposure.baseline)
        if exposure.baseline:
            self._until(lambda admin: self._knows_baseline(admin, admin.members()))
        self._write((self._site.routes, table))
        self._until(lambda admin: self._knows_users(admin) and admin.routes_version() == table["version_info"])

    def _knows_users(self, admin: EnvoyAdmin) -> bool:
        told = str(self.users) if self.users == NOBODY else admin.users()
        if told != str(self.users):
            raise Rejected(
                "router.other_users",
                f"{admin.proxy.name} was started to tell users by {told}, and is to tell them by {self.users}",
                f"type `interlock rollout proxies {self.environment}`, and start the proxy anew as it says",
            )
        return True

    def _knows_baseline(self, admin: EnvoyAdmin, members: Mapping[str, tuple[Member, ...]]) -> bool:
        if envoy_route.baseline_cluster(self.service, self.environment) not in members:
            raise Rejected(
                "router.no_baseline",
                f"{admin.proxy.name} was started before there was a baseline, and knows no third pool",
                f"type `interlock rollout proxies {self.environment}`, and start the proxy anew as it says",
            )
        return True

    def _has(self, pools: Pools, admin: EnvoyAdmin) -> bool:
        members = admin.members()
        return (not pools.baseline or self._knows_baseline(admin, members)) and self._pools(members) == pools

    def _until(self, is_so: Callable[[EnvoyAdmin], bool]) -> None:
        """Return when it is so at every proxy that runs."""
        deadline = self.planes.elapsed() + self.patience
        left = self._admins()
        ask_all(left, _confirm_identity)
        while left := tuple(
            admin for admin, done in zip(left, ask_all(left, partial(_holds, is_so=is_so)), strict=True) if not done
        ):
            if self.planes.elapsed() >= deadline:
                names = ", ".join(ask_all(left, _named_with_refusals))
                raise Unavailable(
                    "router.unconfirmed",
                    f"not taken over in time by {names}",
                    f"see that it may read '{self.folder}', and what it logs without --component-log-level",
                )
            Event().wait(_PAUSE)  # a proxy tells nobody that it has read a file

    def _state(self, admin: EnvoyAdmin) -> ProxyState:
        try:
            admin.identify()
            pools, exposure = self._pools(admin.members()), self._exposure(admin)
        except (NotRunning, Unavailable, Rejected):
            return ProxyState(admin.proxy.name, is_up=False)
        return ProxyState(admin.proxy.name, is_up=True, exposure=exposure, pools=pools)

    def _pools(self, members: Mapping[str, tuple[Member, ...]]) -> Pools:
        stable, candidate, baseline = (
            _sorted(tuple(member.endpoint for member in members.get(name, ())))
            for name in (
                envoy_route.stable_cluster(self.service, self.environment),
                envoy_route.candidate_cluster(self.service, self.environment),
                envoy_route.baseline_cluster(self.service, self.environment),
            )
        )
        return Pools(stable, candidate, baseline)

    def _exposure(self, admin: EnvoyAdmin) -> Exposure:
        runtime = admin.runtime()
        cohorts = envoy_route.cohort_key(self.service, self.environment, "")
        gates = sorted(key for key, value in runtime.items() if key.startswith(cohorts) and value == "100")
        share, baseline = (runtime.get(key, "0") for key in (self._share_seen, f"{self._baseline_key}.basis_points"))
        if not share.isdecimal() or not baseline.isdecimal():
            sentence = f"'{share}' and '{baseline}' are not both shares"
            raise Rejected("router.not_envoy", sentence, "see which version of Envoy runs")
        return Exposure(int(share), "".join(gates[:1]).removeprefix(cohorts), int(baseline))


def _sorted(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    return tuple(sorted(set(endpoints), key=lambda one: (one.host, one.port)))


def _require_possible(exposure: Exposure) -> None:
    if min(exposure.share, exposure.baseline) < 0 or exposure.share + exposure.baseline > WHOLE:
        told = (
            f"{exposure.share} is no share"
            if not exposure.baseline
            else f"{exposure.share}, {exposure.baseline} are no shares"
        )
        raise Rejected("router.bad_share", f"{told} in basis points", f"write some between 0 and {WHOLE} together")
    if exposure.cohort:
        try:
            parse_name(exposure.cohort)
        except ValueError as fault:
            raise Rejected("router.bad_cohort", str(fault), "name the cohort so") from fault


def _confirm_identity(admin: EnvoyAdmin) -> None:
    try:
        admin.identify()
    except NotRunning:
        return
    except Unavailable as fault:
        raise _silent(admin) from fault


def _holds(admin: EnvoyAdmin, is_so: Callable[[EnvoyAdmin], bool]) -> bool:
    try:
        return is_so(admin)
    except NotRunning:
        return True
    except Unavailable:
        return False


def _named_with_refusals(admin: EnvoyAdmin) -> str:
    """Its name, and how many files it refused since it was started: which of them it does not say."""
    try:
        refused = sum(admin.counters(_REFUSED_FILES).values())
    except (NotRunning, Unavailable, Rejected):
        return admin.proxy.name
    return f"{admin.proxy.name} (it refused {refused} files since it was started)" if refused else admin.proxy.name


def _silent(admin: EnvoyAdmin) -> Unavailable:
    return Unavailable(
        "router.unconfirmed", f"the admin interface of {admin.proxy.name} does not answer", "see what keeps the proxy"
    )


def _unwritable(folder: Path, fault: OSError) -> Unavailable:
    return Unavailable("router.unwritable", f"'{folder}' cannot be written: {fault.strerror}", "see to its permissions")
