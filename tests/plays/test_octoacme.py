# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.test_demo import ROOT, Demo, mentioning

PACK = "octoacme"
CODES = [
    "record.missing",
    "signoff.too_early",
    "hold.running",
    "recall.active",
    "notice.field_missing",
    "incident.no_authority",
    "duty.unwritten",
]
STATEMENTS = 62
UNSEEN = {"OA-29"}
"""Nothing else than what was released runs in the demo, so nobody sees that it would be found."""
FAULTS = ["broken-flow", "leaked-tenant", "corrupt-data", "slow-answers", "stalled-queue", "stale-data"]
PATIENCE = 1500
"""Seconds that a whole procedure may take on a machine that does much else."""


class ProcedureDemo(Demo):
    """One run of a written procedure in a folder of its own, not on a terminal."""

    def __init__(self, folder: Path, pack: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "demo" / "run.py"), "--pack", pack, "--at", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    def report(self) -> dict[str, Any]:
        """What it measured; it lies beside the folder."""
        found: dict[str, Any] = json.loads(self.folder.with_suffix(".json").read_text("utf-8"))
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ProcedureDemo, str]]:
    """A whole procedure and all it told."""
    demo = ProcedureDemo(tmp_path_factory.mktemp("procedure") / "made", PACK)
    try:
        text, _ = demo.process.communicate(timeout=PATIENCE)
        yield demo, text
    finally:
        demo.close()


def test_the_procedure_is_played_to_its_end(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert (demo.process.returncode, demo.report()["ended"]) == (0, "completed"), text


def test_who_does_not_keep_to_the_procedure_is_refused_by_it(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert [one["expected"] for one in demo.report()["refusals"]] == CODES, text


def test_every_fault_of_the_running_service_is_found(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert [one["fault"] for one in demo.report()["faults"]] == FAULTS, text


def test_the_statements_seen_are_counted_from_the_ledger(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    statements = demo.report()["statements"]
    assert statements["all"] == STATEMENTS
    assert set(statements["unseen"]) == UNSEEN, text
    assert len(statements["seen"]) == STATEMENTS - len(UNSEEN)


def test_messages_really_arrive(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert demo.report()["messages_arrived"] > 20, text
    page = json.loads((demo.folder / "status" / "status.json").read_text("utf-8"))
    assert any("INC-1 is resolved" in one["title"] for one in page["messages"])


def test_no_visitor_is_failed_by_the_routing(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert demo.report()["requests"] > 1000, text
    assert demo.report()["requests_failed_by_routing"] == 0


def test_the_procedure_leaves_no_process_behind(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert demo.report()["processes_left"] == 0, text
    assert mentioning(demo.folder) == []


def test_an_interrupted_procedure_leaves_no_process_behind(tmp_path: Path) -> None:
    demo = ProcedureDemo(tmp_path / "made", PACK)
    try:
        demo.read_until("the good release is deployed again")
        assert len(mentioning(demo.folder)) > 2, "nothing runs that could be left"
        demo.process.send_signal(signal.SIGINT)
        demo.process.send_signal(signal.SIGINT)
        demo.finish()
        assert (demo.process.returncode, demo.report()["ended"]) == (130, "interrupted")
        assert mentioning(demo.folder) == []
    finally:
        demo.close()
