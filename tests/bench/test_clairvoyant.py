# SPDX-License-Identifier: Apache-2.0
"""What is told the fault beforehand: as quiet as the others, and ahead of them."""

import numpy as np
from bench.judge import equal
from bench.judge.clairvoyant import THRESHOLDS, called, decided, tuned
from bench.judge.scenes import HEALTHY, IID, Cell, Schedule
from bench.judge.tuning import COMPARED
from bench.judge.world import Purpose

CELL = Cell(1000.0, 0.005, IID, Schedule("short", (0.05, 0.25), 120))
FIVE = next(fault for fault in COMPARED if fault.name == "x5")


def test_the_lowest_threshold_that_is_quiet_enough_is_taken() -> None:
    def stopped(part: float) -> np.ndarray:
        return np.where(np.arange(1000) < 1000 * part, 10.0, np.inf)

    quiet = THRESHOLDS[7]
    healthy = {called("x5", one): stopped(0.01 if one >= quiet else 0.02) for one in THRESHOLDS}
    assert tuned("x5", healthy) == called("x5", quiet)
    assert tuned("x5", dict.fromkeys(healthy, stopped(0.5))) == called("x5", THRESHOLDS[-1])


def test_it_sees_what_it_was_told_sooner_than_who_was_told_nothing() -> None:
    faulty, healthy = (decided(CELL.with_fault(one), Purpose.TESTING, 0, 40) for one in (FIVE, HEALTHY))
    name = called("x5", 5.0)
    mine = equal.decided(CELL.with_fault(FIVE), Purpose.TESTING, 0, 40)[equal.DEFAULT]
    assert np.isfinite(healthy[name]).mean() < 0.05
    assert faulty[name].mean() < mine.mean()
    assert faulty[f"{name} exposed"].shape == (40,)
