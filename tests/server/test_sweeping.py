# SPDX-License-Identifier: Apache-2.0
"""A long pass of the collector is not repeated over the same things."""

import gc
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from interlock.server.sweeping import LONG, Sweeping, swept_once

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("generation", "took", "expected"),
    [(2, LONG + timedelta(milliseconds=1), 1), (2, LONG, 0), (1, 2 * LONG, 0), (0, 2 * LONG, 0)],
)
def test_only_after_a_long_pass_over_everything_what_is_left_is_set_aside(
    generation: int, took: timedelta, expected: int
) -> None:
    times, set_aside = (NOW + number * took for number in count()), list[int]()
    sweeping = Sweeping(lambda: next(times), lambda: set_aside.append(1))
    for phase in ("start", "stop"):
        sweeping(phase, {"generation": generation})
    assert len(set_aside) == expected


def test_while_it_lasts_what_a_long_pass_left_is_set_aside_and_afterwards_taken_back() -> None:
    times, before = (NOW + number * 2 * LONG for number in count()), list(gc.callbacks)
    gc.unfreeze()
    assert gc.get_freeze_count() == 0
    with swept_once(lambda: next(times)):
        gc.collect()
        assert gc.get_freeze_count() > 0
    assert (gc.callbacks, gc.get_freeze_count()) == (before, 0)
