# SPDX-License-Identifier: Apache-2.0
"""Setting one's own password with a key that the ledger has: for who has none yet, or forgot it.

1. A password is set by who signs with a key in force of that person, and by nobody else. An administrator cannot.
2. What is signed names the server, the person and a number drawn for one browser. It is used once, within minutes.
3. An unknown person, a locked account and a wrong signature are answered alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.ids import PersonId
from interlock.identity.passwords import weakness_of
from interlock.identity.pending import OF_ADDRESS, Pending
from interlock.identity.porter import Porter
from interlock.identity.register import Register
from interlock.ports.accounts import Account, Happening, Standing
from interlock.ports.failure import Rejected

WAITS: Final = timedelta(minutes=10)
LARGEST: Final = 20_000
"""Characters of a signature."""
BY_KEY: Final = "key"
"""The way in, in the trail."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What somebody handed in."""

    handle: str
    signature: str
    password: str
    address: str


@dataclass(slots=True)
class ByKey:
    """Of one server at `url`. `fits` tells whether an armour is a key's over a message."""

    porter: Porter
    url: str
    fits: "Callable[[str, bytes, str], bool]"
    _drawn: Pending[str, tuple[str, datetime]] = field(default_factory=lambda: Pending(OF_ADDRESS))

    def draw(self, visit: str, address: str) -> str:
        """A number for the browser of this visit, at this address; the one it had before counts no more."""
        number = self.porter.draw(16).hex()
        self._drawn.put(visit, address, (number, self.porter.clock.now() + WAITS))
        return number

    def message(self, handle: str, number: str) -> str:
        """What is signed. It is no command, and can never be taken for one."""
        return f"set the password of {handle} at {self.url}: {number}"

    def set_password(self, visit: str, handed: Handed) -> None:
        """Set it. Raises `Rejected` (`account.weak`, `account.not_by_key`, `account.too_often`)."""
        porter, now = self.porter, self.porter.clock.now()
        weakness = weakness_of(handed.password)
        if weakness:
            raise Rejected("account.weak", weakness, "take a sentence that only you would say")
        if not (porter.by_address.take(handed.address, now) and porter.by_account.take(handed.handle, now)):
            porter.note(Happening.LOGIN_THROTTLED, handed.handle, BY_KEY, handed.address)
            raise Rejected("account.too_often", "that was tried too often", "wait a quarter of an hour")
        number, until = self._drawn.take(visit) or ("", now)
        if until <= now or not self._is_theirs(handed, number):
            porter.note(Happening.LOGIN_REFUSED, handed.handle, BY_KEY, handed.address)
            raise _NOT_THEIRS
        register = Register(
            porter.accounts,
            porter.clock,
            porter.draw,
            porter.people,
            by=BY_KEY,
            address=handed.address,
            tell=porter.tell,
        )
        register.set_password(PersonId(handed.handle), handed.password)

    def _is_theirs(self, handed: Handed, number: str) -> bool:
        if len(handed.signature) > LARGEST:
            return False
        message, person = self.message(handed.handle, number).encode(), PersonId(handed.handle)
        is_signed = any(self.fits(key, message, handed.signature) for key in self.porter.people().keys_of(person))
        account = self.porter.accounts.account(person)
        return is_signed and isinstance(account, Account) and account.standing is Standing.ACTIVE


_NOT_THEIRS: Final = Rejected(
    "account.not_by_key",
    "that is not signed with a key of theirs, or it took too long, or there is no such account",
    "sign what is shown now, or ask an administrator of the server",
)
