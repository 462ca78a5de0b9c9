# SPDX-License-Identifier: Apache-2.0
"""A porter and a register over accounts in memory, a clock that stands still, and a registry of people."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.adapters.clock import MemoryClock
from interlock.domain.ids import PersonId, TextRef
from interlock.domain.people import People
from interlock.identity.passwords import hashed
from interlock.identity.porter import Porter
from interlock.identity.register import Register
from interlock.ports.accounts import Account, Noted, Rank, Standing

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
ANN, BEN = PersonId("ann"), PersonId("ben")
PASSWORD = "correct horse battery"
HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$"
HERE = "192.0.2.1"


@dataclass
class Hall:
    """`registry` is the ledger's people; take somebody's key out of it and they lost it."""

    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(NOW))
    told: list[Noted] = field(default_factory=list)
    registry: People = field(
        default_factory=lambda: People(
            keys={"key of ann": ANN, "key of ben": BEN}, names={ANN: TextRef("a"), BEN: TextRef("b")}
        )
    )
    grouped: list[tuple[PersonId, str, tuple[str, ...]]] = field(default_factory=list)
    drawn: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.porter = Porter(self.accounts, self.clock, self.draw, lambda: self.registry, self.told.append)
        self.register = Register(self.accounts, self.clock, self.draw, lambda: self.registry)

    def draw(self, size: int) -> bytes:
        """Bytes that never come again."""
        return next(self.drawn).to_bytes(size, "big")

    def hear_groups(self, person: PersonId, issuer: str, groups: tuple[str, ...]) -> None:
        """What a provider said of somebody."""
        self.grouped.append((person, issuer, groups))

    def trail(self) -> list[str]:
        """What was noted, in order."""
        return [one.noted.what for one in self.accounts.trail(1000)]


def a_hall(*people: PersonId) -> Hall:
    """One with accounts of these people, all with the same password."""
    hall = Hall()
    kept = hashed(PASSWORD)
    for person in people:
        hall.accounts.add(Account(person, Rank.MEMBER, Standing.ACTIVE, kept, NOW))
    return hall
