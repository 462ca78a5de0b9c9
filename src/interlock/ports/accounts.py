# SPDX-License-Identifier: Apache-2.0
"""Who may sign in at a server, what let them in, and what happened at its door.

1. A person has at most one account. `add` answers `Taken` when there is one; `change` replaces what is there.
2. Secrets are never kept: a password as its hash, a session and a token as the digest of what the client holds.
3. `session` and `token` know what is in force only by its digest; what was ended or revoked is `Absent` at once.
4. `end_sessions` and `revoke_token` answer how many were in force, and may be repeated.
5. The trail only grows: entries are numbered from 1 without a gap and come back as they were noted.
6. Everything that returned is kept. A store that cannot be used is `Unavailable` (code `accounts.unavailable`, or
   `accounts.replaced` once another file stood under its name, or none), one that is not ours is `Rejected` (code
   `accounts.not_ours`).
7. `version` is another number after every change, whoever made it: also another process. It never waits: where somebody
   is writing at that moment it is `Unsure`. It is asked by one thread alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from interlock.domain.ids import PersonId


class Rank(StrEnum):
    """What somebody may do about accounts. It says nothing about releases: roles are in the ledger."""

    MEMBER = "member"
    ADMINISTRATOR = "administrator"


class Standing(StrEnum):
    """Whether an account lets its person in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Happening(StrEnum):
    """What is noted of the door. The words travel, and stand in logs."""

    LOGIN = "login"
    LOGOUT = "logout"
    LOGIN_REFUSED = "login-refused"
    LOGIN_THROTTLED = "login-throttled"
    REQUEST_REFUSED = "request-refused"
    TOKEN_MADE = "token-made"  # noqa: S105  # a word for what happened
    TOKEN_REVOKED = "token-revoked"  # noqa: S105  # as above
    SESSIONS_ENDED = "sessions-ended"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    PASSKEY_MADE = "passkey-made"
    PASSWORD_SET = "password-set"  # noqa: S105  # as above


@dataclass(frozen=True, slots=True)
class Account:
    """`password` is an encoded argon2id hash, empty for who signs in by other means only."""

    person: PersonId
    rank: Rank
    standing: Standing
    password: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in. `digest` is the SHA-256 (hex) of what its cookie holds; `scopes` narrow it."""

    digest: str
    person: PersonId
    method: str
    csrf: str
    made_at: datetime
    seen_at: datetime
    address: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """What a program shows instead of a password. Empty `services` or `environments` mean every one."""

    name: str
    digest: str
    person: PersonId
    scopes: tuple[str, ...]
    services: tuple[str, ...]
    environments: tuple[str, ...]
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey somebody made here: `credential` is how their browser finds it, `line` its key for the ledger."""

    credential: str
    person: PersonId
    line: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry of the trail. `person` is who it claims to be about, which need not exist."""

    at: datetime
    what: Happening
    person: str
    method: str
    address: str
    detail: str


@dataclass(frozen=True, slots=True)
class Numbered:
    number: int
    noted: Noted


@dataclass(frozen=True, slots=True)
class Added:
    """It is kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """There is one already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Absent:
    """There is none, or it is no longer in force."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """It cannot be told without waiting whether something was changed."""


class Accounts(Protocol):
    """The accounts of one server. May be used from several threads."""

    def version(self) -> int | Unsure: ...

    def add(self, account: Account) -> Added | Taken: ...

    def change(self, account: Account) -> Added | Absent: ...

    def account(self, person: PersonId) -> Account | Absent: ...

    def accounts(self) -> Sequence[Account]:
        """All of them, by handle."""
        ...

    def open_session(self, session: SessionRow) -> None: ...

    def session(self, digest: str) -> SessionRow | Absent: ...

    def see(self, digest: str, at: datetime) -> None:
        """The session was used at that time."""
        ...

    def end_session(self, digest: str) -> Added | Absent: ...

    def end_sessions(self, person: PersonId) -> int: ...

    def sessions(self) -> Sequence[SessionRow]:
        """Those in force, oldest first."""
        ...

    def keep_token(self, token: TokenRow) -> Added | Taken: ...

    def token(self, digest: str) -> TokenRow | Absent: ...

    def tokens(self) -> Sequence[TokenRow]:
        """Those in force, oldest first."""
        ...

    def revoke_token(self, name: str) -> TokenRow | Absent: ...

    def keep_passkey(self, passkey: PasskeyRow) -> Added | Taken: ...

    def passkey(self, credential: str) -> PasskeyRow | Absent: ...

    def passkeys(self, person: PersonId) -> Sequence[PasskeyRow]:
        """A person's, oldest first."""
        ...

    def note(self, noted: Noted) -> None: ...

    def trail(self, newest: int) -> Sequence[Numbered]:
        """The newest entries, at most so many, oldest of them first."""
        ...

    def close(self) -> None: ...
