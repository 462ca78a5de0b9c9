# SPDX-License-Identifier: Apache-2.0
"""The ledger's own key: an Ed25519 key in a file that only its owner can read.

The file is PKCS #8 in PEM, so other tools can read it. It appears under its name whole or not at all, and one that
others can read is refused, because a key that leaked signs nothing that proves anything.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from interlock.ledger.checkpoint import parse_key_name
from interlock.ports.failure import Rejected


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """Signs checkpoints; `name` is the ledger's origin."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def create(cls, path: Path, name: str) -> Self:
        """Make a new key and keep it at `path`, mode 0600. A file that is there already is `Rejected`."""
        parse_key_name(name)
        key = Ed25519PrivateKey.generate()
        _write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return cls(name, key)

    @classmethod
    def load(cls, path: Path, name: str) -> Self:
        """The key kept at `path`. `Rejected` when it is not there, not a key of this kind, or readable by others."""
        parse_key_name(name)
        return cls(name, _parsed(path, _read_private(path)))

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def _write_new(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError as error:
        raise Rejected("signing.key_exists", f"'{path}' exists already", "load it, or choose another place") from error
    except OSError as error:
        raise Rejected("signing.no_key", f"the key cannot be kept at '{path}': {error}", "check the folder") from error


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise Rejected(
                    "signing.unusable_key", f"others can read the key '{path}'", "rotate it, or chmod 600 if none did"
                )
            return file.read()
    except OSError as error:
        raise Rejected("signing.no_key", f"there is no key at '{path}': {error}", "check the path") from error


def _parsed(path: Path, content: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path)
    return key


def _unusable(path: Path) -> Rejected:
    return Rejected(
        "signing.unusable_key", f"'{path}' is not an Ed25519 key in plain PEM", "restore it, or rotate the ledger's key"
    )
