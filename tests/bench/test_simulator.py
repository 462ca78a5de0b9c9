# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from bench.judge.latencies import EDGES, exceeding, quantile
from bench.judge.scenes import (
    HARSH,
    IID,
    LATENCY_NULLS,
    NULLS,
    QUICK,
    REAL,
    Cell,
    Fault,
    Nuisance,
)
from bench.judge.traces import Trace
from bench.judge.tuning import simulate
from bench.judge.world import Purpose, World, seeded

RUNS = 40


def _trace(cell: Cell, purpose: Purpose = Purpose.TESTING, chunk: int = 0) -> Trace:
    return simulate(cell, purpose, chunk, RUNS)


def _rates(trace: Trace) -> tuple[float, float]:
    sides = (trace.candidate, trace.stable)
    candidate, stable = (float(side.bad.sum() / side.requests.sum()) for side in sides)
    return candidate, stable


def test_there_are_at_least_the_58_null_cells_and_each_is_its_own() -> None:
    names = [cell.name for cell in (*NULLS, *LATENCY_NULLS)]
    assert len(NULLS) >= 58
    assert len(set(names)) == len(names)


def test_no_null_cell_has_a_fault() -> None:
    assert {cell.fault.name for cell in (*NULLS, *LATENCY_NULLS)} == {"none"}


def test_the_same_seed_gives_the_same_rollouts() -> None:
    cell = Cell(100, 0.005, HARSH)
    assert np.array_equal(_trace(cell).candidate.bad, _trace(cell).candidate.bad)


@pytest.mark.parametrize(("purpose", "chunk"), [(Purpose.TUNING, 0), (Purpose.TESTING, 1)], ids=["purpose", "chunk"])
def test_another_purpose_and_another_chunk_are_other_rollouts(purpose: Purpose, chunk: int) -> None:
    cell = Cell(100, 0.005, REAL)
    assert not np.array_equal(_trace(cell).candidate.bad, _trace(cell, purpose, chunk).candidate.bad)


def test_a_healthy_candidate_fails_as_often_as_stable() -> None:
    candidate, stable = _rates(_trace(Cell(1000, 0.005, IID)))
    assert candidate == pytest.approx(0.005, rel=0.02)
    assert stable == pytest.approx(0.005, rel=0.02)


def test_a_fault_begins_at_its_onset_and_multiplies() -> None:
    trace = _trace(Cell(1000, 0.005, IID, fault=Fault("x5 at 20m", errors=5, at=1200)))
    rates = (trace.candidate.bad[..., 0].sum(axis=1) / trace.candidate.requests.sum(axis=1)).tolist()
    assert sum(rates[:120]) / 120 == pytest.approx(0.005, rel=0.1)
    assert sum(rates[120:]) / 120 == pytest.approx(0.025, rel=0.05)


def test_the_schedule_says_how_much_of_the_traffic_a_candidate_has() -> None:
    requests = _trace(Cell(100, 0.005, IID)).candidate.requests.mean(axis=1)
    steps = [float(requests[start : start + 60].mean()) / 1000 for start in (0, 60, 120, 180)]
    assert steps == pytest.approx([0.01, 0.05, 0.25, 0.50], rel=0.05)


def test_stable_has_no_traffic_when_the_candidate_has_it_all() -> None:
    trace = _trace(Cell(100, 0.005, IID, QUICK))
    assert trace.stable.requests[-30:].sum() == 0
    assert trace.stable.requests[-31].sum() > 0


def test_a_burst_hits_both_arms_at_once() -> None:
    trace = _trace(Cell(1000, 0.005, Nuisance("bursts", bursts=1), QUICK))
    in_stable = trace.stable.bad[:60, :, 0] / trace.stable.requests[:60] > 0.05
    in_candidate = trace.candidate.bad[:60, :, 0] / trace.candidate.requests[:60] > 0.04
    assert in_stable.any()
    assert (in_stable == in_candidate).mean() > 0.99


