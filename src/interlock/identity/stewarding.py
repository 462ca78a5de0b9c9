# SPDX-License-Identifier: Apache-2.0
"""What an administrator does about accounts through the server: makes, locks, resets, signs out, reads the trail.

1. It takes the rank, the scope `manage`, and a session or token that is not narrowed; a CI job is no administrator.
   The rank is looked at anew at every request.
2. An administrator never gets what another person signs in with: no password and no token of theirs. Who has none
   sets a password with a key that the ledger has of them. So nobody here can speak as somebody else.
3. Whatever is done, or was refused, goes into the trail with who did it. Nobody locks themself out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from interlock.domain.ids import PersonId, parse_name
from interlock.identity.caller import Caller, How, Scope, Visitor
from interlock.identity.guard import NotAllowed, NotSignedIn
from interlock.identity.porter import Porter
from interlock.identity.register import Register
from interlock.ports.accounts import (
    Account,
    Numbered,
    Rank,
    SessionRow,
    Standing,
    TokenRow,
)
from interlock.ports.failure import Rejected

FARTHEST: Final = 100_000
"""Entries of the trail that are looked back over."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An account with its open ways in."""

    account: Account
    sessions: tuple[SessionRow, ...]
    tokens: tuple[TokenRow, ...]


@dataclass(frozen=True, slots=True)
class Steward:
    """An administrator at work. What is refused raises `Rejected`."""

    person: PersonId
    register: Register

    def accounts(self) -> tuple[Kept, ...]:
        """All of them, by handle."""
        kept = self.register.accounts
        sessions, tokens = kept.sessions(), kept.tokens()
        return tuple(_kept(one, sessions, tokens) for one in kept.accounts())

    def one(self, named: str) -> Kept:
        """One of them."""
        account = self.register.known(handle_in(named))
        return _kept(account, self.register.accounts.sessions(), self.register.accounts.tokens())

    def add(self, named: str, rank: Rank) -> Kept:
        """A new account. Its person sets the password, with a key that the ledger has of them."""
        self.register.add_without_password(handle_in(named), rank)
        return self.one(named)

    def reset(self, named: str) -> Kept:
        """Take the password away, and sign them out everywhere."""
        self.register.clear_password(handle_in(named))
        return self.one(named)

    def lock(self, named: str) -> Kept:
        """Let somebody in no more."""
        if named == self.person:
            raise Rejected("account.own", "nobody locks themself out", "ask another administrator")
        self.register.stand(handle_in(named), Standing.DISABLED)
        return self.one(named)

    def unlock(self, named: str) -> Kept:
        """Let them in again."""
        self.register.stand(handle_in(named), Standing.ACTIVE)
        return self.one(named)

    def sign_out(self, named: str) -> Kept:
        """End every session and token of somebody."""
        self.register.end(self.register.known(handle_in(named)).person)
        return self.one(named)

    def revoke(self, token: str) -> TokenRow:
        """Take one token out of force."""
        return self.register.revoke(token)

    def trail(self, before: int, limit: int) -> tuple[Numbered, ...]:
        """Entries before that number (0: the newest), newest first."""
        newest = self.register.accounts.trail(1)
        if not newest:
            return ()
        last = newest[-1].number
        end = min(before, last + 1) if before else last + 1
        back = min(last - end + 1 + limit, FARTHEST)
        found = [one for one in self.register.accounts.trail(back) if end - limit <= one.number < end]
        return tuple(reversed(found))


@dataclass(slots=True)
class Stewards:
    """Knows who may administer one server."""

    porter: Porter

    def steward(self, visitor: Visitor, address: str) -> Steward:
        """Who asks, as an administrator. Raises `NotSignedIn` and `NotAllowed`."""
        if not isinstance(visitor, Caller):
            raise NotSignedIn
        if not self._is_one(visitor):
            raise NotAllowed
        porter, by = self.porter, f"by {visitor.person}, {visitor.method}"
        register = Register(
            porter.accounts, porter.clock, porter.draw, porter.people, by=by, address=address, tell=porter.tell
        )
        return Steward(visitor.person, register)

    def _is_one(self, caller: Caller) -> bool:
        if caller.how is How.CI or caller.services or caller.environments or not caller.may(Scope.MANAGE):
            return False
        account = self.porter.accounts.account(caller.person)
        if not isinstance(account, Account):
            return False
        return account.standing is Standing.ACTIVE and account.rank is Rank.ADMINISTRATOR


Stewarding: TypeAlias = NamedDependency[SkipValidation[Steward]]
"""How a route that is for administrators asks for who is there: `steward: Stewarding`."""


def handle_in(text: str) -> PersonId:
    """A handle. Raises `Rejected` (code `account.name`)."""
    try:
        return PersonId(parse_name(text))
    except ValueError as fault:
        raise Rejected("account.name", str(fault), "names are made of a-z 0-9 . _ -") from fault


def _kept(account: Account, sessions: Sequence[SessionRow], tokens: Sequence[TokenRow]) -> Kept:
    mine = account.person
    return Kept(
        account,
        tuple(one for one in sessions if one.person == mine),
        tuple(one for one in tokens if one.person == mine),
    )
