# SPDX-License-Identifier: Apache-2.0
"""Submissions and their outcomes on the way between a client and the driver: JSON, decoded strictly."""

import msgspec

from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId, TextRef
from interlock.ledger.canonical import decode_stored, encode
from interlock.ledger.command import CommandBody, NoSignature, Signature, SshSignature
from interlock.ledger.record import Json, SaltedText
from interlock.ports.failure import Unavailable
from interlock.service.handle import Declined, Done, Outcome, Submission


class _Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ref: str
    salt: bytes
    words: str


class _Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: dict[str, object]
    key: str
    armoured: str
    texts: list[_Text]
    blobs: list[bytes]


class _Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    sentence: str
    next_step: str


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`failure` is what the driver itself met; then nothing is known about the command."""

    id: str = ""
    records: list[bytes] = []
    reasons: list[_Reason] = []
    failure: list[_Reason] = []


def encode_submission(submission: Submission) -> bytes:
    """What a client sends."""
    signature = submission.signature
    return msgspec.json.encode(
        _Submission(
            body=dict(submission.body.to_json()),
            key=signature.key if isinstance(signature, SshSignature) else "",
            armoured=signature.armoured if isinstance(signature, SshSignature) else "",
            texts=[_Text(text.ref, text.salt, text.words) for text in submission.texts],
            blobs=list(submission.blobs),
        )
    )


def decode_submission(content: bytes) -> Submission:
    """What a client sent. `ValueError` for anything else."""
    read = msgspec.json.decode(content, type=_Submission)
    body: Json = msgspec.to_builtins(read.body)
    signature: Signature = SshSignature(read.key, read.armoured) if read.key else NoSignature()
    return Submission(
        CommandBody.from_json(body),
        signature,
        tuple(SaltedText(TextRef(text.ref), text.salt, text.words) for text in read.texts),
        tuple(read.blobs),
    )


def encode_outcome(outcome: Outcome) -> bytes:
    """What the driver answers."""
    match outcome:
        case Done(id, records):
            return msgspec.json.encode(_Answer(id=id, records=[encode(record) for record in records]))
        case Declined(id, reasons):
            return msgspec.json.encode(_Answer(id=id, reasons=_reasons(reasons)))


def encode_failure(code: str, sentence: str, next_step: str) -> bytes:
    """What the driver answers when it could not decide."""
    return msgspec.json.encode(_Answer(failure=[_Reason(code, sentence, next_step)]))


def decode_outcome(content: bytes) -> Outcome:
    """The driver's answer. `ValueError` for anything else, `Unavailable` for what it met itself."""
    read = msgspec.json.decode(content, type=_Answer)
    for failure in read.failure:
        raise Unavailable(failure.code, failure.sentence, failure.next_step)
    if read.reasons:
        reasons = tuple(Reason(one.code, one.sentence, one.next_step) for one in read.reasons)
        return Declined(CommandId(read.id), reasons)
    return Done(CommandId(read.id), tuple(decode_stored(raw) for raw in read.records))


def _reasons(reasons: tuple[Reason, ...]) -> list[_Reason]:
    return [_Reason(reason.code, reason.sentence, reason.next_step) for reason in reasons]
