# SPDX-License-Identifier: Apache-2.0
"""How the traffic of an environment is split, where both arms are counted, and how noisy it is in good order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final

from interlock.domain.ids import parse_name
from interlock.domain.traffic import Lane
from interlock.packs.scalars import parse_cookie_name, parse_edge, parse_endpoint, parse_header_name
from interlock.packs.shape import key
from interlock.packs.wanted import DAY, PORTS, Span

ProxyName = Annotated[str, parse_name]
"""It becomes the name of a file, too."""
CookieName = Annotated[str, parse_cookie_name]
HeaderName = Annotated[str, parse_header_name]
EndpointText = Annotated[str, parse_endpoint]
EdgeText = Annotated[str, parse_edge]
_SPREAD: Final = Span(0.01, 100)
_DISPERSION: Final = Span(1, 100)
_WARM_UP: Final = Span(1, 20)


@dataclass(frozen=True, slots=True)
class StickyCookie:
    """A user is known by a cookie."""

    cookie: CookieName = field(metadata=key(doc="Its name, such as session: one value for one user, and no other."))


@dataclass(frozen=True, slots=True)
class StickyHeader:
    """A user is known by a header that something in front of the proxies sets."""

    header: HeaderName = field(metadata=key(doc="Its name, such as x-user: one value for one user, and no other."))


StickySpec = StickyCookie | StickyHeader
_STICKY: Final = key(
    doc="How a user is known, who then stays with one release as the share grows; none: a share is of requests."
)


@dataclass(frozen=True, slots=True)
class EnvoyRoute:
    """Envoy proxies; Interlock writes their files and is their control plane for the share only."""

    envoy: tuple[ProxyName, ...] = field(metadata=key(doc="The names of the proxies.", at_least=1))
    listen: int = field(metadata=key(doc="The port of the first proxy; each further one takes the next.", span=PORTS))
    admin: int = field(
        metadata=key(doc="The first proxy's administration port; each further one takes the next.", span=PORTS)
    )
    control: int = field(metadata=key(doc="The port where Interlock tells the proxies the share.", span=PORTS))
    ttl: timedelta = field(
        default=timedelta(seconds=3), metadata=key(doc="How long an exposure outlives whoever holds it.", span=DAY)
    )
    lanes: Mapping[Lane, tuple[EndpointText, ...]] = field(
        default_factory=dict,
        metadata=key(doc="Where the instances of lanes a and b listen (host:port), unless they are processes here."),
    )
    sticky: StickySpec | None = field(default=None, metadata=_STICKY)


@dataclass(frozen=True, slots=True)
class HaproxyRoute:
    """HAProxy; Interlock writes its files and sets its weights."""

    haproxy: tuple[ProxyName, ...] = field(metadata=key(doc="The names of the proxies.", at_least=1))
    listen: int = field(metadata=key(doc="The port of the first proxy; each further one takes the next.", span=PORTS))
    ttl: timedelta = field(
        default=timedelta(seconds=3), metadata=key(doc="How long an exposure outlives whoever holds it.", span=DAY)
    )
    lanes: Mapping[Lane, tuple[EndpointText, ...]] = field(
        default_factory=dict,
        metadata=key(doc="Where the instances of lanes a and b listen (host:port), unless they are processes here."),
    )
    sticky: StickySpec | None = field(default=None, metadata=_STICKY)


RouteSpec = EnvoyRoute | HaproxyRoute


@dataclass(frozen=True, slots=True)
class PrometheusMetrics:
    """Counters of both arms by PromQL; each query gives one value for every source."""

    prometheus: str = field(metadata=key(doc="The address of the Prometheus server."))
    requests: str = field(
        metadata=key(doc="All requests; {arm} is stable or candidate, {fresh} how old a sample may be.")
    )
    errors: str = field(metadata=key(doc="Bad answers, and requests without one, with {arm} and {fresh}."))
    slower: Mapping[EdgeText, str] = field(
        default_factory=dict, metadata=key(doc="Requests slower than each edge, such as 250ms, with {arm} and {fresh}.")
    )
    source: str = field(default="instance", metadata=key(doc="The label that tells sources apart."))
    ready: str = field(default="", metadata=key(doc="How many of the candidate's instances are ready; none: unknown."))
    members: str = field(default="", metadata=key(doc="How many instances the candidate has; none: unknown."))
    fresh_for: timedelta = field(
        default=timedelta(seconds=5),
        metadata=key(doc="How old a sample may be: two or three scrape intervals.", span=DAY),
    )
    timeout: timedelta = field(
        default=timedelta(seconds=1), metadata=key(doc="After which it does not answer.", span=DAY)
    )


@dataclass(frozen=True, slots=True)
class NoiseSpec:
    """What the service's own healthy past showed: `interlock judge --history`."""

    spread: float = field(metadata=key(doc="By how many percent its instances differ.", span=_SPREAD))
    dispersion: float = field(metadata=key(doc="How many times more than chance errors vary.", span=_DISPERSION))
    warm_up: float = field(
        default=2.5, metadata=key(doc="How many times the others' errors a fresh instance may have.", span=_WARM_UP)
    )
    warm_up_of_times: float = field(
        default=2.2, metadata=key(doc="How many times as long as the others one may take.", span=_WARM_UP)
    )
    spread_of_times: float = field(
        default=5.0, metadata=key(doc="By how many percent the times of its instances differ.", span=_SPREAD)
    )
    dispersion_of_times: float | None = field(
        default=None, metadata=key(doc="How many times more than chance slow answers vary.", span=_DISPERSION)
    )
    wander_of_times: float | None = field(
        default=None,
        metadata=key(doc="By how many percent the times of one instance change within minutes.", span=_SPREAD),
    )
