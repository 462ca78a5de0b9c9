# SPDX-License-Identifier: Apache-2.0
"""The porter: lets people in, knows who is in, and writes down who came, went, and was turned away.

1. Who is unknown, disabled or wrong is answered alike and after the same work.
2. A session is made anew at every sign-in; what the browser held before is ended. It ends by itself after 12 hours
   without use and after 7 days, and at once when it is ended or its account disabled.
3. Sessions and tokens are known by the digest of what the client holds; nobody who reads the file can use them.
4. Whoever is let in is a person of the ledger with a key in force: losing every key there ends what was open here.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from interlock.domain.ids import EnvironmentName, PersonId, ServiceName
from interlock.domain.people import People
from interlock.identity.caller import EVERY_SCOPE, Caller, How, Nobody, NoSession, Scope, SessionId, Visitor, bound_to
from interlock.identity.passwords import fits
from interlock.identity.throttle import Throttle
from interlock.ports.accounts import Absent, Account, Accounts, Happening, Noted, SessionRow, Standing, TokenRow
from interlock.ports.clock import Clock

IDLE: Final = timedelta(hours=12)
ABSOLUTE: Final = timedelta(days=7)
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly it is kept when a session was last used."""
TOKEN_PREFIX: Final = "ilk_"  # noqa: S105  # by which scanners for secrets know one
SECRET_BYTES: Final = 32
SPAN: Final = timedelta(minutes=15)
TRIES_PER_ACCOUNT: Final = 10
TRIES_PER_ADDRESS: Final = 50
TRIES_PER_BEARER: Final = 100


@dataclass(frozen=True, slots=True)
class LetIn:
    """`secret` goes into the browser's cookie, and nowhere else."""

    caller: Caller
    secret: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """No such account, another password, an account that is disabled: it is not said which."""


@dataclass(frozen=True, slots=True)
class TooOften:
    """Too many tries; worth another one later."""


Answer: TypeAlias = LetIn | TurnedAway | TooOften


