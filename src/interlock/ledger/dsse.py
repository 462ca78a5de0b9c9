# SPDX-License-Identifier: Apache-2.0
"""DSSE v1.0.2: what is signed of an attestation, and how many trusted keys signed it.

1. The signature covers the pre-authentication encoding (PAE) of type and body, never the body alone.
2. Key ids are hints and decide nothing; a threshold counts distinct keys.
3. The bytes that were verified are the bytes handed on.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from interlock.ledger.record import Json

KeyCheck: TypeAlias = Callable[[bytes, bytes], bool]
"""Whether (message, signature) fit one trusted key."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its signatures, decoded."""

    payload_type: str
    payload: bytes
    signatures: tuple[bytes, ...]

    @property
    def message(self) -> bytes:
        """What the signatures cover."""
        return pae(self.payload_type, self.payload)


def pae(payload_type: str, body: bytes) -> bytes:
    """The pre-authentication encoding; lengths are counted in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def parse_envelope(value: Json) -> Envelope:
    """An envelope from its JSON; fields that are not known are ignored, as the specification asks."""
    match value:
        case {"payload": str(payload), "payloadType": str(kind), "signatures": [*signatures]} if signatures:
            return Envelope(kind, _decoded(payload), tuple(map(_signature, signatures)))
        case _:
            raise ValueError("not a DSSE envelope: expected payload, payloadType and signatures")


def signers(envelope: Envelope, trusted: Mapping[str, KeyCheck]) -> Sequence[str]:
    """The names of the trusted keys that signed the envelope, each once."""
    message = envelope.message
    return [name for name, check in trusted.items() if any(check(message, one) for one in envelope.signatures)]


def _signature(value: Json) -> bytes:
    match value:
        case {"sig": str(encoded)}:
            return _decoded(encoded)
        case _:
            raise ValueError("not a DSSE signature: expected sig")


def _decoded(text: str) -> bytes:
    """Standard or URL-safe base64: verifiers take both."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
