# SPDX-License-Identifier: Apache-2.0
import math

import pytest

from interlock.domain.judge.noise import Count
from interlock.domain.judge.plan import Arm, Interval
from interlock.ports.failure import Rejected
from interlock.service.fleets import fleet_of
from interlock.service.series import intervals_of, of_the_latest

HEAD = "time,stable_requests,stable_errors,candidate_requests,candidate_errors"
SLOWER = "stable_slower_1s,candidate_slower_1s,stable_slower_2s,candidate_slower_2s"
FLEET = "time,instance,requests,errors\n"


def refused(text: str) -> str:
    with pytest.raises(Rejected) as caught:
        intervals_of(text)
    return caught.value.code


def test_a_row_is_what_both_arms_did_until_its_time() -> None:
    first, second = intervals_of(f"{HEAD}\n10,900,9,100,1\n20,800,8,,\n")
    assert (first.at, second.at) == (10.0, 20.0)
    assert (first.stable.all, first.stable.bad, first.candidate.all) == (900.0, (9.0,), 100.0)
    assert math.isnan(second.candidate.all)


def test_times_may_be_dates_and_begin_anywhere() -> None:
    rows = "2026-05-04T10:00:15Z,1,0,1,0\n\n2026-05-04T10:00:30Z,1,0,1,0\n"
    assert [one.at for one in intervals_of(f"{HEAD}\n{rows}")] == [15.0, 30.0]


def test_columns_may_stand_in_any_order_and_more_may_be_told() -> None:
    head = "share,step,stable_slower_250ms,candidate_slower_250ms,candidate_slower_1s,stable_slower_1s"
    one = intervals_of(f"{head},{HEAD}\n10,2,30,3,1,9,1,900,9,100,1\n")[0]
    assert (one.weight, one.step, one.edges) == (0.1, 2, (250_000, 1_000_000))
    assert (one.stable.slower, one.candidate.slower) == ((30.0, 9.0), (3.0, 1.0))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "series.no_column"),
        (HEAD, "series.empty"),
        (f"{HEAD},oops\n1,1,1,1,1,1", "series.unknown_column"),
        (f"{HEAD},time\n1,1,1,1,1,1", "series.column_twice"),
        (f"{HEAD},stable_slower_1s\n1,1,1,1,1,1", "series.one_arm"),
        (f"{HEAD}\n1,1,1,1", "series.width"),
        (f"{HEAD}\n1,x,1,1,1", "series.no_number"),
        (f"{HEAD}\n1,-1,1,1,1", "series.no_number"),
        (f"{HEAD}\n1,inf,1,1,1", "series.no_number"),
        (f"{HEAD}\n1,1e13,1,1,1", "series.no_number"),
        (f"{HEAD}\n1,1,2,1,1", "series.impossible"),
        (f"{HEAD},{SLOWER}\n1,9,0,9,0,1,1,2,1", "series.impossible"),
        (HEAD + "".join(f"\n{at},{9 * at},{at // 2},{at},0" for at in range(1, 9)), "series.totals"),
        (f"{HEAD}\nsoon,1,1,1,1", "series.no_time"),
        (f"{HEAD}\nnan,1,1,1,1", "series.no_time"),
        (f"{HEAD}\n2,1,1,1,1\n1,1,1,1,1", "series.order"),
        (f"{HEAD},share\n1,1,1,1,1,101", "series.bad_share"),
        (f'{HEAD}\n"1,1', "series.width"),
        (f"{HEAD}\n1,{'1' * 200_000},1,1,1", "series.not_csv"),
        (HEAD + "\n1,1,1,1,1" * 100_001, "series.too_long"),
    ],
    ids=[
        "nothing", "no rows", "unknown", "twice", "one arm", "width", "word", "negative", "infinite", "endless",
        "impossible", "rising", "totals",
        "no time", "no number of time", "order", "share", "open quote", "huge cell", "too long",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str, code: str) -> None:
    assert refused(text) == code


@pytest.mark.parametrize("last", ["9,60,4,9,0", "9,81,4,7,0", "9,81,3,9,0"])
def test_what_ever_falls_is_no_total(last: str) -> None:
    rows = [f"{at},{9 * at},{at // 2},{at},0" for at in range(1, 9)]
    assert len(intervals_of("\n".join((HEAD, *rows[:5])))) == 5
    assert len(intervals_of("\n".join((HEAD, *rows, last)))) == 9


def test_totals_stand_still_for_a_while_and_are_totals_still() -> None:
    rows = [f"{at},{9 * max(at, 4)},0,{max(at - 3, 0)},0" for at in range(1, 12)]
    assert refused("\n".join((HEAD, *rows))) == "series.totals"


@pytest.mark.parametrize(("cell", "less"), [("9,,4,9,0", 0), ("9,2,0,1,0", 8)], ids=["a gap", "begun anew"])
def test_totals_with_a_hole_or_a_restart_are_totals_still(cell: str, less: int) -> None:
    rows = [f"{at},{9 * at},{at // 2},{at},0" for at in range(1, 9)]
    more = [f"{at},{9 * (at - less)},{(at - less) // 2},{at - less},0" for at in range(10, 19)]
    assert refused("\n".join((HEAD, *rows, cell, *more))) == "series.totals"


def test_totals_of_one_arm_are_told_from_traffic_that_grows_by_its_errors() -> None:
    def table(errors: int) -> str:
        rows = [f"{at},{900 + at % 7},9,{100 * at},{errors * at}" for at in range(1, 40)]
        return "\n".join((HEAD, *rows))

    assert refused(table(2)) == "series.totals"
    assert len(intervals_of(table(0))) == 39


