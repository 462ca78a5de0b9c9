# SPDX-License-Identifier: Apache-2.0
"""What an Envoy of ours reads from files: everything but the share (https://www.envoyproxy.io/docs/envoy/latest/).

1. Listener, routes, clusters and endpoints come from files, so a proxy serves stable while nobody of us lives. Only the
   runtime layer with the share comes over ADS; it defaults to nothing, and a start waits 0.3 s for it at most.
2. A file is moved into its place whole; it is written anew only when it says something else.
3. A client's own headers change neither what is retried nor what is counted.
4. What did not reach the candidate, or did and may be asked twice (GET, HEAD, OPTIONS), is asked of stable when the
   candidate gives no answer. An answer is an answer, also a bad one: it is never asked again.
   Likewise the baseline.
5. The runtime is changed by the lease alone: there is no admin layer.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from interlock.adapters import envoy_users
from interlock.adapters.envoy_route import API as _API
from interlock.adapters.envoy_route import (
    EDGES,
    EVERYTHING,
    STATS_SECONDS,
    EnvoyProxy,
    EnvoySite,
    Json,
    baseline_cluster,
    baseline_gate,
    beside_cluster,
    bound,
    candidate_cluster,
    cohort_key,
    either_cluster,
    gate,
    node_cluster,
    share_gate,
    stable_cluster,
    stat_name,
)
from interlock.adapters.envoy_route import EXTENSIONS as _EXTENSIONS
from interlock.ports.router import COHORT_COOKIE, COHORT_HEADER, NOBODY, Endpoint

REQUEST_SECONDS: Final = 60
"""How long a request may take before the proxy gives it up."""
PROBE_SECONDS: Final = 0.25
"""How often the candidate is asked whether it is there; it is out after two failures, and in after one success."""
_PROTOCOL: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_MANY: Final = 100_000
BY_USER: Final = "matcher"
"""Under this key stand the routes of one that tells users apart; there are no others then."""
_SAFE: Final = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD|OPTIONS"}}}
_TWICE: Final = "connect-failure,refused-stream,reset"
_ONCE: Final = "connect-failure,refused-stream,reset-before-request"
_MARK: Final = {"metadata": {"filter_metadata": {"envoy.lb": {"canary": True}}}}
_MEDDLING: Final = (
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-max-retries",
    "x-envoy-retriable-header-names",
    "x-envoy-retriable-status-codes",
    "x-envoy-retry-grpc-on",
    "x-envoy-retry-on",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-ms",
)


def bootstrap(site: EnvoySite, proxy: EnvoyProxy) -> Json:
    """What the proxy is started with. Beside it, it reads the routes and the endpoints of all arms."""
    service, environment = site.service, site.environment
    candidate, baseline = candidate_cluster(service, environment), baseline_cluster(service, environment)
    backed = _backed(site, either_cluster(service, environment), candidate)
    beside = (_probed(site, baseline, site.baseline), _backed(site, beside_cluster(service, environment), baseline))
    clusters = [_stable(site), _probed(site, candidate, site.candidate), backed, *beside, _control(site.control)]
    return {
        "node": {"id": proxy.name, "cluster": node_cluster(site.service, site.environment), **_known(site)},
        "admin": {"address": _address(proxy.admin)},
        "dynamic_resources": {"ads_config": _ads()},
        "static_resources": {"listeners": [_listener(site, proxy)], "clusters": clusters},
        "layered_runtime": {"layers": [_exposure_layer(site)]},
        "stats_flush_interval": f"{STATS_SECONDS}s",
        "stats_config": {"histogram_bucket_settings": [_buckets()]},
    }


def routes(site: EnvoySite, cohort: str, baseline: int = 0) -> Json:
    """The route table. With a cohort, its requests reach the candidate while the runtime says so (rule 1); with any
    share of a baseline, so do those that are drawn for it.
    """
    either, beside = (name(site.service, site.environment) for name in (either_cluster, beside_cluster))
    invited = _cohort_routes(site, cohort, either) if cohort else []
    drawn = [*_by_method(_fresh_route(either, {"runtime_fraction": share_gate(site)}))]
    if baseline:
        drawn.extend(_by_method(_fresh_route(beside, {"runtime_fraction": baseline_gate(site)})))
    rest = [*_by_method(_stable_route(site))]
    anybody = [*invited, *drawn, *rest]
    if site.users == NOBODY:
        where: Json = {"routes": anybody}
    else:
        chosen, next_ones = ([*_by_method(_fresh_route(cluster, {}))] for cluster in (either, beside))
        turns = (chosen, [*invited, *next_ones] if baseline else [])
        where = {BY_USER: envoy_users.by_user(site, *turns, [*invited, *rest], anybody)}
    host = {"name": node_cluster(site.service, site.environment), "domains": ["*"], **where}
    table = {"@type": f"{_API}config.route.v3.RouteConfiguration", "name": "routes", "virtual_hosts": [host]}
    return {"version_info": version(table), "resources": [table]}


def tells_users_apart(path: Path) -> bool:
    """Whether the route table in this file, if it is there, goes by user. Raises `OSError`."""
    return path.exists() and f'"{BY_USER}":' in path.read_text()


def stable_endpoints(site: EnvoySite, members: tuple[Endpoint, ...]) -> Json:
    """Where the instances of stable are."""
    return _endpoints(stable_cluster(site.service, site.environment), members, {})


def candidate_endpoints(site: EnvoySite, members: tuple[Endpoint, ...]) -> Json:
    """Where the candidate's are. They are marked, so that what they answered themselves is counted apart."""
    return _endpoints(candidate_cluster(site.service, site.environment), members, _MARK)


