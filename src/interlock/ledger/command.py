# SPDX-License-Identifier: Apache-2.0
"""The record every command leaves, accepted or refused, before the records it causes.

1. It stands alone on the stream `command/<id>`; an id is used once.
2. A person's signature is over the canonical bytes of the body, which names the ledger, so that a signature given to
   one ledger or one command is worth nothing in another.
3. It tells what the decision was made over (`reads`, `facts`, `engine`), so that it can be made again and compared.
4. It lists the words and raw material kept beside the ledger for it, so that none can be taken away unnoticed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self, TypeAlias

from interlock.domain.decision import Reason
from interlock.domain.ids import CommandId, Digest, StreamId, TextRef
from interlock.ledger.canonical import INT_MAX, canonical, format_time, parse_time
from interlock.ledger.record import Json, Record

ACCEPTED: Final = "CommandAccepted"
REFUSED: Final = "CommandRefused"
VERSION: Final = 1
PREFIX: Final = "command/"


@dataclass(frozen=True, slots=True)
class NoSignature:
    """Nobody signed: the actor is only asserted, or is a process of ours."""


@dataclass(frozen=True, slots=True)
class SshSignature:
    """`key` is an OpenSSH line without comment, `armoured` the SSHSIG over the canonical body."""

    key: str
    armoured: str


Signature: TypeAlias = NoSignature | SshSignature


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
        fields = _object(value, _BODY)
        return cls(
            command=_text(fields["command"]),
            version=_whole(fields["version"]),
            id=CommandId(_text(fields["id"])),
            ledger=_text(fields["ledger"]),
            actor=_text(fields["actor"]),
            issued_at=parse_time(_text(fields["issued_at"])),
            payload=_mapping(fields["payload"]),
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
        fields = _object(payload, _RECORD)
        return cls(
            body=CommandBody.from_json(fields["body"]),
            signature=_signature(fields["signature"]),
            reads={StreamId(name): _whole(position) for name, position in _mapping(fields["reads"]).items()},
            facts=_mapping(fields["facts"]),
            engine=_text(fields["engine"]),
            reasons=tuple(_reason(value) for value in _sequence(fields["reasons"])),
            texts=tuple(TextRef(_text(value)) for value in _sequence(fields["texts"])),
            blobs=tuple(Digest(_text(value)) for value in _sequence(fields["blobs"])),
        )


_BODY: Final = frozenset({"command", "version", "id", "ledger", "actor", "issued_at", "payload"})
_RECORD: Final = frozenset({"body", "signature", "reads", "facts", "engine", "reasons", "texts", "blobs"})


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


def _signature(value: Json) -> Signature:
    match _mapping(value):
        case {"kind": "none", **rest} if not rest:
            return NoSignature()
        case {"kind": "ssh", "key": str(key), "armoured": str(armoured), **rest} if not rest:
            return SshSignature(key, armoured)
        case _:
            raise ValueError("a signature is of kind 'none' or 'ssh'")


def _reason(value: Json) -> Reason:
    fields = _object(value, frozenset({"code", "sentence", "next_step"}))
    return Reason(_text(fields["code"]), _text(fields["sentence"]), _text(fields["next_step"]))


def _object(value: Json, names: frozenset[str]) -> Mapping[str, Json]:
    fields = _mapping(value)
    if fields.keys() != names:
        wrong = sorted(fields.keys() ^ names)
        raise ValueError(f"fields unknown or missing: {', '.join(wrong)}")
    return fields


def _mapping(value: Json) -> Mapping[str, Json]:
    match value:
        case Mapping():
            return value
        case _:
            raise ValueError("expected an object")


def _sequence(value: Json) -> Sequence[Json]:
    match value:
        case [*_]:
            return value
        case _:
            raise ValueError("expected a list")


def _text(value: Json) -> str:
    match value:
        case str():
            return value
        case _:
            raise ValueError("expected text")


def _whole(value: Json) -> int:
    match value:
        case int() if not isinstance(value, bool) and 0 <= value <= INT_MAX:
            return value
        case _:
            raise ValueError("expected a whole number")
