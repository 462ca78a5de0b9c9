# SPDX-License-Identifier: Apache-2.0
"""`interlock judge` as somebody types it who has no ledger."""

import json
import math
import random
import re
from pathlib import Path

import pytest
from tests.domain.judge.crowd import drawn

from interlock.cli.main import main

HEAD = "time,stable_requests,stable_errors,candidate_requests,candidate_errors"


def table(folder: Path, ticks: int, rate: float) -> str:
    source = random.Random(5)
    rows = [f"{10 * at},900,{drawn(source, 900, 0.01)},90,{drawn(source, 90, rate)}" for at in range(1, ticks + 1)]
    path = folder / "table.csv"
    path.write_text("\n".join((HEAD, *rows)))
    return str(path)


def test_a_past_with_times_says_how_long_fresh_instances_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{at},{name},100,0,{30 + at % 3}" for at in range(40) for name in "abc"]
    path = tmp_path / "past.csv"
    path.write_text("\n".join(("time,instance,requests,errors,slower_250ms", *rows)))
    assert main(["judge", "--history", str(path), "--length", "10"]) == 0
    told = capsys.readouterr().out
    assert "and take 2.20 times as long" in told
    assert "their times differ by" in told
    assert "warm_up: 2.50, warm_up_of_times: 2.20, spread_of_times: " in told


def test_a_past_whose_times_change_within_minutes_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = [[30, 42, 24, 33], [24, 30, 38, 29], [36, 25, 30, 40]]
    rows = [
        f"{at * 10},{name},1000,0,{10 * each[at // 30 % 4] + at % 3}"
        for at in range(240)
        for name, each in zip("abc", slow, strict=True)
    ]
    path = tmp_path / "past.csv"
    path.write_text("\n".join(("time,instance,requests,errors,slower_250ms", *rows)))
    assert main(["judge", "--history", str(path), "--length", "20", "--json"]) == 0
    noise = json.loads(capsys.readouterr().out)["noise"]
    assert 0.02 < noise["wander_of_times"] < 0.1
    assert main(["judge", "--history", str(path), "--length", "20"]) == 0
    told = capsys.readouterr().out
    assert "% within minutes" in told
    assert f"wander_of_times: {math.ceil(10_000 * noise['wander_of_times']) / 100:.2f}}}" in told.replace("\n", "")


def test_a_past_in_which_next_to_nothing_was_slow_says_nothing_of_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{at},{name},100,0,{int(at == 7)}" for at in range(40) for name in "abc"]
    path = tmp_path / "past.csv"
    path.write_text("\n".join(("time,instance,requests,errors,slower_250ms", *rows)))
    assert main(["judge", "--history", str(path), "--length", "10"]) == 0
    told = capsys.readouterr().out
    assert "of_times: 2.20}" in told
    assert "spread_of_times" not in told


@pytest.mark.parametrize(
    ("ticks", "rate", "code", "call"), [(60, 0.01, 0, "✓ go on"), (60, 0.08, 1, "✗ back"), (1, 0.01, 5, "? wait")]
)
def test_the_exit_code_is_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ticks: int, rate: float, code: int, call: str
) -> None:
    assert main(["judge", "--csv", table(tmp_path, ticks, rate)]) == code
    assert capsys.readouterr().out.startswith(call)


def test_a_machine_gets_every_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "--csv", table(tmp_path, 60, 0.08), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["call"], told["why"], told["metric"], told["given"]) == ("back", "worse", "errors", 60)
    assert told["intervals"] < 60
    (errors,) = told["metrics"]
    assert 1 < errors["low"] < errors["likeliest"] < errors["high"]


def test_a_healthy_past_says_how_often_it_would_have_cried_wolf(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = random.Random(2)
    rows = [f"{at},{name},100,{drawn(source, 100, 0.02)}" for at in range(40) for name in "abc"]
    path = tmp_path / "past.csv"
    path.write_text("\n".join(("time,instance,requests,errors", *rows)))
    assert main(["judge", "--history", str(path), "--length", "10"]) == 0
    told = capsys.readouterr().out
    assert "as usually assumed  6         0     0     0.00 to 53.58 %" in told
    assert re.search(r"^  noise: \{spread: \d+, dispersion: \d\.\d\d, warm_up: 2\.50\}$", told, re.MULTILINE)
    assert main(["judge", "--history", str(path), "--length", "10", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["learnt"]["rollouts"] == 6
    assert main(["judge", "--history", str(path)]) == 2
    assert "judge.short_past" in capsys.readouterr().err


def test_who_had_to_go_back_on_the_way_had_to_go_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{at * 10},900,9,100,{100 if at <= 2 else 1}" for at in range(1, 200)]
    path = tmp_path / "healed.csv"
    path.write_text("\n".join(("time,stable_requests,stable_errors,candidate_requests,candidate_errors", *rows)))
    assert main(["judge", "--csv", str(path)]) == 1
    assert " of 199 intervals; " in capsys.readouterr().out


def test_what_counts_totals_teaches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"{at},{name},{at * 1000},{(at + 7 * place) % 40 * at}"
        for at in range(1, 80)
        for place, name in enumerate("abc")
    ]
    path = tmp_path / "totals.csv"
    path.write_text("\n".join(("time,instance,requests,errors", *rows)))
    assert main(["judge", "--history", str(path), "--length", "10"]) == 0
    told = capsys.readouterr().out
    assert "it teaches nothing" in told
    assert "noise: {" not in told


QUERIES = ("--prometheus", "http://127.0.0.1:9", "--requests", "x{arm}", "--errors", "y{arm}")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "judge.no_source"),
        (["--csv", "x", "--prometheus", "http://localhost"], "judge.no_source"),
        (["--csv", "nowhere.csv"], "file.unreadable"),
        (["--csv", "x", "--risk", "50"], "judge.bad_terms"),
        (["--prometheus", "http://localhost"], "judge.no_query"),
        (["--prometheus", "http://localhost", "--requests", "x", "--errors", "y", "--since", "soon"], "judge.bad_span"),
        (["--prometheus", "http://localhost", "--requests", "x", "--errors", "y", "--every", "0s"], "series.bad_span"),
        (["--prometheus", "http://localhost", "--requests", "x", "--errors", "y{arm}"], "series.no_arm"),
        ([*QUERIES, "--stable", "v2", "--candidate", "v2"], "series.same_arm"),
        ([*QUERIES, "--share", "101"], "series.bad_share"),
        ([*QUERIES, "--edges", "0.1,nan", "--faster", "z{arm}{edge}"], "series.bad_edge"),
        ([*QUERIES, "--edges", "1e400", "--faster", "z{arm}{edge}"], "series.bad_edge"),
        (["--csv", "x", "--warm-up", "nan"], "judge.bad_terms"),
        (["--csv", "x", "--dispersion", "inf"], "judge.bad_terms"),
        (["--csv", "x", "--wander-of-times", "nan"], "judge.bad_terms"),
        (["--csv", "x", "--wander-of-times", "-1"], "judge.bad_terms"),
        (["--prometheus", "http://127.0.0.1:9", "--requests", "x{arm}", "--errors", "y{arm}"], "http.unreachable"),
    ],
)
def test_what_cannot_be_judged_is_said(capsys: pytest.CaptureFixture[str], words: list[str], code: str) -> None:
    assert main(["judge", *words]) in {2, 3}
    assert f"[{code}]" in capsys.readouterr().err


def test_what_is_no_text_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe")
    assert main(["judge", "--csv", str(tmp_path / "picture.csv")]) == 2
    assert "series.not_text" in capsys.readouterr().err
