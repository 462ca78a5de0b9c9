# SPDX-License-Identifier: Apache-2.0
"""Keys, of people and of ledgers, and the randomness that goes with what is signed."""

from pathlib import Path

from interlock.adapters.clock import draw
from interlock.adapters.signer.ed25519 import Ed25519Signer
from interlock.adapters.signer.ssh import SshKeySigner, parse_public_key
from interlock.config import for_ssh
from interlock.ports.signing import CheckpointSigner, PersonSigner


def person_signer(key: Path) -> PersonSigner:
    """A person's own key, private or `.pub`. Raises `Rejected` (`signing.no_key`, `signing.unusable_key`)."""
    return SshKeySigner.load(key, for_ssh())


def public_key(line: str) -> str:
    """The key of an OpenSSH public key line, without its comment. Raises `ValueError` with a sentence."""
    return parse_public_key(line)


def ledger_key(path: Path, name: str) -> CheckpointSigner:
    """A key that signs checkpoints, of a ledger or a witness. Raises `Rejected` for one that cannot be used."""
    return Ed25519Signer.load(path, name)


def new_ledger_key(path: Path, name: str) -> CheckpointSigner:
    """A new one, kept at `path`, where nothing may be yet."""
    return Ed25519Signer.create(path, name)


def fresh_bytes(count: int) -> bytes:
    """That many random bytes, for salts and command ids."""
    return draw(count)
