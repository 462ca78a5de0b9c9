# SPDX-License-Identifier: Apache-2.0
"""Counters by PromQL: the kit against a real Prometheus that scrapes two sources of ours, and a real Envoy."""

import http.client
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.adapters.envoy_world import BACKEND, Running, here
from tests.adapters.loopback import Page, Site, serving
from tests.adapters.prometheus_world import Prometheus, scraping
from tests.ports import free_port

from interlock.adapters.metrics.prometheus import PrometheusCounters
from interlock.domain.traffic import ArmCounters, Snapshot, SourceCounters
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Endpoint
from interlock.testing.contracts.metrics import Arm, MetricsContract

EDGE = 250_000
FRESH = 1.0
TEXT = {"Content-Type": "text/plain"}


def counted(metric: str, world: str) -> str:
    return f'sum by (instance) (last_over_time(demo_{metric}{{world="{world}",arm="{{arm}}"}}[{{fresh}}]))'


def or_zero(query: str, world: str) -> str:
    return f"{query} or 0 * {counted('requests', world)}  # not there before the first"


def counters(server: str, world: str) -> PrometheusCounters:
    endpoints = 'sum by (instance) (last_over_time(demo_endpoints{{world="{}",state="{}"}}[{{fresh}}]))'
    return PrometheusCounters(
        server,
        requests=counted("requests", world),
        errors=or_zero(counted("errors", world), world),
        slower={EDGE: or_zero(counted("slower", world), world)},
        fresh_for=FRESH,
        ready=endpoints.format(world, "ready"),
        members=endpoints.format(world, "any"),
    )


@dataclass
class Source:
    """One target: what it counts of each arm, as it would be written on its page."""

    site: Site
    counts: dict[tuple[str, Arm], float] = field(default_factory=dict)
    ready: int = 2

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.site.port}"

    def add(self, metric: str, arm: Arm, more: float) -> None:
        if more:
            self.counts[metric, arm] = self.counts.get((metric, arm), 0) + more

    def page(self, world: str) -> Page:
        """Of what did not happen yet there is nothing, but for the requests of stable."""
        told = {("requests", Arm.STABLE): 0.0} | self.counts
        lines = [f'demo_{metric}{{world="{world}",arm="{arm}"}} {value}' for (metric, arm), value in told.items()]
        lines.append(f'demo_endpoints{{world="{world}",state="ready"}} {self.ready}')
        lines.append(f'demo_endpoints{{world="{world}",state="any"}} 2')
        return Page("\n".join((*lines, "")).encode(), headers=TEXT)


@dataclass
class Scraped:
    """Two sites and the Prometheus that scrapes them; every test has a world of its own in it."""

    prometheus: Prometheus
    sites: tuple[Site, Site]
    worlds: Iterator[int] = field(default_factory=count)


class ScrapedRig:
    members = 2
    baseline = 0

    def __init__(self, scraped: Scraped) -> None:
        self.prometheus = scraped.prometheus
        self.world = str(next(scraped.worlds))
        self.first, self.second = (Source(site) for site in scraped.sites)
        self.sources = (self.first.name, self.second.name)
        self.publish()
        self.prometheus.wait_for(f'count(demo_endpoints{{world="{self.world}",state="any"}})', '"2"')

    def publish(self) -> None:
        for source in (self.first, self.second):
            source.site.pages["/metrics"] = source.page(self.world)

    def metrics(self) -> PrometheusCounters:
        return counters(self.prometheus.url, self.world)

    def unrouted(self) -> PrometheusCounters:
        return counters(self.prometheus.url, "none")

    def ask(self, arm: Arm, good: int = 0, bad: int = 0, lost: int = 0) -> None:
        for metric, more in (("requests", good + bad + lost), ("errors", bad + lost), ("slower", bad)):
            self.first.add(metric, arm, more)
        self.publish()

    def restart(self) -> None:
        self.first.counts.clear()
        self.publish()

    def silence(self, source: str) -> None:
        named = self.first if source == self.first.name else self.second
        named.site.pages["/metrics"] = Page(b"", 503)

    def kill_candidate(self) -> None:
        self.first.ready = 0
        self.publish()

    def wait(self, span: timedelta) -> None:
        Event().wait(span.total_seconds())


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    folder = tmp_path_factory.mktemp("prometheus")
    with serving({}) as one, serving({}) as two, scraping(folder, one.port, two.port) as prometheus:
        yield Scraped(prometheus, (one, two))