def baseline_endpoints(site: EnvoySite, members: tuple[Endpoint, ...]) -> Json:
    """Where those of the baseline are, marked likewise."""
    return _endpoints(baseline_cluster(site.service, site.environment), members, _MARK)


def version(document: Json) -> str:
    """The name of what a document says."""
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def put(path: Path, document: Json) -> None:
    """Rule 2. Raises `OSError`."""
    text = json.dumps(document, indent=1).encode() + b"\n"
    try:
        if path.read_bytes() == text:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _endpoints(cluster: str, members: tuple[Endpoint, ...], mark: Json) -> Json:
    assignment = {
        "@type": f"{_API}config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": cluster,
        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(one)}, **mark} for one in members]}],
    }
    return {"resources": [assignment]}


def _address(endpoint: Endpoint) -> Json:
    return {"socket_address": {"address": endpoint.host, "port_value": endpoint.port}}


def _ads() -> Json:
    backoff = {"base_interval": "0.1s", "max_interval": "0.5s"}
    service = {"envoy_grpc": {"cluster_name": "interlock", "retry_policy": {"retry_back_off": backoff}}}
    return {"api_type": "GRPC", "transport_api_version": "V3", "grpc_services": [service]}


def _exposure_layer(site: EnvoySite) -> Json:
    source = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0.3s"}
    return {
        "name": "exposure",
        "rtds_layer": {"name": node_cluster(site.service, site.environment), "rtds_config": source},
    }


def _buckets() -> Json:
    return {"match": {"suffix": "upstream_rq_time"}, "buckets": [*(bound(edge) for edge in EDGES), EVERYTHING]}


def _from_file(site: EnvoySite, path: Path) -> Json:
    source = {"path": str(path), "watched_directory": {"path": str(site.folder)}}
    return {"path_config_source": source, "resource_api_version": "V3"}


def _known(site: EnvoySite) -> Json:
    """What a proxy says of itself, so that one with an older file is found out."""
    return {} if site.users == NOBODY else {"metadata": {"users": str(site.users)}}


def _listener(site: EnvoySite, proxy: EnvoyProxy) -> Json:
    mutations = {"request_mutations": [{"remove": name} for name in _MEDDLING]}
    connections = {
        "@type": f"{_EXTENSIONS}filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "interlock",
        "rds": {"route_config_name": "routes", "config_source": _from_file(site, site.routes)},
        "http_filters": [
            *(() if site.users == NOBODY else envoy_users.filters(site.users)),
            {
                "name": "envoy.filters.http.header_mutation",
                "typed_config": {
                    "@type": f"{_EXTENSIONS}filters.http.header_mutation.v3.HeaderMutation",
                    "mutations": mutations,
                },
            },
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_EXTENSIONS}filters.http.router.v3.Router"},
            },
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": connections}]}
    return {"name": "listener", "address": _address(proxy.listen), "filter_chains": [chain]}


def _cohort_routes(site: EnvoySite, cohort: str, either: str) -> list[Json]:
    """Whoever names the cohort, by the header or by the cookie, as long as the runtime lets the cohort through."""
    let = {"runtime_fraction": gate(cohort_key(site.service, site.environment, cohort))}
    exactly = {"string_match": {"exact": cohort}}
    ways = ({"headers": [{"name": COHORT_HEADER, **exactly}]}, {"cookies": [{"name": COHORT_COOKIE, **exactly}]})
    return [one for way in ways for one in _by_method(_fresh_route(either, {**let, **way}))]


def _fresh_route(cluster: str, match: Json) -> Json:
    """To an arm that is backed by stable."""
    elsewhere = {
        "name": "envoy.retry_priorities.previous_priorities",
        "typed_config": {
            "@type": f"{_EXTENSIONS}retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
            "update_frequency": 1,
        },
    }
    return _route(cluster, match, {"retry_priority": elsewhere, "num_retries": 3})


def _stable_route(site: EnvoySite) -> Json:
    other = {
        "name": "envoy.retry_host_predicates.previous_hosts",
        "typed_config": {"@type": f"{_EXTENSIONS}retry.host.previous_hosts.v3.PreviousHostsPredicate"},
    }
    policy = {"retry_host_predicate": [other], "host_selection_retry_max_attempts": 5, "num_retries": 1}
    return _route(stable_cluster(site.service, site.environment), {}, policy)


