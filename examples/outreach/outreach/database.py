# SPDX-License-Identifier: Apache-2.0
"""The SQLite file, and its numbered migrations.

1. A migration is a pair `NNNN_name.up.sql` / `NNNN_name.down.sql`; it is applied whole or not at all, once, in order.
2. An applied migration never changes: its text is remembered by its checksum.
3. Migrations only add what an older release can ignore, so the release before this one still runs after a rollback.
   That is why a schema that is ahead of the code is healthy, and one that is behind is not.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
FILE_NAME = "outreach.sqlite3"
BUSY_SECONDS = 5.0
LAST = 9999
_NAME = re.compile(r"(?P<number>[0-9]{4})_(?P<name>[a-z0-9_]+)\.up\.sql")
_LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"""


class MigrationError(Exception):
    """The schema cannot be brought where it was asked to go."""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    up: str
    down: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.up.encode()).hexdigest()


@dataclass(frozen=True)
class Database:
    """Where the data lies. A connection is opened for each piece of work and closed after it."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / FILE_NAME

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are thrown away."""
        connection = self._open()
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or none of it when the block raises."""
        connection = self._open()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.close()

    def backup(self, to: Path) -> None:
        """Copy the data, whole and consistent, while the service runs."""
        with self.reading() as connection:
            copy = sqlite3.connect(to)
            try:
                connection.backup(copy)
            finally:
                copy.close()

    def _open(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


def known_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations of this release, in order, without gaps."""
    found = []
    for path in sorted(folder.glob("*.up.sql")):
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise MigrationError(f"{path.name} is not named NNNN_name.up.sql")
        down = path.with_name(path.name.replace(".up.", ".down."))
        found.append(Migration(int(named["number"]), named["name"], path.read_text("utf-8"), down.read_text("utf-8")))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError("migrations are numbered 0001, 0002, ... without gaps")
    return found


def applied_numbers(connection: sqlite3.Connection) -> set[int]:
    """Which migrations the data has seen, those of later releases included."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchone()
    if known is None:
        return set()
    return {row["number"] for row in connection.execute("SELECT number FROM schema_migrations")}


def pending(connection: sqlite3.Connection) -> list[Migration]:
    """What is missing for this release to work."""
    applied = applied_numbers(connection)
    return [migration for migration in known_migrations() if migration.number not in applied]


def migrate(database: Database, now: datetime, to: int = LAST) -> list[Migration]:
    """Bring the schema forward to migration `to`, or this release; gives what was applied. Two may ask at once."""
    with database.writing() as connection:
        connection.execute(_LEDGER)
        _check_unchanged(connection)
        missing = [migration for migration in pending(connection) if migration.number <= to]
        for migration in missing:
            _run(connection, migration.up)
            connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
                (migration.number, migration.name, migration.checksum, now.isoformat()),
            )
    return missing


def roll_back(database: Database, to: int) -> list[Migration]:
    """Take back every migration above number `to`, newest first; gives what was taken back."""
    known = {migration.number: migration for migration in known_migrations()}
    if to < 0:
        raise MigrationError("there is no migration below 0")
    with database.writing() as connection:
        numbers = sorted((number for number in applied_numbers(connection) if number > to), reverse=True)
        unknown = [number for number in numbers if number not in known]
        if unknown:
            raise MigrationError(f"migration {unknown[0]:04} came with a later release; roll back with that release")
        for number in numbers:
            _run(connection, known[number].down)
            connection.execute("DELETE FROM schema_migrations WHERE number = ?", (number,))
    return [known[number] for number in numbers]


def _check_unchanged(connection: sqlite3.Connection) -> None:
    checksums = {migration.number: migration.checksum for migration in known_migrations()}
    for row in connection.execute("SELECT number, checksum FROM schema_migrations"):
        if checksums.get(row["number"], row["checksum"]) != row["checksum"]:
            raise MigrationError(f"migration {row['number']:04} was changed after it had been applied; add a new one")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Statement by statement, because `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        raise MigrationError("a migration ends in the middle of a statement")
