# SPDX-License-Identifier: Apache-2.0
"""A person speaking to the ledger: their words committed to, their command signed, handed in.

1. Names and free text enter the ledger as salted commitments only; the words travel beside the command (and can be
   erased), so a signature stays checkable when they are gone.
2. A command id is drawn once, before signing; whoever repeats a command repeats its id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from interlock.domain.ids import CommandId, PersonId, TextRef, commit_to
from interlock.ledger.codec import Command, encode
from interlock.ledger.command import CommandBody, NoSignature, SshSignature
from interlock.ledger.record import SaltedText
from interlock.ports.signing import PersonSigner
from interlock.service.handle import Outcome, Submission

SALT_BYTES = 16


class Counter(Protocol):
    """Where a submission is handed in: the desk itself, or the driver that holds one."""

    def submit(self, submission: Submission) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Nobody signs; the command is only asserted."""


@dataclass(slots=True)
class Speaker:
    """One person composing one command: `draw` gives that many random bytes."""

    person: PersonId
    signer: PersonSigner | Unsigned
    ledger: str
    draw: Callable[[int], bytes]
    texts: list[SaltedText] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)

    def words(self, words: str) -> TextRef:
        """Commit to these words and send them along."""
        salt = self.draw(SALT_BYTES)
        ref = commit_to(words, salt)
        self.texts.append(SaltedText(ref, salt, words))
        return ref

    def attach(self, content: bytes) -> None:
        """Send raw material along; the command names it by digest."""
        self.blobs.append(content)

    def submission(self, command: Command, now: datetime) -> Submission:
        """The command, signed by the person's key if there is one."""
        encoded = encode(command)
        body = CommandBody(
            encoded.name,
            encoded.version,
            CommandId(f"{self.person}-{self.draw(SALT_BYTES).hex()}"),
            self.ledger,
            f"person:{self.person}",
            now,
            encoded.payload,
        )
        signature = (
            NoSignature()
            if isinstance(self.signer, Unsigned)
            else SshSignature(self.signer.public_key, self.signer.sign(body.message))
        )
        return Submission(body, signature, tuple(self.texts), tuple(self.blobs))