@dataclass(slots=True)
class Porter:
    """Stands at one server's door. `draw` gives that many random bytes; `people` is the ledger's registry now."""

    accounts: Accounts
    clock: Clock
    draw: Callable[[int], bytes]
    people: Callable[[], People]
    tell: Callable[[Noted], None]
    bound: Mapping[PersonId, frozenset[ServiceName]] = field(default_factory=dict)
    """Whose accounts are for some services alone, whatever they show."""
    by_account: Throttle = field(default_factory=lambda: Throttle(TRIES_PER_ACCOUNT, SPAN))
    by_address: Throttle = field(default_factory=lambda: Throttle(TRIES_PER_ADDRESS, SPAN))
    by_bearer: Throttle = field(default_factory=lambda: Throttle(TRIES_PER_BEARER, SPAN))
    by_job: Throttle = field(default_factory=lambda: Throttle(TRIES_PER_BEARER, SPAN))
    """Jobs are counted by themselves: wrong tokens of ours shut none of them out that comes from the same address."""

    def sign_in(self, handle: str, password: str, address: str) -> Answer:
        """With a password. The same work is done for everybody who is not throttled."""
        now = self.clock.now()
        if not (self.by_address.take(address, now) and self.by_account.take(handle, now)):
            self.note(Happening.LOGIN_THROTTLED, handle, How.PASSWORD, address)
            return TooOften()
        account = self.accounts.account(PersonId(handle))
        is_right = fits(password, account.password if isinstance(account, Account) else "")
        if not is_right or isinstance(account, Absent) or not self._is_welcome(account):
            self.note(Happening.LOGIN_REFUSED, handle, How.PASSWORD, address)
            return TurnedAway()
        self.by_account.forget(handle)
        return self.open(account.person, How.PASSWORD, address)

    def open(self, person: PersonId, method: str, address: str, scopes: frozenset[Scope] = EVERY_SCOPE) -> LetIn:
        """A new session for somebody who showed who they are. A method begins with the word for its way in."""
        now = self.clock.now()
        secret = self.draw(SECRET_BYTES).hex()
        row = SessionRow(
            digest_of_secret(secret), person, method, self.draw(16).hex(), now, now, address, tuple(sorted(scopes))
        )
        self.accounts.open_session(row)
        self.note(Happening.LOGIN, person, method, address, named(row.digest))
        return LetIn(_caller(row), secret)

    def let_in(
        self, person: PersonId, method: str, address: str, scopes: frozenset[Scope] = EVERY_SCOPE
    ) -> LetIn | TurnedAway:
        """Somebody who showed otherwise who they are: let in when they have an account here."""
        account = self.accounts.account(person)
        if isinstance(account, Absent) or not self._is_welcome(account):
            self.note(Happening.LOGIN_REFUSED, person, method, address)
            return TurnedAway()
        return self.open(person, method, address, scopes)

    def sign_out(self, secret: str, address: str) -> None:
        """End the session of this cookie, if it is one."""
        row = self.accounts.session(digest_of_secret(secret))
        if isinstance(row, SessionRow):
            self.accounts.end_session(row.digest)
            self.note(Happening.LOGOUT, row.person, row.method, address, named(row.digest))

    def by_session(self, secret: str) -> Visitor:
        """Who holds this cookie."""
        row = self.accounts.session(digest_of_secret(secret))
        if isinstance(row, Absent):
            return Nobody()
        now = self.clock.now()
        account = self.accounts.account(row.person)
        if _is_over(row, now) or isinstance(account, Absent) or not self._is_welcome(account):
            self.accounts.end_session(row.digest)
            return Nobody()
        if now - row.seen_at >= SEEN_EVERY:
            self.accounts.see(row.digest, now)
            row = replace(row, seen_at=now)
        return self.within(_caller(row))

    def by_token(self, secret: str, address: str) -> Visitor:
        """Who holds this token. Where wrong ones come from is noted only so often; a right one is always heard."""
        now = self.clock.now()
        row = self.accounts.token(digest_of_secret(secret))
        account = self.accounts.account(row.person) if isinstance(row, TokenRow) else Absent()
        if isinstance(row, Absent) or isinstance(account, Absent) or row.expires_at <= now:
            self.refuse_bearer(address, How.TOKEN)
            return Nobody()
        return self.within(_token_caller(row)) if self._is_welcome(account) else Nobody()

    def within(self, caller: Caller) -> Visitor:
        """The caller, with no more reach than their account has."""
        return bound_to(caller, self.bound.get(caller.person, frozenset()))

    def refuse_bearer(self, address: str, method: str, detail: str = "") -> None:
        """Note that what was shown instead of a password is worth nothing; of one address only so often."""
        counted = self.by_job if method.partition(" ")[0] == How.CI else self.by_bearer
        if counted.take(address, self.clock.now()):
            self.note(Happening.LOGIN_REFUSED, "", method, address, detail)

    def note(self, what: Happening, person: str, method: str, address: str, detail: str = "") -> None:
        """Write it into the trail, and into the log. What came from outside is cut to a sensible length."""
        noted = Noted(self.clock.now(), what, person[:64], method[:200], address[:64], detail[:400])
        self.accounts.note(noted)
        self.tell(noted)

    def is_known(self, person: PersonId) -> bool:
        """Whether the ledger has a key in force of this person."""
        return bool(self.people().keys_of(person))

    def _is_welcome(self, account: Account) -> bool:
        return account.standing is Standing.ACTIVE and self.is_known(account.person)


def digest_of_secret(secret: str) -> str:
    """By what a session or a token is known: its secret is random and long, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def named(digest: str) -> SessionId:
    """How a session is called where people read it."""
    return SessionId(digest[:12])


def _is_over(row: SessionRow, now: datetime) -> bool:
    return now - row.seen_at > IDLE or now - row.made_at > ABSOLUTE


def _caller(row: SessionRow) -> Caller:
    how = How(row.method.partition(" ")[0])
    scopes = frozenset(Scope(one) for one in row.scopes)
    until = min(row.seen_at + SEEN_EVERY, row.made_at + ABSOLUTE)
    return Caller(row.person, how, scopes, named(row.digest), row.csrf, row.method, until=until)


def _token_caller(row: TokenRow) -> Caller:
    return Caller(
        row.person,
        How.TOKEN,
        frozenset(Scope(one) for one in row.scopes),
        NoSession(),
        "",
        f"{How.TOKEN} {row.name}",
        frozenset(ServiceName(one) for one in row.services),
        frozenset(EnvironmentName(one) for one in row.environments),
        row.expires_at,
    )
