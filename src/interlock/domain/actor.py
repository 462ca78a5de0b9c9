# SPDX-License-Identifier: Apache-2.0
"""Who acts, and how sure we are of it.

1. Assurance is ordered ASSERTED < AUTHENTICATED < SIGNED.
2. SIGNED means that a registered key of that person signed the very command the record carries.
3. A robot is never a person: it fills no slot that asks for one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlock.domain.ids import PersonId


class Assurance(StrEnum):
    """How an actor's identity was established. Compare with `reaches`."""

    ASSERTED = "asserted"
    AUTHENTICATED = "authenticated"
    SIGNED = "signed"

    def reaches(self, minimum: "Assurance") -> bool:
        """Whether this assurance is at least `minimum`."""
        return _RANK[self] >= _RANK[minimum]


_RANK: Final = {Assurance.ASSERTED: 0, Assurance.AUTHENTICATED: 1, Assurance.SIGNED: 2}


@dataclass(frozen=True, slots=True)
class Person:
    """A registered (or merely claimed, when only ASSERTED) human."""

    id: PersonId
    assurance: Assurance

    @property
    def name(self) -> str:
        """What a sentence calls them."""
        return self.id

    def __str__(self) -> str:
        return f"person:{self.id}"


@dataclass(frozen=True, slots=True)
class Robot:
    """A process of ours, such as the controller."""

    name: str
    assurance: Assurance = Assurance.AUTHENTICATED

    def __str__(self) -> str:
        return f"robot:{self.name}"


Actor = Person | Robot


def name_of(actor: str) -> str:
    """A recorded actor as people say it: `person:ann` is ann."""
    return actor.partition(":")[2]


def is_signed_person(actor: Actor) -> bool:
    """Whether a person signed: what giving anything more exposure takes."""
    return isinstance(actor, Person) and actor.assurance is Assurance.SIGNED


CONTROLLER: Final = Robot("controller")
