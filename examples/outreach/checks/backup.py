# SPDX-License-Identifier: Apache-2.0
"""Can the data be saved, and brought back? Takes a backup and restores it elsewhere, where the service must be well.

    python3 checks/backup.py --data data [--to backup.sqlite3] [--root .]

The backup is kept where `--to` says; without it it is thrown away. The service may run meanwhile: what the backup holds
is compared with what is restored, and every table must hold at least as much as a moment before the backup but for
jobs and sessions, which come and go.
"""

import argparse
import hashlib
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import calling
import tree
from calling import CannotJudge, Outreach, held

FILE_NAME = "outreach.sqlite3"
COME_AND_GO = {"jobs", "sessions", "failed_logins"}
_ALL = 'SELECT * FROM "?" ORDER BY rowid'


def check(options: argparse.Namespace) -> str:
    """Save and restore; gives the sentence that says it passed."""
    live = options.data / FILE_NAME
    if not live.is_file():
        raise CannotJudge(f"there is no {live}")
    with tempfile.TemporaryDirectory() as folder:
        saved = options.to or Path(folder) / "backup.sqlite3"
        before = counts(live)
        print(tree.command(options.root, "backup", "--data", str(options.data), "--to", str(saved.absolute()))[0])
        held("the backup is whole", whole(saved))
        after = counts(saved)
        held("nothing is missing from it", all(after.get(table, -1) >= before[table] for table in before))
        restore(options.root, saved, Path(folder) / "restored")
    return f"{sum(after.values())} rows in {len(after)} tables were saved and restored"


def restore(root: Path, saved: Path, elsewhere: Path) -> None:
    """Put the backup where a service finds it, and let one look at it."""
    elsewhere.mkdir()
    (elsewhere / FILE_NAME).write_bytes(saved.read_bytes())
    held("what is restored is what was saved", digest(elsewhere / FILE_NAME) == digest(saved))
    said = tree.command(root, "migrate", "--data", str(elsewhere))
    held("the service knows its schema", said[-1:] == ["the schema is up to date"])
    with tree.served(root, elsewhere) as url:
        held("a service with it is well", Outreach(url).ask("GET", "/health").status == 200)


def whole(file: Path) -> bool:
    """Whether SQLite finds nothing damaged."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]


def counts(file: Path) -> dict[str, int]:
    """How many rows each table has that does not come and go."""
    with closing(sqlite3.connect(file)) as connection:
        return {name: len(rows) for name, rows in tables(connection).items() if name not in COME_AND_GO}


def digest(file: Path) -> str:
    """One number for everything in it."""
    with closing(sqlite3.connect(file)) as connection:
        return hashlib.sha256(repr(sorted(tables(connection).items())).encode()).hexdigest()


def tables(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: connection.execute(_ALL.replace("?", name)).fetchall() for name in names}


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--to", type=Path, help="where to keep the backup")
    sys.exit(calling.conclude(check, asked.parse_args()))
