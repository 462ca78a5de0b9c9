# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from interlock.domain.actor import Assurance
from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId, Digest, StreamId, TextRef
from interlock.ledger.canonical import canonical, parse_canonical
from interlock.ledger.command import (
    CommandBody,
    CommandRecord,
    NoSignature,
    SshSignature,
    command_stream,
)
from interlock.ledger.record import Json, Record

BODY = CommandBody(
    command="ApproveChange",
    version=1,
    id=CommandId("c-1"),
    ledger="interlock.example/outreach",
    actor="person:ann",
    issued_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    payload={"change": "42", "statement": "text:ab"},
)
ACCEPTED = CommandRecord(
    body=BODY,
    signature=SshSignature("ssh-ed25519 AAAA", "-----BEGIN SSH SIGNATURE-----\n"),
    reads={StreamId("change/42"): 3, StreamId("freeze/outreach"): 0},
    facts={"calendar": {"zone_data": "2026a"}},
    engine="0.1.0",
    texts=(TextRef("text:ab"),),
    blobs=(Digest("sha256:cd"),),
)
REFUSED = replace(
    ACCEPTED, signature=NoSignature(), reasons=(Reason("approval.author", "the author does not approve", "ask"),)
)


def recorded(command: CommandRecord) -> Record:
    """As it comes back from the ledger."""
    payload = parse_canonical(canonical(command.to_payload()))
    assert isinstance(payload, dict)
    return Record(
        index=7,
        stream=command_stream(command.body.id),
        position=1,
        time=BODY.issued_at,
        actor="person:ann",
        assurance=Assurance.SIGNED,
        cause=command.body.id,
        event=command.event,
        version=1,
        payload=payload,
    )


@pytest.mark.parametrize("command", [ACCEPTED, REFUSED])
def test_a_command_is_read_back_as_it_was(command: CommandRecord) -> None:
    assert CommandRecord.from_record(recorded(command)) == command


def test_a_command_with_reasons_against_it_is_refused() -> None:
    assert (ACCEPTED.event, REFUSED.event) == ("CommandAccepted", "CommandRefused")


def test_what_a_person_signs_is_the_canonical_body() -> None:
    assert BODY.message == (
        b'{"actor":"person:ann","command":"ApproveChange","id":"c-1","issued_at":"2026-01-02T03:04:05.000000Z",'
        b'"ledger":"interlock.example/outreach","payload":{"change":"42","statement":"text:ab"},"version":1}'
    )
    assert CommandBody.from_json(BODY.to_json()) == BODY


def test_a_record_of_another_kind_is_no_command() -> None:
    record = recorded(ACCEPTED)
    wrong = (
        replace(record, event="Noted"),
        replace(record, event="CommandRefused"),
        replace(record, version=2),
        replace(record, stream=StreamId("command/c-2")),
    )
    for one in wrong:
        with pytest.raises(ValueError, match="record 7"):
            CommandRecord.from_record(one)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extra", 1),
        ("reads", {"change/42": -1}),
        ("reads", {"change/42": "3"}),
        ("reads", []),
        ("signature", {"kind": "pgp"}),
        ("signature", {"kind": "none", "key": "a"}),
        ("signature", {"kind": "ssh", "key": "a"}),
        ("reasons", [{"code": "a"}]),
        ("texts", [1]),
        ("blobs", "sha256:"),
        ("body", {**BODY.to_json(), "extra": 1}),
        ("body", {**BODY.to_json(), "version": 1.5}),
        ("body", {**BODY.to_json(), "issued_at": "yesterday"}),
    ],
)
def test_a_payload_in_another_shape_is_refused(name: str, value: Json) -> None:
    with pytest.raises(ValueError, match=r".+"):
        CommandRecord.from_payload({**ACCEPTED.to_payload(), name: value})


@pytest.mark.parametrize("name", sorted(ACCEPTED.to_payload()))
def test_a_payload_with_a_field_missing_is_refused(name: str) -> None:
    fields = {key: value for key, value in ACCEPTED.to_payload().items() if key != name}
    with pytest.raises(ValueError, match="missing"):
        CommandRecord.from_payload(fields)
