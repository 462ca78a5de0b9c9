# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: what a ledger signs after each append, as C2SP signed notes.

1. The text is three lines: origin, number of records, base64 of the root (C2SP tlog-checkpoint).
2. Each signature line is `— name base64(key id, signature)` (C2SP signed-note); a witness signs the text under a
   `cosignature/v1` header with its time (C2SP tlog-cosignature).
3. Parsing is strict: one byte form for each note, so no byte of it can change unnoticed.
4. A signature by an unknown key counts for nothing; a wrong one by a known key spoils the note.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from interlock.ledger.tree import HASH_SIZE

LEDGER_KEY: Final = 0x01
"""The signature type of plain Ed25519 in a key id."""
WITNESS_KEY: Final = 0x04
"""The signature type of a timestamped Ed25519 cosignature in a key id."""

Ed25519Check: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Whether (raw public key, message, raw signature) fit; `SignatureVerifier.verify_checkpoint` is one."""

_NAME: Final = re.compile(r"[!-*,-~]+")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LONGEST_NAME: Final = 200
_LARGEST_TIME: Final = 2**63 - 1
_COSIGNATURE_SIZE: Final = 8 + 64
_KEY_SIZE: Final = 32
_KEY_ID_SIZE: Final = 4
_TEXT_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many records there are and the tree hash over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n".encode()


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. `blob` is what follows the key id: 64 bytes, for a witness 8 bytes of time before them."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.blob).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its signatures, in order."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.checkpoint.text.decode() + "\n" + "".join(one.line for one in self.signatures)

    def with_signature(self, signature: Signature) -> "Note":
        """The note with one more line; a line that is there already is not doubled."""
        if signature in self.signatures:
            return self
        return replace(self, signatures=(*self.signatures, signature))


@dataclass(frozen=True, slots=True)
class NotSigned:
    """The key has no signature on the note."""


@dataclass(frozen=True, slots=True)
class WronglySigned:
    """The key stands on the note, but with a signature that is not right."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The key signed the note. `timestamp` is a witness's POSIX time in seconds, 0 for a ledger key."""

    timestamp: int


SignatureAnswer: TypeAlias = NotSigned | WronglySigned | Signed


def says(note: str, checkpoint: Checkpoint) -> bool:
    """Whether that is what the note says, whoever signed it."""
    return note.encode().startswith(checkpoint.text)


def parse_key_name(text: str) -> str:
    """An origin or witness name: printable ASCII without space and plus, as C2SP asks of key names."""
    if not _NAME.fullmatch(text) or len(text) > _LONGEST_NAME:
        raise ValueError(f"'{text}' is no name for a ledger: use 1-200 printable ASCII characters, no space, no '+'")
    return text


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """The four bytes that stand before a signature made by this key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:_KEY_ID_SIZE]


def ledger_signature(name: str, public_key: bytes, signature: bytes) -> Signature:
    """The line for a plain Ed25519 signature over `Checkpoint.text`."""
    return Signature(name, key_id(name, LEDGER_KEY, public_key), signature)


def signed_note(checkpoint: Checkpoint, public_key: bytes, sign: Callable[[bytes], bytes]) -> Note:
    """The checkpoint as a note with the ledger's own signature, under the origin as the key name."""
    return Note(checkpoint, (ledger_signature(checkpoint.origin, public_key, sign(checkpoint.text)),))


def witness_message(checkpoint: Checkpoint, timestamp: int) -> bytes:
    """What a witness signs at `timestamp` (POSIX seconds)."""
    return f"cosignature/v1\ntime {timestamp}\n".encode() + checkpoint.text


def witness_signature(name: str, public_key: bytes, timestamp: int, signature: bytes) -> Signature:
    """The line for a witness's signature over `witness_message`."""
    return Signature(name, key_id(name, WITNESS_KEY, public_key), timestamp.to_bytes(8, "big") + signature)


