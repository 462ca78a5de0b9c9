# SPDX-License-Identifier: Apache-2.0
"""Checking signatures in this process: people's SSHSIG armour, and the ledger's Ed25519.

1. PROTOCOL.sshsig of OpenSSH (2019). Ed25519, ECDSA P-256/384/521 and RSA of at least 2048 bits with SHA-2 are known.
   Passkeys are, as OpenSSH takes what a browser signed with one (`adapters.passkey`). RSA with SHA-1, DSA,
   certificates and FIDO tokens of ssh itself are not.
2. There is one accepted form of armour and of the bytes in it, so no byte of a signature can change unnoticed.

The package `sshsig` knows no ECDSA and takes loose armour, hence a checker of our own on `cryptography`. It stands
apart from the signer because most commands check nothing, and loading `cryptography` takes its time.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from interlock.adapters import passkey
from interlock.adapters.ssh_wire import decoded, der_of, read, strings

_ARMOUR: Final = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n?"
)
_MAGIC: Final = b"SSHSIG"
_HASH: Final = b"sha512"
_WIDTH: Final = 70
"""What we choose where we put a signature into armour ourselves, as OpenSSH does."""
_LARGEST: Final = 16 * 1024
_SMALLEST_RSA: Final = 2048
_CURVES: Final[Mapping[bytes, hashes.HashAlgorithm]] = {
    b"ecdsa-sha2-nistp256": hashes.SHA256(),
    b"ecdsa-sha2-nistp384": hashes.SHA384(),
    b"ecdsa-sha2-nistp521": hashes.SHA512(),
}
_RSA_HASHES: Final[Mapping[bytes, hashes.HashAlgorithm]] = {
    b"rsa-sha2-256": hashes.SHA256(),
    b"rsa-sha2-512": hashes.SHA512(),
}
_KINDS: Final = {b"ssh-ed25519", b"ssh-rsa", *_CURVES}


def fits_person(public_key: str, message: bytes, armoured: str, namespace: str) -> bool:
    """Whether the armour is this key's signature over `message` in `namespace`. Raises nothing."""
    try:
        blob = _key_blob(public_key)
        signed = _dearmoured(armoured, blob, namespace.encode())
        return _fits(blob, signed.signature, signed.covering(message))
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False


def fits_checkpoint(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the raw signature over `message` is of this raw Ed25519 key. Raises nothing."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def checkable_key(line: str) -> str:
    """`algorithm base64` from an OpenSSH public key line, its comment dropped.

    `ValueError`, with a sentence, for a key whose signatures could not be checked later.
    """
    words = line.split()
    if not words[1:]:
        raise ValueError("not an OpenSSH public key: expected a line like `ssh-ed25519 AAAA... comment`")
    key = f"{words[0]} {words[1]}"
    blob = _key_blob(key)
    if _kind(blob) == passkey.KIND:
        passkey.public_key(blob)
    else:
        _loaded(blob)
    return key


@dataclass(frozen=True, slots=True)
class _Signed:
    namespace: bytes
    hash_name: bytes
    signature: bytes

    def covering(self, message: bytes) -> bytes:
        """The bytes the key signed."""
        digest = hashlib.new(self.hash_name.decode(), message).digest()
        return _MAGIC + strings(self.namespace, b"", self.hash_name, digest)


def armour_of(public_key: str, namespace: str, signature: bytes) -> str:
    """The armour around a signature over what `covered_by` gives, as `ssh-keygen` writes it."""
    raw = _MAGIC + b"\0\0\0\1" + strings(_key_blob(public_key), namespace.encode(), b"", _HASH, signature)
    text = base64.b64encode(raw).decode()
    lines = "".join(f"{text[at : at + _WIDTH]}\n" for at in range(0, len(text), _WIDTH))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}-----END SSH SIGNATURE-----\n"


def covered_by(message: bytes, namespace: str) -> bytes:
    """What a key signs for `message` in `namespace`."""
    return _Signed(namespace.encode(), _HASH, b"").covering(message)


def _dearmoured(armoured: str, key_blob: bytes, namespace: bytes) -> _Signed:
    match = _ARMOUR.fullmatch(armoured) if len(armoured) <= _LARGEST else None
    if match is None:
        raise ValueError("not the armour of an SSH signature")
    lines = match[1].split("\n")[:-1]
    raw = decoded("".join(lines))
    if any(len(line) != len(lines[0]) for line in lines[:-1]) or len(lines[-1]) > len(lines[0]):
        raise ValueError("the lines of the armour are not of one length")
    found_key, found_namespace, reserved, hash_name, signature = read(raw.removeprefix(_MAGIC + b"\0\0\0\1"), 5)
    if raw[:10] != _MAGIC + b"\0\0\0\1" or reserved or hash_name not in (b"sha512", b"sha256"):
        raise ValueError("not a signature of the known version and hashes")
    if found_key != key_blob or found_namespace != namespace:
        raise ValueError("another key or another namespace")
    return _Signed(found_namespace, hash_name, signature)


def _fits(key_blob: bytes, signature: bytes, covered: bytes) -> bool:
    """Whether the signature over `covered` is of this key; raises for whatever is not well formed."""
    kind = _kind(key_blob)
    if kind == passkey.KIND:
        return passkey.fits(key_blob, signature, covered)
    key = _loaded(key_blob)
    algorithm, raw = read(signature, 2)
    match key:
        case ed25519.Ed25519PublicKey() if algorithm == kind:
            key.verify(raw, covered)
        case ec.EllipticCurvePublicKey() if algorithm == kind:
            key.verify(der_of(raw), covered, ec.ECDSA(_CURVES[kind]))
        case rsa.RSAPublicKey() if algorithm in _RSA_HASHES:
            key.verify(raw, covered, padding.PKCS1v15(), _RSA_HASHES[algorithm])
        case _:
            raise ValueError("the key does not sign with that algorithm")
    return True


def _key_blob(public_key: str) -> bytes:
    kind, _, encoded = public_key.partition(" ")
    blob = decoded(encoded)
    if _kind(blob).decode("ascii", "replace") != kind:
        raise ValueError("the key is not of the algorithm its line names")
    return blob


def _loaded(blob: bytes) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    kind = _kind(blob)
    if kind not in _KINDS:
        raise ValueError(f"keys of the kind '{kind.decode(errors='replace')}' are not known")
    try:
        key = load_ssh_public_key(kind + b" " + base64.b64encode(blob))
    except UnsupportedAlgorithm as error:
        raise ValueError(f"the key cannot be used: {error}") from error
    match key:
        case ed25519.Ed25519PublicKey() | ec.EllipticCurvePublicKey():
            return key
        case rsa.RSAPublicKey() if key.key_size >= _SMALLEST_RSA:
            return key
        case _:
            raise ValueError(f"an RSA key needs at least {_SMALLEST_RSA} bits")


def _kind(blob: bytes) -> bytes:
    return blob[4 : 4 + int.from_bytes(blob[:4], "big")]