def test_a_table_may_have_as_many_rows_as_it_says() -> None:
    rows = "\n".join(f"{at},{at % 5},0,{at % 3},0" for at in range(100_000))
    assert len(intervals_of(f"{HEAD}\n\n{rows}\n")) == 100_000


def lives(*requests: float, stable: float = 900.0) -> list[Interval]:
    return [Interval(60.0 * at, Arm(stable, (9.0,)), Arm(one, (5.0,))) for at, one in enumerate(requests, 1)]


@pytest.mark.parametrize(
    ("requests", "begins"),
    [
        ((100, 100, 100), 0),
        ((0, math.nan, 100, 100), 2),
        ((100, 0, 0, 100), 0),
        ((100, 0, math.nan, 0, 100, 0), 4),
        ((100, 0, 0, 0), 0),
        ((100, 0, 0, 0, 0, 100, 0, 0, 0, 0, 100), 10),
        ((0, 0), 2),
    ],
)
def test_who_was_away_for_minutes_is_another(requests: tuple[float, ...], begins: int) -> None:
    told = of_the_latest(lives(*requests), 0.1)
    assert [one.weight for one in told] == [0.0] * begins + [0.1] * (len(requests) - begins)
    assert [one.candidate.all for one in told[:begins]] == [0.0] * begins
    assert [one.candidate.bad for one in told[begins:]] == [(5.0,)] * (len(requests) - begins)


def test_who_is_not_heard_while_nobody_is_was_not_away() -> None:
    gap = lives(math.nan, math.nan, math.nan, math.nan, stable=math.nan)
    told = [*lives(100), *gap, *lives(100)]
    assert {one.weight for one in of_the_latest(told, 0.1)} == {0.1}


def test_a_past_of_totals_is_refused() -> None:
    rows = [f"{at},{name},{at * 10},{at}" for at in range(1, 9) for name in "ab"]
    with pytest.raises(Rejected) as caught:
        fleet_of(FLEET + "\n".join(rows))
    assert caught.value.code == "series.totals"


def test_errors_that_were_not_told_of_a_past_are_no_errors_of_nobody() -> None:
    assert fleet_of(f"{FLEET}10,a,5,1\n10,b,4,0\n20,a,5,\n20,b,4,0\n").history.errors[1] == (Count(0, 0), Count(0, 4))


def test_a_fleet_is_told_by_instance_in_any_order() -> None:
    fleet = fleet_of(f"{FLEET}20,b,5,1\n10,b,4,0\n10,a,3,0\n")
    assert (fleet.instances, fleet.every) == (("a", "b"), 10.0)
    assert [[one.all for one in tick] for tick in fleet.history.errors] == [[3, 4], [0, 5]]


def test_a_fleet_tells_how_many_were_slower_than_each_edge() -> None:
    text = "time,instance,requests,errors,slower_1s,slower_250ms\n10,a,9,1,0,2\n10,b,8,0,1,3\n20,a,7,0,,4\n"
    history = fleet_of(text).history
    assert history.edges == (250_000, 1_000_000)
    quick, slow = history.slower
    assert quick == ((Count(2, 9), Count(3, 8)), (Count(4, 7), Count(0, 0)))
    assert slow == ((Count(0, 9), Count(1, 8)), (Count(0, 0), Count(0, 0)))


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ("stable_slower_1s", "series.unknown_column"),
        ("slower_250", "series.unknown_column"),
        (f"slower_{'9' * 400}s", "series.unknown_column"),
        ("errors", "series.column_twice"),
        ("slower_1s,slower_1000ms", "series.column_twice"),
    ],
)
def test_a_fleet_has_no_other_columns_and_none_twice(columns: str, code: str) -> None:
    cells = ",0" * (columns.count(",") + 1)
    with pytest.raises(Rejected) as caught:
        fleet_of(f"time,instance,requests,errors,{columns}\n1,a,1,0{cells}\n2,b,1,0{cells}\n")
    assert caught.value.code == code


@pytest.mark.parametrize(
    "rows",
    ["10,a,9,1\n10.001,b,9,1\n20,a,9,1\n20.001,b,9,1\n", "10,a,,\n10,b,,\n20,a,,\n20,b,,\n"],
    ids=["at other times", "without requests"],
)
def test_of_a_past_in_which_nothing_stands_together_nothing_is_said(rows: str) -> None:
    with pytest.raises(Rejected) as caught:
        fleet_of(FLEET + rows)
    assert caught.value.code == "series.nothing_together"


def test_a_cell_of_a_fleet_without_end_is_no_table() -> None:
    with pytest.raises(Rejected) as caught:
        fleet_of(f"{FLEET}10,{'a' * 200_000},9,1\n")
    assert caught.value.code == "series.not_csv"


def test_of_a_fleets_requests_no_more_were_slow_than_there_were() -> None:
    with pytest.raises(Rejected, match="'a' has 3 slow ones of 2 requests") as caught:
        fleet_of("time,instance,requests,errors,slower_1s\n1,a,2,0,3\n")
    assert caught.value.code == "series.impossible"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("10,a,1,0\n20,a,1,0\n", "series.too_few"),
        ("10,a,1,0\n10,b,1,0\n", "series.too_few"),
        ("10,a,1,2\n", "series.impossible"),
        ("10,a,1,0\n10,a,1,0\n", "series.twice"),
        ("10,a,one,0\n", "series.no_number"),
    ],
)
def test_a_past_that_is_none_is_refused(rows: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        fleet_of(FLEET + rows)
    assert caught.value.code == code


def test_a_fleet_needs_its_columns_and_an_end() -> None:
    for text, code in (("time,requests\n", "series.no_column"), (FLEET, "series.too_few")):
        with pytest.raises(Rejected) as caught:
            fleet_of(text)
        assert caught.value.code == code
