# SPDX-License-Identifier: Apache-2.0
"""Who lets on again what somebody stopped: as of engine 13 with a role, before it decided again as it was."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest
from tests.service.exported import (
    APP,
    BINDINGS,
    KEY,
    PACK,
    PRODUCTION,
    History,
    command_of,
    recomputed,
    resealed,
    with_payload,
    words,
)
from tests.service.test_recompute import faults, finding

from interlock.adapters.store.memory import MemoryStore
from interlock.domain.artifact import LiftRecall, RecallArtifact
from interlock.domain.freeze import STREAM as FREEZES
from interlock.domain.freeze import DeclareFreeze, FreezeLifted, LiftFreeze
from interlock.domain.governance import AdoptGovernance
from interlock.domain.ids import FreezeId, ServiceName, digest_of
from interlock.domain.verdict import Verdict
from interlock.ledger.bundle import RECORDS, Files
from interlock.ledger.canonical import decode
from interlock.ledger.codec import encode
from interlock.ledger.command import ACCEPTED, CommandRecord
from interlock.ledger.record import Batch, Json, Record
from interlock.ports.store import Appended, Conflict
from interlock.service.engine import ENGINE
from interlock.service.handle import Declined, Done
from interlock.service.library import governance_ref
from interlock.service.recompute import Again
from interlock.testing.world import ORIGIN, World

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
OVER: Final = words("over").ref
PEAK: Final = DeclareFreeze(FreezeId("peak"), (APP,), (PRODUCTION,), BEGINS, ENDS, words("peak").ref, ())


def _recall_lifted(history: History, content: bytes, person: str) -> list[str]:
    """What is said to somebody who lifts the recall of this content."""
    history.says("ann", RecallArtifact(digest_of(content), OVER))
    outcome = history.says(person, LiftRecall(digest_of(content), OVER))
    return [one.code for one in outcome.reasons] if isinstance(outcome, Declined) else []


@pytest.mark.parametrize("content", [b"c2", b"unseen"], ids=["in an open release", "in none"])
def test_a_recall_is_lifted_by_who_has_a_role_where_the_content_could_run(content: bytes) -> None:
    history = History().opened().governed().released()
    assert [_recall_lifted(history, content, one) for one in ("dan", "cat")] == [["stopped.role"], []]


def test_where_nothing_is_governed_a_signature_lifts_a_recall() -> None:
    assert _recall_lifted(History().opened(), b"c2", "dan") == []


def test_a_freeze_of_another_service_is_nothing_that_takes_a_role_here() -> None:
    history = History().opened().governed()
    history.says("ann", replace(PEAK, services=(ServiceName("other"),)))
    assert isinstance(history.says("ann", LiftFreeze(PEAK.freeze, OVER)), Done)


def _frozen_and_lifted_by_ann() -> Files:
    """A freeze that Ann, who is a developer, would lift."""
    history = History().opened().governed()
    history.says("ann", PEAK)
    history.says("ann", LiftFreeze(FreezeId("peak"), OVER))
    return history.exported()


def _as_engine_12_did(record: Record) -> Iterable[Record]:
    """It asked nobody for a role, and read nothing of services."""
    if command_of(record) != "LiftFreeze":
        yield record
        return
    found = CommandRecord.from_record(record).reads
    reads: dict[str, Json] = {
        str(stream): at for stream, at in found.items() if not stream.startswith(("service/", "release/", "slot/"))
    }
    yield replace(with_payload(record, engine="12", reasons=[], reads=reads), event=ACCEPTED)
    lifted = encode(FreezeLifted(FreezeId("peak"), OVER, "person:ann"))
    yield replace(record, stream=FREEZES, event=lifted.name, version=lifted.version, payload=lifted.payload)


def test_who_has_no_role_for_it_lifts_no_freeze_and_that_comes_out_again() -> None:
    files = _frozen_and_lifted_by_ann()
    said = [one for one in _records(files) if command_of(one) == "LiftFreeze"]
    assert [CommandRecord.from_record(one).reasons[0].code for one in said] == ["stopped.role"]
    assert recomputed(files).verdict is Verdict.PASS


def test_what_engine_12_let_anybody_lift_is_decided_again_as_it_was() -> None:
    again = recomputed(resealed(_frozen_and_lifted_by_ann(), _as_engine_12_did))
    assert (faults(again), finding(again, Again.ENGINE).verdict) == ({}, Verdict.INCONCLUSIVE)


def test_that_nobody_was_asked_for_a_role_does_not_pass_for_a_decision_of_today() -> None:
    def as_of_today(record: Record) -> Iterable[Record]:
        for one in _as_engine_12_did(record):
            yield with_payload(one, engine=ENGINE) if command_of(one) == "LiftFreeze" else one

    lied = recomputed(resealed(_frozen_and_lifted_by_ann(), as_of_today))
    assert "stopped.role" in faults(lied)[Again.DECISIONS][0]


def _records(files: Files) -> list[Record]:
    return [decode(line.removesuffix(b"\n")) for line in files.lines(RECORDS)]


class Overtaken(MemoryStore):
    """A ledger to which something else is written in the instant in which a freeze is lifted."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(ORIGIN, KEY)
        self._meanwhile = [meanwhile]

    def append(self, batch: Batch) -> Appended | Conflict:
        if self._meanwhile and CommandRecord.from_payload(batch.drafts[0].payload).body.command == "LiftFreeze":
            self._meanwhile.pop()()
        return super().append(batch)


@pytest.mark.parametrize(
    "person", ["cat", "dan"], ids=["whose word counts in the old one alone", "whose word does not"]
)
def test_a_service_that_is_adopted_in_the_instant_of_a_lifting_has_its_say(person: str) -> None:
    roles = BINDINGS.replace(b"service: app", b"service: a-new-one").replace(b"[cat]", b"[ben]")
    rules = governance_ref(PACK, roles, ())

    def adopted() -> None:
        history.says("ann", AdoptGovernance(ServiceName("a-new-one"), rules), blobs=(PACK, roles))

    history = History(World(store=Overtaken(adopted))).opened().governed()
    history.says("ann", replace(PEAK, services=(), environments=()))
    outcome = history.says(person, LiftFreeze(PEAK.freeze, OVER))
    assert isinstance(outcome, Declined)
    assert "a-new-one" in outcome.reasons[0].sentence
    assert faults(recomputed(history.exported())) == {}
