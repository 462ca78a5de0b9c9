# SPDX-License-Identifier: Apache-2.0
"""Passkeys and the ledger: what a browser is asked to sign for a command, and what its answer is worth."""

from interlock.adapters.passkey import Assertion, key_line, signature_of, site_of
from interlock.adapters.ssh_signature import armour_of, covered_by
from interlock.ledger.command import SshSignature
from interlock.ports.signing import SSH_NAMESPACE


def passkey_line(spki: bytes, site: str) -> str:
    """The key line of a passkey (its public key as DER). `ValueError` for a key of another kind."""
    return key_line(spki, site)


def passkey_site(line: str) -> str:
    """The site a key line is of, when it is a passkey's; else empty."""
    return site_of(line)


def challenge_for(message: bytes) -> bytes:
    """What a browser signs for a command with these canonical bytes."""
    return covered_by(message, SSH_NAMESPACE)


def passkey_signature(line: str, authenticator_data: bytes, client_data: bytes, signature: bytes) -> SshSignature:
    """The browser's answer as a record carries it. `ValueError` for what no browser answers; whether it fits is asked
    of the desk.
    """
    made = signature_of(Assertion(authenticator_data, client_data, signature))
    return SshSignature(line, armour_of(line, SSH_NAMESPACE, made))