@pytest.fixture
def rig(scraped: Scraped) -> ScrapedRig:
    return ScrapedRig(scraped)


class TestPrometheusCounters(MetricsContract):
    """The whole kit."""


def wait_until(metrics: PrometheusCounters, fits: Callable[[Snapshot], bool]) -> Snapshot:
    """The first snapshot that fits, or the last of many."""
    seen = metrics.read()
    for _ in range(200):
        if fits(seen):
            break
        Event().wait(0.1)
        seen = metrics.read()
    return seen


def names(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(source.source for source in snapshot.sources)


def has(requests: int) -> Callable[[Snapshot], bool]:
    return lambda seen: any(source.stable.requests == requests for source in seen.sources)


def test_a_snapshot_holds_what_each_source_counted_of_each_arm(rig: ScrapedRig) -> None:
    rig.ask(Arm.CANDIDATE, good=3, bad=2, lost=1)
    rig.ask(Arm.STABLE, good=7)
    seen = wait_until(rig.metrics(), has(7))
    first = SourceCounters(rig.first.name, ArmCounters(7, 0, (0,)), ArmCounters(6, 3, (2,)))
    second = SourceCounters(rig.second.name, ArmCounters(0, 0, (0,)), ArmCounters(0, 0, (0,)))
    assert seen == Snapshot(tuple(sorted((first, second), key=lambda one: one.source)), (EDGE,), 2, 2)


def test_both_arms_come_from_the_same_scrape(rig: ScrapedRig) -> None:
    done = Event()

    def grow() -> None:
        while not done.wait(0.003):
            for arm in Arm:
                rig.first.add("requests", arm, 1)
            rig.publish()

    growing = Thread(target=grow)
    growing.start()
    try:
        metrics = rig.metrics()
        wait_until(metrics, lambda seen: any(source.candidate.requests for source in seen.sources))
        seen = [metrics.read() for _ in range(500)]
    finally:
        done.set()
        growing.join()
    pairs = {(one.stable.requests, one.candidate.requests) for snapshot in seen for one in snapshot.sources}
    assert len(pairs) > 3
    assert all(stable == candidate for stable, candidate in pairs)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1])
def test_a_source_whose_value_is_no_counter_is_absent(rig: ScrapedRig, value: float) -> None:
    rig.first.counts["requests", Arm.CANDIDATE] = value
    rig.publish()
    seen = wait_until(rig.metrics(), lambda snapshot: len(snapshot.sources) == 1)
    assert names(seen) == (rig.second.name,)


def test_a_source_that_is_there_twice_is_absent(rig: ScrapedRig) -> None:
    metrics = rig.metrics()
    again = f'label_replace({metrics.requests}, "again", "yes", "instance", "{rig.first.name}")'
    seen = replace(metrics, requests=f"{metrics.requests} or {again}").read()
    assert names(seen) == (rig.second.name,)


def test_requests_without_a_word_of_their_errors_are_not_taken_for_good_ones(rig: ScrapedRig) -> None:
    rig.ask(Arm.STABLE, good=4)
    wait_until(rig.metrics(), has(4))
    misspelt = replace(rig.metrics(), errors=counted("erors", rig.world))
    assert names(misspelt.read()) == (rig.second.name,)


def test_an_arm_that_fails_without_being_asked_makes_its_source_unusable(rig: ScrapedRig) -> None:
    rig.first.add("errors", Arm.CANDIDATE, 3)
    rig.publish()
    seen = wait_until(rig.metrics(), lambda snapshot: len(snapshot.sources) == 1)
    assert names(seen) == (rig.second.name,)


