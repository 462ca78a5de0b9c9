# SPDX-License-Identifier: Apache-2.0
"""Does every migration go forward and back, with rows in every table?

    python3 checks/migrations.py [--root .] [--data data]

On a copy that is thrown away: of `--data`, or of fresh data with the rows of `checks/rows.sql`, which must have some
for every table. Migrations are taken
back one by one and brought forward again. Each time the schema must be what it was before, and every row of a table
that was there on both sides must still be there, with everything that both sides know of it.
"""

import argparse
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import calling
import tree
from calling import CannotJudge, CheckFailed, held

ROWS = Path(__file__).resolve().parent / "rows.sql"
FIRST_TENANT = 1
Rows = dict[str, list[dict[str, object]]]


def check(options: argparse.Namespace) -> str:
    """Take them all back and forth; gives the sentence that says it passed."""
    with tempfile.TemporaryDirectory() as folder:
        steps = Steps(options.root, Path(folder))
        prepare(options, steps)
        for number in range(steps.count, 0, -1):
            back_and_forth(steps, number)
        steps.forward(steps.count)
    return f"{steps.count} migrations go forward and back"


class Steps:
    """The migrations of a tree, on data that may be spoiled; taken by the tree itself."""

    def __init__(self, root: Path, folder: Path) -> None:
        sys.path.insert(0, str(root.resolve()))
        from outreach import database

        self._migrations = database
        self._data = database.Database(folder)
        self.file = self._data.file
        self.count = len(database.known_migrations())
        if not self.count:
            raise CannotJudge(f"there are no migrations in {root}")

    def forward(self, number: int) -> None:
        """Bring the schema to that migration."""
        self._migrations.migrate(self._data, datetime.now(UTC), number)

    def back(self, number: int) -> None:
        """Take back every one above it."""
        self._migrations.roll_back(self._data, number)


def prepare(options: argparse.Namespace, steps: Steps) -> None:
    """A copy with the newest schema and rows in it."""
    if options.data:
        live = options.data / steps.file.name
        with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(steps.file)) as copy:
            source.backup(copy)
    steps.forward(steps.count)
    if not options.data:
        with closing(sqlite3.connect(steps.file)) as connection:
            connection.executescript(ROWS.read_text("utf-8"))
        empty = [table for table, rows in contents(steps.file).items() if not rows]
        held(f"every table has rows to lose {empty}", not empty)


def back_and_forth(steps: Steps, number: int) -> None:
    """Take the migration back, bring it forward again; then leave it taken back for the one before it."""
    newer, before = schema(steps.file), contents(steps.file)
    steps.back(number - 1)
    older, between = schema(steps.file), contents(steps.file)
    compare(f"{number:04} back", before, between)
    steps.forward(number)
    held(f"{number:04} back and forward: the schema is the same", schema(steps.file) == newer)
    compare(f"{number:04} forward", between, contents(steps.file))
    steps.back(number - 1)
    held(f"{number:04} back again: the schema is what it was without it", schema(steps.file) == older)


def compare(step: str, before: Rows, after: Rows) -> None:
    """Every row that both sides have a table for is still there, with what both sides know of it."""
    for table in before.keys() & after.keys():
        wanted = [row for row in before[table] if may_stay(table, row, after)]
        if wanted and not after[table]:
            raise CheckFailed(f"{step}: {table} lost all its {len(wanted)} rows")
        if wanted:
            columns = sorted(wanted[0].keys() & after[table][0].keys())
            lost = picked(wanted, columns) - picked(after[table], columns)
            if lost:
                raise CheckFailed(f"{step}: {table} lost or changed {len(lost)} rows")


def may_stay(table: str, row: dict[str, object], after: Rows) -> bool:
    """Where nobody knows of tenants, only the first one's rows are left; sessions go with their users."""
    if table == "sessions":
        return row["user_name"] in {user["name"] for user in after["users"]}
    tenants_are_known = any("tenant_id" in kept for kept in after[table])
    return tenants_are_known or row.get("tenant_id", FIRST_TENANT) == FIRST_TENANT


def picked(rows: list[dict[str, object]], columns: list[str]) -> set[tuple[object, ...]]:
    return {tuple(row[column] for column in columns) for row in rows}


def contents(file: Path) -> Rows:
    """Every row of every table, but for the record of the migrations themselves."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations'"
        tables = [row["name"] for row in connection.execute(named)]
        return {table: [dict(row) for row in connection.execute(_ALL.replace("?", table))] for table in tables}


def schema(file: Path) -> set[str]:
    """Every statement of the schema."""
    with closing(sqlite3.connect(file)) as connection:
        named = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'schema_migrations'"
        return {str(row[0]) for row in connection.execute(named)}


_ALL = 'SELECT * FROM "?"'


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("--data", type=Path, help="take a copy of this data instead of made-up rows")
    sys.exit(calling.conclude(check, asked.parse_args()))
