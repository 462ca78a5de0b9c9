# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import numpy as np
import pytest
from bench.judge import tuning
from bench.judge.figures import Book, Figure, table
from bench.judge.figures import at_most as no_more
from bench.judge.measuring import Comparison, Outcome, service
from bench.judge.rounds import Alarms, Rounds, rules, simulator
from bench.judge.scenes import NULLS, QUICK, RATED, TIMES, Cell, Fault
from bench.judge.tuning import QUIET, SHAPES, Tuned, Tuning, freeze, frozen, shape_named
from bench.judge.world import CHUNK, Purpose

from interlock.domain.judge.bounds import at_most, geometric, lower, upper

NEVER = np.inf


def test_the_bound_on_nothing_seen_is_the_rule_of_its_logarithm() -> None:
    """1 - 0.01^(1/300)."""
    assert upper(0, 300) == pytest.approx(0.015233, abs=1e-6)


def test_56_of_5000_is_about_the_most_whose_bound_is_below_one_and_a_half_percent() -> None:
    assert upper(56, 5000) < 0.0152
    assert upper(65, 5000) > 0.0152


def test_bounds_enclose_what_was_seen() -> None:
    assert lower(30, 1000) < 0.03 < upper(30, 1000)
    assert (upper(10, 10), lower(0, 10)) == (1.0, 0.0)


def test_a_binomial_is_added_up_exactly() -> None:
    assert at_most(1, 3, 0.5) == pytest.approx(0.5)
    assert at_most(0, 4, 0.0) == 1
    assert at_most(3, 4, 1.0) == 0


def test_twice_and_half_as_fast_make_as_fast() -> None:
    assert geometric([2.0, 0.5]) == pytest.approx(1.0)


def test_a_round_is_measured_once_and_more_rollouts_only_add_chunks(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    def measure(_cell: Cell, _purpose: Purpose, number: int, size: int) -> Alarms:
        asked.append((number, size))
        return {"rule": np.full(size, float(number))}

    rounds = Rounds("x", "key", measure, tmp_path)
    first = rounds.of(NULLS[0], Purpose.TESTING, 2 * CHUNK)
    more = rounds.of(NULLS[0], Purpose.TESTING, 3 * CHUNK)
    assert asked == [(0, CHUNK), (1, CHUNK), (2, CHUNK)]
    assert (len(first["rule"]), more["rule"][-1]) == (2 * CHUNK, 2)


def test_cells_are_kept_apart(tmp_path: Path) -> None:
    rounds = Rounds("x", "key", lambda cell, *_: {"rule": np.full(1, cell.rate)}, tmp_path)
    found = [float(rounds.of(cell, Purpose.TESTING, 1)["rule"][0]) for cell in NULLS]
    assert found == [cell.rate for cell in NULLS]


def test_what_was_frozen_reads_back(tmp_path: Path) -> None:
    one = Tuned("argo 1m/3", 2.0, 0.01, {"x2": 600.0})
    written = Tuning("a", "b", 10, {"cell": {"argo": (one, one)}})
    freeze(written, tmp_path / "tuning.json")
    assert frozen(tmp_path / "tuning.json") == written


def test_the_frozen_tuning_belongs_to_these_rules_and_this_simulator() -> None:
    kept = frozen()
    assert (kept.simulator, kept.rules) == (simulator(), rules())


def test_every_rated_service_has_every_family_tuned_to_be_quiet_where_it_can_be() -> None:
    for cell in RATED:
        pairs = frozen().chosen[cell.name]
        assert set(pairs) == set(SHAPES)
        assert all(pairs[family][1].false <= QUIET for family in ("argo", "flagger", "kayenta 10m"))


def test_tuning_turns_a_knob_until_healthy_rollouts_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cell = Cell(1000, 0.005, RATED[0].nuisance, QUICK)
    monkeypatch.setattr(tuning, "RATED", (cell,))
    monkeypatch.setattr(tuning, "LATENCY_CELL", Cell(10, 0, RATED[0].nuisance, QUICK, latency=True))
    found = tuning.tune(24, 4, tmp_path)
    usual, best = found.chosen[cell.name]["argo"]
    assert usual.knob > 1
    assert usual.is_quiet
    assert best.seconds["x10"] <= 1500


def test_a_shape_is_found_by_its_name() -> None:
    names = [shape.name for shapes in SHAPES.values() for shape in shapes]
    assert len({*names}) == len([*dict.fromkeys(names)])
    assert [shape_named(name).name for name in names] == names


def _outcome(alarms: list[float], at: int = 0) -> Outcome:
    cell = Cell(1000, 0.005, RATED[0].nuisance, fault=Fault("x", errors=2.0, at=at))
    return Outcome(cell, "rule", np.array(alarms), np.array([10.0] * len(alarms)))


def test_a_rollout_that_is_never_stopped_counts_to_its_end() -> None:
    assert _outcome([100.0, NEVER]).mean == 1250


def test_an_alarm_before_the_onset_finds_nothing() -> None:
    outcome = _outcome([100.0, 1540.0, NEVER, 1560.0], at=1500)
    assert (outcome.early, outcome.found, outcome.median) == (0.25, 0.5, 60.0)


def test_a_regression_is_measured_with_what_was_tuned_on_the_healthy_service() -> None:
    assert {service(cell.with_fault(fault)) for cell in RATED for fault in TIMES} == set(frozen().chosen) - {
        tuning.LATENCY_CELL.name
    }


def test_a_comparison_measures_all_rules_on_one_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rounds = Comparison(Purpose.TESTING)
    found = rounds.rivals(RATED[0].with_fault(TIMES[-1]), 4)
    assert {"kayenta 10m", "best kayenta 10m", "usual argo"} <= set(found)
    assert found["argo 99%"].runs == 4


def test_a_figure_says_whether_its_target_is_met() -> None:
    figures = [no_more("s", "a", 1.0, 2.0), no_more("s", "b", 3.0, 2.0), Figure("s", "c", 1.0)]
    assert [one.verdict for one in figures] == ["met", "MISSED", ""]


def test_a_book_writes_what_was_missed_and_null_for_never(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Book()
    book.add("t", [{"cell": "x", "ours": NEVER}], [no_more("s", "a", NEVER, 2.0)])
    book.write(tmp_path / "judge.json", {})
    text = (tmp_path / "judge.json").read_text()
    assert '"missed": [\n  "s: a"\n ]' in text
    assert '"ours": null' in text
    assert "never" in capsys.readouterr().out


def test_a_table_has_columns_by_its_first_row() -> None:
    assert table([{"a": 1.0, "b": "x"}, {"a": 2.0}]).splitlines()[2].split() == ["2", "-"]