def test_where_the_fewest_are_ready_counts(rig: ScrapedRig) -> None:
    rig.second.ready = 1
    rig.publish()
    seen = wait_until(rig.metrics(), lambda snapshot: snapshot.ready == 1)
    assert (seen.ready, seen.members) == (1, 2)


@pytest.mark.parametrize(("unknown", "told"), [("ready", (0, 2)), ("any", (0, 0))])
def test_what_says_nothing_of_who_is_ready_says_that_none_is(
    rig: ScrapedRig, unknown: str, told: tuple[int, int]
) -> None:
    metrics = rig.metrics()
    ready, members = (query.replace(f'"{unknown}"', '"unheard of"') for query in (metrics.ready, metrics.members))
    seen = replace(metrics, ready=ready, members=members).read()
    assert (seen.ready, seen.members) == told


def test_without_queries_of_readiness_a_candidate_that_is_counted_is_taken_for_ready(rig: ScrapedRig) -> None:
    metrics = replace(rig.metrics(), ready="", members="")
    before = metrics.read()
    rig.ask(Arm.CANDIDATE, good=1)
    after = wait_until(metrics, lambda snapshot: snapshot.members > 0)
    assert [(seen.ready, seen.members) for seen in (before, after)] == [(0, 0), (1, 1)]


def test_a_target_that_was_killed_unseen_is_gone_though_prometheus_still_tells_of_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("unseen")
    with serving({}) as one, scraping(folder, one.port) as prometheus:
        source = Source(one)
        source.site.pages["/metrics"] = source.page("w")
        prometheus.wait_for("demo_requests", "value")
        assert names(counters(prometheus.url, "w").read()) == (source.name,)
        prometheus.stop()
        source.site.pages.clear()
        Event().wait(1.2 * FRESH)
        prometheus.start()
        with pytest.raises(Unavailable) as silent:
            counters(prometheus.url, "w").read()
        prometheus.wait_for("demo_requests", "value")
    assert silent.value.code == "metrics.silent"


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ('sum(demo_requests{arm="{arm}"}[{fresh}]', "'stable requests'"),
        ('demo_requests{arm="{arm}"}[{fresh}]', "range vector"),
        ('scalar(last_over_time(demo_requests{arm="{arm}"}[{fresh}]))', "scalar"),
        ('demo_endpoints + on (job) last_over_time(demo_requests{arm="{arm}"}[{fresh}])', "match"),
    ],
)
def test_a_query_prometheus_declines_is_rejected_and_named(rig: ScrapedRig, requests: str, told: str) -> None:
    with pytest.raises(Rejected) as bad:
        replace(rig.metrics(), requests=requests).read()
    assert (bad.value.code, told in bad.value.sentence) == ("metrics.bad_query", True)


def test_values_that_do_not_name_their_source_are_rejected(rig: ScrapedRig) -> None:
    with pytest.raises(Rejected) as bad:
        replace(rig.metrics(), source="pod").read()
    assert bad.value.code == "metrics.no_source"


def test_a_prometheus_that_is_not_there_is_silent() -> None:
    with pytest.raises(Unavailable) as silent:
        counters(f"http://127.0.0.1:{free_port()}", "w").read()
    assert silent.value.code == "metrics.silent"


def test_a_prometheus_that_does_not_come_to_an_end_is_silent() -> None:
    with serving({"/api/v1/query": Page(drops=0.01)}) as site, pytest.raises(Unavailable) as silent:
        replace(counters(site.url, "w"), timeout=0.2).read()
    assert silent.value.code == "metrics.silent"


