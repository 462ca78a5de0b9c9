# SPDX-License-Identifier: Apache-2.0
"""`interlock pack`: every verb takes a name of the library, a folder or a file, and says no with an exit code."""

import json
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest
from tests.cli.workplace import Answer, codes

from interlock.cli.main import main

STARTER = files("interlock.packs").joinpath("library", "starter")
VERBS = ("show", "lint", "test")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `mine` with a pack of its own, its scenarios, and another file of the same pack."""
    monkeypatch.chdir(tmp_path)
    with as_file(STARTER) as starter:
        copytree(starter, tmp_path / "mine")
    for scenario in sorted((tmp_path / "mine" / "scenarios").iterdir())[1:]:
        scenario.unlink()
    (tmp_path / "mine" / "other.yaml").write_bytes((tmp_path / "mine" / "pack.yaml").read_bytes())
    return tmp_path / "mine"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Answer]:
    """The exit code of a command, and its object."""
    code = main(["pack", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("named", ["starter", "mine", "mine/pack.yaml", "mine/other.yaml"])
@pytest.mark.usefixtures("mine")
def test_every_verb_takes_a_name_a_folder_or_a_file(verb: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = said(capsys, verb, named)
    assert code == 0


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("named", ["mine", "mine/pack.yaml"])
def test_every_verb_refuses_a_pack_that_does_not_load(
    verb: str, named: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "pack.yaml").write_text("pack: x\n")
    code, answer = said(capsys, verb, named)
    assert (code, codes(answer)) == (1, ["pack.unfit"])


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("named", ["mine/scenarios", "nowhere", "startr"])
@pytest.mark.usefixtures("mine")
def test_every_verb_says_what_is_no_pack(verb: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = said(capsys, verb, named)
    assert (code, codes(answer)) == (2, ["pack.unknown"])


def test_a_pack_of_the_library_comes_before_a_folder_of_its_name(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.rename(mine.with_name("starter"))
    mine.with_name("starter").joinpath("pack.yaml").write_text("pack: x\n")
    assert said(capsys, "lint", "starter")[0] == 0
    assert said(capsys, "lint", "./starter")[0] == 1


@pytest.mark.parametrize("named", ["mine", "mine/pack.yaml"])
def test_a_pack_without_scenarios_was_not_tested(named: str, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for scenario in (mine / "scenarios").iterdir():
        scenario.unlink()
    code, answer = said(capsys, "test", named)
    assert (code, codes(answer)) == (2, ["pack.no_scenarios"])
    assert answer["error"][0]["next_step"] == "write one: mine/scenarios/NAME.yaml"


def test_a_file_of_another_name_is_tested_itself_by_the_scenarios_beside_it(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "pack.yaml").write_text("pack: x\n")
    code, answer = said(capsys, "test", "mine/other.yaml")
    assert (code, [one["failure"] for one in answer["scenarios"]]) == (0, [""])


def test_a_scenario_that_fails_is_an_exit_of_1(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "scenarios" / "bad.yaml").write_text("scenario: Nothing\n")
    code, answer = said(capsys, "test", "mine")
    assert code == 1
    assert [bool(one["failure"]) for one in answer["scenarios"]] == [False, True]


NEVER = 'windows: [{schedule: "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", tz: UTC, from: "08:00", to: "09:00"}]'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("status: active", "status: active\nexpires: 2020-01-01T00:00:00Z", "pack.yaml:5:10: pack.expired: "),
        ("    bake: {", f"    {NEVER}\n    bake: {{", "pack.never_open: "),
    ],
)
def test_a_pack_that_is_past_does_not_lint(
    before: str, after: str, told: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = mine / "pack.yaml"
    file.write_text(file.read_text().replace(before, after, 1))
    code, answer = said(capsys, "lint", "mine")
    assert (code, codes(answer)) == (1, ["pack.unfit"])
    assert told in str(answer)
