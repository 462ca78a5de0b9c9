# SPDX-License-Identifier: Apache-2.0
"""People's SSH keys: signing by `ssh-keygen`, checking in this process.

1. A private key is read by `ssh-keygen` or held by the agent, never read here. A `.pub` path works with an agent.
2. Checking follows PROTOCOL.sshsig of OpenSSH (2019). Ed25519, ECDSA P-256/384/521 and RSA of at least 2048 bits with
   SHA-2 are known. RSA with SHA-1, DSA, certificates and FIDO tokens (`sk-...`) are not.
3. There is one accepted form of armour and of the bytes in it, so no byte of a signature can change unnoticed.

The package `sshsig` knows no ECDSA and takes loose armour, hence a checker of our own on `cryptography`.
"""

import base64
import binascii
import hashlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.signing import SSH_NAMESPACE

_PASSED_ON: Final = (
    "PATH",
    "HOME",
    "SSH_AUTH_SOCK",
    "SSH_ASKPASS",
    "SSH_ASKPASS_REQUIRE",
    "DISPLAY",
    "WAYLAND_DISPLAY",
)
"""All that `ssh-keygen` needs to find the agent and to ask for a passphrase."""

SIGN_WAIT: Final = 120.0
"""Seconds a person has to type a passphrase or touch a token."""

_ARMOUR: Final = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n?"
)
_MAGIC: Final = b"SSHSIG"
_LARGEST: Final = 16 * 1024
_SMALLEST_RSA: Final = 2048


@dataclass(frozen=True, slots=True)
class SshKeySigner:
    """Signs with the key at `key_path`; `environment` is all `ssh-keygen` sees of ours."""

    key_path: Path
    public_key: str
    environment: Mapping[str, str]

    @classmethod
    def load(cls, key_path: Path, environment: Mapping[str, str]) -> Self:
        """The key at `key_path`, private or `.pub`; its public half must lie beside it or be derivable."""
        known = {name: environment[name] for name in _PASSED_ON if name in environment}
        return cls(key_path, _public_line(key_path, known), known)

    def sign(self, message: bytes) -> str:
        """The armour over `message`. `Rejected` when the key does not sign, `Unavailable` when nobody answers."""
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", SSH_NAMESPACE, "-f", _argument(self.key_path)]
        done = _run(command, message, self.environment)
        if done.returncode != 0:
            raise Rejected(
                "signing.unusable_key",
                f"'{self.key_path}' did not sign: {done.stderr.decode(errors='replace').strip()[:300]}",
                "check the passphrase, or add the key to the agent with `ssh-add`",
            )
        return done.stdout.decode("ascii")


