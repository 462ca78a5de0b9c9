# SPDX-License-Identifier: Apache-2.0
"""Keeping accounts: who has one, what lets them in, what they are shown once, and that all of it is written down.

1. An account is of a person who is registered in the ledger and has a key in force there. It gives no role.
2. A token's secret is shown once, when it is made; what is kept is its digest. A token carries fewer rights than its
   person has, never more, and ends by itself.
3. Who loses their account or changes their password is signed out everywhere, and their tokens end.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from interlock.domain.ids import PersonId
from interlock.domain.people import People
from interlock.identity.caller import Scope
from interlock.identity.passwords import hashed, weakness_of
from interlock.identity.porter import TOKEN_PREFIX, digest_of_secret
from interlock.ports.accounts import (
    Absent,
    Account,
    Accounts,
    Happening,
    Noted,
    Rank,
    Standing,
    Taken,
    TokenRow,
)
from interlock.ports.clock import Clock
from interlock.ports.failure import Rejected

LONGEST_TOKEN: Final = timedelta(days=366)
TOKEN_BYTES: Final = 32
AT_TERMINAL: Final = "terminal"
"""Where it was done, in the trail, when not through the server."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is for."""

    name: str
    scopes: tuple[Scope, ...]
    services: tuple[str, ...]
    environments: tuple[str, ...]
    lasts: timedelta


def _silent(_noted: Noted) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Register:
    """The accounts of one home, beside its ledger's `people`. `draw` gives that many random bytes.

    `by` and `address` say in the trail who keeps it, and from where; `tell` hears of each entry.
    """

    accounts: Accounts
    clock: Clock
    draw: Callable[[int], bytes]
    people: Callable[[], People]
    by: str = ""
    address: str = AT_TERMINAL
    tell: Callable[[Noted], None] = _silent

    def add(self, person: PersonId, rank: Rank, password: str) -> Account:
        """A new account. Raises `Rejected` (`account.unregistered`, `account.exists`, `account.weak`)."""
        _strong(password)
        return self._add(person, rank, hashed(password))

    def add_without_password(self, person: PersonId, rank: Rank) -> Account:
        """One for somebody who signs in through an identity provider, or has tokens only."""
        return self._add(person, rank, "")

    def _add(self, person: PersonId, rank: Rank, kept: str) -> Account:
        self._known_person(person)
        account = Account(person, rank, Standing.ACTIVE, kept, self.clock.now())
        if isinstance(self.accounts.add(account), Taken):
            sentence = f"'{person}' has an account already"
            raise Rejected("account.exists", sentence, f"set a new password: `interlock account passwd {person}`")
        self._note(Happening.ACCOUNT_ADDED, person, str(rank))
        return account

    def set_password(self, person: PersonId, password: str) -> None:
        """Another password; whoever was signed in as them is not any more."""
        account = self._account(person)
        _strong(password)
        self.accounts.change(replace(account, password=hashed(password)))
        self._note(Happening.PASSWORD_SET, person, "")
        self.end(person)

    def clear_password(self, person: PersonId) -> None:
        """Take the password away; whoever was signed in as them is not any more. They set a new one with a key."""
        self.accounts.change(replace(self.known(person), password=""))
        self._note(Happening.PASSWORD_SET, person, "taken away")
        self.end(person)

    def known(self, person: PersonId) -> Account:
        """Somebody's account. Raises `Rejected` (code `account.unknown`)."""
        return self._account(person)

    def stand(self, person: PersonId, standing: Standing) -> None:
        """Disable an account, or let it in again."""
        self.accounts.change(replace(self._account(person), standing=standing))
        what = Happening.ACCOUNT_DISABLED if standing is Standing.DISABLED else Happening.ACCOUNT_ENABLED
        self._note(what, person, "")
        if standing is Standing.DISABLED:
            self.end(person)

    def end(self, person: PersonId) -> int:
        """Sign somebody out everywhere, their tokens included; how many ways in were open."""
        ended = self.accounts.end_sessions(person)
        for token in self.accounts.tokens():
            if token.person == person:
                self.revoke(token.name)
                ended += 1
        self._note(Happening.SESSIONS_ENDED, person, f"{ended} ended")
        return ended

    def token(self, person: PersonId, grant: Grant) -> str:
        """A new token's secret, to be shown once. Raises `Rejected` (`token.name`, `token.exists`, `token.span`)."""
        self._account(person)
        if not _NAME.fullmatch(grant.name):
            raise Rejected("token.name", f"'{grant.name}' is no name for a token", "use a-z 0-9 . _ - such as ci-main")
        if not timedelta() < grant.lasts <= LONGEST_TOKEN:
            raise Rejected("token.span", "a token lasts a year at most", "say --expires 30d")
        now = self.clock.now()
        secret = TOKEN_PREFIX + self.draw(TOKEN_BYTES).hex()
        row = TokenRow(
            grant.name,
            digest_of_secret(secret),
            person,
            tuple(sorted(grant.scopes)),
            tuple(sorted(grant.services)),
            tuple(sorted(grant.environments)),
            now,
            now + grant.lasts,
        )
        if isinstance(self.accounts.keep_token(row), Taken):
            raise Rejected(
                "token.exists", f"there is a token '{grant.name}' already", "choose another --name, or revoke that one"
            )
        self._note(Happening.TOKEN_MADE, person, f"{grant.name}: {' '.join(row.scopes)}")
        return secret

    def revoke(self, name: str) -> TokenRow:
        """Take a token out of force. Raises `Rejected` (`token.unknown`)."""
        found = self.accounts.revoke_token(name)
        if isinstance(found, Absent):
            raise Rejected("token.unknown", f"there is no token '{name}'", "see `interlock account tokens`")
        self._note(Happening.TOKEN_REVOKED, found.person, name)
        return found

    def _account(self, person: PersonId) -> Account:
        found = self.accounts.account(person)
        if isinstance(found, Absent):
            sentence = f"'{person}' has no account"
            raise Rejected("account.unknown", sentence, f"make one: `interlock account add {person}`")
        return found

    def _known_person(self, person: PersonId) -> None:
        if not self.people().keys_of(person):
            raise Rejected(
                "account.unregistered",
                f"'{person}' is not registered in the ledger with a key in force",
                f"register them first: `interlock people add {person} --key KEY.pub`",
            )

    def _note(self, what: Happening, person: str, detail: str) -> None:
        noted = Noted(self.clock.now(), what, person, self.by, self.address, detail)
        self.accounts.note(noted)
        self.tell(noted)


def _strong(password: str) -> None:
    weakness = weakness_of(password)
    if weakness:
        raise Rejected("account.weak", weakness, "take a sentence that only you would say")
