# SPDX-License-Identifier: Apache-2.0
"""The record every command leaves, accepted or refused, before the records it causes.

1. It stands alone on the stream `command/<id>`; an id is used once.
2. A person's signature is over the canonical bytes of the body, which names the ledger, so that a signature given to
   one ledger or one command is worth nothing in another.
3. It tells what the decision was made over (`reads`, `facts`, `engine`), so that it can be made again and compared.
4. It lists the words and raw material kept beside the ledger for it, so that none can be taken away unnoticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Self, TypeAlias, TypeVar, assert_never, cast

import msgspec

from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId, Digest, StreamId, TextRef
from interlock.ledger.canonical import canonical, format_time, parse_time
from interlock.ledger.record import Json, Record

ACCEPTED: Final = "CommandAccepted"
REFUSED: Final = "CommandRefused"
VERSION: Final = 1
PREFIX: Final = "command/"

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class NoSignature:
    """Nobody signed: the actor is only asserted, or is a process of ours."""


@dataclass(frozen=True, slots=True)
class SshSignature:
    """`key` is an OpenSSH line without comment, `armoured` the SSHSIG over the canonical body."""

    key: str
    armoured: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """A server let this person in and says so; nothing of theirs is in the record.

    `by` is the server's address, `method` how they were let in (`password`, `token build`), `session` the beginning of
    the name of what let them in, as the server's own audit knows it.
    """

    by: str
    method: str
    session: str


Signature: TypeAlias = NoSignature | SshSignature | Vouched


@dataclass(frozen=True, slots=True)
class CommandBody:
    """What is signed. `actor` is `person:<handle>` or `robot:<name>`."""

    command: str
    version: int
    id: CommandId
    ledger: str
    actor: str
    issued_at: datetime
    payload: Mapping[str, Json]

    def to_json(self) -> Mapping[str, Json]:
        return {
            "command": self.command,
            "version": self.version,
            "id": self.id,
            "ledger": self.ledger,
            "actor": self.actor,
            "issued_at": format_time(self.issued_at),
            "payload": self.payload,
        }

    @property
    def message(self) -> bytes:
        """The bytes a person signs."""
        return canonical(self.to_json())

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """The inverse of `to_json`; `ValueError` for anything else."""
        wire = _converted(value, _WireBody)
        return cls(
            command=wire.command,
            version=wire.version,
            id=CommandId(wire.id),
            ledger=wire.ledger,
            actor=wire.actor,
            issued_at=parse_time(wire.issued_at),
            payload=cast("Mapping[str, Json]", wire.payload),
        )


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command with what was decided about it: accepted when there are no reasons against it."""

    body: CommandBody
    signature: Signature
    reads: Mapping[StreamId, int]
    facts: Mapping[str, Json]
    engine: str
    reasons: tuple[Reason, ...] = ()
    texts: tuple[TextRef, ...] = ()
    """References of the words that were kept with this command."""
    blobs: tuple[Digest, ...] = ()
    """Digests of the raw material that was kept with this command."""

    @property
    def event(self) -> str:
        return REFUSED if self.reasons else ACCEPTED

    def to_payload(self) -> Mapping[str, Json]:
        return {
            "body": self.body.to_json(),
            "signature": _signature_json(self.signature),
            "reads": {str(stream): position for stream, position in self.reads.items()},
            "facts": self.facts,
            "engine": self.engine,
            "reasons": [
                {"code": reason.code, "sentence": reason.sentence, "next_step": reason.next_step}
                for reason in self.reasons
            ],
            "texts": list(self.texts),
            "blobs": list(self.blobs),
        }

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """The command this record holds. `ValueError` when it is none, or not of the known version."""
        if not is_command(record.event) or record.version != VERSION:
            raise ValueError(f"record {record.index} is not a command of version {VERSION}")
        found = cls.from_payload(record.payload)
        if found.event != record.event or record.stream != command_stream(found.body.id):
            raise ValueError(f"record {record.index} is not what its event and stream say")
        return found

    @classmethod
    def from_payload(cls, payload: Json) -> Self:
        """The inverse of `to_payload`; `ValueError` for anything else."""
        wire = _converted(payload, _WireRecord)
        return cls(
            body=CommandBody.from_json(cast("Mapping[str, Json]", wire.body)),
            signature=_signature(wire.signature),
            reads={StreamId(name): position for name, position in wire.reads.items()},
            facts=cast("Mapping[str, Json]", wire.facts),
            engine=wire.engine,
            reasons=tuple(Reason(one.code, one.sentence, one.next_step) for one in wire.reasons),
            texts=tuple(TextRef(ref) for ref in wire.texts),
            blobs=tuple(Digest(digest) for digest in wire.blobs),
        )


class _WireBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    version: int
    id: str
    ledger: str
    actor: str
    issued_at: str
    payload: dict[str, object]


class _WireNone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="none", tag_field="kind"):
    pass


class _WireSsh(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ssh", tag_field="kind"):
    key: str
    armoured: str


class _WireVouched(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="vouched", tag_field="kind"):
    by: str
    method: str
    session: str


class _WireReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    sentence: str
    next_step: str


class _WireRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payload as it travels."""

    body: dict[str, object]
    signature: _WireNone | _WireSsh | _WireVouched
    reads: dict[str, Annotated[int, msgspec.Meta(ge=0)]]
    facts: dict[str, object]
    engine: str
    reasons: list[_WireReason]
    texts: list[str]
    blobs: list[str]


def command_stream(command: CommandId) -> StreamId:
    """Where the record of this command stands."""
    return StreamId(f"{PREFIX}{command}")


def is_command(event: str) -> bool:
    """Whether an event's name is that of a command's record."""
    return event in (ACCEPTED, REFUSED)


def _signature_json(signature: Signature) -> Mapping[str, Json]:
    match signature:
        case NoSignature():
            return {"kind": "none"}
        case SshSignature(key, armoured):
            return {"kind": "ssh", "key": key, "armoured": armoured}
        case Vouched(by, method, session):
            return {"kind": "vouched", "by": by, "method": method, "session": session}
        case _:
            assert_never(signature)


def _converted(value: Json, kind: type[W]) -> W:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a command: {error}") from error


def _signature(wire: _WireNone | _WireSsh | _WireVouched) -> Signature:
    match wire:
        case _WireNone():
            return NoSignature()
        case _WireSsh(key=key, armoured=armoured):
            return SshSignature(key, armoured)
        case _WireVouched(by=by, method=method, session=session):
            return Vouched(by, method, session)
        case _:
            assert_never(wire)