@dataclass(frozen=True, slots=True)
class SshVerifier:
    """A `SignatureVerifier` for people's SSH keys and the ledger's Ed25519 keys."""

    namespace: str = SSH_NAMESPACE

    def verify_person(self, public_key: str, message: bytes, armoured: str) -> bool:
        try:
            blob = _key_blob(public_key)
            signed = _dearmoured(armoured, blob, self.namespace.encode())
            return _fits(blob, signed.signature, signed.covering(message))
        except (ValueError, InvalidSignature, UnsupportedAlgorithm):
            return False

    def verify_checkpoint(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except (ValueError, InvalidSignature):
            return False
        return True


def parse_public_key(line: str) -> str:
    """`algorithm base64` from an OpenSSH public key line, its comment dropped.

    `ValueError`, with a sentence, for a key whose signatures could not be checked later.
    """
    words = line.split()
    if not words[1:]:
        raise ValueError("not an OpenSSH public key: expected a line like `ssh-ed25519 AAAA... comment`")
    key = f"{words[0]} {words[1]}"
    _loaded(_key_blob(key))
    return key


@dataclass(frozen=True, slots=True)
class _Signed:
    namespace: bytes
    hash_name: bytes
    signature: bytes

    def covering(self, message: bytes) -> bytes:
        """The bytes the key signed."""
        digest = hashlib.new(self.hash_name.decode(), message).digest()
        return _MAGIC + _strings(self.namespace, b"", self.hash_name, digest)


def _dearmoured(armoured: str, key_blob: bytes, namespace: bytes) -> _Signed:
    match = _ARMOUR.fullmatch(armoured) if len(armoured) <= _LARGEST else None
    if match is None:
        raise ValueError("not the armour of an SSH signature")
    lines = match[1].split("\n")[:-1]
    raw = _decoded("".join(lines))
    if any(len(line) != len(lines[0]) for line in lines[:-1]) or len(lines[-1]) > len(lines[0]):
        raise ValueError("the lines of the armour are not of one length")
    found_key, found_namespace, reserved, hash_name, signature = _read(raw.removeprefix(_MAGIC + b"\0\0\0\1"), 5)
    if raw[:10] != _MAGIC + b"\0\0\0\1" or reserved or hash_name not in (b"sha512", b"sha256"):
        raise ValueError("not a signature of the known version and hashes")
    if found_key != key_blob or found_namespace != namespace:
        raise ValueError("another key or another namespace")
    return _Signed(found_namespace, hash_name, signature)


def _fits(key_blob: bytes, signature: bytes, covered: bytes) -> bool:
    """Whether the signature over `covered` is of this key; raises for whatever is not well formed."""
    key = _loaded(key_blob)
    kind = _kind(key_blob)
    algorithm, raw = _read(signature, 2)
    match key:
        case ed25519.Ed25519PublicKey() if algorithm == kind:
            key.verify(raw, covered)
        case ec.EllipticCurvePublicKey() if algorithm == kind:
            key.verify(_der(raw), covered, ec.ECDSA(_CURVES[kind]))
        case rsa.RSAPublicKey() if algorithm in _RSA_HASHES:
            key.verify(raw, covered, padding.PKCS1v15(), _RSA_HASHES[algorithm])
        case _:
            raise ValueError("the key does not sign with that algorithm")
    return True


def _key_blob(public_key: str) -> bytes:
    kind, _, encoded = public_key.partition(" ")
    blob = _decoded(encoded)
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


def _der(raw: bytes) -> bytes:
    """An ECDSA signature from its two SSH integers to the DER that `cryptography` takes."""
    numbers = [int.from_bytes(part, "big", signed=True) for part in _read(raw, 2)]
    if _strings(*(_mpint(number) for number in numbers)) != raw:
        raise ValueError("the numbers of the signature are not in their one form")
    return utils.encode_dss_signature(*numbers)


def _mpint(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True) if number else b""


def _kind(blob: bytes) -> bytes:
    return blob[4 : 4 + int.from_bytes(blob[:4], "big")]


def _read(raw: bytes, count: int) -> Sequence[bytes]:
    """Exactly `count` length-prefixed strings and nothing behind them."""
    parts: list[bytes] = []
    at = 0
    for _ in range(count):
        end = at + 4 + int.from_bytes(raw[at : at + 4], "big")
        if at + 4 > len(raw) or end > len(raw):
            raise ValueError("cut short")
        parts.append(raw[at + 4 : end])
        at = end
    if at != len(raw):
        raise ValueError("something follows")
    return parts


def _strings(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _decoded(text: str) -> bytes:
    """Base64 in its one form."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not base64 in its one form")
    return raw


def _public_line(key_path: Path, environment: Mapping[str, str]) -> str:
    beside = key_path if key_path.suffix == ".pub" else key_path.with_name(f"{key_path.name}.pub")
    try:
        if not key_path.exists():
            raise Rejected("signing.no_key", f"there is no key at '{key_path}'", "name one with --key")
        line = beside.read_text("utf-8") if beside.exists() else _derived(key_path, environment)
        return parse_public_key(line)
    except (OSError, ValueError) as error:
        raise Rejected(
            "signing.unusable_key", f"'{beside}' cannot be used: {error}", "use an Ed25519, ECDSA or RSA key"
        ) from error


def _derived(key_path: Path, environment: Mapping[str, str]) -> str:
    done = _run(["ssh-keygen", "-y", "-f", _argument(key_path)], b"", environment)
    if done.returncode != 0:
        raise ValueError(done.stderr.decode(errors="replace").strip()[:300])
    return done.stdout.decode("utf-8", "replace")


def _argument(path: Path) -> str:
    """The path in a form that no tool takes for an option."""
    return os.fspath(path.absolute())


def _run(command: Sequence[str], message: bytes, environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, input=message, capture_output=True, env=environment, timeout=SIGN_WAIT, check=False
        )
    except FileNotFoundError as error:
        raise Rejected("signing.no_key", "`ssh-keygen` is not on the PATH", "install the OpenSSH client") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(
            "signing.no_answer",
            f"the key did not answer within {SIGN_WAIT:.0f} seconds",
            "sign again when you are there",
        ) from error


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