VECTOR = b'{"status": "success", "data": {"resultType": "vector", "result": [%b]}}'


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (503, b'{"status": "error", "error": "starting"}', "metrics.silent"),
        (502, b"<html>", "metrics.silent"),
        (429, b"slow down", "metrics.silent"),
        (200, VECTOR % b"", "metrics.silent"),
        (200, VECTOR.replace(b'"success"', b'"success", "warnings": ["one store is down"]') % b"", "metrics.partial"),
        (200, b"<html>", "metrics.no_prometheus"),
        (404, b"not here", "metrics.no_prometheus"),
        (200, VECTOR % b'{"metric": {"instance": "a"}, "value": [1, "many"]}', "metrics.no_prometheus"),
        (200, b'{"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}', "metrics.bad_query"),
        (400, b'{"status": "error", "error": "no"}', "metrics.bad_query"),
        (302, b"", "metrics.no_prometheus"),
    ],
)
def test_an_answer_without_counters_is_a_fault_with_a_stable_code(status: int, body: bytes, code: str) -> None:
    with (
        serving({"/api/v1/query": Page(body, status)}) as site,
        pytest.raises((Unavailable, Rejected)) as fault,
    ):
        counters(site.url, "w").read()
    assert fault.value.code == code


GOOD = counters("http://127.0.0.1", "w")
PLAIN = 'sum by (instance) (demo_requests{arm="{arm}"})'


@pytest.mark.parametrize(
    ("what", "build", "code"),
    [
        ("server", lambda: replace(GOOD, server="prometheus"), "http.bad_address"),
        ("word", lambda: replace(GOOD, requests="{lane} {arm} {fresh}"), "placeholder.unknown"),
        ("word_of_ready", lambda: replace(GOOD, ready="{arm} {fresh}"), "placeholder.unknown"),
        ("requests_of_any_age", lambda: replace(GOOD, requests=PLAIN), "metrics.any_age"),
        ("errors_of_any_age", lambda: replace(GOOD, errors=PLAIN), "metrics.any_age"),
        ("slower_of_any_age", lambda: replace(GOOD, slower={EDGE: PLAIN}), "metrics.any_age"),
        ("ready_of_any_age", lambda: replace(GOOD, ready="up"), "metrics.any_age"),
        ("same_arms", lambda: replace(GOOD, errors="last_over_time(errors[{fresh}])"), "metrics.same_arms"),
        ("edge", lambda: replace(GOOD, slower={0: GOOD.requests}), "metrics.bad_edge"),
        ("half_ready", lambda: replace(GOOD, ready=""), "metrics.bad_query"),
        ("no_age", lambda: replace(GOOD, fresh_for=0), "metrics.bad_span"),
        ("no_timeout", lambda: replace(GOOD, timeout=float("nan")), "metrics.bad_span"),
    ],
)
def test_what_cannot_be_asked_is_refused_when_it_is_built(
    what: str, build: Callable[[], PrometheusCounters], code: str
) -> None:
    with pytest.raises(Rejected) as bad:
        build()
    assert bad.value.code == code, what


ARM = 'envoy_cluster_name="shop_{arm}"'
CANDIDATE = 'envoy_cluster_name="shop_candidate"'


def of_envoy(metric: str, labels: str = ARM) -> str:
    return f"sum by (instance) (last_over_time(envoy_cluster_{metric}{{{labels}}}[{{fresh}}]))"


def envoy_counters(server: str) -> PrometheusCounters:
    """As the adapter's module says."""
    times = (of_envoy("upstream_rq_time_count"), of_envoy("upstream_rq_time_bucket", f'{ARM},le="250"'))
    return PrometheusCounters(
        server,
        requests=f"{of_envoy('endpoint_rq_success')} + {of_envoy('endpoint_rq_error')}",
        errors=of_envoy("endpoint_rq_error"),
        slower={EDGE: f"{times[0]} - {times[1]} or 0 * {of_envoy('endpoint_rq_error')}"},
        fresh_for=FRESH,
        ready=of_envoy("membership_healthy", CANDIDATE),
        members=of_envoy("membership_total", CANDIDATE),
    )


