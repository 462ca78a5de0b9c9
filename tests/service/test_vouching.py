# SPDX-License-Identifier: Apache-2.0
"""A server's word for somebody it let in: what it is worth, who cannot give it, and how an outsider sees it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.service.exported import (
    APP,
    NEXT,
    PACK,
    PRODUCTION,
    History,
    command_of,
    recomputed,
    resealed,
    verified,
    with_payload,
    words,
)

from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.domain.actor import Assurance
from interlock.domain.approval import SignOff
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.ids import ChangeId, CommandId, PersonId, RequirementId
from interlock.domain.people import RevokeKey
from interlock.domain.slot import AdoptRunning
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger.bundle import RECORDS, Files
from interlock.ledger.canonical import encode
from interlock.ledger.codec import Command
from interlock.ledger.command import CommandRecord, NoSignature, Vouched
from interlock.ledger.record import Json, Record
from interlock.service.doorkeeper import VOUCHED_OUTSIDE
from interlock.service.handle import Declined, Done, Outcome, Submission
from interlock.workflows.wire import decode_submission, encode_submission

VOUCHED = Vouched("https://interlock.example", "password", "0123456789ab")
TITLE = words("Faster lists")
CHANGE = OpenChange(ChangeId("CR-2"), APP, ChangeKind.NORMAL, TITLE.ref)


def _submission(history: History, person: str, command: Command = CHANGE) -> Submission:
    body, _ = history.signed(person, command)
    return Submission(body, VOUCHED, (TITLE,) if command is CHANGE else ())


def _vouched(history: History, person: str, command: Command = CHANGE) -> Outcome:
    return history.world.desk().vouch(_submission(history, person, command), history.world.clock.now())


def _codes(outcome: Outcome) -> list[str]:
    return [reason.code for reason in outcome.reasons] if isinstance(outcome, Declined) else []


@pytest.fixture
def history() -> History:
    return History().opened().governed()


def test_whom_the_server_vouches_for_counts_as_authenticated_and_the_record_says_why(history: History) -> None:
    outcome = _vouched(history, "dan")
    assert isinstance(outcome, Done)
    assert {one.assurance for one in outcome.records} == {Assurance.AUTHENTICATED}
    assert CommandRecord.from_record(outcome.records[0]).signature == VOUCHED


def test_what_asks_for_a_signature_is_refused_with_its_own_code(history: History) -> None:
    again = AdoptRunning(APP, PRODUCTION, NEXT, "v2", (), "c2" * 20, "unseen")
    assert _codes(_vouched(history, "ann", again)) == ["adopt.unsigned"]


def _sign_off(history: History) -> Command:
    return SignOff(NEXT, PRODUCTION, RequirementId("rollback-plan"), history.bound())


def test_a_pack_that_wants_a_signature_takes_no_servers_word_instead() -> None:
    history = History().opened().governed().released()
    assert _codes(_vouched(history, "dan", _sign_off(history))) == ["signoff.assurance"]


def test_a_pack_that_says_so_takes_the_servers_word() -> None:
    said = PACK.replace(b"        signoff:\n", b"        signoff:\n          assurance: authenticated\n", 1)
    history = History(pack=said).opened().governed().released()
    assert _codes(_vouched(history, "dan", _sign_off(history))) == []


@pytest.mark.parametrize("person", ["zoe", "ben"], ids=["unknown", "without-a-key"])
def test_nobody_vouches_for_who_has_no_key_in_force(history: History, person: str) -> None:
    key, reason = MemoryPersonSigner("ben").public_key, words("lost")
    history.says("ann", RevokeKey(PersonId("ben"), key, reason.ref), texts=(reason,))
    assert _codes(_vouched(history, person)) == ["vouched.no_key"]


def test_from_outside_nobody_is_vouched_for_and_the_attempt_is_recorded(history: History) -> None:
    now = history.world.clock.now()
    before = len(history.records())
    assert _codes(history.world.desk().submit(_submission(history, "dan"), now)) == [VOUCHED_OUTSIDE]
    (record,) = history.records()[before:]
    assert (record.event, record.assurance) == ("CommandRefused", Assurance.ASSERTED)


def test_the_drivers_socket_carries_no_such_word(history: History) -> None:
    carried = decode_submission(encode_submission(_submission(history, "dan")))
    assert carried.signature == NoSignature()


def test_the_server_vouches_for_no_robot(history: History) -> None:
    submission = _submission(history, "dan")
    robot = replace(submission, body=replace(submission.body, actor="robot:controller"))
    assert _codes(history.world.desk().vouch(robot, history.world.clock.now())) == ["command.robot"]


@pytest.mark.parametrize("name", ["robot:controller/x", "with a space"])
def test_a_name_that_is_none_is_not_even_recorded(history: History, name: str) -> None:
    submission = _submission(history, "dan")
    before = len(history.records())
    named = replace(submission, body=replace(submission.body, id=CommandId(name)))
    assert _codes(history.world.desk().vouch(named, history.world.clock.now())) == ["command.bad_id"]
    assert len(history.records()) == before


def test_a_vouched_command_of_another_day_is_refused(history: History) -> None:
    later = history.world.clock.now() + timedelta(days=2)
    assert _codes(history.world.desk().vouch(_submission(history, "dan"), later)) == ["command.out_of_time"]


def _told(history: History) -> History:
    """One that was vouched for, one refused at the door, one of nobody."""
    assert isinstance(_vouched(history, "dan"), Done)
    history.world.desk().submit(_submission(history, "cat"), history.world.clock.now())
    _vouched(history, "zoe")
    return history


def test_an_outsider_finds_the_servers_word_in_order_and_told_apart(history: History) -> None:
    files = _told(history).exported()
    assert [one.code for one in verified(files).findings if one.verdict in _BAD] == []
    again = recomputed(files)
    assert again.verdict is Verdict.PASS
    (speakers,) = [one for one in again.findings if one.code == "recompute.speakers"]
    assert "1 vouched for by the server" in speakers.sentence


def _as_of(person: str, signature: Json) -> Callable[[Record], Iterator[Record]]:
    """The vouched command and what it caused, put into somebody else's mouth or under another signature."""

    def change(record: Record) -> Iterator[Record]:
        if record.assurance is Assurance.AUTHENTICATED and record.actor.startswith("person:"):
            actor = f"person:{person}"
            changed = replace(record, actor=actor)
            if command_of(record):
                command = CommandRecord.from_record(record)
                body = {**command.body.to_json(), "actor": actor}
                changed = with_payload(changed, body=body, signature=signature)
            yield changed
        else:
            yield record

    return change