def ledger_answer(note: Note, public_key: bytes, check: Ed25519Check) -> SignatureAnswer:
    """Whether the ledger key `public_key` signed the note under the note's origin."""
    name = note.checkpoint.origin
    wanted = key_id(name, LEDGER_KEY, public_key)
    found = [one for one in note.signatures if one.name == name and one.key_id == wanted]
    if not found:
        return NotSigned()
    if all(check(public_key, note.checkpoint.text, one.blob) for one in found):
        return Signed(0)
    return WronglySigned()


def witness_answer(note: Note, name: str, public_key: bytes, check: Ed25519Check) -> SignatureAnswer:
    """Whether the witness signed the note, and when for the first time."""
    wanted = key_id(name, WITNESS_KEY, public_key)
    found = [one for one in note.signatures if one.name == name and one.key_id == wanted]
    if not found:
        return NotSigned()
    times = [int.from_bytes(one.blob[:8], "big") for one in found]
    if all(
        len(one.blob) == _COSIGNATURE_SIZE
        and time <= _LARGEST_TIME
        and check(public_key, witness_message(note.checkpoint, time), one.blob[8:])
        for time, one in zip(times, found, strict=True)
    ):
        return Signed(min(times))
    return WronglySigned()


def parse_note(text: str) -> Note:
    """The signed note whose text is exactly `text`. `ValueError`, with a sentence, for anything else."""
    body, found, tail = text.partition("\n\n")
    lines = body.split("\n")
    if not found or len(lines) != _TEXT_LINES:
        raise ValueError("not a checkpoint: expected three lines, a blank line and signatures")
    origin, size, root = lines
    if not _SIZE.fullmatch(size):
        raise ValueError(f"not a checkpoint: '{size}' is not a number of records")
    checkpoint = Checkpoint(parse_key_name(origin), int(size), _decoded(root))
    if len(checkpoint.root) != HASH_SIZE:
        raise ValueError("not a checkpoint: the root is not 32 bytes")
    signatures = tuple(_parse_line(line) for line in tail.split("\n")[:-1])
    note = Note(checkpoint, signatures)
    if not signatures or str(note) != text:
        raise ValueError("not a checkpoint: a signature line is missing or not in its one form")
    return note


def verifier_key(name: str, public_key: bytes) -> str:
    """The C2SP text of a ledger's public key: `name+hash+base64`, what an outsider is given."""
    return _key_text(name, LEDGER_KEY, public_key)


def witness_key(name: str, public_key: bytes) -> str:
    """The C2SP text of a witness's public key."""
    return _key_text(name, WITNESS_KEY, public_key)


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A public key under a name; `kind` is the C2SP signature type."""

    name: str
    kind: int
    public_key: bytes


def parse_verifier_key(text: str) -> NamedKey:
    """The inverse of `verifier_key` and `witness_key`. `ValueError` for anything else."""
    name, _, rest = text.partition("+")
    identity, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if len(raw) != 1 + _KEY_SIZE or raw[0] not in (LEDGER_KEY, WITNESS_KEY):
        raise ValueError("not a verifier key: expected an Ed25519 key of a ledger or a witness")
    if key_id(parse_key_name(name), raw[0], raw[1:]).hex() != identity:
        raise ValueError("not a verifier key: its hash does not fit; was it cut while copying?")
    return NamedKey(name, raw[0], raw[1:])


def _key_text(name: str, kind: int, public_key: bytes) -> str:
    encoded = base64.b64encode(bytes([kind]) + public_key).decode()
    return f"{name}+{key_id(name, kind, public_key).hex()}+{encoded}"


def _parse_line(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _decoded(encoded)
    if dash != "—" or len(raw) <= _KEY_ID_SIZE:
        raise ValueError("not a checkpoint: a signature line is not '— name base64'")
    return Signature(parse_key_name(name), raw[:_KEY_ID_SIZE], raw[_KEY_ID_SIZE:])


def _decoded(text: str) -> bytes:
    """Base64 in its one form: no spaces, full padding, unused bits zero."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"'{text}' is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError(f"'{text}' is not base64 in its one form")
    return raw
