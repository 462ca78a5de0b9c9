# SPDX-License-Identifier: Apache-2.0
"""Who speaks: the rules of the one write path's door, asked when a command comes in and again by the auditor.

1. A person's signature is over the canonical bytes of the whole command, under a key registered to that person. A
   command without one is only asserted.
2. On an empty registry the first person brings the key that signs their own registration.
3. A robot's commands come from inside only. By which way one came is the one thing no record can show.
   So does the word of our own server that it let a person in: it counts as authenticated, for who is registered and
   has a key in force. From outside nobody vouches for anybody.
4. What a command claims about its actor is not looked at beyond this; who spoke is what the signature shows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.decision import Refused, refuse
from interlock.domain.ids import PersonId
from interlock.domain.people import AddPerson, People
from interlock.ledger.command import CommandBody, NoSignature, Signature, SshSignature, Vouched
from interlock.ports.signing import SignatureVerifier

EARLY: Final = timedelta(minutes=5)
LATE: Final = timedelta(days=1)
"""How far a signed command may be dated ahead of our clock, and how old it may be when it arrives."""
PERSON: Final = "person:"
ROBOT: Final = "robot:"
"""What an actor's name begins with in a command."""
FROM_OUTSIDE: Final = "command.robot"
"""The code of a robot's command that came from outside."""
VOUCHED_OUTSIDE: Final = "command.vouched_outside"
"""The code of a command that claimed from outside that a server had let its person in."""


class Door(StrEnum):
    """By which way a command comes."""

    OUTSIDE = "outside"
    SERVER = "server"
    """Our own server, for a person it let in."""
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Stands at the door of one ledger. `people` is asked only where a signature is looked at."""

    origin: str
    checks: SignatureVerifier

    def hear(
        self, body: CommandBody, signature: Signature, door: Door, people: Callable[[], People], now: datetime
    ) -> Actor | Refused:
        """Who speaks, or why nobody is heard."""
        if body.ledger != self.origin:
            return refuse(
                "command.other_ledger",
                f"the command is meant for ledger '{body.ledger}', this is '{self.origin}'",
                "sign it again for this ledger",
            )
        claimed = claimed_by(body.actor)
        if isinstance(claimed, Robot):
            return claimed if door is Door.INSIDE else _FROM_OUTSIDE
        if isinstance(signature, NoSignature):
            return claimed
        if not now - LATE <= body.issued_at <= now + EARLY:
            return refuse(
                "command.out_of_time",
                "the command was signed too long ago, or is dated in the future",
                "check the clocks, then sign it again",
            )
        if isinstance(signature, Vouched):
            return _VOUCHED_OUTSIDE if door is Door.OUTSIDE else _vouched(claimed, people())
        return self._signed(body, signature, claimed, people())

    def _signed(self, body: CommandBody, signature: SshSignature, claimed: Person, people: People) -> Person | Refused:
        owner = people.keys.get(signature.key)
        if owner is None and not people.names and _is_founder(body, signature, claimed):
            owner = claimed.id
        if owner != claimed.id:
            return refuse(
                "signature.unknown_key",
                f"the key that signed is not registered for '{claimed.id}'",
                "sign with a registered key, or have the key registered (`interlock people add HANDLE --key KEY.pub`)",
            )
        if not self.checks.verify_person(signature.key, body.message, signature.armoured):
            return refuse(
                "signature.invalid", "the signature does not fit the command", "sign the command again, unchanged"
            )
        return Person(claimed.id, Assurance.SIGNED)


_FROM_OUTSIDE: Final = refuse(
    FROM_OUTSIDE, "a command from outside is a person's, never a robot's", "name yourself as the actor"
)


_VOUCHED_OUTSIDE: Final = refuse(
    VOUCHED_OUTSIDE,
    "only the server itself says whom it let in, and never from outside",
    "sign the command with a registered key, or sign in at the server and say it there",
)


def claimed_by(actor: str) -> Actor:
    """Who a command says it is from; of a person nothing is shown by that."""
    if actor.startswith(ROBOT):
        return Robot(actor.removeprefix(ROBOT))
    return Person(PersonId(actor.removeprefix(PERSON)), Assurance.ASSERTED)


def only_claimed(actor: str) -> Actor:
    """Who a command that was turned away said it was from."""
    return replace(claimed_by(actor), assurance=Assurance.ASSERTED)


def _vouched(claimed: Person, people: People) -> Person | Refused:
    """Whom the server let in. Who lost every key has no authority left, and none by a password either."""
    if not people.keys_of(claimed.id):
        return refuse(
            "vouched.no_key",
            f"'{claimed.id}' has no key in force in this ledger, so nobody can vouch for them",
            "have them registered with a key: `interlock people add HANDLE --key KEY.pub`",
        )
    return Person(claimed.id, Assurance.AUTHENTICATED)


def _is_founder(body: CommandBody, signature: SshSignature, claimed: Person) -> bool:
    said = (body.command, body.payload.get("person"), body.payload.get("key"))
    return said == (AddPerson.__name__, claimed.id, signature.key)
