# SPDX-License-Identifier: Apache-2.0
"""The simulated counters pass the kit, and steady traffic is counted exactly."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from interlock.adapters.clock import MemoryClock
from interlock.adapters.metrics.memory import MemoryMetrics, MetricsWorld, Nature, SteadyTraffic
from interlock.domain.traffic import ArmCounters, Exposure, SourceCounters, Tick, between
from interlock.ports.failure import Unavailable
from interlock.testing.contracts.metrics import Arm, MetricsContract

EDGES = (100_000, 1_000_000)
SOURCES = ("east", "west")


class MemoryRig:
    sources = SOURCES
    members = 2
    baseline = 2

    def __init__(self) -> None:
        self.world = MetricsWorld(edges=EDGES, ready=2, members=2, baseline_ready=2, baseline_members=2)

    def metrics(self) -> MemoryMetrics:
        return MemoryMetrics(self.world, SOURCES)

    def unrouted(self) -> MemoryMetrics:
        return MemoryMetrics(MetricsWorld(), ())

    def ask(self, arm: Arm, good: int = 0, bad: int = 0, lost: int = 0) -> None:
        counted = ArmCounters(good + bad + lost, bad + lost, (bad, 0))
        told = {Arm.STABLE: Tick(counted), Arm.CANDIDATE: Tick(candidate=counted), Arm.BASELINE: Tick(baseline=counted)}
        self.world.count(told[arm], SOURCES[0])

    def restart(self) -> None:
        self.world.restart(SOURCES[0])

    def silence(self, source: str) -> None:
        self.world.silent.add(source)

    def kill_candidate(self) -> None:
        self.world.ready = 0

    def wait(self, span: timedelta) -> None:
        """Nothing needs time here."""


class TestMemoryMetrics(MetricsContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


class Simulated:
    """One second after another, with so much exposed."""

    def __init__(self, share: int, rate: int) -> None:
        self.clock = MemoryClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        self.exposure = Exposure(share)
        self.traffic = SteadyTraffic(
            self.clock.now,
            lambda: self.exposure,
            Fraction(rate),
            stable=Nature(slower=(Fraction(1, 100), Fraction(0))),
            candidate=Nature(Fraction(1, 4), (Fraction(1, 2), Fraction(1, 8))),
        )
        self.metrics = MemoryMetrics(MetricsWorld(edges=EDGES, feed=self.traffic))

    def over(self, seconds: int) -> Tick:
        before = self.metrics.read()
        after = before
        for _ in range(seconds):
            self.clock.advance(timedelta(seconds=1))
            after = self.metrics.read()
        return between(before, after)


def test_steady_traffic_is_split_by_the_exposure_in_effect() -> None:
    tick = Simulated(share=1_000, rate=80).over(100)
    assert tick.stable == ArmCounters(7_200, 0, (72, 0))
    assert tick.candidate == ArmCounters(800, 200, (400, 100))


def test_the_candidate_gets_nothing_while_nothing_is_exposed() -> None:
    assert Simulated(share=0, rate=80).over(10).candidate == ArmCounters(0, 0, (0, 0))


def test_rare_requests_are_whole_and_none_is_lost() -> None:
    assert Simulated(share=100, rate=10).over(1_000).candidate.requests == 100


def test_never_more_fail_or_are_slow_than_were_asked() -> None:
    world = Simulated(share=3_333, rate=7)
    arms = [world.over(1).candidate for _ in range(500)]
    assert all(arm.requests >= arm.slower[0] >= arm.slower[1] and arm.requests >= arm.errors for arm in arms)


def test_a_clock_that_jumps_back_counts_nothing() -> None:
    world = Simulated(share=5_000, rate=10)
    world.clock.advance(timedelta(seconds=-30))
    assert world.over(0).stable.requests == 0


def test_time_that_was_set_back_is_not_counted_twice() -> None:
    world = Simulated(share=5_000, rate=10)
    before = world.metrics.read()
    for step in (10, -5, 5):
        world.clock.advance(timedelta(seconds=step))
        world.metrics.read()
    assert between(before, world.metrics.read()).stable.requests == 50


def test_an_outage_ends_after_as_many_reads_as_were_scripted() -> None:
    metrics = MemoryMetrics(MetricsWorld(outages=1))
    with pytest.raises(Unavailable):
        metrics.read()
    assert metrics.read().sources == (SourceCounters("memory", ArmCounters(), ArmCounters()),)
