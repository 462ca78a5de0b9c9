# SPDX-License-Identifier: Apache-2.0
"""`interlock pack draft --review`: what is accepted and carried by nothing is told, and leaves no active pack."""

import json
from pathlib import Path

import pytest
from tests.cli.test_review import typed
from tests.cli.workplace import Answer, codes

from interlock.cli.main import main

DOCUMENT = """\
# Releases of the mill

## Before
- [ ] All tests pass
- [ ] QA Lead signs off the build

## Deployment
1. Deploy to production

## Never
- touch the price list

## After the release
- Keep the old build for a year
"""
REVIEW = ["pack", "draft", "RELEASE.md", "--review"]
ACCEPTED = "rest: accept\nstatus: active\n"
ATTESTED = """\
answers:
  - {at: "RELEASE.md:11", do: attest, role: qa-lead}
  - {at: "RELEASE.md:14", do: drop, reason: The archive has a procedure of its own.}
rest: accept
status: active
"""


@pytest.fixture(autouse=True)
def mill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document of which a draft carries two lines by nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "RELEASE.md").write_text(DOCUMENT)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Answer]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def answered(capsys: pytest.CaptureFixture[str], answers: str) -> tuple[int, Answer]:
    Path("answers.yaml").write_text(answers)
    return said(capsys, *REVIEW, "--answers", "answers.yaml")


def states(capsys: pytest.CaptureFixture[str]) -> dict[object, object]:
    lines = said(capsys, "pack", "trace", "packs/release", "RELEASE.md")[1]["lines"]
    assert isinstance(lines, list)
    return {one["text"]: one["state"] for one in lines if isinstance(one, dict)}


def test_an_active_pack_is_refused_while_an_accepted_line_is_carried_by_nothing(
    mill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = answered(capsys, ACCEPTED)
    assert (code, answer["status"], codes(answer)) == (1, "draft", ["review.uncarried"])
    assert "status: draft" in (mill / "packs/release/pack.yaml").read_text()


def test_what_nothing_carries_is_named_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = answered(capsys, ACCEPTED)
    assert answer["uncarried"] == [
        {"id": "RE-04", "at": "RELEASE.md:11", "kind": "rule", "text": "touch the price list"},
        {"id": "RE-05", "at": "RELEASE.md:14", "kind": "hold", "text": "Keep the old build for a year"},
    ]


def test_the_end_of_a_review_says_what_nothing_carries_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    Path("answers.yaml").write_text(ACCEPTED)
    main([*REVIEW, "--answers", "answers.yaml"])
    shown = capsys.readouterr().out
    assert "! 2 lines are accepted, and no element of the pack carries them:" in shown
    assert "RELEASE.md:11  rule  touch the price list" in shown
    assert "bind each to a check, let a role attest it" in shown
    assert "[review.uncarried]" in shown


def test_a_line_that_somebody_attests_and_one_that_is_dropped_leave_an_active_pack(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, answer = answered(capsys, ATTESTED)
    assert (code, answer["status"], answer["uncarried"]) == (0, "active", [])
    assert main(["pack", "lint", "packs/release"]) == 0


def test_the_trace_shows_each_as_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, ATTESTED)
    found = states(capsys)
    assert (found["touch the price list"], found["Keep the old build for a year"]) == ("attested", "dropped")


def test_what_is_attested_by_hand_says_what_is_not_done(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, ATTESTED)
    pack = (mill / "packs/release/pack.yaml").read_text()
    assert 'signoff: {roles: [qa-lead], statement: "Never: touch the price list"}' in pack


@pytest.mark.parametrize(
    ("at", "role"), [("RELEASE.md:14", "qa-lead"), ("RELEASE.md:11", "QA Lead!")], ids=["after", "name"]
)
def test_what_nobody_can_attest_is_declined(capsys: pytest.CaptureFixture[str], at: str, role: str) -> None:
    code, answer = answered(capsys, f'answers: [{{at: "{at}", do: attest, role: "{role}"}}]\n')
    assert (code, codes(answer)) == (2, ["review.answer"])


def test_a_person_is_asked_again_about_what_nothing_carries(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "", "", "", "", "", "s", "", "d", "The archive does it.", "y")
    assert main(REVIEW) == 0
    shown = capsys.readouterr()
    assert "carried  by no element yet" in shown.err
    assert "2 accepted lines are carried by no element of the pack." in shown.err
    assert "it is active" in shown.out


def test_who_comes_back_sees_the_answer_and_enter_keeps_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "k", "record", "u", "", "q")
    main(REVIEW)
    assert "answered  kind, record" in capsys.readouterr().err
    log = Path("packs/release/review.jsonl").read_text().splitlines()
    assert [json.loads(line).get("kind") for line in log if "do" in json.loads(line)] == ["record", "record"]


def test_a_person_sees_what_carries_a_statement(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "q")
    main(REVIEW)
    assert "carried  by tests-pass" in capsys.readouterr().err


def test_a_person_who_lets_it_stand_gets_a_draft(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, *[""] * 7)
    assert main(REVIEW) == 0
    assert "it is a draft" in capsys.readouterr().out


def test_where_everything_is_dropped_there_is_no_pack(capsys: pytest.CaptureFixture[str]) -> None:
    answers = "".join(f'  - {{at: "RELEASE.md:{line}", do: drop, reason: No.}}\n' for line in (4, 5, 8, 11, 14))
    code, answer = answered(capsys, f"answers:\n{answers}status: active\n")
    assert (code, codes(answer)) == (2, ["procedure.asks_nothing"])
