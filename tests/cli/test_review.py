# SPDX-License-Identifier: Apache-2.0
"""`interlock pack draft --review`: a person, or a file of answers, decides on each statement of a draft."""

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.workplace import Answer, codes

from interlock.cli import pack_review
from interlock.cli.main import main

DOCUMENT = """\
# Releases of the mill

## Before
- [ ] All tests pass
- [ ] Release notes written
- [ ] QA Lead signs off the build

## Deployment
1. Deploy to production
2. Monitor the error rate for 30 minutes

## Never
- deploy on Fridays

## Scope
1. entropy budget
"""
EVERYTHING = """\
answers:
  - {at: "RELEASE.md:4", do: check, check: unit-tests}
  - {at: "RELEASE.md:5", do: kind, kind: signoff}
  - {at: "RELEASE.md:6", do: merge}
  - {at: "RELEASE.md:13", do: drop, reason: "The windows of production say so."}
  - {at: "RELEASE.md:16", do: drop, reason: "It is about eggs."}
rest: accept
status: active
"""
COMMAND = [str(Path(sys.executable).with_name("interlock")), "pack", "draft", "RELEASE.md", "--review"]


@pytest.fixture
def mill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "RELEASE.md").write_text(DOCUMENT)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Answer]:
    """The exit code of `pack ...`, and its object."""
    code = main(["pack", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def answered(capsys: pytest.CaptureFixture[str], answers: str, *words: str) -> tuple[int, Answer]:
    """What a review by these answers gives."""
    Path("answers.yaml").write_text(answers)
    return said(capsys, "draft", "RELEASE.md", "--review", "--answers", "answers.yaml", *words)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let a person be there who types these lines, and then goes."""
    monkeypatch.setattr(pack_review, "somebody_is_there", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.mark.usefixtures("mill")
def test_a_review_by_a_file_leaves_an_active_pack_without_advice(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = answered(capsys, EVERYTHING)
    assert (code, answer["decided"], answer["of"], answer["left"]) == (0, 7, 7, [])
    assert (answer["status"], answer["advice"]) == ("active", [])
    assert main(["pack", "lint", "packs/release"]) == 0
    assert main(["simulate", "packs/release"]) == 0


def test_what_was_decided_stands_in_the_pack(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, EVERYTHING)
    text = (mill / "packs/release/pack.yaml").read_text()
    assert "gate: {check: unit-tests}" in text
    assert "cites: [RE-02, RE-03]" in text
    assert "status: active" in text


@pytest.mark.usefixtures("mill")
def test_what_was_dropped_is_traced_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, EVERYTHING)
    code, answer = said(capsys, "trace", "packs/release", "RELEASE.md")
    lines = answer["lines"]
    assert isinstance(lines, list)
    reasons = {one["text"]: one["reason"] for one in lines if one["state"] == "dropped"}
    assert reasons == {
        "deploy on Fridays": "The windows of production say so.",
        "entropy budget": "It is about eggs.",
    }
    assert code == 0


@pytest.mark.usefixtures("mill")
def test_a_review_that_is_not_done_leaves_a_draft_and_tells_what_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = answered(capsys, 'answers: [{at: "RELEASE.md:4", do: accept}]\nstatus: active\n')
    assert (answer["decided"], answer["status"]) == (1, "draft")
    assert main(["pack", "draft", "RELEASE.md", "--review", "--answers", "answers.yaml"]) == 1
    assert "go on: the same command again" in capsys.readouterr().out


@pytest.mark.usefixtures("mill")
def test_answers_add_up_over_several_runs(capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, 'answers: [{at: "RELEASE.md:4", do: drop, reason: Elsewhere.}]\n')
    _, answer = answered(capsys, 'answers: [{at: "RELEASE.md:16", do: kind, kind: advisory}]\nrest: accept\n')
    assert (answer["left"], answer["dropped"]) == ([], [{"text": "All tests pass", "reason": "Elsewhere."}])


@pytest.mark.usefixtures("mill")
def test_the_last_answer_counts(capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, EVERYTHING)
    _, answer = answered(capsys, 'answers: [{at: "RELEASE.md:16", do: leave}]\n')
    assert [one["at"] for one in answer["left"] if isinstance(one, dict)] == ["RELEASE.md:16"]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ('answers: [{at: "RELEASE.md:99", do: accept}]\n', "review.unknown_line"),
        ('answers: [{at: "OTHER.md:1", do: accept}]\n', "review.unknown_line"),
        ('answers: [{at: "RELEASE.md:4", text: Not so, do: accept}]\n', "review.unknown_line"),
        ('answers: [{at: "RELEASE.md:4", do: drop}]\n', "review.answer"),
        ('answers: [{at: "RELEASE.md:4", do: merge}]\n', "review.answer"),
        ('answers: [{at: "RELEASE.md:4", do: kind, kind: prayer}]\n', "review.answer"),
        ('answers: [{at: "RELEASE.md:6", do: check, check: ""}]\n', "review.answer"),
        ('answers: [{at: "RELEASE.md:16", do: accept}]\n', "review.answer"),
        ("answers: [{at: RELEASE.md, undo: it}]\n", "review.answer"),
    ],
    ids=["line", "document", "text", "reason", "first", "kind", "check", "unread", "shape"],
)
def test_answers_that_cannot_be_taken_decide_nothing(
    mill: Path, capsys: pytest.CaptureFixture[str], answers: str, code: str
) -> None:
    exit_code, answer = answered(capsys, answers)
    assert (exit_code, codes(answer)) == (2, [code])
    assert not (mill / "packs").exists()


def test_without_a_terminal_and_without_answers_nothing_is_decided(
    mill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = said(capsys, "draft", "RELEASE.md", "--review")
    assert (code, codes(answer)) == (2, ["review.nobody"])
    assert not (mill / "packs").exists()


def test_a_pack_that_somebody_changed_is_left_alone(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, EVERYTHING)
    pack = mill / "packs/release/pack.yaml"
    pack.write_text(pack.read_text() + "# mine\n")
    code, answer = answered(capsys, EVERYTHING)
    assert (code, codes(answer)) == (2, ["pack.exists"])
    assert pack.read_text().endswith("# mine\n")
    assert answered(capsys, EVERYTHING, "--replace")[0] == 0


@pytest.mark.usefixtures("mill")
def test_a_draft_that_nobody_changed_is_reviewed_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "draft", "RELEASE.md")
    assert answered(capsys, EVERYTHING)[0] == 0


def test_a_folder_that_cannot_be_written_is_told(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mill / "packs").write_text("a file")
    code, answer = answered(capsys, EVERYTHING)
    assert (code, codes(answer)) == (2, ["file.unwritable"])


@pytest.mark.usefixtures("mill")
def test_a_person_is_walked_through_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    typed(
        monkeypatch,
        "?", "b", "", "k", "appr", "m", "a", "a", "d", "", "d", "It is said elsewhere.", "k", "adv",
        "s", "qa-lead", "y",
    )  # fmt: skip
    assert main(["pack", "draft", "RELEASE.md", "--review"]) == 0
    shown = capsys.readouterr()
    assert "1 of 7  RELEASE.md:4  gate, 65 % sure" in shown.err
    assert "under    Releases of the mill / Before" in shown.err
    assert "what is dropped is dropped with a reason" in shown.err
    assert "not understood" in shown.err
    assert "merge it with the one before" in shown.err
    assert "7 of 7 decided, 1 dropped with a reason" in shown.out
    assert "it is active" in shown.out


@pytest.mark.usefixtures("mill")
def test_a_person_may_go_back_and_leave_and_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "", "u", "d", "Not ours.", "l", "q")
    assert main(["pack", "draft", "RELEASE.md", "--review"]) == 0
    assert "1 of 7 decided, 1 dropped" in capsys.readouterr().out
    typed(monkeypatch, "a")
    assert main(["pack", "draft", "RELEASE.md", "--review"]) == 0
    shown = capsys.readouterr()
    assert "1 of 7 are decided; it goes on where you left." in shown.err
    assert "2 of 7  RELEASE.md:5" in shown.err
    assert "2 of 7 decided, 1 dropped" in shown.out


@pytest.mark.usefixtures("mill")
def test_a_name_that_is_no_name_binds_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "b", "No Name!", "q")
    main(["pack", "draft", "RELEASE.md", "--review"])
    assert "name the check that decides it" in capsys.readouterr().err


def test_an_answer_that_was_cut_off_in_the_writing_is_none(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answered(capsys, 'answers: [{at: "RELEASE.md:4", do: accept}]\n')
    log = mill / "packs/release/review.jsonl"
    log.write_bytes(log.read_bytes() + b'{"words": ["RELEASE.md", "Release no')
    _, answer = answered(capsys, 'answers: [{at: "RELEASE.md:6", do: accept}]\n')
    assert answer["decided"] == 2


def test_nothing_is_lost_when_the_review_is_killed(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(COMMAND, stdin=theirs, stdout=theirs, stderr=theirs, cwd=mill)
    os.close(theirs)
    read_until(ours, b"1 of 7", b"help > ")
    os.write(ours, b"d\n")
    read_until(ours, b"carry it? > ")
    os.write(ours, b"Not ours.\n")
    read_until(ours, b"2 of 7", b"help > ")
    process.send_signal(signal.SIGKILL)
    process.wait()
    os.close(ours)
    assert not (mill / "packs/release/pack.yaml").exists()
    _, answer = answered(capsys, "answers: []\n")
    assert answer["dropped"] == [{"text": "All tests pass", "reason": "Not ours."}]


def read_until(terminal: int, *words: bytes) -> None:
    """Read from the terminal until these words have been shown, in this order."""
    shown = b""
    for word in words:
        while word not in shown:
            shown += os.read(terminal, 4096)
        shown = shown.partition(word)[2]


def interrupted(terminal: int, words: bytes) -> bytes:
    """By Ctrl-C, until it says these words; pressed again where nobody listened yet: just before an answer is read."""
    shown = b""
    for _ in range(60):
        os.write(terminal, b"\x03")
        while words not in shown and select.select([terminal], [], [], 2.0)[0]:
            shown += os.read(terminal, 4096)
        if words in shown:
            return shown
    raise AssertionError(shown)


def test_ctrl_c_leaves_with_130_and_keeps_what_was_answered(mill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    child, ours = pty.fork()
    if child == 0:  # pragma: no cover  # the other process
        os.chdir(mill)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background ignores it
        os.execv(COMMAND[0], COMMAND)  # noqa: S606  # a real terminal takes a process of its own
    read_until(ours, b"1 of 7", b"help > ")
    os.write(ours, b"d\n")
    read_until(ours, b"carry it? > ")
    os.write(ours, b"Not ours.\n")
    read_until(ours, b"2 of 7", b"help > ")
    shown = interrupted(ours, b"interlock simulate")
    assert b"what you answered is kept" in shown
    assert b"1 of 7 decided, 1 dropped" in shown
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    os.close(ours)
    assert (mill / "packs/release/pack.yaml").exists()
    _, answer = answered(capsys, "answers: []\n")
    assert answer["dropped"] == [{"text": "All tests pass", "reason": "Not ours."}]