def _route(cluster: str, match: Json, policy: Json) -> Json:
    retry = {
        **policy,
        "retry_on": _ONCE,
        "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.05s"},
    }
    action = {"cluster": cluster, "timeout": f"{REQUEST_SECONDS}s", "retry_policy": retry}
    return {"match": {"prefix": "/", **match}, "route": action}


def _by_method(route: Json) -> tuple[Json, Json]:
    """The route twice: for what may be asked twice, and for the rest."""
    match, action = dict(_part(route, "match")), _part(route, "route")
    headers = match.get("headers", [])
    safe = [*(headers if isinstance(headers, list) else []), _SAFE]
    retry = {**_part(action, "retry_policy"), "retry_on": _TWICE}
    return {"match": {**match, "headers": safe}, "route": {**action, "retry_policy": retry}}, route


def _part(document: Json, name: str) -> Json:
    part = document[name]
    assert isinstance(part, Mapping)  # noqa: S101 - made a few lines above
    return part


def _cluster(site: EnvoySite, name: str, path: Path) -> Json:
    """Connections that idle are closed before the service closes them under a request; endpoints are counted apart."""
    protocol = {
        "@type": f"{_EXTENSIONS}upstreams.http.v3.HttpProtocolOptions",
        "common_http_protocol_options": {"idle_timeout": "1s"},
        "explicit_http_config": {"http_protocol_options": {}},
    }
    return {
        "name": name,
        "alt_stat_name": stat_name(name),
        "type": "EDS",
        "eds_cluster_config": {"eds_config": _from_file(site, path)},
        "connect_timeout": "0.5s",
        "circuit_breakers": _unbroken(),
        "typed_extension_protocol_options": {_PROTOCOL: protocol},
        "track_cluster_stats": {"per_endpoint_stats": True},
    }


def _unbroken() -> Json:
    limits = dict.fromkeys(("max_connections", "max_pending_requests", "max_requests", "max_retries"), _MANY)
    return {"thresholds": [{"priority": "DEFAULT", **limits}]}


def _stable(site: EnvoySite) -> Json:
    """Stable is never out because of a probe of ours; one of several that gives no answer is left alone for a second.

    What is swapped in is used at once, and nothing waits for a first probe.
    """
    alone = {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 2,
        "enforcing_consecutive_local_origin_failure": 100,
        "enforcing_consecutive_5xx": 0,
        "enforcing_consecutive_gateway_failure": 0,
        "enforcing_success_rate": 0,
        "enforcing_local_origin_success_rate": 0,
        "interval": "0.5s",
        "base_ejection_time": "1s",
        "max_ejection_time": "5s",
        "max_ejection_percent": 50,
    }
    cluster = _cluster(site, stable_cluster(site.service, site.environment), site.stable)
    return {**cluster, "outlier_detection": alone}


def _probed(site: EnvoySite, name: str, path: Path) -> Json:
    probe: Json = {"http_health_check": {"path": site.probe}} if site.probe else {"tcp_health_check": {}}
    check = {
        "timeout": f"{PROBE_SECONDS}s",
        "interval": f"{PROBE_SECONDS}s",
        "no_traffic_interval": f"{PROBE_SECONDS}s",
        "unhealthy_interval": f"{PROBE_SECONDS}s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "reuse_connection": False,
        **probe,
    }
    return {
        **_cluster(site, name, path),
        "health_checks": [check],
        "ignore_health_on_host_removal": True,
        # Without it, who is ready is told to those who choose up to a second later.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}, "update_merge_window": "0s"},
    }


def _backed(site: EnvoySite, name: str, arm: str) -> Json:
    """The arm, and stable when no member of it is there."""
    arms = [arm, stable_cluster(site.service, site.environment)]
    aggregate = {"@type": f"{_EXTENSIONS}clusters.aggregate.v3.ClusterConfig", "clusters": arms}
    return {
        "name": name,
        "alt_stat_name": stat_name(name),
        "connect_timeout": "0.5s",
        "lb_policy": "CLUSTER_PROVIDED",
        "cluster_type": {"name": "envoy.clusters.aggregate", "typed_config": aggregate},
        "circuit_breakers": _unbroken(),
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
    }


def _control(control: Endpoint) -> Json:
    """Us. A connection that is silent is given up, so that a proxy that was cut off comes back by itself."""
    protocol = {
        "@type": f"{_EXTENSIONS}upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {
            "http2_protocol_options": {"connection_keepalive": {"interval": "1s", "timeout": "1s"}}
        },
    }
    member = {"endpoint": {"address": _address(control)}}
    return {
        "name": "interlock",
        "type": "STATIC",
        "connect_timeout": "0.5s",
        "load_assignment": {"cluster_name": "interlock", "endpoints": [{"lb_endpoints": [member]}]},
        "typed_extension_protocol_options": {_PROTOCOL: protocol},
    }