def test_warm_up_makes_fresh_instances_worse_for_about_a_minute() -> None:
    trace = _trace(Cell(1000, 0.02, Nuisance("warm", warm_up=3.0), QUICK))
    rates = trace.candidate.bad[:30, :, 0].sum(axis=1) / trace.candidate.requests[:30].sum(axis=1)
    assert float(rates[0]) == pytest.approx(0.02 * (1 + 2 * np.exp(-5 / 60)), rel=0.1)
    assert float(rates[24:].mean()) == pytest.approx(0.02, rel=0.1)


def test_clusters_leave_the_rate_and_widen_the_counts() -> None:
    alone, grouped = (_trace(Cell(1000, 0.005, Nuisance("c", cluster=size))) for size in (1.0, 4.0))
    assert _rates(grouped)[1] == pytest.approx(_rates(alone)[1], rel=0.02)
    spread = [float(one.stable.bad[:60].var() / one.stable.bad[:60].mean()) for one in (alone, grouped)]
    assert spread == pytest.approx([1, 7], rel=0.15)


def test_instances_differ_by_what_is_asked_for() -> None:
    world = World(Cell(1000, 0.5, Nuisance("i", instance=0.2)), RUNS, seeded(NULLS[0], Purpose.TESTING, 0))
    arms = list(world.history())
    totals = sum(arm.bad[..., 0] for arm in arms) / sum(arm.requests for arm in arms)
    assert float(np.log(totals).std()) == pytest.approx(0.2, rel=0.1)


def test_the_hour_of_history_is_stable_alone() -> None:
    world = World(Cell(100, 0.005, REAL), 2, seeded(NULLS[0], Purpose.TESTING, 0))
    arms = list(world.history())
    assert len(arms) == 360
    assert {arm.requests.shape for arm in arms} == {(2, 20)}
    assert world.second == 0


def test_lost_ticks_are_not_seen_and_their_requests_were_served() -> None:
    trace = _trace(Cell(100, 0.005, Nuisance("gaps", lost=0.2)))
    assert float((trace.stable.requests == 0).mean()) == pytest.approx(0.2, abs=0.02)
    assert (trace.exposed[-1] > trace.candidate.requests.sum(axis=0)).all()


def test_latencies_are_counted_by_the_edges_of_their_distribution() -> None:
    trace = _trace(Cell(100, 0, IID, QUICK, latency=True))
    slower = trace.stable.bad.sum(axis=(0, 1)) / trace.stable.requests.sum()
    assert slower.tolist() == pytest.approx([exceeding(edge) for edge in EDGES], rel=0.05, abs=2e-4)


def test_a_slower_candidate_is_slower_at_every_edge() -> None:
    trace = _trace(Cell(100, 0, IID, QUICK, fault=Fault("x2", slower=2.0), latency=True))
    slower = trace.candidate.bad.sum(axis=(0, 1)) / trace.candidate.requests.sum()
    assert slower.tolist() == pytest.approx([exceeding(edge / 2) for edge in EDGES], rel=0.05, abs=2e-4)


def test_a_percentile_is_interpolated_within_its_bucket() -> None:
    below = np.array([0, 0, 0, 50, 90, 100, 100, 100, 100, 100, 100], dtype=np.float64)
    found = quantile(0.95, np.array([100.0]), (100 - below)[None, :])
    assert found[0] == pytest.approx(0.1 + 0.15 * 0.5)


def test_a_percentile_of_no_request_is_none() -> None:
    assert np.isnan(quantile(0.99, np.array([0.0]), np.zeros((1, len(EDGES)))))[0]


def test_who_looks_back_sees_the_same_rollout() -> None:
    cell, shares = Cell(100, 0.005, REAL), np.full(3, 0.05)
    looking, other = (World(cell, 3, seeded(cell, Purpose.TESTING, 0)) for _ in range(2))
    assert len(list(looking.history())) == 360
    assert np.array_equal(looking.tick(shares).candidate.bad, other.tick(shares).candidate.bad)
