# SPDX-License-Identifier: Apache-2.0
"""Keys made from a name, for tests, simulations and demos: the same name is the same key, and nothing is secret.

The person's signatures are real SSHSIG armour, which `ssh-keygen -Y verify` accepts.
"""

import base64
import hashlib
import textwrap
from dataclasses import dataclass
from functools import cache, lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from interlock.ports.signing import SSH_NAMESPACE


@dataclass(frozen=True, slots=True)
class MemorySigner:
    """A ledger's key, made from its name and a label that tells one key of it from the next."""

    name: str
    label: str = "first"

    @property
    def public_key(self) -> bytes:
        return _public_from(self._seed)

    def sign(self, message: bytes) -> bytes:
        return _signed(self._seed, message)

    @property
    def _seed(self) -> str:
        return f"ledger {self.name} {self.label}"


@dataclass(frozen=True, slots=True)
class MemoryPersonSigner:
    """A person's Ed25519 SSH key, made from their handle. Another namespace makes signatures that must be refused."""

    person: str
    namespace: str = SSH_NAMESPACE

    @property
    def public_key(self) -> str:
        return f"ssh-ed25519 {base64.b64encode(self._blob).decode()}"

    def sign(self, message: bytes) -> str:
        """Armour as PROTOCOL.sshsig of OpenSSH describes it."""
        namespace, digest = _string(self.namespace.encode()), _string(hashlib.sha512(message).digest())
        hashed = _string(b"") + _string(b"sha512") + digest
        signature = _signed(f"person {self.person}", b"SSHSIG" + namespace + hashed)
        blob = (
            b"SSHSIG\x00\x00\x00\x01"
            + _string(self._blob)
            + namespace
            + _string(b"")
            + _string(b"sha512")
            + _string(_string(b"ssh-ed25519") + _string(signature))
        )
        lines = textwrap.wrap(base64.b64encode(blob).decode(), 70)
        return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])

    @property
    def _blob(self) -> bytes:
        return _string(b"ssh-ed25519") + _string(_public_from(f"person {self.person}"))


@cache
def _key_from(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"interlock test key " + seed.encode()).digest())


@lru_cache(maxsize=4096)
def _signed(seed: str, message: bytes) -> bytes:
    """Ed25519 signs the same message the same way every time, and stories are played again from their beginning."""
    return _key_from(seed).sign(message)


@cache
def _public_from(seed: str) -> bytes:
    return _key_from(seed).public_key().public_bytes_raw()


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
