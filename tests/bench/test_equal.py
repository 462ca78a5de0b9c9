# SPDX-License-Identifier: Apache-2.0
"""Our own knobs are turned as the rivals' are: quiet enough first, then fast; nothing of what is measured is seen."""

import math

import numpy as np
import pytest
from bench.judge.equal import BUDGETS, DEFAULT, SHAPES, Shape, decided, tuned
from bench.judge.scenes import IID, Cell, Schedule
from bench.judge.tuning import COMPARED
from bench.judge.world import Numbers, Purpose

from interlock.domain.judge.contest import USUAL_TERMS

NEVER = np.inf
LONGEST = 100.0
NAMES = [shape.called(budget) for shape in SHAPES for budget in BUDGETS]


def stopped(part: float, second: float = 10.0) -> Numbers:
    """Of 1,000 rollouts this part, each at the same second."""
    return np.where(np.arange(1000) < 1000 * part, second, NEVER)


def test_the_default_is_among_what_is_tried() -> None:
    assert SHAPES[0] == Shape(USUAL_TERMS.noise.warm_up, 1.0, 0.05)
    assert math.log1p(SHAPES[0].tolerated) == pytest.approx(USUAL_TERMS.margin)
    assert DEFAULT in NAMES


def test_of_what_is_quiet_enough_the_fastest_is_taken() -> None:
    quick, quiet = SHAPES[3].called(BUDGETS[-1]), SHAPES[1].called(BUDGETS[0])
    healthy = {name: stopped(0.02 if name == quick else 0.01) for name in NAMES}
    worse = {name: stopped(1.0, {quick: 10.0, quiet: 20.0}.get(name, 50.0)) for name in NAMES}
    only_first = {name: stopped(0.01 if name == quiet else 0.02) for name in NAMES}
    assert tuned(only_first, [worse], LONGEST) == quiet
    assert tuned(healthy, [worse], LONGEST) != quick


def test_a_shape_has_the_largest_risk_that_is_quiet_enough() -> None:
    limit = BUDGETS[4]
    healthy = {shape.called(one): stopped(0.01 if one <= limit else 0.011) for shape in SHAPES for one in BUDGETS}
    slow = {name: stopped(0.0) for name in NAMES}
    assert tuned(healthy, [slow], LONGEST).endswith(f" {limit:g}")


def test_where_nothing_is_quiet_it_keeps_its_default() -> None:
    loud = {name: stopped(0.5) for name in NAMES}
    assert tuned(loud, [loud], LONGEST) == DEFAULT


def test_more_risk_is_no_later_and_what_is_allowed_no_sooner() -> None:
    cell = Cell(1000.0, 0.02, IID, Schedule("short", (0.05, 0.25), 60), fault=COMPARED[1])
    found = decided(cell, Purpose.TESTING, 0, 4)
    bold, careful = (found[SHAPES[0].called(one)] for one in (BUDGETS[-1], BUDGETS[0]))
    assert (bold <= careful).all()
    assert (found[SHAPES[-2].called(BUDGETS[4])] <= found[SHAPES[0].called(BUDGETS[4])]).all()
    assert found[f"{DEFAULT} exposed"].shape == (4,)


def test_the_regressions_that_decide_are_those_of_the_rivals() -> None:
    assert [one.name for one in COMPARED] == ["x2", "x5", "x10"]
