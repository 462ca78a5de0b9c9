# SPDX-License-Identifier: Apache-2.0
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.test_demo import mentioning
from tests.plays.test_octoacme import PATIENCE, ProcedureDemo

PACK = "lsos"
CODES = [
    "gate.no_path",
    "evidence.fail",
    "approval.author",
    "approval.missing",
    "duty.unanswered",
    "recall.active",
    "incident.role",
    "evidence.fail",
    "evidence.fail",
    "approval.missing",
    "review.own_change",
    "recall.active",
]
STATEMENTS = 33
UNSEEN = {"LS-15"}
FAULTS = ["slow-answers", "broken-flow", "stale-data", "leaked-tenant", "stalled-queue"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ProcedureDemo, str]]:
    """The whole policy and all it told."""
    demo = ProcedureDemo(tmp_path_factory.mktemp("policy") / "made", PACK)
    try:
        text, _ = demo.process.communicate(timeout=PATIENCE)
        yield demo, text
    finally:
        demo.close()


def test_the_policy_is_played_to_its_end(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert (demo.process.returncode, demo.report()["ended"]) == (0, "completed"), text


def test_who_does_not_keep_to_the_policy_is_refused_by_it(told: tuple[ProcedureDemo, str]) -> None:
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


def test_no_visitor_is_failed_by_the_routing(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert demo.report()["requests"] > 1000, text
    assert demo.report()["requests_failed_by_routing"] == 0
    assert demo.report()["requests_hurt_by_the_bad_release"] > 0


def test_the_policy_leaves_no_process_behind(told: tuple[ProcedureDemo, str]) -> None:
    demo, text = told
    assert demo.report()["processes_left"] == 0, text
    assert mentioning(demo.folder) == []


@pytest.mark.parametrize("stopper", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_policy_leaves_no_process_behind(tmp_path: Path, stopper: signal.Signals) -> None:
    demo = ProcedureDemo(tmp_path / "made", PACK)
    try:
        demo.read_until("the good release is deployed again")
        assert len(mentioning(demo.folder)) > 2, "nothing runs that could be left"
        demo.process.send_signal(stopper)
        demo.process.send_signal(stopper)
        demo.finish()
        assert (demo.process.returncode, demo.report()["ended"]) == (130, "interrupted")
        assert mentioning(demo.folder) == []
    finally:
        demo.close()
