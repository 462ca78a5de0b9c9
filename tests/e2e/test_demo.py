# SPDX-License-Identifier: Apache-2.0
import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.premises import csrf_in

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ["people", "rules", "staging", "ways-round", "killed", "goes-back", "outsider", "serving"]
CODES = ["signoff.missing", "approval.author", "governance.smuggled", "freeze.active", "recall.active"]
STEPS = {"v1.1.0": [25.0, 50.0, 100.0], "v1.2.0": [25.0, 50.0]}
"""What each was exposed at last, in percent."""
OFF = 12
"""Percent by which a share of some hundred requests, each drawn by itself, may be off."""
CHANCES = 4
"""Standard deviations: a step that the killed controller had just begun may have had a dozen visitors."""
LEASE = 3
INTERVAL = 1
PATIENCE = 900


class Demo:
    """One run of the demo in a folder of its own, not on a terminal."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self.pages: dict[str, str] = {}
        """What each saw who signed in with what it printed."""
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "demo" / "run.py"), "--at", str(folder), *more],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    def read_until(self, words: str) -> str:
        """Read on until a line says that; gives what was read."""
        assert self.process.stdout is not None
        told = ""
        while words not in told:
            line = self.process.stdout.readline()
            assert line, f"it never said '{words}': {told}"
            told += line
        return told

    def hang_up(self) -> None:
        """Go away as a reader."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def finish(self) -> None:
        """Read on to its end."""
        if self.process.stdout is not None and not self.process.stdout.closed:
            with self.process.stdout as rest:
                rest.read()
        self.process.wait(PATIENCE)

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


def ended(demo: Demo) -> str:
    """All it tells, to its end."""
    told, _ = demo.process.communicate(timeout=PATIENCE)
    return told


def fleet(address: str, handle: str, password: str) -> str:
    """The first page that somebody sees who signs in there; empty where they are not let in."""
    with httpx.Client(base_url=address, timeout=30) as browser:
        form = {"handle": handle, "password": password, "next": "/", "csrf": csrf_in(browser.get("/login").text)}
        answer = browser.post("/login/password", data=form)
        return browser.get(answer.headers["location"]).text if answer.headers["location"] == "/" else ""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, str]]:
    """A whole demo and all it told: `make demo SERVE=1`, looked round in, and interrupted then."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "made", "--serve")
    try:
        story = demo.read_until("Ctrl-C ends it.")
        doors = demo.read_until("  eli ")
        (address,) = re.findall(r"Open (http://localhost:\d+) ", story)
        logins = re.findall(r"^  (\w+) +(\S+)$", doors, re.MULTILINE)
        demo.pages = {handle: fleet(address, handle, password) for handle, password in logins}
        demo.pages["nobody"] = fleet(address, "ann", "another word")
        demo.process.send_signal(signal.SIGINT)
        yield demo, story + doors + ended(demo)
    finally:
        demo.close()


def test_the_demo_tells_every_chapter_to_its_end(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert demo.process.returncode == 0, text
    assert demo.report()["ended"] == "completed"
    assert list(demo.report()["chapters"]) == CHAPTERS


def test_it_then_serves_what_happened_to_everybody_it_gave_a_password(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert set(demo.pages) == {"ann", "ben", "dana", "eli", "nobody"}, text
    seen = {who for who, page in demo.pages.items() if "v1.1.0" in page and "outreach" in page}
    assert seen == set(demo.pages) - {"nobody"}
    assert demo.pages["nobody"] == ""


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
    assert 0 < report["restart_to_finish_seconds"] < 60, text
    assert report["records"] > 100
    assert report["verify_seconds"] > 0


def test_no_candidate_outlives_a_dead_controller(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert 0 < demo.report()["kill_to_zero_seconds"] <= LEASE + 1, text


def test_a_bad_candidate_is_soon_without_traffic(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert 0 < demo.report()["breach_to_zero_seconds"] <= 2 * INTERVAL + 1, text
    assert demo.report()["requests_hurt_by_the_bad_release"] > 0


def test_no_request_is_failed_by_the_routing(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert demo.report()["requests"] > 1000, text
    assert demo.report()["requests_failed_by_routing"] == 0


def test_visitors_see_the_split_that_was_recorded(told: tuple[Demo, str]) -> None:
    demo, text = told
    asked = {tag: [one["asked_percent"] for one in demo.report()["split"] if one["release"] == tag] for tag in STEPS}
    assert {tag: found[-len(STEPS[tag]) :] for tag, found in asked.items()} == STEPS, text
    assert len(asked["v1.1.0"]) > len(STEPS["v1.1.0"]), "what the killed controller had exposed is missing"
    for one in demo.report()["split"]:
        by_chance = CHANCES * 50 / math.sqrt(max(one["requests"], 1))
        assert abs(one["seen_percent"] - one["asked_percent"]) < max(OFF, by_chance), one


def test_without_a_terminal_there_is_no_colour(told: tuple[Demo, str]) -> None:
    _, text = told
    assert "\033" not in text


def test_the_demo_leaves_no_process_behind(told: tuple[Demo, str]) -> None:
    demo, text = told
    assert demo.report()["processes_left"] == 0, text
    assert mentioning(demo.folder) == []


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Demo]:
    """A demo that has come as far as having a controller and processes of the service."""
    demo = Demo(tmp_path / "made")
    try:
        demo.read_until("the good release is deployed again")
        assert len(mentioning(demo.folder)) > 2, "nothing runs that could be left"
        yield demo
    finally:
        demo.close()


@pytest.mark.parametrize("stopper", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_behind(running: Demo, stopper: signal.Signals) -> None:
    running.process.send_signal(stopper)
    running.process.send_signal(stopper)
    running.finish()
    assert running.process.returncode == 130
    assert running.report()["ended"] == "interrupted"
    assert running.report()["processes_left"] == 0
    assert mentioning(running.folder) == []


def test_a_demo_whose_reader_went_away_leaves_no_process_behind(running: Demo) -> None:
    running.hang_up()
    running.finish()
    assert running.process.returncode == 1
    assert running.report()["processes_left"] == 0
    assert mentioning(running.folder) == []


def test_a_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    demo = Demo(tmp_path)
    text = ended(demo)
    assert demo.process.returncode == 1
    assert "name another one with --at" in " ".join(text.split())
    assert (tmp_path / "letters").read_text() == "dear"
