# SPDX-License-Identifier: Apache-2.0
"""A passkey in software, and the browser in front of it: what either would answer, and what a wrong one would."""

import base64
import hashlib
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from interlock.adapters.passkey import Assertion, key_line, signature_of
from interlock.adapters.ssh_signature import armour_of, covered_by
from interlock.ports.signing import SSH_NAMESPACE


def url_safe(raw: bytes) -> str:
    """Base64 as browsers write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class SoftwarePasskey:
    """A `PersonSigner`. Its fields are what an attacker would want to be otherwise."""

    site: str = "interlock.example.com"
    origin: str = "https://interlock.example.com"
    kind: str = "webauthn.get"
    flags: int = 0x05
    cross: bool = False
    extensions: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    counter: int = 7

    @property
    def spki(self) -> bytes:
        """The public key, as a browser tells it."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def credential(self) -> bytes:
        return hashlib.sha256(self.spki).digest()[:16]

    @property
    def public_key(self) -> str:
        return key_line(self.spki, self.site)

    def client_data(self, challenge: bytes, kind: str = "") -> bytes:
        told = {"type": kind or self.kind, "challenge": url_safe(challenge), "origin": self.origin}
        return json.dumps({**told, "crossOrigin": self.cross}, separators=(",", ":")).encode()

    def data(self) -> bytes:
        """The authenticator's own data."""
        site = hashlib.sha256(self.site.encode()).digest()
        return site + bytes([self.flags]) + self.counter.to_bytes(4, "big") + self.extensions

    def answer(self, challenge: bytes) -> Assertion:
        """What the browser answers when the person agreed."""
        told, data = self.client_data(challenge), self.data()
        signed = data + hashlib.sha256(told).digest()
        return Assertion(data, told, self.key.sign(signed, ec.ECDSA(hashes.SHA256())))

    def sign(self, message: bytes) -> str:
        signature = signature_of(self.answer(covered_by(message, SSH_NAMESPACE)))
        return armour_of(self.public_key, SSH_NAMESPACE, signature)
