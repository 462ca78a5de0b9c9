# SPDX-License-Identifier: Apache-2.0
"""Accounts in one SQLite file beside the ledger, readable by its owner alone.

1. The file is known by its application id; another file is never taken for one of ours.
2. The trail is append-only: triggers in the file itself refuse to change or remove an entry.
3. One connection, one lock; what returned was written through to the disk. A second connection only looks whether
   something was changed: SQLite tells it of what others wrote, this process's first connection among them.
4. Another file under its name ends it, and so does none, for good: whatever is asked or written is
   `accounts.replaced`, and nobody is let in by what the old one says.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from interlock.adapters.same_file import OpenFile
from interlock.domain.ids import PersonId
from interlock.ledger.canonical import format_time, parse_time
from interlock.ports.accounts import (
    Absent,
    Account,
    Added,
    Happening,
    Noted,
    Numbered,
    PasskeyRow,
    Rank,
    SessionRow,
    Standing,
    Taken,
    TokenRow,
    Unsure,
)
from interlock.ports.failure import Rejected, Unavailable

APPLICATION_ID: Final = 0x494C4B41
"""`ILKA`, in the header of every accounts file."""
_VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE accounts (person TEXT PRIMARY KEY, rank TEXT NOT NULL, standing TEXT NOT NULL, password TEXT NOT NULL,
  made_at TEXT NOT NULL) STRICT;
CREATE TABLE sessions (digest TEXT PRIMARY KEY, person TEXT NOT NULL, method TEXT NOT NULL, csrf TEXT NOT NULL,
  made_at TEXT NOT NULL, seen_at TEXT NOT NULL, address TEXT NOT NULL, scopes TEXT NOT NULL) STRICT;
CREATE TABLE tokens (digest TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, person TEXT NOT NULL, scopes TEXT NOT NULL,
  services TEXT NOT NULL, environments TEXT NOT NULL, made_at TEXT NOT NULL, expires_at TEXT NOT NULL) STRICT;
CREATE TABLE passkeys (credential TEXT PRIMARY KEY, person TEXT NOT NULL, line TEXT NOT NULL,
  made_at TEXT NOT NULL) STRICT;
CREATE TABLE trail (number INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, person TEXT NOT NULL,
  method TEXT NOT NULL, address TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TRIGGER trail_stays BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END;
CREATE TRIGGER trail_is_fixed BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the trail only grows'); END;
"""


