# SPDX-License-Identifier: Apache-2.0
"""`interlock simulate`: a timeline of what a scenario does, and whether it came as told."""

import json
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest
from tests.cli.workplace import Answer, codes

from interlock.cli import simulate
from interlock.cli.main import main

STARTER = files("interlock.packs").joinpath("library", "starter")
ROLES = "given: {people: {ann: [developer], ben: [reviewer], cat: [release-manager]}}\n"
WAITING = f"""scenario: Something waits
{ROLES}steps:
  - {{release: v2, by: ann}}
  - {{wait: rest}}
  - {{promote: staging, by: ann}}
  - {{wait: rest}}
  - {{wait: 49h30m}}
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack `mine` and a scenario `waiting.yaml`."""
    monkeypatch.chdir(tmp_path)
    with as_file(STARTER) as starter:
        copytree(starter, tmp_path / "mine")
    (tmp_path / "waiting.yaml").write_text(WAITING)
    return tmp_path / "mine"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Answer]:
    code = main(["simulate", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    code = main(["simulate", *words])
    return code, capsys.readouterr().out.splitlines()


def test_a_timeline_tells_who_did_what_when(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = shown(capsys, "starter", "03-promotion-needs-agreement")
    assert code == 0
    assert lines[0].endswith("and says what is missing  scenarios/03-promotion-needs-agreement.yaml")
    assert lines[1] == "  Monday 2 March 2026"
    assert lines[2].startswith("  09:00:0")
    told = [one[12:] for one in lines]
    assert "ann         · ann asked for app:v2 in staging" in told
    assert "controller  · the gate is open: deploying (app:v2/staging/1)" in told
    assert "            → to everybody: app:v2 is live in staging" in told
    assert "            ○ v2 before production: review waits for ben, cat (reviewer or release-manager)" in told
    assert any("✗ sign off: 'ben' holds none of" in one and one.endswith("[signoff.role]") for one in lines)


@pytest.mark.usefixtures("mine")
def test_what_waits_at_the_end_is_told_with_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = shown(capsys, "mine", "waiting.yaml")
    assert code == 0
    waits = [one.split() for one in lines[lines.index("  still waiting") + 1 :] if one.startswith("    ")]
    assert [one[3] for one in waits] == ["rollback-plan", "review"]
    assert all(one[-6:] == ["so", "far", "2", "d", "1", "h"] for one in waits)
    assert lines[-2].endswith("as told: 5 steps in 2 d 1 h of simulated time")


def test_every_scenario_of_a_pack_is_played_when_none_is_named(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for scenario in sorted((mine / "scenarios").iterdir())[2:]:
        scenario.unlink()
    code, answer = said(capsys, "mine")
    assert code == 0
    assert [one["scenario"] for one in answer["scenarios"]] == [
        "scenarios/01-good-release.yaml",
        "scenarios/02-author-does-not-approve.yaml",
    ]


@pytest.mark.usefixtures("mine")
def test_the_object_has_every_event(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = said(capsys, "starter", "01-good-release", "waiting.yaml")
    good, waiting = answer["scenarios"]
    assert code == 0
    assert {one["kind"] for one in good["events"]} == {"said", "told", "waits", "waited", "expected"}
    assert [one["about"] for one in waiting["waiting"]] == ["rollback-plan", "review"]
    assert waiting["simulated_seconds"] > 49 * 3600
    first = good["events"][0]
    assert (first["who"], first["command"], first["events"], first["refused"]) == (
        "ann",
        "open change",
        ["ChangeOpened"],
        [],
    )


def test_what_does_not_come_as_told_is_an_exit_of_1(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "scenarios" / "odd.yaml").write_text(f"{WAITING}  - expect: {{release: [completed]}}\n")
    code, lines = shown(capsys, "mine", "odd")
    assert code == 1
    assert any(one.endswith("✗ the release: expected completed, found open") for one in lines)
    assert "  ✗ it did not come as told:" in lines
    code, answer = said(capsys, "mine", "odd.yaml")
    assert (code, answer["scenarios"][0]["failure"].startswith("scenarios/odd.yaml:9: step 6")) == (1, True)


def test_a_message_that_does_not_arrive_is_told(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = (
        (mine / "pack.yaml")
        .read_text()
        .replace("    environment: staging\n", "    environment: staging\n    notify: {after: [live]}\n")
    )
    message = "audiences: [team]\nmessages: {live: {to: [team], title: It is live, body: Look.}}\n"
    (mine / "pack.yaml").write_text(pack + message)
    text = WAITING.replace("  - {wait: 49h30m}\n", "").replace(
        "  - {promote", "  - {receiver: team, is: down}\n  - {promote"
    )
    (mine / "scenarios" / "down.yaml").write_text(text)
    code, lines = shown(capsys, "mine", "down")
    assert code == 0
    assert any("○ to team: It is live (failed)" in one for one in lines)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("starter", "nothing"), "scenario.unknown", 2),
        (("mine", "broken"), "scenario.unfit", 2),
        (("nowhere",), "pack.unknown", 2),
        (("ruined",), "pack.unfit", 1),
        (("bare",), "pack.no_scenarios", 2),
    ],
)
def test_what_cannot_be_played_is_told(
    mine: Path, words: tuple[str, ...], code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "scenarios" / "broken.yaml").write_text("scenario: x\n")
    for name, text in (("ruined", "pack: x\n"), ("bare", (mine / "pack.yaml").read_text())):
        mine.with_name(name).mkdir()
        mine.with_name(name).joinpath("pack.yaml").write_text(text)
    found, answer = said(capsys, *words)
    assert (found, codes(answer)) == (exit_code, [code])


def test_a_person_at_the_terminal_sees_that_it_goes_on(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulate, "somebody_is_there", lambda: True)
    (mine / "scenarios" / "long.yaml").write_text(f"{WAITING}  - {{withdraw: v2, by: ann}}\n")
    assert main(["simulate", "mine", "long"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "scenarios/long.yaml: step 1 of 6, Monday 02 March 2026",
        "scenarios/long.yaml: step 6 of 6, Wednesday 04 March 2026",
    ]
