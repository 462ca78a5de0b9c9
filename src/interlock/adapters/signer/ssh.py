# SPDX-License-Identifier: Apache-2.0
"""People's SSH keys: signing by `ssh-keygen`, which reads the private key or asks the agent; we never do.

A `.pub` path works with an agent. What is accepted as a signature stands in `adapters.ssh_signature`.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

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
        from interlock.adapters.ssh_signature import fits_person

        return fits_person(public_key, message, armoured, self.namespace)

    def verify_checkpoint(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        from interlock.adapters.ssh_signature import fits_checkpoint

        return fits_checkpoint(public_key, message, signature)


def parse_public_key(line: str) -> str:
    """`algorithm base64` from an OpenSSH public key line, its comment dropped.

    `ValueError`, with a sentence, for a key whose signatures could not be checked later.
    """
    from interlock.adapters.ssh_signature import checkable_key

    return checkable_key(line)


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
