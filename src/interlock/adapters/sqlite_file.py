# SPDX-License-Identifier: Apache-2.0
"""A SQLite file as a ledger file: how it is made, known again, brought up to date, and how its faults are named.

1. The file is known by its application id and its numbered schema; another file is never taken for a ledger.
2. A migration that was released is never changed; number n brings a file of version n to n + 1.
3. Every fault of SQLite becomes one of the codes of `interlock.ports.store` at the line where it occurs.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from interlock.ledger.canonical import format_time
from interlock.ledger.tree import Frontier
from interlock.ports.failure import PortFailure, Rejected, Unavailable

APPLICATION_ID: Final = 0x494C4B31
"""`ILK1`, in the header of every ledger file."""

LOCK_WAIT: Final = 10.0
"""Seconds one waits for another process that is appending."""
BRIEF_WAIT: Final = 1.5
"""Seconds somebody waits for it who has something exposed to watch meanwhile."""

_TABLES: Final = """
CREATE TABLE records (idx INTEGER PRIMARY KEY, stream TEXT NOT NULL, position INTEGER NOT NULL,
  body BLOB NOT NULL, leaf BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX records_by_stream ON records (stream, position);
CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 0), origin TEXT NOT NULL, size INTEGER NOT NULL,
  root BLOB NOT NULL, frontier BLOB NOT NULL, latest TEXT NOT NULL, key BLOB NOT NULL,
  unscrubbed INTEGER NOT NULL) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE blobs (digest TEXT NOT NULL UNIQUE, content BLOB NOT NULL) STRICT;
CREATE TABLE texts (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, salt BLOB NOT NULL,
  words BLOB NOT NULL, erased INTEGER NOT NULL) STRICT
"""
_MIGRATIONS: Final = (_TABLES,)

SCHEMA_VERSION: Final = len(_MIGRATIONS)


def make(path: Path, origin: str) -> None:
    path.open("xb").close()
    connection = connect(path, "mode=rw")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            _apply(connection, 0)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(
                "INSERT INTO head VALUES (0, ?, 0, ?, x'', ?, x'', 0)",
                (origin, Frontier().root, format_time(datetime.min.replace(tzinfo=UTC))),
            )
    finally:
        connection.close()


def connect(path: Path, mode: str) -> sqlite3.Connection:
    if not path.is_file():
        raise Rejected("store.not_a_ledger", f"there is no ledger at '{path}'", "make one with `interlock init`")
    with faults(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=LOCK_WAIT,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection


def recognised(path: Path, connection: sqlite3.Connection) -> str:
    """The origin of the ledger in this file, once it is known to be one of this version."""
    with faults(path):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise _not_a_ledger(path)
        if version > SCHEMA_VERSION:
            raise Rejected(
                "store.newer_version",
                f"'{path}' was written by a newer version (schema {version}, known up to {SCHEMA_VERSION})",
                "install the newer version",
            )
        if version < SCHEMA_VERSION:
            raise Rejected(
                "store.older_version",
                f"'{path}' was written by an older version (schema {version})",
                "open it once for writing, which brings it up to date",
            )
        (origin,) = connection.execute("SELECT origin FROM head").fetchone()
        return str(origin)


def migrate(connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == APPLICATION_ID and version < SCHEMA_VERSION:
        with transaction(connection):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            _apply(connection, version)


def _apply(connection: sqlite3.Connection, version: int) -> None:
    for migration in _MIGRATIONS[version:]:
        for statement in migration.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; takes the write lock at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def faults(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _translated(error, path) from error


def _translated(error: sqlite3.DatabaseError, path: Path) -> PortFailure:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_IOERR if code in _REFUSED_WRITES:
            return _full(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return read_only(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unavailable("store.locked", f"another process holds '{path}'", "try again when it is done")
        case sqlite3.SQLITE_NOTADB:
            return _not_a_ledger(path)
        case sqlite3.SQLITE_CORRUPT:
            return Rejected("store.damaged", f"'{path}' is damaged: {error}", "restore it from a backup")
        case _:
            return Unavailable("store.io_error", f"'{path}' could not be used: {error}", "check the disk")


_REFUSED_WRITES: Final = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
"""What a quota or a limit on file size looks like to SQLite, which knows only ENOSPC as a full disk."""


def _full(path: Path) -> Unavailable:
    return Unavailable(
        "store.full",
        f"the disk took no more of '{path}': it is full, or a quota or size limit is reached",
        "make room and repeat the command; nothing of it was recorded",
    )


def read_only(path: Path) -> Unavailable:
    return Unavailable("store.read_only", f"'{path}' cannot be written", "check the permissions of the file and folder")


def replaced(path: Path) -> Unavailable:
    return Unavailable(
        "store.replaced",
        f"'{path}' is not the file that was opened: it is gone, or another was put in its place while it was in use",
        "see that the right file is there and start the program again; what was asked since is not in it: ask again",
    )


def _not_a_ledger(path: Path) -> Rejected:
    return Rejected("store.not_a_ledger", f"'{path}' is not a ledger", "check the path")
