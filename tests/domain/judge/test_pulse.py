# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.judge.pulse import Pulse, Sign, Split, divide, is_apart, is_off, is_past, listen, share_seen, sign

ROUGH = st.floats(allow_nan=True, allow_infinity=True)


def heard(*ticks: tuple[float, float, float], weight: float = 0.05) -> Pulse:
    """Ticks of time, stable requests, candidate requests."""
    pulse = Pulse()
    for at, stable, candidate in ticks:
        pulse = listen(pulse, at, stable, candidate, weight=weight)
    return pulse


def silent(seconds: int, stable: float = 1000.0, weight: float = 0.05) -> Pulse:
    ticks = [(0.0, stable, 50.0), *((10.0 * at, stable, 0.0) for at in range(1, seconds // 10 + 1))]
    return heard(*ticks, weight=weight)


def divided(stable: float, candidate: float, weight: float, ticks: int) -> Split:
    split = Split()
    for _ in range(ticks):
        split = divide(split, stable, candidate, weight)
    return split


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, Sign.HEARD), (10, Sign.QUIET), (80, Sign.QUIET), (90, Sign.SILENT), (170, Sign.SILENT), (180, Sign.GONE)],
)
def test_silence_first_means_nothing_then_a_pause_then_the_way_back(seconds: int, expected: Sign) -> None:
    assert sign(silent(seconds)) is expected


def test_who_never_said_anything_is_as_silent() -> None:
    assert sign(heard(*((10.0 * at, 1000.0, 0.0) for at in range(30)))) is Sign.GONE


def test_who_is_owed_next_to_nothing_may_be_silent() -> None:
    assert sign(silent(600, stable=1.0)) is Sign.QUIET


def test_long_ticks_are_no_silence_before_there_are_three() -> None:
    assert sign(heard((0.0, 1e6, 9.0), (600.0, 1e6, 0.0), (1200.0, 1e6, 0.0))) is Sign.QUIET


def test_one_answer_ends_the_silence() -> None:
    assert sign(listen(silent(170), 200.0, 1000.0, 1.0, weight=0.05)) is Sign.HEARD


def test_while_stable_is_missing_nobody_is_silent() -> None:
    pulse = silent(50)
    for at in range(60, 600, 10):
        pulse = listen(pulse, float(at), 0.0, 0.0, weight=0.05)
    assert sign(pulse) is Sign.QUIET
    assert pulse.silent == 50


def test_who_is_sent_nothing_owes_nothing() -> None:
    never = heard(*((10.0 * at, 1000.0, 0.0) for at in range(30)), weight=0.0)
    assert sign(never) is Sign.HEARD
    assert sign(listen(never, 500.0, 0.0, 0.0, weight=0.0)) is Sign.HEARD


@pytest.mark.parametrize(("seconds", "expected"), [(80, Sign.QUIET), (90, Sign.SILENT), (6000, Sign.SILENT)])
def test_where_nobody_told_the_share_it_is_the_one_that_was_counted_and_silence_pauses_at_most(
    seconds: int, expected: Sign
) -> None:
    assert sign(silent(seconds, weight=0.0)) is expected
    assert silent(seconds, weight=0.0).owed == pytest.approx(silent(seconds, weight=50 / 1050).owed)


def test_a_share_is_counted_in_the_step_in_which_the_candidate_was_heard_last() -> None:
    first = listen(Pulse(), 10.0, 500.0, 500.0, weight=0.0, step=0)
    second = listen(first, 20.0, 990.0, 10.0, weight=0.0, step=1)
    assert (second.counted, listen(second, 30.0, 900.0, 0.0, weight=0.0, step=2).counted) == ((990.0, 10.0),) * 2
    assert listen(second, 30.0, 990.0, 0.0, weight=0.0, step=2).owed == pytest.approx(10.0)


