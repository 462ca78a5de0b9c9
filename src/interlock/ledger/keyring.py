# SPDX-License-Identifier: Apache-2.0
"""The ledger's own events: opened under a key, the key rotated, words erased.

1. The first record of a ledger names it and its first key.
2. A rotation is signed by the old key and the new one; a verifier follows the chain from the first key.
3. Words are erased by a named, signed person; the commitment stays, so every proof stays.
"""

from dataclasses import dataclass, replace
from typing import Final, assert_never

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import StreamId, TextRef

STREAM: Final = StreamId("ledger")


@dataclass(frozen=True, slots=True)
class OpenLedger:
    origin: str
    key: str


@dataclass(frozen=True, slots=True)
class RotateLedgerKey:
    """Keys are raw Ed25519 public keys, signatures raw, all in base64."""

    old: str
    new: str
    old_signature: str
    new_signature: str


@dataclass(frozen=True, slots=True)
class EraseText:
    ref: TextRef
    reason: str


KeyringCommand = OpenLedger | RotateLedgerKey | EraseText


@dataclass(frozen=True, slots=True)
class LedgerOpened:
    origin: str
    key: str


@dataclass(frozen=True, slots=True)
class LedgerKeyRotated:
    old: str
    new: str
    old_signature: str
    new_signature: str


@dataclass(frozen=True, slots=True)
class TextErased:
    ref: TextRef
    reason: str


KeyringEvent = LedgerOpened | LedgerKeyRotated | TextErased


@dataclass(frozen=True, slots=True)
class Keyring:
    """The ledger's name, its key in force, and the texts erased from it."""

    origin: str = ""
    key: str = ""
    erased: frozenset[TextRef] = frozenset()


def decide(state: Keyring, command: KeyringCommand, actor: Actor) -> Decision[KeyringEvent]:
    """Whether the ledger itself may change so. That a rotation's signatures are right is checked before."""
    match command:
        case OpenLedger(origin, key):
            if state.origin:
                return refuse("ledger.opened", "this ledger is open already", "nothing needs doing")
            return _accept(LedgerOpened(origin, key))
        case RotateLedgerKey(old, new, old_signature, new_signature):
            if old != state.key or new == old:
                return refuse("ledger.wrong_key", "that key is not the key in force", "rotate the present key")
            return _accept(LedgerKeyRotated(old, new, old_signature, new_signature))
        case EraseText(ref, reason):
            if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
                return refuse("ledger.erase_unsigned", "words are erased by a signed person", "sign with a key")
            if ref in state.erased:
                return refuse("ledger.erased", "these words are erased already", "nothing needs doing")
            return _accept(TextErased(ref, reason))
        case _:
            assert_never(command)


def evolve(state: Keyring, event: KeyringEvent) -> Keyring:
    """The ledger's own state after the event."""
    match event:
        case LedgerOpened(origin, key):
            return Keyring(origin, key, state.erased)
        case LedgerKeyRotated(new=new):
            return replace(state, key=new)
        case TextErased(ref, _):
            return replace(state, erased=state.erased | {ref})
        case _:
            assert_never(event)


def _accept(event: KeyringEvent) -> Accepted[KeyringEvent]:
    return Accepted((Emitted(STREAM, event),))
