# SPDX-License-Identifier: Apache-2.0
"""What the judge promises, on a few hundred fixed rollouts. The whole measurement is `make bench-judge`."""

import numpy as np
import pytest
from bench.judge import ours, pace
from bench.judge.ours import OURS, UNTAUGHT
from bench.judge.scenes import (
    BURSTS,
    HARSH,
    QUICK,
    REAL,
    Cell,
    Fault,
    Nuisance,
)
from bench.judge.world import Purpose

from interlock.domain.judge.bounds import upper

RUNS = 60
HEALTHY = (
    Cell(1000, 0.005, HARSH, QUICK, tick=30),
    Cell(1000, 0.005, BURSTS, QUICK, tick=30),
    Cell(100, 0.005, REAL, QUICK, tick=30),
    Cell(1000, 0.001, REAL, QUICK, tick=30),
    Cell(1000, 0.005, Nuisance("warm", warm_up=2.4), QUICK, tick=30),
    Cell(1000, 0.005, Nuisance("instances", instance=0.2), QUICK, tick=30),
)
"""Every 30 s: fewer looks cost less here, and the promise is for any number of them."""


def _stops(cell: Cell, runs: int = RUNS, name: str = OURS) -> np.ndarray:
    return ours.watch(cell, Purpose.TESTING, 0, runs)[name].back


def test_healthy_rollouts_are_stopped_hardly_ever_under_nuisances_of_every_kind() -> None:
    """At 1 % more than 8 of 360 would be seen once in 50 times; the bound says what so few rollouts can say."""
    watches = [ours.watch(cell, Purpose.TESTING, 0, RUNS) for cell in HEALTHY]
    for name in (OURS, UNTAUGHT):
        stopped = sum(int(np.isfinite(one[name].back).sum()) for one in watches)
        assert upper(stopped, RUNS * len(HEALTHY)) <= 0.03


def test_clusters_of_failures_stop_nobody_whose_past_is_unknown() -> None:
    cells = [Cell(rate, 0.005, Nuisance("clusters", cluster=6), QUICK) for rate in (1000, 100)]
    stopped = sum(int(np.isfinite(_stops(cell, 100, UNTAUGHT)).sum()) for cell in cells)
    assert upper(stopped, 200) <= 0.05


def test_suspicion_is_rarer_than_one_in_ten() -> None:
    held = ours.watch(HEALTHY[2], Purpose.TESTING, 1, RUNS)[OURS].suspected
    assert upper(int(np.isfinite(held).sum()), RUNS) <= 0.2


@pytest.mark.parametrize(("times", "within"), [(5.0, 240), (10.0, 90)], ids=["x5", "x10"])
def test_a_broken_candidate_is_stopped_at_its_first_step(times: float, within: float) -> None:
    cell = Cell(1000, 0.005, REAL, QUICK, fault=Fault(f"x{times:g}", errors=times))
    assert float(np.quantile(_stops(cell, 20), 0.9)) <= within


def test_a_defect_that_wakes_late_is_stopped_as_well() -> None:
    cell = Cell(1000, 0.005, REAL, QUICK, fault=Fault("x5 late", errors=5.0, at=900))
    alarms = _stops(cell, 20)
    assert ((alarms > 900) & (alarms <= 1100)).all()


def test_what_bursts_for_both_arms_stops_nobody() -> None:
    assert not np.isfinite(_stops(Cell(1000, 0.005, Nuisance("incident", bursts=6), QUICK))).any()


def test_the_loop_promotes_a_healthy_candidate_sooner_than_the_schedule_and_no_broken_one() -> None:
    cell = Cell(1000, 0.02, REAL, tick=30)
    healthy = pace.run(cell, Purpose.TESTING, 4)
    broken = pace.run(cell.with_fault(Fault("x5", errors=5.0)), Purpose.TESTING, 4)
    assert {one.end for one in healthy} == {pace.End.PROMOTED}
    assert max(one.seconds for one in healthy) < cell.schedule.total
    assert {one.end for one in broken} == {pace.End.BACK}