def address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def bootstrap(listen: int, admin: int, arms: dict[Arm, int]) -> dict[str, object]:
    """An Envoy with a cluster for each arm, which a header asks for."""
    api = "type.googleapis.com/envoy.extensions.filters"
    member = {arm: {"endpoint": {"address": address(port)}} for arm, port in arms.items()}
    clusters = [
        {
            "name": f"shop_{arm}",
            "type": "STATIC",
            "connect_timeout": "1s",
            "track_cluster_stats": {"per_endpoint_stats": True},
            "health_checks": [
                {
                    "timeout": "0.2s",
                    "interval": "0.1s",
                    "no_traffic_interval": "0.1s",
                    "unhealthy_threshold": 1,
                    "healthy_threshold": 1,
                    "tcp_health_check": {},
                }
            ],
            "load_assignment": {"cluster_name": f"shop_{arm}", "endpoints": [{"lb_endpoints": [member[arm]]}]},
        }
        for arm in arms
    ]
    routes = [
        {
            "match": {"prefix": "/", "headers": [{"name": "x-ask", "string_match": {"exact": arm.value}}]},
            "route": {"cluster": f"shop_{arm}"},
        }
        for arm in arms
    ]
    connections = {
        "@type": f"{api}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "shop",
        "route_config": {"virtual_hosts": [{"name": "shop", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{api}.http.router.v3.Router"}}
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": connections}]}
    return {
        "admin": {"address": address(admin)},
        "static_resources": {
            "listeners": [{"name": "listener", "address": address(listen), "filter_chains": [chain]}],
            "clusters": clusters,
        },
        "stats_flush_interval": "0.05s",
    }


@dataclass
class Shop:
    """A real Envoy before two real services, scraped by a real Prometheus."""

    listen: int
    source: str
    candidate: Running
    metrics: PrometheusCounters

    def ask(self, arm: Arm, answer: str, requests: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.listen, timeout=10)
        for _ in range(requests):
            link.request("GET", "/", headers={"x-ask": arm.value, "x-answer": answer})
            link.getresponse().read()
        link.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    listen, admin, stable, candidate = here(), here(), here(), here()
    document = bootstrap(listen.port, admin.port, {Arm.STABLE: stable.port, Arm.CANDIDATE: candidate.port})
    (folder / "envoy.json").write_text(json.dumps(document))
    envoy = (str(Path(sys.executable).with_name("envoy")), "-c", str(folder / "envoy.json"), "--concurrency", "1")
    with ExitStack() as stack:

        def run(name: str, ready: Endpoint, *command: str) -> Running:
            running = Running(command, folder / f"{name}.log", ready)
            stack.callback(running.kill)
            return running

        run("stable", stable, sys.executable, str(BACKEND), "stable", str(stable.port), "0.3")
        arm = run("candidate", candidate, sys.executable, str(BACKEND), "candidate", str(candidate.port))
        run("envoy", listen, *envoy, "-l", "error", "--use-dynamic-base-id")
        server = stack.enter_context(scraping(folder, admin.port, path="/stats/prometheus"))
        server.wait_for('envoy_cluster_endpoint_healthy{envoy_cluster_name="shop_candidate"} == 1', "shop_candidate")
        yield Shop(listen.port, f"127.0.0.1:{admin.port}", arm, envoy_counters(server.url))


def test_envoys_are_counted_by_what_they_tell_prometheus(shop: Shop) -> None:
    shop.ask(Arm.CANDIDATE, "200", 12)
    shop.ask(Arm.CANDIDATE, "500", 5)
    shop.ask(Arm.CANDIDATE, "none", 3)
    shop.ask(Arm.STABLE, "200", 4)
    expected = (ArmCounters(4, 0, (4,)), ArmCounters(20, 8, (0,)))
    seen = wait_until(shop.metrics, lambda told: (told.sources[0].stable, told.sources[0].candidate) == expected)
    assert seen == Snapshot((SourceCounters(shop.source, *expected),), (EDGE,), 1, 1)


def test_envoy_tells_prometheus_that_a_candidate_died(shop: Shop) -> None:
    shop.candidate.kill()
    seen = wait_until(shop.metrics, lambda told: told.ready == 0)
    shop.candidate.start()
    back = wait_until(shop.metrics, lambda told: told.ready == 1)
    assert [(one.ready, one.members) for one in (seen, back)] == [(0, 1), (1, 1)]
