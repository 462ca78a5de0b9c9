# SPDX-License-Identifier: Apache-2.0
"""A person speaking to the ledger: their words committed to, their command signed, handed in.

1. Names and free text enter the ledger as salted commitments only; the words travel beside the command (and can be
   erased), so a signature stays checkable when they are gone.
2. Words that a person must give are not empty: that is seen here, for all of them and before anything is signed.
3. A command id is drawn once, before signing; whoever repeats a command repeats its id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from interlock.domain.ids import UNSAID, CommandId, PersonId, TextRef, commit_to
from interlock.ledger.codec import Command, encode
from interlock.ledger.command import CommandBody, NoSignature, SshSignature
from interlock.ledger.record import SaltedText
from interlock.ports.failure import Rejected
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

    def words(self, words: str, asked: str = "the reason") -> TextRef:
        """Commit to words that must be given, and send them along. Raises as `given` does."""
        return self.aside(given(words, asked))

    def words_if(self, words: str) -> TextRef:
        """Commit to these words if there are any, for what needs none or must not wait for a sentence."""
        return self.aside(words) if _says(words) else UNSAID

    def aside(self, words: str) -> TextRef:
        """Commit to words that may be left out, and send them along."""
        kept = _text(words)
        salt = self.draw(SALT_BYTES)
        ref = commit_to(kept, salt)
        self.texts.append(SaltedText(ref, salt, kept))
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


def given(words: str, asked: str = "the reason") -> str:
    """The words that must be given; `asked` says what they are.

    Raises `Rejected` (code `reason.empty`) when there is nothing to read in them.
    """
    if not _says(words):
        raise Rejected("reason.empty", f"{asked} is empty", "say it in a sentence")
    return _text(words)


def _says(words: str) -> bool:
    """Whether there is anything to read."""
    return any(one.isprintable() and not one.isspace() for one in _text(words))


def _text(words: str) -> str:
    """The words, with what is no text replaced: a command's arguments are bytes in any encoding."""
    return words.encode("utf-8", "replace").decode()