def test_what_was_heard_long_ago_is_past_whoever_was_asked_meanwhile() -> None:
    pulse = heard((0.0, 1000.0, 50.0), (10.0, 0.0, 0.0), (20.0, 0.0, 0.0))
    assert not is_past(listen(pulse, 170.0, 0.0, 0.0, weight=0.05))
    assert is_past(listen(pulse, 190.0, 0.0, 0.0, weight=0.05))
    assert not is_past(listen(pulse, 190.0, 0.0, 1.0, weight=0.05))


def test_senseless_numbers_of_the_candidate_are_no_sign_of_life() -> None:
    pulse = heard(*((10.0 * at, 1000.0, math.nan) for at in range(30)))
    assert sign(pulse) is Sign.GONE
    assert (pulse.since, pulse.missed) == (-math.inf, 30)


def test_a_tick_that_came_twice_or_late_says_nothing() -> None:
    pulse = silent(50)
    assert listen(pulse, 50.0, 1000.0, 99.0, weight=0.05) == pulse
    assert listen(pulse, math.nan, 1000.0, 99.0, weight=0.05) == pulse


def test_half_of_the_share_is_noticed() -> None:
    off = divided(950.0, 25.0, 0.05, 60)
    assert is_off(off)
    assert share_seen(off) == pytest.approx(0.026, abs=0.003)


def test_twice_the_share_is_noticed() -> None:
    assert is_off(divided(900.0, 100.0, 0.05, 60))


def test_the_share_that_was_meant_is_not_noticed() -> None:
    assert not is_off(divided(950.0, 50.0, 0.05, 1000))
    assert not is_off(divided(950.0, 52.0, 0.05, 1000))


def test_another_weight_begins_anew_and_has_less_to_lose() -> None:
    changed = divide(divided(950.0, 25.0, 0.05, 60), 900.0, 100.0, 0.1)
    assert (changed.changes, changed.weight) == (2, 0.1)
    assert not is_off(changed)


@pytest.mark.parametrize(
    ("stable", "candidate", "weight"),
    [(math.nan, 1, 0.1), (0, 0, 0.1), (1, math.nan, 0.1), (1, -1, 0.1), (1, 1, 0.0), (1, 1, 1.0), (1, 1, math.nan)],
)
def test_there_is_nothing_to_divide_where_an_arm_or_the_weight_is_missing(
    stable: float, candidate: float, weight: float
) -> None:
    assert divide(Split(), stable, candidate, weight) == Split()


def test_before_anything_was_divided_nothing_is_off() -> None:
    assert not is_off(Split())
    assert share_seen(Split()) == 0.0


@given(st.lists(st.tuples(ROUGH, ROUGH, ROUGH, ROUGH), max_size=8))
def test_no_numbers_whatever_raise(ticks: list[tuple[float, float, float, float]]) -> None:
    pulse, split = Pulse(), Split()
    for at, stable, candidate, weight in ticks:
        pulse, split = listen(pulse, at, stable, candidate, weight=weight), divide(split, stable, candidate, weight)
    assert sign(pulse) in Sign
    assert 0 <= share_seen(split) <= 1
    assert is_off(split) in {True, False}


@pytest.mark.parametrize(("rows", "expected"), [(2, False), (8, False), (9, True)])
def test_where_stable_is_asked_nothing_for_long_nothing_is_beside(rows: int, *, expected: bool) -> None:
    ticks = [(0.0, 900.0, 100.0), *((10.0 * at, 0.0, 1000.0) for at in range(1, rows + 1))]
    assert is_apart(heard(*ticks, weight=0.0)) is expected
    after = listen(heard(*ticks, weight=0.0), 10.0 * rows + 10, 900.0, 0.0, weight=0.0)
    assert not is_apart(after)
    assert not is_apart(listen(after, 10.0 * rows + 20, 900.0, 100.0, weight=0.0))


def test_two_long_ticks_without_stable_are_not_for_long() -> None:
    assert not is_apart(heard((0.0, 900.0, 100.0), (600.0, 0.0, 1.0), (1200.0, 0.0, 1.0)))
    assert is_apart(heard((0.0, 0.0, 1.0), (10.0, 0.0, 1.0), (20.0, 0.0, 1.0)))
