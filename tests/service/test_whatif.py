# SPDX-License-Identifier: Apache-2.0
"""Hypothetical questions: the real gate over a release that was never created."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, open_workplace

from interlock.cli.session import Session, reading
from interlock.domain.change import ChangeKind
from interlock.domain.gate import Situation, evaluate
from interlock.domain.ids import EVERYWHERE, ChangeId, CheckId, EnvironmentName, ServiceName
from interlock.domain.verdict import Verdict
from interlock.ports.check import Reading, Uncounted
from interlock.service.compose import Wanted, draft_release
from interlock.service.whatif import checks_before, supposed_situation, with_readings

STAGING, PRODUCTION = EnvironmentName("staging"), EnvironmentName("production")
TESTS = CheckId("tests")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    folder = tmp_path / "app"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    place = open_workplace(folder, tmp_path / "keys")
    place.commit("app.txt", "two\n")
    return place


@pytest.fixture
def session(place: Workplace) -> Iterator[Session]:  # noqa: ARG001 - the ledger must be there first
    with reading() as session:
        yield session


def supposed(session: Session, environment: EnvironmentName, change: str = "") -> Situation:
    state = session.gatherer.view.service(ServiceName("app"))
    wanted = Wanted(state.name, "v2", "HEAD", ChangeId(change), session.rules(state.in_force))
    house = session.house
    draft = draft_release(house.composer(), house.workshop().artifacts(), session.gatherer, house.store, wanted)
    return supposed_situation(session.gatherer, draft.command, wanted.rules, environment)


def codes(session: Session, situation: Situation) -> list[str]:
    return [leaf.code for leaf in evaluate(situation, session.now).blockers()]


def reading_of(verdict: Verdict) -> Reading:
    return Reading(verdict, "supposed", b"", "text/plain", Uncounted(), {})


def test_the_checks_a_gate_asks_for_are_named_with_their_place(session: Session) -> None:
    assert list(checks_before(supposed(session, STAGING))) == [(TESTS, EVERYWHERE)]
    assert (CheckId("smoke"), STAGING) in list(checks_before(supposed(session, PRODUCTION)))


def test_without_readings_the_evidence_is_missing(session: Session) -> None:
    assert codes(session, supposed(session, STAGING)) == ["evidence.missing"]


def test_a_supposed_pass_frees_the_way_and_a_supposed_failure_does_not(session: Session) -> None:
    situation = supposed(session, STAGING)
    passing = with_readings(situation, {(TESTS, EVERYWHERE): reading_of(Verdict.PASS)}, session.now)
    failing = with_readings(situation, {(TESTS, EVERYWHERE): reading_of(Verdict.FAIL)}, session.now)
    assert codes(session, passing) == []
    assert codes(session, failing) == ["evidence.fail"]


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.ERROR])
def test_what_could_not_be_told_is_no_pass(session: Session, verdict: Verdict) -> None:
    situation = with_readings(supposed(session, STAGING), {(TESTS, EVERYWHERE): reading_of(verdict)}, session.now)
    assert codes(session, situation) == [f"evidence.{verdict.value}"]


def test_a_further_reading_takes_the_next_number(session: Session) -> None:
    situation = supposed(session, STAGING)
    for verdict in (Verdict.FAIL, Verdict.PASS):
        situation = with_readings(situation, {(TESTS, EVERYWHERE): reading_of(verdict)}, session.now)
    series = situation.evidence.series[TESTS, EVERYWHERE]
    assert [piece.number for piece in series.pieces] == [1, 2]
    assert codes(session, situation) == []


def test_without_a_change_a_normal_one_is_supposed(session: Session) -> None:
    assert supposed(session, STAGING).change.kind is ChangeKind.NORMAL


def test_an_open_change_is_taken_as_it_is(place: Workplace) -> None:
    place.done("dan", "change", "open", "CR-9", "--title", "Now", "--kind", "emergency")
    with reading() as session:
        assert supposed(session, STAGING, "CR-9").change.kind is ChangeKind.EMERGENCY


def test_nothing_is_appended(session: Session) -> None:
    before = session.house.store.head().size
    codes(session, supposed(session, PRODUCTION))
    assert session.house.store.head().size == before
