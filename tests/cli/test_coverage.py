# SPDX-License-Identifier: Apache-2.0
"""`interlock pack coverage`: what is missing is told with its place, and is an exit code."""

import json
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest
from tests.cli.workplace import Answer, codes

from interlock.cli.main import main

STARTER = files("interlock.packs").joinpath("library", "starter")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `mine` with a pack of its own, its statements and its scenarios."""
    monkeypatch.chdir(tmp_path)
    with as_file(STARTER) as starter:
        copytree(starter, tmp_path / "mine")
    return tmp_path / "mine"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Answer]:
    """The exit code of `pack coverage`, and its object."""
    code = main(["pack", "coverage", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def instead(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_every_statement_is_told_with_what_carries_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = said(capsys, "starter")
    assert (code, answer["covered"]) == (0, answer["statements"])
    (row,) = [one for one in answer["requirements"] if one["id"] == "ST-5"]
    assert (row["kind"], row["missing"], row["violated_by"]) == (
        "signoff",
        [],
        ["scenarios/03-promotion-needs-agreement.yaml"],
    )
    assert [(one["name"], one["path"]) for one in row["elements"]] == [("rollback-plan", "stages[2].requires[1]")]
    assert "without_it" not in row


def test_what_became_of_a_pack_without_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = said(capsys, "starter", "--mutate")
    found = {one["id"]: [fate["fate"] for fate in one["without_it"]] for one in answer["requirements"]}
    assert code == 0
    assert (found["ST-1"], found["ST-5"], found["ST-12"]) == (["refused"], ["noticed"], ["noticed"])


def test_what_is_missing_is_an_exit_of_1(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instead(mine / "pack.yaml", "cites: [ST-5]", "cites: []")
    code, answer = said(capsys, "mine", "--mutate")
    (row,) = [one for one in answer["requirements"] if one["missing"]]
    assert (code, answer["statements"] - answer["covered"]) == (1, 1)
    assert (row["id"], codes({"error": row["missing"]})) == ("ST-5", ["coverage.not_cited"])


def test_what_nobody_misses_is_an_exit_of_1(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = mine / "scenarios" / "07-fails-while-baking.yaml"
    instead(scenario, "  - expect: {promotion: {production: baking}, running: {production: v2}}\n", "")
    scenario.write_text(
        scenario.read_text().partition("  - {promote: production, by: ann}")[0] + "  - expect: {incidents: []}\n"
    )
    assert said(capsys, "mine")[0] == 0
    code, answer = said(capsys, "mine", "--mutate")
    fates = [fate for one in answer["requirements"] if one["id"] == "ST-4" for fate in one["without_it"]]
    assert (code, [one["fate"] for one in fates]) == (1, ["survived"])


def test_a_release_manager_reads_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "coverage", "starter", "--mutate"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("✓ starter 1.0.0 carries 12 of 12 statements, and each is missed when it is taken away\n")
    (line,) = [one for one in out.splitlines() if " ST-2 " in one]
    assert line.split() == ["✓", "ST-2", "step", "production", "after", "+1", "evidence.missing", "+1", "17-order", "01-good-release"]  # fmt: skip # noqa: E501


def test_below_the_table_stands_what_to_do(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instead(mine / "pack.yaml", "cites: [ST-5]", "cites: []")
    instead(mine / "scenarios" / "05-failing-tests.yaml", "says: error", "says: pass")
    (mine / "scenarios" / "04-freeze.yaml").unlink()
    assert main(["pack", "coverage", "mine", "--mutate"]) == 1
    out = capsys.readouterr().out
    assert "✗ ST-5 Somebody says that they know how the release comes back.  (What it enforces)" in out
    assert "→ cite ST-5 where the pack carries it" in out
    assert "[coverage.scenario_fails]" in out
    assert "step 9: {promote: staging, by: ann, refused: [evidence.error]} expected refused" in out
    assert "without ST-12: no scenario shows it broken, so nothing can notice  [coverage.survivor]" in out
    line = next(one for one in out.splitlines() if " ST-12 " in one)
    assert line.split()[3:7] == ["the", "engine", "nothing", "nothing"]


def test_an_unknown_statement_is_told_with_its_place(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instead(mine / "pack.yaml", "cites: [ST-5]", "cites: [ST-55]")
    code, answer = said(capsys, "mine")
    assert (code, codes(answer)) == (1, ["pack.unfit"])
    assert "pack.yaml:46:17: pack.unknown_statement: 'ST-55'" in answer["refused"][0]["sentence"]


def test_a_pack_without_numbered_statements_says_where_to_write_them(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "requirements.yaml").unlink()
    code, answer = said(capsys, "mine")
    assert (code, codes(answer)) == (2, ["pack.no_requirements"])
    assert answer["error"][0]["next_step"] == "write them: mine/requirements.yaml"


def test_what_is_missed_only_with_others_is_an_exit_of_1(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "scenarios" / "22-staging-fails.yaml").unlink()
    code, answer = said(capsys, "mine", "--mutate")
    fates = [fate for one in answer["requirements"] if one["id"] == "ST-3" for fate in one["without_it"]]
    assert (code, [(one["without"], one["fate"]) for one in fates]) == (
        1,
        [
            ("staging verify, production verify", "noticed"),
            ("staging verify alone", "redundant"),
            ("production verify alone", "noticed"),
        ],
    )
    assert main(["pack", "coverage", "mine", "--mutate"]) == 1
    out = capsys.readouterr().out
    assert "[coverage.redundant]" in out
    assert "write a scenario that violates ST-3 where only this helps, or do not cite it" in out
