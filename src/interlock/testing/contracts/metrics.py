# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the metrics port: one or more tests per numbered clause of `interlock.ports.metrics`.

Subclass `MetricsContract` in your test suite and give it a fixture named `rig` that is a `MetricsRig` over the real
thing. Metrics that pass can be used to judge a candidate.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, Protocol

import pytest

from interlock.domain.traffic import ArmCounters, Snapshot, Tick, between
from interlock.ports.failure import Unavailable
from interlock.ports.metrics import TrafficMetrics

LOST: Final = 3
MOMENT: Final = timedelta(milliseconds=100)
PATIENCE: Final = 200
"""How many moments the kit gives a source to tell what happened."""


class Arm(StrEnum):
    """Who is asked."""

    STABLE = "stable"
    CANDIDATE = "candidate"
    BASELINE = "baseline"


PAIR: Final = (Arm.STABLE, Arm.CANDIDATE)
"""The arms that there always are."""


class MetricsRig(Protocol):
    """What the kit needs of the adapter's world: sources that run, and a route whose arms can be asked at will."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources, two or more. All run when the test begins."""
        ...

    @property
    def members(self) -> int:
        """How many endpoints the candidate has, all ready when the test begins."""
        ...

    @property
    def baseline(self) -> int:
        """How many endpoints a baseline has, all ready when the test begins; 0 where the adapter counts none."""
        ...

    def metrics(self) -> TrafficMetrics:
        """An adapter built anew with the same configuration."""
        ...

    def unrouted(self) -> TrafficMetrics:
        """An adapter whose sources run and know nothing of its route."""
        ...

    def ask(self, arm: Arm, good: int = 0, bad: int = 0, lost: int = 0) -> None:
        """Send requests that exactly this arm is asked, through the first source.

        `good` are answered with 200, `bad` with 500, and `lost` get no answer from the arm.
        """
        ...

    def restart(self) -> None:
        """The first source starts anew and forgets; returns when it can be asked again."""
        ...

    def silence(self, source: str) -> None:
        """The source does not answer any more."""
        ...

    def kill_candidate(self) -> None:
        """All endpoints of the candidate are dead, as by SIGKILL."""
        ...

    def wait(self, span: timedelta) -> None:
        """Let so much time pass, where the world needs time."""
        ...


def until(rig: MetricsRig, metrics: TrafficMetrics, fits: Callable[[Snapshot], bool]) -> Snapshot:
    """The first snapshot that fits; the last one when none does, so that the assertion shows it."""
    seen = metrics.read()
    for _ in range(PATIENCE):
        if fits(seen):
            break
        rig.wait(MOMENT)
        seen = metrics.read()
    return seen


def settled(rig: MetricsRig, metrics: TrafficMetrics, before: Snapshot, requests: int) -> Tick:
    """What happened since `before`, once that many requests were told."""
    after = until(rig, metrics, lambda seen: _asked(between(before, seen)) >= requests)
    return between(before, after)


def _asked(tick: Tick) -> int:
    return tick.stable.requests + tick.candidate.requests + tick.baseline.requests


def _total(snapshot: Snapshot, arm: Arm) -> tuple[int, int]:
    arms = [source.stable if arm is Arm.STABLE else source.candidate for source in snapshot.sources]
    return sum(one.requests for one in arms), sum(one.errors for one in arms)


