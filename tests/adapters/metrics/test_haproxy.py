# SPDX-License-Identifier: Apache-2.0
"""The metrics pass the kit over real HAProxy processes."""

import http.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.adapters.router.haproxy_rig import PRODUCTION, SHOP, TTL, HaproxyRig, running
from tests.ports import free_port

from interlock.adapters.haproxy_files import HaproxyFiles, HaproxyProxy
from interlock.adapters.metrics.haproxy import HaproxyMetrics
from interlock.domain.traffic import ArmCounters, Exposure, between
from interlock.ports.router import Endpoint, Pools
from interlock.testing.contracts.metrics import LOST, MOMENT, PAIR, Arm, MetricsContract, settled, until

STRANGER = """
global
    stats socket {socket} mode 600 level admin
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
listen other
    bind 127.0.0.1:{port}
"""


class MeasuringRig:
    """What the router's rig runs, asked as the kit of the metrics asks."""

    members = 1
    baseline = 0

    def __init__(self, world: HaproxyRig) -> None:
        self.world = world
        self.sources = world.proxies

    def metrics(self) -> HaproxyMetrics:
        return HaproxyMetrics(SHOP, PRODUCTION, self.world.parts, patience=8.0)

    def unrouted(self) -> HaproxyMetrics:
        part = HaproxyProxy("other", Endpoint("127.0.0.1", free_port()), self.world.folder / "other.sock")
        path = HaproxyFiles(self.world.folder, (part,), TTL).path(part)
        path.write_text(STRANGER.format(socket=part.socket, port=part.listen.port))
        self.world.processes["other"] = self.world.run(("haproxy", "-f", str(path)))
        self.world.until_up(part)
        return HaproxyMetrics(SHOP, PRODUCTION, (part,), patience=8.0)

    def ask(self, arm: Arm, good: int = 0, bad: int = 0, lost: int = 0) -> None:
        if arm is Arm.CANDIDATE:
            self.world.invite()
        for path, times in (("/", good), ("/bad", bad), ("/drop", lost)):
            for _ in range(times):
                self.send(arm, "GET", path)

    def send(self, arm: Arm, method: str, *paths: str) -> None:
        headers = {"x-interlock-cohort": "testers"} if arm is Arm.CANDIDATE else {}
        line = self.world.line(self.sources[0])
        try:
            for path in paths:
                line.request(method, path, headers=headers)
                line.getresponse().read()
        except (OSError, http.client.HTTPException):
            """Lost, as was asked for."""
        finally:
            line.close()

    def restart(self) -> None:
        self.world.stop_proxy(self.sources[0])
        self.world.start_proxy(self.sources[0])

    def silence(self, source: str) -> None:
        self.world.stop_proxy(source)

    def kill_candidate(self) -> None:
        self.world.kill_candidate()

    def wait(self, span: timedelta) -> None:
        self.world.wait(span)


@pytest.fixture
def rig() -> Iterator[MeasuringRig]:
    with TemporaryDirectory(prefix="ilk") as folder, running(Path(folder)) as world:
        yield MeasuringRig(world)


class TestHaproxyMetrics(MetricsContract):
    """Real processes; what a kit's test asks for happens on loopback."""


@pytest.mark.parametrize("arm", PAIR)
def test_requests_sent_once_are_counted_also_when_they_are_lost_on_a_kept_connection(
    rig: MeasuringRig, arm: Arm
) -> None:
    metrics = rig.metrics()
    before = metrics.read()
    rig.ask(arm)
    for _ in range(LOST):
        rig.send(arm, "POST", "/", "/drop")
    tick = settled(rig, metrics, before, 2 * LOST)
    assert (tick.stable if arm is Arm.STABLE else tick.candidate) == ArmCounters(2 * LOST, LOST)


def test_a_request_that_stable_answered_in_its_place_is_an_error_of_the_candidate(rig: MeasuringRig) -> None:
    metrics = rig.metrics()
    before = metrics.read()
    rig.ask(Arm.CANDIDATE)
    rig.send(Arm.CANDIDATE, "GET", "/drop/candidate")
    tick = settled(rig, metrics, before, 2)
    assert (tick.stable, tick.candidate) == (ArmCounters(1), ArmCounters(1, 1))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_instance_of_stable_that_is_down_speaks_not_against_stable(rig: MeasuringRig, method: str) -> None:
    rig.world.services[0].kill()
    metrics = rig.metrics()
    before = metrics.read()
    rig.send(Arm.STABLE, method, *("/",) * 20)
    assert settled(rig, metrics, before, 20).stable == ArmCounters(20)


def test_what_is_given_to_stable_because_the_candidate_is_down_is_stables(rig: MeasuringRig) -> None:
    metrics = HaproxyMetrics(SHOP, PRODUCTION, rig.world.parts[:1], patience=8.0)
    rig.kill_candidate()
    before = until(rig, metrics, lambda snapshot: snapshot.ready == 0)
    rig.ask(Arm.CANDIDATE, good=20)
    tick = settled(rig, metrics, before, 20)
    assert (tick.stable, tick.candidate) == (ArmCounters(20), ArmCounters())


def test_an_endpoint_that_never_answered_is_not_ready(rig: MeasuringRig) -> None:
    router = rig.world.router()
    router.arrange(Pools(rig.world.pools.stable, (*rig.world.pools.candidate, Endpoint("127.0.0.1", free_port()))))
    seen = until(rig, rig.metrics(), lambda snapshot: snapshot.ready == 1)
    assert (seen.ready, seen.members) == (1, 2)


def test_counters_never_go_back_while_traffic_flows(rig: MeasuringRig) -> None:
    metrics = rig.metrics()
    rig.world.router().hold(Exposure(5_000))
    dropped: set[str] = set()
    before = metrics.read()
    for _ in range(20):
        rig.world.serve(20)
        after = metrics.read()
        dropped.update(between(before, after).dropped)
        before = after
    rig.wait(MOMENT)
    assert dropped == set()
