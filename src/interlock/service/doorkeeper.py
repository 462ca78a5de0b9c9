# SPDX-License-Identifier: Apache-2.0
"""Who a recorded command is from, worked out again from its signature: the rules of the one write path's door.

1. What the record claims about its actor is not looked at; who spoke is what the signature shows.
2. By which way a robot's command came is the one thing no record can show.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.ids import PersonId
from interlock.domain.people import AddPerson, People
from interlock.ledger.command import CommandBody, CommandRecord, NoSignature, SshSignature
from interlock.ports.signing import SignatureVerifier
from interlock.service.handle import EARLY, LATE, PERSON, ROBOT

FROM_OUTSIDE: Final = "command.robot"
"""The code of a robot's command that came from outside."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Nobody is heard; the code says why."""

    code: str


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Stands at the door of one ledger. `people` is asked only where a signature is looked at, as it is live."""

    origin: str
    checks: SignatureVerifier

    def hear(self, command: CommandRecord, people: Callable[[], People], now: datetime) -> Actor | TurnedAway:
        """Who speaks, over the registry as it was and at the recorded time."""
        body = command.body
        if body.ledger != self.origin:
            return TurnedAway("command.other_ledger")
        claimed = claimed_by(body.actor)
        if isinstance(claimed, Robot):
            outside = any(reason.code == FROM_OUTSIDE for reason in command.reasons)
            return TurnedAway(FROM_OUTSIDE) if outside else claimed
        if isinstance(command.signature, NoSignature):
            return claimed
        if not now - LATE <= body.issued_at <= now + EARLY:
            return TurnedAway("command.out_of_time")
        return self._signed(body, command.signature, claimed, people())

    def _signed(
        self, body: CommandBody, signature: SshSignature, claimed: Person, people: People
    ) -> Person | TurnedAway:
        owner = people.keys.get(signature.key)
        if owner is None and not people.names and _is_founder(body, signature, claimed):
            owner = claimed.id
        if owner != claimed.id:
            return TurnedAway("signature.unknown_key")
        if not self.checks.verify_person(signature.key, body.message, signature.armoured):
            return TurnedAway("signature.invalid")
        return Person(claimed.id, Assurance.SIGNED)


def claimed_by(actor: str) -> Actor:
    """Who a command says it is from; of a person nothing is shown by that."""
    if actor.startswith(ROBOT):
        return Robot(actor.removeprefix(ROBOT))
    return Person(PersonId(actor.removeprefix(PERSON)), Assurance.ASSERTED)


def only_claimed(actor: str) -> Actor:
    """Who a command that was turned away said it was from."""
    return replace(claimed_by(actor), assurance=Assurance.ASSERTED)


def _is_founder(body: CommandBody, signature: SshSignature, claimed: Person) -> bool:
    """The first person registers the key that signs their own registration."""
    said = (body.command, body.payload.get("person"), body.payload.get("key"))
    return said == (AddPerson.__name__, claimed.id, signature.key)
