# SPDX-License-Identifier: Apache-2.0
"""What real Envoys counted of both arms."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.adapters.envoy_world import PRODUCTION, SHOP, Fleet, FleetRig, here
from tests.adapters.loopback import Page, serving

from interlock.adapters.envoy_route import EDGES, EVERYTHING, EnvoyProxy, bound
from interlock.adapters.metrics.envoy import EnvoyMetrics, slower
from interlock.domain.ids import ServiceName
from interlock.domain.traffic import WHOLE, ArmCounters, Exposure, between
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Endpoint, Pools
from interlock.testing.contracts.metrics import Arm, MetricsContract, settled

TESTERS = {"x-interlock-cohort": "testers"}


@dataclass
class EnvoyRig(FleetRig):
    """The candidate is asked by its cohort. What is to get no answer is a POST, which nobody asks twice."""

    sources: tuple[str, ...] = ("north", "south")
    members: int = 1
    baseline: int = 1

    def __post_init__(self) -> None:
        FleetRig.__post_init__(self)
        stable, candidate = self.fleet.pools.stable, self.fleet.pools.candidate
        self.fleet.router().arrange(Pools(stable, candidate, (self.fleet.baseline,)))

    def metrics(self) -> EnvoyMetrics:
        return EnvoyMetrics(SHOP, PRODUCTION, self.fleet.proxies, timeout=4.0)

    def unrouted(self) -> EnvoyMetrics:
        return EnvoyMetrics(ServiceName("bakery"), PRODUCTION, self.fleet.proxies)

    def ask(self, arm: Arm, good: int = 0, bad: int = 0, lost: int = 0) -> None:
        headers = TESTERS if arm is Arm.CANDIDATE else {}
        self.fleet.connected().hold(Exposure(0, "testers", WHOLE if arm is Arm.BASELINE else 0))
        for count, answer, method in ((good, "200", "GET"), (bad, "500", "GET"), (lost, "none", "POST")):
            self.fleet.ask(count, self.sources[:1], {**headers, "x-answer": answer}, method)

    def restart(self) -> None:
        self.fleet.running[self.sources[0]].kill()
        self.fleet.running[self.sources[0]].start()

    def silence(self, source: str) -> None:
        self.fleet.running[source].kill()


@pytest.fixture
def rig(envoys: Fleet) -> EnvoyRig:
    return EnvoyRig(envoys)


class TestEnvoyMetrics(MetricsContract):
    """The whole kit."""


def _counted(requests: int, errors: int) -> ArmCounters:
    return ArmCounters(requests, errors, (0,) * len(EDGES))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_instance_of_stable_that_is_down_speaks_not_against_stable(rig: EnvoyRig, method: str) -> None:
    rig.fleet.running["stable0"].kill()
    metrics = rig.metrics()
    before = metrics.read()
    told = rig.fleet.ask(20, rig.sources[:1], {}, method)
    tick = settled(rig, metrics, before, 20)
    assert (told["stable"], tick.stable.requests, tick.stable.errors) == (20, 20, 0)


def test_a_request_that_all_of_stable_lost_counts_once(rig: EnvoyRig) -> None:
    metrics = rig.metrics()
    before = metrics.read()
    told = rig.fleet.ask(4, rig.sources[:1], {"x-answer": "none"})
    tick = settled(rig, metrics, before, 4)
    assert (told["503"], tick.stable.requests, tick.stable.errors) == (4, 4, 4)


def test_one_bad_instance_of_stable_counts_as_often_as_clients_get_its_answer(rig: EnvoyRig) -> None:
    rig.fleet.rename("stable0", "sick")
    metrics = rig.metrics()
    before = metrics.read()
    told = rig.fleet.ask(20, rig.sources[:1], {"x-answer-sick": "503"})
    tick = settled(rig, metrics, before, 20)
    rig.fleet.rename("stable0", "stable")
    assert (tick.stable.requests, tick.stable.errors, told["sick"]) == (20, told["sick"], told["sick"])
    assert told["sick"] > 0


@pytest.mark.parametrize("answer", ["none", "503"])
def test_a_bad_candidate_is_not_hidden_by_what_stable_answers_in_its_place(rig: EnvoyRig, answer: str) -> None:
    metrics = rig.metrics()
    before = metrics.read()
    rig.ask(Arm.CANDIDATE)
    told = rig.fleet.ask(10, rig.sources[:1], {**TESTERS, "x-answer-candidate": answer})
    tick = settled(rig, metrics, before, 10)
    assert told["stable" if answer == "none" else "candidate"] == 10
    assert (tick.candidate.requests, tick.candidate.errors, tick.stable.requests) == (10, 10, 0)


def test_a_bad_candidate_stands_out_beside_a_stable_of_which_one_instance_is_down(rig: EnvoyRig) -> None:
    rig.fleet.running["stable0"].kill()
    metrics = rig.metrics()
    before = metrics.read()
    rig.ask(Arm.CANDIDATE)
    rig.fleet.ask(20, rig.sources[:1], {})
    rig.fleet.ask(20, rig.sources[:1], {**TESTERS, "x-answer-candidate": "none"})
    tick = settled(rig, metrics, before, 40)
    assert (tick.stable.errors, tick.candidate.errors) == (0, tick.candidate.requests)
    assert tick.candidate.requests >= 20


def test_what_stable_answered_in_its_place_is_an_error_of_the_candidate(rig: EnvoyRig) -> None:
    metrics = rig.metrics()
    before = metrics.read()
    rig.fleet.connected().hold(Exposure(10_000))
    rig.kill_candidate()
    told = rig.fleet.ask(1, rig.sources[:1], {})
    tick = settled(rig, metrics, before, 1)
    assert (told["stable"], tick.candidate, tick.stable.requests) == (1, _counted(1, 1), 0)


def test_what_a_candidate_resets_is_its_error_and_no_answer_of_it(rig: EnvoyRig) -> None:
    metrics = rig.metrics()
    before = metrics.read()
    rig.ask(Arm.CANDIDATE, good=4, lost=3)
    tick = settled(rig, metrics, before, 7)
    assert (tick.candidate.requests, tick.candidate.errors, max(tick.candidate.slower) <= 4) == (7, 3, True)


def test_requests_that_go_to_stable_because_nobody_is_ready_are_neithers(rig: EnvoyRig) -> None:
    metrics = rig.metrics()
    rig.kill_candidate()
    while metrics.read().ready:
        rig.wait(timedelta(milliseconds=50))
    before = metrics.read()
    rig.ask(Arm.CANDIDATE, good=10)
    rig.ask(Arm.STABLE, good=1)
    tick = settled(rig, metrics, before, 1)
    assert (tick.candidate.requests, tick.stable.requests) == (0, 1)


def test_a_silent_and_frozen_proxy_is_absent(rig: EnvoyRig) -> None:
    rig.fleet.running["north"].freeze()
    assert [source.source for source in rig.metrics().read().sources] == ["south"]


def test_who_sees_the_fewest_ready_is_believed(rig: EnvoyRig) -> None:
    rig.kill_candidate()
    metrics = rig.metrics()
    while metrics.read().ready:
        rig.wait(timedelta(milliseconds=50))
    assert (metrics.read().ready, metrics.read().members) == (0, 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b'{"node": 5}', b'{"node": {"id": "east", "cluster": "shop/production"}}', b"\xff\xfe"],
)
def test_garbage_from_the_admin_interface_is_silence(body: bytes) -> None:
    with serving({path: Page(body) for path in ("/server_info", "/clusters", "/stats")}) as site:
        proxy = EnvoyProxy("east", here(), Endpoint("127.0.0.1", site.port))
        with pytest.raises(Unavailable) as silent:
            EnvoyMetrics(SHOP, PRODUCTION, (proxy,)).read()
    assert silent.value.code == "metrics.silent"


def test_a_count_that_is_no_number_is_silence() -> None:
    at = b'{"socket_address": {"address": "::1", "port_value": 1}}'
    host = b'{"address": %s, "stats": [{"name": "rq_error", "value": "x"}]}' % at
    clusters = b'{"cluster_statuses": [{"name": "shop/production/stable", "host_statuses": [%s]}]}' % host
    server = b'{"node": {"id": "east", "cluster": "shop/production"}}'
    with serving({"/server_info": Page(server), "/clusters": Page(clusters)}) as site:
        proxy = EnvoyProxy("east", here(), Endpoint("127.0.0.1", site.port))
        with pytest.raises(Unavailable, match="no Envoy we know"):
            EnvoyMetrics(SHOP, PRODUCTION, (proxy,)).read()


def test_without_proxies_it_is_silent() -> None:
    with pytest.raises(Unavailable) as silent:
        EnvoyMetrics(SHOP, PRODUCTION, ()).read()
    assert silent.value.code == "metrics.silent"


@pytest.mark.parametrize(("edge", "expected"), [(1, 0.5), (100, 99.5), (120, 115), (1000, 995), (1500, 1450)])
def test_a_bound_stands_in_the_last_bin_below_its_edge(edge: int, expected: float) -> None:
    assert bound(edge) == expected


def _buckets(*counts: int) -> tuple[tuple[float, int], ...]:
    bounds = (*(bound(edge) for edge in EDGES), EVERYTHING)
    return tuple(zip(bounds, (*counts, *(counts[-1:] * (len(bounds) - len(counts)))), strict=True))


def test_slower_is_what_is_not_below_the_edge() -> None:
    assert slower(_buckets(2, 5, 9))[:4] == (7, 4, 0, 0)


@pytest.mark.parametrize("buckets", [((1.0, 3),), _buckets(2, 5, 9)[:-1], _buckets(5, 2, 9)])
def test_other_edges_are_refused(buckets: tuple[tuple[float, int], ...]) -> None:
    with pytest.raises(Rejected) as refused:
        slower(buckets)
    assert refused.value.code == "metrics.other_edges"


def test_no_time_yet_is_slower_than_nothing() -> None:
    assert set(slower(())) == {0}


def test_times_of_a_slow_candidate_are_on_the_right_side_of_the_edges(rig: EnvoyRig) -> None:
    rig.fleet.slow_down("candidate", 0.151)
    metrics = rig.metrics()
    before = metrics.read()
    rig.ask(Arm.CANDIDATE, good=5)
    tick = settled(rig, metrics, before, 5)
    slower_than = dict(zip(before.edges, tick.candidate.slower, strict=True))
    rig.fleet.slow_down("candidate", 0)
    assert (slower_than[120_000], slower_than[150_000], slower_than[2_000_000]) == (5, 5, 0)


def test_a_proxy_that_was_started_anew_is_dropped_for_that_time(rig: EnvoyRig) -> None:
    rig.ask(Arm.STABLE, good=5)
    before = rig.metrics().read()
    rig.restart()
    assert between(before, rig.metrics().read()).dropped == ("north",)
