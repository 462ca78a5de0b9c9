# SPDX-License-Identifier: Apache-2.0
"""Signing, by the ledger and by people, and checking either.

1. A ledger key signs checkpoints: Ed25519 over the note text, key id as in the C2SP signed-note format.
2. A person signs with an SSH key they already have, in the SSHSIG format and a namespace of ours, so that plain
   `ssh-keygen -Y verify` checks it. Private keys are never read by us where an agent or the tool can do it.
3. `verify_person` answers False for every signature that is not exactly right: other message, other key, other
   namespace, damaged armour. It raises nothing.
4. A key that cannot be used to sign is `Rejected` (`signing.no_key`, `signing.unusable_key`).
"""

from typing import Final, Protocol

SSH_NAMESPACE: Final = "command@interlock"
"""The SSHSIG namespace of every signed command, so that a signature made for something else is never taken for one."""


class CheckpointSigner(Protocol):
    """The ledger's own key."""

    @property
    def name(self) -> str:
        """The key name that stands in the note, equal to the ledger's origin."""
        ...

    @property
    def public_key(self) -> bytes:
        """Raw 32-byte Ed25519 public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The raw 64-byte signature."""
        ...


class PersonSigner(Protocol):
    """A person's key, at the keyboard."""

    @property
    def public_key(self) -> str:
        """The OpenSSH public key line, without comment: `ssh-ed25519 AAAA...`."""
        ...

    def sign(self, message: bytes) -> str:
        """The armoured SSHSIG over `message` in `SSH_NAMESPACE`."""
        ...


class SignatureVerifier(Protocol):
    """Checks signatures with public keys only."""

    def verify_person(self, public_key: str, message: bytes, armoured: str) -> bool: ...

    def verify_checkpoint(self, public_key: bytes, message: bytes, signature: bytes) -> bool: ...
