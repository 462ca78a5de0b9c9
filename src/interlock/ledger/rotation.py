# SPDX-License-Identifier: Apache-2.0
"""The chain of the ledger's own keys: opened under the first, each next one signed by its forerunner and by itself.

1. Both keys sign the same statement, which names the ledger, so that a rotation is worth nothing elsewhere.
2. A checkpoint is right only under the key in force at its size; the checkpoint of the rotation itself is still signed
   by the old key, because whoever appends it has no other yet.
3. Whoever knows any one key of the chain can follow it to the others.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interlock.ledger.canonical import canonical
from interlock.ledger.chain import raw_key
from interlock.ledger.checkpoint import Ed25519Check
from interlock.ledger.keyring import LedgerKeyRotated, RotateLedgerKey


@dataclass(frozen=True, slots=True)
class Reign:
    """A key of the ledger and the size of the first checkpoint it signs; it reigns until the next one begins."""

    key: bytes
    first: int


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A public key with what signs for it."""

    public_key: bytes
    sign: Callable[[bytes], bytes]


def rotation_message(origin: str, old: bytes, new: bytes) -> bytes:
    """What both keys sign."""
    return canonical({"rotate": origin, "old": _text(old), "new": _text(new)})


def rotation(origin: str, old: KeyPair, new: KeyPair) -> RotateLedgerKey:
    """The command that hands over from `old` to `new`."""
    message = rotation_message(origin, old.public_key, new.public_key)
    return RotateLedgerKey(
        old=_text(old.public_key),
        new=_text(new.public_key),
        old_signature=_text(old.sign(message)),
        new_signature=_text(new.sign(message)),
    )


def is_signed_by_both(origin: str, event: LedgerKeyRotated | RotateLedgerKey, check: Ed25519Check) -> bool:
    """Whether the old and the new key signed the handing over."""
    try:
        old, new = raw_key(event.old), raw_key(event.new)
        signatures = [base64.b64decode(text, validate=True) for text in (event.old_signature, event.new_signature)]
    except (ValueError, binascii.Error):
        return False
    message = rotation_message(origin, old, new)
    return check(old, message, signatures[0]) and check(new, message, signatures[1])


def key_at(reigns: Sequence[Reign], size: int) -> bytes:
    """The key that signs the checkpoint of `size` records; empty when there was none yet."""
    return next((reign.key for reign in reversed(reigns) if reign.first <= size), b"")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