class MetricsContract:
    """Every test takes the fixture `rig`, which the subclass gives."""

    @pytest.mark.parametrize("arm", PAIR)
    def test_1_requests_are_counted_for_the_arm_that_was_asked(self, rig: MetricsRig, arm: Arm) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(arm, good=20)
        tick = settled(rig, metrics, before, 20)
        asked, other = (tick.stable, tick.candidate) if arm is Arm.STABLE else (tick.candidate, tick.stable)
        assert (asked.requests, asked.errors, other.requests) == (20, 0, 0)

    def test_1_they_are_totals_that_stay_when_nothing_happens(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(Arm.CANDIDATE, good=5, bad=5)
        settled(rig, metrics, before, 10)
        first = metrics.read()
        rig.wait(MOMENT)
        assert metrics.read().sources == first.sources

    def test_1_every_source_is_named(self, rig: MetricsRig) -> None:
        seen = until(rig, rig.metrics(), lambda snapshot: len(snapshot.sources) == len(rig.sources))
        assert sorted(source.source for source in seen.sources) == sorted(rig.sources)

    def test_2_a_source_that_does_not_answer_is_absent(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        rig.silence(rig.sources[0])
        seen = until(rig, metrics, lambda snapshot: len(snapshot.sources) < len(rig.sources))
        assert sorted(source.source for source in seen.sources) == sorted(rig.sources[1:])

    def test_2_when_none_answers_it_is_unavailable(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        for source in rig.sources:
            rig.silence(source)
        with pytest.raises(Unavailable) as silent:
            until(rig, metrics, lambda _: False)
        assert (silent.value.code, bool(silent.value.next_step)) == ("metrics.silent", True)

    def test_2_an_arm_that_was_not_seen_yet_counts_zero(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(Arm.STABLE, good=3)
        settled(rig, metrics, before, 3)
        assert _total(metrics.read(), Arm.CANDIDATE) == (0, 0)

    def test_2_sources_that_know_nothing_of_the_route_are_silent(self, rig: MetricsRig) -> None:
        with pytest.raises(Unavailable) as silent:
            rig.unrouted().read()
        assert silent.value.code == "metrics.silent"

    def test_2_a_source_that_was_restarted_is_dropped_and_never_guessed(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        start = metrics.read()
        rig.ask(Arm.STABLE, good=20)
        settled(rig, metrics, start, 20)
        before = metrics.read()
        rig.restart()
        after = until(rig, metrics, lambda seen: _total(seen, Arm.STABLE) < _total(before, Arm.STABLE))
        assert (between(before, after).dropped, between(before, after).stable.requests) == (rig.sources[:1], 0)

    @pytest.mark.parametrize("arm", PAIR)
    def test_3_answers_of_500_and_more_are_errors(self, rig: MetricsRig, arm: Arm) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(arm, good=12, bad=8)
        tick = settled(rig, metrics, before, 20)
        asked = tick.stable if arm is Arm.STABLE else tick.candidate
        assert (asked.requests, asked.errors) == (20, 8)

    @pytest.mark.parametrize("arm", PAIR)
    def test_3_requests_without_an_answer_are_errors(self, rig: MetricsRig, arm: Arm) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(arm, good=12, lost=LOST)
        tick = settled(rig, metrics, before, 12 + LOST)
        asked = tick.stable if arm is Arm.STABLE else tick.candidate
        assert asked.errors == LOST

    def test_3_edges_ascend_and_every_arm_is_counted_by_them(self, rig: MetricsRig) -> None:
        rig.ask(Arm.STABLE, good=5)
        seen = rig.metrics().read()
        assert all(lower < higher for lower, higher in pairwise(seen.edges))
        assert {len(arm.slower) for source in seen.sources for arm in (source.stable, source.candidate)} == {
            len(seen.edges)
        }

    def test_3_no_more_are_slower_than_a_higher_edge(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(Arm.CANDIDATE, good=20)
        arm: ArmCounters = settled(rig, metrics, before, 20).candidate
        assert all(more >= fewer for more, fewer in pairwise((arm.requests, *arm.slower)))

    def test_4_all_endpoints_of_a_healthy_candidate_are_ready(self, rig: MetricsRig) -> None:
        seen = until(rig, rig.metrics(), lambda snapshot: snapshot.ready == rig.members)
        assert (seen.ready, seen.members) == (rig.members, rig.members)

    def test_4_none_of_a_dead_candidate_is_ready(self, rig: MetricsRig) -> None:
        rig.kill_candidate()
        seen = until(rig, rig.metrics(), lambda snapshot: snapshot.ready == 0)
        assert (seen.ready, seen.members) == (0, rig.members)

    def test_5_a_baseline_is_counted_for_itself(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        if not rig.baseline:
            return
        rig.ask(Arm.BASELINE, good=12, bad=8)
        tick = settled(rig, metrics, before, 20)
        assert (tick.baseline.requests, tick.baseline.errors) == (20, 8)
        assert (tick.stable.requests, tick.candidate.requests) == (0, 0)

    def test_5_a_baseline_is_counted_by_all_edges_or_not_at_all(self, rig: MetricsRig) -> None:
        seen = rig.metrics().read()
        edges = len(seen.edges) if rig.baseline else 0
        assert {len(source.baseline.slower) for source in seen.sources} == {edges}

    def test_5_all_endpoints_of_a_healthy_baseline_are_ready(self, rig: MetricsRig) -> None:
        seen = until(rig, rig.metrics(), lambda snapshot: snapshot.baseline_ready == rig.baseline)
        assert (seen.baseline_ready, seen.baseline_members) == (rig.baseline, rig.baseline)

    def test_6_an_adapter_built_anew_reads_the_same(self, rig: MetricsRig) -> None:
        metrics = rig.metrics()
        before = metrics.read()
        rig.ask(Arm.STABLE, good=4)
        settled(rig, metrics, before, 4)
        assert rig.metrics().read().sources == metrics.read().sources