WORD = {"kind": "vouched", "by": "https://interlock.example", "method": "password", "session": ""}


@pytest.mark.parametrize(
    ("person", "signature"), [("dan", {"kind": "none"}), ("zoe", WORD)], ids=["without-the-word", "of-nobody-known"]
)
def test_a_ledger_that_was_written_so_by_hand_is_found_out(history: History, person: str, signature: Json) -> None:
    files = resealed(_told(history).exported(), _as_of(person, signature))
    assert "ledger.signatures" in _failed(verified(files).findings)
    assert recomputed(files).verdict is not Verdict.PASS


def test_a_servers_word_in_place_of_a_signature_is_found_out(history: History) -> None:
    history.says("dan", CHANGE, texts=(TITLE,))

    def change(record: Record) -> Iterator[Record]:
        is_it = command_of(record) == "OpenChange"
        yield with_payload(record, signature=WORD) if is_it else record

    lines = b"".join(encode(one) + b"\n" for record in history.records() for one in change(record))
    assert b'"vouched"' in lines
    files = Files({**history.exported().content, RECORDS: lines})
    assert "ledger.signatures" in _failed(verified(files).findings)


_BAD = (Verdict.FAIL, Verdict.ERROR)


def _failed(findings: tuple[Finding, ...]) -> set[str]:
    return {one.code for one in findings if one.verdict in _BAD}
