# SPDX-License-Identifier: Apache-2.0
"""Accounts that are gone with the process."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlock.domain.ids import PersonId
from interlock.ports.accounts import Absent, Account, Added, Noted, Numbered, PasskeyRow, SessionRow, Taken, TokenRow


@dataclass(slots=True)
class MemoryAccounts:
    """All in dictionaries, in the order they came."""

    _people: dict[PersonId, Account] = field(default_factory=dict)
    _sessions: dict[str, SessionRow] = field(default_factory=dict)
    _tokens: dict[str, TokenRow] = field(default_factory=dict)
    _passkeys: dict[str, PasskeyRow] = field(default_factory=dict)
    _trail: list[Noted] = field(default_factory=list)
    _changes: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def version(self) -> int:
        return self._changes

    def add(self, account: Account) -> Added | Taken:
        with self._changing():
            known = self._people.setdefault(account.person, account)
        return Added() if known is account else Taken()

    def change(self, account: Account) -> Added | Absent:
        with self._changing():
            if account.person not in self._people:
                return Absent()
            self._people[account.person] = account
        return Added()

    def account(self, person: PersonId) -> Account | Absent:
        return self._people.get(person, Absent())

    def accounts(self) -> Sequence[Account]:
        return sorted(self._people.values(), key=lambda one: one.person)

    def open_session(self, session: SessionRow) -> None:
        with self._changing():
            self._sessions[session.digest] = session

    def session(self, digest: str) -> SessionRow | Absent:
        return self._sessions.get(digest, Absent())

    def see(self, digest: str, at: datetime) -> None:
        with self._changing():
            if digest in self._sessions:
                self._sessions[digest] = replace(self._sessions[digest], seen_at=at)

    def end_session(self, digest: str) -> Added | Absent:
        with self._changing():
            return Added() if self._sessions.pop(digest, None) else Absent()

    def end_sessions(self, person: PersonId) -> int:
        with self._changing():
            theirs = [digest for digest, one in self._sessions.items() if one.person == person]
            for digest in theirs:
                del self._sessions[digest]
        return len(theirs)

    def sessions(self) -> Sequence[SessionRow]:
        return sorted(self._sessions.values(), key=lambda one: (one.made_at, one.digest))

    def keep_token(self, token: TokenRow) -> Added | Taken:
        with self._changing():
            if any(token.name == one.name or token.digest == one.digest for one in self._tokens.values()):
                return Taken()
            self._tokens[token.digest] = token
        return Added()

    def token(self, digest: str) -> TokenRow | Absent:
        return self._tokens.get(digest, Absent())

    def tokens(self) -> Sequence[TokenRow]:
        return sorted(self._tokens.values(), key=lambda one: (one.made_at, one.name))

    def revoke_token(self, name: str) -> TokenRow | Absent:
        with self._changing():
            for digest, token in self._tokens.items():
                if token.name == name:
                    return self._tokens.pop(digest)
        return Absent()

    def keep_passkey(self, passkey: PasskeyRow) -> Added | Taken:
        with self._changing():
            known = self._passkeys.setdefault(passkey.credential, passkey)
        return Added() if known is passkey else Taken()

    def passkey(self, credential: str) -> PasskeyRow | Absent:
        return self._passkeys.get(credential, Absent())

    def passkeys(self, person: PersonId) -> Sequence[PasskeyRow]:
        theirs = (one for one in self._passkeys.values() if one.person == person)
        return sorted(theirs, key=lambda one: (one.made_at, one.credential))

    def note(self, noted: Noted) -> None:
        with self._changing():
            self._trail.append(noted)

    def trail(self, newest: int) -> Sequence[Numbered]:
        numbered = [Numbered(number, noted) for number, noted in enumerate(self._trail, start=1)]
        return numbered[-newest:] if newest > 0 else []

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Counted when it is done: who reads in between must not take the old for what the new number says."""
        with self._lock:
            try:
                yield
            finally:
                self._changes += 1