class SqliteAccounts:
    """The accounts of one home."""

    def __init__(
        self, file: OpenFile, path: Path, connection: sqlite3.Connection, watching: sqlite3.Connection
    ) -> None:
        self._file = file
        self._path = path
        self._connection = connection
        self._watching = watching
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The file at `path`, made if there is none yet."""
        with _faults(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
            file = OpenFile.alone(path)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            watching = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            with _faults(path):
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                _know(path, connection)
        except (Rejected, Unavailable):
            connection.close()
            watching.close()
            raise
        return cls(file, path, connection, watching)

    def version(self) -> int | Unsure:
        self._refuse_another_file()
        try:
            with _faults(self._path):
                (version,) = self._watching.execute("PRAGMA data_version").fetchone()
        except Unavailable as fault:
            if getattr(fault.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return Unsure()
            raise
        return int(version)

    def add(self, account: Account) -> Added | Taken:
        done = self._write("INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, ?, ?)", _account_row(account))
        return Added() if done else Taken()

    def change(self, account: Account) -> Added | Absent:
        person, *rest = _account_row(account)
        sql = "UPDATE accounts SET rank = ?, standing = ?, password = ?, made_at = ? WHERE person = ?"
        return Added() if self._write(sql, (*rest, person)) else Absent()

    def account(self, person: PersonId) -> Account | Absent:
        rows = self._read("SELECT * FROM accounts WHERE person = ?", (person,))
        return next((_account(row) for row in rows), Absent())

    def accounts(self) -> Sequence[Account]:
        return [_account(row) for row in self._read("SELECT * FROM accounts ORDER BY person")]

    def open_session(self, session: SessionRow) -> None:
        times = (format_time(session.made_at), format_time(session.seen_at))
        row = (session.digest, session.person, session.method, session.csrf, *times, session.address)
        self._write("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, " ".join(session.scopes)))

    def session(self, digest: str) -> SessionRow | Absent:
        rows = self._read("SELECT * FROM sessions WHERE digest = ?", (digest,))
        return next((_session(row) for row in rows), Absent())

    def see(self, digest: str, at: datetime) -> None:
        self._write("UPDATE sessions SET seen_at = ? WHERE digest = ?", (format_time(at), digest))

    def end_session(self, digest: str) -> Added | Absent:
        return Added() if self._write("DELETE FROM sessions WHERE digest = ?", (digest,)) else Absent()

    def end_sessions(self, person: PersonId) -> int:
        return self._write("DELETE FROM sessions WHERE person = ?", (person,))

    def sessions(self) -> Sequence[SessionRow]:
        return [_session(row) for row in self._read("SELECT * FROM sessions ORDER BY made_at, digest")]

    def keep_token(self, token: TokenRow) -> Added | Taken:
        lists = (" ".join(token.scopes), " ".join(token.services), " ".join(token.environments))
        times = (format_time(token.made_at), format_time(token.expires_at))
        row = (token.digest, token.name, token.person, *lists, *times)
        done = self._write("INSERT OR IGNORE INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return Added() if done else Taken()

    def token(self, digest: str) -> TokenRow | Absent:
        rows = self._read("SELECT * FROM tokens WHERE digest = ?", (digest,))
        return next((_token(row) for row in rows), Absent())

    def tokens(self) -> Sequence[TokenRow]:
        return [_token(row) for row in self._read("SELECT * FROM tokens ORDER BY made_at, name")]

    def revoke_token(self, name: str) -> TokenRow | Absent:
        rows = self._read("DELETE FROM tokens WHERE name = ? RETURNING *", (name,))
        return next((_token(row) for row in rows), Absent())

    def keep_passkey(self, passkey: PasskeyRow) -> Added | Taken:
        row = (passkey.credential, passkey.person, passkey.line, format_time(passkey.made_at))
        return Added() if self._write("INSERT OR IGNORE INTO passkeys VALUES (?, ?, ?, ?)", row) else Taken()

    def passkey(self, credential: str) -> PasskeyRow | Absent:
        rows = self._read("SELECT * FROM passkeys WHERE credential = ?", (credential,))
        return next((_passkey(row) for row in rows), Absent())

    def passkeys(self, person: PersonId) -> Sequence[PasskeyRow]:
        rows = self._read("SELECT * FROM passkeys WHERE person = ? ORDER BY made_at, credential", (person,))
        return [_passkey(row) for row in rows]

    def note(self, noted: Noted) -> None:
        row = (format_time(noted.at), noted.what, noted.person, noted.method, noted.address, noted.detail)
        self._write("INSERT INTO trail VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)

    def trail(self, newest: int) -> Sequence[Numbered]:
        rows = self._read("SELECT * FROM trail ORDER BY number DESC LIMIT ?", (max(newest, 0),))
        return [_numbered(row) for row in reversed(rows)]

    def close(self) -> None:
        self._connection.close()
        self._watching.close()

    def _write(self, sql: str, values: tuple[str, ...]) -> int:
        self._refuse_another_file()
        with self._lock, _faults(self._path):
            changed = self._connection.execute(sql, values).rowcount
        self._refuse_another_file()
        return changed

    def _read(self, sql: str, values: tuple[str | int, ...] = ()) -> list[tuple[str, ...]]:
        self._refuse_another_file()
        with self._lock, _faults(self._path):
            found = self._connection.execute(sql, values).fetchall()
        self._refuse_another_file()
        return found

    def _refuse_another_file(self) -> None:
        if not self._file.is_there():
            sentence = f"'{self._path}' is not the file that was opened: it is gone, or another was put in its place"
            step = "see that the right file is there and start the server again; what was asked since is not in it"
            raise Unavailable("accounts.replaced", sentence, step)


def _know(path: Path, connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file; refuse a file that is not ours."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not application and not tables:
        pragmas = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {_VERSION};"
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} {pragmas} COMMIT;")
    elif application != APPLICATION_ID or version > _VERSION:
        raise _not_ours(path)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            raise _not_ours(path) from error
        sentence = f"the accounts in '{path}' cannot be used: {error}"
        raise Unavailable("accounts.unavailable", sentence, "check the disk and who may write there") from error


def _not_ours(path: Path) -> Rejected:
    return Rejected("accounts.not_ours", f"'{path}' holds no accounts of this version", "move it away, or restore it")


def _account_row(account: Account) -> tuple[str, ...]:
    return (account.person, account.rank, account.standing, account.password, format_time(account.made_at))


def _account(row: tuple[str, ...]) -> Account:
    person, rank, standing, password, made_at = row
    return Account(PersonId(person), Rank(rank), Standing(standing), password, parse_time(made_at))


def _session(row: tuple[str, ...]) -> SessionRow:
    digest, person, method, csrf, made_at, seen_at, address, scopes = row
    times = (parse_time(made_at), parse_time(seen_at))
    return SessionRow(digest, PersonId(person), method, csrf, *times, address, tuple(scopes.split()))


def _passkey(row: tuple[str, ...]) -> PasskeyRow:
    credential, person, line, made_at = row
    return PasskeyRow(credential, PersonId(person), line, parse_time(made_at))


def _token(row: tuple[str, ...]) -> TokenRow:
    digest, name, person, scopes, services, environments, made_at, expires_at = row
    lists = (tuple(scopes.split()), tuple(services.split()), tuple(environments.split()))
    return TokenRow(name, digest, PersonId(person), *lists, parse_time(made_at), parse_time(expires_at))


def _numbered(row: tuple[str, ...]) -> Numbered:
    number, at, what, person, method, address, detail = row
    return Numbered(int(number), Noted(parse_time(at), Happening(what), person, method, address, detail))
