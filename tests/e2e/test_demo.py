# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ["people", "rules", "staging", "ways-round", "killed", "goes-back", "outsider"]
CODES = ["signoff.missing", "approval.author", "governance.smuggled", "freeze.active", "recall.active"]
PATIENCE = 150


class Demo:
    """One run of the demo in a folder of its own, not on a terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "demo" / "run.py"), "--at", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    def lines(self) -> Iterator[str]:
        """What it tells, line by line, as it comes."""
        assert self.process.stdout is not None
        yield from self.process.stdout

    def finish(self) -> str:
        """Everything it still tells, until it has ended."""
        told, _ = self.process.communicate(timeout=PATIENCE)
        return told

    def report(self) -> dict[str, Any]:
        """What it measured."""
        found: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return found

    def close(self) -> None:
        """End it in the orderly way, whatever a test thought of it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.finish()


def mentioning(folder: Path) -> list[str]:
    """The command lines of the processes that have to do with the folder, by their command line or environment."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or process.name == str(os.getpid()):
            continue
        try:
            seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in seen:
            found.append(seen[:300].decode("utf-8", "replace"))
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, str]]:
    """A whole demo and all it told."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "made")
    try:
        yield demo, demo.finish()
    finally:
        demo.close()


def test_the_demo_tells_every_chapter_to_its_end(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert demo.process.returncode == 0, text
    assert demo.report()["ended"] == "completed"
    assert list(demo.report()["chapters"]) == CHAPTERS


def test_every_attempt_to_get_round_a_rule_is_refused_by_that_rule(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert [one["expected"] for one in demo.report()["refusals"]] == CODES, text


def test_the_outsider_rejects_every_tampered_copy(told: tuple[Demo, str]) -> None:
    demo, text = told
    found = demo.report()["tampering"]
    assert len(found) == 5, text
    assert all(one["found"] for one in found)


def test_the_demo_measures_what_it_claims(told: tuple[Demo, str]) -> None:
    demo, text = told
    report = demo.report()
    assert 0 < report["failed_check_to_good_release_seconds"] < 30, text
    assert 0 < report["restart_to_finish_seconds"] < 60
    assert report["records"] > 100
    assert report["verify_seconds"] > 0
    assert report["requests"] > report["requests_failed"]


def test_without_a_terminal_there_is_no_colour(told: tuple[Demo, str]) -> None:
    _, text = told
    assert "\033" not in text


def test_the_demo_leaves_no_process_behind(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert demo.report()["processes_left"] == 0, text
    assert mentioning(demo.folder) == []


@pytest.mark.parametrize("stopper", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path, stopper: signal.Signals) -> None:
    demo = Demo(tmp_path / "made")
    try:
        wait_for(demo, "the good release is deployed again")
        assert any("outreach" in one for one in mentioning(demo.folder)), "nothing ran that could have been left"
        demo.process.send_signal(stopper)
        demo.process.send_signal(stopper)
        text = demo.finish()
        assert demo.process.returncode == 130, text
        assert demo.report()["ended"] == "interrupted"
        assert demo.report()["processes_left"] == 0, text
        assert mentioning(demo.folder) == []
    finally:
        demo.close()


def test_a_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    demo = Demo(tmp_path)
    text = demo.finish()
    assert demo.process.returncode == 1
    assert "not empty" in text
    assert (tmp_path / "letters").read_text() == "dear"


def wait_for(demo: Demo, words: str) -> None:
    """Read on until a line says that."""
    deadline = time.monotonic() + PATIENCE
    seen = []
    for line in demo.lines():
        seen.append(line)
        if words in line:
            return
        if time.monotonic() > deadline:
            break
    pytest.fail("it never said so: " + "".join(seen))
